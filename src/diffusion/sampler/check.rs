//! Whether a request can be run with a bundle at all, checked before any work.

use super::SampleRequest;
use crate::diffusion::denoiser::Denoiser;
use crate::diffusion::error::{SampleError, refuse};
use crate::diffusion::noise::Noise;
use crate::diffusion::plan::{Plan, Solver};
use crate::diffusion::schedule::Schedule;

pub(super) fn check(
    denoiser: &dyn Denoiser,
    schedule: &Schedule,
    request: &SampleRequest<'_>,
) -> Result<(), SampleError> {
    if request.samples == 0 {
        return refuse("the number of samples must be at least 1");
    }
    if denoiser.picks() == 0 {
        return refuse("there are no frames to score");
    }
    let most = schedule.train_steps();
    if request.solver == Solver::Ddim && !(1..=most).contains(&request.steps) {
        return refuse(format!(
            "the number of steps must be from 1 to {most}, not {}",
            request.steps
        ));
    }
    if !(0.0..=1.0).contains(&request.eta) {
        return refuse(format!("eta must be from 0 to 1, not {}", request.eta));
    }
    if !request.guidance.is_finite() {
        return refuse("the guidance weight must be a number");
    }
    if request.guidance != 0.0 && !denoiser.has_null() {
        return refuse(
            "this bundle was trained without a null video, so it knows no guidance; set guidance to 0",
        );
    }
    if let Some(known) = &request.imposed {
        known.check(denoiser.tokens())?;
        if matches!(request.noise, Noise::Given { .. }) {
            return refuse("known scores need noise of a seed: what is recorded has none for them");
        }
    }
    if let Some(sag) = &request.sag {
        if !denoiser.has_attention() {
            return refuse(
                "this bundle gives no attention, so it knows no self-attention guidance; set sag to 0",
            );
        }
        if !sag.strength.is_finite()
            || sag.blur_tokens.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater)
        {
            return refuse(
                "the strength of self-attention guidance must be a number, its blur above 0",
            );
        }
    }
    Ok(())
}

pub(super) fn check_noise(
    denoiser: &dyn Denoiser,
    plan: &Plan,
    request: &SampleRequest<'_>,
) -> Result<(), SampleError> {
    let (samples, tokens) = (request.samples, denoiser.tokens());
    match &request.noise {
        Noise::Seeded {
            coherence: Some(coherence),
            ..
        } => {
            if !denoiser.pointwise() {
                return refuse(
                    "coherence is for pointwise bundles; the samples of this joint one are consistent by themselves, and correlated \
                     noise would make them worse",
                );
            }
            if coherence.tokens() != tokens {
                return refuse(format!(
                    "coherence was set up for {} frames, but there are {tokens}",
                    coherence.tokens()
                ));
            }
        }
        Noise::Seeded { .. } => {}
        Noise::Given { initial, steps } => {
            if initial.dim() != (samples, tokens) {
                return refuse(format!(
                    "the initial noise has shape {:?}, but [{samples}, {tokens}] is needed",
                    initial.shape()
                ));
            }
            let (rows, more_samples, more_tokens) = steps.dim();
            if rows < plan.updates() || (more_samples, more_tokens) != (samples, tokens) {
                return refuse(format!(
                    "the step noise has shape {:?}, but [{}, {samples}, {tokens}] is needed",
                    steps.shape(),
                    plan.steps.len()
                ));
            }
            if initial.iter().chain(steps).any(|value| !value.is_finite()) {
                return refuse("the given noise has values that are not finite");
            }
        }
    }
    Ok(())
}
