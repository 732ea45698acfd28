//! Playback: decoding ahead on worker threads, asked for pictures by the window without ever
//! blocking it.
//!
//! The window calls [`Player::frame_at`] for each of its own frames and paints what it gets.
//! Commands return at once; the newest seek wins, by generation number. Sound, where there is a
//! device and a stream, is the master clock. Does not draw (see `gpu`) and knows nothing of samples
//! or segments beyond the ranges it is to play.

pub mod clock;
mod feed;
pub mod playlist;
pub mod reader;
mod sound;
mod sound_reader;
mod tempo;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::MediaError;
use super::frame::VideoFrame;
use crate::domain::{FrameIndex, FrameRange};
use clock::PlaybackClock;
use feed::{Feed, Wanted};
use playlist::Playlist;
pub use reader::FrameReader;
pub(crate) use reader::LocalReader;
use sound::Sound;
#[cfg(test)]
pub(crate) use sound::Sound as TestSound;
pub use sound_reader::SoundReader;
pub(crate) use sound_reader::{CHANNELS, LocalSound};

/// How a player is opened.
#[derive(Default)]
pub struct PlayerOptions {
    /// Whether to play sound where there is some.
    pub sound: bool,
    /// Called from a worker when a picture that was waited for is there; ask the window to repaint.
    pub on_ready: Option<Box<dyn Fn() + Send + Sync>>,
}

/// Where playing stands.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayerState {
    pub playing: bool,
    /// Speed: 1 normal, negative backwards.
    pub rate: f64,
    /// Whether time stands still because frames are missing.
    pub buffering: bool,
    /// Frame of the video at the playback position (the picture on screen may still be an earlier
    /// one).
    pub frame: u64,
    /// Presentation time of the position in the video, seconds from the first frame.
    pub secs: f64,
    /// Position within what is played (the summary, when ranges are set), seconds.
    pub played_secs: f64,
    /// Length of what is played, seconds.
    pub played_total_secs: f64,
    /// Whether sound is being played by a device.
    pub has_sound: bool,
    /// A sentence for the person when decoding failed.
    pub error: Option<String>,
}

/// A video being played. Dropping it stops its threads without waiting for them.
pub struct Player {
    index: FrameIndex,
    path: PathBuf,
    origin: Instant,
    feed: Arc<Feed>,
    sound: Option<Sound>,
}

impl Player {
    /// Opens a video, paused at its first frame, which is decoded at once.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file; missing or unplayable sound is no error.
    pub fn open(
        path: &Path,
        index: &FrameIndex,
        options: PlayerOptions,
    ) -> Result<Self, MediaError> {
        if index.is_empty() {
            return Err(MediaError::NoFrames {
                path: path.to_path_buf(),
            });
        }
        let playlist = Playlist::new(index, None);
        let feed = Feed::start(path, index, playlist, options.on_ready)?;
        let sound = if options.sound {
            Sound::start(path, index)
        } else {
            None
        };
        Ok(Self {
            index: index.clone(),
            path: path.to_path_buf(),
            origin: Instant::now(),
            feed,
            sound,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Goes to a frame: its nearest keyframe is shown as soon as it is decoded, then (when `exact`)
    /// the frame itself. While ranges are set, a frame outside them means the next one inside.
    /// Playing goes on from there.
    pub fn seek(&self, frame: u64, exact: bool) {
        let now = self.now(Instant::now());
        let mut state = self.feed.state.lock();
        let target = state.playlist.nearest_played(frame);
        let position = state.playlist.secs_from_frame(target);
        state.clock.seek(now, position);
        let exact = exact || state.clock.is_playing();
        let backwards = state.clock.is_playing() && state.clock.rate() < 0.0;
        state.request(Wanted {
            target,
            exact,
            backwards,
        });
        self.feed.wake.notify_all();
        drop(state);
        self.restart_sound();
    }

    /// Plays at a speed: 1 normal, 0.25 to 8 sensible, negative backwards (without sound).
    pub fn play(&self, rate: f64) {
        let now = self.now(Instant::now());
        let mut state = self.feed.state.lock();
        let was_backwards = state.wanted.backwards;
        state.clock.play(now, rate);
        let backwards = state.clock.rate() < 0.0;
        let mut target = state.playlist.frame_from_secs(state.clock.position(now));
        let mut anew = backwards != was_backwards || !state.wanted.exact;
        if state.clock.is_at_end(now) && !backwards {
            // Play again from the start.
            target = state.playlist.first_frame();
            state.clock.seek(now, 0.0);
            anew = true;
        }
        if anew {
            state.request(Wanted {
                target,
                exact: true,
                backwards,
            });
        }
        state.coarse = rate.abs() > 2.0;
        self.feed.wake.notify_all();
        drop(state);
        self.restart_sound();
    }

    pub fn pause(&self) {
        let now = self.now(Instant::now());
        let mut state = self.feed.state.lock();
        // A paused one rests where it was asked to be, though that picture may still be on its way.
        if !state.clock.is_playing() {
            return;
        }
        state.clock.pause(now);
        if let Some(frame) = state.resting_frame() {
            let position = state.playlist.secs_from_frame(frame);
            state.clock.seek(now, position);
        }
        drop(state);
        self.restart_sound();
    }

    /// Pauses and moves by whole frames in the order of playing.
    pub fn step(&self, frames: i64) {
        let now = self.now(Instant::now());
        let mut state = self.feed.state.lock();
        state.clock.pause(now);
        let mut target = state.playlist.frame_from_secs(state.clock.position(now));
        for _ in 0..frames.unsigned_abs() {
            let next = if frames > 0 {
                state.playlist.after(target)
            } else {
                state.playlist.before(target)
            };
            let Some(next) = next else { break };
            target = next;
        }
        let position = state.playlist.secs_from_frame(target);
        state.clock.seek(now, position);
        let is_decoded = !state.wanted.backwards
            && state.wanted.exact
            && state
                .queue
                .front()
                .is_some_and(|front| front.frame == target);
        if !is_decoded {
            state.request(Wanted {
                target,
                exact: true,
                backwards: false,
            });
        }
        self.feed.wake.notify_all();
        drop(state);
        self.restart_sound();
    }

    /// Plays only these ranges, one after the other without gaps; `None` for the whole video. The
    /// position stays where it is, or moves to the next frame that is played.
    pub fn set_ranges(&self, ranges: Option<&[FrameRange]>) {
        let now = self.now(Instant::now());
        let mut state = self.feed.state.lock();
        let frame = state.playlist.frame_from_secs(state.clock.position(now));
        let playlist = Playlist::new(&self.index, ranges);
        if playlist.ranges() == state.playlist.ranges() {
            return;
        }
        let target = playlist.nearest_played(frame);
        let position = playlist.secs_from_frame(target);
        state.clock.set_end(now, playlist.total_secs(), position);
        state.playlist = playlist;
        let backwards = state.wanted.backwards;
        state.request(Wanted {
            target,
            exact: true,
            backwards,
        });
        self.feed.wake.notify_all();
        drop(state);
        self.restart_sound();
    }

    /// The picture to show at an instant; `None` until the first one is decoded. Never blocks on
    /// decoding. The last good picture stays until the next is there; time stands still while
    /// frames are missing.
    pub fn frame_at(&self, now: Instant) -> Option<Arc<VideoFrame>> {
        let now = self.now(now);
        let mut state = self.feed.state.lock();
        if let Some(heard) = self.sound.as_ref().and_then(Sound::heard_secs) {
            state.clock.follow(now, heard);
        }
        let was_running = state.clock.is_running();
        let took = state.take_due(now);
        if took {
            self.feed.wake.notify_all();
        }
        let is_running = state.clock.is_running();
        let shown = state.shown.clone();
        drop(state);
        if was_running != is_running
            && let Some(sound) = &self.sound
        {
            sound.set_running(is_running);
        }
        shown
    }

    /// Where playing stands at an instant.
    pub fn state_at(&self, now: Instant) -> PlayerState {
        let now = self.now(now);
        let state = self.feed.state.lock();
        let position = state.clock.position(now);
        let frame = state.playlist.frame_from_secs(position);
        PlayerState {
            playing: state.clock.is_playing(),
            rate: state.clock.rate(),
            buffering: state.clock.is_stalled(),
            frame,
            secs: self.index.secs_from_frame(frame),
            played_secs: position,
            played_total_secs: state.playlist.total_secs(),
            has_sound: self.sound.as_ref().is_some_and(Sound::is_playable),
            error: state.error.clone(),
        }
    }

    /// Loudness, 0 silent to 1 as recorded.
    pub fn set_volume(&self, volume: f32) {
        if let Some(sound) = &self.sound {
            sound.set_volume(volume);
        }
    }

    fn now(&self, instant: Instant) -> f64 {
        instant.saturating_duration_since(self.origin).as_secs_f64()
    }

    fn restart_sound(&self) {
        let Some(sound) = &self.sound else { return };
        let now = self.now(Instant::now());
        let state = self.feed.state.lock();
        let position = state.clock.position(now);
        let spans = state.playlist.media_spans_from(position);
        let (running, rate) = (state.clock.is_running(), state.clock.rate());
        drop(state);
        sound.restart(position, spans, rate, running);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.feed.quit();
    }
}

/// A paused clock for a playlist.
fn clock_for(playlist: &Playlist) -> PlaybackClock {
    PlaybackClock::new(playlist.total_secs())
}
