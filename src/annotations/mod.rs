//! Reading and writing what people rated and picked: TVSum, SumMe, Mr. HiSum and eccv16 files,
//! tables, JSON, ELAN, VIA.
//!
//! [`open`] recognises the format by content and gives plain [`AnnotationSet`]s with sentences
//! about what had to be left out: a fault in one video or one annotator never keeps the rest from
//! loading. Joining to raw videos is in [`join`]. Nothing here compares annotators.

#[cfg(test)]
mod bad_input_tests;
pub mod bare;
pub mod benchmarks;
pub mod build;
pub mod dataset;
pub mod elan;
#[cfg(test)]
mod foreign_tests;
mod hdf5_values;
pub mod join;
mod json;
pub mod listing;
mod mat5;
mod orientation;
pub mod ratings;
pub mod results;
pub mod several;
pub mod summe;
pub mod table;
mod text;
mod timed;
pub mod tsv;
pub mod tvsum;
pub mod via;
pub mod write;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::confined;
use crate::domain::AnnotationSet;
use crate::domain::budget::{MOST_BYTES, warn};
use crate::domain::repairs::{check_sizes, one_line};
use crate::reading;

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

/// Annotations that lie beside a video under its name: `NAME.annotations.json`.
pub fn beside(video: &Path) -> Option<PathBuf> {
    let file = video.with_extension("annotations.json");
    file.is_file().then_some(file)
}

/// Opens any supported annotation file, its format recognised by its content, not its name.
///
/// # Errors
/// When the file cannot be read, is of no known format, or holds nothing usable.
pub fn open(path: &Path) -> Result<Opened> {
    let mut opened = match sniff(path)? {
        Format::Hdf5 => open_hdf5(path)?,
        Format::Matlab5 => open_matlab5(path)?,
        Format::Text => open_text(path)?,
        Format::Unknown => return Err(unknown(path)),
    };
    for set in &mut opened.sets {
        if set.source.is_empty() {
            set.source = file_name(path);
        }
    }
    check_sizes(&opened.sets).map_err(|reason| AnnotationError::format(path, reason))?;
    let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
    for set in &opened.sets {
        let id = &set.video_id;
        if !id.is_empty() && !seen.insert(id) && twice.insert(id) {
            warn(
                &mut opened.warnings,
                format!("video {id} occurs more than once"),
            );
        }
    }
    for set in &mut opened.sets {
        set.repair(&mut opened.warnings);
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

/// The kind of confined work that reads an HDF5 file.
pub const TRIAL: &str = "hdf5";

/// Larger HDF5 files are tried in part.
const LARGE_BYTES: u64 = 64 << 20;
/// For so long videos of a large file are tried.
const LARGE_TRIAL: Duration = Duration::from_secs(3);
/// Processor time in which a large file has to be listed and tried: its list alone may hold 30,000
/// videos.
const LARGE_MOST_SECS: u64 = 60;

/// Processor time, in seconds, that trying an HDF5 file of so many bytes may take.
fn trial_secs(bytes: u64) -> u64 {
    if bytes > LARGE_BYTES {
        LARGE_MOST_SECS
    } else {
        confined::MOST_SECS
    }
}

/// Reads an HDF5 file and keeps nothing, in the process that was started for it: all of it, or of a
/// large one its list and as many videos as [`LARGE_TRIAL`] has time for.
///
/// # Errors
/// What is wrong with the file, as a sentence.
pub fn try_hdf5(path: &Path) -> std::result::Result<(), String> {
    let bytes = std::fs::metadata(path).map_or(0, |meta| meta.len());
    confined::confine(confined::MOST_BYTES + (64 << 20), trial_secs(bytes));
    if bytes <= LARGE_BYTES {
        open_hdf5(path).map_err(|err| err.to_string())?;
    }
    if let Ok(dataset) = dataset::Dataset::open(path) {
        let begun = Instant::now();
        for key in dataset.keys() {
            if bytes > LARGE_BYTES && begun.elapsed() > LARGE_TRIAL {
                break;
            }
            // Features too; a video that cannot be read is left out where it is asked for.
            let _ = dataset.read(key);
        }
    }
    Ok(())
}

/// Whether a file holds annotations in a form that has no room for features, so that nothing can be
/// inferred from it.
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
        Format::Hdf5 => is_matlab_hdf5(path)?,
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
    let file = reading::open(path).map_err(|err| AnnotationError::io(path, err))?;
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
    } else if text::encoding(&head).is_some() {
        Ok(Format::Text)
    } else {
        Ok(Format::Unknown)
    }
}

/// The error for a file of none of the formats.
fn unknown(path: &Path) -> AnnotationError {
    AnnotationError::format(
        path,
        "it is no text, no MATLAB file and no HDF5 file, so it holds no annotations",
    )
}

/// Whether an HDF5 file is MATLAB's form of TVSum or SumMe, which have no features.
pub(crate) fn is_matlab_hdf5(path: &Path) -> Result<bool> {
    let file = hdf5_values::open(path)?;
    Ok(tvsum::is_tvsum(&file) || summe::is_summe(&file))
}

fn open_hdf5(path: &Path) -> Result<Opened> {
    let file = hdf5_values::open(path)?;
    if tvsum::is_tvsum(&file) {
        tvsum::from_hdf5(&file, path)
    } else if summe::is_summe(&file) {
        summe::from_hdf5(&file, path)
    } else {
        drop(file);
        dataset::open_annotations(path)
    }
}

/// The content shows whose the file is, not the version of MATLAB that it was saved by.
fn open_matlab5(path: &Path) -> Result<Opened> {
    let bytes = reading::read(path, MOST_BYTES).map_err(|err| AnnotationError::io(path, err))?;
    let damaged = || AnnotationError::format(path, "the MATLAB file is damaged or incomplete");
    let (variables, broken) = mat5::read(&bytes)
        .map_err(|reason| AnnotationError::format(path, reason))?
        .ok_or_else(damaged)?;
    let mut opened = match tvsum::structure(&variables) {
        Some(videos) => tvsum::from_matlab5(videos),
        None if summe::has_scores(&variables) => summe::from_matlab5(&variables, path)?,
        None if broken => return Err(damaged()),
        None => {
            return Err(AnnotationError::format(
                path,
                "it has neither the table user_score of SumMe nor the structure tvsum50 of TVSum",
            ));
        }
    };
    if broken {
        let warning = "the MATLAB file breaks off; what came before is kept";
        opened.warnings.push(warning.to_owned());
    }
    Ok(opened)
}

fn open_text(path: &Path) -> Result<Opened> {
    let (text, lossy) = text::read(path)?;
    let start = text.trim_start();
    let mut opened = if start.starts_with('<') {
        elan::read(&text, path)?
    } else if start.starts_with('{') || start.starts_with('[') {
        json::read(&text, path)?
    } else if tsv::is_tvsum_tsv(start) {
        tsv::read(&text, path)?
    } else {
        table::read(&text, path)?
    };
    if lossy {
        let warning = "some characters are neither UTF-8 nor UTF-16 and were replaced".to_owned();
        opened.warnings.push(warning);
    }
    Ok(opened)
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// A video's name without its ending; an ending that is no video's belongs to the name.
pub(crate) fn video_name(name: &str) -> String {
    const MEDIA: [&str; 28] = [
        "mp4", "mkv", "webm", "mov", "avi", "m4v", "mpg", "mpeg", "ts", "mts", "m2ts", "vob",
        "wmv", "flv", "ogv", "3gp", "mxf", "gif", "y4m", "wav", "mp3", "m4a", "aac", "flac", "ogg",
        "opus", "aif", "aiff",
    ];
    match name.rsplit_once('.') {
        Some((stem, ending)) if MEDIA.iter().any(|media| ending.eq_ignore_ascii_case(media)) => {
            stem.to_owned()
        }
        _ => name.to_owned(),
    }
}

pub(crate) fn file_stem(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
