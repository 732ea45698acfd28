//! Two windows on one video or one project.

use std::time::{Duration, Instant};

use super::*;
use crate::session::drafts::Listed;
use crate::state::command::Command;
use crate::state::drafting::TakingOver;
use crate::testing::fixture;

const PATIENCE: Duration = Duration::from_secs(20);

struct Window {
    drafting: Drafting,
    state: AppState,
}

impl Window {
    fn open(dir: &Path, project: Option<&Path>) -> Self {
        let known = KnownFiles::default();
        let mut state = fixture::state();
        state.drafting.opened = 1;
        if let Some(path) = project.filter(|path| path.exists()) {
            let found = crate::state::project_io::load_noting(path, &known).unwrap();
            state.choices = crate::state::drafting::choices_of(&found);
            state.drafting.given = true;
        }
        state.project_path = project.map(Path::to_path_buf);
        let (drafts, journal) = (dir.join("drafts"), dir.join("journal"));
        let drafting = Drafting::start(&drafts, &journal, known, || {}).unwrap();
        let mut window = Self { drafting, state };
        window.frame();
        window
    }

    fn frame(&mut self) {
        self.drafting.follow(&mut self.state);
    }

    /// Sets a marker, and draws the frame after it.
    fn mark(&mut self, secs: f64) {
        self.state.run(Command::SeekTo(secs));
        self.state.run(Command::ToggleMarker);
        self.frame();
    }

    fn markers(&self) -> usize {
        self.state.choices.markers_secs.len()
    }

    fn looks_only(&self) -> bool {
        self.state.drafting.looking.is_some()
    }

    fn take_over(&mut self) {
        self.drafting.run(&mut self.state, DraftCommand::TakeOver);
    }

    fn listed(&self) -> Vec<Listed> {
        self.drafting.drafts.list()
    }
}

fn draw_until(windows: &mut [&mut Window], done: impl Fn(&[&mut Window]) -> bool) {
    let until = Instant::now() + PATIENCE;
    while !done(windows) {
        assert!(Instant::now() < until, "nothing came of it");
        std::thread::sleep(Duration::from_millis(20));
        windows.iter_mut().for_each(|window| window.frame());
    }
}

#[test]
fn a_second_window_looks_only_takes_over_and_gives_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Window::open(dir.path(), None);
    first.mark(10.0);
    first.drafting.keeper.flush(PATIENCE);
    let mut second = Window::open(dir.path(), None);
    assert!(second.looks_only() && !first.looks_only());
    let notice = second.state.drafting.notice().unwrap();
    let process = format!("(process {})", std::process::id());
    assert!(
        notice.contains(&process) && notice.contains("take it over"),
        "{notice}"
    );
    // It sees what is there, and changes nothing.
    assert_eq!(second.markers(), 1);
    second.mark(20.0);
    assert_eq!(second.markers(), 1);
    assert!(second.state.status.contains("take it over"));

    // The last edit is not on the disk yet when the other window asks.
    first.mark(30.0);
    second.take_over();
    draw_until(&mut [&mut first, &mut second], |windows| {
        windows[0].looks_only() && !windows[1].looks_only()
    });
    assert_eq!(second.markers(), 2, "what the first had is here");
    let notice = first.state.drafting.notice().unwrap();
    assert!(notice.contains("took this over"), "{notice}");
    first.mark(40.0);
    assert_eq!(first.markers(), 2);
    second.mark(50.0);

    first.take_over();
    draw_until(&mut [&mut first, &mut second], |windows| {
        !windows[0].looks_only() && windows[1].looks_only()
    });
    assert_eq!(first.markers(), 3, "what the second did is here");
    // Where the other window ends, nobody has to be asked.
    first.mark(60.0);
    assert!(first.drafting.close(&first.state));
    draw_until(&mut [&mut second], |windows| !windows[0].looks_only());
    assert_eq!(second.markers(), 4);
    assert!(second.drafting.close(&second.state));
    let listed = second.listed();
    assert_eq!(listed.len(), 1, "nothing had to be kept apart");
    assert_eq!(listed[0].draft.project.markers_secs.len(), 4);
}

#[test]
fn a_project_goes_from_window_to_window_with_everything_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let project = dir.path().join("p.summdiff");
    let mut first = Window::open(dir.path(), Some(&project));
    first.mark(10.0);
    first.drafting.keeper.flush(PATIENCE);
    assert!(project.exists());
    let mut second = Window::open(dir.path(), Some(&project));
    assert!(second.looks_only() && !second.drafting.may_write(&project));
    first.mark(30.0);
    second.take_over();
    draw_until(&mut [&mut first, &mut second], |windows| {
        windows[0].looks_only() && !windows[1].looks_only()
    });
    assert!(second.drafting.may_write(&project) && !first.drafting.may_write(&project));
    second.mark(50.0);
    second.drafting.keeper.flush(PATIENCE);
    second.frame();
    assert_eq!(
        second.state.drafting.trouble, None,
        "it is not another program's"
    );
    let saved = crate::state::project_io::load(&project).unwrap();
    assert_eq!(saved.markers_secs.len(), 3);
    // The first goes on under another name.
    let copy = dir.path().join("copy.summdiff");
    first.state.project_path = Some(copy.clone());
    first.frame();
    assert!(!first.looks_only());
    first.mark(70.0);
    first.drafting.keeper.flush(PATIENCE);
    let saved = crate::state::project_io::load(&copy).unwrap();
    assert_eq!(saved.markers_secs.len(), 3);
    assert_eq!(first.state.drafting.shared_with, Some(std::process::id()));
}

#[test]
fn an_edit_of_the_frame_in_which_the_work_went_is_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Window::open(dir.path(), None);
    first.mark(10.0);
    let mut second = Window::open(dir.path(), None);
    second.take_over();
    // The first window draws no frame meanwhile, and lets go all the same.
    draw_until(&mut [&mut second], |windows| !windows[0].looks_only());
    first.mark(20.0);
    first.drafting.keeper.flush(PATIENCE);
    assert!(first.looks_only());
    assert_eq!(second.markers(), 1);
    let listed = second.listed();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].draft.project.markers_secs.len(), 2);
}

#[test]
fn a_window_that_cannot_save_does_not_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let stick = dir.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    let project = stick.join("p.summdiff");
    let mut first = Window::open(dir.path(), Some(&project));
    first.mark(10.0);
    first.drafting.keeper.flush(PATIENCE);
    let mut second = Window::open(dir.path(), Some(&project));
    std::fs::rename(&stick, dir.path().join("pulled out")).unwrap();
    first.mark(20.0);
    first.drafting.keeper.flush(PATIENCE);
    second.state.project_path = Some(project);
    second.take_over();
    draw_until(&mut [&mut first, &mut second], |windows| {
        windows[1].state.drafting.looking.unwrap().taking == TakingOver::Unanswered
    });
    assert!(!first.looks_only());
    let notice = second.state.drafting.notice().unwrap();
    assert!(notice.contains("does not let go"), "{notice}");
    // Once it can, and is asked again, it does.
    std::fs::rename(dir.path().join("pulled out"), &stick).unwrap();
    second.take_over();
    draw_until(&mut [&mut first, &mut second], |windows| {
        !windows[1].looks_only()
    });
    assert_eq!(second.markers(), 2);
}
