//! What sampling asks of a network that was given one video.

use ndarray::{Array2, ArrayView2};

/// Why a denoiser could not answer; shown as it is.
pub type DenoiseFailure = Box<dyn std::error::Error + Send + Sync>;

/// What the network gets of the video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// The video.
    Video,
    /// The null video of classifier-free guidance.
    Null,
}

/// A denoiser for one video: estimates the clean logits x0 from quantised noisy scores.
pub trait Denoiser: Send + Sync {
    /// A number that no other denoiser (network and video) of this process has.
    fn identity(&self) -> u64;
    /// Number of picks, N.
    fn picks(&self) -> usize;
    /// Picks a score token stands for, at least 1.
    fn stride(&self) -> usize;
    /// Quantisation size K: indices run from 0 to K.
    fn levels(&self) -> usize;
    /// Temperature τ: score = 1 / (1 + exp(−τ x)).
    fn sigmoid_temp(&self) -> f64;
    /// Whether x0 of a token depends on that token's index alone.
    fn pointwise(&self) -> bool;
    /// Whether [`Condition::Null`] can be asked for.
    fn has_null(&self) -> bool;
    /// Whether [`Self::predict_with_attention`] works.
    fn has_attention(&self) -> bool;

    /// x0, float32 [S, M], finite, for indices [S, M] in 0..=K at a time of the schedule.
    ///
    /// # Errors
    /// When the network fails or gives numbers that are not finite.
    fn predict(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
        condition: Condition,
    ) -> Result<Array2<f32>, DenoiseFailure>;

    /// x0 given the video, and the attention each token receives (mean about 1), both float32 [S,
    /// M].
    ///
    /// # Errors
    /// As [`Self::predict`], and where there is no attention.
    fn predict_with_attention(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
    ) -> Result<(Array2<f32>, Array2<f32>), DenoiseFailure>;

    /// Number of score tokens, M.
    fn tokens(&self) -> usize {
        self.picks().div_ceil(self.stride().max(1))
    }
}
