//! How much the annotators of a video agree: pairwise rank correlation and F1, α, κ, and where they
//! differ.
//!
//! The pairwise means at stride 15 over TVSum are the "human" row of the paper's tables.

use ndarray::Array2;
use rayon::prelude::*;
use serde::Serialize;

use super::overlap::f1_percent_of_ranges;
use super::rank::{Ranked, pearson};
use super::raters::{frame_count_of, in_ranges, rating_shots, scores_at_stride, user_summaries};
use super::reliability::{
    Interval, fleiss_kappa, krippendorff_alpha_interval_until, mean_interval_until,
};
use crate::domain::{AnnotationSet, FrameRange};
use crate::jobs::CancelToken;

/// What a user summary made from ratings is a choice of. Summaries that annotators picked
/// themselves stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SummaryUnit {
    /// Two-second shots, which TVSum's raters saw.
    #[default]
    Shots,
    /// The video's segments; shots where it has none.
    Segments,
}

impl SummaryUnit {
    /// As it is called beside a figure.
    pub fn title(self) -> &'static str {
        match self {
            Self::Shots => "2-s shots",
            Self::Segments => "segments",
        }
    }
}

/// On which scale α compares ratings. τ and ρ compare ranks, which a scale does not change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RatingScale {
    /// As they were given.
    #[default]
    Raw,
    /// Each annotator's from 0 to 1, so that ratings and picks can stand in one α.
    Scaled,
}

impl RatingScale {
    /// As it is called beside a figure.
    pub fn title(self) -> &'static str {
        match self {
            Self::Raw => "raw ratings",
            Self::Scaled => "ratings scaled to 0–1",
        }
    }
}

/// How agreement is measured. The defaults are the field's; window and command line take the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AgreementParams {
    /// What F1 and κ compare.
    pub unit: SummaryUnit,
    /// What α compares.
    pub ratings: RatingScale,
    /// Frames between compared scores.
    pub stride: u64,
    /// Share of the frames in a user summary made from ratings.
    pub budget: f64,
    /// Number of bootstrap resamples.
    pub resamples: usize,
    pub seed: u64,
}

impl Default for AgreementParams {
    fn default() -> Self {
        Self {
            unit: SummaryUnit::default(),
            ratings: RatingScale::default(),
            stride: 15,
            budget: 0.15,
            resamples: 1000,
            seed: 0,
        }
    }
}

/// Agreement of one video's annotators. `None` is undefined.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VideoAgreement {
    pub video_id: String,
    pub title: String,
    pub annotators: usize,
    pub frame_count: u64,
    /// Mean over pairs of annotators; pairs with a constant annotator are left out.
    pub tau: Option<f64>,
    pub rho: Option<f64>,
    /// Mean pairwise F1 of user summaries, percent.
    pub f1: Option<f64>,
    /// Krippendorff's α of the scores (interval metric).
    pub alpha: Option<Interval>,
    /// Fleiss' κ of the user summaries.
    pub kappa: Option<f64>,
    /// Pairs whose τ is undefined.
    pub undefined_pairs: usize,
}

/// Agreement of all videos.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatasetAgreement {
    /// How it was measured.
    pub params: AgreementParams,
    pub overall: OverallAgreement,
    pub videos: Vec<VideoAgreement>,
}

/// A mean over videos, with an interval where there are several to resample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    pub value: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// Means over videos.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverallAgreement {
    pub tau: Option<f64>,
    pub rho: Option<f64>,
    pub f1: Option<f64>,
    pub kappa: Option<f64>,
    /// Mean α, its interval from resampling videos.
    pub alpha: Option<Estimate>,
    pub tau_interval: Option<Interval>,
    pub rho_interval: Option<Interval>,
    /// Videos with at least two annotators.
    pub videos: usize,
}

/// Pairwise agreement, `[annotator][annotator]`; the diagonal is left undefined.
#[derive(Clone, Debug, PartialEq)]
pub struct AgreementMatrix {
    pub names: Vec<String>,
    pub tau: Array2<Option<f64>>,
    pub rho: Array2<Option<f64>>,
    /// Percent.
    pub f1: Array2<Option<f64>>,
}

/// One video's annotators compared: what the command line prints and the window shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub agreement: VideoAgreement,
    pub matrix: AgreementMatrix,
    /// What each annotator keeps within the budget.
    pub summaries: Vec<Vec<FrameRange>>,
}

/// Compares one video's annotators. `segments`: for [`SummaryUnit::Segments`]; empty for two-second
/// shots.
pub fn compare_annotators(
    set: &AnnotationSet,
    segments: &[FrameRange],
    params: &AgreementParams,
    cancel: &CancelToken,
) -> Compared {
    let segments = match params.unit {
        SummaryUnit::Shots => &[],
        SummaryUnit::Segments => segments,
    };
    let summaries = user_summaries(set, segments, params.budget);
    let matrix = matrix_with_summaries(set, &summaries, params, cancel);
    Compared {
        agreement: agreement_of(set, &summaries, &matrix, params, cancel),
        matrix,
        summaries,
    }
}

/// The agreement matrix of one video alone. `segments`: as for [`compare_annotators`].
pub fn agreement_matrix(
    set: &AnnotationSet,
    segments: &[FrameRange],
    params: &AgreementParams,
) -> AgreementMatrix {
    let segments = match params.unit {
        SummaryUnit::Shots => &[],
        SummaryUnit::Segments => segments,
    };
    let summaries = user_summaries(set, segments, params.budget);
    matrix_with_summaries(set, &summaries, params, &CancelToken::new())
}

fn matrix_with_summaries(
    set: &AnnotationSet,
    summaries: &[Vec<FrameRange>],
    params: &AgreementParams,
    cancel: &CancelToken,
) -> AgreementMatrix {
    let frame_count = frame_count_of(set);
    let ranked: Vec<Option<(Ranked, Vec<f64>)>> = set
        .annotators
        .iter()
        .map(|annotator| {
            let scores = scores_at_stride(annotator, frame_count, params.stride);
            Ranked::new(&scores).map(|ranked| {
                let ranks = ranked.average_ranks();
                (ranked, ranks)
            })
        })
        .collect();
    let n = set.annotators.len();
    let mut matrix = AgreementMatrix {
        names: set.annotators.iter().map(|a| a.name.clone()).collect(),
        tau: Array2::from_elem((n, n), None),
        rho: Array2::from_elem((n, n), None),
        f1: Array2::from_elem((n, n), None),
    };
    for a in (0..n).take_while(|_| !cancel.is_cancelled()) {
        for b in 0..a {
            if let (Some((ranked_a, ranks_a)), Some((ranked_b, ranks_b))) = (&ranked[a], &ranked[b])
            {
                matrix.tau[[a, b]] = ranked_a.tau_b_ranked(ranked_b);
                matrix.rho[[a, b]] = pearson(ranks_a, ranks_b);
            }
            if !(summaries[a].is_empty() && summaries[b].is_empty()) {
                let f1 = f1_percent_of_ranges(&summaries[a], &summaries[b], frame_count);
                matrix.f1[[a, b]] = Some(f1);
            }
            matrix.tau[[b, a]] = matrix.tau[[a, b]];
            matrix.rho[[b, a]] = matrix.rho[[a, b]];
            matrix.f1[[b, a]] = matrix.f1[[a, b]];
        }
    }
    matrix
}

/// Agreement of one video's annotators, summaries made from two-second shots.
pub fn video_agreement(set: &AnnotationSet, params: &AgreementParams) -> VideoAgreement {
    compare_annotators(set, &[], params, &CancelToken::new()).agreement
}

fn agreement_of(
    set: &AnnotationSet,
    summaries: &[Vec<FrameRange>],
    matrix: &AgreementMatrix,
    params: &AgreementParams,
    cancel: &CancelToken,
) -> VideoAgreement {
    let frame_count = frame_count_of(set);
    let n = set.annotators.len();
    let pairs = || (0..n).flat_map(|a| (0..a).map(move |b| [a, b]));
    let mean = |values: &Array2<Option<f64>>| mean_of(pairs().filter_map(|pair| values[pair]));
    let mut ratings: Vec<Vec<f32>> = set
        .annotators
        .iter()
        .map(|annotator| scores_at_stride(annotator, frame_count, params.stride))
        .collect();
    if params.ratings == RatingScale::Scaled {
        ratings = scaled(&ratings);
    }
    // Runs of about ten seconds at 2 values a second: ratings are alike within a shot and a little
    // beyond.
    let alpha =
        krippendorff_alpha_interval_until(&ratings, 20, params.resamples, params.seed, cancel);
    VideoAgreement {
        video_id: set.video_id.clone(),
        title: set.title.clone(),
        annotators: n,
        frame_count,
        tau: mean(&matrix.tau),
        rho: mean(&matrix.rho),
        f1: mean(&matrix.f1),
        alpha,
        kappa: fleiss_kappa(&pick_flags(summaries, frame_count, params.stride)),
        undefined_pairs: pairs().filter(|&pair| matrix.tau[pair].is_none()).count(),
    }
}

/// Each annotator's scores from 0 to 1; scores that never vary stay as they are.
fn scaled(scores: &[Vec<f32>]) -> Vec<Vec<f32>> {
    scores
        .iter()
        .map(|values| {
            let finite = || values.iter().copied().filter(|v| v.is_finite());
            let low = finite().fold(f32::INFINITY, f32::min);
            let span = finite().fold(f32::NEG_INFINITY, f32::max) - low;
            values
                .iter()
                .map(|&v| if span > 0.0 { (v - low) / span } else { v })
                .collect()
        })
        .collect()
}

/// For each summary one flag every `stride` frames.
pub fn pick_flags(summaries: &[Vec<FrameRange>], frame_count: u64, stride: u64) -> Vec<Vec<bool>> {
    summaries
        .iter()
        .map(|summary| {
            (0..frame_count)
                .step_by(stride.max(1) as usize)
                .map(|frame| in_ranges(summary, frame))
                .collect()
        })
        .collect()
}

/// Agreement of every video and overall, summaries made from two-second shots.
pub fn dataset_agreement(sets: &[AnnotationSet], params: &AgreementParams) -> DatasetAgreement {
    dataset_agreement_until(sets, &[], params, &CancelToken::new())
}

/// Agreement of every video and overall, over with once cancelled: what it gives then is of no use.
/// `segments`: of each video in order, for [`SummaryUnit::Segments`].
pub fn dataset_agreement_until(
    sets: &[AnnotationSet],
    segments: &[Vec<FrameRange>],
    params: &AgreementParams,
    cancel: &CancelToken,
) -> DatasetAgreement {
    let videos: Vec<VideoAgreement> = sets
        .par_iter()
        .enumerate()
        .map(|(at, set)| {
            let segments = segments.get(at).map_or(&[][..], Vec::as_slice);
            compare_annotators(set, segments, params, cancel).agreement
        })
        .collect();
    let of = |value: fn(&VideoAgreement) -> Option<f64>| -> Vec<f64> {
        videos.iter().filter_map(value).collect()
    };
    let (taus, rhos) = (of(|v| v.tau), of(|v| v.rho));
    let alphas = of(|v| v.alpha.map(|alpha| alpha.value));
    // One video says nothing of how others would turn out.
    let interval = |values: &[f64]| {
        mean_interval_until(values, params.resamples, params.seed, cancel)
            .filter(|_| values.len() > 1)
    };
    let alpha = mean_of(alphas.iter().copied()).map(|value| {
        let about = interval(&alphas);
        Estimate {
            value,
            low: about.map(|about| about.low),
            high: about.map(|about| about.high),
        }
    });
    DatasetAgreement {
        params: *params,
        overall: OverallAgreement {
            tau: mean_of(taus.iter().copied()),
            rho: mean_of(rhos.iter().copied()),
            f1: mean_of(of(|v| v.f1).into_iter()),
            kappa: mean_of(of(|v| v.kappa).into_iter()),
            alpha,
            tau_interval: interval(&taus),
            rho_interval: interval(&rhos),
            videos: videos.iter().filter(|video| video.annotators >= 2).count(),
        },
        videos,
    }
}

/// Mean; `None` for no values.
pub fn mean_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| {
        (sum + value, count + 1)
    });
    (count > 0).then(|| sum / count as f64)
}

/// Disagreement along the video: for each two-second shot its range and the standard deviation of
/// the annotators' mean ratings, each annotator's ratings scaled to 0–1 first. Shots rated by fewer
/// than two are left out.
pub fn disagreement_by_shot(set: &AnnotationSet) -> Vec<(FrameRange, f32)> {
    let scaled: Vec<Vec<f32>> = set
        .annotators
        .iter()
        .map(|annotator| {
            let scores = scores_at_stride(annotator, frame_count_of(set), 1);
            let finite = || scores.iter().copied().filter(|v| v.is_finite());
            let low = finite().fold(f32::INFINITY, f32::min);
            let span = finite().fold(f32::NEG_INFINITY, f32::max) - low;
            let scale = |v: f32| {
                if span > 0.0 {
                    (v - low) / span
                } else {
                    v * 0.0 + 0.5
                }
            };
            scores.iter().map(|&v| scale(v)).collect()
        })
        .collect();
    rating_shots(set)
        .into_iter()
        .filter_map(|shot| {
            let means: Vec<f64> = scaled
                .iter()
                .filter_map(|scores| {
                    let frames = &scores[shot.start as usize..shot.end as usize];
                    mean_of(
                        frames
                            .iter()
                            .filter(|v| v.is_finite())
                            .map(|&v| f64::from(v)),
                    )
                })
                .collect();
            let mean = mean_of(means.iter().copied())?;
            let variance = mean_of(means.iter().map(|v| (v - mean).powi(2)))?;
            (means.len() >= 2).then(|| (shot, variance.sqrt() as f32))
        })
        .collect()
}

#[cfg(test)]
#[path = "agreement_tests.rs"]
mod tests;
