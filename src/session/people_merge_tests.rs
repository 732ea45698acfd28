use super::*;
use crate::domain::FrameRange;
use crate::domain::annotator_work::Method;
use crate::domain::project::VideoRef;

fn picker(name: &str, picks: &[(u64, u64)]) -> AnnotatorWork {
    AnnotatorWork {
        name: name.to_owned(),
        method: Method::Picks,
        frame_count: 100,
        budget: 0.5,
        picks: picks.iter().map(|&(a, b)| FrameRange::new(a, b)).collect(),
        complete: true,
        spent_secs: 30.0,
        ..AnnotatorWork::default()
    }
}

fn set(works: &[AnnotatorWork]) -> AnnotationSet {
    AnnotationSet {
        frame_count: 100,
        annotators: works.iter().map(AnnotatorWork::to_annotator).collect(),
        ..AnnotationSet::default()
    }
}

fn offer(works: Vec<AnnotatorWork>) -> Offer {
    Offer {
        source: "theirs.summdiff".to_owned(),
        works,
        ..Offer::default()
    }
}

fn video() -> VideoIdentity {
    VideoIdentity {
        sha256: "ab".repeat(32),
        frame_count: 100,
    }
}

#[test]
fn new_same_and_conflicting_annotators_are_told_apart() {
    let mine = [picker("Ann", &[(0, 10)]), picker("Bo", &[(5, 9)])];
    let slower = AnnotatorWork {
        spent_secs: 900.0,
        ..picker("Bo", &[(5, 9)])
    };
    let theirs = offer(vec![
        picker("Ann", &[(0, 20)]),
        slower,
        picker("Cem", &[(1, 2)]),
    ]);
    let question = compare(&mine, Some(&set(&mine)), theirs);
    assert_eq!(question.same, 1, "time spent is no difference");
    assert_eq!(question.fresh.len(), 1);
    assert_eq!(question.conflicts.len(), 1);
    assert_eq!(question.conflicts[0].0.name(), "Ann");
}

#[test]
fn each_answer_does_what_it_says() {
    let mine = [picker("Ann", &[(0, 10)])];
    let mine_set = set(&mine);
    let ask = || {
        let theirs = offer(vec![picker("Ann", &[(0, 20)])]);
        compare(&mine, Some(&mine_set), theirs)
    };
    let settle = |resolution| {
        let mut question = ask();
        question.conflicts[0].1 = resolution;
        merged(&mine, Some(&mine_set), question)
    };
    let kept = settle(Resolution::KeepMine);
    assert_eq!((kept.works.as_slice(), kept.added.len()), (&mine[..], 0));
    let taken = settle(Resolution::TakeTheirs);
    assert_eq!(taken.works.len(), 1);
    assert_eq!(taken.works[0].picks, [FrameRange::new(0, 20)]);
    assert_eq!(taken.annotators.len(), 1);
    assert_eq!(taken.annotators[0].picks, [FrameRange::new(0, 20)]);
    let both = settle(Resolution::KeepBoth);
    assert_eq!(both.added, ["Ann (2)"]);
    assert_eq!(both.works.len(), 2);
    assert_eq!(both.annotators[1].name, "Ann (2)");
    // Once more, the next number is taken.
    let question = compare(
        &both.works,
        Some(&AnnotationSet {
            annotators: both.annotators.clone(),
            ..mine_set.clone()
        }),
        offer(vec![picker("Ann", &[(0, 30)])]),
    );
    assert_eq!(
        merged(&both.works, Some(&mine_set), question).added,
        ["Ann (3)"]
    );
}

#[test]
fn a_project_of_the_same_video_is_read_and_of_another_one_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("theirs.summdiff");
    let mut project = Project {
        video: VideoRef {
            path: "/elsewhere/film.mp4".into(),
            sha256: "AB".repeat(32),
            frame_count: 100,
            ..VideoRef::default()
        },
        works: vec![picker("Cem", &[(1, 2)])],
        annotations: Some(set(&[picker("Cem", &[(1, 2)]), picker("Dee", &[(3, 4)])])),
        ..Project::default()
    };
    std::fs::write(&path, project.to_json()).unwrap();
    let offer = read(&path, &video()).unwrap();
    assert_eq!(offer.works.len(), 1);
    assert_eq!(offer.annotators.len(), 1, "Cem has a work");
    assert!(offer.note.is_empty());

    project.video.sha256 = "cd".repeat(32);
    std::fs::write(&path, project.to_json()).unwrap();
    assert_eq!(
        read(&path, &video()).unwrap_err(),
        "theirs.summdiff is about another video (film.mp4); only annotators of the same video can be merged."
    );
    project.video.sha256.clear();
    std::fs::write(&path, project.to_json()).unwrap();
    assert!(!read(&path, &video()).unwrap().note.is_empty());
    project.video.frame_count = 99;
    std::fs::write(&path, project.to_json()).unwrap();
    assert!(read(&path, &video()).is_err());
    std::fs::write(&path, b"no project").unwrap();
    assert!(
        read(&path, &video())
            .unwrap_err()
            .contains("theirs.summdiff")
    );
}

#[test]
fn exported_annotations_are_merged_by_their_hash() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("theirs.json");
    let theirs = set(&[picker("Cem", &[(1, 2)])]);
    crate::session::people_export::write_json(&path, &theirs, &video().sha256).unwrap();
    let offer = read(&path, &video()).unwrap();
    assert_eq!(offer.annotators, theirs.annotators);
    assert!(offer.note.is_empty());
    let other = VideoIdentity {
        sha256: "cd".repeat(32),
        frame_count: 100,
    };
    assert_eq!(
        read(&path, &other).unwrap_err(),
        "theirs.json is about another video; only annotators of the same video can be merged."
    );
}
