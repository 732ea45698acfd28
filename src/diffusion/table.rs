//! The exact table of a pointwise denoiser: x0 depends only on (token, index, time), so each pair
//! is asked of the network at most once, and any number of samples are look-ups. Only entries that
//! are needed are evaluated.

use std::collections::HashMap;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::denoiser::{Condition, Denoiser};
use super::error::SampleError;
use crate::jobs::CancelToken;

/// Rows of indices in one call of the network; between calls a cancel is heard.
const ROWS_PER_CALL: usize = 32;

/// All entries known so far for one video.
#[derive(Debug)]
pub struct Table {
    /// Identity of the denoiser it belongs to.
    pub identity: u64,
    tokens: usize,
    levels: usize,
    layers: HashMap<(usize, Condition), Layer>,
}

/// x0 at one time for every token and index, `[M][K + 1]`; NaN where not asked yet.
#[derive(Debug)]
pub struct Layer {
    values: Vec<f32>,
    width: usize,
    missing: usize,
}

impl Layer {
    /// The entry of each token at its index, NaN where it is not known. `index`, `out`: length M.
    pub fn look_up(&self, index: &[u16], out: &mut [f32]) {
        // Nothing else in the loop, so that the processor waits for many entries at once.
        let rows = self.values.chunks_exact(self.width);
        for ((row, &index), out) in rows.zip(index).zip(out) {
            *out = row[usize::from(index)];
        }
    }

    /// Whether every entry that these indices [S, M] lead to is known.
    fn knows(&self, index: ArrayView2<'_, u16>) -> bool {
        self.missing == 0
            || index.axis_iter(Axis(0)).into_par_iter().all(|row| {
                // All of the row before the answer: a branch at each entry costs more.
                let entries = self.values.chunks_exact(self.width).zip(row);
                !entries.fold(false, |missing, (known, &index)| {
                    missing | known[usize::from(index)].is_nan()
                })
            })
    }

    /// A layer whose entries are made of those of two.
    pub fn zip(&self, other: &Self, combine: impl Fn(f32, f32) -> f32) -> Self {
        let pairs = self.values.iter().zip(&other.values);
        Self {
            values: pairs.map(|(&a, &b)| combine(a, b)).collect(),
            width: self.width,
            missing: self.missing.max(other.missing),
        }
    }
}

impl Table {
    pub fn new(denoiser: &dyn Denoiser) -> Self {
        Self {
            identity: denoiser.identity(),
            tokens: denoiser.tokens(),
            levels: denoiser.levels(),
            layers: HashMap::new(),
        }
    }

    /// Bytes that a run over so many layers needs.
    pub fn bytes_for(denoiser: &dyn Denoiser, layers: usize) -> usize {
        denoiser
            .tokens()
            .saturating_mul(denoiser.levels() + 1)
            .saturating_mul(layers * size_of::<f32>())
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.layers.len() * self.tokens * (self.levels + 1) * size_of::<f32>()
    }

    /// Share of the entries of these times that are known, for the video.
    pub fn filled(&self, times: &[usize]) -> f64 {
        let entries = self.tokens * (self.levels + 1) * times.len();
        let known: usize = times
            .iter()
            .filter_map(|&time| self.layers.get(&(time, Condition::Video)))
            .map(|layer| layer.values.len() - layer.missing)
            .sum();
        known as f64 / entries.max(1) as f64
    }

    /// Drops all layers but those of the given times.
    pub fn keep_only(&mut self, times: &[usize]) {
        self.layers.retain(|(time, _), _| times.contains(time));
    }

    /// The layer, which [`Self::ensure`] must have been called for.
    pub fn layer(&self, time: usize, condition: Condition) -> Option<&Layer> {
        self.layers.get(&(time, condition))
    }

    /// Asks the network for all entries that `index` [S, M] needs and that are not known.
    ///
    /// # Errors
    /// When the network fails, or cancelled.
    pub fn ensure(
        &mut self,
        denoiser: &dyn Denoiser,
        time: usize,
        condition: Condition,
        index: ArrayView2<'_, u16>,
        cancel: &CancelToken,
    ) -> Result<(), SampleError> {
        let (tokens, width) = (self.tokens, self.levels + 1);
        let layer = self
            .layers
            .entry((time, condition))
            .or_insert_with(|| Layer {
                values: vec![f32::NAN; tokens * width],
                width,
                missing: tokens * width,
            });
        // Sample after sample, as they lie in memory: mostly nothing is missing, and then this is
        // all.
        if layer.knows(index) {
            return Ok(());
        }
        let mut wanted: Vec<Vec<u16>> = (0..tokens)
            .into_par_iter()
            .map(|token| {
                let known = &layer.values[token * width..(token + 1) * width];
                let mut asked = vec![false; width];
                let mut wanted = Vec::new();
                for &index in index.column(token) {
                    let at = usize::from(index);
                    if known[at].is_nan() && !asked[at] {
                        asked[at] = true;
                        wanted.push(index);
                    }
                }
                wanted
            })
            .collect();
        let rows = wanted.iter().map(Vec::len).max().unwrap_or(0);
        if rows == 0 {
            return Ok(());
        }
        // Rows are computed for all tokens anyway: those that need fewer entries learn some that
        // later samples are likely to need.
        wanted
            .par_iter_mut()
            .enumerate()
            .for_each(|(token, wanted)| {
                fill_up(
                    wanted,
                    rows,
                    &layer.values[token * width..(token + 1) * width],
                )
            });
        for start in (0..rows).step_by(ROWS_PER_CALL) {
            if cancel.is_cancelled() {
                return Err(SampleError::Cancelled);
            }
            let end = (start + ROWS_PER_CALL).min(rows);
            let asked = Array2::from_shape_fn((end - start, tokens), |(row, token)| {
                let list = &wanted[token];
                i64::from(list[(start + row).min(list.len() - 1)])
            });
            let x0 = denoiser
                .predict(asked.view(), time, condition)
                .map_err(SampleError::Denoiser)?;
            for ((row, token), &value) in x0.indexed_iter() {
                let entry = &mut layer.values[token * width + asked[[row, token]] as usize];
                if entry.is_nan() {
                    *entry = value;
                    layer.missing -= 1;
                }
            }
        }
        Ok(())
    }
}

/// Lengthens a token's list to `rows` with unknown entries, those nearest to its middle first;
/// never empty afterwards.
fn fill_up(wanted: &mut Vec<u16>, rows: usize, known: &[f32]) {
    if wanted.len() < rows {
        let middle = if wanted.is_empty() {
            known.len() / 2
        } else {
            wanted.iter().map(|&i| usize::from(i)).sum::<usize>() / wanted.len()
        };
        let mut others: Vec<u16> = (0..known.len() as u32)
            .map(|i| i as u16)
            .filter(|i| known[usize::from(*i)].is_nan() && !wanted.contains(i))
            .collect();
        others.sort_by_key(|&i| usize::from(i).abs_diff(middle));
        wanted.extend(others.into_iter().take(rows - wanted.len()));
    }
    if wanted.is_empty() {
        wanted.push(0);
    }
}
