//! CMX3600 edit decision lists. Source and record durations are equal, outs are exclusive, the
//! record side is contiguous.

use std::fmt::Write;

use super::names::one_line;
use super::{Cut, EditTimeline, clip_name};

/// Events that one CMX3600 file can number.
pub const MAX_EVENTS: usize = 999;

/// The text of each file; record times continue from one file to the next.
pub fn render(cut: &Cut, timeline: &EditTimeline) -> Vec<String> {
    let base = timeline.base;
    let record_hour = u64::from(base.nominal_fps) * 3600;
    // Record time begins at one hour, by custom; in drop frame an hour holds fewer numbers.
    let record_zero = base
        .frame_from_smpte(if base.drop_frame {
            "01:00:00;00"
        } else {
            "01:00:00:00"
        })
        .unwrap_or(record_hour);
    let channels = if cut.video.has_audio { "B" } else { "V" };
    let chunks: Vec<_> = timeline.events.chunks(MAX_EVENTS).collect();
    let many = chunks.len() > 1;
    let pieces = cut.pieces();
    chunks
        .iter()
        .enumerate()
        .map(|(part, events)| {
            let mut text = String::new();
            let part_name = if many {
                format!(" {:03}", part + 1)
            } else {
                String::new()
            };
            let _ = writeln!(text, "TITLE: {}{part_name}", title(cut.title));
            let mode = if base.drop_frame {
                "DROP FRAME"
            } else {
                "NON-DROP FRAME"
            };
            let _ = writeln!(text, "FCM: {mode}\n");
            for (number, event) in events.iter().enumerate() {
                let _ = writeln!(
                    text,
                    "{:03}  AX       {channels:<5} C        {} {} {} {}",
                    number + 1,
                    base.smpte(cut.source_start_frame + event.source_start),
                    base.smpte(cut.source_start_frame + event.source_end),
                    base.smpte(record_zero + event.record_start),
                    base.smpte(record_zero + event.record_end),
                );
                let _ = writeln!(text, "* FROM CLIP NAME: {}", clip_name(cut.video));
                // Readers take a comment for the event above it, and refuse one that stands before
                // all events.
                let comments = [cut.comment(), cut.origin().to_owned()];
                for comment in comments.iter().filter(|_| number == 0) {
                    if !comment.is_empty() {
                        let _ = writeln!(text, "* COMMENT: {}", one_line(comment));
                    }
                }
                let Some(piece) = pieces.get(part * MAX_EVENTS + number) else {
                    continue;
                };
                for (frame, words) in cut.markers_in(piece) {
                    let at = event.record_start + timeline.within(event, piece, frame);
                    let at = base.smpte(record_zero + at);
                    let _ = writeln!(text, "* LOC: {at} YELLOW  {}", one_line(&words));
                }
            }
            text
        })
        .collect()
}

/// A title as the format takes it: one line of printable ASCII, at most 70 characters.
fn title(text: &str) -> String {
    let ascii: String = one_line(text)
        .chars()
        .map(|c| match c {
            '·' | '–' | '—' => '-',
            c if c.is_ascii() => c,
            _ => '_',
        })
        .take(66)
        .collect();
    if ascii.trim().is_empty() {
        "Summary".to_owned()
    } else {
        ascii.trim().to_owned()
    }
}
