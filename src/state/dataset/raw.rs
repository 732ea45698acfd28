//! Raw videos of a folder, joined to the videos of a dataset, with what differs between them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::RawVideo;
use crate::analysis::raters::frame_count_of;
use crate::annotations::join::match_videos;
use crate::domain::AnnotationSet;
use crate::jobs::CancelToken;
use crate::media;

/// Folders within folders that are looked through.
const DEEPEST: usize = 3;
/// Files looked at; a whole disk is not walked.
const MOST_FILES: usize = 20_000;
const ENDINGS: [&str; 12] = [
    "mp4", "m4v", "mkv", "webm", "mov", "avi", "mpg", "mpeg", "ts", "flv", "wmv", "ogv",
];
/// Seconds by which a container's claim of its length may be off without a word.
const SAME_SECS: f64 = 0.5;

/// For each set its raw video, and sentences about what has none or fits nothing.
pub struct Joined {
    pub videos: Vec<Option<RawVideo>>,
    pub report: Vec<String>,
}

/// Looks through a folder and joins what it finds by id or name. Files of other videos are counted,
/// not listed.
pub fn join_folder(folder: &Path, sets: &[Arc<AnnotationSet>], cancel: &CancelToken) -> Joined {
    let files = video_files(folder);
    let outlines: Vec<AnnotationSet> = sets
        .iter()
        .map(|set| AnnotationSet {
            video_id: set.video_id.clone(),
            title: set.title.clone(),
            ..AnnotationSet::default()
        })
        .collect();
    let matched = match_videos(&outlines, &files);
    let mut report = Vec::new();
    let found = matched.videos.iter().flatten().count();
    let missing: Vec<&AnnotationSet> = sets
        .iter()
        .zip(&matched.videos)
        .filter(|(_, video)| video.is_none())
        .map(|(set, _)| set.as_ref())
        .collect();
    report.push(format!(
        "{found} of {} videos were found among {} video files in {}.",
        sets.len(),
        files.len(),
        folder.display()
    ));
    let videos: Vec<Option<RawVideo>> = matched
        .videos
        .into_iter()
        .zip(sets)
        .map(|(path, set)| {
            let path = path?;
            let note = if cancel.is_cancelled() {
                None
            } else {
                difference(&path, set)
            };
            if let Some(note) = &note {
                report.push(format!("{}: {note}.", name_of(set)));
            }
            Some(RawVideo { path, note })
        })
        .collect();
    if found > 0 {
        report.extend(
            missing
                .iter()
                .map(|set| format!("{}: no file has this id or title.", name_of(set))),
        );
        let others = files.len().saturating_sub(found);
        if others > 0 {
            report.push(format!(
                "{others} video files belong to no video of the dataset."
            ));
        }
    }
    Joined { videos, report }
}

fn name_of(set: &AnnotationSet) -> &str {
    if set.video_id.is_empty() {
        &set.title
    } else {
        &set.video_id
    }
}

/// How a file differs from what the dataset says of it, by what its container states; `None` where
/// it does not.
pub fn difference(path: &Path, set: &AnnotationSet) -> Option<String> {
    let info = match media::probe(path) {
        Ok(probe) => probe.info,
        Err(err) => return Some(format!("{err}")),
    };
    let frames = frame_count_of(set);
    let mut parts = Vec::new();
    if set.frame_rate_fps > 0.0 && frames > 0 {
        let secs = frames as f64 / set.frame_rate_fps;
        let (shorter, longer) = (secs.min(info.duration_secs), secs.max(info.duration_secs));
        if longer - shorter > SAME_SECS {
            parts.push(format!(
                "the file lasts {:.1} s, the annotations {secs:.1} s",
                info.duration_secs
            ));
        }
        let rate = info.frame_rate.as_f64();
        if rate > 0.0 && (rate - set.frame_rate_fps).abs() > 0.02 * rate {
            parts.push(format!(
                "the file has {rate:.2} fps, the annotations {:.2}",
                set.frame_rate_fps
            ));
        }
    } else if frames > 0 && info.frame_count > 0 && frames != info.frame_count {
        parts.push(format!(
            "the file has about {} frames, the annotations {frames}",
            info.frame_count
        ));
    }
    (!parts.is_empty()).then(|| format!("{}; they are matched by time", parts.join(" and ")))
}

fn video_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    walk(folder, 0, &mut files);
    files.sort();
    files
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if files.len() >= MOST_FILES {
            return;
        }
        if path.is_dir() {
            if depth < DEEPEST {
                walk(&path, depth + 1, files);
            }
        } else if path.extension().is_some_and(|ending| {
            let ending = ending.to_string_lossy().to_lowercase();
            ENDINGS.contains(&ending.as_str())
        }) {
            files.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_id_in_folders_and_the_rest_is_said() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("VT")).unwrap();
        std::fs::write(dir.path().join("VT/AwmHb44_ouw.mp4"), b"no video").unwrap();
        std::fs::write(dir.path().join("other.webm"), b"").unwrap();
        std::fs::write(dir.path().join("notes.txt"), b"").unwrap();
        let set = |id: &str| {
            Arc::new(AnnotationSet {
                video_id: id.into(),
                ..AnnotationSet::default()
            })
        };
        let joined = join_folder(
            dir.path(),
            &[set("AwmHb44_ouw"), set("zzzzzzzz")],
            &CancelToken::new(),
        );
        let raw = joined.videos[0].as_ref().unwrap();
        assert!(raw.path.ends_with("VT/AwmHb44_ouw.mp4"));
        // What cannot be read as a video is reported beside it.
        assert!(raw.note.as_ref().unwrap().contains("AwmHb44_ouw.mp4"));
        assert!(joined.videos[1].is_none());
        let report = joined.report.join("\n");
        assert!(report.contains("1 of 2 videos were found among 2 video files"));
        assert!(report.contains("zzzzzzzz: no file") && report.contains("1 video files"));
    }
}
