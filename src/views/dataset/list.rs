//! The videos of a dataset as a table; a click opens one.

use egui::{Align2, FontId, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::state::AppState;
use crate::state::command::Command;
use crate::state::dataset::{DatasetCommand, DatasetVideo, SortBy};
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

const ROW: f32 = 34.0;
const HEADER: f32 = 24.0;

/// Right edges of the columns behind the title, as distances from the table's right edge.
struct Columns {
    title: (f32, f32),
    length: f32,
    annotators: f32,
    agreement: f32,
    raw: f32,
}

impl Columns {
    fn new(left: f32, right: f32) -> Self {
        let raw = right - 10.0;
        let agreement = raw - 66.0;
        let annotators = agreement - 76.0;
        let length = annotators - 78.0;
        Self {
            title: (left + 8.0, length - 58.0),
            length,
            annotators,
            agreement,
            raw,
        }
    }
}

/// Shows the table in the space that is left.
pub fn list_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let dataset = &state.dataset;
    let width = ui.available_width();
    let (header, _) = ui.allocate_exact_size(vec2(width, HEADER), Sense::hover());
    header_ui(ui, header, state, commands);
    let order = dataset.sorted();
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("dataset videos")
        .auto_shrink(false)
        .show_rows(ui, ROW, order.len(), |ui, rows| {
            for &video in &order[rows] {
                let (rect, response) =
                    ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
                let found = &dataset.videos[video];
                response.widget_info(|| {
                    WidgetInfo::labeled(Role::Button, true, format!("Open {}", found.label()))
                });
                let open = dataset.open_video == Some(video) && state.session.is_some();
                paint_row(
                    ui,
                    rect,
                    found,
                    response.hovered() || response.has_focus(),
                    open,
                );
                let response = response.on_hover_text(tip(found));
                if response.clicked() {
                    commands.push(Command::Dataset(DatasetCommand::OpenVideo(video)));
                }
            }
        });
}

fn header_ui(ui: &mut Ui, rect: Rect, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let columns = Columns::new(rect.left(), rect.right());
    let y = rect.center().y;
    let font = theme::regular(theme::SIZE_SMALL);
    for (label, sort, x, align, tip) in [
        (
            "Video",
            SortBy::Title,
            columns.title.0,
            Align2::LEFT_CENTER,
            "Sorts by title.",
        ),
        (
            "Length",
            SortBy::Length,
            columns.length,
            Align2::RIGHT_CENTER,
            "Sorts by length, longest first.",
        ),
        (
            "Annotators",
            SortBy::Annotators,
            columns.annotators,
            Align2::RIGHT_CENTER,
            "Sorts by number of annotators, most first.",
        ),
        (
            "Agreement",
            SortBy::Agreement,
            columns.agreement,
            Align2::RIGHT_CENTER,
            "Mean Kendall τ over all pairs of annotators. Sorts by it, highest first.",
        ),
    ] {
        let sorted = state.dataset.sort == sort;
        let galley = ui.painter().layout_no_wrap(
            label.to_owned(),
            font.clone(),
            if sorted {
                palette.accent
            } else {
                palette.secondary
            },
        );
        let place = align.anchor_size(pos2(x, y), galley.size());
        let response = ui
            .interact(
                place.expand2(vec2(4.0, 4.0)),
                ui.scope_id().with(("sort", label)),
                Sense::click(),
            )
            .on_hover_text(tip);
        response
            .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Sort by {label}")));
        ui.painter().galley(place.min, galley, palette.secondary);
        if response.clicked() {
            let next = if sorted { SortBy::File } else { sort };
            commands.push(Command::Dataset(DatasetCommand::SortVideos(next)));
        }
    }
    ui.painter().text(
        pos2(columns.raw, y),
        Align2::RIGHT_CENTER,
        "Video file",
        font,
        palette.secondary,
    );
    ui.painter().hline(
        rect.x_range(),
        rect.bottom(),
        Stroke::new(1.0, palette.line),
    );
}

fn paint_row(ui: &Ui, rect: Rect, video: &DatasetVideo, lit: bool, open: bool) {
    let palette = Palette::of(ui);
    let columns = Columns::new(rect.left(), rect.right());
    if lit || open {
        let fill = if lit { palette.control } else { palette.well };
        ui.painter()
            .rect_filled(rect.shrink2(vec2(0.0, 1.0)), theme::RADIUS_CONTROL, fill);
    }
    if open {
        ui.painter().vline(
            rect.left() + 1.0,
            rect.shrink2(vec2(0.0, 7.0)).y_range(),
            Stroke::new(2.0, palette.accent),
        );
    }
    let titled = !video.set.title.is_empty();
    let room = columns.title.1 - columns.title.0;
    let line = |y: f32, words: &str, font: FontId, color| {
        widgets::paint_text_clipped(
            ui,
            pos2(columns.title.0, y),
            Align2::LEFT_CENTER,
            words,
            font,
            color,
            room,
        );
    };
    let middle = rect.center().y;
    if titled {
        line(
            middle - 7.0,
            &video.set.title,
            theme::medium(theme::SIZE_BODY),
            palette.text,
        );
        line(
            middle + 8.0,
            &video.set.video_id,
            theme::regular(theme::SIZE_SMALL),
            palette.secondary,
        );
    } else {
        line(
            middle,
            &video.set.video_id,
            theme::medium(theme::SIZE_BODY),
            palette.text,
        );
    }
    let number = |x: f32, words: String, color| {
        ui.painter().text(
            pos2(x, middle),
            Align2::RIGHT_CENTER,
            words,
            theme::regular(theme::SIZE_BODY),
            color,
        );
    };
    let unknown = || "–".to_owned();
    number(
        columns.length,
        video.duration_secs.map_or_else(unknown, text::clock),
        palette.text,
    );
    number(
        columns.annotators,
        video.set.annotators.len().to_string(),
        palette.text,
    );
    number(
        columns.agreement,
        video.tau.map_or_else(unknown, |tau| format!("{tau:.3}")),
        palette.text,
    );
    match &video.raw {
        Some(raw) if raw.note.is_some() => {
            number(columns.raw, "differs".to_owned(), palette.warning)
        }
        Some(_) => number(columns.raw, "here".to_owned(), palette.good),
        None => number(columns.raw, "none".to_owned(), palette.secondary),
    }
}

fn tip(video: &DatasetVideo) -> String {
    let mut lines = vec![format!("Opens {}.", video.label())];
    match &video.raw {
        Some(raw) => {
            lines.push(raw.path.display().to_string());
            lines.extend(raw.note.clone());
        }
        None => lines.push("Its file was not found, so it opens without its picture.".to_owned()),
    }
    lines.push(if video.feature_size > 0 {
        format!(
            "The dataset has features of size {} of it.",
            video.feature_size
        )
    } else {
        "The dataset has no features of it; samples are drawn by chance.".to_owned()
    });
    lines.join("\n")
}
