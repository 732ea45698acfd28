//! An evaluation as a table: text, CSV, LaTeX, JSON and HTML, each with what its numbers come from. Measures nothing.

mod csv;
mod html;
mod latex;
mod text;

use serde::Serialize;

use crate::domain::{BundleRef, Variant};
use crate::pipeline::evaluation::{EvaluationTable, MEASURES, MethodResult};

pub use csv::csv;
pub use html::html;
pub use latex::latex;
pub use text::text;

/// Where a table's numbers come from, in the form that `evaluate --json` states.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableProvenance {
    /// Of the program.
    pub version: String,
    /// The first bundle; the rows name theirs.
    pub bundle: Option<BundleRef>,
    pub dataset: FileProvenance,
    /// File that was joined; empty without.
    pub annotations: String,
    /// By whose rule.
    pub protocol: &'static str,
    pub seed: u64,
    pub seeds: u64,
    pub samples: usize,
    /// Of the first bundle.
    pub steps: Option<usize>,
    pub guidance: Option<f64>,
    pub eta: Option<f64>,
    pub variant: Variant,
    pub budget: f64,
    pub threshold: f64,
}

/// A file by name and content.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FileProvenance {
    pub path: String,
    pub sha256: String,
}

impl TableProvenance {
    /// As JSON on one line.
    pub fn to_json(&self) -> String {
        // Plain data with string keys: serde_json cannot fail on it.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Columns that any row has a value for.
fn columns(table: &EvaluationTable) -> Vec<usize> {
    (0..MEASURES.len())
        .filter(|&at| {
            table
                .methods
                .iter()
                .any(|method| method.mean.0[at].is_some())
        })
        .collect()
}

/// Name of a row with a dagger where training videos are among its test videos.
fn marked_name(method: &MethodResult) -> String {
    if method.with_seen && !method.seen.is_empty() {
        format!("{} †", method.name)
    } else {
        method.name.clone()
    }
}

/// One sentence for each row that was trained on some of the videos, or may have been.
fn notes(table: &EvaluationTable) -> Vec<String> {
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
mod tests;
