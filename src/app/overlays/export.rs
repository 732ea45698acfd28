//! The export dialog: which summary, how long, in which format, where to.

use super::{row_ui, title_ui};
use crate::app::command::Command;
use crate::app::state::{AppState, EXPORT_FORMATS, ExportForm, ExportMode};
use crate::domain::DrawSettings;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};
use egui::{Align, Button, Key, Layout, Margin, RichText, Ui};

pub(super) fn export_ui(
    ui: &mut Ui,
    state: &AppState,
    form: &ExportForm,
    commands: &mut Vec<Command>,
) {
    title_ui(ui, "Export", commands);
    let palette = Palette::of(ui);
    let mut edited = form.clone();
    let secs = state
        .draw()
        .and_then(|draw| draw.durations_secs.get(form.sample).copied())
        .unwrap_or(0.0);
    row_ui(ui, "Summary", "Which summary is written.", |ui| {
        let count = state.alternative_count();
        let current = state
            .draw()
            .and_then(|draw| draw.alternative_of(form.sample));
        for index in (0..count).rev() {
            let letter = text::letter(index).to_string();
            let label = RichText::new(&letter)
                .font(theme::semibold(theme::SIZE_BODY))
                .color(palette.alternative_text(index));
            if ui
                .add(Button::selectable(current == Some(index), label))
                .on_hover_text("Exports the representative of this kind.")
                .accessible_name(format!("Export {letter}"))
                .clicked()
                && let Some(kind) = state.draw().and_then(|draw| draw.alternatives.get(index))
            {
                edited.sample = kind.medoid_sample;
            }
        }
    });
    row_ui(
        ui,
        "Budget",
        "How much of the video the summary may keep.",
        |ui| {
            let mut percent = state.choices.settings.budget * 100.0;
            let response = ui.add(
                egui::DragValue::new(&mut percent)
                    .range(1.0..=100.0)
                    .speed(0.5)
                    .max_decimals(1)
                    .suffix("\u{202f}%"),
            );
            widgets::note(
                ui,
                format!("sample {} · {}", form.sample + 1, text::clock(secs)),
            );
            if response.accessible_name("Budget of the export").changed() {
                let settings = DrawSettings {
                    budget: percent / 100.0,
                    ..state.choices.settings.clone()
                };
                commands.push(Command::SetSettings {
                    settings,
                    what: "budget",
                });
            }
        },
    );
    row_ui(
        ui,
        "Format",
        "A clip to watch, or a list of cuts for another program.",
        |ui| {
            let name = EXPORT_FORMATS
                .iter()
                .find(|(ending, _, _)| *ending == form.format)
                .map_or(form.format, |(_, name, _)| name);
            egui::ComboBox::from_id_salt("export format")
                .selected_text(name)
                .width(190.0)
                .show_ui(ui, |ui| {
                    for (ending, name, _) in EXPORT_FORMATS {
                        if ui.selectable_label(ending == form.format, name).clicked() {
                            edited.format = ending;
                        }
                    }
                })
                .response
                .accessible_name("Format");
        },
    );
    let clip = EXPORT_FORMATS
        .iter()
        .any(|(ending, _, clip)| *ending == form.format && *clip);
    if clip {
        row_ui(ui, "Cuts", "How the clip is cut.", |ui| {
            for mode in ExportMode::ALL.into_iter().rev() {
                if ui
                    .add(Button::selectable(form.mode == mode, mode.label()))
                    .on_hover_text(mode.explanation())
                    .clicked()
                {
                    edited.mode = mode;
                }
            }
        });
        widgets::note(ui, form.mode.explanation());
    }
    ui.add_space(4.0);
    let mut typed_enter = false;
    ui.horizontal(|ui| {
        let field = ui
            .add(
                egui::TextEdit::singleline(&mut edited.path)
                    .desired_width(ui.available_width() - 116.0)
                    .margin(Margin::symmetric(8, 6)),
            )
            .accessible_name("File to write");
        typed_enter = field.lost_focus();
        if ui
            .button("Browse…")
            .on_hover_text("Chooses where to write.")
            .clicked()
        {
            commands.push(Command::ChooseExportPath(edited.clone()));
        }
    });
    if edited.format != form.format {
        edited.path = with_ending(&edited.path, edited.format);
    }
    let same_as_source = state
        .session
        .as_ref()
        .is_some_and(|session| session.video.path == std::path::Path::new(edited.path.trim()));
    if same_as_source {
        ui.label(
            RichText::new(
                "This is the video itself; it is never overwritten. Choose another name.",
            )
            .font(theme::regular(theme::SIZE_BODY))
            .color(palette.error),
        );
    }
    ui.add_space(8.0);
    // Enter exports, unless it is meant for the control that has the focus.
    let free = typed_enter || ui.memory(|memory| memory.focused().is_none());
    let entered =
        free && !egui::Popup::is_any_open(ui.ctx()) && ui.input(|i| i.key_pressed(Key::Enter));
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let ready = !edited.path.trim().is_empty() && !same_as_source;
            let export = ui
                .add_enabled(ready, widgets::primary_button("Export", palette))
                .on_hover_text("Writes the file; the source is never changed. (Enter)");
            if export.clicked() || (entered && ready) {
                commands.push(Command::StartExport(edited.clone()));
            }
            if ui
                .button("Cancel")
                .on_hover_text("Closes this and writes nothing. (Escape)")
                .clicked()
            {
                commands.push(Command::CloseOverlay);
            }
        });
    });
    if edited != *form
        && !commands
            .iter()
            .any(|c| matches!(c, Command::StartExport(_) | Command::CloseOverlay))
    {
        commands.push(Command::EditExport(edited));
    }
}

/// A path with another ending.
pub(super) fn with_ending(path: &str, ending: &str) -> String {
    std::path::Path::new(path)
        .with_extension(ending)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_follows_the_format() {
        assert_eq!(
            with_ending("/a/b_summary_A.mp4", "otio"),
            "/a/b_summary_A.otio"
        );
    }
}
