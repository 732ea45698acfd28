//! A dataset's entry made from a raw video: features, segments and annotators in the eccv16 form.
//! Decodes nothing and writes nothing.

use super::write::user_summary_table;
use crate::analysis::raters::{scores_at_frames, user_summaries};
use crate::domain::VideoRecord;
use crate::domain::{AnnotationSet, Annotator, Features, FrameRange, Segment};
use crate::summary::{SegmentWeights, summary_of_row};

/// Builds the entry of one video. `set` must lie on the video's frames (see [`super::join::join`]).
///
/// Ratings give `user_scores` (one a frame; not a number for those who only picked) and, by the
/// knapsack over the segments within `budget`, `user_summary`; picks give `user_summary` alone.
/// `gtscore` is the mean over annotators of their scores at the picks, each set's highest rating (5
/// on TVSum) counting as 1; `gtsummary` is the knapsack's choice for it, one value a pick.
pub fn record(
    key: &str,
    set: &AnnotationSet,
    features: &Features,
    segments: &[Segment],
    budget: f64,
) -> VideoRecord {
    let frame_count = set.frame_count;
    let ranges: Vec<FrameRange> = segments.iter().map(Segment::frames).collect();
    let summaries = AnnotationSet {
        frame_count,
        annotators: user_summaries(set, &ranges, budget)
            .into_iter()
            .map(|picks| Annotator {
                picks,
                ..Annotator::default()
            })
            .collect(),
        ..AnnotationSet::default()
    };
    let gt_scores = mean_scores(set, &features.picks);
    let weights = SegmentWeights::new(&features.picks, &ranges, frame_count);
    // Without annotators there is no truth to choose by.
    let truth = match gt_scores.is_empty() {
        true => vec![0.0; features.picks.len()],
        false => gt_scores.clone(),
    };
    let kept = summary_of_row(&weights, &ranges, &truth, frame_count, budget);
    let gt_summary = features
        .picks
        .iter()
        .map(|&pick| f32::from(u8::from(crate::analysis::raters::in_ranges(&kept, pick))))
        .collect();
    VideoRecord {
        key: key.to_owned(),
        video_id: set.video_id.clone(),
        title: set.title.clone(),
        features: features.values.clone(),
        picks: features.picks.clone(),
        frame_count,
        frame_rate_fps: set.frame_rate_fps,
        change_points: ranges
            .iter()
            .map(|range| [range.start, range.end.saturating_sub(1)])
            .collect(),
        frames_per_segment: ranges.iter().map(|range| range.len()).collect(),
        segments: ranges,
        gt_scores,
        gt_summary,
        user_summaries: user_summary_table(&summaries),
        user_scores: score_table(set),
        user_names: set.annotators.iter().map(|one| one.name.clone()).collect(),
        user_picked: set.annotators.iter().map(picked).collect(),
        user_conditions: (set.annotators.iter())
            .map(|one| one.conditions.clone())
            .collect(),
        by_second: false,
    }
}

/// Mean over annotators of the scores at the picks, in [0, 1]; empty without annotators.
fn mean_scores(set: &AnnotationSet, picks: &[u64]) -> Vec<f32> {
    if set.annotators.is_empty() {
        return Vec::new();
    }
    let highest = set
        .annotators
        .iter()
        .flat_map(|annotator| annotator.scores.iter().copied())
        .fold(1.0f32, f32::max);
    let mut means = vec![0.0f32; picks.len()];
    for annotator in &set.annotators {
        let scale = if annotator.scores.is_empty() {
            1.0
        } else {
            highest
        };
        for (mean, score) in means.iter_mut().zip(scores_at_frames(annotator, picks)) {
            if score.is_finite() {
                *mean += score / scale / set.annotators.len() as f32;
            }
        }
    }
    means
}

/// Whether a summary is an annotator's own rather than what follows from ratings.
fn picked(annotator: &Annotator) -> bool {
    annotator.scores.is_empty() || !annotator.picks.is_empty()
}

/// Ratings of every frame, float32 [annotators, frames], not a number for those who only picked;
/// empty where nobody rated.
fn score_table(set: &AnnotationSet) -> ndarray::Array2<f32> {
    if set.annotators.iter().all(|one| one.scores.is_empty()) {
        return ndarray::Array2::zeros((0, 0));
    }
    ndarray::Array2::from_shape_fn(
        (set.annotators.len(), set.frame_count as usize),
        |(annotator, frame)| {
            let scores = &set.annotators[annotator].scores;
            scores.get(frame).copied().unwrap_or(f32::NAN)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn features() -> Features {
        Features {
            values: Array2::from_elem((4, 2), 0.25),
            picks: vec![0, 10, 20, 30],
            pick_times_secs: vec![0.0, 1.0, 2.0, 3.0],
            network_rows: Vec::new(),
        }
    }

    fn segments() -> Vec<Segment> {
        (0..4)
            .map(|at| Segment {
                start_frame: at * 10,
                end_frame: at * 10 + 10,
                start_secs: at as f64,
                end_secs: at as f64 + 1.0,
                dull: None,
            })
            .collect()
    }

    fn rated(ratings: [f32; 4]) -> Annotator {
        Annotator {
            scores: ratings
                .iter()
                .flat_map(|&rating| std::iter::repeat_n(rating, 10))
                .collect(),
            ..Annotator::default()
        }
    }

    #[test]
    fn ratings_become_truth_and_summaries() {
        let set = AnnotationSet {
            video_id: "a".into(),
            frame_count: 40,
            frame_rate_fps: 10.0,
            annotators: vec![rated([1.0, 5.0, 2.0, 1.0]), rated([1.0, 4.0, 3.0, 2.0])],
            ..AnnotationSet::default()
        };
        let record = record("video_1", &set, &features(), &segments(), 0.25);
        let expected = [0.2, 0.9, 0.5, 0.3];
        for (found, expected) in record.gt_scores.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{:?}", record.gt_scores);
        }
        assert_eq!(record.gt_summary, vec![0.0, 1.0, 0.0, 0.0]);
        assert_eq!(record.user_scores.dim(), (2, 40));
        assert_eq!(record.user_summaries.row(0).sum(), 10.0);
        assert_eq!(record.user_summaries[[0, 10]], 1.0);
        assert_eq!(record.change_points[0], [0, 9]);
        assert_eq!(record.frames_per_segment, vec![10; 4]);
    }

    #[test]
    fn picks_alone_give_shares_and_no_ratings() {
        let picked = |start, end| Annotator {
            picks: vec![FrameRange::new(start, end)],
            ..Annotator::default()
        };
        let set = AnnotationSet {
            frame_count: 40,
            annotators: vec![picked(10, 20), picked(10, 15)],
            ..AnnotationSet::default()
        };
        let record = record("video_1", &set, &features(), &segments(), 0.25);
        assert_eq!(record.gt_scores, vec![0.0, 1.0, 0.0, 0.0]);
        assert!(record.user_scores.is_empty());
        assert_eq!(record.user_summaries.row(1).sum(), 5.0);
    }
}
