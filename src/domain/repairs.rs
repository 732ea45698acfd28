//! Repairs of annotations that came from a file: what later stages rely on is made true, and each
//! repair is reported in a sentence.
//!
//! Afterwards every score is finite, every annotator has either no scores or one a frame, picks are
//! sorted, disjoint and within the frames, names are distinct and no text holds a control
//! character.

use std::collections::HashMap;

use super::annotator::{AnnotationSet, Annotator};
use super::budget::{MOST_SCORES_OF_FILE, too_many_annotators, too_many_scores};
use super::time::FrameRange;

/// Frames of the longest video believed where frames are milliseconds: a day.
const MOST_MILLISECONDS: u64 = 86_400_000;
/// Frames of the longest video believed otherwise: a day at 120 frames a second.
const MOST_FRAMES: u64 = 86_400 * 120;
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

/// A text from a file as one line: control characters become spaces, and what is too long to be a
/// name is cut.
pub fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(MOST_CHARACTERS).map(plain).collect()
}

/// A text for a terminal: line breaks and tabs stay, other control characters become visible
/// instead of being obeyed, and so do those that turn the direction of writing.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    let obeyed = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
    };
    if !text.contains(obeyed) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match obeyed(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown.into()
}

/// A cell of a table for spreadsheets, which take what begins with `=`, `+`, `-`, `@`, a tab or a
/// carriage return for a formula: an apostrophe before it says that it is text. Numbers stay
/// numbers.
pub fn spreadsheet_cell(text: &str) -> std::borrow::Cow<'_, str> {
    if is_formula(text.trim_start_matches('\'')) {
        return format!("'{text}").into();
    }
    text.into()
}

/// The text of a cell that [`spreadsheet_cell`] wrote, or a spreadsheet.
pub fn text_of_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err()
}

/// Fails where the sets of a file, once everybody who rated has a score for each frame, are larger
/// than may be.
///
/// # Errors
/// A clause that names the limit, to follow the file's name.
pub fn check_sizes<'a>(sets: impl IntoIterator<Item = &'a AnnotationSet>) -> Result<(), String> {
    let mut scores = 0u64;
    for set in sets {
        if let Some(clause) = too_many_annotators(set.annotators.len()) {
            return Err(clause);
        }
        let frames = set.believed_frames();
        let rated = |one: &&Annotator| !one.scores.is_empty();
        let people = set.annotators.iter().filter(rated).count();
        if let Some(clause) = too_many_scores(people, frames) {
            return Err(clause);
        }
        scores += frames * people as u64;
        if scores > MOST_SCORES_OF_FILE {
            return Err(format!(
                "its videos have more than {MOST_SCORES_OF_FILE} scores together, as many as are read of one file"
            ));
        }
    }
    Ok(())
}

impl AnnotationSet {
    /// Frames the set will have: those it states where that is believed, else those that its
    /// annotators cover.
    fn believed_frames(&self) -> u64 {
        let most = most_frames(self.frame_rate_fps);
        if (1..=most).contains(&self.frame_count) {
            return self.frame_count;
        }
        let covered = |one: &Annotator| {
            let picked = one.picks.iter().map(|range| range.end).max().unwrap_or(0);
            picked.min(most).max(one.scores.len() as u64)
        };
        self.annotators.iter().map(covered).max().unwrap_or(0)
    }

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

    /// Repairs the set and adds a sentence for each repair that changes what it says. Its size was
    /// checked before ([`check_sizes`]).
    pub fn repair(&mut self, warnings: &mut Vec<String>) {
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
        // Of a set that was repaired before, the length is known by now to be no statement.
        let rated = self.annotators.iter().any(|one| !one.scores.is_empty());
        self.length_unstated = (!stated || self.length_unstated) && !rated;
        self.level(stated, &video, warnings);
    }

    /// One score a frame for everybody who rated, and no pick beyond the last frame.
    fn level(&mut self, stated: bool, video: &str, warnings: &mut Vec<String>) {
        let frames = self.frame_count;
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

    fn repaired(mut set: AnnotationSet) -> (AnnotationSet, Vec<String>) {
        let mut warnings = Vec::new();
        set.repair(&mut warnings);
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
        let (set, _) = repaired(named(&["a", "a", "a (2)", "", "a", "x\ny", "a (2)"]));
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
        let (set, warnings) = repaired(set);
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
        let (set, warnings) = repaired(set);
        assert_eq!(set.annotators[0].scores, vec![1.0; 4]);
        assert_eq!(set.annotators[1].scores, vec![2.0, 0.0, 0.0, 0.0]);
        assert_eq!(set.annotators[1].picks, vec![FrameRange::new(2, 4)]);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
    }

    #[test]
    fn sets_that_ask_for_much_are_refused_by_what_they_ask_for() {
        let rated = |people: usize, frames: u64| AnnotationSet {
            frame_count: frames,
            annotators: vec![
                Annotator {
                    scores: vec![1.0],
                    ..Annotator::default()
                };
                people
            ],
            ..AnnotationSet::default()
        };
        let refused = |sets: &[AnnotationSet]| check_sizes(sets).err().unwrap_or_default();
        assert_eq!(refused(&[rated(20, 1_000_000)]), "");
        assert!(refused(&[rated(1001, 1)]).contains("1000"));
        assert!(refused(&[rated(25, 10_368_000)]).contains("of one video"));
        // Each is small enough, all together are not.
        let many = vec![rated(3, 10_000_000); 3];
        assert!(refused(&many).contains("of one file"));
        // Picks are ranges and cost nothing; what is stated beyond belief counts for nothing.
        let mut picks = named(&["a"]);
        picks.frame_count = 10_368_000;
        assert_eq!(refused(&vec![picks; 500]), "");
        assert_eq!(refused(&[rated(5, u64::MAX)]), "");
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(printable("é\n\tü"), "é\n\tü");
        assert_eq!(printable("\u{1b}]0;x\u{7}"), "\\u{1b}]0;x\\u{7}");
        assert_eq!(printable("a\rb\u{9b}2J"), "a\\rb\\u{9b}2J");
        assert_eq!(printable("\u{202e}4pm."), "\\u{202e}4pm.");
    }

    #[test]
    fn cells_are_no_formulas_and_numbers_stay_numbers() {
        for formula in ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(spreadsheet_cell(formula), format!("'{formula}"));
            let marked = format!("'{formula}");
            for text in [formula, marked.as_str()] {
                assert_eq!(text_of_cell(&spreadsheet_cell(text)), text);
            }
        }
        for plain in ["-1.5", "+3", "-1e-9", "Ann", "", "a=b", "'x"] {
            assert_eq!(spreadsheet_cell(plain), plain);
            assert_eq!(text_of_cell(plain), plain);
        }
    }
}
