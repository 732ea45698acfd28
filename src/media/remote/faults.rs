//! Failures on their way from one process to the other. They come out as the same [`MediaError`],
//! with the program's own path; words that are the process's own are made one line.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::repairs::one_line;
use crate::media::MediaError;
use crate::media::bounds::MOST_PIXELS;
use crate::media::error::LOOKS;

/// A [`MediaError`] without its path.
#[derive(Debug, Serialize, Deserialize)]
pub enum Fault {
    Missing,
    Folder,
    TooSlow { secs: u64 },
    TooLarge { width: u32, height: u32 },
    Permission,
    Empty,
    NotVideo { looks_like: String },
    Incomplete,
    AudioOnly,
    CoverArtOnly,
    NoVideoStream,
    NoDecoder { codec: String },
    NoFrames,
    Unreadable { reason: String },
    Worker { reason: String },
    OutOfMemory { most_bytes: u64 },
}

impl Fault {
    pub fn of(err: &MediaError) -> Self {
        use MediaError as E;
        match err {
            E::Missing { .. } => Self::Missing,
            E::Folder { .. } => Self::Folder,
            E::TooSlow { secs, .. } => Self::TooSlow { secs: *secs },
            E::TooLarge { width, height, .. } => Self::TooLarge {
                width: *width,
                height: *height,
            },
            E::Permission { .. } => Self::Permission,
            E::Empty { .. } => Self::Empty,
            E::NotVideo { looks_like, .. } => Self::NotVideo {
                looks_like: (*looks_like).to_owned(),
            },
            E::Incomplete { .. } => Self::Incomplete,
            E::AudioOnly { .. } => Self::AudioOnly,
            E::CoverArtOnly { .. } => Self::CoverArtOnly,
            E::NoVideoStream { .. } => Self::NoVideoStream,
            E::NoDecoder { codec, .. } => Self::NoDecoder {
                codec: codec.clone(),
            },
            E::NoFrames { .. } => Self::NoFrames,
            E::Unreadable { reason, .. } => Self::Unreadable {
                reason: reason.clone(),
            },
            E::Worker { reason, .. } => Self::Worker {
                reason: reason.clone(),
            },
            E::OutOfMemory { most_bytes, .. } => Self::OutOfMemory {
                most_bytes: *most_bytes,
            },
            // The program sees to these itself; here they can only be another file than the one
            // that it looked at.
            E::NotAFile { .. } | E::Cancelled { .. } | E::Crashed { .. } | E::Stuck { .. } => {
                Self::Unreadable {
                    reason: err.to_string(),
                }
            }
        }
    }

    pub fn about(self, path: &Path) -> MediaError {
        use MediaError as E;
        let path = path.to_path_buf();
        match self {
            Self::Missing => E::Missing { path },
            Self::Folder => E::Folder { path },
            Self::TooSlow { secs } => E::TooSlow { path, secs },
            Self::TooLarge { width, height } => E::TooLarge {
                path,
                width,
                height,
                most: MOST_PIXELS,
            },
            Self::Permission => E::Permission { path },
            Self::Empty => E::Empty { path },
            Self::NotVideo { looks_like } => E::NotVideo {
                path,
                looks_like: LOOKS
                    .into_iter()
                    .find(|known| *known == looks_like)
                    .unwrap_or(LOOKS[0]),
            },
            Self::Incomplete => E::Incomplete { path },
            Self::AudioOnly => E::AudioOnly { path },
            Self::CoverArtOnly => E::CoverArtOnly { path },
            Self::NoVideoStream => E::NoVideoStream { path },
            Self::NoDecoder { codec } => E::NoDecoder {
                path,
                codec: one_line(&codec),
            },
            Self::NoFrames => E::NoFrames { path },
            Self::Unreadable { reason } => E::Unreadable {
                path,
                reason: one_line(&reason),
            },
            Self::Worker { reason } => E::Worker {
                path,
                reason: one_line(&reason),
            },
            Self::OutOfMemory { most_bytes } => E::OutOfMemory { path, most_bytes },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_comes_out_as_the_same_sentence() {
        let path = Path::new("a.mp4").to_path_buf();
        let failures = [
            MediaError::TooSlow {
                path: path.clone(),
                secs: 10,
            },
            MediaError::NotVideo {
                path: path.clone(),
                looks_like: "a picture",
            },
            MediaError::NoDecoder {
                path: path.clone(),
                codec: "apv".to_owned(),
            },
            MediaError::TooLarge {
                path: path.clone(),
                width: 20_000,
                height: 9000,
                most: MOST_PIXELS,
            },
            MediaError::NoFrames { path: path.clone() },
        ];
        for failure in failures {
            let sent = serde_json::to_vec(&Fault::of(&failure)).unwrap();
            let come: Fault = serde_json::from_slice(&sent).unwrap();
            assert_eq!(come.about(&path).to_string(), failure.to_string());
        }
        let foul = Fault::Unreadable {
            reason: "\u{1b}[2Jgone".to_owned(),
        };
        assert!(!foul.about(&path).to_string().contains('\u{1b}'));
    }
}
