//! The table for a paper: booktabs, the best of a column bold and the second best underlined, as in
//! the paper's tables.

use std::fmt::Write as _;

use super::{TableProvenance, columns, marked_name, notes};
use crate::pipeline::evaluation::{EvaluationTable, MEASURES};

/// A `table` environment; needs the package booktabs. Provenance stands in a comment above it.
pub fn latex(table: &EvaluationTable, provenance: &TableProvenance) -> String {
    let columns = columns(table);
    let ranks: Vec<Vec<Option<usize>>> = columns.iter().map(|&at| table.ranks(at)).collect();
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "% {}", provenance.to_json());
    let _ = writeln!(text, "% \\usepackage{{booktabs}}");
    let _ = writeln!(
        text,
        "\\begin{{table}}\n\\centering\n\\begin{{tabular}}{{l{}}}\n\\toprule",
        "c".repeat(columns.len())
    );
    let head: Vec<String> = columns
        .iter()
        .map(|&at| {
            let arrow = if MEASURES[at].higher_is_better {
                r"$\uparrow$"
            } else {
                r"$\downarrow$"
            };
            format!("{} {arrow}", MEASURES[at].latex)
        })
        .collect();
    let _ = writeln!(text, "Method & {} \\\\\n\\midrule", head.join(" & "));
    for (row, method) in table.methods.iter().enumerate() {
        let cells: Vec<String> = columns
            .iter()
            .zip(&ranks)
            .map(|(&at, ranks)| {
                let measure = &MEASURES[at];
                let shown = |value: f64| format!("{:.*}", measure.decimals, value * measure.scale);
                let Some(mean) = method.mean.0[at] else {
                    return "--".to_owned();
                };
                let ranked = match ranks[row] {
                    Some(0) => format!(r"\textbf{{{}}}", shown(mean)),
                    Some(_) => format!(r"\underline{{{}}}", shown(mean)),
                    None => shown(mean),
                };
                match method.std.0[at] {
                    Some(std) => format!(r"{ranked} $\pm$ {}", shown(std)),
                    None => ranked,
                }
            })
            .collect();
        let _ = writeln!(
            text,
            "{} & {} \\\\",
            escaped(&marked_name(method)),
            cells.join(" & ")
        );
    }
    let mut caption = format!(
        "Evaluation by the rule of {} ({} samples, {}).",
        table.kind.title(),
        provenance.samples,
        match provenance.seeds {
            1 => format!("seed {}", provenance.seed),
            seeds => format!("{seeds} seeds"),
        }
    );
    for note in notes(table) {
        let _ = write!(caption, " {note}.");
    }
    let _ = writeln!(
        text,
        "\\bottomrule\n\\end{{tabular}}\n\\caption{{{}}}\n\\end{{table}}",
        escaped(&caption)
    );
    text
}

/// Text with LaTeX's own characters escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', character]),
            '\\' => out.push_str(r"\textbackslash{}"),
            '~' => out.push_str(r"\textasciitilde{}"),
            '^' => out.push_str(r"\textasciicircum{}"),
            '†' => out.push_str(r"$\dagger$"),
            'η' => out.push_str(r"$\eta$"),
            'τ' => out.push_str(r"$\tau$"),
            other => out.push(other),
        }
    }
    out
}
