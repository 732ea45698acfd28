//! A row of the list: the folder above, or what is in the folder.

use std::path::PathBuf;

use super::listing::Entry;

/// One row of the list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Row {
    Above(PathBuf),
    Entry(Entry),
}

impl Row {
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::Entry(entry) if entry.is_file)
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Above(_) => "..",
            Self::Entry(entry) => &entry.name,
        }
    }
}
