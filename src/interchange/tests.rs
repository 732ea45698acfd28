//! Cut lists read back by other readers: the opentimelineio Python package, an XML parser, an EDL
//! reader, the ffmpeg program.

mod editors;
mod named;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::domain::Rational;

fn even_index(frames: u64, rate: Rational) -> FrameIndex {
    FrameIndex {
        pts: (0..frames as i64).map(|n| n * rate.den).collect(),
        keyframes: vec![0].into(),
        time_base: Rational::new(1, rate.num),
        last_duration: rate.den,
    }
}

fn video(index: &FrameIndex, rate: Rational) -> VideoInfo {
    VideoInfo {
        relative_path: None,
        path: PathBuf::from("/films/a & b #1 50% é.mp4"),
        sha256: "00".into(),
        duration_secs: index.duration_secs(),
        frame_count: index.len(),
        frame_rate: rate,
        width: 1280,
        height: 720,
        rotation_deg: 0,
        has_audio: true,
        coded_width: 1280,
        coded_height: 720,
        codec: "h264".into(),
        variable_frame_rate: false,
        warnings: vec![],
        start_timecode: None,
    }
}

const NTSC: Rational = Rational::new(30000, 1001);
const FILM: Rational = Rational::new(24000, 1001);

fn ranges(pairs: &[(u64, u64)]) -> Vec<FrameRange> {
    pairs.iter().map(|&(a, b)| FrameRange::new(a, b)).collect()
}

#[test]
fn source_times_count_from_the_timecode_that_the_file_states() {
    let five = Rational::new(25, 1);
    let fifty = Rational::new(50, 1);
    let sixty = Rational::new(60000, 1001);
    let cases = [
        // 10:20:30:05 is frame 930755; the first piece begins 30 frames later.
        (
            five,
            "10:20:30:05",
            "10:20:31:10",
            "NON-DROP FRAME",
            930_755,
        ),
        (NTSC, "01:00:00;00", "01:00:01;00", "DROP FRAME", 107_892),
        (
            NTSC,
            "01:00:00:00",
            "01:00:01:00",
            "NON-DROP FRAME",
            108_000,
        ),
        (sixty, "14:09:42;10", "14:09:42;40", "DROP FRAME", 3_055_870),
        (
            fifty,
            "23:00:00:49",
            "23:00:01:29",
            "NON-DROP FRAME",
            4_140_049,
        ),
        (
            FILM,
            "03:00:02:00",
            "03:00:03:06",
            "NON-DROP FRAME",
            259_248,
        ),
    ];
    for (rate, stated, first, mode, frame) in cases {
        let index = even_index(300, rate);
        let mut video = video(&index, rate);
        video.start_timecode = Some(stated.into());
        let ranges = ranges(&[(30, 90), (140, 200)]);
        let cut = Cut::new(&video, &index, &ranges, "cut");
        let (_, found, events) = read_edl(&render(&cut, Format::Edl).unwrap().parts[0]);
        assert_eq!(found, mode, "{stated}");
        assert_eq!(events[0].2[0], first, "{stated}");
        assert_eq!(cut.source_start_frame, frame, "{stated}");
        let otio = &render(&cut, Format::Otio).unwrap().parts[0];
        let otio: serde_json::Value = serde_json::from_str(otio).unwrap();
        let clip = &otio["tracks"]["children"][0]["children"][0];
        assert_eq!(
            clip["source_range"]["start_time"]["value"],
            (frame + 30) as f64
        );
        let media = &clip["media_references"]["DEFAULT_MEDIA"]["available_range"];
        assert_eq!(media["start_time"]["value"], frame as f64);
        let xml = &render(&cut, Format::Fcpxml).unwrap().parts[0];
        let kind = if mode == "DROP FRAME" { "DF" } else { "NDF" };
        assert!(xml.contains(&format!("tcFormat=\"{kind}\"")), "{stated}");
    }
    // A timecode that does not fit the rate is left out rather than the cut list.
    let index = even_index(300, five);
    let mut video = video(&index, five);
    video.start_timecode = Some("10:00:00;00".into());
    let ranges = ranges(&[(30, 90)]);
    assert_eq!(
        Cut::new(&video, &index, &ranges, "cut").source_start_frame,
        0
    );
}

/// One event line of an EDL: number, channels, and the four timecodes.
type EdlEvent = (u32, String, [String; 4]);

/// Title, frame count mode and events of an EDL.
fn read_edl(text: &str) -> (String, String, Vec<EdlEvent>) {
    let mut lines = text.lines();
    let title = lines.next().unwrap().strip_prefix("TITLE: ").unwrap();
    let mode = lines.next().unwrap().strip_prefix("FCM: ").unwrap();
    let events = lines
        .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()))
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(words.len(), 8, "{line}");
            assert_eq!((words[1], words[3]), ("AX", "C"));
            let codes = [words[4], words[5], words[6], words[7]].map(str::to_owned);
            (words[0].parse().unwrap(), words[2].to_owned(), codes)
        })
        .collect();
    (title.to_owned(), mode.to_owned(), events)
}

#[test]
fn an_edl_event_reads_as_in_the_standard() {
    let rate = Rational::new(25, 1);
    let index = even_index(1000, rate);
    let mut video = video(&index, rate);
    video.has_audio = false;
    let ranges = ranges(&[(250, 387)]);
    let text = &render(&Cut::new(&video, &index, &ranges, "Test"), Format::Edl)
        .unwrap()
        .parts[0];
    assert!(text.starts_with("TITLE: Test\nFCM: NON-DROP FRAME\n"));
    assert!(
        text.contains(
            "001  AX       V     C        00:00:10:00 00:00:15:12 01:00:00:00 01:00:05:12\n"
        ),
        "{text}"
    );
}

#[test]
fn edl_times_are_exact_at_ntsc_rates_and_contiguous() {
    for (rate, frames, mode, source_in, record_in) in [
        (
            FILM,
            200_000,
            "NON-DROP FRAME",
            "01:30:00:00",
            "01:00:00:00",
        ),
        (NTSC, 200_000, "DROP FRAME", "01:12:04;10", "01:00:00;00"),
    ] {
        let index = even_index(frames, rate);
        let video = video(&index, rate);
        let ranges = ranges(&[(129_600, 131_400), (10, 11), (140_000, 159_982)]);
        let mut cut = Cut::new(&video, &index, &ranges, "Summary");
        let rendered = render(&cut, Format::Edl).unwrap();
        assert!(rendered.notes.is_empty());
        let (_, found_mode, events) = read_edl(&rendered.parts[0]);
        assert_eq!(found_mode, mode);
        assert_eq!(events[0].2[0], source_in);
        assert_eq!(events[0].2[2], record_in);
        let base = EditTimeline::new(&cut).base;
        let frame = |code: &str| base.frame_from_smpte(code).unwrap();
        for (position, (number, channels, codes)) in events.iter().enumerate() {
            assert_eq!(*number as usize, position + 1);
            assert_eq!(channels, "B");
            assert_eq!(frame(&codes[0]), ranges[position].start);
            assert_eq!(frame(&codes[1]), ranges[position].end);
            assert_eq!(
                frame(&codes[3]) - frame(&codes[2]),
                ranges[position].len(),
                "source and record durations are equal"
            );
            if position > 0 {
                assert_eq!(codes[2], events[position - 1].2[3], "record is contiguous");
            }
        }
        // The source timecode moves the source side only.
        cut.source_start_frame = frame("10:00:00:00");
        let (_, _, moved) = read_edl(&render(&cut, Format::Edl).unwrap().parts[0]);
        assert_eq!(
            frame(&moved[0].2[0]) - frame(&events[0].2[0]),
            cut.source_start_frame
        );
        assert_eq!(moved[0].2[2], events[0].2[2]);
    }
}

#[test]
fn more_than_999_events_are_split_and_written_as_files() {
    let rate = Rational::new(25, 1);
    let index = even_index(5000, rate);
    let video = video(&index, rate);
    let ranges: Vec<_> = (0..2100)
        .map(|n| FrameRange::new(n * 2, n * 2 + 1))
        .collect();
    let cut = Cut::new(&video, &index, &ranges, "Many");
    let dir = tempfile::tempdir().unwrap();
    let report = write(&cut, &dir.path().join("cut.edl"), false).unwrap();
    assert_eq!(report.files.len(), 3);
    assert!(report.files[1].ends_with("cut_002.edl"));
    assert!(report.notes[0].contains("999"));
    let mut last_out = None;
    let mut total = 0;
    for file in &report.files {
        let (_, _, events) = read_edl(&std::fs::read_to_string(file).unwrap());
        assert!(events.len() <= 999);
        assert_eq!(events[0].0, 1);
        if let Some(last) = last_out {
            assert_eq!(events[0].2[2], last);
        }
        last_out = events.last().map(|event| event.2[3].clone());
        total += events.len();
    }
    assert_eq!(total, 2100);
}

#[test]
fn existing_files_and_the_source_are_never_overwritten() {
    let rate = Rational::new(25, 1);
    let index = even_index(100, rate);
    let mut video = video(&index, rate);
    let dir = tempfile::tempdir().unwrap();
    let taken = dir.path().join("taken.csv");
    std::fs::write(&taken, b"mine").unwrap();
    let ranges = ranges(&[(0, 10)]);
    let cut = Cut::new(&video, &index, &ranges, "T");
    assert!(matches!(
        write(&cut, &taken, false),
        Err(InterchangeError::Exists { .. })
    ));
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    assert!(write(&cut, &taken, true).is_ok());
    assert!(matches!(
        write(&cut, &dir.path().join("x.doc"), false),
        Err(InterchangeError::UnknownFormat { .. })
    ));
    assert!(matches!(
        write(
            &Cut::new(&video, &index, &[], "T"),
            &dir.path().join("x.csv"),
            false
        ),
        Err(InterchangeError::Empty)
    ));
    video.path = dir.path().join("film.csv");
    std::fs::write(&video.path, b"film").unwrap();
    let cut = Cut::new(&video, &index, &ranges, "T");
    assert!(matches!(
        write(&cut, &video.path, true),
        Err(InterchangeError::IsSource { .. })
    ));
    assert_eq!(std::fs::read(&video.path).unwrap(), b"film");
    let missing = dir.path().join("no/such/folder/x.csv");
    let err = write(&cut, &missing, true).unwrap_err().to_string();
    assert!(err.contains("no/such/folder"), "{err}");
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        2,
        "no leftovers"
    );
}

#[test]
fn uneven_frames_are_placed_by_time_and_said() {
    // Ten frames a second for two seconds, then one a second for eight.
    let pts: Vec<i64> = (0..20)
        .map(|n| n * 100)
        .chain((0..8).map(|n| 2000 + n * 1000))
        .collect();
    let index = FrameIndex {
        pts: pts.into(),
        keyframes: vec![0].into(),
        time_base: Rational::new(1, 1000),
        last_duration: 1000,
    };
    let mut video = video(&index, Rational::new(28, 10));
    video.variable_frame_rate = true;
    let ranges = ranges(&[(5, 20), (21, 23)]);
    let cut = Cut::new(&video, &index, &ranges, "Uneven");
    let rendered = render(&cut, Format::Edl).unwrap();
    assert!(
        rendered.notes[0].contains("unevenly"),
        "{:?}",
        rendered.notes
    );
    let timeline = EditTimeline::new(&cut);
    let secs = |frame| timeline.base.secs_from_frame(frame);
    for (event, piece) in timeline.events.iter().zip(cut.pieces()) {
        assert!((secs(event.source_start) - piece.start_secs).abs() < 0.03);
        assert!((secs(event.source_end) - piece.end_secs).abs() < 0.03);
    }
    assert!((secs(timeline.source_frames) - 10.0).abs() < 0.03);
    // CSV and chapters need no timeline rate, so they have nothing to excuse.
    assert!(render(&cut, Format::Csv).unwrap().notes.is_empty());
}

#[test]
fn an_unusual_even_rate_uses_its_usual_multiple() {
    let rate = Rational::new(25, 2);
    let index = even_index(100, rate);
    let video = video(&index, rate);
    let ranges = ranges(&[(3, 9)]);
    let timeline = EditTimeline::new(&Cut::new(&video, &index, &ranges, "T"));
    assert_eq!(timeline.base.rate, Rational::new(25, 1));
    assert_eq!(
        (
            timeline.events[0].source_start,
            timeline.events[0].source_end
        ),
        (6, 18)
    );
    assert_eq!(timeline.source_frames, 200);
}

#[test]
fn tables_say_the_same_as_the_index() {
    let index = even_index(3000, NTSC);
    let video = video(&index, NTSC);
    let ranges = ranges(&[(1800, 1830), (300, 301)]);
    let cut = Cut::new(&video, &index, &ranges, "T");
    let text = &render(&cut, Format::Csv).unwrap().parts[0];
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(&rows[0][1], "1800");
    assert_eq!(&rows[0][3], "60.060000");
    assert_eq!(&rows[0][6], "00:01:00;02");
    assert_eq!(&rows[1][8], "1.001000");
    let value: serde_json::Value =
        serde_json::from_str(&render(&cut, Format::Json).unwrap().parts[0]).unwrap();
    assert_eq!(value["frame_count"], 31);
    assert_eq!(value["pieces"][1]["start_frame"], 300);
    assert_eq!(
        value["video"]["frame_rate"],
        serde_json::json!([30000, 1001])
    );
}

#[test]
fn ffmpeg_reads_the_chapters() {
    let rate = Rational::new(25, 1);
    let index = even_index(1000, rate);
    let video = video(&index, rate);
    let ranges = ranges(&[(100, 125), (500, 550)]);
    let cut = Cut::new(&video, &index, &ranges, "a=b; #1 \\ c");
    let dir = tempfile::tempdir().unwrap();
    let meta = dir.path().join("cut.ffmeta");
    write(&cut, &meta, false).unwrap();
    let film = dir.path().join("film.mkv");
    crate::testing::ffmpeg([
        "-f",
        "lavfi",
        "-i",
        "color=s=32x32:d=3",
        "-i",
        meta.to_str().unwrap(),
        "-map_metadata",
        "1",
        "-c:v",
        "mpeg4",
        film.to_str().unwrap(),
    ]);
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_chapters",
            "-show_format",
            "-of",
            "json",
        ])
        .arg(&film)
        .output()
        .unwrap();
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["format"]["tags"]["title"], "a=b; #1 \\ c");
    let chapters = value["chapters"].as_array().unwrap();
    assert_eq!(chapters.len(), 2);
    assert_eq!(chapters[0]["start_time"], "0.000000");
    assert_eq!(chapters[0]["end_time"], "1.000000");
    assert_eq!(chapters[1]["start_time"], "1.000000");
    assert_eq!(chapters[1]["end_time"], "3.000000");
    assert_eq!(chapters[1]["tags"]["title"], "002 from 00:00:20.000");
}

#[test]
fn a_source_timecode_decides_whether_numbers_are_dropped() {
    let index = even_index(4000, NTSC);
    let video = video(&index, NTSC);
    let ranges = ranges(&[(1800, 1900)]);
    let mut cut = Cut::new(&video, &index, &ranges, "film · summary 003");
    cut.start_at("10:00:00:00").unwrap();
    let (title, mode, events) = read_edl(&render(&cut, Format::Edl).unwrap().parts[0]);
    assert_eq!(title, "film - summary 003");
    assert_eq!(mode, "NON-DROP FRAME");
    assert_eq!(
        events[0].2,
        ["10:01:00:00", "10:01:03:10", "01:00:00:00", "01:00:03:10"]
    );
    let table = &render(&cut, Format::Csv).unwrap().parts[0];
    assert!(table.contains("10:01:00:00"), "{table}");
    let xml = &render(&cut, Format::Fcpxml).unwrap().parts[0];
    assert!(xml.contains(r#"tcFormat="NDF""#), "{xml}");

    cut.start_at("10:00:00;00").unwrap();
    let (_, mode, events) = read_edl(&render(&cut, Format::Edl).unwrap().parts[0]);
    assert_eq!(mode, "DROP FRAME");
    assert_eq!(events[0].2[0], "10:01:00;02");
    assert!(cut.start_at("10:01:00;00").is_err());
}

/// Names may hold what XML, EDL lines and JSON readers do not; the address still leads to the file.
#[cfg(unix)]
#[test]
fn names_with_control_characters_make_files_that_can_be_read() {
    use std::os::unix::ffi::OsStringExt;
    let index = even_index(100, Rational::new(25, 1));
    let ranges = ranges(&[(10, 20)]);
    for (bytes, address) in [
        (&b"/films/ctl\x01x\x7f.mp4"[..], "/films/ctl%01x%7F.mp4"),
        (b"/films/two\nlines.mp4", "/films/two%0Alines.mp4"),
        (b"/films/J\xe9r\xf4me.mp4", "/films/J%E9r%F4me.mp4"),
        (
            "/films/a\u{fffe}<b>&\"c\".mp4".as_bytes(),
            "/films/a%EF%BF%BE%3Cb%3E%26%22c%22.mp4",
        ),
    ] {
        let mut video = video(&index, Rational::new(25, 1));
        video.path = PathBuf::from(std::ffi::OsString::from_vec(bytes.to_vec()));
        let cut = Cut::new(&video, &index, &ranges, "title \u{1}\u{ffff}");
        for format in [Format::Fcpxml, Format::Edl, Format::Otio, Format::Chapters] {
            let text = &render(&cut, format).unwrap().parts[0];
            let foreign =
                |c: char| c.is_control() && c != '\n' || matches!(c, '\u{fffe}' | '\u{ffff}');
            assert!(!text.contains(foreign), "{format:?}: {text:?}");
            assert!(!text.contains("\\u0001"), "{format:?}: {text:?}");
            if matches!(format, Format::Fcpxml | Format::Otio) {
                assert!(text.contains(address), "{format:?}: {text}");
            }
            if format == Format::Fcpxml {
                let mut reader = quick_xml::Reader::from_str(text);
                while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
            }
        }
    }
}
