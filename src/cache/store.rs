//! A folder of entries with a size limit; the entry used longest ago goes first.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::files::hex;

/// Size limit where the person set none: about two hundred hours of video with their filmstrips.
pub const DEFAULT_LIMIT_BYTES: u64 = 2 << 30;

/// The file of an entry that holds the checksum of the others.
const CHECKSUM: &str = "sha256";
/// The file of an entry that its writer holds locked.
const LOCK: &str = "lock";
/// Names of entries that are being written begin so.
const WRITING: &str = ".writing-";
/// A half-written entry without a lock is taken for abandoned after so long.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Why the cache could not be read or written. Never a reason to stop: the result is computed
/// again.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("cannot use the cache folder {}: {source}; set XDG_CACHE_HOME to a folder that can be written", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot store an entry in the cache: {0}")]
    Encode(String),
}

/// How much the cache holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheUsage {
    pub entries: usize,
    pub bytes: u64,
}

/// The cache folder.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    limit_bytes: u64,
}

impl Store {
    /// The person's cache folder (`$XDG_CACHE_HOME/summdiff` on Linux), with the default limit.
    /// `None` where the system knows no such folder.
    pub fn for_user() -> Option<Self> {
        let dirs = directories::ProjectDirs::from("", "", "summdiff")?;
        Some(Self::at(dirs.cache_dir(), DEFAULT_LIMIT_BYTES))
    }

    pub fn at(root: &Path, limit_bytes: u64) -> Self {
        Self {
            root: root.to_owned(),
            limit_bytes,
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn limit_bytes(&self) -> u64 {
        self.limit_bytes
    }

    fn entries_dir(&self) -> PathBuf {
        self.root.join("features")
    }

    /// Folder of an entry, if it is there and holds what was written; marks it as used now. One
    /// that does not is removed.
    pub(super) fn entry(&self, key: &str) -> Option<PathBuf> {
        let dir = self.entries_dir().join(key);
        if !dir.is_dir() {
            return None;
        }
        let stated = fs::read_to_string(dir.join(CHECKSUM)).ok();
        let found = checksum(&dir).ok();
        if found.is_none() || stated.as_deref().map(str::trim) != found.as_deref() {
            log::warn!("cache entry {} is damaged and is made again", dir.display());
            self.forget(key);
            return None;
        }
        // The marker's time is the time of last use; failing to touch it only makes the entry look
        // older.
        let _ = fs::write(dir.join("used"), b"");
        Some(dir)
    }

    /// Removes an entry; one that cannot be removed is found damaged again.
    pub(super) fn forget(&self, key: &str) {
        let dir = self.entries_dir().join(key);
        if let Err(err) = fs::remove_dir_all(&dir) {
            log::warn!("cannot remove {}: {err}", dir.display());
        }
    }

    /// Writes an entry with `fill` into a temporary folder and moves it into place, then evicts
    /// down to the limit.
    pub(super) fn insert(
        &self,
        key: &str,
        fill: impl FnOnce(&Path) -> Result<(), CacheError>,
    ) -> Result<(), CacheError> {
        let entries = self.entries_dir();
        let io = |source| CacheError::Io {
            path: entries.clone(),
            source,
        };
        fs::create_dir_all(&entries).map_err(io)?;
        sweep(&entries);
        let (temporary, _lock) = begin(&entries).map_err(io)?;
        fill(temporary.path())?;
        let sum = checksum(temporary.path()).map_err(io)?;
        fs::write(temporary.path().join(CHECKSUM), sum).map_err(io)?;
        fs::write(temporary.path().join("used"), b"").map_err(io)?;
        let target = entries.join(key);
        if target.exists() {
            fs::remove_dir_all(&target).map_err(io)?;
        }
        match fs::rename(temporary.path(), &target) {
            Ok(()) => drop(temporary.keep()),
            // Another process was first, with the same content.
            Err(_) if target.is_dir() => {}
            Err(err) => return Err(io(err)),
        }
        self.evict(key)
    }

    /// Removes the entries used longest ago until the limit holds; the entry `keep` stays whatever
    /// its size.
    fn evict(&self, keep: &str) -> Result<(), CacheError> {
        let mut entries = self.list()?;
        let mut total: u64 = entries.iter().map(|entry| entry.bytes).sum();
        entries.sort_by_key(|entry| entry.used);
        for entry in entries {
            if total <= self.limit_bytes {
                break;
            }
            if entry.dir.file_name().is_some_and(|name| name == keep) {
                continue;
            }
            if fs::remove_dir_all(&entry.dir).is_ok() {
                total -= entry.bytes;
            }
        }
        Ok(())
    }

    /// How much is stored.
    ///
    /// # Errors
    /// When the folder exists and cannot be read.
    pub fn usage(&self) -> Result<CacheUsage, CacheError> {
        let entries = self.list()?;
        Ok(CacheUsage {
            entries: entries.len(),
            bytes: entries.iter().map(|entry| entry.bytes).sum(),
        })
    }

    /// Removes everything and says how much that was.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub fn clear(&self) -> Result<CacheUsage, CacheError> {
        let usage = self.usage()?;
        if self.root.exists() {
            fs::remove_dir_all(&self.root).map_err(|source| CacheError::Io {
                path: self.root.clone(),
                source,
            })?;
        }
        Ok(usage)
    }

    fn list(&self) -> Result<Vec<Entry>, CacheError> {
        let dir = self.entries_dir();
        let io = |source| CacheError::Io {
            path: dir.clone(),
            source,
        };
        if !dir.exists() {
            return Ok(Vec::new());
        }
        let mut entries = Vec::new();
        for item in fs::read_dir(&dir).map_err(io)? {
            let dir = item.map_err(io)?.path();
            if is_unfinished(&dir) {
                continue;
            }
            let Ok(files) = fs::read_dir(&dir) else {
                continue;
            };
            let bytes = files
                .filter_map(|file| Some(file.ok()?.metadata().ok()?.len()))
                .sum();
            let used = fs::metadata(dir.join("used"))
                .and_then(|meta| meta.modified())
                .unwrap_or(SystemTime::UNIX_EPOCH);
            entries.push(Entry { dir, bytes, used });
        }
        Ok(entries)
    }
}

/// Start of the names of files that are kept beside an entry.
pub(super) const BESIDE: &str = "kinds-";

/// SHA-256 over the names and contents of an entry's files, in hex; not over the marks of its use.
fn checksum(dir: &Path) -> std::io::Result<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)?
        .map(|item| Ok(item?.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        // What is kept beside an entry later has a sum of its own.
        if [CHECKSUM, LOCK, "used"].contains(&name.as_ref()) || name.starts_with(BESIDE) {
            continue;
        }
        let bytes = fs::read(&file)?;
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    Ok(hex(hash.finalize()))
}

fn is_unfinished(dir: &Path) -> bool {
    dir.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(WRITING))
}

/// A folder to write an entry into, and its lock. Another process may take the folder for one of a
/// killed writer while it is empty, and remove it; then another is made.
fn begin(entries: &Path) -> std::io::Result<(tempfile::TempDir, File)> {
    loop {
        let temporary = tempfile::Builder::new()
            .prefix(WRITING)
            .tempdir_in(entries)?;
        match File::create(temporary.path().join(LOCK)) {
            Ok(lock) => {
                // Where locks are not to be had, the age of the folder has to do.
                let _ = lock.lock();
                return Ok((temporary, lock));
            }
            Err(err) if err.kind() == std::io::ErrorKind::NotFound && entries.is_dir() => {}
            Err(err) => return Err(err),
        }
    }
}

/// Removes what killed runs left half-written: their locks are free. Folders without a lock have
/// perhaps only just been made.
fn sweep(entries: &Path) {
    let Ok(found) = fs::read_dir(entries) else {
        return;
    };
    for dir in found.filter_map(|item| Some(item.ok()?.path())) {
        if !is_unfinished(&dir) {
            continue;
        }
        let lock = File::open(dir.join(LOCK));
        if lock.is_err() && fs::remove_dir(&dir).is_ok() {
            // It was empty: its writer was killed before it made its lock, or is alive and makes
            // another.
            continue;
        }
        let abandoned = match &lock {
            Ok(lock) => lock.try_lock().is_ok(),
            Err(_) => (dir.metadata().and_then(|found| found.modified()))
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > ABANDONED)),
        };
        if abandoned {
            // What stays is tried again by the next run.
            let _ = fs::remove_dir_all(&dir);
        }
    }
}

struct Entry {
    dir: PathBuf,
    bytes: u64,
    used: SystemTime,
}
