//! What the player shows where only a dataset's numbers of a video are there.

use egui::{Align, Layout, Rect, Ui, pos2, vec2};

use crate::state::AppState;
use crate::state::command::Command;
use crate::state::dataset::DatasetCommand;
use crate::ui::theme::Palette;
use crate::ui::{parts, widgets};

/// Says that the raw video is missing and where the samples come from, and offers to find the file.
pub fn missing_ui(ui: &mut Ui, screen: Rect, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    ui.painter().rect_filled(screen, 4, palette.well);
    let words = Rect::from_min_max(screen.min, pos2(screen.right(), screen.bottom() - 44.0));
    widgets::paint_empty(
        ui,
        words,
        "The raw video is not here",
        &format!("{}; everything but the picture works.", source(state)),
    );
    let place = Rect::from_center_size(
        pos2(
            screen.center().x,
            (screen.center().y + 46.0).min(screen.bottom() - 24.0),
        ),
        vec2(150.0, 32.0),
    );
    let mut child = parts::part(
        ui,
        place,
        "find video",
        Layout::top_down_justified(Align::Center),
    );
    if child
        .add(widgets::primary_button("Find video…", palette).min_size(vec2(150.0, 32.0)))
        .on_hover_text("Chooses the file that these annotations belong to.")
        .clicked()
    {
        commands.push(Command::Dataset(DatasetCommand::FindVideo));
    }
}

/// Where the samples of a video without its file come from.
fn source(state: &AppState) -> String {
    match state.runtime.drawn_by.as_str() {
        "" => format!(
            "{} draws samples from the dataset's features",
            state.runtime.bundle
        ),
        crate::pipeline::methods::RANDOM => "Samples are random".to_owned(),
        name => format!(
            "{name} draws samples, as {} does not fit the dataset's features",
            state.runtime.bundle
        ),
    }
}
