//! The presentation time of every frame: one picture, one number, as a decoder shows them.
//!
//! Found from the packets alone wherever these say enough; a decoder is asked where they do not,
//! and where the video begins when the file begins inside a group of pictures.

mod film;
mod runs;
pub(crate) mod stages;
mod stored;
mod times;
mod witness;

use std::path::Path;
use std::time::Instant;

use ffmpeg_next as ff;

use super::source::{Source, claimed_secs};
use super::timetable::{ClockRun, Part, Place, Timetable};
use super::{MediaError, counted, headers, remote};
use crate::domain::{FrameIndex, Rational};
use crate::jobs::{CancelToken, Progress};
use film::Film;
use stored::Stored;

/// A clock that jumps ahead by more than this has broken off, in containers whose clocks do; as the
/// ffmpeg program takes it.
const FORWARD_BREAK_SECS: f64 = 10.0;

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

/// Indexes the default video stream of a file.
///
/// Frames that an edit list drops, pictures that are never shown, and those before the first at
/// which decoding can start are left out. Progress is by bytes read.
///
/// # Errors
/// Every kind of [`MediaError`] about the file; [`MediaError::NoFrames`] when the stream has no
/// packet.
pub fn index(
    path: &Path,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<Indexed, MediaError> {
    match remote::read_through(path, false, cancel, progress) {
        Some(read) => read.map(|(_, indexed)| indexed),
        None => index_here(path, cancel, progress),
    }
}

/// As [`index`], in this process.
pub(crate) fn index_here(
    path: &Path,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<Indexed, MediaError> {
    let mut source = Source::open_until(path, cancel)?.video_only();
    index_source(&mut source, cancel, progress)
}

/// A picture of the video.
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
    source.inspect_packets()?;
    let mut stored = stored::read(source, cancel, progress)?;
    if !stored.iter().any(|packet| !packet.is_silent) {
        return Err(MediaError::NoFrames {
            path: source.path.clone(),
        });
    }
    let stream = stream_facts(source, &stored);
    let started = Instant::now();
    let total = stored.len();
    let path = source.path.clone();
    let film = film::lay_out(&stored, &stream, &mut |begin, most| {
        witness::decoded_order(&path, begin, most, total, cancel, progress)
    })?;
    let decoding_secs = started.elapsed().as_secs_f64();
    if film.shown.is_empty() {
        return Err(MediaError::NoFrames { path });
    }
    for run in film.runs.iter().skip(1) {
        // The container marks packets around a break as damaged, because its own count of packets
        // breaks off there.
        let start = run.packets.start;
        for packet in &mut stored[start.saturating_sub(3)..(start + 1).min(total)] {
            packet.is_damaged = false;
        }
    }
    let entries: Vec<Entry> = film
        .shown
        .iter()
        .map(|&(at, pts)| Entry {
            pts,
            duration: stored[at].duration,
            key: stored[at].is_key,
            damaged: stored[at].is_damaged,
        })
        .collect();
    let is_retimed = is_retimed(&film, &stored, source.is_parsed());
    let mut indexed = indexed_from_entries(&entries, source, is_retimed);
    indexed.warnings = warnings(&film, &stream, source, &indexed, decoding_secs);
    let true_secs = indexed.index.duration_secs();
    let end_secs = end_on_clock(&indexed.index);
    if let Some(claimed) = claimed_secs.filter(|&claimed| {
        // Some containers count their length from the first frame, others from zero of their clock;
        // where the clock breaks off, from one break to another.
        let missing_secs = claimed - true_secs.max(end_secs);
        film.runs.len() == 1 && missing_secs > 1.0 && claimed > true_secs * 1.1
    }) {
        indexed.warnings.push(format!(
            "The file states {claimed:.1} s but holds pictures for {true_secs:.1} s only: it may have been cut off; the true length is used."
        ));
    }
    if is_retimed {
        timetable(&film, &stored, source).remember(&source.path);
    } else {
        Timetable::forget(&source.path);
    }
    Ok(indexed)
}

fn stream_facts(source: &Source, stored: &[Stored]) -> times::Stream {
    let codec = source
        .parameters()
        .map_or(ff::codec::Id::None, |parameters| parameters.id());
    let ticks_per_sec = 1.0 / source.time_base.as_f64().max(f64::MIN_POSITIVE);
    times::Stream {
        ticks_per_sec,
        frame_ticks: fallback_ticks(source) as f64,
        may_reorder: headers::may_reorder(codec),
        gap_ticks: source
            .clock_may_break()
            .then_some((FORWARD_BREAK_SECS * ticks_per_sec) as i64),
        is_untimed: source.states_no_times()
            && (headers::state_order(codec) || stored.iter().all(|packet| packet.pts.is_none())),
        has_true_keys: source.is_parsed(),
    }
}

/// Whether readers must be given times in place of the container's own. Where a parser finds the
/// pictures, missing times would be guessed.
fn is_retimed(film: &Film, stored: &[Stored], is_parsed: bool) -> bool {
    let mut parts = film.parts.iter().zip(stored);
    film.runs.len() > 1
        || parts.any(|(part, packet)| match part {
            Part::Shown(time) if is_parsed => packet.pts != Some(*time),
            Part::Shown(time) => packet.pts.or(packet.dts) != Some(*time),
            Part::Second | Part::Lost => true,
            Part::Silent => !packet.is_silent,
        })
}

fn timetable(film: &Film, stored: &[Stored], source: &Source) -> Timetable {
    let places = stored
        .iter()
        .zip(&film.parts)
        .map(|(packet, &part)| Place {
            position: packet.position,
            print: packet.print,
            stated: packet.dts.or(packet.pts).unwrap_or(0),
            part,
            is_key: packet.is_key,
        })
        .collect();
    let tick_secs = source.time_base.as_f64();
    let runs = film
        .runs
        .iter()
        .map(|run| ClockRun {
            position: stored[run.packets.clone()]
                .iter()
                .find(|packet| packet.position >= 0)
                .map_or(0, |packet| packet.position),
            from_secs: run.stated.0 as f64 * tick_secs,
            to_secs: run.stated.1 as f64 * tick_secs,
            shift_secs: run.shift as f64 * tick_secs,
        })
        .collect();
    Timetable::new(places, runs, tick_secs, source.is_parsed())
}

/// What was worked around, in sentences.
fn warnings(
    film: &Film,
    stream: &times::Stream,
    source: &Source,
    indexed: &Indexed,
    decoding_secs: f64,
) -> Vec<String> {
    let mut warnings = Vec::new();
    if stream.is_untimed {
        warnings.push(
            "The file states no times: its frames are taken to follow each other evenly.".into(),
        );
    } else if film.untimed > film.contradicting && !stream.has_true_keys {
        warnings.push(format!(
            "{} without a time; placed between those before and after.",
            counted(film.untimed - film.contradicting, "frame")
        ));
    }
    if film.contradicting > 0 {
        warnings.push(format!(
            "{} with a wrong time; placed by the order of pictures.",
            counted(film.contradicting, "frame")
        ));
    }
    if film.lost > 0 {
        warnings.push(match film.lost {
            1 => "The file begins inside a group of pictures: its first picture cannot be decoded and is left out.".into(),
            many => format!("The file begins inside a group of pictures: {many} pictures that cannot be decoded are left out."),
        });
    }
    if let Some(breaks) = breaks(film, source, &indexed.index) {
        warnings.push(breaks);
    }
    if film.was_decoded {
        warnings.push(format!(
            "The file does not say in which order its pictures are shown: it was decoded once to find out, in {decoding_secs:.0} s."
        ));
    }
    if source.failed_reads > 0 || !indexed.damaged.is_empty() {
        let damaged = counted(indexed.damaged.len().max(1), "damaged frame");
        warnings.push(match indexed.damaged.len() {
            0 | 1 => format!("{damaged}; the nearest sound frame stands in for it."),
            _ => format!("{damaged}; the nearest sound frames stand in for them."),
        });
    }
    warnings
}

/// The breaks of the file's clock in a sentence.
fn breaks(film: &Film, source: &Source, index: &FrameIndex) -> Option<String> {
    let (first, second) = (film.runs.first()?, film.runs.get(1)?);
    let tick_secs = source.time_base.as_f64();
    let at_secs = (second.stated.0 + second.shift - index.pts[0]) as f64 * tick_secs;
    let step_secs = (second.stated.0 - first.stated.1) as f64 * tick_secs;
    let how = if step_secs < 0.0 {
        format!("goes back by {:.1} s", -step_secs)
    } else {
        format!("jumps ahead by {step_secs:.1} s")
    };
    let more = match film.runs.len() - 2 {
        0 => String::new(),
        1 => " and breaks off once more".into(),
        many => format!(" and breaks off {many} times more"),
    };
    Some(format!(
        "The file's clock {how} after {at_secs:.1} s{more}, as when recordings are put one after the other: the parts are joined without a gap."
    ))
}

/// End of the last frame on the container's clock, seconds.
fn end_on_clock(index: &FrameIndex) -> f64 {
    let last = index.pts.last().copied().unwrap_or(0);
    last.saturating_add(index.last_duration) as f64 * index.time_base.as_f64()
}

fn indexed_from_entries(entries: &[Entry], source: &Source, is_retimed: bool) -> Indexed {
    let mut deltas: Vec<i64> = entries.windows(2).map(|w| w[1].pts - w[0].pts).collect();
    deltas.sort_unstable();
    let typical = deltas.get(deltas.len() / 2).copied().unwrap_or(0);
    let last = &entries[entries.len() - 1];
    // A last packet often states no duration, or in Matroska a wrong one; the spacing of the others
    // bounds it. Where the order of showing was found here, the packet speaks of its place in
    // storage.
    let stated = if is_retimed { 0 } else { last.duration };
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

/// Ticks of one frame at the stated rate, for a video of a single frame without duration; 1/25 s
/// where none is stated.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_in_lowest_terms() {
        assert_eq!(reduced(90_000, 3_003), Rational::new(30_000, 1_001));
    }
}
