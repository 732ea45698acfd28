//! Pauses of speech: stretches in which the sound is low for its own measure, and the ends of
//! pieces moved into them so that words are kept whole. Pure; knows no words, so music without
//! pauses moves nothing.

use crate::domain::levels::{BINS_PER_SEC, amplitude_from_level, level_from_amplitude};
use crate::domain::{FrameIndex, FrameRange};

/// A pause lasts at least this long; the gaps inside words are shorter.
pub const MIN_PAUSE_SECS: f64 = 0.15;
/// An end is moved at most this far.
pub const MOST_MOVE_SECS: f64 = 0.5;
/// How far inside a pause an end comes to lie where the pause is long enough: bins are no sharper
/// than 20 ms.
const MARGIN_SECS: f64 = 0.04;
/// Sound this far below the usual level is silence, steps of half a decibel.
const DEEPEST: f32 = 100.0;
/// The threshold lies this share of the way from the quiet level up to the usual one.
const SHARE: f32 = 0.4;
/// With less than this between quiet and usual there are no pauses, steps of half a decibel.
const LEAST_SPAN: f32 = 16.0;

/// Pieces after their ends were moved into pauses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WholeSpeech {
    /// Sorted and disjoint.
    pub ranges: Vec<FrameRange>,
    /// Ends that were moved.
    pub moved: usize,
    /// How far the one that was moved furthest, seconds.
    pub furthest_secs: f64,
}

impl WholeSpeech {
    /// `3 ends moved by up to 0.4 s into pauses`, for a person.
    pub fn sentence(&self) -> String {
        let by = self.furthest_secs.max(0.05);
        match self.moved {
            0 => "no end needed to be moved to keep speech whole".to_owned(),
            1 => format!("1 end moved by {by:.1} s into a pause"),
            many => format!("{many} ends moved by up to {by:.1} s into pauses"),
        }
    }
}

/// Level below which the sound of this clip is a pause; `None` where quiet and loud are too near to
/// tell.
///
/// The usual level is the mean power of what is loud, gated twice by 10 dB below the mean as
/// programme loudness is (EBU R 128); the quiet one is what a tenth of all bins stay under. Seldom
/// speech over much noise, and a talk with few pauses, have both.
fn threshold(rms: &[u8]) -> Option<u8> {
    let mut counts = [0u64; 256];
    for &level in rms {
        counts[usize::from(level)] += 1;
    }
    let mean_above = |gate: u8| {
        let (mut power, mut number) = (0f64, 0u64);
        for level in gate.max(1)..=255 {
            let count = counts[usize::from(level)];
            power += f64::from(amplitude_from_level(level)).powi(2) * count as f64;
            number += count;
        }
        (number > 0).then(|| level_from_amplitude((power / number as f64).sqrt() as f32))
    };
    // Below -70 dBFS nothing is heard.
    let first = mean_above(115)?;
    let second = mean_above(first.saturating_sub(20))?;
    let usual = f32::from(mean_above(second.saturating_sub(20))?);
    let mut passed = 0;
    let tenth = (rms.len() as u64).div_ceil(10);
    let quiet = (0..=255u8).find(|&level| {
        passed += counts[usize::from(level)];
        passed >= tenth
    })?;
    let quiet = f32::from(quiet).max(usual - DEEPEST);
    (usual - quiet >= LEAST_SPAN).then_some((quiet + SHARE * (usual - quiet)) as u8)
}

/// Pauses in ascending order, seconds, from the mean levels of bins of 1/[`BINS_PER_SEC`] s.
pub fn pauses(rms: &[u8]) -> Vec<(f64, f64)> {
    let Some(threshold) = threshold(rms) else {
        return Vec::new();
    };
    let least = (MIN_PAUSE_SECS * BINS_PER_SEC).ceil() as usize;
    let mut found = Vec::new();
    let mut begun = None;
    for (bin, level) in rms.iter().copied().chain([u8::MAX]).enumerate() {
        match begun {
            None if level <= threshold => begun = Some(bin),
            Some(start) if level > threshold => {
                if bin - start >= least {
                    found.push((start as f64 / BINS_PER_SEC, bin as f64 / BINS_PER_SEC));
                }
                begun = None;
            }
            _ => {}
        }
    }
    found
}

/// The stretch of a pause in which a cut is heard on neither side.
pub fn inside((from, to): (f64, f64)) -> (f64, f64) {
    let margin = MARGIN_SECS.min((to - from) / 2.0);
    (from + margin, to - margin)
}

/// Moves each end of each piece into the nearest of the `pauses` (ascending, seconds) that is at
/// most [`MOST_MOVE_SECS`] away. An end in a pause stays, and so does one at the beginning or the
/// end of the video. No piece reaches into another, and each keeps at least half of its length;
/// pieces that go on where the one before ends are one with it. They stay in their order, which
/// need not be the video's.
pub fn whole_speech(
    pauses: &[(f64, f64)],
    pieces: &[FrameRange],
    index: &FrameIndex,
) -> WholeSpeech {
    let mut whole = WholeSpeech::default();
    let pieces = FrameRange::joined(pieces.iter().copied());
    let mut by_time: Vec<usize> = (0..pieces.len()).collect();
    by_time.sort_by_key(|&at| pieces[at].start);
    let mut moved = pieces.clone();
    let mut free_from = 0;
    for (turn, &at) in by_time.iter().enumerate() {
        let piece = pieces[at];
        let next = by_time.get(turn + 1);
        let free_to = next.map_or(index.len(), |&next| pieces[next].start);
        let half = piece.len() / 4;
        let start = near_pause(pauses, piece.start, (free_from, piece.start + half), index);
        let end = near_pause(
            pauses,
            piece.end,
            ((piece.end - half).max(start + 1), free_to),
            index,
        );
        for (before, after) in [(piece.start, start), (piece.end, end)] {
            if before != after {
                let moved = index.secs_from_frame(after) - index.secs_from_frame(before);
                whole.moved += 1;
                whole.furthest_secs = whole.furthest_secs.max(moved.abs());
            }
        }
        moved[at] = FrameRange::new(start, end);
        free_from = end;
    }
    whole.ranges = FrameRange::joined(moved);
    whole
}

/// The frame nearest to `frame` that begins in a pause, among those from `least` to `most`; `frame`
/// itself where there is none.
fn near_pause(
    pauses: &[(f64, f64)],
    frame: u64,
    (least, most): (u64, u64),
    index: &FrameIndex,
) -> u64 {
    if frame == 0 || frame >= index.len() {
        return frame;
    }
    let secs = index.secs_from_frame(frame);
    let first = pauses.partition_point(|pause| pause.1 < secs - MOST_MOVE_SECS);
    let near = pauses[first..]
        .iter()
        .take_while(|pause| pause.0 <= secs + MOST_MOVE_SECS);
    if near.clone().any(|pause| pause.0 <= secs && secs <= pause.1) {
        return frame;
    }
    near.filter_map(|&(from, to)| {
        let (first, last) = inside((from, to));
        let wanted = index.nearest_frame(secs.clamp(first, last));
        let there = index.secs_from_frame(wanted);
        let distance = (there - secs).abs();
        let fits = (from..=to).contains(&there)
            && distance <= MOST_MOVE_SECS
            && (least..=most).contains(&wanted);
        fits.then_some((distance, wanted))
    })
    .min_by(|a, b| a.0.total_cmp(&b.0))
    .map_or(frame, |(_, wanted)| wanted)
}

#[cfg(test)]
#[path = "pauses_tests.rs"]
mod tests;
