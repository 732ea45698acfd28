//! Files that do not say when their pictures are shown, whose clock starts over, or whose clock starts late.

use super::*;
use crate::testing::video::{ffprobe_frame_times, has_encoder, read_number};

const REORDERED: &[&str] = &[
    "-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "40",
];

/// Every picture that is asked for by its number must be the one of that number, by each of the readers.
fn assert_numbered(path: &Path, index: &FrameIndex) {
    let name = path.display();
    let last = index.len() - 1;
    let picks: Vec<u64> = (0..last).step_by(7).chain([last]).collect();
    let (frames, warnings) = samples(path, index, &picks, SampledOptions::default());
    assert!(warnings.is_empty(), "{name}: {warnings:?}");
    for frame in &frames {
        assert_eq!(read_number(&frame.image), frame.frame, "{name}");
    }
    let mut thumbs = Thumbnailer::open(path, index).unwrap();
    for number in [last, 0, 77, 78, 41, 40, 39, 118, 119, 120, last - 1] {
        let shown = thumbs.exact(number).unwrap();
        assert_eq!(shown.frame, number, "{name}");
        assert_eq!(read_number(&shown.to_rgb()), number, "{name}");
    }
}

#[test]
fn pictures_without_presentation_times_are_numbered_as_they_are_shown() {
    let dir = scratch();
    let open_groups = [
        "-c:v",
        "libx264",
        "-x264-params",
        "open-gop=1:keyint=20:bframes=3:b-pyramid=normal:scenecut=0",
    ];
    let mpeg4 = ["-c:v", "mpeg4", "-bf", "2", "-g", "40", "-q:v", "3"];
    let mpeg2 = ["-c:v", "mpeg2video", "-bf", "2", "-g", "15", "-q:v", "3"];
    let plain = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0"];
    for (name, args) in [
        ("h264.avi", REORDERED),
        ("open.avi", &open_groups[..]),
        ("mpeg4.avi", &mpeg4),
        ("mpeg2.avi", &mpeg2),
        ("plain.avi", &plain),
    ] {
        let path = make(&dir, name, 200, "25", args);
        let (probe, index) = look(&path).unwrap();
        assert_eq!(index.len(), 200, "{name}");
        assert_eq!(index.secs_from_frame(100), 4.0, "{name}");
        assert_eq!(index.duration_secs(), 8.0, "{name}");
        assert!(
            probe.info.warnings.is_empty(),
            "{name}: {:?}",
            probe.info.warnings
        );
        assert_numbered(&path, &index);
    }
}

#[test]
fn packed_pictures_are_numbered_as_they_are_shown() {
    if !has_encoder("libxvid") {
        eprintln!("skipped: this ffmpeg has no Xvid");
        return;
    }
    let dir = scratch();
    let args = ["-c:v", "libxvid", "-bf", "2", "-g", "40", "-q:v", "3"];
    let path = make(&dir, "packed.avi", 200, "25", &args);
    let (_, index) = look(&path).unwrap();
    let decoded = ffprobe_frame_times(&path).len() as u64;
    assert!(index.len().abs_diff(decoded) <= 1, "{}", index.len());
    let picks: Vec<u64> = (0..decoded).step_by(9).collect();
    let (frames, _) = samples(&path, &index, &picks, SampledOptions::default());
    for frame in &frames {
        assert_eq!(read_number(&frame.image), frame.frame);
    }
}

#[test]
fn raw_streams_are_read_at_an_even_pace() {
    let dir = scratch();
    let hevc = [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "log-level=error:keyint=40:bframes=3",
    ];
    for (name, args) in [("raw.h264", REORDERED), ("raw.hevc", &hevc)] {
        let path = make(&dir, name, 150, "25", args);
        let (probe, index) = look(&path).unwrap();
        assert_eq!(index.len(), 150, "{name}");
        assert_eq!(index.duration_secs(), 6.0, "{name}");
        let warnings = probe.info.warnings;
        assert!(
            warnings.len() == 1 && warnings[0].contains("states no times"),
            "{name}: {warnings:?}"
        );
        assert_numbered(&path, &index);
    }
}

#[test]
fn recordings_put_one_after_the_other_are_one_film() {
    let dir = scratch();
    let one = make(&dir, "one.ts", 150, "25", REORDERED);
    let inverted = [REORDERED, &["-vf", "negate"]].concat();
    let two = make(&dir, "two.ts", 170, "25", &inverted);
    let path = dir.path().join("both.ts");
    let mut bytes = std::fs::read(one).unwrap();
    bytes.extend(std::fs::read(two).unwrap());
    std::fs::write(&path, bytes).unwrap();
    // The second look must find the same although the place is known by then.
    for _ in 0..2 {
        let (probe, index) = look(&path).unwrap();
        assert_eq!(index.len(), 320);
        assert!((index.duration_secs() - 12.8).abs() < 0.01);
        let warnings = probe.info.warnings;
        assert!(
            warnings.len() == 1
                && warnings[0].contains("goes back by")
                && warnings[0].contains("after 6.0 s"),
            "{warnings:?}"
        );
        // The second recording is the negative of the first film.
        let picks = [0, 149, 150, 151, 200, 319];
        let (frames, _) = samples(&path, &index, &picks, SampledOptions::default());
        let found: Vec<u64> = frames
            .iter()
            .map(|frame| read_number(&frame.image))
            .collect();
        let negative = |number: u64| 4095 - number;
        let wanted = [
            0,
            149,
            negative(0),
            negative(1),
            negative(50),
            negative(169),
        ];
        assert_eq!(found, wanted);
    }
}

#[test]
fn a_clock_that_starts_late_is_no_missing_end() {
    let dir = scratch();
    let late = [H264, &["-output_ts_offset", "100"]].concat();
    let path = make(&dir, "late.mkv", 120, "25", &late);
    let (probe, index) = look(&path).unwrap();
    assert_eq!(index.len(), 120);
    assert_eq!(probe.info.warnings, Vec::<String>::new());
}
