//! The table as one HTML page that needs nothing else.

use std::fmt::Write as _;

use super::{TableProvenance, columns, marked_name, notes};
use crate::pipeline::evaluation::{EvaluationTable, MEASURES};

const STYLE: &str = "body{font:15px system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1b1e24;background:#fff}\
table{border-collapse:collapse}th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid #d5d9e0}\
th:first-child,td:first-child{text-align:left}td.best{font-weight:700}td.second{text-decoration:underline}\
small,pre{color:#555c66}pre{white-space:pre-wrap;word-break:break-all}";

/// A page with the table, its notes and its provenance.
pub fn html(table: &EvaluationTable, provenance: &TableProvenance) -> String {
    let title = format!("Evaluation by the rule of {}", table.kind.title());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>{STYLE}</style>\n<h1>{title}</h1>\n\
         {}<h2>Provenance</h2>\n<pre>{}</pre>\n</html>\n",
        fragment(table),
        escaped(&provenance.to_json())
    )
}

/// The table and its notes alone.
pub fn fragment(table: &EvaluationTable) -> String {
    let columns = columns(table);
    let ranks: Vec<Vec<Option<usize>>> = columns.iter().map(|&at| table.ranks(at)).collect();
    let mut text = String::from("<table>\n<tr><th>method</th><th>videos</th>");
    for &at in &columns {
        let arrow = if MEASURES[at].higher_is_better {
            "↑"
        } else {
            "↓"
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "<th>{} {arrow}</th>", MEASURES[at].sign);
    }
    text.push_str("<th>Δτ to the first [95 %]</th></tr>\n");
    for (row, method) in table.methods.iter().enumerate() {
        let _ = write!(
            text,
            "<tr><td>{}</td><td>{}</td>",
            escaped(&marked_name(method)),
            method.videos
        );
        for (&at, ranks) in columns.iter().zip(&ranks) {
            let measure = &MEASURES[at];
            let shown = |value: f64| format!("{:.*}", measure.decimals, value * measure.scale);
            let class = match ranks[row] {
                Some(0) => " class=\"best\"",
                Some(_) => " class=\"second\"",
                None => "",
            };
            let _ = write!(text, "<td{class}>");
            match (method.mean.0[at], method.std.0[at]) {
                (None, _) => text.push('–'),
                (Some(mean), None) => text.push_str(&shown(mean)),
                (Some(mean), Some(std)) => {
                    let _ = write!(text, "{} <small>± {}</small>", shown(mean), shown(std));
                }
            }
            text.push_str("</td>");
        }
        let difference = method.versus_first.and_then(|difference| difference.tau);
        let difference = difference.map_or_else(String::new, |tau| {
            format!(
                "{:+.3} <small>[{:+.3}, {:+.3}]</small>",
                tau.value, tau.low, tau.high
            )
        });
        let _ = writeln!(text, "<td>{difference}</td></tr>");
    }
    text.push_str("</table>\n");
    for note in notes(table) {
        let _ = writeln!(text, "<p>{}</p>", escaped(&note));
    }
    text
}

pub(crate) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
