//! Kills, failing disks and signals against everything that the program writes. See
//! `docs/reliability.md` for what is promised.
//!
//! A writer runs as a process of its own (this test, started again with a role), so that it can be
//! killed. `SUMMDIFF_KILLS` says how often each writer is killed; few by default, 1,000 in all for
//! the figures.

// The figures of docs/reliability.md are what these tests print.
#![allow(clippy::print_stdout)]
#![cfg(target_os = "linux")]

mod cancelling;
mod commands;
mod disks;
#[path = "../common/projects.rs"]
mod projects;
mod roles;
mod soak;
mod window;
mod window_disk;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rand::{Rng, SeedableRng};
use roles::Role;

/// How often each writer is killed where nobody says.
const KILLS: usize = 4;

fn number_of(name: &str, usual: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(usual)
}

/// This test as a process that writes.
fn writer(role: Role, dir: &Path, once: bool) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "roles::play", "--nocapture"])
        .env(roles::ROLE, role.name())
        .env(roles::FOLDER, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if once {
        command.env(roles::ONCE, "1");
    }
    command
}

fn kill(mut child: Child) {
    // It may have ended by itself.
    let _ = child.kill();
    child.wait().unwrap();
}

/// What lies below a folder: names, sizes and times.
fn listing(dir: &Path) -> Vec<(std::path::PathBuf, u64, Option<std::time::SystemTime>)> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = path.path();
        // It may be gone already.
        let Ok(facts) = path.symlink_metadata() else {
            continue;
        };
        if facts.is_dir() {
            found.extend(listing(&path));
        }
        found.push((path, facts.len(), facts.modified().ok()));
    }
    found
}

/// Waits until a process changes something below a folder; how often, as a busy machine is slow to
/// start one.
fn wait_for_writing(child: &mut Child, dir: &Path, times: usize) {
    for _ in 0..times {
        let before = listing(dir);
        while listing(dir) == before && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
    }
}

/// Names of the program's temporaries below a folder.
fn temporaries(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with(".summdiff-") || name.starts_with(".writing-") {
            found.push(name);
        } else if path.is_dir() {
            found.extend(temporaries(&path));
        }
    }
    found
}

#[test]
fn a_killed_writer_leaves_the_old_or_the_new_and_the_next_one_works() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut met = 0;
    for role in Role::ALL {
        let dir = tempfile::tempdir().unwrap();
        assert!(writer(role, dir.path(), true).status().unwrap().success());
        let mut left = 0;
        let kills = number_of("SUMMDIFF_KILLS", KILLS);
        for _ in 0..kills {
            let mut child = writer(role, dir.path(), false).spawn().unwrap();
            // From one of the first steps of a writing on, so that most kills fall into one.
            wait_for_writing(&mut child, dir.path(), rng.random_range(1..12));
            std::thread::sleep(Duration::from_micros(rng.random_range(0..300)));
            kill(child);
            left += temporaries(dir.path()).len();
            role.check(dir.path());
        }
        met += left;
        // The next start works, and removes what the killed ones left.
        assert!(writer(role, dir.path(), true).status().unwrap().success());
        role.check(dir.path());
        assert_eq!(temporaries(dir.path()), [""; 0], "{}", role.name());
        println!(
            "{}: {kills} kills, {left} temporaries met after them, none after the next start",
            role.name()
        );
    }
    assert!(met > 0, "no kill fell into a writing");
}

/// The library that makes file calls fail; `None` where there is no C compiler.
fn failing_calls(dir: &Path) -> Option<std::path::PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reliability/failing_calls.c");
    let library = dir.join("failing_calls.so");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(source)
        .arg("-ldl")
        .status();
    if built.is_ok_and(|status| status.success()) {
        return Some(library);
    }
    summdiff_explorer::testing::skip("no C compiler");
    None
}

#[test]
fn no_writer_reports_success_when_a_file_call_failed() {
    let tools = tempfile::tempdir().unwrap();
    let Some(library) = failing_calls(tools.path()) else {
        return;
    };
    let log = tools.path().join("calls");
    for role in Role::ALL.into_iter().filter(|role| role.reports()) {
        let (mut failed, mut succeeded) = (0, 0);
        let mut calls: u64 = 0;
        let mut at = 0;
        while at <= calls {
            // The call of number 0 does not fail: it counts the others.
            for errno in [28, 5] {
                let dir = tempfile::tempdir().unwrap();
                assert!(writer(role, dir.path(), true).status().unwrap().success());
                let status = writer(role, dir.path(), true)
                    .env(roles::NEXT, "1")
                    .env("LD_PRELOAD", &library)
                    .env("FAIL_IN", dir.path())
                    .env("FAIL_AT", at.to_string())
                    .env("FAIL_ERRNO", errno.to_string())
                    .env("FAIL_LOG", &log)
                    .status()
                    .unwrap();
                let said = std::fs::read_to_string(&log).unwrap();
                let (found, was_flush) = said.split_once(' ').unwrap();
                calls = calls.max(found.parse().unwrap());
                role.check(dir.path());
                if status.success() {
                    // Without it the content can be gone after a power cut, whatever is read now.
                    assert_eq!(was_flush, "0", "{}: call {at} was a flush", role.name());
                    succeeded += usize::from(at > 0);
                    assert!(
                        role.holds_newest(dir.path()),
                        "{}: call {at} failed with {errno}, and success was reported",
                        role.name()
                    );
                } else {
                    failed += 1;
                }
                assert!(writer(role, dir.path(), true).status().unwrap().success());
                assert_eq!(
                    temporaries(dir.path()),
                    [""; 0],
                    "{}: call {at}",
                    role.name()
                );
            }
            at += 1;
        }
        println!(
            "{}: {calls} file calls, each failed twice: {failed} failures reported, {succeeded} got over, 0 false successes",
            role.name()
        );
        assert!(failed > 0, "{}: nothing failed", role.name());
    }
}

#[test]
fn one_signal_ends_a_command() {
    use std::os::unix::process::ExitStatusExt;
    let dir = tempfile::tempdir().unwrap();
    // A study of which the agreement takes minutes.
    let scores =
        |at: usize| -> Vec<usize> { (0..60_000).map(|n| (n * (at + 3)) % 5 + 1).collect() };
    let people: Vec<_> = (0..60)
        .map(|at| serde_json::json!({"name": format!("p{at}"), "scores": scores(at)}))
        .collect();
    let study = dir.path().join("study.json");
    let sets = serde_json::json!([{"video_id": "a", "frame_count": 60_000, "frame_rate_fps": 25.0, "annotators": people}]);
    std::fs::write(&study, sets.to_string()).unwrap();
    for signal in ["TERM", "INT", "HUP"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_summdiff"))
            .args(["agreement", "--stride", "1", "--json", "-"])
            .arg(&study)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        if child.try_wait().unwrap().is_some() {
            println!("skipped: the command had ended before the signal");
            continue;
        }
        let sent = std::time::Instant::now();
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args([&format!("-{signal}"), &pid])
                .status()
                .unwrap()
                .success()
        );
        let status = child.wait().unwrap();
        println!(
            "SIG{signal}: ended after {:.2} s",
            sent.elapsed().as_secs_f64()
        );
        assert_eq!(
            (status.code(), status.signal()),
            (Some(130), None),
            "SIG{signal}"
        );
    }
}
