//! The paper's figure 3 for a dataset: for each method a grid of videos × annotators, all in one order, side by side.

use egui::{
    Align, Align2, Color32, Layout, Mesh, Pos2, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};

use crate::app::command::Command;
use crate::app::dataset::DatasetCommand;
use crate::app::dataset::figure::{FigureView, Grid, MethodTaus};
use crate::app::state::AppState;
use crate::pipeline::MethodKind;
use crate::ui::colormap::heat_cell;
use crate::ui::theme::{self, Palette};
use crate::ui::tip::paint_tip;
use crate::ui::widgets::LabelledSlider;
use crate::ui::{text, widgets};
use crate::views::welcome;

const GUTTER: f32 = 92.0;
const BLOCK_GAP: f32 = 18.0;
const TITLES: f32 = 42.0;
const LEGEND: f32 = 30.0;
/// Least and greatest height of a row, points.
const ROW: (f32, f32) = (4.0, 28.0);
/// Greatest width of a cell, points.
const CELL_WIDTH: f32 = 26.0;
/// Rows lower than this have no label.
const LABELLED_ROW: f32 = 9.0;

/// Shows the figure with its controls and legend.
pub fn figure_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let figure = &state.dataset.figure;
    widgets::panel_title(
        ui,
        "Who agrees with which method",
        "share of a method's summaries that match each annotator",
    );
    controls_ui(ui, state, commands);
    let area = ui.available_rect_before_wrap();
    if figure.methods.is_empty() {
        let (first, second) = if figure.progress.is_some() || state.dataset.loading.is_some() {
            (
                "Reading",
                "The figure appears as soon as annotators were compared.",
            )
        } else {
            (
                "No figure yet",
                "Compute it to see who agrees with which method.",
            )
        };
        widgets::paint_empty(ui, area, first, second);
        return;
    }
    let note_height = note_ui(ui, area, figure.note.as_deref());
    let area = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - note_height));
    grids_ui(ui, area, state, commands);
}

fn controls_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let figure = &state.dataset.figure;
    ui.horizontal(|ui| {
        ui.set_height(36.0);
        let changed = LabelledSlider {
            label: "Counts as a match from τ",
            tooltip: "Least Kendall τ between a summary and an annotator that counts as a match; the paper takes 0.25.",
            width: 190.0,
            range: -0.2..=0.8,
            step: 0.01,
            logarithmic: false,
            format: &|value| format!("{value:.2}"),
            parse: &|text| text.trim().parse().ok(),
            enabled: true,
            disabled_reason: "",
        }
        .show(ui, state.prefs.match_threshold);
        if let Some(threshold) = changed {
            commands.push(Command::SetMatchThreshold((threshold * 100.0).round() / 100.0));
        }
        ui.add_space(16.0);
        match &figure.progress {
            Some(progress) => {
                ui.vertical(|ui| {
                    let cancel = Command::Dataset(DatasetCommand::Cancel);
                    ui.set_max_width(ui.available_width().min(340.0));
                    welcome::progress_ui(ui, progress, cancel, commands);
                });
            }
            None => {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let label = if figure.stopped { "Continue" } else { "Compute again" };
                    let again = Command::Dataset(DatasetCommand::ComputeFigure);
                    if widgets::text_button(ui, label, Palette::of(ui).accent)
                        .on_hover_text(
                            "Compares every method with the annotators of every video, with the bundle and draw that Explore uses.",
                        )
                        .clicked()
                    {
                        commands.push(again);
                    }
                });
            }
        }
    });
}

/// Why there are no samples, at the foot; the height it takes.
fn note_ui(ui: &Ui, area: Rect, note: Option<&str>) -> f32 {
    let Some(note) = note else { return 0.0 };
    let palette = Palette::of(ui);
    let galley = ui.painter().layout(
        note.to_owned(),
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
        area.width(),
    );
    let height = galley.size().y;
    ui.painter().galley(
        pos2(area.left(), area.bottom() - height),
        galley,
        palette.secondary,
    );
    height + 8.0
}

/// Where the grids lie. Rows scroll where they do not fit.
struct Frame {
    /// Cells of each method, as if nothing were scrolled.
    blocks: Vec<Rect>,
    row_height: f32,
    cell_width: f32,
    /// What of the cells is on screen.
    window: Rect,
}

impl Frame {
    fn new(area: Rect, methods: usize, rows: usize, columns: usize) -> Self {
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

    fn cell(&self, block: usize, row: usize, column: usize, scrolled: f32) -> Rect {
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
    fn find(&self, block: usize, pos: Pos2, scrolled: f32) -> (usize, usize) {
        let block = self.blocks[block];
        let row = (pos.y - block.top() + scrolled) / self.row_height;
        let column = (pos.x - block.left()) / self.cell_width;
        (row.max(0.0) as usize, column.max(0.0) as usize)
    }
}

fn grids_ui(ui: &mut Ui, area: Rect, state: &AppState, commands: &mut Vec<Command>) {
    let figure = &state.dataset.figure;
    let view = figure.view.clone();
    let frame = Frame::new(
        area,
        figure.methods.len(),
        view.rows.len(),
        view.columns.len(),
    );
    if frame.window.height() < 20.0 || view.rows.is_empty() || view.columns.is_empty() {
        return;
    }
    for (at, method) in figure.methods.iter().enumerate() {
        title_ui(ui, &frame, at, method, &view, commands);
    }
    let mut child = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(frame.window)
            .id_salt("figure rows"),
    );
    let total = frame.row_height * view.rows.len() as f32;
    ScrollArea::vertical()
        .id_salt("figure scroll")
        .auto_shrink([false, false])
        .show_viewport(&mut child, |ui, viewport| {
            ui.allocate_exact_size(vec2(frame.window.width(), total), Sense::hover());
            rows_ui(ui, &frame, viewport.top(), state, &view, commands);
        });
    ui.painter().text(
        pos2(area.left() + GUTTER - 8.0, frame.window.top() - 14.0),
        Align2::RIGHT_CENTER,
        "annotators →",
        theme::regular(theme::SIZE_SMALL),
        Palette::of(ui).secondary,
    );
    let blocks_right = frame
        .blocks
        .last()
        .map_or(area.right(), |block| block.right());
    // Right below the grids, at the foot where they scroll.
    let foot = frame
        .blocks
        .first()
        .map_or(frame.window.bottom(), |block| block.bottom())
        .min(frame.window.bottom());
    paint_legend(
        ui,
        Rect::from_min_max(
            pos2(area.left() + GUTTER, foot + 8.0),
            pos2(
                blocks_right.min(area.left() + GUTTER + 360.0),
                foot + LEGEND,
            ),
        ),
    );
}

/// A method's name and the area it covers; a click orders by it.
fn title_ui(
    ui: &mut Ui,
    frame: &Frame,
    at: usize,
    method: &MethodTaus,
    view: &FigureView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let block = frame.blocks[at];
    let place = Rect::from_min_size(
        pos2(block.left(), frame.window.top() - TITLES),
        vec2((block.width() + BLOCK_GAP - 6.0).max(40.0), TITLES - 6.0),
    );
    let ordering = view.ordered_by == at;
    let command = Command::Dataset(DatasetCommand::OrderBy(at));
    let response = ui.interact(place, ui.scope_id().with(("method", at)), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(
            Role::Button,
            true,
            ordering,
            format!("Order by {}", method.name),
        )
    });
    let color = if ordering || response.hovered() {
        palette.accent
    } else {
        palette.text
    };
    widgets::paint_text_clipped(
        ui,
        place.left_top() + vec2(0.0, 8.0),
        Align2::LEFT_CENTER,
        &method.name,
        theme::semibold(theme::SIZE_STRONG),
        color,
        place.width(),
    );
    let grid = view.grids.get(at);
    let area = grid.and_then(|grid| grid.area);
    widgets::paint_text_clipped(
        ui,
        place.left_top() + vec2(0.0, 25.0),
        Align2::LEFT_CENTER,
        &area.map_or_else(
            || "not computed".to_owned(),
            |area| format!("covers {}", text::percent_fine(area)),
        ),
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
        place.width(),
    );
    let mut tip = match method.kind {
        MethodKind::Samples => {
            "Samples of this bundle; a cell is the share of them that match.".to_owned()
        }
        MethodKind::Scorer => {
            "A network with one summary a video, which matches an annotator or does not.".to_owned()
        }
        MethodKind::Random => {
            "Scores by chance, one for each two-second shot: what any method has to beat."
                .to_owned()
        }
        MethodKind::People => {
            "The other annotators: the share of them that agree with each.".to_owned()
        }
    };
    if let Some(area) = area {
        tip.push_str(&format!(
            "\nArea covered, the mean of all cells: {:.4}.",
            area
        ));
    }
    if let Some(reached) = grid.and_then(|grid| grid.reached) {
        tip.push_str(&format!(
            "\n{} of the cells have any match.",
            text::percent_fine(reached)
        ));
    }
    if let Some(fault) = &method.fault {
        tip.push('\n');
        tip.push_str(fault);
    }
    tip.push_str("\nClick to order rows and columns by this method.");
    if response.on_hover_text(tip).clicked() {
        commands.push(command);
    }
}

fn rows_ui(
    ui: &mut Ui,
    frame: &Frame,
    scrolled: f32,
    state: &AppState,
    view: &FigureView,
    commands: &mut Vec<Command>,
) {
    let figure = &state.dataset.figure;
    let first = (scrolled / frame.row_height).floor().max(0.0) as usize;
    let last = ((scrolled + frame.window.height()) / frame.row_height).ceil() as usize;
    let shown = first..last.min(view.rows.len());
    let mut hovered = None;
    for (at, method) in figure.methods.iter().enumerate() {
        let Some(grid) = view.grids.get(at) else {
            continue;
        };
        paint_grid(ui, frame, at, grid, view, shown.clone(), scrolled);
        let cells = frame.blocks[at]
            .translate(vec2(0.0, -scrolled))
            .intersect(frame.window);
        let response = ui.interact(cells, ui.scope_id().with(("grid", at)), Sense::click());
        response.widget_info(|| {
            let area = grid.area.map_or_else(String::new, |area| {
                format!(", covers {}", text::percent_fine(area))
            });
            WidgetInfo::labeled(
                Role::Grid,
                true,
                format!("Matches of {}, videos × annotators{area}", method.name),
            )
        });
        let Some(pos) = response.hover_pos() else {
            continue;
        };
        let (row, column) = frame.find(at, pos, scrolled);
        let (Some(&video), Some(&annotator)) = (view.rows.get(row), view.columns.get(column))
        else {
            continue;
        };
        let annotators = state
            .dataset
            .videos
            .get(video)
            .map_or(0, |v| v.set.annotators.len());
        if annotator >= annotators {
            continue;
        }
        hovered = Some((at, row, column));
        if response.clicked() {
            commands.push(Command::Dataset(DatasetCommand::OpenPair {
                video,
                annotator,
                method: at,
            }));
        }
    }
    paint_labels(
        ui,
        frame,
        state,
        view,
        shown,
        scrolled,
        hovered.map(|h| h.1),
    );
    if let Some((at, row, column)) = hovered {
        paint_hover(ui, frame, state, view, (at, row, column), scrolled);
    }
}

fn paint_grid(
    ui: &Ui,
    frame: &Frame,
    at: usize,
    grid: &Grid,
    view: &FigureView,
    rows: std::ops::Range<usize>,
    scrolled: f32,
) {
    let palette = Palette::of(ui);
    let mut mesh = Mesh::default();
    for row in rows {
        let Some(shares) = grid.shares.get(view.rows[row]) else {
            continue;
        };
        for (column, &annotator) in view.columns.iter().enumerate() {
            let Some(share) = shares.get(annotator) else {
                continue;
            };
            let cell = frame.cell(at, row, column, scrolled);
            match share {
                Some(share) => mesh.add_colored_rect(cell, heat_cell(palette, *share)),
                // Undefined: a thin frame around nothing.
                None => {
                    mesh.add_colored_rect(cell, palette.line);
                    if cell.width() > 3.0 && cell.height() > 3.0 {
                        mesh.add_colored_rect(cell.shrink(1.0), palette.panel);
                    }
                }
            }
        }
    }
    ui.painter().add(mesh);
}

/// Names of the videos, where rows are high enough; else only that of the row under the pointer.
fn paint_labels(
    ui: &Ui,
    frame: &Frame,
    state: &AppState,
    view: &FigureView,
    rows: std::ops::Range<usize>,
    scrolled: f32,
    hovered: Option<usize>,
) {
    let palette = Palette::of(ui);
    for row in rows {
        if frame.row_height < LABELLED_ROW && hovered != Some(row) {
            continue;
        }
        let Some(video) = state.dataset.videos.get(view.rows[row]) else {
            continue;
        };
        let y = frame.window.top() + (row as f32 + 0.5) * frame.row_height - scrolled - 0.5;
        let size = (frame.row_height - 1.0).clamp(9.0, theme::SIZE_SMALL);
        let color = if hovered == Some(row) {
            palette.text
        } else {
            palette.secondary
        };
        widgets::paint_text_clipped(
            ui,
            pos2(frame.window.left() + GUTTER - 8.0, y),
            Align2::RIGHT_CENTER,
            &video.set.video_id,
            theme::regular(size),
            color,
            GUTTER - 10.0,
        );
    }
}

/// The row in all grids, the cell, and its values.
fn paint_hover(
    ui: &Ui,
    frame: &Frame,
    state: &AppState,
    view: &FigureView,
    (at, row, column): (usize, usize, usize),
    scrolled: f32,
) {
    let palette = Palette::of(ui);
    let outline = |rect: Rect, width: f32, color: Color32| {
        ui.painter()
            .rect_stroke(rect, 1, Stroke::new(width, color), StrokeKind::Outside);
    };
    for block in 0..frame.blocks.len() {
        let left = frame.cell(block, row, 0, scrolled);
        let right = frame.cell(block, row, view.columns.len().saturating_sub(1), scrolled);
        outline(left.union(right), 1.0, palette.faint);
    }
    let cell = frame.cell(at, row, column, scrolled);
    outline(cell, 1.5, palette.text);
    paint_tip(
        ui,
        cell,
        &words(state, view, at, view.rows[row], view.columns[column]),
    );
}

/// What a cell says, line by line.
fn words(
    state: &AppState,
    view: &FigureView,
    method: usize,
    video: usize,
    annotator: usize,
) -> Vec<String> {
    let figure = &state.dataset.figure;
    let Some(found) = state.dataset.videos.get(video) else {
        return Vec::new();
    };
    let name = |annotator: usize| {
        found.set.annotators.get(annotator).map_or_else(
            || format!("annotator {}", annotator + 1),
            |a| a.name.clone(),
        )
    };
    let mut lines = vec![format!("{} · {}", found.label(), name(annotator))];
    let share = view
        .grids
        .get(method)
        .and_then(|grid| *grid.shares.get(video)?.get(annotator)?);
    let method = &figure.methods[method];
    let taus = method.videos.get(video).and_then(Option::as_ref);
    let best = taus.and_then(|taus| taus.nearest_sample(annotator));
    lines.push(match (share, best) {
        (Some(share), Some((nearest, tau))) => match method.kind {
            MethodKind::Scorer => {
                let verb = if share > 0.0 {
                    "matches"
                } else {
                    "does not match"
                };
                format!("{} {verb}: τ {tau:.2}", method.name)
            }
            MethodKind::People => format!(
                "{} of the other annotators agree; nearest is {} with τ {tau:.2}",
                text::percent(f64::from(share)),
                name(nearest)
            ),
            MethodKind::Samples | MethodKind::Random => format!(
                "{} of the samples match; the best has τ {tau:.2}",
                text::percent(f64::from(share))
            ),
        },
        _ if taus.is_none() => "Not computed yet".to_owned(),
        _ => "Undefined, because the scores do not vary".to_owned(),
    });
    lines.push("Click to see the two on the timeline".to_owned());
    lines
}

fn paint_legend(ui: &Ui, rect: Rect) {
    let palette = Palette::of(ui);
    let font = theme::regular(theme::SIZE_SMALL);
    let y = rect.top() + 6.0;
    let text = |x: f32, align: Align2, words: &str| -> Rect {
        ui.painter()
            .text(pos2(x, y), align, words, font.clone(), palette.secondary)
    };
    let start = text(rect.left(), Align2::LEFT_CENTER, "none").right() + 6.0;
    let width = (rect.width() * 0.35).clamp(60.0, 140.0);
    let bar = Rect::from_min_size(pos2(start, y - 4.0), vec2(width, 8.0));
    let mut mesh = Mesh::default();
    const STEPS: usize = 48;
    for step in 0..STEPS {
        let x = |at: usize| bar.left() + bar.width() * at as f32 / STEPS as f32;
        mesh.add_colored_rect(
            Rect::from_min_max(pos2(x(step), bar.top()), pos2(x(step + 1), bar.bottom())),
            heat_cell(palette, step as f32 / (STEPS - 1) as f32),
        );
    }
    ui.painter().add(mesh);
    let all = text(bar.right() + 6.0, Align2::LEFT_CENTER, "all match").right();
    let empty = Rect::from_min_size(pos2(all + 18.0, y - 4.0), vec2(8.0, 8.0));
    ui.painter()
        .rect_stroke(empty, 0, Stroke::new(1.0, palette.line), StrokeKind::Inside);
    text(empty.right() + 6.0, Align2::LEFT_CENTER, "undefined");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_finds_its_cell_in_every_grid_also_when_scrolled() {
        let area = Rect::from_min_size(pos2(10.0, 20.0), vec2(900.0, 500.0));
        let frame = Frame::new(area, 4, 50, 20);
        for (block, row, column) in [(0, 0, 0), (3, 49, 19), (1, 7, 11)] {
            for scrolled in [0.0, 33.0] {
                let cell = frame.cell(block, row, column, scrolled);
                assert_eq!(frame.find(block, cell.center(), scrolled), (row, column));
            }
        }
        let last = frame.blocks[3];
        assert!(last.right() <= area.right() + 1.0);
        // Few videos stay readable, many scroll.
        assert_eq!(Frame::new(area, 1, 2, 3).row_height, ROW.1);
        assert_eq!(Frame::new(area, 1, 9000, 3).row_height, ROW.0);
    }
}
