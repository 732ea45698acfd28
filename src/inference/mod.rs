//! Bundles and ONNX Runtime: features from frames, memory and denoiser from features, scores of
//! deterministic scorers.
//!
//! The only room that names `ort`. It does not decode video (see `media`) and does not sample (see
//! `diffusion`).

pub mod bundle;
pub mod download;
pub mod error;
pub mod extractor;
pub mod install;
pub mod manifest;
pub mod network;
pub mod onnx;
pub mod places;
pub mod preprocess;
mod proto;
pub mod resample;
pub mod runtime;
pub mod session;
pub mod telemetry;
pub mod trial;

pub use bundle::Bundle;
pub use error::{BundleError, RuntimeError};
pub use extractor::Extractor;
pub use manifest::{BundleKind, ExtractorSpec, Manifest};
pub use network::{Network, Scorer, VideoDenoiser};
pub use runtime::{Device, Runtime};
pub use session::DeviceReport;
