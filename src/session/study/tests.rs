use super::*;
use crate::analysis::study::{Bootstrap, reliability};

fn study(task: &str) -> Study {
    let text = format!(
        r#"{{"format": 1, "task": "{task}", "videos": ["films/a.mp4", "b.mp4"], "repeat_share": 0.25}}"#
    );
    Study::from_json(&text).unwrap()
}

/// Results in which every shot is rated by a rule.
fn rated(name: &str, complete: bool, rule: impl Fn(usize, usize) -> u8) -> StudyResults {
    let asked = study("rate");
    let mut results = StudyResults::new(&asked, name);
    for (at, video) in results.videos.iter_mut().enumerate() {
        video.frame_count = 400;
        video.frame_rate_fps = 25.0;
        video.sha256 = format!("{at:064x}");
        let shots = rated_shots_of(400, 25.0);
        let mut work = AnnotatorWork {
            name: name.to_owned(),
            seed: asked.seed_for(name, &video.video),
            frame_count: 400,
            ratings: vec![None; shots.len()],
            shots,
            budget: 0.15,
            ..AnnotatorWork::default()
        }
        .with_repeats(asked.repeat_share);
        for place in work.places() {
            work.rate(rule(at, place.shot) + u8::from(place.again.is_some()));
        }
        work.place_secs = vec![2.0; work.places().len()];
        work.complete = complete || at == 0;
        video.work = Some(work);
    }
    results
}

fn named(results: Vec<StudyResults>) -> Vec<(String, StudyResults)> {
    let numbered = results.into_iter().enumerate();
    numbered
        .map(|(at, one)| (format!("{at}.json"), one))
        .collect()
}

#[test]
fn results_of_two_machines_are_one_dataset_and_one_report() {
    let ann = rated("Ann", true, |video, shot| 1 + ((video + shot) % 4) as u8);
    let bo = rated("Bo", true, |video, shot| 1 + ((video + shot * 3) % 4) as u8);
    let dir = tempfile::tempdir().unwrap();
    for (name, results) in [("ann", &ann), ("bo", &bo)] {
        let machine = dir.path().join(name);
        std::fs::create_dir(&machine).unwrap();
        std::fs::write(machine.join("x.json"), results.to_json()).unwrap();
        std::fs::write(machine.join("other.json"), "{}").unwrap();
    }
    let folders = [dir.path().join("ann"), dir.path().join("bo")];
    let merged = merge(read_all(&folders).unwrap()).unwrap();
    assert!(merged.conflicts.is_empty() && merged.notes.is_empty());
    let path = dir.path().join("study.h5");
    crate::annotations::write::write_dataset(&path, &merged.records()).unwrap();
    let read = crate::annotations::open(&path).unwrap();
    assert_eq!(read.sets.len(), 2);
    assert_eq!(read.sets[0].video_id, "a");
    let of = |set: &AnnotationSet, at: usize| {
        let one = &set.annotators[at];
        (one.name.clone(), one.scores.clone())
    };
    for (at, results) in [&ann, &bo].into_iter().enumerate() {
        for (video, result) in results.videos.iter().enumerate() {
            let own = result.work.as_ref().unwrap().to_annotator();
            assert_eq!(of(&read.sets[video], at), (own.name, own.scores));
            // What an annotator had seen is known of a dataset as well as of JSON.
            assert!(own.conditions.is_some());
            assert_eq!(read.sets[video].annotators[at].conditions, own.conditions);
        }
    }
    // Results are annotations for every other command, too.
    let direct = crate::annotations::open(&folders[0].join("x.json")).unwrap();
    assert_eq!(direct.sets[0].annotators[0].scores, of(&read.sets[0], 0).1);

    let (units, categories) = videos(&merged);
    let bootstrap = Bootstrap {
        resamples: 50,
        seed: 0,
    };
    let report = reliability(&units, categories, bootstrap);
    assert_eq!(report.videos.len(), 2);
    assert_eq!(report.within[0].pairs, 8);
    assert_eq!(report.within[0].difference.unwrap().value, 1.0);
    assert_eq!(report.times[0].showings, 40);
}

#[test]
fn contradictions_are_said_and_nothing_is_lost() {
    let ann = rated("Ann", true, |_, shot| 1 + (shot % 3) as u8);
    let again = rated("Ann", true, |_, _| 2);
    let half = rated("Bo", false, |_, _| 3);
    let whole = rated("Bo", true, |_, _| 3);
    let mut other = rated("Cem", true, |_, _| 4);
    other.videos[1].sha256 = "f".repeat(64);
    other.study.budget = 0.3;
    let all = named(vec![ann.clone(), ann, again, half, whole, other]);
    let merged = merge(all).unwrap();
    let names = |at: usize| -> Vec<&str> {
        let works = merged.videos[at].works.iter();
        works.map(|work| work.name.as_str()).collect()
    };
    assert_eq!(names(0), ["Ann", "Ann (2)", "Bo", "Cem"]);
    assert_eq!(names(1), ["Ann", "Ann (2)", "Bo"]);
    let said = merged.conflicts.join("\n");
    assert_eq!(merged.conflicts.len(), 4, "{said}");
    assert!(
        said.contains("5.json was made under another order"),
        "{said}"
    );
    assert!(said.contains("2.json is called Ann (2)"), "{said}");
    assert!(said.contains("b.mp4 in 5.json is another file"), "{said}");
    assert!(
        merged
            .notes
            .iter()
            .any(|note| note.contains("the complete one counts"))
    );
    assert_eq!(merged.sets()[1].annotators.len(), 3);

    let alone = merge(named(vec![rated("Bo", false, |_, _| 3)])).unwrap();
    assert_eq!(alone.sets().len(), 1);
    assert_eq!(alone.notes, ["Bo has not finished b.mp4; it is left out"]);
    let mut picks = rated("Di", true, |_, _| 1);
    picks.study = study("pick");
    let refused = merge(named(vec![rated("Ann", true, |_, _| 1), picks])).unwrap_err();
    assert!(refused.contains("one rates, the other picks"));
    assert!(merge(Vec::new()).is_err());
    assert!(
        read_all(&[PathBuf::from("/nowhere/x.json")])
            .unwrap_err()
            .contains("/nowhere")
    );
}
