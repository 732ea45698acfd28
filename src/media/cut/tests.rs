//! Exports of films whose every frame carries its number, decoded by the ffmpeg program and read back frame by frame.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::testing::ffmpeg;

/// Bits of a frame's number, drawn as bright and dark columns, least significant on the left.
const BITS: usize = 10;
const WIDTH: usize = 160;
const HEIGHT: usize = 64;

/// A lavfi source of numbered pictures.
fn numbered(frames: u32, rate: &str) -> String {
    format!(
        "color=black:s={WIDTH}x{HEIGHT}:r={rate},format=yuv420p,trim=end_frame={frames},\
         geq=lum='if(mod(floor(N/pow(2,floor(X*{BITS}/{WIDTH}))),2),210,40)':cb=128:cr=128"
    )
}

/// Beeps of 40 ms at every 50th frame of a 25 fps film, on each channel.
fn beeps(channels: &str) -> String {
    format!(
        "aevalsrc='{}':s=48000:c={channels}:d=12",
        ["0.5*sin(2*PI*1000*t)*lt(mod(t\\,2)\\,0.04)"; 8]
            [..if channels == "stereo" { 2 } else { 6 }]
            .join("|")
    )
}

struct Film {
    dir: tempfile::TempDir,
    path: PathBuf,
    index: FrameIndex,
}

/// Encodes a test film; `filter` and `args` shape it.
fn film(name: &str, frames: u32, rate: &str, filter: &str, args: &[&str]) -> Film {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    let video = format!("{}{filter}", numbered(frames, rate));
    let mut all: Vec<&str> = vec!["-f", "lavfi", "-i", &video];
    all.extend_from_slice(args);
    all.push(path.to_str().unwrap());
    ffmpeg(all);
    indexed(dir, path)
}

fn indexed(dir: tempfile::TempDir, path: PathBuf) -> Film {
    let index = crate::media::index(&path, &CancelToken::new(), &mut |_| {})
        .unwrap()
        .index;
    Film { dir, path, index }
}

impl Film {
    fn out(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn export(&self, ranges: &[(u64, u64)], out: &Path, mode: ExportMode) -> ExportReport {
        self.try_export(
            ranges,
            out,
            &ExportOptions {
                mode,
                ..Default::default()
            },
        )
        .unwrap()
    }

    fn try_export(
        &self,
        ranges: &[(u64, u64)],
        out: &Path,
        options: &ExportOptions,
    ) -> Result<ExportReport, CutError> {
        export_video(
            &self.path,
            &self.index,
            &frame_ranges(ranges),
            out,
            options,
            &mut |_| {},
            &CancelToken::new(),
        )
    }

    /// Files in the film's folder besides the film: leftovers would show here.
    fn others(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| Path::new(name) != Path::new(self.path.file_name().unwrap()))
            .collect();
        names.sort();
        names
    }
}

fn frame_ranges(ranges: &[(u64, u64)]) -> Vec<FrameRange> {
    ranges
        .iter()
        .map(|&(start, end)| FrameRange::new(start, end))
        .collect()
}

fn frames_of(ranges: &[(u64, u64)]) -> Vec<u64> {
    ranges.iter().flat_map(|&(a, b)| a..b).collect()
}

/// The number on every frame of a film, as the ffmpeg program decodes it. `filter` undoes what the test did to the picture.
fn read_numbers(path: &Path, filter: &str) -> Vec<u64> {
    let chain = format!("{filter}scale={WIDTH}:{HEIGHT}:flags=area,format=gray");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-map", "0:v:0", "-vsync", "passthrough", "-vf", &chain])
        .args(["-f", "rawvideo", "-"])
        .output()
        .unwrap();
    assert!(
        output.stderr.is_empty(),
        "the result decodes with complaints: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
        .stdout
        .chunks_exact(WIDTH * HEIGHT)
        .map(|picture| {
            let row = &picture[HEIGHT / 2 * WIDTH..][..WIDTH];
            (0..BITS)
                .filter(|bit| row[bit * WIDTH / BITS + WIDTH / BITS / 2] > 125)
                .map(|bit| 1u64 << bit)
                .sum()
        })
        .collect()
}

fn probe(path: &Path, args: &[&str]) -> serde_json::Value {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json"])
        .args(args)
        .arg(path)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn video_stream(path: &Path) -> serde_json::Value {
    probe(path, &["-show_streams", "-select_streams", "v:0"])["streams"][0].clone()
}

/// Presentation times of the frames, seconds from the first.
fn shown_secs(path: &Path) -> Vec<f64> {
    let value = probe(
        path,
        &[
            "-select_streams",
            "v:0",
            "-show_entries",
            "frame=best_effort_timestamp_time",
        ],
    );
    let times: Vec<f64> = value["frames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| {
            frame["best_effort_timestamp_time"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    times.iter().map(|time| time - times[0]).collect()
}

fn stream_secs(path: &Path, kind: &str, field: &str) -> f64 {
    let value = probe(path, &["-show_streams", "-select_streams", kind]);
    value["streams"][0][field]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

const H264: [&str; 6] = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20"];
const PICKED: [(u64, u64); 4] = [(3, 10), (47, 61), (100, 101), (130, 150)];

#[test]
fn exact_keeps_precisely_the_chosen_frames_in_every_container() {
    let film = film(
        "film.mp4",
        150,
        "30000/1001",
        "",
        &[&H264[..], &["-g", "40", "-bf", "3"]].concat(),
    );
    for name in ["out.mp4", "out.mov", "out.mkv", "out.webm"] {
        let out = film.out(name);
        let report = film.export(&PICKED, &out, ExportMode::Exact);
        assert_eq!(read_numbers(&out, ""), frames_of(&PICKED), "{name}");
        assert_eq!(report.frame_count, 42);
        assert_eq!((report.mode, report.has_sound), (ExportMode::Exact, false));
        for (n, secs) in shown_secs(&out).iter().enumerate() {
            let wanted = n as f64 * 1001.0 / 30000.0;
            assert!(
                (secs - wanted).abs() < 0.0011,
                "{name}: frame {n} at {secs}"
            );
        }
        assert!((report.duration_secs - 42.0 * 1001.0 / 30000.0).abs() < 1e-9);
        let streams = probe(&out, &["-show_streams"]);
        assert_eq!(
            streams["streams"].as_array().unwrap().len(),
            1,
            "no sound, no sound stream"
        );
        assert_eq!(video_stream(&out)["avg_frame_rate"], "30000/1001");
    }
    assert_eq!(film.others(), ["out.mkv", "out.mov", "out.mp4", "out.webm"]);
}

#[test]
fn open_groups_b_frames_and_other_sources_are_cut_exactly() {
    let cases: [(&str, &[&str]); 5] = [
        (
            "open.mp4",
            &[
                "-c:v",
                "libx264",
                "-x264-params",
                "open-gop=1:keyint=20:bframes=3:scenecut=0",
            ],
        ),
        (
            "hevc.mp4",
            &[
                "-c:v",
                "libx265",
                "-preset",
                "ultrafast",
                "-x265-params",
                "log-level=error:keyint=25:open-gop=1:bframes=3",
                "-tag:v",
                "hvc1",
            ],
        ),
        (
            "vp9.webm",
            &[
                "-c:v",
                "libvpx-vp9",
                "-deadline",
                "realtime",
                "-cpu-used",
                "8",
                "-g",
                "30",
            ],
        ),
        (
            "h264.mkv",
            &["-c:v", "libx264", "-preset", "veryfast", "-g", "33"],
        ),
        ("old.avi", &["-c:v", "mpeg4", "-q:v", "3", "-g", "30"]),
    ];
    for (name, args) in cases {
        let film = film(name, 150, "25", "", args);
        let out = film.out("out.mp4");
        let report = film.export(&PICKED, &out, ExportMode::Exact);
        assert_eq!(read_numbers(&out, ""), frames_of(&PICKED), "{name}");
        if name == "hevc.mp4" {
            assert_eq!(video_stream(&out)["codec_tag_string"], "hvc1");
            assert_eq!(report.encoder.as_deref(), Some("x265"));
        }
    }
}

#[test]
fn ranges_may_come_in_any_order_and_touching_ones_are_one_piece() {
    let film = film("film.mp4", 150, "25", "", &H264);
    let ranges = [(100, 110), (20, 25), (25, 30), (0, 3), (145, 150)];
    let out = film.out("out.mp4");
    film.try_export(
        &ranges,
        &out,
        &ExportOptions {
            chapters: true,
            title: "Any order".into(),
            ..Default::default()
        },
    )
    .unwrap();
    assert_eq!(read_numbers(&out, ""), frames_of(&ranges));
    let chapters = probe(&out, &["-show_chapters", "-show_format"]);
    assert_eq!(chapters["chapters"].as_array().unwrap().len(), 4);
    assert_eq!(chapters["chapters"][1]["start_time"], "0.400000");
    assert_eq!(chapters["format"]["tags"]["title"], "Any order");
}

#[test]
fn variable_frame_rates_keep_their_durations() {
    // Every frame twice as long as the one before, again and again; and a start that is not 0.
    let film = film(
        "film.mkv",
        120,
        "50",
        ",setpts='(5+N*0.02+mod(N,4)*0.004+floor(N/40)*0.5)/TB'",
        &[
            &H264[..],
            &["-vsync", "vfr", "-enc_time_base", "1/1000", "-copyts"],
        ]
        .concat(),
    );
    let ranges = [(10, 30), (38, 60), (100, 120)];
    for name in ["out.mp4", "out.mkv"] {
        let out = film.out(name);
        let report = film.export(&ranges, &out, ExportMode::Exact);
        assert_eq!(read_numbers(&out, ""), frames_of(&ranges));
        let mut wanted = Vec::new();
        let mut base = 0.0;
        for (start, end) in ranges {
            for frame in start..end {
                wanted.push(
                    base + film.index.secs_from_frame(frame) - film.index.secs_from_frame(start),
                );
            }
            base += film.index.range_secs(FrameRange::new(start, end));
        }
        for (secs, wanted) in shown_secs(&out).iter().zip(&wanted) {
            assert!(
                (secs - wanted).abs() < 0.0021,
                "{name}: {secs} for {wanted}"
            );
        }
        assert!((report.duration_secs - base).abs() < 1e-6);
    }
}

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

fn film_with_beeps(name: &str, channels: &str, args: &[&str]) -> Film {
    let sound = beeps(channels);
    film(
        name,
        300,
        "25",
        "",
        &[
            &["-f", "lavfi", "-i", &sound][..],
            &H264,
            &["-g", "50", "-shortest"],
            args,
        ]
        .concat(),
    )
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

#[test]
fn rotation_shape_and_colour_tags_survive() {
    let dir = tempfile::tempdir().unwrap();
    let flat = dir.path().join("flat.mp4");
    let video = numbered(60, "25");
    ffmpeg([
        "-f",
        "lavfi",
        "-i",
        &video,
        "-vf",
        "setsar=4/3",
        "-c:v",
        "libx264",
        "-color_primaries",
        "bt709",
        "-color_trc",
        "bt709",
        "-colorspace",
        "bt709",
        "-color_range",
        "tv",
        flat.to_str().unwrap(),
    ]);
    let path = dir.path().join("turned.mp4");
    // Older and newer ffmpeg programs understand the tag.
    ffmpeg([
        "-i",
        flat.to_str().unwrap(),
        "-c",
        "copy",
        "-metadata:s:v:0",
        "rotate=90",
        path.to_str().unwrap(),
    ]);
    let film = indexed(dir, path);
    let ranges = [(5, 20), (40, 55)];
    let wanted_matrix = video_stream(&film.path)["side_data_list"].clone();
    assert!(wanted_matrix.is_array(), "the test film is not turned");
    for mode in [ExportMode::Exact, ExportMode::Copy] {
        let out = film.out("out.mp4");
        let _ = std::fs::remove_file(&out);
        film.export(&ranges, &out, mode);
        let stream = video_stream(&out);
        assert_eq!(
            stream["side_data_list"][0]["rotation"],
            wanted_matrix[0]["rotation"]
        );
        assert_eq!(stream["sample_aspect_ratio"], "4:3");
        for field in ["color_primaries", "color_transfer", "color_space"] {
            assert_eq!(stream[field], "bt709", "{field}");
        }
        assert_eq!(stream["color_range"], "tv");
    }
    // Matroska players do not turn pictures: there they are turned for real.
    let out = film.out("out.mkv");
    film.export(&ranges, &out, ExportMode::Exact);
    let stream = video_stream(&out);
    assert_eq!(
        (stream["width"].as_u64(), stream["height"].as_u64()),
        (Some(HEIGHT as u64), Some(WIDTH as u64))
    );
    assert_eq!(stream["sample_aspect_ratio"], "3:4");
    // Turning back what a player would show of the source must give the source's columns.
    let turned = read_numbers(&film.path, "transpose=cclock,");
    let numbers = read_numbers(&out, "transpose=cclock,");
    assert_eq!(numbers, [&turned[5..20], &turned[40..55]].concat());
}

#[test]
fn ten_bits_and_odd_sizes_are_kept_where_the_encoder_can() {
    let film10 = film(
        "ten.mkv",
        40,
        "25",
        ",format=yuv420p10le",
        &[
            "-c:v",
            "ffv1",
            "-color_trc",
            "smpte2084",
            "-color_primaries",
            "bt2020",
            "-colorspace",
            "bt2020nc",
        ],
    );
    let out = film10.out("out.mp4");
    film10.export(&[(7, 30)], &out, ExportMode::Exact);
    let stream = video_stream(&out);
    assert_eq!(stream["pix_fmt"], "yuv420p10le");
    assert_eq!(stream["codec_tag_string"], "hvc1");
    assert_eq!(stream["color_transfer"], "smpte2084");
    assert_eq!(read_numbers(&out, ""), (7..30).collect::<Vec<_>>());

    let odd = film("odd.mkv", 40, "25", ",scale=161:65", &["-c:v", "ffv1"]);
    let out = odd.out("out.mp4");
    let report = odd.export(&[(7, 30)], &out, ExportMode::Exact);
    let stream = video_stream(&out);
    assert_eq!(
        (stream["width"].as_u64(), stream["height"].as_u64()),
        (Some(160), Some(64))
    );
    assert!(report.notes.iter().any(|note| note.contains("even size")));
    assert_eq!(read_numbers(&out, ""), (7..30).collect::<Vec<_>>());
    let out = odd.out("out.webm");
    odd.export(&[(7, 30)], &out, ExportMode::Exact);
    let stream = video_stream(&out);
    assert_eq!(
        (stream["width"].as_u64(), stream["height"].as_u64()),
        (Some(161), Some(65))
    );
}

#[test]
fn a_missing_encoder_is_replaced_and_named() {
    let film = film("film.mp4", 60, "25", "", &H264);
    let out = film.out("out.mp4");
    let report = film
        .try_export(
            &[(10, 30)],
            &out,
            &ExportOptions {
                avoid_encoders: vec!["libx264".into(), "libopenh264".into()],
                ..Default::default()
            },
        )
        .unwrap();
    assert_eq!(report.encoder.as_deref(), Some("MPEG-4 part 2"));
    assert!(report.notes[0].contains("x264"), "{:?}", report.notes);
    assert_eq!(read_numbers(&out, ""), (10..30).collect::<Vec<_>>());
    let err = film
        .try_export(
            &[(10, 30)],
            &film.out("none.mp4"),
            &ExportOptions {
                avoid_encoders: ["libx264", "libopenh264", "mpeg4"]
                    .map(String::from)
                    .to_vec(),
                ..Default::default()
            },
        )
        .unwrap_err();
    assert!(matches!(err, CutError::NoEncoder { .. }), "{err}");
    assert_eq!(film.others(), ["out.mp4"]);
}

#[test]
fn a_size_that_changes_midway_is_scaled_to_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a.h264"), dir.path().join("b.h264"));
    let video = numbered(25, "25");
    for (path, size) in [(&a, "160:64"), (&b, "320:128")] {
        let scaled = format!("{video},scale={size}");
        ffmpeg([
            "-f",
            "lavfi",
            "-i",
            &scaled,
            "-c:v",
            "libx264",
            "-bf",
            "0",
            "-f",
            "h264",
            path.to_str().unwrap(),
        ]);
    }
    let joined = dir.path().join("both.h264");
    let mut bytes = std::fs::read(&a).unwrap();
    bytes.extend(std::fs::read(&b).unwrap());
    std::fs::write(&joined, bytes).unwrap();
    let path = dir.path().join("both.ts");
    ffmpeg([
        "-fflags",
        "+genpts",
        "-r",
        "25",
        "-i",
        joined.to_str().unwrap(),
        "-c",
        "copy",
        path.to_str().unwrap(),
    ]);
    let film = indexed(dir, path);
    let out = film.out("out.mp4");
    film.export(&[(15, 35)], &out, ExportMode::Exact);
    let wanted: Vec<u64> = (15..25).chain(0..10).collect();
    assert_eq!(read_numbers(&out, ""), wanted);
}

#[test]
fn copying_keeps_whole_groups_and_says_what_it_widened() {
    let film = film_with_beeps("film.mp4", "stereo", &["-c:a", "aac", "-sc_threshold", "0"]);
    let out = film.out("out.mp4");
    let report = film.export(&[(60, 90), (210, 250)], &out, ExportMode::Copy);
    assert_eq!(report.mode, ExportMode::Copy, "{:?}", report.notes);
    assert_eq!(
        report.widened,
        [
            Widened {
                asked: FrameRange::new(60, 90),
                kept: FrameRange::new(50, 100)
            },
            Widened {
                asked: FrameRange::new(210, 250),
                kept: FrameRange::new(200, 250)
            },
        ]
    );
    assert_eq!(read_numbers(&out, ""), frames_of(&[(50, 100), (200, 250)]));
    assert_eq!((report.copied_frames, report.encoder), (100, None));
    for (n, secs) in shown_secs(&out).iter().enumerate() {
        assert!((secs - n as f64 / 25.0).abs() < 1e-6);
    }
    // Copied means copied: the same bytes as in the source.
    let packets = |path: &Path| {
        let value = probe(
            path,
            &[
                "-select_streams",
                "v:0",
                "-show_packets",
                "-show_data_hash",
                "sha256",
            ],
        );
        let packets = value["packets"].as_array().unwrap().clone();
        packets
            .iter()
            .map(|packet| packet["data_hash"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (from, to) = (packets(&film.path), packets(&out));
    assert_eq!(to[1..], [&from[51..100], &from[200..250]].concat()[..]);
}

#[test]
fn smart_copies_the_middle_and_encodes_the_ends() {
    for (name, args) in [
        ("film.mp4", &["-sc_threshold", "0"][..]),
        ("film.mkv", &["-sc_threshold", "0", "-bf", "0"]),
        ("film.ts", &["-sc_threshold", "0"]),
    ] {
        let film = film_with_beeps(name, "stereo", args);
        let ranges = [(40, 160), (190, 260)];
        for out_name in ["out.mp4", "out.mkv"] {
            let out = film.out(out_name);
            let report = film.export(&ranges, &out, ExportMode::Smart);
            assert_eq!(report.mode, ExportMode::Smart, "{name}: {:?}", report.notes);
            // 50–150 and 200–250 are whole groups.
            assert_eq!(report.copied_frames, 150, "{name}");
            assert_eq!(
                read_numbers(&out, ""),
                frames_of(&ranges),
                "{name} to {out_name}"
            );
            for (n, secs) in shown_secs(&out).iter().enumerate() {
                assert!(
                    (secs - n as f64 / 25.0).abs() < 0.0011,
                    "{name}: {n} at {secs}"
                );
            }
        }
    }
}

#[test]
fn smart_falls_back_to_exact_and_says_why() {
    let hevc = film(
        "film.mp4",
        100,
        "25",
        "",
        &[
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            "log-level=error:keyint=20:open-gop=0:scenecut=0",
        ],
    );
    let out = hevc.out("out.mp4");
    let report = hevc.export(&[(10, 70)], &out, ExportMode::Smart);
    assert_eq!(report.mode, ExportMode::Exact);
    assert!(report.notes[0].contains("H"), "{:?}", report.notes);
    assert_eq!(read_numbers(&out, ""), (10..70).collect::<Vec<_>>());

    let open = film(
        "open.mp4",
        100,
        "25",
        "",
        &[
            "-c:v",
            "libx264",
            "-x264-params",
            "open-gop=1:keyint=20:bframes=3:scenecut=0",
        ],
    );
    let out = open.out("out.mp4");
    let report = open.export(&[(10, 70)], &out, ExportMode::Smart);
    assert_eq!(report.mode, ExportMode::Exact);
    assert!(
        report.notes[0].contains("whole group"),
        "{:?}",
        report.notes
    );
    assert_eq!(read_numbers(&out, ""), (10..70).collect::<Vec<_>>());
    // Copying an open group cannot start inside: it widens to the file's only clean keyframe, the first.
    let out = open.out("copy.mp4");
    let report = open.export(&[(50, 70)], &out, ExportMode::Copy);
    assert_eq!(read_numbers(&out, ""), (0..100).collect::<Vec<_>>());
    assert_eq!(report.widened[0].kept, FrameRange::new(0, 100));
}

#[test]
fn the_source_is_never_written_and_nothing_is_overwritten_unasked() {
    let film = film("film.mp4", 30, "25", "", &H264);
    let before = std::fs::read(&film.path).unwrap();
    let options = ExportOptions {
        overwrite: true,
        ..Default::default()
    };
    let mut same = vec![film.path.clone()];
    #[cfg(unix)]
    {
        let (soft, hard) = (film.out("soft.mp4"), film.out("hard.mp4"));
        std::os::unix::fs::symlink(&film.path, &soft).unwrap();
        std::fs::hard_link(&film.path, &hard).unwrap();
        same.extend([soft, hard]);
    }
    for path in &same {
        let err = film.try_export(&[(0, 10)], path, &options).unwrap_err();
        assert!(matches!(err, CutError::IsSource { .. }), "{err}");
    }
    assert_eq!(std::fs::read(&film.path).unwrap(), before);
    let taken = film.out("taken.mp4");
    std::fs::write(&taken, b"mine").unwrap();
    let err = film
        .try_export(&[(0, 10)], &taken, &ExportOptions::default())
        .unwrap_err();
    assert!(matches!(err, CutError::Exists { .. }), "{err}");
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    film.try_export(&[(0, 10)], &taken, &options).unwrap();
    assert_eq!(read_numbers(&taken, "").len(), 10);
    for (path, ranges) in [
        (film.out("x.txt"), &[(0, 10)][..]),
        (film.out("no/such/folder.mp4"), &[(0, 10)]),
        (film.out("x.mp4"), &[(0, 31)]),
        (film.out("x.mp4"), &[]),
    ] {
        assert!(
            film.try_export(ranges, &path, &ExportOptions::default())
                .is_err()
        );
    }
    assert!(
        film.try_export(&[(0, 5)], Path::new("/proc/x.mp4"), &options)
            .is_err()
    );
    assert!(!film.others().iter().any(|name| name.contains("part")));
}

#[test]
fn cancelling_leaves_nothing_at_any_moment() {
    let film = film_with_beeps("film.mp4", "stereo", &["-c:a", "aac", "-sc_threshold", "0"]);
    for mode in [ExportMode::Exact, ExportMode::Copy, ExportMode::Smart] {
        for after in [1, 40, 120] {
            let cancel = CancelToken::new();
            let mut seen = 0;
            let err = export_video(
                &film.path,
                &film.index,
                &frame_ranges(&[(20, 220)]),
                &film.out("out.mp4"),
                &ExportOptions {
                    mode,
                    ..Default::default()
                },
                &mut |_| {
                    seen += 1;
                    if seen == after {
                        cancel.cancel();
                    }
                },
                &cancel,
            )
            .unwrap_err();
            assert!(err.is_cancelled(), "{mode:?}: {err}");
            assert!(film.others().is_empty(), "{:?}", film.others());
        }
    }
}

#[test]
fn progress_ends_with_finalising() {
    let film = film("film.mp4", 60, "25", "", &H264);
    let mut stages: Vec<&str> = Vec::new();
    let mut last = 0.0;
    export_video(
        &film.path,
        &film.index,
        &frame_ranges(&[(0, 60)]),
        &film.out("out.mp4"),
        &ExportOptions::default(),
        &mut |progress| {
            if stages.last() != Some(&progress.stage) {
                stages.push(progress.stage);
                last = 0.0;
            }
            let fraction = progress.fraction.unwrap_or(last);
            assert!((last..=1.0).contains(&fraction));
            last = fraction;
        },
        &CancelToken::new(),
    )
    .unwrap();
    assert_eq!(stages, ["Exporting", "Finalising"]);
}

#[test]
fn a_source_that_vanishes_midway_leaves_nothing() {
    let film = film("film.mp4", 150, "25", "", &H264);
    let mut seen = 0;
    let err = export_video(
        &film.path,
        &film.index,
        &frame_ranges(&[(0, 150)]),
        &film.out("out.mp4"),
        &ExportOptions::default(),
        &mut |_| {
            seen += 1;
            if seen == 30 {
                std::fs::remove_file(&film.path).unwrap();
            }
        },
        &CancelToken::new(),
    )
    .unwrap_err();
    assert!(matches!(err, CutError::SourceGone { .. }), "{err}");
    assert!(err.may_retry());
    assert!(film.others().is_empty(), "{:?}", film.others());
}

#[test]
fn a_truncated_source_exports_its_usable_part() {
    let film = film(
        "film.mkv",
        150,
        "25",
        "",
        &[&H264[..], &["-g", "30"]].concat(),
    );
    let bytes = std::fs::read(&film.path).unwrap();
    let cut = film.out("cut.mkv");
    std::fs::write(&cut, &bytes[..bytes.len() * 6 / 10]).unwrap();
    let Film { dir, .. } = film;
    let film = indexed(dir, cut);
    assert!(film.index.len() > 40 && film.index.len() < 150);
    let out = film.out("out.mp4");
    let end = film.index.len();
    let report = film.export(&[(5, end)], &out, ExportMode::Exact);
    assert_eq!(report.frame_count, end - 5);
    let numbers = read_numbers(&out, "");
    assert_eq!(numbers.len() as u64, end - 5);
    assert_eq!(numbers[..30], (5..35).collect::<Vec<u64>>()[..]);
}

#[test]
fn too_little_room_is_said_before_any_work() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("film.mp4");
    std::fs::write(&source, b"x").unwrap();
    let refused = Target::prepare(&source, &dir.path().join("out.mp4"), false, u64::MAX);
    let Err(err) = refused else {
        panic!("no disk has that much room");
    };
    assert!(matches!(err, CutError::NoSpace { .. }), "{err}");
    assert!(err.to_string().contains("make room"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// Needs the right to mount a small file system; skipped with the reason elsewhere.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let small = dir.path().join("small");
    std::fs::create_dir(&small).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=400k", "tmpfs"])
        .arg(&small)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no right to mount a small file system");
        return;
    }
    let film = film(
        "film.mp4",
        100,
        "25",
        ",noise=alls=100:allf=t,scale=640:360",
        &H264,
    );
    let plan = Plan::new(&film.index, &frame_ranges(&[(0, 100)]), &[], None).unwrap();
    // Past the check of the room, as when another program fills the disk meanwhile.
    let outcome =
        Target::prepare(&film.path, &small.join("out.mp4"), false, 0).and_then(|target| {
            let options = ExportOptions::default();
            exact::export(
                &Job {
                    source: &film.path,
                    index: &film.index,
                    ranges: &frame_ranges(&[(0, 100)]),
                    options: &options,
                    target: &target,
                    cancel: &CancelToken::new(),
                },
                &mut |_| {},
            )
            .map(|_| ())
        });
    let left = std::fs::read_dir(&small).unwrap().count();
    let unmounted = Command::new("umount").arg(&small).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    let err = outcome.unwrap_err();
    assert!(matches!(err, CutError::DiskFull { .. }), "{err}");
    assert_eq!(left, 0);
    assert!(plan.frame_count() == 100);
}
