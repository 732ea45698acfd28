//! Copying and smart cutting: whole groups untouched, ends encoded, fallbacks reported.

use std::path::Path;

use super::super::*;
use super::*;

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
    // Copying an open group cannot start inside: it widens to the file's only clean keyframe, the
    // first.
    let out = open.out("copy.mp4");
    let report = open.export(&[(50, 70)], &out, ExportMode::Copy);
    assert_eq!(read_numbers(&out, ""), (0..100).collect::<Vec<_>>());
    assert_eq!(report.widened[0].kept, FrameRange::new(0, 100));
}
