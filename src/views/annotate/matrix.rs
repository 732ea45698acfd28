//! The matrix of agreement: who agrees with whom, and the figures over all.

use egui::{
    Align, Align2, Color32, Layout, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::compare::{interval_texts, number_text};
use crate::app::annotate::AnnotateCommand;
use crate::app::annotate::compare::{Comparison, Measure, Side};
use crate::app::command::Command;
use crate::app::state::AppState;
use crate::ui::colormap::heat_cell;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

const FIGURES: f32 = 62.0;
const NAMES: f32 = 92.0;
/// Height of the legend under the grid.
const LEGEND: f32 = 40.0;
/// Cells from this size on hold their number.
const WITH_NUMBER: f32 = 34.0;

/// Shows the panel.
pub fn matrix_ui(
    ui: &mut Ui,
    state: &AppState,
    comparison: &Comparison,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        ui.label(
            RichText::new("Agreement")
                .font(theme::semibold(theme::SIZE_STRONG))
                .color(palette.text),
        );
        widgets::note(ui, text::count(comparison.names.len(), "annotator"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.spacing_mut().interact_size.y = 22.0;
            ui.spacing_mut().button_padding = vec2(8.0, 2.0);
            for (measure, name, tip) in [
                (
                    Measure::F1,
                    "F1",
                    "How much of the picks is shared; ratings become picks within the budget.",
                ),
                (
                    Measure::Tau,
                    "τ",
                    "Kendall's τ-b of the scores: whether both rank moments alike.",
                ),
            ] {
                if ui
                    .selectable_label(state.annotate.measure == measure, name)
                    .on_hover_text(tip)
                    .clicked()
                {
                    commands.push(Command::Annotate(AnnotateCommand::SetMeasure(measure)));
                }
            }
        });
    });
    figures_ui(ui, comparison);
    let area = ui.available_rect_before_wrap();
    if comparison.names.len() < 2 {
        widgets::paint_empty(
            ui,
            area,
            "One annotator so far",
            "Agreement needs a second one: ask somebody to annotate, or merge their project.",
        );
        return;
    }
    grid_ui(ui, area, state, comparison, commands);
}

/// Mean τ, mean F1, α and κ with their intervals.
fn figures_ui(ui: &mut Ui, comparison: &Comparison) {
    let palette = Palette::of(ui);
    let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), FIGURES), Sense::hover());
    let figures = [
        (
            "Mean τ",
            interval_texts(comparison.intervals.mean_tau, 1.0, 2),
            "Mean of Kendall's τ-b over all pairs of annotators.",
        ),
        (
            "Mean F1",
            in_percent(interval_texts(comparison.intervals.mean_f1, 1.0, 0)),
            "Mean overlap of picks over all pairs.",
        ),
        (
            "α",
            interval_texts(comparison.alpha, 1.0, 2),
            "Krippendorff's α of the scores: 1 is full agreement, 0 is chance.",
        ),
        (
            "κ",
            interval_texts(comparison.intervals.kappa, 1.0, 2),
            "Fleiss' κ of the picks: 1 is full agreement, 0 is chance.",
        ),
    ];
    let width = area.width() / figures.len() as f32;
    for (index, (name, (value, range), tip)) in figures.into_iter().enumerate() {
        let rect = Rect::from_min_size(
            pos2(area.left() + index as f32 * width, area.top()),
            vec2(width - 6.0, area.height() - 6.0),
        );
        let response = ui.interact(rect, ui.scope_id().with(("figure", index)), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Label, true, format!("{name} {value}, {range}"))
        });
        for (y, words, font, color) in [
            (
                8.0,
                name,
                theme::regular(theme::SIZE_SMALL),
                palette.secondary,
            ),
            (
                25.0,
                value.as_str(),
                theme::semibold(theme::SIZE_TITLE),
                palette.text,
            ),
            (
                42.0,
                range.as_str(),
                theme::regular(theme::SIZE_SMALL),
                palette.secondary,
            ),
        ] {
            widgets::paint_text_clipped(
                ui,
                pos2(rect.left(), rect.top() + y),
                Align2::LEFT_CENTER,
                words,
                font,
                color,
                rect.width(),
            );
        }
        let tip = if range.is_empty() {
            format!("{tip} Undefined here: it needs two annotators who vary.")
        } else {
            format!("{tip} The interval holds 95 % of resamples of ten-second runs.")
        };
        response.on_hover_text(tip);
    }
}

/// Adds the unit to a value and its interval.
fn in_percent((value, range): (String, String)) -> (String, String) {
    let unit = |text: String| {
        if text.chars().any(|c| c.is_ascii_digit()) {
            format!("{text}\u{202f}%")
        } else {
            text
        }
    };
    (unit(value), unit(range))
}

fn grid_ui(
    ui: &Ui,
    area: Rect,
    state: &AppState,
    comparison: &Comparison,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let count = comparison.names.len();
    let left = area.left() + NAMES;
    let side = ((area.right() - left).min(area.height() - 24.0 - LEGEND) / count as f32).min(64.0);
    let gap = if side > 8.0 { 2.0 } else { 0.0 };
    let grid = Rect::from_min_size(
        pos2(left, area.top() + 20.0),
        vec2(side * count as f32, side * count as f32),
    );
    let response = ui.interact(grid, ui.scope_id().with("agreement"), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Grid, true, "Agreement of each pair of annotators")
    });
    legend_ui(ui, area, left, state.annotate.measure, palette);
    let cell_at = |row: usize, column: usize| {
        Rect::from_min_size(
            pos2(
                grid.left() + column as f32 * side,
                grid.top() + row as f32 * side,
            ),
            vec2(side - gap, side - gap),
        )
    };
    let hovered = response.hover_pos().and_then(|pos| {
        let row = ((pos.y - grid.top()) / side) as usize;
        let column = ((pos.x - grid.left()) / side) as usize;
        (row < count && column < count && row != column).then_some((row, column))
    });
    let chosen = chosen_cell(state, comparison);
    for index in 0..count {
        let lit = hovered.is_some_and(|(row, column)| row == index || column == index);
        let color = if lit { palette.text } else { palette.secondary };
        if side >= 12.0 {
            let y = cell_at(index, 0).center().y;
            let label = format!(
                "{} {}",
                index + 1,
                text::short_name(&comparison.names[index])
            );
            widgets::paint_text_clipped(
                ui,
                pos2(area.left(), y),
                Align2::LEFT_CENTER,
                &label,
                theme::regular(if side >= 15.0 {
                    theme::SIZE_BODY
                } else {
                    theme::SIZE_SMALL
                }),
                color,
                NAMES - 8.0,
            );
            ui.painter().text(
                pos2(cell_at(0, index).center().x, grid.top() - 9.0),
                Align2::CENTER_CENTER,
                (index + 1).to_string(),
                theme::regular(theme::SIZE_SMALL),
                color,
            );
        }
        for other in 0..count {
            if index != other {
                cell_ui(
                    ui,
                    cell_at(index, other),
                    value_of(state, comparison, index, other),
                    state.annotate.measure,
                    palette,
                );
            }
        }
    }
    for (cell, color) in [(chosen, palette.accent), (hovered, palette.text)] {
        if let Some((row, column)) = cell {
            ui.painter().rect_stroke(
                cell_at(row, column),
                2,
                Stroke::new(1.5, color),
                StrokeKind::Outside,
            );
        }
    }
    let Some((row, column)) = hovered else { return };
    if response.clicked() {
        for command in [
            AnnotateCommand::SetFirstSide(Side::Annotator(comparison.names[row].clone())),
            AnnotateCommand::SetSecondSide(Side::Annotator(comparison.names[column].clone())),
        ] {
            commands.push(Command::Annotate(command));
        }
    }
    response.on_hover_text(cell_text(comparison, row, column));
}

/// What the colours mean, at the foot of the panel.
fn legend_ui(ui: &Ui, area: Rect, left: f32, measure: Measure, palette: &Palette) {
    let bar = Rect::from_min_max(
        pos2(left, area.bottom() - LEGEND + 12.0),
        pos2(area.right(), area.bottom() - LEGEND + 20.0),
    );
    const STEPS: usize = 48;
    for step in 0..STEPS {
        let x = |at: usize| bar.left() + bar.width() * at as f32 / STEPS as f32;
        let cell = Rect::from_min_max(
            pos2(x(step), bar.top()),
            pos2(x(step + 1) + 0.5, bar.bottom()),
        );
        let share = (step as f32 + 0.5) / STEPS as f32;
        ui.painter().rect_filled(cell, 0, heat_cell(palette, share));
    }
    let (low, high) = match measure {
        Measure::Tau => ("τ 0 or less", "1 · all ranked alike"),
        Measure::F1 => ("F1 0", "100 · all picks shared"),
    };
    for (x, anchor, words) in [
        (bar.left(), Align2::LEFT_TOP, low),
        (bar.right(), Align2::RIGHT_TOP, high),
    ] {
        ui.painter().text(
            pos2(x, bar.bottom() + 3.0),
            anchor,
            words,
            theme::regular(theme::SIZE_SMALL),
            palette.secondary,
        );
    }
}

fn chosen_cell(state: &AppState, comparison: &Comparison) -> Option<(usize, usize)> {
    let place = |side: &Side| match side {
        Side::Annotator(name) => comparison.names.iter().position(|other| other == name),
        _ => None,
    };
    let (first, second) = state.compared_sides()?;
    Some((place(&first)?, place(&second)?))
}

fn value_of(state: &AppState, comparison: &Comparison, row: usize, column: usize) -> Option<f64> {
    match state.annotate.measure {
        Measure::Tau => comparison.tau[[row, column]],
        Measure::F1 => comparison.f1[[row, column]],
    }
}

fn cell_ui(ui: &Ui, rect: Rect, value: Option<f64>, measure: Measure, palette: &Palette) {
    let painter = ui.painter();
    let Some(value) = value else {
        painter.rect_filled(rect, 2, palette.well);
        let stroke = Stroke::new(1.0, palette.faint);
        painter.line_segment([rect.left_bottom(), rect.right_top()], stroke);
        return;
    };
    let share = match measure {
        Measure::Tau => value as f32,
        Measure::F1 => value as f32 / 100.0,
    };
    let fill = heat_cell(palette, share.max(0.0));
    painter.rect_filled(rect, 2, fill);
    if rect.width() >= WITH_NUMBER {
        let label = match measure {
            Measure::Tau => number_text(value, 2),
            Measure::F1 => format!("{value:.0}"),
        };
        painter.text(
            rect.center(),
            Align2::CENTER_CENTER,
            label,
            theme::medium(theme::SIZE_BODY),
            readable_on(fill, palette),
        );
    }
}

/// Text colour that can be read on a fill.
fn readable_on(fill: Color32, palette: &Palette) -> Color32 {
    let light = f32::from(fill.r()) * 0.3 + f32::from(fill.g()) * 0.59 + f32::from(fill.b()) * 0.11;
    match (light > 120.0, palette.dark) {
        (true, true) => palette.ground,
        (true, false) | (false, true) => palette.text,
        (false, false) => palette.panel,
    }
}

fn cell_text(comparison: &Comparison, row: usize, column: usize) -> String {
    let line = |name: &str, value: Option<f64>, texts: (String, String), digits: usize| match value
    {
        None => format!("{name} undefined"),
        Some(value) if texts.1.is_empty() => format!("{name} {}", number_text(value, digits)),
        Some(value) => format!("{name} {}, {}", number_text(value, digits), texts.1),
    };
    let at = [row, column];
    format!(
        "{} and {}\n{}\n{}\nClick to look at the pair in detail.",
        comparison.names[row],
        comparison.names[column],
        line(
            "τ",
            comparison.tau[at],
            interval_texts(comparison.intervals.tau[at], 1.0, 2),
            2
        ),
        line(
            "F1",
            comparison.f1[at],
            interval_texts(comparison.intervals.f1[at], 1.0, 0),
            0
        ),
    )
}
