//! The names of the match grid's rows, with what opens them.

use super::grid::{Grid, Line};
use crate::domain::SummaryRef;
use crate::session::MatchView;
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

pub(super) fn labels_ui(
    ui: &mut Ui,
    grid: &Grid,
    left: f32,
    lines: &[Line],
    state: &AppState,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    for (at, &line) in lines.iter().enumerate() {
        let cell = grid.cell(at, 0);
        let place = Rect::from_min_max(
            pos2(left, cell.top()),
            pos2(grid.cells.left() - 10.0, cell.bottom()),
        );
        if !ui.is_rect_visible(place) {
            continue;
        }
        match line {
            Line::Row(row) => row_label_ui(ui, place, row, state, view, commands),
            Line::Sample { sample, .. } => {
                widgets::paint_text_clipped(
                    ui,
                    place.right_center(),
                    Align2::RIGHT_CENTER,
                    &sample.to_string(),
                    theme::regular(theme::SIZE_SMALL),
                    Palette::of(ui).secondary,
                    place.width(),
                );
            }
        }
    }
}

pub(super) fn row_label_ui(
    ui: &mut Ui,
    place: Rect,
    row: usize,
    state: &AppState,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let line = &view.rows[row];
    let mut words = place;
    if !line.members.is_empty() && !view.taus.taus.is_empty() {
        let open = state.open_matches.contains(&row);
        let (icon, rest) = place.split_left_right_at_x(place.left() + 12.0);
        words = rest;
        let response = ui
            .interact(icon, ui.scope_id().with(("open row", row)), Sense::click())
            .on_hover_text("Shows each sample of this row by itself, or hides them.");
        let name = line.alternative.map_or_else(
            || "all samples".to_owned(),
            |letter| format!("samples of {letter}"),
        );
        let verb = if open { "Hide" } else { "Show" };
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, format!("{verb} {name} in the matches"))
        });
        let glyph = Rect::from_center_size(icon.center(), vec2(8.0, 8.0));
        let color = if response.hovered() {
            palette.text
        } else {
            palette.secondary
        };
        Icon::Expand(open).paint(ui.painter(), glyph, color);
        if response.clicked() {
            commands.push(Command::ToggleMatchRow(row));
        }
    }
    let (label, font, color) = match line.alternative {
        Some(letter) => (
            format!("{letter} {}", share_label(&line.label)),
            theme::semibold(theme::SIZE_BODY),
            palette.alternative_text(letter),
        ),
        None => (
            line.label.clone(),
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        ),
    };
    widgets::paint_text_clipped(
        ui,
        words.right_center(),
        Align2::RIGHT_CENTER,
        &label,
        font,
        color,
        words.width(),
    );
    if let Some(letter) = line.alternative {
        let response = ui
            .interact(
                words,
                ui.scope_id().with(("match row", row)),
                Sense::click(),
            )
            .on_hover_text(Command::Choose(SummaryRef::Alternative(letter)).tooltip());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, format!("Matches of {letter}"))
        });
        if response.clicked() {
            commands.push(Command::Choose(SummaryRef::Alternative(letter)));
        }
    } else {
        let tip = match line.label.as_str() {
            _ if line.baseline.is_some() => {
                format!(
                    "Whether the one summary of {} matches each annotator.",
                    line.label
                )
            }
            "all" => "Share of all samples that match each annotator.".to_owned(),
            _ => "Whether the mean of all samples, as one summary, matches each annotator."
                .to_owned(),
        };
        ui.interact(
            words,
            ui.scope_id().with(("match row", row)),
            Sense::hover(),
        )
        .on_hover_text(tip);
    }
}

/// There is no room for the widest share, which is a lone scorer's.
fn share_label(label: &str) -> &str {
    if label == text::percent(1.0) {
        "all"
    } else {
        label
    }
}
