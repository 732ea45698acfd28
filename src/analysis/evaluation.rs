//! Evaluation of a method on a dataset's video, as the field's tables do it: tables 1–4 of the paper.
//!
//! With rated users (TVSum) τ and ρ are means over users of the sample's scores against theirs; with picked summaries only (SumMe) they
//! compare the binary machine summary with the mean user summary; with neither (Mr. HiSum) the sample's scores with the true scores.

use ndarray::ArrayView2;
use serde::Serialize;

use super::agreement::mean_of;
use super::matches::MatchTaus;
use super::overlap::f1_percent_of_ranges;
use super::rank::{kendall_tau_b, spearman_rho};
use super::video_metrics::{BUDGET, CaseMetrics, MetricCase};
use crate::domain::VideoRecord;
use crate::domain::{FrameRange, Variant};
use crate::summary::{SegmentWeights, knapsack, select::capacity};

/// The measures of one video: means over its samples. `None` is undefined.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct VideoEvaluation {
    pub key: String,
    pub video_id: String,
    pub samples: usize,
    pub tau: Option<f64>,
    pub rho: Option<f64>,
    /// F1 in percent, mean over users and their best.
    pub f1_avg: Option<f64>,
    pub f1_max: Option<f64>,
    pub map50: Option<f64>,
    pub map15: Option<f64>,
    #[serde(rename = "CIS")]
    pub cis: Option<f64>,
    #[serde(rename = "WIR")]
    pub wir: Option<f64>,
    #[serde(rename = "WSE")]
    pub wse: Option<f64>,
    #[serde(rename = "IR")]
    pub ir: Option<f64>,
    /// Mean over annotators of the best τ among the samples.
    pub best_of_samples: Option<f64>,
    /// For each annotator the share of samples with τ at or above the threshold.
    pub match_ratio: Vec<Option<f64>>,
}

/// How a video is evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvaluationParams {
    pub threshold: f64,
    pub variant: Variant,
}

/// Evaluates samples, float32 [S, N] at the record's picks.
pub fn evaluate_video(
    record: &VideoRecord,
    samples: ArrayView2<'_, f32>,
    params: &EvaluationParams,
) -> VideoEvaluation {
    let users = Users::new(record);
    let weights = SegmentWeights::new(&record.picks, &record.segments, record.frame_count);
    let measured: Vec<SampleMeasures> = samples
        .outer_iter()
        .map(|scores| {
            let scores = scores.to_vec();
            let summary = machine_summary(record, &weights, &scores);
            measure_sample(record, &users, &scores, &summary, params.variant)
        })
        .collect();
    let rows: Vec<Vec<f32>> = samples.outer_iter().map(|row| row.to_vec()).collect();
    let taus = MatchTaus::new(&rows, &users.scores);
    let everyone: Vec<usize> = (0..rows.len()).collect();
    let mean = |of: fn(&SampleMeasures) -> Option<f64>| mean_of(measured.iter().filter_map(of));
    VideoEvaluation {
        key: record.key.clone(),
        video_id: record.video_id.clone(),
        samples: rows.len(),
        tau: mean(|m| m.tau),
        rho: mean(|m| m.rho),
        f1_avg: mean(|m| m.f1_avg),
        f1_max: mean(|m| m.f1_max),
        map50: mean(|m| m.case.map50),
        map15: mean(|m| m.case.map15),
        cis: mean(|m| m.case.cis),
        wir: mean(|m| m.case.wir),
        wse: mean(|m| m.case.wse),
        ir: mean(|m| m.case.ir),
        best_of_samples: taus.best_of(rows.len()),
        match_ratio: taus.row("", &everyone, params.threshold).shares,
    }
}

struct SampleMeasures {
    tau: Option<f64>,
    rho: Option<f64>,
    f1_avg: Option<f64>,
    f1_max: Option<f64>,
    case: CaseMetrics,
}

/// What the users of a record say, at the picks.
struct Users {
    /// Scores of each user, or the true scores as one.
    scores: Vec<Vec<f32>>,
    summaries: Vec<Vec<FrameRange>>,
    /// Whether the scores are ratings (or truth) rather than picked frames.
    rated: bool,
    /// Share of users that pick each frame.
    mean_summary: Vec<f32>,
}

impl Users {
    fn new(record: &VideoRecord) -> Self {
        let set = record.annotation_set();
        let frames = record.frame_count as usize;
        let scores = set
            .annotators
            .iter()
            .map(|annotator| super::raters::scores_at_frames(annotator, &record.picks))
            .collect();
        let mut mean_summary = vec![0.0f32; frames];
        for annotator in &set.annotators {
            for range in &annotator.picks {
                for share in
                    &mut mean_summary[range.start as usize..(range.end as usize).min(frames)]
                {
                    *share += 1.0 / set.annotators.len() as f32;
                }
            }
        }
        Self {
            scores,
            rated: set
                .annotators
                .iter()
                .any(|annotator| !annotator.scores.is_empty()),
            summaries: set
                .annotators
                .into_iter()
                .map(|annotator| annotator.picks)
                .collect(),
            mean_summary,
        }
    }
}

fn machine_summary(
    record: &VideoRecord,
    weights: &SegmentWeights,
    scores: &[f32],
) -> Vec<FrameRange> {
    let values: Vec<f64> = weights
        .means(scores.into())
        .into_iter()
        .map(f64::from)
        .collect();
    let picked = knapsack(
        &values,
        &record.frames_per_segment,
        capacity(BUDGET, record.frame_count),
    );
    FrameRange::merged(
        picked
            .items
            .into_iter()
            .map(|item| record.segments[item])
            .collect(),
    )
}

fn measure_sample(
    record: &VideoRecord,
    users: &Users,
    scores: &[f32],
    summary: &[FrameRange],
    variant: Variant,
) -> SampleMeasures {
    let (tau, rho) = if users.rated {
        (
            mean_of(
                users
                    .scores
                    .iter()
                    .filter_map(|user| kendall_tau_b(scores, user)),
            ),
            mean_of(
                users
                    .scores
                    .iter()
                    .filter_map(|user| spearman_rho(scores, user)),
            ),
        )
    } else {
        let kept: Vec<f32> = (0..record.frame_count)
            .map(|frame| f32::from(u8::from(super::raters::in_ranges(summary, frame))))
            .collect();
        (
            kendall_tau_b(&kept, &users.mean_summary),
            spearman_rho(&kept, &users.mean_summary),
        )
    };
    let f1: Vec<f64> = users
        .summaries
        .iter()
        .filter(|user| !user.is_empty())
        .map(|user| f1_percent_of_ranges(summary, user, record.frame_count))
        .collect();
    SampleMeasures {
        tau,
        rho,
        f1_avg: mean_of(f1.iter().copied()),
        f1_max: f1.iter().copied().reduce(f64::max),
        case: true_case(record, scores, variant),
    }
}

/// The measures against the true scores; undefined where the record has none.
fn true_case(record: &VideoRecord, scores: &[f32], variant: Variant) -> CaseMetrics {
    if record.gt_scores.is_empty() || record.segments.is_empty() {
        return CaseMetrics::default();
    }
    let gt_summary = if record.gt_summary.len() as u64 == record.frame_count {
        record.gt_summary.clone()
    } else {
        // The eccv16 files keep one value a pick.
        let mut frames = vec![0.0; record.frame_count as usize];
        for (at, &kept) in record
            .gt_summary
            .iter()
            .enumerate()
            .take(record.picks.len())
        {
            let end = record
                .picks
                .get(at + 1)
                .copied()
                .unwrap_or(record.frame_count);
            let (start, end) = (
                record.picks[at].min(record.frame_count),
                end.min(record.frame_count),
            );
            frames[start as usize..end.max(start) as usize].fill(kept);
        }
        frames
    };
    let whole = |value: u64| value as usize;
    let case = MetricCase {
        n_frames: whole(record.frame_count),
        scores: scores.to_vec(),
        gt_scores: record.gt_scores.clone(),
        change_points: record
            .change_points
            .iter()
            .map(|pair| pair.map(whole))
            .collect(),
        n_frame_per_seg: record.frames_per_segment.clone(),
        positions: record.picks.iter().map(|&pick| whole(pick)).collect(),
        gt_summary,
    };
    let mut measured = case.measure(variant).unwrap_or_default();
    if record.gt_summary.is_empty() {
        (measured.cis, measured.wir, measured.wse, measured.ir) = (None, None, None, None);
    }
    measured
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn params() -> EvaluationParams {
        EvaluationParams {
            threshold: 0.25,
            variant: Variant::Authors,
        }
    }

    fn record() -> VideoRecord {
        VideoRecord {
            key: "video_1".into(),
            picks: (0..10).map(|p| p * 15).collect(),
            frame_count: 150,
            segments: (0..10)
                .map(|s| FrameRange::new(s * 15, (s + 1) * 15))
                .collect(),
            change_points: (0..10).map(|s| [s * 15, s * 15 + 14]).collect(),
            frames_per_segment: vec![15; 10],
            ..VideoRecord::default()
        }
    }

    #[test]
    fn rated_users_are_compared_by_scores() {
        let ratings = Array2::from_shape_fn((2, 150), |(user, frame)| {
            let shot = (frame / 15) as f32;
            if user == 0 { shot } else { -shot }
        });
        let record = VideoRecord {
            user_scores: ratings,
            ..record()
        };
        let up: Vec<f32> = (0..10).map(|i| i as f32 / 10.0).collect();
        let down: Vec<f32> = up.iter().rev().copied().collect();
        let samples = Array2::from_shape_vec((2, 10), [up, down].concat()).unwrap();
        let found = evaluate_video(&record, samples.view(), &params());
        assert!(found.tau.unwrap().abs() < 1e-12);
        assert!((found.best_of_samples.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(found.match_ratio, vec![Some(0.5), Some(0.5)]);
        assert_eq!(found.cis, None);
    }

    #[test]
    fn users_who_say_nothing_leave_measures_undefined_and_never_no_number() {
        let scores = Array2::from_shape_fn((3, 10), |(sample, pick)| match sample {
            0 => 0.0,
            1 => 0.5,
            _ => pick as f32 / 10.0,
        });
        let nothing = Array2::zeros((2, 150));
        let always = Array2::from_elem((2, 150), 3.0f32);
        let records = [
            record(),
            VideoRecord {
                user_summaries: nothing.clone(),
                gt_scores: vec![0.0; 10],
                ..record()
            },
            VideoRecord {
                user_scores: nothing,
                ..record()
            },
            VideoRecord {
                user_scores: always,
                gt_scores: vec![1.0; 10],
                gt_summary: vec![0.0; 150],
                ..record()
            },
        ];
        for record in records {
            for variant in [Variant::Authors, Variant::Paper] {
                let params = EvaluationParams {
                    variant,
                    ..params()
                };
                let found = evaluate_video(&record, scores.view(), &params);
                assert_eq!(
                    (found.tau, found.rho, found.best_of_samples),
                    (None, None, None)
                );
                assert!(found.match_ratio.iter().all(Option::is_none));
                let others = [
                    found.f1_avg,
                    found.f1_max,
                    found.map50,
                    found.map15,
                    found.cis,
                    found.wir,
                    found.wse,
                    found.ir,
                ];
                assert!(
                    others.into_iter().flatten().all(f64::is_finite),
                    "{found:?}"
                );
            }
        }
    }

    #[test]
    fn picked_summaries_are_compared_as_sets_of_frames() {
        let mut picks = Array2::zeros((1, 150));
        picks.slice_mut(ndarray::s![0, 30..45]).fill(1.0);
        let record = VideoRecord {
            user_summaries: picks,
            ..record()
        };
        let mut scores = Array2::from_elem((1, 10), 0.1f32);
        scores[[0, 2]] = 0.9;
        let found = evaluate_video(&record, scores.view(), &params());
        assert!((found.tau.unwrap() - 1.0).abs() < 1e-12);
        assert!(found.f1_max.unwrap() > 99.99);
    }

    #[test]
    fn truth_alone_is_one_annotator() {
        let truth = vec![0.1, 0.9, 0.3, 0.2, 0.5, 0.4, 0.6, 0.7, 0.8, 0.0];
        let record = VideoRecord {
            gt_scores: truth.clone(),
            gt_summary: (0..10).map(|p| f32::from(u8::from(p == 1))).collect(),
            ..record()
        };
        let found = evaluate_video(
            &record,
            array![[0.1, 0.9, 0.3, 0.2, 0.5, 0.4, 0.6, 0.7, 0.8, 0.0]].view(),
            &params(),
        );
        assert!((found.tau.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(found.wse, Some(0.0));
        assert_eq!(found.match_ratio, vec![Some(1.0)]);
    }
}
