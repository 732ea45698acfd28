//! A file is written whole or not at all: a temporary file in the same folder, flushed to the disk,
//! then renamed.
//!
//! Everything the program writes for keeps goes through here. After a kill, a full disk or a power
//! cut a name holds its old content or its new one. A link is followed and stays, rights are kept,
//! and a file that was made read-only is not replaced. What a killed run left in a folder is
//! removed by the next one that writes there. Knows nothing of formats, and makes no folders unless
//! asked to: one that vanished (an unplugged disk) must not come into being again somewhere else.

mod hash;
mod lock;
mod names;
mod sweep;
#[cfg(all(test, unix))]
mod tests;
mod typed;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tempfile::{Builder, TempDir, TempPath};

pub use hash::{hex, sha256_of};
pub use lock::{Lock, Owner, is_locked, owner};
pub use names::{folder_of, free_path, numbered, same_file, with_ending};
pub use sweep::sweep;
pub use typed::{is_whole_path, typed_path};

/// Temporary names begin so; the six letters behind it are drawn.
const PREFIX: &str = ".summdiff-";
/// … and go on so.
const SUFFIX: &str = ".part";
/// The file in a temporary folder that says that its writer lives.
const LOCK_NAME: &str = "lock";
/// Temporaries of this process, for an end that runs no destructors.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
/// Links that are followed before they are taken for a ring, as Linux does.
const MAX_LINKS: usize = 40;

/// What becomes of a file that has the name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    Replace,
    /// Nothing is written, and the error is of the kind [`ErrorKind::AlreadyExists`].
    Refuse,
}

/// Writes a file whole, or leaves the old one.
///
/// # Errors
/// What the system says, or that the file there is read-only.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(path, |out| out.write_all(bytes))
}

/// Writes a file whole through a buffer. Devices and pipes are written as they are: a rename would
/// put a file in their place.
///
/// # Errors
/// As [`write`], or what `write` says.
pub fn write_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if is_special(path) {
        return buffered(File::options().write(true).open(path)?, write);
    }
    let staged = Staged::beside(path, Existing::Replace)?;
    buffered(staged.lock.try_clone()?, write)?;
    staged.commit().map(drop)
}

/// Writes a file whole by a library that opens it by name and may lock it, as HDF5 does.
///
/// # Errors
/// As [`write`], or what `write` says.
pub fn write_by_name<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let staged = Staged::apart(path, Existing::Replace)?;
    write(staged.path())?;
    staged.commit()?;
    Ok(())
}

/// Makes a folder and those above it that are not there, so that they are still there after a power
/// cut.
///
/// # Errors
/// What the system says.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let above = folder_of(folder);
    make_folder(above)?;
    match fs::create_dir(folder) {
        Err(err) if err.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(err) => Err(err),
        Ok(()) => sync_folder(above),
    }
}

/// Whether a file could be written now: the checks of [`Staged::beside`], without leaving anything.
///
/// # Errors
/// As [`write`].
pub fn check_writable(path: &Path) -> io::Result<()> {
    if is_special(path) {
        return Ok(());
    }
    Staged::beside(path, Existing::Replace).map(drop)
}

/// SHA-256 of a file's content; `None` where there is no file. To tell whether another program
/// changed it.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn digest(path: &Path) -> io::Result<Option<[u8; 32]>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(Sha256::digest(&bytes).into())),
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err),
    }
}

/// Makes sure that the names in a folder are on the disk. File systems that cannot do without.
///
/// # Errors
/// When the disk fails.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(err)
            if !matches!(
                err.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied
            ) =>
        {
            Err(err)
        }
        _ => Ok(()),
    }
}

/// Removes the temporaries of this process, which is about to end without unwinding.
pub fn remove_unfinished() {
    for path in std::mem::take(&mut *UNFINISHED.lock()) {
        // What stays behind is removed by the next writer in the folder.
        let _ = match path.is_dir() {
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        };
    }
}

/// A file under construction. Dropped without [`Staged::commit`], it leaves nothing; after a kill
/// its lock is free, and the next writer in the folder removes it.
#[derive(Debug)]
pub struct Staged {
    // Dropped in this order: what is locked is removed before the lock is given back.
    temp: TempPath,
    apart: Option<TempDir>,
    lock: File,
    target: PathBuf,
    existing: Existing,
    _listed: Listed,
}

/// An entry of [`UNFINISHED`].
#[derive(Debug)]
struct Listed(PathBuf);

impl Listed {
    fn new(path: &Path) -> Self {
        UNFINISHED.lock().insert(path.to_path_buf());
        Self(path.to_path_buf())
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        UNFINISHED.lock().remove(&self.0);
    }
}

impl Staged {
    /// Checks what can be checked before the work, and makes an empty temporary file in the folder
    /// of the target.
    ///
    /// # Errors
    /// When the folder is not there or cannot be written, the target is a folder or read-only, or
    /// is there and must not be.
    pub fn beside(path: &Path, existing: Existing) -> io::Result<Self> {
        let target = checked(path, existing)?;
        let suffix = suffix_of(&target);
        let (temp, lock) = until_locked(|| {
            let mut builder = Builder::new();
            builder.prefix(PREFIX).suffix(&suffix);
            open_to_all(&mut builder);
            let (file, temp) = builder.tempfile_in(folder_of(&target))?.into_parts();
            Ok((temp, file))
        })?;
        keep_rights(&target, &lock);
        Ok(Self {
            _listed: Listed::new(&temp),
            temp,
            apart: None,
            lock,
            target,
            existing,
        })
    }

    /// As [`Staged::beside`], with its content in it.
    ///
    /// # Errors
    /// As [`Staged::beside`], or when the disk refuses the content.
    pub fn with_content(path: &Path, existing: Existing, bytes: &[u8]) -> io::Result<Self> {
        let staged = Self::beside(path, existing)?;
        (&staged.lock).write_all(bytes)?;
        Ok(staged)
    }

    /// As [`Staged::beside`], with the temporary file in a folder of its own, for libraries that
    /// lock what they write. There is no file yet under [`Staged::path`].
    ///
    /// # Errors
    /// As [`Staged::beside`].
    pub fn apart(path: &Path, existing: Existing) -> io::Result<Self> {
        let target = checked(path, existing)?;
        let (apart, lock) = until_locked(|| {
            let folder =
                (Builder::new().prefix(PREFIX).suffix(SUFFIX)).tempdir_in(folder_of(&target))?;
            let lock = File::create_new(folder.path().join(LOCK_NAME))?;
            Ok((folder, lock))
        })?;
        let name = format!("file{}", suffix_of(&target));
        Ok(Self {
            _listed: Listed::new(apart.path()),
            temp: TempPath::try_from_path(apart.path().join(name))?,
            apart: Some(apart),
            lock,
            target,
            existing,
        })
    }

    /// Where the bytes go until the work is done.
    pub fn path(&self) -> &Path {
        &self.temp
    }

    /// Makes sure that the bytes are on the disk and gives the file its name in one step. Its size
    /// in bytes.
    ///
    /// # Errors
    /// What the system says; nothing is left under the name then but what was there. Only when the
    /// very last step fails, the flushing of the folder, the new file is there already, and may be
    /// gone after a power cut.
    pub fn commit(self) -> io::Result<u64> {
        let file = File::options().write(true).open(&self.temp)?;
        if self.apart.is_some() {
            keep_rights(&self.target, &file);
        }
        // Late write errors of network and nearly full disks surface here rather than after the
        // rename.
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        let named = match self.existing {
            Existing::Replace => self.temp.persist(&self.target),
            Existing::Refuse => self.temp.persist_noclobber(&self.target),
        };
        named.map_err(|err| err.error)?;
        sync_folder(folder_of(&self.target))?;
        Ok(bytes)
    }
}

/// The place that is written in the end: links followed, and nothing there that must not be
/// replaced.
fn checked(path: &Path, existing: Existing) -> io::Result<PathBuf> {
    if existing == Existing::Refuse && path.symlink_metadata().is_ok() {
        return Err(io::Error::new(
            ErrorKind::AlreadyExists,
            "there is a file of this name already",
        ));
    }
    let target = resolved(path)?;
    match target.metadata() {
        Err(err) if err.kind() == ErrorKind::NotFound => {}
        Err(err) => return Err(err),
        Ok(found) if found.is_dir() => {
            return Err(io::Error::new(
                ErrorKind::IsADirectory,
                "it is a folder; name a file in it",
            ));
        }
        Ok(found) if !found.is_file() => {
            return Err(io::Error::new(
                ErrorKind::InvalidInput,
                "it is a device or a pipe, not a file; choose another name",
            ));
        }
        Ok(found) => {
            // The mark stops root, the system everyone else.
            let denied = denied(File::options().write(true).open(&target));
            if let Some(ErrorKind::ReadOnlyFilesystem) = denied {
                return Err(ErrorKind::ReadOnlyFilesystem.into());
            }
            if found.permissions().readonly() || denied.is_some() {
                return Err(io::Error::new(
                    ErrorKind::PermissionDenied,
                    "it is read-only; make it writable or choose another name",
                ));
            }
        }
    }
    let folder = folder_of(&target);
    if !folder.is_dir() {
        return Err(io::Error::new(
            ErrorKind::NotFound,
            format!("there is no folder {}", folder.display()),
        ));
    }
    sweep::once(folder);
    Ok(target)
}

/// Why a file may not be written, where that is what its opening failed by.
fn denied(opened: io::Result<File>) -> Option<ErrorKind> {
    let kind = opened.err()?.kind();
    matches!(
        kind,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
    .then_some(kind)
}

/// Follows links, of which the last may lead to what is not there yet.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(to) => path = folder_of(&path).join(to),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("its links lead in a ring"))
}

/// Devices and pipes, which take what they are given and have no content to be replaced.
fn is_special(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn buffered(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = BufWriter::new(file);
    write(&mut buffer)?;
    buffer.flush()
}

/// `.part` and the target's own ending, by which some libraries know what to write.
fn suffix_of(target: &Path) -> String {
    match target.extension().and_then(|ending| ending.to_str()) {
        Some(ending) => format!("{SUFFIX}.{ending}"),
        None => SUFFIX.to_owned(),
    }
}

/// Makes something that is locked until one is had that no sweeper removed between its making and
/// its locking.
fn until_locked<T>(mut make: impl FnMut() -> io::Result<(T, File)>) -> io::Result<(T, File)> {
    let mut tries = 0;
    loop {
        let made = make().and_then(|(made, file)| {
            // Where locks are not to be had, the age of the file has to do.
            let _ = file.lock();
            if lock::is_linked(&file)? {
                Ok((made, file))
            } else {
                Err(ErrorKind::NotFound.into())
            }
        });
        tries += 1;
        match made {
            Err(err) if err.kind() == ErrorKind::NotFound && tries < 8 => {}
            made => return made,
        }
    }
}

/// New files get the usual rights less the person's umask, not the private ones of a temporary
/// file.
fn open_to_all(builder: &mut Builder) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = builder;
}

/// A file that is replaced passes on its rights, and its owner where the system lets it.
fn keep_rights(target: &Path, file: &File) {
    let Ok(old) = target.metadata() else {
        return;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata();
        if new.is_ok_and(|new| (new.uid(), new.gid()) != (old.uid(), old.gid())) {
            // Only the superuser may; for all others the file becomes their own, as with any other
            // program.
            let _ = fchown(file, Some(old.uid()), Some(old.gid()));
        }
    }
    if let Err(err) = file.set_permissions(old.permissions()) {
        log::warn!("cannot keep the rights of {}: {err}", target.display());
    }
}
