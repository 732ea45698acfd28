//! The field for a time to go to.

use super::title_ui;
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};
use egui::{Key, Margin, RichText, Ui};

pub(super) fn go_to_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    title_ui(ui, "Go to a time", commands);
    let palette = Palette::of(ui);
    let mut typed = state.overlay_text.clone();
    let field = ui
        .add(
            egui::TextEdit::singleline(&mut typed)
                .hint_text("1:23.5, 83.5, 00:01:23:12 or f2004")
                .font(theme::mono(theme::SIZE_STRONG))
                .desired_width(f32::INFINITY)
                .margin(Margin::symmetric(10, 8)),
        )
        .accessible_name("Time to go to");
    field.request_focus();
    if field.changed() {
        commands.push(Command::TypeOverlayText(typed.clone()));
    }
    let secs = state.secs_from_text(&typed);
    match secs {
        Some(secs) => widgets::note(ui, text::timecode(secs)),
        None if typed.trim().is_empty() => widgets::note(
            ui,
            "Minutes and seconds, seconds, a timecode with frames, or a frame number.",
        ),
        None => ui.label(
            RichText::new("That is not a time.")
                .font(theme::regular(theme::SIZE_BODY))
                .color(palette.warning),
        ),
    };
    if ui.input(|input| input.key_pressed(Key::Enter))
        && let Some(secs) = secs
    {
        commands.push(Command::CloseOverlay);
        commands.push(Command::SeekTo(secs));
    }
}
