use std::path::{Path, PathBuf};

use super::*;
use crate::domain::annotator_work::ShotOrder;
use crate::domain::study::Task;
use crate::pipeline::Event;
use crate::state::annotate::{AnnotateCommand as A, Screen};
use crate::state::command::Command;
use crate::state::pane::Page;
use crate::state::{AppState, Request};
use crate::testing::fixture;

fn study(task: Task) -> Study {
    Study {
        format: 1,
        task,
        videos: vec!["a.mp4".to_owned(), "b.mp4".to_owned()],
        annotators: vec!["Ann".to_owned(), "Bo".to_owned()],
        order: ShotOrder::Random,
        budget: 0.15,
        repeat_share: 0.1,
        seed: 0,
        instructions: "Look well.".to_owned(),
    }
}

fn window(task: Task) -> AppState {
    let videos = vec![PathBuf::from("/films/a.mp4"), PathBuf::from("/films/b.mp4")];
    AppState {
        study: Some(StudyState::new(study(task), "harbour".to_owned(), videos)),
        ..AppState::default()
    }
}

fn probed(path: &Path, sha256: &str) -> Event {
    let session = fixture::state().session.unwrap();
    let mut info = session.video;
    info.path = path.to_path_buf();
    info.sha256 = sha256.to_owned();
    Event::Probed {
        info,
        index: session.index,
    }
}

/// Opens what was asked for, as the window does.
fn open_asked(state: &mut AppState) -> PathBuf {
    let asked = std::mem::take(&mut state.requests);
    let path = (asked.into_iter())
        .find_map(|request| match request {
            Request::Open { path, .. } => Some(path),
            _ => None,
        })
        .unwrap();
    state.handle(probed(&path, ""));
    path
}

fn begin(state: &mut AppState, name: &str, results: StudyResults) {
    state.run(Command::Study(StudyCommand::Name(name.to_owned())));
    state.run(Command::Study(StudyCommand::Begin));
    assert_eq!(state.study.as_ref().unwrap().step, Step::Loading);
    state.study_loaded(Ok((
        results,
        PathBuf::from("/films/harbour.results/Ann.json"),
    )));
}

fn rate_all(state: &mut AppState) {
    let all = state.current_work().unwrap().rated().1;
    for place in 0..all {
        state.run(Command::Annotate(A::Rate(1 + (place % 5) as u8)));
    }
    state.run(Command::Annotate(A::Finish));
}

#[test]
fn videos_follow_each_other_and_work_goes_on_at_its_shot() {
    let mut state = window(Task::Rate);
    state.run(Command::Study(StudyCommand::Begin));
    assert!(
        state
            .study
            .as_ref()
            .unwrap()
            .note
            .starts_with("Choose who you are")
    );
    state.run(Command::Study(StudyCommand::Name("Cem".to_owned())));
    state.run(Command::Study(StudyCommand::Begin));
    assert!(state.study.as_ref().unwrap().note.contains("Cem"));
    begin(
        &mut state,
        "Ann",
        StudyResults::new(&study(Task::Rate), "Ann"),
    );
    assert_eq!(open_asked(&mut state), Path::new("/films/a.mp4"));
    let work = state.work_on_screen().unwrap();
    assert_eq!((work.shots.len(), work.repeats.len()), (174, 17));
    assert_eq!(state.study_progress(), "1 of 2 videos, 0 of 191 shots");
    for rating in [5, 1, 3] {
        state.run(Command::Annotate(A::Rate(rating)));
    }
    state.handle(probed(Path::new("/films/a.mp4"), &"ab".repeat(32)));
    let kept = state.study_results().unwrap();
    assert_eq!(kept.videos[0].sha256, "ab".repeat(32));
    let bytes = kept.to_json();

    // Killed and started again, in the same place.
    let shot = state.current_work().unwrap().current_shot();
    let mut again = window(Task::Rate);
    begin(&mut again, "Ann", StudyResults::from_json(&bytes).unwrap());
    open_asked(&mut again);
    assert_eq!(again.current_work().unwrap().current_shot(), shot);
    assert_eq!(again.study_progress(), "1 of 2 videos, 3 of 191 shots");
    again.run(Command::Annotate(A::Finish));
    assert_eq!(again.annotate.note, "188 shots are still without a rating.");
    rate_all(&mut again);
    assert_eq!(open_asked(&mut again), Path::new("/films/b.mp4"));
    assert_eq!(again.study_progress(), "2 of 2 videos, 0 of 191 shots");
    let orders = again.study_results().unwrap();
    let order = |at: usize| orders.videos[at].work.as_ref().unwrap().shot_order();
    assert_ne!(order(0), order(1), "each video has an order of its own");
    rate_all(&mut again);
    assert_eq!(again.study.as_ref().unwrap().step, Step::Done);
    let results = again.study_results().unwrap();
    let (sets, warnings) = results.sets();
    assert_eq!((sets.len(), warnings.len()), (2, 0));
    assert_eq!(sets[0].video_id, "a");
    assert!(
        results
            .videos
            .iter()
            .all(|video| !video.work.as_ref().unwrap().saw_others)
    );
}

#[test]
fn nothing_leads_out_of_a_study() {
    let mut state = window(Task::Pick);
    for command in [
        Command::ShowPage(Page::Explore),
        Command::OpenPath("/films/c.mp4".into()),
        Command::OpenDemo,
        Command::LoadAnnotations,
        Command::Palette,
        Command::Settings,
        Command::NewDraw,
    ] {
        state.run(command.clone());
        assert!(state.requests.is_empty(), "{command:?}");
    }
    begin(
        &mut state,
        "Bo",
        StudyResults::new(&study(Task::Pick), "Bo"),
    );
    open_asked(&mut state);
    state.requests.clear();
    for page in Page::ALL {
        state.run(Command::ShowPage(page));
        state.follow_annotating(Default::default());
        assert_eq!(state.shown_page(), Page::Annotate);
    }
    for action in [
        A::ShowScreen(Screen::People),
        A::ShowScreen(Screen::Compare),
        A::PickMerge,
        A::Start,
        A::Reopen("Bo".to_owned()),
        A::Rate(3),
    ] {
        state.run(Command::Annotate(action));
        assert_eq!(state.annotate.screen, Screen::Work);
    }
    state.run(Command::OpenPath("/films/other.csv".into()));
    assert!(
        !state
            .requests
            .iter()
            .any(|request| matches!(request, Request::LoadAnnotations(_)))
    );
    // What is there without analysis suffices to pick, and no segment of a network is used.
    state.run(Command::SeekTo(5.0));
    state.playback.position_secs = 5.0;
    state.run(Command::Annotate(A::ToggleSegment));
    assert_eq!(state.current_work().unwrap().picks.len(), 1);
    assert!(!state.current_work().unwrap().saw_others);
    assert!(state.session.as_ref().unwrap().segments.is_empty());
}

#[test]
fn another_study_or_another_video_is_said() {
    let mut state = window(Task::Rate);
    let mut other = StudyResults::new(&study(Task::Rate), "Ann");
    other.study.repeat_share = 0.3;
    begin(&mut state, "Ann", other);
    let shown = state.study.as_ref().unwrap();
    assert_eq!(shown.step, Step::Begin);
    assert!(
        shown.note.contains("restore the study file"),
        "{}",
        shown.note
    );

    let mut state = window(Task::Rate);
    begin(
        &mut state,
        "Ann",
        StudyResults::new(&study(Task::Rate), "Ann"),
    );
    open_asked(&mut state);
    state.run(Command::Annotate(A::Rate(2)));
    let mut begun = state.study_results().unwrap();
    begun.videos[0].work.as_mut().unwrap().frame_count += 5;
    let mut again = window(Task::Rate);
    begin(&mut again, "Ann", begun.clone());
    open_asked(&mut again);
    assert!(again.session.is_none());
    assert!(
        again
            .study
            .as_ref()
            .unwrap()
            .note
            .contains("is not the video")
    );
    assert_eq!(again.study_results().unwrap(), begun, "nothing is lost");

    // The same length and another content, which is known a little later.
    let mut known = state.study_results().unwrap();
    known.videos[0].sha256 = "ab".repeat(32);
    let mut again = window(Task::Rate);
    begin(&mut again, "Ann", known.clone());
    let path = open_asked(&mut again);
    assert!(again.session.is_some());
    again.handle(probed(&path, &"cd".repeat(32)));
    assert!(again.session.is_none());
    assert_eq!(again.study_results().unwrap(), known);
    let mut same = window(Task::Rate);
    begin(&mut same, "Ann", known);
    open_asked(&mut same);
    same.handle(probed(&path, &"ab".repeat(32)));
    assert_eq!(same.current_work().unwrap().rated().0, 1);
}
