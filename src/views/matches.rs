//! Which samples match which annotator: kinds of summary and all samples by annotators, as heat.

use egui::{
    Align2, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::app::command::Command;
use crate::app::state::{AppState, Hover, MatchView};
use crate::ui::colormap::heat_cell;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

const LABELS: f32 = 56.0;
const LEGEND: f32 = 34.0;
/// Below this width a cell loses its gap, points.
const GAP_FROM: f32 = 5.0;

/// Shows the grid with its title and legend, or what to do where there are no annotators.
pub fn matches_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let view = state
        .session
        .as_ref()
        .and_then(|session| session.matches.as_ref());
    let note = view.map_or_else(String::new, |view| {
        format!(
            "τ ≥ {:.2} · {} of {} reached",
            view.threshold,
            view.reached,
            view.annotators.len()
        )
    });
    widgets::panel_title(ui, "Matches", &note);
    let below = Rect::from_min_max(pos2(area.left(), area.top() + 24.0), area.max);
    match view.filter(|view| !view.annotators.is_empty() && !view.rows.is_empty()) {
        Some(view) => grid_ui(ui, below, state, view, commands),
        None => invite_ui(ui, below, state, commands),
    }
}

/// No annotators: offers to load some.
fn invite_ui(ui: &mut Ui, below: Rect, state: &AppState, commands: &mut Vec<Command>) {
    let waiting = state.choices.annotations.is_some();
    let (first, second) = if state.session.is_none() {
        ("No video", "Open a video first.")
    } else if waiting {
        ("Comparing samples with annotators", "This takes a moment.")
    } else {
        (
            "Who would agree?",
            "Load what people picked, to see which kinds of summary each of them would agree with.",
        )
    };
    let text_area = Rect::from_min_max(below.min, pos2(below.right(), below.bottom() - 30.0));
    widgets::paint_empty(ui, text_area, first, second);
    if state.session.is_some() && !waiting {
        let row = Rect::from_center_size(
            pos2(
                below.center().x,
                (below.center().y + 50.0).min(below.bottom() - 18.0),
            ),
            vec2(180.0, 30.0),
        );
        let mut child = ui.new_child(UiBuilder::new().max_rect(row).id_salt("invite").layout(
            egui::Layout::centered_and_justified(egui::Direction::LeftToRight),
        ));
        let palette = Palette::of(&child);
        if child
            .add(widgets::primary_button("Load annotations…", palette))
            .on_hover_text(Command::LoadAnnotations.tooltip())
            .clicked()
        {
            commands.push(Command::LoadAnnotations);
        }
    }
}

/// Where each cell of the grid lies.
struct Grid {
    cells: Rect,
    columns: usize,
    rows: usize,
}

impl Grid {
    fn cell(&self, row: usize, column: usize) -> Rect {
        let (width, height) = self.cell_size();
        let gap = if width >= GAP_FROM { 2.0 } else { 0.0 };
        Rect::from_min_size(
            pos2(
                self.cells.left() + column as f32 * width,
                self.cells.top() + row as f32 * height,
            ),
            vec2((width - gap).max(1.0), (height - 2.0).max(1.0)),
        )
    }

    fn cell_size(&self) -> (f32, f32) {
        (
            self.cells.width() / self.columns.max(1) as f32,
            self.cells.height() / self.rows.max(1) as f32,
        )
    }

    /// Row and column under a position.
    fn find(&self, pos: Pos2) -> Option<(usize, usize)> {
        if !self.cells.contains(pos) {
            return None;
        }
        let (width, height) = self.cell_size();
        let column = ((pos.x - self.cells.left()) / width) as usize;
        let row = ((pos.y - self.cells.top()) / height) as usize;
        (row < self.rows && column < self.columns).then_some((row, column))
    }
}

fn grid_ui(
    ui: &mut Ui,
    below: Rect,
    state: &AppState,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let grid = Grid {
        cells: Rect::from_min_max(
            pos2(below.left() + LABELS, below.top() + 18.0),
            pos2(below.right(), below.bottom() - LEGEND - 8.0),
        ),
        columns: view.annotators.len(),
        rows: view.rows.len(),
    };
    if grid.cells.height() < 8.0 || grid.cells.width() < 8.0 {
        return;
    }
    ui.painter().text(
        pos2(grid.cells.left(), below.top() + 8.0),
        Align2::LEFT_CENTER,
        "annotators →",
        theme::regular(theme::SIZE_SMALL),
        palette.secondary,
    );
    let response = ui.interact(grid.cells, ui.scope_id().with("grid"), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Grid,
            true,
            format!(
                "Matches: {} of {} annotators reached",
                view.reached,
                view.annotators.len()
            ),
        )
    });
    let found = response.hover_pos().and_then(|pos| grid.find(pos));
    paint_cells(ui, &grid, state, view);
    row_labels_ui(ui, &grid, below.left(), view, commands);
    paint_legend(
        ui,
        Rect::from_min_max(pos2(grid.cells.left(), below.bottom() - LEGEND), below.max),
    );
    if let Some((row, column)) = found {
        hover_cell(ui, &grid, row, column, view, commands);
        if response.clicked() {
            if let Some(alternative) = view.rows[row].alternative {
                commands.push(Command::SelectAlternative(alternative));
            }
            commands.push(Command::SelectAnnotator(view.columns.get(column).copied()));
        }
    }
}

fn paint_cells(ui: &Ui, grid: &Grid, state: &AppState, view: &MatchView) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let chosen_column = state.choices.selection.annotator.or(state.hover.annotator);
    for (row, line) in view.rows.iter().enumerate() {
        for (column, share) in line.shares.iter().enumerate().take(grid.columns) {
            let cell = grid.cell(row, column);
            match share {
                Some(share) => {
                    painter.rect_filled(cell, 2, heat_cell(palette, *share));
                }
                None => {
                    painter.rect_stroke(
                        cell,
                        2,
                        Stroke::new(1.0, palette.line),
                        StrokeKind::Inside,
                    );
                    painter.line_segment(
                        [
                            cell.left_bottom() + vec2(3.0, -3.0),
                            cell.right_top() + vec2(-3.0, 3.0),
                        ],
                        Stroke::new(1.0, palette.line),
                    );
                }
            }
        }
        if line.alternative.is_some() && line.alternative == state.chosen_alternative() {
            let first = grid.cell(row, 0);
            let last = grid.cell(row, grid.columns.saturating_sub(1));
            let frame = first.union(last).expand(1.5);
            let color = line
                .alternative
                .map_or(palette.line, |index| palette.alternative(index));
            painter.rect_stroke(frame, 3, Stroke::new(1.0, color), StrokeKind::Outside);
        }
    }
    if let Some(column) = chosen_column.filter(|&column| column < grid.columns) {
        let top = grid.cell(0, column);
        let bottom = grid.cell(grid.rows.saturating_sub(1), column);
        painter.rect_stroke(
            top.union(bottom).expand(1.0),
            3,
            Stroke::new(1.0, palette.annotator),
            StrokeKind::Outside,
        );
    }
}

fn row_labels_ui(
    ui: &mut Ui,
    grid: &Grid,
    left: f32,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    for (row, line) in view.rows.iter().enumerate() {
        let cell = grid.cell(row, 0);
        let place = Rect::from_min_max(
            pos2(left, cell.top()),
            pos2(grid.cells.left() - 10.0, cell.bottom()),
        );
        let (label, font, color) = match line.alternative {
            Some(index) => (
                format!("{} {}", text::letter(index), line.label),
                theme::semibold(theme::SIZE_BODY),
                palette.alternative_text(index),
            ),
            None => (
                line.label.clone(),
                theme::regular(theme::SIZE_BODY),
                palette.secondary,
            ),
        };
        widgets::paint_text_clipped(
            ui,
            place.right_center(),
            Align2::RIGHT_CENTER,
            &label,
            font,
            color,
            place.width(),
        );
        if let Some(index) = line.alternative {
            let response = ui
                .interact(
                    place,
                    ui.scope_id().with(("match row", row)),
                    Sense::click(),
                )
                .on_hover_text(Command::SelectAlternative(index).tooltip());
            response.widget_info(|| {
                WidgetInfo::labeled(
                    Role::Button,
                    true,
                    format!("Matches of {}", text::letter(index)),
                )
            });
            if response.clicked() {
                commands.push(Command::SelectAlternative(index));
            }
        } else {
            let tip = match line.label.as_str() {
                "all" => "Share of all samples that match each annotator.",
                "mean" => {
                    "Whether the mean of all samples, as one summary, matches each annotator."
                }
                _ => "Whether this scorer's one summary matches each annotator.",
            };
            ui.interact(
                place,
                ui.scope_id().with(("match row", row)),
                Sense::hover(),
            )
            .on_hover_text(tip);
        }
    }
}

fn hover_cell(
    ui: &Ui,
    grid: &Grid,
    row: usize,
    column: usize,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let line = &view.rows[row];
    commands.push(Command::HoverOver(Hover {
        annotator: view.columns.get(column).copied(),
        alternative: line.alternative,
        ..Hover::default()
    }));
    let who = view
        .annotators
        .get(column)
        .map_or("annotator", String::as_str);
    let row_name = match line.alternative {
        Some(index) => format!("samples of {}", text::letter(index)),
        None if line.label == "all" => "all samples".to_owned(),
        None => line.label.clone(),
    };
    let tip = match line.shares.get(column).copied().flatten() {
        Some(share) => format!(
            "{} of {row_name} match {who}",
            text::percent(f64::from(share))
        ),
        None => format!("{who}: undefined, because the scores do not vary"),
    };
    let cell = grid.cell(row, column);
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Tooltip,
        ui.scope_id().with("match tip"),
    ));
    let galley = painter.layout_no_wrap(tip, theme::regular(theme::SIZE_BODY), palette.text);
    let size = galley.size() + vec2(12.0, 8.0);
    let screen = ui.ctx().content_rect();
    let min = pos2(
        (cell.center().x - size.x / 2.0).clamp(
            screen.left() + 4.0,
            (screen.right() - size.x - 4.0).max(4.0),
        ),
        (cell.top() - size.y - 4.0).max(screen.top() + 4.0),
    );
    let card = Rect::from_min_size(min, size);
    painter.rect(
        card,
        4,
        palette.control,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    painter.galley(card.min + vec2(6.0, 4.0), galley, palette.text);
    ui.painter()
        .rect_stroke(cell, 2, Stroke::new(1.5, palette.text), StrokeKind::Inside);
}

fn paint_legend(ui: &Ui, rect: Rect) {
    let palette = Palette::of(ui);
    let bar = Rect::from_min_size(rect.min, vec2(rect.width(), 7.0));
    let mut mesh = egui::Mesh::default();
    const STEPS: usize = 64;
    for step in 0..STEPS {
        let left = bar.left() + bar.width() * step as f32 / STEPS as f32;
        let right = bar.left() + bar.width() * (step + 1) as f32 / STEPS as f32;
        mesh.add_colored_rect(
            Rect::from_min_max(pos2(left, bar.top()), pos2(right, bar.bottom())),
            heat_cell(palette, (step as f32 + 0.5) / STEPS as f32),
        );
    }
    ui.painter().add(mesh);
    let y = bar.bottom() + 4.0;
    let font = theme::regular(theme::SIZE_SMALL);
    ui.painter().text(
        pos2(bar.left(), y),
        Align2::LEFT_TOP,
        "0",
        font.clone(),
        palette.secondary,
    );
    ui.painter().text(
        pos2(bar.right(), y),
        Align2::RIGHT_TOP,
        "1 · share of samples",
        font,
        palette.secondary,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_finds_its_cell() {
        let grid = Grid {
            cells: Rect::from_min_size(pos2(100.0, 50.0), vec2(200.0, 60.0)),
            columns: 20,
            rows: 6,
        };
        assert_eq!(grid.find(pos2(100.5, 50.5)), Some((0, 0)));
        assert_eq!(grid.find(pos2(299.0, 109.0)), Some((5, 19)));
        assert_eq!(grid.find(pos2(99.0, 60.0)), None);
        for (row, column) in [(0, 0), (3, 7), (5, 19)] {
            assert_eq!(
                grid.find(grid.cell(row, column).center()),
                Some((row, column))
            );
        }
    }
}
