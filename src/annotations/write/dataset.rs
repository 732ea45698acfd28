//! Writing eccv16-style h5 datasets. `user_names`, `user_picked` and `user_conditions` are this
//! program's own, so that people come back as they were.

use std::path::Path;

use hdf5_metno::types::{FixedUnicode, VarLenUnicode};
use hdf5_metno::{File, Group, H5Type};
use ndarray::{Array1, Array2};

use crate::analysis::raters::{frame_count_of, in_ranges};
use crate::annotations::hdf5_values::{LONGEST_NAME, short};
use crate::annotations::{AnnotationError, Result};
use crate::domain::AnnotationSet;
use crate::domain::VideoRecord;
use crate::files;

/// The user-summary table of a set: float32 [annotators, frames], 1 where picked. Ratings must have
/// become picks before.
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
        AnnotationError::format(path, format!("cannot be written ({})", short(&err)))
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
    write_names(group, &record.user_names)?;
    if !record.user_picked.is_empty() {
        let picked: Array1<u8> = record
            .user_picked
            .iter()
            .map(|&picked| picked.into())
            .collect();
        let builder = group.new_dataset_builder();
        builder.with_data(&picked).create("user_picked")?;
    }
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
    // One JSON list, null for those of whom nothing is known; no dataset where that is everybody.
    let known = record.user_conditions.iter().any(Option::is_some);
    let conditions = known.then(|| serde_json::to_string(&record.user_conditions).ok());
    for (name, value) in [
        ("video_name", &record.video_id),
        ("title", &record.title),
        ("user_conditions", &conditions.flatten().unwrap_or_default()),
    ] {
        if let Ok(text) = value.parse::<VarLenUnicode>()
            && !value.is_empty()
        {
            group
                .new_dataset::<VarLenUnicode>()
                .create(name)?
                .write_scalar(&text)?;
        }
    }
    Ok(())
}

/// Names as text of one length, which every reader of HDF5 knows; the shortest of three that holds
/// them.
fn write_names(group: &Group, names: &[String]) -> hdf5_metno::Result<()> {
    fn write<const LENGTH: usize>(group: &Group, names: &[String]) -> hdf5_metno::Result<()>
    where
        FixedUnicode<LENGTH>: H5Type,
    {
        // Names are no longer than this and hold no nulls: they are lines of at most 400
        // characters.
        let names: Option<Array1<FixedUnicode<LENGTH>>> =
            (names.iter()).map(|name| name.parse().ok()).collect();
        match names {
            Some(names) => {
                let builder = group.new_dataset_builder();
                builder.with_data(&names).create("user_names").map(drop)
            }
            None => Ok(()),
        }
    }
    match names.iter().map(String::len).max() {
        None => Ok(()),
        Some(..32) => write::<32>(group, names),
        Some(..256) => write::<256>(group, names),
        Some(_) => write::<LONGEST_NAME>(group, names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotations::dataset::Dataset;
    use crate::domain::{Annotator, FrameRange};

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
                annotators: vec![Annotator {
                    picks: vec![FrameRange::new(5, 20), FrameRange::new(40, 75)],
                    ..Annotator::default()
                }],
                ..AnnotationSet::default()
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
