//! What the window shows of sound, driven through accessible names.

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use summdiff_explorer::app::Window;
use summdiff_explorer::state::{AppState, Overlay};
use summdiff_explorer::testing::fixture;

fn harness(state: AppState) -> Harness<'static, Window> {
    let window = Window::still(state);
    let mut harness = Harness::builder()
        .with_size(vec2(1280.0, 720.0))
        .with_max_steps(16)
        .build_ui_state(|ui, window: &mut Window| window.frame(ui), window);
    harness.run_steps(4);
    harness
}

#[test]
fn the_sound_is_on_the_timeline_until_its_key_hides_it() {
    let mut window = harness(fixture::state_with_sound());
    window.get_by_label("Sound levels");
    window.key_press_modifiers(Modifiers::NONE, Key::W);
    window.run_steps(2);
    assert!(window.query_by_label("Sound levels").is_none());
    window.key_press_modifiers(Modifiers::NONE, Key::W);
    window.run_steps(2);
    window.get_by_label("Sound levels");
    // A video without sound has no row for it.
    assert!(
        harness(fixture::state())
            .query_by_label("Sound levels")
            .is_none()
    );
}

#[test]
fn the_export_dialog_offers_to_keep_speech_whole_where_there_is_sound() {
    let mut window = harness(fixture::state_with_sound());
    window.key_press_modifiers(Modifiers::NONE, Key::E);
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::CheckBox, "Keep speech whole")
        .click();
    window.run_steps(3);
    let Overlay::Export(form) = &window.state().state.overlay else {
        panic!("the dialog is open");
    };
    assert!(form.whole_speech);
    window.get_by_label_contains("into pauses.");
    let mut mute = harness(fixture::state());
    mute.key_press_modifiers(Modifiers::NONE, Key::E);
    mute.run_steps(3);
    assert!(mute.query_by_label("Keep speech whole").is_none());
}
