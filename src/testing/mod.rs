//! Helpers for tests: where optional test data lies, and how to make videos with the ffmpeg program.
//! Nothing of the program itself uses this room.

pub mod dataset;
pub mod fixture;
pub mod onnx;
pub mod readers;
pub mod video;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of optional reference data: `SUMMDIFF_SHARED`, else `shared` beside the checkout.
/// Prints why and returns `None` where it is absent, so that a test can skip.
pub fn shared_dir() -> Option<PathBuf> {
    let dir = std::env::var_os("SUMMDIFF_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    // An empty folder, as a failed mount leaves it, is no reference data.
    if ["data", "fixtures"]
        .iter()
        .all(|part| dir.join(part).is_dir())
    {
        Some(dir)
    } else {
        eprintln!("skipped: no reference data at {}", dir.display());
        None
    }
}

/// Runs the ffmpeg program with `args` (which end with the output file), quietly, overwriting.
/// Panics with ffmpeg's own words when it fails: a test cannot go on without its video.
pub fn ffmpeg<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"])
        .args(args)
        .output();
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("ffmpeg failed: {}", String::from_utf8_lossy(&output.stderr)),
        Err(err) => panic!("the ffmpeg program is needed by the tests: {err}"),
    }
}
