//! Kinds of summary: samples grouped by what they select.
//!
//! Distance between two samples = 1 − weighted Jaccard index of their selections (shared duration over united duration). Groups by
//! k-medoids, their number by the silhouette. Identical selections are one point with a weight, so thousands of alike samples cost
//! little. Does not select (see `summary::select`).

use std::collections::HashMap;

use ndarray::Array2;
use rayon::prelude::*;

use super::k_medoids::{Clustering, k_medoids_by_silhouette};
use crate::domain::Alternative;

/// Most kinds of summary that are told apart.
pub const MOST_ALTERNATIVES: usize = 8;

/// Distinct selections that are clustered; those beyond (in order of weight) join the nearest medoid.
const MOST_POINTS: usize = 512;

/// Mean distance between samples under which all are one kind: nine tenths of every two summaries shared.
const ALIKE: f64 = 0.1;

/// Groups samples into at most [`MOST_ALTERNATIVES`] kinds, largest share first.
///
/// `chosen`: for each sample the ascending indices of its segments; `durations`: of each segment, in any unit. Deterministic.
/// No samples give no alternatives; samples that are all alike give one.
pub fn alternatives(chosen: &[Vec<usize>], durations: &[f64]) -> Vec<Alternative> {
    let points = Points::new(chosen, durations);
    if points.weights.is_empty() {
        return Vec::new();
    }
    let distances = points.distances();
    let clustering = if points.mean_distance(&distances) < ALIKE {
        None
    } else {
        k_medoids_by_silhouette(distances.view(), &points.weights, MOST_ALTERNATIVES)
    };
    let clustering = match clustering {
        Some((clustering, _)) => clustering,
        None if points.weights.len() == 2 && points.mean_distance(&distances) >= ALIKE => {
            Clustering {
                medoids: vec![0, 1],
                assignment: vec![0, 1],
                loss: 0.0,
            }
        }
        None => super::k_medoids::k_medoids(distances.view(), &points.weights, 1),
    };
    let mut alternatives = points.alternatives(&clustering);
    alternatives.sort_by(|a, b| {
        let sizes = b.members.len().cmp(&a.members.len());
        sizes.then(a.medoid_sample.cmp(&b.medoid_sample))
    });
    alternatives
}

/// Distinct selections, with the samples that made each.
struct Points<'a> {
    /// The clustered selections, most frequent first.
    selections: Vec<&'a [usize]>,
    weights: Vec<f64>,
    members: Vec<Vec<usize>>,
    /// Selections beyond [`MOST_POINTS`].
    rest: Vec<(&'a [usize], Vec<usize>)>,
    durations: &'a [f64],
    samples: usize,
}

impl<'a> Points<'a> {
    fn new(chosen: &'a [Vec<usize>], durations: &'a [f64]) -> Self {
        let mut at: HashMap<&[usize], usize> = HashMap::new();
        let mut distinct: Vec<(&[usize], Vec<usize>)> = Vec::new();
        for (sample, selection) in chosen.iter().enumerate() {
            let index = *at.entry(selection).or_insert_with(|| {
                distinct.push((selection, Vec::new()));
                distinct.len() - 1
            });
            distinct[index].1.push(sample);
        }
        distinct.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.1[0].cmp(&b.1[0])));
        let rest = distinct.split_off(distinct.len().min(MOST_POINTS));
        let (selections, members): (Vec<_>, Vec<_>) = distinct.into_iter().unzip();
        Self {
            weights: members.iter().map(|m| m.len() as f64).collect(),
            selections,
            members,
            rest,
            durations,
            samples: chosen.len(),
        }
    }

    /// Float32 [points, points].
    fn distances(&self) -> Array2<f32> {
        let n = self.selections.len();
        let duration = |segment: usize| self.durations.get(segment).copied().unwrap_or(0.0);
        // Shared durations of all pairs as one matrix product of selections scaled by the root of the duration.
        let mut scaled = Array2::<f32>::zeros((n, self.durations.len()));
        for (mut row, selection) in scaled.outer_iter_mut().zip(&self.selections) {
            for &segment in *selection {
                if segment < self.durations.len() {
                    row[segment] = duration(segment).max(0.0).sqrt() as f32;
                }
            }
        }
        let totals: Vec<f32> = scaled
            .outer_iter()
            .map(|row| row.iter().map(|v| v * v).sum())
            .collect();
        let mut distances = Array2::zeros((n, n));
        distances
            .axis_chunks_iter_mut(ndarray::Axis(0), 64)
            .into_par_iter()
            .enumerate()
            .for_each(|(chunk, mut out)| {
                let first = chunk * 64;
                let rows = scaled.slice(ndarray::s![first..first + out.nrows(), ..]);
                out.assign(&rows.dot(&scaled.t()));
                for ((row, column), value) in out.indexed_iter_mut() {
                    *value = if first + row == column {
                        0.0
                    } else {
                        jaccard_distance(*value, totals[first + row], totals[column])
                    };
                }
            });
        // The two halves of the product may differ by rounding.
        for a in 0..n {
            for b in 0..a {
                distances[[a, b]] = distances[[b, a]];
            }
        }
        distances
    }

    /// Mean distance between two different samples.
    fn mean_distance(&self, distances: &Array2<f32>) -> f64 {
        let total: f64 = self.weights.iter().sum();
        if total < 2.0 {
            return 0.0;
        }
        let sum: f64 = (0..self.weights.len())
            .into_par_iter()
            .with_min_len(32)
            .map(|a| {
                let row = distances.row(a);
                let sum = row
                    .iter()
                    .zip(&self.weights)
                    .map(|(&d, w)| f64::from(d) * w);
                self.weights[a] * sum.sum::<f64>()
            })
            .sum();
        sum / (total * (total - 1.0))
    }

    fn alternatives(&self, clustering: &Clustering) -> Vec<Alternative> {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); clustering.medoids.len()];
        for (point, &cluster) in clustering.assignment.iter().enumerate() {
            members[cluster].extend(&self.members[point]);
        }
        for (selection, samples) in &self.rest {
            let nearest = (0..clustering.medoids.len()).min_by(|&a, &b| {
                let to = |cluster: usize| {
                    let medoid = self.selections[clustering.medoids[cluster]];
                    selection_distance(selection, medoid, self.durations)
                };
                to(a).total_cmp(&to(b))
            });
            members[nearest.unwrap_or(0)].extend(samples);
        }
        clustering
            .medoids
            .iter()
            .zip(members)
            .map(|(&medoid, mut members)| {
                members.sort_unstable();
                Alternative {
                    medoid_sample: self.members[medoid][0],
                    share: members.len() as f64 / self.samples as f64,
                    members,
                }
            })
            .collect()
    }
}

fn jaccard_distance(shared: f32, a: f32, b: f32) -> f32 {
    let united = a + b - shared;
    if united > 0.0 {
        (1.0 - shared / united).clamp(0.0, 1.0)
    } else {
        // Two summaries of nothing are the same summary.
        0.0
    }
}

/// 1 − shared duration over united duration of two selections (ascending segment indices); 0 where both are empty.
pub fn selection_distance(a: &[usize], b: &[usize], durations: &[f64]) -> f64 {
    let duration = |segment: usize| durations.get(segment).copied().unwrap_or(0.0);
    let total = |selection: &[usize]| selection.iter().map(|&s| duration(s)).sum::<f64>();
    let shared: f64 = a
        .iter()
        .filter(|segment| b.binary_search(segment).is_ok())
        .map(|&segment| duration(segment))
        .sum();
    let united = total(a) + total(b) - shared;
    if united > 0.0 {
        1.0 - shared / united
    } else {
        0.0
    }
}

/// Samples in order of likeness to one of them, itself left out: "more like this".
pub fn most_alike(sample: usize, chosen: &[Vec<usize>], durations: &[f64]) -> Vec<(usize, f64)> {
    let Some(own) = chosen.get(sample) else {
        return Vec::new();
    };
    let mut others: Vec<(usize, f64)> = chosen
        .iter()
        .enumerate()
        .filter(|&(other, _)| other != sample)
        .map(|(other, selection)| (other, selection_distance(own, selection, durations)))
        .collect();
    others.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    others
}

#[cfg(test)]
mod tests {
    use super::super::k_medoids::{distances_of, k_medoids, silhouette};
    use super::*;
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};

    /// `count` samples around each of the given selections, each with some segments swapped for a few rare ones.
    fn around(kinds: &[&[usize]], counts: &[usize], swaps: usize) -> Vec<Vec<usize>> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let mut samples = Vec::new();
        for (kind, &count) in kinds.iter().zip(counts) {
            for _ in 0..count {
                let mut selection = kind.to_vec();
                for _ in 0..swaps {
                    let at = rng.random_range(0..selection.len());
                    selection[at] = 90 + rng.random_range(0..10usize);
                }
                selection.sort_unstable();
                selection.dedup();
                samples.push(selection);
            }
        }
        samples
    }

    #[test]
    fn planted_kinds_come_back_largest_first() {
        let kinds: [&[usize]; 3] = [
            &[0, 1, 2, 3, 4, 5, 6],
            &[10, 11, 12, 13, 14, 15],
            &[2, 30, 31, 32, 33, 34],
        ];
        let samples = around(&kinds, &[30, 50, 20], 2);
        let found = alternatives(&samples, &vec![2.0; 100]);
        let sizes: Vec<usize> = found.iter().map(|a| a.members.len()).collect();
        assert_eq!(sizes, vec![50, 30, 20]);
        assert_eq!(found[0].members, (30..80).collect::<Vec<_>>());
        assert!((found[1].share - 0.3).abs() < 1e-12);
        assert!(found.iter().all(|a| a.members.contains(&a.medoid_sample)));
        assert_eq!(found, alternatives(&samples, &vec![2.0; 100]));
    }

    #[test]
    fn alike_samples_are_one_kind() {
        let same = vec![vec![1, 2, 3]; 40];
        let found = alternatives(&same, &[1.0; 5]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].share, 1.0);
        assert_eq!(alternatives(&vec![Vec::new(); 3], &[]).len(), 1);
        assert!(alternatives(&[], &[1.0]).is_empty());
        assert_eq!(alternatives(&[vec![0], vec![1]], &[1.0; 2]).len(), 2);
        assert_eq!(alternatives(&[vec![0]], &[1.0; 2]).len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(50))]
        #[test]
        fn every_sample_has_one_kind(
            chosen in proptest::collection::vec(proptest::collection::btree_set(0usize..12, 0..6), 1..60),
        ) {
            let chosen: Vec<Vec<usize>> = chosen.into_iter().map(|s| s.into_iter().collect()).collect();
            let found = alternatives(&chosen, &[1.5; 12]);
            let mut members: Vec<usize> = found.iter().flat_map(|a| a.members.clone()).collect();
            members.sort_unstable();
            prop_assert_eq!(members, (0..chosen.len()).collect::<Vec<_>>());
            prop_assert!(found.len() <= MOST_ALTERNATIVES);
            prop_assert!((found.iter().map(|a| a.share).sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(found.windows(2).all(|w| w[0].share >= w[1].share));
        }

        #[test]
        fn swaps_end_where_no_single_swap_helps(seed in 0u64..500, n in 4usize..25, k in 1usize..4) {
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let at: Vec<(f32, f32)> = (0..n).map(|_| (rng.random_range(0.0..1.0), rng.random_range(0.0..1.0))).collect();
            let distances = distances_of(n, |a, b| (at[a].0 - at[b].0).hypot(at[a].1 - at[b].1));
            let weights = vec![1.0; n];
            let found = k_medoids(distances.view(), &weights, k);
            let loss = |medoids: &[usize]| -> f64 {
                (0..n).map(|p| medoids.iter().map(|&m| f64::from(distances[[p, m]])).fold(f64::INFINITY, f64::min)).sum()
            };
            prop_assert!((found.loss - loss(&found.medoids)).abs() < 1e-5);
            for out in 0..k {
                for candidate in 0..n {
                    let mut swapped = found.medoids.clone();
                    swapped[out] = candidate;
                    prop_assert!(loss(&swapped) > found.loss - 1e-5);
                }
            }
        }
    }

    #[test]
    fn silhouette_equals_the_reference() {
        // Reference: scikit-learn's silhouette_score (precomputed) for points 0, 1, 2, 10, 11, 20 in clusters {0,1,2}, {10,11}, {20}.
        let at = [0.0f32, 1.0, 2.0, 10.0, 11.0, 20.0];
        let distances = distances_of(6, |a, b| (at[a] - at[b]).abs());
        let clustering = Clustering {
            medoids: vec![1, 3, 5],
            assignment: vec![0, 0, 0, 1, 1, 2],
            loss: 0.0,
        };
        let score = silhouette(distances.view(), &[1.0; 6], &clustering);
        assert!((score - SKLEARN_SILHOUETTE).abs() < 1e-6, "{score}");
    }

    const SKLEARN_SILHOUETTE: f64 = 0.725_531_148_131_767_3;
}
