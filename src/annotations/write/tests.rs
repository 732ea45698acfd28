//! What is written reads back equal, laid on its video: every form, constant and varying frame
//! rates, odd names.

use proptest::prelude::*;

use super::*;
use crate::annotations::{build, join, open};
use crate::domain::conditions::{During, Hidden, Seen};
use crate::domain::{Conditions, Features, Rational, Segment};

/// Writes a set and reads it back, laid on its video.
fn round_trip(name: &str, set: &AnnotationSet, index: &FrameIndex) -> AnnotationSet {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    if name.ends_with(".h5") {
        write_dataset(&path, &[record(set, index)]).unwrap();
    } else {
        write_of_video(&path, set, index).unwrap();
    }
    let opened = open(&path).unwrap();
    assert!(opened.warnings.is_empty(), "{name}: {:?}", opened.warnings);
    assert_eq!(opened.sets.len(), 1, "{name}");
    let joined = join::join(&opened.sets[0], index);
    assert_eq!(joined.report, Vec::<String>::new(), "{name}");
    joined.set
}

fn record(set: &AnnotationSet, index: &FrameIndex) -> crate::domain::VideoRecord {
    let picks: Vec<u64> = (0..index.len()).step_by(7).collect();
    let features = Features {
        values: ndarray::Array2::from_elem((picks.len(), 2), 0.5),
        network_rows: Vec::new(),
        pick_times_secs: picks
            .iter()
            .map(|&pick| index.secs_from_frame(pick))
            .collect(),
        picks,
    };
    let half = index.len() / 2;
    let segments: Vec<Segment> = [(0, half), (half, index.len())]
        .into_iter()
        .filter(|(start, end)| start < end)
        .map(|(start_frame, end_frame)| Segment {
            start_frame,
            end_frame,
            start_secs: index.secs_from_frame(start_frame),
            end_secs: index.secs_from_frame(end_frame),
            dull: None,
        })
        .collect();
    build::record("video_1", set, &features, &segments, 0.15)
}

/// A video whose frames last as many milliseconds.
fn video(lasting_ms: &[i64]) -> FrameIndex {
    let mut next = 0;
    let pts: Vec<i64> = (lasting_ms.iter())
        .map(|lasting| {
            next += lasting;
            next - lasting
        })
        .collect();
    FrameIndex {
        pts: pts.into(),
        keyframes: vec![0].into(),
        time_base: Rational::new(1, 1000),
        last_duration: *lasting_ms.last().unwrap(),
    }
}

fn annotators(frames: usize) -> impl Strategy<Value = Vec<Annotator>> {
    let score = prop_oneof![Just(0.0f32), 1.0..5.0f32, (1..=5u8).prop_map(f32::from)];
    let ratings = prop::collection::vec((score, 1..60usize), 0..12).prop_map(move |runs| {
        let mut scores: Vec<f32> = runs
            .into_iter()
            .flat_map(|(score, length)| std::iter::repeat_n(score, length))
            .collect();
        if !scores.is_empty() {
            scores.resize(frames, 0.0);
        }
        scores
    });
    let frames = frames as u64;
    let picks = prop::collection::vec((0..frames, 1..30u64), 0..6).prop_map(move |picks| {
        let ranges = picks
            .into_iter()
            .map(|(start, length)| FrameRange::new(start, (start + length).min(frames)));
        FrameRange::merged(ranges.collect())
    });
    // Ratings, picks, both or nothing.
    let one =
        ("[^\\p{C}]{0,12}", ratings, picks, 0..4u8).prop_map(|(name, scores, picks, kind)| {
            Annotator {
                name,
                scores: if kind % 2 == 0 { scores } else { Vec::new() },
                picks: if kind / 2 == 0 { picks } else { Vec::new() },
                conditions: None,
            }
        });
    prop::collection::vec(one, 1..5)
}

fn set_of(annotators: Vec<Annotator>, index: &FrameIndex, name: &str) -> AnnotationSet {
    let mut set = AnnotationSet {
        video_id: name.to_owned(),
        frame_count: index.len(),
        frame_rate_fps: index.len() as f64 / index.duration_secs(),
        annotators,
        ..AnnotationSet::default()
    };
    set.repair(&mut Vec::new());
    set
}

fn cases() -> impl Strategy<Value = (FrameIndex, AnnotationSet)> {
    prop_oneof![
        (2..40i64, 1..300usize).prop_map(|(each, count)| vec![each; count]),
        prop::collection::vec(2..700i64, 1..300),
    ]
    .prop_flat_map(|lasting| {
        let index = video(&lasting);
        let frames = lasting.len();
        (
            Just(index),
            annotators(frames),
            "[a-z%.#&][a-z%.#& ]{0,11}[a-z]",
        )
    })
    .prop_map(|(index, annotators, name)| {
        let set = set_of(annotators, &index, &name);
        (index, set)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_form_reads_back_equal((index, set) in cases()) {
        for name in ["a.csv", "a.json", "a.eaf", "a.via.json", "a.h5"] {
            if name == "a.via.json" {
                // VIA has no place for an annotator who marked nothing.
                let marked = |one: &&Annotator| !one.scores.is_empty() || !one.picks.is_empty();
                let expected: Vec<Annotator> = set.annotators.iter().filter(marked).cloned().collect();
                if !expected.is_empty() {
                    let back = round_trip(name, &set, &index);
                    prop_assert_eq!(sorted(back.annotators), sorted(expected));
                }
                continue;
            }
            let back = round_trip(name, &set, &index);
            prop_assert_eq!(&back.annotators, &set.annotators, "{}", name);
            prop_assert_eq!(&back.video_id, &set.video_id, "{}", name);
        }
    }
}

fn sorted(mut annotators: Vec<Annotator>) -> Vec<Annotator> {
    annotators.sort_by(|a, b| a.name.cmp(&b.name));
    annotators
}

/// One that rated, one that picked, on a video whose frames last from 20 ms to 300 ms.
fn people() -> (FrameIndex, AnnotationSet) {
    let lasting: Vec<i64> = (0..100)
        .map(|frame| 20 + (frame * frame * 7) % 281)
        .collect();
    let index = video(&lasting);
    let annotators = vec![
        Annotator {
            name: "Ann, \"A\"".into(),
            scores: (0..100)
                .map(|frame| [1.0, 4.5, 0.0, 3.0][frame / 25])
                .collect(),
            conditions: Some(Conditions {
                budget: 0.15,
                saw_others: true,
                seen: vec![Seen {
                    what: Hidden::Explore,
                    during: During::Break,
                    at_unix_secs: 1_800_000_000,
                }],
                spent_secs: 61.5,
                seed: 7,
                ..Conditions::default()
            }),
            ..Annotator::default()
        },
        Annotator {
            name: "Bob <b>".into(),
            picks: vec![FrameRange::new(3, 20), FrameRange::new(40, 100)],
            ..Annotator::default()
        },
    ];
    let set = set_of(annotators, &index, "clip & co");
    (index, set)
}

#[test]
fn times_are_those_of_the_frames_where_the_rate_varies() {
    let (index, set) = people();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.csv");
    write_of_video(&path, &set, &index).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let row = text.lines().find(|line| line.contains("Bob")).unwrap();
    let secs: Vec<f64> = row
        .split(',')
        .skip(4)
        .take(2)
        .map(|cell| cell.parse().unwrap())
        .collect();
    let expected = [index.secs_from_frame(3), index.secs_from_frame(20)];
    assert!(
        (secs[0] - expected[0]).abs() < 1e-6 && (secs[1] - expected[1]).abs() < 1e-6,
        "{row}"
    );
}

#[test]
fn agreement_of_written_ratings_is_that_of_the_ratings() {
    use crate::analysis::agreement::{AgreementParams, dataset_agreement};
    let (index, mut set) = people();
    set.annotators[1].picks.clear();
    set.annotators[1].scores = (0..100)
        .map(|frame| [2.0, 5.0, 4.0, 1.0][frame % 4])
        .collect();
    let of = |set: &AnnotationSet| {
        let found = dataset_agreement(std::slice::from_ref(set), &AgreementParams::default());
        (found.overall.tau, found.overall.rho)
    };
    let dir = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.json"] {
        let path = dir.path().join(name);
        write_of_video(&path, &set, &index).unwrap();
        assert_eq!(of(&open(&path).unwrap().sets[0]), of(&set), "{name}");
    }
}

#[test]
fn json_keeps_the_conditions_of_the_work() {
    let (index, set) = people();
    assert_eq!(
        round_trip("a.json", &set, &index).annotators,
        set.annotators
    );
}

#[test]
fn forms_that_cannot_hold_it_are_refused() {
    let (_, set) = people();
    let dir = tempfile::tempdir().unwrap();
    assert!(write(&dir.path().join("a.eaf"), &[set.clone(), set.clone()]).is_err());
    assert!(write(&dir.path().join("a.docx"), &[set]).is_err());
    assert!(std::fs::read_dir(dir.path()).unwrap().next().is_none());
}

#[cfg(unix)]
#[test]
fn files_are_as_readable_as_others() {
    use std::os::unix::fs::PermissionsExt;
    let (index, set) = people();
    let dir = tempfile::tempdir().unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
    let plain = dir.path().join("plain");
    std::fs::write(&plain, b"").unwrap();
    for name in ["a.csv", "a.json", "a.eaf"] {
        let path = dir.path().join(name);
        write_of_video(&path, &set, &index).unwrap();
        assert_eq!(mode(&path), mode(&plain), "{name}");
    }
    let path = dir.path().join("a.h5");
    write_dataset(&path, &[record(&set, &index)]).unwrap();
    assert_eq!(mode(&path), mode(&plain));
}
