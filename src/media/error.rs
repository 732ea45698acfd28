//! What can go wrong with a video file, each as one sentence that names the file and the fix.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// What files that are no video look like.
pub(crate) const LOOKS: [&str; 6] = [
    "no known kind of media file",
    "a picture",
    "a playlist, which names other files",
    "a web page (HTML)",
    "an XML text",
    "plain text",
];

/// A failure to read a video file.
#[derive(Debug, Error)]
pub enum MediaError {
    #[error("“{}” does not exist: check the name, or point to where the video was moved.", path.display())]
    Missing { path: PathBuf },
    #[error("“{}” is a folder: choose a video file inside it.", path.display())]
    Folder { path: PathBuf },
    #[error("“{}” is {kind}, not a file: choose a video file.", path.display())]
    NotAFile { path: PathBuf, kind: &'static str },
    #[error("“{}” took more than {secs} s of work to open, the most that is spent on a file: convert it with another program first.", path.display())]
    TooSlow { path: PathBuf, secs: u64 },
    #[error(
        "“{}” has pictures of {width} × {height}, more than the {} million pixels that are decoded: make a smaller copy.",
        path.display(),
        most >> 20
    )]
    TooLarge {
        path: PathBuf,
        width: u32,
        height: u32,
        most: i64,
    },
    #[error("“{}” may not be read: grant yourself read permission on it.", path.display())]
    Permission { path: PathBuf },
    #[error("“{}” is empty (0 bytes): copy or download it again.", path.display())]
    Empty { path: PathBuf },
    #[error("“{}” is {looks_like}, not a video: choose a video file, or download it again.", path.display())]
    NotVideo {
        path: PathBuf,
        looks_like: &'static str,
    },
    #[error(
        "“{}” is an incomplete recording (its index, the moov box, was never written): repair it with a recovery tool or record it again.",
        path.display()
    )]
    Incomplete { path: PathBuf },
    #[error("“{}” holds sound but no picture: choose a file with a video stream.", path.display())]
    AudioOnly { path: PathBuf },
    #[error("“{}” holds only a cover picture, no video: choose a file with a video stream.", path.display())]
    CoverArtOnly { path: PathBuf },
    #[error("“{}” holds no video stream: choose a file with one.", path.display())]
    NoVideoStream { path: PathBuf },
    #[error("“{}” is coded as {codec}, which this FFmpeg cannot decode: install an FFmpeg with that decoder, or convert the video.", path.display())]
    NoDecoder { path: PathBuf, codec: String },
    #[error("“{}” holds no frame that can be decoded: copy or download it again.", path.display())]
    NoFrames { path: PathBuf },
    #[error("“{}” could not be read ({reason}): check the disk or copy the file again.", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("the video decoder crashed while reading “{}” ({how}): try again, or convert it with another program first.", path.display())]
    Crashed { path: PathBuf, how: String },
    #[error(
        "“{}” needs more than the {} MB of memory that reading it may take: convert it with another program, or make a smaller copy.",
        path.display(),
        most_bytes >> 20
    )]
    OutOfMemory { path: PathBuf, most_bytes: u64 },
    #[error("the video decoder got stuck on “{}” and was ended after {secs} s without a sign of life: try again, or convert it with another program first.", path.display())]
    Stuck { path: PathBuf, secs: u64 },
    #[error("a worker for “{}” could not be started ({reason}): close other programs and try again.", path.display())]
    Worker { path: PathBuf, reason: String },
    #[error("reading “{}” was cancelled.", path.display())]
    Cancelled { path: PathBuf },
}

impl MediaError {
    /// Whether a person asked for the stop; not a failure to show.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled { .. })
    }

    /// Whether trying again unchanged may help (a busy disk or machine rather than a bad file).
    pub fn may_retry(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. }
                | Self::Permission { .. }
                | Self::Unreadable { .. }
                | Self::Worker { .. }
                | Self::Crashed { .. }
                | Self::Stuck { .. }
        )
    }

    pub(crate) fn from_io(path: &Path, err: &std::io::Error) -> Self {
        let path = path.to_path_buf();
        match err.kind() {
            std::io::ErrorKind::IsADirectory => Self::Folder { path },
            std::io::ErrorKind::NotFound => Self::Missing { path },
            std::io::ErrorKind::PermissionDenied => Self::Permission { path },
            _ => Self::Unreadable {
                path,
                reason: err.to_string(),
            },
        }
    }

    pub(crate) fn unreadable(path: &Path, reason: impl ToString) -> Self {
        Self::Unreadable {
            path: path.to_path_buf(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn cancelled(path: &Path) -> Self {
        Self::Cancelled {
            path: path.to_path_buf(),
        }
    }
}
