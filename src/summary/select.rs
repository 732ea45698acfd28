//! Selection: which segments each sample keeps within a budget, for thousands of samples while a slider moves.
//!
//! Segment value = mean score (see `segment_values`), capacity = floor(budget · frame count), knapsack as in `knapsack`.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::knapsack::knapsack;
use super::segment_values::SegmentWeights;
use crate::domain::{FrameRange, Segment};

/// The summaries of S samples at one budget.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selections {
    /// For each sample the ascending indices of the chosen segments, length S.
    pub chosen: Vec<Vec<usize>>,
    /// For each sample the seconds its summary lasts, length S.
    pub durations_secs: Vec<f64>,
    /// For each segment the share of samples that keep it; zeros for no samples.
    pub frequency: Vec<f64>,
}

/// Segment values of a set of samples, kept while the budget changes.
#[derive(Clone, Debug)]
pub struct Selector {
    /// Mean score of each segment, float32 [S, segments].
    values: Array2<f32>,
    frame_counts: Vec<u64>,
    durations_secs: Vec<f64>,
    frame_count: u64,
    /// Whether there is nothing to choose from, so that every summary is the whole video.
    whole: bool,
}

/// A shorter video is kept whole; a cut "of two seconds" may lack a few frames of them.
pub const LEAST_SECS: f64 = 1.9;
/// A video of fewer frames is kept whole: the field's 15 % of them is not one frame.
pub const LEAST_FRAMES: u64 = 7;

/// Whether a video is too short to choose from.
pub fn is_too_short(duration_secs: f64, frame_count: u64) -> bool {
    duration_secs < LEAST_SECS || frame_count < LEAST_FRAMES
}

impl Selector {
    /// `scores`: float32 [S, N]; `picks`: the N sampled frames; `segments`: of the original video, which has `frame_count` frames.
    pub fn new(
        scores: ArrayView2<'_, f32>,
        picks: &[u64],
        segments: &[Segment],
        frame_count: u64,
    ) -> Self {
        let ranges: Vec<FrameRange> = segments.iter().map(Segment::frames).collect();
        let weights = SegmentWeights::new(picks, &ranges, frame_count);
        Self {
            values: weights.means_of_samples(scores),
            frame_counts: weights.frame_counts().to_vec(),
            durations_secs: segments.iter().map(Segment::duration_secs).collect(),
            frame_count,
            whole: match segments {
                [whole] => is_too_short(whole.duration_secs(), frame_count),
                _ => false,
            },
        }
    }

    /// Mean score of each segment, float32 [S, segments].
    pub fn values(&self) -> ArrayView2<'_, f32> {
        self.values.view()
    }

    /// Frames a summary may keep: floor(budget · frame count).
    pub fn capacity(&self, budget: f64) -> u64 {
        capacity(budget, self.frame_count)
    }

    /// Selects every sample at a budget in [0, 1].
    pub fn select(&self, budget: f64) -> Selections {
        let capacity = self.capacity(budget);
        let chosen: Vec<Vec<usize>> = self
            .values
            .axis_iter(Axis(0))
            .into_par_iter()
            .with_min_len(4)
            .map(|values| {
                let values: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
                if self.whole {
                    return vec![0];
                }
                knapsack(&values, &self.frame_counts, capacity).items
            })
            .collect();
        let durations_secs = chosen
            .iter()
            // A sum of nothing is −0 in Rust, and would be told as "-0.0 s".
            .map(|items| {
                items
                    .iter()
                    .fold(0.0, |sum, &item| sum + self.durations_secs[item])
            })
            .collect();
        let frequency = selection_frequency(&chosen, self.frame_counts.len());
        Selections {
            chosen,
            durations_secs,
            frequency,
        }
    }
}

/// Frames a summary may keep: floor(budget · frame count), with the product taken in float64 as the field's code does.
pub fn capacity(budget: f64, frame_count: u64) -> u64 {
    // A budget that is not a number becomes 0; the cast saturates.
    (budget.clamp(0.0, 1.0) * frame_count as f64).floor() as u64
}

/// For each segment the share of samples that keep it; zeros for no samples.
pub fn selection_frequency(chosen: &[Vec<usize>], segment_count: usize) -> Vec<f64> {
    let mut counts = vec![0usize; segment_count];
    for &segment in chosen.iter().flatten() {
        if let Some(count) = counts.get_mut(segment) {
            *count += 1;
        }
    }
    let samples = chosen.len().max(1) as f64;
    counts.into_iter().map(|c| c as f64 / samples).collect()
}

/// [`Selector::new`] and [`Selector::select`] in one.
pub fn select(
    scores: ArrayView2<'_, f32>,
    picks: &[u64],
    segments: &[Segment],
    frame_count: u64,
    budget: f64,
) -> Selections {
    Selector::new(scores, picks, segments, frame_count).select(budget)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn segments(edges: &[u64]) -> Vec<Segment> {
        edges
            .windows(2)
            .map(|pair| Segment {
                start_frame: pair[0],
                end_frame: pair[1],
                start_secs: pair[0] as f64 / 10.0,
                end_secs: pair[1] as f64 / 10.0,
            })
            .collect()
    }

    #[test]
    fn samples_keep_their_best_segments_within_the_budget() {
        let scores = array![
            [0.9f32, 0.1, 0.8, 0.2],
            [0.1, 0.9, 0.2, 0.8],
            [0.0, 0.0, 0.0, 0.0]
        ];
        let segments = segments(&[0, 10, 20, 30, 40]);
        let at = |budget| select(scores.view(), &[0, 10, 20, 30], &segments, 40, budget);
        let half = at(0.5);
        assert_eq!(half.chosen, vec![vec![0, 2], vec![1, 3], vec![]]);
        assert_eq!(half.durations_secs, vec![2.0, 2.0, 0.0]);
        assert!(half.durations_secs[2].is_sign_positive());
        assert_eq!(half.frequency, vec![1.0 / 3.0; 4]);
        assert_eq!(at(0.25).chosen, vec![vec![0], vec![1], vec![]]);
        assert_eq!(at(0.0).chosen, vec![Vec::<usize>::new(); 3]);
        assert_eq!(at(1.0).chosen[0], vec![0, 1, 2, 3]);
        assert_eq!(at(f64::NAN).chosen[0], Vec::<usize>::new());
    }

    #[test]
    fn a_video_too_short_to_choose_from_is_kept_whole() {
        let at = |edges: &[u64], budget| {
            let scores = array![[0.0f32, 0.2]];
            let frames = edges[edges.len() - 1];
            let segments = segments(edges);
            select(scores.view(), &[0, 5], &segments, frames, budget).chosen
        };
        // Ten frames a second: 1.5 s is kept, 2 s is not, and where there are segments they are chosen from.
        assert_eq!(at(&[0, 15], 0.15), vec![vec![0]]);
        assert_eq!(at(&[0, 20], 0.15), vec![Vec::<usize>::new()]);
        assert_eq!(at(&[0, 14, 15], 0.15), vec![vec![1]]);
        assert!(is_too_short(60.0, 6) && !is_too_short(2.0, 7));
    }

    #[test]
    fn no_samples_and_no_segments_are_no_trouble() {
        let none = Array2::<f32>::zeros((0, 4));
        let selections = select(none.view(), &[0, 10, 20, 30], &segments(&[0, 40]), 40, 0.15);
        assert_eq!(selections.frequency, vec![0.0]);
        let scores = array![[0.5f32]];
        assert_eq!(
            select(scores.view(), &[0], &[], 0, 0.15).chosen,
            vec![Vec::<usize>::new()]
        );
    }

    #[test]
    fn capacity_is_the_floor_of_the_product() {
        assert_eq!(capacity(0.15, 120), 18);
        assert_eq!(capacity(0.15, 87), 13);
        assert_eq!(capacity(2.0, 10), 10);
    }
}
