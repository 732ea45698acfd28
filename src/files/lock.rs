//! Locks between processes. The system gives them back however a process ends, so that a killed run stands in nobody's way.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use super::{folder_of, make_folder};

/// The right to something, had by one process at a time. Given back when dropped, and when the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock that goes by the name of a file, which is made and holds the number of the process; `None` while
    /// another has it.
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
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(std::process::id().to_string().as_bytes())?;
            return Ok(Some(Self {
                file,
                path: path.to_owned(),
            }));
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still locked, so that nobody holds a lock on a file without a name.
        let _ = fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

/// The number of the process that [`Lock::try_take`] found in its way, for a person to read.
pub fn owner(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
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
