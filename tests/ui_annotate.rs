//! The annotate page: driven through accessible names from the first rating to the comparison, and
//! pictured.

#[path = "common/pictures.rs"]
mod pictures;

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Pos2, Rect, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use summdiff_explorer::app::Window;
use summdiff_explorer::app::offscreen::PictureView;
use summdiff_explorer::domain::annotator_work::{Method, ShotOrder};
use summdiff_explorer::domain::{Letter, SummaryRef};
use summdiff_explorer::session::people::Side;
use summdiff_explorer::state::AppState;
use summdiff_explorer::state::annotate::{AnnotateCommand as A, CompareTab, Screen, StartForm};
use summdiff_explorer::state::command::Command;
use summdiff_explorer::state::pane::Page;
use summdiff_explorer::testing::fixture::{self, Size};
use summdiff_explorer::ui::theme::ThemeChoice;

fn check(name: &str, state: AppState, size: [u32; 2], theme: ThemeChoice) {
    pictures::check(name, state, size, PictureView::Explorer, theme);
}

/// A session with `loaded` annotators in which Ann rates and Bo picks, and the page shows one of
/// them.
fn annotating(name: &str, loaded: usize) -> AppState {
    let mut state = fixture::state_of(Size {
        annotators: loaded,
        ..Size::default()
    });
    state.page = Page::Annotate;
    let run = |state: &mut AppState, command| state.run(Command::Annotate(command));
    for (name, method) in [("Ann", Method::Ratings), ("Bo", Method::Picks)] {
        state.annotate.form = StartForm {
            name: name.to_owned(),
            method,
            order: ShotOrder::Random,
            budget: 0.15,
        };
        run(&mut state, A::Start);
        match method {
            Method::Ratings => {
                for shot in 0..43 {
                    run(&mut state, A::Rate([3, 2, 5, 1, 3, 4, 2, 2][shot % 8]));
                }
            }
            Method::Picks => {
                for secs in [31.0, 60.0, 140.0, 190.0, 300.0] {
                    state.playback.position_secs = secs;
                    run(&mut state, A::ToggleSegment);
                }
            }
        }
        run(&mut state, A::ShowScreen(Screen::People));
    }
    state.annotate.spent_secs = [("Ann".to_owned(), 131.0), ("Bo".to_owned(), 312.0)].into();
    if !name.is_empty() {
        run(&mut state, A::Resume(name.to_owned()));
    }
    state.status = "Ready".to_owned();
    state
}

#[test]
fn annotating_is_pictured() {
    for (name, who, size, theme) in [
        ("annotate_people", "", [1600, 1000], ThemeChoice::Dark),
        ("annotate_rating", "Ann", [1600, 1000], ThemeChoice::Dark),
        (
            "annotate_rating_light",
            "Ann",
            [1100, 720],
            ThemeChoice::Light,
        ),
        ("annotate_picking", "Bo", [1600, 1000], ThemeChoice::Dark),
        (
            "annotate_rating_1024",
            "Ann",
            [1024, 640],
            ThemeChoice::Dark,
        ),
        ("annotate_rating_800", "Ann", [800, 600], ThemeChoice::Light),
        (
            "annotate_rating_narrow",
            "Ann",
            [480, 520],
            ThemeChoice::Dark,
        ),
        (
            "annotate_picking_1024",
            "Bo",
            [1024, 640],
            ThemeChoice::Light,
        ),
        ("annotate_picking_800", "Bo", [800, 600], ThemeChoice::Dark),
        (
            "annotate_picking_narrow",
            "Bo",
            [480, 520],
            ThemeChoice::Dark,
        ),
    ] {
        check(name, annotating(who, 6), size, theme);
    }
}

/// Bo has finished, beside `loaded` others.
fn compared(loaded: usize) -> AppState {
    let mut state = annotating("Bo", loaded);
    state.run(Command::Annotate(A::Finish));
    state.compare_people_now();
    state.status = "Ready".to_owned();
    state
}

/// The same with long names of simulated annotators, some of which begin alike.
fn compared_with_long_names() -> AppState {
    const NAMES: [&str; 12] = [
        "likes the sea",
        "likes the sea, and wind",
        "sailor",
        "likes people",
        "market goer",
        "likes company",
        "likes the night",
        "likes lights and fireworks",
        "likes it quiet",
        "likes motion",
        "likes beginnings",
        "undecided",
    ];
    let mut state = compared(NAMES.len());
    let set = state.choices.annotations.as_mut().unwrap();
    for (annotator, name) in Arc::make_mut(set).annotators.iter_mut().zip(NAMES) {
        annotator.name = format!("simulated: {name}");
    }
    state.compare_people_now();
    for (side, name) in [
        (A::SetFirstSide as fn(Side) -> A, NAMES[0]),
        (A::SetSecondSide, NAMES[1]),
    ] {
        let side = side(Side::Annotator(format!("simulated: {name}")));
        state.run(Command::Annotate(side));
    }
    state
}

#[test]
fn the_comparison_is_pictured() {
    let mut state = compared(12);
    state.run(Command::Annotate(A::SetSecondSide(Side::Summary(
        SummaryRef::Alternative(Letter(0)),
    ))));
    check("annotate_compare", state, [1600, 1000], ThemeChoice::Dark);
    check(
        "annotate_compare_light",
        compared(4),
        [1280, 800],
        ThemeChoice::Light,
    );
    check(
        "annotate_compare_alone",
        compared(0),
        [1280, 800],
        ThemeChoice::Dark,
    );
}

#[test]
fn the_comparison_in_small_windows_is_pictured() {
    for (name, tab, size, theme) in [
        (
            "annotate_compare_1280",
            CompareTab::Agreement,
            [1280, 720],
            ThemeChoice::Light,
        ),
        (
            "annotate_compare_1024",
            CompareTab::Agreement,
            [1024, 640],
            ThemeChoice::Light,
        ),
        (
            "annotate_compare_800",
            CompareTab::Agreement,
            [800, 600],
            ThemeChoice::Light,
        ),
        (
            "annotate_compare_800_people",
            CompareTab::Annotators,
            [800, 600],
            ThemeChoice::Dark,
        ),
        (
            "annotate_compare_800_picture",
            CompareTab::Picture,
            [800, 600],
            ThemeChoice::Dark,
        ),
        (
            "annotate_compare_narrow",
            CompareTab::Agreement,
            [480, 720],
            ThemeChoice::Dark,
        ),
    ] {
        let mut state = compared_with_long_names();
        state.run(Command::Annotate(A::ShowTab(tab)));
        check(name, state, size, theme);
    }
}

fn harness(state: AppState) -> Harness<'static, Window> {
    harness_of(state, vec2(1600.0, 1000.0))
}

fn harness_of(state: AppState, size: Vec2) -> Harness<'static, Window> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_max_steps(16)
        .build_ui_state(
            |ui, window: &mut Window| window.frame(ui),
            Window::still(state),
        );
    harness.run_steps(4);
    harness
}

fn press(harness: &mut Harness<'_, Window>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(2);
}

fn click(harness: &mut Harness<'_, Window>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

#[test]
fn from_the_first_rating_to_the_comparison() {
    let state = fixture::state_of(Size {
        annotators: 4,
        ..Size::default()
    });
    let mut harness = harness(state);
    press(&mut harness, Modifiers::COMMAND, Key::Num2);
    assert_eq!(harness.state().state.page, Page::Annotate);

    // Begin: a name, in sequence.
    harness
        .get_by_role_and_label(Role::TextInput, "Name of the annotator")
        .focus();
    harness.run_steps(2);
    harness.event(Event::Text("Ann".to_owned()));
    harness.run_steps(2);
    click(&mut harness, "In sequence");
    click(&mut harness, "Start rating");
    // The window showed samples before the page of annotators, and does not claim otherwise.
    harness.get_by_label("What is hidden was on screen before");

    // Three shots by keys, one taken back.
    for key in [Key::Num5, Key::Num2, Key::Num4] {
        press(&mut harness, Modifiers::NONE, key);
    }
    harness.get_by_label("3 of 174 shots rated");
    harness.get_by_label("Shot 2, rated 2");
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    harness.get_by_label("2 of 174 shots rated");
    harness.get_by_label("Shot 3, not rated");
    press(&mut harness, Modifiers::NONE, Key::S);
    assert_eq!(harness.state().state.current_work().unwrap().at, 3);
    press(&mut harness, Modifiers::NONE, Key::Backspace);
    assert_eq!(harness.state().state.current_work().unwrap().at, 2);

    // Leave, and take it up again where it was.
    press(&mut harness, Modifiers::NONE, Key::Escape);
    harness.get_by_label("Ann: 2 of 174 shots · 1\u{202f}%");
    click(&mut harness, "Continue Ann");
    assert_eq!(harness.state().state.current_work().unwrap().at, 2);

    // The rest, and the others come into sight.
    for shot in 0..172 {
        let rating = 1 + (shot % 5) as u8;
        harness
            .state_mut()
            .state
            .run(Command::Annotate(A::Rate(rating)));
    }
    harness.run_steps(2);
    click(&mut harness, "Finish and see the others");
    harness.state_mut().state.compare_people_now();
    harness.run_steps(2);
    harness.get_by_label("Agreement of each pair of annotators");
    harness.get_by_label_contains("of samples see it your way.");
    // Play what only one of the pair keeps.
    press(&mut harness, Modifiers::NONE, Key::Num4);
    let state = &harness.state().state;
    assert!(state.playback.playing && state.annotate.plays_part);
    let (first, second) = state.compared_sides().unwrap();
    assert_eq!(first, Side::Annotator("Ann".to_owned()));
    let at = state.frame_at_playhead();
    let inside = |side: &Side| {
        state
            .side_ranges(side)
            .iter()
            .any(|range| range.contains(at))
    };
    assert!(inside(&first) && !inside(&second));
}

/// Presses at a place of the row of picks, moves by steps smaller than a drag's threshold, and lets
/// go.
fn drag(harness: &mut Harness<'_, Window>, from: Pos2, to: Pos2) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    harness.event(Event::PointerMoved(from));
    harness.run_steps(1);
    harness.event(button(from, true));
    harness.run_steps(1);
    let steps = 40;
    for step in 1..=steps {
        harness.event(Event::PointerMoved(
            from + (to - from) * step as f32 / steps as f32,
        ));
        harness.run_steps(1);
    }
    harness.event(button(to, false));
    harness.run_steps(2);
}

#[test]
fn a_dragged_pick_keeps_its_beginning_and_its_end() {
    let mut state = annotating("Bo", 0);
    state.run(Command::Annotate(A::ClearPicks));
    let mut harness = harness(state);
    let row = harness.get_by_label("Picks: drag to make one").rect();
    let (from, to) = (
        row.left_center() + vec2(300.0, 0.0),
        row.left_center() + vec2(400.0, 0.0),
    );
    for (from, to) in [(from, to), (to, from)] {
        harness
            .state_mut()
            .state
            .run(Command::Annotate(A::ClearPicks));
        drag(&mut harness, from, to);
        let state = &harness.state().state;
        let session = state.session.as_ref().unwrap();
        let secs = |x: f32| f64::from((x - row.left()) / row.width()) * session.duration_secs();
        let picks = &state.current_work().unwrap().picks;
        assert_eq!(picks.len(), 1, "{picks:?}");
        let frame = |x: f32| session.index.frame_at_secs(secs(x));
        assert!(picks[0].start.abs_diff(frame(from.x.min(to.x))) <= 1);
        assert!(picks[0].end.abs_diff(frame(from.x.max(to.x)) + 1) <= 1);
    }
}

#[test]
fn a_conflict_is_asked_and_settled() {
    use summdiff_explorer::session::people_merge::Offer;
    let mut state = annotating("Bo", 0);
    state.run(Command::Annotate(A::Finish));
    let mut theirs = state.work_of("Bo").unwrap().clone();
    theirs.picks.truncate(1);
    state.take_offer(Offer {
        source: "theirs.summdiff".to_owned(),
        works: vec![theirs],
        ..Offer::default()
    });
    let mut harness = harness(state);
    harness.get_by_label("Merging theirs.summdiff");
    click(&mut harness, "Bo: Keep both");
    click(&mut harness, "Merge");
    let state = &harness.state().state;
    assert_eq!(state.status, "1 annotator from theirs.summdiff");
    assert!(state.work_of("Bo (2)").is_some());
    assert_eq!(
        state.choices.annotations.as_ref().unwrap().annotators.len(),
        2
    );
    harness.get_by_label_contains("Bo (2): Complete");
}

/// The whole of a window.
fn window_rect(size: Vec2) -> Rect {
    Rect::from_min_size(Pos2::ZERO, size)
}

#[test]
fn there_is_a_way_out_of_work_in_every_window() {
    let sizes = [
        (1024.0, 640.0),
        (800.0, 600.0),
        (640.0, 480.0),
        (420.0, 400.0),
    ];
    for (who, below) in [("Ann", "Shot "), ("Bo", "Position in the video")] {
        for (width, height) in sizes {
            let size = vec2(width, height);
            let mut harness = harness_of(annotating(who, 6), size);
            let lowest = harness
                .query_all_by_label_contains(below)
                .map(|node| node.rect().top())
                .fold(height, f32::min);
            for name in ["Pause", "Leave for now", "Finish and see the others"] {
                let rect = harness.get_by_label(name).rect();
                assert!(
                    window_rect(size).contains_rect(rect),
                    "{name} at {rect:?} in {size:?}"
                );
                assert!(rect.bottom() <= lowest, "{name} at {rect:?} in {size:?}");
            }
            click(&mut harness, "Pause");
            assert!(harness.state().state.annotate.paused);
            harness.get_by_label("Go on");
        }
    }
}

#[test]
fn what_was_refused_is_said_in_every_window() {
    for size in [vec2(1024.0, 640.0), vec2(480.0, 520.0), vec2(420.0, 400.0)] {
        let mut state = annotating("Bo", 0);
        state.run(Command::Annotate(A::SetOut));
        let harness = harness_of(state, size);
        let note = harness.get_by_label("Press I where the pick begins first.");
        assert!(window_rect(size).contains_rect(note.rect()));
    }
}

#[test]
fn a_picked_segment_is_offered_to_be_taken_out() {
    let mut state = annotating("Bo", 0);
    state.playback.position_secs = 300.0;
    let mut harness = harness_of(state, vec2(1024.0, 640.0));
    let next = |harness: &Harness<'_, Window>| harness.get_by_label("Begin here").rect();
    let before = next(&harness);
    click(&mut harness, "Take this segment out");
    harness.get_by_label("Pick this segment");
    assert_eq!(next(&harness), before, "the next button jumps");
    assert!(harness.query_by_label("Take this segment out").is_none());
}

#[test]
fn everything_of_the_comparison_is_within_reach_in_every_window() {
    for (width, height) in [
        (1024.0, 640.0),
        (800.0, 600.0),
        (480.0, 720.0),
        (420.0, 400.0),
    ] {
        let size = vec2(width, height);
        let mut harness = harness_of(compared_with_long_names(), size);
        let grid = harness
            .get_by_label("Agreement of each pair of annotators")
            .rect();
        // Smaller windows scroll the cells, and what is out of sight does not count here.
        if width >= 800.0 {
            let least = 13.0 * 12.0;
            assert!(
                grid.width() >= least && grid.height() >= least,
                "cells in {grid:?} in {size:?}"
            );
        }
        // What plays comes into sight.
        press(&mut harness, Modifiers::NONE, Key::Num6);
        assert!(harness.state().state.playback.playing);
        harness.get_by_label_contains("Picture at");
        harness.get_by_label("Time");
        if harness.query_by_label("Show pair").is_some() {
            click(&mut harness, "Show pair");
        }
        let lanes = harness.get_by_label("Position in the comparison").rect();
        assert!(
            window_rect(size).contains_rect(lanes),
            "lanes at {lanes:?} in {size:?}"
        );
        let parts: Vec<Rect> = harness
            .query_all_by_label_contains("Play ")
            .map(|node| node.rect())
            .collect();
        assert!(parts.len() >= 6, "{} buttons in {size:?}", parts.len());
        for rect in parts {
            assert!(
                rect.left() >= 0.0 && rect.right() <= width,
                "button at {rect:?} in {size:?}"
            );
        }
        click(&mut harness, "Show annotators");
        harness.get_by_label_contains("Bo: ");
        harness.get_by_label("All annotators");
    }
}
