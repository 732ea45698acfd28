//! What every method makes of one video: its summaries and how they stand to the annotators. For
//! figures 4 and 5 of the paper and their like.

use ndarray::Array2;

use super::method::{EvaluatedMethod, MethodSource, Row};
use super::{EvaluationData, EvaluationError, EvaluationPlan, features_sha256, was_seen};
use crate::analysis::evaluation::{machine_summaries, users_of};
use crate::analysis::matches::MatchTaus;
use crate::domain::FrameRange;
use crate::jobs::CancelToken;

/// One method's summaries of a video.
#[derive(Clone, Debug)]
pub struct MethodSummaries {
    pub name: String,
    /// Whether it is a bundle that samples, or random: several summaries a video.
    pub several: bool,
    /// Whether a network is behind it.
    pub network: bool,
    /// Scores at the picks, float32 [S, N].
    pub scores: Array2<f32>,
    /// What the knapsack keeps of each sample.
    pub summaries: Vec<Vec<FrameRange>>,
    /// τ-b of each sample with each annotator.
    pub taus: MatchTaus,
    /// Whether the video was in its training.
    pub seen: bool,
}

/// A video and what methods make of it.
#[derive(Clone, Debug)]
pub struct VideoSummaries {
    pub key: String,
    pub name: String,
    pub frame_count: u64,
    /// 30 where the data set states none.
    pub frame_rate_fps: f64,
    pub segments: Vec<FrameRange>,
    pub annotator_names: Vec<String>,
    /// The user summary of each annotator.
    pub annotators: Vec<Vec<FrameRange>>,
    pub methods: Vec<MethodSummaries>,
}

/// Scores a video with every method that predicts something. A method that fails on it is left out,
/// with a sentence.
///
/// # Errors
/// When the video cannot be read, or the work was cancelled.
pub fn summaries_of(
    data: &EvaluationData,
    methods: &[EvaluatedMethod],
    plan: &EvaluationPlan,
    key: &str,
    cancel: &CancelToken,
) -> Result<(VideoSummaries, Vec<String>), EvaluationError> {
    let record = data.read(key)?;
    let users = users_of(&record, plan.params.kind);
    let sha256 = features_sha256(&record.features);
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for method in methods {
        if cancel.is_cancelled() {
            return Err(EvaluationError::Cancelled);
        }
        let scores = match method.scores(&record, plan, plan.seed, cancel) {
            Ok(Some(scores)) => scores,
            Ok(None) => continue,
            Err(EvaluationError::Cancelled) => return Err(EvaluationError::Cancelled),
            Err(err) => {
                left_out.push(err.to_string());
                continue;
            }
        };
        let rows: Vec<Vec<f32>> = scores.outer_iter().map(|row| row.to_vec()).collect();
        found.push(MethodSummaries {
            name: method.name().to_owned(),
            several: matches!(
                method.source(),
                MethodSource::Samples(..) | MethodSource::Row(Row::Random | Row::UniformRandom)
            ),
            network: method.bundle().is_some(),
            summaries: machine_summaries(
                &record,
                scores.view(),
                plan.params.budget,
                plan.params.variant,
            ),
            taus: MatchTaus::new(&rows, &users.scores),
            scores,
            seen: was_seen(method.training(), &sha256),
        });
    }
    let video = VideoSummaries {
        key: record.key.clone(),
        name: if record.title.is_empty() {
            record.video_id.clone()
        } else {
            record.title.clone()
        },
        frame_count: record.frame_count,
        frame_rate_fps: match (record.by_second, record.frame_rate_fps > 0.0) {
            (true, _) => 1.0,
            (false, true) => record.frame_rate_fps,
            (false, false) => 30.0,
        },
        segments: record.segments,
        annotator_names: users.names,
        annotators: users.summaries,
        methods: found,
    };
    Ok((video, left_out))
}
