//! The table of `analyze --stability`.

use std::fmt::Write;

use crate::pipeline::Stability;
use crate::ui::text;

/// Kinds over the seeds, for a person.
pub(super) fn table(found: &Stability) -> String {
    let mut text = format!(
        "{} of {} each, {} % of the video\n  {:<5} {:>7} {:>12} {:>7} {:>9} {:>7}",
        text::count(found.seeds.len(), "seed"),
        text::count(found.samples, "sample"),
        found.budget * 100.0,
        "kind",
        "share",
        "moves (pts)",
        "most",
        "overlap",
        "least",
    );
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |s| format!("{s:.2}"));
    for kind in &found.kinds {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n  {:<5} {:>5.1} % {:>12.1} {:>7.1} {:>9} {:>7}",
            kind.label,
            kind.mean_share * 100.0,
            kind.share_moves * 100.0,
            kind.share_moves_most * 100.0,
            share(kind.overlap),
            share(kind.least_overlap),
        );
    }
    let _ = write!(
        text,
        "\n  {:<5} {:>7} {:>12.1} {:>7} {:>9}",
        "mean",
        "",
        found.share_moves * 100.0,
        "",
        share(found.overlap),
    );
    text
}
