//! Why no samples came out.

use super::denoiser::DenoiseFailure;

/// Why no samples came out.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    #[error("{0}")]
    Setting(String),
    #[error("cancelled")]
    Cancelled,
    #[error("{0}")]
    Denoiser(DenoiseFailure),
}

/// A setting that the denoiser does not allow, in a sentence.
pub(super) fn refuse<T>(sentence: impl Into<String>) -> Result<T, SampleError> {
    Err(SampleError::Setting(sentence.into()))
}
