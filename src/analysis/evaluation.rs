//! Evaluation of a method on one video of a data set, by the rule of the data set: tables 1–4 of
//! the paper.
//!
//! The rule is given, never taken from what a file happens to hold: see [`EvaluationKind`]. Reads
//! no files and runs no network; means over videos are taken by those who show them.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::agreement::mean_of;
use super::matches::MatchTaus;
use super::overlap::f1_percent_of_ranges;
use super::rank::{kendall_tau_b, spearman_rho};
use super::raters::{in_ranges, scores_at_frames};
use super::video_metrics::{BUDGET, CaseMetrics, MetricCase};
use crate::domain::{Annotator, EvaluationKind, FrameRange, Variant, VideoRecord};
use crate::summary::{SegmentWeights, knapsack, select::capacity};

/// Samples that the measure "best of 11" looks at: more say little, since the best of many random
/// curves matches nearly everybody.
pub const FEW_SAMPLES: usize = 11;

/// Picks a second where a file states no frame rate: the field samples TVSum and SumMe at 2 frames
/// a second.
const ASSUMED_PICKS_PER_SEC: f64 = 2.0;

/// The measures of one video: means over its samples. `None` is undefined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// The same among the first [`FEW_SAMPLES`].
    pub best_of_11: Option<f64>,
    /// Mean of `match_ratio`.
    pub covers: Option<f64>,
    /// For each annotator the share of samples with τ at or above the threshold.
    pub match_ratio: Vec<Option<f64>>,
}

/// How a video is evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvaluationParams {
    pub kind: EvaluationKind,
    pub threshold: f64,
    pub variant: Variant,
    /// Share of the frames that a machine summary may keep; 0.15 in the field.
    pub budget: f64,
}

impl EvaluationParams {
    /// The field's threshold, budget and code.
    pub fn of(kind: EvaluationKind) -> Self {
        Self {
            kind,
            threshold: 0.25,
            variant: Variant::Authors,
            budget: BUDGET,
        }
    }
}

/// Evaluates samples, float32 [S, N] at the record's picks.
pub fn evaluate_video(
    record: &VideoRecord,
    samples: ArrayView2<'_, f32>,
    params: &EvaluationParams,
) -> VideoEvaluation {
    let users = Users::new(record, params.kind);
    let weights = weights_of(record, params.variant);
    let rows: Vec<Vec<f32>> = samples.outer_iter().map(|row| row.to_vec()).collect();
    let measured: Vec<SampleMeasures> = rows
        .iter()
        .map(|scores| {
            let summary = machine_summary(record, &weights, scores, params.budget);
            measure_sample(record, &users, scores, &summary, params)
        })
        .collect();
    let mean = |of: fn(&SampleMeasures) -> Option<f64>| mean_of(measured.iter().filter_map(of));
    VideoEvaluation {
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
        ..matched(record, &MatchTaus::new(&rows, &users.scores), params)
    }
}

/// What correlations of samples with annotators say: best of, shares that match, and nothing else.
fn matched(record: &VideoRecord, taus: &MatchTaus, params: &EvaluationParams) -> VideoEvaluation {
    let everyone: Vec<usize> = (0..taus.taus.len()).collect();
    let match_ratio = taus.row("", &everyone, params.threshold).shares;
    VideoEvaluation {
        key: record.key.clone(),
        video_id: record.video_id.clone(),
        best_of_samples: taus.best_of(taus.taus.len()),
        best_of_11: taus.best_of(FEW_SAMPLES),
        covers: mean_of(match_ratio.iter().filter_map(|share| *share)),
        match_ratio,
        ..VideoEvaluation::default()
    }
}

/// The row "human": every annotator judged by each of the others, pair by pair. All undefined with
/// fewer than two annotators and on Mr. HiSum, which has one truth.
///
/// On TVSum these are the mean pairwise τ and ρ of the field's tables (0.177 and 0.204). On SumMe
/// they are the pairwise correlations of binary summaries at the picks, where τ and ρ are equal;
/// the paper's 0.205 and 0.213 state no rule.
pub fn evaluate_humans(record: &VideoRecord, params: &EvaluationParams) -> VideoEvaluation {
    let users = Users::new(record, params.kind);
    let people = users.scores.len();
    if params.kind == EvaluationKind::Mrhisum || people < 2 {
        return matched(record, &MatchTaus::default(), params);
    }
    let pairs = || (0..people).flat_map(|a| (0..a).map(move |b| (a, b)));
    let mut taus = MatchTaus {
        taus: vec![vec![None; people]; people],
    };
    for (a, b) in pairs() {
        let tau = kendall_tau_b(&users.scores[a], &users.scores[b]);
        (taus.taus[a][b], taus.taus[b][a]) = (tau, tau);
    }
    let f1 = |a: usize, b: usize| {
        let (a, b) = (users.summaries.get(a)?, users.summaries.get(b)?);
        (!a.is_empty() || !b.is_empty()).then(|| f1_percent_of_ranges(a, b, record.frame_count))
    };
    let best_f1 = (0..people).filter_map(|a| {
        (0..people)
            .filter(|&b| b != a)
            .filter_map(|b| f1(a, b))
            .reduce(f64::max)
    });
    VideoEvaluation {
        samples: people,
        tau: mean_of(pairs().filter_map(|(a, b)| taus.taus[a][b])),
        rho: mean_of(pairs().filter_map(|(a, b)| spearman_rho(&users.scores[a], &users.scores[b]))),
        f1_avg: mean_of(pairs().filter_map(|(a, b)| f1(a, b))),
        f1_max: mean_of(best_f1),
        ..matched(record, &taus, params)
    }
}

/// The row "consensus": every annotator predicted by the mean of the others. All undefined where
/// [`evaluate_humans`] is.
pub fn evaluate_consensus(record: &VideoRecord, params: &EvaluationParams) -> VideoEvaluation {
    let users = Users::new(record, params.kind);
    let people = users.scores.len();
    if params.kind == EvaluationKind::Mrhisum || people < 2 {
        return matched(record, &MatchTaus::default(), params);
    }
    let weights = weights_of(record, params.variant);
    let (mut taus, mut rhos, mut f1s) = (Vec::new(), Vec::new(), Vec::new());
    for (left_out, own) in users.scores.iter().enumerate() {
        let others: Vec<&Vec<f32>> = users
            .scores
            .iter()
            .enumerate()
            .filter(|&(at, _)| at != left_out)
            .map(|(_, scores)| scores)
            .collect();
        let mean = mean_scores(&others);
        taus.push(kendall_tau_b(&mean, own));
        rhos.push(spearman_rho(&mean, own));
        if let Some(user) = users
            .summaries
            .get(left_out)
            .filter(|user| !user.is_empty())
        {
            let summary = machine_summary(record, &weights, &mean, params.budget);
            f1s.push(f1_percent_of_ranges(&summary, user, record.frame_count));
        }
    }
    let table = MatchTaus {
        taus: vec![taus.clone()],
    };
    VideoEvaluation {
        samples: 1,
        tau: mean_of(taus.into_iter().flatten()),
        rho: mean_of(rhos.into_iter().flatten()),
        f1_avg: mean_of(f1s.iter().copied()),
        f1_max: f1s.into_iter().reduce(f64::max),
        ..matched(record, &table, params)
    }
}

/// Mean score of all annotators at the picks: the prediction of the row "mean", which has seen what
/// it is judged by. Ratings above 1 are divided by the highest one, since the truth that the
/// knapsack's measures compare with lies in [0, 1]. `None` without annotators.
pub fn mean_of_annotators(record: &VideoRecord, kind: EvaluationKind) -> Option<Vec<f32>> {
    let users = Users::new(record, kind);
    let all: Vec<&Vec<f32>> = users.scores.iter().collect();
    let ratings = all.iter().flat_map(|row| row.iter());
    let highest = ratings.copied().fold(1.0f32, f32::max);
    let mean = (!all.is_empty()).then(|| mean_scores(&all))?;
    Some(mean.into_iter().map(|score| score / highest).collect())
}

/// Mean at every pick over those who have a number there.
fn mean_scores(rows: &[&Vec<f32>]) -> Vec<f32> {
    let picks = rows.first().map_or(0, |row| row.len());
    (0..picks)
        .map(|at| {
            let known = rows
                .iter()
                .filter_map(|row| row.get(at).filter(|score| score.is_finite()));
            mean_of(known.map(|&score| f64::from(score))).unwrap_or(0.0) as f32
        })
        .collect()
}

struct SampleMeasures {
    tau: Option<f64>,
    rho: Option<f64>,
    f1_avg: Option<f64>,
    f1_max: Option<f64>,
    case: CaseMetrics,
}

/// What the annotators of a record say, as far as its rule looks at it.
pub struct Users {
    pub names: Vec<String>,
    /// Scores of each annotator at the picks.
    pub scores: Vec<Vec<f32>>,
    /// The summary of each annotator.
    pub summaries: Vec<Vec<FrameRange>>,
    /// Share of users that pick each frame; empty where the rule does not ask.
    mean_summary: Vec<f32>,
}

impl Users {
    fn new(record: &VideoRecord, kind: EvaluationKind) -> Self {
        let annotators: Vec<Annotator> = match kind {
            EvaluationKind::Tvsum => record.users_with_summaries().annotators,
            EvaluationKind::Summe => {
                let mut annotators = record.users_with_summaries().annotators;
                annotators.truncate(record.user_summaries.nrows());
                for annotator in &mut annotators {
                    annotator.scores.clear();
                }
                annotators
            }
            EvaluationKind::Mrhisum => record.truth().into_iter().collect(),
        };
        let frames = record.frame_count as usize;
        let mut mean_summary = Vec::new();
        if kind == EvaluationKind::Summe {
            mean_summary = vec![0.0f32; frames];
            for range in annotators.iter().flat_map(|annotator| &annotator.picks) {
                let end = (range.end as usize).min(frames);
                for share in &mut mean_summary[(range.start as usize).min(end)..end] {
                    *share += 1.0 / annotators.len() as f32;
                }
            }
        }
        Self {
            names: annotators.iter().map(|one| one.name.clone()).collect(),
            scores: annotators
                .iter()
                .map(|annotator| scores_at_frames(annotator, &record.picks))
                .collect(),
            summaries: annotators.into_iter().map(|a| a.picks).collect(),
            mean_summary,
        }
    }
}

/// The annotators of a record under a rule.
pub fn users_of(record: &VideoRecord, kind: EvaluationKind) -> Users {
    Users::new(record, kind)
}

/// What the knapsack keeps of each sample, float32 [S, N] at the record's picks.
pub fn machine_summaries(
    record: &VideoRecord,
    samples: ArrayView2<'_, f32>,
    budget: f64,
    variant: Variant,
) -> Vec<Vec<FrameRange>> {
    let weights = weights_of(record, variant);
    samples
        .outer_iter()
        .map(|row| machine_summary(record, &weights, &row.to_vec(), budget))
        .collect()
}

/// What segment means are taken over: in the authors' variant up to the stated end and with it,
/// which on Mr. HiSum is the first frame of the next segment.
fn weights_of(record: &VideoRecord, variant: Variant) -> SegmentWeights {
    let frames = record.frame_count;
    let stated = record.change_points.len() == record.segments.len();
    if variant == Variant::Paper || !stated {
        return SegmentWeights::new(&record.picks, &record.segments, frames);
    }
    let spans: Vec<FrameRange> = (record.change_points.iter())
        .map(|&[start, end]| FrameRange::new(start.min(frames), end.saturating_add(1).min(frames)))
        .collect();
    SegmentWeights::new(&record.picks, &spans, frames)
}

fn machine_summary(
    record: &VideoRecord,
    weights: &SegmentWeights,
    scores: &[f32],
    budget: f64,
) -> Vec<FrameRange> {
    let values: Vec<f64> = weights
        .means(scores.into())
        .into_iter()
        .map(f64::from)
        .collect();
    let picked = knapsack(
        &values,
        &record.frames_per_segment,
        capacity(budget, record.frame_count),
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
    params: &EvaluationParams,
) -> SampleMeasures {
    let (tau, rho) = if params.kind == EvaluationKind::Summe {
        let kept: Vec<f32> = (0..record.frame_count)
            .map(|frame| f32::from(u8::from(in_ranges(summary, frame))))
            .collect();
        (
            kendall_tau_b(&kept, &users.mean_summary),
            spearman_rho(&kept, &users.mean_summary),
        )
    } else {
        let over_users = |correlation: fn(&[f32], &[f32]) -> Option<f64>| {
            mean_of(
                users
                    .scores
                    .iter()
                    .filter_map(|user| correlation(scores, user)),
            )
        };
        (over_users(kendall_tau_b), over_users(spearman_rho))
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
        case: true_case(record, scores, params.variant),
    }
}

/// Picks a second: one on Mr. HiSum, else by the middle distance between picks and the frame rate.
pub fn picks_per_sec(record: &VideoRecord) -> f64 {
    if record.by_second {
        return 1.0;
    }
    let mut apart: Vec<u64> = record
        .picks
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    apart.sort_unstable();
    match apart.get(apart.len() / 2) {
        Some(&frames) if frames > 0 && record.frame_rate_fps > 0.0 => {
            record.frame_rate_fps / frames as f64
        }
        _ => ASSUMED_PICKS_PER_SEC,
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
        sample_secs: Some(1.0 / picks_per_sec(record)),
    };
    let mut measured = case.measure(variant).unwrap_or_default();
    // The paper's variant takes the knapsack's optimum of the true scores instead.
    if record.gt_summary.is_empty() && variant == Variant::Authors {
        (measured.cis, measured.wir, measured.wse, measured.ir) = (None, None, None, None);
    }
    measured
}

#[cfg(test)]
#[path = "evaluation_tests.rs"]
mod tests;
