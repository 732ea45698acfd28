//! Finds hard cuts, blank and still stretches in the small pictures of consecutive frames (see
//! `luma`), while a video is decoded.
//!
//! A hard cut is a step between two pictures that is large for their contrast even when the
//! camera's own movement is taken off, larger than the steps around it, and behind which the scene
//! from before does not come back: so fast pans and a shaking hand are none, nor flashes, nor fades
//! and dissolves, which have no single large step. Pictures that repeat the one before (telecine,
//! low frame rates) count once. Knows no timestamps but those it is given, and decodes nothing.

use std::collections::VecDeque;

use super::luma::{CELLS, COLUMNS, ROWS, SmallLuma};
use crate::domain::FrameRange;

/// A picture that differs less from the last one on average, in levels, repeats it.
const SAME_PICTURE: f32 = 0.3;
/// The least step of a cut in levels, and as a share of the contrast (standard deviation of the
/// cells).
const LEAST_STEP: f32 = 5.0;
const LEAST_SHARE: f32 = 0.3;
/// A cut's step is at least so many times that of its surroundings, without and with the camera's
/// movement taken off.
const LEAST_RATIO_PLAIN: f32 = 1.4;
const LEAST_RATIO: f32 = 2.2;
/// Pictures looked at on each side for the surroundings, within so many seconds. Their fifth
/// largest step counts: flashes and other cuts close by make up to four.
const AROUND: usize = 6;
const AROUND_SECS: f64 = 1.0;
const RANK: usize = 5;
/// A step is a flash's from this change of the mean brightness on, in levels and as a share of the
/// step.
const FLASH_LEVELS: f32 = 15.0;
const FLASH_SHARE: f32 = 0.8;
/// The scene from before must not come back within so many pictures and seconds: correlation of the
/// cells at the best shift.
const RETURN: usize = 9;
const RETURN_SECS: f64 = 0.3;
const SAME_SCENE: f32 = 0.93;
/// Shifts that a moving camera is given, in cells.
const SHIFT_COLUMNS: i32 = 4;
const SHIFT_ROWS: i32 = 2;
/// Cuts at most so many pictures and seconds apart are one whose middle picture mixes both shots
/// (interlace): the last one counts.
const MIXED: usize = 2;
const MIXED_SECS: f64 = 0.15;
/// Levels up to which a cell is black, and the share of cells that may be brighter in a black
/// picture.
const BLACK_LEVEL: u8 = 38;
const BRIGHT_CELLS: usize = CELLS / 50;
/// A watermark or a line of small print on black: so many cells, none brighter than this. The
/// letters of a title are larger and brighter.
const CAPTION_CELLS: usize = CELLS / 12;
const CAPTION_LEVEL: u8 = 96;
/// Levels between the darkest and brightest cells of a picture of one colour.
const ONE_COLOUR: u8 = 6;
/// Levels by which a cell of a still picture may flicker, and the seconds that such a picture must
/// last.
const STILL_LEVELS: u8 = 3;
const STILL_SECS: f64 = 0.5;

/// A cut between two decoded frames; frames between them were not decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundCut {
    /// The last decoded frame of the old shot.
    pub before: u64,
    /// The first decoded frame of the new shot.
    pub frame: u64,
}

struct Picture {
    frame: u64,
    /// The decoded frame before it, which may repeat the picture before.
    before: u64,
    secs: f64,
    /// When it was last seen, repeats included.
    until_secs: f64,
    luma: SmallLuma,
    /// Mean difference from the picture before.
    step: f32,
}

/// A stretch that goes on.
struct Run {
    start: u64,
    start_secs: f64,
}

/// Looks at the frames of a video as they come.
#[derive(Default)]
pub struct CutDetector {
    /// Different pictures, oldest first; the first `judged` are known to be cuts or none.
    pictures: VecDeque<Picture>,
    judged: usize,
    last_frame: Option<u64>,
    cuts: Vec<(FoundCut, f64)>,
    /// Pictures since the last cut.
    since_cut: usize,
    blank_since: Option<Run>,
    blank: Vec<FrameRange>,
    still: Option<(Run, SmallLuma)>,
    stills: Vec<FrameRange>,
}

/// What was found in a whole video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub cuts: Vec<FoundCut>,
    pub blank: Vec<FrameRange>,
    pub still: Vec<FrameRange>,
}

impl CutDetector {
    /// The next decoded frame; one that is not later than the last is left out.
    pub fn push(&mut self, frame: u64, secs: f64, luma: SmallLuma) {
        if self.last_frame.is_some_and(|last| frame <= last) {
            return;
        }
        let before = self.last_frame.unwrap_or(frame);
        self.last_frame = Some(frame);
        self.follow_runs(frame, secs, &luma);
        let step = match self.pictures.back_mut() {
            None => 0.0,
            Some(last) => {
                let step = last.luma.step(&luma);
                if step < SAME_PICTURE {
                    last.until_secs = secs;
                    return;
                }
                step
            }
        };
        self.pictures.push_back(Picture {
            frame,
            before,
            secs,
            until_secs: secs,
            luma,
            step,
        });
        while self.judged + RETURN < self.pictures.len() {
            self.judge(self.judged);
            self.judged += 1;
            // What lies before is still looked at for the surroundings of the next.
            if self.judged > RETURN + 1 {
                self.pictures.pop_front();
                self.judged -= 1;
            }
        }
    }

    /// The end of the video, which has `frame_count` frames.
    pub fn finish(mut self, frame_count: u64, duration_secs: f64) -> Found {
        while self.judged < self.pictures.len() {
            self.judge(self.judged);
            self.judged += 1;
        }
        let end = self.last_frame.map_or(0, |_| frame_count);
        if let Some(run) = self.blank_since.take() {
            self.blank.push(FrameRange::new(run.start, end));
        }
        if let Some((run, _)) = self.still.take()
            && duration_secs - run.start_secs >= STILL_SECS
        {
            self.stills.push(FrameRange::new(run.start, end));
        }
        Found {
            cuts: self.cuts.into_iter().map(|(cut, _)| cut).collect(),
            blank: self.blank,
            still: self.stills,
        }
    }

    fn follow_runs(&mut self, frame: u64, secs: f64, luma: &SmallLuma) {
        let here = Run {
            start: frame,
            start_secs: secs,
        };
        match (&self.blank_since, is_blank(luma)) {
            (None, true) => {
                self.blank_since = Some(Run { ..here });
            }
            (Some(run), false) => {
                self.blank.push(FrameRange::new(run.start, frame));
                self.blank_since = None;
            }
            _ => {}
        }
        let goes_on = (self.still.as_ref())
            .is_some_and(|(_, first)| first.largest_step(luma) <= STILL_LEVELS);
        if !goes_on {
            let here = Run {
                start: frame,
                start_secs: secs,
            };
            if let Some((run, _)) = self.still.replace((here, luma.clone()))
                && secs - run.start_secs >= STILL_SECS
            {
                self.stills.push(FrameRange::new(run.start, frame));
            }
        }
    }

    /// Whether a new shot begins at a picture.
    fn judge(&mut self, at: usize) {
        self.since_cut += 1;
        if at == 0 || !self.is_cut(at) {
            return;
        }
        let picture = &self.pictures[at];
        let cut = FoundCut {
            before: self.pictures[at].before,
            frame: picture.frame,
        };
        let secs = picture.secs;
        let mixes = self.since_cut <= MIXED
            && (self.cuts.last()).is_some_and(|(_, last)| secs - last <= MIXED_SECS);
        if mixes {
            self.cuts.pop();
        }
        self.cuts.push((cut, secs));
        self.since_cut = 0;
    }

    fn is_cut(&self, at: usize) -> bool {
        let (before, here) = (&self.pictures[at - 1], &self.pictures[at]);
        if here.step < LEAST_STEP {
            return false;
        }
        let around: Vec<usize> = (at.saturating_sub(AROUND).max(1)
            ..(at + AROUND + 1).min(self.pictures.len()))
            .filter(|&other| other != at)
            .filter(|&other| (self.pictures[other].secs - here.secs).abs() <= AROUND_SECS)
            .collect();
        let step = moved_step(&before.luma, &here.luma);
        let contrast = (deviation(&before.luma) + deviation(&here.luma)) / 2.0;
        if step < LEAST_STEP.max(LEAST_SHARE * contrast) {
            return false;
        }
        let stands_out = |around: &[usize]| {
            let plain = ranked(around.iter().map(|&other| self.pictures[other].step));
            if here.step < LEAST_RATIO_PLAIN * plain {
                return false;
            }
            let moved = ranked((around.iter()).map(|&other| {
                moved_step(&self.pictures[other - 1].luma, &self.pictures[other].luma)
            }));
            step >= LEAST_RATIO * moved
        };
        let is_clear = stands_out(&around);
        if self.comes_back(at) {
            return false;
        }
        // Two flashes close by make more large steps than the rank allows for.
        is_clear || {
            let others: Vec<usize> = (around.into_iter())
                .filter(|&other| !self.is_of_flash(other))
                .collect();
            stands_out(&others)
        }
    }

    /// Whether a step is mostly one of brightness, and the scene is there before and behind it.
    fn is_of_flash(&self, at: usize) -> bool {
        let (before, here) = (&self.pictures[at - 1], &self.pictures[at]);
        let brightness = (mean(&before.luma) - mean(&here.luma)).abs();
        brightness >= FLASH_LEVELS.max(FLASH_SHARE * here.step) && self.comes_back(at)
    }

    /// Whether the scene from before a picture is seen at or behind it.
    fn comes_back(&self, at: usize) -> bool {
        let pictures = &self.pictures;
        let here_secs = pictures[at].secs;
        let before = (at.saturating_sub(RETURN)..at).rev().take_while(|&other| {
            here_secs - pictures[other].until_secs <= RETURN_SECS || other + 1 == at
        });
        let behind: Vec<usize> = (at..(at + RETURN).min(pictures.len()))
            .take_while(|&other| pictures[other].secs - here_secs <= RETURN_SECS)
            .collect();
        before
            .into_iter()
            .any(|a| (behind.iter()).any(|&b| same_scene(&pictures[a].luma, &pictures[b].luma)))
    }
}

/// The fifth largest value; 0 where there are fewer.
fn ranked(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    values.get(RANK - 1).copied().unwrap_or(0.0)
}

/// Whether a picture is black, but for a faint caption at most, or of one colour.
fn is_blank(luma: &SmallLuma) -> bool {
    let brighter = |level: u8| luma.0.iter().filter(|&&cell| cell > level).count();
    let bright = brighter(BLACK_LEVEL);
    if bright <= BRIGHT_CELLS || (bright <= CAPTION_CELLS && brighter(CAPTION_LEVEL) == 0) {
        return true;
    }
    let least = luma.0.iter().copied().min().unwrap_or(0);
    brighter(least.saturating_add(ONE_COLOUR)) <= BRIGHT_CELLS
}

fn mean(luma: &SmallLuma) -> f32 {
    luma.0.iter().map(|&v| f32::from(v)).sum::<f32>() / CELLS as f32
}

fn deviation(luma: &SmallLuma) -> f32 {
    let mean = mean(luma);
    let variance = (luma.0.iter())
        .map(|&v| (f32::from(v) - mean).powi(2))
        .sum::<f32>()
        / CELLS as f32;
    variance.sqrt()
}

/// Rows of cells of two pictures that lie on each other when one is shifted.
fn overlap<'a>(
    a: &'a SmallLuma,
    b: &'a SmallLuma,
    (right, down): (i32, i32),
) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    let from = |shift: i32| shift.max(0) as usize;
    let columns = COLUMNS - right.unsigned_abs() as usize;
    let rows = ROWS - down.unsigned_abs() as usize;
    (0..rows).map(move |row| {
        let a_at = (row + from(down)) * COLUMNS + from(right);
        let b_at = (row + from(-down)) * COLUMNS + from(-right);
        (&a.0[a_at..a_at + columns], &b.0[b_at..b_at + columns])
    })
}

fn shifts() -> impl Iterator<Item = (i32, i32)> {
    (-SHIFT_ROWS..=SHIFT_ROWS)
        .flat_map(|down| (-SHIFT_COLUMNS..=SHIFT_COLUMNS).map(move |right| (right, down)))
}

/// Mean difference at the shift where it is least.
fn moved_step(a: &SmallLuma, b: &SmallLuma) -> f32 {
    shifts()
        .map(|shift| {
            let (mut sum, mut count) = (0u32, 0);
            for (a, b) in overlap(a, b, shift) {
                sum += (a.iter().zip(b))
                    .map(|(a, b)| u32::from(a.abs_diff(*b)))
                    .sum::<u32>();
                count += a.len();
            }
            sum as f32 / count as f32
        })
        .fold(f32::INFINITY, f32::min)
}

/// Whether two pictures show one scene, whatever the light: their cells correlate at some shift.
fn same_scene(a: &SmallLuma, b: &SmallLuma) -> bool {
    shifts().any(|shift| correlation(a, b, shift) > SAME_SCENE)
}

fn correlation(a: &SmallLuma, b: &SmallLuma, shift: (i32, i32)) -> f32 {
    let (mut n, mut sum_a, mut sum_b, mut aa, mut bb, mut ab) =
        (0u32, 0u32, 0u32, 0u32, 0u32, 0u32);
    for (a, b) in overlap(a, b, shift) {
        for (&a, &b) in a.iter().zip(b) {
            let (a, b) = (u32::from(a), u32::from(b));
            sum_a += a;
            sum_b += b;
            aa += a * a;
            bb += b * b;
            ab += a * b;
        }
        n += a.len() as u32;
    }
    let n = f64::from(n);
    let (mean_a, mean_b) = (f64::from(sum_a) / n, f64::from(sum_b) / n);
    // Four levels of noise in each: two flat pictures are not alike by chance.
    let spread = |squares: u32, mean: f64| f64::from(squares) / n - mean * mean + 4.0;
    let common = f64::from(ab) / n - mean_a * mean_b;
    (common / (spread(aa, mean_a) * spread(bb, mean_b)).sqrt()) as f32
}

#[cfg(test)]
#[path = "cuts_tests.rs"]
mod tests;
