//! What can go wrong with an export, each as one sentence that names the file and the fix.

use std::path::{Path, PathBuf};

use ffmpeg_next as ff;

use crate::media::MediaError;
use crate::media::remote::signs;

/// A failure to export a video. Nothing is left under the target's name, nor beside it.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    #[error("nothing to export: the chosen summary keeps no frames")]
    Empty,
    #[error("frames {start} to {end} lie outside the video, which has {frame_count}")]
    OutOfRange {
        start: u64,
        end: u64,
        frame_count: u64,
    },
    #[error("“{}” is the source video, which is never written: choose another name", path.display())]
    IsSource { path: PathBuf },
    #[error("“{}” already exists: choose another name or allow overwriting", path.display())]
    Exists { path: PathBuf },
    #[error("“{}” has no ending of a video: use .mp4, .mov, .mkv or .webm", path.display())]
    UnknownFormat { path: PathBuf },
    #[error("the folder “{}” does not exist: make it or choose another", path.display())]
    NoFolder { path: PathBuf },
    #[error("“{}” may not be written ({reason}): choose another folder", path.display())]
    NotWritable { path: PathBuf, reason: String },
    #[error("“{}” has {} free and the export needs about {}: make room or choose another disk", path.display(), bytes(*free), bytes(*needed))]
    NoSpace {
        path: PathBuf,
        free: u64,
        needed: u64,
    },
    #[error("the disk of “{}” became full: make room and export again", path.display())]
    DiskFull { path: PathBuf },
    #[error("“{}” could not be written ({reason}): check the disk and export again", path.display())]
    Write { path: PathBuf, reason: String },
    #[error(transparent)]
    Source(#[from] MediaError),
    #[error("“{}” cannot hold this clip ({reason}): export to another format", path.display())]
    Refused { path: PathBuf, reason: String },
    #[error("“{}” changed or vanished during the export: bring it back and export again", path.display())]
    SourceGone { path: PathBuf },
    #[error(
        "no video encoder for {format} works in this FFmpeg ({tried}): install one, or export to another format"
    )]
    NoEncoder { format: &'static str, tried: String },
    #[error("the video could not be converted ({0}): export to another format")]
    Convert(String),
    #[error("the video has no {kind} “{wanted}”: {there}")]
    NoTrack {
        kind: &'static str,
        wanted: String,
        there: String,
    },
    #[error("cancelled")]
    Cancelled,
}

impl CutError {
    /// Whether a person asked for the stop; not a failure to show.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled) || matches!(self, Self::Source(err) if err.is_cancelled())
    }

    /// Whether trying again unchanged may help.
    pub fn may_retry(&self) -> bool {
        match self {
            Self::NoSpace { .. }
            | Self::DiskFull { .. }
            | Self::Write { .. }
            | Self::SourceGone { .. }
            | Self::NotWritable { .. } => true,
            Self::Source(err) => err.may_retry(),
            _ => false,
        }
    }

    pub(super) fn write(path: &Path, err: ff::Error) -> Self {
        match err {
            ff::Error::Other {
                errno: ff::error::ENOSPC,
            } => Self::DiskFull {
                path: path.to_owned(),
            },
            // What no disk says, the format does.
            ff::Error::Other {
                errno: ff::error::EINVAL,
            }
            | ff::Error::InvalidData
            | ff::Error::PatchWelcome
            | ff::Error::MuxerNotFound
            | ff::Error::EncoderNotFound
            | ff::Error::Experimental
            | ff::Error::Bug => Self::Refused {
                path: path.to_owned(),
                reason: err.to_string(),
            },
            err => Self::Write {
                path: path.to_owned(),
                reason: err.to_string(),
            },
        }
    }

    pub(super) fn write_io(path: &Path, err: &std::io::Error) -> Self {
        match err.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull {
                path: path.to_owned(),
            },
            std::io::ErrorKind::NotFound => Self::NoFolder {
                path: path.parent().unwrap_or(path).to_owned(),
            },
            std::io::ErrorKind::AlreadyExists => Self::Exists {
                path: path.to_owned(),
            },
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Self::NotWritable {
                    path: path.to_owned(),
                    reason: err.to_string(),
                }
            }
            _ => Self::Write {
                path: path.to_owned(),
                reason: err.to_string(),
            },
        }
    }

    /// What FFmpeg could not convert; where the memory of a process of its own ran out, this does
    /// not return.
    pub(super) fn convert(what: &str, err: impl std::fmt::Display) -> Self {
        signs::heed_memory();
        Self::Convert(format!("{what}: {err}"))
    }
}

/// A size for a person: `1.5 GB`.
fn bytes(count: u64) -> String {
    match count {
        1_000_000_000.. => format!("{:.1} GB", count as f64 / 1e9),
        _ => format!("{:.0} MB", (count as f64 / 1e6).max(1.0).ceil()),
    }
}
