//! `cargo xtask test`: formatting, lints, tests; the first step that fails ends it, after all of its findings are told.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::disk;
use crate::python;
use crate::runtime;
use crate::setup;
use crate::shell::{self, Outcome, cargo};

/// Every check in order, each with its name and duration.
pub fn run() -> Outcome {
    let started = Instant::now();
    let mut done: Vec<(&str, Duration)> = Vec::new();
    let mut step = |name: &'static str, work: &mut dyn FnMut() -> Outcome| -> Outcome {
        println!("── {name}");
        let began = Instant::now();
        let outcome = work();
        let took = began.elapsed();
        done.push((name, took));
        match outcome {
            Ok(()) => {
                println!("── {name}: passed in {}", shown(took));
                Ok(())
            }
            Err(sentence) => {
                println!("── {name}: failed after {}", shown(took));
                Err(sentence)
            }
        }
    };

    disk::warn_before_checks(&shell::root(), python::has_tests() && !python::is_ready());
    step("set-up", &mut || setup::run(setup::For::Tests))?;
    step("formatting", &mut || {
        shell::run(cargo().args(["fmt", "--all", "--check"]))
            .map_err(|_| "Some files are not formatted: run `cargo fmt --all`.".to_owned())
    })?;
    step("lints", &mut || {
        shell::run(with_runtime(cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ])))
        .map_err(|_| "Clippy found something: mend what it says above.".to_owned())
    })?;
    // Before the Rust tests are compiled: pip's archives and theirs then never lie on the disk together.
    if python::has_tests() {
        step("Python environment", &mut python::prepare)?;
    }
    step("Rust tests", &mut || {
        shell::run(with_runtime(cargo().args([
            "test",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ])))
        .map_err(|_| "A Rust test failed: its name and reason stand above.".to_owned())
    })?;
    if python::has_tests() {
        step("Python tests", &mut python::test)?;
    }

    println!();
    for (name, took) in &done {
        println!("{name:<20}{:>8}", shown(*took));
    }
    println!("all checks passed in {}", shown(started.elapsed()));
    Ok(())
}

/// The tests load the library that set-up provided, and do not compile incrementally where nobody compiles twice.
fn with_runtime(command: &mut Command) -> &mut Command {
    command.env("ORT_DYLIB_PATH", runtime::library());
    if std::env::var_os("CI").is_some() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    shell::with_shared(command)
}

fn shown(duration: Duration) -> String {
    let secs = duration.as_secs_f64();
    if secs < 60.0 {
        format!("{secs:.1} s")
    } else {
        format!(
            "{:.0} min {:02.0} s",
            (secs / 60.0).floor(),
            (secs % 60.0).floor()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_minutes_and_seconds() {
        assert_eq!(shown(Duration::from_millis(2_340)), "2.3 s");
        assert_eq!(shown(Duration::from_millis(119_900)), "1 min 59 s");
        assert_eq!(shown(Duration::from_secs(3_600)), "60 min 00 s");
    }
}
