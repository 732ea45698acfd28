//! SHA-256 of a file's content, streamed. Does not cache: the caller may, by path, size and modification time.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::MediaError;
use crate::jobs::CancelToken;
use crate::reading;

const BLOCK_BYTES: usize = 1 << 20;

/// Lower-case hex SHA-256 of the file's bytes, in constant memory.
///
/// # Errors
/// [`MediaError::Missing`], [`MediaError::Permission`], [`MediaError::Unreadable`] or [`MediaError::Cancelled`].
pub fn content_hash(path: &Path, cancel: &CancelToken) -> Result<String, MediaError> {
    let mut file = reading::open(path).map_err(|err| MediaError::from_io(path, &err))?;
    let mut hasher = Sha256::new();
    let mut block = vec![0u8; BLOCK_BYTES];
    loop {
        if cancel.is_cancelled() {
            return Err(MediaError::cancelled(path));
        }
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(read) => hasher.update(&block[..read]),
            Err(err) if err.kind() == std::io::ErrorKind::Interrupted => {}
            Err(err) => return Err(MediaError::from_io(path, &err)),
        }
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
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
