//! The whole outcome as JSON: the first method's means as ever, every method's row, and where the
//! numbers come from.

use serde_json::{Value, json as object};

use super::{TableProvenance, methods_json};
use crate::analysis::agreement::mean_of;
use crate::analysis::evaluation::VideoEvaluation;
use crate::analysis::reliability::mean_interval;
use crate::pipeline::evaluation::{EvaluationPlan, EvaluationTable, Measures, MethodResult};

/// The whole outcome as JSON.
pub fn json(table: &EvaluationTable, plan: &EvaluationPlan, provenance: &TableProvenance) -> Value {
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
        json["videos"] = object!(videos);
        json
    };
    let mut overall = with_count(&Measures::of(videos.iter()), videos.len());
    overall["tau_interval"] = object!(interval(|v| v.tau));
    overall["rho_interval"] = object!(interval(|v| v.rho));
    let cells = videos.iter().flat_map(|video| &video.match_ratio);
    overall["area_covered"] = object!(mean_of(cells.filter_map(|share| *share)));
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
    object!({
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
