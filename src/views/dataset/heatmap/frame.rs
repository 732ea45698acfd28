//! Where the grids of the figure lie. Paints nothing.

use egui::{Pos2, Rect, pos2, vec2};

pub(super) const GUTTER: f32 = 92.0;

pub(super) const BLOCK_GAP: f32 = 18.0;

pub(super) const TITLES: f32 = 42.0;

pub(super) const LEGEND: f32 = 30.0;

/// Least and greatest height of a row, points.
pub(super) const ROW: (f32, f32) = (4.0, 28.0);

/// Greatest width of a cell, points.
pub(super) const CELL_WIDTH: f32 = 26.0;

/// Rows lower than this have no label.
pub(super) const LABELLED_ROW: f32 = 9.5;

/// Where the grids lie. Rows scroll where they do not fit.
pub(super) struct Frame {
    /// Cells of each method, as if nothing were scrolled.
    pub(super) blocks: Vec<Rect>,
    pub(super) row_height: f32,
    pub(super) cell_width: f32,
    /// What of the cells is on screen.
    pub(super) window: Rect,
}

impl Frame {
    pub(super) fn new(area: Rect, methods: usize, rows: usize, columns: usize) -> Self {
        let window = Rect::from_min_max(
            pos2(area.left(), area.top() + TITLES),
            pos2(area.right(), area.bottom() - LEGEND),
        );
        let room = window.width() - GUTTER - BLOCK_GAP * methods.saturating_sub(1) as f32;
        let cell_width = (room / (methods * columns.max(1)).max(1) as f32).clamp(1.0, CELL_WIDTH);
        let row_height = (window.height() / rows.max(1) as f32).clamp(ROW.0, ROW.1);
        let width = cell_width * columns as f32;
        let blocks = (0..methods)
            .map(|at| {
                Rect::from_min_size(
                    pos2(
                        window.left() + GUTTER + at as f32 * (width + BLOCK_GAP),
                        window.top(),
                    ),
                    vec2(width, row_height * rows as f32),
                )
            })
            .collect();
        Self {
            blocks,
            row_height,
            cell_width,
            window,
        }
    }

    pub(super) fn cell(&self, block: usize, row: usize, column: usize, scrolled: f32) -> Rect {
        let block = self.blocks[block];
        let gap = |size: f32| if size >= 5.0 { 1.0 } else { 0.0 };
        Rect::from_min_size(
            pos2(
                block.left() + column as f32 * self.cell_width,
                block.top() + row as f32 * self.row_height - scrolled,
            ),
            vec2(
                (self.cell_width - gap(self.cell_width)).max(1.0),
                (self.row_height - gap(self.row_height)).max(1.0),
            ),
        )
    }

    /// Row and column of a block under a position.
    pub(super) fn find(&self, block: usize, pos: Pos2, scrolled: f32) -> (usize, usize) {
        let block = self.blocks[block];
        let row = (pos.y - block.top() + scrolled) / self.row_height;
        let column = (pos.x - block.left()) / self.cell_width;
        (row.max(0.0) as usize, column.max(0.0) as usize)
    }
}
