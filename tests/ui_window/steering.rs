//! What a viewer says of segments, by menu and by keys.

use super::*;
use egui::accesskit::Role;
use summdiff_explorer::domain::Verdict;

fn secondary_click(harness: &mut Harness<'_, Window>, pos: Pos2) {
    harness.hover_at(pos);
    harness.run_steps(2);
    for pressed in [true, false] {
        harness.event(egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Secondary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        harness.run_steps(2);
    }
    harness.run_steps(4);
}

/// A place on the timeline's importance curve, a share of the way along.
fn on_timeline(harness: &Harness<'_, Window>, share: f32) -> Pos2 {
    let surface = harness.get_by_label("Timeline position, seconds").rect();
    surface.left_top() + vec2(surface.width() * share, 60.0)
}

fn asked_to_steer(recorder: &Recorder) -> usize {
    let asked = recorder.asked.lock();
    let steered = asked.iter().filter(|r| matches!(r, Request::Steer(_)));
    steered.count()
}

#[test]
fn the_menu_of_a_segment_keeps_rates_and_clears_it() {
    let (mut harness, recorder) = harness(fixture::state());
    let at = on_timeline(&harness, 0.3);
    secondary_click(&mut harness, at);
    harness
        .get_by_role_and_label(Role::Button, "Keep T")
        .click();
    harness.run_steps(4);
    let steering = harness.state().state.choices.settings.steering.clone();
    let (start, end) = steering.keep[0];
    assert!(start < 0.3 * 347.0 && 0.3 * 347.0 < end, "{steering:?}");
    assert_eq!(asked_to_steer(&recorder), 1);
    secondary_click(&mut harness, at);
    harness.get_by_label("Rate 4").click();
    harness.run_steps(4);
    let steering = harness.state().state.choices.settings.steering.clone();
    assert!(steering.keep.is_empty());
    assert_eq!(steering.verdict_at(0.3 * 347.0), Some(Verdict::Rate(4)));
    harness.get_by_label("Clear steering").click();
    harness.run_steps(2);
    assert!(harness.state().state.choices.settings.steering.is_empty());
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().state.choices.settings.steering, steering);
}

#[test]
fn keys_are_about_what_the_pointer_is_over() {
    let (mut harness, _) = harness(fixture::state());
    let at = on_timeline(&harness, 0.6);
    harness.hover_at(at);
    harness.run_steps(3);
    press(&mut harness, Modifiers::NONE, Key::D);
    let steering = harness.state().state.choices.settings.steering.clone();
    assert_eq!(steering.verdict_at(0.6 * 347.0), Some(Verdict::LeaveOut));
    press(&mut harness, Modifiers::ALT, Key::Num2);
    let steering = harness.state().state.choices.settings.steering.clone();
    assert_eq!(steering.verdict_at(0.6 * 347.0), Some(Verdict::Rate(2)));
    assert_eq!(harness.state().state.chosen_alternative(), Some(0));
    press(&mut harness, Modifiers::ALT, Key::Num0);
    assert!(harness.state().state.choices.settings.steering.is_empty());
}

#[test]
fn a_picture_of_a_card_says_it_of_its_segment() {
    let (mut harness, _) = harness(fixture::state());
    let scene = harness
        .get_all_by_role(Role::Button)
        .find(|node| {
            node.accesskit_node()
                .label()
                .is_some_and(|l| l.starts_with("Scene at "))
        })
        .map(|node| node.rect())
        .unwrap();
    secondary_click(&mut harness, scene.center());
    harness
        .get_by_role_and_label(Role::Button, "Leave out D")
        .click();
    harness.run_steps(4);
    let steering = &harness.state().state.choices.settings.steering;
    assert_eq!(steering.leave_out.len(), 1);
}
