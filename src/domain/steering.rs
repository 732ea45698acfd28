//! A viewer's answers on parts of a video: kept in, left out, or rated. SteeredSegments hold exactly; ratings lean.
//! Does not weigh samples (see `analysis::steering`) or choose segments (see `summary::select`).

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

    /// The segments that are kept and left out: each that such a range touches. One that both kinds of ranges touch goes by the
    /// longer touch, so that segments stay whole.
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
}
