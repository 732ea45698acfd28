//! The evaluation table of the dataset page: the methods' measures under a protocol, with the
//! choice of the protocol and Save.

use egui::{Align, Layout, RichText, ScrollArea, Ui};

use crate::figures::tables::{columns, marked_name, notes};
use crate::pipeline::evaluation::{EvaluationTable, MEASURES, Protocol};
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::dataset::DatasetCommand;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets;
use crate::views::welcome;

const PROTOCOLS: [(Protocol, &str, &str); 3] = [
    (
        Protocol::All,
        "All videos",
        "Every video once; of a bundle those that it was not trained on.",
    ),
    (
        Protocol::Tvt,
        "TVT",
        "Means over the test parts of five random 7 : 1 : 2 splits, as in table 1 of the paper.",
    ),
    (
        Protocol::FiveFold,
        "5FCV",
        "Means over five folds, as in table 2 of the paper.",
    ),
];

/// Shows the table with its controls.
pub fn table_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let table = &state.dataset.table;
    controls_ui(ui, state, commands);
    let area = ui.available_rect_before_wrap();
    if let Some(shown) = &table.shown {
        ScrollArea::both()
            .id_salt("evaluation table")
            .auto_shrink(false)
            .show(ui, |ui| {
                grid_ui(ui, shown);
                ui.add_space(8.0);
                notes_ui(ui, state, shown);
            });
        return;
    }
    if table.progress.is_some() {
        widgets::paint_empty(ui, area, "Measuring", "Every method on every video.");
    } else if let Some(fault) = &table.fault {
        widgets::paint_empty(ui, area, "No table", fault);
    } else {
        widgets::paint_empty(
            ui,
            area,
            "Not measured yet",
            "Measure the bundle in use, the installed scorers, chance and people, as `summdiff evaluate` does.",
        );
    }
}

fn controls_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let table = &state.dataset.table;
    let mut run = |command: DatasetCommand| commands.push(Command::Dataset(command));
    ui.horizontal_wrapped(|ui| {
        ui.set_min_height(36.0);
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().button_padding.x = 8.0;
        for (protocol, name, tip) in PROTOCOLS {
            if ui
                .selectable_label(table.protocol == protocol, name)
                .on_hover_text(tip)
                .clicked()
            {
                run(DatasetCommand::SetProtocol(protocol));
            }
        }
        ui.add_space(8.0);
        if table.progress.is_none() {
            let label = if table.measured.is_some() {
                "Measure again"
            } else {
                "Measure"
            };
            if ui
                .button(label)
                .on_hover_text("Measures every method on every video; takes a while, and can be cancelled.")
                .clicked()
            {
                run(DatasetCommand::Evaluate);
            }
            if ui
                .button("Join ratings…")
                .on_hover_text("Joins the annotators' ratings that a file of features lacks, such as ydata-tvsum50.mat.")
                .clicked()
            {
                run(DatasetCommand::PickRatings);
            }
            if table.shown.is_some()
                && ui
                    .button("Save…")
                    .on_hover_text("Saves the table as CSV, LaTeX, HTML, JSON or text, with what its numbers come from.")
                    .clicked()
            {
                run(DatasetCommand::SaveTable);
            }
        }
    });
    if let Some(progress) = &table.progress {
        let cancel = Command::Dataset(DatasetCommand::CancelTable);
        welcome::progress_ui(ui, progress, cancel, commands);
    }
}

fn grid_ui(ui: &mut Ui, table: &EvaluationTable) {
    let palette = Palette::of(ui);
    let columns = columns(table);
    let ranks: Vec<Vec<Option<usize>>> = columns.iter().map(|&at| table.ranks(at)).collect();
    egui::Grid::new("evaluation")
        .striped(true)
        .spacing([18.0, 6.0])
        .show(ui, |ui| {
            let head = |words: String| {
                RichText::new(words)
                    .font(theme::regular(theme::SIZE_SMALL))
                    .color(palette.secondary)
            };
            ui.label(head("method".to_owned()));
            right(ui, head("videos".to_owned()));
            for &at in &columns {
                let measure = &MEASURES[at];
                let arrow = if measure.higher_is_better {
                    "↑"
                } else {
                    "↓"
                };
                right(ui, head(format!("{} {arrow}", measure.sign)));
            }
            ui.end_row();
            let body = |words: String| {
                RichText::new(words)
                    .font(theme::regular(theme::SIZE_BODY))
                    .color(palette.text)
            };
            for (row, method) in table.methods.iter().enumerate() {
                ui.label(body(marked_name(method)));
                right(ui, body(method.videos.to_string()));
                for (&at, ranks) in columns.iter().zip(&ranks) {
                    let measure = &MEASURES[at];
                    let shown = |value: f64| {
                        format!("{:.*}", measure.decimals, value * measure.scale).replace('-', "−")
                    };
                    let words = match (method.mean.0[at], method.std.0[at]) {
                        (None, _) => "–".to_owned(),
                        (Some(mean), None) => shown(mean),
                        (Some(mean), Some(std)) => format!("{} ± {}", shown(mean), shown(std)),
                    };
                    let words = match ranks[row] {
                        Some(0) => body(words).font(theme::semibold(theme::SIZE_BODY)),
                        Some(_) => body(words).underline(),
                        None => body(words),
                    };
                    right(ui, words);
                }
                ui.end_row();
            }
        });
}

/// A cell at the right edge of its column.
fn right(ui: &mut Ui, words: RichText) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.label(words);
    });
}

fn notes_ui(ui: &mut Ui, state: &AppState, table: &EvaluationTable) {
    let mut sentences = vec![format!(
        "By the rule of {}: {}. Best bold, second best underlined.",
        table.kind.title(),
        table.reason
    )];
    if let Some(measured) = &state.dataset.table.measured {
        sentences.extend(measured.note.clone());
        let provenance = &measured.provenance;
        sentences.push(format!(
            "{} samples, seed {}, budget {}; other settings as the bundles state them.",
            provenance.samples, provenance.seed, provenance.budget
        ));
    }
    sentences.extend(notes(table));
    sentences.extend(table.left_out.iter().take(20).cloned());
    for sentence in sentences {
        widgets::note(ui, sentence);
    }
}
