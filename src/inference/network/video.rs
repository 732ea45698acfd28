//! A network given one video: the denoiser that the sampler calls.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2, s};

use super::{Network, rows_per_call};
use crate::diffusion::{Condition, DenoiseFailure, Denoiser};
use crate::inference::error::BundleError;

/// A network that was given one video.
#[derive(Debug)]
pub struct VideoDenoiser {
    pub(super) network: Arc<Network>,
    pub(super) pieces: Vec<Piece>,
    pub(super) picks: usize,
    pub(super) identity: u64,
}

#[derive(Debug)]
pub(super) struct Piece {
    pub(super) tokens: Range<usize>,
    pub(super) memory: Array2<f32>,
    pub(super) null: Option<Array2<f32>>,
}

impl VideoDenoiser {
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// Time of each token from the times of the picks: the mean of the picks it stands for.
    pub fn token_times_secs(&self, pick_times_secs: &[f64]) -> Vec<f64> {
        pick_times_secs
            .chunks(self.stride())
            .map(|picks| picks.iter().sum::<f64>() / picks.len() as f64)
            .collect()
    }

    fn run(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
        condition: Condition,
        attention: bool,
    ) -> Result<(Array2<f32>, Option<Array2<f32>>), BundleError> {
        let samples = index.nrows();
        let mut x0 = Array2::zeros(index.dim());
        let mut received = attention.then(|| Array2::zeros(index.dim()));
        for piece in &self.pieces {
            let memory = match condition {
                Condition::Video => &piece.memory,
                Condition::Null => piece.null.as_ref().ok_or_else(|| BundleError::NoPart {
                    bundle: self.network.bundle.manifest().name.clone(),
                    part: "null video",
                })?,
            };
            let rows = rows_per_call(piece.tokens.len(), self.network.shape.hidden);
            for start in (0..samples).step_by(rows) {
                let at = s![start..(start + rows).min(samples), piece.tokens.clone()];
                let (part, weights) =
                    self.network
                        .denoise(index.slice(at), time, memory.view(), attention)?;
                x0.slice_mut(at).assign(&part);
                if let (Some(received), Some(weights)) = (&mut received, weights) {
                    received.slice_mut(at).assign(&weights);
                }
            }
        }
        Ok((x0, received))
    }
}

impl Denoiser for VideoDenoiser {
    fn identity(&self) -> u64 {
        self.identity
    }

    fn picks(&self) -> usize {
        self.picks
    }

    fn stride(&self) -> usize {
        self.network.shape.stride
    }

    fn levels(&self) -> usize {
        self.network.shape.levels
    }

    fn sigmoid_temp(&self) -> f64 {
        self.network.shape.sigmoid_temp
    }

    fn pointwise(&self) -> bool {
        self.network.shape.pointwise
    }

    fn has_null(&self) -> bool {
        self.network.has_null()
    }

    fn has_attention(&self) -> bool {
        self.network.shape.attention
    }

    fn predict(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
        condition: Condition,
    ) -> Result<Array2<f32>, DenoiseFailure> {
        Ok(self.run(index, time, condition, false)?.0)
    }

    fn predict_with_attention(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
    ) -> Result<(Array2<f32>, Array2<f32>), DenoiseFailure> {
        let (x0, attention) = self.run(index, time, Condition::Video, true)?;
        Ok((x0, attention.unwrap_or_default()))
    }
}
