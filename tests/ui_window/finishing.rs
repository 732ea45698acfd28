//! From a draw to the file: earlier draws, seeds, names, the order of pieces, and what the export
//! dialog offers.

use super::*;

#[test]
fn an_alternatives_name_is_in_the_matches_the_player_and_the_files_name() {
    use summdiff_explorer::domain::{Letter, Named, Naming};

    let mut state = fixture::state();
    state.compare_now();
    let naming = Naming {
        name: "Fireworks: day 1".to_owned(),
        note: String::new(),
    };
    let b = Named::Alternative(Letter(1));
    state.choices.names.set(b, &naming);
    state.run(Command::SelectAlternative(1));
    let (mut harness, _) = harness(state);
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Matches of B · Fireworks: day 1");
    harness.get_by_role_and_label(Role::Button, "Matches of A");
    harness.get_by_role_and_label(Role::Button, "Play B · Fireworks: day 1");
    press(&mut harness, Modifiers::NONE, Key::E);
    let Overlay::Export(form) = harness.state().state.overlay.clone() else {
        panic!("the dialog is open");
    };
    assert_eq!(
        form.path,
        "/films/harbour_day_summary_B_Fireworks_ day 1.mp4"
    );
}

/// The fixture with the draw that it has, and one of another seed after it.
fn drawn_twice() -> AppState {
    use summdiff_explorer::pipeline::Event;

    let mut state = fixture::state();
    let first = state.draw().unwrap().clone();
    state.handle(Event::Draw(first.clone()));
    let mut draw = (*first).clone();
    draw.settings.seed = 20;
    draw.coverage = 0.83;
    state.choices.settings.seed = 20;
    state.handle(Event::Draw(std::sync::Arc::new(draw)));
    state
}

#[test]
fn an_earlier_draw_is_compared_and_gone_back_to_from_the_menu_of_draws() {
    let (mut harness, recorder) = harness(drawn_twice());
    harness.get_by_label("New draw · 20").click_secondary();
    harness.run_steps(3);
    harness
        .get_by_role_and_label(Role::Button, "Compare")
        .click();
    harness.run_steps(3);
    harness.state_mut().state.compare_now();
    harness.run_steps(3);
    harness.get_by_label("seed 7 → 20: coverage .90 → .83");
    harness.get_by_label("seed 7");
    let session = harness.state().state.session.as_ref().unwrap();
    let view = session.distribution.as_ref().unwrap();
    // The samples are the same, and so lie at the same places.
    assert_eq!(view.earlier, view.samples);
    harness
        .get_by_role_and_label(Role::Button, "End the comparison of draws")
        .click();
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("coverage .90").is_none());
    press(&mut harness, Modifiers::SHIFT, Key::N);
    let asked = recorder.asked.lock().clone();
    let back = |request: &Request| matches!(request, Request::Draw(settings) if settings.seed == 7);
    assert!(asked.iter().any(back), "{asked:?}");
}

#[test]
fn a_key_lets_the_piece_at_the_playhead_play_earlier() {
    let mut state = fixture::state();
    let pieces = state.chosen_pieces();
    let index = state.session.as_ref().unwrap().index.clone();
    state.run(Command::SeekTo(index.secs_from_frame(pieces[1].start)));
    let (mut harness, _) = harness(state);
    press(&mut harness, Modifiers::ALT, Key::Comma);
    let played = |harness: &Harness<'_, Window>| {
        let state = &harness.state().state;
        state.chosen_summary().unwrap().played
    };
    assert_eq!(played(&harness)[..2], [pieces[1], pieces[0]]);
    press(&mut harness, Modifiers::ALT, Key::Period);
    assert_eq!(played(&harness), pieces);
}

#[test]
fn a_seed_is_typed_in_the_settings() {
    let (mut harness, recorder) = harness(fixture::state());
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    let typed = |harness: &mut Harness<'_, Window>, words: &str| {
        harness
            .get_by_role_and_label(Role::TextInput, "Seed")
            .focus();
        harness.run_steps(2);
        press(harness, Modifiers::COMMAND, Key::A);
        harness
            .get_by_role_and_label(Role::TextInput, "Seed")
            .type_text(words);
        harness.run_steps(2);
        press(harness, Modifiers::NONE, Key::Enter);
        harness.run_steps(2);
    };
    typed(&mut harness, "seven");
    assert_eq!(harness.state().state.choices.settings.seed, 7);
    typed(&mut harness, "123456789012345678");
    let seed = 123_456_789_012_345_678;
    assert_eq!(harness.state().state.choices.settings.seed, seed);
    let asked = recorder.asked.lock().clone();
    let drawn =
        |request: &Request| matches!(request, Request::Draw(settings) if settings.seed == seed);
    assert!(asked.iter().any(drawn), "{asked:?}");
}

#[test]
fn the_export_dialog_offers_the_range_and_no_sound() {
    use summdiff_explorer::media::cut::TrackChoice;

    let state = fixture::state();
    let session = state.session.as_ref().unwrap();
    let kept = session.summary(state.chosen().unwrap()).unwrap();
    let (start, end) = kept.ranges_secs[0];
    let inside = (start + 0.5, (start + end) / 2.0);
    let (mut harness, recorder) = harness(state);
    press(&mut harness, Modifiers::NONE, Key::E);
    assert!(
        harness
            .query_by_label("Only within the in/out range")
            .is_none()
    );
    press(&mut harness, Modifiers::NONE, Key::Escape);
    harness.state_mut().state.choices.range_secs = Some(inside);
    press(&mut harness, Modifiers::NONE, Key::E);
    for (role, label) in [
        (Role::CheckBox, "Only within the in/out range"),
        (Role::ComboBox, "Sound"),
        (Role::Button, "Left out"),
    ] {
        harness.get_by_role_and_label(role, label).click();
        harness.run_steps(3);
    }
    harness.get_by_label_contains(" in the range · ");
    harness
        .get_by_role_and_label(Role::Button, "Export")
        .click();
    harness.run_steps(2);
    let asked = recorder.asked.lock().clone();
    let form = asked.iter().find_map(|request| match request {
        Request::Export(form) => Some(form.clone()),
        _ => None,
    });
    let form = form.unwrap();
    assert!(form.within_range && form.film_options().sounds == TrackChoice::None);
    let state = &harness.state().state;
    let ranges = state.exported_ranges(&form).unwrap();
    let index = &state.session.as_ref().unwrap().index;
    assert_eq!(ranges, [index.frames_between(inside.0, inside.1)]);
}

#[test]
fn the_export_dialog_offers_a_reel_of_all_alternatives_as_one_clip() {
    let (mut harness, recorder) = harness(fixture::state());
    harness.get_by_label("Export…: B").click();
    harness.run_steps(3);
    harness
        .get_by_role_and_label(Role::Button, "Export reel (4)")
        .click();
    harness.run_steps(2);
    let asked = recorder.asked.lock().clone();
    let reel = asked.iter().find_map(|request| match request {
        Request::ExportReel(forms) => Some(forms.clone()),
        _ => None,
    });
    let forms = reel.expect("a reel was asked for");
    let letters: Vec<String> = forms.iter().map(|form| form.summary.to_string()).collect();
    assert_eq!(letters, ["A", "B", "C", "D"]);
    assert!(
        forms
            .iter()
            .all(|form| form.path == "/films/harbour_day_reel.mp4")
    );
    assert!(matches!(harness.state().state.overlay, Overlay::None));

    // A list of cuts is no reel.
    harness.get_by_label("Export…: B").click();
    harness.run_steps(3);
    let Overlay::Export(form) = &mut harness.state_mut().state.overlay else {
        panic!("the dialog is open");
    };
    form.format = "edl";
    harness.run_steps(3);
    let reel = harness.get_by_role_and_label(Role::Button, "Export reel (4)");
    assert!(reel.accesskit_node().is_disabled());
}
