//! What `summdiff export` says of a clip: before copying what will be widened, afterwards what was
//! made.

use std::path::Path;

use super::{Interrupted, Output};
use crate::domain::timecode::clock_from_secs;
use crate::domain::{FrameIndex, FrameRange};
use crate::media::cut::{
    Container, Copying, ExportMode, ExportOptions, ExportReport, TrackChoice, foresee,
};
use crate::ui::text;

/// What copying will widen, before it begins.
pub(super) fn say_widening(
    output: &Output,
    video: &Path,
    index: &FrameIndex,
    ranges: &[FrameRange],
    container: Container,
) -> anyhow::Result<()> {
    let cancel = output.cancel_token();
    let options = ExportOptions {
        mode: ExportMode::Copy,
        sounds: TrackChoice::None,
        subtitles: TrackChoice::None,
        ..ExportOptions::default()
    };
    let foreseen = foresee(video, index, ranges, container, &options, cancel);
    let foreseen = foreseen.map_err(|err| match err.is_cancelled() {
        true => Interrupted.into(),
        false => anyhow::Error::from(err),
    })?;
    match foreseen.copying {
        Some(Copying::Widens {
            asked_secs,
            kept_secs,
        }) if kept_secs - asked_secs > 0.001 => output.say(&format!(
            "whole groups of pictures last {} instead of {}",
            clock_from_secs(kept_secs),
            clock_from_secs(asked_secs)
        )),
        _ => {}
    }
    Ok(())
}

/// What was made, and what a person should know of it.
pub(super) fn say_report(output: &Output, report: &ExportReport) {
    for widened in &report.widened {
        output.say(&format!(
            "widened frames {}–{} to {}–{}",
            widened.asked.start, widened.asked.end, widened.kept.start, widened.kept.end
        ));
    }
    for note in &report.notes {
        output.say(&format!("note: {note}"));
    }
    let how = match (&report.encoder, report.copied_frames) {
        (Some(encoder), 0) => format!("encoded with {encoder}"),
        (Some(encoder), copied) => {
            format!("{copied} frames copied, the rest encoded with {encoder}")
        }
        (None, _) => "all frames copied".to_owned(),
    };
    output.say(&format!(
        "wrote {}: {}, {}, {:.1} MB, {how}",
        report.path.display(),
        text::count(report.frame_count as usize, "frame"),
        clock_from_secs(report.duration_secs),
        report.bytes as f64 / 1e6
    ));
}
