//! The panel beside the picture: who is at work, how far, for how long, and the way out.

use egui::{Align, Button, Layout, RichText, Ui, vec2};

use crate::app::annotate::AnnotateCommand;
use crate::app::annotate::Screen;
use crate::app::annotate::apply::{ALL_RATED, method_text};
use crate::app::command::{Command, key_text};
use crate::app::state::AppState;
use crate::domain::AnnotatorWork;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

/// Width of the panel.
pub const WIDTH: f32 = 288.0;

/// Name, method and blindness.
pub fn head_ui(ui: &mut Ui, work: &AnnotatorWork) {
    let palette = Palette::of(ui);
    ui.add(
        egui::Label::new(
            RichText::new(&work.name)
                .font(theme::semibold(theme::SIZE_TITLE))
                .color(palette.text),
        )
        .truncate(),
    );
    widgets::note(ui, method_text(work));
    let (words, color, tip) = if work.saw_others {
        (
            "Not blind any more",
            palette.warning,
            "Summaries or other annotators were on screen while this work was open.",
        )
    } else {
        (
            "Blind: others and samples are hidden",
            palette.good,
            "Nothing of the others is shown on this page until this work is finished.",
        )
    };
    ui.label(
        RichText::new(words)
            .font(theme::regular(theme::SIZE_BODY))
            .color(color),
    )
    .on_hover_text(tip);
}

/// A label on the left and a value on the right.
pub fn fact_ui(ui: &mut Ui, label: &str, value: &str) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        widgets::note(ui, label);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(
                RichText::new(value)
                    .font(theme::medium(theme::SIZE_STRONG))
                    .color(palette.text),
            );
        });
    });
}

/// Time spent, and why it stands still.
pub fn time_ui(ui: &mut Ui, state: &AppState, work: &AnnotatorWork) {
    let spent = text::clock(state.spent_secs(&work.name).floor());
    let value = if state.annotate.paused {
        format!("{spent} · paused")
    } else if state.annotator_is_away() {
        format!("{spent} · away")
    } else {
        spent
    };
    fact_ui(ui, "Time spent", &value);
}

/// What was refused or what to do next, in the space of two lines so that nothing jumps.
pub fn note_ui(ui: &mut Ui, state: &AppState) {
    let palette = Palette::of(ui);
    let top = ui.next_widget_position().y;
    if !state.annotate.note.is_empty() {
        ui.add(
            egui::Label::new(
                RichText::new(&state.annotate.note)
                    .font(theme::regular(theme::SIZE_BODY))
                    .color(if state.annotate.note == ALL_RATED {
                        palette.good
                    } else {
                        palette.warning
                    }),
            )
            .wrap(),
        );
    }
    let used = ui.next_widget_position().y - top;
    ui.add_space((56.0 - used).max(0.0));
}

/// Pause, finish and leave.
pub fn way_out_ui(
    ui: &mut Ui,
    state: &AppState,
    work: &AnnotatorWork,
    commands: &mut Vec<Command>,
) {
    let width = ui.available_width();
    let mut act = |response: egui::Response, command: AnnotateCommand| {
        if response.on_hover_text(command.tooltip()).clicked() {
            commands.push(Command::Annotate(command));
        }
    };
    ui.horizontal(|ui| {
        let half = (width - ui.spacing().item_spacing.x) / 2.0;
        let name = if state.annotate.paused {
            "Go on"
        } else {
            "Pause"
        };
        let pause = ui.add(Button::new(name).min_size(vec2(half, 30.0)));
        act(pause, AnnotateCommand::TogglePause);
        let leave = ui.add(Button::new("Leave for now").min_size(vec2(half, 30.0)));
        act(leave, AnnotateCommand::ShowScreen(Screen::People));
    });
    let why = work.hindrance_to_finish();
    let finish = widgets::wide_primary_button(ui, "Finish and see the others", why.as_deref());
    act(finish, AnnotateCommand::Finish);
}

/// Keys of the screen, one line each.
pub fn keys_ui(ui: &mut Ui, list: &[AnnotateCommand]) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 3.0;
    for command in list {
        let Some(info) = command.info() else { continue };
        ui.horizontal(|ui| {
            ui.set_height(20.0);
            ui.label(
                RichText::new(&info.name)
                    .font(theme::regular(theme::SIZE_BODY))
                    .color(palette.secondary),
            );
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(key) = info.keys.first() {
                    widgets::key_cap(ui, &key_text(key));
                }
            });
        });
    }
}
