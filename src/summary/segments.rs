//! Segments of the original video from change points of its sampled frames. Does not find change
//! points (see `kts`).

use crate::domain::{FrameIndex, FrameRange, Segment};

/// Turns change points (row indices of the features) into segments that cover the whole video.
///
/// A change point at row `i` puts the boundary at frame `picks[i]`, the first sampled frame of the
/// new segment. The first segment starts at frame 0 whatever the first pick, the last one ends at
/// the frame count. Change points that are out of range, repeated, or would leave an empty segment
/// are skipped. An empty video has no segments.
pub fn segments_from_change_points(
    change_points: &[usize],
    picks: &[u64],
    index: &FrameIndex,
) -> Vec<Segment> {
    let frame_count = index.len();
    frame_ranges_from_change_points(change_points, picks, frame_count)
        .into_iter()
        .map(|range| segment_from_frames(range, index))
        .collect()
}

/// As [`segments_from_change_points`], where the time of frames is not known.
pub fn frame_ranges_from_change_points(
    change_points: &[usize],
    picks: &[u64],
    frame_count: u64,
) -> Vec<FrameRange> {
    if frame_count == 0 {
        return Vec::new();
    }
    let mut boundaries: Vec<u64> = change_points
        .iter()
        .filter_map(|&row| picks.get(row).copied())
        .filter(|&frame| frame > 0 && frame < frame_count)
        .collect();
    boundaries.push(0);
    boundaries.push(frame_count);
    boundaries.sort_unstable();
    boundaries.dedup();
    boundaries
        .windows(2)
        .map(|pair| FrameRange::new(pair[0], pair[1]))
        .collect()
}

/// A range of frames with its times.
pub fn segment_from_frames(range: FrameRange, index: &FrameIndex) -> Segment {
    Segment {
        start_frame: range.start,
        end_frame: range.end,
        start_secs: index.secs_from_frame(range.start),
        end_secs: index.secs_from_frame(range.end),
        dull: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Rational;

    fn index(frames: i64) -> FrameIndex {
        FrameIndex {
            pts: (0..frames).map(|f| f * 40).collect(),
            keyframes: vec![0].into(),
            time_base: Rational::new(1, 1000),
            last_duration: 40,
        }
    }

    #[test]
    fn segments_tile_the_video_and_start_at_their_first_pick() {
        let picks = [0, 12, 25, 37];
        let segments = segments_from_change_points(&[1, 3], &picks, &index(50));
        let frames: Vec<_> = segments
            .iter()
            .map(|s| (s.start_frame, s.end_frame))
            .collect();
        assert_eq!(frames, vec![(0, 12), (12, 37), (37, 50)]);
        assert!((segments[2].end_secs - 2.0).abs() < 1e-12);
        assert!((segments[1].duration_secs() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn odd_change_points_are_passed_over() {
        let picks = [0, 12, 25];
        let segments = segments_from_change_points(&[0, 2, 2, 9], &picks, &index(30));
        assert_eq!(segments.len(), 2);
        assert_eq!(segments[1].start_frame, 25);
        assert!(segments_from_change_points(&[], &[], &index(0)).is_empty());
        assert_eq!(segments_from_change_points(&[], &[], &index(1)).len(), 1);
    }
}
