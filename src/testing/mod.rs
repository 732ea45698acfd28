//! Helpers for tests: where optional test data lies, and how to make videos with the ffmpeg
//! program. Compiled for tests and benchmarks only, by the feature `testing`: the program itself
//! has none of it.

pub mod dataset;
pub mod fixture;
pub mod onnx;
pub mod readers;
pub mod video;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of optional reference data: `SUMMDIFF_SHARED`, else `shared` beside the checkout;
/// `None` where it is absent, and the test is skipped.
pub fn shared_dir() -> Option<PathBuf> {
    let dir = shared_place();
    // An empty folder, as a failed mount leaves it, is no reference data.
    if ["data", "fixtures"]
        .iter()
        .all(|part| dir.join(part).is_dir())
    {
        return Some(dir);
    }
    skip("no reference data beside the checkout");
    None
}

/// A file or folder of the reference data; `None` where there is no such data. A part that is
/// missing from data that is there fails the test under CI.
pub fn shared_part(part: &str) -> Option<PathBuf> {
    let path = shared_dir()?.join(part);
    if path.exists() {
        return Some(path);
    }
    skip_outside_ci(&format!("no {}", path.display()));
    None
}

fn shared_place() -> PathBuf {
    std::env::var_os("SUMMDIFF_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    )
}

/// Notes that the running test is skipped, and why, in the file that `SUMMDIFF_SKIPPED` names:
/// `cargo xtask test` lists them at its end.
pub fn skip(why: &str) {
    eprintln!("skipped: {why}");
    let Some(list) = std::env::var_os("SUMMDIFF_SKIPPED") else {
        return;
    };
    let thread = std::thread::current();
    let line = format!("{}\t{why}\n", thread.name().unwrap_or("a test"));
    let list = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(list);
    list.and_then(|mut list| list.write_all(line.as_bytes()))
        .expect("the list of skipped tests can be written");
}

/// As [`skip`], but fails the test under CI, where nothing it needs may be missing.
pub fn skip_outside_ci(why: &str) {
    assert!(
        std::env::var_os("CI").is_none(),
        "not to be skipped under CI: {why}"
    );
    skip(why);
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
