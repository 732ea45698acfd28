//! The right to write a draft or a project: a lock that this process has, could not have yet, or
//! gave to another window.
//!
//! A disk that is full, read-only or gone refuses the file of a lock as it refuses everything else.
//! That must not end the window's work: the lock is asked for again before each writing, but a
//! folder that vanished is not made up for it. Another window asks for the right by a lock of its
//! own beside this one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::files::{self, Lock, Owner};

/// Ending of the lock by which another window asks.
const ASKING: &str = "asked";

/// The right to write one file. Clones share it.
#[derive(Clone, Debug)]
pub struct Lease(Arc<Inner>);

/// A lease that keeps nobody out: only who holds the [`Lease`] itself does.
#[derive(Clone, Debug)]
pub struct WeakLease(Weak<Inner>);

impl WeakLease {
    /// Whether this window still has it.
    pub fn is_held(&self) -> bool {
        (self.0.upgrade()).is_some_and(|inner| !Lease(inner).is_lost())
    }
}

#[derive(Debug)]
struct Inner {
    lock: PathBuf,
    standing: Mutex<Standing>,
    /// Whether the folder was there once.
    had_folder: AtomicBool,
}

#[derive(Debug)]
enum Standing {
    Held(Lock),
    /// The file system knows no locks, or takes no file now.
    Without,
    /// Another window has it.
    Lost,
}

impl Lease {
    /// Takes the lock of a name; `None` while another window has it.
    pub fn take(lock: &Path) -> Option<Self> {
        let standing = match Lock::try_take(lock) {
            Ok(Some(lock)) => Standing::Held(lock),
            Ok(None) => return None,
            Err(err) => {
                log::warn!("{}: {err}", lock.display());
                Standing::Without
            }
        };
        Some(Self(Arc::new(Inner {
            lock: lock.to_path_buf(),
            standing: Mutex::new(standing),
            had_folder: AtomicBool::new(files::folder_of(lock).is_dir()),
        })))
    }

    /// Whether this window may write now. Takes a lock that could not be had before, or whose file
    /// is gone.
    pub fn renew(&self) -> bool {
        let mut standing = self.0.standing.lock();
        let again = match &*standing {
            Standing::Held(lock) => !lock.is_in_place(),
            Standing::Without => true,
            Standing::Lost => return false,
        };
        let has_folder = files::folder_of(&self.0.lock).is_dir();
        let had_folder = self.0.had_folder.fetch_or(has_folder, Ordering::Relaxed);
        if again && (has_folder || !had_folder) {
            match Lock::try_take(&self.0.lock) {
                Ok(Some(lock)) => {
                    self.0.had_folder.store(true, Ordering::Relaxed);
                    *standing = Standing::Held(lock);
                }
                Ok(None) => *standing = Standing::Lost,
                Err(_) => {}
            }
        }
        !matches!(*standing, Standing::Lost)
    }

    /// Whether another window has it now.
    pub fn is_lost(&self) -> bool {
        matches!(*self.0.standing.lock(), Standing::Lost)
    }

    pub fn downgrade(&self) -> WeakLease {
        WeakLease(Arc::downgrade(&self.0))
    }

    /// Whether another window asks for it.
    pub fn is_asked_for(&self) -> bool {
        is_asked_for(&self.0.lock)
    }

    /// Lets another window have it. What was written must be on the disk.
    pub fn give(&self) {
        *self.0.standing.lock() = Standing::Lost;
    }
}

/// Whether a window asks for what a lock stands for.
pub fn is_asked_for(lock: &Path) -> bool {
    files::is_locked(&asking(lock))
}

/// Asks the window that has a lock to save and to give it up, until what is returned is dropped;
/// `None` while another window asks.
///
/// # Errors
/// When the folder cannot be written.
pub fn ask(lock: &Path) -> io::Result<Option<Lock>> {
    Lock::try_take(&asking(lock))
}

/// Who has a lock now; `None` where nobody has.
pub fn holder(lock: &Path) -> Option<Owner> {
    files::is_locked(lock).then(|| files::owner(lock).unwrap_or_default())
}

fn asking(lock: &Path) -> PathBuf {
    lock.with_extension(ASKING)
}
