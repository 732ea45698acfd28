//! A data set to evaluate on: its rule, its annotators' ratings, and which of its videos a bundle
//! was trained on.
//!
//! Ratings alone, without features, are a data set for the rows that need no network.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use sha2::{Digest, Sha256};

use super::EvaluationError;
use crate::annotations::dataset::Dataset;
use crate::annotations::ratings::{self, Guess, Ratings};
use crate::annotations::{bare, listing};
use crate::domain::EvaluationKind;
use crate::domain::VideoRecord;
use crate::files::hex;
use crate::inference::manifest::TrainingRecord;
use crate::jobs::CancelToken;

/// Where the videos are.
#[derive(Debug)]
enum Source {
    Features(Dataset),
    /// Without features, by [`bare::record_of`].
    Ratings(Vec<VideoRecord>),
}

/// A data set whose rule is known and can be followed.
#[derive(Debug)]
pub struct EvaluationData {
    source: Source,
    keys: Vec<String>,
    path: PathBuf,
    /// What was read: one file, or those of a folder.
    files: Vec<PathBuf>,
    /// Size D of the features; 0 without.
    feature_size: usize,
    kind: EvaluationKind,
    reason: String,
    ratings: Option<Ratings>,
    /// The file or folder that was joined.
    annotations: Option<PathBuf>,
    warnings: Vec<String>,
    budget: f64,
}

impl EvaluationData {
    /// Opens a data set. `kind` overrules what its content says; `annotations` holds the ratings or
    /// picks that it lacks.
    ///
    /// # Errors
    /// When a file cannot be read, or the rule asks for annotations that are neither in the file
    /// nor given.
    pub fn open(
        path: &Path,
        kind: Option<EvaluationKind>,
        annotations: Option<&Path>,
        budget: f64,
        cancel: &CancelToken,
    ) -> Result<Self, EvaluationError> {
        let dataset = Dataset::open(path)?;
        // A video that cannot be read is reported when its turn comes.
        let outlines: Vec<VideoRecord> = dataset
            .keys()
            .iter()
            .filter_map(|key| dataset.read_outline(key).ok())
            .collect();
        let Guess { kind, reason } = match kind {
            Some(kind) => Guess {
                kind,
                reason: "as stated".to_owned(),
            },
            None => ratings::guess_kind(&outlines),
        };
        let joined = match annotations {
            Some(annotations) => Some(Ratings::open(annotations, cancel)?),
            None => None,
        };
        let lacking: Vec<(&VideoRecord, &str)> = outlines
            .iter()
            .filter_map(|record| Some((record, ratings::missing_for(kind, record)?)))
            .collect();
        if joined.is_none()
            && !lacking.is_empty()
            && lacking.len() == outlines.len()
            && let Some((record, what)) = lacking.first()
        {
            return Err(EvaluationError::Lacking {
                path: path.to_owned(),
                kind,
                reason,
                key: record.key.clone(),
                what,
            });
        }
        Ok(Self {
            keys: dataset.keys().to_vec(),
            feature_size: outlines
                .iter()
                .map(|record| record.features.ncols())
                .find(|&size| size > 0)
                .unwrap_or(0),
            source: Source::Features(dataset),
            path: path.to_owned(),
            files: vec![path.to_owned()],
            kind,
            reason,
            warnings: joined
                .as_ref()
                .map_or_else(Vec::new, |ratings| ratings.warnings.clone()),
            ratings: joined,
            annotations: annotations.map(Path::to_owned),
            budget,
        })
    }

    /// Opens ratings or picks that have no features: a file of any known form or a folder of such
    /// files.
    ///
    /// # Errors
    /// When nothing usable is there, or `kind` is Mr. HiSum's, which is measured on features'
    /// seconds.
    pub fn open_ratings(
        path: &Path,
        kind: Option<EvaluationKind>,
        budget: f64,
        cancel: &CancelToken,
    ) -> Result<Self, EvaluationError> {
        let (mut files, mut records) = (Vec::new(), Vec::new());
        let warnings = listing::list(path, cancel, &mut |video, _, _| {
            if video.set.covered_frames() > 0 && !video.set.annotators.is_empty() {
                records.push(bare::record_of(&video.set, budget));
                files.push(video.file);
            }
        })?;
        if cancel.is_cancelled() {
            return Err(EvaluationError::Cancelled);
        }
        files.sort();
        files.dedup();
        let Guess { kind, reason } = match kind {
            Some(kind) => Guess {
                kind,
                reason: "as stated".to_owned(),
            },
            None => ratings::guess_kind(&records),
        };
        let lacking = records
            .iter()
            .find_map(|record| Some((record, ratings::missing_for(kind, record)?)));
        if let Some((record, what)) = lacking {
            return Err(EvaluationError::Lacking {
                path: path.to_owned(),
                kind,
                reason,
                key: record.key.clone(),
                what,
            });
        }
        if records.is_empty() {
            return Err(EvaluationError::Video {
                path: path.to_owned(),
                key: "all".to_owned(),
                reason: "none has annotators; give a file of ratings or picks".to_owned(),
            });
        }
        Ok(Self {
            keys: records.iter().map(|record| record.key.clone()).collect(),
            source: Source::Ratings(records),
            path: path.to_owned(),
            files,
            feature_size: 0,
            kind,
            reason,
            ratings: None,
            annotations: None,
            warnings,
            budget,
        })
    }

    /// Size D of the features; 0 where the data set has none, so that no network can score its
    /// videos.
    pub fn feature_size(&self) -> usize {
        self.feature_size
    }

    /// What was joined, if anything.
    pub fn annotations(&self) -> Option<&Path> {
        self.annotations.as_deref()
    }

    /// The files that were read, without those that were joined.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// By whose rule it is evaluated.
    pub fn kind(&self) -> EvaluationKind {
        self.kind
    }

    /// Why that rule, as a clause.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Group names, one a video.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Sentences about annotations that had to be left out.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// One video with its annotators joined.
    ///
    /// # Errors
    /// A sentence, where it cannot be read or its rule cannot be followed.
    pub fn read(&self, key: &str) -> Result<VideoRecord, EvaluationError> {
        let mut record = match &self.source {
            Source::Features(dataset) => dataset.read(key)?,
            Source::Ratings(records) => {
                let found = records.iter().find(|record| record.key == key);
                return found.cloned().ok_or_else(|| EvaluationError::Video {
                    path: self.path.clone(),
                    key: key.to_owned(),
                    reason: "it is missing".to_owned(),
                });
            }
        };
        let fault = |reason: String| EvaluationError::Video {
            path: self.path.clone(),
            key: key.to_owned(),
            reason,
        };
        if let Some(ratings) = &self.ratings {
            ratings
                .join(&mut record, self.kind, self.budget)
                .map_err(|reason| fault(format!("no annotations joined: {reason}")))?;
        }
        if let Some(what) = ratings::missing_for(self.kind, &record) {
            return Err(fault(format!(
                "it has no {what}, which {} is evaluated by",
                self.kind.title()
            )));
        }
        if record.features.is_empty() {
            return Err(fault("it has no features".to_owned()));
        }
        Ok(record)
    }
}

/// SHA-256 of features, lower-case hex: of the float32 values [N, D] row by row, little-endian.
/// What a bundle knows its training videos by, whatever a file calls them.
pub fn features_sha256(features: &Array2<f32>) -> String {
    let mut hasher = Sha256::new();
    for row in features.outer_iter() {
        let bytes: Vec<u8> = row.iter().flat_map(|value| value.to_le_bytes()).collect();
        hasher.update(&bytes);
    }
    hex(hasher.finalize())
}

/// Whether a bundle saw a video in training or chose its best state on it.
pub fn was_seen(training: Option<&TrainingRecord>, features_sha256: &str) -> bool {
    let Some(training) = training else {
        return false;
    };
    let seen: HashSet<&String> = training
        .train_keys
        .iter()
        .chain(&training.val_keys)
        .filter_map(|key| training.features_sha256.get(key))
        .collect();
    seen.iter().any(|sha256| sha256.as_str() == features_sha256)
}
