//! Puts rendered cut lists into files: all parts are on the disk before the first gets its name.

use std::path::{Path, PathBuf};

use super::{Cut, Format, InterchangeError, render};
use crate::files::{self, Existing, Staged};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteReport {
    pub files: Vec<PathBuf>,
    /// What a person should know: roundings, splits.
    pub notes: Vec<String>,
}

/// Writes the cut to `path` in the format its ending asks for; further parts go to `name_002.ext`,
/// `name_003.ext`, ….
///
/// # Errors
/// When nothing is kept, the ending is unknown, a target exists and `overwrite` is off, a target is
/// the source video, or the disk refuses. Nothing is left under a target's name unless all parts
/// were written.
pub fn write(cut: &Cut, path: &Path, overwrite: bool) -> Result<WriteReport, InterchangeError> {
    let shown = |path: &Path| path.display().to_string();
    let format = Format::from_path(path)
        .ok_or_else(|| InterchangeError::UnknownFormat { path: shown(path) })?;
    let rendered = render(cut, format)?;
    let targets: Vec<PathBuf> = (0..rendered.parts.len())
        .map(|part| match part {
            0 => path.to_owned(),
            part => files::numbered(path, part as u32 + 1),
        })
        .collect();
    for target in &targets {
        if files::same_file(target, &cut.video.path) {
            return Err(InterchangeError::IsSource {
                path: shown(target),
            });
        }
        if !overwrite && target.symlink_metadata().is_ok() {
            return Err(InterchangeError::Exists {
                path: shown(target),
            });
        }
    }
    let failed = |target: &Path, source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AlreadyExists => InterchangeError::Exists {
            path: shown(target),
        },
        _ => InterchangeError::Io {
            path: shown(target),
            source,
        },
    };
    let existing = match overwrite {
        true => Existing::Replace,
        false => Existing::Refuse,
    };
    let mut staged = Vec::with_capacity(targets.len());
    for (target, text) in targets.iter().zip(&rendered.parts) {
        let file = Staged::with_content(target, existing, text.as_bytes());
        staged.push(file.map_err(|err| failed(target, err))?);
    }
    for (target, file) in targets.iter().zip(staged) {
        file.commit().map_err(|err| failed(target, err))?;
    }
    Ok(WriteReport {
        files: targets,
        notes: rendered.notes,
    })
}
