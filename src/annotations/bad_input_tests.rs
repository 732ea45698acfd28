//! What strangers' files get wrong: each is reported in one sentence, and the rest still loads.

use super::*;
use crate::analysis::agreement::{AgreementParams, dataset_agreement};
use crate::domain::Annotator;

fn open_bytes(name: &str, bytes: &[u8]) -> Result<Opened> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    open(&path)
}

fn is_sentence(message: &str) -> bool {
    !message.is_empty() && !message.contains('\n') && message.len() < 300
}

#[test]
fn names_that_are_no_utf8_are_read_with_a_stand_in() {
    let opened = open_bytes(
        "picks.csv",
        b"annotator,start_frame,end_frame\nJ\xe9r\xf4me,0,10\nAnn,5,15\n",
    )
    .unwrap();
    let names: Vec<&str> = opened.sets[0]
        .annotators
        .iter()
        .map(|a| a.name.as_str())
        .collect();
    assert_eq!(names, ["J\u{fffd}r\u{fffd}me", "Ann"]);
}

#[test]
fn scores_that_are_no_numbers_count_as_0_and_are_said() {
    let opened = open_bytes(
        "scores.csv",
        b"frame,ann,bob\n0,0.5,nan\n1,inf,0.25\n2,0.75,1\n",
    )
    .unwrap();
    let set = &opened.sets[0];
    assert_eq!(set.annotators.len(), 2);
    assert!(
        set.annotators
            .iter()
            .all(|a| a.scores.iter().all(|s| s.is_finite()))
    );
    assert!(
        opened
            .warnings
            .iter()
            .any(|warning| warning.contains("ann")),
        "{:?}",
        opened.warnings
    );
    assert!(opened.warnings.iter().all(|warning| is_sentence(warning)));
}

#[test]
fn mixed_lengths_of_one_video_are_levelled_and_said() {
    let opened = open_bytes("ydata.tsv", b"v\tVT\t1,2,3,4,5\nv\tVT\t1,2,3\nw\tVT\t2,2\n").unwrap();
    let set = &opened.sets[0];
    let lengths: Vec<usize> = set.annotators.iter().map(|a| a.scores.len()).collect();
    assert_eq!(lengths, [5, 5]);
    assert_eq!(opened.sets[1].annotators[0].scores.len(), 2);
    assert!(opened.warnings[0].contains("rated 3 frames"));
}

#[test]
fn a_tsv_without_its_columns_is_refused_in_a_sentence() {
    for text in [
        "id\tcategory\nabc\tVT\n",
        "just words\nno columns\n",
        "\t\t\n",
        "",
    ] {
        let error = open_bytes("ydata-anno.tsv", text.as_bytes()).unwrap_err();
        assert!(is_sentence(&error.to_string()), "{error}");
        assert!(error.to_string().contains("ydata-anno.tsv"));
    }
}

#[test]
fn no_one_and_two_annotators_are_taken_as_they_are() {
    let error = open_bytes("picks.csv", b"annotator,start_frame,end_frame\n").unwrap_err();
    assert!(is_sentence(&error.to_string()), "{error}");
    for count in [1usize, 2] {
        let mut text = "annotator,start_frame,end_frame\n".to_owned();
        for annotator in 0..count {
            text.push_str(&format!(
                "p{annotator},{},{}\n",
                annotator * 5,
                annotator * 5 + 20
            ));
        }
        let opened = open_bytes("picks.csv", text.as_bytes()).unwrap();
        assert_eq!(opened.sets[0].annotators.len(), count);
        let found = dataset_agreement(&opened.sets, &AgreementParams::default());
        // One person agrees with nobody; that is undefined, not perfect.
        assert_eq!(found.overall.videos, usize::from(count > 1));
        assert_eq!(found.videos.first().and_then(|v| v.f1).is_some(), count > 1);
    }
}

#[test]
fn a_thousand_annotators_load() {
    let mut text = "annotator,start_frame,end_frame\n".to_owned();
    for annotator in 0..1000 {
        text.push_str(&format!("p{annotator},{},{}\n", annotator, annotator + 30));
    }
    let opened = open_bytes("picks.csv", text.as_bytes()).unwrap();
    assert_eq!(opened.sets[0].annotators.len(), 1000);
    assert_eq!(opened.warnings, Vec::<String>::new());
}

#[test]
fn the_same_name_twice_and_no_name_stay_apart() {
    let mut set = AnnotationSet {
        annotators: ["Ann", "Ann", " "]
            .map(|name| Annotator {
                name: name.to_owned(),
                scores: vec![1.0, 2.0],
                ..Annotator::default()
            })
            .to_vec(),
        ..AnnotationSet::default()
    };
    set.repair(&mut Vec::new());
    let mut names: Vec<&str> = set.annotators.iter().map(|a| a.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 3);
}

#[test]
fn no_cut_of_a_text_file_is_more_than_a_sentence() {
    let whole = "video_id\tcategory\tratings\nabc\tVT\t1,2,3\n\u{e9}t\u{e9}\tVT\t5,5,5\n";
    for length in 0..whole.len() {
        match open_bytes("a.tsv", &whole.as_bytes()[..length]) {
            Ok(opened) => assert!(opened.warnings.iter().all(|w| is_sentence(w))),
            Err(error) => assert!(is_sentence(&error.to_string()), "{error}"),
        }
    }
}

/// A dataset file of one video; `edit` adds what is wrong with it.
fn open_dataset(edit: impl FnOnce(&hdf5_metno::Group)) -> Result<Opened> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("eccv16.h5");
    let file = hdf5_metno::File::create(&path).unwrap();
    let group = file.create_group("video_1").unwrap();
    let scores = ndarray::array![0.1f32, 0.9, 0.4];
    let builder = group.new_dataset_builder();
    builder.with_data(&scores).create("gtscore").unwrap();
    edit(&group);
    drop((group, file));
    open(&path)
}

#[test]
fn sizes_that_the_file_cannot_hold_are_refused_before_memory_is_taken() {
    // Nine hundred rows of a hundred thousand values, none of which is stored.
    let error = open_dataset(|group| {
        group
            .new_dataset::<f32>()
            .chunk((1, 1000))
            .shape((900, 100_000))
            .create("user_scores")
            .unwrap();
    })
    .unwrap_err()
    .to_string();
    assert!(
        error.contains("user_scores") && is_sentence(&error),
        "{error}"
    );
}

#[test]
fn frames_beyond_belief_are_refused() {
    let error = open_dataset(|group| {
        let frames = group.new_dataset::<u64>().create("n_frames").unwrap();
        frames.write_scalar(&u64::MAX).unwrap();
    })
    .unwrap_err()
    .to_string();
    assert!(error.contains("more than a day"), "{error}");
    let opened = open_dataset(|group| {
        let points = ndarray::array![[0.0f32, f32::INFINITY], [f32::NAN, 1e30]];
        let builder = group.new_dataset_builder();
        builder.with_data(&points).create("change_points").unwrap();
    });
    assert!(opened.is_ok(), "{opened:?}");
    let json = br#"[{"frame_count": 18446744073709551615, "annotators": [{"scores": [1, 2]}]}]"#;
    let opened = open_bytes("people.json", json).unwrap();
    assert_eq!(opened.sets[0].frame_count, 2);
    assert!(opened.warnings[0].contains("more than a day"));
}

#[test]
fn picks_that_do_not_ascend_and_values_that_are_no_numbers_are_refused() {
    for (name, said) in [("picks", "ascend"), ("n_frames", "numbers")] {
        let error = open_dataset(|group| {
            if name == "picks" {
                let builder = group.new_dataset_builder();
                let picks = ndarray::array![0i32, 20, 10];
                builder.with_data(&picks).create("picks").unwrap();
            } else {
                let text: hdf5_metno::types::VarLenUnicode = "many".parse().unwrap();
                let dataset = group.new_dataset::<hdf5_metno::types::VarLenUnicode>();
                dataset
                    .create("n_frames")
                    .unwrap()
                    .write_scalar(&text)
                    .unwrap();
            }
        })
        .unwrap_err()
        .to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn tiers_are_read_up_to_as_many_as_are_compared() {
    let with = |tiers: usize| {
        let mut text = "<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID=\"a\" TIME_VALUE=\"0\"/><TIME_SLOT TIME_SLOT_ID=\"b\" TIME_VALUE=\"9\"/></TIME_ORDER>".to_owned();
        for tier in 0..tiers {
            text.push_str(&format!("<TIER TIER_ID=\"t{tier}\"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1=\"a\" TIME_SLOT_REF2=\"b\"/></ANNOTATION></TIER>"));
        }
        open_bytes("a.eaf", text.as_bytes())
    };
    assert_eq!(with(1000).unwrap().sets[0].annotators.len(), 1000);
    let refused = with(10_000).unwrap_err().to_string();
    assert!(refused.contains("more than the 1000"), "{refused}");
}

/// Many videos with many people each: looking for a name among those seen before would take
/// minutes.
#[test]
fn a_hundred_thousand_names_in_a_table_and_in_via_are_read() {
    let mut table = "video,annotator,start_frame,end_frame\n".to_owned();
    let mut entries = serde_json::Map::new();
    for name in 0..100_000 {
        let video = name % 1_000;
        table.push_str(&format!("v{video},n{name},0,9\n"));
        entries.insert(
            format!("{name}"),
            serde_json::json!({"vid": format!("v{video}"), "z": [0, 9], "av": {"1": format!("n{name}")}}),
        );
    }
    let via = serde_json::json!({"metadata": entries, "file": {}, "view": {}, "attribute": {}});
    for (file, text) in [("a.csv", table), ("a.json", via.to_string())] {
        let opened = open_bytes(file, text.as_bytes()).unwrap();
        assert_eq!(opened.sets.len(), 1_000, "{file}");
        let people = opened.sets.iter().map(|set| set.annotators.len());
        assert_eq!(people.sum::<usize>(), 100_000, "{file}");
    }
}

#[test]
fn names_on_several_lines_become_one() {
    let opened = open_bytes(
        "a.json",
        br#"[{"video_id": "a\nb", "annotators": [{"name": "x\ty", "scores": [1, 2]}]}]"#,
    )
    .unwrap();
    assert_eq!(opened.sets[0].video_id, "a b");
    assert_eq!(opened.sets[0].annotators[0].name, "x y");
}
