use super::*;
use crate::domain::annotator_work::{During, Hidden, ShotOrder};
use crate::state::annotate::StartForm;
use crate::state::annotate::works_from_project;
use crate::state::command::Command;
use crate::state::pane::Page;
use crate::testing::fixture::{self, Size};

fn run(state: &mut AppState, command: AnnotateCommand) {
    state.run(Command::Annotate(command));
}

fn begun(method: Method, annotators: usize) -> AppState {
    let mut state = fixture::state_of(Size {
        annotators,
        ..Size::default()
    });
    state.page = Page::Annotate;
    state.annotate.form = StartForm {
        name: " Ann ".to_owned(),
        method,
        order: ShotOrder::Random,
        budget: 0.15,
    };
    run(&mut state, AnnotateCommand::Start);
    state
}

fn rate_all(state: &mut AppState) {
    let left = state.current_work().unwrap().shots.len();
    for shot in 0..left {
        run(state, AnnotateCommand::Rate(1 + (shot % 5) as u8));
    }
}

#[test]
fn a_name_is_taken_once() {
    let mut state = begun(Method::Ratings, 3);
    assert_eq!(state.current_work().unwrap().name, "Ann");
    assert_eq!(state.annotate.screen, Screen::Work);
    for (name, expected) in [
        ("", "Type a name first."),
        ("Ann", "Ann has begun already: go on from the list."),
        (
            "annotator 2",
            "annotator 2 is among the loaded annotators; take another name.",
        ),
    ] {
        state.annotate.form.name = name.to_owned();
        run(&mut state, AnnotateCommand::Start);
        assert_eq!(state.annotate.note, expected);
    }
    assert_eq!(state.works().len(), 1);
}

#[test]
fn ratings_are_taken_back_one_by_one() {
    let mut state = begun(Method::Ratings, 0);
    for rating in [5, 4, 3] {
        run(&mut state, AnnotateCommand::Rate(rating));
    }
    assert_eq!(state.current_work().unwrap().rated().0, 3);
    state.run(Command::Undo);
    let work = state.current_work().unwrap();
    assert_eq!((work.rated().0, work.at), (2, 2));
    assert_eq!(state.status, "Undid rating");
    state.run(Command::Redo);
    assert_eq!(state.current_work().unwrap().rated().0, 3);
}

#[test]
fn the_others_are_hidden_until_the_work_is_complete() {
    let mut state = begun(Method::Ratings, 3);
    assert!(state.is_blind());
    run(&mut state, AnnotateCommand::ShowScreen(Screen::Compare));
    assert_eq!(state.annotate.screen, Screen::Work);
    run(&mut state, AnnotateCommand::Finish);
    assert_eq!(state.annotate.note, "174 shots are still without a rating.");
    rate_all(&mut state);
    run(&mut state, AnnotateCommand::Finish);
    assert!(!state.is_blind());
    assert_eq!(state.annotate.screen, Screen::Compare);
    let set = state.choices.annotations.as_ref().unwrap();
    assert_eq!(set.annotators.len(), 4);
    assert_eq!(set.annotators[3].name, "Ann");
    assert_eq!(set.annotators[3].scores.len() as u64, set.frame_count);
    // Taken back, the others are hidden again and the ratings are there.
    state.run(Command::Undo);
    assert!(state.is_blind());
    assert_eq!(state.current_work().unwrap().rated().0, 174);
    assert_eq!(
        state.choices.annotations.as_ref().unwrap().annotators.len(),
        3
    );
}

#[test]
fn looking_at_the_summaries_ends_the_blindness_and_is_said() {
    let mut state = begun(Method::Picks, 3);
    assert!(!state.current_work().unwrap().saw_others);
    state.run(Command::ShowPage(Page::Explore));
    state.follow_annotating(Default::default());
    assert!(state.current_work().unwrap().saw_others);
    assert_eq!(
        state.status,
        "Ann is not blind any more: this page shows what was hidden."
    );
}

#[test]
fn picks_beyond_the_budget_are_refused_with_a_sentence() {
    let mut state = begun(Method::Picks, 0);
    let frames = state.current_work().unwrap().frame_count;
    state.playback.position_secs = 10.0;
    run(&mut state, AnnotateCommand::ToggleSegment);
    assert_eq!(state.current_work().unwrap().picks.len(), 1);
    run(
        &mut state,
        AnnotateCommand::PickRange(FrameRange::new(frames / 2, frames / 2 + frames / 5)),
    );
    assert!(state.annotate.note.starts_with("That would keep "));
    assert_eq!(state.current_work().unwrap().picks.len(), 1);
    run(&mut state, AnnotateCommand::ToggleSegment);
    assert!(state.current_work().unwrap().picks.is_empty());
    assert!(state.annotate.note.is_empty());
}

#[test]
fn in_and_out_make_a_pick() {
    let mut state = begun(Method::Picks, 0);
    run(&mut state, AnnotateCommand::SetOut);
    assert_eq!(state.annotate.note, "Press I where the pick begins first.");
    state.playback.position_secs = 20.0;
    run(&mut state, AnnotateCommand::SetIn);
    state.playback.position_secs = 25.0;
    run(&mut state, AnnotateCommand::SetOut);
    assert_eq!(
        state.current_work().unwrap().picks,
        [FrameRange::new(480, 601)]
    );
    state.playback.position_secs = 22.0;
    run(&mut state, AnnotateCommand::RemovePick);
    assert!(state.current_work().unwrap().picks.is_empty());
    state.run(Command::Undo);
    assert_eq!(state.current_work().unwrap().picks.len(), 1);
}

#[test]
fn work_is_taken_up_again_from_the_project_file() {
    let mut state = begun(Method::Ratings, 0);
    for rating in [5, 4, 3] {
        run(&mut state, AnnotateCommand::Rate(rating));
    }
    state.annotate.spent_secs.insert("Ann".to_owned(), 61.5);
    let path = std::path::Path::new("/films/harbour_day.summdiff");
    let project = state.to_project(path).unwrap();
    assert_eq!(project.works[0].spent_secs, 61.5);
    let bytes = project.to_json();
    let project = crate::domain::project::Project::from_json(&bytes, path).unwrap();

    let mut fresh = fixture::state();
    fresh.choices.works = works_from_project(&project.works);
    fresh.adopt_works();
    assert_eq!(fresh.spent_secs("Ann"), 61.5);
    run(&mut fresh, AnnotateCommand::Resume("Ann".to_owned()));
    let work = fresh.current_work().unwrap();
    assert_eq!((work.rated().0, work.at), (3, 3));
    assert_eq!(fresh.annotate.screen, Screen::Work);
}

#[test]
fn complete_work_can_be_opened_again_or_removed() {
    let mut state = begun(Method::Ratings, 2);
    rate_all(&mut state);
    run(&mut state, AnnotateCommand::Finish);
    run(&mut state, AnnotateCommand::Reopen("Ann".to_owned()));
    let work = state.current_work().unwrap();
    assert!(!work.complete && work.saw_others);
    assert_eq!(
        state.choices.annotations.as_ref().unwrap().annotators.len(),
        2
    );
    run(&mut state, AnnotateCommand::Finish);
    assert_eq!(
        state.choices.annotations.as_ref().unwrap().annotators.len(),
        3
    );
    run(&mut state, AnnotateCommand::Remove("Ann".to_owned()));
    assert!(state.works().is_empty());
    assert_eq!(
        state.choices.annotations.as_ref().unwrap().annotators.len(),
        2
    );
    state.run(Command::Undo);
    assert_eq!(state.works().len(), 1);
}

/// What was on screen, and during what.
fn seen_by(state: &AppState, name: &str) -> Vec<(Hidden, During)> {
    let work = state.work_of(name).unwrap();
    assert_eq!(work.saw_others, !work.seen.is_empty());
    let seen = work.seen.iter().map(|seen| (seen.what, seen.during));
    seen.collect()
}

#[test]
fn what_was_seen_is_noted_for_good() {
    let mut state = fixture::state();
    state.follow_annotating(Default::default());
    state.run(Command::ShowPage(Page::Annotate));
    state.annotate.form.name = "Ann".to_owned();
    run(&mut state, AnnotateCommand::Start);
    state.follow_annotating(Default::default());
    assert_eq!(seen_by(&state, "Ann"), [(Hidden::Explore, During::Before)]);
    // Left for now, the others are compared by the one who sits there.
    run(&mut state, AnnotateCommand::Rate(3));
    run(&mut state, AnnotateCommand::ShowScreen(Screen::People));
    run(&mut state, AnnotateCommand::ShowScreen(Screen::Compare));
    state.follow_annotating(Default::default());
    let both = [
        (Hidden::Explore, During::Before),
        (Hidden::Others, During::Break),
    ];
    assert_eq!(seen_by(&state, "Ann"), both);
    // Neither undo nor a file loses it.
    state.run(Command::Undo);
    assert_eq!(state.work_of("Ann").unwrap().rated().0, 0);
    assert_eq!(seen_by(&state, "Ann"), both);
    state.run(Command::Undo);
    assert!(state.work_of("Ann").is_none());
    state.run(Command::Redo);
    assert!(seen_by(&state, "Ann").contains(&(Hidden::Others, During::Break)));
    let path = std::path::Path::new("/films/harbour_day.summdiff");
    let bytes = state.to_project(path).unwrap().to_json();
    let project = crate::domain::project::Project::from_json(&bytes, path).unwrap();
    assert_eq!(project.works[0].seen, state.work_of("Ann").unwrap().seen);
    assert_eq!(project.shown.len(), 2);
    // Who begins after the project was opened again is not taken for blind either.
    let mut later = fixture::state();
    later.page = Page::Annotate;
    later.choices = crate::state::drafting::choices_of(&project);
    later.annotate.form.name = "Bo".to_owned();
    run(&mut later, AnnotateCommand::Start);
    assert_eq!(seen_by(&later, "Bo").len(), 2);
    assert_eq!(
        later
            .work_of("Bo")
            .unwrap()
            .to_annotator()
            .conditions
            .unwrap()
            .seen
            .len(),
        2
    );
}

#[test]
fn unfinished_work_opens_on_its_own_page() {
    use crate::pipeline::Event;
    let dir = tempfile::tempdir().unwrap();
    let video = dir.path().join("film.mp4");
    std::fs::write(&video, b"film").unwrap();
    let mut made = begun(Method::Ratings, 0);
    made.session.as_mut().unwrap().video.path = video.clone();
    let path = dir.path().join("film.summdiff");
    let project = made.to_project(&path).unwrap();
    let probed = |path: &std::path::Path| {
        let session = made.session.as_ref().unwrap();
        let mut info = session.video.clone();
        info.path = path.to_path_buf();
        Event::Probed {
            info,
            index: session.index.clone(),
        }
    };
    // After a crash, by a project or a draft.
    let mut state = AppState::default();
    state.open_project(&project, &path);
    state.handle(probed(&video));
    assert_eq!(state.shown_page(), Page::Annotate);
    state.follow_annotating(Default::default());
    assert!(seen_by(&state, "Ann").is_empty());
    // Another video opened from there, and one that is opened to be annotated.
    let other = dir.path().join("other.mp4");
    state.run(Command::OpenPath(other.clone()));
    assert_eq!(state.shown_page(), Page::Annotate);
    state.handle(probed(&other));
    assert_eq!(state.shown_page(), Page::Annotate);
    let mut fresh = AppState::default();
    fresh.run(Command::OpenToAnnotate);
    fresh.run(Command::OpenPath(other.clone()));
    fresh.handle(probed(&other));
    assert_eq!(fresh.shown_page(), Page::Annotate);
    fresh.follow_annotating(Default::default());
    assert!(fresh.choices.shown.is_empty());
    // Unfinished work in the list of drafts.
    let mut state = AppState::default();
    state.drafting.listed.push(crate::session::drafts::Listed {
        path: dir.path().join("draft.summdiff"),
        draft: crate::session::drafts::Draft {
            project: project.clone(),
            facts: Default::default(),
        },
    });
    state.run(Command::OpenPath(video.clone()));
    state.handle(probed(&video));
    assert_eq!(state.shown_page(), Page::Annotate);
    // A draft that is found only after the opening.
    let mut state = AppState::default();
    state.run(Command::OpenPath(video.clone()));
    state.handle(probed(&video));
    assert_eq!(state.shown_page(), Page::Explore);
    state.follow_annotating(Default::default());
    state.take_up_draft(&project, None);
    assert_eq!(state.shown_page(), Page::Annotate);
    assert_eq!(state.choices.shown[0].what, Hidden::Explore);
}
