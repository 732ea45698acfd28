//! What is played while annotators are compared.

use crate::session::people::PairPart;
use crate::state::annotate::CompareTab;
use crate::state::request::AnnotateRequest;
use crate::state::{AppState, Extent, PlayerRequest, Request};

impl AppState {
    pub(super) fn play_part(&mut self, part: PairPart) {
        let ranges = self.pair_ranges(part);
        let Some(first) = ranges.first().copied() else {
            self.annotate.part = part;
            self.status = "There is nothing in this part.".to_owned();
            return;
        };
        let again = self.annotate.plays_part && self.annotate.part == part;
        if again && self.playback.playing {
            self.ask_player(PlayerRequest::Pause);
            self.playback.playing = false;
            return;
        }
        // What plays is to be seen, also where the picture is behind a tab.
        self.annotate.tab = CompareTab::Picture;
        self.playback.extent = Extent::Video;
        self.annotate.part = part;
        self.annotate.plays_part = true;
        let at = self.frame_at_playhead();
        let ended = ranges.last().is_none_or(|last| at + 1 >= last.end);
        let inside = ranges.iter().any(|range| range.contains(at));
        self.ask_player(PlayerRequest::Ranges(Some(ranges)));
        if let Some(session) = &self.session
            && (!again || ended || !inside)
        {
            let secs = session.index.secs_from_frame(first.start);
            self.ask_player(PlayerRequest::Seek { secs });
            self.playback.position_secs = secs;
        }
        self.ask_player(PlayerRequest::Play);
        self.playback.playing = true;
    }

    /// Both of the pair from their starts, each in its own picture.
    pub(super) fn toggle_side_by_side(&mut self) {
        if self.annotate.side_by_side {
            self.annotate.side_by_side = false;
            return;
        }
        self.annotate.plays_part = false;
        self.play_part(PairPart::First);
        self.annotate.side_by_side = self.annotate.plays_part;
        self.send_second();
    }

    /// Tells the second picture what to play.
    pub(super) fn send_second(&mut self) {
        let ranges = self.pair_ranges(PairPart::Second);
        let (Some(first), Some(session)) = (ranges.first(), &self.session) else {
            return;
        };
        let secs = session.index.secs_from_frame(first.start);
        for request in [
            // One sound is enough.
            PlayerRequest::Volume(0.0),
            PlayerRequest::Ranges(Some(ranges)),
            PlayerRequest::Seek { secs },
            PlayerRequest::Play,
        ] {
            self.ask_second(request);
        }
        self.annotate.second_plays = true;
    }

    pub(super) fn ask_second(&mut self, request: PlayerRequest) {
        self.requests
            .push(Request::Annotate(AnnotateRequest::Second(request)));
    }

    /// The pair has changed while a part of it plays.
    pub(super) fn send_part_again(&mut self) {
        if self.annotate.side_by_side {
            self.send_second();
        }
        if self.annotate.plays_part {
            let ranges = self.pair_ranges(self.annotate.part);
            self.ask_player(PlayerRequest::Ranges(Some(ranges)));
        }
    }

    pub(super) fn ask_player(&mut self, request: PlayerRequest) {
        self.requests.push(Request::Player(request));
    }
}
