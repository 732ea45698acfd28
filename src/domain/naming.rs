//! What a person calls alternatives and markers, and notes on them. Belongs to letters and times,
//! not to places on the screen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kinds::Letter;
use super::repairs::one_line;

/// Longest name, and longest note, in characters.
const NAME: usize = 60;
const NOTE: usize = 2000;
/// Markers nearer than this are the same, seconds.
const SAME_MARKER_SECS: f64 = 0.01;

/// A name and a note; either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Naming {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Naming {
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.note.is_empty()
    }

    /// One line each, without air at the ends, and no longer than is shown.
    pub fn repaired(&self) -> Self {
        let short = |text: &str, most| one_line(text).trim().chars().take(most).collect();
        Self {
            name: short(&self.name, NAME),
            note: short(&self.note, NOTE),
        }
    }
}

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Named {
    Alternative(Letter),
    /// A marker, by its time in seconds.
    Marker(f64),
}

/// A marker's name and note.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedMarker {
    pub secs: f64,
    #[serde(flatten)]
    pub naming: Naming,
}

/// All names and notes of a video.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    pub alternatives: BTreeMap<Letter, Naming>,
    /// Ascending in time.
    pub markers: Vec<NamedMarker>,
}

impl Names {
    /// What it is called and the note on it; both empty where a person has given none.
    pub fn of(&self, named: Named) -> Naming {
        let found = match named {
            Named::Alternative(letter) => self.alternatives.get(&letter),
            Named::Marker(secs) => {
                let mut markers = self.markers.iter();
                markers
                    .find(|marker| (marker.secs - secs).abs() < SAME_MARKER_SECS)
                    .map(|marker| &marker.naming)
            }
        };
        found.cloned().unwrap_or_default()
    }

    /// The name of an alternative as it is shown: "B", or "B · Fireworks".
    pub fn title(&self, letter: Letter) -> String {
        match self.alternatives.get(&letter).map(|naming| &naming.name) {
            Some(name) if !name.is_empty() => format!("{letter} · {name}"),
            _ => letter.to_string(),
        }
    }

    /// Names something anew; an empty naming takes the name away.
    pub fn set(&mut self, named: Named, naming: &Naming) {
        let naming = naming.repaired();
        match named {
            Named::Alternative(letter) if naming.is_empty() => {
                self.alternatives.remove(&letter);
            }
            Named::Alternative(letter) => {
                self.alternatives.insert(letter, naming);
            }
            Named::Marker(secs) => {
                self.forget_marker(secs);
                if !naming.is_empty() {
                    let at = self.markers.partition_point(|marker| marker.secs < secs);
                    self.markers.insert(at, NamedMarker { secs, naming });
                }
            }
        }
    }

    /// Takes away the name of a marker that is no more.
    pub fn forget_marker(&mut self, secs: f64) {
        self.markers
            .retain(|marker| (marker.secs - secs).abs() >= SAME_MARKER_SECS);
    }

    /// What a file holds, within limits and in order.
    pub fn repair(&mut self) {
        for naming in self.alternatives.values_mut() {
            *naming = naming.repaired();
        }
        self.markers.retain(|marker| marker.secs.is_finite());
        for marker in &mut self.markers {
            marker.naming = marker.naming.repaired();
        }
        self.markers.sort_by(|a, b| a.secs.total_cmp(&b.secs));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(name: &str, note: &str) -> Naming {
        Naming {
            name: name.to_owned(),
            note: note.to_owned(),
        }
    }

    #[test]
    fn names_are_given_changed_and_taken_away() {
        let mut names = Names::default();
        let b = Named::Alternative(Letter(1));
        assert_eq!(names.title(Letter(1)), "B");
        names.set(b, &naming("  Fireworks\n", "for the trailer"));
        assert_eq!(names.title(Letter(1)), "B · Fireworks");
        assert_eq!(names.of(b).note, "for the trailer");
        names.set(Named::Marker(4.0), &naming("goal", ""));
        names.set(Named::Marker(2.0), &naming("start", ""));
        let json = serde_json::to_string(&names).unwrap();
        assert!(json.contains(r#""B":{"name":"Fireworks""#), "{json}");
        assert_eq!(serde_json::from_str::<Names>(&json).unwrap(), names);
        assert_eq!(names.of(Named::Marker(4.0)).name, "goal");
        assert_eq!(names.markers[0].secs, 2.0);
        names.set(b, &Naming::default());
        names.forget_marker(4.0);
        assert_eq!(names.title(Letter(1)), "B");
        assert_eq!(names.markers.len(), 1);
    }

    #[test]
    fn what_a_file_holds_is_held_within_limits() {
        let mut names = Names::default();
        let long = naming(&"x".repeat(5000), "a\nb");
        names.alternatives.insert(Letter(0), long);
        for secs in [3.0, f64::NAN, 1.0] {
            names.markers.push(NamedMarker {
                secs,
                naming: naming("m", ""),
            });
        }
        names.repair();
        assert_eq!(names.alternatives[&Letter(0)].name.len(), NAME);
        assert_eq!(names.alternatives[&Letter(0)].note, "a b");
        let secs: Vec<f64> = names.markers.iter().map(|marker| marker.secs).collect();
        assert_eq!(secs, [1.0, 3.0]);
    }
}
