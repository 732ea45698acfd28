//! Writing annotations: CSV, JSON, ELAN, VIA and eccv16 h5. Every file is written beside its place and renamed when complete.

use std::fmt::Write as _;
use std::path::Path;

use hdf5_metno::{File, Group};
use ndarray::{Array1, Array2};
use quick_xml::escape::escape;
use serde_json::json;

use super::{AnnotationError, Result};
use crate::analysis::raters::{frame_count_of, in_ranges};
use crate::domain::VideoRecord;
use crate::domain::{AnnotationSet, Annotator, FrameRange};
use crate::files;

/// Writes sets in the form that the file's ending names: `.csv`, `.json`, `.eaf` or `.via.json` (one video each but for CSV and JSON).
///
/// # Errors
/// When the ending is of no known form, the form holds one video and there are more, or the file cannot be written.
pub fn write(path: &Path, sets: &[AnnotationSet]) -> Result<()> {
    let name = super::file_name(path).to_lowercase();
    let one = || match sets {
        [set] => Ok(set),
        _ => Err(AnnotationError::format(
            path,
            format!("this form holds one video, not {}", sets.len()),
        )),
    };
    let text = if name.ends_with(".csv") {
        csv_text(sets)
    } else if name.ends_with(".via.json") {
        via_text(one()?)
    } else if name.ends_with(".json") {
        serde_json::to_string_pretty(sets)
            .map_err(|err| AnnotationError::format(path, err.to_string()))?
    } else if name.ends_with(".eaf") {
        elan_text(one()?)
    } else {
        return Err(AnnotationError::format(
            path,
            "annotations are written as .csv, .json, .eaf, .via.json or .h5",
        ));
    };
    files::write(path, text.as_bytes()).map_err(|err| AnnotationError::io(path, err))
}

/// Seconds of a frame; frames count as seconds where no rate is known.
fn secs(set: &AnnotationSet, frame: u64) -> f64 {
    if set.frame_rate_fps > 0.0 {
        frame as f64 / set.frame_rate_fps
    } else {
        frame as f64
    }
}

/// Picks as they are, ratings as runs of equal score above 0: `(range, score)`.
fn marks(annotator: &Annotator) -> Vec<(FrameRange, Option<f32>)> {
    if annotator.scores.is_empty() {
        return annotator.picks.iter().map(|&range| (range, None)).collect();
    }
    let mut start = 0u64;
    annotator
        .scores
        .chunk_by(|a, b| a == b)
        .map(|run| {
            let range = FrameRange::new(start, start + run.len() as u64);
            start = range.end;
            (range, Some(run[0]))
        })
        .collect()
}

/// One row a pick, or a run of equal ratings. Quoted where names need it.
fn csv_text(sets: &[AnnotationSet]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record([
        "video",
        "annotator",
        "start_frame",
        "end_frame",
        "start_secs",
        "end_secs",
        "score",
    ]);
    for set in sets {
        for annotator in &set.annotators {
            for (range, score) in marks(annotator) {
                let _ = writer.write_record([
                    set.video_id.clone(),
                    annotator.name.clone(),
                    range.start.to_string(),
                    range.end.to_string(),
                    format!("{:.6}", secs(set, range.start)),
                    format!("{:.6}", secs(set, range.end)),
                    score.map_or_else(String::new, |score| score.to_string()),
                ]);
            }
        }
    }
    String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned()
}

fn elan_text(set: &AnnotationSet) -> String {
    let mut slots = String::new();
    let mut tiers = String::new();
    let (mut slot, mut annotation) = (0, 0);
    for annotator in &set.annotators {
        let _ = writeln!(
            tiers,
            "    <TIER LINGUISTIC_TYPE_REF=\"picks\" PARTICIPANT=\"{0}\" TIER_ID=\"{0}\">",
            escape(annotator.name.as_str())
        );
        for (range, score) in marks(annotator) {
            let milliseconds = |frame| (secs(set, frame) * 1000.0).round() as u64;
            let (start, end) = (slot + 1, slot + 2);
            slot = end;
            annotation += 1;
            let _ = writeln!(
                slots,
                "        <TIME_SLOT TIME_SLOT_ID=\"ts{start}\" TIME_VALUE=\"{}\"/>\n        <TIME_SLOT TIME_SLOT_ID=\"ts{end}\" TIME_VALUE=\"{}\"/>",
                milliseconds(range.start),
                milliseconds(range.end)
            );
            let value = score.map_or_else(|| "pick".to_owned(), |score| score.to_string());
            let _ = writeln!(
                tiers,
                "        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a{annotation}\" TIME_SLOT_REF1=\"ts{start}\" TIME_SLOT_REF2=\"ts{end}\"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
            );
        }
        tiers.push_str("    </TIER>\n");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ANNOTATION_DOCUMENT AUTHOR=\"\" DATE=\"1970-01-01T00:00:00+00:00\" FORMAT=\"3.0\" VERSION=\"3.0\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"http://www.mpi.nl/tools/elan/EAFv3.0.xsd\">\n    <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\"><MEDIA_DESCRIPTOR MEDIA_URL=\"{}\" MIME_TYPE=\"video/*\"/></HEADER>\n    <TIME_ORDER>\n{slots}    </TIME_ORDER>\n{tiers}    <LINGUISTIC_TYPE GRAPHIC_REFERENCES=\"false\" LINGUISTIC_TYPE_ID=\"picks\" TIME_ALIGNABLE=\"true\"/>\n</ANNOTATION_DOCUMENT>\n",
        escape(set.video_id.as_str())
    )
}

fn via_text(set: &AnnotationSet) -> String {
    let options: serde_json::Map<_, _> = set
        .annotators
        .iter()
        .enumerate()
        .map(|(at, annotator)| (at.to_string(), json!(annotator.name)))
        .collect();
    let mut metadata = serde_json::Map::new();
    for (at, annotator) in set.annotators.iter().enumerate() {
        let kept = marks(annotator)
            .into_iter()
            .filter(|(_, score)| score.is_none_or(|s| s > 0.0));
        for (pick, (range, _)) in kept.enumerate() {
            let entry = json!({
                "vid": "1", "flg": 0, "z": [secs(set, range.start), secs(set, range.end)], "xy": [], "av": {"1": at.to_string()},
            });
            metadata.insert(format!("1_{at:03}{pick:05}"), entry);
        }
    }
    let project = json!({
        "project": {"pid": "__VIA_PROJECT_ID__", "rev": "__VIA_PROJECT_REV_ID__", "pname": set.video_id, "data_format_version": "3.1.1", "vid_list": ["1"]},
        "config": {"file": {"loc_prefix": {"1": "", "2": "", "3": "", "4": ""}}, "ui": {}},
        "attribute": {"1": {"aname": "annotator", "anchor_id": "FILE1_Z2_XY0", "type": 4, "desc": "", "options": options, "default_option_id": ""}},
        "file": {"1": {"fid": "1", "fname": set.video_id, "type": 4, "loc": 1, "src": ""}},
        "view": {"1": {"fid_list": ["1"]}},
        "metadata": metadata,
    });
    project.to_string()
}

/// The user-summary table of a set: float32 [annotators, frames], 1 where picked. Ratings must have become picks before.
pub fn user_summary_table(set: &AnnotationSet) -> Array2<f32> {
    let frames = frame_count_of(set) as usize;
    Array2::from_shape_fn((set.annotators.len(), frames), |(user, frame)| {
        f32::from(u8::from(in_ranges(
            &set.annotators[user].picks,
            frame as u64,
        )))
    })
}

/// Writes or replaces videos of an eccv16-style dataset; videos already there and not given stay.
///
/// # Errors
/// When the file exists but is no HDF5 file, or cannot be written.
pub fn write_dataset(path: &Path, records: &[VideoRecord]) -> Result<()> {
    write_dataset_from(path, records.iter().map(|record| Ok(record.clone())))
}

/// As [`write_dataset`], with one record at a time in memory.
///
/// # Errors
/// As [`write_dataset`], and the first error among the records; the file then is as it was.
pub fn write_dataset_from(
    path: &Path,
    records: impl Iterator<Item = Result<VideoRecord>>,
) -> Result<()> {
    let fault = |err: hdf5_metno::Error| {
        AnnotationError::format(
            path,
            format!("cannot be written ({})", super::hdf5_values::short(&err)),
        )
    };
    let mut failed = None;
    // Changed as a copy, so that a failure leaves the old file as it was.
    let replaced = files::write_by_name(path, |temporary| {
        let existed = path.is_file();
        if existed {
            std::fs::copy(path, temporary)?;
        }
        let file = if existed {
            File::open_rw(temporary)
        } else {
            File::create(temporary)
        };
        file.and_then(|file| {
            for record in records {
                let record = match record {
                    Ok(record) => record,
                    Err(err) => {
                        failed = Some(err);
                        break;
                    }
                };
                if file.link_exists(&record.key) {
                    file.unlink(&record.key)?;
                }
                write_record(&file.create_group(&record.key)?, &record)?;
            }
            file.flush()
        })
        .map_err(|err| std::io::Error::other(fault(err).to_string()))?;
        match &failed {
            Some(err) => Err(std::io::Error::other(err.to_string())),
            None => Ok(()),
        }
    });
    match failed {
        Some(err) => Err(err),
        None => replaced.map_err(|err: std::io::Error| AnnotationError::io(path, err)),
    }
}

fn write_record(group: &Group, record: &VideoRecord) -> hdf5_metno::Result<()> {
    let list = |name: &str, values: Vec<i32>| -> hdf5_metno::Result<()> {
        let values = Array1::from(values);
        group
            .new_dataset_builder()
            .with_data(&values)
            .create(name)
            .map(|_| ())
    };
    let table = |name: &str, values: &Array2<f32>| -> hdf5_metno::Result<()> {
        if values.is_empty() {
            return Ok(());
        }
        group
            .new_dataset_builder()
            .deflate(4)
            .with_data(values)
            .create(name)
            .map(|_| ())
    };
    let whole = |values: &[u64]| {
        values
            .iter()
            .map(|&v| v.min(i32::MAX as u64) as i32)
            .collect()
    };
    table("features", &record.features)?;
    table("user_summary", &record.user_summaries)?;
    table("user_scores", &record.user_scores)?;
    list("picks", whole(&record.picks))?;
    list(
        "n_frame_per_seg",
        record.segments.iter().map(|s| s.len() as i32).collect(),
    )?;
    // The field's files state the first and the last frame of each segment.
    let change_points = Array2::from_shape_fn((record.segments.len(), 2), |(at, side)| {
        let segment = record.segments[at];
        if side == 0 {
            segment.start as i32
        } else {
            segment.end.saturating_sub(1) as i32
        }
    });
    group
        .new_dataset_builder()
        .with_data(&change_points)
        .create("change_points")?;
    for (name, values) in [
        ("gtscore", &record.gt_scores),
        ("gtsummary", &record.gt_summary),
    ] {
        if !values.is_empty() {
            let values = Array1::from(values.clone());
            group
                .new_dataset_builder()
                .with_data(&values)
                .create(name)?;
        }
    }
    let scalar = |name: &str, value: u64| -> hdf5_metno::Result<()> {
        group
            .new_dataset::<i64>()
            .create(name)?
            .write_scalar(&(value as i64))
    };
    scalar("n_frames", record.frame_count)?;
    scalar("n_steps", record.picks.len() as u64)?;
    if record.frame_rate_fps > 0.0 {
        group
            .new_dataset::<f64>()
            .create("fps")?
            .write_scalar(&record.frame_rate_fps)?;
    }
    for (name, value) in [("video_name", &record.video_id), ("title", &record.title)] {
        if let Ok(text) = value.parse::<hdf5_metno::types::VarLenUnicode>()
            && !value.is_empty()
        {
            group
                .new_dataset::<hdf5_metno::types::VarLenUnicode>()
                .create(name)?
                .write_scalar(&text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::dataset::Dataset;
    use super::*;

    fn set() -> AnnotationSet {
        AnnotationSet {
            video_id: "clip & co".into(),
            frame_count: 100,
            frame_rate_fps: 25.0,
            annotators: vec![
                Annotator {
                    name: "Ann, \"A\"".into(),
                    picks: vec![FrameRange::new(5, 20), FrameRange::new(40, 75)],
                    ..Annotator::default()
                },
                Annotator {
                    name: "Bob <b>".into(),
                    picks: vec![FrameRange::new(0, 100)],
                    ..Annotator::default()
                },
            ],
            ..AnnotationSet::default()
        }
    }

    fn round_trip(name: &str) -> AnnotationSet {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        write(&path, &[set()]).unwrap();
        let opened = super::super::open(&path).unwrap();
        assert!(opened.warnings.is_empty(), "{:?}", opened.warnings);
        opened.sets.into_iter().next().unwrap()
    }

    #[test]
    fn what_is_written_reads_back() {
        let picks = |set: &AnnotationSet, scale: u64| -> Vec<(String, Vec<FrameRange>)> {
            let scaled = |r: &FrameRange| FrameRange::new(r.start * scale, r.end * scale);
            set.annotators
                .iter()
                .map(|a| (a.name.clone(), a.picks.iter().map(scaled).collect()))
                .collect()
        };
        assert_eq!(picks(&round_trip("a.csv"), 1), picks(&set(), 1));
        assert_eq!(round_trip("a.json").annotators, set().annotators);
        // Forms that hold times: a frame at 25 fps lasts 40 ms.
        for name in ["a.eaf", "a.via.json"] {
            assert_eq!(picks(&round_trip(name), 1), picks(&set(), 40), "{name}");
        }
        assert_eq!(round_trip("a.eaf").video_id, "clip & co");
    }

    #[test]
    fn forms_that_cannot_hold_it_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(write(&dir.path().join("a.eaf"), &[set(), set()]).is_err());
        assert!(write(&dir.path().join("a.docx"), &[set()]).is_err());
        assert!(std::fs::read_dir(dir.path()).unwrap().next().is_none());
    }

    #[test]
    fn datasets_grow_video_by_video() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.h5");
        let record = |key: &str, frames: u64| VideoRecord {
            key: key.into(),
            video_id: format!("name of {key}"),
            features: Array2::from_elem((4, 3), 0.5),
            picks: vec![0, 10, 20, 30],
            frame_count: frames,
            segments: vec![FrameRange::new(0, 20), FrameRange::new(20, frames)],
            gt_scores: vec![0.1, 0.2, 0.3, 0.4],
            gt_summary: vec![1.0; frames as usize],
            user_summaries: user_summary_table(&AnnotationSet {
                frame_count: frames,
                ..set()
            }),
            ..VideoRecord::default()
        };
        write_dataset(&path, &[record("video_1", 40)]).unwrap();
        write_dataset(&path, &[record("video_2", 50), record("video_1", 45)]).unwrap();
        let dataset = Dataset::open(&path).unwrap();
        assert_eq!(dataset.keys(), ["video_1", "video_2"]);
        let first = dataset.read("video_1").unwrap();
        assert_eq!(
            (first.frame_count, first.video_id.as_str()),
            (45, "name of video_1")
        );
        assert_eq!(
            first.segments,
            vec![FrameRange::new(0, 20), FrameRange::new(20, 45)]
        );
        assert_eq!(first.frames_per_segment, vec![20, 25]);
        assert_eq!(first.features, Array2::from_elem((4, 3), 0.5));
        assert_eq!(
            first.annotation_set().annotators[0].picks,
            vec![FrameRange::new(5, 20), FrameRange::new(40, 45)]
        );
    }
}
