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
                    // FFmpeg's WebM writer itself moves Opus by its pre-skip of 6.5 ms; all else is
                    // within 2 ms.
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
    // A constant tone: any cut without a fade would leave a step of up to twice its height between
    // two samples.
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
                sounds: TrackChoice::None,
                ..Default::default()
            },
        )
        .unwrap();
    assert!(!report.has_sound);
}

/// A clip with English sound and subtitles, which players choose, and German ones: a tone of 500 Hz
/// and one of 2 kHz.
fn film_in_two_languages() -> Film {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("two.mkv");
    let texts = dir.path().join("texts.srt");
    std::fs::write(&texts, "1\n00:00:01,000 --> 00:00:03,000\nText\n\n").unwrap();
    let (video, texts) = (numbered(100, "25"), texts.to_str().unwrap());
    let mut args = vec!["-f", "lavfi", "-i", &video];
    for tone in ["sine=500:r=48000:d=4", "sine=2000:r=48000:d=4"] {
        args.extend(["-f", "lavfi", "-i", tone]);
    }
    args.extend(["-i", texts]);
    for map in ["0:v", "1:a", "2:a", "3:s", "3:s"] {
        args.extend(["-map", map]);
    }
    args.extend(H264);
    args.extend(["-c:a", "flac", "-c:s", "srt"]);
    let marks = [
        ("-metadata:s:a:0", "language=eng"),
        ("-metadata:s:a:1", "language=ger"),
        ("-metadata:s:s:0", "language=eng"),
        ("-metadata:s:s:1", "language=ger"),
        ("-disposition:a:0", "default"),
        ("-disposition:a:1", "0"),
    ];
    marks
        .iter()
        .for_each(|(key, value)| args.extend([*key, *value]));
    args.push(path.to_str().unwrap());
    ffmpeg(args);
    indexed(dir, path)
}

/// Times that the wave of a file's first sound track crosses zero in a second.
fn crossings_per_sec(path: &Path) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args([
            "-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "f32le", "-",
        ])
        .output()
        .unwrap();
    let samples: Vec<f32> = (output.stdout.chunks_exact(4))
        .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
        .collect();
    let crossings = (samples.windows(2)).filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0));
    crossings.count() as f64 * 48_000.0 / samples.len() as f64
}

#[test]
fn the_language_that_is_wanted_is_heard_and_read() {
    let film = film_in_two_languages();
    let these = |words: &str| TrackChoice::These(vec![words.to_owned()]);
    for (name, sounds, subtitles, mode) in [
        (
            "number.mkv",
            TrackChoice::number(2),
            TrackChoice::number(2),
            ExportMode::Exact,
        ),
        ("name.mp4", these("deu"), these("deu"), ExportMode::Exact),
        ("copy.mkv", these("ger"), these("GER"), ExportMode::Copy),
    ] {
        let out = film.out(name);
        let options = ExportOptions {
            mode,
            sounds,
            subtitles,
            ..ExportOptions::default()
        };
        let report = film.try_export(&[(0, 100)], &out, &options).unwrap();
        let streams = probe(&out, &["-show_streams"])["streams"].clone();
        let beside: Vec<(&str, &str, i64)> = (streams.as_array().unwrap().iter())
            .filter(|stream| stream["codec_type"] != "video")
            .map(|stream| {
                let kind = stream["codec_type"].as_str().unwrap();
                let language = stream["tags"]["language"].as_str().unwrap();
                (
                    kind,
                    language,
                    stream["disposition"]["default"].as_i64().unwrap(),
                )
            })
            .collect();
        let language = beside[0].1;
        assert!(["ger", "deu"].contains(&language), "{name}: {beside:?}");
        // Left alone, it is what players choose.
        assert_eq!(beside[0], ("audio", language, 1), "{name}");
        assert_eq!(
            (beside.len(), beside[1].0, beside[1].1),
            (2, "subtitle", language),
            "{name}"
        );
        let crossings = crossings_per_sec(&out);
        assert!((crossings - 4000.0).abs() < 100.0, "{name}: {crossings}");
        // What was not wanted is no loss.
        assert!(
            !report.notes.iter().any(|note| note.contains("left out")),
            "{:?}",
            report.notes
        );
    }
    let out = film.out("neither.mp4");
    let options = ExportOptions {
        subtitles: TrackChoice::None,
        ..ExportOptions::default()
    };
    film.try_export(&[(0, 100)], &out, &options).unwrap();
    assert!((crossings_per_sec(&out) - 1000.0).abs() < 50.0);
    let streams = probe(&out, &["-show_streams"])["streams"].clone();
    assert_eq!(streams.as_array().unwrap().len(), 2, "{streams}");
    let options = ExportOptions {
        sounds: these("fra"),
        ..ExportOptions::default()
    };
    let refused = film.try_export(&[(0, 100)], &film.out("no.mp4"), &options);
    let why = refused.unwrap_err().to_string();
    assert!(
        why.contains("no sound track “fra”: it has 1 (eng) and 2 (ger)"),
        "{why}"
    );
    assert!(
        film.others().iter().all(|name| name != "no.mp4"),
        "nothing is written"
    );
}
