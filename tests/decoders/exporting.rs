//! Exports in processes of their own: the same clips come out.

use std::path::{Path, PathBuf};
use std::process::Command;

use summdiff_explorer::confined::use_other_program;
use summdiff_explorer::domain::{FrameIndex, FrameRange, RgbImage};
use summdiff_explorer::jobs::CancelToken;
use summdiff_explorer::media;
use summdiff_explorer::media::cut::{
    Container, CutError, ExportMode, ExportOptions, ExportReport, Reel, ReelPart, TrackChoice,
    export_reel, export_video, foresee, on_this_system,
};

use crate::reading::{HERE as CLIPS, print_of};

/// Exports of all kinds, as lines that can be compared.
fn exports(clips: &Path) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut lines = Vec::new();
    let exact = ExportOptions::default();
    let of_mode = |mode| ExportOptions {
        mode,
        title: "A title".to_owned(),
        chapters: true,
        ..ExportOptions::default()
    };
    let cases = [
        ("h264.mp4", "exact.mp4", exact.clone()),
        ("h264.mp4", "copied.mp4", of_mode(ExportMode::Copy)),
        ("h264.mp4", "spliced.mov", of_mode(ExportMode::Smart)),
        ("h264.mp4", "whole.mov", of_mode(ExportMode::Smart)),
        (
            "h264.mp4",
            "no_encoder.mp4",
            avoiding(&["libx264", "libopenh264", "mpeg4"]),
        ),
        ("h264.mp4", "other_encoder.mp4", avoiding(&["libx264"])),
        ("h264.mp4", "small.webm", exact.clone()),
        ("deep.mkv", "deep.mp4", exact.clone()),
        ("words.mkv", "words.mkv", exact.clone()),
        ("words.mkv", "no_track.mkv", of_sound("7")),
        ("broken.ts", "broken.mp4", exact.clone()),
        ("damaged.mp4", "damaged.mp4", exact.clone()),
        ("rgb.mkv", "rgb.mp4", of_mode(ExportMode::Copy)),
    ];
    for (clip, name, options) in cases {
        let clip = clips.join(clip);
        if !clip.is_file() {
            continue;
        }
        let index = indexed(&clip);
        let ranges = [FrameRange::new(3, 21), FrameRange::new(30, index.len() - 5)];
        let (out, cancel) = (dir.path().join(name), CancelToken::new());
        let container = Container::from_path(&out).unwrap();
        let foreseen = foresee(&clip, &index, &ranges, container, &options, &cancel);
        lines.push(format!(
            "{name} {:?}",
            foreseen.map_err(|err| err.to_string())
        ));
        let made = export_video(&clip, &index, &ranges, &out, &options, &mut |_| {}, &cancel);
        lines.push(format!("{name} {}", print(made, &out)));
    }
    let clip = clips.join("h264.mp4");
    let index = indexed(&clip);
    let part = |title: &str, start, end| ReelPart {
        title: title.to_owned(),
        ranges: vec![FrameRange::new(start, end)],
    };
    let parts = [part("A", 5, 20), part("B", 40, 60)];
    let painted = |part: usize, [width, height]: [u32; 2]| {
        let bytes = (0..width * height * 3).map(|at| (at / 7 + part as u32 * 90) as u8);
        RgbImage::new(width, height, bytes.collect::<Vec<u8>>())
    };
    let unpainted = |_: usize, _: [u32; 2]| None;
    let (out, cancel) = (dir.path().join("reel.mp4"), CancelToken::new());
    for paint in [
        &unpainted as &dyn Fn(usize, [u32; 2]) -> Option<RgbImage>,
        &painted,
    ] {
        let reel = Reel {
            parts: &parts,
            paint,
        };
        let made = export_reel(&clip, &index, reel, &out, &exact, &mut |_| {}, &cancel);
        lines.push(format!("reel {}", print(made, &out)));
    }
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        lines.iter().filter(|line| line.contains(" bytes ")).count(),
        "something is left behind"
    );
    lines
}

fn of_sound(track: &str) -> ExportOptions {
    ExportOptions {
        sounds: TrackChoice::These(vec![track.to_owned()]),
        ..ExportOptions::default()
    }
}

fn avoiding(names: &[&str]) -> ExportOptions {
    ExportOptions {
        avoid_encoders: names.iter().map(|&name| name.to_owned()).collect(),
        ..ExportOptions::default()
    }
}

/// A report and the clip's bytes, or the sentence of a failure; without the folder, which is
/// another each time.
fn print(made: Result<ExportReport, CutError>, out: &Path) -> String {
    let folder = out.parent().unwrap().display().to_string();
    match made {
        Err(err) => err.to_string().replace(&folder, ""),
        Ok(mut report) => {
            report.path.clear();
            // Matroska gives each file a number by chance.
            let is_mkv = Container::from_path(out)
                .is_some_and(|made| matches!(made, Container::Mkv | Container::WebM));
            let print = match is_mkv {
                true => {
                    report.bytes = 0;
                    packets(out)
                }
                false => print_of(&std::fs::read(out).unwrap()),
            };
            format!("{report:?} bytes {print:x}").replace(&folder, "")
        }
    }
}

/// A number that tells the packets of files apart, and their times.
fn packets(path: &Path) -> u64 {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-map", "0", "-c", "copy", "-f", "framemd5", "-"])
        .output()
        .unwrap();
    assert!(output.status.success());
    print_of(&output.stdout)
}

pub fn indexed(clip: &Path) -> FrameIndex {
    media::index(clip, &CancelToken::new(), &mut |_| {})
        .unwrap()
        .index
}

/// Where the process below finds the clips, and whether it exports in processes of their own.
const CLIPS_IN: &str = "SUMMDIFF_EXPORT_CLIPS";
const ELSEWHERE: &str = "SUMMDIFF_EXPORT_ELSEWHERE";

#[test]
fn the_same_clips_come_out_of_a_process_of_its_own() {
    let made = |elsewhere: &str| -> Vec<String> {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "exporting::exports_all",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(CLIPS_IN, CLIPS.0.path())
            .env(ELSEWHERE, elsewhere)
            // x264 looks at memory that nobody has written: the same must lie in it each time.
            .env("MALLOC_PERTURB_", "90")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said.lines()
            .filter_map(|line| line.strip_prefix("made: "))
            .map(str::to_owned)
            .collect()
    };
    let (here, elsewhere) = (made("0"), made("1"));
    assert!(here.len() >= 12, "{here:?}");
    assert!(here.iter().any(|line| line.contains("no video encoder")));
    assert!(here.iter().any(|line| line.contains("no title card of")));
    for (here, elsewhere) in here.iter().zip(&elsewhere) {
        assert_eq!(here, elsewhere);
    }
    assert_eq!(here.len(), elsewhere.len());
}

#[test]
#[ignore = "started by another test"]
fn exports_all() {
    let clips = PathBuf::from(std::env::var_os(CLIPS_IN).expect("started by another test"));
    let elsewhere = std::env::var_os(ELSEWHERE).is_some_and(|elsewhere| elsewhere == "1");
    if elsewhere {
        use_other_program(Path::new(env!("CARGO_BIN_EXE_summdiff")));
        assert!(on_this_system().is_some(), "nothing is exported elsewhere");
    }
    eprintln!();
    for line in exports(&clips) {
        eprintln!("made: {line}");
    }
}
