//! A process that decodes or exports and no longer says anything is ended, and what waited for it
//! gets a sentence. The wait is the library's own, shortened here for all that this process starts;
//! so it has a program of its own.
//!
//! Needs the ffmpeg program, which makes the clip.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use summdiff_explorer::confined;
use summdiff_explorer::domain::FrameRange;
use summdiff_explorer::jobs::CancelToken;
use summdiff_explorer::media::cut::{CutError, ExportOptions, export_video};
use summdiff_explorer::media::remote::wait_at_most;
use summdiff_explorer::media::{self, MediaError, SampledDecoder, SampledOptions};
use summdiff_explorer::testing::ffmpeg;

/// Halts all processes that this one has started to work on files.
fn halt_workers() -> usize {
    let own = format!("PPid:\t{}\n", std::process::id());
    let mut halted = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let word = arguments.split(|&byte| byte == 0).nth(1);
        if status.contains(&own) && word == Some(confined::WORD.as_bytes()) {
            let id = entry.file_name();
            let sent = Command::new("kill").args(["-s", "STOP"]).arg(id).status();
            assert!(sent.unwrap().success());
            halted += 1;
        }
    }
    halted
}

#[test]
fn a_process_that_is_silent_is_ended() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip.mp4");
    let source = "testsrc=size=640x360:rate=25:duration=20";
    let codec = ["-c:v", "mpeg4", "-g", "50", clip.to_str().unwrap()];
    ffmpeg([&["-f", "lavfi", "-i", source], &codec[..]].concat());
    confined::use_other_program(Path::new(env!("CARGO_BIN_EXE_summdiff")));
    let cancel = CancelToken::new();
    let index = media::index(&clip, &cancel, &mut |_| {}).unwrap().index;
    let picks: Vec<u64> = (0..index.len()).collect();
    let options = SampledOptions::default();
    let mut decoder = SampledDecoder::open(&clip, &index, &picks, options, cancel.clone()).unwrap();
    decoder.next().unwrap().unwrap();
    assert!(halt_workers() > 0);
    wait_at_most(1);
    let failure = decoder.find_map(Result::err).unwrap();
    assert!(
        matches!(failure, MediaError::Stuck { secs: 1, .. }),
        "{failure}"
    );
    assert!(failure.to_string().contains("clip.mp4"), "{failure}");

    // As long as anybody may take to start, until it is at work.
    wait_at_most(120);
    let out = dir.path().join("out.mp4");
    let mut is_halted = false;
    let mut progress = |_| {
        if !is_halted {
            is_halted = true;
            assert!(halt_workers() > 0);
            wait_at_most(1);
        }
    };
    let ranges = [FrameRange::new(0, index.len())];
    let options = ExportOptions::default();
    let made = export_video(
        &clip,
        &index,
        &ranges,
        &out,
        &options,
        &mut progress,
        &cancel,
    );
    let failure = made.unwrap_err();
    let is_stuck = matches!(failure, CutError::Source(MediaError::Stuck { secs: 1, .. }));
    assert!(is_stuck, "{failure}");
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        1,
        "something is left"
    );
}
