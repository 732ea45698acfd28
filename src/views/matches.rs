//! Which samples match which annotator: kinds of summary and all samples by annotators, as heat.

use egui::{
    Align2, Pos2, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use super::distribution::controls::save_button_ui;
use crate::app::command::Command;
use crate::app::state::{AppState, Hover, MatchView, Pair, PairSide};
use crate::figures::FigureKind;
use crate::ui::colormap::heat_cell;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::tip::paint_tip;
use crate::ui::{text, widgets};

const LABELS: f32 = 68.0;
/// Heights of a row and of one sample's row while samples are shown, points.
const OPEN_ROW: f32 = 22.0;
const SAMPLE_ROW: f32 = 10.0;
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

/// One line of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// A row of the view.
    Row(usize),
    /// One sample of an open row.
    Sample { row: usize, sample: usize },
}

/// The lines on screen: rows, and the samples of those that are open.
fn lines(state: &AppState, view: &MatchView) -> Vec<Line> {
    let mut lines = Vec::new();
    for (row, line) in view.rows.iter().enumerate() {
        lines.push(Line::Row(row));
        if state.open_matches.contains(&row) {
            let known = line
                .members
                .iter()
                .filter(|&&sample| sample < view.taus.taus.len());
            lines.extend(known.map(|&sample| Line::Sample { row, sample }));
        }
    }
    lines
}

/// Where each cell of the grid lies.
struct Grid {
    cells: Rect,
    columns: usize,
    /// Tops of the lines below the first one's, and the end of the last.
    tops: Vec<f32>,
}

impl Grid {
    /// Lines share the height evenly; while samples are shown all have their own height, and the grid may be higher than `cells`.
    fn new(cells: Rect, columns: usize, lines: &[Line]) -> Self {
        let open = lines.iter().any(|line| matches!(line, Line::Sample { .. }));
        let even = cells.height() / lines.len().max(1) as f32;
        let mut tops = vec![0.0];
        for line in lines {
            let height = match line {
                _ if !open => even,
                Line::Row(_) => OPEN_ROW,
                Line::Sample { .. } => SAMPLE_ROW,
            };
            tops.push(tops.last().copied().unwrap_or(0.0) + height);
        }
        Self {
            cells,
            columns,
            tops,
        }
    }

    fn height(&self) -> f32 {
        self.tops.last().copied().unwrap_or(0.0)
    }

    fn lines(&self) -> usize {
        self.tops.len() - 1
    }

    fn cell(&self, line: usize, column: usize) -> Rect {
        let width = self.cell_width();
        let gap = if width >= GAP_FROM { 2.0 } else { 0.0 };
        let (top, bottom) = (self.tops[line], self.tops[line + 1]);
        let below = if bottom - top > SAMPLE_ROW { 2.0 } else { 1.0 };
        Rect::from_min_size(
            pos2(
                self.cells.left() + column as f32 * width,
                self.cells.top() + top,
            ),
            vec2((width - gap).max(1.0), (bottom - top - below).max(1.0)),
        )
    }

    fn cell_width(&self) -> f32 {
        self.cells.width() / self.columns.max(1) as f32
    }

    /// Line and column under a position.
    fn find(&self, pos: Pos2) -> Option<(usize, usize)> {
        let (x, y) = (pos.x - self.cells.left(), pos.y - self.cells.top());
        if x < 0.0 || y < 0.0 || y >= self.height() {
            return None;
        }
        let column = (x / self.cell_width()) as usize;
        let line = self.tops.partition_point(|&top| top <= y).checked_sub(1)?;
        (line < self.lines() && column < self.columns).then_some((line, column))
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
    let window = Rect::from_min_max(
        pos2(below.left(), below.top() + 18.0),
        pos2(below.right(), below.bottom() - LEGEND - 8.0),
    );
    let left = below.left() + LABELS;
    if window.height() < 8.0 || window.right() - left < 8.0 {
        return;
    }
    ui.painter().text(
        pos2(left, below.top() + 8.0),
        Align2::LEFT_CENTER,
        "annotators →",
        theme::regular(theme::SIZE_SMALL),
        palette.secondary,
    );
    let corner = Rect::from_min_max(
        pos2((below.right() - 78.0).max(left + 80.0), below.top() - 2.0),
        pos2(below.right(), below.top() + 16.0),
    );
    let side = egui::Layout::right_to_left(egui::Align::Center);
    save_button_ui(ui, corner, side, FigureKind::Matches, commands);
    let lines = lines(state, view);
    let cells = Rect::from_min_max(pos2(left, window.top()), window.max);
    let height = Grid::new(cells, view.annotators.len(), &lines).height();
    let mut child = ui.new_child(UiBuilder::new().max_rect(window).id_salt("match rows"));
    ScrollArea::vertical()
        .id_salt("match scroll")
        .auto_shrink([false, false])
        .show_viewport(&mut child, |ui, viewport| {
            // As high as the window where nothing is to scroll, whatever rounding says.
            let total = if height > window.height() + 0.5 {
                height
            } else {
                window.height() - 0.5
            };
            ui.allocate_exact_size(vec2(window.width() - 1.0, total), Sense::hover());
            // The frame of a chosen row stands out of its cells.
            ui.set_clip_rect(window.expand2(vec2(4.0, 3.0)));
            let grid = Grid::new(
                cells.translate(vec2(0.0, -viewport.top())),
                view.annotators.len(),
                &lines,
            );
            lines_ui(ui, &grid, below.left(), &lines, state, view, commands);
        });
    paint_legend(
        ui,
        Rect::from_min_max(pos2(left, below.bottom() - LEGEND), below.max),
    );
}

/// The lines themselves, and what the pointer does on them.
fn lines_ui(
    ui: &mut Ui,
    grid: &Grid,
    left: f32,
    lines: &[Line],
    state: &AppState,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    let place = Rect::from_min_size(grid.cells.min, vec2(grid.cells.width(), grid.height()))
        .intersect(ui.clip_rect());
    let response = ui.interact(place, ui.scope_id().with("grid"), Sense::click());
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
    paint_cells(ui, grid, lines, state, view);
    labels_ui(ui, grid, left, lines, state, view, commands);
    let found = response.hover_pos().and_then(|pos| grid.find(pos));
    if let Some((line, column)) = found {
        hover_cell(ui, grid, (line, column), lines[line], view, commands);
        if response.clicked() {
            click_cell(lines[line], column, view, commands);
        }
    }
}

/// A cell stands for an annotator and the row's nearest sample: both are chosen, with what they agree on.
fn click_cell(line: Line, column: usize, view: &MatchView, commands: &mut Vec<Command>) {
    let Some(&annotator) = view.columns.get(column) else {
        return;
    };
    let other = match line {
        Line::Sample { sample, .. } => Some(PairSide::Sample(sample)),
        Line::Row(row) => {
            let row = &view.rows[row];
            if let Some(alternative) = row.alternative {
                commands.push(Command::SelectAlternative(alternative));
            }
            row.baseline.map(PairSide::Baseline).or_else(|| {
                nearest(view, &row.members, annotator).map(|(sample, _)| PairSide::Sample(sample))
            })
        }
    };
    commands.push(Command::SelectAnnotator(Some(annotator)));
    commands.push(Command::ChoosePair(
        other.map(|other| Pair::of_annotator(annotator, other)),
    ));
}

/// Of some samples the one with the highest τ to an annotator, and that τ.
fn nearest(view: &MatchView, members: &[usize], annotator: usize) -> Option<(usize, f64)> {
    members
        .iter()
        .filter_map(|&sample| Some((sample, (*view.taus.taus.get(sample)?.get(annotator)?)?)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The share that a cell shows, and whether it is defined. For a sample τ itself, with the threshold in the middle.
fn value(line: Line, column: usize, view: &MatchView) -> Option<f32> {
    match line {
        Line::Row(row) => view.rows[row].shares.get(column).copied().flatten(),
        Line::Sample { sample, .. } => {
            let annotator = *view.columns.get(column)?;
            let tau = (*view.taus.taus.get(sample)?.get(annotator)?)?;
            Some((tau / (2.0 * view.threshold.max(0.05))).clamp(0.0, 1.0) as f32)
        }
    }
}

fn paint_cells(ui: &Ui, grid: &Grid, lines: &[Line], state: &AppState, view: &MatchView) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let chosen_column = state
        .choices
        .selection
        .annotator
        .or(state.hover.annotator)
        .and_then(|annotator| view.columns.iter().position(|&other| other == annotator));
    for (at, &line) in lines.iter().enumerate() {
        for column in 0..grid.columns {
            let cell = grid.cell(at, column);
            if !ui.is_rect_visible(cell) {
                continue;
            }
            match value(line, column, view) {
                Some(share) => {
                    painter.rect_filled(cell, 2, heat_cell(palette, share));
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
        let chosen = match line {
            Line::Row(row) => {
                let alternative = view.rows[row].alternative;
                alternative.is_some() && alternative == state.chosen_alternative()
            }
            Line::Sample { sample, .. } => state.choices.selection.sample == Some(sample),
        };
        if chosen {
            let first = grid.cell(at, 0);
            let last = grid.cell(at, grid.columns.saturating_sub(1));
            let frame = first.union(last).expand(1.5);
            let (Line::Row(row) | Line::Sample { row, .. }) = line;
            let color = view.rows[row]
                .alternative
                .map_or(palette.text, |index| palette.alternative(index));
            painter.rect_stroke(frame, 3, Stroke::new(1.0, color), StrokeKind::Outside);
        }
    }
    if let Some(column) = chosen_column.filter(|&column| column < grid.columns) {
        let top = grid.cell(0, column);
        let bottom = grid.cell(grid.lines().saturating_sub(1), column);
        painter.rect_stroke(
            top.union(bottom).expand(1.0),
            3,
            Stroke::new(1.0, palette.annotator),
            StrokeKind::Outside,
        );
    }
}

fn labels_ui(
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
                    &(sample + 1).to_string(),
                    theme::regular(9.0),
                    Palette::of(ui).secondary,
                    place.width(),
                );
            }
        }
    }
}

fn row_label_ui(
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
            |index| format!("samples of {}", text::letter(index)),
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
        words.right_center(),
        Align2::RIGHT_CENTER,
        &label,
        font,
        color,
        words.width(),
    );
    if let Some(index) = line.alternative {
        let response = ui
            .interact(
                words,
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

fn hover_cell(
    ui: &Ui,
    grid: &Grid,
    (at, column): (usize, usize),
    line: Line,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let (Line::Row(row) | Line::Sample { row, .. }) = line;
    commands.push(Command::HoverOver(Hover {
        annotator: view.columns.get(column).copied(),
        alternative: view.rows[row].alternative,
        sample: match line {
            Line::Sample { sample, .. } => Some(sample),
            Line::Row(_) => None,
        },
        ..Hover::default()
    }));
    let cell = grid.cell(at, column);
    paint_tip(ui, cell, &words(line, column, view));
    ui.painter()
        .rect_stroke(cell, 2, Stroke::new(1.5, palette.text), StrokeKind::Inside);
}

/// What a cell says, line by line.
fn words(line: Line, column: usize, view: &MatchView) -> Vec<String> {
    let who = view
        .annotators
        .get(column)
        .map_or("annotator", String::as_str);
    let annotator = view.columns.get(column).copied().unwrap_or(column);
    match line {
        Line::Sample { sample, .. } => {
            let tau = view
                .taus
                .taus
                .get(sample)
                .and_then(|taus| *taus.get(annotator)?);
            let verdict = match tau {
                Some(tau) if tau >= view.threshold => format!("τ {tau:.3}, a match"),
                Some(tau) => format!("τ {tau:.3}, no match"),
                None => "τ is undefined, because the scores do not vary".to_owned(),
            };
            vec![format!("sample {} and {who}", sample + 1), verdict]
        }
        Line::Row(row) => {
            let row = &view.rows[row];
            let Some(share) = row.shares.get(column).copied().flatten() else {
                return vec![format!("{who}: undefined, because the scores do not vary")];
            };
            let mut lines = Vec::new();
            if row.members.is_empty() {
                let verb = if share > 0.0 {
                    "matches"
                } else {
                    "does not match"
                };
                lines.push(format!("{} {verb} {who}", row.label));
                let tau = row
                    .baseline
                    .and_then(|at| *view.baseline_taus.taus.get(at)?.get(annotator)?);
                lines.extend(tau.map(|tau| format!("τ {tau:.3}")));
            } else {
                let name = row.alternative.map_or_else(
                    || "all samples".to_owned(),
                    |index| format!("the samples of {}", text::letter(index)),
                );
                lines.push(format!(
                    "{} of {name} match {who}",
                    text::percent(f64::from(share))
                ));
                if let Some((sample, tau)) = nearest(view, &row.members, annotator) {
                    lines.push(format!("nearest is sample {} with τ {tau:.3}", sample + 1));
                }
            }
            lines
        }
    }
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
        let cells = Rect::from_min_size(pos2(100.0, 50.0), vec2(200.0, 60.0));
        let even: Vec<Line> = (0..6).map(Line::Row).collect();
        let grid = Grid::new(cells, 20, &even);
        assert_eq!(grid.find(pos2(100.5, 50.5)), Some((0, 0)));
        assert_eq!(grid.find(pos2(299.0, 109.0)), Some((5, 19)));
        assert_eq!(grid.find(pos2(99.0, 60.0)), None);
        let mut open = even;
        open.splice(1..1, (0..40).map(|sample| Line::Sample { row: 0, sample }));
        let opened = Grid::new(cells, 20, &open);
        assert_eq!(opened.height(), 6.0 * OPEN_ROW + 40.0 * SAMPLE_ROW);
        for (line, column) in [(0, 0), (3, 7), (45, 19)] {
            let cell = opened.cell(line, column);
            assert_eq!(opened.find(cell.center()), Some((line, column)));
        }
    }

    #[test]
    fn an_open_row_shows_its_samples_and_a_cell_stands_for_a_pair() {
        let mut state = crate::testing::fixture::state();
        crate::app::comparison::compare_now(&mut state);
        state.run(Command::ToggleMatchRow(1));
        let view = state.session.as_ref().unwrap().matches.clone().unwrap();
        let lines = lines(&state, &view);
        let members = view.rows[1].members.len();
        assert!(members > 0);
        assert_eq!(lines.len(), view.rows.len() + members);
        let mut commands = Vec::new();
        click_cell(Line::Row(1), 4, &view, &mut commands);
        let annotator = view.columns[4];
        let (best, tau) = nearest(&view, &view.rows[1].members, annotator).unwrap();
        let pair = Pair::of_annotator(annotator, PairSide::Sample(best));
        assert!(commands.contains(&Command::ChoosePair(Some(pair))));
        let words = words(
            Line::Sample {
                row: 1,
                sample: best,
            },
            4,
            &view,
        );
        assert!(words[1].starts_with(&format!("τ {tau:.3}")), "{words:?}");
    }
}
