//! Measurements kept between runs, so that a long evaluation that was interrupted goes on where it
//! was.
//!
//! Lines are appended to one file; a line that a kill cut short is skipped when it is read again.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{EvaluatedMethod, EvaluationPlan};
use crate::analysis::evaluation::VideoEvaluation;
use crate::files::hex;

/// Goes up when a measure becomes another, so that earlier measurements hold no more.
const RULES: u32 = 2;

/// Largest file that is read again.
const MOST_BYTES: u64 = 1 << 30;

/// Measurements by what they depend on. Without a file they are kept for this run alone.
#[derive(Debug, Default)]
pub struct Measured {
    known: HashMap<String, VideoEvaluation>,
    file: Option<std::fs::File>,
    /// What all depend on beside method, video and seed: the data's hashes.
    data: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    id: String,
    measured: VideoEvaluation,
}

impl Measured {
    /// Reads what a file holds and appends to it from now on. `data`: hashes of what is evaluated.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn open(path: &Path, data: String) -> std::io::Result<Self> {
        let mut known = HashMap::new();
        if path.exists() {
            let text = crate::reading::read_text(path, MOST_BYTES)?;
            for line in text.lines() {
                if let Ok(line) = serde_json::from_str::<Line>(line) {
                    known.insert(line.id, line.measured);
                }
            }
        }
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)?;
        // After a line that was cut short.
        writeln!(file)?;
        Ok(Self {
            known,
            file: Some(file),
            data,
        })
    }

    /// Number of measurements that are there.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn id(
        &self,
        method: &EvaluatedMethod,
        plan: &EvaluationPlan,
        key: &str,
        seed: u64,
    ) -> String {
        let params = &plan.params;
        let text = format!(
            "{}|{RULES}|{}|{}|{:?}|{:?}|{:?}|{}|{}|{}|{}|{seed}|{key}",
            env!("CARGO_PKG_VERSION"),
            self.data,
            method.name(),
            method.bundle().map(|bundle| &bundle.sha256),
            method.settings(),
            params.variant,
            params.kind.name(),
            params.threshold,
            params.budget,
            plan.samples,
        );
        hex(Sha256::digest(text))
    }

    pub(super) fn get(&self, id: &str) -> Option<VideoEvaluation> {
        self.known.get(id).cloned()
    }

    pub(super) fn put(&mut self, id: String, measured: &VideoEvaluation) {
        let Some(file) = &mut self.file else { return };
        let line = Line {
            id,
            measured: measured.clone(),
        };
        // What cannot be kept is measured again next time.
        let kept = serde_json::to_string(&line)
            .map_err(std::io::Error::other)
            .and_then(|line| writeln!(file, "{line}"));
        if let Err(error) = kept {
            log::warn!("measurements are not kept: {error}");
            self.file = None;
        }
        self.known.insert(line.id, line.measured);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cut_short_costs_that_line_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("measured.jsonl");
        let of = |tau: f64| VideoEvaluation {
            tau: Some(tau),
            match_ratio: vec![Some(0.5), None],
            ..VideoEvaluation::default()
        };
        let mut measured = Measured::open(&path, "data".into()).unwrap();
        measured.put("a".into(), &of(0.25));
        measured.put("b".into(), &of(0.5));
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.truncate(text.len() - 20);
        std::fs::write(&path, text).unwrap();
        let mut again = Measured::open(&path, "data".into()).unwrap();
        assert_eq!(again.get("a"), Some(of(0.25)));
        assert_eq!(again.get("b"), None);
        again.put("b".into(), &of(0.5));
        assert_eq!(Measured::open(&path, "data".into()).unwrap().len(), 2);
    }

    #[test]
    fn numbers_come_back_to_the_last_digit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("measured.jsonl");
        let mut measured = Measured::open(&path, "data".into()).unwrap();
        let of = |at: usize| VideoEvaluation {
            match_ratio: (1..500)
                .map(|n| Some((at * 500 + n) as f64).map(|x| x.sin() / x.sqrt()))
                .collect(),
            ..VideoEvaluation::default()
        };
        measured.put("a".into(), &of(0));
        measured.put("b".into(), &of(1));
        let again = Measured::open(&path, "data".into()).unwrap();
        assert_eq!(again.get("a"), Some(of(0)));
        assert_eq!(again.get("b"), Some(of(1)));
    }
}
