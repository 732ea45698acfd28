//! What the worker and the window share of the frames being played. Decodes nothing.

use super::{FeedState, Wanted};

/// Frames decoded ahead at most, and the memory they may take.
const AHEAD_FRAMES: usize = 16;
const AHEAD_BYTES: usize = 192 << 20;
/// Frames that must be ready before time goes on after it stood still.
const RESUME_FRAMES: usize = 3;

impl FeedState {
    /// Begins a new generation: everything decoded for the old one is dropped.
    pub fn request(&mut self, wanted: Wanted) {
        self.generation += 1;
        self.wanted = wanted;
        self.queue.clear();
        self.fresh = true;
        self.finished = false;
        self.error = None;
    }

    /// The frame to stay on when playing stops: the one that is seen, or the one asked for while it
    /// is not there yet.
    pub fn resting_frame(&self) -> Option<u64> {
        if self.fresh {
            Some(self.wanted.target)
        } else {
            self.shown.as_ref().map(|shown| shown.frame)
        }
    }

    /// Moves due frames from the queue to the screen; holds the clock while they are missing, ends
    /// playing at the end. Returns whether the worker has something to do.
    pub fn take_due(&mut self, now: f64) -> bool {
        let backwards = self.wanted.backwards;
        let position = self.clock.position(now);
        let target = self.playlist.frame_from_secs(position);
        let place = self.playlist.place(target);
        let mut took = false;
        while let Some(front) = self.queue.front() {
            let own = self.playlist.place(front.frame);
            let due = if backwards {
                own >= place
            } else {
                own <= place
            };
            if !due && !self.fresh {
                break;
            }
            self.fresh = false;
            self.shown = self.queue.pop_front();
            took = true;
        }
        if self.clock.is_playing() {
            let arrived = self
                .shown
                .as_ref()
                .is_some_and(|shown| shown.frame == target);
            let starved = self.queue.is_empty() && !self.finished && !arrived;
            if starved {
                self.clock.set_stalled(now, true);
            } else if self.finished || arrived || self.queue.len() >= RESUME_FRAMES {
                self.clock.set_stalled(now, false);
            }
            if self.finished && self.queue.is_empty() && self.clock.is_at_end(now) {
                self.clock.pause(now);
            }
        }
        took
    }

    pub(super) fn has_room(&self) -> bool {
        let bytes: usize = self.queue.iter().map(|frame| frame.byte_len()).sum();
        self.queue.len() < AHEAD_FRAMES && (self.queue.len() < 2 || bytes < AHEAD_BYTES)
    }
}
