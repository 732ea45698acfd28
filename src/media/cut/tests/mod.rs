//! Exports of clips whose every frame carries its number, decoded by the ffmpeg program and read
//! back frame by frame.

use std::path::{Path, PathBuf};

use std::process::Command;

mod exact;
mod faults;
mod losses;
mod reel;
mod shared_cases;
mod shared_clips;
mod sizes;
mod sounds;
mod splices;
mod subtitles;

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

struct Film {
    dir: tempfile::TempDir,
    path: PathBuf,
    index: FrameIndex,
}

/// Encodes a test clip; `filter` and `args` shape it.
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

    /// Files in the clip's folder besides the clip: leftovers would show here.
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

/// The number on every frame of a clip, as the ffmpeg program decodes it. `filter` undoes what the
/// test did to the picture.
fn read_numbers(path: &Path, filter: &str) -> Vec<u64> {
    let chain = format!("{filter}scale={WIDTH}:{HEIGHT}:flags=area,format=gray");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-map", "0:v:0", "-vsync", "passthrough", "-vf", &chain])
        // Pictures of uneven times would fall on one tick of the rate that the program guesses.
        .args(["-enc_time_base", "1/90000"])
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

/// Beeps of 40 ms at every 50th frame of a 25 fps clip, on each channel.
fn beeps(channels: &str) -> String {
    format!(
        "aevalsrc='{}':s=48000:c={channels}:d=12",
        ["0.5*sin(2*PI*1000*t)*lt(mod(t\\,2)\\,0.04)"; 8]
            [..if channels == "stereo" { 2 } else { 6 }]
            .join("|")
    )
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
