//! SHA-256 as everything here writes it: lower-case hex. Streams a file in constant memory; caches
//! nothing.

use std::io::{self, ErrorKind, Read};

use sha2::{Digest, Sha256};

const BLOCK_BYTES: usize = 1 << 20;

/// Bytes as lower-case hex.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Lower-case hex SHA-256 of what a reader gives, block by block; `None` once `stop` says so.
///
/// # Errors
/// When reading fails.
pub fn sha256_of(mut from: impl Read, stop: &dyn Fn() -> bool) -> io::Result<Option<String>> {
    let mut hasher = Sha256::new();
    let mut block = vec![0u8; BLOCK_BYTES];
    loop {
        if stop() {
            return Ok(None);
        }
        match from.read(&mut block) {
            Ok(0) => return Ok(Some(hex(hasher.finalize()))),
            Ok(read) => hasher.update(&block[..read]),
            Err(err) if err.kind() == ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let found = sha256_of(&b"abc"[..], &|| false).unwrap();
        assert_eq!(found.as_deref(), Some(expected));
        assert_eq!(hex(Sha256::digest("abc")), expected);
        assert_eq!(sha256_of(&b"abc"[..], &|| true).unwrap(), None);
        // More than a block.
        let zeros = vec![0u8; 3 << 19];
        assert_eq!(
            sha256_of(&zeros[..], &|| false).unwrap().unwrap(),
            hex(Sha256::digest(&zeros))
        );
    }
}
