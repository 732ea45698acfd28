//! Removes temporaries that a killed run left. Never touches those of a run that lives, nor
//! anything of another name.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::Mutex;

use super::{LOCK_NAME, PREFIX, SUFFIX};

/// Where the file system knows no locks, a temporary that nobody wrote to for so long is taken for
/// abandoned.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Removes abandoned temporaries from a folder. What cannot be removed stays; nobody depends on it.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let Some(kind) = name.to_str().and_then(temporary) else {
            continue;
        };
        let path = entry.path();
        let Ok(found) = path.symlink_metadata() else {
            continue;
        };
        let old = (found.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age > ABANDONED));
        let lock = if found.is_dir() {
            File::open(path.join(LOCK_NAME))
        } else {
            File::open(&path)
        };
        let abandoned = match (kind, &lock) {
            (Kind::Locked, Ok(lock)) => is_abandoned(lock, old),
            // A folder without its lock has perhaps only just been made.
            _ => old,
        };
        if found.is_dir() && lock.is_err() {
            // Only if it is empty: killed before it made its lock, or alive, and then the writer
            // makes another.
            let _ = fs::remove_dir(&path);
        }
        // Removed while the lock is held, so that no writer takes it up meanwhile.
        let _ = match abandoned {
            true if found.is_dir() => fs::remove_dir_all(&path),
            true => fs::remove_file(&path),
            false => Ok(()),
        };
    }
}

/// [`sweep`], for each folder the first time that this process writes there.
pub(super) fn once(folder: &Path) {
    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let folder = folder
        .canonicalize()
        .unwrap_or_else(|_| folder.to_path_buf());
    if SWEPT.lock().insert(folder.clone()) {
        sweep(&folder);
    }
}

fn is_abandoned(file: &File, old: bool) -> bool {
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => old,
    }
}

enum Kind {
    /// Locked by its writer for as long as that lives.
    Locked,
    /// Of a version that locked none.
    Plain,
}

/// What sort of temporary a name is that of, if any.
fn temporary(name: &str) -> Option<Kind> {
    let rest = name.strip_prefix(PREFIX)?;
    let (drawn, ending) = rest.split_at_checked(6)?;
    if !drawn.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    match ending {
        ".tmp" => Some(Kind::Plain),
        _ if ending == SUFFIX || ending.starts_with(".part.") => Some(Kind::Locked),
        _ => None,
    }
}
