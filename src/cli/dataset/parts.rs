//! Finished videos of a dataset under construction: one small h5 each in `OUT.h5.parts`, with the recipe they were made by.
//!
//! Each is written whole or not at all, so that a killed run loses the video it was at and no more. Parts of another recipe (another
//! bundle, other annotations, other videos) are thrown away, and that is an error of nobody.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Job;
use crate::annotations::dataset::Dataset;
use crate::annotations::write::write_dataset;
use crate::cli::analyze::PrepareArgs;
use crate::domain::{SegmentSettings, VideoRecord};
use crate::files;
use crate::inference::Bundle;

const RECIPE: &str = "recipe.json";
const TURN: &str = "merging";

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
            annotations_sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
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

/// The folder of finished videos.
pub(super) struct Parts {
    folder: PathBuf,
}

/// The right to put the dataset together; given back when dropped.
pub(super) struct Turn(PathBuf);

impl Drop for Turn {
    fn drop(&mut self) {
        // What stays behind is only a hint to other shards.
        let _ = fs::remove_file(&self.0);
    }
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
        let found: Option<Recipe> = fs::read(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if found.as_ref() != Some(recipe) {
            if folder.exists() {
                fs::remove_dir_all(&folder)
                    .with_context(|| format!("cannot empty {}", folder.display()))?;
            }
            let json = serde_json::to_vec_pretty(recipe)?;
            files::make_folder(&folder)
                .and_then(|()| files::write(&file, &json))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(Self { folder })
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

    /// The right to put the dataset together; `None` while another run has it. A file that a killed run left is taken over after
    /// ten minutes.
    pub(super) fn take_turn(&self) -> anyhow::Result<Option<Turn>> {
        let path = self.folder.join(TURN);
        let old = fs::metadata(&path)
            .and_then(|facts| facts.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() > 600));
        if old {
            let _ = fs::remove_file(&path);
        }
        match File::create_new(&path) {
            Ok(_) => Ok(Some(Turn(path))),
            Err(err) if err.kind() == std::io::ErrorKind::AlreadyExists => Ok(None),
            Err(err) => Err(err).with_context(|| format!("cannot write {}", path.display())),
        }
    }

    /// Removes the folder; a failure only leaves it behind.
    pub(super) fn remove(&self) {
        if let Err(err) = fs::remove_dir_all(&self.folder) {
            log::warn!("cannot remove {}: {err}", self.folder.display());
        }
    }
}
