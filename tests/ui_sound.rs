//! What the window shows of sound, driven through accessible names.

use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use summdiff_explorer::app::Window;
use summdiff_explorer::state::AppState;
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
