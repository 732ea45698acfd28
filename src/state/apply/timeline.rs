//! Which part of the video the timeline shows.

use super::playing::NO_RANGE;
use crate::session::Session;
use crate::state::AppState;

/// Shortest stretch the timeline can show, seconds.
const MIN_SPAN_SECS: f64 = 0.5;

impl AppState {
    pub(super) fn duration_secs(&self) -> f64 {
        self.session.as_ref().map_or(0.0, Session::duration_secs)
    }

    pub(super) fn show_timeline(&mut self, start_secs: f64, span_secs: f64) {
        let duration = self.duration_secs();
        if duration <= 0.0 {
            return;
        }
        let span = span_secs.clamp(MIN_SPAN_SECS.min(duration), duration);
        let start = start_secs.clamp(0.0, duration - span);
        self.timeline.window_secs = (span < duration * 0.999).then_some((start, span));
    }

    /// Zooms by a factor and leaves the playhead where it is on screen.
    pub(super) fn zoom_timeline(&mut self, factor: f64) {
        let (start, span) = self.timeline_window_secs();
        let at = self.playback.position_secs.clamp(start, start + span);
        self.show_timeline(at - (at - start) / factor, span / factor);
    }

    pub(super) fn show_range(&mut self) {
        match self.choices.range_secs {
            Some((start, end)) => self.show_timeline(start, end - start),
            None => self.status = NO_RANGE.to_owned(),
        }
    }

    pub(super) fn keep_playhead_in_view(&mut self) {
        if let Some((start, span)) = self.timeline.window_secs {
            let at = self.playback.position_secs;
            if at < start || at > start + span {
                self.show_timeline(at - span * 0.1, span);
            }
        }
    }
}
