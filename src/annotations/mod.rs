//! Reading and writing what people rated and picked: TVSum, SumMe, Mr. HiSum and eccv16 files, tables, JSON, ELAN, VIA.
//!
//! [`open`] tells the format by content and gives plain [`AnnotationSet`]s with sentences about what had to be left out: a fault in one
//! video or one annotator never keeps the rest from loading. Joining to raw videos is in [`join`]. Nothing here compares annotators.

#[cfg(test)]
mod bad_input_tests;
pub mod benchmarks;
pub mod build;
pub mod dataset;
pub mod elan;
mod hdf5_values;
pub mod join;
pub mod listing;
mod mat5;
pub mod ratings;
pub mod summe;
pub mod table;
pub mod tsv;
pub mod tvsum;
pub mod via;
pub mod write;

use std::path::{Path, PathBuf};

use crate::domain::AnnotationSet;
use crate::domain::mending::one_line;

/// Frame rate of sets whose file states times but no frames: a frame is a millisecond.
pub const MILLISECOND_FPS: f64 = 1000.0;

/// What a file held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    /// One set a video.
    pub sets: Vec<AnnotationSet>,
    /// One sentence for each thing that was wrong and worked around.
    pub warnings: Vec<String>,
}

/// Why a file could not be used at all.
#[derive(Debug, thiserror::Error)]
pub enum AnnotationError {
    #[error("{} cannot be read: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {reason}", path.display())]
    Format { path: PathBuf, reason: String },
}

impl AnnotationError {
    pub(crate) fn format(path: &Path, reason: impl Into<String>) -> Self {
        Self::Format {
            path: path.to_owned(),
            reason: one_line(&reason.into()),
        }
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// Result of the readers and writers.
pub type Result<T> = std::result::Result<T, AnnotationError>;

/// Largest text file that is read; annotations are far smaller.
const MOST_TEXT_BYTES: u64 = 1 << 30;

/// Annotations that lie beside a video under its name: `NAME.annotations.json`.
pub fn beside(video: &Path) -> Option<PathBuf> {
    let file = video.with_extension("annotations.json");
    file.is_file().then_some(file)
}

/// Opens any supported annotation file, its format told by its content, not its name.
///
/// # Errors
/// When the file cannot be read, is of no known format, or holds nothing usable.
pub fn open(path: &Path) -> Result<Opened> {
    let mut opened = match sniff(path)? {
        Format::Hdf5 => open_hdf5(path)?,
        Format::Matlab5 => summe::open(path)?,
        Format::Text => open_text(path)?,
        Format::Unknown => return Err(unknown(path)),
    };
    for set in &mut opened.sets {
        if set.source.is_empty() {
            set.source = file_name(path);
        }
    }
    let mut seen = std::collections::HashSet::new();
    for set in &opened.sets {
        if !set.video_id.is_empty() && !seen.insert(set.video_id.clone()) {
            let warning = format!("video {} occurs more than once", set.video_id);
            if !opened.warnings.contains(&warning) {
                opened.warnings.push(warning);
            }
        }
    }
    for set in &mut opened.sets {
        set.mend(&mut opened.warnings);
    }
    for warning in &mut opened.warnings {
        *warning = one_line(warning);
    }
    if opened.sets.is_empty() {
        let reason = match opened.warnings.first() {
            Some(first) => format!("it holds no annotations that can be used: {first}"),
            None => "it holds no annotations".to_owned(),
        };
        return Err(AnnotationError::format(path, reason));
    }
    Ok(opened)
}

/// Whether a file holds annotations in a form that has no room for features, so that nothing can be inferred from it.
///
/// # Errors
/// When the file cannot be read or is neither.
pub fn is_annotations_alone(path: &Path) -> Result<bool> {
    let named_hdf5 = path.extension().is_some_and(|ending| {
        ["h5", "hdf5"]
            .iter()
            .any(|h5| ending.eq_ignore_ascii_case(h5))
    });
    Ok(match sniff(path)? {
        Format::Hdf5 => tvsum::is_tvsum(path)?,
        Format::Matlab5 => true,
        // A text under the name of an HDF5 file is a damaged one.
        Format::Text => !named_hdf5,
        Format::Unknown if named_hdf5 => false,
        Format::Unknown => {
            return Err(AnnotationError::format(
                path,
                "it is no dataset; `summdiff dataset build` makes one of videos and annotations",
            ));
        }
    })
}

pub(crate) enum Format {
    Hdf5,
    Matlab5,
    Text,
    /// No text, and none of the others: a video, say.
    Unknown,
}

pub(crate) fn sniff(path: &Path) -> Result<Format> {
    use std::io::Read;
    let mut head = Vec::new();
    let file = std::fs::File::open(path).map_err(|err| AnnotationError::io(path, err))?;
    file.take(520)
        .read_to_end(&mut head)
        .map_err(|err| AnnotationError::io(path, err))?;
    let signature = b"\x89HDF\r\n\x1a\n";
    // MATLAB writes 512 bytes of its own before the HDF5 part.
    if head.starts_with(signature) || head.get(512..520) == Some(signature) {
        Ok(Format::Hdf5)
    } else if head.starts_with(b"MATLAB 5.0") {
        Ok(Format::Matlab5)
    } else if head.is_empty() {
        Err(AnnotationError::format(path, "the file is empty"))
    } else if head.contains(&0) {
        Ok(Format::Unknown)
    } else {
        Ok(Format::Text)
    }
}

/// The error for a file of none of the formats.
fn unknown(path: &Path) -> AnnotationError {
    AnnotationError::format(
        path,
        "it is no text, no MATLAB file and no HDF5 file, so it holds no annotations",
    )
}

fn open_hdf5(path: &Path) -> Result<Opened> {
    if tvsum::is_tvsum(path)? {
        tvsum::open(path)
    } else {
        dataset::open_annotations(path)
    }
}

fn open_text(path: &Path) -> Result<Opened> {
    let (text, lossy) = read_text(path)?;
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let mut opened = if start.starts_with('<') {
        elan::read(&text, path)?
    } else if start.starts_with('{') || start.starts_with('[') {
        open_json(&text, path)?
    } else if tsv::is_tvsum_tsv(start) {
        tsv::read(&text, path)?
    } else {
        table::read(&text, path)?
    };
    if lossy {
        let warning = "some characters are not UTF-8 and were replaced".to_owned();
        opened.warnings.push(warning);
    }
    Ok(opened)
}

fn open_json(text: &str, path: &Path) -> Result<Opened> {
    let bad =
        |err: serde_json::Error| AnnotationError::format(path, format!("not valid JSON: {err}"));
    let value: serde_json::Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(bad)?;
    if via::is_via(&value) {
        return via::read(&value, path);
    }
    let values = match value {
        serde_json::Value::Array(values) => values,
        value => vec![value],
    };
    let mut opened = Opened::default();
    for (at, value) in values.into_iter().enumerate() {
        let known = value.get("annotators").is_some();
        match serde_json::from_value::<AnnotationSet>(value) {
            Ok(set) if known => opened.sets.push(set),
            Ok(_) => opened
                .warnings
                .push(format!("entry {at} has no \"annotators\"")),
            Err(err) => opened
                .warnings
                .push(format!("entry {at} is not a set of annotations: {err}")),
        }
    }
    Ok(opened)
}

/// The text of a file, and whether bytes that are not UTF-8 had to be replaced.
pub(crate) fn read_text(path: &Path) -> Result<(String, bool)> {
    let io = |err| AnnotationError::io(path, err);
    let length = std::fs::metadata(path).map_err(io)?.len();
    if length > MOST_TEXT_BYTES {
        return Err(AnnotationError::format(
            path,
            "too large for a table of annotations",
        ));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(err) => (String::from_utf8_lossy(err.as_bytes()).into_owned(), true),
    })
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

pub(crate) fn file_stem(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
