//! A message that stands until its cause is gone: work that does not reach the disk, or that
//! another window has.

use egui::{Align, Frame, Layout, Margin, Panel, RichText, Ui};

use crate::session::drafts::keeper::Trouble;
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::drafting::{DraftCommand, TakingOver};
use crate::ui::theme::{self, Palette};

/// Shows the message under the top bar, with what can be done about it; takes no room while all is
/// well.
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
                    if let Some(looking) = &state.drafting.looking {
                        let (words, tip) = match looking.was_here {
                            true => ("Take back", "The other window saves, and only looks from then on."),
                            false => ("Take over", "The other window saves what was done there, and only looks from then on."),
                        };
                        let may_ask = looking.taking != TakingOver::Asked;
                        if ui
                            .add_enabled(may_ask, egui::Button::new(words))
                            .on_hover_text(tip)
                            .clicked()
                        {
                            commands.push(Command::Draft(DraftCommand::TakeOver));
                        }
                    }
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

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::state::drafting::Looking;
    use crate::testing::fixture;

    fn harness(state: AppState) -> Harness<'static, (AppState, Vec<Command>)> {
        let mut harness = Harness::builder()
            .with_size(egui::vec2(1200.0, 200.0))
            .build_ui_state(
                |ui, (state, commands): &mut (AppState, Vec<Command>)| {
                    crate::ui::fonts::install(ui.ctx(), false);
                    notice_ui(ui, state, commands);
                },
                (state, Vec::new()),
            );
        harness.run_steps(3);
        harness
    }

    #[test]
    fn a_full_disk_is_named_with_a_way_out_and_goes() {
        let mut state = fixture::state();
        state.drafting.trouble = Some(Trouble::Draft {
            path: "/home/ann/drafts/a.summdiff".into(),
            why: "the disk is full".to_owned(),
            saved: None,
        });
        let mut harness = harness(state);
        harness.get_by_label_contains("not being saved: the disk is full");
        harness.get_by_label("Save elsewhere…").click();
        harness.run_steps(2);
        assert_eq!(harness.state().1, [Command::SaveProjectAs]);
        harness.state_mut().0.drafting.trouble = None;
        harness.run_steps(2);
        assert!(harness.query_by_label("Save elsewhere…").is_none());
    }

    #[test]
    fn what_another_window_has_can_be_taken_over_and_back() {
        let mut state = fixture::state();
        state.drafting.looking = Some(Looking {
            process: 123,
            minutes: Some(12),
            ..Looking::default()
        });
        let mut harness = harness(state);
        harness.get_by_label_contains("Open in another window for 12 minutes (process 123)");
        harness.get_by_label("Take over").click();
        harness.run_steps(2);
        let asked = Command::Draft(DraftCommand::TakeOver);
        assert_eq!(harness.state().1, [asked]);
        let looking = harness.state_mut().0.drafting.looking.as_mut().unwrap();
        looking.was_here = true;
        harness.run_steps(2);
        harness.get_by_label("Take back");
        harness.get_by_label_contains("what you did is saved");
    }
}
