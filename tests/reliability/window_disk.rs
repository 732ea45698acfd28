//! The real window while the disk of its drafts is full, read-only or gone.

use std::time::Duration;

use super::disks::{Disk, Fault};
use super::window::{Display, Shown, markers, wait_until};

/// A busy machine draws few frames.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_window_says_why_work_is_not_saved_and_saves_it_once_it_can() {
    if super::number_of("SUMMDIFF_WINDOWS", 0) == 0 {
        summdiff_explorer::testing::skip("SUMMDIFF_WINDOWS gives no windows");
        return;
    }
    let Some(display) = Display::start().filter(Display::takes_keys) else {
        summdiff_explorer::testing::skip("no Xvfb or xdotool");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let state = home.join("state/summdiff");
    std::fs::create_dir_all(&state).unwrap();
    let Some(disk) = Disk::new(dir.path(), "disk") else {
        return;
    };
    // The log stays on a sound disk.
    let drafts = state.join("drafts");
    std::fs::create_dir(disk.place.join("drafts")).unwrap();
    std::os::unix::fs::symlink(disk.place.join("drafts"), &drafts).unwrap();
    let video = dir.path().join("demo.mp4");
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/demo.mp4");
    std::fs::copy(demo, &video).unwrap();
    let window = Shown::open(&display, dir.path(), &home, &video, |command| {
        disk.under(command);
        command.env("FAIL_IN", &drafts);
    });
    let log = state.join("log/summdiff.log");
    let said = |words: &str| {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        text.lines().filter(|line| line.contains(words)).count()
    };
    let mark = || {
        for key in ["Right", "Right", "m"] {
            let _ = display.xdotool(&["key", key]);
        }
    };
    mark();
    assert!(
        wait_until(PATIENCE, || markers(&home) == 1),
        "the first edit"
    );
    for (at, fault) in Fault::ALL.into_iter().enumerate() {
        let is_well = said("All work reaches the disk");
        disk.spoil(fault);
        mark();
        let words = format!("Your work is not being saved: {}", fault.words());
        let words = match fault {
            Fault::Gone => "Your work is not being saved: the folder",
            _ => &words,
        };
        assert!(
            wait_until(PATIENCE, || said(words) > 0),
            "{fault:?}: nothing was said"
        );
        disk.repair(fault);
        let repaired = std::time::Instant::now();
        assert!(
            wait_until(PATIENCE, || markers(&home) == at + 2),
            "{fault:?}: not saved"
        );
        let after = repaired.elapsed();
        assert!(
            wait_until(PATIENCE, || said("All work reaches the disk") > is_well),
            "{fault:?}: the message stands"
        );
        println!(
            "{fault:?}: said, and on the disk {:.1} s after it was repaired",
            after.as_secs_f64()
        );
    }
    drop(window);
}
