//! Files that do not say when their pictures are shown, whose clock starts over, or whose clock
//! starts late.

use super::*;
use crate::testing::video::{ffprobe_frame_times, has_encoder, read_number};

const REORDERED: &[&str] = &[
    "-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "40",
];

/// Every picture that is asked for by its number must be the one of that number, by each of the
/// readers.
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
        crate::testing::skip("this ffmpeg has no Xvid");
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
        // The second recording is the negative of the first video.
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

#[test]
fn the_timecode_that_a_file_states_is_read() {
    let dir = scratch();
    for (name, rate, timecode) in [
        ("25.mov", "25", "10:20:30:05"),
        ("drop.mov", "30000/1001", "01:00:00;00"),
        ("full.mp4", "30000/1001", "01:00:00:00"),
        ("50.mov", "50", "23:00:00:49"),
        ("5994.mov", "60000/1001", "14:09:42;10"),
        ("2398.mov", "24000/1001", "03:00:02:00"),
        ("tagged.mkv", "25", "10:20:30:05"),
    ] {
        let args = if name.ends_with("mkv") {
            [H264, &["-metadata", "timecode=10:20:30:05"]].concat()
        } else {
            [H264, &["-timecode", timecode]].concat()
        };
        let path = make(&dir, name, 30, rate, &args);
        let (probe, _) = look(&path).unwrap();
        assert_eq!(
            probe.info.start_timecode.as_deref(),
            Some(timecode),
            "{name}"
        );
    }
    let (probe, _) = look(&make(&dir, "none.mov", 30, "25", H264)).unwrap();
    assert_eq!(probe.info.start_timecode, None);
}

#[test]
fn sound_stays_with_its_pictures_across_a_break_of_the_clock() {
    use crate::media::player::SoundReader;
    const CHANNELS: usize = 2;
    let dir = scratch();
    let mut bytes = Vec::new();
    for (name, tone, offset) in [("one.ts", "300", "1"), ("two.ts", "3000", "1005")] {
        let sound = format!("sine=frequency={tone}:duration=4:sample_rate=48000");
        let args = [
            "-f",
            "lavfi",
            "-i",
            &sound,
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-g",
            "25",
            "-c:a",
            "aac",
            "-output_ts_offset",
            offset,
            "-muxdelay",
            "0",
            "-muxpreload",
            "0",
        ];
        bytes.extend(std::fs::read(make(&dir, name, 100, "25", &args)).unwrap());
    }
    let path = dir.path().join("both.ts");
    std::fs::write(&path, bytes).unwrap();
    let (_, index) = look(&path).unwrap();
    assert_eq!(index.len(), 200);
    let mut reader = SoundReader::open(&path, &index, 48_000).unwrap();
    // Crossings of zero tell the tones apart: 300 a half second for the low one, 3000 for the high
    // one.
    for (from_secs, expected) in [(1.0, 300), (5.0, 3000), (2.0, 300), (6.5, 3000), (3.2, 300)] {
        reader.set_spans(vec![(from_secs, from_secs + 0.5)]);
        let mut samples = Vec::new();
        while reader.read(&mut samples) {}
        let crossings = samples
            .chunks_exact(CHANNELS)
            .map(|pair| pair[0])
            .collect::<Vec<f32>>()
            .windows(2)
            .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0 || pair[0] >= 0.0 && pair[1] < 0.0)
            .count();
        assert!(
            crossings.abs_diff(expected) < expected / 10,
            "{from_secs}: {crossings}"
        );
    }
}
