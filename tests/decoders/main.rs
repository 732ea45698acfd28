//! Videos are decoded in processes of their own: the same comes out of them as of the program
//! itself, and their end, whatever the way, is a sentence.
//!
//! Needs the ffmpeg program, which makes the clips. The library is told to start the real program;
//! the processes are found among the children of this one, by the clip in their arguments.

#![cfg(target_os = "linux")]

mod export_ends;
mod exporting;
mod held_back;
mod measuring;
mod processes;
mod reading;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use processes::{
    analyze, crash, decoder_at_work, decoders_of, is_there, last_line, runs_out_of_memory, signal,
    status, wait_for,
};
use reading::{HERE, decode_elsewhere, everything, long_clip};
use summdiff_explorer::domain::FrameIndex;
use summdiff_explorer::jobs::CancelToken;
use summdiff_explorer::media::{
    self, MediaError, Player, PlayerOptions, SampledDecoder, SampledOptions,
};

#[test]
fn the_same_comes_out_of_a_process_of_its_own() {
    decode_elsewhere();
    let (_, read) = &*HERE;
    assert!(read.len() >= 8);
    for (clip, here) in read {
        let elsewhere = everything(clip);
        for (here, elsewhere) in here.iter().zip(&elsewhere) {
            assert_eq!(here, elsewhere);
        }
        assert_eq!(here.len(), elsewhere.len());
    }
}

#[test]
fn a_crash_while_a_command_works_is_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "clip.mp4");
    for name in ["SEGV", "ABRT", "KILL"] {
        let child = analyze(dir.path(), &clip).spawn().unwrap();
        let decoder = decoder_at_work(&child, &clip);
        crash(decoder, name);
        let output = child.wait_with_output().unwrap();
        let said = last_line(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("the video decoder crashed"), "{name}: {said}");
        assert!(said.contains("clip.mp4"), "{name}: {said}");
        assert!(!is_there(decoder), "{name}: a process is left behind");
    }
}

#[test]
fn memory_that_runs_out_is_a_sentence_with_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "clip.mp4");
    let child = analyze(dir.path(), &clip).spawn().unwrap();
    // From the first frames on, nothing more is given to it.
    let decoder = decoder_at_work(&child, &clip);
    runs_out_of_memory(child, decoder);
}

#[test]
fn decoders_end_with_the_program_however_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "clip.mp4");
    for (name, stopped) in [("KILL", false), ("KILL", true), ("INT", false)] {
        let mut child = analyze(dir.path(), &clip).spawn().unwrap();
        let decoder = decoder_at_work(&child, &clip);
        if stopped {
            // It can no longer see that its input has ended.
            signal(decoder, "STOP");
        }
        signal(child.id(), name);
        child.wait().unwrap();
        wait_for("the end of the decoder", || {
            // A process that inherits it may take its time to leave it.
            (!is_there(decoder) || status(decoder, "State:").starts_with('Z')).then_some(())
        });
    }
}

#[test]
fn a_decoder_has_given_up_what_it_does_not_need() {
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "clip.mp4");
    let mut child = analyze(dir.path(), &clip).spawn().unwrap();
    let decoder = decoder_at_work(&child, &clip);
    let limits = std::fs::read_to_string(format!("/proc/{decoder}/limits")).unwrap();
    let (filters, privileges) = (status(decoder, "Seccomp:"), status(decoder, "NoNewPrivs:"));
    signal(child.id(), "KILL");
    child.wait().unwrap();
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..]
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned()
    };
    assert!(limit("Max data size").parse::<u64>().unwrap() >= 1 << 30);
    assert_eq!(limit("Max file size"), "0");
    assert_eq!(limit("Max core file size"), "0");
    let said = Command::new(env!("CARGO_BIN_EXE_summdiff"))
        .args(["doctor", "--json"])
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    let held = &said["decoder"];
    assert!(held.is_object() && said["exporter"].is_object(), "{said}");
    assert_eq!(held["processes"], filters == "2", "{held} {filters}");
    if held["processes"] == true || held["reading"] == true {
        assert_eq!(privileges, "1");
    }
}

fn inspected(clip: &Path) -> FrameIndex {
    let (_, index) = media::inspect(clip, &CancelToken::new(), &mut |_| {}).unwrap();
    index
}

#[test]
fn sampling_ends_with_a_crash_and_when_asked_to() {
    decode_elsewhere();
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "sampled.mp4");
    let index = inspected(&clip);
    let picks: Vec<u64> = (0..index.len()).collect();
    let open = |cancel: &CancelToken| {
        SampledDecoder::open(
            &clip,
            &index,
            &picks,
            SampledOptions::default(),
            cancel.clone(),
        )
        .unwrap()
    };
    let mut decoder = open(&CancelToken::new());
    decoder.next().unwrap().unwrap();
    for id in decoders_of(std::process::id(), &clip) {
        crash(id, "SEGV");
    }
    let failure = decoder.by_ref().find_map(Result::err).unwrap();
    assert!(matches!(failure, MediaError::Crashed { .. }), "{failure}");
    assert!(failure.to_string().contains("signal 11"), "{failure}");
    assert!(decoder.next().is_none());
    assert!(decoder.shots().unwrap().cuts.is_empty());
    // Asked to end while it waits for a process that does nothing.
    let cancel = CancelToken::new();
    let mut decoder = open(&cancel);
    decoder.next().unwrap().unwrap();
    for id in decoders_of(std::process::id(), &clip) {
        signal(id, "STOP");
    }
    let asking = std::thread::scope(|scope| {
        scope.spawn(|| cancel.cancel());
        decoder.by_ref().find_map(Result::err).unwrap()
    });
    assert!(asking.is_cancelled(), "{asking}");
    drop(decoder);
    wait_for("the end of all decoders", || {
        decoders_of(std::process::id(), &clip)
            .is_empty()
            .then_some(())
    });
}

#[test]
fn a_player_whose_decoder_crashed_plays_again_from_the_next_seek() {
    decode_elsewhere();
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "played.mp4");
    let index = inspected(&clip);
    let player = Player::open(&clip, &index, PlayerOptions::default()).unwrap();
    let shown = |wanted: u64| {
        wait_for("a picture", || {
            let frame = player.frame_at(Instant::now())?;
            (frame.frame == wanted).then_some(())
        });
    };
    shown(0);
    for target in [400, 900] {
        for id in decoders_of(std::process::id(), &clip) {
            crash(id, "KILL");
        }
        // What was decoded ahead is played; then the crash is told.
        player.play(8.0);
        let error = wait_for("an error", || {
            player.frame_at(Instant::now());
            player.state_at(Instant::now()).error
        });
        assert!(error.contains("the video decoder crashed"), "{error}");
        player.pause();
        player.seek(target, true);
        shown(target);
        assert_eq!(player.state_at(Instant::now()).error, None);
    }
    drop(player);
    wait_for("the end of all decoders", || {
        decoders_of(std::process::id(), &clip)
            .is_empty()
            .then_some(())
    });
}
