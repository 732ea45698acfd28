//! What happens each frame during annotating: the shot to rate is looped in the player, and the
//! time is counted.

use super::clock::Moment;
use super::state::Screen;
use crate::domain::FrameRange;
use crate::domain::annotator_work::Method;
use crate::state::pane::Page;
use crate::state::{AppState, Extent, Overlay, PlayerRequest};

/// What the window knows about the person before it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Presence {
    /// A key, a click or the pointer moved in this frame.
    pub active: bool,
    /// Whether the window has the keyboard.
    pub focused: bool,
}

impl AppState {
    /// Follows the work on screen. Call once a frame, after the player's position is known.
    pub fn follow_annotating(&mut self, presence: Presence) {
        let on_page = self.shown_page() == Page::Annotate;
        if on_page && self.annotate.screen == Screen::Work && self.current_work().is_none() {
            // Undone, or another project was opened.
            self.annotate.screen = Screen::People;
            self.annotate.current = None;
        }
        self.note_what_is_seen();
        let method = self
            .work_on_screen()
            .filter(|_| on_page)
            .map(|work| work.method);
        self.count_time(method, presence);
        let shot = match method {
            Some(Method::Ratings) => self.work_on_screen().and_then(|work| {
                let shot = work.current_shot()?;
                work.shots.get(shot).copied()
            }),
            _ => None,
        };
        match shot {
            Some(shot) => self.loop_shot(shot),
            None => self.let_go_of_player(),
        }
        self.follow_part(on_page && self.annotate.screen == Screen::Compare);
    }

    /// Part of a pair plays while the comparison is on screen; the whole video is played as soon as
    /// that is left.
    fn follow_part(&mut self, comparing: bool) {
        if !self.annotate.plays_part {
            return;
        }
        // What pauses one picture pauses the other.
        let playing = self.playback.playing;
        if self.annotate.side_by_side && comparing && self.annotate.second_plays != playing {
            self.annotate.second_plays = playing;
            self.ask_second(if playing {
                PlayerRequest::Play
            } else {
                PlayerRequest::Pause
            });
        }
        if !comparing {
            self.annotate.side_by_side = false;
            self.annotate.plays_part = false;
            self.ask_player(PlayerRequest::Pause);
            self.playback.playing = false;
            self.ask_player(PlayerRequest::Ranges(None));
            return;
        }
        // Without a player the silent clock must leap by itself.
        if !self.player_attached && self.playback.playing {
            let Some(session) = &self.session else { return };
            let ranges = session.ranges_secs(&self.pair_ranges(self.annotate.part));
            let at = self.playback.position_secs;
            let next = ranges.iter().find(|range| at < range.1);
            match next {
                Some(range) if at < range.0 => self.playback.position_secs = range.0,
                Some(_) => {}
                None => self.playback.playing = false,
            }
        }
    }

    fn count_time(&mut self, method: Option<Method>, presence: Presence) {
        let moment = Moment {
            now_secs: self.now_secs,
            active: presence.active,
            at_work: method.is_some()
                && presence.focused
                && !self.annotate.paused
                && self.overlay == Overlay::None,
            watching: method == Some(Method::Picks) && self.playback.playing,
        };
        let spent = self.annotate.clock.tick(moment);
        if spent > 0.0
            && let Some(name) = self.annotate.current.clone()
        {
            let at = self.current_work().map_or(0, |work| work.at);
            let places = self.annotate.place_secs.entry(name.clone()).or_default();
            if places.len() <= at {
                places.resize(at + 1, 0.0);
            }
            places[at] += spent;
            *self.annotate.spent_secs.entry(name).or_insert(0.0) += spent;
        }
    }

    /// Whether nobody has moved for so long that the clock rests.
    pub fn annotator_is_away(&self) -> bool {
        self.annotate.clock.is_idle(self.now_secs)
    }

    fn loop_shot(&mut self, shot: FrameRange) {
        let Some(session) = &self.session else { return };
        let start_secs = session.index.secs_from_frame(shot.start);
        let last_secs = session.index.secs_from_frame(shot.end.saturating_sub(1));
        let end_secs = session.index.secs_from_frame(shot.end);
        if self.annotate.looped != Some(shot) {
            self.annotate.looped = Some(shot);
            self.annotate.ended_at_secs = None;
            self.playback.extent = Extent::Video;
            self.ask_player(PlayerRequest::Speed(1.0));
            self.playback.speed = 1.0;
            self.ask_player(PlayerRequest::Ranges(Some(vec![shot])));
            self.start_shot(start_secs);
            return;
        }
        if self.annotate.paused {
            return;
        }
        let at = self.playback.position_secs;
        if at + 1e-4 < last_secs && at + 1e-4 >= start_secs && self.playback.playing {
            self.annotate.ended_at_secs = None;
            return;
        }
        // The last frame stays for as long as it is shown in the video.
        let since = *self.annotate.ended_at_secs.get_or_insert(self.now_secs);
        if self.now_secs - since >= end_secs - last_secs {
            self.annotate.ended_at_secs = None;
            self.start_shot(start_secs);
        }
    }

    fn start_shot(&mut self, start_secs: f64) {
        self.ask_player(PlayerRequest::Seek { secs: start_secs });
        self.playback.position_secs = start_secs;
        if !self.annotate.paused {
            self.ask_player(PlayerRequest::Play);
            self.playback.playing = true;
        }
    }

    /// The player plays the whole video again.
    fn let_go_of_player(&mut self) {
        if self.annotate.looped.take().is_some() {
            self.annotate.ended_at_secs = None;
            self.ask_player(PlayerRequest::Pause);
            self.playback.playing = false;
            self.ask_player(PlayerRequest::Ranges(None));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Request;
    use crate::state::annotate::AnnotateCommand;
    use crate::state::command::Command;
    use crate::testing::fixture;

    const THERE: Presence = Presence {
        active: true,
        focused: true,
    };

    fn rating() -> AppState {
        let mut state = fixture::state();
        state.page = Page::Annotate;
        state.annotate.form.name = "Ann".to_owned();
        state.run(Command::Annotate(AnnotateCommand::Start));
        state
    }

    #[test]
    fn the_shot_is_looped_until_another_one_comes() {
        let mut state = rating();
        state.player_attached = true;
        state.requests.clear();
        state.follow_annotating(THERE);
        let work = state.current_work().unwrap();
        let shot = work.shots[work.current_shot().unwrap()];
        assert!(
            state
                .requests
                .contains(&Request::Player(PlayerRequest::Ranges(Some(vec![shot]))))
        );
        assert!(state.playback.playing);
        let start = state.playback.position_secs;
        state.requests.clear();
        state.playback.position_secs = start + 1.0;
        state.now_secs = 1.0;
        state.follow_annotating(THERE);
        assert!(state.requests.is_empty(), "nothing is asked in the middle");
        // The player stands on the last frame; a frame later it starts again.
        let session = state.session.as_ref().unwrap();
        state.playback.position_secs = session.index.secs_from_frame(shot.end - 1);
        state.follow_annotating(THERE);
        state.now_secs = 1.1;
        state.follow_annotating(THERE);
        assert_eq!(state.playback.position_secs, start);
        assert!(
            state
                .requests
                .contains(&Request::Player(PlayerRequest::Play))
        );
        state.run(Command::Annotate(AnnotateCommand::Rate(4)));
        state.follow_annotating(THERE);
        assert_ne!(state.playback.position_secs, start);
        state.requests.clear();
        state.page = Page::Explore;
        state.follow_annotating(THERE);
        assert!(
            state
                .requests
                .contains(&Request::Player(PlayerRequest::Ranges(None)))
        );
        assert!(!state.playback.playing);
    }

    #[test]
    fn time_is_counted_for_the_one_at_work_only() {
        let mut state = rating();
        for step in 0..50 {
            state.now_secs = f64::from(step) * 0.1;
            state.follow_annotating(THERE);
        }
        let spent = state.spent_secs("Ann");
        assert!((spent - 4.9).abs() < 1e-6, "{spent}");
        state.run(Command::Annotate(AnnotateCommand::TogglePause));
        state.now_secs = 20.0;
        state.follow_annotating(THERE);
        state.now_secs = 20.5;
        state.follow_annotating(THERE);
        assert_eq!(state.spent_secs("Ann"), spent);
        state.run(Command::Undo);
        assert_eq!(state.spent_secs("Ann"), spent, "time is not taken back");
    }
}
