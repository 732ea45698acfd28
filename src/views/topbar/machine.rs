//! Which bundle is used and where it runs.

use super::CONTROL_HEIGHT;
use crate::domain::DevicePreference;
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::theme::Palette;
use crate::ui::widgets;
use egui::Ui;

/// The choice that tries CUDA first.
pub const FASTEST_DEVICE: &str = "Fastest that works";

pub(super) fn device_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let device = &state.runtime.device;
    let fell_back = !state.runtime.device_note.is_empty();
    let (color, fill) = if fell_back {
        (palette.warning, palette.panel)
    } else {
        (palette.good, palette.good_fill)
    };
    let response = widgets::badge(ui, device, color, fill, CONTROL_HEIGHT);
    let tip = if fell_back {
        state.runtime.device_note.clone()
    } else {
        "Where the networks run; the summaries are the same.".to_owned()
    };
    egui::Popup::menu(&response).show(|ui| {
        for (preference, label) in [
            (DevicePreference::Auto, FASTEST_DEVICE),
            (DevicePreference::Cpu, "CPU"),
            (DevicePreference::Cuda, "CUDA"),
        ] {
            if ui
                .selectable_label(state.prefs.device == preference, label)
                .clicked()
            {
                commands.push(Command::SelectDevice(preference));
                ui.close();
            }
        }
    });
    response.on_hover_text(tip);
}

pub(super) fn bundle_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let name = if state.runtime.bundle.is_empty() {
        &state.prefs.bundle
    } else {
        &state.runtime.bundle
    };
    let by_chance = state.runtime.drawn_by == "random";
    let label = if by_chance {
        "by chance"
    } else {
        folder_name(name)
    };
    let response = widgets::menu_button(ui, label, 92.0, false, |ui| {
        if state.runtime.bundles.is_empty() {
            ui.label("No bundle was found.");
        }
        for other in &state.runtime.bundles {
            let label = ui.selectable_label(other == name, folder_name(other));
            let label = if folder_name(other) == other {
                label
            } else {
                label.on_hover_text(other)
            };
            if label.clicked() {
                commands.push(Command::SelectBundle(other.clone()));
                ui.close();
            }
        }
    });
    response
        .on_hover_text(if by_chance {
            "Samples are drawn by chance: there are no features of this video that a bundle could score."
        } else {
            "The networks that score the video; another bundle gives other summaries."
        })
        .accessible_name("Bundle");
}

/// What a bundle is called: its name, or where it is a folder elsewhere, that folder's.
fn folder_name(bundle: &str) -> &str {
    std::path::Path::new(bundle)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(bundle)
}
