//! The settings: window, draw, comparison and cache.

use super::{row_ui, title_ui};
use crate::app::command::Command;
use crate::app::pane::Pane;
use crate::app::state::AppState;
use crate::domain::timecode::TimeFormat;
use crate::domain::{DevicePreference, DrawSettings, SamplingMethod, Variant};
use crate::ui::theme::{self, Palette, ThemeChoice};
use egui::{RichText, Ui};

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
            for (format, label) in [
                (TimeFormat::Seconds, "Seconds"),
                (TimeFormat::Frames, "Frames"),
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
                (DevicePreference::Auto, "Fastest"),
            ] {
                if ui.selectable_label(prefs.device == device, label).clicked() {
                    commands.push(Command::SelectDevice(device));
                }
            }
        },
    );
    row_ui(
        ui,
        "Chance in each step (eta)",
        "0 makes a summary depend on its first noise alone; 1 adds chance in every step.",
        |ui| {
            let mut eta = settings.eta;
            if ui
                .add(egui::Slider::new(&mut eta, 0.0..=1.0).step_by(0.05))
                .changed()
            {
                change(commands, "eta", &|settings| settings.eta = eta);
            }
        },
    );
    row_ui(
        ui,
        "Reading of the method",
        "The released code and the paper differ in details; this says whose is followed.",
        |ui| {
            for (variant, label) in [
                (Variant::Paper, "Paper"),
                (Variant::Authors, "Authors' code"),
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
        "Sampler",
        "All ways give the same summaries; the table is faster where a bundle allows it.",
        |ui| {
            for (method, label) in [
                (SamplingMethod::Table, "Table"),
                (SamplingMethod::Direct, "Direct"),
                (SamplingMethod::Auto, "Fastest"),
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
        "Match from τ",
        "How alike a sample must rank the frames to count as matching an annotator.",
        |ui| {
            let mut threshold = prefs.match_threshold;
            if ui
                .add(egui::Slider::new(&mut threshold, 0.0..=1.0).step_by(0.05))
                .changed()
            {
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
