//! The evaluation table of the dataset page, measured on a thread by the code that `summdiff
//! evaluate` runs.

use crate::analysis::evaluation::EvaluationParams;
use crate::domain::EvaluationKind;
use crate::inference::{Bundle, BundleKind};
use crate::jobs::{CancelToken, Progress};
use crate::pipeline::evaluation::{
    EvaluatedMethod, EvaluationData, EvaluationError, EvaluationPlan, NetworkSettings, Protocol,
    Row, TableProvenance, evaluate, parts_of,
};
use crate::pipeline::methods::{feature_size, fitting};
use crate::state::dataset::table::{MeasuredTable, TableRequest};

/// Measures the bundle in use, every installed scorer that fits, and the rows that need no network.
///
/// # Errors
/// A sentence; [`EvaluationError::Cancelled`] once cancelled.
pub(super) fn measure(
    request: &TableRequest,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<MeasuredTable, EvaluationError> {
    let annotations = request.annotations.as_deref();
    let data = if request.has_features {
        EvaluationData::open(&request.path, None, annotations, request.budget, cancel)?
    } else {
        EvaluationData::open_ratings(&request.path, None, request.budget, cancel)?
    };
    let (mut methods, note) = networks(request, data.feature_size())?;
    methods.extend(Row::ALL.into_iter().map(EvaluatedMethod::row));
    let plan = plan(request, data.kind(), data.keys());
    let provenance = TableProvenance::of(&data, &methods, &plan, cancel)?;
    let table = evaluate(&data, methods, &plan, cancel, on_progress)?;
    Ok(MeasuredTable {
        keys: data.keys().to_vec(),
        table,
        provenance,
        plan,
        note,
    })
}

fn plan(request: &TableRequest, kind: EvaluationKind, keys: &[String]) -> EvaluationPlan {
    EvaluationPlan {
        params: EvaluationParams {
            threshold: request.threshold,
            budget: request.budget,
            ..EvaluationParams::of(kind)
        },
        samples: request.samples,
        seed: request.seed,
        seeds: 1,
        // Together these are all videos, so that any averaging can be done afterwards.
        parts: parts_of(Protocol::FiveFold, keys, request.seed),
        with_seen: false,
    }
}

fn networks(
    request: &TableRequest,
    size: usize,
) -> Result<(Vec<EvaluatedMethod>, Option<String>), EvaluationError> {
    if size == 0 {
        let note = "The dataset has no features, so networks have no rows.";
        return Ok((Vec::new(), Some(note.to_owned())));
    }
    let fits = |bundle: &Bundle| {
        bundle.manifest().kind == BundleKind::Summdiff
            && feature_size(bundle).is_none_or(|taken| taken == size)
    };
    let wanted = Bundle::find(&request.bundle).ok().filter(fits);
    let samples = wanted.or_else(|| {
        let fitting = fitting(BundleKind::Summdiff, size).into_iter().next();
        fitting.map(|(_, bundle)| bundle)
    });
    let scorers = fitting(BundleKind::Scorer, size);
    let note = samples.is_none().then(|| {
        format!(
            "No installed bundle takes features of size {size}, so there are no SummDiff samples."
        )
    });
    let mut methods = Vec::new();
    for bundle in samples
        .into_iter()
        .chain(scorers.into_iter().map(|(_, bundle)| bundle))
    {
        let stated = [NetworkSettings::default()];
        methods.extend(EvaluatedMethod::open(
            &bundle,
            request.device,
            &stated,
            true,
        )?);
    }
    Ok((methods, note))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::DevicePreference;

    /// Three people rate five videos of 20 shots at random levels.
    fn ratings() -> String {
        let film = |film: usize| {
            let people: Vec<serde_json::Value> = (0..3usize)
                .map(|person| {
                    let scores: Vec<f64> = (0..600usize)
                        .map(|frame| ((frame / 30 * 7 + person * 3 + film) % 5 + 1) as f64)
                        .collect();
                    serde_json::json!({"name": format!("p{person}"), "scores": scores, "picks": []})
                })
                .collect();
            serde_json::json!({"video_id": format!("v{film}"), "frame_count": 600, "frame_rate_fps": 15.0, "annotators": people})
        };
        serde_json::Value::Array((1..=5).map(film).collect()).to_string()
    }

    #[test]
    fn ratings_alone_give_the_rows_that_need_no_network_under_any_protocol() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ratings.json");
        std::fs::write(&path, ratings()).unwrap();
        let request = TableRequest {
            path,
            annotations: None,
            has_features: false,
            bundle: "none".into(),
            device: DevicePreference::Cpu,
            samples: 4,
            seed: 0,
            budget: 0.15,
            threshold: 0.25,
            generation: 0,
        };
        let found = measure(&request, &CancelToken::new(), &mut |_| ()).unwrap();
        assert!(found.note.is_some());
        let (all, _) = found.under(Protocol::All);
        let names: Vec<&str> = all.methods.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, Row::ALL.map(Row::title));
        assert!(all.methods.iter().all(|method| method.videos == 5));
        let human = |table: &crate::pipeline::evaluation::EvaluationTable| {
            let row = table.methods.iter().find(|method| method.name == "Human");
            row.map(|row| (row.mean.0[0].unwrap(), row.parts.len()))
                .unwrap()
        };
        let (folds, plan) = found.under(Protocol::FiveFold);
        assert_eq!((human(&all).1, human(&folds).1), (1, 5));
        // Five folds of one video each average to the mean over all.
        assert!((human(&all).0 - human(&folds).0).abs() < 1e-12);
        let tested: HashSet<&String> = plan.parts.iter().flat_map(|part| &part.keys).collect();
        assert_eq!(tested.len(), 5);
        let stopped = CancelToken::new();
        stopped.cancel();
        let again = measure(&request, &stopped, &mut |_| ());
        assert!(
            matches!(again, Err(EvaluationError::Cancelled)),
            "{again:?}"
        );
    }
}
