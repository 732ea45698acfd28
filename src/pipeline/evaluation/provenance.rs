//! What an evaluation's numbers come from, so that they can be made again. Writes nothing.

use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{EvaluatedMethod, EvaluationData, EvaluationError, EvaluationPlan};
use crate::domain::{BundleRef, Variant};
use crate::files::hex;
use crate::jobs::CancelToken;
use crate::media;

/// Where a table's numbers come from, in the form that `evaluate --json` states.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableProvenance {
    /// Of the program.
    pub version: String,
    /// The first bundle; the rows name theirs.
    pub bundle: Option<BundleRef>,
    pub dataset: FileProvenance,
    /// File that was joined; empty without.
    pub annotations: String,
    /// Of its content; empty without.
    pub annotations_sha256: String,
    /// By whose rule.
    pub protocol: &'static str,
    pub seed: u64,
    pub seeds: u64,
    pub samples: usize,
    /// Of the first bundle.
    pub steps: Option<usize>,
    pub guidance: Option<f64>,
    pub eta: Option<f64>,
    pub variant: Variant,
    pub budget: f64,
    pub threshold: f64,
}

/// A file by name and content.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FileProvenance {
    pub path: String,
    pub sha256: String,
}

impl TableProvenance {
    /// Hashes the data set and what was joined, and notes the settings in force.
    ///
    /// # Errors
    /// When a file cannot be read any more, or the work was cancelled.
    pub fn of(
        data: &EvaluationData,
        methods: &[EvaluatedMethod],
        plan: &EvaluationPlan,
        cancel: &CancelToken,
    ) -> Result<Self, EvaluationError> {
        let first = methods.iter().find(|method| method.bundle().is_some());
        let settings = first.and_then(EvaluatedMethod::settings);
        let joined = match data.annotations() {
            Some(path) => Some((name_of(path), sha256_of(&files_below(path), cancel)?)),
            None => None,
        };
        let (annotations, annotations_sha256) = joined.unwrap_or_default();
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            bundle: first.and_then(EvaluatedMethod::bundle).cloned(),
            dataset: FileProvenance {
                path: name_of(data.path()),
                sha256: sha256_of(data.files(), cancel)?,
            },
            annotations,
            annotations_sha256,
            protocol: data.kind().name(),
            seed: plan.seed,
            seeds: plan.seeds,
            samples: plan.samples,
            steps: settings.and_then(|settings| settings.steps),
            guidance: settings.and_then(|settings| settings.guidance),
            eta: settings.and_then(|settings| settings.eta),
            variant: plan.params.variant,
            budget: plan.params.budget,
            threshold: plan.params.threshold,
        })
    }

    /// As JSON on one line.
    pub fn to_json(&self) -> String {
        // Plain data with string keys: serde_json cannot fail on it.
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The file, or a folder's files in the order of their names.
fn files_below(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(path) else {
        return vec![path.to_owned()];
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

/// Of one file's content; of several the hash of the lines "SHA-256 NAME", as `sha256sum` prints
/// them.
fn sha256_of(files: &[PathBuf], cancel: &CancelToken) -> Result<String, EvaluationError> {
    let hash = |path: &PathBuf| {
        media::content_hash(path, cancel).map_err(|err| {
            if err.is_cancelled() {
                EvaluationError::Cancelled
            } else {
                EvaluationError::Pipeline(err.into())
            }
        })
    };
    if let [file] = files {
        return hash(file);
    }
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(format!("{}  {}\n", hash(file)?, name_of(file)));
    }
    Ok(hex(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_hashed_as_a_list_of_sums() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b", "a"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let files = files_below(dir.path());
        let found = sha256_of(&files, &CancelToken::new()).unwrap();
        // printf a > a; printf b > b; sha256sum a b | sha256sum
        assert_eq!(
            found,
            "cb13f400dcb618e400d0f7d54f7cdb330d37a07272cb99a1016cda5830a10556"
        );
    }
}
