//! A video of which only ratings or picks are known, as a record that can be evaluated: what needs
//! no features is then measured.
//!
//! There are no change points, so two-second shots stand for segments; picks are every 15th frame,
//! as the field samples 30 frames a second.

use ndarray::Array2;

use super::write::user_summary_table;
use crate::analysis::agreement::mean_of;
use crate::analysis::raters::{rating_shots, scores_at_frames, user_summaries, user_summary};
use crate::domain::{AnnotationSet, Annotator, VideoRecord, ranges};

/// Frames between two picks.
const STRIDE: usize = 15;

/// The record of a set; its features are empty. The truth is the mean of the annotators, each
/// divided by the own maximum.
pub fn record_of(set: &AnnotationSet, budget: f64) -> VideoRecord {
    let frame_count = set.covered_frames();
    let picks: Vec<u64> = (0..frame_count).step_by(STRIDE).collect();
    let segments = rating_shots(set);
    let rated = set.annotators.iter().any(|one| !one.scores.is_empty());
    let frames: Vec<u64> = (0..frame_count).collect();
    let mut user_scores = Array2::zeros((0, 0));
    if rated {
        user_scores = Array2::zeros((set.annotators.len(), frame_count as usize));
        for (mut row, annotator) in user_scores.outer_iter_mut().zip(&set.annotators) {
            row.assign(&ndarray::Array1::from(scores_at_frames(annotator, &frames)));
        }
    }
    let summaries = user_summaries(set, &segments, budget);
    let laid = AnnotationSet {
        frame_count,
        annotators: summaries
            .into_iter()
            .map(|picks| Annotator {
                picks,
                ..Annotator::default()
            })
            .collect(),
        ..AnnotationSet::default()
    };
    let gt_scores = truth(set, &picks);
    let mean = Annotator {
        scores: frames
            .iter()
            .map(|&frame| gt_scores[(frame as usize / STRIDE).min(gt_scores.len() - 1)])
            .collect(),
        ..Annotator::default()
    };
    let kept = user_summary(&mean, &segments, frame_count, budget);
    let mut gt_summary = vec![0.0; frame_count as usize];
    for range in ranges::union(&kept, &[]) {
        gt_summary[range.start as usize..range.end as usize].fill(1.0);
    }
    VideoRecord {
        key: set.video_id.clone(),
        video_id: set.video_id.clone(),
        title: set.title.clone(),
        frame_count,
        frame_rate_fps: set.frame_rate_fps,
        change_points: segments.iter().map(|s| [s.start, s.end - 1]).collect(),
        frames_per_segment: segments.iter().map(|s| s.end - s.start).collect(),
        user_summaries: user_summary_table(&laid),
        user_scores,
        user_names: set.annotators.iter().map(|one| one.name.clone()).collect(),
        gt_scores,
        gt_summary,
        picks,
        segments,
        ..VideoRecord::default()
    }
}

fn truth(set: &AnnotationSet, picks: &[u64]) -> Vec<f32> {
    let rows: Vec<Vec<f32>> = set
        .annotators
        .iter()
        .map(|annotator| {
            let scores = scores_at_frames(annotator, picks);
            let most = scores.iter().copied().fold(0.0f32, f32::max);
            let scale = if most > 0.0 { most } else { 1.0 };
            scores.into_iter().map(|score| score / scale).collect()
        })
        .collect();
    (0..picks.len())
        .map(|at| {
            let known = rows.iter().map(|row| row[at]).filter(|v| v.is_finite());
            mean_of(known.map(f64::from)).unwrap_or(0.0) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FrameRange;

    #[test]
    fn ratings_become_a_record_of_shots() {
        let scores = |loud: usize| -> Vec<f32> {
            (0..120)
                .map(|frame| if frame / 20 == loud { 5.0 } else { 1.0 })
                .collect()
        };
        let set = AnnotationSet {
            video_id: "v".into(),
            frame_rate_fps: 10.0,
            annotators: [2, 3]
                .map(|loud| Annotator {
                    name: format!("p{loud}"),
                    scores: scores(loud),
                    ..Annotator::default()
                })
                .to_vec(),
            ..AnnotationSet::default()
        };
        let record = record_of(&set, 0.2);
        assert_eq!(record.picks.len(), 8);
        assert_eq!(record.segments[1], FrameRange::new(20, 40));
        assert_eq!(record.user_scores.dim(), (2, 120));
        assert_eq!(record.user_summaries.row(0).sum(), 20.0);
        assert!((record.gt_scores[0] - 0.2).abs() < 1e-6);
        assert!((record.gt_scores[3] - 0.6).abs() < 1e-6);
        assert_eq!(record.gt_summary.iter().sum::<f32>(), 20.0);
        assert!(record.features.is_empty());
    }
}
