//! What happened beside the window, taken in: news for the log, the player's clock, answers of
//! dialogs.

use egui::Ui;

use super::Window;
use crate::app::dialogs::Answer;
use crate::state::Request;
use crate::state::apply::Report;
use crate::state::command::Command;
use crate::state::drafting::Looking;
use crate::ui::text;

/// So many players of one video are made again after they failed.
const PLAYER_RETRIES: u32 = 2;
/// How long the status line says what happened. A sentence outlives its cause otherwise.
const STATUS_SECS: f64 = 15.0;

impl Window {
    /// Notes in the log what a person is shown.
    pub(super) fn log_news(&mut self) {
        if self.logged.0 != self.state.status {
            self.status_since_secs = self.state.now_secs;
            self.logged.0.clone_from(&self.state.status);
            log::info!("{}", self.state.status);
        }
        if self.logged.1 != self.state.error {
            self.logged.1.clone_from(&self.state.error);
            if let Some(error) = &self.state.error {
                log::error!("{}", error.to_text().trim_end());
            }
        }
        let drafting = &self.state.drafting;
        // The minutes that pass are no news.
        let looking = (drafting.looking).map(|looking| Looking {
            minutes: None,
            ..looking
        });
        let standing = (drafting.trouble.clone(), looking);
        if self.noticed != standing {
            self.noticed = standing;
            match drafting.notice() {
                Some(notice) => log::warn!("{notice}"),
                None => log::info!("All work reaches the disk."),
            }
        }
    }

    /// Clears the status once it was there long enough to be read.
    pub(super) fn let_status_go(&mut self, ui: &Ui) {
        let left = self.status_since_secs + STATUS_SECS - self.state.now_secs;
        if self.state.status.is_empty() || self.state.opening_is_under_way() {
            return;
        }
        if left <= 0.0 {
            self.state.take(Report::StatusRead);
        } else {
            ui.ctx()
                .request_repaint_after(std::time::Duration::from_secs_f64(left));
        }
    }

    pub(super) fn follow_player(&mut self, elapsed_secs: f64) {
        if !self.state.annotate.side_by_side {
            self.second_player = None;
        }
        let open = self
            .state
            .session
            .as_ref()
            .map(|session| session.video.path.clone());
        if open != self.player_of {
            self.player_of = open;
            self.player_failures = 0;
            self.start_player();
        }
        match &mut self.player {
            Some(player) => {
                let (status, error) = (player.status(), player.error());
                if let Some(status) = status {
                    self.state.take(Report::Playing {
                        position_secs: status.position_secs,
                        playing: status.playing,
                        buffering: status.buffering,
                    });
                }
                if let Some(error) = error {
                    self.player_failed(&error);
                }
            }
            // A long frame is not a leap.
            None => self.state.advance_clock(elapsed_secs.min(0.1)),
        }
    }

    fn start_player(&mut self) {
        self.player = match (&mut self.make_player, &self.state.session) {
            (Some(make), Some(session)) if !session.without_picture => make(&self.state),
            _ => None,
        };
        self.state
            .take(Report::PlayerAttached(self.player.is_some()));
    }

    /// A decoder that crashed once gets another try, in the place where it was. Where trying again
    /// does not help, browsing goes on with thumbnails and a silent clock.
    fn player_failed(&mut self, error: &str) {
        self.state.take(Report::Status(text::capitalised(error)));
        self.player_failures += 1;
        if self.player_failures > PLAYER_RETRIES {
            self.player = None;
            self.state.take(Report::PlayerAttached(false));
            return;
        }
        self.start_player();
        if self.player.is_some() {
            self.state.player_restarted();
        }
    }

    pub(super) fn answered(&mut self, answer: Answer) {
        let request = match answer {
            Answer::Open(path) => return self.state.run(Command::OpenPath(path)),
            Answer::Dataset(command) => return self.state.run(Command::Dataset(command)),
            Answer::Export(form) => return self.state.take(Report::ExportForm(form)),
            Answer::Annotations(path) => Request::LoadAnnotations(path),
            Answer::SaveProject(path) => Request::SaveProject(path),
            Answer::Project(path) => Request::OpenProject(path),
            Answer::SaveOfDataset(request) => Request::Dataset(*request),
            Answer::Figure(request) => Request::Figure(request),
            Answer::Annotate(request) => Request::Annotate(request),
        };
        self.state.take(Report::Asked(request));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use egui::Rect;

    use super::*;
    use crate::app::window::{NoBackend, PlayerLink, PlayerStatus};
    use crate::domain::RgbImage;
    use crate::state::PlayerRequest;
    use crate::testing::fixture;

    /// A player that fails once it is asked to play.
    struct Failing {
        asked: Rc<RefCell<Vec<PlayerRequest>>>,
        fails: bool,
    }

    impl PlayerLink for Failing {
        fn send(&mut self, request: &PlayerRequest) {
            self.fails |= *request == PlayerRequest::Play;
            self.asked.borrow_mut().push(request.clone());
        }

        fn status(&mut self) -> Option<PlayerStatus> {
            None
        }

        fn error(&self) -> Option<String> {
            (self.fails).then(|| "the video decoder crashed".to_owned())
        }

        fn paint(&mut self, _: &Ui, _: Rect) -> bool {
            false
        }

        fn picture(&mut self) -> Option<RgbImage> {
            None
        }
    }

    #[test]
    fn a_player_that_crashed_is_made_again_in_its_place_and_not_for_ever() {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let made = Rc::new(RefCell::new(0));
        let (to_player, counted) = (Rc::clone(&asked), Rc::clone(&made));
        let mut window = Window::new(fixture::state(), Box::new(NoBackend), None, || {})
            .with_player(Box::new(move |_| {
                *counted.borrow_mut() += 1;
                let asked = Rc::clone(&to_player);
                Some(Box::new(Failing {
                    asked,
                    fails: false,
                }))
            }));
        window.follow_player(0.0);
        for tries in 1..=PLAYER_RETRIES {
            window.state.playback.position_secs = 12.5;
            window.state.playback.playing = true;
            window.player.as_mut().unwrap().send(&PlayerRequest::Play);
            window.follow_player(0.0);
            assert_eq!(*made.borrow(), 1 + tries);
            assert!(window.player.is_some() && window.state.player_attached);
            assert!(!window.state.playback.playing);
            let wanted = Request::Player(PlayerRequest::Seek { secs: 12.5 });
            assert!(window.state.requests.contains(&wanted));
            assert_eq!(window.state.status, "The video decoder crashed");
        }
        window.player.as_mut().unwrap().send(&PlayerRequest::Play);
        window.follow_player(0.0);
        assert!(window.player.is_none() && !window.state.player_attached);
    }
}
