//! The top bar: the video's facts, the controls of the draw, bundle, device and the way to all commands; and the status line.

use egui::{Align, Button, Layout, Rect, RichText, Ui, UiBuilder, pos2, vec2};

use super::command::{Command, key_text};
use super::page::Page;
use super::state::{AppState, Session};
use crate::domain::{DevicePreference, DrawSettings};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::LabelledSlider;
use crate::ui::{text, widgets};
use crate::views::welcome;

/// Height of the bar.
pub const HEIGHT: f32 = 56.0;
/// Height of the status line.
pub const STATUS_HEIGHT: f32 = 26.0;
const MARGIN: f32 = 20.0;
const CONTROL_HEIGHT: f32 = 28.0;

/// Shows the top bar in all the space there is.
pub fn top_bar_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let inner = area.shrink2(vec2(MARGIN, 0.0));
    // How much fits decides what moves into the menu of the draw.
    let wide = inner.width();
    let facts_width = if wide > 1100.0 {
        232.0
    } else {
        170.0f32.min(wide * 0.3)
    };
    let facts = Rect::from_min_size(inner.min, vec2(facts_width, inner.height()));
    facts_ui(ui, facts, state);
    let rest = Rect::from_min_max(pos2(facts.right() + 12.0, inner.top()), inner.max);
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(rest)
            .id_salt("bar")
            .layout(Layout::left_to_right(Align::Center)),
    );
    let ui = &mut child;
    ui.spacing_mut().item_spacing.x = 8.0;
    page_switch_ui(ui, state, commands);
    if wide > 640.0 {
        file_buttons_ui(ui, state, commands);
    } else if wide > 470.0 {
        file_menu_ui(ui, state, commands);
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        right_side_ui(ui, state, wide, commands);
        let left = ui.available_rect_before_wrap();
        // With nothing open there is nothing to draw from.
        if state.session.is_none() || state.shown_page() != Page::Explore {
            return;
        }
        sliders_ui(ui, left.shrink2(vec2(8.0, 0.0)), state, commands);
    });
}

fn facts_ui(ui: &mut Ui, rect: Rect, state: &AppState) {
    let palette = Palette::of(ui);
    let (name, facts) = match &state.session {
        _ if state.shown_page() == Page::Dataset => (
            state.dataset.name(),
            text::count(state.dataset.videos.len(), "video"),
        ),
        Some(session) => (session.name(), facts(session)),
        None => ("SummDiff explorer".to_owned(), "no video open".to_owned()),
    };
    let y = rect.center().y;
    widgets::paint_text_clipped(
        ui,
        pos2(rect.left(), y - 9.0),
        egui::Align2::LEFT_CENTER,
        &name,
        theme::semibold(theme::SIZE_TITLE),
        palette.text,
        rect.width(),
    );
    widgets::paint_text_clipped(
        ui,
        pos2(rect.left(), y + 10.0),
        egui::Align2::LEFT_CENTER,
        &facts,
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
        rect.width(),
    );
    let response = ui.interact(rect, ui.scope_id().with("facts"), egui::Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{name}, {facts}"))
    });
    if let Some(session) = &state.session
        && state.shown_page() != Page::Dataset
    {
        let mut tip = session.video.path.display().to_string();
        for warning in &session.video.warnings {
            tip.push('\n');
            tip.push_str(warning);
        }
        response.on_hover_text(tip);
    }
}

/// `5:47 · 854×480 · 24 fps · 42 segments`.
pub fn facts(session: &Session) -> String {
    let video = &session.video;
    let fps = video.frame_rate.as_f64();
    let size = if session.without_picture {
        "no picture".to_owned()
    } else {
        format!("{}×{}", video.width, video.height)
    };
    let mut parts = vec![text::clock(session.duration_secs()), size];
    if video.variable_frame_rate {
        parts.push(format!("about {fps:.0} fps"));
    } else if (fps - fps.round()).abs() < 0.005 {
        parts.push(format!("{fps:.0} fps"));
    } else {
        parts.push(format!("{fps:.2} fps"));
    }
    if !session.segments.is_empty() {
        parts.push(text::count(session.segments.len(), "segment"));
    }
    parts.join(" · ")
}

/// The pages side by side, the one on screen marked.
fn page_switch_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let pages = state.offered_pages();
    if pages.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    let shown = state.shown_page();
    let font = theme::medium(theme::SIZE_STRONG);
    let names: Vec<_> = pages
        .iter()
        .map(|page| {
            ui.painter()
                .layout_no_wrap(page.label().to_owned(), font.clone(), palette.text)
        })
        .collect();
    const PADDING: f32 = 10.0;
    let width: f32 = names.iter().map(|name| name.size().x + 2.0 * PADDING).sum();
    let (well, _) = ui.allocate_exact_size(vec2(width + 4.0, CONTROL_HEIGHT), egui::Sense::hover());
    ui.painter()
        .rect_filled(well, theme::RADIUS_CONTROL, palette.well);
    let mut x = well.left() + 2.0;
    for (page, name) in pages.into_iter().zip(names) {
        let rect = Rect::from_min_size(
            pos2(x, well.top() + 2.0),
            vec2(name.size().x + 2.0 * PADDING, well.height() - 4.0),
        );
        x = rect.right();
        let on = page == shown;
        let response = ui.interact(
            rect,
            ui.scope_id().with(("page", page)),
            egui::Sense::click(),
        );
        response
            .widget_info(|| egui::WidgetInfo::selected(egui::Role::Tab, true, on, page.label()));
        if on {
            ui.painter().rect_filled(rect, 5, palette.control_hover);
        }
        if response.has_focus() {
            let ring = egui::Stroke::new(1.5, palette.accent);
            ui.painter()
                .rect_stroke(rect, 5, ring, egui::StrokeKind::Inside);
        }
        let color = if on || response.hovered() {
            palette.text
        } else {
            palette.secondary
        };
        ui.painter().galley_with_override_text_color(
            rect.center() - name.size() / 2.0,
            name,
            color,
        );
        let command = Command::ShowPage(page);
        if response.on_hover_text(command.tooltip()).clicked() {
            commands.push(command);
        }
    }
}

fn file_buttons_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let has_draw = state.draw().is_some();
    for (label, command, enabled, reason) in [
        ("Open…", Command::OpenVideo, true, ""),
        (
            "Export…",
            Command::OpenExport(None),
            has_draw,
            "There is no summary to export yet.",
        ),
    ] {
        // Summaries stay out of sight while somebody annotates.
        if label == "Export…" && state.shown_page() != Page::Explore {
            continue;
        }
        let response = ui
            .add_enabled(
                enabled,
                Button::new(label).min_size(vec2(0.0, CONTROL_HEIGHT)),
            )
            .on_hover_text(command.tooltip())
            .on_disabled_hover_text(reason);
        if response.clicked() {
            commands.push(command);
        }
    }
}

/// The same in a menu, for a narrow window.
fn file_menu_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let button = Button::new("File").min_size(vec2(0.0, CONTROL_HEIGHT));
    egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
        for (command, enabled) in [
            (Command::OpenVideo, true),
            (Command::OpenProject, true),
            (Command::SaveProject, state.session.is_some()),
            (Command::LoadAnnotations, state.session.is_some()),
            (Command::OpenExport(None), state.draw().is_some()),
        ] {
            let Some(info) = command.info() else { continue };
            let response = ui
                .add_enabled(enabled, Button::new(info.name))
                .on_hover_text(command.tooltip());
            if response.clicked() {
                commands.push(command);
                ui.close();
            }
        }
    });
}

/// Right to left: commands, device, bundle, new draw.
fn right_side_ui(ui: &mut Ui, state: &AppState, wide: f32, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    if widgets::icon_button(
        ui,
        Icon::Commands,
        CONTROL_HEIGHT,
        palette.secondary,
        "Commands",
    )
    .on_hover_text(Command::Palette.tooltip())
    .clicked()
    {
        commands.push(Command::Palette);
    }
    if wide > 640.0 && !state.runtime.device.is_empty() {
        device_ui(ui, state, commands);
    }
    if wide > 760.0 && state.session.is_some() {
        bundle_ui(ui, state, commands);
    }
    if state.session.is_some() && state.shown_page() == Page::Explore {
        let label = if wide > 470.0 {
            format!("New draw · {}", state.choices.settings.seed)
        } else {
            "Draw".to_owned()
        };
        let button = widgets::primary_button(&label, palette).min_size(vec2(0.0, CONTROL_HEIGHT));
        let response = ui
            .add_enabled(state.session.is_some(), button)
            .on_hover_text(Command::NewDraw.tooltip())
            .on_disabled_hover_text("Open a video first.");
        if response.clicked() {
            commands.push(Command::NewDraw);
        }
        egui::Popup::context_menu(&response).show(|ui| {
            ui.label("Seed of this draw");
            let mut seed = state.choices.settings.seed;
            if ui.add(egui::DragValue::new(&mut seed)).changed() {
                let settings = DrawSettings {
                    seed,
                    ..state.choices.settings.clone()
                };
                commands.push(Command::SetSettings {
                    settings,
                    what: "seed",
                });
            }
        });
    }
}

fn device_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
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
            (DevicePreference::Auto, "Fastest that works"),
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

fn bundle_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let name = if state.runtime.bundle.is_empty() {
        &state.prefs.bundle
    } else {
        &state.runtime.bundle
    };
    let response = widgets::menu_button(ui, name, 92.0, false, |ui| {
        if state.runtime.bundles.is_empty() {
            ui.label("No bundle was found.");
        }
        for other in &state.runtime.bundles {
            if ui.selectable_label(other == name, other).clicked() {
                commands.push(Command::SelectBundle(other.clone()));
                ui.close();
            }
        }
    });
    response
        .on_hover_text("The networks that score the video; another bundle gives other summaries.")
        .accessible_name("Bundle");
}

/// One slider of the bar: how it reads and writes the settings.
struct Control {
    label: &'static str,
    what: &'static str,
    tooltip: &'static str,
    range: std::ops::RangeInclusive<f64>,
    step: f64,
    logarithmic: bool,
    get: fn(&DrawSettings) -> f64,
    set: fn(&mut DrawSettings, f64),
    format: fn(f64, f64) -> String,
    parse: fn(&str) -> Option<f64>,
    width: f32,
}

/// To three decimals, so that a value reads as what it is.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn parse_number(text: &str) -> Option<f64> {
    let digits: String = text
        .trim()
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    digits.parse().ok()
}

/// Reads `15`, `15 %` and `0.15` all as 15 %.
fn parse_share(text: &str) -> Option<f64> {
    let value = parse_number(text)?;
    Some(if value >= 1.0 || text.contains('%') {
        value / 100.0
    } else {
        value
    })
}

const CONTROLS: [Control; 5] = [
    Control {
        label: "Samples",
        what: "samples",
        tooltip: "How many summaries are drawn; more find rarer kinds.",
        range: 4.0..=1000.0,
        step: 1.0,
        logarithmic: true,
        get: |settings| settings.samples as f64,
        set: |settings, value| settings.samples = value.round().max(1.0) as usize,
        format: |value, _| format!("{value:.0}"),
        parse: parse_number,
        width: 110.0,
    },
    Control {
        label: "Steps",
        what: "steps",
        tooltip: "How finely each summary is worked out; more take longer.",
        range: 1.0..=1000.0,
        step: 1.0,
        logarithmic: true,
        get: |settings| settings.steps as f64,
        set: |settings, value| settings.steps = value.round().clamp(1.0, 1000.0) as usize,
        format: |value, _| format!("{value:.0}"),
        parse: parse_number,
        width: 90.0,
    },
    Control {
        label: "Guidance",
        what: "guidance",
        tooltip: "How strictly summaries follow the video; more makes them alike.",
        range: 0.0..=2.0,
        step: 0.01,
        logarithmic: false,
        get: |settings| settings.guidance,
        set: |settings, value| settings.guidance = rounded(value.max(0.0)),
        format: |value, _| format!("{value:.2}"),
        parse: parse_number,
        width: 100.0,
    },
    Control {
        label: "Coherence",
        what: "coherence",
        tooltip: "Over how long a stretch neighbouring frames change together; more makes summaries differ in whole scenes.",
        range: 0.0..=10.0,
        step: 0.1,
        logarithmic: false,
        get: |settings| settings.coherence_secs,
        set: |settings, value| settings.coherence_secs = rounded(value.max(0.0)),
        format: |value, _| format!("{value:.1} s"),
        parse: parse_number,
        width: 110.0,
    },
    Control {
        label: "Budget",
        what: "budget",
        tooltip: "How much of the video a summary may keep. (Ctrl+[ and Ctrl+])",
        range: 0.01..=0.6,
        step: 0.01,
        logarithmic: false,
        get: |settings| settings.budget,
        set: |settings, value| settings.budget = rounded(value),
        format: |value, duration| {
            if duration > 0.0 {
                format!(
                    "{} · {}",
                    text::percent_fine(value),
                    text::clock(value * duration)
                )
            } else {
                text::percent_fine(value)
            }
        },
        parse: parse_share,
        width: 170.0,
    },
];

/// The sliders, from the most important on as many as fit; the others are in a menu.
fn sliders_ui(ui: &mut Ui, rect: Rect, state: &AppState, commands: &mut Vec<Command>) {
    const WIDEST_GAP: f32 = 26.0;
    const NARROWEST_GAP: f32 = 16.0;
    const MENU: f32 = 92.0;
    let widths: f32 = CONTROLS.iter().map(|control| control.width).sum();
    let gaps = (CONTROLS.len() - 1) as f32;
    let gap = ((rect.width() - widths) / gaps).clamp(NARROWEST_GAP, WIDEST_GAP);
    let fits_all = widths + NARROWEST_GAP * gaps <= rect.width();
    let mut shown: Vec<&Control> = Vec::new();
    if fits_all {
        shown.extend(&CONTROLS);
    } else {
        // Budget first, then samples: what a person moves most.
        let mut room = rect.width() - MENU;
        for index in [4, 0, 2, 3, 1] {
            let control = &CONTROLS[index];
            if control.width + gap <= room {
                room -= control.width + gap;
                shown.push(control);
            } else {
                break;
            }
        }
        let order = |control: &&Control| {
            CONTROLS
                .iter()
                .position(|other| other.label == control.label)
        };
        shown.sort_by_key(order);
    }
    let used: f32 = shown.iter().map(|control| control.width + gap).sum::<f32>() - gap
        + if fits_all { 0.0 } else { MENU };
    let slack = (rect.width() - used).max(0.0);
    let mut x = rect.left() + (slack / 2.0).min(60.0);
    for control in &shown {
        let place = Rect::from_min_size(pos2(x, rect.center().y - 17.0), vec2(control.width, 36.0));
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(place)
                .id_salt(control.label)
                .layout(Layout::top_down(Align::Min)),
        );
        control_ui(&mut child, control, control.width, state, commands);
        x += control.width + gap;
    }
    if !fits_all && rect.width() > MENU {
        let place = Rect::from_min_size(
            pos2(x.min(rect.right() - MENU), rect.center().y - 14.0),
            vec2(MENU, 28.0),
        );
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(place)
                .id_salt("more controls")
                .layout(Layout::left_to_right(Align::Center)),
        );
        let response = widgets::menu_button(&mut child, "Draw", 0.0, true, |ui| {
            for control in CONTROLS
                .iter()
                .filter(|control| !shown.iter().any(|other| other.label == control.label))
            {
                control_ui(ui, control, 180.0, state, commands);
            }
        });
        response.on_hover_text("All settings of the draw.");
    }
}

fn control_ui(
    ui: &mut Ui,
    control: &Control,
    width: f32,
    state: &AppState,
    commands: &mut Vec<Command>,
) {
    let settings = &state.choices.settings;
    let duration = state.session.as_ref().map_or(0.0, Session::duration_secs);
    let (allowed, disabled_reason) = match control.label {
        "Coherence" => (
            state.runtime.coherence,
            "The samples of this bundle are coherent by themselves.",
        ),
        "Guidance" => (
            state.runtime.guidance,
            "This bundle was trained without guidance.",
        ),
        _ => (true, ""),
    };
    let format = |value: f64| (control.format)(value, duration);
    let slider = LabelledSlider {
        label: control.label,
        tooltip: control.tooltip,
        width,
        range: control.range.clone(),
        step: control.step,
        logarithmic: control.logarithmic,
        format: &format,
        parse: &control.parse,
        enabled: allowed || state.runtime.device.is_empty(),
        disabled_reason,
    };
    if let Some(value) = slider.show(ui, (control.get)(settings)) {
        let mut settings = settings.clone();
        (control.set)(&mut settings, value);
        commands.push(Command::SetSettings {
            settings,
            what: control.what,
        });
    }
}

/// Shows the status line: what just happened, progress, and the keys that help now.
pub fn status_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let area = ui.available_rect_before_wrap().shrink2(vec2(MARGIN, 0.0));
    let keys = keys_that_help(state);
    let font = theme::regular(theme::SIZE_BODY);
    let galley = ui
        .painter()
        .layout_no_wrap(keys, font.clone(), palette.secondary);
    let keys_width = if area.width() > 700.0 {
        galley.size().x
    } else {
        0.0
    };
    if keys_width > 0.0 {
        ui.painter().galley(
            pos2(
                area.right() - keys_width,
                area.center().y - galley.size().y / 2.0,
            ),
            galley,
            palette.secondary,
        );
    }
    let mut left = area.left();
    let running = state.export_progress.as_ref().or(state.progress.as_ref());
    if let Some(progress) = running {
        let place = Rect::from_min_max(
            area.min,
            pos2(
                (area.left() + 460.0).min(area.right() - keys_width - 16.0),
                area.bottom(),
            ),
        );
        left = place.right() + 12.0;
        let cancel = if state.export_progress.is_some() {
            Command::CancelExport
        } else {
            Command::CancelJob
        };
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(place)
                .id_salt("progress")
                .layout(Layout::left_to_right(Align::Center)),
        );
        compact_progress_ui(&mut child, progress, cancel, commands);
    }
    let room = area.right() - keys_width - 24.0 - left;
    let response = ui.interact(
        Rect::from_min_max(
            pos2(left, area.top()),
            pos2((left + room).max(left), area.bottom()),
        ),
        ui.scope_id().with("status"),
        egui::Sense::hover(),
    );
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Status, true, &state.status));
    widgets::paint_text_clipped(
        ui,
        pos2(left, area.center().y),
        egui::Align2::LEFT_CENTER,
        &state.status,
        font,
        palette.secondary,
        room,
    );
}

fn compact_progress_ui(
    ui: &mut Ui,
    progress: &crate::jobs::Progress,
    cancel: Command,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.x = 10.0;
    ui.label(
        RichText::new(progress.stage)
            .font(theme::regular(theme::SIZE_BODY))
            .color(palette.text),
    );
    let (rect, response) = ui.allocate_exact_size(vec2(110.0, 4.0), egui::Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, progress.stage)
    });
    let share = progress.fraction.map_or_else(
        || {
            // Unknown: a bar that breathes, at rest where motion is not wanted.
            ui.ctx()
                .request_repaint_after(std::time::Duration::from_millis(100));
            (ui.input(|input| input.time) * 1.5).sin() * 0.25 + 0.5
        },
        f64::from,
    );
    widgets::paint_share_bar(ui, rect, share, palette.accent);
    if let Some(fraction) = progress.fraction {
        widgets::note(ui, text::percent(f64::from(fraction)));
    }
    if let Some(secs) = progress.eta_secs {
        widgets::note(ui, text::eta(secs));
    }
    let text = cancel.info().map_or_else(
        || "Stops the export and removes what was written.".to_owned(),
        |_| cancel.tooltip(),
    );
    if widgets::text_button(ui, "Cancel", palette.accent)
        .on_hover_text(text)
        .clicked()
    {
        commands.push(cancel);
    }
}

/// The keys worth knowing right now.
fn keys_that_help(state: &AppState) -> String {
    if state.session.is_none() {
        return welcome::welcome_keys();
    }
    let first = |command: &Command| {
        command
            .info()
            .and_then(|info| info.keys.first().map(key_text))
            .unwrap_or_default()
    };
    if state.shown_page() == Page::Annotate {
        let parts = [
            crate::views::annotate::keys_that_help(state),
            format!("{} keys", first(&Command::CheatSheet)),
        ];
        return parts.join(" · ");
    }
    let count = state.alternative_count();
    let mut parts = vec![format!("{} play", first(&Command::TogglePlay))];
    if count > 1 {
        parts.push(format!("1–{count} alternatives"));
    }
    parts.push(format!(
        "{} play summary",
        first(&Command::PlaySummary(None))
    ));
    parts.push(format!("{} commands", first(&Command::Palette)));
    parts.push(format!("{} keys", first(&Command::CheatSheet)));
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_may_be_typed_in_any_way() {
        for text in ["15", "15 %", "15%", "0.15", "15\u{202f}% · 0:52"] {
            assert_eq!(parse_share(text), Some(0.15), "{text}");
        }
        assert_eq!(parse_share("a lot"), None);
        assert_eq!(parse_number("2,5 s"), Some(2.5));
    }

    #[test]
    fn the_facts_read_as_in_the_drawing() {
        let session = crate::testing::fixture::session(Default::default());
        assert_eq!(facts(&session), "5:47 · 854×480 · 24 fps · 42 segments");
    }
}
