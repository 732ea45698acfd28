//! The cells of the match grid: painted, hovered and clicked.

use super::grid::{Grid, Line, nearest, value, words};
use crate::domain::SummaryRef;
use crate::session::{MatchView, Pair, PairSide};
use crate::state::command::Command;
use crate::state::{AppState, Hover};
use crate::ui::colormap::{heat_cell, paint_heat_bar};
use crate::ui::shapes::undefined_stroke;
use crate::ui::theme::{self, Palette};
use crate::ui::tip::paint_tip;
use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

/// A cell stands for an annotator and the row's nearest sample: both are chosen, with what they
/// agree on.
pub(super) fn click_cell(line: Line, column: usize, view: &MatchView, commands: &mut Vec<Command>) {
    let Some(&annotator) = view.columns.get(column) else {
        return;
    };
    let of_sample = |sample| PairSide::Summary(SummaryRef::Sample(sample));
    let other = match line {
        Line::Sample { sample, .. } => Some(of_sample(sample)),
        Line::Row(row) => {
            let row = &view.rows[row];
            row.baseline.map(PairSide::Baseline).or_else(|| {
                nearest(view, &row.members, annotator).map(|(sample, _)| of_sample(sample))
            })
        }
    };
    commands.push(Command::SelectAnnotator(Some(annotator)));
    commands.push(Command::ChoosePair(
        other.map(|other| Pair::of_annotator(annotator, other)),
    ));
}

pub(super) fn paint_cells(
    ui: &Ui,
    grid: &Grid,
    lines: &[Line],
    state: &AppState,
    view: &MatchView,
) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let chosen_column = state
        .choices
        .selection
        .annotator
        .or(state.hover.annotator)
        .and_then(|annotator| view.columns.iter().position(|&other| other == annotator));
    // Painted after all cells, which would lie over it.
    let mut outlined = None;
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
                    painter.add(undefined_stroke(cell, palette));
                }
            }
        }
        let chosen = match line {
            Line::Row(row) => {
                let of = view.rows[row].alternative.map(SummaryRef::Alternative);
                of.is_some() && of == state.chosen()
            }
            Line::Sample { sample, .. } => state.chosen() == Some(SummaryRef::Sample(sample)),
        };
        if chosen {
            let first = grid.cell(at, 0);
            let last = grid.cell(at, grid.columns.saturating_sub(1));
            let frame = first.union(last).expand(1.5);
            let (Line::Row(row) | Line::Sample { row, .. }) = line;
            let color = view.rows[row]
                .alternative
                .map_or(palette.text, |letter| palette.alternative(letter));
            outlined = Some((frame, color));
        }
    }
    if let Some((frame, color)) = outlined {
        painter.rect_stroke(frame, 3, Stroke::new(1.0, color), StrokeKind::Outside);
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

pub(super) fn hover_cell(
    ui: &Ui,
    grid: &Grid,
    (at, column): (usize, usize),
    line: Line,
    state: &AppState,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let (Line::Row(row) | Line::Sample { row, .. }) = line;
    commands.push(Command::HoverOver(Hover {
        annotator: view.columns.get(column).copied(),
        alternative: (view.rows[row].alternative).and_then(|letter| state.draw()?.place_of(letter)),
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

/// The legend: a swatch for none, the bar of all other shares, and how undefined cells look where
/// there are any.
pub(super) fn paint_legend(ui: &Ui, rect: Rect, view: &MatchView) {
    const SWATCH: f32 = 12.0;
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let none = Rect::from_min_size(rect.min, vec2(SWATCH, 7.0));
    painter.rect_filled(none, 0, heat_cell(palette, 0.0));
    let edge = Stroke::new(1.0, palette.faint);
    painter.rect_stroke(none, 0, edge, StrokeKind::Inside);
    let bar = Rect::from_min_max(
        none.right_top() + vec2(4.0, 0.0),
        pos2(rect.right(), none.bottom()),
    );
    paint_heat_bar(painter, bar, palette);
    let y = bar.bottom() + 4.0;
    let words = |x: f32, align: Align2, words: &str| {
        let font = theme::regular(theme::SIZE_SMALL);
        painter.text(pos2(x, y), align, words, font, palette.secondary)
    };
    let zero = words(none.center().x, Align2::CENTER_TOP, "0");
    let all = words(bar.right(), Align2::RIGHT_TOP, "1 · share of samples");
    let undefined = view
        .rows
        .iter()
        .any(|row| row.shares.iter().any(Option::is_none));
    if undefined && all.left() - zero.right() > 100.0 {
        let cell = Rect::from_center_size(
            pos2(zero.right() + 20.0, zero.center().y),
            vec2(SWATCH, 10.0),
        );
        painter.rect_stroke(cell, 0, edge, StrokeKind::Inside);
        painter.add(undefined_stroke(cell, palette));
        words(cell.right() + 5.0, Align2::LEFT_TOP, "undefined");
    }
}
