//! The main job as a script does it: a video is analysed with the bundled networks, a summary
//! exported from the analysis and from the project.

use std::path::Path;
use std::process::Command;

use summdiff_explorer::testing::{ffmpeg, shared_part};

fn summdiff<S: AsRef<std::ffi::OsStr>>(dir: &Path, words: impl IntoIterator<Item = S>) {
    let output = Command::new(env!("CARGO_BIN_EXE_summdiff"))
        .current_dir(dir)
        .env("XDG_CACHE_HOME", dir.join("cache"))
        .args(words)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Four scenes of five seconds with a tone, 25 frames a second.
fn film(dir: &Path) {
    let scenes = [
        "testsrc=s=160x120:r=25:d=5",
        "mandelbrot=s=160x120:r=25:end_pts=5,trim=duration=5",
        "color=c=teal:s=160x120:r=25:d=5,noise=alls=20:allf=t",
        "smptebars=s=160x120:r=25:d=5",
    ];
    let mut words: Vec<String> = Vec::new();
    for scene in scenes {
        words.extend(["-f", "lavfi", "-i", scene].map(str::to_owned));
    }
    words.extend(["-f", "lavfi", "-i", "sine=f=440:d=20"].map(str::to_owned));
    words.extend(
        [
            "-filter_complex",
            "[0][1][2][3]concat=n=4:v=1[v]",
            "-map",
            "[v]",
            "-map",
            "4:a",
            "-pix_fmt",
            "yuv420p",
            "-shortest",
        ]
        .map(str::to_owned),
    );
    words.push(dir.join("film.mp4").display().to_string());
    ffmpeg(words);
}

fn probed(path: &Path, stream: &str, entry: &str) -> f64 {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", stream])
        .args(["-show_entries", entry, "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().trim_end_matches(',').parse().unwrap()
}

#[test]
fn a_project_exports_what_its_analysis_exports_with_all_frames_and_sound() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    film(dir);
    summdiff(
        dir,
        [
            "analyze",
            "film.mp4",
            "--samples",
            "20",
            "--budget",
            // Two fifths of the film.
            "0:08",
            "--seed",
            "3",
            "--json",
            "a.json",
            "--project",
            "p.summdiff",
        ],
    );
    let analysis: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.join("a.json")).unwrap()).unwrap();
    let samples = analysis["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 20);
    for sample in samples {
        assert!(sample["duration_secs"].as_f64().unwrap() <= 0.4 * 20.0 + 1e-6);
    }
    let edges: Vec<u64> = analysis["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| segment["start_frame"].as_u64().unwrap())
        .collect();
    for cut in [125u64, 250, 375] {
        assert!(
            edges.iter().any(|edge| edge.abs_diff(cut) <= 13),
            "no segment starts at {cut}: {edges:?}"
        );
    }

    let sample = analysis["alternatives"][0]["medoid_sample"].to_string();
    for (input, output) in [("a.json", "a.csv"), ("p.summdiff", "p.csv")] {
        summdiff(dir, ["export", input, "--sample", &sample, "-o", output]);
    }
    let table = std::fs::read_to_string(dir.join("a.csv")).unwrap();
    assert_eq!(table, std::fs::read_to_string(dir.join("p.csv")).unwrap());
    let frames: u64 = table
        .lines()
        .skip(1)
        .map(|line| {
            let numbers: Vec<u64> = line
                .split(',')
                .skip(1)
                .take(2)
                .map(|number| number.parse().unwrap())
                .collect();
            numbers[1] - numbers[0]
        })
        .sum();
    assert!(frames > 0);

    summdiff(
        dir,
        ["export", "p.summdiff", "--sample", &sample, "-o", "s.mp4"],
    );
    let clip = dir.join("s.mp4");
    assert_eq!(probed(&clip, "v:0", "stream=nb_read_frames") as u64, frames);
    let secs = frames as f64 / 25.0;
    assert!((probed(&clip, "v:0", "stream=duration") - secs).abs() < 1e-3);
    assert!((probed(&clip, "a:0", "stream=duration") - secs).abs() < 0.03);

    // What a person named, edited and took in hand in the project is in its report.
    let file = dir.join("p.summdiff");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut project: serde_json::Value = serde_json::from_str(&text).unwrap();
    let letter = analysis["alternatives"][1]["label"].clone();
    let letter = letter.as_str().unwrap();
    project["names"]["alternatives"][letter] = serde_json::json!({ "name": "the calm one" });
    project["selection"] = serde_json::json!({ "summary": { "edited": 1 } });
    project["edits"] = serde_json::json!([{
        "number": 1, "from": { "alternative": letter }, "seed": 3,
        "before": [{ "start": 0, "end": 50 }], "pieces": [{ "start": 100, "end": 150 }],
    }]);
    std::fs::write(&file, serde_json::to_vec(&project).unwrap()).unwrap();
    summdiff(dir, ["report", "p.summdiff", "-o", "p.html"]);
    let page = std::fs::read_to_string(dir.join("p.html")).unwrap();
    assert!(page.contains("the calm one"));
    assert!(page.contains(&format!("Why: summary edit 1 of {letter}")));
    assert!(page.contains("sampled, edited by hand"));

    // Where nothing can draw, that is said, and what to install.
    let nowhere = dir.join("nowhere");
    let output = Command::new(env!("CARGO_BIN_EXE_summdiff"))
        .current_dir(dir)
        .env("XDG_CACHE_HOME", dir.join("cache"))
        .env("VK_DRIVER_FILES", &nowhere)
        .env("VK_ICD_FILENAMES", &nowhere)
        .env("__EGL_VENDOR_LIBRARY_FILENAMES", &nowhere)
        .args(["render", "a.json", "-o", "window.png"])
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains("mesa-vulkan-drivers"), "{words}");
    assert!(!dir.join("window.png").exists());
}

/// Clips of the world, edited and of a fixed camera: every sample keeps something at the usual
/// budget, out of several segments.
#[test]
fn real_clips_give_summaries_of_several_segments() {
    let clips = [
        ("cases/scene_cuts.mp4", &[30u64, 76, 137, 187, 242][..]),
        ("cases/car-detection.mp4", &[]),
        ("data/videos/carphone_pristine.mp4", &[]),
        ("data/videos/testvideo.mp4", &[]),
    ];
    let dir = tempfile::tempdir().unwrap();
    for (name, cuts) in clips {
        let Some(clip) = shared_part(name) else {
            continue;
        };
        let words = ["analyze", "--samples", "40", "--json", "a.json"].map(Into::into);
        let words: Vec<std::ffi::OsString> = words.into_iter().chain([clip.into()]).collect();
        summdiff(dir.path(), words);
        let text = std::fs::read(dir.path().join("a.json")).unwrap();
        std::fs::remove_file(dir.path().join("a.json")).unwrap();
        let analysis: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let segments = analysis["segments"].as_array().unwrap();
        assert!(segments.len() >= 3, "{name}: {} segments", segments.len());
        for cut in cuts {
            let start = |segment: &serde_json::Value| segment["start_frame"].as_u64();
            let near = |frame: u64| frame.abs_diff(*cut) <= 2;
            assert!(
                segments.iter().any(|s| start(s).is_some_and(near)),
                "{name}: no segment begins at the cut {cut}"
            );
        }
        // What is dull is chosen by no alternative where there is enough else.
        let dull =
            |at: &serde_json::Value| !segments[at.as_u64().unwrap() as usize]["dull"].is_null();
        let lively = (segments.iter())
            .filter(|segment| segment["dull"].is_null())
            .count();
        for alternative in analysis["alternatives"].as_array().unwrap() {
            let kept = alternative["selected_segments"].as_array().unwrap();
            assert!(
                !kept.is_empty(),
                "{name}: {} is empty",
                alternative["label"]
            );
            assert!(
                lively <= kept.len() || !kept.iter().any(dull),
                "{name}: {} keeps a dull segment: {kept:?}",
                alternative["label"]
            );
        }
        for sample in analysis["samples"].as_array().unwrap() {
            assert!(sample["duration_secs"].as_f64().unwrap() > 0.0, "{name}");
        }
    }
}
