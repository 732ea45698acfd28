//! A study from its file to the report: two people rate three videos on two machines, one of them
//! killed in between, and what they did becomes one dataset and one report. Nothing that is hidden
//! is on screen at any time.

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use summdiff_explorer::analysis::rank::kendall_tau_b;
use summdiff_explorer::analysis::study::{Bootstrap, reliability};
use summdiff_explorer::annotations;
use summdiff_explorer::app::Window;
use summdiff_explorer::app::study_backend::StudyBackend;
use summdiff_explorer::app::study_keeper::{Places, StudyKeeper};
use summdiff_explorer::domain::StudyResults;
use summdiff_explorer::session::study;
use summdiff_explorer::state::AppState;
use summdiff_explorer::state::command::Command;
use summdiff_explorer::state::pane::Page;
use summdiff_explorer::state::study::{Step, StudyState};

const PATIENCE: Duration = Duration::from_secs(60);
/// Two-second shots of the three videos, and those that come twice.
const SHOTS: [usize; 3] = [8, 6, 7];
const REPEATS: [usize; 3] = [2, 2, 2];

/// A folder with the study and its videos, as it is copied to a machine.
fn machine(folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder.join("films")).unwrap();
    for (at, shots) in SHOTS.iter().enumerate() {
        let made = Process::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i"])
            .arg(format!(
                "testsrc2=size=96x64:rate=10:duration={}",
                shots * 2
            ))
            .args([
                "-c:v",
                "mpeg4",
                "-q:v",
                "8",
                "-g",
                "10",
                "-fflags",
                "+bitexact",
                "-flags:v",
                "+bitexact",
            ])
            .arg(folder.join(format!("films/{}.mp4", ["a", "b", "c"][at])))
            .status()
            .unwrap();
        assert!(made.success());
    }
    let path = folder.join("harbour.json");
    let text = r#"{"format": 1, "task": "rate", "videos": ["films/a.mp4", "films/b.mp4", "films/c.mp4"],
        "annotators": ["Ann", "Bo"], "order": "random", "budget": 0.3, "repeat_share": 0.3,
        "instructions": "Think of the whole video."}"#;
    std::fs::write(&path, text).unwrap();
    path
}

fn window(study: &Path) -> Harness<'static, Window> {
    let (read, videos) = study::read_study(study).unwrap();
    let state = AppState {
        study: Some(StudyState::new(read, "harbour".to_owned(), videos)),
        ..AppState::default()
    };
    let elsewhere = study.with_file_name("state");
    let keeper = StudyKeeper::start(Places::of(study, Some(&elsewhere)), || {}).unwrap();
    let window = Window::new(state, Box::new(StudyBackend::new(|| {})), None, || {});
    let mut harness = Harness::builder()
        .with_size(vec2(1280.0, 720.0))
        .with_max_steps(16)
        .build_ui_state(
            |ui, window: &mut Window| window.frame(ui),
            window.with_study(keeper),
        );
    harness.run_steps(3);
    harness
}

fn state<'a>(harness: &'a Harness<'_, Window>) -> &'a AppState {
    &harness.state().state
}

/// Shows frames until something holds.
fn until(harness: &mut Harness<'_, Window>, what: &str, holds: impl Fn(&AppState) -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds(state(harness)) {
        assert!(Instant::now() < end, "{what}: {:?}", state(harness).study);
        std::thread::sleep(Duration::from_millis(10));
        harness.run_steps(1);
    }
    harness.run_steps(2);
}

fn step(state: &AppState) -> Step {
    state.study.as_ref().unwrap().step
}

fn is_at_work(state: &AppState) -> bool {
    step(state) == Step::Work && state.work_on_screen().is_some()
}

fn begin(harness: &mut Harness<'_, Window>, name: &str) {
    harness.get_by_label("Think of the whole video.");
    harness.get_by_label(name).click();
    harness.run_steps(2);
    harness.get_by_label("Begin").click();
    until(harness, "the first video opens", is_at_work);
}

/// Something of this name is on screen, once or more.
fn assert_shown(harness: &Harness<'_, Window>, words: &str) {
    let shown = harness.query_all_by_label_contains(words).next();
    assert!(
        shown.is_some(),
        "{words}: {}",
        state(harness).study_progress()
    );
}

/// Nothing in the window leads to samples, other people or another file.
fn assert_blind(harness: &mut Harness<'_, Window>, others: &[&str]) {
    for key in [Key::Num2, Key::Num3, Key::O, Key::P, Key::L, Key::Comma] {
        harness.key_press_modifiers(Modifiers::COMMAND, key);
        harness.run_steps(1);
    }
    harness.key_press(Key::Escape);
    harness.run_steps(1);
    harness
        .state_mut()
        .state
        .run(Command::ShowPage(Page::Explore));
    harness.run_steps(1);
    let shown = state(harness);
    assert_eq!(shown.shown_page(), Page::Annotate);
    assert!(shown.draw().is_none() && shown.choices.annotations.is_none());
    assert!(shown.session.as_ref().unwrap().segments.is_empty());
    assert_eq!(shown.works().len(), 1);
    for hidden in [
        "Explore",
        "Dataset",
        "Settings",
        "Compare",
        "All annotators",
    ]
    .iter()
    .chain(others)
    {
        assert!(harness.query_by_label(hidden).is_none(), "{hidden}");
    }
}

/// The rating of a shot: people agree but for some shots, and rate some of them higher when they
/// come again.
fn rating(person: usize, video: usize, shot: usize, again: bool) -> u8 {
    let base = 1 + (shot * 2 + video) % 4;
    (base
        + usize::from(person == 1 && shot.is_multiple_of(3))
        + usize::from(again && shot.is_multiple_of(2)))
    .min(5) as u8
}

const KEYS: [Key; 5] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];

/// Rates what is on screen by its key.
fn rate(harness: &mut Harness<'_, Window>, person: usize) {
    let shown = state(harness);
    let video = shown.study.as_ref().unwrap().at;
    let work = shown.work_on_screen().unwrap();
    let place = work.places()[work.at];
    let rating = rating(person, video, place.shot, place.again.is_some());
    harness.key_press(KEYS[usize::from(rating - 1)]);
    harness.run_steps(2);
}

/// Rates the rest of the open video and finishes it.
fn rate_rest(harness: &mut Harness<'_, Window>, person: usize) {
    let (done, all) = state(harness).work_on_screen().unwrap().rated();
    for _ in done..all {
        rate(harness, person);
    }
    harness.get_by_label("Finish this video").click();
    harness.run_steps(2);
    let video = state(harness).study.as_ref().unwrap().at;
    until(harness, "the next video opens", |state| {
        step(state) == Step::Done
            || (is_at_work(state) && state.study.as_ref().unwrap().at == video)
    });
}

fn results_of(folder: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(folder.join("harbour.results")).unwrap();
    let paths = found.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect()
}

/// Waits until what was done is on the disk, as it is within moments.
fn wait_for_disk(folder: &Path, video: usize, rated: usize) {
    let end = Instant::now() + PATIENCE;
    loop {
        let done = results_of(folder).first().is_some_and(|path| {
            let read = StudyResults::from_json(&std::fs::read(path).unwrap()).unwrap();
            let work = read.videos[video].work.as_ref();
            work.is_some_and(|work| work.rated().0 == rated)
        });
        if done {
            return;
        }
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn two_people_on_two_machines_make_one_dataset_and_one_report() {
    let dir = tempfile::tempdir().unwrap();
    let machines = ["first", "second"].map(|name| dir.path().join(name));
    let studies = machines.clone().map(|folder| machine(&folder));

    // Ann rates on the first machine, and the program is killed in the second video.
    let mut ann = window(&studies[0]);
    begin(&mut ann, "Ann");
    assert_shown(&ann, "1 of 3 videos, 0 of 10 shots");
    assert_blind(&mut ann, &["Bo"]);
    rate_rest(&mut ann, 0);
    for _ in 0..3 {
        rate(&mut ann, 0);
    }
    assert_shown(&ann, "2 of 3 videos, 3 of 8 shots");
    let at = {
        let work = state(&ann).work_on_screen().unwrap();
        (work.at, work.current_shot())
    };
    wait_for_disk(&machines[0], 1, 3);
    drop(ann);
    let mut ann = window(&studies[0]);
    begin(&mut ann, "Ann");
    let work = state(&ann).work_on_screen().unwrap();
    assert_eq!(
        (work.at, work.current_shot()),
        at,
        "it goes on at the same shot"
    );
    assert_blind(&mut ann, &["Bo"]);

    // Meanwhile nobody else can be Ann on this machine.
    let mut double = window(&studies[0]);
    double.get_by_label("Ann").click();
    double.run_steps(2);
    double.get_by_label("Begin").click();
    until(&mut double, "the second window is refused", |state| {
        state
            .study
            .as_ref()
            .unwrap()
            .note
            .contains("another window")
    });
    drop(double);

    rate_rest(&mut ann, 0);
    rate_rest(&mut ann, 0);
    ann.get_by_label("Thank you, Ann");
    assert!(state(&ann).study.as_ref().unwrap().trouble.is_empty());
    wait_for_disk(&machines[0], 2, SHOTS[2] + REPEATS[2]);
    drop(ann);

    // Bo, on the second, sees another order.
    let mut bo = window(&studies[1]);
    begin(&mut bo, "Bo");
    assert_blind(&mut bo, &["Ann"]);
    for _ in SHOTS {
        rate_rest(&mut bo, 1);
    }
    wait_for_disk(&machines[1], 2, SHOTS[2] + REPEATS[2]);
    drop(bo);

    let folders: Vec<PathBuf> = machines
        .iter()
        .map(|one| one.join("harbour.results"))
        .collect();
    let all = study::read_all(&folders).unwrap();
    let orders: Vec<Vec<usize>> = (all.iter())
        .map(|(_, results)| results.videos[0].work.as_ref().unwrap().shot_order())
        .collect();
    assert_ne!(orders[0], orders[1]);
    for work in all.iter().flat_map(|(_, results)| &results.videos) {
        let work = work.work.as_ref().unwrap();
        assert!(work.complete && !work.saw_others && work.seen.is_empty());
    }
    let merged = study::merge(all).unwrap();
    assert!(merged.conflicts.is_empty(), "{:?}", merged.conflicts);

    // One dataset with every rating.
    let h5 = dir.path().join("study.h5");
    annotations::write::write_dataset(&h5, &merged.records()).unwrap();
    let sets = annotations::open(&h5).unwrap().sets;
    assert_eq!(sets.len(), 3);
    for (video, set) in sets.iter().enumerate() {
        let names: Vec<&str> = set.annotators.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Ann", "Bo"]);
        for (person, annotator) in set.annotators.iter().enumerate() {
            assert_eq!(annotator.scores.len(), SHOTS[video] * 20);
            for (frame, score) in annotator.scores.iter().enumerate() {
                let expected = rating(person, video, frame / 20, false);
                assert_eq!(*score, f32::from(expected), "video {video}, frame {frame}");
            }
        }
    }

    // One report: the figures are those of the ratings that were given.
    let (units, categories) = study::videos(&merged);
    let bootstrap = Bootstrap {
        resamples: 200,
        seed: 0,
    };
    let report = reliability(&units, categories, bootstrap);
    let mut taus = Vec::new();
    for (video, &shots) in SHOTS.iter().enumerate() {
        let of = |person| -> Vec<f32> {
            (0..shots)
                .map(|shot| f32::from(rating(person, video, shot, false)))
                .collect()
        };
        taus.push(kendall_tau_b(&of(0), &of(1)).unwrap());
    }
    let tau = report.overall.tau.unwrap();
    assert!((tau.value - taus.iter().sum::<f64>() / 3.0).abs() < 1e-12);
    assert!(tau.low.unwrap() <= tau.value && tau.value <= tau.high.unwrap());
    assert!(report.overall.alpha_interval.unwrap().low.is_some());
    assert_eq!(report.within[0].pairs, 2 * REPEATS.iter().sum::<usize>());
    let showings: usize = SHOTS.iter().chain(&REPEATS).sum();
    assert_eq!(report.times[0].showings, 2 * showings);
    assert!(report.times[0].mean_secs > 0.0);

    // The commands say the same.
    let command = |arguments: &[&str]| {
        let output = Process::new(env!("CARGO_BIN_EXE_summdiff"))
            .arg("study")
            .args(arguments)
            .args(&folders)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words}");
        output.stdout
    };
    let json = command(&["report", "--resamples", "200", "--json", "-"]);
    let told: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let told = &told["overall"]["tau"];
    assert_eq!(told["value"].as_f64(), Some(tau.value));
    assert_eq!(told["low"].as_f64(), tau.low);
    let table = String::from_utf8(command(&["report"])).unwrap();
    assert!(table.contains("Krippendorff's alpha, ordinal") && table.contains("complete, blind"));
    let merged_by_command = dir.path().join("by_command.h5");
    // What is there before is replaced, not added to.
    std::fs::copy(&h5, &merged_by_command).unwrap();
    command(&["merge", "-o", merged_by_command.to_str().unwrap()]);
    let again = annotations::open(&merged_by_command).unwrap().sets;
    for (set, other) in again.iter().zip(&sets) {
        assert_eq!(set.annotators, other.annotators);
    }
    assert_eq!(again.len(), sets.len());
}

#[test]
fn what_is_wrong_with_a_study_is_said_by_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.json");
    std::fs::write(
        &path,
        r#"{"format": 1, "task": "rat", "videos": ["a.mp4"], "budget": 3}"#,
    )
    .unwrap();
    let output = Process::new(env!("CARGO_BIN_EXE_summdiff"))
        .args(["annotate", "--check"])
        .arg(&path)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{words}");
    for sentence in [
        "task must be \"rate\" or \"pick\", and is \"rat\".",
        "budget must be above 0 and at most 1, and is 3.",
    ] {
        assert!(words.contains(sentence), "{words}");
    }
}
