//! The exact mode: which frames arrive, when they are shown, and what of the picture is kept.

use super::super::*;
use super::*;

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
fn pictures_without_presentation_times_are_cut_exactly() {
    let reordered = ["-bf", "3", "-g", "20"];
    let mpeg4 = ["-c:v", "mpeg4", "-bf", "2", "-g", "20", "-q:v", "3"];
    for (name, args) in [
        ("h264.avi", [&H264[..], &reordered].concat()),
        ("mpeg4.avi", mpeg4.to_vec()),
        ("raw.h264", [&H264[..], &reordered].concat()),
    ] {
        let film = film(name, 120, "25", "", &args);
        let all = read_numbers(&film.path, "");
        assert_eq!(film.index.len() as usize, all.len(), "{name}");
        for ranges in [&[(30u64, 61u64)][..], &[(5, 9), (117, 120)]] {
            let wanted: Vec<u64> = frames_of(ranges).iter().map(|&n| all[n as usize]).collect();
            for mode in [ExportMode::Exact, ExportMode::Smart] {
                let out = film.out(&format!("{mode:?}{}.mp4", ranges.len()));
                let report = film.export(ranges, &out, mode);
                assert_eq!(read_numbers(&out, ""), wanted, "{name} {mode:?}");
                let damaged = report.notes.iter().any(|note| note.contains("damaged"));
                assert!(!damaged, "{name}: {:?}", report.notes);
            }
        }
    }
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
