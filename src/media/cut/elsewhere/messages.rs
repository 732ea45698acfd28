//! What the program and a process that exports say to each other. Failures come out as the same
//! [`CutError`], with the program's own paths; words that are the process's own are made one line.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::choice::KINDS;
use super::super::{
    Container, Copying, CutError, ExportOptions, Foreseen, Outcome, ReelPart, Widened,
};
use crate::domain::FrameRange;
use crate::domain::repairs::one_line;
use crate::media::remote::faults::Fault;

/// Stages of the work.
pub const STAGES: [&str; 4] = ["Exporting", "Copying", "Checking", "Finalising"];

/// What is to be done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Work {
    Export,
    Foresee,
}

/// What the program asks.
#[derive(Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Comes with the index of the video.
    Work {
        work: Work,
        ranges: Vec<FrameRange>,
        /// Where it is a reel.
        parts: Option<Vec<ReelPart>>,
        options: ExportOptions,
        container: Container,
    },
    /// The card that was asked for, where it could be painted. Block: its picture.
    Card { size: Option<[u32; 2]> },
}

/// What a process that exports answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// A card is wanted.
    Card {
        part: usize,
        size: [u32; 2],
    },
    Made(Outcome),
    Foreseen(Foreseen),
    Failed(CutFault),
}

/// A [`CutError`] without its paths.
#[derive(Debug, Serialize, Deserialize)]
pub enum CutFault {
    Empty,
    OutOfRange {
        start: u64,
        end: u64,
        frame_count: u64,
    },
    DiskFull,
    NotWritable {
        reason: String,
    },
    Write {
        reason: String,
    },
    Source(Fault),
    Refused {
        reason: String,
    },
    SourceGone,
    NoEncoder {
        tried: String,
    },
    Convert(String),
    NoTrack {
        kind: String,
        wanted: String,
        there: String,
    },
}

impl CutFault {
    pub fn of(err: &CutError) -> Self {
        use CutError as E;
        match err {
            E::Empty => Self::Empty,
            E::OutOfRange {
                start,
                end,
                frame_count,
            } => Self::OutOfRange {
                start: *start,
                end: *end,
                frame_count: *frame_count,
            },
            E::DiskFull { .. } => Self::DiskFull,
            E::NotWritable { reason, .. } => Self::NotWritable {
                reason: reason.clone(),
            },
            E::Write { reason, .. } => Self::Write {
                reason: reason.clone(),
            },
            E::Source(err) => Self::Source(Fault::of(err)),
            E::Refused { reason, .. } => Self::Refused {
                reason: reason.clone(),
            },
            E::SourceGone { .. } => Self::SourceGone,
            E::NoEncoder { tried, .. } => Self::NoEncoder {
                tried: tried.clone(),
            },
            E::Convert(reason) => Self::Convert(reason.clone()),
            E::NoTrack {
                kind,
                wanted,
                there,
            } => Self::NoTrack {
                kind: (*kind).to_owned(),
                wanted: wanted.clone(),
                there: there.clone(),
            },
            // The program sees to these itself.
            E::IsSource { .. }
            | E::Exists { .. }
            | E::UnknownFormat { .. }
            | E::NoFolder { .. }
            | E::NoSpace { .. }
            | E::Cancelled => Self::Write {
                reason: err.to_string(),
            },
        }
    }

    /// The failure of an export of a video to a file.
    pub fn about(self, source: &Path, out: &Path, container: Container) -> CutError {
        use CutError as E;
        let path = out.to_path_buf();
        match self {
            Self::Empty => E::Empty,
            Self::OutOfRange {
                start,
                end,
                frame_count,
            } => E::OutOfRange {
                start,
                end,
                frame_count,
            },
            Self::DiskFull => E::DiskFull { path },
            Self::NotWritable { reason } => E::NotWritable {
                path,
                reason: one_line(&reason),
            },
            Self::Write { reason } => E::Write {
                path,
                reason: one_line(&reason),
            },
            Self::Source(fault) => E::Source(fault.about(source)),
            Self::Refused { reason } => E::Refused {
                path,
                reason: one_line(&reason),
            },
            Self::SourceGone => E::SourceGone {
                path: source.to_path_buf(),
            },
            Self::NoEncoder { tried } => E::NoEncoder {
                format: container.extension(),
                tried: one_line(&tried),
            },
            Self::Convert(reason) => E::Convert(one_line(&reason)),
            Self::NoTrack {
                kind,
                wanted,
                there,
            } => E::NoTrack {
                kind: (KINDS.into_iter())
                    .find(|known| *known == kind)
                    .unwrap_or(KINDS[0]),
                wanted: one_line(&wanted),
                there: one_line(&there),
            },
        }
    }
}

impl Outcome {
    /// The same with words of one line each.
    pub fn of_one_line(mut self) -> Self {
        self.encoder = self.encoder.as_deref().map(one_line);
        for note in &mut self.notes {
            *note = one_line(note);
        }
        self
    }

    /// Whether it can be true of a video of so many frames.
    pub fn is_sane(&self, frame_count: u64) -> bool {
        let lies_within = |range: FrameRange| range.start <= range.end && range.end <= frame_count;
        let is_sane = |widened: &Widened| lies_within(widened.asked) && lies_within(widened.kept);
        self.duration_secs >= 0.0 && self.widened.iter().all(is_sane)
    }
}

impl Foreseen {
    /// The same with words of one line each.
    pub fn of_one_line(mut self) -> Self {
        if let Some(Copying::Exactly(reason)) = &mut self.copying {
            *reason = one_line(reason);
        }
        for track in self.sounds.iter_mut().chain(&mut self.subtitles) {
            track.name = one_line(&track.name);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::MediaError;

    #[test]
    fn a_failure_comes_out_as_the_same_sentence() {
        let (source, out) = (Path::new("a.mp4"), Path::new("b.webm"));
        let reason = "no space, no time".to_owned();
        let path = out.to_path_buf();
        let failures = [
            CutError::Empty,
            CutError::DiskFull { path: path.clone() },
            CutError::Write {
                path: path.clone(),
                reason: reason.clone(),
            },
            CutError::Refused {
                path,
                reason: reason.clone(),
            },
            CutError::SourceGone {
                path: source.to_path_buf(),
            },
            CutError::NoEncoder {
                format: "webm",
                tried: reason.clone(),
            },
            CutError::Convert(reason.clone()),
            CutError::NoTrack {
                kind: "subtitles",
                wanted: "deu".to_owned(),
                there: reason,
            },
            CutError::Source(MediaError::NoFrames {
                path: source.to_path_buf(),
            }),
        ];
        for failure in failures {
            let sent = serde_json::to_vec(&CutFault::of(&failure)).unwrap();
            let come: CutFault = serde_json::from_slice(&sent).unwrap();
            let come = come.about(source, out, Container::WebM);
            assert_eq!(come.to_string(), failure.to_string());
            assert_eq!(come.may_retry(), failure.may_retry());
        }
        let foul = CutFault::Convert("\u{1b}[2Jgone".to_owned());
        let said = foul.about(source, out, Container::Mp4).to_string();
        assert!(!said.contains('\u{1b}'), "{said}");
    }
}
