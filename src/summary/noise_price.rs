//! Change points of a raw video: the least within-segment scatter plus a price for each change
//! point that knows the features' noise.
//!
//! The penalty of kernel temporal segmentation falls with the number of rows (see `kts`), so that a
//! video sampled twice a second comes out as one segment where the same video with every frame as a
//! row has ten. Here the price is `noise_weight · s + base_price`, with s the median of 1 − cos
//! between rows half a second apart, and scatter is counted by time: a row weighs the half seconds
//! it stands for. Neither the number of rows nor the frame rate matters. Segments last between a
//! shortest and a longest time, which shrink in short videos so that every segment fits into a
//! summary. One exact pass of the dynamic programme, O(rows · rows in the longest segment).
//!
//! Does not look at pictures: hard cuts are given (see `media::cuts`), and a change point at a cut
//! costs nothing.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Seconds over which noise is measured and in which rows are weighed: the field's two rows a
/// second.
const UNIT_SECS: f64 = 0.5;
/// Share of a video that a summary may keep, as the field has it; the longest segment must fit into
/// it.
const FIELD_BUDGET: f64 = 0.15;
/// Mean length of segments as shares of the longest: 2 and 6 of 8 seconds. Beyond, the price is
/// raised or lowered.
const MEAN_SHARES: [f64; 2] = [0.25, 0.75];
/// The least mean length in seconds that a long longest length asks for.
const MOST_LEAST_MEAN_SECS: f64 = 2.0;
/// The price is raised or lowered at most so many times, in so many halvings of the range.
const MOST_FACTOR: f64 = 4096.0;
const HALVINGS: usize = 24;
/// Half seconds that a row weighs at most: a picture that stands for minutes is one thing.
const MOST_WEIGHT: f64 = 16.0;
/// Allowances for rounding.
const ROUNDING_SECS: f64 = 1e-6;
const ROUNDING: f64 = 1e-9;

/// Constants of the price and the lengths.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoisePrice {
    /// Price of a change point for each unit of noise.
    pub noise_weight: f64,
    /// Price of a change point where there is no noise.
    pub base_price: f64,
    pub shortest_secs: f64,
    pub longest_secs: f64,
}

impl Default for NoisePrice {
    fn default() -> Self {
        Self {
            noise_weight: 4.0,
            base_price: 0.1,
            shortest_secs: 1.0,
            longest_secs: 8.0,
        }
    }
}

/// Lengths that segments may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lengths {
    pub shortest_secs: f64,
    pub longest_secs: f64,
    /// Frames of the longest segment, where a summary's budget is counted in frames.
    pub most_frames: u64,
}

impl NoisePrice {
    /// Whether prices are not negative and the longest segment is at least twice as long as the
    /// shortest.
    pub fn is_valid(&self) -> bool {
        let price = |value: f64| value.is_finite() && value >= 0.0;
        price(self.noise_weight)
            && price(self.base_price)
            && self.shortest_secs > 0.0
            && self.longest_secs.is_finite()
            && self.longest_secs >= 2.0 * self.shortest_secs
    }

    /// Lengths for a video. What a person asked for holds as it is (the other end makes room for
    /// it); the rest shrinks until the longest segment fits into a summary of 15 %.
    pub fn lengths(
        &self,
        duration_secs: f64,
        frame_count: u64,
        wanted: [Option<f64>; 2],
    ) -> Lengths {
        let [wanted_shortest, wanted_longest] = wanted;
        let fitting_secs = self.longest_secs.min(FIELD_BUDGET * duration_secs);
        let shrunk = self.shortest_secs.min(fitting_secs / 4.0);
        let longest_secs = match (wanted_longest, wanted_shortest) {
            (Some(longest), _) => longest,
            (None, Some(shortest)) => fitting_secs.max(2.0 * shortest),
            (None, None) => fitting_secs,
        };
        Lengths {
            shortest_secs: wanted_shortest.unwrap_or(shrunk).min(longest_secs / 2.0),
            longest_secs,
            most_frames: if wanted_longest.or(wanted_shortest).is_some() {
                u64::MAX
            } else {
                ((FIELD_BUDGET * frame_count as f64).floor() as u64).max(1)
            },
        }
    }
}

/// A place where a segment may start or end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Edge {
    pub frame: u64,
    pub secs: f64,
    /// Whether the picture changes at once here: a hard cut.
    pub is_cut: bool,
}

/// Change points and what they cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Ascending row indices in `1..N` at which a new segment starts.
    pub change_points: Vec<usize>,
    /// s: the median of 1 − cos between rows half a second apart.
    pub noise: f64,
    /// λ: what a change point cost.
    pub price: f64,
    /// Total scatter within segments, weighed by time.
    pub scatter: f64,
}

/// Finds the change points of features, float32 [N, D], whose rows stand for the stretches between
/// N + 1 ascending edges: the first is the video's start, the last its end, and a segment that
/// starts at row i starts at edge i.
///
/// Minimises the number of segments shorter than the shortest length (unless both their ends are
/// cuts or ends of the video), then `scatter + Σ price of change points`. No segment is longer than
/// the longest length except where a single row is. Where the mean length leaves the range of
/// published data sets (2 to 6 s at 1 to 8 s), the price is raised or lowered to the factor that
/// meets it. Rows are scaled to unit length; values that are not finite count as 0.
///
/// # Panics
/// When there are not N + 1 edges.
pub fn segment(
    features: ArrayView2<'_, f32>,
    edges: &[Edge],
    price: &NoisePrice,
    lengths: &Lengths,
) -> Found {
    let rows = features.nrows();
    assert_eq!(edges.len(), rows + 1, "an edge at each end of every row");
    if rows == 0 {
        return Found::default();
    }
    let scales: Vec<f64> = features.outer_iter().map(scale).collect();
    let noise = noise(features, &scales, edges);
    let base = price.noise_weight * noise + price.base_price;
    let mut band = Band::new(features, &scales, edges, *lengths);
    let least = lengths
        .shortest_secs
        .max(MOST_LEAST_MEAN_SECS.min(MEAN_SHARES[0] * lengths.longest_secs));
    let most = least.max(MEAN_SHARES[1] * lengths.longest_secs);
    let whole_secs = edges[rows].secs - edges[0].secs;
    let mean_secs = |found: &Solved| whole_secs / (found.change_points.len() + 1) as f64;
    let mut factor = 1.0;
    let mut best = band.solve(base, factor);
    if mean_secs(&best) < least {
        (factor, best) = band.enter(base, MOST_FACTOR, |found| mean_secs(found) >= least);
    } else if mean_secs(&best) > most {
        (factor, best) = band.enter(base, 1.0 / MOST_FACTOR, |found| mean_secs(found) <= most);
        if mean_secs(&best) > most {
            // Nothing differs, whatever the price: even stretches are as good as any.
            band.lengths.longest_secs = most;
            best = band.solve(base, factor);
        }
    }
    Found {
        change_points: best.change_points,
        noise,
        price: base * factor,
        scatter: best.scatter,
    }
}

/// Scatter of every stretch that may be a segment, and what decides between them.
struct Band<'a> {
    edges: &'a [Edge],
    lengths: Lengths,
    /// For each end 1..=N the first start that may lead to it, and the scatters from there to `end
    /// − 1`.
    stretches: Vec<(usize, Vec<f32>)>,
    /// Whether an edge that is no cut lies closer to a cut than the shortest length: a segment from
    /// there would begin or end with a flash of the neighbouring shot.
    beside_cut: Vec<bool>,
}

struct Solved {
    change_points: Vec<usize>,
    scatter: f64,
}

impl<'a> Band<'a> {
    fn new(
        features: ArrayView2<'_, f32>,
        scales: &[f64],
        edges: &'a [Edge],
        lengths: Lengths,
    ) -> Self {
        let rows = features.nrows();
        let weight = |row: usize| {
            ((edges[row + 1].secs - edges[row].secs) / UNIT_SECS).clamp(0.0, MOST_WEIGHT)
        };
        let stretches = (1..=rows)
            .into_par_iter()
            .map(|end| {
                let fits = |start: usize| {
                    edges[end].secs - edges[start].secs <= lengths.longest_secs + ROUNDING_SECS
                        && edges[end].frame - edges[start].frame <= lengths.most_frames
                };
                let first = (0..end - 1)
                    .rev()
                    .take_while(|&start| fits(start))
                    .last()
                    .unwrap_or(end - 1);
                let mut scatters = vec![0.0; end - first];
                let mut sum = vec![0.0f64; features.ncols()];
                let (mut squared, mut sum_squared, mut total) = (0.0, 0.0, 0.0);
                for start in (first..end).rev() {
                    let (weight, scale) = (weight(start), scales[start]);
                    let mut product = 0.0;
                    let mut norm = 0.0;
                    for (sum, &value) in sum.iter_mut().zip(features.row(start)) {
                        let value = finite(value) * scale * weight;
                        product += *sum * value;
                        norm += value * value;
                        *sum += value;
                    }
                    sum_squared += 2.0 * product + norm;
                    total += weight;
                    squared += if weight > 0.0 { norm / weight } else { 0.0 };
                    let scatter = if total > 0.0 {
                        squared - sum_squared / total
                    } else {
                        0.0
                    };
                    scatters[start - first] = scatter.max(0.0) as f32;
                }
                (first, scatters)
            })
            .collect();
        let cuts: Vec<f64> = (edges.iter().filter(|edge| edge.is_cut))
            .map(|edge| edge.secs)
            .collect();
        let is_near = |secs: f64| {
            let at = cuts.partition_point(|&cut| cut < secs);
            [at.checked_sub(1), Some(at)]
                .into_iter()
                .flatten()
                .filter_map(|at| cuts.get(at))
                .any(|cut| (cut - secs).abs() < lengths.shortest_secs)
        };
        Self {
            beside_cut: (edges.iter())
                .map(|edge| !edge.is_cut && is_near(edge.secs))
                .collect(),
            edges,
            lengths,
            stretches,
        }
    }

    /// What a change point at a row costs.
    fn price_at(&self, row: usize, base: f64, factor: f64) -> f64 {
        if self.edges[row].is_cut {
            base * (factor - 1.0).max(0.0)
        } else if self.beside_cut[row] {
            base * (factor + 1.0)
        } else {
            base * factor
        }
    }

    /// Whether a stretch is too short to be a segment: one between two cuts is a shot, however
    /// short.
    fn is_short(&self, start: usize, end: usize) -> bool {
        let (last, edges) = (self.edges.len() - 1, self.edges);
        let shot = (start == 0 || edges[start].is_cut) && (end == last || edges[end].is_cut);
        let secs = edges[end].secs - edges[start].secs;
        !shot && secs < self.lengths.shortest_secs - ROUNDING_SECS
    }

    /// The best segmentation; among equal ones that with the longest last segment.
    fn solve(&self, base: f64, factor: f64) -> Solved {
        let rows = self.stretches.len();
        let mut best = vec![(0u32, 0.0f64); rows + 1];
        let mut from = vec![0usize; rows + 1];
        for end in 1..=rows {
            let (first, scatters) = &self.stretches[end - 1];
            let mut least = (u32::MAX, f64::INFINITY);
            for (start, &scatter) in (*first..end).zip(scatters) {
                let secs = self.edges[end].secs - self.edges[start].secs;
                if start + 1 < end && secs > self.lengths.longest_secs + ROUNDING_SECS {
                    continue;
                }
                let price = match start {
                    0 => 0.0,
                    start => self.price_at(start, base, factor),
                };
                let (short, cost) = best[start];
                let reached = (
                    short + u32::from(self.is_short(start, end)),
                    cost + price + f64::from(scatter),
                );
                if reached.0 < least.0 || reached.0 == least.0 && reached.1 < least.1 - ROUNDING {
                    least = reached;
                    from[end] = start;
                }
            }
            best[end] = least;
        }
        let mut change_points = Vec::new();
        let mut scatter = 0.0;
        let mut end = rows;
        while end > 0 {
            let start = from[end];
            let (first, scatters) = &self.stretches[end - 1];
            scatter += f64::from(scatters[start - first]);
            if start > 0 {
                change_points.push(start);
            }
            end = start;
        }
        change_points.reverse();
        Solved {
            change_points,
            scatter,
        }
    }

    /// The factor nearest to 1 at which a segmentation is as wanted, towards `bound`; the bound
    /// itself where none is. The number of change points never rises with the factor, so halving
    /// finds it.
    fn enter(&self, base: f64, bound: f64, is_wanted: impl Fn(&Solved) -> bool) -> (f64, Solved) {
        let (mut outside, mut inside) = (1.0, bound);
        let mut best = self.solve(base, bound);
        for _ in 0..HALVINGS {
            let middle = f64::sqrt(outside * inside);
            let found = self.solve(base, middle);
            if is_wanted(&found) {
                (inside, best) = (middle, found);
            } else {
                outside = middle;
            }
        }
        (inside, best)
    }
}

fn finite(value: f32) -> f64 {
    if value.is_finite() {
        f64::from(value)
    } else {
        0.0
    }
}

/// What a row is multiplied with to have unit length; 0 for a row of zeros.
fn scale(row: ArrayView1<'_, f32>) -> f64 {
    let norm = (row.iter().map(|&v| finite(v).powi(2)).sum::<f64>()).sqrt();
    if norm > 0.0 { 1.0 / norm } else { 0.0 }
}

/// The median of 1 − cos between each row and the first one half a second later; between neighbours
/// where none is.
fn noise(features: ArrayView2<'_, f32>, scales: &[f64], edges: &[Edge]) -> f64 {
    let rows = features.nrows();
    let later = |row: usize| {
        let after = edges[row].secs + UNIT_SECS - UNIT_SECS / 10.0;
        row + 1 + edges[row + 1..rows].partition_point(|edge| edge.secs < after)
    };
    let distance = |a: usize, b: usize| {
        let product: f64 = (features.row(a).iter())
            .zip(features.row(b))
            .map(|(&a, &b)| finite(a) * finite(b))
            .sum();
        (1.0 - product * scales[a] * scales[b]).max(0.0)
    };
    let mut distances: Vec<f64> = (0..rows)
        .filter_map(|row| {
            let later = later(row);
            (later < rows).then(|| distance(row, later))
        })
        .collect();
    if distances.is_empty() {
        distances = (1..rows).map(|row| distance(row - 1, row)).collect();
    }
    distances.sort_unstable_by(f64::total_cmp);
    match distances.len() {
        0 => 0.0,
        n if n % 2 == 1 => distances[n / 2],
        n => (distances[n / 2 - 1] + distances[n / 2]) / 2.0,
    }
}

#[cfg(test)]
#[path = "noise_price_tests.rs"]
mod tests;
