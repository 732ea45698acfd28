//! The dataset page in the real window: a file is opened, a video, a cell; through accessible
//! names.

#[path = "common/pointer.rs"]
mod pointer;

use std::time::{Duration, Instant};

use self::pointer::click_at;
use egui::accesskit::Role;
use egui::{Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use summdiff_explorer::app::Window;
use summdiff_explorer::app::backend::PipelineBackend;
use summdiff_explorer::app::persist::Store;
use summdiff_explorer::domain::SummaryRef;
use summdiff_explorer::session::PairSide;
use summdiff_explorer::state::command::Command;
use summdiff_explorer::state::dataset::DatasetRequest;
use summdiff_explorer::state::pane::Page;
use summdiff_explorer::state::{AppState, Request};
use summdiff_explorer::testing::dataset;

/// So long a step may take on a busy machine before the test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

fn harness(dir: &std::path::Path) -> Harness<'static, Window> {
    let store = Store::in_folders(&dir.join("config"), &dir.join("state"));
    let state = AppState::default();
    let backend = PipelineBackend::start(|| ()).unwrap();
    let window = Window::new(state, Box::new(backend), Some(store), || {});
    let mut harness = Harness::builder()
        .with_size(vec2(1600.0, 1000.0))
        .with_max_steps(16)
        .build_ui_state(|ui, window: &mut Window| window.frame(ui), window);
    harness.run_steps(2);
    harness
}

fn until(harness: &mut Harness<'_, Window>, what: &str, done: impl Fn(&AppState) -> bool) {
    let started = Instant::now();
    while !done(&harness.state().state) {
        assert!(
            started.elapsed() < PATIENCE,
            "waited for {what}; status: {}",
            harness.state().state.status
        );
        std::thread::sleep(Duration::from_millis(20));
        harness.run_steps(1);
    }
    harness.run_steps(2);
}

#[test]
fn a_dataset_opens_and_its_videos_and_cells_lead_to_explore() {
    let dir = tempfile::tempdir().unwrap();
    let path = dataset::file(dir.path(), 4, 5).unwrap();
    let mut harness = harness(dir.path());
    harness
        .state_mut()
        .state
        .run(Command::OpenPath(path.clone()));
    until(&mut harness, "the figure", |state| {
        state.dataset.figure.methods.len() == 2 && state.dataset.figure.progress.is_none()
    });
    let state = &harness.state().state;
    assert_eq!(state.shown_page(), Page::Dataset);
    assert_eq!(state.dataset.videos.len(), 4);
    assert_eq!(state.prefs.recent.first(), Some(&path));
    assert!(state.dataset.videos.iter().all(|video| video.tau.is_some()));
    let people = state.dataset.figure.view.grids[1].area.unwrap();

    // Another threshold, another area; the correlations are kept.
    let slider = harness
        .get_by_role_and_label(Role::Slider, "Counts as a match from τ")
        .rect();
    click_at(
        &mut harness,
        Pos2::new(slider.right() - 12.0, slider.center().y),
    );
    let state = &harness.state().state;
    assert!(state.prefs.match_threshold > 0.6);
    assert!(state.dataset.figure.view.grids[1].area.unwrap() < people);
    harness
        .state_mut()
        .state
        .run(Command::SetMatchThreshold(0.25));
    harness.run_steps(1);

    // Without its file a video opens with its annotators and samples by chance.
    harness
        .get_by_label("Open Unloading the morning boats")
        .click();
    harness.run_steps(2);
    until(&mut harness, "the video", |state| {
        let session = state.session.as_ref();
        session.is_some_and(|session| session.matches.is_some() && session.distribution.is_some())
    });
    let state = &harness.state().state;
    assert_eq!(state.shown_page(), Page::Explore);
    let session = state.session.as_ref().unwrap();
    assert!(session.without_picture);
    assert_eq!(session.matches.as_ref().unwrap().annotators.len(), 5);
    assert_eq!(state.runtime.drawn_by, "random");
    harness.get_by_label("Find video…");

    // A cell leads to its pair.
    harness.get_by_label("Dataset").click();
    harness.run_steps(3);
    let grid = harness.get_by_label_contains("Matches of Random").rect();
    click_at(
        &mut harness,
        Pos2::new(grid.left() + 4.0, grid.bottom() - 4.0),
    );
    until(&mut harness, "the pair", |state| {
        state.timeline.pair.is_some()
    });
    let state = &harness.state().state;
    let video = *state.dataset.figure.view.rows.last().unwrap();
    let annotator = state.dataset.figure.view.columns[0];
    assert_eq!(state.dataset.open_video, Some(video));
    let pair = state.timeline.pair.unwrap();
    assert_eq!(pair.first, PairSide::Annotator(annotator));
    assert!(matches!(
        pair.other,
        PairSide::Summary(SummaryRef::Sample(_))
    ));
    // The best sample of the figure is the one in Explore: both drew by the same seed.
    let best = state.dataset.figure.methods[0].videos[video]
        .as_ref()
        .unwrap()
        .nearest_sample(annotator)
        .unwrap();
    assert_eq!(pair.other, PairSide::Summary(SummaryRef::Sample(best.0)));
    harness.get_by_label("Close the comparison").click();
    harness.run_steps(2);
    assert_eq!(harness.state().state.timeline.pair, None);
}

#[test]
fn the_table_and_the_figure_are_made_and_saved() {
    let dir = tempfile::tempdir().unwrap();
    let path = dataset::file(dir.path(), 5, 4).unwrap();
    let mut harness = harness(dir.path());
    harness.state_mut().state.run(Command::OpenPath(path));
    until(&mut harness, "the figure", |state| {
        !state.dataset.figure.methods.is_empty() && state.dataset.figure.progress.is_none()
    });
    harness.get_by_label("Evaluation table").click();
    harness.run_steps(2);
    harness.get_by_label("Measure").click();
    harness.run_steps(2);
    until(&mut harness, "the table", |state| {
        let table = &state.dataset.table;
        assert_eq!(table.fault, None);
        table.shown.is_some() && table.progress.is_none()
    });
    harness.get_by_label("Consensus of the others");
    let human = |harness: &Harness<'_, Window>| {
        let table = harness.state().state.dataset.table.shown.clone().unwrap();
        let row = table.methods.iter().find(|row| row.name == "Human");
        let row = row.unwrap();
        (row.mean.0[0].unwrap(), row.parts.len())
    };
    let (all, parts) = human(&harness);
    assert_eq!(parts, 1);
    harness.get_by_label("5FCV").click();
    harness.run_steps(2);
    let (folds, parts) = human(&harness);
    // Five folds of one video each.
    assert_eq!(parts, 5);
    assert!((all - folds).abs() < 1e-12);

    let save = |harness: &mut Harness<'_, Window>, name: &str, what: fn(_) -> DatasetRequest| {
        let file = dir.path().join(name);
        let state = &mut harness.state_mut().state;
        state.status.clear();
        state.requests.push(Request::Dataset(what(file.clone())));
        until(harness, name, |state| state.status.starts_with("Wrote"));
        std::fs::read(file).unwrap()
    };
    let found = |bytes: &[u8], words: &str| {
        bytes
            .windows(words.len())
            .any(|part| part == words.as_bytes())
    };
    for ending in ["csv", "tex", "html", "json", "txt"] {
        let bytes = save(
            &mut harness,
            &format!("table.{ending}"),
            DatasetRequest::WriteTable,
        );
        assert!(found(&bytes, "Human"), "{ending}");
        assert!(found(&bytes, "sha256"), "{ending}");
    }
    for ending in ["csv", "svg", "png"] {
        let bytes = save(
            &mut harness,
            &format!("figure.{ending}"),
            DatasetRequest::WriteMatches,
        );
        assert!(found(&bytes, "threshold"), "{ending}");
        if ending != "png" {
            assert!(found(&bytes, "People"), "{ending}");
        }
    }
}

#[test]
fn a_broken_dataset_is_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.h5");
    std::fs::write(&path, b"\x89HDF\r\n\x1a\n and no more").unwrap();
    let mut harness = harness(dir.path());
    harness.state_mut().state.run(Command::OpenPath(path));
    until(&mut harness, "the error", |state| state.error.is_some());
    harness.get_by_label_contains("damaged or incomplete");
    harness.get_by_label("Close").click();
    harness.run_steps(2);
    harness.get_by_label("Open a dataset…");
}

#[test]
fn every_control_of_the_page_has_a_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dataset::file(dir.path(), 3, 4).unwrap();
    let mut harness = harness(dir.path());
    harness.state_mut().state.run(Command::OpenPath(path));
    until(&mut harness, "the figure", |state| {
        !state.dataset.figure.methods.is_empty() && state.dataset.figure.progress.is_none()
    });
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        let needs_name = matches!(node.role(), Role::Button | Role::Slider | Role::SpinButton);
        assert!(
            !needs_name || node.label().is_some_and(|label| !label.trim().is_empty()),
            "{:?} at {:?} has no name",
            node.role(),
            node.bounding_box()
        );
    }
}
