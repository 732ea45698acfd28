//! A study: which videos people rate or pick in, and how. Parsed from the JSON of
//! `docs/studies.md`; reads no files itself.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::annotator_work::{Method, ShotOrder, seed_of_name};
use super::limits;
use super::repairs::one_line;

/// Version of the format that this program reads.
pub const STUDY_FORMAT: u64 = 1;
/// Most videos and annotators of a study.
const MOST_VIDEOS: usize = 1000;
const MOST_ANNOTATORS: usize = 1000;
/// Longest instructions and longest name, characters.
const MOST_INSTRUCTIONS: usize = 20_000;
const MOST_NAME: usize = 100;

/// What the annotators of a study do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    pub format: u64,
    pub task: Task,
    /// Paths as the file has them, relative to its folder.
    pub videos: Vec<String>,
    /// Who takes part; empty where everybody types a name.
    pub annotators: Vec<String>,
    /// Order of the shots.
    pub order: ShotOrder,
    /// Share of a video that picks may cover, in (0, 1].
    pub budget: f64,
    /// Share of the shots that are shown twice, in [0, 1].
    pub repeat_share: f64,
    /// Of all random orders; each annotator and video has an own one that follows from it.
    pub seed: u64,
    pub instructions: String,
}

/// What is asked of annotators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    Rate,
    Pick,
}

impl Task {
    pub fn method(self) -> Method {
        match self {
            Self::Rate => Method::Ratings,
            Self::Pick => Method::Picks,
        }
    }
}

/// Everything that is wrong with a study, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join(" "))]
pub struct StudyFaults(pub Vec<String>);

impl Study {
    /// Reads a study and holds every field against its limits.
    ///
    /// # Errors
    /// A sentence for each field that is missing, unknown or has a value that it may not have.
    pub fn from_json(text: &str) -> Result<Self, StudyFaults> {
        let value: Value = serde_json::from_str(text)
            .map_err(|err| StudyFaults(vec![format!("It is not valid JSON: {err}.")]))?;
        let Value::Object(fields) = value else {
            return Err(StudyFaults(vec![
                "It must be an object with format, task and videos.".to_owned(),
            ]));
        };
        let mut form = Form {
            fields,
            faults: Vec::new(),
        };
        let study = Self {
            format: form.format(),
            task: form.task(),
            videos: form.videos(),
            annotators: form.annotators(),
            order: form.order(),
            budget: form.number("budget", 0.15, limits::PICK_BUDGET),
            repeat_share: form.number("repeat_share", 0.0, limits::REPEAT_SHARE),
            seed: form.seed(),
            instructions: form.instructions(),
        };
        for field in form.fields.keys() {
            let known = "format, task, videos, annotators, order, budget, repeat_share, seed and instructions";
            form.faults.push(format!(
                "{} is no field of a study; the fields are {known}.",
                one_line(field)
            ));
        }
        match form.faults.is_empty() {
            true => Ok(study),
            false => Err(StudyFaults(form.faults)),
        }
    }

    /// Seed of an annotator's order on a video: the same on every machine.
    pub fn seed_for(&self, annotator: &str, video: &str) -> u64 {
        seed_of_name(&format!("{}\n{annotator}\n{video}", self.seed))
    }

    /// Whether work that was begun under another study can go on under this one.
    pub fn asks_the_same(&self, other: &Self) -> bool {
        (self.task, self.order, self.seed) == (other.task, other.order, other.seed)
            && self.budget == other.budget
            && self.repeat_share == other.repeat_share
    }

    /// Why an annotator of this name cannot take part, in a sentence; `None` where they can.
    pub fn name_hindrance(&self, name: &str) -> Option<String> {
        if name.is_empty() {
            let first = match self.annotators.is_empty() {
                true => "Type your name or a code first.",
                false => "Choose who you are first.",
            };
            return Some(first.to_owned());
        }
        if name.chars().count() > MOST_NAME || one_line(name) != name {
            return Some(format!(
                "A name is one line of at most {MOST_NAME} characters."
            ));
        }
        let listed = self.annotators.is_empty() || self.annotators.iter().any(|one| one == name);
        (!listed).then(|| format!("{name} is not among the annotators of this study."))
    }
}

/// The fields that are not read yet, and what was wrong with the others.
struct Form {
    fields: Map<String, Value>,
    faults: Vec<String>,
}

impl Form {
    fn fault(&mut self, sentence: String) {
        self.faults.push(sentence);
    }

    fn format(&mut self) -> u64 {
        match self.fields.remove("format") {
            Some(value) if value.as_u64() == Some(STUDY_FORMAT) => {}
            None => self.fault(format!("format is missing; it is {STUDY_FORMAT}.")),
            Some(other) => self.fault(format!(
                "format must be {STUDY_FORMAT}, and is {}.",
                shown(&other)
            )),
        }
        STUDY_FORMAT
    }

    fn task(&mut self) -> Task {
        match self.fields.remove("task") {
            Some(Value::String(word)) if word == "rate" => return Task::Rate,
            Some(Value::String(word)) if word == "pick" => return Task::Pick,
            None => self.fault("task is missing; it is \"rate\" or \"pick\".".to_owned()),
            Some(other) => self.fault(format!(
                "task must be \"rate\" or \"pick\", and is {}.",
                shown(&other)
            )),
        }
        Task::Rate
    }

    fn order(&mut self) -> ShotOrder {
        match self.fields.remove("order") {
            None => {}
            Some(Value::String(word)) if word == "random" => {}
            Some(Value::String(word)) if word == "sequence" => return ShotOrder::Sequence,
            Some(other) => self.fault(format!(
                "order must be \"random\" or \"sequence\", and is {}.",
                shown(&other)
            )),
        }
        ShotOrder::Random
    }

    /// A list of different texts.
    fn list(&mut self, field: &str, most: usize) -> Option<Vec<String>> {
        let values = match self.fields.remove(field)? {
            Value::Array(values) => values,
            other => {
                self.fault(format!(
                    "{field} must be a list of texts, and is {}.",
                    shown(&other)
                ));
                return Some(Vec::new());
            }
        };
        if values.len() > most {
            self.fault(format!(
                "{field} has {} entries; at most {most} are allowed.",
                values.len()
            ));
            return Some(Vec::new());
        }
        let mut texts: Vec<String> = Vec::new();
        for (at, value) in values.into_iter().enumerate() {
            match value {
                Value::String(text) if text.trim().is_empty() => {
                    self.fault(format!("{field}[{at}] is empty."));
                }
                Value::String(text) if texts.contains(&text) => {
                    self.fault(format!("{field} has {} twice.", one_line(&text)));
                }
                Value::String(text) => texts.push(text),
                other => self.fault(format!(
                    "{field}[{at}] must be a text, and is {}.",
                    shown(&other)
                )),
            }
        }
        Some(texts)
    }

    fn videos(&mut self) -> Vec<String> {
        let before = self.faults.len();
        let videos = self.list("videos", MOST_VIDEOS).unwrap_or_default();
        if videos.is_empty() && self.faults.len() == before {
            self.fault("videos must name at least one video.".to_owned());
        }
        videos
    }

    fn annotators(&mut self) -> Vec<String> {
        let names = self.list("annotators", MOST_ANNOTATORS).unwrap_or_default();
        for name in &names {
            if name.trim() != name || one_line(name) != *name || name.chars().count() > MOST_NAME {
                self.fault(format!(
                    "The annotator {} must be one line of at most {MOST_NAME} characters, without spaces around it.",
                    one_line(name)
                ));
            }
        }
        names
    }

    fn number(&mut self, field: &str, default: f64, limit: limits::Limit) -> f64 {
        match self.fields.remove(field) {
            None => default,
            Some(value) => match value.as_f64() {
                Some(number) => match limit.check(number) {
                    Ok(number) => number,
                    Err(err) => {
                        self.fault(format!("{err}."));
                        default
                    }
                },
                None => {
                    self.fault(format!(
                        "{field} must be a number, and is {}.",
                        shown(&value)
                    ));
                    default
                }
            },
        }
    }

    fn seed(&mut self) -> u64 {
        match self.fields.remove("seed") {
            None => 0,
            Some(value) => value.as_u64().unwrap_or_else(|| {
                self.fault(format!(
                    "seed must be a whole number from 0 on, and is {}.",
                    shown(&value)
                ));
                0
            }),
        }
    }

    fn instructions(&mut self) -> String {
        match self.fields.remove("instructions") {
            None => String::new(),
            Some(Value::String(text)) if text.chars().count() <= MOST_INSTRUCTIONS => text,
            Some(Value::String(text)) => {
                self.fault(format!(
                    "instructions have {} characters; at most {MOST_INSTRUCTIONS} are allowed.",
                    text.chars().count()
                ));
                String::new()
            }
            Some(other) => {
                self.fault(format!(
                    "instructions must be a text, and are {}.",
                    shown(&other)
                ));
                String::new()
            }
        }
    }
}

/// A value in a sentence: short, and on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        value => one_line(&value.to_string()).chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_is_read_with_its_defaults() {
        let study = Study::from_json(
            r#"{"format": 1, "task": "rate", "videos": ["a.mp4"], "annotators": ["Ann", "Bo"],
                "order": "sequence", "budget": 0.2, "repeat_share": 0.1, "seed": 7, "instructions": "Look."}"#,
        )
        .unwrap();
        assert_eq!((study.task, study.order), (Task::Rate, ShotOrder::Sequence));
        assert_eq!(
            (study.budget, study.repeat_share, study.seed),
            (0.2, 0.1, 7)
        );
        let plain =
            Study::from_json(r#"{"format": 1, "task": "pick", "videos": ["a.mp4"]}"#).unwrap();
        assert_eq!((plain.budget, plain.repeat_share), (0.15, 0.0));
        assert_eq!(plain.order, ShotOrder::Random);
        assert_eq!(plain.name_hindrance("Anybody"), None);
        assert!(plain.name_hindrance("").unwrap().starts_with("Type"));
        assert!(study.name_hindrance("").unwrap().starts_with("Choose"));
        assert!(study.name_hindrance("Cem").unwrap().contains("Cem"));
        assert_ne!(
            study.seed_for("Ann", "a.mp4"),
            study.seed_for("Bo", "a.mp4")
        );
        assert_ne!(
            study.seed_for("Ann", "a.mp4"),
            plain.seed_for("Ann", "a.mp4")
        );
    }

    /// The example of the documentation is a study.
    #[test]
    fn the_documented_example_is_read() {
        let documentation = include_str!("../../docs/studies.md");
        let (_, rest) = documentation.split_once("```json\n").unwrap();
        let (example, _) = rest.split_once("```").unwrap();
        let study = Study::from_json(example).unwrap();
        assert_eq!((study.videos.len(), study.annotators.len()), (3, 2));
    }

    #[test]
    fn every_bad_field_is_one_sentence() {
        let StudyFaults(faults) = Study::from_json(
            r#"{"format": 2, "task": "watch", "videos": ["a.mp4", "", "a.mp4", 3], "annotators": "Ann",
                "order": 1, "budget": 0, "repeat_share": 1.5, "seed": -1, "instructions": [], "shuffle": true}"#,
        )
        .unwrap_err();
        let expected = [
            "format must be 1, and is 2.",
            "task must be \"rate\" or \"pick\", and is \"watch\".",
            "videos[1] is empty.",
            "videos has a.mp4 twice.",
            "videos[3] must be a text, and is 3.",
            "annotators must be a list of texts, and is \"Ann\".",
            "order must be \"random\" or \"sequence\", and is 1.",
            "budget must be above 0 and at most 1, and is 0.",
            "repeat_share must be from 0 to 1, and is 1.5.",
            "seed must be a whole number from 0 on, and is -1.",
            "instructions must be a text, and are a list.",
        ];
        for (fault, expected) in faults.iter().zip(expected) {
            assert_eq!(fault, expected);
        }
        assert_eq!(faults.len(), 12, "{faults:?}");
        assert!(faults[11].starts_with("shuffle is no field of a study"));
        let of = |text: &str| Study::from_json(text).unwrap_err().to_string();
        assert!(of("[1]").contains("must be an object"));
        assert!(of("{").contains("not valid JSON"));
        assert!(of("{}").contains("videos must name at least one video."));
        let many = vec!["\"x\""; 1001].join(",");
        let many = format!(r#"{{"format": 1, "task": "rate", "videos": [{many}]}}"#);
        assert_eq!(
            of(&many),
            "videos has 1001 entries; at most 1000 are allowed."
        );
    }
}
