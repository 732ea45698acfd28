//! A message that stands until its cause is gone: work that does not reach the disk.

use egui::{Align, Frame, Layout, Margin, Panel, RichText, Ui};

use crate::session::drafts::keeper::Trouble;
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::drafting::DraftCommand;
use crate::ui::theme::{self, Palette};

/// Shows the message under the top bar, with what can be done about it; takes no room while all is well.
pub fn notice_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let Some(notice) = state.drafting.notice().filter(|_| state.session.is_some()) else {
        return;
    };
    let palette = Palette::of(ui);
    Panel::top("notice")
        .resizable(false)
        .frame(
            Frame::new()
                .fill(palette.panel)
                .inner_margin(Margin::symmetric(12, 6)),
        )
        .show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(
                    RichText::new(&notice)
                        .font(theme::medium(theme::SIZE_BODY))
                        .color(palette.warning),
                );
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let changed = matches!(state.drafting.trouble, Some(Trouble::Changed { .. }));
                    if ui
                        .button("Save elsewhere…")
                        .on_hover_text(Command::SaveProjectAs.tooltip())
                        .clicked()
                    {
                        commands.push(Command::SaveProjectAs);
                    }
                    if changed
                        && ui
                            .button("Replace it")
                            .on_hover_text("Writes your work over what the other program wrote.")
                            .clicked()
                    {
                        commands.push(Command::Draft(DraftCommand::ReplaceProject));
                    }
                });
            });
        });
}
