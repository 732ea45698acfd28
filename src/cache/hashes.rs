//! Remembers the content hash of files that have not changed, by path, size and time of last
//! change.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::store::Store;
use crate::files;

/// So many files are remembered; the ones asked for longest ago are forgotten.
const REMEMBERED: usize = 512;

/// The memory of content hashes, one small JSON file in the cache folder.
#[derive(Clone, Debug)]
pub struct HashMemo {
    file: PathBuf,
}

#[derive(Default, Serialize, Deserialize)]
struct Table {
    clock: u64,
    files: BTreeMap<String, Known>,
}

#[derive(Serialize, Deserialize)]
struct Known {
    size: u64,
    modified_nanos: u128,
    sha256: String,
    used: u64,
}

impl HashMemo {
    pub fn of(store: &Store) -> Self {
        Self {
            file: store.root().join("hashes.json"),
        }
    }

    /// The hash of an unchanged file; `None` where it is not known or the file changed.
    pub fn get(&self, path: &Path) -> Option<String> {
        let (key, size, modified_nanos) = identity(path)?;
        let table = self.read();
        let known = table.files.get(&key)?;
        (known.size == size && known.modified_nanos == modified_nanos).then(|| known.sha256.clone())
    }

    /// Remembers a hash. Failing to is no fault: it is computed again.
    pub fn put(&self, path: &Path, sha256: &str) {
        let Some((key, size, modified_nanos)) = identity(path) else {
            return;
        };
        let mut table = self.read();
        table.clock += 1;
        let used = table.clock;
        let known = Known {
            size,
            modified_nanos,
            sha256: sha256.to_owned(),
            used,
        };
        table.files.insert(key, known);
        while table.files.len() > REMEMBERED {
            let oldest = table.files.iter().min_by_key(|(_, known)| known.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            table.files.remove(&oldest);
        }
        if let Err(err) = self.write(&table) {
            log::warn!(
                "cannot remember content hashes in {}: {err}",
                self.file.display()
            );
        }
    }

    fn read(&self) -> Table {
        fs::read(&self.file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    fn write(&self, table: &Table) -> anyhow::Result<()> {
        files::make_folder(files::folder_of(&self.file))?;
        files::write(&self.file, &serde_json::to_vec(table)?)?;
        Ok(())
    }
}

fn identity(path: &Path) -> Option<(String, u64, u128)> {
    let path = fs::canonicalize(path).ok()?;
    let meta = fs::metadata(&path).ok()?;
    let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((
        path.to_string_lossy().into_owned(),
        meta.len(),
        modified.as_nanos(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_not_known() {
        let dir = tempfile::tempdir().unwrap();
        let memo = HashMemo::of(&Store::at(&dir.path().join("cache"), 0));
        let file = dir.path().join("film.mp4");
        fs::write(&file, b"one").unwrap();
        assert_eq!(memo.get(&file), None);
        memo.put(&file, "abc");
        assert_eq!(memo.get(&file).as_deref(), Some("abc"));
        fs::write(&file, b"longer").unwrap();
        assert_eq!(memo.get(&file), None);
    }
}
