//! The dataset page: the list of videos, what did not match, and the figure of who agrees with
//! which method.
//!
//! [`list`] draws the table, [`heatmap`] the grids, [`table`] the evaluation table, [`missing`]
//! what the player shows where a video has no file.

pub mod heatmap;
pub mod list;
pub mod missing;
pub mod table;

use egui::{Button, CornerRadius, Rect, RichText, ScrollArea, Ui, pos2, vec2};

use crate::state::AppState;
use crate::state::command::Command;
use crate::state::dataset::table::DatasetTab;
use crate::state::dataset::{DatasetCommand, DatasetState};
use crate::ui::theme::{self, PANEL_GAP, Palette};
use crate::ui::{parts, text, widgets};
use crate::views::welcome;

/// Below this width the list stands above the figure.
const NARROW: f32 = 900.0;

/// Shows the page in all the space there is.
pub fn dataset_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    if !state.dataset.is_open() {
        widgets::paint_empty(
            ui,
            area,
            "No dataset",
            "Open a TVSum, SumMe, Mr. HiSum or eccv16 file, or a folder of annotation files.",
        );
        return;
    }
    let report_height = report_height(&state.dataset, area.height());
    let (left, right) = if area.width() < NARROW {
        let middle = area.center().y;
        (
            Rect::from_min_max(area.min, pos2(area.right(), middle - PANEL_GAP / 2.0)),
            Rect::from_min_max(pos2(area.left(), middle + PANEL_GAP / 2.0), area.max),
        )
    } else {
        let width = (area.width() * 0.42).clamp(400.0, 660.0);
        let split = area.left() + width;
        (
            Rect::from_min_max(area.min, pos2(split, area.bottom())),
            Rect::from_min_max(pos2(split + PANEL_GAP, area.top()), area.max),
        )
    };
    let list_area = Rect::from_min_max(
        left.min,
        pos2(
            left.right(),
            if report_height > 0.0 {
                left.bottom() - report_height - PANEL_GAP
            } else {
                left.bottom()
            },
        ),
    );
    panel(ui, list_area, "dataset list", |ui| {
        header_ui(ui, state, commands);
        list::list_ui(ui, state, commands);
    });
    if report_height > 0.0 {
        let report = Rect::from_min_max(pos2(left.left(), left.bottom() - report_height), left.max);
        panel(ui, report, "dataset report", |ui| {
            report_ui(ui, &state.dataset);
        });
    }
    panel(ui, right, "dataset figure", |ui| {
        tabs_ui(ui, state, commands);
        match state.dataset.tab {
            DatasetTab::Matches => heatmap::figure_ui(ui, state, commands),
            DatasetTab::Table => table::table_ui(ui, state, commands),
        }
    });
}

/// Which of the two the panel shows.
fn tabs_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().button_padding = vec2(8.0, 2.0);
        for (tab, name) in [
            (DatasetTab::Matches, "Who agrees with which method"),
            (DatasetTab::Table, "Evaluation table"),
        ] {
            if ui
                .selectable_label(state.dataset.tab == tab, name)
                .clicked()
            {
                commands.push(Command::Dataset(DatasetCommand::ShowTab(tab)));
            }
        }
    });
}

fn panel(ui: &mut Ui, rect: Rect, salt: &str, add: impl FnOnce(&mut Ui)) {
    let mut child = parts::column(ui, rect, salt);
    let palette = Palette::of(&child);
    widgets::panel_frame(palette)
        .corner_radius(CornerRadius::same(theme::RADIUS_PANEL))
        .show(&mut child, |ui| {
            ui.set_min_size(ui.available_size());
            ui.set_clip_rect(ui.max_rect().expand(6.0).intersect(ui.clip_rect()));
            add(ui);
        });
}

/// Name, counts, and the ways to raw videos.
fn header_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let dataset = &state.dataset;
    widgets::panel_title(ui, &dataset.name(), &facts(dataset));
    ui.horizontal_wrapped(|ui| {
        let (joined, _) = dataset.joined();
        let find = Command::Dataset(DatasetCommand::FindVideos);
        let label = if joined == 0 {
            "Find videos…"
        } else {
            "Find videos elsewhere…"
        };
        if ui
            .add(Button::new(label).min_size(vec2(0.0, 28.0)))
            .on_hover_text(find.tooltip())
            .clicked()
        {
            commands.push(find);
        }
        let words = if joined > 0 {
            format!("{joined} raw videos are here; the rest opens without its picture.")
        } else {
            "Videos open without their picture until their files are found.".to_owned()
        };
        ui.label(
            RichText::new(words)
                .font(theme::regular(theme::SIZE_BODY))
                .color(palette.secondary),
        );
    });
    if let Some(progress) = &dataset.loading {
        let cancel = Command::Dataset(DatasetCommand::Cancel);
        welcome::progress_ui(ui, progress, cancel, commands);
    }
}

/// `50 videos · 20 annotators each · 3 h 29 min · agreement τ 0.18`.
fn facts(dataset: &DatasetState) -> String {
    let mut parts = vec![text::count(dataset.videos.len(), "video")];
    let counts = || {
        dataset
            .videos
            .iter()
            .map(|video| video.set.annotators.len())
    };
    if let (Some(least), Some(most)) = (counts().min(), counts().max()) {
        parts.push(if least == most {
            text::count(most, "annotator")
        } else {
            format!("{least}–{most} annotators")
        });
    }
    let secs: f64 = dataset
        .videos
        .iter()
        .filter_map(|video| video.duration_secs)
        .sum();
    if secs > 0.0 {
        parts.push(text::clock(secs));
    }
    if let Some(tau) = dataset.mean_tau() {
        parts.push(format!("agreement τ {tau:.3}"));
    }
    parts.join(" · ")
}

/// What the report needs, within limits; 0 where there is nothing to report.
fn report_height(dataset: &DatasetState, available: f32) -> f32 {
    let lines = dataset.warnings.len() + dataset.join_report.len();
    if lines == 0 {
        return 0.0;
    }
    (64.0 + lines as f32 * 19.0).min(available * 0.3).max(83.0)
}

/// What did not match, one sentence a line.
fn report_ui(ui: &mut Ui, dataset: &DatasetState) {
    let palette = Palette::of(ui);
    let sentences: Vec<(&String, bool)> = dataset
        .join_report
        .iter()
        .map(|sentence| (sentence, false))
        .chain(dataset.warnings.iter().map(|sentence| (sentence, true)))
        .collect();
    widgets::panel_title(
        ui,
        "What did not match",
        &text::count(sentences.len(), "note"),
    );
    ScrollArea::vertical()
        .id_salt("report")
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .show_rows(ui, 17.0, sentences.len(), |ui, rows| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for (sentence, warning) in &sentences[rows] {
                ui.add(
                    egui::Label::new(
                        RichText::new(sentence.as_str())
                            .font(theme::regular(theme::SIZE_BODY))
                            .color(if *warning {
                                palette.warning
                            } else {
                                palette.secondary
                            }),
                    )
                    .truncate(),
                )
                .on_hover_text(sentence.as_str());
            }
        });
}
