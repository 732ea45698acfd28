//! A row of an evaluation: a bundle with its settings, or one that needs no network.

use std::sync::Arc;

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{EvaluationError, EvaluationPlan};
use crate::analysis::evaluation::{
    VideoEvaluation, evaluate_consensus, evaluate_humans, evaluate_video, mean_of_annotators,
    picks_per_sec,
};
use crate::analysis::raters::SHOT_SECS;
use crate::diffusion::{Noise, SampleError, SampleRequest, Sampler, SelfAttentionGuidance, Solver};
use crate::domain::VideoRecord;
use crate::domain::{BundleRef, DevicePreference, SamplingMethod};
use crate::inference::manifest::TrainingRecord;
use crate::inference::{Bundle, BundleKind, Network, Scorer};
use crate::jobs::CancelToken;
use crate::pipeline::PipelineError;

/// Rows that need no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// A uniformly random score at every pick.
    Random,
    /// One uniformly random score for each two-second shot.
    UniformRandom,
    /// Annotators judged by each other.
    Human,
    /// The mean of all annotators, which has seen what it is judged by.
    Mean,
    /// Every annotator predicted by the mean of the others.
    Consensus,
}

impl Row {
    pub const ALL: [Self; 5] = [
        Self::Random,
        Self::UniformRandom,
        Self::Human,
        Self::Mean,
        Self::Consensus,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Random => "Random",
            Self::UniformRandom => "Uniform-Random",
            Self::Human => "Human",
            Self::Mean => "Mean of annotators",
            Self::Consensus => "Consensus of the others",
        }
    }

    /// Whether it is a method that summarises, rather than people themselves.
    pub fn competes(self) -> bool {
        matches!(self, Self::Random | Self::UniformRandom)
    }
}

/// Sampling settings; `None` for what the bundle states.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetworkSettings {
    pub steps: Option<usize>,
    pub guidance: Option<f64>,
    pub eta: Option<f64>,
    /// Strength of self-attention guidance; 0 for none.
    pub sag: f64,
}

/// Every combination of the given values; an empty list stands for what the bundle states.
pub fn grid(steps: &[usize], guidance: &[f64], eta: &[f64], sag: &[f64]) -> Vec<NetworkSettings> {
    fn or_stated<T: Copy>(values: &[T]) -> Vec<Option<T>> {
        if values.is_empty() {
            vec![None]
        } else {
            values.iter().copied().map(Some).collect()
        }
    }
    let mut all = Vec::new();
    for steps in or_stated(steps) {
        for guidance in or_stated(guidance) {
            for eta in or_stated(eta) {
                for sag in or_stated(sag) {
                    all.push(NetworkSettings {
                        steps,
                        guidance,
                        eta,
                        sag: sag.unwrap_or(0.0),
                    });
                }
            }
        }
    }
    all
}

/// What scores a video.
#[derive(Clone, Debug)]
pub enum MethodSource {
    Samples(Arc<Network>, NetworkSettings),
    Scorer(Arc<Scorer>),
    Row(Row),
}

/// A method of the table.
#[derive(Clone, Debug)]
pub struct EvaluatedMethod {
    name: String,
    source: MethodSource,
    bundle: Option<BundleRef>,
    training: Option<TrainingRecord>,
    /// Whether it tests on the videos that its own split holds out, and on no others.
    by_own_split: bool,
}

impl EvaluatedMethod {
    /// Loads a bundle once for each of its settings. `vary` adds the settings to the names.
    ///
    /// # Errors
    /// When a network is missing or faulty, or ONNX Runtime is absent.
    pub fn open(
        bundle: &Bundle,
        device: DevicePreference,
        settings: &[NetworkSettings],
        by_own_split: bool,
    ) -> Result<Vec<Self>, PipelineError> {
        let of = |name: String, source| Self {
            name,
            source,
            bundle: Some(bundle.reference()),
            training: bundle.manifest().training.clone(),
            by_own_split,
        };
        let name = bundle.manifest().name.clone();
        if bundle.manifest().kind == BundleKind::Scorer {
            let scorer = Arc::new(Scorer::open(bundle, device)?);
            return Ok(vec![of(name, MethodSource::Scorer(scorer))]);
        }
        let network = Arc::new(Network::open(bundle, device)?);
        Ok(settings
            .iter()
            .map(|&settings| {
                let name = format!("{name}{}", varied(&settings));
                of(name, MethodSource::Samples(Arc::clone(&network), settings))
            })
            .collect())
    }

    /// A row that needs no network.
    pub fn row(row: Row) -> Self {
        Self {
            name: row.title().to_owned(),
            source: MethodSource::Row(row),
            bundle: None,
            training: None,
            by_own_split: false,
        }
    }

    /// The same under another name: of a row that several bundles make together.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn source(&self) -> &MethodSource {
        &self.source
    }

    pub fn bundle(&self) -> Option<&BundleRef> {
        self.bundle.as_ref()
    }

    pub(super) fn training(&self) -> Option<&TrainingRecord> {
        self.training.as_ref()
    }

    /// Test videos of its own split, where it goes by that; empty otherwise.
    pub(super) fn own_test_keys(&self) -> &[String] {
        match &self.training {
            Some(training) if self.by_own_split => &training.test_keys,
            _ => &[],
        }
    }

    /// Number of seeds that make a difference to it.
    pub(super) fn seeds(&self, wanted: u64) -> u64 {
        match self.source {
            MethodSource::Samples(..) | MethodSource::Row(Row::Random | Row::UniformRandom) => {
                wanted.max(1)
            }
            MethodSource::Scorer(_) | MethodSource::Row(_) => 1,
        }
    }

    /// Settings in force, for provenance; `None` without a sampler.
    pub fn settings(&self) -> Option<NetworkSettings> {
        let MethodSource::Samples(network, settings) = &self.source else {
            return None;
        };
        let stated = network.defaults();
        Some(NetworkSettings {
            steps: settings.steps.or(Some(stated.steps)),
            guidance: settings.guidance.or(Some(stated.guidance)),
            eta: settings.eta.or(Some(stated.eta)),
            sag: settings.sag,
        })
    }

    /// Scores of a video at its picks, float32 [S, N]; `None` for the rows of people that predict
    /// nothing.
    ///
    /// # Errors
    /// When the features do not fit the network, it fails, or the work was cancelled.
    pub fn scores(
        &self,
        record: &VideoRecord,
        plan: &EvaluationPlan,
        seed: u64,
        cancel: &CancelToken,
    ) -> Result<Option<Array2<f32>>, EvaluationError> {
        let one = |scores: Vec<f32>| {
            let columns = scores.len();
            Array2::from_shape_vec((1, columns), scores).unwrap_or_default()
        };
        Ok(match &self.source {
            MethodSource::Samples(network, _) => {
                Some(self.sampled(network, record, plan, seed, cancel)?)
            }
            MethodSource::Scorer(scorer) => {
                let scores = scorer.score(record.features.view());
                Some(one(scores.map_err(|err| self.fault(record, err))?))
            }
            MethodSource::Row(Row::Random) => Some(random_scores(record, plan.samples, 1, seed)),
            MethodSource::Row(Row::UniformRandom) => {
                let shot = (SHOT_SECS * picks_per_sec(record)).round().max(1.0) as usize;
                Some(random_scores(record, plan.samples, shot, seed))
            }
            MethodSource::Row(Row::Mean) => mean_of_annotators(record, plan.params.kind).map(one),
            MethodSource::Row(Row::Human | Row::Consensus) => None,
        })
    }

    /// Measures one video.
    ///
    /// # Errors
    /// As [`Self::scores`].
    pub(super) fn evaluate(
        &self,
        record: &VideoRecord,
        plan: &EvaluationPlan,
        seed: u64,
        cancel: &CancelToken,
    ) -> Result<VideoEvaluation, EvaluationError> {
        if let MethodSource::Row(Row::Human) = self.source {
            return Ok(evaluate_humans(record, &plan.params));
        }
        Ok(match self.scores(record, plan, seed, cancel)? {
            Some(scores) => evaluate_video(record, scores.view(), &plan.params),
            None => evaluate_consensus(record, &plan.params),
        })
    }

    fn sampled(
        &self,
        network: &Arc<Network>,
        record: &VideoRecord,
        plan: &EvaluationPlan,
        seed: u64,
        cancel: &CancelToken,
    ) -> Result<Array2<f32>, EvaluationError> {
        let video = network
            .condition(record.features.view())
            .map_err(|err| self.fault(record, err))?;
        let settings = self.settings().unwrap_or_default();
        let stated = network.defaults();
        let request = SampleRequest {
            imposed: None,
            first_sample: 0,
            samples: plan.samples,
            steps: settings.steps.unwrap_or(stated.steps),
            eta: settings.eta.unwrap_or(stated.eta),
            guidance: settings.guidance.unwrap_or(stated.guidance),
            sag: SelfAttentionGuidance::with_strength(settings.sag),
            variant: plan.params.variant,
            solver: Solver::Ddim,
            method: SamplingMethod::Auto,
            noise: Noise::Seeded {
                seed,
                coherence: None,
            },
        };
        Sampler::new(network.schedule())
            .sample(&video, &request, cancel, &mut |_, _| ())
            .map_err(|err| match err {
                SampleError::Cancelled => EvaluationError::Cancelled,
                err => self.fault(record, err),
            })
    }

    fn fault(&self, record: &VideoRecord, err: impl std::fmt::Display) -> EvaluationError {
        EvaluationError::Video {
            path: self.name.clone().into(),
            key: record.key.clone(),
            reason: err.to_string(),
        }
    }
}

/// The settings that differ from what the bundle states, for a name: " (steps 5, guidance 0.5)".
fn varied(settings: &NetworkSettings) -> String {
    let mut words = Vec::new();
    if let Some(steps) = settings.steps {
        words.push(format!("steps {steps}"));
    }
    if let Some(guidance) = settings.guidance {
        words.push(format!("guidance {guidance}"));
    }
    if let Some(eta) = settings.eta {
        words.push(format!("η {eta}"));
    }
    if settings.sag != 0.0 {
        words.push(format!("self-attention {}", settings.sag));
    }
    if words.is_empty() {
        String::new()
    } else {
        format!(" ({})", words.join(", "))
    }
}

/// Uniform scores, float32 [samples, picks], one for each run of `shot` picks.
fn random_scores(record: &VideoRecord, samples: usize, shot: usize, seed: u64) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let picks = record.picks.len();
    let shots = picks.div_ceil(shot.max(1));
    let drawn: Vec<f32> = (0..samples * shots).map(|_| rng.random()).collect();
    Array2::from_shape_fn((samples, picks), |(sample, pick)| {
        drawn[sample * shots + pick / shot.max(1)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_holds_every_combination_once() {
        assert_eq!(grid(&[], &[], &[], &[]), [NetworkSettings::default()]);
        let all = grid(&[5, 10], &[0.0, 0.5], &[], &[0.0, 1.0]);
        assert_eq!(all.len(), 8);
        assert_eq!(
            varied(&all[7]),
            " (steps 10, guidance 0.5, self-attention 1)"
        );
    }

    #[test]
    fn random_shots_hold_their_score() {
        let record = VideoRecord {
            picks: (0..10).collect(),
            ..VideoRecord::default()
        };
        let scores = random_scores(&record, 2, 4, 0);
        assert_eq!(scores.dim(), (2, 10));
        assert_eq!(scores[[0, 0]], scores[[0, 3]]);
        assert_ne!(scores[[0, 3]], scores[[0, 4]]);
        assert_ne!(scores.row(0), scores.row(1));
    }
}
