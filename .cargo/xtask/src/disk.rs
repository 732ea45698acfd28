//! Room on the disk: asked before much is written, so that a full disk is told as such and early.

use std::path::Path;

use crate::shell::{output_of, say};

/// What compiling and running every Rust test leaves in `target/` (seen: 4.1 GB), and what the
/// tests write meanwhile.
const RUST_TESTS_GB: f64 = 4.6;
/// The Python environment as installed (seen: 5.8 GB).
pub const PYTHON_INSTALLED_GB: f64 = 5.8;
/// The archives that pip keeps beside it while it installs (seen: 2.5 GB); gone before the Rust
/// tests begin.
pub const PYTHON_ARCHIVES_GB: f64 = 2.6;

/// Says so where the checks may not fit. It does not stop them: part of what they write may be
/// there already.
pub fn warn_before_checks(root: &Path, with_python: bool) {
    let needed = needed_gb(with_python, root.join("target/debug/deps").is_dir());
    if let Some(free) = free_gb(root)
        && free < needed
    {
        say(&format!(
            "the checks take up to {needed:.0} GB of disk, and {free:.1} GB are free at {}",
            root.display()
        ));
    }
}

/// The most that the checks hold at once; the archives are gone before the Rust tests are compiled.
fn needed_gb(with_python: bool, compiled: bool) -> f64 {
    let rust = if compiled { 0.0 } else { RUST_TESTS_GB };
    if with_python {
        PYTHON_INSTALLED_GB + rust.max(PYTHON_ARCHIVES_GB)
    } else {
        rust
    }
}

/// Free room for a user at `folder`, in units of 10⁹ bytes; `None` where `df` cannot tell.
pub fn free_gb(folder: &Path) -> Option<f64> {
    free_in(&output_of("df", &["-Pk", &folder.to_string_lossy()])?)
}

/// Reads POSIX `df -Pk`: a header, then one line whose fourth column is the free room in units of
/// 1,024 bytes.
fn free_in(table: &str) -> Option<f64> {
    let kib: f64 = table
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    Some(kib * 1024.0 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_room_is_read() {
        let table = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n\
                     /dev/vda         263174212 85983232  10000000      90% /\n";
        assert_eq!(free_in(table), Some(10.24));
        assert_eq!(free_in("df: no such file\n"), None);
        if cfg!(target_os = "linux") {
            assert!(free_gb(Path::new("/")).is_some());
        }
    }

    #[test]
    fn archives_and_compiled_tests_are_never_there_together() {
        assert!((needed_gb(true, false) - 10.4).abs() < 1e-9);
        assert!((needed_gb(true, true) - 8.4).abs() < 1e-9);
        assert!((needed_gb(false, false) - 4.6).abs() < 1e-9);
    }
}
