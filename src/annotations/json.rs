//! JSON annotations: one set or a list of them, as this program writes them and as NumPy and pandas
//! do, whose numbers may be `300.0` and whose missing values are `NaN` or `null`.
//! `docs/annotation-files.md` describes the form; VIA projects are told apart.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::{AnnotationError, Opened, Result, results, via};
use crate::domain::budget::{MOST_BYTES, json_bytes, warn};
use crate::domain::{AnnotationSet, Annotator, Conditions, FrameRange};

/// Farthest that a frame number may be from a whole one without a word: what arithmetic leaves.
const ROUNDING: f64 = 1e-3;

/// Reads every set; one that is broken is left out with a warning.
pub(super) fn read(text: &str, path: &Path) -> Result<Opened> {
    if json_bytes(text.as_bytes()) > MOST_BYTES {
        let reason = format!(
            "it has more values than fit into the {} MB of memory that one file may use",
            MOST_BYTES >> 20
        );
        return Err(AnnotationError::format(path, reason));
    }
    let value = parsed(text)
        .map_err(|err| AnnotationError::format(path, format!("not valid JSON: {err}")))?;
    if via::is_via(&value) {
        return via::read(&value, path);
    }
    if results::is_value(&value) {
        return results::opened(text, path);
    }
    let values = match value {
        Value::Array(values) => values,
        value => vec![value],
    };
    let mut opened = Opened::default();
    for (at, value) in values.into_iter().enumerate() {
        if value.get("annotators").is_none() {
            let warning = format!("entry {at} has no \"annotators\"");
            warn(&mut opened.warnings, warning);
            continue;
        }
        match SetForm::deserialize(value) {
            Ok(form) => opened.sets.push(form.set(&mut opened.warnings)),
            Err(err) => warn(
                &mut opened.warnings,
                format!("entry {at} is not a set of annotations: {err}"),
            ),
        }
    }
    Ok(opened)
}

/// JSON, or what Python writes in its place where a number is missing.
fn parsed(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
        .or_else(|err| serde_json::from_str(&without_nan(text)).map_err(|_| err))
}

/// `NaN`, `Infinity` and `-Infinity` outside of strings as null, which JSON knows.
fn without_nan(text: &str) -> String {
    const WORDS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(character) = rest.chars().next() {
        let word = WORDS
            .iter()
            .find(|word| !in_string && rest.starts_with(**word));
        let length = match (word, character) {
            (Some(word), _) => {
                plain.push_str("null");
                rest = &rest[word.len()..];
                continue;
            }
            // What is escaped ends no string.
            (None, '\\') => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            (None, character) => character.len_utf8(),
        };
        in_string ^= character == '"';
        let (part, after) = rest.split_at(length);
        plain.push_str(part);
        rest = after;
    }
    plain
}

/// A set as it stands in the file.
#[derive(Deserialize)]
#[serde(default)]
struct SetForm {
    source: Text,
    video_id: Text,
    title: Text,
    frame_count: Option<f64>,
    length_unstated: bool,
    frame_rate_fps: Option<f64>,
    simulated: bool,
    annotators: Vec<AnnotatorForm>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AnnotatorForm {
    name: Text,
    scores: Option<Vec<Option<f64>>>,
    picks: Option<Vec<RangeForm>>,
    conditions: Option<Conditions>,
}

/// A range as `{"start": 25, "end": 50}` or `[25, 50]`.
#[derive(Deserialize)]
#[serde(untagged)]
enum RangeForm {
    Named { start: f64, end: f64 },
    Pair([f64; 2]),
}

/// A text; numbers stand for themselves.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Text {
    Words(String),
    Number(serde_json::Number),
    #[default]
    Nothing,
}

impl Text {
    fn into_string(self) -> String {
        match self {
            Self::Words(words) => words,
            Self::Number(number) => number.to_string(),
            Self::Nothing => String::new(),
        }
    }
}

impl SetForm {
    fn set(self, warnings: &mut Vec<String>) -> AnnotationSet {
        let video_id = self.video_id.into_string();
        let annotators = (self.annotators.into_iter())
            .map(|one| one.annotator(&video_id, warnings))
            .collect();
        AnnotationSet {
            source: self.source.into_string(),
            video_id,
            title: self.title.into_string(),
            // Negative numbers and those that are none become 0, which says nothing.
            frame_count: self.frame_count.unwrap_or(0.0).round() as u64,
            length_unstated: self.length_unstated,
            frame_rate_fps: self.frame_rate_fps.unwrap_or(0.0),
            simulated: self.simulated,
            annotators,
            doubts: Vec::new(),
        }
    }
}

impl AnnotatorForm {
    fn annotator(self, video: &str, warnings: &mut Vec<String>) -> Annotator {
        let name = self.name.into_string();
        let mut rounded = None;
        let picks = (self.picks.unwrap_or_default().into_iter())
            .map(|range| {
                let (start, end) = match range {
                    RangeForm::Named { start, end } | RangeForm::Pair([start, end]) => (start, end),
                };
                for number in [start, end] {
                    if (number - number.round()).abs() > ROUNDING {
                        rounded.get_or_insert(number);
                    }
                }
                FrameRange::new(start.round() as u64, end.round() as u64)
            })
            .collect();
        if let Some(number) = rounded {
            warnings.push(format!(
                "video {video}: picks of {name} are frame numbers, and {number} is none; they are rounded"
            ));
        }
        let scores = self.scores.unwrap_or_default();
        Annotator {
            name,
            scores: (scores.into_iter())
                .map(|score| score.map_or(f32::NAN, |score| score as f32))
                .collect(),
            picks,
            conditions: self.conditions,
        }
    }
}

impl Default for SetForm {
    fn default() -> Self {
        Self {
            source: Text::Nothing,
            video_id: Text::Nothing,
            title: Text::Nothing,
            frame_count: None,
            length_unstated: false,
            frame_rate_fps: None,
            simulated: false,
            annotators: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> Result<Opened> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        std::fs::write(&path, text).unwrap();
        crate::annotations::open(&path)
    }

    #[test]
    fn what_numpy_and_pandas_write_is_read() {
        let text = r#"[{"video_id": 7, "frame_count": 300.0, "frame_rate_fps": NaN, "annotators": [
            {"name": "NaN \"Infinity\" \\", "scores": [1, NaN, -Infinity, null, 3.5]},
            {"name": null, "picks": [[25.0, 50], {"start": 60.0, "end": 69.9999999}]}]}]"#;
        let opened = open(text).unwrap();
        let set = &opened.sets[0];
        assert_eq!((set.video_id.as_str(), set.frame_count), ("7", 300));
        assert_eq!(set.annotators[0].name, "NaN \"Infinity\" \\");
        assert_eq!(set.annotators[0].scores[..5], [1.0, 0.0, 0.0, 0.0, 3.5]);
        assert_eq!(
            set.annotators[1].picks,
            [FrameRange::new(25, 50), FrameRange::new(60, 70)]
        );
        let warnings = opened.warnings.join("; ");
        assert!(
            warnings.contains("3 scores of NaN \"Infinity\" \\ are missing"),
            "{warnings}"
        );
    }

    #[test]
    fn frame_numbers_with_fractions_are_said() {
        let opened =
            open(r#"{"annotators": [{"name": "a", "picks": [[1.5, 4]]}], "frame_count": -3}"#)
                .unwrap();
        assert_eq!(opened.sets[0].annotators[0].picks, [FrameRange::new(2, 4)]);
        assert!(opened.warnings[0].contains("1.5"), "{:?}", opened.warnings);
    }

    #[test]
    fn what_is_no_json_is_said_with_its_place() {
        for text in ["{\"annotators\": [NaN", "[1, nan]", "{\"a\\"] {
            let message = open(text).unwrap_err().to_string();
            assert!(
                message.contains("not valid JSON") && message.contains("line 1"),
                "{message}"
            );
        }
        let opened =
            open(r#"[{"annotators": 3}, {"video": 1}, {"annotators": [{"scores": [1]}]}]"#)
                .unwrap();
        assert_eq!((opened.sets.len(), opened.warnings.len()), (1, 2));
    }

    /// The example of the documentation is read as it is explained there.
    #[test]
    fn the_documented_example_is_read() {
        let documentation = include_str!("../../docs/annotation-files.md");
        let (_, rest) = documentation.split_once("```json\n").unwrap();
        let (example, _) = rest.split_once("```").unwrap();
        let opened = open(example).unwrap();
        let ids: Vec<&str> = opened
            .sets
            .iter()
            .map(|set| set.video_id.as_str())
            .collect();
        assert_eq!(ids, ["harbour", "market"]);
        let people = &opened.sets[0].annotators;
        assert_eq!(people[0].scores[..5], [1.0, 1.0, 3.0, 5.0, 0.0]);
        assert_eq!(
            people[1].picks,
            [FrameRange::new(25, 50), FrameRange::new(100, 130)]
        );
    }
}
