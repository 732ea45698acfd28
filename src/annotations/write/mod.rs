//! Writing annotations: CSV, JSON, ELAN, VIA and eccv16 h5. Every file is written whole or not at
//! all, and reads back as what was written.

mod dataset;
mod elan;
mod table;
#[cfg(test)]
mod tests;
mod via;

use std::path::Path;

pub use dataset::{user_summary_table, write_dataset, write_dataset_from};

use super::{AnnotationError, Result};
use crate::analysis::raters::frame_count_of;
use crate::domain::{AnnotationSet, Annotator, FrameIndex, FrameRange};
use crate::files;

/// Writes sets in the form that the file's ending names: `.csv`, `.json`, `.eaf` or `.via.json`
/// (one video each but for CSV and JSON). Times follow from each set's mean frame rate;
/// [`write_of_video`] has exact ones.
///
/// # Errors
/// When the ending is of no known form, the form holds one video and there are more, or the file
/// cannot be written.
pub fn write(path: &Path, sets: &[AnnotationSet]) -> Result<()> {
    write_timed(path, sets, None)
}

/// As [`write`], for one video whose frames are where its index says, also where the frame rate
/// varies.
///
/// # Errors
/// As [`write`].
pub fn write_of_video(path: &Path, set: &AnnotationSet, index: &FrameIndex) -> Result<()> {
    write_timed(path, std::slice::from_ref(set), Some(index))
}

fn write_timed(path: &Path, sets: &[AnnotationSet], index: Option<&FrameIndex>) -> Result<()> {
    let name = super::file_name(path).to_lowercase();
    let one = || match sets {
        [set] => Ok(set),
        _ => Err(AnnotationError::format(
            path,
            format!("this form holds one video, not {}", sets.len()),
        )),
    };
    let text = if name.ends_with(".csv") {
        table::text(sets.iter().map(|set| (set, Times::new(set, index))))
    } else if name.ends_with(".via.json") {
        via::text(one()?, &Times::new(one()?, index))
    } else if name.ends_with(".json") {
        serde_json::to_string_pretty(sets)
            .map_err(|err| AnnotationError::format(path, err.to_string()))?
    } else if name.ends_with(".eaf") {
        elan::text(one()?, &Times::new(one()?, index))
    } else {
        return Err(AnnotationError::format(
            path,
            "annotations are written as .csv, .json, .eaf, .via.json or .h5",
        ));
    };
    files::write(path, text.as_bytes()).map_err(|err| AnnotationError::io(path, err))
}

/// When the frames of a set are shown.
struct Times<'a> {
    index: Option<&'a FrameIndex>,
    frame_rate_fps: f64,
}

impl<'a> Times<'a> {
    /// Of the index, where it is of as many frames as the set.
    fn new(set: &AnnotationSet, index: Option<&'a FrameIndex>) -> Self {
        Self {
            index: index.filter(|index| index.len() == frame_count_of(set)),
            frame_rate_fps: set.frame_rate_fps,
        }
    }

    /// Seconds of a frame's beginning; frames count as seconds where no rate is known.
    fn secs(&self, frame: u64) -> f64 {
        match self.index {
            Some(index) => index.secs_from_frame(frame),
            None if self.frame_rate_fps > 0.0 => frame as f64 / self.frame_rate_fps,
            None => frame as f64,
        }
    }

    fn milliseconds(&self, frame: u64) -> u64 {
        (self.secs(frame) * 1000.0).round() as u64
    }
}

/// What an annotator rated, as stretches.
#[derive(Default)]
struct Marks {
    /// Runs of equal score over all frames.
    ratings: Vec<(FrameRange, f32)>,
    picks: Vec<FrameRange>,
}

fn marks(annotator: &Annotator) -> Marks {
    let mut start = 0u64;
    let runs = annotator.scores.chunk_by(|a, b| a == b).map(|run| {
        let range = FrameRange::new(start, start + run.len() as u64);
        start = range.end;
        (range, run[0])
    });
    Marks {
        ratings: runs.filter(|(_, score)| score.is_finite()).collect(),
        picks: annotator.picks.clone(),
    }
}
