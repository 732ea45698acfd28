//! Puts rendered cut lists into files: a temporary file beside the target, then a rename, so that no reader ever sees half.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Cut, Format, InterchangeError, names, render};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteReport {
    pub files: Vec<PathBuf>,
    /// What a person should know: roundings, splits.
    pub notes: Vec<String>,
}

/// Writes the cut to `path` in the format its ending asks for; further parts go to `name_002.ext`, `name_003.ext`, ….
///
/// # Errors
/// When nothing is kept, the ending is unknown, a target exists and `overwrite` is off, a target is the source video, or
/// the disk refuses. Nothing is left under a target's name unless all parts were written.
pub fn write(cut: &Cut, path: &Path, overwrite: bool) -> Result<WriteReport, InterchangeError> {
    let shown = |path: &Path| path.display().to_string();
    let format = Format::from_path(path)
        .ok_or_else(|| InterchangeError::UnknownFormat { path: shown(path) })?;
    let rendered = render(cut, format)?;
    let targets: Vec<PathBuf> = (0..rendered.parts.len())
        .map(|part| match part {
            0 => path.to_owned(),
            part => names::numbered(path, part as u32 + 1),
        })
        .collect();
    for target in &targets {
        if names::same_file(target, &cut.video.path) {
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
    let failed = |target: &Path, source| InterchangeError::Io {
        path: shown(target),
        source,
    };
    let mut staged = Vec::with_capacity(targets.len());
    for (target, text) in targets.iter().zip(&rendered.parts) {
        let file = stage(target, text.as_bytes()).map_err(|err| failed(target, err))?;
        staged.push(file);
    }
    for (target, file) in targets.iter().zip(staged) {
        let done = if overwrite {
            file.persist(target)
        } else {
            file.persist_noclobber(target)
        };
        done.map_err(|err| match err.error.kind() {
            std::io::ErrorKind::AlreadyExists => InterchangeError::Exists {
                path: shown(target),
            },
            _ => failed(target, err.error),
        })?;
    }
    Ok(WriteReport {
        files: targets,
        notes: rendered.notes,
    })
}

fn stage(target: &Path, bytes: &[u8]) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".summdiff-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The usual rights of a new file, less the person's umask, instead of the private ones of a temporary file.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}
