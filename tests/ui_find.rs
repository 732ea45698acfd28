//! Finding places in the window, driven through accessible names.

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use summdiff_explorer::app::Window;
use summdiff_explorer::state::{AppState, Overlay};
use summdiff_explorer::testing::fixture;

fn harness(state: AppState) -> Harness<'static, Window> {
    let mut harness = Harness::builder()
        .with_size(vec2(1280.0, 720.0))
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
    harness.run_steps(3);
}

fn type_text(harness: &mut Harness<'_, Window>, text: &str) {
    harness.get_by_label("What to find").type_text(text);
    harness.run_steps(3);
}

fn position(harness: &Harness<'_, Window>) -> f64 {
    harness.state().state.playback.position_secs
}

#[test]
fn words_of_the_subtitles_lead_to_their_time() {
    let mut window = harness(fixture::findable());
    press(&mut window, Modifiers::COMMAND, Key::F);
    type_text(&mut window, "harbour");
    window.get_by_label_contains("The harbour wakes up.");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(position(&window), 133.0);
    assert_eq!(window.state().state.overlay, Overlay::None);
    // The words there are shown under the picture.
    window.get_by_label("Subtitle: Now the boats leave the harbour\none after the other.");
    // The last search is there again; a click goes to a result.
    press(&mut window, Modifiers::COMMAND, Key::F);
    window
        .get_by_label_contains("The harbour wakes up.")
        .click();
    window.run_steps(3);
    assert_eq!(position(&window), 10.0);
    press(&mut window, Modifiers::NONE, Key::V);
    assert!(window.query_by_label_contains("Subtitle:").is_none());
}

#[test]
fn a_time_is_found_and_what_is_not_there_is_said() {
    let mut window = harness(fixture::findable());
    press(&mut window, Modifiers::COMMAND, Key::F);
    type_text(&mut window, "1:23");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(position(&window), 83.0);
    let mut window = harness(fixture::state());
    press(&mut window, Modifiers::COMMAND, Key::F);
    type_text(&mut window, "harbour");
    window.get_by_label_contains("no text subtitles to search");
    press(&mut window, Modifiers::COMMAND, Key::F);
    assert_eq!(window.state().state.overlay, Overlay::None);
}

#[test]
fn frames_that_look_alike_are_listed_and_gone_to() {
    let mut window = harness(fixture::findable());
    let before = position(&window);
    press(&mut window, Modifiers::SHIFT, Key::S);
    window.get_by_label_contains("one of each segment");
    let results = window.query_all_by_role(Role::ListBoxOption).count();
    assert!((5..=24).contains(&results), "{results}");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let session = window.state().state.session.as_ref().unwrap();
    assert_ne!(
        session.segment_at(position(&window)),
        session.segment_at(before)
    );
}

#[test]
fn frames_of_the_folders_other_videos_are_listed_and_opened_at_their_time() {
    use std::sync::Arc;
    use summdiff_explorer::domain::RgbImage;
    use summdiff_explorer::pipeline::Event;
    use summdiff_explorer::session::finding::FoundBy;
    use summdiff_explorer::session::folder::{Elsewhere, InFolder};

    let mut window = harness(fixture::findable());
    press(&mut window, Modifiers::SHIFT, Key::S);
    window
        .get_by_label("Also in the other videos of this folder")
        .click();
    window.run_steps(3);
    window.get_by_label("Looking through the folder…");
    let question = window.state().state.folder_question().unwrap();
    assert_eq!(question.folder().display().to_string(), "/films");
    let other = std::path::PathBuf::from("/films/evening.mp4");
    let found = InFolder {
        found: vec![Elsewhere {
            video: other.clone(),
            secs: 83.0,
            by: FoundBy::Likeness(1.0),
            picture: RgbImage::new(4, 2, vec![90u8; 24]),
        }],
        compared: vec![other.clone()],
        without: vec!["/films/never.mp4".into()],
        ..InFolder::default()
    };
    let state = &mut window.state_mut().state;
    state.folder_answered(question, Ok(Arc::new(found)));
    window.run_steps(3);
    window.get_by_label("Not looked at, as they were not analysed yet: never.mp4.");
    window
        .get_by_label_contains("evening.mp4 · 100 % alike")
        .click();
    window.run_steps(3);
    let state = &mut window.state_mut().state;
    assert_eq!(state.overlay, Overlay::None);
    assert_eq!(state.opening.as_ref(), Some(&other));
    let session = state.session.take().unwrap();
    let mut info = session.video.clone();
    info.path = other;
    state.handle(Event::Probed {
        info,
        index: session.index,
    });
    assert_eq!(state.playback.position_secs, 83.0);
    // Another video that is opened begins at its start.
    assert_eq!(state.seek_when_open, None);
}

#[test]
fn words_in_the_folders_other_videos_are_listed_and_opened_at_their_time() {
    use std::sync::Arc;
    use summdiff_explorer::domain::cue::Cue;
    use summdiff_explorer::session::folder::InFolder;

    let mut window = harness(fixture::findable());
    press(&mut window, Modifiers::COMMAND, Key::F);
    let choice = "Also in the other videos of this folder";
    assert!(
        window.query_by_label(choice).is_none(),
        "nothing is looked for yet"
    );
    type_text(&mut window, "harbour");
    window.get_by_label(choice).click();
    window.run_steps(3);
    window.get_by_label("Reading the subtitles of this folder…");
    let question = window.state().state.folder_question().unwrap();
    let other = std::path::PathBuf::from("/films/evening.mkv");
    let cue = |start_secs, text: &str| Cue {
        start_secs,
        end_secs: start_secs + 2.0,
        text: text.to_owned(),
    };
    let mut known = InFolder {
        words: vec![(other.clone(), [cue(5.0, "Night over the harbour")].into())],
        compared: vec![other.clone()],
        to_come: 1,
        ..InFolder::default()
    };
    let answer = |window: &mut Harness<'_, Window>, known: &InFolder| {
        let state = &mut window.state_mut().state;
        state.folder_answered(question.clone(), Ok(Arc::new(known.clone())));
        window.run_steps(3);
    };
    answer(&mut window, &known);
    window.get_by_label("Reading the subtitles of this folder… 1 video left");
    window.get_by_label("3 places, 1 in other videos");
    known.to_come = 0;
    known.without.push("/films/silent.mp4".into());
    answer(&mut window, &known);
    window.get_by_label("Without text subtitles: silent.mp4.");
    // The open video's own come first.
    let options = window.query_all_by_role(Role::ListBoxOption).count();
    assert_eq!(options, 3);
    window
        .get_by_label_contains("evening.mkv · Night over the harbour")
        .click();
    window.run_steps(3);
    let state = &window.state().state;
    assert_eq!(
        (state.overlay.clone(), state.opening.as_ref()),
        (Overlay::None, Some(&other))
    );
    assert_eq!(state.seek_when_open, Some((other, 5.0)));
}
