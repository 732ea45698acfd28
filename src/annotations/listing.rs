//! The videos of a dataset one after the other, without the values of their features: a file of any
//! known form, or a folder of such files (SumMe's `GT`).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::dataset::Dataset;
use super::{AnnotationError, Format, Result, file_name, is_matlab_hdf5, sniff};
use crate::domain::AnnotationSet;
use crate::jobs::CancelToken;

/// Endings of files in a folder that may hold annotations.
pub const ENDINGS: [&str; 8] = ["mat", "h5", "hdf5", "tsv", "csv", "json", "eaf", "xml"];
/// Folders within a dataset's folder where the annotations of the field's downloads lie.
const SUBFOLDERS: [&str; 4] = ["GT", "gt", "data", "annotations"];

/// One video of a dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedVideo {
    /// The file it stands in.
    pub file: PathBuf,
    /// Its group there, where the file has one for each video; what [`Dataset::read`] takes.
    pub key: Option<String>,
    pub set: AnnotationSet,
    /// Size D of its features; 0 where there are none.
    pub feature_size: usize,
}

impl ListedVideo {
    /// With an id, which is that of its group or its place where the dataset has none.
    pub fn with_id(mut self, at: usize) -> Self {
        let id = &mut self.set.video_id;
        if id.is_empty() {
            *id = (self.key.clone()).unwrap_or_else(|| format!("video {}", at + 1));
        }
        self
    }
}

/// Whether a path is read as a dataset of many videos when it is opened alone: by its kind, without
/// reading it.
pub fn is_dataset(path: &Path) -> bool {
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    path.is_dir() || matches!(ending.as_deref(), Some("h5" | "hdf5" | "mat" | "tsv"))
}

/// Reports of each video and how many of how many files or groups were read; returns sentences
/// about what was left out.
///
/// # Errors
/// When the file or folder cannot be read or holds nothing usable.
pub fn list(
    path: &Path,
    cancel: &CancelToken,
    on_video: &mut dyn FnMut(ListedVideo, u64, u64),
) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let mut seen = HashSet::new();
    let mut found = 0;
    let mut take = |mut video: ListedVideo, done: u64, total: u64, warnings: &mut Vec<String>| {
        let set = &mut video.set;
        if !set.video_id.is_empty() && !seen.insert(set.video_id.clone()) {
            warnings.push(format!(
                "video {} occurs more than once; the first is used",
                set.video_id
            ));
            return;
        }
        if set.source.is_empty() {
            set.source = file_name(&video.file);
        }
        set.repair(warnings);
        found += 1;
        on_video(video, done, total);
    };
    let files = if path.is_dir() {
        annotation_files(path)?
    } else {
        vec![path.to_owned()]
    };
    let total = files.len() as u64;
    let mut first_fault = None;
    for (at, file) in files.iter().enumerate() {
        if cancel.is_cancelled() {
            break;
        }
        let read = list_file(file, cancel, total == 1, &mut |video, done, of| {
            let (done, of) = if total == 1 {
                (done, of)
            } else {
                (at as u64 + 1, total)
            };
            take(video, done, of, &mut warnings);
        });
        match read {
            Ok(more) => warnings.extend(more),
            Err(err) if total == 1 && !path.is_dir() => return Err(err),
            Err(err) => {
                warnings.push(format!("{err}; it is left out"));
                first_fault.get_or_insert(err);
            }
        }
    }
    if found == 0 && !cancel.is_cancelled() {
        // A download may hold other files beside the folder of its annotations.
        let mut inner = SUBFOLDERS.iter().map(|name| path.join(name));
        if let Some(inner) = inner.find(|inner| inner.is_dir()) {
            return list(&inner, cancel, on_video);
        }
        return Err(first_fault.unwrap_or_else(|| {
            let reason = warnings
                .first()
                .cloned()
                .unwrap_or_else(|| "it holds no annotations of videos".into());
            AnnotationError::format(path, reason)
        }));
    }
    Ok(warnings)
}

fn list_file(
    file: &Path,
    cancel: &CancelToken,
    alone: bool,
    on_video: &mut dyn FnMut(ListedVideo, u64, u64),
) -> Result<Vec<String>> {
    if matches!(sniff(file)?, Format::Hdf5) && !is_matlab_hdf5(file)? {
        return list_groups(file, cancel, on_video);
    }
    let opened = super::open(file)?;
    let total = opened.sets.len() as u64;
    for (at, set) in opened.sets.into_iter().enumerate() {
        // A JSON in a folder may be anything; one without annotators is not meant.
        if !alone && set.annotators.is_empty() {
            continue;
        }
        let video = ListedVideo {
            file: file.to_owned(),
            set,
            ..ListedVideo::default()
        };
        on_video(video, at as u64 + 1, total);
    }
    Ok(opened.warnings)
}

fn list_groups(
    file: &Path,
    cancel: &CancelToken,
    on_video: &mut dyn FnMut(ListedVideo, u64, u64),
) -> Result<Vec<String>> {
    let dataset = Dataset::open(file)?;
    let total = dataset.keys().len() as u64;
    let mut warnings = Vec::new();
    for (at, key) in dataset.keys().iter().enumerate() {
        if cancel.is_cancelled() {
            break;
        }
        match dataset.read_outline(key) {
            Ok(record) => {
                let video = ListedVideo {
                    file: file.to_owned(),
                    key: Some(key.clone()),
                    feature_size: record.features.ncols(),
                    set: record.annotation_set(),
                };
                on_video(video, at as u64 + 1, total);
            }
            Err(AnnotationError::Format { reason, .. }) => {
                warnings.push(format!("{reason}; it is left out"));
            }
            Err(err) => warnings.push(err.to_string()),
        }
    }
    Ok(warnings)
}

/// The annotation files of a folder or, where it has none itself, of the folder within it that the
/// field's downloads use.
pub(super) fn annotation_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let within = |folder: &Path| -> std::io::Result<Vec<PathBuf>> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_file())
            .filter(|path| {
                path.extension().is_some_and(|ending| {
                    let ending = ending.to_string_lossy().to_lowercase();
                    ENDINGS.contains(&ending.as_str())
                })
            })
            .collect();
        files.sort();
        Ok(files)
    };
    let files = within(folder).map_err(|err| AnnotationError::io(folder, err))?;
    if !files.is_empty() {
        return Ok(files);
    }
    for name in SUBFOLDERS {
        if let Ok(files) = within(&folder.join(name))
            && !files.is_empty()
        {
            return Ok(files);
        }
    }
    Err(AnnotationError::format(
        folder,
        "the folder holds no annotation files (.mat, .h5, .tsv, .csv, .json, .eaf)",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lists_what_it_can_and_says_what_it_cannot() {
        let dir = tempfile::tempdir().unwrap();
        let gt = dir.path().join("GT");
        std::fs::create_dir(&gt).unwrap();
        let set = |id: &str| {
            format!(
                r#"{{"video_id": "{id}", "frame_count": 50, "annotators": [{{"name": "a", "picks": [{{"start": 1, "end": 5}}]}}]}}"#
            )
        };
        std::fs::write(gt.join("a.json"), set("one")).unwrap();
        std::fs::write(gt.join("b.json"), set("two")).unwrap();
        std::fs::write(gt.join("c.json"), set("one")).unwrap();
        std::fs::write(gt.join("d.mat"), b"MATLAB 5.0 cut").unwrap();
        let mut found = Vec::new();
        let warnings = list(dir.path(), &CancelToken::new(), &mut |video, _, total| {
            assert_eq!(total, 4);
            found.push(video.set.video_id);
        })
        .unwrap();
        assert_eq!(found, ["one", "two"]);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings.iter().any(|w| w.contains("more than once")));
        assert!(warnings.iter().any(|w| w.contains("d.mat")));

        // Another file beside the folder is not what is meant.
        std::fs::write(dir.path().join("names.json"), r#"{"one": "video_1"}"#).unwrap();
        let mut again = Vec::new();
        let cancel = CancelToken::new();
        list(dir.path(), &cancel, &mut |video, _, _| {
            again.push(video.set.video_id)
        })
        .unwrap();
        assert_eq!(again, found);
    }

    #[test]
    fn nothing_usable_is_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let error = list(dir.path(), &CancelToken::new(), &mut |_, _, _| ()).unwrap_err();
        assert!(error.to_string().contains("no annotation files"));
    }
}
