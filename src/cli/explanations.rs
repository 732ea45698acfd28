//! What a person hears of an analysis: a few lines, and why its summaries are empty.

use crate::domain::{Analysis, Segment};
use crate::summary::select::capacity;
use crate::ui::text;

/// The sentence where not even the shortest segment fits into the budget; `None` where one does.
pub(super) fn nothing_fits(segments: &[Segment], frame_count: u64, budget: f64) -> Option<String> {
    let lengths = segments.iter().map(|segment| segment.frames().len());
    let shortest = lengths.filter(|&frames| frames > 0).min()?;
    if shortest <= capacity(budget, frame_count) {
        return None;
    }
    // The first whole percent that is enough; rounding may take what division gave.
    let enough = (1..=100)
        .find(|&percent| capacity(f64::from(percent) / 100.0, frame_count) >= shortest)
        .unwrap_or(100);
    let asked = trimmed(budget * 100.0, 1);
    Some(format!(
        "no segment fits into {asked} % of the video: the shortest takes {enough} %; raise --budget to {}",
        trimmed(f64::from(enough) / 100.0, 2)
    ))
}

fn trimmed(value: f64, places: usize) -> String {
    let digits = format!("{value:.places$}");
    digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// A few lines for a person: what was found and how long it took.
pub(super) fn summary_of(analysis: &Analysis) -> String {
    use std::fmt::Write;

    let mut text = format!(
        "{}: {:.1} s, {}, {} on {}, {:.1} s of work",
        analysis.video.path.display(),
        analysis.video.duration_secs,
        text::count(analysis.segments.len(), "segment"),
        text::count(analysis.samples.len(), "sample"),
        analysis.device,
        analysis.timings_secs.total,
    );
    for kind in &analysis.alternatives {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n  {}  {:3.0} ± {:.0} % of samples, {:.1} s in {}, nearest sample {}: {}",
            kind.label,
            kind.share * 100.0,
            kind.share_error * 100.0,
            kind.duration_secs,
            text::count(kind.selected_segments.len(), "segment"),
            kind.medoid_sample,
            kind.distinguishes,
        );
    }
    if let Some(effective) = analysis.effective_samples {
        let _ = write!(
            text,
            "\n  steered: the samples say as much as {effective:.0} of equal weight"
        );
    }
    if !analysis.alternatives.is_empty() {
        let _ = write!(
            text,
            "\n  {} of the samples are near their alternative, the rest is something else",
            text::percent(analysis.coverage)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_below_the_shortest_segment_is_told_with_one_that_is_enough() {
        let segment = |start_frame, end_frame| Segment {
            start_frame,
            end_frame,
            start_secs: 0.0,
            end_secs: 0.0,
            dull: None,
        };
        let segments = [segment(0, 415), segment(415, 1000)];
        assert_eq!(
            nothing_fits(&segments, 1000, 0.15).unwrap(),
            "no segment fits into 15 % of the video: the shortest takes 42 %; raise --budget to 0.42"
        );
        assert_eq!(nothing_fits(&segments, 1000, 0.42), None);
        let whole = nothing_fits(&[segment(0, 7)], 7, 0.125).unwrap();
        assert!(
            whole.contains("12.5 %") && whole.ends_with("to 1"),
            "{whole}"
        );
        assert_eq!(nothing_fits(&[], 0, 0.15), None);
    }
}
