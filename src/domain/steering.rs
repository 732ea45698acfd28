//! A viewer's answers on parts of a video: kept in, left out, or rated. Kept and left out hold
//! exactly; ratings lean. Does not weigh samples (see `analysis::steering`) or choose segments (see
//! `summary::select`).

use serde::{Deserialize, Serialize};

use super::segment::Segment;

/// A shorter touch is the rounding of a time that was read off and typed.
const ROUNDED_SECS: f64 = 0.06;

/// A rated range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatedRange {
    pub start_secs: f64,
    pub end_secs: f64,
    /// 1 to 5.
    pub rating: u8,
}

/// An answer on a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    Keep,
    LeaveOut,
    /// 1 to 5.
    Rate(u8),
}

/// All answers, in seconds of presentation time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Steering {
    pub keep: Vec<(f64, f64)>,
    pub leave_out: Vec<(f64, f64)>,
    pub rate: Vec<RatedRange>,
}

/// Steering on the segments of one video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SteeredSegments {
    /// Ascending indices of segments that every summary keeps.
    pub kept: Vec<usize>,
    /// Ascending indices of segments that no summary keeps.
    pub left_out: Vec<usize>,
}

impl Steering {
    pub fn is_empty(&self) -> bool {
        self.keep.is_empty() && self.leave_out.is_empty() && self.rate.is_empty()
    }

    /// Every range with what was said of it, by their starts.
    pub fn verdicts(&self) -> Vec<((f64, f64), Verdict)> {
        let kept = self.keep.iter().map(|&range| (range, Verdict::Keep));
        let left_out = (self.leave_out.iter()).map(|&range| (range, Verdict::LeaveOut));
        let rated = self.rate.iter().map(|rated| {
            let range = (rated.start_secs, rated.end_secs);
            (range, Verdict::Rate(rated.rating))
        });
        let mut all: Vec<_> = kept.chain(left_out).chain(rated).collect();
        all.sort_by(|a, b| a.0.0.total_cmp(&b.0.0));
        all
    }

    /// What was said of the moment; where ranges overlap, of the last that begins before it.
    pub fn verdict_at(&self, secs: f64) -> Option<Verdict> {
        let holds = |&&((start, end), _): &&((f64, f64), Verdict)| start <= secs && secs < end;
        let all = self.verdicts();
        all.iter().rev().find(holds).map(|&(_, verdict)| verdict)
    }

    /// Says this of the range in place of what was said of it before; `None` takes that back.
    pub fn say(&mut self, (start, end): (f64, f64), verdict: Option<Verdict>) {
        for ranges in [&mut self.keep, &mut self.leave_out] {
            *ranges = ranges
                .iter()
                .flat_map(|&range| outside(range, (start, end)))
                .collect();
        }
        let rated = std::mem::take(&mut self.rate);
        let rest = rated.into_iter().flat_map(|rated| {
            let parts = outside((rated.start_secs, rated.end_secs), (start, end));
            parts
                .into_iter()
                .map(move |(start_secs, end_secs)| RatedRange {
                    start_secs,
                    end_secs,
                    rating: rated.rating,
                })
        });
        self.rate = rest.collect();
        match verdict {
            Some(Verdict::Keep) => self.keep.push((start, end)),
            Some(Verdict::LeaveOut) => self.leave_out.push((start, end)),
            Some(Verdict::Rate(rating)) => self.rate.push(RatedRange {
                start_secs: start,
                end_secs: end,
                rating,
            }),
            None => {}
        }
        // In order, so that the same answers are the same steering whatever came first.
        for ranges in [&mut self.keep, &mut self.leave_out] {
            ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        (self.rate).sort_by(|a, b| a.start_secs.total_cmp(&b.start_secs));
    }

    /// Whether everything that was said here is said there, too.
    pub fn is_part_of(&self, other: &Self) -> bool {
        (self.keep.iter()).all(|range| other.keep.contains(range))
            && (self.leave_out.iter()).all(|range| other.leave_out.contains(range))
            && (self.rate.iter()).all(|range| other.rate.contains(range))
    }

    /// What was said here and not there.
    pub fn without(&self, other: &Self) -> Self {
        Self {
            keep: (self.keep.iter().copied())
                .filter(|range| !other.keep.contains(range))
                .collect(),
            leave_out: (self.leave_out.iter().copied())
                .filter(|range| !other.leave_out.contains(range))
                .collect(),
            rate: (self.rate.iter().copied())
                .filter(|range| !other.rate.contains(range))
                .collect(),
        }
    }

    /// The segments that are kept and left out: each that such a range touches. One that both kinds
    /// of ranges touch goes by the longer touch, so that segments stay whole.
    pub fn conditions(&self, segments: &[Segment]) -> SteeredSegments {
        let touched = |ranges: &[(f64, f64)], segment: &Segment| -> f64 {
            let touch = |&(start, end): &(f64, f64)| {
                let secs = end.min(segment.end_secs) - start.max(segment.start_secs);
                let least = ROUNDED_SECS.min((end - start) / 2.0);
                if secs > least { secs } else { 0.0 }
            };
            ranges.iter().map(touch).sum()
        };
        let mut found = SteeredSegments::default();
        for (at, segment) in segments.iter().enumerate() {
            let keep = touched(&self.keep, segment);
            let leave = touched(&self.leave_out, segment);
            if keep > 0.0 && keep >= leave {
                found.kept.push(at);
            } else if leave > 0.0 {
                found.left_out.push(at);
            }
        }
        found
    }
}

impl std::fmt::Display for Steering {
    /// "keep 12–15.5 s, leave out 30–34 s, rate 40–42 s 5"; empty where nothing was said.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tidy = |secs: f64| (secs * 1000.0).round() / 1000.0;
        for (at, ((start, end), verdict)) in self.verdicts().into_iter().enumerate() {
            let (start, end) = (tidy(start), tidy(end));
            let comma = if at > 0 { ", " } else { "" };
            match verdict {
                Verdict::Keep => write!(f, "{comma}keep {start}–{end} s")?,
                Verdict::LeaveOut => write!(f, "{comma}leave out {start}–{end} s")?,
                Verdict::Rate(rating) => write!(f, "{comma}rate {start}–{end} s {rating}")?,
            }
        }
        Ok(())
    }
}

/// What of a range lies outside another; slivers are the rounding of times.
fn outside(range: (f64, f64), taken: (f64, f64)) -> Vec<(f64, f64)> {
    if range.1 <= taken.0 || range.0 >= taken.1 {
        return vec![range];
    }
    [(range.0, taken.0), (taken.1, range.1)]
        .into_iter()
        .filter(|(start, end)| end - start > ROUNDED_SECS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments() -> Vec<Segment> {
        (0..5)
            .map(|at| Segment {
                start_frame: at * 100,
                end_frame: (at + 1) * 100,
                start_secs: at as f64 * 4.0,
                end_secs: (at + 1) as f64 * 4.0,
                dull: None,
            })
            .collect()
    }

    #[test]
    fn a_range_takes_the_segments_that_it_touches_and_no_neighbour() {
        let steering = Steering {
            keep: vec![(3.95, 8.02)],
            leave_out: vec![(12.5, 13.0), (16.0, 90.0)],
            ..Steering::default()
        };
        let found = steering.conditions(&segments());
        assert_eq!(found.kept, [1]);
        assert_eq!(found.left_out, [3, 4]);
    }

    #[test]
    fn a_segment_that_both_touch_goes_by_the_longer_touch() {
        let steering = Steering {
            keep: vec![(0.0, 5.0)],
            leave_out: vec![(5.0, 8.0)],
            ..Steering::default()
        };
        let found = steering.conditions(&segments());
        assert_eq!((found.kept, found.left_out), (vec![0], vec![1]));
        assert_eq!(
            Steering::default().conditions(&segments()),
            SteeredSegments::default()
        );
    }

    #[test]
    fn what_is_said_last_of_a_range_holds_and_the_rest_stays() {
        let mut steering = Steering::default();
        steering.say((4.0, 12.0), Some(Verdict::Keep));
        steering.say((6.0, 8.0), Some(Verdict::Rate(2)));
        assert_eq!(steering.keep, [(4.0, 6.0), (8.0, 12.0)]);
        assert_eq!(steering.verdict_at(7.0), Some(Verdict::Rate(2)));
        assert_eq!(steering.verdict_at(12.0), None);
        steering.say((8.0, 12.0), Some(Verdict::LeaveOut));
        steering.say((0.0, 6.0), None);
        let of = |(start, end), verdict| ((start, end), verdict);
        assert_eq!(
            steering.verdicts(),
            [
                of((6.0, 8.0), Verdict::Rate(2)),
                of((8.0, 12.0), Verdict::LeaveOut)
            ]
        );
        assert_eq!(steering.to_string(), "rate 6–8 s 2, leave out 8–12 s");
        let mut more = steering.clone();
        more.say((20.0, 22.0), Some(Verdict::Rate(5)));
        assert!(steering.is_part_of(&more) && !more.is_part_of(&steering));
        assert_eq!(more.without(&steering).rate.len(), 1);
        assert!(more.without(&steering).keep.is_empty());
        // A sliver that rounding leaves says nothing.
        more.say((6.02, 8.0), None);
        assert_eq!(more.verdict_at(6.01), None);
    }

    #[test]
    fn the_order_of_answers_makes_no_other_steering() {
        let said = [((0.0, 4.0), Verdict::Keep), ((8.0, 12.0), Verdict::Keep)];
        let steered = |order: [usize; 2]| {
            let mut steering = Steering::default();
            for at in order {
                steering.say(said[at].0, Some(said[at].1));
            }
            steering
        };
        assert_eq!(steered([0, 1]), steered([1, 0]));
    }
}
