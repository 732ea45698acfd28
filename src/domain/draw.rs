//! The working set the views read: one draw of samples over one video, with the statistics every
//! view needs. Does not compute selections or clusters (see `summary` and `analysis`).

use std::sync::Arc;

use ndarray::Array2;

use super::analysis::Alternative;
use super::kinds::Letter;
use super::segment::Segment;
use super::settings::DrawSettings;

/// A draw: S sampled importance scores, the summaries selected from them, and what they have in
/// common.
///
/// Immutable once built; a changed setting makes a new one while the old one stays on screen.
#[derive(Clone, Debug)]
pub struct Draw {
    pub settings: DrawSettings,
    /// Whether more samples are still to come for these settings.
    pub partial: bool,
    /// Importance scores in [0, 1], float32 [S, N].
    pub scores: Arc<Array2<f32>>,
    /// For each sample the ascending indices of the chosen segments, length S.
    pub selections: Arc<Vec<Vec<usize>>>,
    /// For each sample the seconds its summary lasts, length S.
    pub durations_secs: Vec<f64>,
    /// For each segment the share of samples that keep it.
    pub selection_frequency: Vec<f64>,
    /// Mean, 10 % and 90 % quantile of the scores at each pick, length N each; under steering the
    /// mean is conditioned on the answers (`analysis::conditioning`).
    pub mean_scores: Vec<f32>,
    pub low_scores: Vec<f32>,
    pub high_scores: Vec<f32>,
    /// Kinds of summary, in the order of their letters.
    pub alternatives: Vec<Alternative>,
    /// Weight of each sample, length S; `None` where all weigh the same.
    pub weights: Option<Arc<[f64]>>,
    /// Share of the samples that are near their kind; the rest is something else.
    pub coverage: f64,
    /// Whether the kinds come from a settled pool and stay as they are.
    pub kinds_settled: bool,
}

impl Draw {
    /// Number of samples, S.
    pub fn sample_count(&self) -> usize {
        self.scores.nrows()
    }

    /// Place of the alternative with a letter.
    pub fn place_of(&self, letter: Letter) -> Option<usize> {
        (self.alternatives.iter()).position(|alternative| alternative.letter() == letter)
    }

    /// Letter of the alternative at a place.
    pub fn letter_at(&self, place: usize) -> Option<Letter> {
        self.alternatives.get(place).map(Alternative::letter)
    }

    /// Which alternative a sample belongs to, by its place.
    pub fn alternative_of(&self, sample: usize) -> Option<usize> {
        self.alternatives
            .iter()
            .position(|alternative| alternative.members.binary_search(&sample).is_ok())
    }

    /// Frame ranges of one sample's summary, neighbouring segments joined.
    pub fn summary_ranges(&self, sample: usize, segments: &[Segment]) -> Vec<super::FrameRange> {
        let chosen = self.selections.get(sample).map_or(&[][..], Vec::as_slice);
        super::FrameRange::merged(
            chosen
                .iter()
                .filter_map(|&segment| segments.get(segment))
                .map(Segment::frames)
                .collect(),
        )
    }
}

/// Least and greatest value of a band, widened a little; [0, 1] where there is nothing.
pub fn value_range(low: &[f32], high: &[f32]) -> (f32, f32) {
    let least = low.iter().copied().fold(f32::INFINITY, f32::min);
    let greatest = high.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !(least.is_finite() && greatest.is_finite()) || greatest - least < 1e-6 {
        return (0.0, 1.0);
    }
    let margin = (greatest - least) * 0.06;
    (least - margin, greatest + margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_or_empty_band_still_has_a_range() {
        assert_eq!(value_range(&[], &[]), (0.0, 1.0));
        assert_eq!(value_range(&[0.5], &[0.5]), (0.0, 1.0));
        let (low, high) = value_range(&[0.2], &[0.8]);
        assert!(low < 0.2 && high > 0.8);
    }
}
