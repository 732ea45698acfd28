//! What lies over the window: command palette, search, cheat sheet, settings, export, go-to-time.

mod export;
mod export_clip;
mod find;
mod go_to;
mod keys;
mod naming;
mod palette;
mod settings;

use egui::{Align, Id, Layout, Modal, RichText, Ui, vec2};

use crate::state::command::Command;
use crate::state::{AppState, Overlay};
use crate::ui::theme::{self, Palette};
use crate::ui::{dialog, widgets};

/// Shows the open overlay, if any.
pub fn overlay_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let (name, width) = match &state.overlay {
        Overlay::None => return,
        Overlay::Palette => ("palette", 520.0),
        Overlay::CheatSheet => ("keys", 900.0),
        Overlay::Settings => ("settings", 560.0),
        Overlay::Export(_) => ("export", 480.0),
        Overlay::Naming(_) => ("naming", 420.0),
        Overlay::GoTo => ("go to", 320.0),
        Overlay::Find => ("find", 520.0),
        Overlay::Leaving => ("leaving", 420.0),
    };
    let palette = Palette::of(ui);
    let screen = ui.ctx().content_rect();
    let width = f32::min(width, screen.width() - 64.0);
    let mut area = Modal::default_area(Id::unique(name));
    if matches!(state.overlay, Overlay::Palette | Overlay::Find) {
        area = area.anchor(egui::Align2::CENTER_TOP, vec2(0.0, 72.0));
    }
    let ((), close) = dialog::show(ui.ctx(), area, palette, |ui| {
        ui.set_width(width);
        match &state.overlay {
            Overlay::Palette => palette::palette_ui(ui, state, commands),
            Overlay::CheatSheet => {
                keys::cheat_sheet_ui(ui, state, screen.height() - 140.0, commands)
            }
            Overlay::Settings => settings::settings_ui(ui, state, commands),
            Overlay::Export(form) => export::export_ui(ui, state, form, commands),
            Overlay::Naming(form) => naming::naming_ui(ui, state, form, commands),
            Overlay::GoTo => go_to::go_to_ui(ui, state, commands),
            Overlay::Find => find::find_ui(ui, state, screen.height() - 310.0, commands),
            Overlay::Leaving => leaving_ui(ui, state, commands),
            Overlay::None => {}
        }
    });
    if close {
        commands.push(Command::CloseOverlay);
    }
}

/// An export, or work that could not be saved, would be lost by closing now.
fn leaving_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    if let (Some(notice), None) = (state.drafting.notice(), &state.export_progress) {
        title_ui(ui, "Your work is not saved", commands);
        widgets::note(ui, notice);
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui
                    .add(widgets::primary_button("Save elsewhere…", palette))
                    .clicked()
                {
                    commands.push(Command::CloseOverlay);
                    commands.push(Command::SaveProjectAs);
                }
                if ui.button("Close without saving").clicked() {
                    commands.push(Command::LeaveAnyway);
                }
            });
        });
        return;
    }
    title_ui(ui, "An export is running", commands);
    widgets::note(
        ui,
        "Closing now stops it and removes what it has written so far.",
    );
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .add(widgets::primary_button("Go on exporting", palette))
                .clicked()
            {
                commands.push(Command::CloseOverlay);
            }
            if ui.button("Stop it and close").clicked() {
                commands.push(Command::LeaveAnyway);
            }
        });
    });
}

fn title_ui(ui: &mut Ui, title: &str, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(title)
                .font(theme::semibold(theme::SIZE_TITLE))
                .color(palette.text),
        );
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::icon_button(
                ui,
                crate::ui::icons::Icon::Close,
                24.0,
                palette.secondary,
                "Close",
            )
            .on_hover_text("Closes this. (Escape)")
            .clicked()
            {
                commands.push(Command::CloseOverlay);
            }
        });
    });
    ui.add_space(4.0);
}

fn row_ui(ui: &mut Ui, label: &str, tip: &str, add: impl FnOnce(&mut Ui)) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(28.0);
        ui.label(
            RichText::new(label)
                .font(theme::regular(theme::SIZE_STRONG))
                .color(palette.text),
        )
        .on_hover_text(tip);
        ui.with_layout(Layout::right_to_left(Align::Center), add);
    });
}
