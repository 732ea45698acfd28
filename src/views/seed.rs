//! The field of the seed: a whole number, taken once it is typed to its end.

use egui::{Id, TextEdit, Ui};

use crate::domain::DrawSettings;
use crate::state::command::Command;

/// Wide enough for every seed but the longest.
const WIDTH: f32 = 120.0;

/// Shows the seed, and asks for the draw of another where one was typed; what is no whole number is
/// put back.
pub fn seed_ui(ui: &mut Ui, settings: &DrawSettings, commands: &mut Vec<Command>) {
    let id = Id::unique("typed seed");
    let typed = ui.data(|data| data.get_temp::<String>(id));
    let mut text = typed.unwrap_or_else(|| settings.seed.to_string());
    let field = ui
        .add(
            TextEdit::singleline(&mut text)
                .desired_width(WIDTH)
                .align(egui::Align2::LEFT_CENTER),
        )
        .on_hover_text(
            "The same seed always gives the same summaries. Type a whole number, and Enter.",
        )
        .accessible_name("Seed");
    if field.has_focus() {
        ui.data_mut(|data| data.insert_temp(id, text.clone()));
    }
    if field.lost_focus() {
        ui.data_mut(|data| data.remove_temp::<String>(id));
        let escaped = ui.input(|input| input.key_pressed(egui::Key::Escape));
        if let Ok(seed) = text.trim().parse::<u64>()
            && seed != settings.seed
            && !escaped
        {
            commands.push(Command::SetSettings {
                settings: DrawSettings {
                    seed,
                    ..settings.clone()
                },
                what: "seed",
            });
        }
    }
}
