//! Playing, stopped, and where.

/// How much of the video is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    #[default]
    Video,
    /// Only what the chosen summary keeps.
    Summary,
    /// Only the range between in and out.
    Range,
}

/// Playing, stopped, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Playback {
    pub position_secs: f64,
    pub playing: bool,
    /// Times normal speed; negative for backwards.
    pub speed: f64,
    pub extent: Extent,
    /// Waiting for frames.
    pub buffering: bool,
    /// Begin again where what is played ends.
    pub looping: bool,
    pub poster: Poster,
}

/// The picture that a video shows before anybody has moved the playhead: videos often begin in
/// black.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Poster {
    /// The first frame will do, or a person has moved the playhead.
    #[default]
    None,
    /// The first picture with something in it is looked for.
    Wanted,
    /// It was found at this second; playing still begins at the start.
    Shown(f64),
}

impl Default for Playback {
    fn default() -> Self {
        Self {
            position_secs: 0.0,
            playing: false,
            speed: 1.0,
            extent: Extent::Video,
            buffering: false,
            looping: false,
            poster: Poster::None,
        }
    }
}

/// How far a playhead is within `ranges`, which play in their order, and how long they are
/// together, seconds: the clock of a summary. In a gap it stands at the end of what came before in
/// the video.
pub fn within_ranges(ranges: &[(f64, f64)], at: f64) -> (f64, f64) {
    let mut passed = 0.0;
    let mut total = 0.0;
    let held = ranges
        .iter()
        .position(|&(start, end)| start <= at && at < end);
    for (turn, &(start, end)) in ranges.iter().enumerate() {
        if let Some(held) = held
            && turn != held
        {
            total += end - start;
            passed += if turn < held { end - start } else { 0.0 };
            continue;
        }
        total += end - start;
        passed += (at - start).clamp(0.0, end - start);
    }
    (passed, total)
}

/// Where the playhead is when only `ranges` are played, in their order, and the clock went from
/// `from` to `to`; `None` past the last range.
pub fn next_in_ranges(ranges: &[(f64, f64)], from: f64, to: f64) -> Option<f64> {
    if let Some(turn) = ranges
        .iter()
        .position(|(start, end)| *start <= from && from < *end)
    {
        let end = ranges[turn].1;
        if to < end {
            return Some(to);
        }
        let over = to - end;
        let next = ranges.get(turn + 1)?;
        return Some(next.0 + over.min(next.1 - next.0));
    }
    let ahead = ranges.iter().map(|range| range.0);
    ahead.filter(|start| *start >= from).min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playing_a_summary_leaps_from_range_to_range() {
        let ranges = [(2.0, 4.0), (6.0, 7.0)];
        assert_eq!(next_in_ranges(&ranges, 0.0, 0.1), Some(2.0));
        assert_eq!(next_in_ranges(&ranges, 2.5, 2.6), Some(2.6));
        let next = next_in_ranges(&ranges, 3.95, 4.05).unwrap();
        assert!((next - 6.05).abs() < 1e-9);
        assert_eq!(next_in_ranges(&ranges, 6.95, 7.05), None);
        assert_eq!(next_in_ranges(&ranges, 9.0, 9.1), None);
    }

    #[test]
    fn pieces_that_were_moved_play_in_their_order() {
        let ranges = [(6.0, 7.0), (2.0, 4.0)];
        let next = next_in_ranges(&ranges, 6.95, 7.05).unwrap();
        assert!((next - 2.05).abs() < 1e-9);
        assert_eq!(next_in_ranges(&ranges, 3.95, 4.05), None);
        assert_eq!(next_in_ranges(&ranges, 0.0, 0.1), Some(2.0));
        assert_eq!(within_ranges(&ranges, 6.5), (0.5, 3.0));
        assert_eq!(within_ranges(&ranges, 3.5), (2.5, 3.0));
    }

    #[test]
    fn the_clock_of_a_summary_counts_what_is_kept() {
        let ranges = [(2.0, 4.0), (6.0, 7.0)];
        assert_eq!(within_ranges(&ranges, 0.0), (0.0, 3.0));
        assert_eq!(within_ranges(&ranges, 3.5), (1.5, 3.0));
        assert_eq!(within_ranges(&ranges, 5.0), (2.0, 3.0));
        assert_eq!(within_ranges(&ranges, 9.0), (3.0, 3.0));
        assert_eq!(within_ranges(&[], 1.0), (0.0, 0.0));
    }
}
