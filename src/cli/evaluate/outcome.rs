//! What `summdiff evaluate --json` states: the first method's means as ever, every method's row, and where the numbers come from.

use serde_json::{Value, json};

use super::MethodArgs;
use crate::analysis::agreement::mean_of;
use crate::analysis::evaluation::VideoEvaluation;
use crate::analysis::reliability::mean_interval;
use crate::cli::{Interrupted, Output};
use crate::figures::tables::{FileProvenance, TableProvenance, methods_json};
use crate::media;
use crate::pipeline::evaluation::{
    EvaluatedMethod, EvaluationData, EvaluationPlan, EvaluationTable, Measures, MethodResult,
};

/// Hashes the data set and notes the settings in force.
pub(super) fn provenance(
    args: &MethodArgs,
    data: &EvaluationData,
    methods: &[EvaluatedMethod],
    output: &Output,
) -> anyhow::Result<TableProvenance> {
    let sha256 = media::content_hash(data.path(), output.cancel_token()).map_err(|err| {
        if err.is_cancelled() {
            Interrupted.into()
        } else {
            anyhow::Error::from(err)
        }
    })?;
    let name = |path: &std::path::Path| {
        path.file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let settings = methods.first().and_then(EvaluatedMethod::settings);
    Ok(TableProvenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        bundle: methods.first().and_then(EvaluatedMethod::bundle).cloned(),
        dataset: FileProvenance {
            path: name(data.path()),
            sha256,
        },
        annotations: args.annotations.as_deref().map(name).unwrap_or_default(),
        protocol: data.kind().name(),
        seed: args.seed,
        seeds: args.seeds,
        samples: args.samples as usize,
        steps: settings.and_then(|settings| settings.steps),
        guidance: settings.and_then(|settings| settings.guidance),
        eta: settings.and_then(|settings| settings.eta),
        variant: args.variant.into(),
        budget: args.budget,
        threshold: args.threshold,
    })
}

/// The whole outcome as JSON.
pub(super) fn outcome(
    table: &EvaluationTable,
    plan: &EvaluationPlan,
    provenance: &TableProvenance,
) -> Value {
    let measured = |method: &&MethodResult| !method.runs.is_empty();
    let Some(first) = table.methods.iter().find(measured) else {
        return Value::Null;
    };
    let videos: &[VideoEvaluation] = first.runs.first().map_or(&[], |run| &run.videos);
    let interval = |of: fn(&VideoEvaluation) -> Option<f64>| {
        let values: Vec<f64> = videos.iter().filter_map(of).collect();
        // One video says nothing of how others would turn out.
        mean_interval(&values, 1000, plan.seed).filter(|_| values.len() > 1)
    };
    let with_count = |measures: &Measures, videos: usize| {
        let mut json = measures.json();
        json["videos"] = json!(videos);
        json
    };
    let mut overall = with_count(&Measures::of(videos.iter()), videos.len());
    overall["tau_interval"] = json!(interval(|v| v.tau));
    overall["rho_interval"] = json!(interval(|v| v.rho));
    let cells = videos.iter().flat_map(|video| &video.match_ratio);
    overall["area_covered"] = json!(mean_of(cells.filter_map(|share| *share)));
    let parts: Vec<(Measures, usize)> = if first.own_parts.is_empty() {
        plan.parts.iter().map(|part| &part.keys).collect::<Vec<_>>()
    } else {
        first.own_parts.iter().collect()
    }
    .into_iter()
    .map(|keys| {
        let tested = videos.iter().filter(|video| keys.contains(&video.key));
        (Measures::of(tested.clone()), tested.count())
    })
    .collect();
    json!({
        "protocol": table.kind.name(),
        "protocol_reason": table.reason,
        "provenance": provenance,
        "overall": overall,
        "splits": parts.iter().map(|(means, count)| with_count(means, *count)).collect::<Vec<_>>(),
        "split_mean": (!parts.is_empty()).then(|| with_count(&first.mean, parts.iter().map(|(_, count)| count).sum())),
        "videos": videos,
        "left_out": table.left_out.iter().chain(&first.left_out).collect::<Vec<_>>(),
        "methods": methods_json(table),
    })
}
