//! Exact time: rationals and half-open frame ranges. Does not format timecodes.

use serde::{Deserialize, Serialize};

/// A rational number such as a frame rate (30000/1001 frames a second) or a time base (1/90000 s a
/// tick). Serialised as `[num, den]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "[i64; 2]", into = "[i64; 2]")]
pub struct Rational {
    pub num: i64,
    pub den: i64,
}

impl Rational {
    /// A rational; a zero denominator is kept and means "unknown" (see [`Rational::is_known`]).
    pub const fn new(num: i64, den: i64) -> Self {
        Self { num, den }
    }

    /// Whether the value is a finite number above zero.
    pub const fn is_known(self) -> bool {
        self.num > 0 && self.den > 0
    }

    /// The value as `f64`; 0 where the denominator is 0.
    pub fn as_f64(self) -> f64 {
        if self.den == 0 {
            0.0
        } else {
            self.num as f64 / self.den as f64
        }
    }
}

impl From<[i64; 2]> for Rational {
    fn from([num, den]: [i64; 2]) -> Self {
        Self { num, den }
    }
}

impl From<Rational> for [i64; 2] {
    fn from(r: Rational) -> Self {
        [r.num, r.den]
    }
}

/// Half-open range of frames `[start, end)` of the original video, in presentation order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FrameRange {
    pub start: u64,
    pub end: u64,
}

impl FrameRange {
    pub const fn new(start: u64, end: u64) -> Self {
        Self { start, end }
    }

    /// Number of frames.
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    pub const fn contains(self, frame: u64) -> bool {
        self.start <= frame && frame < self.end
    }

    /// Joins ranges that touch or overlap; the result is sorted and disjoint.
    pub fn merged(mut ranges: Vec<FrameRange>) -> Vec<FrameRange> {
        ranges.retain(|r| !r.is_empty());
        ranges.sort();
        let mut out: Vec<FrameRange> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match out.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => out.push(range),
            }
        }
        out
    }

    /// Joins ranges that begin where the one before ends; they stay in their order.
    pub fn joined(ranges: impl IntoIterator<Item = FrameRange>) -> Vec<FrameRange> {
        let mut out: Vec<FrameRange> = Vec::new();
        for range in ranges {
            match out.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => out.push(range),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined_in_their_order() {
        let range = FrameRange::new;
        let joined = FrameRange::joined([range(5, 9), range(9, 12), range(0, 5), range(12, 14)]);
        assert_eq!(joined, [range(5, 12), range(0, 5), range(12, 14)]);
    }

    #[test]
    fn touching_ranges_merge_and_empty_ones_vanish() {
        let merged = FrameRange::merged(vec![
            FrameRange::new(10, 20),
            FrameRange::new(0, 5),
            FrameRange::new(5, 8),
            FrameRange::new(9, 9),
        ]);
        assert_eq!(merged, vec![FrameRange::new(0, 8), FrameRange::new(10, 20)]);
    }

    #[test]
    fn a_rational_is_a_pair_in_json() {
        let json = serde_json::to_string(&Rational::new(30000, 1001)).unwrap();
        assert_eq!(json, "[30000,1001]");
    }
}
