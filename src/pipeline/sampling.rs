//! Drawing importance scores for one prepared video, again and again, with results as they come.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::{Array2, s};

use super::PipelineError;
use super::prepare::Prepared;
use crate::diffusion::{
    Coherence, Denoiser, Noise, SampleRequest, Sampler, SelfAttentionGuidance, Solver,
};
use crate::domain::DrawSettings;
use crate::inference::{BundleKind, Network, Scorer, VideoDenoiser};
use crate::jobs::{CancelToken, Progress, StageClock};

/// Least time between two partial results; each is selected, clustered and painted.
const PARTIAL_EVERY: Duration = Duration::from_millis(200);

/// News of a draw.
#[derive(Debug)]
pub enum News {
    /// The samples so far, float32 [S so far, N].
    Scores(Arc<Array2<f32>>),
    Progress(Progress),
}

/// Which controls a bundle answers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether samples are drawn at all; a deterministic scorer gives one.
    pub samples: bool,
    /// Classifier-free guidance: the bundle has a null video.
    pub guidance: bool,
    /// Coherent noise: the denoiser is pointwise.
    pub coherence: bool,
    /// Self-attention guidance: the denoiser gives its attention.
    pub attention: bool,
}

/// The networks of a bundle, given one video.
#[derive(Debug)]
pub struct SamplingSession {
    source: Source,
}

#[derive(Debug)]
enum Source {
    Diffusion {
        denoiser: VideoDenoiser,
        sampler: Sampler,
        token_times_secs: Vec<f64>,
    },
    /// A deterministic scorer: one "sample", the same for any seed.
    Scorer(Arc<Array2<f32>>),
}

impl SamplingSession {
    /// Loads the bundle's networks and encodes the video once.
    ///
    /// # Errors
    /// When a network is missing, faulty, or does not fit the features.
    pub fn open(prepared: &Prepared) -> Result<Self, PipelineError> {
        let features = prepared.features.values.view();
        let source = match prepared.bundle.manifest().kind {
            BundleKind::Scorer => {
                let scorer = Scorer::open(&prepared.bundle, prepared.preference)?;
                let scores = scorer.score(features)?;
                let row = ndarray::Array1::from_vec(scores).insert_axis(ndarray::Axis(0));
                Source::Scorer(Arc::new(row))
            }
            // A bundle of an extractor alone is told by the missing network.
            BundleKind::Summdiff | BundleKind::Extractor => {
                let network = Arc::new(Network::open(&prepared.bundle, prepared.preference)?);
                let denoiser = network.condition(features)?;
                Source::Diffusion {
                    sampler: Sampler::new(network.schedule()),
                    token_times_secs: denoiser.token_times_secs(&prepared.features.pick_times_secs),
                    denoiser,
                }
            }
        };
        Ok(Self { source })
    }

    /// Which controls the bundle answers to.
    pub fn capabilities(&self) -> Capabilities {
        match &self.source {
            Source::Scorer(_) => Capabilities::default(),
            Source::Diffusion { denoiser, .. } => Capabilities {
                samples: true,
                guidance: denoiser.has_null(),
                coherence: denoiser.pointwise(),
                attention: denoiser.has_attention(),
            },
        }
    }

    /// The settings with those switched off that the bundle does not know, as the window's greyed controls say.
    pub fn allowed(&self, settings: &DrawSettings) -> DrawSettings {
        let capabilities = self.capabilities();
        let only = |allowed: bool, value: f64| if allowed { value } else { 0.0 };
        DrawSettings {
            samples: if capabilities.samples {
                settings.samples
            } else {
                1
            },
            guidance: only(capabilities.guidance, settings.guidance),
            coherence_secs: only(capabilities.coherence, settings.coherence_secs),
            sag: only(capabilities.attention, settings.sag),
            ..settings.clone()
        }
    }

    /// Draws samples, float32 [S, N]; `tell` hears of the first ones early and of more as they come.
    ///
    /// # Errors
    /// A sentence for settings the bundle does not allow, the network's failure, or cancelled.
    pub fn draw(
        &mut self,
        settings: &DrawSettings,
        cancel: &CancelToken,
        tell: &mut dyn FnMut(News),
    ) -> Result<Arc<Array2<f32>>, PipelineError> {
        let (denoiser, sampler, token_times_secs) = match &mut self.source {
            Source::Scorer(scores) => return Ok(Arc::clone(scores)),
            Source::Diffusion {
                denoiser,
                sampler,
                token_times_secs,
            } => (denoiser, sampler, token_times_secs),
        };
        let request = SampleRequest {
            samples: settings.samples,
            steps: settings.steps,
            eta: settings.eta,
            guidance: settings.guidance,
            sag: SelfAttentionGuidance::with_strength(settings.sag),
            variant: settings.variant,
            solver: Solver::Ddim,
            method: settings.method,
            noise: Noise::Seeded {
                seed: settings.seed,
                coherence: Coherence::new(settings.coherence_secs, token_times_secs),
            },
        };
        let clock = StageClock::start("Drawing samples");
        let total = settings.samples as u64;
        let mut so_far = Array2::<f32>::zeros((settings.samples, denoiser.picks()));
        let mut told: Option<Instant> = None;
        let scores = sampler.sample(denoiser, &request, cancel, &mut |range, rows| {
            so_far.slice_mut(s![range.clone(), ..]).assign(&rows);
            tell(News::Progress(clock.at(range.end as u64, total)));
            let due = told.is_none_or(|at| at.elapsed() >= PARTIAL_EVERY);
            if due && range.end < settings.samples {
                let rows = so_far.slice(s![..range.end, ..]).to_owned();
                tell(News::Scores(Arc::new(rows)));
                told = Some(Instant::now());
            }
        })?;
        Ok(Arc::new(scores))
    }
}
