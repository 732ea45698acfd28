//! Work that was not saved as a project: what lies there, from when, with a way to it and a way to
//! be rid of it.

use egui::{Align, Layout, RichText, Ui, vec2};

use crate::session::drafts::{Listed, now_secs};
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::drafting::DraftCommand;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

/// Drafts shown; the newest.
const SHOWN: usize = 4;
const ROW_HEIGHT: f32 = 28.0;

/// Lists the drafts; takes no room where there is none.
pub(super) fn drafts_ui(ui: &mut Ui, state: &AppState, width: f32, commands: &mut Vec<Command>) {
    let listed: Vec<&Listed> = (state.drafting.listed.iter())
        .filter(|listed| listed.draft.facts.saved_to.is_none())
        .filter(|listed| !listed.draft.contents().is_empty())
        .take(SHOWN)
        .collect();
    if listed.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    widgets::note(ui, "Unsaved work");
    for listed in listed {
        let video = &listed.draft.project.video.path;
        let name = video.file_name().map_or_else(
            || video.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        ui.allocate_ui_with_layout(
            vec2(width, ROW_HEIGHT),
            Layout::right_to_left(Align::Center),
            |ui| {
                if ui
                    .button("Throw away")
                    .on_hover_text(format!("Removes this unsaved work on {name} for good."))
                    .clicked()
                {
                    let path = listed.path.clone();
                    commands.push(Command::Draft(DraftCommand::ThrowAway(path)));
                }
                if ui
                    .button("Continue")
                    .on_hover_text(format!("Opens {name} with this work."))
                    .clicked()
                {
                    let path = listed.path.clone();
                    commands.push(Command::Draft(DraftCommand::Open(path)));
                }
                let words = format!("{name} · {} · {}", age(listed), listed.draft.contents());
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(
                        egui::Label::new(
                            RichText::new(words)
                                .font(theme::regular(theme::SIZE_BODY))
                                .color(palette.text),
                        )
                        .truncate(),
                    );
                });
            },
        );
    }
    ui.add_space(8.0);
}

/// How long ago a draft was written.
fn age(listed: &Listed) -> String {
    let secs = now_secs().saturating_sub(listed.draft.facts.written_secs);
    match secs {
        0..60 => "just now".to_owned(),
        60..3600 => format!("{} ago", text::count((secs / 60) as usize, "minute")),
        3600..86_400 => format!("{} ago", text::count((secs / 3600) as usize, "hour")),
        _ => format!("{} ago", text::count((secs / 86_400) as usize, "day")),
    }
}
