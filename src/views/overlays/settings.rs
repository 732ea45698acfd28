//! The settings: window, draw, comparison and cache.

use super::{row_ui, title_ui};
use crate::domain::timecode::TimeFormat;
use crate::domain::{DevicePreference, DrawSettings, SamplingMethod, Variant};
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::pane::Pane;
use crate::ui::theme::{self, Palette, ThemeChoice};
use crate::views::topbar::FASTEST_DEVICE;
use egui::{RichText, Ui};

/// A checkbox that is seen while it is empty.
pub(super) fn outlined(ui: &mut Ui) {
    let line = Palette::of(ui).secondary;
    let widgets = &mut ui.visuals_mut().widgets;
    for visuals in [
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.open,
    ] {
        visuals.bg_stroke.color = line;
    }
}

/// A slider from 0 to 1 whose knob is as large as those of the top bar; whether it was moved.
fn share_slider(ui: &mut Ui, name: &str, value: &mut f64) -> bool {
    let usual = ui.spacing().interact_size.y;
    ui.spacing_mut().interact_size.y = 14.0;
    let slider = egui::Slider::new(value, 0.0..=1.0)
        .step_by(0.05)
        .show_value(false);
    let moved = ui.add(slider).accessible_name(name).changed();
    ui.spacing_mut().interact_size.y = usual;
    let number = egui::DragValue::new(value)
        .range(0.0..=1.0)
        .speed(0.01)
        .max_decimals(2);
    let number = ui.add(number).accessible_name(format!("{name} value"));
    moved | number.changed()
}

pub(super) fn settings_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    title_ui(ui, "Settings", commands);
    let prefs = &state.prefs;
    let heading = |ui: &mut Ui, label: &str| {
        let palette = Palette::of(ui);
        ui.add_space(6.0);
        ui.label(
            RichText::new(label)
                .font(theme::semibold(theme::SIZE_BODY))
                .color(palette.secondary),
        );
    };
    heading(ui, "Window");
    row_ui(ui, "Theme", "Changes the colours of the window.", |ui| {
        for choice in ThemeChoice::ALL.into_iter().rev() {
            if ui
                .selectable_label(prefs.theme == choice, choice.label())
                .clicked()
            {
                commands.push(Command::SetTheme(choice));
            }
        }
    });
    row_ui(ui, "Less motion", "Switches all animation off.", |ui| {
        let mut reduced = prefs.reduced_motion;
        outlined(ui);
        if ui
            .checkbox(&mut reduced, "")
            .accessible_name("Less motion")
            .changed()
        {
            commands.push(Command::SetReducedMotion(reduced));
        }
    });
    row_ui(
        ui,
        "Times as",
        "How the time at the playhead is written; all ways are understood when typed.",
        |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for (format, label) in [
                (TimeFormat::Seconds, "Seconds"),
                (TimeFormat::Frames, "Frames"),
                (TimeFormat::Source, "Source timecode"),
                (TimeFormat::Smpte, "Timecode"),
                (TimeFormat::Clock, "Clock"),
            ] {
                if ui
                    .selectable_label(prefs.time_format == format, label)
                    .clicked()
                {
                    commands.push(Command::SetTimeFormat(format));
                }
            }
        },
    );
    row_ui(ui, "Panels", "Which panels Explore shows.", |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for pane in Pane::ALL.into_iter().rev() {
            let command = Command::TogglePane(pane);
            if ui
                .selectable_label(state.shown_panes.contains(&pane), pane.title())
                .on_hover_text(command.tooltip())
                .accessible_name(pane.command_name())
                .clicked()
            {
                commands.push(command);
            }
        }
    });
    heading(ui, "Draw");
    let settings = &state.choices.settings;
    let change =
        |commands: &mut Vec<Command>, what: &'static str, edit: &dyn Fn(&mut DrawSettings)| {
            let mut settings = settings.clone();
            edit(&mut settings);
            commands.push(Command::SetSettings { settings, what });
        };
    row_ui(
        ui,
        "Device",
        "Where the networks run; the summaries are the same.",
        |ui| {
            for (device, label) in [
                (DevicePreference::Cuda, "CUDA"),
                (DevicePreference::Cpu, "CPU"),
                (DevicePreference::Auto, FASTEST_DEVICE),
            ] {
                if ui.selectable_label(prefs.device == device, label).clicked() {
                    commands.push(Command::SelectDevice(device));
                }
            }
        },
    );
    row_ui(
        ui,
        "Seed",
        "Chooses the samples; the same seed always gives the same ones.",
        |ui| {
            outlined(ui);
            crate::views::seed::seed_ui(ui, settings, commands);
        },
    );
    row_ui(
        ui,
        "Randomness of each step (η)",
        "0 makes a sample depend on its first noise alone; 1 adds noise in every step.",
        |ui| {
            let mut eta = settings.eta;
            if share_slider(ui, "Randomness of each step", &mut eta) {
                change(commands, "eta", &|settings| settings.eta = eta);
            }
        },
    );
    row_ui(
        ui,
        "Details as in",
        "The paper and its authors' released code differ in details; this says which is followed.",
        |ui| {
            for (variant, label) in [
                (Variant::Paper, "the paper"),
                (Variant::Authors, "the authors' code"),
            ] {
                if ui
                    .selectable_label(settings.variant == variant, label)
                    .clicked()
                {
                    change(commands, "method", &|settings| settings.variant = variant);
                }
            }
        },
    );
    row_ui(
        ui,
        "Samples computed",
        "Both ways give the same samples. The table is much faster, and possible where the network scores each frame by itself.",
        |ui| {
            for (method, label) in [
                (SamplingMethod::Table, "from a table"),
                (SamplingMethod::Direct, "one by one"),
                (SamplingMethod::Auto, "the faster way"),
            ] {
                if ui
                    .selectable_label(settings.method == method, label)
                    .clicked()
                {
                    change(commands, "sampler", &|settings| settings.method = method);
                }
            }
        },
    );
    heading(ui, "Comparison");
    row_ui(
        ui,
        "A match from τ =",
        "Kendall's τ from which on a sample counts as agreeing with an annotator.",
        |ui| {
            let mut threshold = prefs.match_threshold;
            if share_slider(ui, "A match from τ", &mut threshold) {
                commands.push(Command::SetMatchThreshold(threshold));
            }
        },
    );
    heading(ui, "Cache");
    row_ui(
        ui,
        "Keep at most",
        "Features of videos seen before are kept, so that they open at once; the oldest go first.",
        |ui| {
            let mut gib = prefs.cache_limit_bytes as f64 / f64::from(1u32 << 30);
            if ui
                .add(
                    egui::DragValue::new(&mut gib)
                        .range(0.25..=256.0)
                        .speed(0.25)
                        .suffix(" GB"),
                )
                .accessible_name("Cache keeps at most")
                .changed()
            {
                commands.push(Command::SetCacheLimit((gib * f64::from(1u32 << 30)) as u64));
            }
        },
    );
    ui.add_space(8.0);
    if ui
        .button("Reset the panels")
        .on_hover_text(Command::ResetLayout.tooltip())
        .clicked()
    {
        commands.push(Command::ResetLayout);
    }
}
