//! What stands where in the window: top bar, status line and the page between them. Changes nothing
//! but what the views push.

use egui::{CentralPanel, Frame, Panel, Rect, Ui};

use super::Window;
use crate::app::layout::{NARROW, Panels};
use crate::state::command::Command;
use crate::state::pane::Page;
use crate::ui::theme::{PANEL_GAP, Palette};
use crate::views::{annotate, dataset, player, relink, topbar, welcome};

impl Window {
    pub(super) fn show(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let palette = Palette::of(ui);
        if self.state.study.is_some() {
            self.show_study(ui, commands);
            return;
        }
        Panel::top("top bar")
            .exact_size(topbar::HEIGHT)
            .resizable(false)
            .frame(Frame::new().fill(palette.bar))
            .show(ui, |ui| topbar::top_bar_ui(ui, &self.state, commands));
        Panel::bottom("status line")
            .exact_size(topbar::STATUS_HEIGHT)
            .resizable(false)
            .frame(Frame::new().fill(palette.bar))
            .show(ui, |ui| topbar::status_ui(ui, &self.state, commands));
        topbar::notice_ui(ui, &self.state, commands);
        CentralPanel::default()
            .frame(Frame::new().fill(palette.ground).inner_margin(PANEL_GAP))
            .show(ui, |ui| self.middle(ui, commands));
    }

    fn middle(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let area = ui.available_rect_before_wrap();
        if let Some(error) = &self.state.error {
            welcome::error_ui(ui, error, commands);
            return;
        }
        if let Some(path) = &self.state.missing_video {
            relink::relink_ui(ui, path, commands);
            return;
        }
        if let Some((stated, opened)) = self.state.other_video() {
            relink::other_video_ui(ui, stated, opened, commands);
            return;
        }
        if self.state.session.is_none() && self.state.shown_page() != Page::Dataset {
            match &self.state.progress {
                Some(progress) => welcome::opening_ui(ui, progress, commands),
                None => welcome::welcome_ui(ui, &self.state, commands),
            }
            return;
        }
        match self.state.shown_page() {
            Page::Annotate => {
                let (player, second) = (&mut self.player, &mut self.second_player);
                let mut pictures = annotate::Pictures {
                    first: &mut |ui: &Ui, rect: Rect| {
                        player.as_mut().is_some_and(|player| player.paint(ui, rect))
                    },
                    second: &mut |ui: &Ui, rect: Rect| {
                        second.as_mut().is_some_and(|player| player.paint(ui, rect))
                    },
                };
                annotate::annotate_ui(ui, &self.state, &mut pictures, commands);
            }
            Page::Dataset => dataset::dataset_ui(ui, &self.state, commands),
            Page::Explore => self.explore(ui, area, commands),
        }
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            welcome::paint_drop_target(ui, area, Palette::of(ui));
        }
    }

    fn explore(&mut self, ui: &mut Ui, area: Rect, commands: &mut Vec<Command>) {
        if self.state.large_player {
            let player = &mut self.player;
            let mut picture =
                |ui: &Ui, rect: Rect| player.as_mut().is_some_and(|player| player.paint(ui, rect));
            player::player_ui(ui, &self.state, &mut picture, commands);
            return;
        }
        let tree = if area.width() < NARROW {
            &mut self.narrow_panels
        } else {
            &mut self.panels
        };
        let player = &mut self.player;
        let mut picture =
            |ui: &Ui, rect: Rect| player.as_mut().is_some_and(|player| player.paint(ui, rect));
        let mut behavior = Panels {
            state: &self.state,
            commands,
            picture: &mut picture,
        };
        tree.ui(&mut behavior, ui);
    }
}
