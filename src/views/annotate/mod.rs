//! The page for annotators: who rated or picked in this video.

use egui::{ScrollArea, Ui};

use crate::app::command::Command;
use crate::app::state::AppState;
use crate::domain::Annotator;
use crate::ui::theme::Palette;
use crate::ui::{text, widgets};

/// Shows the page in all the space there is.
pub fn annotate_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    widgets::panel_frame(palette).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        let set = state.choices.annotations.as_deref();
        let annotators = set.map_or(&[][..], |set| set.annotators.as_slice());
        let note = text::count(annotators.len(), "annotator");
        widgets::panel_title(ui, "Annotators", &note);
        if widgets::text_button(ui, "Load annotations…", palette.accent)
            .on_hover_text(Command::LoadAnnotations.tooltip())
            .clicked()
        {
            commands.push(Command::LoadAnnotations);
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for annotator in annotators {
                ui.horizontal(|ui| {
                    ui.label(&annotator.name);
                    widgets::note(ui, what_was_given(annotator));
                });
            }
        });
    });
}

/// What an annotator gave: `scores`, `7 picked ranges`.
fn what_was_given(annotator: &Annotator) -> String {
    match (annotator.scores.is_empty(), annotator.picks.len()) {
        (false, 0) => "scores".to_owned(),
        (false, picks) => format!("scores and {}", text::count(picks, "picked range")),
        (true, picks) => text::count(picks, "picked range"),
    }
}
