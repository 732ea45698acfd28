//! Locks between processes. The system gives them back however a process ends, so that a killed run
//! stands in nobody's way.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{folder_of, make_folder};

/// The right to something, had by one process at a time. Given back when dropped, and when the
/// process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// Who has a lock, for a person to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    pub process: u32,
    /// When it took the lock, in seconds since 1970; 0 where that is not said.
    pub since_secs: u64,
}

impl Lock {
    /// Takes the lock that goes by the name of a file, which is made and says who has it; `None`
    /// while another has it.
    ///
    /// # Errors
    /// When the file cannot be made, or the file system knows no locks.
    pub fn try_take(path: &Path) -> io::Result<Option<Self>> {
        make_folder(folder_of(path))?;
        loop {
            let mut file = File::options()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(err)) => return Err(err),
            }
            // Its last owner may have removed the file between the two steps.
            if !is_linked(&file)? {
                continue;
            }
            // A full disk takes no words, but it has the lock.
            if let Err(err) = sign(&mut file) {
                log::warn!("{}: {err}", path.display());
            }
            return Ok(Some(Self {
                file,
                path: path.to_owned(),
            }));
        }
    }

    /// Whether the lock's file is still the one of its name: on a disk that vanished it is not, nor
    /// where a person removed it.
    pub fn is_in_place(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let identity = |found: fs::Metadata| (found.dev(), found.ino());
            match (self.file.metadata(), fs::metadata(&self.path)) {
                (Ok(mine), Ok(there)) => identity(mine) == identity(there),
                _ => false,
            }
        }
        #[cfg(not(unix))]
        {
            // Open files cannot be removed there.
            self.path.exists()
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still locked, so that nobody holds a lock on a file without a name; and not
        // the file of another.
        if self.is_in_place() {
            let _ = fs::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(format!("{}\n{since}\n", std::process::id()).as_bytes())
}

/// Who has the lock that [`Lock::try_take`] found taken.
pub fn owner(path: &Path) -> Option<Owner> {
    let said = fs::read_to_string(path).ok()?;
    let mut lines = said.lines();
    Some(Owner {
        process: lines.next()?.trim().parse().ok()?,
        since_secs: (lines.next()).map_or(0, |since| since.trim().parse().unwrap_or(0)),
    })
}

/// Whether anybody has the lock of a name now. Takes nothing, and makes no file.
pub fn is_locked(path: &Path) -> bool {
    File::open(path)
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether a file still has a name.
pub(super) fn is_linked(file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Ok(file.metadata()?.nlink() > 0)
    }
    #[cfg(not(unix))]
    {
        // Open files cannot be removed there.
        let _ = file;
        Ok(true)
    }
}
