//! Segments between change points. Does not find them (see `summary::kts`).

use serde::{Deserialize, Serialize};

use super::shots::Dull;
use super::time::FrameRange;

/// A stretch of video between two change points, `[start_frame, end_frame)` in frames of the
/// original video.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    pub start_frame: u64,
    pub end_frame: u64,
    pub start_secs: f64,
    pub end_secs: f64,
    /// Why it is not worth choosing while anything else is; `None` for most segments, and for a
    /// dataset's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dull: Option<Dull>,
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
