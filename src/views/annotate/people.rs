//! The first screen: a form to begin, and everybody who has annotated this video.

use egui::{
    Align, Button, Layout, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::app::annotate::apply::method_text;
use crate::app::annotate::export::ExportKind;
use crate::app::annotate::merge::{MergeQuestion, Resolution};
use crate::app::annotate::state::loaded_annotators;
use crate::app::annotate::{AnnotateCommand, Screen, StartForm};
use crate::app::command::Command;
use crate::app::state::AppState;
use crate::domain::AnnotatorWork;
use crate::domain::annotator_work::{Method, ShotOrder, rated_shots};
use crate::ui::text;
use crate::ui::theme::{self, PANEL_GAP, Palette};
use crate::ui::widgets::{self, LabelledSlider};

const FORM_WIDTH: f32 = 400.0;
const ROW: f32 = 58.0;

/// Shows the screen.
pub fn people_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let narrow = area.width() < 2.0 * FORM_WIDTH;
    let (form, list) = if narrow {
        let split = (area.top() + 420.0).min(area.center().y + 120.0);
        (
            Rect::from_min_max(area.min, pos2(area.right(), split)),
            Rect::from_min_max(pos2(area.left(), split + PANEL_GAP), area.max),
        )
    } else {
        let split = area.left() + FORM_WIDTH;
        (
            Rect::from_min_max(area.min, pos2(split, area.bottom())),
            Rect::from_min_max(pos2(split + PANEL_GAP, area.top()), area.max),
        )
    };
    widgets::panel_at(ui, form, "begin", |ui| form_ui(ui, state, commands));
    widgets::panel_at(ui, list, "people", |ui| list_ui(ui, state, commands));
}

fn form_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
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

fn edit(commands: &mut Vec<Command>, form: StartForm) {
    commands.push(Command::Annotate(AnnotateCommand::EditForm(form)));
}

fn label(ui: &mut Ui, words: &str) {
    let palette = Palette::of(ui);
    ui.label(
        RichText::new(words)
            .font(theme::medium(theme::SIZE_BODY))
            .color(palette.secondary),
    );
}

/// A card to choose, with an explanation under its name.
fn choice_ui(ui: &mut Ui, name: &str, explanation: &str, on: bool) -> egui::Response {
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

fn list_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let works = state.works();
    let loaded = loaded_annotators(state.choices.annotations.as_deref(), works).count();
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(28.0);
        ui.label(
            RichText::new("Annotators")
                .font(theme::semibold(theme::SIZE_STRONG))
                .color(palette.text),
        );
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            buttons_ui(ui, state, commands);
        });
    });
    ui.add_space(4.0);
    if !state.annotate.note.is_empty() {
        ui.label(
            RichText::new(&state.annotate.note)
                .font(theme::regular(theme::SIZE_BODY))
                .color(palette.warning),
        );
    }
    if let Some(question) = &state.annotate.merge {
        merge_ui(ui, question, commands);
    }
    let area = ui.available_rect_before_wrap();
    if works.is_empty() && loaded == 0 {
        widgets::paint_empty(
            ui,
            area,
            "Nobody has annotated this video yet",
            "Begin on the left, or load annotations that others have made.",
        );
        return;
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        for work in works {
            work_row_ui(ui, state, work, commands);
        }
        if loaded > 0 {
            loaded_row_ui(ui, state, loaded);
        }
    });
}

fn buttons_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let compare = AnnotateCommand::ShowScreen(Screen::Compare);
    let response = ui
        .add_enabled(
            state.choices.annotations.is_some(),
            widgets::primary_button("Compare", palette).min_size(vec2(0.0, 28.0)),
        )
        .on_hover_text("Shows who agrees with whom, and which samples see it their way.")
        .on_disabled_hover_text("Nobody is complete yet.");
    if response.clicked() {
        commands.push(Command::Annotate(compare));
    }
    ui.spacing_mut().item_spacing.x = 12.0;
    let own = state.works().iter().any(|work| work.complete);
    export_menu(ui, own, commands);
    if widgets::text_button(ui, "Merge project…", palette.accent)
        .on_hover_text("Adds the annotators of another person's project of the same video.")
        .clicked()
    {
        commands.push(Command::Annotate(AnnotateCommand::PickMerge));
    }
    if widgets::text_button(ui, "Load annotations…", palette.accent)
        .on_hover_text(Command::LoadAnnotations.tooltip())
        .clicked()
    {
        commands.push(Command::LoadAnnotations);
    }
}

/// The kinds of file that what was made here can be written as.
fn export_menu(ui: &mut Ui, enabled: bool, commands: &mut Vec<Command>) {
    let response = ui
        .add_enabled_ui(enabled, |ui| {
            widgets::menu_button(ui, "Export", 0.0, false, |ui| {
                for kind in ExportKind::ALL {
                    if ui.button(kind.label()).on_hover_text(kind.tip()).clicked() {
                        commands.push(Command::Annotate(AnnotateCommand::PickExport(kind)));
                        ui.close();
                    }
                }
            })
        })
        .inner;
    response
        .on_hover_text("Writes the ratings and picks of all complete annotators.")
        .on_disabled_hover_text("Nobody is complete here yet.");
}

/// Names that mean different things in the other project, each with what to do.
fn merge_ui(ui: &mut Ui, question: &MergeQuestion, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    egui::Frame::new()
        .fill(palette.well)
        .stroke(Stroke::new(1.0, palette.warning))
        .corner_radius(theme::RADIUS_CONTROL)
        .inner_margin(egui::Margin::same(12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(
                RichText::new(format!("Merging {}", question.source))
                    .font(theme::semibold(theme::SIZE_STRONG))
                    .color(palette.text),
            );
            let mut facts = vec![format!("{} new", question.fresh.len())];
            if question.same > 0 {
                facts.push(format!("{} here already", question.same));
            }
            facts.push(format!(
                "{} with the same name but other content",
                question.conflicts.len()
            ));
            widgets::note(ui, format!("{}.", facts.join(", ")));
            if !question.note.is_empty() {
                widgets::note(ui, &question.note);
            }
            for (index, (offered, chosen)) in question.conflicts.iter().enumerate() {
                ui.horizontal(|ui| {
                    ui.label(
                        RichText::new(offered.name())
                            .font(theme::medium(theme::SIZE_STRONG))
                            .color(palette.text),
                    );
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        for resolution in Resolution::ALL.into_iter().rev() {
                            let response = ui
                                .selectable_label(*chosen == resolution, resolution.label())
                                .accessible_name(format!(
                                    "{}: {}",
                                    offered.name(),
                                    resolution.label()
                                ));
                            if response.clicked() {
                                commands.push(Command::Annotate(AnnotateCommand::Resolve(
                                    index, resolution,
                                )));
                            }
                        }
                    });
                });
            }
            ui.horizontal(|ui| {
                for (label, command) in [
                    ("Merge", AnnotateCommand::Merge),
                    ("Cancel", AnnotateCommand::CancelMerge),
                ] {
                    if ui.button(label).clicked() {
                        commands.push(Command::Annotate(command));
                    }
                }
            });
        });
    ui.add_space(4.0);
}

/// One annotator: name, what was asked, how far, time spent, and the way on.
fn work_row_ui(ui: &mut Ui, state: &AppState, work: &AnnotatorWork, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Label,
            true,
            format!("{}: {}", work.name, progress_text(work)),
        )
    });
    ui.painter()
        .rect_filled(rect, theme::RADIUS_CONTROL, palette.well);
    let buttons = 236.0;
    let middle = rect.left() + 12.0 + ((rect.width() - buttons) * 0.5).max(120.0);
    let left_width = middle - rect.left() - 28.0;
    widgets::paint_text_clipped(
        ui,
        pos2(rect.left() + 14.0, rect.top() + 20.0),
        egui::Align2::LEFT_CENTER,
        &work.name,
        theme::semibold(theme::SIZE_STRONG),
        palette.text,
        left_width,
    );
    let mut facts = vec![method_text(work)];
    let spent = state.spent_secs(&work.name);
    if spent >= 1.0 {
        facts.push(format!("{} of work", text::clock(spent)));
    }
    if work.saw_others {
        facts.push("not blind".to_owned());
    }
    widgets::paint_text_clipped(
        ui,
        pos2(rect.left() + 14.0, rect.top() + 39.0),
        egui::Align2::LEFT_CENTER,
        &facts.join(" · "),
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
        left_width,
    );
    let bar_width = (rect.right() - buttons - middle - 16.0).max(0.0);
    if bar_width > 40.0 {
        widgets::paint_text_clipped(
            ui,
            pos2(middle, rect.top() + 20.0),
            egui::Align2::LEFT_CENTER,
            &progress_text(work),
            theme::regular(theme::SIZE_BODY),
            palette.text,
            bar_width,
        );
        let bar = Rect::from_min_size(pos2(middle, rect.top() + 36.0), vec2(bar_width, 4.0));
        let color = if work.complete {
            palette.good
        } else {
            palette.accent
        };
        widgets::paint_share_bar(ui, bar, work.progress(), color);
    }
    let place = Rect::from_min_max(
        pos2(rect.right() - buttons, rect.top()),
        rect.max - vec2(12.0, 0.0),
    );
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(place)
            .id_salt(("row", &work.name))
            .layout(Layout::right_to_left(Align::Center)),
    );
    let ui = &mut child;
    ui.spacing_mut().item_spacing.x = 12.0;
    if widgets::text_button(ui, "Remove", palette.secondary)
        .on_hover_text("Removes this annotator's work; undo brings it back.")
        .accessible_name(format!("Remove {}", work.name))
        .clicked()
    {
        commands.push(Command::Annotate(AnnotateCommand::Remove(
            work.name.clone(),
        )));
    }
    let (name, command, tip) = if work.complete {
        (
            "Reopen",
            AnnotateCommand::Reopen(work.name.clone()),
            "Opens the work again to change it; it counts as not blind from then on.",
        )
    } else {
        (
            "Continue",
            AnnotateCommand::Resume(work.name.clone()),
            "Goes on where it was left.",
        )
    };
    if ui
        .add(Button::new(name).min_size(vec2(84.0, 28.0)))
        .on_hover_text(tip)
        .accessible_name(format!("{name} {}", work.name))
        .clicked()
    {
        commands.push(Command::Annotate(command));
    }
}

/// `43 of 174 shots · 25 %`, `complete`.
fn progress_text(work: &AnnotatorWork) -> String {
    if work.complete {
        return match work.method {
            Method::Ratings => format!("Complete · {}", text::count(work.shots.len(), "shot")),
            Method::Picks => format!("Complete · keeps {}", text::percent_fine(work.used_share())),
        };
    }
    match work.method {
        Method::Ratings => {
            let (done, all) = work.rated();
            format!("{done} of {all} shots · {}", text::percent(work.progress()))
        }
        Method::Picks => format!(
            "{} of {} kept",
            text::percent_fine(work.used_share()),
            text::percent_fine(work.budget)
        ),
    }
}

fn loaded_row_ui(ui: &mut Ui, state: &AppState, loaded: usize) {
    let palette = Palette::of(ui);
    let source = state
        .choices
        .annotations
        .as_deref()
        .map_or("", |set| set.source.as_str());
    let simulated = state
        .choices
        .annotations
        .as_deref()
        .is_some_and(|set| set.simulated);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let name = text::count(
        loaded,
        if simulated {
            "simulated annotator"
        } else {
            "annotator"
        },
    );
    response
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} from {source}")));
    ui.painter()
        .rect_filled(rect, theme::RADIUS_CONTROL, palette.well);
    for (y, words, font, color) in [
        (
            20.0,
            name.as_str(),
            theme::semibold(theme::SIZE_STRONG),
            palette.text,
        ),
        (
            39.0,
            source,
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        ),
    ] {
        widgets::paint_text_clipped(
            ui,
            pos2(rect.left() + 14.0, rect.top() + y),
            egui::Align2::LEFT_CENTER,
            words,
            font,
            color,
            rect.width() - 28.0,
        );
    }
}
