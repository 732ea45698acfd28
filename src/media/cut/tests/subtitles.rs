//! Subtitles of several kinds cut along in every mode and container: texts and times are read back
//! by the ffmpeg program.

use super::*;

const TEXTS: &str = "1\n00:00:00,500 --> 00:00:01,500\nEins\n\n\
                     2\n00:00:02,000 --> 00:00:04,000\nzwei <i>schräg</i> – 日本\n\n\
                     3\n00:00:03,000 --> 00:00:05,000\ndarüber\nzweite Zeile\n\n\
                     4\n00:00:08,000 --> 00:00:09,000\nAcht\n\n";

/// 1–4, 5–6 and 8–10 s, which lie on groups of pictures.
const RANGES: [(u64, u64); 3] = [(25, 100), (125, 150), (200, 250)];

const GROUPS: [&str; 6] = ["-g", "25", "-keyint_min", "25", "-sc_threshold", "0"];

/// A numbered clip with two tracks of the same texts: German, which players choose, and forced
/// English.
fn film_with_texts(name: &str, codec: &str, video: &[&str]) -> Film {
    let dir = tempfile::tempdir().unwrap();
    let texts = dir.path().join("texts.srt");
    std::fs::write(&texts, TEXTS).unwrap();
    let path = dir.path().join(name);
    let pictures = numbered(300, "25");
    let mut args = vec![
        "-f",
        "lavfi",
        "-i",
        &pictures,
        "-i",
        texts.to_str().unwrap(),
    ];
    args.extend(["-map", "0:v", "-map", "1:s", "-map", "1:s"]);
    args.extend(video);
    args.extend(["-c:s", codec, "-metadata:s:s:0", "language=deu"]);
    args.extend([
        "-metadata:s:s:1",
        "language=eng",
        "-disposition:s:0",
        "default",
    ]);
    args.extend(["-disposition:s:1", "forced", path.to_str().unwrap()]);
    ffmpeg(args);
    indexed(dir, path)
}

/// Start and end in milliseconds and the plain text of each subtitle of a track.
fn texts_of(path: &Path, track: usize) -> Vec<(u64, u64, String)> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-map", &format!("0:s:{track}"), "-f", "srt", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout)
        .unwrap()
        .replace("\r\n", "\n");
    let millis = |clock: &str| -> u64 {
        let (clock, millis) = clock.split_once(',').unwrap();
        let secs = clock.split(':').fold(0, |sum, part| {
            sum * 60 + part.trim().parse::<u64>().unwrap()
        });
        secs * 1000 + millis.trim().parse::<u64>().unwrap()
    };
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks
        .map(|block| {
            let mut lines = block.trim_start().lines();
            let times = lines.by_ref().find(|line| line.contains("-->")).unwrap();
            let (start, end) = times.split_once("-->").unwrap();
            let mut words = lines.collect::<Vec<_>>().join("|");
            while let (Some(from), Some(to)) = (words.find('<'), words.find('>')) {
                words.replace_range(from..=to, "");
            }
            (millis(start), millis(end), words)
        })
        .collect()
}

/// What the clip shows of [`TEXTS`]; timed text of MP4 holds one sample at a time.
fn expected(flat: bool) -> Vec<(u64, u64, String)> {
    let shown: &[(u64, u64, &str)] = match flat {
        false => &[
            (0, 500, "Eins"),
            (1000, 3000, "zwei schräg – 日本"),
            (2000, 3000, "darüber|zweite Zeile"),
            (4000, 5000, "Acht"),
        ],
        true => &[
            (0, 500, "Eins"),
            (1000, 2000, "zwei schräg – 日本"),
            (2000, 3000, "zwei schräg – 日本|darüber|zweite Zeile"),
            (4000, 5000, "Acht"),
        ],
    };
    let owned = |&(start, end, words): &(u64, u64, &str)| (start, end, words.to_owned());
    shown.iter().map(owned).collect()
}

fn is_kept(report: &ExportReport) -> bool {
    !(report.notes.iter()).any(|note| note.contains("subtitles"))
}

#[test]
fn subtitles_are_cut_along_in_every_mode_and_container() {
    let avc = [&H264[..], &GROUPS].concat();
    let vp9 = [
        &[
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
        ][..],
        &["-g", "25", "-lag-in-frames", "0"],
    ]
    .concat();
    let modes = [ExportMode::Exact, ExportMode::Smart, ExportMode::Copy];
    type Case<'a> = (
        &'a str,
        &'a str,
        &'a [&'a str],
        &'a [ExportMode],
        &'a [&'a str],
    );
    let cases: [Case; 5] = [
        ("srt.mkv", "subrip", &avc, &modes, &["mkv", "mp4", "mov"]),
        ("ass.mkv", "ass", &avc, &modes[..1], &["mkv", "mp4", "webm"]),
        ("tx3g.mp4", "mov_text", &avc, &modes, &["mp4", "mkv", "mov"]),
        ("vtt.webm", "webvtt", &vp9, &modes[2..], &["webm", "mkv"]),
        ("vtt.mkv", "webvtt", &avc, &modes[..1], &["webm", "mp4"]),
    ];
    for (name, codec, video, modes, endings) in cases {
        let film = film_with_texts(name, codec, video);
        // Such a source has no overlaps to begin with.
        let source_is_flat = codec == "mov_text";
        for ending in endings {
            for &mode in modes {
                let what = format!("{name} to {ending} ({mode:?})");
                let out = film.out(&format!("out-{mode:?}.{ending}"));
                let report = film.export(&RANGES, &out, mode);
                assert_eq!(report.mode, mode, "{what}: {:?}", report.notes);
                assert!(is_kept(&report), "{what}: {:?}", report.notes);
                let flat = source_is_flat || ["mp4", "mov"].contains(ending);
                for track in [0, 1] {
                    let texts = texts_of(&out, track);
                    if source_is_flat {
                        let starts: Vec<u64> = texts.iter().map(|text| text.0).collect();
                        assert_eq!(starts, [0, 1000, 2000, 4000], "{what}");
                        assert_eq!(texts.last(), expected(true).last(), "{what}");
                    } else {
                        assert_eq!(texts, expected(flat), "{what}");
                    }
                }
                let found = probe(&out, &["-show_streams", "-select_streams", "s"]);
                let streams = found["streams"].as_array().unwrap();
                let marks = |key: &str| -> Vec<i64> {
                    let of = |stream: &serde_json::Value| stream["disposition"][key].as_i64();
                    streams.iter().filter_map(of).collect()
                };
                // QuickTime has the older of the two codes.
                let german = if *ending == "mov" { "ger" } else { "deu" };
                assert_eq!(streams[0]["tags"]["language"], german, "{what}");
                assert_eq!(streams[1]["tags"]["language"], "eng", "{what}");
                assert_eq!(marks("default")[0], 1, "{what}");
                if *ending != "mov" && *ending != "mp4" {
                    assert_eq!(marks("forced"), [0, 1], "{what}");
                }
                assert_eq!(read_numbers(&out, ""), frames_of(&RANGES), "{what}");
            }
        }
    }
}

#[test]
fn a_text_that_two_pieces_show_is_shown_twice_by_players_that_count_lines() {
    let avc = [&H264[..], &GROUPS].concat();
    let film = film_with_texts("ass.mkv", "ass", &avc);
    let out = film.out("out.mkv");
    // Both pieces lie in the second text, with a second left out between them.
    film.export(&[(50, 60), (75, 85)], &out, ExportMode::Exact);
    let texts = texts_of(&out, 0);
    let second: Vec<(u64, u64)> = (texts.iter())
        .filter(|text| text.2.starts_with("zwei"))
        .map(|text| (text.0, text.1))
        .collect();
    assert_eq!(second, [(0, 800)]);
    film.export(
        &[(50, 60), (110, 120), (75, 85)],
        &film.out("o.mkv"),
        ExportMode::Exact,
    );
    let packets = probe(
        &film.out("o.mkv"),
        &["-select_streams", "s:0", "-show_packets", "-show_data"],
    );
    let mut numbers: Vec<String> = packets["packets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|packet| {
            let data = packet["data"].as_str().unwrap();
            // "00000000: 302c …  0,0,Default,,"
            let line = data.lines().find(|line| line.contains(':')).unwrap();
            let (_, shown) = line.rsplit_once("  ").unwrap();
            shown.split(',').next().unwrap().trim().to_owned()
        })
        .collect();
    let count = numbers.len();
    numbers.sort();
    numbers.dedup();
    assert_eq!((numbers.len(), count), (3, 3));
}

#[test]
fn films_begin_in_the_middle_of_long_sources_with_their_texts() {
    let dir = tempfile::tempdir().unwrap();
    let texts: String = (0..1000)
        .map(|n| {
            let clock = |ms: u64| {
                let (secs, ms) = (ms / 1000, ms % 1000);
                format!(
                    "{:02}:{:02}:{:02},{ms:03}",
                    secs / 3600,
                    secs / 60 % 60,
                    secs % 60
                )
            };
            format!(
                "{}\n{} --> {}\nText {n}\n\n",
                n + 1,
                clock(n * 1000 + 200),
                clock(n * 1000 + 900)
            )
        })
        .collect();
    let path = dir.path().join("texts.srt");
    std::fs::write(&path, texts).unwrap();
    for name in ["long.mkv", "long.mp4"] {
        let film = dir.path().join(name);
        let codec = if name.ends_with("mkv") {
            "subrip"
        } else {
            "mov_text"
        };
        ffmpeg([
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=64x48:r=5:d=1000",
            "-i",
            path.to_str().unwrap(),
            "-map",
            "0:v",
            "-map",
            "1:s",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "50",
            "-c:s",
            codec,
            film.to_str().unwrap(),
        ]);
        let index = crate::media::index(&film, &CancelToken::new(), &mut |_| {})
            .unwrap()
            .index;
        let out = dir.path().join(format!("out-{name}.mkv"));
        let options = ExportOptions::default();
        let ranges = frame_ranges(&[(3, 8), (2500, 2510), (4990, 5000)]);
        let cancel = CancelToken::new();
        let report =
            export_video(&film, &index, &ranges, &out, &options, &mut |_| {}, &cancel).unwrap();
        assert!(is_kept(&report), "{:?}", report.notes);
        let found: Vec<(u64, u64, String)> = texts_of(&out, 0);
        // 0.6–1.6, 500–502 and 998–1000 s.
        let wanted = [
            (0, 300, "Text 0"),
            (600, 1000, "Text 1"),
            (1200, 1900, "Text 500"),
            (2200, 2900, "Text 501"),
            (3200, 3900, "Text 998"),
            (4200, 4900, "Text 999"),
        ];
        let wanted: Vec<_> = wanted
            .iter()
            .map(|&(a, b, t)| (a, b, t.to_owned()))
            .collect();
        assert_eq!(found, wanted, "{name}");
    }
}

#[test]
fn subtitles_made_of_pictures_are_left_out_and_it_is_said() {
    let dir = tempfile::tempdir().unwrap();
    // One empty composition as discs store them: a presentation segment and the end of the set.
    let mut sup = Vec::new();
    let composition = [0, 160, 0, 64, 0x10, 0, 0, 0x80, 0, 0, 0];
    for (kind, payload) in [(0x16u8, &composition[..]), (0x80, &[])] {
        sup.extend(*b"PG");
        sup.extend(90_000u32.to_be_bytes());
        sup.extend(0u32.to_be_bytes());
        sup.push(kind);
        sup.extend((payload.len() as u16).to_be_bytes());
        sup.extend(payload);
    }
    let drawn = dir.path().join("drawn.sup");
    std::fs::write(&drawn, sup).unwrap();
    let path = dir.path().join("disc.mkv");
    let pictures = numbered(100, "25");
    ffmpeg(
        [
            &[
                "-f",
                "lavfi",
                "-i",
                &pictures,
                "-i",
                drawn.to_str().unwrap(),
            ][..],
            &[
                "-map",
                "0:v",
                "-map",
                "1:s",
                "-c:s",
                "copy",
                "-metadata:s:s:0",
                "language=fra",
            ],
            &H264,
            &[path.to_str().unwrap()],
        ]
        .concat(),
    );
    let film = indexed(dir, path);
    let report = film.export(&[(10, 40)], &film.out("out.mkv"), ExportMode::Exact);
    assert!(
        (report.notes.iter()).any(|note| note.contains("subtitles made of pictures (fra)")),
        "{:?}",
        report.notes
    );
}
