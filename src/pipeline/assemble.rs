//! From sampled scores to a [`Draw`]: selection, statistics, alternatives.

use std::sync::Arc;

use ndarray::Array2;

use super::statistics::{ScoreBand, score_band};
use crate::analysis;
use crate::domain::{Draw, DrawSettings, FrameIndex, Segment};
use crate::summary::Selector;

/// The video as selection sees it.
#[derive(Clone, Debug)]
pub struct Timeline {
    pub index: Arc<FrameIndex>,
    /// Frame number of each pick, length N.
    pub picks: Arc<[u64]>,
    pub segments: Arc<[Segment]>,
}

/// Samples of one draw with everything that does not depend on the budget, kept while the budget slider moves.
#[derive(Debug)]
pub struct ScoredSamples {
    scores: Arc<Array2<f32>>,
    settings: DrawSettings,
    partial: bool,
    band: ScoreBand,
    selector: Selector,
    segment_secs: Vec<f64>,
}

impl ScoredSamples {
    /// `scores`: float32 [S, N], one row a sample.
    pub fn new(
        timeline: &Timeline,
        scores: Arc<Array2<f32>>,
        settings: DrawSettings,
        partial: bool,
    ) -> Self {
        let frame_count = timeline.index.len();
        let selector = Selector::new(
            scores.view(),
            &timeline.picks,
            &timeline.segments,
            frame_count,
        );
        Self {
            band: score_band(scores.view()),
            selector,
            segment_secs: timeline
                .segments
                .iter()
                .map(Segment::duration_secs)
                .collect(),
            scores,
            settings,
            partial,
        }
    }

    /// Selects a summary of each sample within the budget, and describes them together.
    pub fn select(&self, budget: f64) -> Draw {
        let selections = self.selector.select(budget);
        let alternatives = analysis::cluster::alternatives(&selections.chosen, &self.segment_secs);
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
            mean_scores: self.band.mean.clone(),
            low_scores: self.band.low.clone(),
            high_scores: self.band.high.clone(),
            alternatives,
        }
    }
}
