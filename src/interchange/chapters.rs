//! Chapters of the exported video in FFmpeg's metadata format, one for each kept stretch, in output
//! time.

use std::fmt::Write;

use super::{Cut, names};
use crate::domain::timecode::clock_from_secs;

/// Title of a piece's chapter: its number and where it was in the source.
pub fn title(number: usize, source_secs: f64) -> String {
    format!("{number:03} from {}", clock_from_secs(source_secs))
}

/// The `;FFMETADATA1` document.
pub fn render(cut: &Cut) -> String {
    let mut text = String::from(";FFMETADATA1\n");
    let _ = writeln!(text, "title={}", escaped(&names::one_line(cut.title)));
    let comment = cut.whole_comment();
    if !comment.is_empty() {
        let _ = writeln!(text, "comment={}", escaped(&names::one_line(&comment)));
    }
    for (number, piece) in cut.pieces().iter().enumerate() {
        let _ = writeln!(
            text,
            "[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={}\ntitle={}",
            millis(piece.output_start_secs),
            millis(piece.output_end_secs()),
            escaped(&title(number + 1, piece.start_secs)),
        );
    }
    text
}

fn millis(secs: f64) -> u64 {
    (secs * 1000.0).round().max(0.0) as u64
}

/// Puts a backslash before `=`, `;`, `#`, `\` and line breaks, as the format asks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '=' | ';' | '#' | '\\' | '\n') {
            out.push('\\');
        }
        if c != '\r' {
            out.push(c);
        }
    }
    out
}
