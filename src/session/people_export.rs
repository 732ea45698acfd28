//! Writing what annotators did here: CSV, JSON with the video's hash, eccv16 h5 to train on, and ELAN.

use std::path::{Path, PathBuf};

use ndarray::Array2;

use crate::analysis::raters::user_summaries;
use crate::annotations::AnnotationError;
use crate::annotations::write;
use crate::domain::VideoRecord;
use crate::domain::{AnnotationSet, DevicePreference, FrameRange, ranges};
use crate::files;
use crate::jobs::CancelToken;
use crate::pipeline::{PrepareOptions, prepare};

/// Field of the JSON that holds the SHA-256 of the video's content.
pub const HASH_FIELD: &str = "video_sha256";

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
    pub segments: Vec<FrameRange>,
    pub budget: f64,
    pub video: PathBuf,
    pub bundle: String,
    pub device: DevicePreference,
}

/// Writes a file; the sentence that tells of it.
///
/// # Errors
/// A sentence with the file's name.
pub fn run(job: &ExportJob, cancel: &CancelToken) -> Result<String, String> {
    let plain = |error: AnnotationError| format!("{error}; write it in another folder.");
    let mut note = String::new();
    match job.kind {
        ExportKind::Csv | ExportKind::Elan => {
            write::write(&job.path, std::slice::from_ref(&job.set)).map_err(plain)?;
        }
        ExportKind::Json => write_json(&job.path, &job.set, &job.sha256)?,
        ExportKind::H5 => {
            let mut record = record(&job.set, &job.segments, job.budget);
            let options = PrepareOptions {
                bundle: job.bundle.clone(),
                device: job.device,
                ..PrepareOptions::default()
            };
            // The window has analysed the video already, so the features come from the cache.
            match prepare(&job.video, &options, cancel, &mut |_| {}) {
                Ok(prepared) => {
                    let features = prepared.features.for_network().into_owned();
                    record.features = features.values;
                    record.picks = features.picks;
                    record.gt_scores = mean_at(&job.set, &record.picks);
                }
                Err(error) => note = format!("; without features: {error}"),
            }
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

/// The video of an eccv16 file: user summaries (ratings become the best segments within the budget), ratings, their mean as
/// the reference score, and the frames that at least half of the users keep as the reference summary.
fn record(set: &AnnotationSet, segments: &[FrameRange], budget: f64) -> VideoRecord {
    let frames = set.frame_count as usize;
    let summaries = user_summaries(set, segments, budget);
    let mut user_summaries = Array2::<f32>::zeros((summaries.len(), frames));
    for (user, kept) in summaries.iter().enumerate() {
        for range in kept {
            for frame in range.start..range.end.min(set.frame_count) {
                user_summaries[[user, frame as usize]] = 1.0;
            }
        }
    }
    let rated: Vec<_> = set
        .annotators
        .iter()
        .filter(|a| a.scores.len() == frames)
        .collect();
    let user_scores = if rated.len() == set.annotators.len() {
        Array2::from_shape_fn((rated.len(), frames), |(user, frame)| {
            rated[user].scores[frame]
        })
    } else {
        Array2::zeros((0, 0))
    };
    let half = summaries.len() as f32 / 2.0;
    VideoRecord {
        key: "video_1".to_owned(),
        video_id: set.video_id.clone(),
        title: set.title.clone(),
        frame_count: set.frame_count,
        segments: segments.to_vec(),
        frames_per_segment: segments.iter().map(|range| range.len()).collect(),
        gt_summary: user_summaries
            .columns()
            .into_iter()
            .map(|column| f32::from(u8::from(column.sum() >= half && column.sum() > 0.0)))
            .collect(),
        user_summaries,
        user_scores,
        ..VideoRecord::default()
    }
}

/// Mean of the annotators at each pick, each scaled to 0–1 by the highest rating (picks count as 0 and 1).
fn mean_at(set: &AnnotationSet, picks: &[u64]) -> Vec<f32> {
    let count = set.annotators.len().max(1) as f32;
    picks
        .iter()
        .map(|&frame| {
            let sum: f32 = set
                .annotators
                .iter()
                .map(|annotator| {
                    if annotator.scores.is_empty() {
                        let inside = FrameRange::new(frame, frame + 1);
                        ranges::frames_in(&ranges::intersection(&annotator.picks, &[inside])) as f32
                    } else {
                        let rating = annotator.scores.get(frame as usize).copied().unwrap_or(0.0);
                        rating / f32::from(crate::domain::annotator_work::HIGHEST_RATING)
                    }
                })
                .sum();
            sum / count
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotations;
    use crate::domain::Annotator;

    fn set() -> AnnotationSet {
        AnnotationSet {
            video_id: "clip".to_owned(),
            frame_count: 40,
            frame_rate_fps: 10.0,
            annotators: vec![
                Annotator {
                    name: "Ann".to_owned(),
                    scores: (0..40).map(|frame| [1.0, 5.0][frame / 20]).collect(),
                    picks: Vec::new(),
                },
                Annotator {
                    name: "Bo".to_owned(),
                    scores: Vec::new(),
                    picks: vec![FrameRange::new(25, 30)],
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
            segments: vec![
                FrameRange::new(0, 20),
                FrameRange::new(20, 30),
                FrameRange::new(30, 40),
            ],
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
            let told = run(&job, &CancelToken::new()).unwrap();
            assert!(told.starts_with("Wrote 2 annotators to "), "{told}");
            let read = annotations::open(&job.path).unwrap();
            let people = &read.sets[0].annotators;
            assert_eq!(people.len(), 2, "{kind:?}");
            match kind {
                ExportKind::Json => assert_eq!(*people, job.set.annotators),
                ExportKind::H5 => {
                    assert!(told.contains("without features"), "the video is missing");
                    // Ratings became the best segment within the budget of ten frames.
                    assert_eq!(people[0].picks, [FrameRange::new(20, 30)]);
                    assert_eq!(people[1].picks, [FrameRange::new(25, 30)]);
                }
                ExportKind::Elan => {
                    assert_eq!(
                        people[1].picks,
                        [FrameRange::new(2500, 3000)],
                        "in milliseconds"
                    );
                }
                ExportKind::Csv => {
                    assert_eq!(people[1].picks, [FrameRange::new(25, 30)]);
                }
            }
        }
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
