//! A window that is locked to a study.

use egui::{CentralPanel, Frame, Panel, Rect, Ui};

use super::Window;
use crate::app::study_keeper::StudyKeeper;
use crate::state::command::Command;
use crate::ui::theme::{PANEL_GAP, Palette};
use crate::views::{annotate, study};

impl Window {
    /// Locks the window to the study in its state, whose results are kept by `keeper`.
    #[must_use]
    pub fn with_study(mut self, keeper: StudyKeeper) -> Self {
        self.study = Some(keeper);
        self.system_fonts = true;
        self
    }

    /// The window of a study has a line of its own instead of the bars, and no other page.
    pub(super) fn show_study(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let palette = Palette::of(ui);
        Panel::top("study")
            .exact_size(study::HEIGHT)
            .resizable(false)
            .frame(study::head_frame(palette))
            .show(ui, |ui| study::head_ui(ui, &self.state));
        CentralPanel::default()
            .frame(Frame::new().fill(palette.ground).inner_margin(PANEL_GAP))
            .show(ui, |ui| {
                let player = &mut self.player;
                let mut pictures = annotate::Pictures {
                    first: &mut |ui: &Ui, rect: Rect| {
                        player.as_mut().is_some_and(|player| player.paint(ui, rect))
                    },
                    second: &mut |_: &Ui, _: Rect| false,
                };
                study::study_ui(ui, &self.state, &mut pictures, commands);
            });
    }
}
