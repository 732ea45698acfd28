//! Timecodes: frames and seconds as text, and back.
//!
//! Four notations are written by choice and all are understood: `HH:MM:SS.mmm` (clock time),
//! `HH:MM:SS:FF` (SMPTE ST 12-1; `;` before the frames marks drop frame), a frame number (`1234f`)
//! and seconds (`12.5s`). Does not know of a particular video: variable frame rates are mapped
//! through the frame index by the caller.

use std::fmt;

use super::time::Rational;

/// How a person wants times written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    /// `HH:MM:SS.mmm`
    #[default]
    Clock,
    /// `HH:MM:SS:FF`, or `HH:MM:SS;FF` where the rate drops frame numbers.
    Smpte,
    /// The same, counted from the timecode that the video states for its first frame.
    Source,
    /// `1234f`
    Frames,
    /// `12.345s`
    Seconds,
}

/// What a typed time means: a frame number or seconds, both counted from the first frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimePoint {
    Frame(u64),
    Secs(f64),
}

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a time: {reason}")]
pub struct TimecodeError {
    pub text: String,
    pub reason: &'static str,
}

/// A way of numbering frames: so many frame numbers a nominal second, some of them dropped at whole
/// minutes or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timebase {
    /// True frames a second.
    pub rate: Rational,
    /// Frame numbers in one second of timecode: 24 for 23.976, 30 for 29.97.
    pub nominal_fps: u32,
    /// Whether numbers are dropped so that the timecode keeps up with the clock (29.97 and 59.94
    /// only).
    pub drop_frame: bool,
}

/// The rates that editing programs know, smallest first.
const STANDARD_RATES: [Rational; 10] = [
    Rational::new(24000, 1001),
    Rational::new(24, 1),
    Rational::new(25, 1),
    Rational::new(30000, 1001),
    Rational::new(30, 1),
    Rational::new(48, 1),
    Rational::new(50, 1),
    Rational::new(60000, 1001),
    Rational::new(60, 1),
    Rational::new(120, 1),
];

impl Timebase {
    /// The usual numbering for a rate: drop frame for 29.97 and 59.94, non-drop for all else.
    pub fn from_rate(rate: Rational) -> Self {
        let base = Self::non_drop(rate);
        Self {
            drop_frame: base.can_drop(),
            ..base
        }
    }

    /// Non-drop numbering: frames counted at the nominal rate, so that 23.976 counts as 24.
    pub fn non_drop(rate: Rational) -> Self {
        let rate = snapped(rate);
        Self {
            rate,
            nominal_fps: (rate.as_f64().round() as u32).max(1),
            drop_frame: false,
        }
    }

    /// Whether the rate is one for which drop frame is defined.
    pub fn can_drop(self) -> bool {
        self.rate.den == 1001 && matches!(self.nominal_fps, 30 | 60)
    }

    /// The numbering that a timecode is written in: its last mark says whether numbers are dropped.
    ///
    /// # Errors
    /// When it is marked as drop frame and the rate has none.
    pub fn marked_as(self, text: &str) -> Result<Self, TimecodeError> {
        let drop_frame = text.contains(';');
        if drop_frame && !self.can_drop() {
            return Err(TimecodeError {
                text: text.to_owned(),
                reason: "only 29.97 and 59.94 frames a second have drop frame; write it with colons",
            });
        }
        Ok(Self { drop_frame, ..self })
    }

    /// Whether the rate is one that editing programs know.
    pub fn is_standard(self) -> bool {
        STANDARD_RATES.contains(&self.rate)
    }

    /// The slowest rate known to editing programs that is at least `fps`, else 60: the timeline on
    /// which a video of uneven or unusual rate is laid out by time.
    pub fn standard_at_least(fps: f64) -> Self {
        let rate = STANDARD_RATES
            .into_iter()
            .find(|rate| rate.as_f64() >= fps - 0.01)
            .filter(|rate| rate.as_f64() <= 60.0)
            .unwrap_or(Rational::new(60, 1));
        Self::from_rate(rate)
    }

    /// Frame numbers left out at the start of each minute that is not a multiple of ten.
    fn dropped_a_minute(self) -> u64 {
        match (self.drop_frame, self.nominal_fps) {
            (false, _) => 0,
            (true, 60) => 4,
            (true, _) => 2,
        }
    }

    /// The frame of this timeline nearest to a time in seconds.
    pub fn frame_from_secs(self, secs: f64) -> u64 {
        (secs * self.rate.as_f64()).round().max(0.0) as u64
    }

    /// Start of a frame in seconds.
    pub fn secs_from_frame(self, frame: u64) -> f64 {
        frame as f64 * self.rate.den as f64 / self.rate.num as f64
    }

    /// `HH:MM:SS:FF` (`;` in drop frame) of a frame number; wraps at 24 hours as timecode does.
    pub fn smpte(self, frame: u64) -> String {
        let fps = u64::from(self.nominal_fps);
        let drop = self.dropped_a_minute();
        let mut number = frame;
        if drop > 0 {
            // In ten minutes nine minutes lose `drop` numbers.
            let per_minute = fps * 60 - drop;
            let per_ten_minutes = fps * 600 - 9 * drop;
            let tens = number / per_ten_minutes;
            let rest = number % per_ten_minutes;
            number += 9 * drop * tens;
            if rest >= fps * 60 {
                number += drop * (1 + (rest - fps * 60) / per_minute);
            }
        }
        number %= fps * 86_400;
        let (secs, frames) = (number / fps, number % fps);
        let width = if fps > 100 { 3 } else { 2 };
        let mark = if self.drop_frame { ';' } else { ':' };
        format!(
            "{:02}:{:02}:{:02}{mark}{frames:0width$}",
            secs / 3600,
            secs / 60 % 60,
            secs % 60
        )
    }

    /// Frame number of `HH:MM:SS:FF` or `HH:MM:SS;FF`. The mark decides between drop frame and
    /// non-drop where the rate knows both, so that a pasted timecode means what it says.
    ///
    /// # Errors
    /// When the text has another form, a part is out of range, or it names a dropped number.
    pub fn frame_from_smpte(self, text: &str) -> Result<u64, TimecodeError> {
        let fail = |reason| TimecodeError {
            text: text.to_owned(),
            reason,
        };
        let trimmed = text.trim();
        let drop_mark = trimmed.contains(';');
        let parts: Vec<&str> = trimmed.split([':', ';']).collect();
        let &[hours, minutes, secs, frames] = parts.as_slice() else {
            return Err(fail("a timecode has hours, minutes, seconds and frames"));
        };
        let mut numbers = [0u64; 4];
        for (slot, part) in numbers.iter_mut().zip([hours, minutes, secs, frames]) {
            *slot = parse_digits(part).ok_or_else(|| fail("a part is not a number"))?;
        }
        let [hours, minutes, secs, frames] = numbers;
        let fps = u64::from(self.nominal_fps);
        if minutes > 59 || secs > 59 {
            return Err(fail("minutes and seconds go up to 59"));
        }
        if frames >= fps {
            return Err(fail("the frame part reaches the frame rate"));
        }
        let base = Self {
            drop_frame: drop_mark && self.can_drop(),
            ..self
        };
        let drop = base.dropped_a_minute();
        if drop > 0 && secs == 0 && frames < drop && minutes % 10 != 0 {
            return Err(fail("drop frame leaves this number out"));
        }
        let total_minutes = hours * 60 + minutes;
        Ok(((total_minutes * 60 + secs) * fps + frames)
            - drop * (total_minutes - total_minutes / 10))
    }
}

/// The standard rate a measured rate stands for (29.97 for 2997/100), or the rate itself.
fn snapped(rate: Rational) -> Rational {
    if !rate.is_known() {
        return Rational::new(25, 1);
    }
    let fps = rate.as_f64();
    STANDARD_RATES
        .into_iter()
        // 23.976 and 24 differ by 1e-3 of themselves; averages over a short file are off by less
        // than 2e-4.
        .find(|standard| (standard.as_f64() / fps - 1.0).abs() < 2e-4)
        .unwrap_or(rate)
}

fn parse_digits(text: &str) -> Option<u64> {
    // Ten digits are beyond any video and far from overflow.
    let fine =
        !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    fine.then(|| text.parse().ok()).flatten()
}

/// `HH:MM:SS.mmm`, rounded to the nearest millisecond; a minus sign before negative times.
pub fn clock_from_secs(secs: f64) -> String {
    Clock { secs, dots: false }.to_string()
}

/// `hh.mm.ss.sss` as used in file names, where a colon is not allowed everywhere.
pub fn file_clock_from_secs(secs: f64) -> String {
    Clock { secs, dots: true }.to_string()
}

struct Clock {
    secs: f64,
    dots: bool,
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = if self.secs.is_finite() {
            self.secs
        } else {
            0.0
        };
        let millis = (secs.abs() * 1000.0).round() as u64;
        let sign = if secs < 0.0 && millis > 0 { "-" } else { "" };
        let mark = if self.dots { '.' } else { ':' };
        write!(
            f,
            "{sign}{:02}{mark}{:02}{mark}{:02}.{:03}",
            millis / 3_600_000,
            millis / 60_000 % 60,
            millis / 1000 % 60,
            millis % 1000
        )
    }
}

/// Writes a time in the chosen notation. `frame` and `secs` are the same moment, so that neither is
/// recomputed from the other.
pub fn format_time(format: TimeFormat, frame: u64, secs: f64, base: Timebase) -> String {
    match format {
        TimeFormat::Clock => clock_from_secs(secs),
        TimeFormat::Smpte | TimeFormat::Source => base.smpte(frame),
        TimeFormat::Frames => format!("{frame}f"),
        TimeFormat::Seconds => format!("{secs:.3}s"),
    }
}

/// Reads a time in any of the notations. A bare number follows `preferred`: a frame number where
/// frames are shown, seconds otherwise. Also understood: `MM:SS`, `MM:SS.mmm`, a comma for the
/// decimal point, and `hh.mm.ss.sss` of file names.
///
/// # Errors
/// When the text is none of them.
pub fn parse_time(
    text: &str,
    preferred: TimeFormat,
    base: Timebase,
) -> Result<TimePoint, TimecodeError> {
    let fail = |reason| TimecodeError {
        text: text.to_owned(),
        reason,
    };
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    if lower.is_empty() {
        return Err(fail("it is empty"));
    }
    for suffix in ["frames", "frame", "f"] {
        if let Some(number) = lower.strip_suffix(suffix) {
            return parse_digits(number.trim())
                .map(TimePoint::Frame)
                .ok_or_else(|| fail("a frame number is a whole number"));
        }
    }
    if let Some(number) = lower.strip_suffix('s') {
        return parse_secs(number.trim())
            .map(TimePoint::Secs)
            .ok_or_else(|| fail("seconds are a number"));
    }
    let separators = lower.matches([':', ';']).count();
    if separators == 3 {
        return base.frame_from_smpte(trimmed).map(TimePoint::Frame);
    }
    if separators > 3 || lower.contains(';') {
        return Err(fail("a timecode has hours, minutes, seconds and frames"));
    }
    if separators == 0 && lower.matches('.').count() == 3 {
        let parts: Vec<&str> = lower.splitn(3, '.').collect();
        return clock_parts(&parts)
            .map(TimePoint::Secs)
            .ok_or_else(|| fail("write hh.mm.ss.sss"));
    }
    if separators > 0 {
        let parts: Vec<&str> = lower.split(':').collect();
        return clock_parts(&parts)
            .map(TimePoint::Secs)
            .ok_or_else(|| fail("write HH:MM:SS.mmm; minutes and seconds go up to 59"));
    }
    if preferred == TimeFormat::Frames
        && let Some(frame) = parse_digits(&lower)
    {
        return Ok(TimePoint::Frame(frame));
    }
    parse_secs(&lower)
        .map(TimePoint::Secs)
        .ok_or_else(|| fail("write HH:MM:SS.mmm, HH:MM:SS:FF, 1234f or 12.5s"))
}

/// Seconds of `[[hours,] minutes,] seconds`; only the leading part may exceed 59.
pub(super) fn clock_parts(parts: &[&str]) -> Option<f64> {
    let (last, leading) = parts.split_last()?;
    let mut minutes = 0u64;
    for (position, part) in leading.iter().enumerate() {
        let value = parse_digits(part)?;
        if position > 0 && value > 59 {
            return None;
        }
        minutes = minutes * 60 + value;
    }
    let secs = parse_secs(last)?;
    (secs < 60.0 || leading.is_empty()).then_some(minutes as f64 * 60.0 + secs)
}

/// A plain non-negative decimal number; a comma may stand for the point.
pub(super) fn parse_secs(text: &str) -> Option<f64> {
    let fine = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',');
    fine.then(|| text.replace(',', ".").parse().ok())
        .flatten()
        .filter(|secs: &f64| secs.is_finite())
}

#[cfg(test)]
#[path = "timecode_tests.rs"]
mod tests;
