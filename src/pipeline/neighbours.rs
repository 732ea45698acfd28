//! The videos that lie beside one another in a folder, what the cache holds of them, and their
//! words. Extracts nothing, and decodes no pictures.

use std::path::{Path, PathBuf};

use super::segmenting::MOST_DENSITY;
use crate::cache::{FeatureKey, HashMemo, Store, StoredFeatures};
use crate::domain::cue::Cue;
use crate::domain::{FrameIndex, Rational};
use crate::inference::Bundle;
use crate::jobs::{CancelToken, Progress};
use crate::media::{self, FileStamp, MediaError};

/// Endings of the files of a folder that are videos.
const ENDINGS: [&str; 22] = [
    "mp4", "mkv", "webm", "mov", "avi", "m4v", "mpg", "mpeg", "ts", "mts", "m2ts", "vob", "wmv",
    "flv", "ogv", "3gp", "mxf", "gif", "y4m", "h264", "hevc", "ivf",
];
/// Where features are made; each has its own, as they differ in the last digits.
const DEVICES: [&str; 2] = ["cpu", "cuda"];

/// The videos of a folder by their endings, in the order of their names; not those in folders
/// within it.
///
/// # Errors
/// When the folder cannot be read.
pub fn videos_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let is_video = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let known = |ending: &str| (ENDINGS.iter()).any(|known| ending.eq_ignore_ascii_case(known));
        ending.is_some_and(known) && path.is_file()
    };
    let mut inside: Vec<PathBuf> = (std::fs::read_dir(folder)?.flatten())
        .map(|entry| entry.path())
        .filter(is_video)
        .collect();
    inside.sort();
    Ok(inside)
}

/// The words of a video's subtitles; none where it has none of text. Frames are listed only where
/// there are words, to know when the first one is shown.
///
/// # Errors
/// When the file cannot be read or the work was cancelled.
pub fn words_of(
    video: &Path,
    progress: &mut dyn FnMut(Progress),
    cancel: &CancelToken,
) -> Result<Vec<Cue>, MediaError> {
    let unknown = FrameIndex {
        pts: [].into(),
        keyframes: [].into(),
        time_base: Rational::new(1, 1),
        last_duration: 0,
    };
    if media::text_cues(video, &unknown, cancel)?.is_empty() {
        return Ok(Vec::new());
    }
    let indexed = media::index(video, cancel, progress)?;
    media::text_cues(video, &indexed.index, cancel)
}

/// Features that the cache holds of videos, made by one bundle at its own rate.
#[derive(Clone, Debug)]
pub struct KnownFeatures {
    store: Store,
    bundle_sha256: String,
    sampling_fps: f64,
}

impl KnownFeatures {
    /// `None` where the bundle looks at no pictures.
    pub fn of(store: Store, bundle: &Bundle) -> Option<Self> {
        Some(Self {
            store,
            bundle_sha256: bundle.sha256().to_owned(),
            sampling_fps: bundle.manifest().extractor.as_ref()?.sampling_fps,
        })
    }

    /// Features of a video by its content, wherever it lay when they were made; `None` where the
    /// cache has none. A file whose content is not known yet is read once.
    ///
    /// # Errors
    /// When the file cannot be read or the work was cancelled.
    pub fn of_video(
        &self,
        path: &Path,
        cancel: &CancelToken,
    ) -> Result<Option<StoredFeatures>, MediaError> {
        let memo = HashMemo::of(&self.store);
        let content_sha256 = match memo.get(path) {
            Some(known) => known,
            None => {
                let before = FileStamp::of(path);
                let found = media::content_hash(path, cancel)?;
                if FileStamp::of(path) == before {
                    memo.put(path, &found);
                }
                found
            }
        };
        // A short video is sampled more densely, and how long it is need not be known here.
        let densities = 1..=MOST_DENSITY as u32;
        let keys = densities.flat_map(|density| DEVICES.map(|device| (density, device)));
        Ok(keys.into_iter().find_map(|(density, device)| {
            self.store.stored_features(&FeatureKey {
                content_sha256: content_sha256.clone(),
                bundle_sha256: self.bundle_sha256.clone(),
                sampling_fps: self.sampling_fps * f64::from(density),
                device: device.to_owned(),
            })
        }))
    }
}
