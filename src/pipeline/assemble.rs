//! From sampled scores to a [`Draw`]: selection, statistics, alternatives.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2};

use super::statistics::{ScoreBand, score_band};
use crate::analysis::conditioning::conditioned_mean;
use crate::analysis::kinds::{self, Assignment, SegmentTraits};
use crate::analysis::steering::{answers, weights};
use crate::domain::{
    Alternative, Draw, DrawSettings, FrameIndex, Kinds, Segment, SteeredSegments, Steering,
};
use crate::summary::Selector;

/// The video as selection sees it.
#[derive(Clone, Debug)]
pub struct Timeline {
    pub index: Arc<FrameIndex>,
    /// Frame number of each pick, length N.
    pub picks: Arc<[u64]>,
    pub segments: Arc<[Segment]>,
    /// What each segment shows, as far as features show; empty where there are none.
    pub traits: Arc<[SegmentTraits]>,
}

impl Timeline {
    /// Segment values and summaries of scores float32 [S, N].
    pub fn selector(&self, scores: ArrayView2<'_, f32>) -> Selector {
        Selector::new(scores, &self.picks, &self.segments, self.index.len())
    }
}

/// Samples of one draw with everything that does not depend on the budget, kept while the budget
/// slider moves.
#[derive(Debug)]
pub struct ScoredSamples {
    timeline: Timeline,
    scores: Arc<Array2<f32>>,
    settings: DrawSettings,
    partial: bool,
    band: ScoreBand,
    selector: Selector,
    kinds: Arc<Kinds>,
    /// Of the kinds' mean scores.
    faces: Selector,
    assignment: Assignment,
    steered: Option<Steered>,
}

/// What steering does to the samples.
#[derive(Debug)]
struct Steered {
    conditions: SteeredSegments,
    weights: Vec<f64>,
    /// Importance score of each pick that the answers make most likely.
    mean: Vec<f32>,
}

impl Steered {
    /// `None` where nothing was stated.
    ///
    /// What the samples were drawn under is in them already and does not weigh them again.
    fn new(
        settings: &DrawSettings,
        timeline: &Timeline,
        scores: ArrayView2<'_, f32>,
    ) -> Option<Self> {
        let steering = &settings.steering;
        if steering.is_empty() {
            return None;
        }
        let times: Vec<f64> = (timeline.picks.iter())
            .map(|&frame| timeline.index.secs_from_frame(frame))
            .collect();
        let answers = answers(&steering.without(&settings.drawn_under), &times);
        let rows: Vec<Vec<f32>> = scores.outer_iter().map(|row| row.to_vec()).collect();
        Some(Self {
            conditions: steering.conditions(&timeline.segments),
            weights: weights(rows.iter().map(Vec::as_slice), &answers),
            mean: conditioned_mean(scores, &times, &answers),
        })
    }
}

impl ScoredSamples {
    /// `scores`: float32 [S, N], one row a sample; `kinds`: what the samples are assigned to.
    pub fn new(
        timeline: &Timeline,
        scores: Arc<Array2<f32>>,
        settings: DrawSettings,
        partial: bool,
        kinds: Arc<Kinds>,
    ) -> Self {
        let selector = timeline.selector(scores.view());
        let nothing = Array2::zeros((0, scores.ncols()));
        Self {
            band: score_band(scores.view()),
            faces: timeline.selector(nothing.view()),
            assignment: Assignment::default(),
            kinds: Arc::default(),
            steered: Steered::new(&settings, timeline, scores.view()),
            timeline: timeline.clone(),
            selector,
            scores,
            settings,
            partial,
        }
        .with_kinds(kinds)
    }

    /// The budget of the settings that the samples were drawn with.
    pub fn budget(&self) -> f64 {
        self.settings.budget
    }

    /// The same samples, assigned to other kinds.
    pub fn with_kinds(self, kinds: Arc<Kinds>) -> Self {
        let mut faces = Array2::zeros((kinds.kinds.len(), self.scores.ncols()));
        for (mut row, kind) in faces.outer_iter_mut().zip(&kinds.kinds) {
            // A kind of other picks would be a fault of the caller's; what there is stands.
            for (to, from) in row.iter_mut().zip(&kind.scores) {
                *to = *from;
            }
        }
        let faces = self.timeline.selector(faces.view());
        Self {
            assignment: kinds::assign(self.selector.values(), faces.values(), self.weights()),
            faces,
            kinds,
            ..self
        }
    }

    /// The same samples and kinds under another steering.
    pub fn with_steering(mut self, steering: Steering) -> Self {
        self.settings.steering = steering;
        self.steered = Steered::new(&self.settings, &self.timeline, self.scores.view());
        let kinds = Arc::clone(&self.kinds);
        self.with_kinds(kinds)
    }

    fn weights(&self) -> Option<&[f64]> {
        self.steered
            .as_ref()
            .map(|steered| steered.weights.as_slice())
    }

    /// Selects a summary of each sample within the budget, and describes them together.
    pub fn select(&self, budget: f64) -> Draw {
        let nothing = SteeredSegments::default();
        let conditions = self.steered.as_ref().map_or(&nothing, |s| &s.conditions);
        let selections = self
            .selector
            .select_under(budget, conditions, self.weights());
        Draw {
            settings: DrawSettings {
                budget,
                ..self.settings.clone()
            },
            partial: self.partial,
            scores: Arc::clone(&self.scores),
            selections: Arc::new(selections.chosen),
            durations_secs: selections.durations_secs,
            selection_frequency: selections.frequency,
            mean_scores: self.mean_scores(),
            low_scores: self.band.low.clone(),
            high_scores: self.band.high.clone(),
            alternatives: self.alternatives(budget, conditions),
            weights: self.weights().map(Into::into),
            coverage: self.assignment.coverage,
            kinds_settled: self.kinds.settled,
        }
    }

    /// The mean of the samples, conditioned on what the viewer answered.
    fn mean_scores(&self) -> Vec<f32> {
        let mean = self.steered.as_ref().map(|steered| &steered.mean);
        mean.unwrap_or(&self.band.mean).clone()
    }

    fn alternatives(&self, budget: f64, conditions: &SteeredSegments) -> Vec<Alternative> {
        if self.scores.nrows() == 0 {
            return Vec::new();
        }
        let faces = self.faces.select_under(budget, conditions, None);
        let labels: Vec<String> = (self.kinds.kinds.iter())
            .map(|kind| kind.letter.label())
            .collect();
        let lines = kinds::distinguishing_lines(
            &faces.chosen,
            &labels,
            &self.timeline.segments,
            &self.timeline.traits,
        );
        let described = labels.into_iter().zip(lines).zip(faces.chosen).enumerate();
        described
            .map(
                |(at, ((label, distinguishes), selected_segments))| Alternative {
                    label,
                    medoid_sample: self.assignment.nearest_sample[at],
                    share: self.assignment.shares[at],
                    share_error: self.assignment.share_errors[at],
                    members: (0..self.scores.nrows())
                        .filter(|&sample| self.assignment.kind_of[sample] == at)
                        .collect(),
                    coverage: self.assignment.kind_coverage[at],
                    scores: self.kinds.kinds[at].scores.clone(),
                    selected_segments,
                    duration_secs: faces.durations_secs[at],
                    distinguishes,
                    naming: Default::default(),
                },
            )
            .collect()
    }
}
