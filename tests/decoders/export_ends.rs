//! How exports in processes of their own end before they are done: by a crash, with the program,
//! when memory runs out, or when asked to.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use summdiff_explorer::domain::{
    Alternative, Analysis, BundleRef, DrawSettings, FrameRange, Rational, Sample, Segment, Timings,
    VideoInfo,
};
use summdiff_explorer::jobs::CancelToken;
use summdiff_explorer::media::cut::{ExportMode, ExportOptions, export_video};

use crate::exporting::indexed;
use crate::processes::{
    crash, exporters_of, is_there, last_line, runs_out_of_memory, signal, status, wait_for,
};
use crate::reading::{decode_elsewhere, long_clip};

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
    runs_out_of_memory(child, exporter);
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
