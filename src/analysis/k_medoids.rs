//! k-medoids on a distance matrix: greedy build, eager swaps (Schubert and Rousseeuw 2021), and the silhouette (Rousseeuw 1987) that
//! chooses the number of clusters. Points may carry weights. Deterministic. Knows nothing of videos.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// A clustering of n points around k of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Clustering {
    /// Point index of each cluster's representative, length k.
    pub medoids: Vec<usize>,
    /// For each point its cluster in `0..k`.
    pub assignment: Vec<usize>,
    /// Weighted sum of distances to the medoids.
    pub loss: f64,
}

/// Rounds of swaps; a round without improvement ends the search, in practice after three to six.
const MOST_ROUNDS: usize = 50;

/// Clusters points around `k` medoids. `distances`: symmetric [n, n]; `weights`: length n, all above 0; `1 <= k <= n`.
pub fn k_medoids(distances: ArrayView2<'_, f32>, weights: &[f64], k: usize) -> Clustering {
    let mut medoids = build(distances, weights, k);
    let mut near = nearest_two(distances, &medoids);
    let mut since_swap = 0;
    let n = weights.len();
    'rounds: for _ in 0..MOST_ROUNDS {
        for candidate in 0..n {
            if since_swap > n {
                break 'rounds;
            }
            since_swap += 1;
            if medoids.contains(&candidate) {
                continue;
            }
            let (gain, out) = best_swap(distances, weights, &near, candidate, k);
            if gain > 1e-9 {
                medoids[out] = candidate;
                near = nearest_two(distances, &medoids);
                since_swap = 0;
            }
        }
    }
    Clustering {
        loss: (0..n)
            .map(|p| weights[p] * f64::from(near[p].distance))
            .sum(),
        assignment: near.iter().map(|near| near.cluster).collect(),
        medoids,
    }
}

/// Greedy start: each new medoid is the point that lowers the loss most.
fn build(distances: ArrayView2<'_, f32>, weights: &[f64], k: usize) -> Vec<usize> {
    let n = weights.len();
    let mut medoids: Vec<usize> = Vec::with_capacity(k);
    let mut least = vec![f32::INFINITY; n];
    for _ in 0..k.min(n) {
        let gains: Vec<f64> = (0..n)
            .into_par_iter()
            .with_min_len(32)
            .map(|candidate| {
                let row = distances.row(candidate);
                row.iter()
                    .zip(&least)
                    .zip(weights)
                    .map(|((&distance, &least), &weight)| {
                        // Before the first medoid every point is as far as can be; 2 exceeds any distance used here.
                        f64::from((least.min(2.0) - distance).max(0.0)) * weight
                    })
                    .sum()
            })
            .collect();
        let next = (0..n)
            .filter(|point| !medoids.contains(point))
            .max_by(|&a, &b| gains[a].total_cmp(&gains[b]).then(b.cmp(&a)));
        let Some(next) = next else { break };
        medoids.push(next);
        for (least, &distance) in least.iter_mut().zip(distances.row(next)) {
            *least = least.min(distance);
        }
    }
    medoids
}

#[derive(Clone, Copy)]
struct Near {
    cluster: usize,
    distance: f32,
    second_distance: f32,
}

fn nearest_two(distances: ArrayView2<'_, f32>, medoids: &[usize]) -> Vec<Near> {
    (0..distances.nrows())
        .map(|point| {
            let row = distances.row(point);
            let mut near = Near {
                cluster: 0,
                distance: f32::INFINITY,
                second_distance: f32::INFINITY,
            };
            for (cluster, &medoid) in medoids.iter().enumerate() {
                // A medoid belongs to its own cluster even where another one coincides with it.
                let distance = if medoid == point { -1.0 } else { row[medoid] };
                if distance < near.distance {
                    near.second_distance = near.distance;
                    near.distance = distance;
                    near.cluster = cluster;
                } else if distance < near.second_distance {
                    near.second_distance = distance;
                }
            }
            near.distance = near.distance.max(0.0);
            near.second_distance = near.second_distance.max(0.0);
            near
        })
        .collect()
}

/// Gain of making `candidate` a medoid in place of the cluster that is missed least.
fn best_swap(
    distances: ArrayView2<'_, f32>,
    weights: &[f64],
    near: &[Near],
    candidate: usize,
    k: usize,
) -> (f64, usize) {
    let mut shared = 0.0;
    let mut removal = vec![0.0f64; k];
    for ((near, &weight), &distance) in near.iter().zip(weights).zip(distances.row(candidate)) {
        if distance < near.distance {
            shared += weight * f64::from(near.distance - distance);
        } else {
            let fallback = near.second_distance.min(distance);
            removal[near.cluster] += weight * f64::from(fallback - near.distance);
        }
    }
    let (out, loss) = removal
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(b.1))
        .map_or((0, 0.0), |(out, &loss)| (out, loss));
    (shared - loss, out)
}

/// Mean silhouette in [-1, 1]: how much nearer points are to their own cluster than to the next one. Alone in a cluster counts 0.
pub fn silhouette(distances: ArrayView2<'_, f32>, weights: &[f64], clustering: &Clustering) -> f64 {
    let k = clustering.medoids.len();
    let mut sizes = vec![0.0; k];
    for (&cluster, &weight) in clustering.assignment.iter().zip(weights) {
        sizes[cluster] += weight;
    }
    let total: f64 = weights.iter().sum();
    let sum: f64 = (0..weights.len())
        .into_par_iter()
        .with_min_len(32)
        .map(|point| {
            let own = clustering.assignment[point];
            let mut sums = vec![0.0; k];
            for ((&distance, &cluster), &weight) in distances
                .row(point)
                .iter()
                .zip(&clustering.assignment)
                .zip(weights)
            {
                sums[cluster] += weight * f64::from(distance);
            }
            // A point's weight stands for that many points in one place; one of them is the point itself.
            if sizes[own] <= 1.0 {
                return 0.0;
            }
            let within = sums[own] / (sizes[own] - 1.0);
            let next = (0..k)
                .filter(|&cluster| cluster != own)
                .map(|cluster| sums[cluster] / sizes[cluster])
                .fold(f64::INFINITY, f64::min);
            let larger = within.max(next);
            if larger > 0.0 && next.is_finite() {
                weights[point] * (next - within) / larger
            } else {
                0.0
            }
        })
        .sum();
    sum / total
}

/// Clusters with the number of clusters in `2..=most` that has the best silhouette, and that silhouette.
/// `None` for fewer than three points.
pub fn k_medoids_by_silhouette(
    distances: ArrayView2<'_, f32>,
    weights: &[f64],
    most: usize,
) -> Option<(Clustering, f64)> {
    let n = weights.len();
    if n < 3 {
        return None;
    }
    let tried: Vec<(Clustering, f64)> = (2..=most.min(n - 1))
        .into_par_iter()
        .map(|k| {
            let clustering = k_medoids(distances, weights, k);
            let score = silhouette(distances, weights, &clustering);
            (clustering, score)
        })
        .collect();
    // The first of equals: fewer kinds are easier to read.
    tried
        .into_iter()
        .reduce(|best, next| if next.1 > best.1 + 1e-9 { next } else { best })
}

/// Distances of points on a line, for tests and small uses.
pub fn distances_of(n: usize, distance: impl Fn(usize, usize) -> f32 + Sync) -> Array2<f32> {
    let mut distances = Array2::zeros((n, n));
    distances
        .outer_iter_mut()
        .into_par_iter()
        .enumerate()
        .for_each(|(a, mut row)| {
            for (b, out) in row.iter_mut().enumerate() {
                *out = distance(a, b);
            }
        });
    distances
}
