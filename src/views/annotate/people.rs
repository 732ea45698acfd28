//! The first screen: a form to begin, and everybody who has annotated this video.

mod form;
mod list;

use egui::{Align, Layout, Rect, RichText, ScrollArea, Stroke, Ui, pos2, vec2};

use self::form::*;
use self::list::*;
use crate::session::people_export::ExportKind;
use crate::session::people_merge::{MergeQuestion, Resolution};
use crate::state::AppState;
use crate::state::annotate::loaded_annotators;
use crate::state::annotate::{AnnotateCommand, Screen};
use crate::state::command::Command;
use crate::ui::theme::{self, PANEL_GAP, Palette};
use crate::ui::widgets::{self};

const FORM_WIDTH: f32 = 400.0;

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
            "Begin with your own, or load annotations that others have made.",
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
