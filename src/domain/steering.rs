//! What a viewer said of parts of a video: kept in, left out, or rated. SteeredSegments hold exactly; ratings lean.
//! Does not weigh samples (see `analysis::steering`) or choose segments (see `summary::select`).

use serde::{Deserialize, Serialize};

use super::FrameIndex;
use super::segment::Segment;

/// A rated range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatedRange {
    pub start_secs: f64,
    pub end_secs: f64,
    /// 1 to 5.
    pub rating: u8,
}

/// Everything that was said, in seconds of presentation time.
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
    pub fn conditions(&self, segments: &[Segment], index: &FrameIndex) -> SteeredSegments {
        let touched = |ranges: &[(f64, f64)], segment: &Segment| -> u64 {
            let frames = |&(start, end): &(f64, f64)| {
                let (from, to) = (index.frame_at_secs(start), frame_after(index, end));
                let from = from.max(segment.start_frame);
                to.min(segment.end_frame).saturating_sub(from)
            };
            ranges.iter().map(frames).sum()
        };
        let mut found = SteeredSegments::default();
        for (at, segment) in segments.iter().enumerate() {
            let keep = touched(&self.keep, segment);
            let leave = touched(&self.leave_out, segment);
            if keep > 0 && keep >= leave {
                found.kept.push(at);
            } else if leave > 0 {
                found.left_out.push(at);
            }
        }
        found
    }
}

/// The first frame that begins at a time or later.
fn frame_after(index: &FrameIndex, secs: f64) -> u64 {
    let at = index.frame_at_secs(secs);
    if index.secs_from_frame(at) + 1e-6 < secs {
        (at + 1).min(index.len())
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Rational;
    use std::sync::Arc;

    fn video() -> (Vec<Segment>, FrameIndex) {
        let segments = (0..5)
            .map(|at| Segment {
                start_frame: at * 100,
                end_frame: (at + 1) * 100,
                start_secs: at as f64 * 4.0,
                end_secs: (at + 1) as f64 * 4.0,
                dull: None,
            })
            .collect();
        let index = FrameIndex {
            pts: (0..500).collect(),
            keyframes: Arc::from([0].as_slice()),
            time_base: Rational::new(1, 25),
            last_duration: 1,
        };
        (segments, index)
    }

    #[test]
    fn a_range_takes_the_segments_that_it_touches_and_no_neighbour() {
        let (segments, index) = video();
        let steering = Steering {
            keep: vec![(4.0, 8.0)],
            leave_out: vec![(12.5, 13.0), (16.0, 90.0)],
            ..Steering::default()
        };
        let found = steering.conditions(&segments, &index);
        assert_eq!(found.kept, [1]);
        assert_eq!(found.left_out, [3, 4]);
    }

    #[test]
    fn a_segment_that_both_touch_goes_by_the_longer_touch() {
        let (segments, index) = video();
        let steering = Steering {
            keep: vec![(0.0, 5.0)],
            leave_out: vec![(5.0, 8.0)],
            ..Steering::default()
        };
        let found = steering.conditions(&segments, &index);
        assert_eq!((found.kept, found.left_out), (vec![0], vec![1]));
        assert_eq!(
            Steering::default().conditions(&segments, &index),
            SteeredSegments::default()
        );
    }
}
