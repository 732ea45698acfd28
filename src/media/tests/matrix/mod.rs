//! One picture, one number: over codecs, containers and quirks, the number that a picture carries
//! must be the number it is asked for by, through sampling, player, thumbnails and exports alike,
//! and as many as the ffmpeg program decodes.

mod case;
mod cases;
mod fields;

use std::process::Command;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::*;
use crate::domain::FrameRange;
use crate::media::cut::{ExportOptions, export_video};
use crate::testing::video::{NUMBERED_SIZE, has_encoder, read_number};
use case::{Case, Quirk};
use cases::CASES;

const WIDTH: usize = NUMBERED_SIZE.0 as usize;
const HEIGHT: usize = NUMBERED_SIZE.1 as usize;
/// Pictures of each video.
const FRAMES: usize = 90;
const PATIENCE: Duration = Duration::from_secs(120);

/// Brightness of a column of a numbered picture.
fn bit_of(number: usize, x: usize) -> u8 {
    if number >> (x / 16) & 1 == 1 { 220 } else { 30 }
}

/// The numbers of all pictures that the ffmpeg program decodes.
fn decoded_by_ffmpeg(path: &Path) -> Vec<u64> {
    let output = Command::new("ffmpeg")
        .args(["-v", "quiet", "-nostdin", "-threads", "1", "-i"])
        .arg(path)
        .args(["-map", "0:v:0", "-vsync", "passthrough", "-vf"])
        .arg(format!("scale={WIDTH}:{HEIGHT}:flags=area"))
        .args(["-pix_fmt", "gray", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    output
        .stdout
        .chunks_exact(WIDTH * HEIGHT)
        .map(|picture| {
            (0..12)
                .filter(|bit| picture[HEIGHT / 2 * WIDTH + bit * 16 + 8] > 125)
                .map(|bit| 1 << bit)
                .sum()
        })
        .collect()
}

/// The numbered video from which all are made, without loss.
fn master(dir: &TempDir) -> PathBuf {
    make(dir, "master.nut", FRAMES as u32, "25", &["-c:v", "ffv1"])
}

fn encode(master: &Path, range: std::ops::Range<usize>, args: &[&str], path: &Path) {
    let (from, to) = (range.start.to_string(), range.end.to_string());
    let trim = format!("trim=start_frame={from}:end_frame={to},setpts=PTS-STARTPTS");
    let (filters, args): (Vec<String>, Vec<&str>) = match args.iter().position(|arg| *arg == "-vf")
    {
        Some(at) => (
            vec![trim, args[at + 1].to_owned()],
            [&args[..at], &args[at + 2..]].concat(),
        ),
        None => (vec![trim], args.to_vec()),
    };
    let filters = filters.join(",");
    let mut all = vec![
        "-threads",
        "1",
        "-i",
        master.to_str().unwrap(),
        "-vf",
        &filters,
    ];
    all.extend(["-threads", "1"]);
    all.extend(args);
    all.push(path.to_str().unwrap());
    ffmpeg(all);
}

/// Makes the video of a case.
fn film(dir: &TempDir, master: &Path, number: usize, case: &Case) -> PathBuf {
    let path = dir.path().join(format!("{number}.{}", case.container));
    let part = |name: &str| {
        dir.path()
            .join(format!("{number}-{name}.{}", case.container))
    };
    match case.quirk {
        Quirk::None => encode(master, 0..FRAMES, case.args, &path),
        Quirk::Begins(share) => {
            let whole = part("whole");
            encode(master, 0..FRAMES, case.args, &whole);
            let bytes = std::fs::read(whole).unwrap();
            let at = (bytes.len() as f64 * share) as usize;
            let step = if case.container == "ts" { 188 } else { 1 };
            std::fs::write(&path, &bytes[at / step * step..]).unwrap();
        }
        Quirk::Parts(starts) => {
            let mut bytes = Vec::new();
            let length = FRAMES / starts.len();
            for (at, start) in starts.iter().enumerate() {
                let piece = part(&format!("part{at}"));
                let offset = start.to_string();
                let args = [
                    case.args,
                    &[
                        "-output_ts_offset",
                        &offset,
                        "-muxdelay",
                        "0",
                        "-muxpreload",
                        "0",
                    ],
                ]
                .concat();
                encode(master, at * length..(at + 1) * length, &args, &piece);
                bytes.extend(std::fs::read(piece).unwrap());
            }
            std::fs::write(&path, bytes).unwrap();
        }
        Quirk::LacksTimes => {
            let whole = part("whole");
            encode(master, 0..FRAMES, case.args, &whole);
            let mut bytes = std::fs::read(whole).unwrap();
            take_times_out(&mut bytes);
            std::fs::write(&path, bytes).unwrap();
        }
        Quirk::Fields(reorders) => {
            let raw = dir.path().join(format!("{number}-raw.h264"));
            std::fs::write(&raw, fields::stream(reorders)).unwrap();
            if case.container == "h264" {
                return raw;
            }
            let raw = raw.to_str().unwrap();
            let times = "setts=ts=N/50/TB";
            let out = path.to_str().unwrap();
            ffmpeg(["-i", raw, "-c", "copy", "-bsf:v", times, out]);
        }
        Quirk::Edited(from) => {
            let whole = part("whole");
            encode(master, 0..FRAMES, case.args, &whole);
            let whole = whole.to_str().unwrap();
            ffmpeg([
                "-ss",
                from,
                "-i",
                whole,
                "-c",
                "copy",
                path.to_str().unwrap(),
            ]);
        }
        Quirk::Through(first) => {
            let whole = dir.path().join(format!("{number}-first.{first}"));
            encode(master, 0..FRAMES, case.args, &whole);
            let whole = whole.to_str().unwrap();
            ffmpeg(["-i", whole, "-c", "copy", path.to_str().unwrap()]);
        }
    }
    path
}

/// Takes three of four presentation times out of a transport stream's video (ISO/IEC 13818-1,
/// 2.4.3.7).
fn take_times_out(bytes: &mut [u8]) {
    let mut seen = 0;
    for packet in bytes.chunks_exact_mut(188) {
        let begins = packet[1] & 0x40 != 0;
        let payload = if packet[3] & 0x20 != 0 {
            5 + packet[4] as usize
        } else {
            4
        };
        if !begins || payload + 14 > 188 || packet[payload..payload + 3] != [0, 0, 1] {
            continue;
        }
        if packet[payload + 3] & 0xf0 != 0xe0 {
            continue;
        }
        seen += 1;
        if seen % 4 != 1 {
            // What follows the flags becomes stuffing.
            packet[payload + 7] &= 0x3f;
            let length = packet[payload + 8] as usize;
            packet[payload + 9..payload + 9 + length].fill(0xff);
        }
    }
}

/// What was read of a video: pictures by the index and by ffmpeg, and every wrong number with the
/// reader that gave it.
struct Reading {
    frames: usize,
    by_ffmpeg: usize,
    wrong: Vec<String>,
}

fn read(path: &Path, case: &Case) -> Reading {
    let mut truth = decoded_by_ffmpeg(path);
    if matches!(case.quirk, Quirk::Begins(_)) {
        // What it makes of pictures whose references are not in the file carries no number.
        truth.retain(|&number| number < FRAMES as u64);
    }
    let (probe, index) = look(path).unwrap();
    let wrong = std::cell::RefCell::new(Vec::new());
    let check = |reader: &str, frame: u64, found: u64| {
        if truth.get(frame as usize) != Some(&found) {
            let expected = truth.get(frame as usize);
            wrong
                .borrow_mut()
                .push(format!("{reader} of {frame}: {found} for {expected:?}"));
        }
    };
    let all: Vec<u64> = (0..index.len()).collect();
    let some: Vec<u64> = (3..index.len()).step_by(7).collect();
    for picks in [&all, &some] {
        let (frames, _) = samples(path, &index, picks, SampledOptions::default());
        for frame in &frames {
            check("sample", frame.frame, read_number(&frame.image));
        }
    }
    let last = index.len() - 1;
    let mut thumbs = Thumbnailer::open(path, &index).unwrap();
    for frame in [last, 0, last / 2, last / 2 + 1, last / 3, 1.min(last)] {
        let shown = thumbs.exact(frame).unwrap();
        check("thumbnail", frame, read_number(&shown.to_rgb()));
    }
    for &key in index.keyframes.iter().take(6) {
        check(
            "key thumbnail",
            key,
            read_number(&thumbs.at_frame(key, 192).unwrap()),
        );
    }
    let player = Player::open(
        path,
        &index,
        PlayerOptions {
            sound: false,
            ..PlayerOptions::default()
        },
    )
    .unwrap();
    for frame in [last / 2 + 2, last / 4] {
        player.seek(frame.min(last), true);
        let started = Instant::now();
        loop {
            if let Some(shown) = player.frame_at(Instant::now())
                && shown.frame == frame.min(last)
            {
                check("player", shown.frame, read_number(&shown.to_rgb()));
                break;
            }
            assert!(started.elapsed() < PATIENCE, "{}", path.display());
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    let ranges = [
        FrameRange::new(index.len() / 5, index.len() / 5 + 5),
        FrameRange::new(index.len() - 5, index.len()),
    ];
    let out = path.with_extension("film.mp4");
    let options = ExportOptions::default();
    let cancel = CancelToken::new();
    export_video(path, &index, &ranges, &out, &options, &mut |_| {}, &cancel).unwrap();
    let wanted = ranges.iter().flat_map(|range| range.start..range.end);
    let exported = decoded_by_ffmpeg(&out);
    let count = exported.len();
    for (frame, found) in wanted.zip(exported) {
        check("export", frame, found);
    }
    let mut wrong = wrong.into_inner();
    if count != 10 {
        wrong.push(format!("export of {count} pictures"));
    }
    if index.len() != truth.len() as u64 {
        wrong.push(format!("{} frames: {:?}", index.len(), probe.info.warnings));
    }
    // Times must lie where annotations in seconds find them.
    for frame in 0..index.len() {
        if index.frame_at_secs(index.secs_from_frame(frame)) != frame {
            wrong.push(format!("the time of {frame}"));
        }
    }
    if matches!(case.quirk, Quirk::Parts(_)) {
        let secs = index.duration_secs();
        if (secs - FRAMES as f64 / 25.0).abs() > 0.5 {
            wrong.push(format!("it lasts {secs} s"));
        }
    }
    Reading {
        frames: index.len() as usize,
        by_ffmpeg: truth.len(),
        wrong,
    }
}

/// Reads the videos of all cases that this ffmpeg can make.
fn readings() -> Vec<(&'static Case, Reading)> {
    let dir = scratch();
    let master = master(&dir);
    let only = std::env::var("SUMMDIFF_MATRIX").unwrap_or_default();
    let makeable = |case: &&Case| {
        let encoder = case.args.iter().position(|arg| *arg == "-c:v");
        encoder.is_none_or(|at| has_encoder(case.args[at + 1]))
    };
    CASES
        .par_iter()
        .enumerate()
        .filter(|(_, case)| {
            format!("{} {} {}", case.codec, case.container, case.what).contains(&only)
        })
        .filter(|(_, case)| makeable(case))
        .map(|(number, case)| {
            let path = film(&dir, &master, number, case);
            let reading = read(&path, case);
            (case, reading)
        })
        .collect()
}

#[test]
fn every_picture_has_the_number_it_is_asked_for_by() {
    let readings = readings();
    let wrong: Vec<String> = readings
        .iter()
        .filter(|(_, reading)| !reading.wrong.is_empty())
        .map(|(case, reading)| {
            format!(
                "{} in {} ({}): {} of {} frames; {}",
                case.codec,
                case.container,
                case.what,
                reading.frames,
                reading.by_ffmpeg,
                reading
                    .wrong
                    .iter()
                    .take(4)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join("; ")
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Writes the table of `docs/media.md`: `cargo test --lib media::tests::matrix -- --ignored`.
#[test]
#[ignore = "writes the documentation"]
fn the_table_is_written() {
    let rows: String = readings()
        .iter()
        .map(|(case, reading)| {
            format!(
                "| {} | {} | {} | {} | {} | {} |\n",
                case.codec,
                case.container,
                case.what,
                reading.by_ffmpeg,
                reading.frames,
                reading.wrong.len()
            )
        })
        .collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/media.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let head = "| Codec | Container | Quirk | Pictures by ffmpeg | Frames here | Wrong numbers |\n| --- | --- | --- | ---: | ---: | ---: |\n";
    let (before, after) = text.split_once(head).unwrap();
    let rest: Vec<&str> = after
        .lines()
        .skip_while(|line| line.starts_with('|'))
        .collect();
    let rest = rest.join("\n");
    std::fs::write(&path, format!("{before}{head}{rows}{rest}\n")).unwrap();
}
