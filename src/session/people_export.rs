//! Writing what annotators did here: CSV, JSON with the video's hash, eccv16 h5 to train on, and
//! ELAN.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::Array2;

use crate::annotations::{AnnotationError, build, write};
use crate::domain::{AnnotationSet, DevicePreference, Features, FrameIndex, Segment};
use crate::files;
use crate::jobs::CancelToken;
use crate::pipeline::{PrepareOptions, prepare};

/// Field of the JSON that holds the SHA-256 of the video's content.
pub const HASH_FIELD: &str = "video_sha256";

/// Picks a second where no network says what it wants.
const PICKS_PER_SEC: f64 = 2.0;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind {
    Csv,
    Json,
    H5,
    Elan,
}

impl ExportKind {
    pub const ALL: [Self; 4] = [Self::Csv, Self::Json, Self::H5, Self::Elan];

    pub fn ending(self) -> &'static str {
        self.endings()[0]
    }

    /// As the file dialogs want it.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Csv => &["csv"],
            Self::Json => &["json"],
            Self::H5 => &["h5"],
            Self::Elan => &["eaf"],
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "Table (CSV)",
            Self::Json => "JSON",
            Self::H5 => "Dataset (h5)",
            Self::Elan => "ELAN (.eaf)",
        }
    }

    pub fn tip(self) -> &'static str {
        match self {
            Self::Csv => "One row a pick, or a run of equal ratings.",
            Self::Json => "Everything, with the video's hash, to merge into another project.",
            Self::H5 => "In the form of the eccv16 files, with features and segments, to train on.",
            Self::Elan => "One tier an annotator.",
        }
    }
}

/// All that writing needs, taken from the state before the work leaves the window's thread.
#[derive(Clone, Debug)]
pub struct ExportJob {
    pub kind: ExportKind,
    pub path: PathBuf,
    pub set: AnnotationSet,
    pub sha256: String,
    pub index: Arc<FrameIndex>,
    pub segments: Arc<[Segment]>,
    pub budget: f64,
    pub video: PathBuf,
    pub bundle: String,
    pub device: DevicePreference,
}

/// Writes a file; the sentence that reports it.
///
/// # Errors
/// A sentence with the file's name.
pub fn run(job: &ExportJob, cancel: &CancelToken) -> Result<String, String> {
    let plain = |error: AnnotationError| format!("{error}; write it in another folder.");
    let mut note = String::new();
    match job.kind {
        ExportKind::Csv | ExportKind::Elan => {
            write::write_of_video(&job.path, &job.set, &job.index).map_err(plain)?;
        }
        ExportKind::Json => write_json(&job.path, &job.set, &job.sha256)?,
        ExportKind::H5 => {
            let options = PrepareOptions {
                bundle: job.bundle.clone(),
                device: job.device,
                ..PrepareOptions::default()
            };
            // The window has analysed the video already, so the features come from the cache.
            let features = match prepare(&job.video, &options, cancel, &mut |_| {}) {
                Ok(prepared) => Arc::new(prepared.features.for_network().into_owned()),
                Err(error) => {
                    note = format!("; without features: {error}");
                    Arc::new(only_picks(&job.index))
                }
            };
            let record = build::record("video_1", &job.set, &features, &job.segments, job.budget);
            write::write_dataset(&job.path, &[record]).map_err(plain)?;
        }
    }
    let people = crate::ui::text::count(job.set.annotators.len(), "annotator");
    Ok(format!("Wrote {people} to {}{note}", job.path.display()))
}

/// Writes a set with the video's hash beside it; every reader of annotations passes over the hash.
///
/// # Errors
/// A sentence with the file's name.
pub fn write_json(path: &Path, set: &AnnotationSet, sha256: &str) -> Result<(), String> {
    let failed = |why: String| {
        format!(
            "{} could not be written: {why}; write it in another folder.",
            path.display()
        )
    };
    let mut value = serde_json::to_value(set).map_err(|error| failed(error.to_string()))?;
    if let (Some(fields), false) = (value.as_object_mut(), sha256.is_empty()) {
        fields.insert(HASH_FIELD.to_owned(), sha256.into());
    }
    let bytes = serde_json::to_vec_pretty(&serde_json::json!([value]))
        .map_err(|error| failed(error.to_string()))?;
    files::write(path, &bytes).map_err(|error| failed(error.to_string()))
}

/// The frames that are scored, without features.
fn only_picks(index: &FrameIndex) -> Features {
    let picks = index.picks_at(PICKS_PER_SEC);
    Features {
        values: Array2::zeros((0, 0)),
        network_rows: Vec::new(),
        pick_times_secs: picks
            .iter()
            .map(|&pick| index.secs_from_frame(pick))
            .collect(),
        picks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotations;
    use crate::domain::{Annotator, FrameRange, Rational};

    fn set() -> AnnotationSet {
        AnnotationSet {
            video_id: "clip".to_owned(),
            frame_count: 40,
            frame_rate_fps: 10.0,
            annotators: vec![
                Annotator {
                    name: "Ann".to_owned(),
                    scores: (0..40).map(|frame| [1.0, 5.0][frame / 20]).collect(),
                    ..Annotator::default()
                },
                Annotator {
                    name: "Bo".to_owned(),
                    picks: vec![FrameRange::new(25, 30)],
                    ..Annotator::default()
                },
            ],
            ..AnnotationSet::default()
        }
    }

    fn job(kind: ExportKind, folder: &Path) -> ExportJob {
        ExportJob {
            kind,
            path: folder.join(format!("out.{}", kind.ending())),
            set: set(),
            sha256: "ab".repeat(32),
            segments: [(0, 20), (20, 30), (30, 40)]
                .map(|(start_frame, end_frame)| Segment {
                    start_frame,
                    end_frame,
                    start_secs: start_frame as f64 / 10.0,
                    end_secs: end_frame as f64 / 10.0,
                    dull: None,
                })
                .into(),
            index: Arc::new(FrameIndex {
                pts: (0..40).collect(),
                keyframes: vec![0].into(),
                time_base: Rational::new(1, 10),
                last_duration: 1,
            }),
            budget: 0.25,
            video: folder.join("missing.mp4"),
            bundle: "lite".to_owned(),
            device: DevicePreference::Cpu,
        }
    }

    #[test]
    fn every_kind_is_read_back_as_it_was_made() {
        let dir = tempfile::tempdir().unwrap();
        for kind in ExportKind::ALL {
            let job = job(kind, dir.path());
            let sentence = run(&job, &CancelToken::new()).unwrap();
            assert!(sentence.starts_with("Wrote 2 annotators to "), "{sentence}");
            let read = annotations::open(&job.path).unwrap();
            let joined = annotations::join::join(&read.sets[0], &job.index);
            assert_eq!(joined.set.annotators, job.set.annotators, "{kind:?}");
        }
    }

    /// A dataset written from the window is the one that is built from the same annotations.
    #[test]
    fn a_dataset_states_truth_within_the_budget_and_who_rated() {
        let dir = tempfile::tempdir().unwrap();
        let job = job(ExportKind::H5, dir.path());
        let sentence = run(&job, &CancelToken::new()).unwrap();
        assert!(
            sentence.contains("without features"),
            "the video is missing: {sentence}"
        );
        let dataset = annotations::dataset::Dataset::open(&job.path).unwrap();
        let written = dataset.read("video_1").unwrap();
        let built = build::record(
            "video_1",
            &job.set,
            &only_picks(&job.index),
            &job.segments,
            job.budget,
        );
        assert_eq!(written.gt_scores, built.gt_scores);
        assert_eq!(written.gt_summary, built.gt_summary);
        assert_eq!(written.user_summaries, built.user_summaries);
        // Half of the picks are rated best, but only a quarter of the frames fits.
        assert_eq!(written.gt_summary, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(
            written.user_scores.row(0).to_vec(),
            job.set.annotators[0].scores
        );
        assert!(
            written
                .user_scores
                .row(1)
                .iter()
                .all(|score| score.is_nan())
        );
        assert_eq!(written.user_summaries.row(0).sum(), 10.0);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, b"no folder").unwrap();
        let inside = file.join("out.json");
        let error = write_json(&inside, &set(), "").unwrap_err();
        assert!(error.contains(&inside.display().to_string()), "{error}");
    }
}
