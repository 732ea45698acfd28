//! Selection: which segments each sample keeps within a budget, for thousands of samples while a
//! slider moves.
//!
//! Segment value = mean score (see `segment_values`), capacity = floor(budget · frame count),
//! knapsack as in `knapsack`.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::knapsack::knapsack;
use super::segment_values::SegmentWeights;
use crate::domain::{FrameRange, Segment, SteeredSegments};

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
    /// Segments that are chosen only once everything else is.
    dull: Vec<bool>,
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
    /// `scores`: float32 [S, N]; `picks`: the N sampled frames; `segments`: of the original video,
    /// which has `frame_count` frames.
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
            dull: segments
                .iter()
                .map(|segment| segment.dull.is_some())
                .collect(),
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
        self.select_under(budget, &SteeredSegments::default(), None)
    }

    /// Selects every sample with some segments kept and some left out, whatever the scores; what is
    /// kept counts against the budget and may exceed it. `weights`: of the samples for the
    /// frequency, `None` where all weigh the same.
    pub fn select_under(
        &self,
        budget: f64,
        conditions: &SteeredSegments,
        weights: Option<&[f64]>,
    ) -> Selections {
        let capacity = self.capacity(budget);
        let free = Free::new(&self.frame_counts, &self.dull, conditions, capacity);
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
                free.knapsack(&values, &conditions.kept)
            })
            .collect();
        let durations_secs = chosen
            .iter()
            // A sum of nothing is −0 in Rust, and would be shown as "-0.0 s".
            .map(|items| {
                items
                    .iter()
                    .fold(0.0, |sum, &item| sum + self.durations_secs[item])
            })
            .collect();
        let frequency = weighted_frequency(&chosen, self.frame_counts.len(), weights);
        Selections {
            chosen,
            durations_secs,
            frequency,
        }
    }
}

/// The segments that the knapsack may still decide about, and the frames left for them.
struct Free {
    segments: Vec<usize>,
    frames: Vec<u64>,
    dull: Vec<bool>,
    capacity: u64,
}

impl Free {
    fn new(
        frame_counts: &[u64],
        dull: &[bool],
        conditions: &SteeredSegments,
        capacity: u64,
    ) -> Self {
        let bound = |at: &usize| {
            let in_list = |list: &[usize]| list.binary_search(at).is_ok();
            in_list(&conditions.kept) || in_list(&conditions.left_out)
        };
        let segments: Vec<usize> = (0..frame_counts.len()).filter(|at| !bound(at)).collect();
        let kept = conditions
            .kept
            .iter()
            .filter_map(|&at| frame_counts.get(at));
        Self {
            frames: segments.iter().map(|&at| frame_counts[at]).collect(),
            dull: segments.iter().map(|&at| dull[at]).collect(),
            capacity: capacity.saturating_sub(kept.sum()),
            segments,
        }
    }

    /// The best choice by the values of the free segments. Dull ones count as worth nothing while
    /// the others do not all fit; once they do, dull ones may fill what is left.
    fn best(&self, values: &[f64]) -> Vec<usize> {
        if !self.dull.contains(&true) {
            return knapsack(values, &self.frames, self.capacity).items;
        }
        let only = |dull: bool| -> Vec<f64> {
            (values.iter().zip(&self.dull))
                .map(|(&value, &is_dull)| if is_dull == dull { value } else { 0.0 })
                .collect()
        };
        let others = (self.frames.iter().zip(&self.dull)).filter(|(_, dull)| !**dull);
        let others_frames: u64 = others.map(|(&frames, _)| frames).sum();
        let mut chosen = knapsack(&only(false), &self.frames, self.capacity).items;
        if others_frames <= self.capacity {
            let left = self.capacity - others_frames;
            chosen.extend(knapsack(&only(true), &self.frames, left).items);
            chosen.sort_unstable();
        }
        chosen
    }

    fn knapsack(&self, values: &[f64], kept: &[usize]) -> Vec<usize> {
        let values_of_free: Vec<f64> = self.segments.iter().map(|&at| values[at]).collect();
        let found = self.best(&values_of_free);
        let mut chosen: Vec<usize> = found.into_iter().map(|at| self.segments[at]).collect();
        if !kept.is_empty() {
            chosen.extend(kept.iter().filter(|&&at| at < values.len()));
            chosen.sort_unstable();
        }
        chosen
    }
}

/// Frames a summary may keep: floor(budget · frame count), with the product taken in float64 as the
/// field's code does.
pub fn capacity(budget: f64, frame_count: u64) -> u64 {
    // A budget that is not a number becomes 0; the cast saturates.
    (budget.clamp(0.0, 1.0) * frame_count as f64).floor() as u64
}

/// For each segment the share of samples that keep it; zeros for no samples.
pub fn selection_frequency(chosen: &[Vec<usize>], segment_count: usize) -> Vec<f64> {
    weighted_frequency(chosen, segment_count, None)
}

/// The same where samples weigh differently.
fn weighted_frequency(
    chosen: &[Vec<usize>],
    segment_count: usize,
    weights: Option<&[f64]>,
) -> Vec<f64> {
    let weight = |sample: usize| weights.map_or(1.0, |weights| weights[sample]);
    let mut sums = vec![0.0; segment_count];
    let mut total = 0.0;
    for (sample, segments) in chosen.iter().enumerate() {
        total += weight(sample);
        for &segment in segments {
            if let Some(sum) = sums.get_mut(segment) {
                *sum += weight(sample);
            }
        }
    }
    let total = if total > 0.0 { total } else { 1.0 };
    sums.into_iter().map(|sum| sum / total).collect()
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

/// The summary by one row of scores: the segments that the knapsack keeps within the budget,
/// neighbours joined. `weights`: of the picks on `segments`. Every segment may be kept; a
/// [`Selector`] leaves dull ones to the last.
pub fn summary_of_row(
    weights: &SegmentWeights,
    segments: &[FrameRange],
    scores: &[f32],
    frame_count: u64,
    budget: f64,
) -> Vec<FrameRange> {
    let means = weights.means(ndarray::ArrayView1::from(scores));
    let values: Vec<f64> = means.into_iter().map(f64::from).collect();
    let room = capacity(budget, frame_count);
    let kept = knapsack(&values, weights.frame_counts(), room).items;
    FrameRange::merged(kept.into_iter().map(|item| segments[item]).collect())
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
                dull: None,
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
    fn dull_segments_are_chosen_only_once_everything_else_is() {
        let scores = array![[0.9f32, 0.1, 0.8, 0.2]];
        let mut segments = segments(&[0, 10, 20, 30, 40]);
        segments[0].dull = Some(crate::domain::Dull::Blank);
        segments[2].dull = Some(crate::domain::Dull::Still);
        let picks = [0, 10, 20, 30];
        let at = |budget, segments: &[Segment]| {
            select(scores.view(), &picks, segments, 40, budget).chosen[0].clone()
        };
        assert_eq!(at(0.25, &segments), [3]);
        assert_eq!(at(0.5, &segments), [1, 3]);
        assert_eq!(at(0.75, &segments), [0, 1, 3]);
        assert_eq!(at(1.0, &segments), [0, 1, 2, 3]);
        // Everything is dull: the scores decide.
        for segment in &mut segments {
            segment.dull = Some(crate::domain::Dull::Still);
        }
        assert_eq!(at(0.25, &segments), [0]);
    }

    #[test]
    fn conditions_hold_exactly_and_weights_move_the_frequency() {
        let scores = array![[0.9f32, 0.1, 0.8, 0.2], [0.1, 0.9, 0.2, 0.8]];
        let segments = segments(&[0, 10, 20, 30, 40]);
        let selector = Selector::new(scores.view(), &[0, 10, 20, 30], &segments, 40);
        let conditions = SteeredSegments {
            kept: vec![3],
            left_out: vec![0],
        };
        let found = selector.select_under(0.5, &conditions, Some(&[1.0, 3.0]));
        assert_eq!(found.chosen, vec![vec![2, 3], vec![1, 3]]);
        assert_eq!(found.frequency, vec![0.0, 0.75, 0.25, 1.0]);
        // What is kept stays even where it alone exceeds the budget.
        let tight = selector.select_under(0.1, &conditions, None);
        assert_eq!(tight.chosen, vec![vec![3]; 2]);
    }

    #[test]
    fn a_video_too_short_to_choose_from_is_kept_whole() {
        let at = |edges: &[u64], budget| {
            let scores = array![[0.0f32, 0.2]];
            let frames = edges[edges.len() - 1];
            let segments = segments(edges);
            select(scores.view(), &[0, 5], &segments, frames, budget).chosen
        };
        // Ten frames a second: 1.5 s is kept, 2 s is not, and where there are segments they are
        // chosen from.
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
