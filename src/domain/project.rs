//! The project file `.summdiff`: a video by path and hash, and everything a person chose about it.
//! JSON with a version. Does not write files safely by itself (see `app::project_io`).

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::annotator::AnnotationSet;
use super::annotator_work::{AnnotatorWork, Seen};
use super::budget::{MOST_BYTES, json_bytes, too_many_annotators};
use super::edited::EditedSummary;
use super::kinds::{KnownKind, Letter};
use super::mark::{Mark, Selection};
use super::naming::Names;
use super::repairs::{check_sizes, one_line};
use super::settings::DrawSettings;
use super::summary_ref::SummaryRef;
use super::video::VideoInfo;

/// Version of the format this program writes. It reads this one and those before. Version 2 added
/// the works of annotators; version 3 means version 2 of the default bundle by its name.
pub const PROJECT_VERSION: u32 = 3;
/// The default bundle, and the name of its version 1, which is what projects before version 3 mean
/// by it.
const DEFAULT_BUNDLE: (&str, &str) = ("lite", "lite-1");

/// Largest project or analysis that is read: a thousand samples of a two-hour video have 140 MB as
/// text.
pub const MOST_FILE_BYTES: u64 = 256 << 20;

/// Where a project's video is, and how it is recognised when it has moved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VideoRef {
    /// As it was opened.
    pub path: PathBuf,
    /// As seen from the project's folder, where they have one in common; tried first, so that a
    /// folder can be moved as a whole.
    pub relative_path: Option<PathBuf>,
    /// Lower-case hex SHA-256 of the content; empty while unknown.
    pub sha256: String,
    pub frame_count: u64,
    /// 0 while unknown.
    pub duration_secs: f64,
}

impl VideoRef {
    /// The video of these facts, as seen from a project.
    pub fn of(video: &VideoInfo, project: &Path) -> Self {
        Self {
            path: video.path.clone(),
            relative_path: relative_video_path(project, &video.path),
            sha256: video.sha256.clone(),
            frame_count: video.frame_count,
            duration_secs: video.duration_secs,
        }
    }

    /// Whether a video can be the one that is meant: by content where both are known, else by the
    /// number of frames.
    pub fn can_be(&self, video: &VideoInfo) -> bool {
        if !self.sha256.is_empty() && !video.sha256.is_empty() {
            return self.sha256 == video.sha256;
        }
        self.frame_count == 0 || video.frame_count == 0 || self.frame_count == video.frame_count
    }
}

/// A saved session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    pub version: u32,
    pub video: VideoRef,
    pub bundle: String,
    pub settings: DrawSettings,
    pub selection: Selection,
    pub pins: Vec<Mark>,
    pub rejects: Vec<Mark>,
    pub markers_secs: Vec<f64>,
    pub range_secs: Option<(f64, f64)>,
    /// Names and notes of alternatives and markers.
    pub names: Names,
    /// Summaries that were edited by hand.
    pub edits: Vec<EditedSummary>,
    /// The alternatives that letters, names and marks belong to; empty in older files.
    pub kinds: Vec<KnownKind>,
    pub annotations: Option<AnnotationSet>,
    /// What annotators did in this program, complete or not.
    pub works: Vec<AnnotatorWork>,
    /// What of this video was on screen that annotators are not to see, for those who begin later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<Seen>,
}

/// Why a project cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("{path} is not a SummDiff project: {reason}")]
    NotAProject { path: PathBuf, reason: String },
    #[error("{path} cannot be opened: {reason}")]
    Refused { path: PathBuf, reason: String },
    #[error(
        "{path} was written by a newer version of this program (format {found}, this one reads up to {PROJECT_VERSION}); update the program to open it"
    )]
    TooNew { path: PathBuf, found: u32 },
}

impl Project {
    /// The project as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let current = Self {
            version: PROJECT_VERSION,
            ..self.clone()
        };
        // Plain data with string keys: serde_json cannot fail on it.
        serde_json::to_vec_pretty(&current).unwrap_or_default()
    }

    /// Reads a project; `path` is only named in errors.
    ///
    /// # Errors
    /// When the content is no project, is cut off, or is of a newer version.
    pub fn from_json(bytes: &[u8], path: &Path) -> Result<Self, ProjectError> {
        let not = |reason: String| ProjectError::NotAProject {
            path: path.to_path_buf(),
            reason,
        };
        if json_bytes(bytes) > MOST_BYTES {
            return Err(not(format!(
                "it has more values than fit into the {} MB of memory that one file may use",
                MOST_BYTES >> 20
            )));
        }
        let value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| not(error.to_string()))?;
        let found = value
            .get("version")
            .and_then(serde_json::Value::as_u64)
            .ok_or_else(|| not("it states no version".to_owned()))?;
        if found > u64::from(PROJECT_VERSION) {
            return Err(ProjectError::TooNew {
                path: path.to_path_buf(),
                found: u32::try_from(found).unwrap_or(u32::MAX),
            });
        }
        let refused = |reason: String| ProjectError::Refused {
            path: path.to_path_buf(),
            reason: one_line(&reason),
        };
        let place = value["selection"]["alternative"].as_u64();
        let mut project: Self =
            serde_json::from_value(value).map_err(|error| refused(error.to_string()))?;
        // Files of before name the chosen alternative by its place.
        let kind = place.and_then(|at| project.kinds.get(usize::try_from(at).ok()?));
        if let (Some(kind), Some(SummaryRef::Alternative(_))) = (kind, project.selection.summary) {
            let letter = Letter::from_label(&kind.label);
            project.selection.summary = letter.map(SummaryRef::Alternative);
        }
        check_sizes(&project.annotations).map_err(refused)?;
        if let Some(clause) = too_many_annotators(project.works.len()) {
            return Err(refused(clause));
        }
        if found < 3 && project.bundle == DEFAULT_BUNDLE.0 {
            DEFAULT_BUNDLE.1.clone_into(&mut project.bundle);
        }
        if let Some(set) = &mut project.annotations {
            set.repair(&mut Vec::new());
        }
        let works = std::mem::take(&mut project.works);
        project.works = works.into_iter().map(AnnotatorWork::repaired).collect();
        project.markers_secs.retain(|secs| secs.is_finite());
        project.names.repair();
        project.edits.retain(EditedSummary::is_sound);
        Ok(project)
    }

    /// Where the video is: beside the project first, then where it was. `None` where it is at
    /// neither place.
    pub fn find_video(&self, project_path: &Path) -> Option<PathBuf> {
        let beside = self
            .video
            .relative_path
            .as_ref()
            .and_then(|relative| Some(project_path.parent()?.join(relative)));
        beside
            .into_iter()
            .chain(std::iter::once(self.video.path.clone()))
            .find(|path| path.is_file())
    }
}

/// Path of `video` as seen from the folder of `project`, or of whatever file names the video.
/// `None` where they have no folder in common but the root, so that they cannot be moved together.
pub fn relative_video_path(project: &Path, video: &Path) -> Option<PathBuf> {
    let project = std::path::absolute(project).ok()?;
    let video = std::path::absolute(video).ok()?;
    let (folder, video_folder) = (plain(project.parent()?), plain(video.parent()?));
    let (from, to): (Vec<_>, Vec<_>) = (
        folder.components().collect(),
        video_folder.components().collect(),
    );
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let shared = from[..common].iter();
    if !shared
        .into_iter()
        .any(|part| matches!(part, Component::Normal(_)))
    {
        return None;
    }
    let mut relative: PathBuf = std::iter::repeat_n("..", from.len() - common).collect();
    relative.extend(&to[common..]);
    relative.push(video.file_name()?);
    Some(relative)
}

/// A folder without links where it is there, else without `.` and `..`.
fn plain(folder: &Path) -> PathBuf {
    if let Ok(plain) = folder.canonicalize() {
        return plain;
    }
    let mut plain = PathBuf::new();
    for part in folder.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Project {
        Project {
            version: PROJECT_VERSION,
            video: VideoRef {
                path: "/films/a.mp4".into(),
                relative_path: Some("a.mp4".into()),
                sha256: "ab".repeat(32),
                frame_count: 900,
                duration_secs: 30.0,
            },
            bundle: "lite".to_owned(),
            pins: vec![Mark {
                label: "B".to_owned(),
                segments: vec![1, 2],
                seed: 7,
                sample: 4,
            }],
            markers_secs: vec![1.5],
            range_secs: Some((1.0, 2.0)),
            ..Project::default()
        }
    }

    #[test]
    fn a_project_comes_back_as_it_was() {
        let path = Path::new("/films/a.summdiff");
        let back = Project::from_json(&project().to_json(), path).unwrap();
        assert_eq!(back, project());
    }

    #[test]
    fn the_chosen_alternative_of_an_old_project_is_found_by_its_letter() {
        let mut value: serde_json::Value = serde_json::from_slice(&project().to_json()).unwrap();
        let kind = |label: &str| serde_json::json!({ "label": label });
        value["kinds"] = vec![kind("A"), kind("C"), kind("F")].into();
        value["selection"] = serde_json::json!({ "alternative": 1, "sample": null });
        let bytes = serde_json::to_vec(&value).unwrap();
        let read = Project::from_json(&bytes, Path::new("p")).unwrap();
        let c = SummaryRef::Alternative(Letter(2));
        assert_eq!(read.selection.summary, Some(c));
    }

    #[test]
    fn an_old_project_means_the_default_bundle_of_its_time() {
        let path = Path::new("/films/a.summdiff");
        let bundle_of = |version: u32, name: &str| {
            let mut value: serde_json::Value =
                serde_json::from_slice(&project().to_json()).unwrap();
            value["version"] = version.into();
            value["bundle"] = name.into();
            let bytes = serde_json::to_vec(&value).unwrap();
            Project::from_json(&bytes, path).unwrap().bundle
        };
        assert_eq!(bundle_of(1, "lite"), "lite-1");
        assert_eq!(bundle_of(2, "lite"), "lite-1");
        assert_eq!(bundle_of(3, "lite"), "lite");
        assert_eq!(bundle_of(2, "vasnet"), "vasnet");
    }

    #[test]
    fn what_is_cut_off_newer_or_foreign_is_refused_by_name() {
        let path = Path::new("/films/a.summdiff");
        let bytes = project().to_json();
        for length in 0..bytes.len() - 1 {
            let error = Project::from_json(&bytes[..length], path).unwrap_err();
            assert!(error.to_string().contains("a.summdiff"));
        }
        let own = format!("\"version\": {PROJECT_VERSION}");
        let newer = String::from_utf8(bytes)
            .unwrap()
            .replacen(&own, "\"version\": 9", 1);
        assert!(matches!(
            Project::from_json(newer.as_bytes(), path),
            Err(ProjectError::TooNew { found: 9, .. })
        ));
        assert!(Project::from_json(b"{}", path).is_err());
    }

    #[test]
    fn what_asks_for_too_much_is_refused_by_its_limit() {
        let path = Path::new("/films/a.summdiff");
        let said = |json: &str| {
            let err = Project::from_json(json.as_bytes(), path).unwrap_err();
            assert!(matches!(err, ProjectError::Refused { .. }), "{err}");
            err.to_string()
        };
        let samples = said(r#"{"version": 2, "settings": {"samples": 1000000000}}"#);
        assert!(samples.contains("100000"), "{samples}");
        let people = vec!["{}"; 1001].join(",");
        let crowd = said(&format!(
            r#"{{"version": 2, "annotations": {{"annotators": [{people}]}}}}"#
        ));
        assert!(crowd.contains("1000"), "{crowd}");
        let works = said(&format!(r#"{{"version": 2, "works": [{people}]}}"#));
        assert!(works.contains("1000"), "{works}");
    }

    #[test]
    fn unknown_and_missing_fields_do_no_harm() {
        let path = Path::new("p");
        let project = Project::from_json(br#"{"version": 1, "colour": "red"}"#, path).unwrap();
        assert_eq!(project.settings, DrawSettings::default());
        assert!(project.works.is_empty(), "files of version 1 have none");
    }

    #[test]
    fn a_moved_folder_is_found_by_the_relative_path() {
        let dir = tempfile::tempdir().unwrap();
        let video = dir.path().join("a.mp4");
        std::fs::write(&video, b"film").unwrap();
        let found = project().find_video(&dir.path().join("p.summdiff"));
        assert_eq!(found, Some(video.clone()));
        assert_eq!(project().find_video(Path::new("/nowhere/p.summdiff")), None);
        for (project, relative) in [
            ("p.summdiff", "a.mp4"),
            ("b/p.summdiff", "../a.mp4"),
            ("b/../c/d/p.json", "../../a.mp4"),
            ("./b/.././p.json", "a.mp4"),
        ] {
            let found = relative_video_path(&dir.path().join(project), &video);
            assert_eq!(found.as_deref(), Some(Path::new(relative)), "{project}");
        }
        let elsewhere = Path::new("/no such folder/p.summdiff");
        assert_eq!(relative_video_path(elsewhere, &video), None);
    }
}
