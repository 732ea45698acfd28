//! Drawing importance scores for one prepared video, again and again, with results as they come.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::{Array2, Axis, s};

use super::PipelineError;
use super::event::Capabilities;
use super::imposing;
use crate::analysis::raters::SHOT_SECS;
use crate::diffusion::{
    Coherence, Denoiser, Imposed, Noise, SampleRequest, Sampler, SelfAttentionGuidance, Solver,
};
use crate::domain::analysis::MOST_SAMPLE_SCORES;
use crate::domain::{BundleDefaults, DrawSettings, Features, Steering};
use crate::inference::{Network, Scorer, VideoDenoiser};
use crate::jobs::{CancelToken, Progress, StageClock};

/// Least time between two partial results; each is selected, clustered and painted.
const PARTIAL_EVERY: Duration = Duration::from_millis(200);

/// News of a draw.
#[derive(Debug)]
pub enum SamplingNews {
    /// The samples so far, float32 [S so far, N].
    Scores(Arc<Array2<f32>>),
    Progress(Progress),
}

/// The networks of a bundle, given one video.
#[derive(Debug)]
pub struct SamplingSession {
    source: Source,
    /// For each pick the network's row whose score it carries, where the video is sampled more
    /// densely than the network asks.
    row_of_picks: Option<Vec<usize>>,
    pick_times_secs: Vec<f64>,
}

#[derive(Debug)]
enum Source {
    Diffusion {
        denoiser: VideoDenoiser,
        sampler: Sampler,
        token_times_secs: Vec<f64>,
        stated: BundleDefaults,
    },
    /// A deterministic scorer: one "sample", the same for any seed.
    Scorer(Arc<Array2<f32>>),
    /// Chance: the two-second shot that each pick lies in.
    Random { shot_of_pick: Vec<usize> },
}

impl SamplingSession {
    pub(super) fn of_network(
        network: &Arc<Network>,
        features: &Features,
    ) -> Result<Self, PipelineError> {
        let seen = features.for_network();
        let denoiser = network.condition(seen.values.view())?;
        Ok(Self {
            row_of_picks: features.network_row_of_picks(),
            pick_times_secs: features.pick_times_secs.clone(),
            source: Source::Diffusion {
                sampler: Sampler::new(network.schedule()),
                stated: network.defaults(),
                token_times_secs: denoiser.token_times_secs(&seen.pick_times_secs),
                denoiser,
            },
        })
    }

    pub(super) fn of_scorer(scorer: &Scorer, features: &Features) -> Result<Self, PipelineError> {
        let scores = scorer.score(features.for_network().values.view())?;
        let row = ndarray::Array1::from_vec(scores).insert_axis(ndarray::Axis(0));
        let rows = features.network_row_of_picks();
        Ok(Self {
            source: Source::Scorer(Arc::new(on_picks(row, rows.as_deref()))),
            row_of_picks: None,
            pick_times_secs: features.pick_times_secs.clone(),
        })
    }

    pub(super) fn random(features: &Features) -> Self {
        let shot_of = |secs: &f64| (secs / SHOT_SECS + 1e-9).floor().max(0.0) as usize;
        Self {
            row_of_picks: None,
            pick_times_secs: features.pick_times_secs.clone(),
            source: Source::Random {
                shot_of_pick: features.pick_times_secs.iter().map(shot_of).collect(),
            },
        }
    }

    /// Which controls the bundle answers to.
    pub fn capabilities(&self) -> Capabilities {
        match &self.source {
            Source::Scorer(_) => Capabilities::default(),
            Source::Random { .. } => Capabilities {
                samples: true,
                ..Capabilities::default()
            },
            Source::Diffusion { denoiser, .. } => Capabilities {
                samples: true,
                guidance: denoiser.has_null(),
                coherence: denoiser.pointwise(),
                attention: denoiser.has_attention(),
            },
        }
    }

    /// Number of picks, N.
    pub fn picks(&self) -> usize {
        if let Some(rows) = &self.row_of_picks {
            return rows.len();
        }
        match &self.source {
            Source::Diffusion { denoiser, .. } => denoiser.picks(),
            Source::Scorer(scores) => scores.ncols(),
            Source::Random { shot_of_pick } => shot_of_pick.len(),
        }
    }

    /// Number of score tokens, M, that a sample costs; 1 where it costs nothing.
    pub fn tokens(&self) -> usize {
        match &self.source {
            Source::Diffusion { denoiser, .. } => denoiser.tokens(),
            Source::Scorer(_) | Source::Random { .. } => 1,
        }
    }

    /// What the bundle states of sampling; `None` where it draws no samples of its own.
    pub fn stated(&self) -> Option<BundleDefaults> {
        match &self.source {
            Source::Diffusion { stated, .. } => Some(*stated),
            Source::Scorer(_) | Source::Random { .. } => None,
        }
    }

    /// The settings with what the bundle states where they follow it, and with those switched off
    /// that the bundle does not know, as the window's greyed controls say.
    pub fn allowed(&self, settings: &DrawSettings) -> DrawSettings {
        let mut settings = settings.clone();
        if let Some(stated) = self.stated() {
            settings.follow(&stated);
        }
        self.capabilities().allowed(&settings)
    }

    /// Fails where so many samples of this video are more than memory is meant to hold.
    fn check_size(&self, samples: usize) -> Result<(), PipelineError> {
        let picks = match &self.source {
            Source::Scorer(_) => return Ok(()),
            Source::Random { shot_of_pick } => shot_of_pick.len(),
            Source::Diffusion { denoiser, .. } => denoiser.picks(),
        };
        if samples.saturating_mul(picks) <= MOST_SAMPLE_SCORES {
            return Ok(());
        }
        Err(PipelineError::TooManyScores {
            samples,
            picks,
            most: MOST_SAMPLE_SCORES,
            fewer: MOST_SAMPLE_SCORES / picks.max(1),
        })
    }

    /// The scores of the network's tokens that are known under the answers.
    fn imposed(&self, drawn_under: &Steering) -> Option<Imposed> {
        let Source::Diffusion { denoiser, .. } = &self.source else {
            return None;
        };
        let stride = denoiser.stride().max(1);
        let tokens: Vec<usize> = (0..self.picks())
            .map(|pick| {
                let rows = self.row_of_picks.as_ref();
                rows.map_or(pick, |rows| rows[pick]) / stride
            })
            .collect();
        imposing::imposed(
            drawn_under,
            &self.pick_times_secs,
            &tokens,
            denoiser.tokens(),
        )
    }

    /// Draws samples, float32 [S, N]; `on_news` gets the first ones early and of more as they come.
    ///
    /// # Errors
    /// A sentence for settings the bundle does not allow, the network's failure, or cancelled.
    pub fn draw(
        &mut self,
        settings: &DrawSettings,
        cancel: &CancelToken,
        on_news: &mut dyn FnMut(SamplingNews),
    ) -> Result<Arc<Array2<f32>>, PipelineError> {
        self.draw_from(0, settings, cancel, on_news)
    }

    /// As [`Self::draw`], from sample number `first` on: a draw of many samples in parts.
    ///
    /// # Errors
    /// As [`Self::draw`].
    pub fn draw_from(
        &mut self,
        first: usize,
        settings: &DrawSettings,
        cancel: &CancelToken,
        on_news: &mut dyn FnMut(SamplingNews),
    ) -> Result<Arc<Array2<f32>>, PipelineError> {
        self.check_size(settings.samples)?;
        let imposed = self.imposed(&settings.drawn_under);
        let (denoiser, sampler, token_times_secs) = match &mut self.source {
            Source::Scorer(scores) => return Ok(Arc::clone(scores)),
            Source::Random { shot_of_pick } => {
                let mut scores = random_scores(shot_of_pick, first, settings);
                let known = imposing::on_picks(&settings.drawn_under, &self.pick_times_secs);
                for (pick, score) in known.into_iter().enumerate() {
                    if let Some(score) = score {
                        scores.column_mut(pick).fill(score);
                    }
                }
                return Ok(Arc::new(scores));
            }
            Source::Diffusion {
                denoiser,
                sampler,
                token_times_secs,
                ..
            } => (denoiser, sampler, token_times_secs),
        };
        let request = SampleRequest {
            first_sample: first,
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
            imposed,
        };
        let clock = StageClock::start("Drawing samples");
        let total = settings.samples as u64;
        let row_of_picks = self.row_of_picks.as_deref();
        let mut so_far = Array2::<f32>::zeros((settings.samples, denoiser.picks()));
        let mut reported: Option<Instant> = None;
        let scores = sampler.sample(denoiser, &request, cancel, &mut |range, rows| {
            so_far.slice_mut(s![range.clone(), ..]).assign(&rows);
            on_news(SamplingNews::Progress(clock.at(range.end as u64, total)));
            let due = reported.is_none_or(|at| at.elapsed() >= PARTIAL_EVERY);
            if due && range.end < settings.samples {
                let scores = so_far.slice(s![..range.end, ..]).to_owned();
                on_news(SamplingNews::Scores(Arc::new(on_picks(
                    scores,
                    row_of_picks,
                ))));
                reported = Some(Instant::now());
            }
        })?;
        Ok(Arc::new(on_picks(scores, row_of_picks)))
    }
}

/// Scores of the network's rows, [S, rows], as scores of the picks, [S, N]: each pick carries its
/// row's.
fn on_picks(scores: Array2<f32>, row_of_picks: Option<&[usize]>) -> Array2<f32> {
    match row_of_picks {
        Some(rows) => scores.select(Axis(1), rows),
        None => scores,
    }
}

/// Independent uniform scores, one for each shot of each sample, float32 [S, N].
fn random_scores(shot_of_pick: &[usize], first: usize, settings: &DrawSettings) -> Array2<f32> {
    use rand::{Rng, SeedableRng};

    let shots = shot_of_pick.iter().max().map_or(0, |last| last + 1);
    let mut scores = Array2::zeros((settings.samples, shot_of_pick.len()));
    for (sample, mut row) in scores.outer_iter_mut().enumerate() {
        // A stream of its own, so that a sample is the same however many there are.
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(settings.seed);
        rng.set_stream((first + sample) as u64);
        let of_shot: Vec<f32> = (0..shots).map(|_| rng.random::<f32>()).collect();
        for (score, &shot) in row.iter_mut().zip(shot_of_pick) {
            *score = of_shot[shot];
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_scores_than_are_held_are_refused_with_a_number_that_works() {
        let mut session = SamplingSession {
            row_of_picks: None,
            pick_times_secs: Vec::new(),
            source: Source::Random {
                shot_of_pick: vec![0; 7200],
            },
        };
        let mut draw = |samples| {
            let settings = DrawSettings {
                samples,
                ..DrawSettings::default()
            };
            session.draw(&settings, &CancelToken::new(), &mut |_| ())
        };
        let refused = draw(100_000).unwrap_err().to_string();
        assert!(refused.contains("at most 9320 samples"), "{refused}");
        assert_eq!(draw(10).unwrap().dim(), (10, 7200));
    }

    #[test]
    fn chance_gives_each_shot_one_score_and_equal_seeds_equal_samples() {
        let features = Features {
            values: Array2::zeros((12, 0)),
            picks: (0..12).map(|pick| pick * 15).collect(),
            pick_times_secs: (0..12).map(|pick| f64::from(pick) / 2.0).collect(),
            network_rows: Vec::new(),
        };
        let draw = |seed, samples| {
            let settings = DrawSettings {
                seed,
                samples,
                ..DrawSettings::default()
            };
            let mut session = SamplingSession::random(&features);
            session
                .draw(&settings, &CancelToken::new(), &mut |_| ())
                .unwrap()
        };
        let scores = draw(3, 5);
        assert_eq!(scores.dim(), (5, 12));
        for row in scores.outer_iter() {
            let shots: Vec<f32> = row.iter().step_by(4).copied().collect();
            assert!(row.iter().enumerate().all(|(at, &v)| v == shots[at / 4]));
            assert!(shots[0] != shots[1] && (0.0..1.0).contains(&shots[2]));
        }
        assert_eq!(draw(3, 2).row(1), scores.row(1));
        assert_ne!(draw(4, 5).row(0), scores.row(0));
    }
}
