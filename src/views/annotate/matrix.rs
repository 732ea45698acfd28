//! The matrix of agreement: who agrees with whom, and the figures over all.

use egui::{
    Align2, Color32, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

use super::figures::{
    LEGEND, figures_ui, head_ui, interval_texts, legend_ui, number_text, units_ui,
};
use crate::session::people::{Comparison, Measure, Side};
use crate::state::AppState;
use crate::state::annotate::AnnotateCommand;
use crate::state::command::Command;
use crate::ui::colormap::heat_cell;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, text, widgets};

/// Room above the cells for the numbers of the columns.
const NUMBERS: f32 = 20.0;
/// Smaller cells can neither be hit nor labelled: they are scrolled instead.
const LEAST_CELL: f32 = 12.0;
const MOST_CELL: f32 = 64.0;
/// Cells from this size on hold their number.
const WITH_NUMBER: f32 = 34.0;
/// Room that the legend's words need.
const LEGEND_WORDS: f32 = 190.0;
/// Width of the figures where they stand beside the matrix.
const BESIDE: f32 = 190.0;

/// Shows the panel; `titled` where no tab above says what it is. In a low panel the figures stand
/// beside the matrix.
pub fn matrix_ui(
    ui: &mut Ui,
    state: &AppState,
    comparison: &Comparison,
    titled: bool,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let measure = state.annotate.measure;
    let several = comparison.names.len() > 1;
    if several && area.height() < 300.0 && area.width() > 2.0 * BESIDE {
        let split = area.right() - BESIDE;
        let grid = Rect::from_min_max(area.min, pos2(split - 20.0, area.bottom()));
        grid_ui(ui, grid, state, comparison, commands);
        let beside = Rect::from_min_max(pos2(split, area.top()), area.max);
        let mut child = parts::column(ui, beside, "figures");
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut child, |ui| {
                head_ui(ui, state, comparison, titled, commands);
                figures_ui(ui, comparison);
                units_ui(ui, state, commands);
                let size = vec2(ui.available_width(), LEGEND);
                let (place, _) = ui.allocate_exact_size(size, Sense::hover());
                legend_ui(ui, place, measure, palette);
            });
        return;
    }
    head_ui(ui, state, comparison, titled, commands);
    figures_ui(ui, comparison);
    units_ui(ui, state, commands);
    let rest = ui.available_rect_before_wrap();
    let rest = Rect::from_min_max(rest.min, pos2(area.right(), area.bottom().max(rest.top())));
    if !several {
        widgets::paint_empty(
            ui,
            rest,
            "One annotator so far",
            "Agreement needs a second one: ask someone to annotate, or merge their project.",
        );
        return;
    }
    let grid = Rect::from_min_max(
        rest.min,
        pos2(rest.right(), (rest.bottom() - LEGEND).max(rest.top())),
    );
    let names = grid_ui(ui, grid, state, comparison, commands);
    // Under the cells, or under the names as well where its words need that.
    let left = if rest.width() - names >= LEGEND_WORDS {
        rest.left() + names
    } else {
        rest.left()
    };
    let legend = Rect::from_min_max(pos2(left, rest.bottom() - LEGEND), rest.max);
    legend_ui(ui, legend, measure, palette);
}

/// The name of a row: its number and who it is.
fn row_name(comparison: &Comparison, index: usize) -> String {
    let name = text::short_name(&comparison.names[index]);
    format!("{} {name}", index + 1)
}

/// Width of the names: what they need, as long as the cells keep most of the room.
fn names_width(ui: &Ui, comparison: &Comparison, room: Vec2) -> f32 {
    let count = comparison.names.len();
    let widest = (0..count)
        .map(|index| {
            let font = theme::regular(theme::SIZE_BODY);
            let name = row_name(comparison, index);
            let galley = ui.painter().layout_no_wrap(name, font, Color32::WHITE);
            galley.size().x
        })
        .fold(0.0, f32::max);
    // What is left beside cells that the height has made small belongs to the names.
    let cells = cell_side(Vec2::splat(room.y - NUMBERS - 4.0), count) * count as f32;
    let most = (room.x - cells).max(room.x * 0.36).max(92.0);
    (widest + 10.0).clamp(48.0, most)
}

/// Side of a cell in a room, names and numbers taken off already.
fn cell_side(room: Vec2, count: usize) -> f32 {
    (room.min_elem() / count.max(1) as f32).clamp(LEAST_CELL, MOST_CELL)
}

/// Names and cells, scrolled where they do not fit; how wide the names are.
fn grid_ui(
    ui: &mut Ui,
    area: Rect,
    state: &AppState,
    comparison: &Comparison,
    commands: &mut Vec<Command>,
) -> f32 {
    let count = comparison.names.len();
    let names = names_width(ui, comparison, area.size());
    let side = cell_side(area.size() - vec2(names, NUMBERS + 4.0), count);
    let mut child = parts::column(ui, area, "grid");
    ScrollArea::both()
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .show(&mut child, |ui| {
            let cells = side * count as f32;
            let (rect, _) =
                ui.allocate_exact_size(vec2(names + cells, NUMBERS + cells), Sense::hover());
            let grid = Rect::from_min_max(rect.min + vec2(names, NUMBERS), rect.max);
            Grid { grid, side, count }.show(ui, names, state, comparison, commands);
        });
    names
}

/// Where the cells are.
struct Grid {
    grid: Rect,
    side: f32,
    count: usize,
}

impl Grid {
    fn cell(&self, row: usize, column: usize) -> Rect {
        const GAP: f32 = 2.0;
        let corner = vec2(column as f32 * self.side, row as f32 * self.side);
        Rect::from_min_size(
            self.grid.min + corner,
            vec2(self.side - GAP, self.side - GAP),
        )
    }

    /// The pair at a point; nobody is a pair with themselves.
    fn at(&self, pos: egui::Pos2) -> Option<(usize, usize)> {
        let row = ((pos.y - self.grid.top()) / self.side) as usize;
        let column = ((pos.x - self.grid.left()) / self.side) as usize;
        (row < self.count && column < self.count && row != column).then_some((row, column))
    }

    fn show(
        &self,
        ui: &Ui,
        names: f32,
        state: &AppState,
        comparison: &Comparison,
        commands: &mut Vec<Command>,
    ) {
        let palette = Palette::of(ui);
        let response = ui.interact(self.grid, ui.scope_id().with("agreement"), Sense::click());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Grid, true, "Agreement of each pair of annotators")
        });
        let hovered = response.hover_pos().and_then(|pos| self.at(pos));
        for index in 0..self.count {
            let lit = hovered.is_some_and(|(row, column)| row == index || column == index);
            let color = if lit { palette.text } else { palette.secondary };
            self.labels_ui(ui, index, names, color, comparison);
            for other in (0..self.count).filter(|&other| other != index) {
                cell_ui(
                    ui,
                    self.cell(index, other),
                    value_of(state, comparison, index, other),
                    state.annotate.measure,
                    palette,
                );
            }
        }
        let chosen = chosen_cell(state, comparison);
        for (cell, color) in [(chosen, palette.accent), (hovered, palette.text)] {
            if let Some((row, column)) = cell {
                ui.painter().rect_stroke(
                    self.cell(row, column),
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

    /// The name before a row and the number above its column.
    fn labels_ui(
        &self,
        ui: &Ui,
        index: usize,
        names: f32,
        color: Color32,
        comparison: &Comparison,
    ) {
        let row = self.cell(index, 0);
        let size = if self.side >= 15.0 {
            theme::SIZE_BODY
        } else {
            theme::SIZE_SMALL
        };
        let place = Rect::from_min_max(
            pos2(self.grid.left() - names, row.top()),
            pos2(self.grid.left() - 8.0, row.bottom()),
        );
        widgets::paint_text_clipped(
            ui,
            place.left_center(),
            Align2::LEFT_CENTER,
            &row_name(comparison, index),
            theme::regular(size),
            color,
            place.width(),
        );
        ui.interact(place, ui.scope_id().with(("name", index)), Sense::hover())
            .on_hover_text(&comparison.names[index]);
        // Two digits need more than the smallest cell: every other column has its number then.
        if self.side >= 17.0 || self.count < 10 || index.is_multiple_of(2) {
            ui.painter().text(
                pos2(self.cell(0, index).center().x, self.grid.top() - 9.0),
                Align2::CENTER_CENTER,
                (index + 1).to_string(),
                theme::regular(theme::SIZE_SMALL),
                color,
            );
        }
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

#[cfg(test)]
mod tests {
    use super::{LEAST_CELL, MOST_CELL, cell_side};
    use egui::vec2;

    #[test]
    fn cells_can_be_hit_in_every_window() {
        assert_eq!(cell_side(vec2(60.0, 40.0), 12), LEAST_CELL);
        assert_eq!(cell_side(vec2(-20.0, -5.0), 12), LEAST_CELL);
        assert_eq!(cell_side(vec2(240.0, 400.0), 12), 20.0);
        assert_eq!(cell_side(vec2(900.0, 900.0), 2), MOST_CELL);
    }
}
