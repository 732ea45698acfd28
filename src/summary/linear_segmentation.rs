//! Optimal segmentations at a price per change point, and at a fixed number of change points.
//!
//! The first is one pass over the rows with exact pruning (Killick, Fearnhead and Eckley 2012,
//! "PELT": a start that is already worse than a cut at the present row can never become better,
//! because splitting a segment never adds scatter). The second is the plain dynamic programme,
//! needed only when the caller limits the number of change points.

use rayon::prelude::*;

use super::scatter::{Scatter, TILE, block_range};

/// A segmentation: ascending row indices at which a new segment starts, and its total
/// within-segment scatter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segmentation {
    pub(super) change_points: Vec<usize>,
    pub(super) scatter: f64,
}

impl Segmentation {
    pub(super) fn new(change_points: Vec<usize>, scatter: &Scatter) -> Self {
        let starts = std::iter::once(0).chain(change_points.iter().copied());
        let ends = change_points
            .iter()
            .copied()
            .chain(std::iter::once(scatter.rows()));
        let total = starts.zip(ends).map(|(a, b)| scatter.of(a, b)).sum();
        Self {
            change_points,
            scatter: total,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.change_points.len()
    }
}

/// Rounding allowance of comparisons between sums of scatters.
pub(super) const EPSILON: f64 = 1e-9;

/// Minimises `scatter + price · number of change points`.
pub(super) fn at_price(scatter: &mut Scatter, price: f64) -> Segmentation {
    let rows = scatter.rows();
    let blocks = (rows + 1).div_ceil(TILE);
    // best[p]: least cost of rows 0..p, each segment paying `price`; infinite once pruned as a
    // start (`cost` keeps the truth).
    let mut cost = vec![f64::INFINITY; blocks * TILE];
    let mut best = vec![f64::INFINITY; blocks * TILE];
    let mut from = vec![0usize; rows + 1];
    cost[0] = -price;
    best[0] = -price;
    let mut alive: Vec<usize> = Vec::new();
    for end_block in 0..blocks {
        alive.push(end_block);
        let ends = block_range(end_block, rows);
        scatter.with_tiles(end_block, &alive, |tiles| {
            for end in ends.clone().filter(|&end| end > 0) {
                let row = (end - end_block * TILE) * TILE;
                let scatters = tiles.iter().map(|tile| &tile[row..row + TILE]);
                let (least, least_start) =
                    cheapest_start(&best, alive.iter().copied().zip(scatters));
                cost[end] = least + price;
                best[end] = least + price;
                from[end] = least_start;
            }
            // A start is dropped once even the present end is reached cheaper by cutting here.
            let Some(last) = ends.clone().next_back().filter(|&last| last > 0) else {
                return;
            };
            let row = (last - end_block * TILE) * TILE;
            let bar = cost[last] + EPSILON;
            for (&start_block, tile) in alive.iter().zip(tiles) {
                for (best, scatter) in best[start_block * TILE..(start_block + 1) * TILE]
                    .iter_mut()
                    .zip(&tile[row..row + TILE])
                {
                    if scatter.is_finite() && *best + scatter > bar {
                        *best = f64::INFINITY;
                    }
                }
            }
        });
        alive.retain(|&block| {
            best[block * TILE..(block + 1) * TILE]
                .iter()
                .any(|v| v.is_finite())
        });
    }
    let mut change_points = Vec::new();
    let mut position = rows;
    while position > 0 {
        position = from[position];
        if position > 0 {
            change_points.push(position);
        }
    }
    change_points.reverse();
    Segmentation::new(change_points, scatter)
}

/// Least `cost[start] + scatter` over the starts of some blocks, each given with its `TILE`
/// scatters up to one end, and the first start that reaches it; infinity and 0 where none does.
fn cheapest_start<'a>(
    cost: &[f64],
    blocks: impl Iterator<Item = (usize, &'a [f64])>,
) -> (f64, usize) {
    let (mut least, mut least_start) = (f64::INFINITY, 0);
    for (block, scatters) in blocks {
        let costs = &cost[block * TILE..(block + 1) * TILE];
        let minimum = lane_minimum(costs, scatters);
        if minimum < least {
            least = minimum;
            let offset = costs
                .iter()
                .zip(scatters)
                .position(|(c, s)| c + s == minimum);
            least_start = block * TILE + offset.unwrap_or(0);
        }
    }
    (least, least_start)
}

/// Least `cost + scatter`, in independent lanes so that the compiler can use vector instructions.
fn lane_minimum(costs: &[f64], scatters: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [f64::INFINITY; LANES];
    for (costs, scatters) in costs.chunks_exact(LANES).zip(scatters.chunks_exact(LANES)) {
        for lane in 0..LANES {
            let sum = costs[lane] + scatters[lane];
            lanes[lane] = if sum < lanes[lane] { sum } else { lanes[lane] };
        }
    }
    lanes.into_iter().fold(f64::INFINITY, f64::min)
}

/// The best segmentation for every number of change points 0..=most: the plain dynamic programme,
/// O(most · N²).
pub(super) fn at_counts(scatter: &mut Scatter, most: usize) -> Vec<Segmentation> {
    let rows = scatter.rows();
    let blocks = (rows + 1).div_ceil(TILE);
    let most = most.min(rows.saturating_sub(1));
    // cost[m][p]: least scatter of rows 0..p in m + 1 segments.
    let mut cost = vec![vec![f64::INFINITY; blocks * TILE]; most + 1];
    let mut from = vec![vec![0u32; rows + 1]; most + 1];
    for end_block in 0..blocks {
        let starts: Vec<usize> = (0..=end_block).collect();
        for end in block_range(end_block, rows).filter(|&end| end > 0) {
            cost[0][end] = scatter.of(0, end);
        }
        scatter.with_tiles(end_block, &starts, |tiles| {
            for end in block_range(end_block, rows).filter(|&end| end > 0) {
                let row = (end - end_block * TILE) * TILE;
                // Every count at this end depends only on smaller ends, so the counts are
                // independent of each other.
                let found: Vec<(f64, u32)> = (1..most.min(end - 1) + 1)
                    .into_par_iter()
                    .with_min_len(16)
                    .map(|count| {
                        let scatters = tiles.iter().map(|tile| &tile[row..row + TILE]);
                        let (least, least_start) =
                            cheapest_start(&cost[count - 1], scatters.enumerate());
                        (least, least_start as u32)
                    })
                    .collect();
                for (index, (least, start)) in found.into_iter().enumerate() {
                    cost[index + 1][end] = least;
                    from[index + 1][end] = start;
                }
            }
        });
    }
    (0..=most)
        .map(|count| {
            let mut position = rows;
            let mut change_points = Vec::with_capacity(count);
            for level in (1..=count).rev() {
                position = from[level][position] as usize;
                change_points.push(position);
            }
            change_points.reverse();
            Segmentation::new(change_points, scatter)
        })
        .collect()
}
