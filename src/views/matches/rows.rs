//! The names of the match grid's rows, with what opens them.

use super::grid::{Grid, Line};
use crate::domain::{Named, SummaryRef};
use crate::session::{MatchRow, MatchView};
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
    let end = words.right_center();
    let own = own_name(state, line);
    let letter = line
        .alternative
        .map_or_else(String::new, |letter| letter.to_string());
    // A name may be cut; the share at its end is not.
    let share = match &own {
        Some(_) => share_label(&line.label).to_owned(),
        None => label,
    };
    let right = Align2::RIGHT_CENTER;
    let used =
        widgets::paint_text_clipped(ui, end, right, &share, font.clone(), color, words.width());
    if let Some(name) = &own {
        let rest = words.width() - used - 5.0;
        let name = format!("{letter} {name}");
        let end = pos2(end.x - used - 5.0, end.y);
        widgets::paint_text_clipped(ui, end, right, &name, font, color, rest);
    }
    if let Some(letter) = line.alternative {
        let tip = Command::Choose(SummaryRef::Alternative(letter)).tooltip();
        let response = ui
            .interact(
                words,
                ui.scope_id().with(("match row", row)),
                Sense::click(),
            )
            .on_hover_text(match &own {
                Some(_) => format!("{}: {tip}", state.name_of(letter)),
                None => tip,
            });
        response.widget_info(|| {
            let name = format!("Matches of {}", state.name_of(letter));
            WidgetInfo::labeled(Role::Button, true, name)
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

/// What a person calls a row's alternative; `None` where it has no name.
pub(super) fn own_name(state: &AppState, row: &MatchRow) -> Option<String> {
    let naming = state.choices.names.of(Named::Alternative(row.alternative?));
    (!naming.name.is_empty()).then_some(naming.name)
}

/// There is no room for the widest share, which is a lone scorer's.
fn share_label(label: &str) -> &str {
    if label == text::percent(1.0) {
        "all"
    } else {
        label
    }
}
