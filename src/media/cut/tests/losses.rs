//! What a clip keeps of fields, colours, transparency, brightness, sound tracks and tags, or says
//! that it loses.

use super::*;
use crate::testing::shared_dir;

fn said(report: &ExportReport, words: &str) -> bool {
    report.notes.iter().any(|note| note.contains(words))
}

pub(super) fn first_frame(path: &Path) -> serde_json::Value {
    let args = [
        "-select_streams",
        "v:0",
        "-show_frames",
        "-read_intervals",
        "%+#1",
    ];
    probe(path, &args)["frames"][0].clone()
}

/// Smallest and largest brightness of the first picture, as a program reads it in grey.
pub(super) fn brightness(path: &Path) -> (u8, u8) {
    let output = Command::new("ffmpeg")
        .args(["-v", "quiet", "-nostdin", "-i"])
        .arg(path)
        .args(["-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    let values = output.stdout;
    (*values.iter().min().unwrap(), *values.iter().max().unwrap())
}

#[test]
fn fields_stay_fields_or_it_is_said_that_they_go() {
    let interlaced = ",scale=160:64,interlace=scan=tff:lowpass=0";
    let bottom = ",interlace=scan=bff:lowpass=0";
    let avc = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-flags",
        "+ildct+ilme",
        "-x264-params",
        "tff=1",
        "-g",
        "25",
    ];
    let mpeg2 = ["-c:v", "mpeg2video", "-q:v", "3", "-flags", "+ildct+ilme"];
    let prores = [
        "-vf",
        "setfield=bff",
        "-c:v",
        "prores_ks",
        "-flags",
        "+ildct",
    ];
    for (name, filter, args) in [
        ("avc.ts", interlaced, &avc[..]),
        ("mpeg2.ts", interlaced, &mpeg2),
        ("prores.mov", bottom, &prores),
    ] {
        let film = film(name, 100, "50", filter, args);
        let out = film.out("out.mp4");
        film.export(&[(7, 40)], &out, ExportMode::Exact);
        let stream = video_stream(&out);
        assert_ne!(stream["field_order"], "progressive", "{name}");
        // What the container states of a source may differ from what its pictures say, which
        // players follow.
        let source = first_frame(&film.path);
        let frame = first_frame(&out);
        assert_eq!(frame["interlaced_frame"], 1, "{name}");
        assert_eq!(
            frame["top_field_first"], source["top_field_first"],
            "{name}"
        );
        let webm = film.out("out.webm");
        let report = film.export(&[(7, 12)], &webm, ExportMode::Exact);
        assert!(said(&report, "interlaced"), "{name}: {:?}", report.notes);
        assert_eq!(first_frame(&webm)["interlaced_frame"], 0, "{name}");
        assert_eq!(report.frame_count, 5, "{name}");
    }
}

#[test]
fn colours_become_what_every_player_shows_unless_high_quality_is_asked_for() {
    let cases: [(&str, &str, &[&str]); 6] = [
        ("rgb.mov", ",format=rgb24", &["-c:v", "png"]),
        (
            "rgb264.mkv",
            ",format=rgb24",
            &["-c:v", "libx264rgb", "-preset", "ultrafast"],
        ),
        ("four.mkv", ",format=yuv444p", &["-c:v", "ffv1"]),
        ("422.mov", ",format=yuv422p10le", &["-c:v", "prores_ks"]),
        (
            "jpeg.mov",
            ",format=yuvj422p",
            &["-c:v", "mjpeg", "-q:v", "2"],
        ),
        ("palette.gif", "", &[]),
    ];
    for (name, filter, args) in cases {
        let film = film(name, 40, "25", filter, args);
        let out = film.out("out.mp4");
        let report = film.export(&[(7, 30)], &out, ExportMode::Exact);
        let stream = video_stream(&out);
        let pixel = stream["pix_fmt"].as_str().unwrap();
        assert!(["yuv420p", "yuvj420p"].contains(&pixel), "{name}: {pixel}");
        assert_eq!((&stream["codec_name"]), "h264", "{name}");
        assert_eq!(
            read_numbers(&out, ""),
            (7..30).collect::<Vec<_>>(),
            "{name}"
        );
        assert!(said(&report, "high quality"), "{name}: {:?}", report.notes);
        // An opaque GIF loses nothing: no more is said than is known.
        let notes = &report.notes;
        assert!(!said(&report, "transparency is lost"), "{name}: {notes:?}");
        assert_eq!(said(&report, "if the GIF has any"), name == "palette.gif");
        let rich = film.out("rich.mp4");
        let options = ExportOptions {
            high_quality: true,
            ..ExportOptions::default()
        };
        film.try_export(&[(7, 12)], &rich, &options).unwrap();
        let pixel = video_stream(&rich)["pix_fmt"].clone();
        let pixel = pixel.as_str().unwrap();
        assert!(
            pixel.contains("444") || pixel.contains("422"),
            "{name}: {pixel}"
        );
    }
}

#[test]
fn grey_of_full_range_stays_black_and_white() {
    let args = ["-c:v", "ffv1", "-color_range", "pc"];
    let black_and_white = ",format=gray,geq=lum='if(gt(X,80),255,0)'";
    let film = film("grey.mkv", 30, "25", black_and_white, &args);
    assert_eq!(brightness(&film.path), (0, 255));
    for name in ["out.webm", "out.mp4", "out.mkv"] {
        let out = film.out(name);
        film.export(&[(7, 20)], &out, ExportMode::Exact);
        let (black, white) = brightness(&out);
        assert!(black <= 2 && white >= 253, "{name}: {black} to {white}");
        assert_eq!(video_stream(&out)["color_range"], "pc", "{name}");
        assert!(
            video_stream(&out)["pix_fmt"]
                .as_str()
                .unwrap()
                .contains("420p")
        );
    }
}

#[test]
fn transparency_is_kept_by_a_copy_and_else_its_loss_is_said() {
    let half = ",format=yuva420p,geq=lum='lum(X,Y)':cb=128:cr=128:a='if(gt(X,80),255,0)'";
    let vp9 = [
        "-c:v",
        "libvpx-vp9",
        "-auto-alt-ref",
        "0",
        "-deadline",
        "realtime",
        "-cpu-used",
        "8",
        "-g",
        "10",
    ];
    let film9 = film("alpha.webm", 40, "25", half, &vp9);
    let out = film9.out("out.webm");
    let report = film9.export(&[(10, 20)], &out, ExportMode::Copy);
    assert_eq!(report.mode, ExportMode::Copy, "{:?}", report.notes);
    let alpha_mode = |path: &Path| {
        let tags = video_stream(path)["tags"].clone();
        tags["alpha_mode"]
            .as_str()
            .or(tags["ALPHA_MODE"].as_str())
            .map(str::to_owned)
    };
    assert_eq!(alpha_mode(&film9.path).as_deref(), Some("1"));
    assert_eq!(alpha_mode(&out).as_deref(), Some("1"));
    assert!(!said(&report, "transparency"), "{:?}", report.notes);
    let report = film9.export(&[(10, 20)], &film9.out("opaque.mp4"), ExportMode::Exact);
    assert!(said(&report, "transparency is lost"), "{:?}", report.notes);
    let four = [
        "-c:v",
        "prores_ks",
        "-profile:v",
        "4",
        "-pix_fmt",
        "yuva444p10le",
    ];
    let film4 = film("alpha.mov", 30, "25", half, &four);
    let out = film4.out("out.mov");
    let report = film4.export(&[(7, 20)], &out, ExportMode::Exact);
    assert!(said(&report, "transparency is lost"), "{:?}", report.notes);
    assert_eq!(video_stream(&out)["pix_fmt"], "yuv420p");
}

#[test]
fn the_brightness_of_hdr_is_kept() {
    let args = [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p10le",
        "-tag:v",
        "hvc1",
        "-x265-params",
        "log-level=error:keyint=25:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:\
         master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400:hdr10=1",
    ];
    let film = film("hdr.mp4", 60, "25", "", &args);
    let facts = |path: &Path| {
        let mut facts = first_frame(path)["side_data_list"]
            .as_array()
            .unwrap()
            .clone();
        facts.retain(|data| {
            let kind = data["side_data_type"].as_str().unwrap_or_default();
            kind.starts_with("Mastering") || kind.starts_with("Content light")
        });
        facts
    };
    assert_eq!(facts(&film.path).len(), 2);
    for name in ["out.mp4", "out.mkv"] {
        let out = film.out(name);
        film.export(&[(30, 50)], &out, ExportMode::Exact);
        assert_eq!(facts(&out), facts(&film.path), "{name}");
    }
}

#[test]
fn surround_sound_of_discs_becomes_the_surround_that_aac_knows() {
    let surround = "[0:a]pan=5.1(side)|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0[a]";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("disc.mkv");
    let video = numbered(75, "25");
    ffmpeg([
        "-f",
        "lavfi",
        "-i",
        "sine=duration=3",
        "-f",
        "lavfi",
        "-i",
        &video,
        "-filter_complex",
        surround,
        "-map",
        "1:v",
        "-map",
        "[a]",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-c:a",
        "ac3",
        path.to_str().unwrap(),
    ]);
    let film = indexed(dir, path);
    let layout = |path: &Path| {
        let args = [
            "-select_streams",
            "a:0",
            "-show_entries",
            "stream=channel_layout",
        ];
        probe(path, &args)["streams"][0]["channel_layout"].clone()
    };
    assert_eq!(layout(&film.path), "5.1(side)");
    for name in ["out.mp4", "out.mkv", "out.mov"] {
        let out = film.out(name);
        let report = film.export(&[(10, 40)], &out, ExportMode::Exact);
        assert_eq!(layout(&out), "5.1", "{name}");
        assert!(!said(&report, "mixed"), "{:?}", report.notes);
    }
}

#[test]
fn tracks_and_tags_are_kept_or_their_loss_is_said() {
    let Some(shared) = shared_dir() else { return };
    let source = shared.join("cases/second-sound-track-and-subtitles/two.mkv");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("two.mkv");
    std::fs::copy(source, &path).unwrap();
    let film = indexed(dir, path);
    let sounds = |path: &Path| {
        let found = probe(path, &["-select_streams", "a", "-show_streams"]);
        let mut languages = Vec::new();
        for stream in found["streams"].as_array().unwrap() {
            let chosen = stream["disposition"]["default"] == 1;
            languages.push((
                stream["tags"]["language"].as_str().unwrap().to_owned(),
                chosen,
            ));
        }
        languages
    };
    for (name, mode) in [
        ("out.mkv", ExportMode::Exact),
        ("out.mp4", ExportMode::Exact),
        ("copy.mkv", ExportMode::Copy),
    ] {
        let out = film.out(name);
        let report = film.export(&[(30, 90)], &out, mode);
        assert_eq!(sounds(&out), [("deu".to_owned(), true)], "{name}");
        assert!(
            said(&report, "a sound track (eng, “Commentary”)"),
            "{:?}",
            report.notes
        );
        assert!(!said(&report, "subtitles"), "{:?}", report.notes);
        let found = probe(&out, &["-show_streams"]);
        let of_kind = |kind: &str| {
            let streams = found["streams"].as_array().unwrap();
            (streams.iter().filter(|stream| stream["codec_type"] == kind)).count()
        };
        assert_eq!(of_kind("subtitle"), 1, "{name}");
        // Typefaces fit into Matroska alone.
        let takes_files = name.ends_with("mkv");
        assert_eq!(of_kind("attachment"), usize::from(takes_files), "{name}");
        assert_eq!(said(&report, "1 attached file"), !takes_files, "{name}");
        let tags = probe(&out, &["-show_format"])["format"]["tags"].clone();
        let artist = tags["artist"].as_str().or(tags["ARTIST"].as_str());
        assert!(artist.is_some(), "{name}: {tags}");
        assert!(tags["creation_time"].as_str().is_some(), "{name}: {tags}");
    }
    let out = film.out("all.mkv");
    let options = ExportOptions {
        sounds: TrackChoice::All,
        ..ExportOptions::default()
    };
    let report = film.try_export(&[(30, 90)], &out, &options).unwrap();
    assert_eq!(
        sounds(&out),
        [("deu".to_owned(), true), ("eng".to_owned(), false)]
    );
    assert!(!said(&report, "a sound track"), "{:?}", report.notes);
}

#[test]
fn open_groups_are_copied_without_what_is_shown_before_them() {
    let hevc = [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "log-level=error:keyint=25:min-keyint=25:scenecut=0:open-gop=1:bframes=4:b-adapt=0",
    ];
    let mpeg2 = ["-c:v", "mpeg2video", "-q:v", "3", "-g", "12", "-bf", "2"];
    for (name, args, out) in [
        ("open.mkv", &hevc[..], "out.mkv"),
        ("open.mp4", &hevc, "out.mp4"),
        ("open.ts", &mpeg2, "out.mkv"),
        ("open.mpg", &mpeg2, "out.mkv"),
    ] {
        let film = film(name, 300, "25", "", args);
        let out = film.out(out);
        let report = film.export(&[(110, 130), (210, 220)], &out, ExportMode::Copy);
        assert_eq!(report.mode, ExportMode::Copy, "{name}: {:?}", report.notes);
        assert!(report.frame_count <= 110, "{name}: {}", report.frame_count);
        let kept: Vec<u64> = report
            .widened
            .iter()
            .flat_map(|w| w.kept.start..w.kept.end)
            .collect();
        assert_eq!(read_numbers(&out, ""), kept, "{name}");
        let ranges = frame_ranges(&[(110, 130), (210, 220)]);
        let cancel = CancelToken::new();
        let foreseen = foresee(
            &film.path,
            &film.index,
            &ranges,
            Container::Mkv,
            &of_mode(ExportMode::Copy),
            &cancel,
        )
        .unwrap();
        let Some(Copying::Widens { kept_secs, .. }) = foreseen.copying else {
            panic!("{name}: {foreseen:?}");
        };
        assert!((kept_secs - report.duration_secs).abs() < 0.01, "{name}");
    }
}

fn of_mode(mode: ExportMode) -> ExportOptions {
    ExportOptions {
        mode,
        ..ExportOptions::default()
    }
}

#[test]
fn copying_that_would_keep_far_more_is_left_to_the_exact_mode() {
    let args = [
        &H264[..],
        &["-g", "600", "-keyint_min", "600", "-sc_threshold", "0"],
    ]
    .concat();
    let film = film("long.mp4", 600, "25", "", &args);
    let foreseen = |container, mode| {
        let ranges = frame_ranges(&[(310, 330)]);
        let cancel = CancelToken::new();
        let options = of_mode(mode);
        foresee(
            &film.path,
            &film.index,
            &ranges,
            container,
            &options,
            &cancel,
        )
        .unwrap()
    };
    let exactly = |container| match foreseen(container, ExportMode::Copy).copying {
        Some(Copying::Exactly(reason)) => reason,
        other => panic!("{other:?}"),
    };
    let reason = exactly(Container::Mp4);
    assert!(reason.contains("instead of 00:00:00.800"), "{reason}");
    assert!(exactly(Container::WebM).contains("does not fit into .webm"));
    let exact = foreseen(Container::Mp4, ExportMode::Exact);
    assert_eq!((exact.sounds.len(), exact.copying), (0, None));
    let out = film.out("out.mp4");
    let report = film.export(&[(310, 330)], &out, ExportMode::Copy);
    assert_eq!((report.mode, report.frame_count), (ExportMode::Exact, 20));
    assert!(
        said(&report, "instead of 00:00:00.800"),
        "{:?}",
        report.notes
    );
}

#[test]
fn raw_video_is_not_copied_into_containers_that_refuse_it() {
    let film = film("raw.y4m", 60, "25", "", &[]);
    for name in ["out.mkv", "out.mp4", "out.webm"] {
        let out = film.out(name);
        for mode in [ExportMode::Copy, ExportMode::Smart] {
            let options = ExportOptions {
                mode,
                overwrite: true,
                ..ExportOptions::default()
            };
            let report = film.try_export(&[(10, 30)], &out, &options).unwrap();
            assert_eq!(report.mode, ExportMode::Exact, "{name}");
            assert!(
                said(&report, "exported exactly instead"),
                "{:?}",
                report.notes
            );
            assert_eq!(read_numbers(&out, ""), (10..30).collect::<Vec<_>>());
        }
    }
}
