//! `cargo xtask test`: formatting, dependencies, lints, tests; the first step that fails ends it,
//! after all of its findings.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::dependencies;
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
    step("dependencies", &mut dependencies::check)?;
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
        .map_err(|_| "Clippy found something: fix what it reports above.".to_owned())
    })?;
    // Before the Rust tests are compiled: pip's archives and theirs then never lie on the disk
    // together.
    if python::has_tests() {
        step("Python environment", &mut python::prepare)?;
    }
    let list = shell::root().join("target/skipped-tests");
    // A list of an earlier run.
    let _ = std::fs::remove_file(&list);
    step("Rust tests", &mut || {
        let mut test = cargo();
        test.args(["test", "--workspace", "--locked", "--no-fail-fast"])
            .env("SUMMDIFF_SKIPPED", &list);
        shell::run(with_runtime(&mut test))
            .map_err(|_| "A Rust test failed: its name and reason stand above.".to_owned())
    })?;
    if python::has_tests() {
        step("Python tests", &mut python::test)?;
    }

    println!();
    for (name, took) in &done {
        println!("{name:<20}{:>8}", shown(*took));
    }
    if let Ok(lines) = std::fs::read_to_string(&list) {
        println!("{}", skipped(&lines));
    }
    println!("all checks passed in {}", shown(started.elapsed()));
    Ok(())
}

/// One line of how many tests were skipped, which, and why. `lines`: a test and the reason in each,
/// with a tab between.
fn skipped(lines: &str) -> String {
    let mut reasons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (test, why) in lines.lines().filter_map(|line| line.split_once('\t')) {
        reasons.entry(why).or_default().insert(test);
    }
    let tests: BTreeSet<&str> = reasons.values().flatten().copied().collect();
    let parts: Vec<String> = reasons
        .iter()
        .map(|(why, tests)| {
            let names: Vec<&str> = tests.iter().copied().collect();
            format!("{why} ({})", names.join(", "))
        })
        .collect();
    format!("{} tests skipped: {}", tests.len(), parts.join("; "))
}

/// The tests load the library that set-up provided, and do not compile incrementally where nobody
/// compiles twice.
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

    #[test]
    fn skipped_tests_are_counted_once_with_their_reasons() {
        let lines =
            "media::odd\tno data\nmedia::odd\tno data\nmedia::shots\tno data\ncut\tno compiler\n";
        assert_eq!(
            skipped(lines),
            "3 tests skipped: no compiler (cut); no data (media::odd, media::shots)"
        );
    }
}
