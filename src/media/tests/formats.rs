//! Codecs and containers: the index equals ffprobe's frames, and sampled frames are the ones asked
//! for.

use std::io::{Seek as _, SeekFrom, Write as _};

use super::*;
use crate::testing::video::{ffprobe_frame_times, has_encoder, read_number};

/// Picks with dense, sparse and neighbouring stretches.
fn varied_picks(count: u64) -> Vec<u64> {
    (0..count)
        .filter(|f| f % 15 == 0 || (20..24).contains(f) || *f + 1 == count)
        .collect()
}

fn check(name: &str, encoder: &str, args: &[&str]) {
    if !has_encoder(encoder) {
        crate::testing::skip(&format!("{name}: this ffmpeg has no {encoder}"));
        return;
    }
    let dir = scratch();
    let mut all = vec!["-c:v", encoder];
    all.extend_from_slice(args);
    let path = make(&dir, name, 90, "30", &all);
    let (probe, index) = look(&path).unwrap();
    assert_eq!(
        index.pts.as_ref(),
        ffprobe_frame_times(&path).as_slice(),
        "{name}"
    );
    assert_eq!(index.len(), 90, "{name}");
    assert_eq!(probe.info.frame_count, 90, "{name}");
    assert!((index.duration_secs() - 3.0).abs() < 0.05, "{name}");
    assert!(
        (probe.info.frame_rate.as_f64() - 30.0).abs() < 0.5,
        "{name}"
    );
    assert!(!probe.info.variable_frame_rate, "{name}");
    assert!(
        probe.info.warnings.is_empty(),
        "{name}: {:?}",
        probe.info.warnings
    );
    assert_eq!((probe.info.width, probe.info.height), (192, 64), "{name}");
    let picks = varied_picks(90);
    let (frames, warnings) = samples(&path, &index, &picks, SampledOptions::default());
    let numbers: Vec<u64> = frames.iter().map(|f| read_number(&f.image)).collect();
    assert_eq!(numbers, picks, "{name}");
    assert!(frames.iter().all(|f| f.stand_in.is_none()), "{name}");
    assert!(warnings.is_empty(), "{name}: {warnings:?}");
    assert_eq!(frames[0].thumb.width, 160, "{name}");
    assert_eq!(read_number(&frames[1].thumb), picks[1], "{name}");
}

#[test]
fn h264_in_four_containers() {
    let args = ["-preset", "veryfast", "-bf", "3", "-g", "24"];
    for name in ["a.mp4", "a.mkv", "a.mov", "a.ts"] {
        check(name, "libx264", &args);
    }
}

#[test]
fn h264_with_open_groups_and_a_pyramid() {
    let args = [
        "-preset",
        "veryfast",
        "-x264-params",
        "open-gop=1:bframes=5:b-pyramid=normal:keyint=20:min-keyint=20:scenecut=0",
    ];
    check("open.mp4", "libx264", &args);
    check("open.mkv", "libx264", &args);
}

#[test]
fn hevc() {
    let args = ["-preset", "ultrafast", "-x265-params", "log-level=none"];
    check("a.mp4", "libx265", &args);
    check("a.mkv", "libx265", &args);
}

#[test]
fn vp8_and_vp9_with_hidden_frames() {
    let args = ["-auto-alt-ref", "1", "-lag-in-frames", "16", "-g", "40"];
    check(
        "a.webm",
        "libvpx",
        &[&args[..], &["-deadline", "good", "-cpu-used", "5"]].concat(),
    );
    check(
        "b.webm",
        "libvpx-vp9",
        &[&args[..], &["-deadline", "good", "-cpu-used", "6"]].concat(),
    );
}

#[test]
fn av1() {
    check(
        "a.mkv",
        "libaom-av1",
        &["-cpu-used", "8", "-usage", "realtime", "-g", "30"],
    );
}

#[test]
fn mpeg4_mpeg2_mjpeg_and_prores() {
    check("a.avi", "mpeg4", &["-q:v", "3", "-g", "20"]);
    check("b.mp4", "mpeg4", &["-q:v", "3", "-bf", "2"]);
    check("c.ts", "mpeg2video", &["-q:v", "3", "-bf", "2"]);
    check("d.avi", "mjpeg", &["-q:v", "3", "-pix_fmt", "yuvj420p"]);
    check("e.mov", "prores_ks", &[]);
}

#[test]
fn sparse_picks_skip_whole_groups_and_stay_exact() {
    let dir = scratch();
    let path = make(
        &dir,
        "long.mp4",
        1500,
        "10",
        &[H264, &["-g", "10", "-bf", "2"]].concat(),
    );
    let (_, index) = look(&path).unwrap();
    // Gaps of more than twenty seconds are crossed by seeking.
    let picks = [3, 17, 400, 401, 990, 1499];
    let (frames, _) = samples(&path, &index, &picks, SampledOptions::default());
    let numbers: Vec<u64> = frames.iter().map(|f| read_number(&f.image)).collect();
    assert_eq!(numbers, picks);
    assert!((frames[2].secs - 40.0).abs() < 1e-9);
}

#[test]
fn reduction_keeps_twice_the_side_asked_for() {
    let dir = scratch();
    let path = make(&dir, "a.mp4", 5, "5", H264);
    let (_, index) = look(&path).unwrap();
    let options = SampledOptions {
        max_side: Some(48),
        thumb_width: None,
        threads: 1,
        find_cuts: false,
    };
    let (frames, _) = samples(&path, &index, &[4], options);
    assert_eq!((frames[0].image.width, frames[0].image.height), (96, 32));
    assert_eq!(read_number(&frames[0].image), 4);
}

#[test]
fn cancelling_stops_both_passes() {
    let dir = scratch();
    let path = make(&dir, "a.mp4", 30, "30", H264);
    let cancel = CancelToken::new();
    let (_, index) = look(&path).unwrap();
    let mut decoder = SampledDecoder::open(
        &path,
        &index,
        &[0, 10, 20],
        SampledOptions::default(),
        cancel.clone(),
    )
    .unwrap();
    assert!(decoder.next().unwrap().is_ok());
    cancel.cancel();
    assert!(decoder.next().unwrap().unwrap_err().is_cancelled());
    assert!(decoder.next().is_none());
    assert!(
        inspect(&path, &cancel, &mut |_| {})
            .unwrap_err()
            .is_cancelled()
    );
}

#[test]
fn a_file_beyond_4_gib_is_read_to_its_end() {
    const HOLE: u64 = (1 << 32) + 4096;
    let dir = scratch();
    let args = [
        "-g",
        "30",
        "-bf",
        "2",
        "-movflags",
        "frag_keyframe+empty_moov+default_base_moof",
    ];
    let plain = make(&dir, "film.mp4", 90, "30", &[H264, &args].concat());
    // A box of nothing before the first fragment, which takes no room on the disk. A box's length
    // comes before its name.
    let bytes = std::fs::read(&plain).unwrap();
    let name = bytes.windows(4).position(|name| name == b"moof").unwrap();
    let (head, fragments) = bytes.split_at(name - 4);
    let large = dir.path().join("large.mp4");
    let mut file = std::fs::File::create(&large).unwrap();
    file.write_all(head).unwrap();
    file.write_all(&1u32.to_be_bytes()).unwrap();
    file.write_all(b"free").unwrap();
    file.write_all(&(HOLE + 16).to_be_bytes()).unwrap();
    file.seek(SeekFrom::Current(HOLE as i64)).unwrap();
    file.write_all(fragments).unwrap();
    drop(file);

    let (_, expected) = look(&plain).unwrap();
    let (_, index) = look(&large).unwrap();
    assert_eq!(index.len(), 90);
    assert_eq!(index.pts, expected.pts);
    let picks = [0, 29, 45, 89];
    let (frames, _) = samples(&large, &index, &picks, SampledOptions::default());
    for frame in frames {
        assert_eq!(read_number(&frame.image), frame.frame);
    }
}
