//! `summdiff dataset build` and `summdiff evaluate` as a script uses them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use summdiff_explorer::annotations::dataset::Dataset;
use summdiff_explorer::domain::VideoRecord;
use summdiff_explorer::testing::ffmpeg;

fn summdiff() -> Command {
    Command::new(env!("CARGO_BIN_EXE_summdiff"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Two clips of four scenes each, 10 frames a second, and a file of their annotations: ratings of
/// one, picks of the other.
fn material(dir: &Path) -> (Vec<PathBuf>, PathBuf) {
    let scenes = [
        ["testsrc2", "mandelbrot", "smptebars", "cellauto"],
        ["smptehdbars", "life", "testsrc", "rgbtestsrc"],
    ];
    let mut videos = Vec::new();
    for (name, scenes) in ["harbour", "market"].iter().zip(scenes) {
        let path = dir.join(format!("{name}.mp4"));
        let mut args: Vec<String> = Vec::new();
        for scene in scenes {
            let source = format!("{scene}=s=160x120:r=10,trim=duration=2,format=yuv420p,setsar=1");
            args.extend(["-f".into(), "lavfi".into(), "-i".into(), source]);
        }
        args.extend(
            [
                "-filter_complex",
                "[0][1][2][3]concat=n=4:v=1:a=0",
                "-c:v",
                "mpeg4",
            ]
            .map(str::to_owned),
        );
        args.push(path.display().to_string());
        ffmpeg(args);
        videos.push(path);
    }
    let ratings = |good: usize| -> Vec<f32> {
        (0..80)
            .map(|frame| {
                if frame / 20 == good {
                    5.0
                } else {
                    1.0 + (frame / 20 % 3) as f32
                }
            })
            .collect()
    };
    let annotations = dir.join("people.json");
    let sets = serde_json::json!([
        {"video_id": "harbour", "title": "Harbour", "frame_count": 80, "frame_rate_fps": 10.0,
         "annotators": [{"name": "a", "scores": ratings(1)}, {"name": "b", "scores": ratings(3)}]},
        {"video_id": "market", "frame_count": 80, "frame_rate_fps": 10.0,
         "annotators": [{"name": "a", "picks": [{"start": 20, "end": 32}]}]},
    ]);
    std::fs::write(&annotations, sets.to_string()).unwrap();
    (videos, annotations)
}

fn build(videos: &[PathBuf], annotations: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = summdiff();
    command
        .args(["dataset", "build", "--no-cache", "--progress", "none"])
        .args(more)
        .args(videos)
        .arg("--annotations")
        .arg(annotations)
        .arg("-o")
        .arg(out);
    command
}

fn records(path: &Path) -> Vec<VideoRecord> {
    let dataset = Dataset::open(path).unwrap();
    let keys = dataset.keys().to_vec();
    keys.iter().map(|key| dataset.read(key).unwrap()).collect()
}

#[test]
fn a_dataset_is_built_resumed_shared_and_evaluated() {
    let dir = tempfile::tempdir().unwrap();
    let (videos, annotations) = material(dir.path());
    let whole = dir.path().join("whole.h5");
    let output = build(&videos, &annotations, &whole, &[]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(!dir.path().join("whole.h5.parts").exists());
    let built = records(&whole);
    assert_eq!(built.len(), 2);
    let harbour = &built[0];
    assert_eq!(
        (harbour.key.as_str(), harbour.video_id.as_str()),
        ("video_1", "harbour")
    );
    assert_eq!((harbour.frame_count, harbour.frame_rate_fps), (80, 10.0));
    assert_eq!(harbour.features.dim(), (harbour.picks.len(), 256));
    assert_eq!(harbour.picks.len(), 16);
    assert_eq!(harbour.user_scores.dim(), (2, 80));
    assert_eq!(harbour.user_summaries.dim(), (2, 80));
    assert_eq!(harbour.gt_scores.len(), 16);
    assert_eq!(harbour.gt_summary.len(), 16);
    let end = harbour.segments.last().unwrap().end;
    assert_eq!(end, 80);
    assert_eq!(harbour.frames_per_segment.iter().sum::<u64>(), 80);
    let picked = built[1].annotation_set().annotators[0].picks.clone();
    assert_eq!((picked[0].start, picked[0].end), (20, 32));
    // Nothing is left to do, and that is no failure.
    let again = build(&videos, &annotations, &whole, &[]).output().unwrap();
    assert!(again.status.success() && said(&again).contains("already"));

    // Killed once the first video is done: the rest is built by the same command, and the content
    // is the same.
    let resumed = dir.path().join("resumed.h5");
    let mut child = build(&videos, &annotations, &resumed, &[])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let first = dir.path().join("resumed.h5.parts/video_1.h5");
    while !first.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let written = std::fs::metadata(&first).and_then(|facts| facts.modified());
    let finish = build(&videos, &annotations, &resumed, &[])
        .output()
        .unwrap();
    assert!(finish.status.success(), "{}", said(&finish));
    assert!(written.is_ok());
    assert_eq!(records(&resumed), built);

    // Two shards make the same, in any order.
    let shared = dir.path().join("shared.h5");
    for shard in ["2/2", "1/2"] {
        assert!(!shared.exists());
        let output = build(&videos, &annotations, &shared, &["--shard", shard])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!(records(&shared), built);

    evaluate(&whole, dir.path());
}

fn evaluate(dataset: &Path, dir: &Path) {
    let heatmap = dir.join("heat.png");
    let output = summdiff()
        .args([
            "evaluate",
            "--samples",
            "6",
            "--protocol",
            "5fcv",
            "--heatmap",
        ])
        .arg(&heatmap)
        .arg(dataset)
        .arg("--json")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for column in [
        "tau", "rho", "f1_avg", "f1_max", "map50", "map15", "CIS", "WIR", "WSE", "IR",
    ] {
        assert!(report["overall"].get(column).is_some(), "{column}");
        assert!(report["videos"][0].get(column).is_some(), "{column}");
    }
    assert!(report["overall"]["tau"].as_f64().unwrap().abs() <= 1.0);
    assert!(report["overall"]["f1_avg"].as_f64().unwrap() <= 100.0);
    let ratios = report["videos"][0]["match_ratio"].as_array().unwrap();
    assert_eq!(ratios.len(), 2);
    assert!(image::open(&heatmap).unwrap().width() > 0);
}

#[test]
fn videos_without_annotations_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let video = dir.path().join("a.mp4");
    std::fs::write(&video, b"no video").unwrap();
    let annotations = dir.path().join("people.json");
    let set = r#"[{"video_id": "x", "frame_count": 9, "annotators": [{"name": "a", "picks": []}]},
                  {"video_id": "y", "frame_count": 9, "annotators": [{"name": "a", "picks": []}]}]"#;
    std::fs::write(&annotations, set).unwrap();
    let out = dir.path().join("out.h5");
    let output = build(&[video], &annotations, &out, &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("name each video as its id"),
        "{}",
        said(&output)
    );
    assert!(!out.exists());
}
