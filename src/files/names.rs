//! Names of files beside each other. Does not touch their content.

use std::path::{Path, PathBuf};

/// The folder that a file is in; `.` for a bare name.
pub fn folder_of(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// The path itself while it is free, else the first free of `name_002.ext`, `name_003.ext`, …
pub fn free_path(path: &Path) -> PathBuf {
    let mut candidate = path.to_owned();
    let mut number = 2u32;
    while candidate.symlink_metadata().is_ok() {
        candidate = numbered(path, number);
        number += 1;
    }
    candidate
}

/// `name_002.ext` for `name.ext` and 2.
pub fn numbered(path: &Path, number: u32) -> PathBuf {
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let name = match path.extension() {
        Some(ending) => format!("{stem}_{number:03}.{}", ending.to_string_lossy()),
        None => format!("{stem}_{number:03}"),
    };
    path.with_file_name(name)
}

/// Whether two paths are one file: the same place, or links to it.
pub fn same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let (Ok(a), Ok(b)) = (a.metadata(), b.metadata()) {
            return a.dev() == b.dev() && a.ino() == b.ino();
        }
    }
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// The path with an ending where it has none.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    if path.extension().is_some() {
        path.to_path_buf()
    } else {
        path.with_extension(ending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_gets_a_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cut.mp4");
        assert_eq!(free_path(&path), path);
        std::fs::write(&path, b"x").unwrap();
        assert_eq!(free_path(&path), dir.path().join("cut_002.mp4"));
        std::fs::write(dir.path().join("cut_002.mp4"), b"x").unwrap();
        assert_eq!(free_path(&path), dir.path().join("cut_003.mp4"));
    }

    #[cfg(unix)]
    #[test]
    fn links_to_a_file_are_that_file() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("a.mp4");
        std::fs::write(&real, b"x").unwrap();
        let soft = dir.path().join("b.mp4");
        let hard = dir.path().join("c.mp4");
        std::os::unix::fs::symlink(&real, &soft).unwrap();
        std::fs::hard_link(&real, &hard).unwrap();
        assert!(same_file(&real, &soft));
        assert!(same_file(&real, &hard));
        assert!(!same_file(&real, &dir.path().join("d.mp4")));
    }
}
