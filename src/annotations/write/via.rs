//! Writing VIA 3 projects: a temporal segment a pick, or a run of equal ratings with its rating in
//! a second attribute.

use serde_json::json;

use super::{Marks, Times, marks};
use crate::domain::{AnnotationSet, FrameRange};

pub(super) fn text(set: &AnnotationSet, times: &Times<'_>) -> String {
    let options: serde_json::Map<_, _> = set
        .annotators
        .iter()
        .enumerate()
        .map(|(at, annotator)| (at.to_string(), json!(annotator.name)))
        .collect();
    let mut metadata = serde_json::Map::new();
    for (at, annotator) in set.annotators.iter().enumerate() {
        let Marks { ratings, picks } = marks(annotator);
        let mut add = |range: FrameRange, values: serde_json::Value| {
            let z = [times.secs(range.start), times.secs(range.end)];
            let entry = json!({"vid": "1", "flg": 0, "z": z, "xy": [], "av": values});
            metadata.insert(format!("1_{at:05}{:07}", metadata.len()), entry);
        };
        let person = at.to_string();
        for (range, score) in ratings {
            add(range, json!({"1": person, "2": score.to_string()}));
        }
        for range in picks {
            add(range, json!({"1": person}));
        }
    }
    let project = json!({
        "project": {"pid": "__VIA_PROJECT_ID__", "rev": "__VIA_PROJECT_REV_ID__", "pname": set.video_id, "data_format_version": "3.1.1", "vid_list": ["1"]},
        "config": {"file": {"loc_prefix": {"1": "", "2": "", "3": "", "4": ""}}, "ui": {}},
        "attribute": {
            "1": {"aname": "annotator", "anchor_id": "FILE1_Z2_XY0", "type": 4, "desc": "", "options": options, "default_option_id": ""},
            "2": {"aname": "rating", "anchor_id": "FILE1_Z2_XY0", "type": 1, "desc": "", "options": {}, "default_option_id": ""},
        },
        "file": {"1": {"fid": "1", "fname": set.video_id, "type": 4, "loc": 1, "src": ""}},
        "view": {"1": {"fid_list": ["1"]}},
        "metadata": metadata,
    });
    project.to_string()
}
