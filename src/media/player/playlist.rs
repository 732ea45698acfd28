//! What is played, in order: the whole video, or the ranges of a summary as if they were one. Pure.

use std::sync::Arc;

use crate::domain::ranges::difference;
use crate::domain::{FrameIndex, FrameRange};

/// Ranges played one after the other, and the map between frames and seconds of playing.
///
/// "Playing seconds" run from 0 to the total length without gaps; "media seconds" are the video's
/// own.
#[derive(Clone, Debug)]
pub struct Playlist {
    index: FrameIndex,
    /// In the order of playing, disjoint, within the video, never empty unless the video is.
    ranges: Arc<[FrameRange]>,
    /// Playing seconds at which each range starts, and the total at the end.
    starts_secs: Arc<[f64]>,
}

impl Playlist {
    /// The given ranges, or everything for `None` or when nothing of them lies within the video.
    pub fn new(index: &FrameIndex, ranges: Option<&[FrameRange]>) -> Self {
        let whole = FrameRange::new(0, index.len());
        let within = (ranges.unwrap_or(&[]).iter())
            .map(|r| FrameRange::new(r.start, r.end.min(index.len())))
            .filter(|r| !r.is_empty());
        let mut kept = in_order(within.collect());
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

    /// Turn of the range that holds a frame, counted from 0.
    fn turn_of(&self, frame: u64) -> Option<usize> {
        self.ranges.iter().position(|range| range.contains(frame))
    }

    /// Turn of the range that is next in the video from a frame in a gap.
    fn turn_ahead(&self, frame: u64) -> Option<usize> {
        let ahead = (0..self.ranges.len()).filter(|&turn| self.ranges[turn].start > frame);
        ahead.min_by_key(|&turn| self.ranges[turn].start)
    }

    /// By what frames are compared in the order of playing: the turn of a frame's range, then the
    /// frame.
    pub fn place(&self, frame: u64) -> (usize, u64) {
        let turn = self.turn_of(frame).or_else(|| self.turn_ahead(frame));
        (turn.unwrap_or(self.ranges.len()), frame)
    }

    /// Playing seconds at which a frame appears; for a frame between ranges, where the next range
    /// of the video starts.
    pub fn secs_from_frame(&self, frame: u64) -> f64 {
        if let Some(turn) = self.turn_of(frame) {
            let start = self.ranges[turn].start;
            let within = self.index.secs_from_frame(frame) - self.index.secs_from_frame(start);
            return self.starts_secs[turn] + within;
        }
        match self.turn_ahead(frame) {
            Some(turn) => self.starts_secs[turn],
            None => self.total_secs(),
        }
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
        let Some(turn) = self.turn_of(frame) else {
            return self.turn_ahead(frame).map(|turn| self.ranges[turn].start);
        };
        match frame + 1 < self.ranges[turn].end {
            true => Some(frame + 1),
            false => self.ranges.get(turn + 1).map(|range| range.start),
        }
    }

    /// The frame played after those of the range that holds `frame`; `None` at the end.
    pub fn after_range(&self, frame: u64) -> Option<u64> {
        let turn = self.turn_of(frame)?;
        self.ranges.get(turn + 1).map(|range| range.start)
    }

    /// Whether two frames lie in one range.
    pub fn share_range(&self, a: u64, b: u64) -> bool {
        self.turn_of(a)
            .is_some_and(|turn| self.ranges[turn].contains(b))
    }

    /// The frame played before `frame`; `None` at the start.
    pub fn before(&self, frame: u64) -> Option<u64> {
        let last = |range: &FrameRange| range.end - 1;
        let Some(turn) = self.turn_of(frame) else {
            let behind = self.ranges.iter().filter(|range| range.end <= frame);
            return behind.max_by_key(|range| range.end).map(last);
        };
        match frame > self.ranges[turn].start {
            true => Some(frame - 1),
            false => self.ranges.get(turn.checked_sub(1)?).map(last),
        }
    }

    /// `frame` itself where it is played, else the first of the range that is next in the video,
    /// else the last of all.
    pub fn nearest_played(&self, frame: u64) -> u64 {
        if self.turn_of(frame).is_some() {
            return frame;
        }
        let ahead = self.turn_ahead(frame);
        ahead.map_or(self.last_frame(), |turn| self.ranges[turn].start)
    }

    /// Start of the range that is played after the one `frame` lies in.
    pub fn next_range_start(&self, frame: u64) -> Option<u64> {
        match self.turn_of(frame) {
            Some(_) => self.after_range(frame),
            None => self.turn_ahead(frame).map(|turn| self.ranges[turn].start),
        }
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

/// Ranges in their order: those that go on where the one before ends are one with it, and what is
/// there twice is played once, the first time.
fn in_order(ranges: Vec<FrameRange>) -> Vec<FrameRange> {
    let mut kept: Vec<FrameRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        let mut played = kept.clone();
        played.sort_by_key(|other| other.start);
        for part in difference(&[range], &played) {
            match kept.last_mut() {
                Some(last) if last.end == part.start => last.end = part.end,
                _ => kept.push(part),
            }
        }
    }
    kept
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
        let ranges = [FrameRange::new(5, 10), FrameRange::new(20, 30)];
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
    fn ranges_play_in_the_order_in_which_they_are_given() {
        let range = FrameRange::new;
        // The last two go on from each other, and a part is there twice.
        let ranges = [range(20, 30), range(5, 10), range(10, 12), range(25, 32)];
        let list = Playlist::new(&ten_fps(100), Some(&ranges));
        assert_eq!(list.ranges(), [range(20, 30), range(5, 12), range(30, 32)]);
        assert_eq!((list.first_frame(), list.last_frame()), (20, 31));
        assert_eq!((list.after(29), list.after(11)), (Some(5), Some(30)));
        assert_eq!((list.before(5), list.before(20)), (Some(29), None));
        assert_eq!(list.next_range_start(22), Some(5));
        assert!(list.place(29) < list.place(5) && list.place(11) < list.place(30));
        assert!(list.share_range(5, 11) && !list.share_range(29, 30));
        assert_eq!(list.nearest_played(15), 20);
        assert_eq!(list.frame_from_secs(1.05), 5);
        assert!((list.secs_from_frame(30) - 1.7).abs() < 1e-9);
        let spans = list.media_spans_from(0.9);
        assert_eq!(spans.len(), 3);
        assert!((spans[0].0 - 2.9).abs() < 1e-9 && (spans[1].0 - 0.5).abs() < 1e-9);
    }

    #[test]
    fn every_frame_maps_to_its_time_and_back() {
        let ranges = [FrameRange::new(3, 9), FrameRange::new(40, 61)];
        let moved = [ranges[1], ranges[0]];
        for ranges in [None, Some(&ranges[..]), Some(&moved[..])] {
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
