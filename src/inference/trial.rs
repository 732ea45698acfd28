//! Trying out a stranger's networks in a process of its own ([`crate::confined`]) before this one
//! loads them. A bundle that stood the trial is remembered by its hash and the runtime's version.

use std::path::Path;

use super::bundle::Bundle;
use super::error::BundleError;
use super::runtime::Runtime;
use super::{Extractor, Network, Scorer};
use crate::confined::{self, Failure, MOST_BYTES, MOST_SECS};
use crate::domain::DevicePreference;

/// The kind of confined work.
pub const TRIAL: &str = "bundle";
/// Copies of a file's weights that loading makes.
const COPIES: u64 = 3;

/// Tries a bundle's networks, unless they were tried before.
///
/// # Errors
/// [`BundleError::Trial`] or [`BundleError::Tried`] with what happened.
pub(super) fn check(bundle: &Bundle) -> Result<(), BundleError> {
    let runtime = Runtime::get()?;
    let key = format!("{}-{}", bundle.sha256(), runtime.version());
    confined::once(TRIAL, bundle.dir(), &key).map_err(|failure| match failure {
        Failure::Said(words) => BundleError::Tried(words),
        Failure::Ended(reason) => BundleError::Trial {
            path: bundle.dir().to_owned(),
            reason,
            mb: memory(bundle) >> 20,
            secs: MOST_SECS,
        },
    })
}

/// The trial itself, in the process that was started for it.
///
/// # Errors
/// What is wrong with the bundle, as a sentence.
pub fn serve(path: &Path) -> Result<(), String> {
    tried(path).map_err(|err| {
        let words = err.to_string();
        match ["alloc", "memory"].iter().any(|word| words.contains(word)) {
            true => format!(
                "{words}; while it is tried, a bundle may use {} MB of memory beyond its own files",
                MOST_BYTES >> 20
            ),
            false => words,
        }
    })
}

fn tried(path: &Path) -> Result<(), BundleError> {
    let bundle = Bundle::open_unchecked(path)?;
    confined::confine(memory(&bundle), MOST_SECS);
    let device = DevicePreference::Cpu;
    let manifest = bundle.manifest();
    if manifest.extractor.is_some() {
        Extractor::open(&bundle, device)?;
    }
    if manifest.encoder.is_some() {
        Network::open(&bundle, device)?;
    }
    if manifest.scorer.is_some() {
        Scorer::open(&bundle, device)?.try_out()?;
    }
    Ok(())
}

/// Memory that trying a bundle may take.
fn memory(bundle: &Bundle) -> u64 {
    let size = |file: &String| {
        let meta = std::fs::metadata(bundle.path(file));
        meta.map_or(0, |meta| meta.len())
    };
    let files: u64 = bundle.manifest().files.keys().map(size).sum();
    MOST_BYTES.saturating_add(files.saturating_mul(COPIES))
}
