//! An evaluation as a table: text, CSV, LaTeX, JSON and HTML, each with what its numbers come from.
//! Measures nothing.

mod csv;
mod html;
mod json;
mod latex;
mod text;

use crate::pipeline::evaluation::{EvaluationTable, MEASURES, MethodResult};

pub use crate::pipeline::evaluation::{FileProvenance, TableProvenance};

pub use csv::csv;
pub use html::{fragment, html};
pub use json::json;
pub use latex::latex;
pub use text::text;

/// Columns that are shown and that any row has a value for.
pub fn columns(table: &EvaluationTable) -> Vec<usize> {
    (0..MEASURES.len())
        .filter(|&at| table.shown.is_empty() || table.shown.contains(&MEASURES[at].name))
        .filter(|&at| {
            table
                .methods
                .iter()
                .any(|method| method.mean.0[at].is_some())
        })
        .collect()
}

/// Name of a row with a dagger where training videos are among its test videos.
pub fn marked_name(method: &MethodResult) -> String {
    if method.with_seen && !method.seen.is_empty() {
        format!("{} †", method.name)
    } else {
        method.name.clone()
    }
}

/// One sentence for each row that was trained on some of the videos, or may have been.
pub fn notes(table: &EvaluationTable) -> Vec<String> {
    let mut notes = Vec::new();
    for method in table
        .methods
        .iter()
        .filter(|method| !method.seen.is_empty())
    {
        let count = match method.seen.len() {
            1 => "1 video that it was trained on".to_owned(),
            count => format!("{count} videos that it was trained on"),
        };
        notes.push(if method.with_seen {
            format!("† {}: the row includes {count}", method.name)
        } else {
            format!("{}: {count} left out of its row", method.name)
        });
    }
    notes
}

/// The table as JSON values: one object a row.
pub fn methods_json(table: &EvaluationTable) -> Vec<serde_json::Value> {
    table
        .methods
        .iter()
        .map(|method| {
            serde_json::json!({
                "name": method.name,
                "kind": method.kind,
                "bundles": method.bundles,
                "settings": method.settings.map(|settings| serde_json::json!({
                    "steps": settings.steps, "guidance": settings.guidance, "eta": settings.eta, "sag": settings.sag,
                })),
                "videos": method.videos,
                "seeds": method.runs.len(),
                "runs": method.parts.len(),
                "mean": method.mean.json(),
                "std": method.std.json(),
                "parts": method.parts.iter().map(|part| part.json()).collect::<Vec<_>>(),
                "seen_in_training": method.seen,
                "includes_seen": method.with_seen,
                "left_out": method.left_out,
                "versus_first": method.versus_first,
            })
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
