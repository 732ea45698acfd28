//! The dialog that names an alternative or a marker and takes a note on it.

use egui::{Align, Key, Layout, Margin, Ui};

use super::title_ui;
use crate::domain::naming::Named;
use crate::state::command::Command;
use crate::state::{AppState, NamingForm};
use crate::ui::theme::Palette;
use crate::ui::widgets;

pub(super) fn naming_ui(
    ui: &mut Ui,
    state: &AppState,
    form: &NamingForm,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let title = match form.of {
        Named::Alternative(letter) => format!("Alternative {letter}"),
        Named::Marker(secs) => format!("Marker at {}", state.time_text(secs)),
    };
    title_ui(ui, &title, commands);
    let mut edited = form.clone();
    let mut line = |text: &mut String, hint: &str, name: &str| {
        let field = egui::TextEdit::singleline(text)
            .hint_text(hint)
            .desired_width(f32::INFINITY)
            .margin(Margin::symmetric(10, 8));
        let response = ui.add(field).accessible_name(name);
        ui.add_space(6.0);
        response
    };
    let name = line(
        &mut edited.naming.name,
        "A name, such as “Fireworks”",
        "Name",
    );
    line(
        &mut edited.naming.note,
        "A note for those who edit it",
        "Note",
    );
    if form.is_new {
        name.request_focus();
        edited.is_new = false;
    }
    widgets::note(
        ui,
        "Names and notes are saved with the project and go into lists of cuts.",
    );
    ui.add_space(8.0);
    let entered = ui.input(|input| input.key_pressed(Key::Enter));
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let save = ui
            .add(widgets::primary_button("Save", palette))
            .on_hover_text("Keeps the name and the note. (Enter)");
        if save.clicked() || entered {
            commands.push(Command::SetNaming(edited.clone()));
        } else if ui
            .button("Cancel")
            .on_hover_text("Leaves the name as it was. (Escape)")
            .clicked()
        {
            commands.push(Command::CloseOverlay);
        } else if edited != *form {
            commands.push(Command::EditNaming(edited.clone()));
        }
    });
}
