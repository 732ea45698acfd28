//! The stages in order: video → frames → features → segments → samples → summaries → alternatives.
//!
//! [`prepare()`] does everything that depends on the video and the extractor alone,
//! [`SamplingSession`] draws samples, [`ScoredSamples`] selects summaries from them. [`analyze`]
//! runs all of it once for the command line; [`Engine`] keeps it running for the window. The stages
//! themselves live in their own rooms; nothing is computed here but statistics of what they give.

mod assemble;
mod engine;
pub mod evaluation;
mod event;
mod given;
mod given_draw;
mod headless;
mod imposing;
mod kinds;
mod memory;
pub mod methods;
pub mod neighbours;
mod options;
mod prepare;
mod sampling;
mod segmenting;
mod stability;
mod statistics;
pub mod steering_study;
mod written;

pub use assemble::{ScoredSamples, Timeline};
pub use engine::{Engine, GivenRequest, Notice, OpenRequest};
pub use event::{Capabilities, DeviceReport, Event, Failure, Thumb};
pub use given::{ASSUMED_FPS, GivenVideo};
pub use given_draw::duration_secs_of;
pub use headless::{analyze, describe};
pub use kinds::{KindCache, KindsFrom, first_kinds, kept_kinds, known_kinds, settled_kinds};
pub use memory::peak_memory_bytes;
pub use methods::{Method, MethodKind};
pub use options::PrepareOptions;
pub use prepare::{Prepared, prepare};
pub use sampling::{SamplingNews, SamplingSession};
pub use stability::{KindStability, Stability, stability};
pub use statistics::{ScoreBand, score_band};
pub use written::written_events;

use crate::diffusion::SampleError;
use crate::inference::{BundleError, RuntimeError};
use crate::media::MediaError;

/// Why an analysis stopped. Each message is one sentence that names the file and the fix.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    #[error(transparent)]
    Sample(SampleError),
    #[error(
        "segments of {min} to {max} are asked for; --max-segment-secs must be at least twice --min-segment-secs, and both above 0"
    )]
    Bounds { min: String, max: String },
    #[error("a worker thread could not be started ({0}); close other programs and try again")]
    Thread(std::io::Error),
    #[error(
        "{samples} samples of {picks} picks have more than the {most} scores that are held at once; draw at most {fewer} samples"
    )]
    TooManyScores {
        samples: usize,
        picks: usize,
        most: usize,
        fewer: usize,
    },
    #[error("cancelled")]
    Cancelled,
}

impl PipelineError {
    /// Whether a person asked for the stop; not a failure to show.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Cancelled => true,
            Self::Media(err) => err.is_cancelled(),
            _ => false,
        }
    }

    /// Whether trying again unchanged may help.
    pub fn may_retry(&self) -> bool {
        match self {
            Self::Media(err) => err.may_retry(),
            Self::Thread(_) => true,
            _ => false,
        }
    }

    fn stage(&self) -> &'static str {
        match self {
            Self::Media(_) => "Reading the video",
            Self::Bundle(_) => "Loading the bundle",
            Self::Runtime(_) => "Starting ONNX Runtime",
            Self::Sample(_) | Self::TooManyScores { .. } => "Drawing samples",
            Self::Bounds { .. } | Self::Thread(_) | Self::Cancelled => "Analysing the video",
        }
    }
}

impl From<SampleError> for PipelineError {
    fn from(err: SampleError) -> Self {
        match err {
            SampleError::Cancelled => Self::Cancelled,
            err => Self::Sample(err),
        }
    }
}

impl From<&PipelineError> for Failure {
    fn from(err: &PipelineError) -> Self {
        Self {
            stage: err.stage(),
            message: err.to_string(),
            retry: err.may_retry(),
        }
    }
}
