//! The playback position as a function of time: a small state machine without threads, tested by
//! itself.

/// Differences from the sound above this are jumped over, below they are made up for gradually.
const JUMP_SECS: f64 = 0.12;
/// Share of a small difference that one correction takes away.
const CORRECTION: f64 = 0.15;

/// Where playing stands. All times are seconds: `now` of any monotonic clock, positions in playing
/// seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaybackClock {
    anchor_now: f64,
    anchor_position: f64,
    /// Speed when playing: 1 normal, negative backwards.
    rate: f64,
    playing: bool,
    /// Whether time stands still because no frame is ready.
    stalled: bool,
    /// Positions are kept within `[0, end]`.
    end: f64,
}

impl PlaybackClock {
    /// Paused at the start of something `end_secs` long.
    pub fn new(end_secs: f64) -> Self {
        Self {
            anchor_now: 0.0,
            anchor_position: 0.0,
            rate: 1.0,
            playing: false,
            stalled: false,
            end: end_secs.max(0.0),
        }
    }

    /// Position at `now`.
    pub fn position(&self, now: f64) -> f64 {
        let moved = if self.is_running() {
            (now - self.anchor_now) * self.rate
        } else {
            0.0
        };
        (self.anchor_position + moved).clamp(0.0, self.end)
    }

    pub fn play(&mut self, now: f64, rate: f64) {
        self.anchor(now);
        self.rate = if rate == 0.0 || !rate.is_finite() {
            1.0
        } else {
            rate
        };
        self.playing = true;
    }

    pub fn pause(&mut self, now: f64) {
        self.anchor(now);
        self.playing = false;
        self.stalled = false;
    }

    pub fn seek(&mut self, now: f64, position: f64) {
        self.anchor_now = now;
        self.anchor_position = position.clamp(0.0, self.end);
    }

    /// Changes what is played: the position is given anew.
    pub fn set_end(&mut self, now: f64, end_secs: f64, position: f64) {
        self.end = end_secs.max(0.0);
        self.seek(now, position);
    }

    /// Holds time still while frames are missing, or lets it go on.
    pub fn set_stalled(&mut self, now: f64, stalled: bool) {
        if self.stalled != stalled {
            self.anchor(now);
            self.stalled = stalled;
        }
    }

    /// Follows the sound: the position that is being heard at `now`.
    pub fn follow(&mut self, now: f64, heard: f64) {
        if !self.is_running() {
            return;
        }
        let position = self.position(now);
        let error = heard - position;
        let corrected = if error.abs() > JUMP_SECS {
            heard
        } else {
            position + error * CORRECTION
        };
        self.seek(now, corrected);
    }

    /// Whether the position has reached the end of its direction.
    pub fn is_at_end(&self, now: f64) -> bool {
        let position = self.position(now);
        if self.rate < 0.0 {
            position <= 0.0
        } else {
            position >= self.end
        }
    }

    pub fn is_playing(&self) -> bool {
        self.playing
    }

    pub fn is_stalled(&self) -> bool {
        self.playing && self.stalled
    }

    pub fn is_running(&self) -> bool {
        self.playing && !self.stalled
    }

    pub fn rate(&self) -> f64 {
        self.rate
    }

    fn anchor(&mut self, now: f64) {
        self.anchor_position = self.position(now);
        self.anchor_now = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_at_its_rate_and_stays_within_bounds() {
        let mut clock = PlaybackClock::new(10.0);
        assert_eq!(clock.position(5.0), 0.0);
        clock.play(5.0, 2.0);
        assert_eq!(clock.position(6.0), 2.0);
        clock.play(6.0, -1.0);
        assert_eq!(clock.position(7.0), 1.0);
        assert_eq!(clock.position(99.0), 0.0);
        assert!(clock.is_at_end(99.0));
        clock.seek(99.0, 4.0);
        clock.pause(99.5);
        assert_eq!(clock.position(200.0), 3.5);
        clock.play(200.0, 1.0);
        assert_eq!(clock.position(300.0), 10.0);
        assert!(clock.is_at_end(300.0));
    }

    #[test]
    fn time_stands_still_while_frames_are_missing() {
        let mut clock = PlaybackClock::new(10.0);
        clock.play(0.0, 1.0);
        clock.set_stalled(1.0, true);
        assert_eq!(clock.position(3.0), 1.0);
        assert!(clock.is_playing() && clock.is_stalled());
        clock.set_stalled(3.0, false);
        assert_eq!(clock.position(4.0), 2.0);
    }

    #[test]
    fn it_follows_the_sound_gently_and_jumps_when_far_off() {
        let mut clock = PlaybackClock::new(100.0);
        clock.play(0.0, 1.0);
        clock.follow(1.0, 1.05);
        let after = clock.position(1.0);
        assert!(after > 1.0 && after < 1.05);
        for step in 0..60 {
            let now = 1.0 + f64::from(step) / 60.0;
            clock.follow(now, now + 0.05);
        }
        assert!((clock.position(2.0) - 2.05).abs() < 0.005);
        clock.follow(2.0, 50.0);
        assert_eq!(clock.position(2.0), 50.0);
        clock.pause(2.0);
        clock.follow(3.0, 10.0);
        assert_eq!(clock.position(3.0), 50.0);
    }
}
