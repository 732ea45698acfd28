//! What project files held when this process last read or wrote them: one that another program
//! changed is not written over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::domain::project::Project;
use crate::files;
use crate::ui::text;

/// The content of project files as this process last read or wrote them, so that another program's
/// changes are noticed.
#[derive(Clone, Debug, Default)]
pub struct KnownFiles(Arc<Mutex<BTreeMap<PathBuf, [u8; 32]>>>);

/// Why a project was not written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error("{} was changed by another program since it was read; save under another name, or replace it", path.display())]
    Changed { path: PathBuf },
    #[error("{} could not be written: {}; save the project in another folder", path.display(), text::write_reason(path, source))]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl KnownFiles {
    /// Notes what a file holds that was read.
    pub fn note(&self, path: &Path, bytes: &[u8]) {
        self.0
            .lock()
            .insert(path.to_path_buf(), Sha256::digest(bytes).into());
    }

    /// Notes what a file held when it was last read or written, by its hash in hex; one that is no
    /// hash stands for content that no file has.
    pub fn note_hex(&self, path: &Path, sha256: &str) {
        let mut digest = [0; 32];
        for (byte, at) in digest.iter_mut().zip((0..sha256.len()).step_by(2)) {
            *byte = (sha256.get(at..at + 2))
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .unwrap_or(0);
        }
        self.0.lock().insert(path.to_path_buf(), digest);
    }

    /// The content that is known of a file, as hex.
    pub fn known_hex(&self, path: &Path) -> Option<String> {
        let known = self.0.lock().get(path).copied()?;
        Some(files::hex(known))
    }

    /// Writes a project; with `replace`, whatever is there. A file that this process never read is
    /// replaced: its name was chosen by a person.
    ///
    /// # Errors
    /// When another program changed the file since, or it cannot be written. The file is then as it
    /// was.
    pub fn save(&self, project: &Project, path: &Path, replace: bool) -> Result<(), SaveError> {
        let failed = |source| SaveError::Io {
            path: path.to_path_buf(),
            source,
        };
        // Held while writing, so that no other thread of this process takes our own writing for
        // another's.
        let mut known = self.0.lock();
        let found = files::digest(path).map_err(failed)?;
        if !replace
            && let (Some(known), Some(found)) = (known.get(path), found)
            && *known != found
        {
            return Err(SaveError::Changed {
                path: path.to_path_buf(),
            });
        }
        let bytes = project.to_json();
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        if found != Some(digest) {
            files::write(path, &bytes).map_err(failed)?;
        }
        known.insert(path.to_path_buf(), digest);
        Ok(())
    }
}
