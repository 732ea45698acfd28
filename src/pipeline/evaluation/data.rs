//! A data set to evaluate on: its rule, its annotators' ratings, and which of its videos a bundle was trained on.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use sha2::{Digest, Sha256};

use super::EvaluationError;
use crate::annotations::dataset::Dataset;
use crate::annotations::ratings::{self, Guess, Ratings};
use crate::domain::EvaluationKind;
use crate::domain::VideoRecord;
use crate::inference::manifest::TrainingRecord;
use crate::jobs::CancelToken;

/// A data set of features whose rule is known and can be followed.
#[derive(Debug)]
pub struct EvaluationData {
    dataset: Dataset,
    path: PathBuf,
    kind: EvaluationKind,
    reason: String,
    ratings: Option<Ratings>,
    budget: f64,
}

impl EvaluationData {
    /// Opens a data set. `kind` overrules what its content says; `annotations` holds the ratings or picks that it lacks.
    ///
    /// # Errors
    /// When a file cannot be read, or the rule asks for annotations that are neither in the file nor given.
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
        let ratings = match annotations {
            Some(annotations) => Some(Ratings::open(annotations, cancel)?),
            None => None,
        };
        let lacking: Vec<(&VideoRecord, &str)> = outlines
            .iter()
            .filter_map(|record| Some((record, ratings::missing_for(kind, record)?)))
            .collect();
        if ratings.is_none()
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
            dataset,
            path: path.to_owned(),
            kind,
            reason,
            ratings,
            budget,
        })
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
        self.dataset.keys()
    }

    /// Sentences about annotations that had to be left out.
    pub fn warnings(&self) -> &[String] {
        self.ratings
            .as_ref()
            .map_or(&[], |ratings| &ratings.warnings)
    }

    /// One video with its annotators joined.
    ///
    /// # Errors
    /// A sentence, where it cannot be read or its rule cannot be followed.
    pub fn read(&self, key: &str) -> Result<VideoRecord, EvaluationError> {
        let mut record = self.dataset.read(key)?;
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

/// SHA-256 of features, lower-case hex: of the float32 values [N, D] row by row, little-endian. What a bundle knows its training
/// videos by, whatever a file calls them.
pub fn features_sha256(features: &Array2<f32>) -> String {
    let mut hasher = Sha256::new();
    for row in features.outer_iter() {
        let bytes: Vec<u8> = row.iter().flat_map(|value| value.to_le_bytes()).collect();
        hasher.update(&bytes);
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
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
