//! Reels: each part behind its card, in step with the sound, as chapters; of turned, uneven, deep
//! and interlaced sources too.

use super::super::*;
use super::*;
use crate::domain::RgbImage;

/// A card with a bright upper half.
fn half_bright(_: usize, [width, height]: [u32; 2]) -> Option<RgbImage> {
    let pixel = |at: u32| if at / width < height / 2 { 235u8 } else { 0 };
    let data: Vec<u8> = (0..width * height).flat_map(|at| [pixel(at); 3]).collect();
    RgbImage::new(width, height, data)
}

fn part(title: &str, ranges: &[(u64, u64)]) -> ReelPart {
    ReelPart {
        title: title.to_owned(),
        ranges: frame_ranges(ranges),
    }
}

impl Film {
    fn reel(&self, parts: &[ReelPart], out: &Path, options: &ExportOptions) -> ExportReport {
        let paint = &half_bright;
        let reel = Reel { parts, paint };
        let (index, cancel) = (&self.index, CancelToken::new());
        export_reel(&self.path, index, reel, out, options, &mut |_| {}, &cancel).unwrap()
    }
}

/// Mean brightness of the upper and the lower quarter of a frame, as a player shows it.
fn halves(path: &Path, frame: usize) -> (f64, f64) {
    let chain = format!("select=eq(n\\,{frame}),scale=64:64:flags=area,format=gray");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-map", "0:v:0", "-vsync", "passthrough", "-vf", &chain])
        .args(["-f", "rawvideo", "-"])
        .output()
        .unwrap();
    assert_eq!(output.stdout.len(), 64 * 64, "frame {frame} is not there");
    let mean = |rows: &[u8]| rows.iter().map(|&y| f64::from(y)).sum::<f64>() / rows.len() as f64;
    (
        mean(&output.stdout[..64 * 16]),
        mean(&output.stdout[64 * 48..]),
    )
}

/// Start, end and title of each chapter.
fn chapters(path: &Path) -> Vec<(f64, f64, String)> {
    let found = probe(path, &["-show_chapters"]);
    let secs = |chapter: &serde_json::Value, field: &str| -> f64 {
        chapter[field].as_str().unwrap().parse().unwrap()
    };
    (found["chapters"].as_array().unwrap().iter())
        .map(|chapter| {
            let title = chapter["tags"]["title"].as_str().unwrap().to_owned();
            (
                secs(chapter, "start_time"),
                secs(chapter, "end_time"),
                title,
            )
        })
        .collect()
}

/// The loudest sample of each tenth of a second.
fn loudness(path: &Path) -> Vec<f32> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args([
            "-map",
            "0:a:0",
            "-af",
            "aresample=48000:async=1:first_pts=0",
        ])
        .args(["-ac", "1", "-f", "f32le", "-"])
        .output()
        .unwrap();
    let samples = output.stdout.chunks_exact(4);
    let samples: Vec<f32> = samples
        .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]).abs())
        .collect();
    (samples.chunks(4800))
        .map(|tenth| tenth.iter().copied().fold(0.0, f32::max))
        .collect()
}

#[test]
fn each_part_plays_behind_its_card_in_silence_and_is_a_chapter() {
    let hum = "sine=frequency=440:sample_rate=48000:duration=12";
    let film = film(
        "film.mp4",
        300,
        "25",
        "",
        &[&["-f", "lavfi", "-i", hum][..], &H264, &["-shortest"]].concat(),
    );
    // The second part begins where the first ends, and the third keeps nothing.
    let parts = [
        part("A · Boats", &[(20, 45), (100, 125)]),
        part("Alternative B", &[(125, 150)]),
        part("Alternative C", &[]),
    ];
    for name in ["out.mp4", "out.mov", "out.mkv", "out.webm"] {
        let out = film.out(name);
        let report = film.reel(&parts, &out, &ExportOptions::default());
        assert_eq!(report.frame_count, 50 + 50 + 50 + 25, "{name}");
        assert!((report.duration_secs - 7.0).abs() < 1e-9, "{name}");
        let numbers = read_numbers(&out, "");
        assert_eq!(numbers.len(), 175, "{name}");
        assert_eq!(numbers[50..100], *frames_of(&[(20, 45), (100, 125)]));
        assert_eq!(numbers[150..], *frames_of(&[(125, 150)]), "{name}");
        for card in [0, 49, 100, 149] {
            let (above, below) = halves(&out, card);
            assert!(above > 200.0 && below < 30.0, "{name}: {above} {below}");
        }
        for (n, secs) in shown_secs(&out).iter().enumerate() {
            let wanted = n as f64 / 25.0;
            assert!((secs - wanted).abs() < 0.0011, "{name}: {n} at {secs}");
        }
        let found = chapters(&out);
        let titles: Vec<&str> = found.iter().map(|(_, _, title)| title.as_str()).collect();
        assert_eq!(titles, ["A · Boats", "Alternative B"], "{name}");
        let times: Vec<f64> = found.iter().flat_map(|&(a, b, _)| [a, b]).collect();
        for (found, wanted) in times.iter().zip([0.0, 4.0, 4.0, 7.0]) {
            assert!((found - wanted).abs() < 0.01, "{name}: {times:?}");
        }
        let loud = loudness(&out);
        assert!((68..=72).contains(&loud.len()), "{name}: {}", loud.len());
        for (tenth, loudest) in loud.iter().enumerate().take(70) {
            let secs = tenth as f64 / 10.0;
            let of_card = secs < 1.85 || (4.15..5.85).contains(&secs);
            let of_part = (2.1..3.85).contains(&secs) || (6.1..6.85).contains(&secs);
            assert!(!of_card || *loudest < 0.003, "{name}: {loudest} at {secs}");
            assert!(!of_part || *loudest > 0.05, "{name}: {loudest} at {secs}");
        }
        std::fs::remove_file(&out).unwrap();
    }
    let out = film.out("quiet.mp4");
    let quiet = ExportOptions {
        sounds: TrackChoice::None,
        // Whatever is asked for, cards are encoded.
        mode: ExportMode::Copy,
        ..ExportOptions::default()
    };
    let report = film.reel(&parts, &out, &quiet);
    assert_eq!((report.has_sound, report.mode), (false, ExportMode::Exact));
    let streams = probe(&out, &["-show_streams"]);
    let sounds = streams["streams"].as_array().unwrap().iter();
    assert_eq!(sounds.filter(|one| one["codec_type"] == "audio").count(), 0);
    assert_eq!(read_numbers(&out, "").len(), 175);
}

#[test]
fn cards_stand_upright_in_films_that_lie_on_their_side() {
    let flat = film("flat.mp4", 60, "25", ",setsar=4/3", &H264);
    for (turn, name) in [
        ("90", "right.mp4"),
        ("180", "over.mp4"),
        ("270", "left.mp4"),
    ] {
        let path = flat.out(name);
        let tag = format!("rotate={turn}");
        let flat_path = flat.path.to_str().unwrap();
        let args = ["-c", "copy", "-metadata:s:v:0", &tag];
        ffmpeg([&["-i", flat_path][..], &args, &[path.to_str().unwrap()]].concat());
        let film = indexed(tempfile::tempdir().unwrap(), path);
        for out in ["out.mp4", "out.mkv", "out.webm"] {
            let out = film.out(out);
            let parts = [part("A", &[(5, 20)]), part("B", &[(30, 40)])];
            film.reel(&parts, &out, &ExportOptions::default());
            for card in [0, 65 + 49] {
                let (above, below) = halves(&out, card);
                let said = format!("{name} to {}: {above} {below}", out.display());
                assert!(above > 200.0 && below < 30.0, "{said}");
            }
        }
    }
}

#[test]
fn cards_fit_films_of_all_rates_depths_and_sizes() {
    let uneven = film(
        "uneven.mkv",
        120,
        "50",
        ",setpts='(5+N*0.02+mod(N,4)*0.004+floor(N/40)*0.5)/TB'",
        &[
            &H264[..],
            &["-vsync", "vfr", "-enc_time_base", "1/1000", "-copyts"],
        ]
        .concat(),
    );
    let hdr = [
        "-c:v",
        "ffv1",
        "-color_trc",
        "smpte2084",
        "-color_primaries",
        "bt2020",
        "-colorspace",
        "bt2020nc",
    ];
    let fields = ["-c:v", "libx264", "-flags", "+ildct+ilme", "-top", "1"];
    let lossless = &["-c:v", "ffv1"][..];
    let films = [
        // White is not the brightest that HDR has.
        (
            film("hdr.mkv", 60, "25", ",format=yuv420p10le", &hdr),
            150.0,
        ),
        (
            film("ten.mkv", 60, "25", ",format=yuv420p10le", lossless),
            225.0,
        ),
        (film("odd.mkv", 60, "25", ",scale=161:65", lossless), 225.0),
        (film("rgb.mkv", 60, "25", ",format=gbrp", lossless), 225.0),
        (film("grey.mkv", 60, "25", ",format=gray", lossless), 225.0),
        (
            film("full.mkv", 60, "25", ",format=yuvj420p", &["-c:v", "mjpeg"]),
            235.0,
        ),
        (film("fields.mkv", 60, "25", "", &fields), 225.0),
        (film("slow.mp4", 60, "3/2", "", &H264), 225.0),
        (uneven, 225.0),
    ];
    for (film, bright) in films {
        let name = film
            .path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        for out in ["out.mp4", "out.webm"] {
            let out = film.out(out);
            let parts = [part("A", &[(5, 20)]), part("B", &[(30, 40), (50, 55)])];
            let report = film.reel(&parts, &out, &ExportOptions::default());
            let cards = report.frame_count - 30;
            let shown = shown_secs(&out);
            assert_eq!(shown.len() as u64, report.frame_count, "{name}");
            assert!(shown.windows(2).all(|pair| pair[0] < pair[1]), "{name}");
            let first = cards as usize / 2;
            assert!(
                (shown[first] - 2.0).abs() < 0.04,
                "{name}: {}",
                shown[first]
            );
            let numbers = read_numbers(&out, "");
            assert_eq!(numbers[first..first + 15], *frames_of(&[(5, 20)]), "{name}");
            let last = [&(30..40).collect::<Vec<u64>>()[..], &[50, 51, 52, 53, 54]].concat();
            assert_eq!(numbers[numbers.len() - 15..], *last, "{name}");
            let (above, below) = halves(&out, first - 1);
            let said = format!("{name} to {}: {above} {below}", out.display());
            assert!((above - bright).abs() < 16.0 && below < 30.0, "{said}");
            assert_eq!(chapters(&out).len(), 2, "{name}");
        }
    }
}

#[test]
fn a_reel_of_nothing_or_without_cards_leaves_no_file() {
    let film = film("film.mp4", 60, "25", "", &H264);
    let out = film.out("out.mp4");
    let attempt = |parts: &[ReelPart], paint: CardPainter| {
        let (reel, cancel) = (Reel { parts, paint }, CancelToken::new());
        let options = ExportOptions::default();
        export_reel(
            &film.path,
            &film.index,
            reel,
            &out,
            &options,
            &mut |_| {},
            &cancel,
        )
    };
    let empty = attempt(&[part("A", &[])], &half_bright);
    assert!(matches!(empty, Err(CutError::Empty)), "{empty:?}");
    let beyond = attempt(&[part("A", &[(50, 61)])], &half_bright);
    assert!(matches!(beyond, Err(CutError::OutOfRange { .. })));
    let unpainted = attempt(&[part("A", &[(5, 9)])], &|_, _| None).unwrap_err();
    assert!(unpainted.to_string().contains("title card"), "{unpainted}");
    assert!(film.others().is_empty());
}
