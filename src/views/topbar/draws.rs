//! The menu of draws: the seed of this one, and the way back to those before.

use egui::Ui;

use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::theme::Palette;
use crate::ui::widgets;
use crate::views::seed::seed_ui;

pub(super) fn draws_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    ui.set_min_width(300.0);
    ui.horizontal(|ui| {
        ui.label("Seed of this draw");
        seed_ui(ui, &state.choices.settings, commands);
    });
    let earlier: Vec<String> = state.draws.earlier().map(|past| past.words()).collect();
    if earlier.is_empty() {
        return;
    }
    ui.add_space(4.0);
    widgets::note(ui, "Back to an earlier draw");
    for (place, words) in earlier.into_iter().enumerate() {
        ui.horizontal(|ui| {
            if ui
                .button(&words)
                .on_hover_text("Draws these samples again; budget and answers stay as they are.")
                .clicked()
            {
                commands.push(Command::GoToDraw(place));
                ui.close();
            }
            let accent = Palette::of(ui).accent;
            if widgets::text_button(ui, "Compare", accent)
                .on_hover_text("Shows the samples of this draw in grey in the distribution, and says what has changed.")
                .clicked()
            {
                commands.push(Command::CompareDraw(Some(place)));
                ui.close();
            }
        });
    }
}
