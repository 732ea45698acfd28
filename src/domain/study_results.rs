//! What one annotator did in a study: a file of its own, written after every change. `docs/studies.md` describes it.

use serde::{Deserialize, Serialize};

use super::annotator::{AnnotationSet, Annotator};
use super::annotator_work::AnnotatorWork;
use super::study::Study;
use super::video::{FrameIndex, VideoInfo};

/// Version of the format, and the field that the file is known by.
pub const RESULTS_FORMAT: u64 = 1;
pub const RESULTS_FIELD: &str = "summdiff_study_results";

/// One annotator's work on the videos of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyResults {
    #[serde(rename = "summdiff_study_results")]
    pub format: u64,
    /// As it was when the work began.
    pub study: Study,
    pub annotator: String,
    /// Last writing, seconds since 1970 (UTC).
    #[serde(default)]
    pub written_unix_secs: u64,
    pub videos: Vec<VideoResult>,
}

/// Work on one video.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VideoResult {
    /// As the study names it.
    pub video: String,
    /// Lower-case hex SHA-256 of the content; empty while unknown.
    pub sha256: String,
    pub frame_count: u64,
    /// Mean over the video; 0 while unknown.
    pub frame_rate_fps: f64,
    /// `None` where it has not begun.
    pub work: Option<AnnotatorWork>,
}

impl VideoResult {
    /// Notes which file the work is on.
    pub fn identify(&mut self, info: &VideoInfo, index: &FrameIndex) {
        self.sha256.clone_from(&info.sha256);
        self.frame_count = index.len();
        self.frame_rate_fps = index.len() as f64 / index.duration_secs().max(f64::MIN_POSITIVE);
    }

    /// Whether the annotator has said that this is all.
    pub fn is_complete(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.complete)
    }

    /// The name annotations of the video go by: the file's without its ending.
    pub fn video_id(&self) -> String {
        let name = self.video.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        stem.to_owned()
    }

    /// The annotations of one video by these annotators.
    pub fn set(&self, source: &str, annotators: Vec<Annotator>) -> AnnotationSet {
        AnnotationSet {
            source: source.to_owned(),
            video_id: self.video_id(),
            frame_count: self.frame_count,
            frame_rate_fps: self.frame_rate_fps,
            annotators,
            ..AnnotationSet::default()
        }
    }
}

impl StudyResults {
    /// Work that has not begun.
    pub fn new(study: &Study, annotator: &str) -> Self {
        Self {
            format: RESULTS_FORMAT,
            study: study.clone(),
            annotator: annotator.to_owned(),
            written_unix_secs: 0,
            videos: (study.videos.iter())
                .map(|video| VideoResult {
                    video: video.clone(),
                    ..VideoResult::default()
                })
                .collect(),
        }
    }

    /// Reads a file's content, with what it may have broken mended.
    ///
    /// # Errors
    /// A clause that says what is wrong with it, to follow the file's name.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let mut results: Self = serde_json::from_slice(bytes)
            .map_err(|err| format!("it holds no results of a study: {err}"))?;
        if results.format > RESULTS_FORMAT {
            return Err(format!(
                "it was written by a newer version of this program (format {}); update the program to read it",
                results.format
            ));
        }
        for video in &mut results.videos {
            video.work = video.work.take().map(|work| AnnotatorWork {
                name: results.annotator.clone(),
                ..work.mended()
            });
            if !(video.frame_rate_fps.is_finite() && video.frame_rate_fps >= 0.0) {
                video.frame_rate_fps = 0.0;
            }
        }
        Ok(results)
    }

    /// The file's content.
    pub fn to_json(&self) -> Vec<u8> {
        // Plain data with string keys: serde_json cannot fail on it.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// The same work under a study that may name other videos: those it names first and in its order, then the others.
    pub fn under(mut self, study: &Study) -> Self {
        let mut videos: Vec<VideoResult> = Vec::new();
        for video in &study.videos {
            let found = self.videos.iter().position(|one| one.video == *video);
            videos.push(match found {
                Some(at) => self.videos.remove(at),
                None => VideoResult {
                    video: video.clone(),
                    ..VideoResult::default()
                },
            });
        }
        videos.extend(self.videos.into_iter().filter(|one| one.work.is_some()));
        Self {
            study: study.clone(),
            videos,
            ..self
        }
    }

    /// What is complete, a set a video, and a sentence for each video that is begun and not complete.
    pub fn sets(&self) -> (Vec<AnnotationSet>, Vec<String>) {
        let mut warnings = Vec::new();
        let mut sets = Vec::new();
        for video in &self.videos {
            match &video.work {
                Some(work) if work.complete => {
                    sets.push(video.set("", vec![work.to_annotator()]));
                }
                Some(_) => warnings.push(format!(
                    "{} has not finished {}; it is left out",
                    self.annotator, video.video
                )),
                None => {}
            }
        }
        (sets, warnings)
    }
}
