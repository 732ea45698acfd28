//! The presentation time of every frame, from the packets alone: nothing is decoded.

use std::path::Path;

use ffmpeg_next as ff;

use super::source::{Source, claimed_secs, is_discarded, packet_time};
use super::{MediaError, counted, runs};
use crate::domain::{FrameIndex, Rational};
use crate::jobs::{CancelToken, Progress, StageClock};

/// Packets between two looks at the cancel token.
const CANCEL_EVERY: usize = 256;

/// Timestamps from here on are damage: differences of such numbers would overflow.
const ABSURD_TICKS: i64 = i64::MAX / 8;

/// A clock that goes back by more than this for good has started over.
const RESTART_SECS: f64 = 1.0;

/// A frame index and what was learnt while making it.
#[derive(Clone, Debug)]
pub struct Indexed {
    pub index: FrameIndex,
    /// Average frame rate, frames a second.
    pub frame_rate: Rational,
    /// Whether frames are unevenly spaced by more than the container's rounding.
    pub variable_frame_rate: bool,
    /// Ascending frames whose packets the container marks as damaged.
    pub damaged: Vec<u64>,
    /// Sentences about what was worked around; empty for a sound file.
    pub warnings: Vec<String>,
}

/// Indexes the default video stream of a file by reading its packets.
///
/// Frames that an edit list drops and pictures that are never shown are left out. Progress is by bytes read.
///
/// # Errors
/// Every kind of [`MediaError`] about the file; [`MediaError::NoFrames`] when the stream has no packet.
pub fn index(
    path: &Path,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<Indexed, MediaError> {
    let mut source = Source::open(path)?.video_only();
    index_source(&mut source, cancel, progress)
}

/// One packet that shows a frame.
struct Entry {
    pts: i64,
    duration: i64,
    key: bool,
    damaged: bool,
}

pub(crate) fn index_source(
    source: &mut Source,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<Indexed, MediaError> {
    let claimed_secs = claimed_secs(source);
    source.read_whole_file();
    let codec = source
        .input
        .stream(source.stream)
        .map(|s| s.parameters().id());
    let total_bytes = source.input.io_size().unwrap_or(0).max(0) as u64;
    let clock = StageClock::start("Reading the frame index");
    let mut entries: Vec<Entry> = Vec::new();
    let mut stored = Stored::default();
    let mut without_time = 0usize;
    let mut packets = 0usize;
    while let Some(packet) = source.next_packet()? {
        if packets.is_multiple_of(CANCEL_EVERY) {
            if cancel.is_cancelled() {
                return Err(MediaError::cancelled(&source.path));
            }
            progress(clock.at(packet.position().max(0) as u64, total_bytes));
        }
        packets += 1;
        if is_discarded(&packet) || codec.is_some_and(|codec| is_hidden(codec, &packet)) {
            continue;
        }
        stored.note(&packet, entries.len());
        let step = entries.last().map_or(0, |e| e.duration.max(1));
        let stated = packet_time(&packet).filter(|pts| pts.abs() < ABSURD_TICKS);
        let pts = stated.unwrap_or_else(|| {
            without_time += 1;
            entries.last().map_or(0, |e| e.pts + step)
        });
        entries.push(Entry {
            pts,
            duration: packet.duration().max(0),
            key: packet.is_key(),
            damaged: packet.is_corrupt(),
        });
    }
    if entries.is_empty() {
        return Err(MediaError::NoFrames {
            path: source.path.clone(),
        });
    }
    let restart = stored.restart(source.time_base);
    if let Some((kept, position)) = restart {
        entries.truncate(kept);
        // The container marks packets just before the place as damaged, because its own count of packets breaks off there.
        for last in entries.iter_mut().rev().take(3) {
            last.damaged = false;
        }
        runs::remember(&source.path, position);
    }
    entries.sort_by_key(|entry| entry.pts);
    let before = entries.len();
    entries.dedup_by(|later, earlier| {
        let same = later.pts == earlier.pts;
        earlier.key |= same && later.key;
        earlier.duration = earlier.duration.max(if same { later.duration } else { 0 });
        same
    });
    let repeated = before - entries.len();
    let mut indexed = indexed_from_entries(&entries, source);
    if source.is_untimed() {
        indexed.warnings.push(
            "The file states no times: its frames are taken to follow each other evenly.".into(),
        );
    }
    if without_time > 0 {
        indexed.warnings.push(format!(
            "{} without a time; placed at the usual distance after the one before.",
            counted(without_time, "frame")
        ));
    }
    if repeated > 0 {
        indexed.warnings.push(format!(
            "{} with the time of another; counted once.",
            counted(repeated, "frame")
        ));
    }
    if source.failed_reads > 0 || !indexed.damaged.is_empty() {
        let damaged = counted(indexed.damaged.len().max(1), "damaged frame");
        indexed.warnings.push(match indexed.damaged.len() {
            0 | 1 => format!("{damaged}; the nearest sound frame stands in for it."),
            _ => format!("{damaged}; the nearest sound frames stand in for them."),
        });
    }
    let true_secs = indexed.index.duration_secs();
    if restart.is_some() {
        indexed.warnings.push(format!(
            "The file's clock starts over after {true_secs:.1} s, as when recordings are put one after the other: only this first part is used. Join them with “ffmpeg -i in -c copy out.mkv” to use all."
        ));
    }
    let end_secs = end_on_clock(&indexed.index);
    if let Some(claimed) = claimed_secs.filter(|&claimed| {
        // Some containers count their length from the first frame, others from zero of their clock.
        let missing_secs = claimed - true_secs.max(end_secs);
        missing_secs > 1.0 && claimed > true_secs * 1.1
    }) {
        indexed.warnings.push(format!(
            "The file states {claimed:.1} s but holds pictures for {true_secs:.1} s only: it may have been cut off; the true length is used."
        ));
    }
    Ok(indexed)
}

/// Where packets are stored and when they are decoded, to find the place where the clock starts over.
#[derive(Default)]
struct Stored {
    /// Decoding times, and for each how many entries came before and at which byte the packet begins.
    times: Vec<i64>,
    places: Vec<(usize, i64)>,
}

impl Stored {
    fn note(&mut self, packet: &ff::Packet, entries: usize) {
        if let Some(time) = packet.dts().filter(|time| time.abs() < ABSURD_TICKS) {
            self.times.push(time);
            self.places.push((entries, packet.position() as i64));
        }
    }

    /// Entries before the clock starts over, and the byte where it does.
    fn restart(&self, time_base: Rational) -> Option<(usize, i64)> {
        let at = runs::restart(&self.times, (RESTART_SECS / time_base.as_f64()) as i64)?;
        self.places
            .get(at)
            .copied()
            .filter(|&(_, position)| position > 0)
    }
}

/// End of the last frame on the container's clock, seconds.
fn end_on_clock(index: &FrameIndex) -> f64 {
    let last = index.pts.last().copied().unwrap_or(0);
    last.saturating_add(index.last_duration) as f64 * index.time_base.as_f64()
}

fn indexed_from_entries(entries: &[Entry], source: &Source) -> Indexed {
    let mut deltas: Vec<i64> = entries.windows(2).map(|w| w[1].pts - w[0].pts).collect();
    deltas.sort_unstable();
    let typical = deltas.get(deltas.len() / 2).copied().unwrap_or(0);
    let last = &entries[entries.len() - 1];
    // A last packet often states no duration, or in Matroska a wrong one; the spacing of the others bounds it.
    // Where the order of showing was found here, the packet speaks of its place in storage.
    let stated = if source.is_reordered() {
        0
    } else {
        last.duration
    };
    let last_duration = match (stated, typical) {
        (0, 0) => fallback_ticks(source),
        (0, typical) => typical,
        (duration, _) => duration,
    };
    let tick_secs = source.time_base.as_f64();
    let spread = deltas.last().copied().unwrap_or(0) - deltas.first().copied().unwrap_or(0);
    let variable_frame_rate =
        spread > 2 && spread as f64 * tick_secs > (typical as f64 * tick_secs * 0.1).max(0.0021);
    let index = FrameIndex {
        pts: entries.iter().map(|e| e.pts).collect(),
        keyframes: frames_where(entries, |e| e.key).into(),
        time_base: source.time_base,
        last_duration,
    };
    Indexed {
        frame_rate: average_rate(&index, source, variable_frame_rate),
        variable_frame_rate,
        damaged: frames_where(entries, |e| e.damaged),
        warnings: Vec::new(),
        index,
    }
}

fn frames_where(entries: &[Entry], mut keep: impl FnMut(&Entry) -> bool) -> Vec<u64> {
    (0u64..)
        .zip(entries)
        .filter(|(_, entry)| keep(entry))
        .map(|(frame, _)| frame)
        .collect()
}

/// Ticks of one frame at the stated rate, for a video of a single frame without duration; 1/25 s where none is stated.
fn fallback_ticks(source: &Source) -> i64 {
    let rate = source
        .input
        .stream(source.stream)
        .map(|s| f64::from(s.avg_frame_rate()))
        .filter(|rate| rate.is_finite() && *rate > 0.0)
        .unwrap_or(25.0);
    ((1.0 / rate / source.time_base.as_f64()).round() as i64).max(1)
}

/// The container's stated average where the frames bear it out, else the measured one.
fn average_rate(index: &FrameIndex, source: &Source, variable: bool) -> Rational {
    let span = index.pts[index.pts.len() - 1] + index.last_duration - index.pts[0];
    let measured = reduced(
        index.pts.len() as i64 * source.time_base.den,
        span.max(1) * source.time_base.num,
    );
    let stated = source
        .input
        .stream(source.stream)
        .map(|s| s.avg_frame_rate())
        .map(|r| Rational::new(i64::from(r.numerator()), i64::from(r.denominator())))
        .filter(|r| r.is_known());
    match stated {
        Some(stated) if !variable && (stated.as_f64() / measured.as_f64() - 1.0).abs() < 0.02 => {
            stated
        }
        _ => measured,
    }
}

fn reduced(num: i64, den: i64) -> Rational {
    let (mut a, mut b) = (num.abs(), den.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let divisor = a.max(1);
    Rational::new(num / divisor, den / divisor)
}

/// Whether a packet only updates references and is never shown (the "alternate reference frames" of VP8 and VP9).
fn is_hidden(codec: ff::codec::Id, packet: &ff::Packet) -> bool {
    let Some(data) = packet.data().filter(|data| !data.is_empty()) else {
        return false;
    };
    match codec {
        // RFC 6386, 9.1: bit 4 of the frame tag is show_frame.
        ff::codec::Id::VP8 => data[0] & 0x10 == 0,
        ff::codec::Id::VP9 => vp9_is_hidden(data),
        _ => false,
    }
}

/// VP9 uncompressed header: marker (2 bits), profile (2 or 3), show_existing_frame, frame_type, show_frame.
/// A superframe (last byte 0b110xxxxx) always shows one of its frames.
fn vp9_is_hidden(data: &[u8]) -> bool {
    let (first, last) = (data[0], data[data.len() - 1]);
    if first >> 6 != 0b10 || last >> 5 == 0b110 {
        return false;
    }
    let profile = (first >> 5 & 1) | (first >> 4 & 1) << 1;
    let shift = u8::from(profile == 3);
    let bit = |position: u8| first >> (7 - position - shift) & 1;
    let show_existing = bit(4);
    show_existing == 0 && bit(6) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vp9_headers_tell_hidden_frames() {
        // Marker 10, profile 0, no existing frame, key frame (0), shown (1).
        assert!(!vp9_is_hidden(&[0b1000_0010, 0]));
        // The same, not shown.
        assert!(vp9_is_hidden(&[0b1000_0100, 0]));
        // Shows an existing frame.
        assert!(!vp9_is_hidden(&[0b1000_1000, 0]));
        // A superframe.
        assert!(!vp9_is_hidden(&[0b1000_0100, 0b1100_0000]));
    }

    #[test]
    fn rates_are_in_lowest_terms() {
        assert_eq!(reduced(90_000, 3_003), Rational::new(30_000, 1_001));
    }
}
