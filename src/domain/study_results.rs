//! What one annotator did in a study: a file of its own, written after every change.
//! `docs/studies.md` describes it.

use serde::{Deserialize, Serialize};

use super::annotator::{AnnotationSet, Annotator};
use super::annotator_work::AnnotatorWork;
use super::repairs::one_line;
use super::study::Study;
use super::video::{FrameIndex, VideoInfo};

/// Version of the format, and the field that the file is known by.
pub const RESULTS_FORMAT: u64 = 1;
pub const RESULTS_FIELD: &str = "summdiff_study_results";

/// Most frames of all videos of a file, as of a file of annotations.
const MOST_FRAMES: u64 = 1 << 26;
/// Longest file that is read, bytes.
pub const MOST_RESULTS_BYTES: u64 = 64 << 20;

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

    /// Whether the annotator has stated that this is all.
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

    /// Reads a file's content, with what it may have broken repaired.
    ///
    /// # Errors
    /// A clause that says what is wrong with it, to follow the file's name.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let mut results: Self = serde_json::from_slice(bytes).map_err(|err| {
            // The reason quotes the file.
            let reason = one_line(&err.to_string());
            format!("it holds no results of a study: {reason}")
        })?;
        if results.format > RESULTS_FORMAT {
            return Err(format!(
                "it was written by a newer version of this program (format {}); update the program to read it",
                results.format
            ));
        }
        let mut frames = 0u64;
        for video in &mut results.videos {
            if let Some(work) = video.work.take() {
                if work.frame_count != video.frame_count {
                    return Err(format!(
                        "the work on {} is of {} frames, and the video of {}",
                        one_line(&video.video),
                        work.frame_count,
                        video.frame_count
                    ));
                }
                frames = frames.saturating_add(work.frame_count);
                video.work = Some(AnnotatorWork {
                    name: results.annotator.clone(),
                    ..work.repaired()
                });
            }
            if !(video.frame_rate_fps.is_finite() && video.frame_rate_fps >= 0.0) {
                video.frame_rate_fps = 0.0;
            }
        }
        if frames > MOST_FRAMES {
            return Err(format!(
                "its videos have {frames} frames; at most {MOST_FRAMES} are read"
            ));
        }
        results.annotator = one_line(&results.annotator);
        Ok(results)
    }

    /// The file's content.
    pub fn to_json(&self) -> Vec<u8> {
        // Plain data with string keys: serde_json cannot fail on it.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// The same work under a study that may name other videos: those it names first and in its
    /// order, then the others.
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

    /// What is complete, a set a video, and a sentence for each video that is begun and not
    /// complete.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> StudyResults {
        let study =
            Study::from_json(r#"{"format": 1, "task": "pick", "videos": ["x/a.mp4", "b.mp4"]}"#)
                .unwrap();
        let mut results = StudyResults::new(&study, "Ann");
        results.videos[0].frame_count = 100;
        results.videos[0].work = Some(AnnotatorWork {
            name: "Ann".to_owned(),
            frame_count: 100,
            budget: 0.15,
            ..AnnotatorWork::default()
        });
        results
    }

    #[test]
    fn what_is_quoted_of_a_file_is_one_line() {
        let json = String::from_utf8(results().to_json()).unwrap();
        let broken = json.replace("\"pick\"", "\"pi\u{7f}ck\"");
        assert_ne!(broken, json);
        let reason = StudyResults::from_json(broken.as_bytes()).unwrap_err();
        assert!(reason.contains("unknown variant"), "{reason}");
        assert!(!reason.chars().any(char::is_control), "{reason}");
    }

    #[test]
    fn results_come_back_as_they_were_and_broken_ones_are_said() {
        let made = results();
        assert_eq!(StudyResults::from_json(&made.to_json()).unwrap(), made);
        assert_eq!(made.videos[0].video_id(), "a");
        let of = |change: fn(&mut StudyResults)| {
            let mut broken = results();
            change(&mut broken);
            StudyResults::from_json(&broken.to_json()).unwrap_err()
        };
        assert!(of(|results| results.format = 2).contains("newer version"));
        assert!(of(|results| results.videos[0].frame_count = 5).contains("of 100 frames"));
        let huge = of(|results| {
            results.videos[0].frame_count = 1 << 40;
            results.videos[0].work.as_mut().unwrap().frame_count = 1 << 40;
        });
        assert!(huge.contains("at most"), "{huge}");
        assert!(StudyResults::from_json(b"{}").is_err());
    }

    #[test]
    fn a_study_may_gain_lose_and_reorder_videos() {
        let mut study = results().study;
        study.videos = vec!["c.mp4".to_owned(), "x/a.mp4".to_owned()];
        let under = results().under(&study);
        let names: Vec<&str> = under.videos.iter().map(|one| one.video.as_str()).collect();
        assert_eq!(names, ["c.mp4", "x/a.mp4"]);
        assert!(under.videos[1].work.is_some());
        study.videos = vec!["c.mp4".to_owned()];
        let kept = results().under(&study);
        assert_eq!(kept.videos[1].video, "x/a.mp4", "work is never dropped");
    }
}
