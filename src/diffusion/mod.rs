//! Sampling importance scores by reverse diffusion: noise schedule, DDIM and DDPM, guidance, and
//! the exact table for pointwise denoisers.
//!
//! Pure maths over a [`Denoiser`]: loads no network and knows no file. Notation: K quantisation
//! levels, N picks, M score tokens (N divided by the score stride, rounded up), S samples, τ the
//! sigmoid temperature, x the state in logit units (x0 in the same).

pub mod denoiser;
pub mod error;
pub mod impose;
pub mod noise;
pub mod plan;
pub mod quantise;
pub mod sag;
pub mod sampler;
pub mod schedule;
pub mod table;

#[cfg(test)]
mod toy;

pub use denoiser::{Condition, DenoiseFailure, Denoiser};
pub use error::SampleError;
pub use impose::Imposed;
pub use noise::{Coherence, Noise};
pub use plan::{Plan, Solver};
pub use sag::SelfAttentionGuidance;
pub use sampler::{SampleRequest, Sampler, Trace, sample};
pub use schedule::Schedule;
