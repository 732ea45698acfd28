//! What is played, in order: the whole video, or the ranges of a summary as if they were one. Pure.

use std::sync::Arc;

use crate::domain::{FrameIndex, FrameRange};

/// Ranges played one after the other, and the map between frames and seconds of playing.
///
/// "Playing seconds" run from 0 to the total length without gaps; "media seconds" are the video's own.
#[derive(Clone, Debug)]
pub struct Playlist {
    index: FrameIndex,
    /// Sorted, disjoint, within the video, never empty unless the video is.
    ranges: Arc<[FrameRange]>,
    /// Playing seconds at which each range starts, and the total at the end.
    starts_secs: Arc<[f64]>,
}

impl Playlist {
    /// The given ranges, or everything for `None` or when nothing of them lies within the video.
    pub fn new(index: &FrameIndex, ranges: Option<&[FrameRange]>) -> Self {
        let whole = FrameRange::new(0, index.len());
        let mut kept = FrameRange::merged(
            ranges
                .unwrap_or(&[])
                .iter()
                .map(|r| FrameRange::new(r.start, r.end.min(index.len())))
                .collect(),
        );
        if kept.is_empty() {
            kept = vec![whole];
        }
        let mut starts_secs = Vec::with_capacity(kept.len() + 1);
        let mut total_secs = 0.0;
        for range in &kept {
            starts_secs.push(total_secs);
            total_secs += index.range_secs(*range);
        }
        starts_secs.push(total_secs);
        Self {
            index: index.clone(),
            ranges: kept.into(),
            starts_secs: starts_secs.into(),
        }
    }

    pub fn ranges(&self) -> &[FrameRange] {
        &self.ranges
    }

    /// Length of playing everything once at normal speed.
    pub fn total_secs(&self) -> f64 {
        self.starts_secs.last().copied().unwrap_or(0.0)
    }

    pub fn first_frame(&self) -> u64 {
        self.ranges.first().map_or(0, |r| r.start)
    }

    pub fn last_frame(&self) -> u64 {
        self.ranges.last().map_or(0, |r| r.end.saturating_sub(1))
    }

    /// Playing seconds at which a frame appears; for a frame between ranges, where the next range starts.
    pub fn secs_from_frame(&self, frame: u64) -> f64 {
        let at = self.ranges.partition_point(|r| r.end <= frame);
        let Some(range) = self.ranges.get(at) else {
            return self.total_secs();
        };
        let within = if frame <= range.start {
            0.0
        } else {
            self.index.secs_from_frame(frame) - self.index.secs_from_frame(range.start)
        };
        self.starts_secs[at] + within
    }

    /// The frame on screen after so many playing seconds; clamped to the playlist.
    pub fn frame_from_secs(&self, secs: f64) -> u64 {
        let at = self
            .starts_secs
            .partition_point(|&start| start <= secs + 1e-9)
            .clamp(1, self.ranges.len().max(1))
            - 1;
        let Some(range) = self.ranges.get(at) else {
            return 0;
        };
        let media_secs = self.index.secs_from_frame(range.start) + (secs - self.starts_secs[at]);
        self.index
            .frame_at_secs(media_secs)
            .clamp(range.start, range.end.saturating_sub(1).max(range.start))
    }

    /// The frame played after `frame`; `None` at the end.
    pub fn after(&self, frame: u64) -> Option<u64> {
        let next = frame + 1;
        let at = self.ranges.partition_point(|r| r.end <= next);
        self.ranges.get(at).map(|range| next.max(range.start))
    }

    /// The frame played before `frame`; `None` at the start.
    pub fn before(&self, frame: u64) -> Option<u64> {
        let at = self.ranges.partition_point(|r| r.start < frame);
        let range = self.ranges.get(at.checked_sub(1)?)?;
        Some((frame - 1).min(range.end - 1))
    }

    /// `frame` itself where it is played, else the first played after it, else the last of all.
    pub fn nearest_played(&self, frame: u64) -> u64 {
        let at = self.ranges.partition_point(|r| r.end <= frame);
        self.ranges
            .get(at)
            .map_or(self.last_frame(), |range| frame.max(range.start))
    }

    /// Start of the range that follows the one `frame` lies in.
    pub fn next_range_start(&self, frame: u64) -> Option<u64> {
        let at = self.ranges.partition_point(|r| r.start <= frame);
        self.ranges.get(at).map(|r| r.start)
    }

    /// The stretches of media seconds `[start, end)` to be heard from a playing second on.
    pub fn media_spans_from(&self, secs: f64) -> Vec<(f64, f64)> {
        let mut spans = Vec::new();
        for (range, &start_secs) in self.ranges.iter().zip(self.starts_secs.iter()) {
            let (from, to) = (
                self.index.secs_from_frame(range.start),
                self.index.secs_from_frame(range.end),
            );
            let from = from + (secs - start_secs).max(0.0);
            if from < to {
                spans.push((from, to));
            }
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Rational;

    fn ten_fps(frames: i64) -> FrameIndex {
        FrameIndex {
            pts: (0..frames).map(|f| f * 100).collect(),
            keyframes: vec![0].into(),
            time_base: Rational::new(1, 1000),
            last_duration: 100,
        }
    }

    #[test]
    fn ranges_play_as_one() {
        let ranges = [FrameRange::new(20, 30), FrameRange::new(5, 10)];
        let list = Playlist::new(&ten_fps(100), Some(&ranges));
        assert!((list.total_secs() - 1.5).abs() < 1e-9);
        assert_eq!((list.first_frame(), list.last_frame()), (5, 29));
        assert_eq!(list.frame_from_secs(0.0), 5);
        assert_eq!(list.frame_from_secs(0.49), 9);
        assert_eq!(list.frame_from_secs(0.5), 20);
        assert_eq!(list.frame_from_secs(9.0), 29);
        assert_eq!(list.after(9), Some(20));
        assert_eq!(list.after(29), None);
        assert_eq!(list.before(20), Some(9));
        assert_eq!(list.before(5), None);
        assert_eq!(list.nearest_played(12), 20);
        assert_eq!(list.nearest_played(50), 29);
        assert_eq!(list.next_range_start(7), Some(20));
        assert_eq!(list.next_range_start(20), None);
        assert!((list.secs_from_frame(21) - 0.6).abs() < 1e-9);
        assert!((list.secs_from_frame(15) - 0.5).abs() < 1e-9);
        let spans = list.media_spans_from(0.7);
        assert_eq!(spans.len(), 1);
        assert!((spans[0].0 - 2.2).abs() < 1e-9 && (spans[0].1 - 3.0).abs() < 1e-9);
    }

    #[test]
    fn every_frame_maps_to_its_time_and_back() {
        let ranges = [FrameRange::new(3, 9), FrameRange::new(40, 61)];
        for ranges in [None, Some(&ranges[..])] {
            let list = Playlist::new(&ten_fps(80), ranges);
            let mut frame = list.first_frame();
            loop {
                assert_eq!(list.frame_from_secs(list.secs_from_frame(frame)), frame);
                let Some(next) = list.after(frame) else { break };
                assert_eq!(list.before(next), Some(frame));
                frame = next;
            }
            assert_eq!(frame, list.last_frame());
        }
    }

    #[test]
    fn nothing_to_play_means_everything() {
        let list = Playlist::new(&ten_fps(10), Some(&[FrameRange::new(50, 60)]));
        assert_eq!(list.ranges(), [FrameRange::new(0, 10)]);
    }
}
