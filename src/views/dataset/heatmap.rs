//! The paper's figure 3 for a dataset: for each method a grid of videos × annotators, all in one
//! order, side by side.

mod frame;
mod grid;

use egui::{Align, Align2, Layout, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use self::frame::*;
use self::grid::*;
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::dataset::DatasetCommand;
use crate::state::dataset::figure::Figure;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::LabelledSlider;
use crate::ui::{parts, widgets};
use crate::views::welcome;

/// Shows the figure with its controls and legend.
pub fn figure_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let figure = &state.dataset.figure;
    widgets::note(
        ui,
        "Share of a method's summaries that match each annotator",
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
                    save_ui(ui, figure, commands);
                });
            }
        }
    });
}

/// The order of rows and columns, and Save.
fn save_ui(ui: &mut Ui, figure: &Figure, commands: &mut Vec<Command>) {
    if figure.methods.is_empty() {
        return;
    }
    ui.add_space(12.0);
    let mut file_order = figure.file_order;
    let response = ui.checkbox(&mut file_order, "File's order");
    if response
        .on_hover_text("Rows and columns as the file has them, rather than similar ones together.")
        .changed()
    {
        commands.push(Command::Dataset(DatasetCommand::FileOrder(file_order)));
    }
    if widgets::text_button(ui, "Save…", Palette::of(ui).accent)
        .on_hover_text("Saves this figure as SVG, PNG or CSV, rows in this order.")
        .clicked()
    {
        commands.push(Command::Dataset(DatasetCommand::SaveMatches));
    }
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
    let mut child = parts::column(ui, frame.window, "figure rows");
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
