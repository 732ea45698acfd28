//! Annotators as vectors: importance scores at a stride of frames, and the user summary that a
//! person's ratings stand for.
//!
//! Reads no files (see `annotations`) and compares nobody (see `agreement`, `matches`).

use crate::domain::{AnnotationSet, Annotator, FrameRange};
use crate::summary::{SegmentWeights, summary_of_row};

/// Length of the shots that TVSum's raters saw.
pub const SHOT_SECS: f64 = 2.0;

/// One annotator's scores at every `stride`-th frame, from frame 0. Where only picks are known, 1
/// inside and 0 outside them. Length = ceil(frame count / stride); the frame count is the set's, or
/// the longest annotator's where the set states none.
pub fn scores_at_stride(annotator: &Annotator, frame_count: u64, stride: u64) -> Vec<f32> {
    let stride = stride.max(1);
    if annotator.scores.is_empty() {
        return (0..frame_count)
            .step_by(stride as usize)
            .map(|frame| f32::from(u8::from(in_ranges(&annotator.picks, frame))))
            .collect();
    }
    (0..frame_count)
        .step_by(stride as usize)
        .map(|frame| {
            let score = annotator.scores.get(frame as usize);
            score.copied().unwrap_or(f32::NAN)
        })
        .collect()
}

/// Scores at given frames (picks); not a number where the annotator did not rate.
pub fn scores_at_frames(annotator: &Annotator, frames: &[u64]) -> Vec<f32> {
    frames
        .iter()
        .map(|&frame| {
            if annotator.scores.is_empty() {
                f32::from(u8::from(in_ranges(&annotator.picks, frame)))
            } else {
                let score = annotator.scores.get(frame as usize);
                score.copied().unwrap_or(f32::NAN)
            }
        })
        .collect()
}

/// Whether a frame lies in one of sorted disjoint ranges.
pub fn in_ranges(ranges: &[FrameRange], frame: u64) -> bool {
    let after = ranges.partition_point(|range| range.start <= frame);
    after > 0 && ranges[after - 1].contains(frame)
}

/// Frames the annotations cover: what the set states, else the longest annotator.
pub fn frame_count_of(set: &AnnotationSet) -> u64 {
    set.covered_frames()
}

/// Shots of equal length that cover a video; the last one may be shorter.
pub fn equal_shots(frame_count: u64, frames_per_shot: u64) -> Vec<FrameRange> {
    let step = frames_per_shot.max(1);
    (0..frame_count)
        .step_by(step as usize)
        .map(|start| FrameRange::new(start, (start + step).min(frame_count)))
        .collect()
}

/// TVSum's two-second shots; 60 frames where the frame rate is not known.
pub fn rating_shots(set: &AnnotationSet) -> Vec<FrameRange> {
    let rate = if set.frame_rate_fps > 0.0 {
        set.frame_rate_fps
    } else {
        30.0
    };
    equal_shots(frame_count_of(set), (rate * SHOT_SECS).round() as u64)
}

/// The user summary of one annotator within a budget: own picks where there are any, else the
/// knapsack over segments by mean score, as for samples. Sorted, disjoint, neighbours joined.
pub fn user_summary(
    annotator: &Annotator,
    segments: &[FrameRange],
    frame_count: u64,
    budget: f64,
) -> Vec<FrameRange> {
    if !annotator.picks.is_empty() || annotator.scores.is_empty() {
        return FrameRange::merged(annotator.picks.clone());
    }
    let frames: Vec<u64> = (0..annotator.scores.len() as u64).collect();
    let weights = SegmentWeights::new(&frames, segments, frame_count);
    summary_of_row(&weights, segments, &annotator.scores, frame_count, budget)
}

/// User summaries of all annotators, over the given segments or, where there are none, two-second
/// shots.
pub fn user_summaries(
    set: &AnnotationSet,
    segments: &[FrameRange],
    budget: f64,
) -> Vec<Vec<FrameRange>> {
    let shots;
    let segments = if segments.is_empty() {
        shots = rating_shots(set);
        &shots
    } else {
        segments
    };
    let frame_count = frame_count_of(set);
    set.annotators
        .iter()
        .map(|annotator| user_summary(annotator, segments, frame_count, budget))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rated(scores: &[f32]) -> Annotator {
        Annotator {
            name: "a".into(),
            scores: scores.to_vec(),
            ..Annotator::default()
        }
    }

    #[test]
    fn ratings_become_the_best_shots_within_the_budget() {
        let scores: Vec<f32> = (0..40).map(|f| [1.0, 5.0, 2.0, 4.0][f / 10]).collect();
        let shots = equal_shots(40, 10);
        let of = |budget| user_summary(&rated(&scores), &shots, 40, budget);
        assert_eq!(of(0.25), vec![FrameRange::new(10, 20)]);
        assert_eq!(
            of(0.5),
            vec![FrameRange::new(10, 20), FrameRange::new(30, 40)]
        );
        assert!(of(0.0).is_empty());
    }

    #[test]
    fn picks_are_kept_as_they_are_and_read_as_zeros_and_ones() {
        let annotator = Annotator {
            picks: vec![FrameRange::new(4, 8), FrameRange::new(8, 9)],
            ..Annotator::default()
        };
        assert_eq!(
            user_summary(&annotator, &[], 12, 0.1),
            vec![FrameRange::new(4, 9)]
        );
        assert_eq!(
            scores_at_stride(&annotator, 12, 3),
            vec![0.0, 0.0, 1.0, 0.0]
        );
        assert_eq!(scores_at_stride(&rated(&[1.0, 2.0]), 4, 1)[..2], [1.0, 2.0]);
        assert!(scores_at_stride(&rated(&[1.0, 2.0]), 4, 1)[2].is_nan());
    }
}
