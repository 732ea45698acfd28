//! What strangers' files get wrong: each is said in one sentence, and the rest still loads.

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
                picks: Vec::new(),
            })
            .to_vec(),
        ..AnnotationSet::default()
    };
    mend(&mut set, &mut Vec::new());
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
