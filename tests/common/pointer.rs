//! Clicks at a place of the window, where no accessible name helps.

use egui::{Event, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use summdiff_explorer::app::Window;

pub fn click_at(harness: &mut Harness<'_, Window>, pos: Pos2) {
    harness.hover_at(pos);
    harness.run_steps(1);
    for pressed in [true, false] {
        harness.event(Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        harness.run_steps(1);
    }
}
