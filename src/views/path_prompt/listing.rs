//! What stands in a folder, read apart from the window, and paths as people type them.

use std::path::{Path, PathBuf};

use crate::files::typed_path;
use crate::ui::text;

/// Entries shown of one folder; the rest is found by typing.
pub(super) const MAX_ENTRIES: usize = 500;

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// False sorts first: folders before files.
    pub(super) is_file: bool,
    pub(super) name: String,
}

/// A folder as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing {
    pub(super) folder: PathBuf,
    pub(super) entries: Vec<Entry>,
    pub(super) error: Option<String>,
}

/// Reads a folder: folders first, then files with one of the endings (all where there are none),
/// hidden ones left out.
pub(super) fn list(folder: PathBuf, endings: &[&str]) -> Listing {
    let found = match std::fs::read_dir(&folder) {
        Ok(found) => found,
        Err(error) => {
            return Listing {
                error: Some(format!(
                    "{} cannot be read: {}",
                    folder.display(),
                    text::system_reason(&error)
                )),
                folder,
                ..Listing::default()
            };
        }
    };
    let mut entries: Vec<Entry> = found
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_file = !entry.path().is_dir();
            let wanted = !is_file
                || endings.is_empty()
                || Path::new(&name).extension().is_some_and(|ending| {
                    endings
                        .iter()
                        .any(|wanted| ending.eq_ignore_ascii_case(wanted))
                });
            (wanted && !name.starts_with('.')).then_some(Entry { is_file, name })
        })
        .collect();
    entries.sort();
    Listing {
        folder,
        entries,
        error: None,
    }
}

/// The folder a typed path lies in, and the name in it.
pub(super) fn split(typed: &str) -> (PathBuf, String) {
    let typed = typed.trim();
    let path = typed_path(typed);
    if typed.is_empty() || typed.ends_with(std::path::is_separator) {
        return (path, String::new());
    }
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let folder = path.parent().map(Path::to_path_buf).unwrap_or(path);
    (folder, name)
}

pub(super) fn with_slash(folder: &Path) -> String {
    let text = folder.display().to_string();
    if text.ends_with('/') {
        text
    } else {
        format!("{text}/")
    }
}
