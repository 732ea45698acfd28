//! What a person or a script gets wrong, and what the program says: before any work, in one
//! sentence, with the right exit code.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the program with a display that nobody has named.
fn summdiff(dir: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_summdiff"))
        .current_dir(dir)
        .env("XDG_CACHE_HOME", dir.join("cache"))
        .env("XDG_STATE_HOME", dir.join("state"))
        .env("XDG_CONFIG_HOME", dir.join("config"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .args(words)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn fails(dir: &Path, words: &[&str], code: i32, part: &str) {
    let output = summdiff(dir, words);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
    assert!(said.contains(part), "{words:?}: {said}");
    if code == 1 {
        assert_eq!(said.trim_end().lines().count(), 1, "{words:?}: {said}");
    }
}

/// A number that an option does not take is named with the option, not with the command, which is
/// known.
#[test]
fn values_below_0_are_refused_by_the_option_they_belong_to() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    for (words, option, takes) in [
        (
            &["analyze", "v.mp4", "--seed", "-1"][..],
            "--seed",
            "whole number from 0",
        ),
        (
            &["analyze", "v.mp4", "--seed", "1.5"],
            "--seed",
            "whole number from 0",
        ),
        (
            &["analyze", "v.mp4", "--budget", "-0.5"],
            "--budget",
            "between 0 and 1",
        ),
        (
            &["analyze", "v.mp4", "--coherence", "-2"],
            "--coherence",
            "from 0",
        ),
        (&["analyze", "v.mp4", "--fps", "-0.5"], "--fps", "--fps"),
        (
            &["analyze", "v.mp4", "--samples", "-3"],
            "--samples",
            "whole number",
        ),
        (
            &["agreement", "a.csv", "--stride", "-15"],
            "--stride",
            "invalid value",
        ),
        (&["sample", "--seed", "-1"], "--seed", "whole number from 0"),
        (
            &["dataset", "build", "v.mp4", "--budget", "-1"],
            "--budget",
            "between 0 and 1",
        ),
        (
            &["export", "a.json", "--sample", "-1"],
            "--sample",
            "invalid value",
        ),
        // Below 0 is fine for some.
        (
            &["analyze", "v.mp4", "--guidance", "-1", "--seed", "-1"],
            "--seed",
            "whole number from 0",
        ),
        (&["analyze", "v.mp4", "--sed", "3"], "--sed", "--seed"),
    ] {
        fails(dir, words, 2, option);
        fails(dir, words, 2, takes);
        let said = said(&summdiff(dir, words));
        assert!(!said.contains("did you mean analyze"), "{said}");
    }
}

#[test]
fn a_mistyped_command_opens_no_window() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fails(dir, &["analyse", "film.mp4"], 2, "did you mean analyze?");
    fails(
        dir,
        &["analyse", "film.mp4", "--json", "a.json"],
        2,
        "did you mean analyze?",
    );
    fails(dir, &["bogus"], 2, "neither a command nor a file");
    fails(dir, &["missing.mp4"], 1, "missing.mp4 does not exist");
    fails(
        dir,
        &["open", "missing.mp4"],
        1,
        "missing.mp4 does not exist",
    );
    if cfg!(target_os = "linux") {
        fails(dir, &[], 1, "needs a display");
        for name in ["a.mp4", "b.mp4"] {
            std::fs::write(dir.join(name), b"x").unwrap();
        }
        let two = summdiff(dir, &["a.mp4", "b.mp4"]);
        assert!(said(&two).contains("left out: b.mp4"), "{}", said(&two));
    }
}

#[test]
fn places_and_annotations_are_looked_at_before_the_video() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    // No video at all: the first command that reads it reports so.
    std::fs::write(dir.join("film.mp4"), b"no video").unwrap();
    let no_folder = "there is no folder nowhere";
    for words in [
        ["analyze", "film.mp4", "--json", "nowhere/a.json"],
        ["analyze", "film.mp4", "--project", "nowhere/a.summdiff"],
        ["features", "film.mp4", "-o", "nowhere/f.npy"],
        ["render", "film.mp4", "-o", "nowhere/a.png"],
        ["report", "film.mp4", "-o", "nowhere/a.html"],
        ["export", "film.mp4", "-o", "nowhere/a.edl"],
    ] {
        fails(dir, &words, 1, no_folder);
        assert!(!dir.join("nowhere").exists());
    }
    let build = ["dataset", "build", "film.mp4", "--annotations", "p.json"];
    fails(
        dir,
        &[&build[..], &["-o", "nowhere/d.h5"]].concat(),
        1,
        no_folder,
    );
    fails(dir, &[&build[..], &["-o", "d.csv"]].concat(), 1, ".h5");
    let nope = "nope.csv cannot be read";
    for words in [
        vec!["analyze", "film.mp4", "--annotations", "nope.csv"],
        vec![
            "render",
            "film.mp4",
            "-o",
            "a.png",
            "--annotations",
            "nope.csv",
        ],
        vec![
            "report",
            "film.mp4",
            "-o",
            "a.html",
            "--annotations",
            "nope.csv",
        ],
    ] {
        fails(dir, &words, 1, nope);
        let told = said(&summdiff(dir, &words));
        assert_eq!(told.matches("os error 2").count(), 1, "{told}");
    }
    fails(dir, &["report", "film.mp4", "-o", "a.pdf"], 1, ".html");
    fails(dir, &["render", "film.mp4", "-o", "a.jpg"], 1, ".png");
    fails(
        dir,
        &["analyze", "film.mp4", "--project", "a.mp4"],
        1,
        ".summdiff",
    );
    fails(
        dir,
        &[
            "analyze",
            "film.mp4",
            "--json",
            "x.summdiff",
            "--project",
            "x.summdiff",
        ],
        1,
        "two results",
    );
    fails(
        dir,
        &["export", "film.mp4", "-o", "a.edl"],
        1,
        "analyse it first",
    );
}

#[test]
fn a_budget_in_seconds_is_of_one_video() {
    let dir = tempfile::tempdir().unwrap();
    for words in [
        &["evaluate", "d.h5", "--budget", "30s"][..],
        &["agreement", "a.csv", "--budget", "0:30"],
        &["dataset", "build", "v.mp4", "--budget", "30s"],
        &["analyze-knapsack", "--budget", "30s"],
    ] {
        fails(dir.path(), words, 2, "another share of every video");
    }
    // Numbers above 1 are neither: nobody knows whether per cent or seconds are meant.
    fails(
        dir.path(),
        &["analyze", "v.mp4", "--budget", "30"],
        2,
        "30s",
    );
    let page = ["render", "d.h5", "--view", "dataset", "-o", "a.png"];
    let asked = [&page[..], &["--budget", "30s"]].concat();
    fails(dir.path(), &asked, 1, "another share of each video");
}

#[test]
fn values_out_of_range_are_slips_of_usage() {
    let dir = tempfile::tempdir().unwrap();
    for words in [
        vec!["agreement", "a.csv", "--budget", "2"],
        vec!["analyze-knapsack", "--budget", "-1"],
        vec!["analyze-knapsack", "--weights", "9,3"],
        vec!["evaluate", "d.h5", "--threshold", "1.5"],
        vec!["evaluate", "d.h5", "--steps", "0"],
        vec!["export", "a.json", "-o", "a.edl", "--budget", "1.5"],
        vec!["segment", "f.npy", "--vmax", "-1"],
        vec![
            "sample",
            "--features",
            "f.npy",
            "-o",
            "s.npy",
            "--steps",
            "2000",
        ],
        vec!["sample", "--features", "f.npy", "-o", "s.npy", "--fps", "0"],
        vec!["render", "v.mp4", "-o", "a.png", "--size", "0x5"],
    ] {
        fails(dir.path(), &words, 2, "");
    }
    fails(
        dir.path(),
        &["evaluate", "d.h5", "--threshold", "-0.5"],
        1,
        "d.h5",
    );
}

#[test]
fn with_json_progress_each_line_of_stderr_is_an_object() {
    let dir = tempfile::tempdir().unwrap();
    let picks = "annotator,start_frame,end_frame\na,0,9\nb,5,19\na,x,3\n";
    std::fs::write(dir.path().join("p.csv"), picks).unwrap();
    let output = summdiff(
        dir.path(),
        &["--progress", "json", "agreement", "p.csv", "--json", "-"],
    );
    assert!(output.status.success(), "{}", said(&output));
    let failed = summdiff(
        dir.path(),
        &["--progress", "json", "agreement", "absent.csv"],
    );
    for output in [output, failed] {
        let told = said(&output);
        assert!(!told.is_empty());
        for line in told.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(value["message"].is_string(), "{line}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_is_no_fault() {
    use std::process::Stdio;
    let dir = tempfile::tempdir().unwrap();
    let cases = r#"{"cases": [{"capacity": 0, "weights": [1], "values": [1.0]}]}"#;
    std::fs::write(dir.path().join("k.json"), cases).unwrap();
    let solved = summdiff(dir.path(), &["knapsack", "k.json"]);
    let told = String::from_utf8_lossy(&solved.stdout).into_owned();
    assert!(told.contains(r#""value": 0.0"#), "{told}");
    let mut child = Command::new(env!("CARGO_BIN_EXE_summdiff"))
        .current_dir(dir.path())
        .args(["knapsack", "k.json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "");
}
