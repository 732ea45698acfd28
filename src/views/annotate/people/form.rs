//! The form in which an annotator begins.

use crate::domain::annotator_work::{Method, ShotOrder, rated_shots};
use crate::state::AppState;
use crate::state::annotate::{AnnotateCommand, StartForm};
use crate::state::command::Command;
use crate::ui::text;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{self, LabelledSlider};
use egui::{RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

pub(super) fn form_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let mut form = state.annotate.form.clone();
    widgets::panel_title(ui, "Begin", "");
    widgets::note(
        ui,
        "Others and the drawn summaries stay hidden until you have finished.",
    );
    ui.add_space(8.0);
    label(ui, "Name of the annotator");
    let field = ui
        .add(
            egui::TextEdit::singleline(&mut form.name)
                .hint_text("Your name or a code")
                .desired_width(f32::INFINITY)
                .margin(egui::Margin::symmetric(10, 7)),
        )
        .accessible_name("Name of the annotator");
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    ui.add_space(8.0);
    label(ui, "What to do");
    for (method, name, explanation) in [
        (
            Method::Ratings,
            "Rate shots from 1 to 5",
            "Every two seconds of the video get a rating, as in TVSum.",
        ),
        (
            Method::Picks,
            "Mark picks",
            "Keep what matters most, within a budget, as in SumMe.",
        ),
    ] {
        if choice_ui(ui, name, explanation, form.method == method).clicked() {
            form.method = method;
        }
    }
    ui.add_space(8.0);
    match form.method {
        Method::Ratings => {
            label(ui, "Order of the shots");
            ui.horizontal(|ui| {
                for (order, name, tip) in [
                    (
                        ShotOrder::Random,
                        "Random",
                        "Each shot is judged by itself, as in TVSum; the same name gets the same order.",
                    ),
                    (
                        ShotOrder::Sequence,
                        "In sequence",
                        "As in the video, so that each shot is seen after what leads to it.",
                    ),
                ] {
                    if ui
                        .selectable_label(form.order == order, name)
                        .on_hover_text(tip)
                        .clicked()
                    {
                        form.order = order;
                    }
                }
            });
            let shots = state
                .session
                .as_ref()
                .map_or(0, |session| rated_shots(&session.index).len());
            widgets::note(
                ui,
                format!(
                    "{}, about {} of work",
                    text::count(shots, "shot"),
                    text::clock(shots as f64 * 3.0)
                ),
            );
        }
        Method::Picks => {
            let duration = state.session.as_ref().map_or(0.0, |s| s.duration_secs());
            let format = |value: f64| {
                format!(
                    "{} · {}",
                    text::percent_fine(value),
                    text::clock(value * duration)
                )
            };
            let parse = |typed: &str| {
                let number: f64 = typed.trim().trim_end_matches('%').trim().parse().ok()?;
                Some(if number >= 1.0 {
                    number / 100.0
                } else {
                    number
                })
            };
            let slider = LabelledSlider {
                label: "Budget",
                tooltip: "How much of the video the picks may keep.",
                width: ui.available_width(),
                range: 0.01..=0.6,
                step: 0.01,
                logarithmic: false,
                format: &format,
                parse: &parse,
                enabled: true,
                disabled_reason: "",
            };
            if let Some(budget) = slider.show(ui, form.budget) {
                form.budget = (budget * 1000.0).round() / 1000.0;
            }
        }
    }
    ui.add_space(12.0);
    let name = match form.method {
        Method::Ratings => "Start rating",
        Method::Picks => "Start picking",
    };
    let why = state.name_hindrance(&form.name);
    let start = widgets::wide_primary_button(ui, name, why.as_deref());
    let starts = start.clicked() || (entered && why.is_none());
    // An empty field needs no reproach.
    if let Some(why) = why.filter(|_| !form.name.trim().is_empty()) {
        ui.label(
            RichText::new(why)
                .font(theme::regular(theme::SIZE_BODY))
                .color(palette.warning),
        );
    }
    if form != state.annotate.form {
        edit(commands, form);
    }
    if starts {
        commands.push(Command::Annotate(AnnotateCommand::Start));
    }
}

pub(super) fn edit(commands: &mut Vec<Command>, form: StartForm) {
    commands.push(Command::Annotate(AnnotateCommand::EditForm(form)));
}

pub(super) fn label(ui: &mut Ui, words: &str) {
    let palette = Palette::of(ui);
    ui.label(
        RichText::new(words)
            .font(theme::medium(theme::SIZE_BODY))
            .color(palette.secondary),
    );
}

/// A card to choose, with an explanation under its name.
pub(super) fn choice_ui(ui: &mut Ui, name: &str, explanation: &str, on: bool) -> egui::Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 52.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, name));
    let (fill, stroke) = if on {
        (palette.accent_fill, palette.accent)
    } else if response.hovered() {
        (palette.control_hover, palette.line)
    } else {
        (palette.control, palette.line)
    };
    let width = if response.has_focus() { 2.0 } else { 1.0 };
    ui.painter().rect(
        rect,
        theme::RADIUS_CONTROL,
        fill,
        Stroke::new(width, stroke),
        StrokeKind::Inside,
    );
    for (y, words, font, color) in [
        (17.0, name, theme::medium(theme::SIZE_STRONG), palette.text),
        (
            36.0,
            explanation,
            theme::regular(theme::SIZE_BODY),
            if on { palette.text } else { palette.secondary },
        ),
    ] {
        widgets::paint_text_clipped(
            ui,
            pos2(rect.left() + 12.0, rect.top() + y),
            egui::Align2::LEFT_CENTER,
            words,
            font,
            color,
            rect.width() - 24.0,
        );
    }
    response
}
