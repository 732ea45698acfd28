//! What can be done with one alternative: the buttons at the foot of its card, and the card's menu.

use egui::{Rect, Ui, UiBuilder, vec2};

use crate::app::command::Command;
use crate::app::state::AppState;
use crate::ui::theme::Palette;
use crate::ui::{text, widgets};

/// From this width on a card's actions have room for the comparison.
const COMPARE_FROM: f32 = 320.0;

/// What the secondary button offers on a card.
pub(super) fn menu_ui(ui: &mut Ui, index: usize, state: &AppState, commands: &mut Vec<Command>) {
    let chosen = state.chosen_alternative();
    let mut entry = |ui: &mut Ui, label: String, tip: &str, command: Command| {
        if ui.button(label).on_hover_text(tip).clicked() {
            commands.push(command);
            ui.close();
        }
    };
    entry(
        ui,
        "Play".to_owned(),
        "Plays only what this summary keeps.",
        Command::PlaySummary(Some(index)),
    );
    if let Some(chosen) = chosen.filter(|chosen| *chosen != index) {
        entry(
            ui,
            format!("Compare with {}", text::letter(chosen)),
            COMPARE_TIP,
            Command::CompareWith(index),
        );
    }
    for (label, tip, command) in mark_actions(index, state) {
        entry(ui, label.to_owned(), tip, command);
    }
    entry(
        ui,
        "Export…".to_owned(),
        "Writes this summary as a clip or as a list of cuts.",
        Command::OpenExport(Some(index)),
    );
}

const COMPARE_TIP: &str =
    "Shows on the timeline what both summaries keep; X goes back and forth between them.";

/// Name, tip and command of what can be done with a kind of summary.
fn mark_actions(index: usize, state: &AppState) -> [(&'static str, &'static str, Command); 3] {
    let (pinned, rejected) = (state.is_pinned(index), state.is_rejected(index));
    [
        (
            if pinned { "Unpin" } else { "Pin" },
            "Keeps this summary in the timeline through new draws.",
            Command::Pin(index),
        ),
        (
            if rejected { "Bring back" } else { "Reject" },
            "Dims this kind of summary, in this draw and the next.",
            Command::Reject(index),
        ),
        (
            "More like this",
            "Lists all samples of this kind in the timeline, most alike first.",
            Command::MoreLikeThis(index),
        ),
    ]
}

pub(super) fn actions_ui(
    ui: &mut Ui,
    row: Rect,
    index: usize,
    state: &AppState,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let letter = text::letter(index);
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(row)
            .id_salt(("actions", index))
            .layout(egui::Layout::left_to_right(egui::Align::Center)),
    );
    child.spacing_mut().item_spacing.x = 12.0;
    child.spacing_mut().button_padding = vec2(0.0, 0.0);
    let quiet = palette.secondary;
    for (label, tip, command) in mark_actions(index, state) {
        let color = if label == "Unpin" {
            palette.alternative_text(index)
        } else {
            quiet
        };
        let response = widgets::text_button(&mut child, label, color)
            .on_hover_text(tip)
            .accessible_name(format!("{label}: {letter}"));
        if response.clicked() {
            commands.push(command);
        }
    }
    // Where there is no room for it, the card's menu has it.
    if let Some(chosen) = state.chosen_alternative().filter(|chosen| *chosen != index)
        && row.width() > COMPARE_FROM
    {
        let label = format!("Compare with {}", text::letter(chosen));
        let response = widgets::text_button(&mut child, &label, quiet)
            .on_hover_text(COMPARE_TIP)
            .accessible_name(format!("{label}: {letter}"));
        if response.clicked() {
            commands.push(Command::CompareWith(index));
        }
    }
    child.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        if widgets::text_button(ui, "Export…", palette.accent)
            .on_hover_text(Command::OpenExport(Some(index)).tooltip())
            .accessible_name(format!("Export…: {letter}"))
            .clicked()
        {
            commands.push(Command::OpenExport(Some(index)));
        }
    });
}
