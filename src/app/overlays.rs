//! What lies over the window: command palette, cheat sheet, settings, export, go-to-time.

use egui::{
    Align, Button, Frame, Id, Key, Layout, Margin, Modal, Modifiers, RichText, Role, ScrollArea,
    Sense, Stroke, Ui, WidgetInfo, vec2,
};

use super::annotate::command::heard;
use super::command::{Command, Place, key_text};
use super::pane::Pane;
use super::state::{AppState, EXPORT_FORMATS, ExportForm, ExportMode, Overlay};
use crate::domain::timecode::TimeFormat;
use crate::domain::{DevicePreference, DrawSettings, SamplingMethod, Variant};
use crate::ui::theme::{self, Palette, ThemeChoice};
use crate::ui::{text, widgets};

/// Most hits the palette lists at once.
const MAX_HITS: usize = 12;

/// Shows the open overlay, if any.
pub fn overlay_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let (name, width) = match &state.overlay {
        Overlay::None => return,
        Overlay::Palette => ("palette", 520.0),
        Overlay::CheatSheet => ("keys", 900.0),
        Overlay::Settings => ("settings", 500.0),
        Overlay::Export(_) => ("export", 480.0),
        Overlay::GoTo => ("go to", 320.0),
    };
    let palette = Palette::of(ui);
    let screen = ui.ctx().content_rect();
    let width = f32::min(width, screen.width() - 64.0);
    let mut area = Modal::default_area(Id::unique(name));
    if state.overlay == Overlay::Palette {
        area = area.anchor(egui::Align2::CENTER_TOP, vec2(0.0, 72.0));
    }
    let modal = Modal::new(Id::unique(name))
        .area(area)
        .backdrop_color(palette.scrim)
        .frame(
            Frame::new()
                .fill(palette.panel)
                .stroke(Stroke::new(1.0, palette.line))
                .corner_radius(theme::RADIUS_PANEL)
                .inner_margin(Margin::same(16)),
        );
    let response = modal.show(ui.ctx(), |ui| {
        ui.set_width(width);
        match &state.overlay {
            Overlay::Palette => palette_ui(ui, state, commands),
            Overlay::CheatSheet => cheat_sheet_ui(ui, state, screen.height() - 140.0, commands),
            Overlay::Settings => settings_ui(ui, state, commands),
            Overlay::Export(form) => export_ui(ui, state, form, commands),
            Overlay::GoTo => go_to_ui(ui, state, commands),
            Overlay::None => {}
        }
    });
    if response.should_close() {
        commands.push(Command::CloseOverlay);
    }
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

/// How well a name answers to what was typed: lower is better, `None` where it does not.
/// All words must occur; a word that begins a word of the name counts more.
pub fn match_rank(name: &str, typed: &str) -> Option<usize> {
    let name = name.to_lowercase();
    let mut rank = 0;
    for word in typed.to_lowercase().split_whitespace() {
        let at = name.find(word)?;
        let begins = at == 0 || name[..at].ends_with(' ');
        rank += if begins { at } else { at + 100 };
    }
    Some(rank)
}

fn palette_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let mut typed = state.overlay_text.clone();
    let field = ui
        .add(
            egui::TextEdit::singleline(&mut typed)
                .hint_text("Find a command")
                .desired_width(f32::INFINITY)
                .margin(Margin::symmetric(10, 8)),
        )
        .accessible_name("Find a command");
    field.request_focus();
    let chosen_id = Id::unique("palette choice");
    if field.changed() {
        ui.data_mut(|data| data.insert_temp(chosen_id, 0usize));
        commands.push(Command::TypeOverlayText(typed.clone()));
    }
    let mut hits: Vec<(usize, Command)> = heard(state)
        .into_iter()
        .filter(|command| *command != Command::Palette && is_possible(state, command))
        .filter_map(|command| {
            let info = command.info()?;
            let rank = match_rank(&info.name, &typed).or_else(|| {
                match_rank(&format!("{} {}", info.place.label(), info.name), &typed).map(|r| r + 50)
            })?;
            Some((rank, command))
        })
        .collect();
    hits.sort_by_key(|(rank, _)| *rank);
    hits.truncate(MAX_HITS);
    let mut chosen: usize = ui.data(|data| data.get_temp(chosen_id)).unwrap_or(0);
    ui.input_mut(|input| {
        if input.consume_key(Modifiers::NONE, Key::ArrowDown) {
            chosen += 1;
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            chosen = chosen.saturating_sub(1);
        }
    });
    chosen = chosen.min(hits.len().saturating_sub(1));
    ui.data_mut(|data| data.insert_temp(chosen_id, chosen));
    let entered = ui.input(|input| input.key_pressed(Key::Enter));
    ui.add_space(4.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    if hits.is_empty() {
        widgets::note(ui, "No command has these words in its name.");
    }
    let mut run = None;
    for (place, (_, command)) in hits.iter().enumerate() {
        let Some(info) = command.info() else { continue };
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::click());
        response.widget_info(|| {
            WidgetInfo::selected(Role::MenuItem, true, place == chosen, &info.name)
        });
        if place == chosen || response.hovered() {
            ui.painter()
                .rect_filled(rect, theme::RADIUS_CONTROL, palette.control);
        }
        let used = ui.painter().text(
            rect.left_center() + vec2(10.0, 0.0),
            egui::Align2::LEFT_CENTER,
            &info.name,
            theme::medium(theme::SIZE_STRONG),
            palette.text,
        );
        let key = info.keys.first().map(key_text).unwrap_or_default();
        let key_rect = ui.painter().text(
            rect.right_center() - vec2(10.0, 0.0),
            egui::Align2::RIGHT_CENTER,
            key,
            theme::medium(theme::SIZE_SMALL),
            palette.secondary,
        );
        widgets::paint_text_clipped(
            ui,
            egui::pos2(used.right() + 12.0, rect.center().y),
            egui::Align2::LEFT_CENTER,
            info.tip,
            theme::regular(theme::SIZE_SMALL),
            palette.secondary,
            key_rect.left() - used.right() - 24.0,
        );
        if response.clicked() || (entered && place == chosen) {
            run = Some(command.clone());
        }
    }
    if let Some(command) = run {
        commands.push(Command::CloseOverlay);
        commands.push(command);
    }
}

/// Whether a command would do something now; the palette leaves the others out.
fn is_possible(state: &AppState, command: &Command) -> bool {
    match command {
        Command::Undo => state.history.can_undo(),
        Command::Redo => state.history.can_redo(),
        Command::CancelJob => state.is_busy(),
        Command::SelectAlternative(index) => *index < state.alternative_count(),
        Command::PlaySummary(_) | Command::OpenExport(_) | Command::FlipPair => {
            state.draw().is_some()
        }
        Command::ZoomRange => state.choices.range_secs.is_some(),
        _ => match command.info().map(|info| info.place) {
            Some(Place::Play | Place::Timeline | Place::Summaries) => state.session.is_some(),
            Some(Place::Edit) => state.session.is_some(),
            _ => {
                state.session.is_some()
                    || !matches!(
                        command,
                        Command::SaveProject
                            | Command::SaveProjectAs
                            | Command::Figure(_)
                            | Command::LoadAnnotations
                            | Command::Snapshot
                    )
            }
        },
    }
}

fn cheat_sheet_ui(ui: &mut Ui, state: &AppState, max_height: f32, commands: &mut Vec<Command>) {
    title_ui(ui, "Keys", commands);
    let palette = Palette::of(ui);
    let all: Vec<Command> = heard(state)
        .into_iter()
        .filter(|command| command.info().is_some_and(|info| !info.keys.is_empty()))
        .collect();
    let columns = if ui.available_width() > 720.0 { 3 } else { 1 };
    // Places in columns of about the same height.
    let groups: [&[Place]; 3] = [
        &[Place::Annotating, Place::Play],
        &[Place::File, Place::Edit],
        &[Place::Summaries, Place::Timeline, Place::Window],
    ];
    ScrollArea::vertical()
        .max_height(max_height)
        .min_scrolled_height(max_height)
        .show(ui, |ui| {
            ui.columns(columns, |uis| {
                for (index, group) in groups.iter().enumerate() {
                    let ui = &mut uis[index.min(columns - 1)];
                    ui.spacing_mut().item_spacing.y = 3.0;
                    for place in *group {
                        let used = |command: &Command| {
                            command.info().is_some_and(|info| info.place == *place)
                        };
                        if !all.iter().any(used) {
                            continue;
                        }
                        ui.label(
                            RichText::new(place.label())
                                .font(theme::semibold(theme::SIZE_BODY))
                                .color(palette.secondary),
                        );
                        for command in &all {
                            let Some(info) = command.info().filter(|info| info.place == *place)
                            else {
                                continue;
                            };
                            ui.horizontal(|ui| {
                                ui.set_height(20.0);
                                ui.spacing_mut().item_spacing.x = 4.0;
                                ui.label(
                                    RichText::new(&info.name)
                                        .font(theme::regular(theme::SIZE_BODY))
                                        .color(palette.text),
                                );
                                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                                    let mut names: Vec<String> =
                                        info.keys.iter().map(key_text).collect();
                                    names.dedup();
                                    for name in names.iter().take(2).rev() {
                                        widgets::key_cap(ui, name);
                                    }
                                });
                            });
                        }
                        ui.add_space(8.0);
                    }
                }
            });
        });
    widgets::note(
        ui,
        "Ctrl with the wheel zooms the timeline at the pointer, Shift with the wheel or the middle button moves it, a double click shows all of it.",
    );
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

fn settings_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
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

fn export_ui(ui: &mut Ui, state: &AppState, form: &ExportForm, commands: &mut Vec<Command>) {
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
fn with_ending(path: &str, ending: &str) -> String {
    std::path::Path::new(path)
        .with_extension(ending)
        .display()
        .to_string()
}

fn go_to_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
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
    let fps = state
        .session
        .as_ref()
        .map_or(0.0, |session| session.video.frame_rate.as_f64());
    let secs = text::parse_time(&typed, fps);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_finds_words_in_any_order_and_prefers_beginnings() {
        assert!(match_rank("Choose alternative B", "b alt").is_some());
        assert!(match_rank("Open…", "export").is_none());
        assert!(match_rank("Play the summary", "summ") < match_rank("Unsummed", "summ"));
        assert_eq!(match_rank("anything", ""), Some(0));
    }

    #[test]
    fn the_ending_follows_the_format() {
        assert_eq!(
            with_ending("/a/b_summary_A.mp4", "otio"),
            "/a/b_summary_A.otio"
        );
    }

    #[test]
    fn the_palette_leaves_out_what_would_do_nothing() {
        let empty = AppState::default();
        assert!(!is_possible(&empty, &Command::TogglePlay));
        assert!(!is_possible(&empty, &Command::SaveProject));
        assert!(is_possible(&empty, &Command::OpenVideo));
        let full = crate::testing::fixture::state();
        assert!(is_possible(&full, &Command::SelectAlternative(3)));
        assert!(!is_possible(&full, &Command::SelectAlternative(4)));
    }
}
