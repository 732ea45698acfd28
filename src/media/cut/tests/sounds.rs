//! Sound: in step with the pictures, without clicks, with all its channels.

use std::path::Path;
use std::process::Command;

use super::super::*;
use super::*;

/// Times of the beeps' onsets, on the container's clock.
fn beep_onsets(path: &Path) -> Vec<f64> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-copyts", "-i"])
        .arg(path)
        // Laid out by its timestamps from 0 on, whatever the codec's delay.
        .args([
            "-map",
            "0:a:0",
            "-af",
            "aresample=48000:async=1:first_pts=0",
        ])
        .args(["-ac", "1", "-f", "f32le", "-"])
        .output()
        .unwrap();
    let samples: Vec<f32> = output
        .stdout
        .chunks_exact(4)
        .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
        .collect();
    let mut onsets: Vec<f64> = Vec::new();
    let mut last_loud = -1e9;
    for (n, sample) in samples.iter().enumerate() {
        let secs = n as f64 / 48_000.0;
        if sample.abs() > 0.1 {
            if secs - last_loud > 0.02 {
                onsets.push(secs);
            }
            last_loud = secs;
        }
    }
    onsets
}

#[test]
fn sound_stays_with_its_pictures_across_joins() {
    for (name, args) in [
        ("film.mp4", &["-c:a", "aac"][..]),
        ("late.mkv", &["-c:a", "libopus", "-output_ts_offset", "3.7"]),
        ("pcm.mov", &["-c:a", "pcm_s16le"]),
    ] {
        let film = film_with_beeps(name, "stereo", args);
        // Where the source's own beeps are against its pictures, as the ffmpeg program places them.
        let own_start = stream_secs(&film.path, "v:0", "start_time");
        let own_offset = beep_onsets(&film.path)[2] - (own_start + 4.0);
        assert!(own_offset.abs() < 0.02, "{name}: {own_offset}");
        // Beeps begin with frames 0, 50, 100, …; the cuts leave some of them at odd places.
        let ranges = [(37, 63), (90, 111), (143, 160), (193, 207), (240, 299)];
        for out_name in ["out.mp4", "out.mkv", "out.webm"] {
            let out = film.out(out_name);
            let _ = std::fs::remove_file(&out);
            let report = film.export(&ranges, &out, ExportMode::Exact);
            assert!(report.has_sound);
            let numbers = read_numbers(&out, "");
            assert_eq!(numbers, frames_of(&ranges), "{name} to {out_name}");
            let video_start = stream_secs(&out, "v:0", "start_time");
            let wanted: Vec<f64> = numbers
                .iter()
                .enumerate()
                .filter(|(_, number)| *number % 50 == 0)
                .map(|(n, _)| video_start + n as f64 / 25.0 + own_offset)
                .collect();
            let heard = beep_onsets(&out);
            assert_eq!(
                heard.len(),
                wanted.len(),
                "{name} to {out_name}: {heard:?} {wanted:?}"
            );
            for (heard, wanted) in heard.iter().zip(&wanted) {
                assert!(
                    // FFmpeg's WebM writer itself moves Opus by its pre-skip of 6.5 ms; all else is within 2 ms.
                    (heard - wanted).abs() < if out_name == "out.webm" { 0.01 } else { 0.004 },
                    "{name} to {out_name}: beep at {heard:.4} for a flash at {wanted:.4}"
                );
            }
        }
        let out = film.out("out.mp4");
        let (video_secs, sound_secs) = (
            stream_secs(&out, "v:0", "duration"),
            stream_secs(&out, "a:0", "duration"),
        );
        assert!(
            (video_secs - sound_secs).abs() < 0.04,
            "{video_secs} s of pictures, {sound_secs} s of sound"
        );
    }
}

#[test]
fn joins_are_faded_so_that_no_step_is_heard() {
    // A constant tone: any cut without a fade would leave a step of up to twice its height between two samples.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tone.mov");
    let video = numbered(200, "25");
    ffmpeg([
        "-f",
        "lavfi",
        "-i",
        &video,
        "-f",
        "lavfi",
        "-i",
        "aevalsrc='0.8*cos(2*PI*50*t)':s=48000:d=8",
        "-c:v",
        "libx264",
        "-c:a",
        "pcm_s16le",
        path.to_str().unwrap(),
    ]);
    let film = indexed(dir, path);
    let ranges: Vec<(u64, u64)> = (0..17).map(|n| (5 + n * 11, n * 11 + 8)).collect();
    let out = film.out("out.mp4");
    film.export(&ranges, &out, ExportMode::Exact);
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&out)
        .args(["-f", "f32le", "-"])
        .output()
        .unwrap();
    let samples: Vec<f32> = output
        .stdout
        .chunks_exact(4)
        .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
        .collect();
    let step = samples
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .fold(0.0, f32::max);
    assert!(samples.iter().any(|sample| sample.abs() > 0.6));
    assert!(step < 0.1, "a step of {step} is a click");
}

#[test]
fn channels_of_surround_sound_are_kept() {
    let film = film_with_beeps("film.mkv", "5.1", &["-c:a", "flac"]);
    let out = film.out("out.mp4");
    film.export(&[(10, 60)], &out, ExportMode::Exact);
    let stream = probe(&out, &["-show_streams", "-select_streams", "a:0"])["streams"][0].clone();
    assert_eq!(stream["channels"], 6);
    let silent = film.out("silent.mp4");
    let report = film
        .try_export(
            &[(10, 60)],
            &silent,
            &ExportOptions {
                without_sound: true,
                ..Default::default()
            },
        )
        .unwrap();
    assert!(!report.has_sound);
}
