//! The window, driven through accessible names as a screen reader or a test robot would.

#[path = "common/pointer.rs"]
mod pointer;

use std::collections::VecDeque;
use std::sync::Arc;

use self::pointer::click_at;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use parking_lot::Mutex;
use summdiff_explorer::app::{Backend, Window};
use summdiff_explorer::domain::{BundleDefaults, DrawSettings, Letter, Timings};
use summdiff_explorer::jobs::Progress;
use summdiff_explorer::pipeline::{Capabilities, Event, Failure};
use summdiff_explorer::session::Summarised;
use summdiff_explorer::state::command::Command;
use summdiff_explorer::state::pane::Pane;
use summdiff_explorer::state::{AppState, Extent, Overlay, Request};
use summdiff_explorer::testing::fixture::{self, Size};

#[path = "ui_window/finishing.rs"]
mod finishing;
#[path = "ui_window/steering.rs"]
mod steering;

/// Notes what it is asked for and reports what it is told to.
#[derive(Clone, Default)]
struct Recorder {
    asked: Arc<Mutex<Vec<Request>>>,
    events: Arc<Mutex<VecDeque<Event>>>,
}

impl Backend for Recorder {
    fn send(&mut self, request: Request) {
        self.asked.lock().push(request);
    }

    fn poll(&mut self) -> Option<Event> {
        self.events.lock().pop_front()
    }
}

fn harness(state: AppState) -> (Harness<'static, Window>, Recorder) {
    let recorder = Recorder::default();
    let window = Window::new(state, Box::new(recorder.clone()), None, || {});
    let mut harness = Harness::builder()
        .with_size(vec2(1600.0, 1000.0))
        .with_max_steps(16)
        .build_ui_state(|ui, window: &mut Window| window.frame(ui), window);
    harness.run_steps(4);
    (harness, recorder)
}

fn press(harness: &mut Harness<'_, Window>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(2);
}

#[test]
fn a_click_on_a_card_selects_everywhere_and_undo_takes_it_back() {
    let (mut harness, _) = harness(fixture::state());
    harness.get_by_label_contains("Alternative C:").click();
    harness.run_steps(2);
    assert_eq!(harness.state().state.chosen_alternative(), Some(2));
    // The player's button follows.
    harness.get_by_label("Play summary C");
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().state.chosen_alternative(), Some(0));
    press(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(harness.state().state.chosen_alternative(), Some(2));
}

#[test]
fn keys_switch_alternatives_play_and_step() {
    let (mut harness, _) = harness(fixture::state());
    press(&mut harness, Modifiers::NONE, Key::Num2);
    assert_eq!(harness.state().state.chosen_alternative(), Some(1));
    press(&mut harness, Modifiers::SHIFT, Key::D);
    assert_eq!(harness.state().state.chosen_alternative(), Some(3));
    let before = harness.state().state.playback.position_secs;
    press(&mut harness, Modifiers::NONE, Key::Period);
    let step = harness.state().state.playback.position_secs - before;
    assert!(step > 0.0 && step < 0.05, "one frame, not {step} s");
    press(&mut harness, Modifiers::NONE, Key::Home);
    assert_eq!(harness.state().state.playback.position_secs, 0.0);
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert!(harness.state().state.playback.playing);
    press(&mut harness, Modifiers::NONE, Key::K);
    assert!(!harness.state().state.playback.playing);
    press(&mut harness, Modifiers::SHIFT, Key::Space);
    let state = &harness.state().state;
    assert!(state.playback.playing && state.playback.extent == Extent::Summary);
    let ranges = state
        .session
        .as_ref()
        .unwrap()
        .summary_secs(state.chosen().unwrap());
    let at = state.playback.position_secs;
    assert!(
        ranges.iter().any(|(start, end)| *start <= at && at <= *end),
        "plays inside the summary"
    );
}

#[test]
fn the_budget_asks_for_a_selection_and_new_draw_for_samples() {
    let (mut harness, recorder) = harness(fixture::state());
    press(&mut harness, Modifiers::COMMAND, Key::CloseBracket);
    let budget = harness.state().state.choices.settings.budget;
    assert!((budget - 0.16).abs() < 1e-9, "budget {budget}");
    assert!(
        recorder
            .asked
            .lock()
            .iter()
            .any(|request| matches!(request, Request::Budget(_)))
    );
    harness.get_by_label("New draw · 7").click();
    harness.run_steps(2);
    assert!(
        recorder
            .asked
            .lock()
            .iter()
            .any(|request| matches!(request, Request::Draw(settings) if settings.seed == 8))
    );
    // The old draw stays on screen until the next one is there.
    assert!(harness.state().state.draw().is_some());
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().state.choices.settings.seed, 7);
}

#[test]
fn single_keys_rest_while_text_is_typed() {
    let (mut harness, _) = harness(fixture::state());
    press(&mut harness, Modifiers::COMMAND, Key::P);
    assert_eq!(harness.state().state.overlay, Overlay::Palette);
    harness.event(egui::Event::Text("zoom".to_owned()));
    press(&mut harness, Modifiers::NONE, Key::Z);
    assert_eq!(harness.state().state.overlay, Overlay::Palette);
    assert!(!harness.state().state.playback.playing);
    harness.get_by_label("Zoom in");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().state.overlay, Overlay::None);
    assert!(
        harness.state().state.timeline.window_secs.is_some(),
        "the command ran"
    );
}

#[test]
fn the_timeline_seeks_zooms_and_fits() {
    let (mut harness, _) = harness(fixture::state());
    let surface = harness.get_by_label("Timeline position, seconds").rect();
    let at = Pos2::new(surface.left() + surface.width() / 2.0, surface.top() + 40.0);
    click_at(&mut harness, at);
    let duration = harness
        .state()
        .state
        .session
        .as_ref()
        .unwrap()
        .duration_secs();
    let position = harness.state().state.playback.position_secs;
    assert!((position - duration / 2.0).abs() < 1.0, "{position}");
    harness.hover_at(at);
    for _ in 0..3 {
        harness.event(egui::Event::Zoom(1.5));
        harness.run_steps(1);
    }
    let (start, span) = harness.state().state.timeline_window_secs();
    assert!(span < duration / 3.0);
    // The time under the pointer stayed there.
    assert!((start + span / 2.0 - position).abs() < 1.0);
    press(&mut harness, Modifiers::NONE, Key::Z);
    assert_eq!(harness.state().state.timeline.window_secs, None);
}

#[test]
fn dragging_on_the_ruler_makes_a_range() {
    let (mut harness, _) = harness(fixture::state());
    let ruler = harness.get_by_label("Ruler: drag to choose a range").rect();
    let from = Pos2::new(ruler.left() + 200.0, ruler.center().y);
    harness.drag_at(from);
    harness.run_steps(1);
    for step in 1..=5 {
        harness.hover_at(from + vec2(40.0 * step as f32, 0.0));
        harness.run_steps(1);
    }
    harness.drop_at(from + vec2(200.0, 0.0));
    harness.run_steps(2);
    let (start, end) = harness.state().state.choices.range_secs.expect("a range");
    let secs_per_point = 347.0 / f64::from(ruler.width());
    assert!(
        ((end - start) - 200.0 * secs_per_point).abs() < 4.0,
        "{start}..{end}"
    );
    press(&mut harness, Modifiers::NONE, Key::Backspace);
    assert_eq!(harness.state().state.choices.range_secs, None);
}

#[test]
fn pin_reject_and_more_like_this_do_what_they_say() {
    let (mut harness, _) = harness(fixture::state());
    harness.get_by_label("Pin: B").click();
    harness.run_steps(2);
    assert!(harness.state().state.is_pinned(1));
    harness.get_by_label("Reject: D").click();
    harness.run_steps(2);
    assert!(harness.state().state.is_rejected(3));
    harness.get_by_label("Bring back: D").click();
    harness.run_steps(2);
    assert!(!harness.state().state.is_rejected(3));
    harness.get_by_label("More like this: C").click();
    harness.run_steps(2);
    assert!(
        harness
            .state()
            .state
            .timeline
            .open_lanes
            .contains(&Letter(2))
    );
    harness.get_by_label("Hide samples of C");
}

#[test]
fn export_asks_for_the_chosen_summary_and_never_the_source() {
    let (mut harness, recorder) = harness(fixture::state());
    harness.get_by_label("Export…: B").click();
    harness.run_steps(3);
    let Overlay::Export(form) = harness.state().state.overlay.clone() else {
        panic!("the export dialog is open");
    };
    assert!(
        form.path.ends_with("harbour_day_summary_B.mp4"),
        "{}",
        form.path
    );
    harness
        .get_by_role_and_label(Role::Button, "Export")
        .click();
    harness.run_steps(2);
    let asked = recorder.asked.lock().clone();
    assert!(asked.iter().any(|request| matches!(
        request,
        Request::Export(asked) if asked.summary == form.summary && asked.path != "/films/harbour_day.mp4"
    )));
}

#[test]
fn the_export_dialog_states_what_copying_keeps_and_offers_tracks() {
    use summdiff_explorer::media::cut::ExportMode;
    use summdiff_explorer::media::cut::{Copying, Foreseen, TrackChoice, TrackName};

    let track = |number, name: &str| TrackName {
        number,
        name: name.to_owned(),
    };

    let (mut harness, recorder) = harness(fixture::state());
    harness.get_by_label("Export…: B").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Copy").click();
    harness.run_steps(3);
    harness.get_by_label_contains("Looking for the groups of pictures");
    let state = &mut harness.state_mut().state;
    let question = state.export_question().unwrap();
    assert_eq!(question.mode, ExportMode::Copy);
    let foreseen = |asked_secs, kept_secs| Foreseen {
        sounds: vec![track(1, "1 (eng)"), track(2, "2 (deu)")],
        subtitles: vec![track(1, "1 (eng)")],
        has_finer_colours: true,
        copying: Some(Copying::Widens {
            asked_secs,
            kept_secs,
        }),
        ..Foreseen::default()
    };
    state.foresight = Some((question.clone(), Ok(foreseen(45.0, 98.0))));
    harness.run_steps(3);
    harness.get_by_label("The clip will last 1:38 instead of 0:45.");
    // An answer to another question is none.
    harness
        .state_mut()
        .state
        .foresight
        .as_mut()
        .unwrap()
        .0
        .ranges = Vec::new();
    harness.run_steps(3);
    harness.get_by_label_contains("Looking for the groups of pictures");
    harness.state_mut().state.foresight = Some((question, Ok(foreseen(45.0, 45.0))));
    let choice = |harness: &Harness<'_, Window>, label| {
        harness.get_by_role_and_label(Role::CheckBox, label).click();
    };
    for (list, wanted) in [
        ("Sound", "All tracks"),
        ("Sound", "2 (deu)"),
        ("Subtitles", "Left out"),
    ] {
        harness.get_by_role_and_label(Role::ComboBox, list).click();
        harness.run_steps(3);
        harness.get_by_role_and_label(Role::Button, wanted).click();
        harness.run_steps(3);
    }
    harness.get_by_role_and_label(Role::Button, "Exact").click();
    harness.run_steps(3);
    choice(&harness, "High quality");
    harness.run_steps(3);
    let state = &mut harness.state_mut().state;
    let question = state.export_question().unwrap();
    state.foresight = Some((question, Ok(foreseen(45.0, 45.0))));
    harness.run_steps(3);
    harness.get_by_label_contains("about ");
    choice(&harness, "Chapters");
    harness.run_steps(3);
    harness
        .get_by_role_and_label(Role::Button, "Export")
        .click();
    harness.run_steps(2);
    let asked = recorder.asked.lock().clone();
    assert!(asked.iter().any(|request| matches!(
        request,
        Request::Export(form) if form.sounds == TrackChoice::number(2) && form.subtitles == TrackChoice::None && form.high_quality && form.chapters && form.mode == ExportMode::Exact
    )));
}

#[test]
fn enter_exports_and_escape_writes_nothing() {
    let exports = |recorder: &Recorder| {
        let asked = recorder.asked.lock();
        asked
            .iter()
            .filter(|request| matches!(request, Request::Export(_)))
            .count()
    };
    let (mut harness, recorder) = harness(fixture::state());
    press(&mut harness, Modifiers::NONE, Key::E);
    assert!(matches!(harness.state().state.overlay, Overlay::Export(_)));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().state.overlay, Overlay::None);
    assert_eq!(exports(&recorder), 0);
    press(&mut harness, Modifiers::NONE, Key::E);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().state.overlay, Overlay::None);
    assert_eq!(exports(&recorder), 1);
    // From the field of the name, too.
    press(&mut harness, Modifiers::NONE, Key::E);
    harness.get_by_label("File to write").click();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(exports(&recorder), 2);
    // Enter on a control is that control's.
    press(&mut harness, Modifiers::NONE, Key::E);
    harness
        .get_by_role_and_label(Role::Button, "Cancel")
        .focus();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().state.overlay, Overlay::None);
    assert_eq!(exports(&recorder), 2);
}

#[test]
fn two_summaries_are_compared_and_flipped() {
    let (mut harness, _) = harness(fixture::state());
    harness.get_by_label("Compare with A: C").click();
    harness.run_steps(2);
    assert_eq!(harness.state().state.chosen_alternative(), Some(2));
    let pair = harness.state().state.timeline.pair.unwrap();
    harness.get_by_label("Close the comparison");
    press(&mut harness, Modifiers::NONE, Key::X);
    assert_eq!(harness.state().state.chosen_alternative(), Some(0));
    assert_eq!(harness.state().state.timeline.pair, Some(pair));
    // While the summary plays, the player goes on with the other one.
    press(&mut harness, Modifiers::SHIFT, Key::Space);
    press(&mut harness, Modifiers::NONE, Key::X);
    let state = &harness.state().state;
    assert!(state.playback.playing && state.playback.extent == Extent::Summary);
    assert_eq!(state.chosen_alternative(), Some(2));
    harness.get_by_label("Pause summary C");
}

#[test]
fn panels_are_hidden_and_brought_back() {
    let (mut harness, _) = harness(fixture::state());
    press(&mut harness, Modifiers::COMMAND, Key::P);
    harness
        .get_by_label("Find a command")
        .type_text("hide matches");
    harness.run_steps(3);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    harness.run_steps(4);
    assert!(!harness.state().state.shown_panes.contains(&Pane::Matches));
    assert!(harness.query_by_label_contains("Matches of").is_none());
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    harness.get_by_label("Show or hide: matches").click();
    harness.run_steps(3);
    assert_eq!(harness.state().state.shown_panes, Pane::AT_FIRST);
}

#[test]
fn reasons_are_listed_beside_the_rest_and_a_press_goes_to_the_segment() {
    let (mut harness, _) = harness(fixture::state());
    assert!(harness.query_by_label("Left out").is_none());
    let reasons = Command::TogglePane(Pane::Reasons);
    harness.state_mut().state.run(reasons);
    harness.run_steps(4);
    assert_eq!(harness.state().state.shown_panes, Pane::ALL);
    let entries = |harness: &Harness<'_, Window>| -> Vec<String> {
        let nodes = harness.query_all_by_label_contains("Segment ");
        nodes
            .filter_map(|node| node.accesskit_node().label())
            .filter(|name| name.contains('·') && name.contains(':'))
            .collect()
    };
    // The list goes with the playhead.
    harness.state_mut().state.run(Command::SeekTo(0.0));
    harness.run_steps(3);
    let first = entries(&harness);
    assert!(first[0].starts_with("Segment 1 · 0:00–"), "{first:?}");
    harness.get_by_label("Left out").click();
    harness.run_steps(3);
    let out = entries(&harness);
    assert!(!out.is_empty() && out.iter().all(|name| name.contains(": out")));
    harness.get_by_label(&out[1]).click();
    harness.run_steps(3);
    let state = &harness.state().state;
    let here = (state.session.as_ref().unwrap()).segment_at(state.playback.position_secs);
    let number = here.unwrap() + 1;
    assert!(out[1].starts_with(&format!("Segment {number} ")), "{out:?}");
}

#[test]
fn a_range_says_what_is_kept_of_it_and_can_be_zoomed() {
    let (mut harness, _) = harness(fixture::state());
    harness
        .state_mut()
        .state
        .run(Command::SetRange(Some((60.0, 120.0))));
    let status = harness.state().state.status.clone();
    assert!(status.contains("60.0 s · this summary keeps"), "{status}");
    press(&mut harness, Modifiers::SHIFT, Key::Z);
    assert_eq!(harness.state().state.timeline_window_secs(), (60.0, 60.0));
    press(&mut harness, Modifiers::NONE, Key::Z);
    assert_eq!(harness.state().state.timeline_window_secs().0, 0.0);
}

#[test]
fn settings_follow_the_bundle_until_they_are_set_by_hand() {
    let mut state = fixture::state();
    let with = |steps, guidance| Event::Ready {
        capabilities: Capabilities::default(),
        stated: Some(BundleDefaults {
            guidance,
            steps,
            eta: 0.0,
        }),
    };
    state.handle(with(20, 0.3));
    let shown = |state: &AppState| {
        let settings = &state.choices.settings;
        (settings.steps, settings.guidance, settings.eta)
    };
    assert_eq!(shown(&state), (20, 0.3, 0.0));
    state.run(Command::SetSettings {
        settings: DrawSettings {
            steps: 50,
            ..state.choices.settings.clone()
        },
        what: "steps",
    });
    // Another bundle: its guidance, but the steps that were asked for.
    state.handle(with(30, 0.6));
    assert_eq!(shown(&state), (50, 0.6, 0.0));
    state.run(Command::Undo);
    assert_eq!(shown(&state), (30, 0.6, 0.0));
}

#[test]
fn the_end_of_a_draw_tells_all_samples_though_some_are_on_their_way() {
    let mut state = fixture::state();
    let session = state.session.as_mut().unwrap();
    let draw = Arc::make_mut(session.draw.as_mut().unwrap());
    draw.partial = true;
    draw.settings.samples = 250;
    state.handle(Event::Done(Timings::default()));
    assert!(state.status.contains("250 samples"), "{}", state.status);
}

#[test]
fn a_range_is_played_alone() {
    let (mut harness, _) = harness(fixture::state());
    press(&mut harness, Modifiers::NONE, Key::P);
    assert!(
        harness
            .state()
            .state
            .status
            .starts_with("There is no range")
    );
    let state = &mut harness.state_mut().state;
    state.run(Command::SetRange(Some((60.0, 120.0))));
    press(&mut harness, Modifiers::NONE, Key::P);
    let state = &mut harness.state_mut().state;
    assert!(state.playback.playing && state.playback.extent == Extent::Range);
    assert!((60.0..61.0).contains(&state.playback.position_secs));
    state.advance_clock(59.9);
    assert!(!state.playback.playing, "stops at the range's end");
    // Without the range all is played again.
    state.run(Command::SetRange(None));
    assert_eq!(state.playback.extent, Extent::Video);
}

#[test]
fn every_one_of_eight_letters_fits() {
    let mut state = fixture::state();
    let session = state.session.as_mut().unwrap();
    let draw = Arc::make_mut(session.draw.as_mut().unwrap());
    let first = draw.alternatives[0].clone();
    draw.alternatives.resize(8, first);
    for (sample, kind) in draw.alternatives.iter_mut().enumerate() {
        kind.label = Letter(sample as u8).label();
        kind.medoid_sample = sample;
        kind.members = vec![sample];
    }
    let (mut crowded, _) = harness(state);
    crowded.run_steps(2);
    for letter in 'A'..='H' {
        crowded.get_by_label(&format!("Switch to {letter}"));
    }
    let last = crowded.get_by_label("Switch to H").rect();
    let speed = crowded.get_by_label("Speed").rect();
    assert!(last.right() <= speed.left(), "{last} and {speed}");
    crowded.get_by_label("Sound");
}

#[test]
fn times_are_written_as_chosen() {
    let (mut harness, _) = harness(fixture::state());
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    harness.get_by_label("Timecode").click();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    harness.state_mut().state.run(Command::SeekTo(2.5));
    let state = &harness.state().state;
    assert_eq!(state.time_text(2.5), "00:00:02:12");
}

#[test]
fn nothing_open_offers_the_demo_and_a_path() {
    let (mut harness, recorder) = harness(AppState::default());
    harness.get_by_label("Try the demo");
    harness.get_by_label("Open a video…");
    harness.get_by_label("Path of a video").focus();
    harness.run_steps(1);
    harness.event(egui::Event::Text("/films/other.mkv".to_owned()));
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    harness.run_steps(2);
    assert!(recorder.asked.lock().iter().any(
        |request| matches!(request, Request::Open { path, .. } if path.ends_with("other.mkv"))
    ));
}

#[test]
fn an_error_says_what_to_do_and_can_be_copied() {
    let (mut harness, recorder) = harness(AppState::default());
    harness.state_mut().state.opening = Some("/films/broken.mp4".into());
    recorder.events.lock().push_back(Event::Failed(Failure {
        stage: "Reading the video",
        message: "broken.mp4 was cut off before its index was written; repair it with the recorder that made it".to_owned(),
        retry: true,
    }));
    harness.run_steps(3);
    harness.get_by_label("Reading the video did not work.");
    harness.get_by_label_contains("repair it");
    harness.get_by_label("Copy report").click();
    harness.run_steps(2);
    harness.get_by_label("Try again").click();
    harness.run_steps(2);
    assert!(
        recorder
            .asked
            .lock()
            .iter()
            .any(|request| matches!(request, Request::Open { .. }))
    );
}

#[test]
fn progress_is_shown_and_can_be_cancelled() {
    let (mut harness, recorder) = harness(fixture::state());
    recorder.events.lock().push_back(Event::Progress(Progress {
        stage: "Reading frames",
        fraction: Some(0.4),
        eta_secs: Some(12.0),
    }));
    harness.run_steps(2);
    harness.get_by_label("about 12 s left");
    harness.get_by_label("Cancel").click();
    harness.run_steps(2);
    assert!(recorder.asked.lock().contains(&Request::Cancel));
    assert!(
        harness.state().state.draw().is_some(),
        "what was there stays"
    );
}

#[test]
fn every_control_has_a_name() {
    for state in [fixture::state(), AppState::default()] {
        let (harness, _) = harness(state);
        let mut nameless = Vec::new();
        for node in harness.root().children_recursive() {
            let node = node.accesskit_node();
            let needs_name = matches!(
                node.role(),
                Role::Button
                    | Role::CheckBox
                    | Role::Slider
                    | Role::SpinButton
                    | Role::TextInput
                    | Role::ComboBox
            );
            let named = node.label().is_some_and(|label| !label.trim().is_empty())
                || node.labelled_by().next().is_some();
            if needs_name && !named {
                nameless.push(format!("{:?} at {:?}", node.role(), node.bounding_box()));
            }
        }
        assert!(nameless.is_empty(), "without a name: {nameless:#?}");
    }
}

#[test]
fn a_narrow_window_has_tabs() {
    let (mut harness, _) = harness(fixture::state());
    harness.set_size(vec2(640.0, 800.0));
    harness.run_steps(4);
    harness.get_by_label("Distribution").click();
    harness.run_steps(3);
    harness.get_by_label_contains("Distribution of 100 samples");
}

#[test]
fn the_draw_can_be_set_at_every_width() {
    for width in [1600.0f32, 1280.0, 1024.0, 800.0, 640.0, 560.0, 420.0] {
        let (mut harness, _) = harness(fixture::state());
        harness.set_size(vec2(width, 700.0));
        harness.run_steps(4);
        if width >= 1024.0 {
            assert!(
                harness.query_by_label("Budget value").is_some(),
                "no budget at {width}"
            );
        }
        let Some(menu) = harness.query_by_label("Sliders of the draw") else {
            assert!(width > 1500.0, "no sliders at {width}");
            continue;
        };
        let rect = menu.rect();
        assert!(
            rect.left() >= 0.0 && rect.right() <= width,
            "{rect:?} at {width}"
        );
        let draw = harness
            .query_by_label("New draw · 7")
            .unwrap_or_else(|| harness.get_by_label("Draw"));
        assert!(
            rect.right() <= draw.rect().left(),
            "{rect:?} covers {:?} at {width}",
            draw.rect()
        );
        menu.click();
        harness.run_steps(3);
        harness.get_by_label("Steps value");
    }
}

#[test]
fn the_export_is_named_after_what_it_writes() {
    let (mut harness, _) = harness(fixture::state());
    harness.get_by_label("Export…: B").click();
    harness.run_steps(3);
    harness.get_by_label("Export A").click();
    harness.run_steps(3);
    let form = |harness: &Harness<'_, Window>| match &harness.state().state.overlay {
        Overlay::Export(form) => form.clone(),
        other => panic!("{other:?}"),
    };
    assert!(form(&harness).path.ends_with("harbour_day_summary_A.mp4"));
    // Nothing in the dialog changes what is beyond it.
    assert_eq!(
        harness.state().state.choices.settings,
        fixture::state().choices.settings
    );
    harness.get_by_label("File to write").focus();
    harness.run_steps(2);
    harness.get_by_label("File to write").type_text(".webm");
    harness.run_steps(3);
    let typed = form(&harness);
    assert_eq!(typed.format, "webm", "{}", typed.path);
}

#[test]
fn a_failure_ends_what_the_status_line_said() {
    let (mut harness, _) = harness(fixture::state());
    harness.state_mut().state.status = "Opening film.mp4".to_owned();
    harness.state_mut().state.handle(Event::Failed(Failure {
        stage: "Reading the video",
        message: String::new(),
        retry: false,
    }));
    harness.run_steps(2);
    assert_eq!(harness.state().state.status, "");
}

#[test]
fn nothing_is_asked_for_while_nobody_does_anything() {
    let mut state = fixture::state();
    // Values between the steps of the sliders.
    state.choices.settings.budget = 0.127;
    state.choices.settings.guidance = 0.123;
    state.choices.settings.steps = 11;
    let settings = state.choices.settings.clone();
    let (mut harness, recorder) = harness(state);
    harness.run_steps(6);
    assert!(recorder.asked.lock().is_empty());
    assert_eq!(harness.state().state.choices.settings, settings);
    assert!(!harness.state().state.history.can_undo());
}

/// As many kinds of summary as there can be.
fn eight_kinds() -> AppState {
    fixture::state_of(Size {
        alternatives: 8,
        ..Size::default()
    })
}

#[test]
fn every_kind_of_summary_is_seen_or_said_to_be_there() {
    let (mut harness, _) = harness(eight_kinds());
    for letter in 'A'..='H' {
        harness.get_by_label_contains(&format!("Alternative {letter}:"));
    }
    harness.set_size(vec2(1280.0, 720.0));
    harness.run_steps(4);
    assert!(harness.query_by_label_contains("Alternative H:").is_none());
    harness
        .get_by_label_contains("later kinds of summary")
        .click();
    harness.run_steps(8);
    harness.get_by_label_contains("Alternative H:");
    assert!(
        harness
            .query_by_label_contains("later kinds of summary")
            .is_none()
    );
    harness
        .get_by_label_contains("earlier kinds of summary")
        .click();
    harness.run_steps(8);
    harness.get_by_label_contains("Alternative A:");
    // One that is chosen by its key comes into sight.
    press(&mut harness, Modifiers::NONE, Key::Num8);
    harness.run_steps(30);
    harness.get_by_label_contains("Alternative H:");
    // In tabs there is height for two rows.
    harness.set_size(vec2(800.0, 600.0));
    harness.run_steps(4);
    harness.get_by_label("Alternatives").click();
    harness.run_steps(4);
    for letter in 'A'..='H' {
        harness.get_by_label_contains(&format!("Alternative {letter}:"));
    }
}

#[test]
fn the_actions_of_a_narrow_card_do_not_overlap() {
    let (mut harness, _) = harness(eight_kinds());
    harness.get_by_label("Reject: C").click();
    harness.run_steps(2);
    let more = harness.get_by_label("More actions: C").rect();
    let export = harness.get_by_label("Export…: C").rect();
    assert!(more.right() <= export.left(), "{more} and {export}");
    let pin = harness.get_by_label("Pin: C").rect();
    for rect in [more, export] {
        let off = (rect.center().y - pin.center().y).abs();
        assert!(off < 1.0, "all stand on one line");
    }
    assert!(harness.query_by_label("More like this: C").is_none());
    harness.get_by_label("More actions: C").click();
    harness.run_steps(2);
    harness.get_by_label("More like this").click();
    harness.run_steps(2);
    assert!(
        harness
            .state()
            .state
            .timeline
            .open_lanes
            .contains(&Letter(2))
    );
}

#[test]
fn letters_that_do_not_fit_the_player_are_in_its_menu() {
    let (mut harness, _) = harness(eight_kinds());
    harness.set_size(vec2(1280.0, 760.0));
    harness.run_steps(4);
    for letter in 'A'..='H' {
        harness.get_by_label(&format!("Switch to {letter}"));
    }
    harness.set_size(vec2(440.0, 700.0));
    harness.run_steps(4);
    harness.get_by_label("Switch to A");
    assert!(harness.query_by_label("Switch to H").is_none());
    harness.get_by_label("More kinds of summary").click();
    harness.run_steps(2);
    harness.get_by_label("Switch to H").click();
    harness.run_steps(2);
    assert_eq!(harness.state().state.chosen_alternative(), Some(7));
    harness.get_by_label("Play H");
}

#[test]
fn a_summary_that_keeps_nothing_can_be_neither_played_nor_exported() {
    let mut state = fixture::state();
    let session = state.session.as_mut().unwrap();
    let draw = Arc::make_mut(session.draw.as_mut().unwrap());
    draw.alternatives[1].selected_segments.clear();
    let (mut harness, _) = harness(state);
    let is_off = |harness: &Harness<'_, Window>, label: &str| {
        harness.get_by_label(label).accesskit_node().is_disabled()
    };
    assert!(is_off(&harness, "Export…: B"));
    assert!(!is_off(&harness, "Export…: A"));
    assert!(!is_off(&harness, "Play summary A"));
    press(&mut harness, Modifiers::NONE, Key::Num2);
    assert!(is_off(&harness, "Play summary B"));
}

#[test]
fn a_film_without_sound_has_no_control_of_the_sound() {
    let mut state = fixture::state();
    let (with_sound, _) = harness(state);
    with_sound.get_by_label("Sound");
    state = fixture::state();
    state.session.as_mut().unwrap().video.has_audio = false;
    let (without, _) = harness(state);
    assert!(without.query_by_label("Sound").is_none());
    let off = without.get_by_label("No sound");
    assert!(off.accesskit_node().is_disabled());
}

#[test]
fn hollow_samples_are_explained_in_a_plot_of_any_width() {
    let mut state = fixture::state();
    let session = state.session.as_mut().unwrap();
    let view = Arc::make_mut(session.distribution.as_mut().unwrap());
    view.sample_residuals[..9].fill(5.0);
    let (mut harness, _) = harness(state);
    harness.get_by_label("9 hollow: further apart than they look");
    harness.set_size(vec2(900.0, 700.0));
    harness.run_steps(4);
    harness.get_by_label_contains("9 hollow");
    for mark in ["annotator", "sample"] {
        harness.get_by_label(mark);
    }
}

#[test]
fn the_nearest_sample_stands_on_the_card_and_is_followed_everywhere() {
    let (mut harness, _) = harness(fixture::state());
    let sample = harness.state().state.draw().unwrap().alternatives[1].medoid_sample;
    harness
        .get_by_label(&format!("Nearest to B: sample {sample}"))
        .click();
    harness.run_steps(2);
    harness.get_by_label(&format!("Play sample {sample}"));
    harness.get_by_label(&format!("Chosen: sample {sample} on the timeline"));
    press(&mut harness, Modifiers::NONE, Key::E);
    let Overlay::Export(form) = harness.state().state.overlay.clone() else {
        panic!("the export dialog is open");
    };
    assert!(form.path.ends_with(&format!("_summary_{sample:03}.mp4")));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::SHIFT, Key::C);
    harness.get_by_label("Play summary C");
    let lane = format!("Chosen: sample {sample} on the timeline");
    assert!(harness.query_by_label(&lane).is_none());
    // What the alternatives do not cover is said beside them.
    harness.get_by_label_contains("of the samples are something else");
}

#[test]
fn an_alternative_is_named_in_a_dialog_and_called_so() {
    let (mut harness, _) = harness(fixture::state());
    press(&mut harness, Modifiers::NONE, Key::F2);
    harness.run_steps(2);
    harness.get_by_label("Name").type_text("Fireworks");
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    let state = &harness.state().state;
    assert_eq!(state.overlay, Overlay::None);
    assert_eq!(state.name_of(Letter(0)), "A · Fireworks");
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().state.name_of(Letter(0)), "A");
}
