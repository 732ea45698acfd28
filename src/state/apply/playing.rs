//! Playing, seeking and stepping: what the transport's commands do, and what the player is asked
//! for.

use crate::domain::FrameRange;
use crate::session::Summarised;
use crate::state::{AppState, Extent, PlayerRequest, Poster, Request, next_in_ranges};

/// A playhead this close to the end stands at it.
const AT_END_SECS: f64 = 0.05;

/// Shown where a command needs a range.
pub(super) const NO_RANGE: &str = "There is no range; drag on the ruler, or press I and O.";

/// Playing speeds that the slower and faster commands step through.
const SPEEDS: [f64; 8] = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0];

impl AppState {
    /// What is played, in seconds and in the order in which it plays; `None` for all of the video.
    pub fn extent_secs(&self) -> Option<Vec<(f64, f64)>> {
        match self.playback.extent {
            Extent::Video => None,
            Extent::Summary => {
                let played = self.chosen_summary()?.played;
                Some(self.session.as_ref()?.ranges_secs(&played))
            }
            Extent::Range => Some(vec![self.choices.range_secs?]),
        }
    }

    /// Moves the playhead on where no player does, jumping over what the summary leaves out.
    pub fn advance_clock(&mut self, elapsed_secs: f64) {
        if !self.playback.playing || self.player_attached {
            return;
        }
        let Some(session) = &self.session else {
            return;
        };
        let duration = session.duration_secs();
        let mut position = self.playback.position_secs + elapsed_secs * self.playback.speed;
        let mut stop = position >= duration || position < 0.0;
        if let Some(ranges) = self.extent_secs() {
            match next_in_ranges(&ranges, self.playback.position_secs, position) {
                Some(next) => position = next,
                None => stop = true,
            }
        }
        self.playback.position_secs = position.clamp(0.0, duration);
        if stop {
            self.playback.playing = false;
            self.ended();
        }
    }

    pub(super) fn play_range(&mut self) {
        if self.choices.range_secs.is_none() {
            self.status = NO_RANGE.to_owned();
            return;
        }
        let again = self.playback.playing && self.playback.extent == Extent::Range;
        self.set_playing(!again, Extent::Range);
    }

    pub(super) fn play_summary(&mut self, alternative: Option<usize>) {
        if let Some(index) = alternative {
            self.select_alternative(index);
        }
        let plays = self.playback.playing && self.playback.extent == Extent::Summary;
        self.set_playing(!plays || alternative.is_some(), Extent::Summary);
    }

    pub(super) fn play_summary_from_start(&mut self) {
        self.playback.extent = Extent::Summary;
        self.send_ranges();
        self.go_to_start();
        self.set_playing(true, Extent::Summary);
    }

    pub(super) fn toggle_loop(&mut self) {
        self.playback.looping = !self.playback.looping;
        self.status = if self.playback.looping {
            "What is played begins again at its end."
        } else {
            "What is played stops at its end."
        }
        .to_owned();
    }

    /// To the beginning of what is played.
    pub(super) fn go_to_start(&mut self) {
        let ranges = self.extent_secs().unwrap_or_default();
        self.seek(ranges.first().map_or(0.0, |range| range.0));
    }

    /// What was played has come to its end by itself: it begins again where that is wished.
    pub fn ended(&mut self) {
        if self.playback.looping && self.playback.speed > 0.0 {
            self.go_to_start();
            self.set_playing(true, self.playback.extent);
        }
    }

    pub(in crate::state) fn seek(&mut self, secs: f64) {
        self.playback.poster = Poster::None;
        let secs = secs.clamp(0.0, self.duration_secs());
        self.playback.position_secs = secs;
        self.send(PlayerRequest::Seek { secs });
        self.keep_playhead_in_view();
    }

    pub(super) fn seek_last_frame(&mut self) {
        let last = self.session.as_ref().map_or(0.0, |session| {
            session
                .index
                .secs_from_frame(session.index.len().saturating_sub(1))
        });
        self.seek(last);
    }

    /// Moves by whole frames from where the playhead was asked to be, whether or not that picture
    /// is there yet.
    pub(super) fn step_frames(&mut self, frames: i64) {
        self.playback.poster = Poster::None;
        if self.playback.playing {
            self.set_playing(false, self.playback.extent);
        }
        let Some(session) = &self.session else { return };
        let frame = session.index.frame_at_secs(self.playback.position_secs);
        let last = session.index.len().saturating_sub(1);
        let next = frame.saturating_add_signed(frames).min(last);
        self.playback.position_secs = session.index.secs_from_frame(next);
        if self.player_attached {
            self.send(PlayerRequest::Step { frames });
        }
        self.keep_playhead_in_view();
    }

    pub(super) fn seek_keyframe(&mut self, step: i32) {
        let Some(session) = &self.session else { return };
        let frame = session.index.frame_at_secs(self.playback.position_secs);
        let target = if step < 0 {
            session.index.keyframe_before(frame.saturating_sub(1))
        } else {
            match session.index.keyframe_after(frame) {
                Some(frame) => frame,
                None => return,
            }
        };
        self.seek(session.index.secs_from_frame(target));
    }

    pub(super) fn seek_segment(&mut self, step: i32) {
        let Some(session) = &self.session else { return };
        let at = self.playback.position_secs;
        let target = if step < 0 {
            session
                .segments
                .iter()
                .rev()
                .find(|segment| segment.start_secs < at - 0.05)
                .map_or(0.0, |segment| segment.start_secs)
        } else {
            match session
                .segments
                .iter()
                .find(|segment| segment.start_secs > at + 1e-3)
            {
                Some(segment) => segment.start_secs,
                None => return,
            }
        };
        self.seek(target);
    }

    pub(super) fn set_playing(&mut self, playing: bool, extent: Extent) {
        if self.session.is_none() {
            return;
        }
        let before = std::mem::replace(&mut self.playback.extent, extent);
        if before != extent || (playing && extent != Extent::Video) {
            self.send_ranges();
        }
        if playing {
            let at = self.playback.position_secs;
            match self.extent_secs() {
                Some(ranges) => {
                    if let Some(start) = start_in(&ranges, at) {
                        self.seek(start);
                    }
                }
                None if at >= self.duration_secs() - AT_END_SECS => self.seek(0.0),
                // The poster is not a place that a person chose.
                None if matches!(self.playback.poster, Poster::Shown(_)) => self.seek(0.0),
                None => {}
            }
        }
        self.playback.playing = playing;
        self.send(if playing {
            PlayerRequest::Play
        } else {
            PlayerRequest::Pause
        });
    }

    pub(super) fn jog(&mut self, direction: f64) {
        let same_way = self.playback.playing && self.playback.speed * direction > 0.0;
        let speed = if same_way {
            (self.playback.speed.abs() * 2.0).min(8.0)
        } else {
            1.0
        };
        self.set_speed(speed * direction);
        let extent = if direction > 0.0 {
            self.playback.extent
        } else {
            Extent::Video
        };
        self.set_playing(true, extent);
    }

    pub(super) fn set_speed(&mut self, speed: f64) {
        self.playback.speed = speed;
        self.send(PlayerRequest::Speed(speed));
    }

    /// The next lower or higher of [`SPEEDS`].
    pub(super) fn step_speed(&mut self, step: i32) {
        let speed = self.playback.speed.abs();
        let next = if step > 0 {
            SPEEDS.iter().find(|&&s| s > speed + 1e-6)
        } else {
            SPEEDS.iter().rev().find(|&&s| s < speed - 1e-6)
        };
        if let Some(&next) = next {
            self.set_speed(next);
        }
    }

    pub(super) fn set_volume(&mut self, volume: f32) {
        self.prefs.volume = volume.clamp(0.0, 1.0);
        self.prefs.muted = false;
        self.send_volume();
    }

    pub(super) fn toggle_mute(&mut self) {
        self.prefs.muted = !self.prefs.muted;
        self.send_volume();
    }

    fn send_volume(&mut self) {
        let volume = if self.prefs.muted {
            0.0
        } else {
            self.prefs.volume
        };
        self.send(PlayerRequest::Volume(volume));
        self.requests.push(Request::PreferencesChanged);
    }

    /// Sends the player what is played, after it has changed.
    pub(in crate::state) fn send_ranges(&mut self) {
        let ranges = self
            .session
            .as_ref()
            .and_then(|session| match self.playback.extent {
                Extent::Video => None,
                Extent::Summary => Some(session.summary(self.chosen()?)?.played),
                Extent::Range => {
                    let (start_secs, end_secs) = self.choices.range_secs?;
                    let FrameRange { start, end } =
                        session.index.frames_between(start_secs, end_secs);
                    Some(vec![FrameRange::new(start, end.max(start + 1))])
                }
            });
        self.send(PlayerRequest::Ranges(ranges));
    }

    /// Whether the playhead rests at the end of the summary that was played.
    pub(super) fn summary_has_ended(&self) -> bool {
        if self.playback.playing || self.playback.extent != Extent::Summary {
            return false;
        }
        let ranges = self.extent_secs().unwrap_or_default();
        let last = ranges.last().copied();
        let at = self.playback.position_secs;
        // Where pieces were moved, what is played last need not be last in the video.
        let is_past =
            |end: f64| ranges.iter().all(|range| range.1 <= end) || at < end + AT_END_SECS;
        let frame = self.session.as_ref().map_or(0.0, |session| {
            1.0 / session.video.frame_rate.as_f64().max(1.0)
        });
        last.is_some_and(|(_, end)| at >= end - frame - AT_END_SECS && is_past(end))
    }

    /// The player follows another summary: the playhead stays where that one keeps it, and goes on
    /// or back to what it keeps where not; after the end of the one before, to its beginning.
    pub(super) fn follow_choice(&mut self, ended: bool) {
        self.send_ranges();
        if self.playback.extent != Extent::Summary {
            return;
        }
        let ranges = self.extent_secs().unwrap_or_default();
        let at = self.playback.position_secs;
        let to = if ended {
            ranges.first().map(|range| range.0)
        } else {
            start_in(&ranges, at)
        };
        if let Some(to) = to {
            self.seek(to);
        }
    }

    /// Another player took the place of one that failed: it waits where that one was.
    pub fn player_restarted(&mut self) {
        self.playback.playing = false;
        self.send_ranges();
        self.send(PlayerRequest::Seek {
            secs: self.playback.position_secs,
        });
    }

    pub(super) fn send(&mut self, request: PlayerRequest) {
        self.requests.push(Request::Player(request));
    }
}

/// Where playing only `ranges` has to begin for a playhead at `at` seconds; `None` where it stands
/// well.
fn start_in(ranges: &[(f64, f64)], at: f64) -> Option<f64> {
    if ranges
        .iter()
        .any(|&(start, end)| start <= at && at < end - AT_END_SECS)
    {
        return None;
    }
    // From the end of a piece it goes on with what plays after it, else with what is next in the
    // video.
    let ended = ranges
        .iter()
        .position(|&(start, end)| start <= at && at < end + AT_END_SECS);
    if let Some(turn) = ended {
        return ranges.get(turn + 1).or(ranges.first()).map(|range| range.0);
    }
    let ahead = ranges.iter().map(|range| range.0);
    let ahead = ahead.filter(|start| *start >= at).min_by(f64::total_cmp);
    ahead.or(ranges.first().map(|range| range.0))
}

#[cfg(test)]
mod tests {
    use super::start_in;

    #[test]
    fn playing_a_part_begins_inside_ahead_or_at_the_front() {
        let ranges = [(2.0, 4.0), (6.0, 7.0)];
        assert_eq!(start_in(&ranges, 3.0), None);
        assert_eq!(start_in(&ranges, 4.5), Some(6.0));
        assert_eq!(start_in(&ranges, 3.99), Some(6.0));
        assert_eq!(start_in(&ranges, 6.99), Some(2.0));
        assert_eq!(start_in(&ranges, 0.0), Some(2.0));
        assert_eq!(start_in(&[], 1.0), None);
        let moved = [(6.0, 7.0), (2.0, 4.0)];
        assert_eq!(start_in(&moved, 6.99), Some(2.0));
        assert_eq!(start_in(&moved, 3.99), Some(6.0));
        assert_eq!(start_in(&moved, 0.0), Some(2.0));
    }
}
