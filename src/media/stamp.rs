//! Size and time of change of a file, to notice that it is touched while it is read.

use std::path::Path;
use std::time::SystemTime;

/// What a file looked like at one moment. Two equal stamps mean that nobody wrote it in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    len: u64,
    modified: Option<SystemTime>,
}

impl FileStamp {
    /// The stamp of a file now; `None` where it cannot be asked.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        Some(Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }
}
