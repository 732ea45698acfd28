//! Files in the top bar: their menu, and the buttons of undo, redo, save and export.

use egui::{Button, Ui, vec2};

use super::CONTROL_HEIGHT;
use crate::domain::FigureKind;
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::dataset::DatasetCommand;
use crate::state::figuring::FigureCommand;
use crate::state::pane::Page;
use crate::ui::icons::Icon;
use crate::ui::theme::Palette;
use crate::ui::widgets;
use crate::views::menus::entry_ui;

/// What can be opened, saved and exported.
pub(super) fn file_menu_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let open = state.session.is_some();
    let drawn = state.draw().is_some() && state.shown_page() == Page::Explore;
    let exports = state.hindrance_to_export().is_none() && state.shown_page() != Page::Annotate;
    let response = widgets::menu_button(ui, "File", 0.0, false, |ui| {
        for group in [
            &[
                (Command::OpenVideo, true),
                (Command::OpenProject, true),
                (Command::Dataset(DatasetCommand::PickFile), true),
                (Command::LoadAnnotations, open),
            ][..],
            &[(Command::Find, open && state.shown_page() == Page::Explore)],
            &[(Command::SaveProject, open), (Command::SaveProjectAs, open)],
            &[
                (Command::OpenExport(None), exports),
                (Command::Figure(FigureCommand::SaveReport), drawn),
                (
                    Command::Figure(FigureCommand::Save(FigureKind::Timeline)),
                    drawn,
                ),
                (Command::Snapshot, open),
            ],
            &[(Command::Quit, true)],
        ] {
            for (command, enabled) in group {
                entry_ui(ui, command.clone(), *enabled, commands);
            }
            if !matches!(group, [(Command::Quit, _)]) {
                ui.separator();
            }
        }
    });
    response.on_hover_text("Opens, saves and exports.");
}

/// Undo, redo and save.
pub(super) fn actions_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    for (icon, command, enabled, name) in [
        (Icon::Undo, Command::Undo, state.history.can_undo(), "Undo"),
        (Icon::Redo, Command::Redo, state.history.can_redo(), "Redo"),
        (
            Icon::Save,
            Command::SaveProject,
            state.session.is_some(),
            "Save project",
        ),
    ] {
        let color = if enabled {
            palette.secondary
        } else {
            palette.faint
        };
        let response = ui
            .add_enabled_ui(enabled, |ui| {
                widgets::icon_button(ui, icon, CONTROL_HEIGHT, color, name)
            })
            .inner
            .on_hover_text(command.tooltip())
            .on_disabled_hover_text(command.tooltip());
        if response.clicked() {
            commands.push(command);
        }
    }
}

/// The export, in words: it is what a person came for.
pub(super) fn export_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let hindrance = state.hindrance_to_export();
    let command = Command::OpenExport(None);
    let response = ui
        .add_enabled(
            hindrance.is_none(),
            Button::new("Export…").min_size(vec2(0.0, CONTROL_HEIGHT)),
        )
        .on_hover_text(command.tooltip())
        .on_disabled_hover_text(hindrance.unwrap_or_default());
    if response.clicked() {
        commands.push(command);
    }
}
