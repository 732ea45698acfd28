//! Repairs of annotations that came from a file: what later stages rely on is made true, and each repair is said in a sentence.
//!
//! Afterwards every score is finite, every annotator has either no scores or one a frame, picks are sorted, disjoint and within the
//! frames, names are distinct and no text holds a control character.

use std::collections::HashMap;

use super::annotator::{AnnotationSet, Annotator};
use super::time::FrameRange;

/// Frames of the longest video believed where frames are milliseconds: a day.
const MOST_MILLISECONDS: u64 = 86_400_000;
/// Frames of the longest video believed otherwise: a day at 120 frames a second.
const MOST_FRAMES: u64 = 86_400 * 120;
/// Scores that one video's annotators may have together: 1 GiB of float32, four hours of milliseconds rated by eighteen people.
pub const MOST_SCORES: u64 = 1 << 28;
/// Characters of a name or title that are kept.
const MOST_CHARACTERS: usize = 400;

/// Frames of the longest video that is believed at a frame rate.
pub const fn most_frames(frame_rate_fps: f64) -> u64 {
    if frame_rate_fps == 1000.0 {
        MOST_MILLISECONDS
    } else {
        MOST_FRAMES
    }
}

/// A text from a file as one line: control characters become spaces, and what is too long to be a name is cut.
pub fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(MOST_CHARACTERS).map(plain).collect()
}

impl AnnotationSet {
    /// Frames the annotations cover: what the set states, else the longest annotator.
    pub fn covered_frames(&self) -> u64 {
        if self.frame_count > 0 {
            return self.frame_count;
        }
        let covered = |annotator: &Annotator| {
            let picked = annotator.picks.last().map_or(0, |range| range.end);
            picked.max(annotator.scores.len() as u64)
        };
        self.annotators.iter().map(covered).max().unwrap_or(0)
    }

    /// Repairs the set and adds a sentence for each repair that changes what it says.
    pub fn mend(&mut self, warnings: &mut Vec<String>) {
        for text in [&mut self.source, &mut self.video_id, &mut self.title] {
            *text = one_line(text);
        }
        let video = if self.video_id.is_empty() {
            "the video".to_owned()
        } else {
            format!("video {}", self.video_id)
        };
        if !(self.frame_rate_fps.is_finite() && self.frame_rate_fps >= 0.0) {
            self.frame_rate_fps = 0.0;
        }
        let most = most_frames(self.frame_rate_fps);
        if self.frame_count > most {
            warnings.push(format!(
                "{video}: {} frames are stated, more than a day; the annotators' own lengths count",
                self.frame_count
            ));
            self.frame_count = 0;
        }
        let mut names = HashMap::new();
        for (at, annotator) in self.annotators.iter_mut().enumerate() {
            name(annotator, at, &mut names);
            numbers(annotator, &video, warnings);
            if let Some(conditions) = &mut annotator.conditions {
                for number in [&mut conditions.budget, &mut conditions.spent_secs] {
                    *number = if number.is_finite() {
                        number.max(0.0)
                    } else {
                        0.0
                    };
                }
            }
            let last = annotator.picks.iter().map(|range| range.end).max();
            for range in &mut annotator.picks {
                range.end = range.end.min(most);
            }
            annotator.picks = FrameRange::merged(std::mem::take(&mut annotator.picks));
            if last.is_some_and(|last| last > most) {
                warnings.push(format!(
                    "{video}: picks of {} go beyond a day and are cut there",
                    annotator.name
                ));
            }
        }
        let stated = self.frame_count > 0;
        self.frame_count = self.covered_frames();
        // Of a set that was mended before, the length is known by now to be no statement.
        let rated = self.annotators.iter().any(|one| !one.scores.is_empty());
        self.length_unstated = (!stated || self.length_unstated) && !rated;
        self.level(stated, &video, warnings);
    }

    /// One score a frame for everybody who rated, and no pick beyond the last frame.
    fn level(&mut self, stated: bool, video: &str, warnings: &mut Vec<String>) {
        let frames = self.frame_count;
        let mut scores = 0u64;
        let held = |annotator: &Annotator| {
            if !annotator.scores.is_empty() {
                scores = scores.saturating_add(frames);
            }
            scores <= MOST_SCORES
        };
        let count = self.annotators.len();
        let kept = self.annotators.iter().map(held).take_while(|&held| held);
        let kept = kept.count();
        if kept < count {
            warnings.push(format!(
                "{video}: ratings of {count} annotators over {frames} frames are too many; the last {} are left out",
                count - kept
            ));
            self.annotators.truncate(kept);
        }
        for annotator in &mut self.annotators {
            let length = annotator.scores.len() as u64;
            if length > 0 && length != frames {
                warnings.push(format!(
                    "{video}: {} rated {length} frames where {} {frames}; the rest {}",
                    annotator.name,
                    if stated {
                        "the file states"
                    } else {
                        "others rated"
                    },
                    if length > frames {
                        "is left out"
                    } else {
                        "counts as 0"
                    }
                ));
                annotator.scores.resize(frames as usize, 0.0);
            }
            if annotator.picks.last().is_some_and(|pick| pick.end > frames) {
                for range in &mut annotator.picks {
                    range.end = range.end.min(frames);
                }
                annotator.picks.retain(|range| !range.is_empty());
                warnings.push(format!(
                    "{video}: picks of {} go beyond the {frames} frames and are cut there",
                    annotator.name
                ));
            }
        }
    }
}

/// A name that nobody else has. `names` counts those given so far.
fn name(annotator: &mut Annotator, at: usize, names: &mut HashMap<String, usize>) {
    annotator.name = one_line(&annotator.name).trim().to_owned();
    if annotator.name.is_empty() {
        annotator.name = format!("annotator {}", at + 1);
    }
    let plain = annotator.name.clone();
    let count = names.get(&plain).copied().unwrap_or(0);
    let mut number = count + 1;
    while names.contains_key(&annotator.name) {
        annotator.name = format!("{plain} ({})", number.max(2));
        number += 1;
    }
    names.insert(annotator.name.clone(), 1);
    if count > 0 {
        names.insert(plain, number);
    }
}

/// Scores that are not numbers count as 0.
fn numbers(annotator: &mut Annotator, video: &str, warnings: &mut Vec<String>) {
    let broken = annotator.scores.iter().filter(|v| !v.is_finite()).count();
    if broken == 0 {
        return;
    }
    for score in &mut annotator.scores {
        if !score.is_finite() {
            *score = 0.0;
        }
    }
    warnings.push(format!(
        "{video}: {broken} scores of {} are missing or not numbers and count as 0",
        annotator.name
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(mut set: AnnotationSet) -> (AnnotationSet, Vec<String>) {
        let mut warnings = Vec::new();
        set.mend(&mut warnings);
        (set, warnings)
    }

    fn named(names: &[&str]) -> AnnotationSet {
        let annotator = |name: &&str| Annotator {
            name: (*name).to_owned(),
            ..Annotator::default()
        };
        AnnotationSet {
            annotators: names.iter().map(annotator).collect(),
            ..AnnotationSet::default()
        }
    }

    #[test]
    fn names_are_distinct_lines() {
        let (set, _) = mended(named(&["a", "a", "a (2)", "", "a", "x\ny", "a (2)"]));
        let names: Vec<&str> = set.annotators.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names[..4], ["a", "a (2)", "a (2) (2)", "annotator 4"]);
        assert_eq!(names[5], "x y");
        let distinct: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn lengths_beyond_belief_take_no_memory_and_are_said() {
        let mut set = named(&["a", "b"]);
        set.frame_count = u64::MAX;
        set.annotators[0].scores = vec![1.0, f32::NAN];
        set.annotators[1].picks = vec![FrameRange::new(3, 9), FrameRange::new(1, u64::MAX)];
        set.frame_rate_fps = f64::NAN;
        let (set, warnings) = mended(set);
        assert_eq!(set.frame_count, MOST_FRAMES);
        assert_eq!(
            set.annotators[1].picks,
            vec![FrameRange::new(1, MOST_FRAMES)]
        );
        assert_eq!(set.frame_rate_fps, 0.0);
        assert_eq!(warnings.len(), 4, "{warnings:?}");
    }

    #[test]
    fn scores_and_picks_end_with_the_frames() {
        let mut set = named(&["a", "b"]);
        set.frame_count = 4;
        set.annotators[0].scores = vec![1.0; 6];
        set.annotators[1].scores = vec![2.0];
        set.annotators[1].picks = vec![FrameRange::new(5, 8), FrameRange::new(2, 9)];
        let (set, warnings) = mended(set);
        assert_eq!(set.annotators[0].scores, vec![1.0; 4]);
        assert_eq!(set.annotators[1].scores, vec![2.0, 0.0, 0.0, 0.0]);
        assert_eq!(set.annotators[1].picks, vec![FrameRange::new(2, 4)]);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
    }
}
