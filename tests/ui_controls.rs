//! Every control of the window: it has a name, the keyboard reaches it, and what opens from a
//! dialog lies above it.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use summdiff_explorer::app::Window;
use summdiff_explorer::state::command::Command;
use summdiff_explorer::state::figuring::FigureCommand;
use summdiff_explorer::state::pane::Page;
use summdiff_explorer::state::{AppState, Extent, Overlay};
use summdiff_explorer::testing::fixture;

/// Frames of two seconds, where time is to pass.
fn harness_at(state: AppState, step_secs: f32) -> Harness<'static, Window> {
    let window = Window::still(state);
    let mut harness = Harness::builder()
        .with_size(vec2(1600.0, 1000.0))
        .with_max_steps(16)
        .with_step_dt(step_secs)
        .build_ui_state(|ui, window: &mut Window| window.frame(ui), window);
    harness.run_steps(4);
    harness
}

fn harness(state: AppState) -> Harness<'static, Window> {
    harness_at(state, 1.0 / 60.0)
}

fn press(harness: &mut Harness<'_, Window>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(3);
}

/// Press and release between two frames, as they come where frames are slow.
fn quick_click(harness: &mut Harness<'_, Window>, pos: Pos2) {
    harness.hover_at(pos);
    harness.run_steps(1);
    let events = &mut harness.input_mut().events;
    for pressed in [true, false] {
        events.push(Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
    }
    harness.run_steps(4);
}

#[test]
fn lists_open_above_their_dialog_every_time() {
    let mut harness = harness(fixture::state());
    // Twice in one dialog, and again in a second one.
    for _ in 0..2 {
        press(&mut harness, Modifiers::NONE, Key::E);
        for (name, ending) in [("Matroska video", "mkv"), ("WebM video", "webm")] {
            let list = harness
                .get_by_role_and_label(Role::ComboBox, "Format")
                .rect();
            quick_click(&mut harness, list.center());
            let entry = harness.get_by_label(name).rect();
            quick_click(&mut harness, entry.center());
            match &harness.state().state.overlay {
                Overlay::Export(form) => assert_eq!(form.format, ending),
                other => panic!("the dialog was closed: {other:?}"),
            }
        }
        // A click beside an open list closes the list alone.
        let list = harness
            .get_by_role_and_label(Role::ComboBox, "Format")
            .rect();
        quick_click(&mut harness, list.center());
        harness.get_by_label("QuickTime video");
        quick_click(&mut harness, Pos2::new(20.0, 500.0));
        assert!(harness.query_by_label("QuickTime video").is_none());
        assert!(matches!(harness.state().state.overlay, Overlay::Export(_)));
        press(&mut harness, Modifiers::NONE, Key::Escape);
        assert_eq!(harness.state().state.overlay, Overlay::None);
    }
}

/// Controls that a screen reader meets, without a name.
fn nameless(harness: &Harness<'_, Window>) -> Vec<String> {
    const CONTROLS: [Role; 15] = [
        Role::Button,
        Role::CheckBox,
        Role::ComboBox,
        Role::DisclosureTriangle,
        Role::Image,
        Role::Link,
        Role::MenuItem,
        Role::MultilineTextInput,
        Role::ProgressIndicator,
        Role::RadioButton,
        Role::Slider,
        Role::SpinButton,
        Role::Tab,
        Role::TextInput,
        Role::ColorWell,
    ];
    let mut found = Vec::new();
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        let named = node.label().is_some_and(|name| !name.trim().is_empty());
        if CONTROLS.contains(&node.role()) && !named && !node.is_hidden() {
            found.push(format!("{:?} at {:?}", node.role(), node.raw_bounds()));
        }
    }
    found
}

#[test]
fn every_control_has_a_name() {
    let mut seen = 0;
    for page in [Page::Explore, Page::Annotate] {
        for overlay in [
            None,
            Some(Command::Palette),
            Some(Command::CheatSheet),
            Some(Command::Settings),
            Some(Command::GoToTime),
            Some(Command::OpenExport(None)),
            Some(Command::OpenVideo),
        ] {
            for width in [1600.0, 800.0] {
                let mut harness = harness(fixture::state());
                harness.set_size(vec2(width, 1000.0));
                harness.state_mut().state.run(Command::ShowPage(page));
                harness.run_steps(4);
                if let Some(overlay) = overlay.clone() {
                    harness.state_mut().state.run(overlay);
                }
                harness.run_steps(6);
                let without = nameless(&harness);
                assert!(without.is_empty(), "{page:?}, {overlay:?}: {without:?}");
                seen += harness.root().children_recursive().count();
            }
        }
    }
    assert!(seen > 1000, "{seen} nodes");
    let welcome = harness(AppState::default());
    assert_eq!(nameless(&welcome), Vec::<String>::new());
}

/// Pairs of texts and controls that lie on each other, with the place of each.
fn on_each_other(harness: &Harness<'_, Window>) -> Vec<String> {
    const TEXTS: [Role; 7] = [
        Role::Button,
        Role::CheckBox,
        Role::ComboBox,
        Role::Label,
        Role::Link,
        Role::Slider,
        Role::TextInput,
    ];
    let mut found: Vec<(String, egui::Rect)> = Vec::new();
    let mut pairs = Vec::new();
    for node in harness.root().children_recursive() {
        let inner = node.accesskit_node();
        let is_text = TEXTS.contains(&inner.role()) && !inner.is_hidden();
        let name = (inner.value().filter(|_| inner.role() == Role::Label)).or(inner.label());
        // The playhead's surface lies under all of the timeline.
        let is_surface = |name: &str| name.starts_with("Timeline position");
        let Some(name) =
            name.filter(|name| is_text && !name.trim().is_empty() && !is_surface(name))
        else {
            continue;
        };
        let rect = node.rect();
        for (other, place) in &found {
            let shared = rect.intersect(*place);
            // What a line touches is not covered, and a text inside of its own control is no other
            // one.
            let is_inside = place.contains_rect(rect) || rect.contains_rect(*place);
            if shared.width() > 2.0 && shared.height() > 4.0 && !is_inside {
                pairs.push(format!("{other} {place:?} and {name} {rect:?}"));
            }
        }
        found.push((name, rect));
    }
    pairs
}

#[test]
fn nothing_lies_on_anything_else() {
    let mut seen = 0;
    for size in [
        [800.0, 600.0],
        [1280.0, 720.0],
        [1600.0, 1000.0],
        [2560.0, 1440.0],
    ] {
        let mut harness = harness(fixture::state());
        harness.set_size(vec2(size[0], size[1]));
        harness.run_steps(6);
        for change in ["as opened", "lassoed", "edited"] {
            let lassoed = FigureCommand::Lasso((0..30).collect());
            match change {
                "lassoed" => harness.state_mut().state.run(Command::Figure(lassoed)),
                "edited" => press(&mut harness, Modifiers::NONE, Key::A),
                _ => {}
            }
            harness.run_steps(6);
            let wrong = on_each_other(&harness);
            assert!(wrong.is_empty(), "{size:?} {change}: {wrong:#?}");
            seen += harness.root().children_recursive().count();
        }
    }
    assert!(seen > 1000, "{seen} nodes");
}

/// Name and left edge of what has the focus.
fn focused(harness: &Harness<'_, Window>) -> Option<(String, egui::Rect)> {
    let mut nodes = harness.root().children_recursive();
    let node = nodes.find(|node| node.is_focused())?;
    let name = node.accesskit_node().label().unwrap_or_default();
    Some((name, node.rect()))
}

#[test]
fn tab_goes_through_every_control_from_left_to_right() {
    let mut harness = harness(fixture::state());
    let mut names = Vec::new();
    let mut bar: Vec<f32> = Vec::new();
    for _ in 0..250 {
        press(&mut harness, Modifiers::NONE, Key::Tab);
        let Some((name, rect)) = focused(&harness) else {
            continue;
        };
        if names.first() == Some(&name) {
            break;
        }
        if rect.bottom() < 56.0 && rect.height() > 20.0 {
            bar.push(rect.left());
        }
        names.push(name);
    }
    for wanted in [
        "Explore",
        "Samples",
        "New draw · 7",
        "Commands",
        "Play summary A",
        "Pin: A",
        "Export…: D",
        "Timeline position, seconds",
    ] {
        assert!(
            names.iter().any(|name| name == wanted),
            "{wanted} in {names:?}"
        );
    }
    assert!(bar.len() > 4 && bar.is_sorted(), "{bar:?}");
    // And back again.
    let last = focused(&harness);
    press(&mut harness, Modifiers::SHIFT, Key::Tab);
    press(&mut harness, Modifiers::NONE, Key::Tab);
    assert_eq!(focused(&harness), last);
}

#[test]
fn a_focused_control_is_pressed_by_enter() {
    let mut harness = harness(fixture::state());
    harness.get_by_label("Pin: B").focus();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(harness.state().state.is_pinned(1));
}

#[test]
fn what_happened_leaves_the_status_line_after_a_while() {
    let mut harness = harness_at(fixture::state(), 2.0);
    harness.state_mut().state.status = "Pinned A".to_owned();
    harness.run_steps(3);
    assert_eq!(harness.state().state.status, "Pinned A");
    harness.run_steps(8);
    assert_eq!(harness.state().state.status, "");
}

#[test]
fn the_large_player_comes_and_goes() {
    let mut harness = harness(fixture::state());
    press(&mut harness, Modifiers::COMMAND, Key::Enter);
    assert!(harness.query_by_label_contains("Alternative A:").is_none());
    let picture = harness.get_by_label_contains("Picture at").rect();
    assert!(picture.width() > 1500.0, "{picture}");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    harness.get_by_label_contains("Alternative A:");
    let picture = harness.get_by_label_contains("Picture at").rect();
    for _ in 0..2 {
        quick_click(&mut harness, picture.center());
    }
    assert!(harness.state().state.large_player);
    assert!(!harness.state().state.playback.playing);
}

#[test]
fn a_looped_summary_begins_again() {
    let mut harness = harness(fixture::state());
    press(&mut harness, Modifiers::SHIFT, Key::L);
    press(&mut harness, Modifiers::SHIFT, Key::Home);
    let state = &mut harness.state_mut().state;
    assert!(state.playback.playing && state.playback.extent == Extent::Summary);
    let ranges = state.extent_secs().unwrap();
    let (start, end) = (ranges[0].0, ranges.last().unwrap().1);
    state.playback.position_secs = end - 0.01;
    state.advance_clock(0.05);
    assert!(state.playback.playing);
    assert_eq!(state.playback.position_secs, start);
    state.run(Command::ToggleLoop);
    state.playback.position_secs = end - 0.01;
    state.advance_clock(0.05);
    assert!(!state.playback.playing);
}

fn pieces(harness: &Harness<'_, Window>) -> Vec<summdiff_explorer::domain::FrameRange> {
    harness.state().state.chosen_pieces()
}

#[test]
fn keys_edit_the_summary_and_it_gets_a_card_of_its_own() {
    let mut harness = harness(fixture::state());
    let before = pieces(&harness);
    let state = &mut harness.state_mut().state;
    let index = state.session.as_ref().unwrap().index.clone();
    let inside = index.secs_from_frame(before[0].start + 10);
    state.run(Command::SeekTo(inside));
    press(&mut harness, Modifiers::NONE, Key::B);
    assert_eq!(pieces(&harness).len(), before.len() + 1);
    press(&mut harness, Modifiers::NONE, Key::Delete);
    assert_eq!(pieces(&harness)[0].end, before[0].start + 10);
    harness.get_by_label_contains("edit 1 of A, edited by hand:");
    harness.get_by_label("Play edit 1");
    harness.get_by_label("Export…: edit 1").click();
    harness.run_steps(3);
    match &harness.state().state.overlay {
        Overlay::Export(form) => assert!(form.path.ends_with("_edit_1.mp4"), "{}", form.path),
        other => panic!("{other:?}"),
    }
    press(&mut harness, Modifiers::NONE, Key::Escape);
    for _ in 0..2 {
        press(&mut harness, Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(pieces(&harness), before);
    assert!(harness.query_by_label_contains("edited by hand").is_none());
}

#[test]
fn edges_are_dragged_on_the_lane() {
    let mut harness = harness(fixture::state());
    let before = pieces(&harness);
    let session = harness.state().state.session.as_ref().unwrap();
    let (duration, index) = (session.duration_secs(), session.index.clone());
    let edge = harness.get_by_label("End of piece 1").rect();
    let lane = harness.get_by_label("Alternative A on the timeline").rect();
    harness.drag_at(edge.center());
    harness.run_steps(2);
    for step in 1..=6 {
        harness.hover_at(edge.center() + vec2(-2.0 * step as f32, 0.0));
        harness.run_steps(2);
    }
    let to = edge.center() + vec2(-12.0, 0.0);
    harness.drop_at(to);
    harness.run_steps(3);
    let after = pieces(&harness);
    assert_eq!(harness.state().state.choices.edits.len(), 1);
    assert_eq!(after[0].start, before[0].start);
    assert!(after[0].end < before[0].end, "{after:?}");
    // Where the pointer let go, or what it snapped to there.
    let secs = index.secs_from_frame(after[0].end);
    let dropped = f64::from(to.x - lane.left()) / f64::from(lane.width()) * duration;
    let reach = 8.0 / f64::from(lane.width()) * duration;
    assert!((secs - dropped).abs() < reach, "{secs} and {dropped}");
    // One gesture is one step.
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(pieces(&harness), before);
}

/// A button of the pointer, pressed or released at a place.
fn primary(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    }
}

#[test]
fn an_edge_is_taken_where_it_was_pressed_however_slow_frames_are() {
    let mut harness = harness(fixture::state());
    let before = pieces(&harness);
    let position = harness.state().state.playback.position_secs;
    let edge = harness.get_by_label("End of piece 1").rect().center();
    harness.hover_at(edge);
    harness.run_steps(2);
    // A press alone changes nothing.
    for pressed in [true, false] {
        harness.input_mut().events.push(primary(edge, pressed));
        harness.run_steps(2);
    }
    assert!(harness.state().state.choices.edits.is_empty());
    harness.state_mut().state.run(Command::SeekTo(position));
    // Pressed, and far away already, between two frames.
    let to = edge - vec2(40.0, 0.0);
    let events = &mut harness.input_mut().events;
    events.push(primary(edge, true));
    events.push(Event::PointerMoved(to));
    harness.run_steps(2);
    harness.input_mut().events.push(primary(to, false));
    harness.run_steps(3);
    let after = pieces(&harness);
    assert_eq!(harness.state().state.choices.edits.len(), 1);
    assert_eq!(after[0].start, before[0].start);
    assert!(after[0].end < before[0].end, "{after:?}");
    // What comes next is no drag of the edge.
    harness.hover_at(to - vec2(100.0, 0.0));
    harness.run_steps(3);
    assert_eq!(pieces(&harness), after);
}

#[test]
fn a_lasso_is_drawn_however_slow_frames_are() {
    let mut harness = harness(fixture::state());
    let plot = harness
        .get_by_role_and_label(Role::Button, "Plot options")
        .rect();
    let plot = egui::Rect::from_min_max(
        Pos2::new(plot.right() - 280.0, plot.bottom() + 10.0),
        Pos2::new(plot.right() - 10.0, plot.bottom() + 220.0),
    );
    harness.hover_at(plot.left_top());
    harness.run_steps(2);
    let shift = Modifiers::SHIFT;
    let events = &mut harness.input_mut().events;
    events.push(Event::ModifiersChanged(shift));
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: shift,
    };
    let events = &mut harness.input_mut().events;
    events.push(button(plot.left_top(), true));
    for corner in [plot.right_top(), plot.right_bottom(), plot.left_bottom()] {
        events.push(Event::PointerMoved(corner));
    }
    harness.run_steps(2);
    let events = &mut harness.input_mut().events;
    events.push(button(plot.left_bottom(), false));
    harness.run_steps(3);
    let group = harness
        .state()
        .state
        .lassoed()
        .cloned()
        .expect("samples are caught");
    assert!(group.samples.len() > 20, "{}", group.samples.len());
    // A press without a way lets nothing go.
    for pressed in [true, false] {
        let events = &mut harness.input_mut().events;
        events.push(button(plot.center(), pressed));
        harness.run_steps(2);
    }
    assert_eq!(harness.state().state.lassoed(), Some(&group));
}

#[test]
fn the_secondary_button_offers_what_can_be_done_there() {
    let mut harness = harness(fixture::state());
    let before = pieces(&harness);
    let lane = harness.get_by_label("Alternative A on the timeline").rect();
    let session = harness.state().state.session.as_ref().unwrap();
    let middle = session
        .index
        .secs_from_frame((before[0].start + before[0].end) / 2);
    let x = lane.left() + (middle / session.duration_secs()) as f32 * lane.width();
    let at = Pos2::new(x, lane.center().y);
    harness.hover_at(at);
    harness.run_steps(1);
    for pressed in [true, false] {
        harness.event(Event::PointerButton {
            pos: at,
            button: PointerButton::Secondary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        harness.run_steps(2);
    }
    harness
        .get_by_label("Take this piece out of the summary")
        .click();
    harness.run_steps(3);
    assert_eq!(pieces(&harness), before[1..]);
}
