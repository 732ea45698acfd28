//! The cheat sheet: all keys of the page on screen, by place.

use super::title_ui;
use crate::domain::Verdict;
use crate::state::AppState;
use crate::state::command::heard;
use crate::state::command::{Command, Place, key_text};
use crate::state::steering::SteerCommand;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets;
use egui::{Align, Layout, RichText, ScrollArea, Ui};

/// Room for the scroll bar.
const SCROLL_BAR: f32 = 14.0;

pub(super) fn cheat_sheet_ui(
    ui: &mut Ui,
    state: &AppState,
    max_height: f32,
    commands: &mut Vec<Command>,
) {
    title_ui(ui, "Keys", commands);
    let palette = Palette::of(ui);
    let all: Vec<Command> = heard(state)
        .into_iter()
        .filter(|command| command.info().is_some_and(|info| !info.keys.is_empty()))
        .collect();
    let columns = match ui.available_width() {
        840.0.. => 3,
        520.0.. => 2,
        _ => 1,
    };
    // Places in columns of about the same height.
    let groups: [&[Place]; 3] = [
        &[Place::Annotating, Place::Play],
        &[Place::File, Place::Edit],
        &[
            Place::Summaries,
            Place::Steering,
            Place::Timeline,
            Place::Window,
        ],
    ];
    ScrollArea::vertical()
        .max_height(max_height)
        .min_scrolled_height(max_height)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 24.0;
            // The scroll bar floats over the content: it gets an edge of its own.
            ui.set_width(ui.available_width() - SCROLL_BAR);
            ui.columns(columns, |uis| {
                for (index, group) in groups.iter().enumerate() {
                    let ui = &mut uis[index.min(columns - 1)];
                    ui.spacing_mut().item_spacing.y = 3.0;
                    for place in *group {
                        let used = |command: &Command| {
                            command.info().is_some_and(|info| info.place == *place)
                        };
                        if !all.iter().any(used) {
                            continue;
                        }
                        ui.label(
                            RichText::new(place.label())
                                .font(theme::semibold(theme::SIZE_BODY))
                                .color(palette.secondary),
                        );
                        for command in &all {
                            let Some(info) = command.info().filter(|info| info.place == *place)
                            else {
                                continue;
                            };
                            // The alternatives in one line, and the ratings.
                            let (name, spans): (&str, &[&str]) = match command {
                                Command::SelectAlternative(0) => {
                                    ("Choose alternative A to H", &["1–8", "Shift+A–H"])
                                }
                                Command::SelectAlternative(_) | Command::Choose(_) => continue,
                                Command::Steer(SteerCommand::Here(Some(Verdict::Rate(1)))) => {
                                    ("Rate 1 to 5", &["Alt+1–5"])
                                }
                                Command::Steer(SteerCommand::Here(Some(Verdict::Rate(_)))) => {
                                    continue;
                                }
                                _ => (info.name.as_str(), &[]),
                            };
                            ui.horizontal(|ui| {
                                ui.set_height(20.0);
                                ui.spacing_mut().item_spacing.x = 4.0;
                                ui.label(
                                    RichText::new(name)
                                        .font(theme::regular(theme::SIZE_BODY))
                                        .color(palette.text),
                                );
                                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                                    let mut names: Vec<String> =
                                        info.keys.iter().map(key_text).collect();
                                    names.dedup();
                                    if !spans.is_empty() {
                                        names = spans.iter().map(|&keys| keys.to_owned()).collect();
                                    }
                                    for name in names.iter().take(2).rev() {
                                        widgets::key_cap(ui, name);
                                    }
                                });
                            });
                        }
                        ui.add_space(8.0);
                    }
                }
            });
        });
    widgets::note(
        ui,
        "Ctrl with the wheel zooms the timeline at the pointer, Shift with the wheel or the middle button moves it, a double click shows all of it.",
    );
}
