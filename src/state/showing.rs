//! The window as it shows a video that was opened without one: for pictures.

use crate::domain::DevicePreference;
use crate::session::opened_video::OpenedVideo;
use crate::state::AppState;
use crate::state::apply::events::annotators_sentence;
use crate::state::drafting::choices_of;
use crate::state::history::Choices;

impl AppState {
    /// The window's state for a video that was opened on `device`, with the playhead in the middle
    /// of the first piece that the summary in hand keeps.
    pub fn showing(opened: OpenedVideo, device: DevicePreference) -> Self {
        let mut state = Self {
            choices: Choices {
                settings: opened.settings,
                annotations: opened.annotations,
                ..(opened.project.as_deref()).map_or_else(Choices::default, choices_of)
            },
            session: opened.session,
            runtime: opened.runtime,
            ..Self::default()
        };
        state.prefs.device = device;
        state.adopt_works();
        state.note_draw();
        state.status = match &state.choices.annotations {
            Some(set) => annotators_sentence(set),
            None => state.ready_sentence(),
        };
        state.look_at_summary();
        state
    }

    /// Puts the playhead into the middle of the first piece that the summary in hand keeps.
    pub fn look_at_summary(&mut self) {
        let summary = self.chosen_summary();
        let first = summary.and_then(|summary| summary.ranges_secs.first().copied());
        if let Some((start, end)) = first {
            self.playback.position_secs = (start + end) / 2.0;
        }
    }

    /// What stands in the status line once all is analysed; empty while it is not.
    fn ready_sentence(&self) -> String {
        let timings = self.session.as_ref().and_then(|s| s.timings.as_ref());
        timings.map_or_else(String::new, |timings| self.done_sentence(timings))
    }
}
