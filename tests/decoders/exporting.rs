//! Exports in processes of their own: the same clips come out, and their end leaves nothing.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use summdiff_explorer::confined::limits::{Held, Reach, confine_to};
use summdiff_explorer::confined::use_other_program;
use summdiff_explorer::domain::{
    Alternative, Analysis, BundleRef, DrawSettings, FrameIndex, FrameRange, Rational, RgbImage,
    Sample, Segment, Timings, VideoInfo,
};
use summdiff_explorer::jobs::CancelToken;
use summdiff_explorer::media;
use summdiff_explorer::media::cut::{
    Container, CutError, ExportMode, ExportOptions, ExportReport, Reel, ReelPart, TrackChoice,
    export_reel, export_video, foresee, on_this_system,
};

use crate::processes::{crash, exporters_of, is_there, last_line, signal, status, wait_for};
use crate::reading::{HERE as CLIPS, decode_elsewhere, long_clip, print_of};

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

/// A report and the clip's bytes, or the sentence of a failure; without the folder, which is another each time.
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

fn indexed(clip: &Path) -> FrameIndex {
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
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
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
    println!();
    for line in exports(&clips) {
        println!("made: {line}");
    }
}

/// A long clip that is analysed, and a command that exports nearly all of it.
struct Exporting {
    dir: tempfile::TempDir,
    clip: PathBuf,
    out: PathBuf,
}

impl Exporting {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clip = long_clip(dir.path(), "clip.mp4");
        std::fs::create_dir(dir.path().join("out")).unwrap();
        let json = serde_json::to_vec(&analysis(&clip)).unwrap();
        std::fs::write(dir.path().join("a.json"), json).unwrap();
        let out = dir.path().join("out/summary.mp4");
        Self { dir, clip, out }
    }

    fn start(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_summdiff"))
            .arg("export")
            .arg(self.dir.path().join("a.json"))
            .args(["--sample", "0", "--overwrite", "-o"])
            .arg(&self.out)
            .env("HOME", self.dir.path())
            .env("XDG_CACHE_HOME", self.dir.path().join("cache"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The process that the command has started, once it has written something.
    fn exporter(&self, child: &Child) -> u32 {
        wait_for("an exporter at work", || {
            let has_bytes = self.left().iter().any(|name| {
                let path = self.out.with_file_name(name);
                name.contains(".part") && path.metadata().is_ok_and(|found| found.len() > 0)
            });
            let exporters = exporters_of(child.id(), &self.clip);
            exporters.into_iter().next().filter(|_| has_bytes)
        })
    }

    /// Names in the target's folder.
    fn left(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.out.parent().unwrap()).unwrap();
        let names = entries.flatten().map(|entry| entry.file_name());
        names
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    }
}

fn analysis(clip: &Path) -> Analysis {
    let segments = (0..15).map(|n| Segment {
        start_frame: n * 100,
        end_frame: n * 100 + 100,
        start_secs: n as f64 * 4.0,
        end_secs: n as f64 * 4.0 + 4.0,
        dull: None,
    });
    Analysis {
        video: VideoInfo {
            relative_path: None,
            path: clip.to_path_buf(),
            sha256: String::new(),
            duration_secs: 60.0,
            frame_count: 1500,
            frame_rate: Rational::new(25, 1),
            width: 640,
            height: 360,
            rotation_deg: 0,
            has_audio: true,
            coded_width: 640,
            coded_height: 360,
            codec: "mpeg4".into(),
            variable_frame_rate: false,
            warnings: vec![],
            start_timecode: None,
        },
        bundle: BundleRef::default(),
        device: "cpu".into(),
        settings: DrawSettings::default(),
        picks: (0..15).map(|n| n * 100).collect(),
        pick_times_secs: (0..15).map(|n| n as f64 * 4.0).collect(),
        segments: segments.collect(),
        segmentation: None,
        samples: vec![Sample {
            index: 0,
            scores: vec![0.5; 15],
            selected_segments: (1..15).collect(),
            duration_secs: 56.0,
        }],
        selection_frequency: vec![0.0; 15],
        alternatives: vec![Alternative {
            share: 1.0,
            members: vec![0],
            ..Alternative::default()
        }],
        weights: None,
        effective_samples: None,
        coverage: 1.0,
        timings_secs: Timings::default(),
        peak_memory_bytes: 0,
    }
}

#[test]
fn a_crash_amid_an_export_is_one_sentence_and_leaves_what_was_there() {
    let exporting = Exporting::new();
    std::fs::write(&exporting.out, b"mine").unwrap();
    for name in ["SEGV", "ABRT", "KILL"] {
        let child = exporting.start();
        let exporter = exporting.exporter(&child);
        crash(exporter, name);
        let output = child.wait_with_output().unwrap();
        let said = last_line(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("the video decoder crashed"), "{name}: {said}");
        assert!(said.contains("clip.mp4"), "{name}: {said}");
        assert_eq!(exporting.left(), ["summary.mp4"], "{name}");
        assert_eq!(std::fs::read(&exporting.out).unwrap(), b"mine");
        assert!(!is_there(exporter), "{name}: a process is left behind");
    }
}

#[test]
fn exporters_end_with_the_program_however_it_ends() {
    let exporting = Exporting::new();
    for (name, stopped) in [("KILL", true), ("INT", false)] {
        let mut child = exporting.start();
        let exporter = exporting.exporter(&child);
        if stopped {
            signal(exporter, "STOP");
        }
        signal(child.id(), name);
        child.wait().unwrap();
        wait_for("the end of the exporter", || {
            (!is_there(exporter) || status(exporter, "State:").starts_with('Z')).then_some(())
        });
        match name {
            // What a killed program left is removed by the next that writes there.
            "KILL" => assert_eq!(exporting.left().len(), 1),
            _ => assert!(exporting.left().is_empty(), "{:?}", exporting.left()),
        }
    }
}

#[test]
fn memory_that_runs_out_amid_an_export_is_a_sentence_with_the_limit() {
    let exporting = Exporting::new();
    let child = exporting.start();
    let exporter = exporting.exporter(&child);
    let limited = Command::new("prlimit")
        .args(["--pid", &exporter.to_string(), "--data=4096:4096"])
        .status();
    assert!(limited.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = last_line(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("MB of memory") && said.contains("clip.mp4"),
        "{said}"
    );
    assert!(exporting.left().is_empty(), "{:?}", exporting.left());
}

#[test]
fn a_cancelled_export_leaves_nothing() {
    decode_elsewhere();
    let exporting = Exporting::new();
    let index = indexed(&exporting.clip);
    let ranges = [FrameRange::new(0, index.len())];
    for mode in [ExportMode::Exact, ExportMode::Copy] {
        for halted in [false, true] {
            let options = ExportOptions {
                mode,
                ..ExportOptions::default()
            };
            let (stop, clip) = (CancelToken::new(), exporting.clip.clone());
            let mut news = 0;
            let mut progress = |_| {
                news += 1;
                if news == 2 {
                    for id in exporters_of(std::process::id(), &clip) {
                        if halted {
                            signal(id, "STOP");
                        }
                    }
                    stop.cancel();
                }
            };
            let out = &exporting.out;
            let made = export_video(&clip, &index, &ranges, out, &options, &mut progress, &stop);
            let err = made.unwrap_err();
            assert!(err.is_cancelled(), "{mode:?}: {err}");
            assert!(exporting.left().is_empty(), "{:?}", exporting.left());
            wait_for("the end of the exporter", || {
                exporters_of(std::process::id(), &clip)
                    .is_empty()
                    .then_some(())
            });
        }
    }
}

/// Where the process below is told to try what is forbidden.
const FOLDER: &str = "SUMMDIFF_TRY_FOLDER";

#[test]
fn a_process_that_exports_writes_one_file_only() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["video", "made", "other"] {
        std::fs::write(dir.path().join(name), name).unwrap();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "exporting::tries_what_is_forbidden",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    let done: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("done: "))
        .collect();
    let held = said
        .lines()
        .find_map(|line| line.strip_prefix("held: "))
        .unwrap();
    let held: Held = serde_json::from_str(held).unwrap();
    if !(held.writing && held.reading && held.processes && held.network) {
        summdiff_explorer::testing::skip("this kernel holds less back");
        return;
    }
    assert_eq!(
        done,
        [
            "read the video",
            "write the file",
            "empty the file",
            "read the file"
        ]
    );
    let mut left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().flatten().collect();
    left.sort_by_key(|entry| entry.file_name());
    let left: Vec<_> = left
        .iter()
        .map(|entry| std::fs::read(entry.path()).unwrap())
        .collect();
    assert_eq!(left, [&b""[..], b"other", b"video"]);
}

#[test]
#[ignore = "runs confined, started by another test"]
fn tries_what_is_forbidden() {
    use std::fs::{self, File};
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("started by another test"));
    let at = |name: &str| folder.join(name);
    let held = confine_to(&Reach {
        file: &at("video"),
        made: Some(&at("made")),
        most_pixels: 1 << 20,
    });
    println!("\nheld: {}", serde_json::to_string(&held).unwrap());
    let tries: [(&str, &dyn Fn() -> bool); 15] = [
        ("read the video", &|| fs::read(at("video")).is_ok()),
        ("write the file", &|| fs::write(at("made"), "new").is_ok()),
        ("empty the file", &|| File::create(at("made")).is_ok()),
        ("read the file", &|| fs::read(at("made")).is_ok()),
        ("write the video", &|| fs::write(at("video"), "new").is_ok()),
        ("add to the video", &|| {
            File::options().append(true).open(at("video")).is_ok()
        }),
        ("write another", &|| fs::write(at("other"), "new").is_ok()),
        ("read another", &|| fs::read(at("other")).is_ok()),
        ("make a file", &|| fs::write(at("new"), "new").is_ok()),
        ("make a folder", &|| fs::create_dir(at("new")).is_ok()),
        ("remove a file", &|| fs::remove_file(at("other")).is_ok()),
        ("rename the file", &|| {
            fs::rename(at("made"), at("new")).is_ok()
        }),
        ("link the file", &|| {
            fs::hard_link(at("made"), at("new")).is_ok()
        }),
        ("start a program", &|| {
            Command::new("/bin/true").status().is_ok()
        }),
        ("reach a network", &|| {
            std::net::UdpSocket::bind("127.0.0.1:0").is_ok()
        }),
    ];
    for (what, is_done) in tries {
        if is_done() {
            println!("done: {what}");
        }
    }
}
