//! Bundles as archives: unpacked once into the cache, within limits of size and number and never
//! outside their folder.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::MANIFEST;
use crate::domain::repairs::one_line;
use crate::inference::error::BundleError;
use crate::inference::places;
use crate::reading;

/// What an archive may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArchiveLimits {
    entries: usize,
    bytes: u64,
    /// Unpacked bytes for each packed one, above a first megabyte.
    ratio: u64,
}

pub(super) const ARCHIVE_LIMITS: ArchiveLimits = ArchiveLimits {
    entries: 64,
    bytes: 4 << 30,
    ratio: 100,
};

pub(super) fn unpacked_folder() -> PathBuf {
    places::user_data_dir()
        .unwrap_or_else(std::env::temp_dir)
        .join("unpacked")
}

/// Unpacks an archive into `folder/<hash of the archive>` once, and returns the folder that holds
/// the manifest.
pub(super) fn unpack(
    archive: &Path,
    folder: &Path,
    limits: ArchiveLimits,
) -> Result<PathBuf, BundleError> {
    let unsafe_because = |reason: String| BundleError::Archive {
        path: archive.to_owned(),
        reason: one_line(&reason),
    };
    let failed = |err: std::io::Error| unsafe_because(format!("it cannot be unpacked ({err})"));
    let mut file = reading::open(archive).map_err(|err| BundleError::Unreadable {
        path: archive.to_owned(),
        reason: err.to_string(),
    })?;
    let mut hasher = Sha256::new();
    let packed_bytes = std::io::copy(&mut file, &mut hasher).map_err(failed)?;
    let target = folder.join(format!("{:x}", hasher.finalize()));
    if let Some(done) = manifest_folder(&target) {
        return Ok(done);
    }
    let mut zip = zip::ZipArchive::new(file).map_err(|err| {
        unsafe_because(format!(
            "it is not a .zip file ({err}); pack the bundle folder again"
        ))
    })?;
    if zip.len() > limits.entries {
        return Err(unsafe_because(format!(
            "it holds {} entries, more than {}",
            zip.len(),
            limits.entries
        )));
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    let partial = tempfile::tempdir_in(folder).map_err(failed)?;
    let limit = limits
        .bytes
        .min(packed_bytes.saturating_mul(limits.ratio).max(1 << 20));
    let mut unpacked = 0u64;
    for index in 0..zip.len() {
        let entry = zip
            .by_index(index)
            .map_err(|err| unsafe_because(format!("entry {index} is damaged ({err})")))?;
        let Some(relative) = entry.enclosed_name() else {
            return Err(unsafe_because(format!(
                "its entry \"{}\" leads out of the folder",
                entry.name()
            )));
        };
        if entry.is_symlink() {
            return Err(unsafe_because(format!(
                "its entry \"{}\" is a link",
                entry.name()
            )));
        }
        if entry.is_dir() {
            continue;
        }
        let path = partial.path().join(relative);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        let mut out = File::create(&path).map_err(failed)?;
        // Counted by what comes out: the sizes an archive states may be false.
        unpacked +=
            std::io::copy(&mut entry.take(limit - unpacked + 1), &mut out).map_err(failed)?;
        out.flush().map_err(failed)?;
        if unpacked > limit {
            return Err(unsafe_because(format!(
                "it unpacks to more than {} MiB, far more than a bundle of its size can",
                limit >> 20
            )));
        }
    }
    if manifest_folder(partial.path()).is_none() {
        return Err(unsafe_because("it holds no bundle.json".to_owned()));
    }
    // Another process may have been first; its result is the same.
    if std::fs::rename(partial.path(), &target).is_ok() {
        let _ = partial.keep();
    }
    manifest_folder(&target)
        .ok_or_else(|| unsafe_because(format!("it cannot be unpacked into {}", folder.display())))
}

/// The folder itself or its only sub-folder level that holds a manifest.
fn manifest_folder(dir: &Path) -> Option<PathBuf> {
    if dir.join(MANIFEST).is_file() {
        return Some(dir.to_owned());
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)
        .ok()?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.join(MANIFEST).is_file())
        .collect();
    entries.sort();
    entries.into_iter().next()
}
