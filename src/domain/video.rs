//! What is known of a video file: its facts and the presentation time of every frame. Does not read
//! files.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::time::{FrameRange, Rational};

/// Facts of the video, as shown to a person and written to `analyze --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoInfo {
    pub path: PathBuf,
    /// As seen from the folder of the file that this is written to, so that both can be moved
    /// together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_path: Option<PathBuf>,
    /// Lower-case hex SHA-256 of the file's content; empty until it is computed.
    pub sha256: String,
    /// True span of the video stream, from the first frame's presentation to the end of the last.
    pub duration_secs: f64,
    pub frame_count: u64,
    /// Average frame rate; the frame index, not this, is the truth for variable frame rates.
    pub frame_rate: Rational,
    /// Size as shown upright: after the sample aspect ratio and rotation are applied.
    pub width: u32,
    pub height: u32,
    /// Clockwise rotation to apply for display: 0, 90, 180 or 270.
    pub rotation_deg: i32,
    pub has_audio: bool,
    /// Size of the coded picture, before rotation and aspect ratio.
    #[serde(default)]
    pub coded_width: u32,
    #[serde(default)]
    pub coded_height: u32,
    #[serde(default)]
    pub codec: String,
    /// Whether frames are unevenly spaced in time.
    #[serde(default)]
    pub variable_frame_rate: bool,
    /// Sentences about damage that was worked around (truncation, gaps); empty for a sound file.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Timecode of the first frame as the file states it, `HH:MM:SS:FF` or `HH:MM:SS;FF` for drop
    /// frame; `None` where it states none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_timecode: Option<String>,
}

/// Presentation time of every frame of the default video stream, in presentation order.
///
/// Times are seconds from the first frame (the first frame is at 0), so that a non-zero start or a
/// negative timestamp never reaches a view; the container's own ticks are kept beside them for
/// seeking.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameIndex {
    /// Container timestamp of each frame, in ticks of `time_base`, strictly increasing.
    pub pts: Arc<[i64]>,
    /// Ascending frame numbers that are keyframes (decoding can start there).
    pub keyframes: Arc<[u64]>,
    /// Seconds per tick.
    pub time_base: Rational,
    /// Ticks that the last frame is shown.
    pub last_duration: i64,
}

impl FrameIndex {
    /// Number of frames.
    pub fn len(&self) -> u64 {
        self.pts.len() as u64
    }

    pub fn is_empty(&self) -> bool {
        self.pts.is_empty()
    }

    /// Presentation time of a frame, seconds from the first frame; the end of the video for `frame
    /// >= len`.
    pub fn secs_from_frame(&self, frame: u64) -> f64 {
        let Some(&first) = self.pts.first() else {
            return 0.0;
        };
        let ticks = match self.pts.get(frame as usize) {
            Some(&pts) => pts - first,
            None => self.pts[self.pts.len() - 1] + self.last_duration - first,
        };
        ticks as f64 * self.time_base.as_f64()
    }

    /// Frame ranges as seconds: where each begins and ends.
    pub fn ranges_secs(&self, ranges: &[FrameRange]) -> Vec<(f64, f64)> {
        let secs = |frame| self.secs_from_frame(frame);
        let both = |range: &FrameRange| (secs(range.start), secs(range.end));
        ranges.iter().map(both).collect()
    }

    /// The frame on screen at a time: the last one whose presentation time is not after it. Clamped
    /// to the video.
    pub fn frame_at_secs(&self, secs: f64) -> u64 {
        // A quarter of a millisecond absorbs the rounding of times that came through text or
        // floating point.
        let after = self.partition(|frame_secs| frame_secs <= secs + 2.5e-4);
        after.saturating_sub(1) as u64
    }

    /// The frame whose presentation time is nearest; the earlier one on a tie. Clamped to the
    /// video.
    pub fn nearest_frame(&self, secs: f64) -> u64 {
        let right = self.partition(|frame_secs| frame_secs < secs);
        if right == 0 || self.is_empty() {
            return 0;
        }
        if right >= self.pts.len() {
            return self.len() - 1;
        }
        let (left_secs, right_secs) = (
            self.secs_from_frame(right as u64 - 1),
            self.secs_from_frame(right as u64),
        );
        if secs - left_secs <= right_secs - secs {
            right as u64 - 1
        } else {
            right as u64
        }
    }

    /// End of the last frame, seconds from the first frame.
    pub fn duration_secs(&self) -> f64 {
        self.secs_from_frame(self.len())
    }

    /// The same; what is stated of the video where no frame is indexed.
    pub fn duration_secs_or(&self, stated_secs: f64) -> f64 {
        if self.is_empty() {
            stated_secs
        } else {
            self.duration_secs()
        }
    }

    /// Seconds that a range of frames is shown.
    pub fn range_secs(&self, range: FrameRange) -> f64 {
        self.secs_from_frame(range.end) - self.secs_from_frame(range.start)
    }

    /// The frames that are shown between two times, seconds: the one that is on screen at the
    /// first, and those that begin before the second.
    pub fn frames_between(&self, start_secs: f64, end_secs: f64) -> FrameRange {
        let end = self.partition(|frame_secs| frame_secs < end_secs - 2.5e-4) as u64;
        let start = self.frame_at_secs(start_secs);
        FrameRange::new(start, end.max(start))
    }

    /// Last keyframe at or before a frame (0 when there is none).
    pub fn keyframe_before(&self, frame: u64) -> u64 {
        let after = self.keyframes.partition_point(|&key| key <= frame);
        if after == 0 {
            0
        } else {
            self.keyframes[after - 1]
        }
    }

    /// First keyframe after a frame, if any.
    pub fn keyframe_after(&self, frame: u64) -> Option<u64> {
        let after = self.keyframes.partition_point(|&key| key <= frame);
        self.keyframes.get(after).copied()
    }

    fn partition(&self, mut before: impl FnMut(f64) -> bool) -> usize {
        let Some(&first) = self.pts.first() else {
            return 0;
        };
        let tick_secs = self.time_base.as_f64();
        self.pts
            .partition_point(|&pts| before((pts - first) as f64 * tick_secs))
    }

    /// Frames sampled at `fps`: for each multiple of `1/fps` below the duration the nearest frame,
    /// without repeats.
    pub fn picks_at(&self, fps: f64) -> Vec<u64> {
        let mut picks = Vec::new();
        if self.is_empty() || !(fps.is_finite() && fps > 0.0) {
            return picks;
        }
        let duration_secs = self.duration_secs();
        let mut step = 0u64;
        loop {
            let secs = step as f64 / fps;
            if step > 0 && secs >= duration_secs - 1e-9 {
                break;
            }
            let frame = self.nearest_frame(secs);
            if picks.last() != Some(&frame) {
                picks.push(frame);
            }
            if frame + 1 >= self.len() {
                break;
            }
            // No time before the middle between this frame and the next picks another: a gap of
            // days is one step.
            let middle_secs = (self.secs_from_frame(frame) + self.secs_from_frame(frame + 1)) / 2.0;
            step = (step + 1).max((middle_secs * fps).floor() as u64);
        }
        picks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(pts: &[i64], last_duration: i64) -> FrameIndex {
        FrameIndex {
            pts: pts.into(),
            keyframes: vec![0, 3].into(),
            time_base: Rational::new(1, 1000),
            last_duration,
        }
    }

    #[test]
    fn times_start_at_zero_whatever_the_container_says() {
        let index = index(&[-40, 0, 40, 80, 500], 40);
        assert_eq!(index.secs_from_frame(0), 0.0);
        assert!((index.duration_secs() - 0.58).abs() < 1e-12);
        assert_eq!(index.frame_at_secs(0.3), 3);
        assert_eq!(index.frame_at_secs(9.0), 4);
        assert_eq!(index.frame_at_secs(-1.0), 0);
        assert_eq!(index.nearest_frame(0.33), 3);
        assert_eq!(index.nearest_frame(0.34), 4);
        assert_eq!(index.keyframe_before(2), 0);
        assert_eq!(index.keyframe_before(4), 3);
        assert_eq!(index.keyframe_after(0), Some(3));
        assert_eq!(index.keyframe_after(3), None);
    }

    #[test]
    fn frames_between_two_times_are_those_on_screen_then() {
        let index = index(&[0, 40, 80, 120], 40);
        let between = |start, end| index.frames_between(start, end);
        assert_eq!(between(0.04, 0.12), FrameRange::new(1, 3));
        // Times within a frame mean that frame, and the end of the video its last one.
        assert_eq!(between(0.05, 0.121), FrameRange::new(1, 4));
        assert_eq!(between(0.0, 0.16), FrameRange::new(0, 4));
        assert_eq!(between(0.0, f64::INFINITY), FrameRange::new(0, 4));
        assert!(between(9.0, 10.0).len() <= 1);
        assert!(between(0.1, 0.05).is_empty());
    }

    #[test]
    fn picks_follow_presentation_time_not_a_rounded_rate() {
        // Ten frames a second, then a one-second gap.
        let index = index(&[0, 100, 200, 300, 1300, 1400, 1500], 100);
        assert_eq!(index.picks_at(2.0), vec![0, 3, 4, 6]);
        assert!(index.picks_at(0.0).is_empty());
    }

    #[test]
    fn a_gap_of_years_is_crossed_at_once() {
        let years_ms = 40_000_000_000_000;
        let index = index(&[0, 40, years_ms, years_ms + 40], 40);
        assert_eq!(index.picks_at(30.0), vec![0, 1, 2, 3]);
        // Trying every step gives the same.
        let index = index_of_gaps();
        for fps in [0.3, 1.0, 2.0, 7.3, 60.0] {
            let mut every: Vec<u64> = (0..)
                .map(|step| f64::from(step) / fps)
                .take_while(|&secs| secs == 0.0 || secs < index.duration_secs() - 1e-9)
                .map(|secs| index.nearest_frame(secs))
                .collect();
            every.dedup();
            assert_eq!(index.picks_at(fps), every, "{fps}");
        }
    }

    fn index_of_gaps() -> FrameIndex {
        let pts: Vec<i64> = (0..200i64)
            .map(|f| f * 33 + (f / 17) * 411 + (f % 3))
            .collect();
        index(&pts, 33)
    }
}
