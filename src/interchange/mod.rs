//! Cut lists for other programs: EDL (CMX3600), OpenTimelineIO, FCPXML, CSV, JSON and ffmetadata
//! chapters.
//!
//! Everything here turns a [`Cut`] into text; [`write`] puts the text into files without ever
//! half-writing one. Encoding video is `media::cut`'s work, and choosing what to keep is
//! `summary`'s.

mod chapters;
mod edl;
mod fcpxml;
pub mod names;
mod otio;
mod tables;
mod timeline;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

use crate::domain::naming::NamedMarker;
use crate::domain::timecode::TimecodeError;
use crate::domain::{FrameIndex, FrameRange, Named, Names, SummaryRef, VideoInfo};

pub use chapters::title as chapter_title;
pub use otio::collection as otio_collection;
pub use timeline::{EditEvent, EditTimeline};
pub use write::{WriteReport, write};

/// What is exported: the chosen stretches of one video, in the order in which they play.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    pub video: &'a VideoInfo,
    pub index: &'a FrameIndex,
    /// Frame ranges of the source in playing order; empty ones are skipped.
    pub ranges: &'a [FrameRange],
    pub title: &'a str,
    /// The summary's name and note, and a person's markers in the source; they go where the format
    /// has room for them.
    pub named: Option<&'a NamedCut>,
    /// Timecode of the source's first frame as a frame number of the timeline's rate: the file's
    /// own, 0 where it states none.
    pub source_start_frame: u64,
    /// Whether timecodes drop numbers, where the rate leaves the choice; `None` for what is usual
    /// at the rate.
    pub drop_frame: Option<bool>,
    /// Where the cut came from (bundle, seed, settings, sample), kept beside it where the format
    /// has room; null for none.
    pub provenance: &'a serde_json::Value,
}

impl<'a> Cut<'a> {
    pub fn new(
        video: &'a VideoInfo,
        index: &'a FrameIndex,
        ranges: &'a [FrameRange],
        title: &'a str,
    ) -> Self {
        let mut cut = Self {
            video,
            index,
            ranges,
            title,
            named: None,
            source_start_frame: 0,
            drop_frame: None,
            provenance: &serde_json::Value::Null,
        };
        if let Some(Err(err)) = video
            .start_timecode
            .as_deref()
            .map(|text| cut.start_at(text))
        {
            log::warn!(
                "the timecode of “{}” is left out: {err}",
                video.path.display()
            );
        }
        cut
    }

    /// States the timecode of the source's first frame. Its marks decide whether all timecodes drop
    /// numbers, as a project into which the cut goes is set up one way or the other.
    ///
    /// # Errors
    /// When it is no timecode at the timeline's rate.
    pub fn start_at(&mut self, timecode: &str) -> Result<(), TimecodeError> {
        let base = EditTimeline::new(self).base.marked_as(timecode)?;
        self.source_start_frame = base.frame_from_smpte(timecode)?;
        self.drop_frame = Some(base.drop_frame);
        Ok(())
    }

    /// The ranges as pieces of the output: source frames with their exact times, and where each
    /// begins in the output.
    pub fn pieces(&self) -> Vec<Piece> {
        let mut output_secs = 0.0;
        let mut pieces = Vec::with_capacity(self.ranges.len());
        for &range in self.ranges {
            let end = range.end.min(self.index.len());
            if range.start >= end {
                continue;
            }
            let frames = FrameRange::new(range.start, end);
            let piece = Piece {
                frames,
                start_secs: self.index.secs_from_frame(frames.start),
                end_secs: self.index.secs_from_frame(frames.end),
                output_start_secs: output_secs,
            };
            output_secs += piece.duration_secs();
            pieces.push(piece);
        }
        pieces
    }
}

/// What a person called a summary and marked in the video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedCut {
    /// "B · Fireworks", "sample 43".
    pub summary: String,
    pub note: String,
    /// Where it came from, where its name does not say so: edited by hand, a part of the summary;
    /// empty without.
    pub origin: String,
    /// Ascending in time; those without a name are there as well.
    pub markers: Vec<NamedMarker>,
}

impl NamedCut {
    /// A summary with the name of its alternative, and the markers with theirs.
    pub fn of(of: SummaryRef, names: &Names, markers_secs: &[f64]) -> Self {
        let (summary, note) = match of {
            SummaryRef::Alternative(letter) => {
                let named = Named::Alternative(letter);
                (names.title(letter), names.of(named).note)
            }
            SummaryRef::Sample(_) | SummaryRef::Edited(_) => (of.to_string(), String::new()),
        };
        let marker = |&secs: &f64| NamedMarker {
            secs,
            naming: names.of(Named::Marker(secs)),
        };
        Self {
            summary,
            note,
            origin: String::new(),
            markers: markers_secs.iter().map(marker).collect(),
        }
    }
}

impl Cut<'_> {
    /// Name and note of the summary in one line; empty where there is none.
    fn comment(&self) -> String {
        let named = self
            .named
            .map(|named| (named.summary.as_str(), named.note.as_str()));
        match named {
            Some((summary, "")) => summary.to_owned(),
            Some((summary, note)) => format!("{summary}: {note}"),
            None => String::new(),
        }
    }

    /// Where the summary came from, where its name does not say so; empty where it does.
    fn origin(&self) -> &str {
        self.named.map_or("", |named| &named.origin)
    }

    /// Name, note and origin of the summary as one text; empty where there is none of them.
    fn whole_comment(&self) -> String {
        let parts = [self.comment(), self.origin().to_owned()];
        let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        said.join(" – ")
    }

    /// The markers within a piece, each with its frame in the source and its words.
    fn markers_in(&self, piece: &Piece) -> Vec<(u64, String)> {
        let markers = self.named.map_or(&[][..], |named| &named.markers);
        let within = markers.iter().filter_map(|marker| {
            let frame = self.index.frame_at_secs(marker.secs);
            let inside = piece.frames.start <= frame && frame < piece.frames.end;
            inside.then(|| (frame, words(marker)))
        });
        within.collect()
    }
}

/// A marker's name and note as one text; "marker" where it has neither.
fn words(marker: &NamedMarker) -> String {
    match (marker.naming.name.as_str(), marker.naming.note.as_str()) {
        ("", "") => "marker".to_owned(),
        (name, "") => name.to_owned(),
        ("", note) => note.to_owned(),
        (name, note) => format!("{name}: {note}"),
    }
}

/// One kept stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    pub frames: FrameRange,
    pub start_secs: f64,
    pub end_secs: f64,
    /// When it begins in the exported video.
    pub output_start_secs: f64,
}

impl Piece {
    pub fn duration_secs(&self) -> f64 {
        self.end_secs - self.start_secs
    }

    pub fn output_end_secs(&self) -> f64 {
        self.output_start_secs + self.duration_secs()
    }
}

/// A cut list's format; the file's ending decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Edl,
    Otio,
    Fcpxml,
    Csv,
    Json,
    Chapters,
}

impl Format {
    pub const ALL: [Self; 6] = [
        Self::Edl,
        Self::Otio,
        Self::Fcpxml,
        Self::Csv,
        Self::Json,
        Self::Chapters,
    ];

    /// Ending without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Edl => "edl",
            Self::Otio => "otio",
            Self::Fcpxml => "fcpxml",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Chapters => "ffmeta",
        }
    }

    /// The format that a file's ending asks for; `None` for an ending that is no cut list.
    pub fn from_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|format| format.extension() == ending)
    }
}

/// A cut list as text, before it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// Contents of the files: more than one only where the format limits the events of a file.
    pub parts: Vec<String>,
    /// What a person should know: roundings, splits.
    pub notes: Vec<String>,
}

/// A cut that cannot become a cut list, or a file that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum InterchangeError {
    #[error("nothing to export: the chosen summary keeps no frames")]
    Empty,
    #[error("{path} already exists; choose another name or allow overwriting")]
    Exists { path: String },
    #[error("{path} is the source video; choose another name")]
    IsSource { path: String },
    #[error("{path} has no ending of a cut list; use .edl, .otio, .fcpxml, .csv, .json or .ffmeta")]
    UnknownFormat { path: String },
    #[error("cannot write {path}: {source}")]
    Io {
        path: String,
        source: std::io::Error,
    },
}

/// Turns a cut into the text of a format.
///
/// # Errors
/// [`InterchangeError::Empty`] when no frame is kept.
pub fn render(cut: &Cut, format: Format) -> Result<Rendered, InterchangeError> {
    if cut.pieces().is_empty() {
        return Err(InterchangeError::Empty);
    }
    let timeline = EditTimeline::new(cut);
    let mut notes = timeline.notes.clone();
    let parts = match format {
        Format::Edl => {
            let files = edl::render(cut, &timeline);
            if files.len() > 1 {
                notes.push(format!(
                    "an EDL holds at most 999 events, so the {} events are split into {} files whose record times continue",
                    timeline.events.len(),
                    files.len()
                ));
            }
            files
        }
        Format::Otio => vec![otio::render(cut, &timeline)],
        Format::Fcpxml => vec![fcpxml::render(cut, &timeline)],
        Format::Csv => {
            notes.clear();
            vec![tables::csv(cut, &timeline)]
        }
        Format::Json => {
            notes.clear();
            vec![tables::json(cut, &timeline)]
        }
        Format::Chapters => {
            // Chapters are in output time: no timeline rate is involved.
            notes.clear();
            vec![chapters::render(cut)]
        }
    };
    Ok(Rendered { parts, notes })
}

/// `file:///` address of a path with every byte outside the unreserved set percent-encoded (RFC
/// 3986, RFC 8089).
fn file_url(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // A name need not be UTF-8; its bytes are what leads to the file.
    #[cfg(unix)]
    let bytes = {
        use std::os::unix::ffi::OsStrExt;
        absolute.as_os_str().as_bytes()
    };
    #[cfg(not(unix))]
    let text = absolute.to_string_lossy().replace('\\', "/");
    #[cfg(not(unix))]
    let bytes = text.as_bytes();
    let mut url = String::from("file://");
    if bytes.first() != Some(&b'/') {
        url.push('/');
    }
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                url.push(char::from(byte));
            }
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

/// The video's file name, for clip names.
fn clip_name(video: &VideoInfo) -> String {
    video.path.file_name().map_or_else(
        || "video".to_owned(),
        |name| names::one_line(&name.to_string_lossy()),
    )
}
