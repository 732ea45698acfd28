//! Evaluation of many methods on one data set: every method over seeds and splits, and what its
//! numbers come from.
//!
//! Tables are written elsewhere (`figures::tables`); how one video is measured stands in
//! `analysis::evaluation`.

mod data;
mod measured;
mod method;
mod provenance;
mod splits;
mod summaries;
mod table;

use std::path::PathBuf;

use crate::analysis::evaluation::{EvaluationParams, VideoEvaluation};
use crate::annotations::AnnotationError;
use crate::domain::EvaluationKind;
use crate::jobs::{CancelToken, Progress, StageClock};

pub use data::{EvaluationData, features_sha256, was_seen};
pub use measured::Measured;
pub use method::{EvaluatedMethod, MethodSource, NetworkSettings, Row, grid};
pub use provenance::{FileProvenance, TableProvenance};
pub use splits::{Protocol, SPLITS, Split, splits, test_keys};
pub use summaries::{MethodSummaries, VideoSummaries, summaries_of};
pub use table::{
    Difference, EvaluationTable, MEASURES, Measure, Measures, MethodResult, RunResult,
};

/// Why an evaluation stopped.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    #[error(transparent)]
    Annotations(#[from] AnnotationError),
    #[error(transparent)]
    Pipeline(#[from] super::PipelineError),
    #[error(
        "{} is evaluated as {} ({reason}), but {key} and the other videos have no {what}: join them with --annotations FILE, or choose \
         another rule with --kind", path.display(), kind.title()
    )]
    Lacking {
        path: PathBuf,
        kind: EvaluationKind,
        reason: String,
        key: String,
        what: &'static str,
    },
    #[error("{}: video {key}: {reason}", path.display())]
    Video {
        path: PathBuf,
        key: String,
        reason: String,
    },
    #[error("cancelled")]
    Cancelled,
}

/// Which videos are averaged in one run of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPart {
    /// "split 1", or empty for all videos.
    pub name: String,
    pub keys: Vec<String>,
}

/// What is evaluated.
#[derive(Clone, Debug)]
pub struct EvaluationPlan {
    pub params: EvaluationParams,
    pub samples: usize,
    pub seed: u64,
    /// Number of seeds, from `seed` on.
    pub seeds: u64,
    /// Parts whose means are averaged; empty for every video.
    pub parts: Vec<TestPart>,
    /// Whether a bundle's training videos test it, too; its row then says so.
    pub with_seen: bool,
}

/// Runs every method on every wanted video. A video that fails is left out of all methods, with a
/// sentence; a method that fails on a video leaves that video out of its own row.
///
/// # Errors
/// When no video could be evaluated, or the work was cancelled.
pub fn evaluate(
    data: &EvaluationData,
    methods: Vec<EvaluatedMethod>,
    plan: &EvaluationPlan,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<EvaluationTable, EvaluationError> {
    evaluate_onto(
        data,
        &methods,
        plan,
        &mut Measured::default(),
        cancel,
        on_progress,
    )
}

/// [`evaluate`], with what was measured in earlier runs.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_onto(
    data: &EvaluationData,
    methods: &[EvaluatedMethod],
    plan: &EvaluationPlan,
    measured: &mut Measured,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<EvaluationTable, EvaluationError> {
    let named = |key: &&String| {
        (plan.parts.is_empty() && methods.iter().all(|m| m.own_test_keys().is_empty()))
            || plan.parts.iter().any(|part| part.keys.contains(key))
            || methods
                .iter()
                .any(|method| method.own_test_keys().contains(key))
    };
    let wanted: Vec<&String> = data.keys().iter().filter(named).collect();
    let mut left_out = Vec::new();
    let mut results: Vec<MethodResult> = methods
        .iter()
        .map(|method| MethodResult::of(method, plan))
        .collect();
    let clock = StageClock::start("Evaluating");
    let steps = (wanted.len() * methods.len()).max(1) as u64;
    for (video, key) in wanted.iter().enumerate() {
        let record = match data.read(key) {
            Ok(record) => record,
            Err(err) => {
                left_out.push(err.to_string());
                continue;
            }
        };
        let sha256 = features_sha256(&record.features);
        for (at, method) in methods.iter().enumerate() {
            if cancel.is_cancelled() {
                return Err(EvaluationError::Cancelled);
            }
            let result = &mut results[at];
            let seen = was_seen(method.training(), &sha256);
            if seen {
                result.seen.push((*key).clone());
            }
            let own = method.own_test_keys();
            if (seen && !plan.with_seen) || !(own.is_empty() || own.contains(key)) {
                continue;
            }
            for run in 0..method.seeds(plan.seeds) {
                let seed = plan.seed + run;
                let id = measured.id(method, plan, key, seed);
                if let Some(known) = measured.get(&id) {
                    result.add(run, known);
                    continue;
                }
                match method.evaluate(&record, plan, seed, cancel) {
                    Ok(found) => {
                        measured.put(id, &found);
                        result.add(run, found);
                    }
                    Err(EvaluationError::Cancelled) => return Err(EvaluationError::Cancelled),
                    Err(err) => {
                        result.left_out.push(err.to_string());
                        break;
                    }
                }
            }
            on_progress(&clock.at((video * methods.len() + at + 1) as u64, steps));
        }
    }
    Ok(EvaluationTable::new(data, plan, merged(results), left_out))
}

/// Bundles of the splits of one method become one row.
fn merged(results: Vec<MethodResult>) -> Vec<MethodResult> {
    let mut rows: Vec<MethodResult> = Vec::new();
    for result in results {
        match rows.iter_mut().find(|row| row.is_same_row(&result)) {
            Some(row) => row.take_over(result),
            None => rows.push(result),
        }
    }
    rows
}

/// The parts that a protocol averages; none for [`Protocol::All`].
pub fn parts_of(protocol: Protocol, keys: &[String], seed: u64) -> Vec<TestPart> {
    named_parts(
        splits(protocol, keys, seed)
            .into_iter()
            .map(|split| split.test),
    )
}

/// Parts named by their number.
pub fn named_parts(tests: impl IntoIterator<Item = Vec<String>>) -> Vec<TestPart> {
    tests
        .into_iter()
        .enumerate()
        .map(|(at, keys)| TestPart {
            name: format!("split {}", at + 1),
            keys,
        })
        .collect()
}

/// Measures of one video by key.
fn find<'a>(videos: &'a [VideoEvaluation], key: &str) -> Option<&'a VideoEvaluation> {
    videos.iter().find(|video| video.key == key)
}
