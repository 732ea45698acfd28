//! Where bundles and the runtime library are looked for. Reads no bundle and loads no library.

use std::path::{Path, PathBuf};

/// Folder of the user's own bundles, extractors and runtime: `SUMMDIFF_DATA_DIR`, else `summdiff`
/// in the user's data folder.
pub fn user_data_dir() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("SUMMDIFF_DATA_DIR").filter(|dir| !dir.is_empty()) {
        return Some(PathBuf::from(dir));
    }
    directories::BaseDirs::new().map(|dirs| dirs.data_dir().join("summdiff"))
}

/// Folders whose parents may be the project: that of the running program, the working directory,
/// and, on the machine it was built on, the checkout: the build folder may lie elsewhere.
fn starts() -> Vec<PathBuf> {
    let program = std::env::current_exe()
        .ok()
        .map(|path| path.canonicalize().unwrap_or(path))
        .and_then(|path| path.parent().map(Path::to_owned));
    program
        .into_iter()
        .chain(std::env::current_dir().ok())
        .chain([PathBuf::from(env!("CARGO_MANIFEST_DIR"))])
        .collect()
}

/// `relative` in the program's folder, in the working directory, and in all parents of both,
/// nearest first, where it exists.
pub fn in_project(relative: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for start in starts() {
        for parent in start.ancestors() {
            let path = parent.join(relative);
            if path.exists() && !found.contains(&path) {
                found.push(path);
            }
        }
    }
    found
}

/// The runtime library's file name on this system.
pub const RUNTIME_LIBRARY: &str = if cfg!(windows) {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

/// Files to try as the runtime library, best first: beside the program (or in its `lib`), the
/// project's vendor folder, the user's data folder. The variable `ORT_DYLIB_PATH` is not considered
/// here: it overrides all of these.
pub fn runtime_candidates() -> Vec<PathBuf> {
    let mut candidates = Vec::new();
    if let Ok(program) = std::env::current_exe()
        && let Some(dir) = program.parent()
    {
        candidates.push(dir.join(RUNTIME_LIBRARY));
        candidates.push(dir.join("lib").join(RUNTIME_LIBRARY));
    }
    let vendored = Path::new("vendor/onnxruntime/lib").join(RUNTIME_LIBRARY);
    candidates.extend(in_project(&vendored));
    if let Some(data) = user_data_dir() {
        candidates.push(data.join("onnxruntime/lib").join(RUNTIME_LIBRARY));
        candidates.push(data.join("onnxruntime").join(RUNTIME_LIBRARY));
    }
    candidates.retain(|path| path.is_file());
    candidates.dedup();
    candidates
}

/// Folders that hold bundles by name, best first: `models` of the project, `bundles` and
/// `extractors` of the user.
pub fn bundle_folders() -> Vec<PathBuf> {
    let mut folders = in_project(Path::new("models"));
    if let Some(data) = user_data_dir() {
        folders.push(data.join("bundles"));
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkout_is_looked_through_wherever_the_program_was_built() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(starts().iter().any(|start| start == manifest));
        assert!(bundle_folders().contains(&manifest.join("models")));
    }
}
