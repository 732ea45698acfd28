//! Segments between change points. Does not find them (see `summary::kts`).

use serde::{Deserialize, Serialize};

use super::time::FrameRange;

/// A stretch of video between two change points, `[start_frame, end_frame)` in frames of the original video.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    pub start_frame: u64,
    pub end_frame: u64,
    pub start_secs: f64,
    pub end_secs: f64,
}

impl Segment {
    pub const fn frames(&self) -> FrameRange {
        FrameRange::new(self.start_frame, self.end_frame)
    }

    /// Number of frames: the segment's weight in the knapsack.
    pub const fn frame_count(&self) -> u64 {
        self.end_frame.saturating_sub(self.start_frame)
    }

    pub fn duration_secs(&self) -> f64 {
        self.end_secs - self.start_secs
    }
}
