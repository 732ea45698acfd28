//! Opening files that come from elsewhere: regular files only, read whole only up to a stated size.
//!
//! A named pipe, a device or a socket under the name of a data set would make a reader wait for
//! ever or read what is no file. Every reader of strangers' files opens them here. Knows nothing of
//! what they hold.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Why a path is not read though it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is {0}, and only regular files are read")]
pub struct NotRegular(&'static str);

impl NotRegular {
    /// What the path is instead: "a named pipe".
    pub fn kind(self) -> &'static str {
        self.0
    }

    /// The reason behind an error of this module, where it is this one.
    pub fn of(err: &Error) -> Option<Self> {
        err.get_ref()?.downcast_ref().copied()
    }
}

/// Why a file is not read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it has {} MB, more than the {} MB that are read of such a file",
    found >> 20,
    most >> 20
)]
pub struct TooLarge {
    pub found: u64,
    pub most: u64,
}

/// Opens a regular file for reading.
///
/// # Errors
/// [`NotRegular`] for anything else that is there (a link counts as what it leads to), else the
/// system's error.
pub fn open(path: &Path) -> Result<File> {
    // Looked at first: opening alone can set a device to work.
    check_regular(path)?;
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Where a pipe took the file's place meanwhile, opening it returns at once and is refused
        // below.
        options.custom_flags(nix::libc::O_NONBLOCK);
    }
    let file = options.open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Fails where a path is no regular file.
///
/// # Errors
/// As [`open`].
pub fn check_regular(path: &Path) -> Result<()> {
    regular(&std::fs::metadata(path)?)
}

/// Reads a regular file of at most `most_bytes`.
///
/// # Errors
/// [`TooLarge`], [`NotRegular`], or the system's error, also where the memory is not there.
pub fn read(path: &Path, most_bytes: u64) -> Result<Vec<u8>> {
    let file = open(path)?;
    let found = file.metadata()?.len();
    let too_large = |found| {
        Error::other(TooLarge {
            found,
            most: most_bytes,
        })
    };
    if found > most_bytes {
        return Err(too_large(found));
    }
    let mut bytes = Vec::new();
    let capacity = usize::try_from(found).unwrap_or(usize::MAX);
    bytes
        .try_reserve_exact(capacity)
        .map_err(|_| Error::from(ErrorKind::OutOfMemory))?;
    // A file that grows meanwhile does not get past the limit either.
    file.take(most_bytes.saturating_add(1))
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        length if length > most_bytes => Err(too_large(length)),
        _ => Ok(bytes),
    }
}

/// Reads a regular file of text, of at most `most_bytes`.
///
/// # Errors
/// As [`read`], and where it is not UTF-8.
pub fn read_text(path: &Path, most_bytes: u64) -> Result<String> {
    let bytes = read(path, most_bytes)?;
    String::from_utf8(bytes)
        .map_err(|_| Error::new(ErrorKind::InvalidData, "it is not text in UTF-8"))
}

/// Whether a NumPy file of `file_bytes` can hold as many values as its header states, of which
/// `head` is the beginning: its reader makes room for all of them first. What has no header is for
/// that reader to refuse.
pub fn npy_fits(head: &[u8], file_bytes: u64) -> bool {
    let text = String::from_utf8_lossy(&head[..head.len().min(1 << 16)]);
    let shape = text
        .split_once("'shape'")
        .and_then(|(_, rest)| rest.split_once('('))
        .and_then(|(_, rest)| rest.split_once(')'));
    let Some((shape, _)) = shape else {
        return true;
    };
    let sides = shape
        .split(',')
        .map(str::trim)
        .filter(|side| !side.is_empty());
    let values = sides.fold(1u64, |values, side| {
        values.saturating_mul(side.parse().unwrap_or(u64::MAX))
    });
    // A value has a byte at least.
    values <= file_bytes
}

fn regular(meta: &std::fs::Metadata) -> Result<()> {
    let kind = meta.file_type();
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(Error::new(ErrorKind::IsADirectory, NotRegular("a folder")));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Err(Error::other(NotRegular("a named pipe")));
        }
        if kind.is_socket() {
            return Err(Error::other(NotRegular("a socket")));
        }
        if kind.is_block_device() || kind.is_char_device() {
            return Err(Error::other(NotRegular("a device")));
        }
    }
    Err(Error::other(NotRegular("no file")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit_and_not_beyond() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"12345").unwrap();
        assert_eq!(read(file.path(), 5).unwrap(), b"12345");
        let err = read(file.path(), 4).unwrap_err().to_string();
        assert!(err.contains("more than the"), "{err}");
        let folder = read(std::env::temp_dir().as_path(), 5).unwrap_err();
        assert_eq!(folder.kind(), ErrorKind::IsADirectory);
        let missing = read(Path::new("/nowhere/at/all"), 5).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn pipes_devices_and_sockets_are_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let kind = |path: &Path| NotRegular::of(&read(path, 5).unwrap_err()).map(NotRegular::kind);
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        assert_eq!(kind(&pipe), Some("a named pipe"));
        // A link counts as what it leads to.
        let link = dir.path().join("film.mp4");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        assert_eq!(kind(&link), Some("a named pipe"));
        assert_eq!(kind(Path::new("/dev/zero")), Some("a device"));
        let socket = dir.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(kind(&socket), Some("a socket"));
    }

    #[test]
    fn an_array_larger_than_its_file_is_seen_in_its_header() {
        let header = |shape: &str| {
            format!("\u{93}NUMPY{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}")
        };
        assert!(npy_fits(header("3, 4").as_bytes(), 200));
        assert!(npy_fits(header("").as_bytes(), 200) && npy_fits(b"hello", 5));
        for shape in [
            "1099511627776,",
            "70000, 70000, 70000",
            "99999999999999999999,",
        ] {
            assert!(!npy_fits(header(shape).as_bytes(), 192), "{shape}");
        }
    }
}
