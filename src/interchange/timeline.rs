//! A cut laid out on an editing timeline of constant rate. Knows nothing of file formats.

use super::{Cut, Piece};
use crate::domain::{Rational, Timebase};

/// One cut of the timeline, in whole frames of the timeline's rate, ends exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EditEvent {
    /// Position in the source, counted from the source's first frame (the source timecode is not
    /// added).
    pub source_start: u64,
    pub source_end: u64,
    /// Position in the edit; contiguous from 0.
    pub record_start: u64,
    pub record_end: u64,
}

/// A cut on a timeline that editing programs can hold.
#[derive(Clone, Debug)]
pub struct EditTimeline {
    pub base: Timebase,
    pub events: Vec<EditEvent>,
    /// Length of the whole source in timeline frames.
    pub source_frames: u64,
    /// What a person should know about the layout.
    pub notes: Vec<String>,
}

impl EditTimeline {
    /// How far into an event a source frame of its piece lies, in timeline frames.
    pub(super) fn within(&self, event: &EditEvent, piece: &Piece, frame: u64) -> u64 {
        let (length, frames) = (event.source_end - event.source_start, piece.frames.len());
        let into = frame.saturating_sub(piece.frames.start);
        (into * length / frames.max(1)).min(length.saturating_sub(1))
    }

    /// Lays the cut out. A video of even, usual rate keeps its frame numbers. Any other is laid out
    /// by presentation time on the nearest rate that editing programs know: each edge is rounded to
    /// that rate by itself, so errors do not add up, and every piece keeps at least one frame.
    pub fn new(cut: &Cut) -> Self {
        let own = Timebase::from_rate(cut.video.frame_rate);
        let by_number = !is_uneven(cut, own.rate) && own.is_standard();
        let (base, note) = if by_number {
            (own, None)
        } else {
            let base = multiple_of(own.rate)
                .filter(|_| !cut.video.variable_frame_rate)
                .unwrap_or_else(|| Timebase::standard_at_least(typical_fps(cut)));
            let shown = trimmed(base.rate.as_f64());
            let note = if cut.video.variable_frame_rate {
                format!(
                    "frames are unevenly spaced in time, so cuts are placed by time on a timeline of {shown} frames a second"
                )
            } else {
                format!(
                    "{} frames a second is no rate of editing programs, so cuts are placed by time on a timeline of {shown}",
                    trimmed(own.rate.as_f64())
                )
            };
            (base, Some(note))
        };
        let base = Timebase {
            drop_frame: cut.drop_frame.unwrap_or(base.drop_frame) && base.can_drop(),
            ..base
        };
        let mut events = Vec::new();
        let mut record = 0u64;
        for piece in cut.pieces() {
            let (start, end) = if by_number {
                (piece.frames.start, piece.frames.end)
            } else {
                let start = base.frame_from_secs(piece.start_secs);
                (start, base.frame_from_secs(piece.end_secs).max(start + 1))
            };
            events.push(EditEvent {
                source_start: start,
                source_end: end,
                record_start: record,
                record_end: record + (end - start),
            });
            record += end - start;
        }
        let last_end = events.iter().map(|event| event.source_end).max();
        let source_frames = if by_number {
            cut.index.len()
        } else {
            base.frame_from_secs(cut.index.duration_secs())
        };
        Self {
            base,
            events,
            source_frames: source_frames.max(last_end.unwrap_or(0)),
            notes: note.into_iter().collect(),
        }
    }

    /// Length of the edit in timeline frames.
    pub fn record_frames(&self) -> u64 {
        self.events.last().map_or(0, |event| event.record_end)
    }
}

/// Whether frames stray from even spacing by half a frame: then a frame number is no time.
fn is_uneven(cut: &Cut, rate: Rational) -> bool {
    if cut.video.variable_frame_rate {
        return true;
    }
    let frame_secs = rate.den as f64 / rate.num as f64;
    (0..cut.index.len()).any(|frame| {
        (cut.index.secs_from_frame(frame) - frame as f64 * frame_secs).abs() > frame_secs / 2.0
    })
}

/// The usual rate that is a whole multiple of an unusual one, as 25 is of 12.5: there every edge
/// falls on a frame.
fn multiple_of(rate: Rational) -> Option<Timebase> {
    [24, 25, 30, 50, 60]
        .into_iter()
        .find(|standard| (standard * rate.den) % rate.num == 0)
        .map(|standard| Timebase::from_rate(Rational::new(standard, 1)))
}

/// Frames a second by the median spacing, which a few long gaps do not move.
fn typical_fps(cut: &Cut) -> f64 {
    let mut spacings: Vec<f64> = (1..cut.index.len())
        .map(|frame| cut.index.secs_from_frame(frame) - cut.index.secs_from_frame(frame - 1))
        .collect();
    if spacings.is_empty() {
        return 25.0;
    }
    let middle = spacings.len() / 2;
    let (_, median, _) = spacings.select_nth_unstable_by(middle, f64::total_cmp);
    1.0 / median.max(1e-6)
}

fn trimmed(fps: f64) -> String {
    let text = format!("{fps:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
