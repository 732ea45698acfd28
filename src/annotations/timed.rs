//! Ratings of stretches of time as the scores of frames that last a millisecond.

use super::MILLISECOND_FPS;
use crate::domain::FrameRange;
use crate::domain::budget::MOST_SCORES;
use crate::domain::repairs::most_frames;

/// Longest time believed, milliseconds.
pub(super) const MOST_MILLISECONDS: u64 = most_frames(MILLISECOND_FPS);

/// Scores up to the end of the last stretch; 0 where there is none, the later one's where two
/// overlap.
pub(super) fn scores(stretches: &[(FrameRange, f32)]) -> Vec<f32> {
    let mut scores = vec![0.0; length(stretches) as usize];
    for (range, score) in stretches {
        scores[range.start as usize..range.end as usize].fill(*score);
    }
    scores
}

/// Frames that [`scores`] gives.
fn length(stretches: &[(FrameRange, f32)]) -> u64 {
    let ends = stretches.iter().map(|(range, _)| range.end);
    ends.max().unwrap_or(0)
}

/// Counts the scores of one video's annotators, so that a small file cannot ask for all memory.
#[derive(Debug, Default)]
pub(super) struct Room {
    taken: u64,
}

impl Room {
    /// Whether there is room for the scores of these stretches too.
    pub(super) fn take(&mut self, stretches: &[(FrameRange, f32)]) -> bool {
        self.taken = self.taken.saturating_add(length(stretches));
        self.taken <= MOST_SCORES
    }
}
