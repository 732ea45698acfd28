//! Which lines the match grid has, where its cells lie, and what they say. Paints nothing.

use crate::session::MatchView;
use crate::state::AppState;
use crate::ui::text;
use egui::{Pos2, Rect, pos2, vec2};

/// Heights of a row and of one sample's row while samples are shown, points.
pub(super) const OPEN_ROW: f32 = 22.0;

pub(super) const SAMPLE_ROW: f32 = 11.0;

/// Below this width a cell loses its gap, points.
pub(super) const GAP_FROM: f32 = 5.0;

/// One line of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A row of the view.
    Row(usize),
    /// One sample of an open row.
    Sample { row: usize, sample: usize },
}

/// The lines on screen: rows, and the samples of those that are open.
pub(super) fn lines(state: &AppState, view: &MatchView) -> Vec<Line> {
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
pub(super) struct Grid {
    pub(super) cells: Rect,
    pub(super) columns: usize,
    /// Tops of the lines below the first one's, and the end of the last.
    pub(super) tops: Vec<f32>,
}

impl Grid {
    /// Lines share the height evenly; while samples are shown all have their own height, and the
    /// grid may be higher than `cells`.
    pub(super) fn new(cells: Rect, columns: usize, lines: &[Line]) -> Self {
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

    pub(super) fn height(&self) -> f32 {
        self.tops.last().copied().unwrap_or(0.0)
    }

    pub(super) fn lines(&self) -> usize {
        self.tops.len() - 1
    }

    pub(super) fn cell(&self, line: usize, column: usize) -> Rect {
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

    pub(super) fn cell_width(&self) -> f32 {
        self.cells.width() / self.columns.max(1) as f32
    }

    /// Line and column under a position.
    pub(super) fn find(&self, pos: Pos2) -> Option<(usize, usize)> {
        let (x, y) = (pos.x - self.cells.left(), pos.y - self.cells.top());
        if x < 0.0 || y < 0.0 || y >= self.height() {
            return None;
        }
        let column = (x / self.cell_width()) as usize;
        let line = self.tops.partition_point(|&top| top <= y).checked_sub(1)?;
        (line < self.lines() && column < self.columns).then_some((line, column))
    }
}

/// Of some samples the one with the highest τ to an annotator, and that τ.
pub(super) fn nearest(
    view: &MatchView,
    members: &[usize],
    annotator: usize,
) -> Option<(usize, f64)> {
    members
        .iter()
        .filter_map(|&sample| Some((sample, (*view.taus.taus.get(sample)?.get(annotator)?)?)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The share that a cell shows, and whether it is defined. For a sample τ itself, with the
/// threshold in the middle.
pub(super) fn value(line: Line, column: usize, view: &MatchView) -> Option<f32> {
    match line {
        Line::Row(row) => view.rows[row].shares.get(column).copied().flatten(),
        Line::Sample { sample, .. } => {
            let annotator = *view.columns.get(column)?;
            let tau = (*view.taus.taus.get(sample)?.get(annotator)?)?;
            Some((tau / (2.0 * view.threshold.max(0.05))).clamp(0.0, 1.0) as f32)
        }
    }
}

/// What a cell says, line by line.
pub(super) fn words(line: Line, column: usize, view: &MatchView) -> Vec<String> {
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
            vec![format!("sample {sample} and {who}"), verdict]
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
                    |letter| format!("the samples of {letter}"),
                );
                lines.push(format!(
                    "{} of {name} match {who}",
                    text::percent(f64::from(share))
                ));
                if let Some((sample, tau)) = nearest(view, &row.members, annotator) {
                    lines.push(format!("nearest is sample {sample} with τ {tau:.3}"));
                }
            }
            lines
        }
    }
}
