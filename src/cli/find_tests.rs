//! `find` run as from a shell, over a cache that is filled by hand.

use clap::Parser;
use ndarray::array;

use super::super::ProgressMode;
use super::*;
use crate::cache::{CachedFeatures, FeatureKey};
use crate::domain::{Features, Shots};
use crate::jobs::CancelToken;
use crate::media;
use crate::session::folder::{KnownWords, NO_WORDS, NOT_ANALYSED, words_in_folder};

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    args: FindArgs,
}

fn args(words: &[&str]) -> Result<FindArgs, clap::Error> {
    Line::try_parse_from([&["find"], words].concat()).map(|line| line.args)
}

/// A video with subtitles whose text is given.
fn spoken(path: &Path, text: &str) {
    let lines = path.with_extension("srt");
    std::fs::write(
        &lines,
        format!("1\n00:00:01,000 --> 00:00:02,000\n{text}\n"),
    )
    .unwrap();
    let picture = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=4"];
    let rest = ["-c:v", "mpeg4", "-c:s", "srt", path.to_str().unwrap()];
    crate::testing::ffmpeg([&picture[..], &["-i", lines.to_str().unwrap()], &rest].concat());
}

#[test]
fn words_are_found_in_all_videos_of_the_folder_and_what_has_none_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    spoken(&at("a.mkv"), "The harbour wakes up");
    spoken(&at("b.mkv"), "Boats leave the HARBOUR");
    let silent = at("c.mkv");
    let silent = silent.to_str().unwrap();
    crate::testing::ffmpeg(["-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=1", silent]);
    let json = at("found.json");
    let (video, out) = (at("a.mkv"), json.display().to_string());
    let found = args(&[video.to_str().unwrap(), "--text", "harbour", "--json", &out]).unwrap();
    run(&found, &Output::new(true, ProgressMode::None)).unwrap();
    let found: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let places = found["found"].as_array().unwrap();
    assert_eq!(places.len(), 2, "{found}");
    assert!((places[0]["secs"].as_f64().unwrap() - 1.0).abs() < 0.11);
    assert_eq!(places[1]["words"], "Boats leave the HARBOUR");
    assert!(found["without"][0].as_str().unwrap().ends_with("c.mkv"));
    let one = args(&[video.to_str().unwrap(), "--text", " "]).unwrap();
    let refused = run(&one, &Output::new(true, ProgressMode::None)).unwrap_err();
    assert!(refused.is::<Usage>(), "{refused}");
}

#[test]
fn the_words_of_a_folder_are_read_once_and_told_video_by_video() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for (name, text) in [
        ("a.mkv", "own"),
        ("b.mkv", "Boats leave"),
        ("d.mkv", "Gulls"),
    ] {
        spoken(&at(name), text);
    }
    std::fs::write(at("c.mkv"), "no video").unwrap();
    let known = KnownWords::default();
    let read = |known: &KnownWords, cancel: &CancelToken| {
        let mut told = Vec::new();
        let mut on_more = |so_far: &InFolder| told.push((so_far.words.len(), so_far.to_come));
        let found = words_in_folder(dir.path(), &at("a.mkv"), known, &mut on_more, cancel);
        (found, told)
    };
    let (found, told) = read(&known, &CancelToken::new());
    let found = found.unwrap();
    assert_eq!(told, [(0, 3), (1, 2), (1, 1), (2, 0)]);
    assert_eq!(found.to_come, 0);
    assert_eq!(found.compared, [at("b.mkv"), at("d.mkv")]);
    assert_eq!(
        found.gap(NO_WORDS).unwrap(),
        "Without text subtitles: c.mkv."
    );
    let gulls = found.with_words("gull");
    assert_eq!((gulls.len(), &gulls[0].video), (1, &at("d.mkv")));
    assert_eq!(gulls[0].by, FoundBy::Words("Gulls".to_owned()));
    assert!(
        found.with_words("own").is_empty(),
        "the open video is searched by itself"
    );
    // What was read is not read again while its file stays as it is.
    let stopped = CancelToken::new();
    stopped.cancel();
    std::fs::remove_file(at("c.mkv")).unwrap();
    assert_eq!(read(&known, &stopped).0.unwrap().words, found.words);
    std::fs::write(at("d.mkv"), "written over").unwrap();
    assert!(read(&known, &stopped).0.is_err());
}

#[test]
fn one_of_a_time_and_words_is_asked_for() {
    assert!(args(&["a.mp4"]).is_err());
    assert!(args(&["a.mp4", "--at", "1", "--text", "a"]).is_err());
    assert!(args(&["a.mp4", "--at", "-1"]).is_err());
    assert!(
        args(&[
            "a.mp4", "--at", "12.5", "--in", "b", "--count", "3", "--json"
        ])
        .is_ok()
    );
}

#[test]
fn frames_are_found_where_the_cache_has_features_and_nothing_is_analysed() {
    let Ok(bundle) = Bundle::find(DEFAULT_BUNDLE) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(&dir.path().join("cache"), 1 << 30);
    let fps = bundle.manifest().extractor.as_ref().unwrap().sampling_fps;
    let put = |name: &str, rows: ndarray::Array2<f32>, density: f64| {
        let path = dir.path().join(name);
        std::fs::write(&path, name).unwrap();
        let content_sha256 = media::content_hash(&path, &CancelToken::new()).unwrap();
        let key = FeatureKey {
            content_sha256,
            bundle_sha256: bundle.sha256().to_owned(),
            sampling_fps: fps * density,
            device: "cpu".to_owned(),
        };
        let count = rows.nrows();
        let entry = CachedFeatures {
            features: Features {
                values: rows,
                picks: (0..count as u64).collect(),
                pick_times_secs: (0..count).map(|at| at as f64 * 5.0).collect(),
                network_rows: Vec::new(),
            },
            thumbs: Vec::new(),
            shots: Shots::default(),
            warnings: Vec::new(),
        };
        store.store_features(&key, &entry).unwrap();
    };
    put("a.mp4", array![[1.0, 0.0], [0.0, 1.0]], 1.0);
    // A short one, sampled more densely.
    put("b.mp4", array![[0.0, 1.0], [1.0, 0.1]], 7.0);
    put("c.mp4", array![[1.0, 0.5], [0.5, 1.0]], 1.0);
    std::fs::write(dir.path().join("never.mp4"), "never").unwrap();
    std::fs::write(dir.path().join("notes.txt"), "no video").unwrap();
    let known = KnownFeatures::of(store, &bundle).unwrap();
    let cancel = CancelToken::new();
    let own = dir.path().join("a.mp4");
    let look = |most: usize| {
        alike_in_folder(
            dir.path(),
            &own,
            &[1.0, 0.0],
            &known,
            most,
            &mut |_| {},
            &cancel,
        )
        .unwrap()
    };
    let all = look(9);
    let places: Vec<(String, f64)> = (all.found.iter())
        .map(|found| {
            (
                found.video.file_name().unwrap().to_string_lossy().into(),
                found.secs,
            )
        })
        .collect();
    let place = |name: &str, secs: f64| (name.to_owned(), secs);
    assert_eq!(places[..2], [place("b.mp4", 5.0), place("c.mp4", 0.0)]);
    assert_eq!((all.compared.len(), all.without.len()), (2, 1));
    assert_eq!(
        all.gap(NOT_ANALYSED).unwrap(),
        "Not looked at, as they were not analysed yet: never.mp4."
    );
    assert_eq!(look(1).found.len(), 1);
    // By content: a video is known under another name.
    std::fs::rename(dir.path().join("b.mp4"), dir.path().join("moved.mp4")).unwrap();
    assert!(look(1).found[0].video.ends_with("moved.mp4"));
    let stopped = CancelToken::new();
    stopped.cancel();
    std::fs::write(dir.path().join("new.mp4"), "new").unwrap();
    let given_up = alike_in_folder(
        dir.path(),
        &own,
        &[1.0, 0.0],
        &known,
        9,
        &mut |_| {},
        &stopped,
    );
    assert!(given_up.is_err());
}
