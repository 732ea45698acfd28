//! A folder of entries with a size limit; the entry used longest ago goes first.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Size limit where the person set none: about two hundred hours of video with their filmstrips.
pub const DEFAULT_LIMIT_BYTES: u64 = 2 << 30;

/// Why the cache could not be read or written. Never a reason to stop: the result is computed again.
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

    /// Folder of an entry, if it is there; marks it as used now.
    pub(super) fn entry(&self, key: &str) -> Option<PathBuf> {
        let dir = self.entries_dir().join(key);
        if !dir.is_dir() {
            return None;
        }
        // The marker's time is the time of last use; failing to touch it only makes the entry look older.
        let _ = fs::write(dir.join("used"), b"");
        Some(dir)
    }

    /// Writes an entry with `fill` into a temporary folder and moves it into place, then evicts down to the limit.
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
        let temporary = tempfile::Builder::new()
            .prefix(".writing-")
            .tempdir_in(&entries)
            .map_err(io)?;
        fill(temporary.path())?;
        fs::write(temporary.path().join("used"), b"").map_err(io)?;
        let target = entries.join(key);
        if target.exists() {
            fs::remove_dir_all(&target).map_err(io)?;
        }
        fs::rename(temporary.keep(), &target).map_err(io)?;
        self.evict(key)
    }

    /// Removes the entries used longest ago until the limit holds; the entry `keep` stays whatever its size.
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

struct Entry {
    dir: PathBuf,
    bytes: u64,
    used: SystemTime,
}
