//! The files that people sent, where they are at hand; the other tests of this room make clips of
//! the same kinds.

use super::losses::{brightness, first_frame};
use super::*;
use crate::testing::shared_part;

/// A case's clip beside a folder for what is made of it.
fn case(name: &str) -> Option<Film> {
    let dir = tempfile::tempdir().unwrap();
    let sent = shared_part(&format!("cases/{name}"))?;
    let path = dir.path().join(sent.file_name().unwrap());
    std::fs::copy(sent, &path).unwrap();
    Some(indexed(dir, path))
}

#[test]
fn pictures_of_sent_streams_are_those_that_are_decoded() {
    for (name, frames, secs) in [
        ("mpeg-program-stream/m2nob.mpg", 150, 6.0),
        ("mpeg-program-stream/m1.mpg", 150, 6.0),
        ("mpeg-program-stream/m2.vob", 150, 6.0),
        ("ts-clock-jumps-forward/fwd1000.ts", 300, 12.0),
        ("ts-clock-jumps-forward/fwd10h.ts", 300, 12.0),
    ] {
        let Some(film) = case(name) else { return };
        assert_eq!(film.index.len(), frames, "{name}");
        assert!(
            (film.index.duration_secs() - secs).abs() < 0.05,
            "{name}: {} s",
            film.index.duration_secs()
        );
    }
    let Some(film) = case("ts-starts-inside-a-group/m1.ts") else {
        return;
    };
    let decoded = crate::testing::video::ffprobe_frame_times(&film.path).len();
    assert_eq!(film.index.len(), decoded as u64);
}

#[test]
fn sent_films_keep_fields_greys_brightness_and_transparency() {
    if let Some(film) = case("interlaced-becomes-progressive/h264i.ts") {
        let out = film.out("out.mp4");
        film.export(&[(30, 90), (100, 140)], &out, ExportMode::Exact);
        assert_eq!(first_frame(&out)["interlaced_frame"], 1);
        assert_eq!(first_frame(&out)["top_field_first"], 1);
    }
    if let Some(film) = case("gray-to-webm-washed-out/gray.mkv") {
        for name in ["out.webm", "out.mp4"] {
            let out = film.out(name);
            film.export(&[(0, 2)], &out, ExportMode::Exact);
            let (black, white) = brightness(&out);
            assert!(black <= 2 && white >= 253, "{name}: {black} to {white}");
        }
    }
    if let Some(film) = case("hdr10-light-levels-lost/hdr10.mp4") {
        let out = film.out("out.mp4");
        film.export(&[(30, 60)], &out, ExportMode::Exact);
        let data = first_frame(&out)["side_data_list"].to_string();
        assert!(data.contains("Mastering display"), "{data}");
        assert!(data.contains("Content light level"), "{data}");
    }
    if let Some(film) = case("alpha-lost/v9.webm") {
        let out = film.out("out.webm");
        let report = film.export(&[(0, 128)], &out, ExportMode::Copy);
        assert_eq!(report.mode, ExportMode::Copy, "{:?}", report.notes);
        let tags = video_stream(&out)["tags"].to_string().to_lowercase();
        assert!(tags.contains("\"alpha_mode\":\"1\""), "{tags}");
    }
}

#[test]
fn open_groups_of_a_sent_film_are_copied() {
    let Some(film) = case("open-gop-copy/x265.mkv") else {
        return;
    };
    let out = film.out("out.mkv");
    let report = film.export(&[(310, 360), (910, 960)], &out, ExportMode::Copy);
    assert_eq!(report.mode, ExportMode::Copy, "{:?}", report.notes);
    assert!(report.frame_count < 250, "{}", report.frame_count);
}
