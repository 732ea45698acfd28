//! The cut as plain data: CSV for spreadsheets, JSON for scripts. Times come from the frame index,
//! not from a rate.

use serde_json::json;

use super::{Cut, EditTimeline, Piece};
use crate::domain::repairs::spreadsheet_cell;

/// One row a piece, with a header row. Frames are half-open; timecodes include the source start.
pub fn csv(cut: &Cut, timeline: &EditTimeline) -> String {
    let mut text = String::from(
        "piece,start_frame,end_frame,start_secs,end_secs,duration_secs,start_timecode,end_timecode,output_start_secs,output_end_secs,summary,markers,origin\n",
    );
    for (number, (piece, event)) in cut.pieces().iter().zip(&timeline.events).enumerate() {
        text.push_str(&format!(
            "{},{},{},{:.6},{:.6},{:.6},{},{},{:.6},{:.6},{},{},{}\n",
            number + 1,
            piece.frames.start,
            piece.frames.end,
            piece.start_secs,
            piece.end_secs,
            piece.duration_secs(),
            timeline
                .base
                .smpte(cut.source_start_frame + event.source_start),
            timeline
                .base
                .smpte(cut.source_start_frame + event.source_end),
            piece.output_start_secs,
            piece.output_end_secs(),
            cell(&cut.comment()),
            cell(&marker_words(cut, piece)),
            cell(cut.origin()),
        ));
    }
    text
}

/// The words of the markers within a piece, one after the other.
fn marker_words(cut: &Cut, piece: &Piece) -> String {
    let words = cut.markers_in(piece).into_iter().map(|(_, words)| words);
    words.collect::<Vec<_>>().join("; ")
}

/// A text as one cell: no formula of a spreadsheet, quoted where it has to be.
fn cell(text: &str) -> String {
    let text = spreadsheet_cell(text);
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.into_owned(),
    }
}

/// The video's facts, the pieces and the provenance as one object.
pub fn json(cut: &Cut, timeline: &EditTimeline) -> String {
    let pieces: Vec<_> = cut
        .pieces()
        .iter()
        .zip(&timeline.events)
        .map(|(piece, event)| {
            json!({
                "start_frame": piece.frames.start,
                "end_frame": piece.frames.end,
                "start_secs": piece.start_secs,
                "end_secs": piece.end_secs,
                "start_timecode": timeline.base.smpte(cut.source_start_frame + event.source_start),
                "end_timecode": timeline.base.smpte(cut.source_start_frame + event.source_end),
                "output_start_secs": piece.output_start_secs,
                "output_end_secs": piece.output_end_secs(),
                "markers": marker_words(cut, piece),
            })
        })
        .collect();
    let frame_count: u64 = cut.pieces().iter().map(|piece| piece.frames.len()).sum();
    let duration_secs: f64 = cut.pieces().iter().map(|piece| piece.duration_secs()).sum();
    let value = json!({
        "title": cut.title,
        "video": cut.video,
        "frame_count": frame_count,
        "duration_secs": duration_secs,
        "pieces": pieces,
        "summary": cut.named.map(|named| &named.summary),
        "note": cut.named.map(|named| &named.note),
        "origin": cut.origin(),
        "provenance": cut.provenance,
    });
    format!("{value:#}\n")
}
