//! `export` run as from a shell, on a video analysed by hand.

use clap::Parser;

use super::super::ProgressMode;
use super::*;
use crate::domain::{
    Alternative, BundleRef, DrawSettings, Rational, Sample, Segment, Timings, VideoInfo,
};
use crate::jobs::CancelToken;
use crate::media;
use crate::media::cut::TrackChoice;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: ExportArgs,
}

fn export(words: &[&str]) -> anyhow::Result<()> {
    let line = Line::try_parse_from([&["export"], words].concat())?;
    run(&line.args, &Output::new(true, ProgressMode::None))
}

/// A video of 100 frames in ten segments, analysed by hand: sample 0 keeps segment 1, sample 1
/// segments 3 and 4.
fn analysed(dir: &Path) -> (PathBuf, PathBuf) {
    let video = dir.join("film.mp4");
    crate::testing::ffmpeg([
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=64x48:r=25:d=4",
        "-c:v",
        "libx264",
        video.to_str().unwrap(),
    ]);
    let segments: Vec<Segment> = (0..10)
        .map(|n| Segment {
            start_frame: n * 10,
            end_frame: n * 10 + 10,
            start_secs: n as f64 * 0.4,
            end_secs: n as f64 * 0.4 + 0.4,
            dull: None,
        })
        .collect();
    let sample = |index, best: usize, selected: &[usize]| Sample {
        index,
        scores: (0..10)
            .map(|n| {
                if n == best {
                    1.0
                } else {
                    0.1 + n as f32 / 100.0
                }
            })
            .collect(),
        selected_segments: selected.to_vec(),
        duration_secs: 0.4 * selected.len() as f64,
    };
    let analysis = Analysis {
        video: VideoInfo {
            relative_path: None,
            path: video.clone(),
            sha256: String::new(),
            duration_secs: 4.0,
            frame_count: 100,
            frame_rate: Rational::new(25, 1),
            width: 64,
            height: 48,
            rotation_deg: 0,
            has_audio: false,
            coded_width: 64,
            coded_height: 48,
            codec: "h264".into(),
            variable_frame_rate: false,
            warnings: vec![],
            start_timecode: None,
        },
        bundle: BundleRef::default(),
        device: "cpu".into(),
        settings: DrawSettings::default(),
        picks: (0..10).map(|n| n * 10).collect(),
        pick_times_secs: (0..10).map(|n| n as f64 * 0.4).collect(),
        segments,
        segmentation: None,
        samples: vec![sample(0, 1, &[1]), sample(1, 3, &[3, 4])],
        selection_frequency: vec![0.0; 10],
        alternatives: vec![Alternative {
            medoid_sample: 1,
            share: 1.0,
            members: vec![0, 1],
            ..Alternative::default()
        }],
        weights: None,
        effective_samples: None,
        coverage: 1.0,
        timings_secs: Timings::default(),
        peak_memory_bytes: 0,
    };
    let json = dir.join("a.json");
    std::fs::write(&json, serde_json::to_vec(&analysis).unwrap()).unwrap();
    (json, video)
}

fn frame_count(path: &Path) -> u64 {
    media::index(path, &CancelToken::new(), &mut |_| {})
        .unwrap()
        .index
        .len()
}

#[test]
fn a_sample_an_alternative_or_a_budget_decides_what_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (json, video) = analysed(dir.path());
    let json = json.to_str().unwrap();
    let out = dir.path().join("out.mp4");
    let out_text = out.to_str().unwrap();
    export(&[json, "--sample", "0", "-o", out_text]).unwrap();
    assert_eq!(frame_count(&out), 10);
    // Not twice under one name, unless asked.
    let err = export(&[json, "--sample", "1", "-o", out_text]).unwrap_err();
    assert!(err.to_string().contains("already exists"), "{err}");
    assert!(err.to_string().contains("--overwrite"), "{err}");
    export(&[json, "--alternative", "1", "-o", out_text, "--overwrite"]).unwrap();
    let by_number = std::fs::read(&out).unwrap();
    export(&[json, "--alternative", "a", "-o", out_text, "--overwrite"]).unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), by_number);
    assert_eq!(frame_count(&out), 20);
    let csv = dir.path().join("cut.csv");
    let csv_text = csv.to_str().unwrap();
    export(&[json, "--sample", "0", "--budget", "0.3", "-o", csv_text]).unwrap();
    // The best of sample 0, and the two next: its scores grow with the segment.
    let rows = std::fs::read_to_string(&csv).unwrap();
    assert_eq!(rows.lines().count(), 3, "{rows}");
    assert!(
        rows.contains("\n1,10,20,") && rows.contains("\n2,80,100,"),
        "{rows}"
    );
    // A time is the share of this video that it is.
    let anew = [
        json,
        "--sample",
        "0",
        "-o",
        csv_text,
        "--overwrite",
        "--budget",
    ];
    for budget in ["30%", "1.2s", "0:01.2"] {
        std::fs::remove_file(&csv).unwrap();
        export(&[&anew[..], &[budget]].concat()).unwrap();
        assert_eq!(std::fs::read_to_string(&csv).unwrap(), rows, "{budget}");
    }
    // A folder gets a name that is made up, and a free one.
    let folder = dir.path().to_str().unwrap();
    export(&[json, "--sample", "0", "-o", folder]).unwrap();
    export(&[json, "--sample", "0", "-o", folder]).unwrap();
    assert!(dir.path().join("film_summary_000.mp4").is_file());
    assert!(dir.path().join("film_summary_000_002.mp4").is_file());
    let err = export(&[
        json,
        "--sample",
        "0",
        "-o",
        video.to_str().unwrap(),
        "--overwrite",
    ])
    .unwrap_err();
    assert!(err.to_string().contains("source video"), "{err}");
}

#[test]
fn mistakes_are_told_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (json, video) = analysed(dir.path());
    let text = json.to_str().unwrap();
    let out = dir.path().join("x.edl");
    let out = out.to_str().unwrap();
    let film = video.to_str().unwrap();
    for (words, part) in [
        (vec![text, "--sample", "2", "-o", out], "no sample 2"),
        (
            vec![text, "--alternative", "2", "-o", out],
            "no alternative 2",
        ),
        (vec![text, "--budget", "1.5", "-o", out], "--budget"),
        (vec![text, "-o", "x.doc"], ".mp4"),
        (vec![film, "-o", out], "analyse it first"),
        (vec![text, "-o", text, "--overwrite"], "never written over"),
        (vec![text, "-o", "no-such-folder/x.edl"], "no folder"),
        (vec!["none.json", "-o", out], "none.json"),
        (vec![text, "-o", out, "--video", "gone.mp4"], "gone.mp4"),
        (
            vec![text, "-o", out, "--source-timecode", "1:2"],
            "--source-timecode",
        ),
    ] {
        let err = export(&words).unwrap_err();
        assert!(format!("{err:#}").contains(part), "{words:?}: {err:#}");
    }
    let mut analysis: Analysis = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    for sample in &mut analysis.samples {
        sample.selected_segments.clear();
    }
    analysis.settings.budget = 0.05;
    let empty = dir.path().join("empty.json");
    std::fs::write(&empty, serde_json::to_vec(&analysis).unwrap()).unwrap();
    let err = export(&[empty.to_str().unwrap(), "-o", out])
        .unwrap_err()
        .to_string();
    assert!(
        err.contains("empty.json") && err.contains("raise --budget to 0.1"),
        "{err}"
    );
    export(&[text, "-o", out, "--source-timecode", "10:00:00:00"]).unwrap();
    let edl = std::fs::read_to_string(out).unwrap();
    assert!(edl.contains("10:00:01:05 10:00:02:00"), "{edl}");
}

#[test]
fn an_alternative_is_exported_by_its_letter_as_its_mean_scores_select() {
    let dir = tempfile::tempdir().unwrap();
    let (json, _) = analysed(dir.path());
    let mut analysis: Analysis = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let mut scores = vec![0.1; 10];
    scores[7] = 1.0;
    let face = |label: &str, share: f64| Alternative {
        label: label.to_owned(),
        medoid_sample: 0,
        share,
        scores: scores.clone(),
        selected_segments: vec![7],
        ..Alternative::default()
    };
    // Letters that were kept from other samples: the places say nothing.
    analysis.alternatives = vec![face("C", 0.3), face("E", 0.7)];
    analysis.alternatives[0].selected_segments = vec![2, 3];
    std::fs::write(&json, serde_json::to_vec(&analysis).unwrap()).unwrap();
    let json = json.to_str().unwrap();
    let rows = |words: &[&str]| {
        let csv = dir.path().join("cut.csv");
        let end = ["-o", csv.to_str().unwrap(), "--overwrite"];
        export(&[&[json], words, &end].concat()).unwrap();
        std::fs::read_to_string(csv).unwrap()
    };
    assert!(rows(&["--alternative", "C"]).contains("\n1,20,40,"));
    assert!(rows(&["--alternative", "e"]).contains("\n1,70,80,"));
    // The largest where nothing is named; the mean scores decide at another budget.
    assert!(rows(&[]).contains("\n1,70,80,"));
    assert!(rows(&["--alternative", "C", "--budget", "0.1"]).contains("\n1,70,80,"));
    let missing = dir.path().join("x.edl");
    let missing = missing.to_str().unwrap();
    let err = export(&[json, "--alternative", "A", "-o", missing]).unwrap_err();
    assert!(err.to_string().ends_with("has C, E"), "{err}");
    let folder = dir.path().join("all");
    std::fs::create_dir(&folder).unwrap();
    export(&[json, "--all-alternatives", "-o", folder.to_str().unwrap()]).unwrap();
    assert_eq!(frame_count(&folder.join("film_summary_C.mp4")), 20);
    assert_eq!(frame_count(&folder.join("film_summary_E.mp4")), 10);
}

#[test]
fn a_part_of_a_summary_is_exported_by_range() {
    let dir = tempfile::tempdir().unwrap();
    let (json, _) = analysed(dir.path());
    let json = json.to_str().unwrap();
    let csv = dir.path().join("cut.csv");
    let out = csv.to_str().unwrap();
    // Sample 1 keeps frames 30 to 50, of which 1.4 to 1.8 s are 35 to 45.
    let words = [json, "--sample", "1", "-o", out, "--overwrite"];
    export(&[&words[..], &["--range", "1.4-1.8"]].concat()).unwrap();
    let rows = std::fs::read_to_string(&csv).unwrap();
    assert!(rows.contains("\n1,35,45,"), "{rows}");
    assert!(
        rows.contains("the part of the summary from 1.4 to 1.8 s"),
        "{rows}"
    );
    let err = export(&[&words[..], &["--range", "0-1"]].concat()).unwrap_err();
    assert!(err.to_string().contains("--range"), "{err}");
    let err = export(&[&words[..], &["--range", "2-1"]].concat()).unwrap_err();
    assert!(err.to_string().contains("--range"), "{err}");
}

#[test]
fn an_edit_is_found_by_number_or_name_and_written_as_the_hand_left_it() {
    let dir = tempfile::tempdir().unwrap();
    let (json, _) = analysed(dir.path());
    let analysis: Analysis = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let edited = |number, start| crate::domain::EditedSummary {
        number,
        from: SummaryRef::Sample(1),
        seed: 0,
        before: vec![FrameRange::new(30, 50)],
        pieces: vec![FrameRange::new(start, 45)],
        order: Vec::new(),
    };
    let chosen = Chosen {
        summary: Some(SummaryRef::Edited(2)),
        edits: vec![edited(1, 35), edited(2, 40)],
        ..Chosen::default()
    };
    let csv = dir.path().join("cut.csv");
    let rows = |words: &[&str]| {
        let end = ["-o", csv.to_str().unwrap(), "--overwrite"];
        let all = [&["export", json.to_str().unwrap()], words, &end].concat();
        let line = Line::try_parse_from(all)?;
        let output = Output::new(true, ProgressMode::None);
        export_analysis(&line.args, &analysis, &chosen, &output)?;
        anyhow::Ok(std::fs::read_to_string(&csv)?)
    };
    for (words, row) in [
        (&["--edit", "1"][..], "\n1,35,45,"),
        (&["--edit", "edit 2"], "\n1,40,45,"),
        (&["--edit", "1", "--range", "1.6-9"], "\n1,40,45,"),
        // What the project had in hand.
        (&[], "\n1,40,45,"),
    ] {
        let rows = rows(words).unwrap();
        assert!(rows.contains(row), "{words:?}: {rows}");
        assert!(
            rows.contains("sampled, edited by hand: of sample 1 (seed 0)"),
            "{rows}"
        );
    }
    let err = rows(&["--edit", "3"]).unwrap_err().to_string();
    assert!(err.ends_with("has edit 1, edit 2"), "{err}");
    let err = rows(&["--budget", "0.5"]).unwrap_err().to_string();
    assert!(err.contains("edited by hand"), "{err}");
    let file = json.to_str().unwrap();
    let out = dir.path().join("x.edl");
    let err = export(&[file, "--edit", "1", "-o", out.to_str().unwrap()]).unwrap_err();
    assert!(
        err.to_string()
            .contains("no summary that was edited by hand"),
        "{err}"
    );
}

#[test]
fn ends_are_moved_into_pauses_of_the_sound_on_request() {
    let dir = tempfile::tempdir().unwrap();
    let (analysis, video) = analysed(dir.path());
    let rows = |name: &str, more: &[&str]| -> Vec<(f64, f64)> {
        let out = dir.path().join(name);
        let words = ["--sample", "0", "-o", out.to_str().unwrap()];
        export(&[&[analysis.to_str().unwrap()], &words[..], more].concat()).unwrap();
        let text = std::fs::read_to_string(&out).unwrap();
        let list: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            text.contains("speech_whole"),
            name == "whole.json",
            "{text}"
        );
        let cuts = list["pieces"].as_array().unwrap();
        let secs = |cut: &serde_json::Value, key: &str| cut[key].as_f64().unwrap();
        (cuts.iter())
            .map(|cut| (secs(cut, "start_secs"), secs(cut, "end_secs")))
            .collect()
    };
    // Without sound nothing is moved.
    assert_eq!(rows("mute.json", &["--speech-whole"]), [(0.4, 0.8)]);
    // The same pictures, with speech that pauses shortly before and after the piece.
    let speech =
        "aevalsrc='0.4*sin(1500*t)*(1-between(t,0.15,0.33))*(1-between(t,0.9,1.2))':d=4:s=44100";
    let sounding = dir.path().join("sounding.mp4");
    let (film, out) = (video.to_str().unwrap(), sounding.to_str().unwrap());
    crate::testing::ffmpeg(["-i", film, "-f", "lavfi", "-i", speech, "-c:v", "copy", out]);
    std::fs::rename(&sounding, &video).unwrap();
    assert_eq!(rows("plain.json", &[]), [(0.4, 0.8)]);
    let whole = rows("whole.json", &["--speech-whole"]);
    assert_eq!(whole.len(), 1);
    assert!((0.14..0.34).contains(&whole[0].0), "{whole:?}");
    assert!((0.89..1.21).contains(&whole[0].1), "{whole:?}");
    // What is copied is widened from where it was.
    let copied = dir.path().join("copied.mkv");
    let words = ["--sample", "0", "--mode", "copy", "--speech-whole", "-o"];
    let words = [
        &[analysis.to_str().unwrap()],
        &words[..],
        &[copied.to_str().unwrap()],
    ]
    .concat();
    export(&words).unwrap();
    assert!(frame_count(&copied) >= 20);
    // A video keeps the same.
    let clip = dir.path().join("whole.mkv");
    let words = [
        analysis.to_str().unwrap(),
        "--sample",
        "0",
        "--speech-whole",
        "-o",
    ];
    export(&[&words[..], &[clip.to_str().unwrap()]].concat()).unwrap();
    let made = media::probe(&clip).unwrap().info.duration_secs;
    assert!((made - (whole[0].1 - whole[0].0)).abs() < 0.06, "{made}");
}

#[test]
fn a_reel_holds_the_alternatives_that_are_named_and_is_a_clip() {
    let dir = tempfile::tempdir().unwrap();
    let (analysis, _) = analysed(dir.path());
    let mut made: Analysis = serde_json::from_slice(&std::fs::read(&analysis).unwrap()).unwrap();
    let kind = |label: &str, kept: &[usize]| Alternative {
        label: label.to_owned(),
        share: 0.5,
        scores: vec![0.5; 10],
        selected_segments: kept.to_vec(),
        ..Alternative::default()
    };
    made.alternatives = vec![kind("A", &[1]), kind("B", &[3, 4]), kind("C", &[])];
    std::fs::write(&analysis, serde_json::to_vec(&made).unwrap()).unwrap();
    let input = analysis.display().to_string();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let frames = |path: &str| {
        let path = Path::new(path);
        media::index(path, &CancelToken::new(), &mut |_| {})
            .unwrap()
            .index
            .len()
    };
    // Two seconds of card at 25 frames a second, and the pictures; C keeps nothing.
    export(&[&input, "--reel", "-o", &at("all.mp4")]).unwrap();
    assert_eq!(frames(&at("all.mp4")), 50 + 10 + 50 + 20);
    export(&[
        &input,
        "--reel",
        "--alternative",
        "2,A",
        "-o",
        &at("two.mkv"),
    ])
    .unwrap();
    assert_eq!(frames(&at("two.mkv")), 50 + 20 + 50 + 10);
    let range = ["--range", "0-1.5", "-o"];
    export(&[&[&input, "--reel"][..], &range, &[&at("part.mp4")]].concat()).unwrap();
    assert_eq!(frames(&at("part.mp4")), 50 + 10 + 50 + 8);
    let folder = dir.path().display().to_string();
    export(&[&input, "--reel", "-o", &folder]).unwrap();
    assert!(dir.path().join("film_reel.mp4").is_file());

    let refused = |words: &[&str], said: &str| {
        let err = export(&[&[input.as_str()], words].concat()).unwrap_err();
        assert!(err.to_string().contains(said), "{err}");
    };
    let out = at("no.mp4");
    refused(&["--reel", "-o", &at("no.edl")], "is no clip");
    refused(
        &["--reel", "--mode", "copy", "-o", &out],
        "leave --mode out",
    );
    refused(&["--alternative", "A,B", "-o", &out], "add --reel");
    refused(
        &["--reel", "--alternative", "D", "-o", &out],
        "there is no alternative D",
    );
    refused(
        &["--reel", "--alternative", "C", "-o", &out],
        "no alternative of",
    );
    refused(
        &["--reel", "--sample", "0", "-o", &out],
        "cannot be used with",
    );
    assert!(!Path::new(&out).exists());
}

#[test]
fn tracks_are_named_by_number_and_language() {
    let options = |words: &[&str]| {
        let words = [&["x", "a.json", "-o", "a.mp4"], words].concat();
        Line::try_parse_from(words).map(|line| line.args.film_options())
    };
    let these = |words: &[&str]| TrackChoice::These(words.iter().map(|&w| w.to_owned()).collect());
    let plain = options(&[]).unwrap();
    assert_eq!(
        (plain.sounds, plain.subtitles),
        (TrackChoice::Usual, TrackChoice::Usual)
    );
    let chosen = options(&["--sound-track", "2,deu", "--subtitles", "eng"]).unwrap();
    assert_eq!(
        (chosen.sounds, chosen.subtitles),
        (these(&["2", "deu"]), these(&["eng"]))
    );
    let none = options(&["--all-sound", "--subtitles", "none"]).unwrap();
    assert_eq!(
        (none.sounds, none.subtitles),
        (TrackChoice::All, TrackChoice::None)
    );
    assert!(options(&["--no-sound", "--sound-track", "1"]).is_err());
}
