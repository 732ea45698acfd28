//! VIA 3 (VGG Image Annotator, video) projects: temporal segments as picks, the annotator in the
//! first attribute; numbers in one called rating are ratings.
//!
//! Times are seconds in the file, kept as frames at [`MILLISECOND_FPS`] until the set is joined to
//! a video. Writing is in `write`.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde_json::Value;

use super::timed::{self, Room};
use super::{MILLISECOND_FPS, Opened, Result, file_stem, video_name};
use crate::domain::{AnnotationSet, Annotator, FrameRange};

/// Whether JSON is a VIA 3 project.
pub(super) fn is_via(value: &Value) -> bool {
    value.get("metadata").is_some_and(Value::is_object)
        && value.get("file").is_some_and(Value::is_object)
}

/// Reads the temporal segments of every video of a project.
pub(super) fn read(value: &Value, path: &Path) -> Result<Opened> {
    let mut opened = Opened::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut people: HashMap<(usize, String), usize> = HashMap::new();
    let mut rated: BTreeMap<(usize, usize), Vec<(FrameRange, f32)>> = BTreeMap::new();
    let empty = serde_json::Map::new();
    let entries = value["metadata"].as_object().unwrap_or(&empty);
    let mut skipped = 0;
    for entry in entries.values() {
        let Some(times) = entry["z"].as_array().filter(|z| z.len() == 2) else {
            // Points and boxes in single frames are no picks.
            skipped += 1;
            continue;
        };
        let frame = |at: usize| {
            let secs = times[at]
                .as_f64()
                .filter(|secs| (0.0..=86_400.0).contains(secs))?;
            Some((secs * MILLISECOND_FPS).round() as u64)
        };
        let (Some(start), Some(end)) = (frame(0), frame(1)) else {
            skipped += 1;
            continue;
        };
        let video = entry["vid"]
            .as_str()
            .map(str::to_owned)
            .unwrap_or_else(|| entry["vid"].to_string());
        let at = *places.entry(video).or_insert_with_key(|video| {
            opened.sets.push(new_set(value, video, path));
            opened.sets.len() - 1
        });
        let annotators = &mut opened.sets[at].annotators;
        let person = people.entry((at, annotator_name(value, entry)));
        let person = *person.or_insert_with_key(|(_, name)| {
            annotators.push(Annotator {
                name: name.clone(),
                ..Annotator::default()
            });
            annotators.len() - 1
        });
        let range = FrameRange::new(start.min(end), start.max(end));
        match rating(value, entry) {
            Some(score) => rated.entry((at, person)).or_default().push((range, score)),
            None => annotators[person].picks.push(range),
        }
    }
    let mut room: HashMap<usize, Room> = HashMap::new();
    let mut lost = 0;
    for ((at, person), stretches) in rated {
        match room.entry(at).or_default().take(&stretches) {
            true => opened.sets[at].annotators[person].scores = timed::scores(&stretches),
            false => lost += 1,
        }
    }
    if lost > 0 {
        opened.warnings.push(format!(
            "the ratings of {lost} annotators are more than can be held and are left out"
        ));
    }
    if skipped > 0 {
        opened.warnings.push(format!(
            "{skipped} entries have no start and end and are left out"
        ));
    }
    Ok(opened)
}

/// VIA's "vid" names a view, which lists files.
fn new_set(project: &Value, view: &str, path: &Path) -> AnnotationSet {
    let file = project["view"][view]["fid_list"][0]
        .as_str()
        .unwrap_or(view);
    let name = project["file"][file]["fname"].as_str().unwrap_or_default();
    AnnotationSet {
        video_id: if name.is_empty() {
            file_stem(path)
        } else {
            video_name(name)
        },
        frame_rate_fps: MILLISECOND_FPS,
        ..AnnotationSet::default()
    }
}

/// The number in the attribute that is called rating, score or importance; `None` where there is
/// none.
fn rating(project: &Value, entry: &Value) -> Option<f32> {
    let values = entry["av"].as_object()?;
    let value = values.iter().find(|(id, _)| is_rating(project, id))?.1;
    let value = value
        .as_str()
        .map_or(value.as_f64(), |text| text.trim().parse().ok());
    value
        .filter(|value| value.is_finite())
        .map(|value| value as f32)
}

fn is_rating(project: &Value, id: &str) -> bool {
    let name = project["attribute"][id]["aname"]
        .as_str()
        .unwrap_or_default();
    ["rating", "score", "importance"]
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word))
}

/// The value of the first attribute that is no rating, options resolved to their text.
fn annotator_name(project: &Value, entry: &Value) -> String {
    let values = entry["av"].as_object();
    let Some((id, value)) =
        values.and_then(|values| values.iter().find(|(id, _)| !is_rating(project, id)))
    else {
        return String::new();
    };
    let value = value.as_str().unwrap_or_default();
    project["attribute"][id]["options"][value]
        .as_str()
        .unwrap_or(value)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporal_segments_are_picks() {
        let project = serde_json::json!({
            "project": {"pid": "__VIA_PROJECT_ID__"}, "config": {},
            "attribute": {"1": {"aname": "annotator", "options": {"0": "Ann", "1": "Bob"}}},
            "file": {"1": {"fid": "1", "fname": "clip.mp4"}},
            "view": {"1": {"fid_list": ["1"]}},
            "metadata": {
                "1_a": {"vid": "1", "z": [1.5, 3.0], "xy": [], "av": {"1": "0"}},
                "1_b": {"vid": "1", "z": [0, 1], "xy": [], "av": {"1": "1"}},
                "1_c": {"vid": "1", "z": [2.0], "xy": [1, 2], "av": {}},
            },
        });
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("via.json");
        std::fs::write(&path, project.to_string()).unwrap();
        let opened = super::super::open(&path).unwrap();
        let set = &opened.sets[0];
        assert_eq!(set.video_id, "clip");
        assert_eq!(set.annotators[0].name, "Ann");
        assert_eq!(set.annotators[0].picks, vec![FrameRange::new(1500, 3000)]);
        assert_eq!(set.annotators.len(), 2);
        assert_eq!(opened.warnings.len(), 1);
    }
}
