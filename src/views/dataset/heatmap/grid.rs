//! One method's grid of the figure: its title, cells and rows, painted, hovered and clicked.

use super::frame::*;
use crate::pipeline::MethodKind;
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::dataset::DatasetCommand;
use crate::state::dataset::figure::{FigureView, Grid, MethodTaus};
use crate::ui::colormap::{heat_cell, paint_heat_bar};
use crate::ui::shapes::{add_mesh, undefined_stroke};
use crate::ui::theme::{self, Palette};
use crate::ui::tip::paint_tip;
use crate::ui::{text, widgets};
use egui::{
    Align2, Color32, Mesh, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// A method's name and the area it covers; a click orders by it.
pub(super) fn title_ui(
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

pub(super) fn rows_ui(
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

pub(super) fn paint_grid(
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
    // Over the mesh.
    let mut undefined = Vec::new();
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
                // Undefined: a thin frame around nothing, struck through.
                None => {
                    mesh.add_colored_rect(cell, palette.line);
                    if cell.width() > 3.0 && cell.height() > 3.0 {
                        mesh.add_colored_rect(cell.shrink(1.0), palette.panel);
                    }
                    undefined.push(undefined_stroke(cell, palette));
                }
            }
        }
    }
    add_mesh(ui.painter(), mesh);
    ui.painter().extend(undefined);
}

/// Names of the videos, where rows are high enough; else only that of the row under the pointer.
pub(super) fn paint_labels(
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
            theme::regular(theme::SIZE_SMALL),
            color,
            GUTTER - 10.0,
        );
    }
}

/// The row in all grids, the cell, and its values.
pub(super) fn paint_hover(
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
pub(super) fn words(
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

/// The legend: a swatch for none, the bar of all other shares, and how undefined cells look.
pub(super) fn paint_legend(ui: &Ui, rect: Rect) {
    const SWATCH: f32 = 10.0;
    let palette = Palette::of(ui);
    let y = rect.top() + 6.0;
    let text = |x: f32, words: &str| -> Rect {
        let font = theme::regular(theme::SIZE_SMALL);
        ui.painter().text(
            pos2(x, y),
            Align2::LEFT_CENTER,
            words,
            font,
            palette.secondary,
        )
    };
    let swatch = |x: f32, width: f32| Rect::from_min_size(pos2(x, y - 5.0), vec2(width, SWATCH));
    let none = swatch(text(rect.left(), "none").right() + 6.0, SWATCH);
    ui.painter().rect_filled(none, 0, heat_cell(palette, 0.0));
    let edge = Stroke::new(1.0, palette.faint);
    ui.painter().rect_stroke(none, 0, edge, StrokeKind::Inside);
    let width = (rect.width() * 0.35).clamp(60.0, 140.0);
    let bar = swatch(none.right() + 4.0, width);
    paint_heat_bar(ui.painter(), bar, palette);
    let all = text(bar.right() + 6.0, "all match").right();
    let empty = swatch(all + 18.0, SWATCH);
    ui.painter().rect_stroke(empty, 0, edge, StrokeKind::Inside);
    ui.painter().add(undefined_stroke(empty, palette));
    text(empty.right() + 6.0, "undefined");
}
