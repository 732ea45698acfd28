//! The table for a terminal.

use std::fmt::Write as _;

use super::{columns, marked_name, notes};
use crate::pipeline::evaluation::{EvaluationTable, MEASURES};

/// Rows with mean ± standard deviation, the difference of τ to the first row, and notes.
pub fn text(table: &EvaluationTable) -> String {
    let columns = columns(table);
    let mut rows: Vec<Vec<String>> = vec![
        ["method", "videos", "runs"]
            .into_iter()
            .map(str::to_owned)
            .chain(columns.iter().map(|&at| MEASURES[at].sign.to_owned()))
            .chain(["Δτ to the first [95 %]".to_owned()])
            .collect(),
    ];
    for method in &table.methods {
        let mut row = vec![
            marked_name(method),
            method.videos.to_string(),
            method.parts.len().to_string(),
        ];
        for &at in &columns {
            let measure = &MEASURES[at];
            let shown = |value: f64| format!("{:.*}", measure.decimals, value * measure.scale);
            row.push(match (method.mean.0[at], method.std.0[at]) {
                (None, _) => "–".to_owned(),
                (Some(mean), None) => shown(mean),
                (Some(mean), Some(std)) => format!("{} ± {}", shown(mean), shown(std)),
            });
        }
        row.push(
            match method.versus_first.and_then(|difference| difference.tau) {
                Some(tau) => format!("{:+.3} [{:+.3}, {:+.3}]", tau.value, tau.low, tau.high),
                None => String::new(),
            },
        );
        rows.push(row);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).filter_map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = width.saturating_sub(cell.chars().count());
            // Writing to a string cannot fail.
            let _ = if at == 0 {
                write!(line, "{cell}{:pad$}", "")
            } else {
                write!(line, "  {:pad$}{cell}", "")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if text.contains('–') {
        text.push_str("–: undefined, as for annotators or scores that are all alike\n");
    }
    for note in notes(table) {
        text.push_str(&note);
        text.push('\n');
    }
    text
}
