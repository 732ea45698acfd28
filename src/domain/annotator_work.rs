//! One annotator's own work on a video, from the first shot to the last: ratings of two-second
//! shots as in TVSum, or picks within a budget as in SumMe. Pure: knows nothing of players, clocks
//! or other annotators.

use serde::{Deserialize, Serialize};

use super::annotator::Annotator;
pub use super::conditions::{Conditions, During, Hidden, Method, Seen, ShotOrder, add_seen};
use super::ranges;
use super::repairs::{most_frames, one_line};
use super::time::FrameRange;
use super::video::FrameIndex;

/// Length of the shots that are rated, seconds, as in TVSum.
pub const RATED_SHOT_SECS: f64 = 2.0;
/// Highest rating; the lowest is 1.
pub const HIGHEST_RATING: u8 = 5;

/// More different things cannot have been seen.
const MOST_SEEN: usize = 12;

/// One annotator's work. `shots` and `ratings` are as long as each other and in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnnotatorWork {
    pub name: String,
    pub method: Method,
    pub order: ShotOrder,
    /// Seed of the random order.
    pub seed: u64,
    /// Frames of the video.
    pub frame_count: u64,
    pub shots: Vec<FrameRange>,
    /// 1 to 5; `None` is not rated yet.
    pub ratings: Vec<Option<u8>>,
    /// Shots that are shown a second time, and the ratings given then, as many; the annotator is
    /// not told which.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repeats: Vec<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub second_ratings: Vec<Option<u8>>,
    /// Seconds spent at each place of the order, without pauses; shorter where the later ones were
    /// not reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub place_secs: Vec<f64>,
    /// Place in the order of rating, below the number of showings.
    pub at: usize,
    /// Share of the frames that picks may cover.
    pub budget: f64,
    /// Sorted and disjoint.
    pub picks: Vec<FrameRange>,
    /// Whether the annotator has stated that this is all.
    pub complete: bool,
    /// Whether summaries or other annotators were on screen before the work was complete.
    pub saw_others: bool,
    /// What exactly, and when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
    /// Seconds of work, without pauses.
    pub spent_secs: f64,
}

/// A pick that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "That would keep {:.1} % of the video, and the budget is {:.0} %. Take something out first.",
    share * 100.0,
    budget * 100.0
)]
pub struct OverBudget {
    /// Share of the frames that would be kept.
    pub share: f64,
    pub budget: f64,
}

/// Two-second shots by time; the last one may be shorter. A shot without a frame (very low frame
/// rates) is left out.
pub fn rated_shots(index: &FrameIndex) -> Vec<FrameRange> {
    let frames = index.len();
    let boundary = |secs: f64| {
        let frame = index.frame_at_secs(secs);
        // The first frame that starts at or after the time.
        if index.secs_from_frame(frame) + 2.5e-4 < secs {
            (frame + 1).min(frames)
        } else {
            frame
        }
    };
    let count = (index.duration_secs() / RATED_SHOT_SECS - 1e-6)
        .ceil()
        .max(0.0) as u64;
    (0..count)
        .map(|shot| {
            let start = boundary(shot as f64 * RATED_SHOT_SECS);
            let end = if shot + 1 == count {
                frames
            } else {
                boundary((shot + 1) as f64 * RATED_SHOT_SECS)
            };
            FrameRange::new(start, end)
        })
        .filter(|range| !range.is_empty())
        .collect()
}

/// Two-second shots of a video of which only the mean frame rate is known.
pub fn rated_shots_of(frame_count: u64, frame_rate_fps: f64) -> Vec<FrameRange> {
    let step = (frame_rate_fps * RATED_SHOT_SECS).round().max(1.0) as usize;
    (0..frame_count)
        .step_by(step)
        .map(|start| FrameRange::new(start, (start + step as u64).min(frame_count)))
        .collect()
}

/// Seed of an annotator's order: the same name gets the same order wherever it works (FNV-1a of the
/// name).
pub fn seed_of_name(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl AnnotatorWork {
    /// Work that has not begun.
    pub fn new(
        name: &str,
        method: Method,
        order: ShotOrder,
        budget: f64,
        index: &FrameIndex,
    ) -> Self {
        let shots = match method {
            Method::Ratings => rated_shots(index),
            Method::Picks => Vec::new(),
        };
        Self {
            name: name.to_owned(),
            method,
            order,
            seed: seed_of_name(name),
            frame_count: index.len(),
            ratings: vec![None; shots.len()],
            shots,
            budget: budget.clamp(0.0, 1.0),
            ..Self::default()
        }
    }

    /// What a file may have broken is repaired: lengths, ranges, the place in the order.
    pub fn repaired(mut self) -> Self {
        self.frame_count = self.frame_count.min(most_frames(0.0));
        self.name = one_line(&self.name);
        self.seen.truncate(MOST_SEEN);
        self.saw_others |= !self.seen.is_empty();
        self.ratings.resize(self.shots.len(), None);
        // Shots are in the order of time; one that is not, or lies outside the frames, goes with
        // its rating.
        let mut end = 0;
        let fits: Vec<bool> = self
            .shots
            .iter()
            .map(|shot| {
                let fits = end <= shot.start && !shot.is_empty() && shot.end <= self.frame_count;
                end = if fits { shot.end } else { end };
                fits
            })
            .collect();
        let mut fit = fits.iter();
        self.shots.retain(|_| fit.next() == Some(&true));
        let mut fit = fits.iter();
        self.ratings.retain(|_| fit.next() == Some(&true));
        self.mend_repeats(fits.iter().all(|&fits| fits));
        for rating in self.ratings.iter_mut().chain(&mut self.second_ratings) {
            *rating = rating.filter(|value| (1..=HIGHEST_RATING).contains(value));
        }
        let places = self.shots.len() + self.repeats.len();
        self.at = self.at.min(places.saturating_sub(1));
        for range in &mut self.picks {
            range.end = range.end.min(self.frame_count);
        }
        self.picks = FrameRange::merged(std::mem::take(&mut self.picks));
        if !self.budget.is_finite() {
            self.budget = 0.15;
        }
        if !(self.spent_secs.is_finite() && self.spent_secs >= 0.0) {
            self.spent_secs = 0.0;
        }
        self
    }

    /// The shot to rate now; `None` where there is none.
    pub fn current_shot(&self) -> Option<usize> {
        self.shot_order().get(self.at).copied()
    }

    /// Showings rated and showings there are.
    pub fn rated(&self) -> (usize, usize) {
        let all = self.ratings.iter().chain(&self.second_ratings);
        (
            all.clone().flatten().count(),
            self.ratings.len() + self.second_ratings.len(),
        )
    }

    /// Share of the work that is done, in [0, 1]: of the shots, or of the budget.
    pub fn progress(&self) -> f64 {
        match self.method {
            Method::Ratings => {
                let (done, all) = self.rated();
                if all == 0 {
                    0.0
                } else {
                    done as f64 / all as f64
                }
            }
            Method::Picks if self.budget > 0.0 => (self.used_share() / self.budget).min(1.0),
            Method::Picks => 0.0,
        }
    }

    /// Rates the current shot and goes on to the next one that has no rating.
    pub fn rate(&mut self, rating: u8) {
        let Some(place) = self.places().get(self.at).copied() else {
            return;
        };
        let given = match place.again {
            None => &mut self.ratings[place.shot],
            Some(again) => &mut self.second_ratings[again],
        };
        *given = Some(rating.clamp(1, HIGHEST_RATING));
        self.go_on();
    }

    /// Goes to the next shot without a rating, from the current one on and round to the start;
    /// stays where there is none.
    pub fn go_on(&mut self) {
        let places = self.places();
        let count = places.len();
        let next = (1..count)
            .map(|step| (self.at + step) % count)
            .find(|&at| self.rating_at(places[at]).is_none());
        if let Some(next) = next {
            self.at = next;
        }
    }

    /// Goes forwards or backwards in the order, whether rated or not.
    pub fn step(&mut self, by: isize) {
        let last = (self.shots.len() + self.repeats.len()).saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
    }

    /// Goes to a shot by its number in time.
    pub fn go_to_shot(&mut self, shot: usize) {
        if let Some(at) = self.shot_order().iter().position(|&other| other == shot) {
            self.at = at;
        }
    }

    /// Frames that picks may cover: ⌊budget × frames⌋, as in the knapsack.
    pub fn budget_frames(&self) -> u64 {
        (self.budget * self.frame_count as f64).floor() as u64
    }

    /// Share of the frames picked, in [0, 1].
    pub fn used_share(&self) -> f64 {
        self.share_of(&self.picks)
    }

    fn share_of(&self, picks: &[FrameRange]) -> f64 {
        if self.frame_count == 0 {
            return 0.0;
        }
        ranges::frames_in(picks) as f64 / self.frame_count as f64
    }

    /// Adds a range to the picks.
    ///
    /// # Errors
    /// When the picks would then go beyond the budget; they stay as they were.
    pub fn pick(&mut self, range: FrameRange) -> Result<(), OverBudget> {
        let range = FrameRange::new(range.start, range.end.min(self.frame_count));
        let picks = ranges::union(&self.picks, &[range]);
        if ranges::frames_in(&picks) > self.budget_frames() {
            return Err(OverBudget {
                share: self.share_of(&picks),
                budget: self.budget,
            });
        }
        self.picks = picks;
        Ok(())
    }

    /// Takes a range out of the picks.
    pub fn unpick(&mut self, range: FrameRange) {
        self.picks = ranges::difference(&self.picks, &[range]);
    }

    /// Whether all of a range is picked.
    pub fn keeps(&self, range: FrameRange) -> bool {
        ranges::difference(&[range], &self.picks).is_empty()
    }

    /// Takes a range out where all of it is picked, else adds it; whether it is picked now.
    ///
    /// # Errors
    /// As [`AnnotatorWork::pick`].
    pub fn toggle(&mut self, range: FrameRange) -> Result<bool, OverBudget> {
        if self.keeps(range) {
            self.unpick(range);
            return Ok(false);
        }
        self.pick(range).map(|()| true)
    }

    /// The pick that a frame lies in.
    pub fn pick_at(&self, frame: u64) -> Option<FrameRange> {
        self.picks
            .iter()
            .copied()
            .find(|range| range.contains(frame))
    }

    /// Why the work cannot be called complete yet, in a sentence; `None` where it can.
    pub fn hindrance_to_finish(&self) -> Option<String> {
        match self.method {
            Method::Ratings => {
                let (done, all) = self.rated();
                match all - done {
                    0 if all > 0 => None,
                    0 => Some("The video has no shot to rate.".to_owned()),
                    1 => Some("One shot is still without a rating.".to_owned()),
                    left => Some(format!("{left} shots are still without a rating.")),
                }
            }
            Method::Picks if self.picks.is_empty() => Some("Nothing is picked yet.".to_owned()),
            Method::Picks => None,
        }
    }

    /// The work in the form every reader of annotations gives: a rating holds for each frame of its
    /// shot, on TVSum's scale of 1 to 5 (frames of a shot without a rating are 0); picks are as
    /// they are.
    pub fn to_annotator(&self) -> Annotator {
        let mut annotator = Annotator {
            name: self.name.clone(),
            conditions: Some(self.conditions()),
            ..Annotator::default()
        };
        match self.method {
            Method::Ratings => {
                annotator.scores = vec![0.0; self.frame_count as usize];
                for (shot, rating) in self.shots.iter().zip(&self.ratings) {
                    let frames = shot.start as usize..(shot.end.min(self.frame_count)) as usize;
                    if let (Some(rating), Some(scores)) = (rating, annotator.scores.get_mut(frames))
                    {
                        scores.fill(f32::from(*rating));
                    }
                }
            }
            Method::Picks => annotator.picks.clone_from(&self.picks),
        }
        annotator
    }

    /// Under which conditions the work was done.
    pub fn conditions(&self) -> Conditions {
        Conditions {
            method: self.method,
            order: self.order,
            seed: self.seed,
            budget: self.budget,
            saw_others: self.saw_others,
            seen: self.seen.clone(),
            spent_secs: self.spent_secs,
            complete: self.complete,
        }
    }

    /// Notes for good that something hidden was on screen; whether that is news.
    pub fn note_seen(&mut self, seen: impl IntoIterator<Item = Seen>) -> bool {
        let news = add_seen(&mut self.seen, seen);
        self.saw_others |= !self.seen.is_empty();
        news
    }

    /// Whether two pieces of work say the same, whatever time they took.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.method == other.method
            && self.shots == other.shots
            && self.ratings == other.ratings
            && self.second_ratings == other.second_ratings
            && self.picks == other.picks
            && self.complete == other.complete
    }
}

#[cfg(test)]
#[path = "annotator_work_tests.rs"]
mod tests;
