//! Within-segment scatter of every stretch of rows, computed tile by tile where it is needed.
//!
//! For rows `x` (already normalised) the scatter of rows `a..b` is `Σ|x|² − |Σx|²/(b−a)`. With
//! prefix sums `P` the second sum is `|P_b − P_a|²`, so a tile of scatters is one small matrix
//! product of prefix sums: no N×N kernel is ever stored, and tiles that the segmentation never asks
//! for are never computed. Knows nothing of penalties (see `linear_segmentation`).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

/// Side of a tile, in positions between rows.
pub(super) const TILE: usize = 256;

/// Bytes of prefix sums and kept tiles together; tiles beyond are recomputed at each use. Without
/// this bound a video of two hours would take more memory here than for everything else.
const MOST_BYTES: usize = 192 << 20;

/// Scatter of `[start, end)` for 256 × 256 positions; laid out with `start` running fastest.
pub(super) type Tile = Box<[f64]>;

/// The scatter of every stretch of rows.
pub(super) struct Scatter {
    rows: usize,
    /// Prefix sums of the centred rows, float64 [N + 1, D].
    prefix: Array2<f64>,
    /// Prefix sums of the squared norms of the centred rows, length N + 1.
    squared: Vec<f64>,
    /// |P|² of each position, length N + 1.
    norms: Vec<f64>,
    /// Tile of (end block, start block ≤ end block), triangular.
    tiles: Vec<Option<Tile>>,
    kept: usize,
}

impl Scatter {
    /// Takes features [N, D]; rows are scaled to unit L2 norm (rows of zeros stay), values that are
    /// not finite count as 0.
    pub(super) fn new(features: ArrayView2<'_, f32>) -> Self {
        let (rows, dims) = features.dim();
        let mut prefix = Array2::<f64>::zeros((rows + 1, dims));
        prefix
            .slice_mut(s![1.., ..])
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(features.axis_iter(Axis(0)).into_par_iter())
            .for_each(|(mut to, from)| {
                let clean = |v: f32| if v.is_finite() { f64::from(v) } else { 0.0 };
                let norm = from.iter().map(|&v| clean(v).powi(2)).sum::<f64>().sqrt();
                let scale = if norm > 0.0 { 1.0 / norm } else { 0.0 };
                to.zip_mut_with(&from, |to, &from| *to = clean(from) * scale);
            });
        // Scatter does not change when all rows move together, and sums around the mean stay small:
        // fewer digits are lost.
        let mean = prefix.sum_axis(Axis(0)) / (rows.max(1) as f64);
        let mut squared = vec![0.0; rows + 1];
        for row in 1..=rows {
            let (before, mut rest) = prefix.view_mut().split_at(Axis(0), row);
            let mut here = rest.index_axis_mut(Axis(0), 0);
            here -= &mean;
            squared[row] = squared[row - 1] + here.iter().map(|v| v * v).sum::<f64>();
            here += &before.index_axis(Axis(0), row - 1);
        }
        let norms = prefix
            .axis_iter(Axis(0))
            .into_par_iter()
            .map(|p| p.iter().map(|v| v * v).sum())
            .collect();
        let blocks = (rows + 1).div_ceil(TILE);
        let mut tiles = Vec::new();
        tiles.resize_with(blocks * (blocks + 1) / 2, || None);
        Self {
            rows,
            prefix,
            squared,
            norms,
            tiles,
            kept: 0,
        }
    }

    /// Number of rows, N.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Scatter of rows `start..end`, directly from the prefix sums.
    pub(super) fn of(&self, start: usize, end: usize) -> f64 {
        if end <= start {
            return 0.0;
        }
        let distance: f64 = self
            .prefix
            .row(end)
            .iter()
            .zip(self.prefix.row(start))
            .map(|(b, a)| (b - a).powi(2))
            .sum();
        (self.squared[end] - self.squared[start] - distance / (end - start) as f64).max(0.0)
    }

    /// Makes the tiles of one block of ends and the given blocks of starts available, and hands
    /// them to `use_tiles` in the order of `start_blocks`.
    pub(super) fn with_tiles<T>(
        &mut self,
        end_block: usize,
        start_blocks: &[usize],
        use_tiles: impl FnOnce(&[&[f64]]) -> T,
    ) -> T {
        let at = |start_block: usize| end_block * (end_block + 1) / 2 + start_block;
        let missing: Vec<usize> = start_blocks
            .iter()
            .copied()
            .filter(|&start_block| self.tiles[at(start_block)].is_none())
            .collect();
        let computed: Vec<Tile> = missing
            .par_iter()
            .map(|&start_block| self.compute(end_block, start_block))
            .collect();
        let mut temporary: Vec<(usize, Tile)> = Vec::new();
        for (start_block, tile) in missing.into_iter().zip(computed) {
            let bytes = size_of_val(&tile[..]);
            if self.prefix.len() * size_of::<f64>() + self.kept + bytes <= MOST_BYTES {
                self.kept += bytes;
                self.tiles[at(start_block)] = Some(tile);
            } else {
                temporary.push((start_block, tile));
            }
        }
        let tiles: Vec<&[f64]> = start_blocks
            .iter()
            .filter_map(|&start_block| {
                self.tiles[at(start_block)].as_deref().or_else(|| {
                    temporary
                        .iter()
                        .find(|(block, _)| *block == start_block)
                        .map(|(_, tile)| &tile[..])
                })
            })
            .collect();
        use_tiles(&tiles)
    }

    /// One tile: entries with `start >= end` are infinite, so that a minimum never takes them.
    fn compute(&self, end_block: usize, start_block: usize) -> Tile {
        let ends = block_range(end_block, self.rows);
        let starts = block_range(start_block, self.rows);
        let mut products = Array2::<f64>::zeros((ends.len(), starts.len()));
        general_mat_mul(
            1.0,
            &self.prefix.slice(s![ends.clone(), ..]),
            &self.prefix.slice(s![starts.clone(), ..]).t(),
            0.0,
            &mut products,
        );
        let mut tile = vec![f64::INFINITY; TILE * TILE].into_boxed_slice();
        for (row, end) in ends.enumerate() {
            let out = &mut tile[row * TILE..];
            for (column, start) in starts.clone().take_while(|&start| start < end).enumerate() {
                let distance = self.norms[end] + self.norms[start] - 2.0 * products[[row, column]];
                out[column] =
                    (self.squared[end] - self.squared[start] - distance / (end - start) as f64)
                        .max(0.0);
            }
        }
        tile
    }
}

/// Positions of a block: there are N + 1 positions between and around N rows.
pub(super) fn block_range(block: usize, rows: usize) -> std::ops::Range<usize> {
    block * TILE..((block + 1) * TILE).min(rows + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};

    #[test]
    fn tiles_equal_the_definition() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let features = Array2::from_shape_fn((300, 5), |_| rng.random_range(0.0..1.0f32));
        let mut scatter = Scatter::new(features.view());
        let rows: Vec<Vec<f64>> = features
            .rows()
            .into_iter()
            .map(|r| {
                let norm = r.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
                r.iter().map(|&v| f64::from(v) / norm).collect()
            })
            .collect();
        let definition = |start: usize, end: usize| -> f64 {
            (0..5)
                .map(|d| {
                    let part = &rows[start..end];
                    let mean = part.iter().map(|r| r[d]).sum::<f64>() / part.len() as f64;
                    part.iter().map(|r| (r[d] - mean).powi(2)).sum::<f64>()
                })
                .sum()
        };
        for (start, end) in [(0, 1), (0, 300), (10, 290), (250, 260), (299, 300)] {
            let expected = definition(start, end);
            assert!((scatter.of(start, end) - expected).abs() < 1e-10);
            let (end_block, start_block) = (end / TILE, start / TILE);
            let tiled = scatter.with_tiles(end_block, &[start_block], |tiles| {
                tiles[0][(end % TILE) * TILE + start % TILE]
            });
            assert!((tiled - expected).abs() < 1e-10, "{start}..{end}");
        }
    }
}
