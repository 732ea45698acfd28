//! Finished videos of a dataset under construction: one small h5 each in `OUT.h5.parts`, with the
//! recipe they were made by.
//!
//! Each is written whole or not at all, so that a killed run loses the video it was at and no more.
//! Parts of another recipe (another bundle, other annotations, other videos) are removed, and
//! nothing else is: the recipe lists what was made here.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Job, Output};
use crate::annotations::dataset::Dataset;
use crate::annotations::write::write_dataset;
use crate::cli::analyze::PrepareArgs;
use crate::domain::{SegmentSettings, VideoRecord};
use crate::files::{self, Lock, hex};
use crate::inference::Bundle;

const RECIPE: &str = "recipe.json";
/// Between two looks whether another run has put the dataset together.
const PAUSE: Duration = Duration::from_millis(100);

/// Everything that the parts depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Recipe {
    version: String,
    bundle_sha256: String,
    fps: Option<f64>,
    /// Absent in recipes of older versions, whose segments were found in another way.
    #[serde(default)]
    segments: Option<SegmentSettings>,
    budget: f64,
    annotations_sha256: String,
    /// Key, path and size in bytes of each video.
    videos: Vec<(String, PathBuf, u64)>,
}

impl Recipe {
    pub(super) fn new(
        bundle: &Bundle,
        prepare: &PrepareArgs,
        budget: f64,
        jobs: &[Job],
    ) -> anyhow::Result<Self> {
        let mut hasher = Sha256::new();
        for job in jobs {
            hasher.update(serde_json::to_vec(&job.set)?);
        }
        let digest = hasher.finalize();
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            bundle_sha256: bundle.sha256().to_owned(),
            fps: prepare.fps,
            segments: Some(prepare.segmenting.settings()),
            budget,
            annotations_sha256: hex(digest),
            videos: jobs
                .iter()
                .map(|job| {
                    let path = std::path::absolute(&job.video).unwrap_or(job.video.clone());
                    let bytes = fs::metadata(&job.video).map_or(0, |facts| facts.len());
                    (job.key.clone(), path, bytes)
                })
                .collect(),
        })
    }
}

impl Recipe {
    fn keys(&self) -> Vec<String> {
        // A name that leads elsewhere is none of ours, whatever the file says.
        let own = |key: &&String| key.starts_with("video_") && !key.contains(['/', '\\']);
        let keys = self.videos.iter().map(|(key, _, _)| key);
        keys.filter(own).cloned().collect()
    }
}

/// The folder of finished videos.
pub(super) struct Parts {
    folder: PathBuf,
    lock: PathBuf,
    keys: Vec<String>,
}

impl Parts {
    /// Opens the folder beside the dataset; parts of another recipe are removed.
    pub(super) fn open(output: &Path, recipe: &Recipe) -> anyhow::Result<Self> {
        let mut name = output
            .file_name()
            .context("the dataset needs a file name")?
            .to_owned();
        name.push(".parts");
        let folder = output.with_file_name(name);
        let file = folder.join(RECIPE);
        let lock = output.with_file_name(format!(
            ".{}.lock",
            output.file_name().unwrap_or_default().to_string_lossy()
        ));
        let parts = Self {
            folder,
            lock,
            keys: recipe.keys(),
        };
        let found: Option<Recipe> = fs::read(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if found.as_ref() == Some(recipe) {
            return Ok(parts);
        }
        let folder = &parts.folder;
        match &found {
            Some(old) => remove_own(folder, &old.keys()),
            None if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) => {
                bail!(
                    "{} is there and was not made by this command: move it, or name another dataset",
                    folder.display()
                );
            }
            None => Ok(()),
        }
        .and_then(|()| files::make_folder(folder))
        .with_context(|| format!("cannot empty {}", folder.display()))?;
        files::write(&file, &serde_json::to_vec_pretty(recipe)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(parts)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.h5"))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.path(key).is_file()
    }

    pub(super) fn write(&self, record: &VideoRecord) -> anyhow::Result<()> {
        Ok(write_dataset(
            &self.path(&record.key),
            std::slice::from_ref(record),
        )?)
    }

    pub(super) fn read(&self, key: &str) -> crate::annotations::Result<VideoRecord> {
        Dataset::open(&self.path(key))?.read(key)
    }

    /// Waits until no other run puts the dataset together, and takes the right to. A killed run has
    /// given it back.
    pub(super) fn take_turn(&self, output: &Output) -> anyhow::Result<Lock> {
        let mut said = false;
        loop {
            let taken = Lock::try_take(&self.lock)
                .with_context(|| format!("cannot lock {}", self.lock.display()))?;
            if let Some(lock) = taken {
                return Ok(lock);
            }
            if !said {
                said = true;
                output.say("waiting for another run that is putting the dataset together");
            }
            output.check_interrupt()?;
            std::thread::sleep(PAUSE);
        }
    }

    /// Removes what was made here, and the folder if nothing else is in it; a failure only leaves
    /// it behind.
    pub(super) fn remove(&self) {
        if let Err(err) = remove_own(&self.folder, &self.keys) {
            log::warn!("cannot remove {}: {err}", self.folder.display());
        }
        // Another's file keeps the folder.
        let _ = fs::remove_dir(&self.folder);
    }
}

/// Removes the parts and their recipe, that last, so that a killed removal is taken up again.
fn remove_own(folder: &Path, keys: &[String]) -> std::io::Result<()> {
    files::sweep(folder);
    let parts = keys.iter().map(|key| folder.join(format!("{key}.h5")));
    for file in parts.chain([folder.join(RECIPE)]) {
        match fs::remove_file(&file) {
            Err(err) if err.kind() != std::io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
    }
    Ok(())
}
