//! Denoisers of a formula, for tests: that of `tests/data/sampling/README.md`, and a joint one.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use ndarray::{Array2, ArrayView2};

use super::denoiser::{Condition, DenoiseFailure, Denoiser};

/// K = 50 and temperature 2, as the recorded cases.
#[derive(Debug)]
pub struct Toy {
    pub picks: usize,
    pub stride: usize,
    pub joint: bool,
    pub null: bool,
    pub attention: bool,
    /// Rows asked for so far.
    pub rows: AtomicUsize,
    pub identity: u64,
}

pub const LEVELS: usize = 50;

impl Toy {
    pub fn new(picks: usize) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            picks,
            stride: 1,
            joint: false,
            null: true,
            attention: true,
            rows: AtomicUsize::new(0),
            identity: NEXT.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl Denoiser for Toy {
    fn identity(&self) -> u64 {
        self.identity
    }

    fn picks(&self) -> usize {
        self.picks
    }

    fn stride(&self) -> usize {
        self.stride
    }

    fn levels(&self) -> usize {
        LEVELS
    }

    fn sigmoid_temp(&self) -> f64 {
        2.0
    }

    fn pointwise(&self) -> bool {
        !self.joint
    }

    fn has_null(&self) -> bool {
        self.null
    }

    fn has_attention(&self) -> bool {
        self.attention
    }

    fn predict(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
        condition: Condition,
    ) -> Result<Array2<f32>, DenoiseFailure> {
        self.rows.fetch_add(index.nrows(), Ordering::Relaxed);
        Ok(Array2::from_shape_fn(index.dim(), |(sample, token)| {
            let n = token as f64;
            let level = index[[sample, token]] as f64 / LEVELS as f64 - 0.5;
            let own = match condition {
                Condition::Video => {
                    1.2 * (0.9 * n + 0.5).sin() + 1.5 * level * (1.0 - time as f64 / 2000.0)
                }
                Condition::Null => 0.8 * (0.4 * n).cos() + level,
            };
            let mean = index.row(sample).sum() as f64 / (LEVELS * index.ncols()) as f64 - 0.5;
            (own + if self.joint { mean } else { 0.0 }) as f32
        }))
    }

    fn predict_with_attention(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
    ) -> Result<(Array2<f32>, Array2<f32>), DenoiseFailure> {
        let mut attention = Array2::from_shape_fn(index.dim(), |(sample, token)| {
            let level = index[[sample, token]] as f64 / LEVELS as f64;
            1.0 + level * (1.0 + (token as f64).cos())
        });
        for mut row in attention.rows_mut() {
            let scale = row.len() as f64 / row.sum();
            row *= scale;
        }
        let x0 = self.predict(index, time, Condition::Video)?;
        Ok((x0, attention.mapv(|v| v as f32)))
    }
}
