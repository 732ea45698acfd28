//! SHA-256 of a file's content, streamed. Does not cache: the caller may, by path, size and
//! modification time.

use std::path::Path;

use super::MediaError;
use crate::files;
use crate::jobs::CancelToken;
use crate::reading;

/// Lower-case hex SHA-256 of the file's bytes, in constant memory.
///
/// # Errors
/// [`MediaError::Missing`], [`MediaError::Permission`], [`MediaError::Unreadable`] or
/// [`MediaError::Cancelled`].
pub fn content_hash(path: &Path, cancel: &CancelToken) -> Result<String, MediaError> {
    reading::open(path)
        .and_then(|file| files::sha256_of(file, &|| cancel.is_cancelled()))
        .map_err(|err| MediaError::from_io(path, &err))?
        .ok_or_else(|| MediaError::cancelled(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard_and_stops_when_asked() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"abc").unwrap();
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            content_hash(file.path(), &CancelToken::new()).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let cancel = CancelToken::new();
        cancel.cancel();
        assert!(
            content_hash(file.path(), &cancel)
                .unwrap_err()
                .is_cancelled()
        );
    }
}
