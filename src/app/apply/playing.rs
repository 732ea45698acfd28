//! Playing, seeking and stepping: what the transport's commands do, and what the player is asked for.

use crate::app::command::Command;
use crate::app::state::{AppState, PlayerRequest, Request};

/// Playing speeds that the slower and faster commands step through.
const SPEEDS: [f64; 8] = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0];

impl AppState {
    pub(super) fn run_playing(&mut self, command: Command) {
        match command {
            Command::TogglePlay => {
                let playing = !self.playback.playing;
                self.set_playing(playing, false);
            }
            Command::PlaySummary(alternative) => {
                if let Some(index) = alternative {
                    self.select_alternative(index);
                }
                let again =
                    self.playback.playing && self.playback.summary_only && alternative.is_none();
                self.set_playing(!again, true);
            }
            Command::PlayBackwards => self.jog(-1.0),
            Command::PlayForwards => self.jog(1.0),
            Command::Stop => self.set_playing(false, self.playback.summary_only),
            Command::StepFrames(frames) => self.step_frames(frames),
            Command::SeekBy(secs) => self.seek(self.playback.position_secs + secs),
            Command::SeekKeyframe(step) => self.seek_keyframe(step),
            Command::SeekSegment(step) => self.seek_segment(step),
            Command::SeekTo(secs) => self.seek(secs),
            Command::GoToStart => self.seek(0.0),
            Command::GoToEnd => {
                let last = self.session.as_ref().map_or(0.0, |session| {
                    session
                        .index
                        .secs_from_frame(session.index.len().saturating_sub(1))
                });
                self.seek(last);
            }
            Command::SlowerFaster(step) => {
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
            Command::SetSpeed(speed) => self.set_speed(speed),
            Command::SetVolume(volume) => {
                self.prefs.volume = volume.clamp(0.0, 1.0);
                self.prefs.muted = false;
                self.send_volume();
            }
            Command::ToggleMute => {
                self.prefs.muted = !self.prefs.muted;
                self.send_volume();
            }
            Command::Snapshot => self.requests.push(Request::Snapshot {
                secs: self.playback.position_secs,
            }),
            other => self.run_window(other),
        }
    }

    pub(super) fn seek(&mut self, secs: f64) {
        let secs = secs.clamp(0.0, self.duration_secs());
        self.playback.position_secs = secs;
        self.send(PlayerRequest::Seek { secs });
        self.keep_playhead_in_view();
    }

    pub(super) fn step_frames(&mut self, frames: i64) {
        self.set_playing(false, self.playback.summary_only);
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

    pub(super) fn set_playing(&mut self, playing: bool, summary_only: bool) {
        if self.session.is_none() {
            return;
        }
        let was_summary = self.playback.summary_only;
        self.playback.summary_only = summary_only;
        if was_summary != summary_only || (playing && summary_only) {
            self.send_summary_ranges();
        }
        if playing {
            let at_end = self.playback.position_secs >= self.duration_secs() - 0.05;
            if summary_only {
                let ranges = self
                    .chosen_sample()
                    .zip(self.session.as_ref())
                    .map_or_else(Vec::new, |(sample, session)| session.summary_secs(sample));
                let past = ranges
                    .last()
                    .is_none_or(|range| range.1 <= self.playback.position_secs + 0.05);
                let inside = ranges.iter().any(|(start, end)| {
                    *start <= self.playback.position_secs && self.playback.position_secs < *end
                });
                if let Some(first) = ranges.first()
                    && (past || !inside)
                {
                    let from = if past {
                        0.0
                    } else {
                        self.playback.position_secs
                    };
                    let target = ranges
                        .iter()
                        .find(|(start, _)| *start >= from)
                        .unwrap_or(first)
                        .0;
                    self.seek(target);
                }
            } else if at_end {
                self.seek(0.0);
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
        self.set_playing(true, self.playback.summary_only && direction > 0.0);
    }

    pub(super) fn set_speed(&mut self, speed: f64) {
        self.playback.speed = speed;
        self.send(PlayerRequest::Speed(speed));
    }

    pub(super) fn send_volume(&mut self) {
        let volume = if self.prefs.muted {
            0.0
        } else {
            self.prefs.volume
        };
        self.send(PlayerRequest::Volume(volume));
        self.requests.push(Request::PreferencesChanged);
    }

    pub(super) fn send_summary_ranges(&mut self) {
        let ranges = if self.playback.summary_only {
            self.chosen_sample()
                .zip(self.session.as_ref())
                .and_then(|(sample, session)| {
                    let draw = session.draw.as_ref()?;
                    Some(draw.summary_ranges(sample, &session.segments))
                })
        } else {
            None
        };
        self.send(PlayerRequest::Ranges(ranges));
    }

    pub(super) fn send(&mut self, request: PlayerRequest) {
        self.requests.push(Request::Player(request));
    }
}
