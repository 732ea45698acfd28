//! Time spent on a piece of work: counted while the annotator is at it, not while the page is left,
//! paused, or nobody moves. The time of day is given from outside.

/// Seconds without a key or the pointer after which nobody is taken to be there.
pub const IDLE_SECS: f64 = 30.0;
/// Longest step counted at once: the window was asleep in a longer one.
const LONGEST_STEP_SECS: f64 = 1.0;

/// What there is to know about a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Seconds on a clock that only goes forwards.
    pub now_secs: f64,
    /// Whether a key was pressed or the pointer moved since the last moment.
    pub active: bool,
    /// Whether the work is on screen, the window in front, and nothing is paused.
    pub at_work: bool,
    /// Whether watching is part of the work now, so that nobody needs to move.
    pub watching: bool,
}

/// Tells how much of the time is work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActiveClock {
    last_secs: Option<f64>,
    last_active_secs: Option<f64>,
}

impl ActiveClock {
    /// Seconds of work between the last moment and this one.
    pub fn tick(&mut self, moment: Moment) -> f64 {
        let before = self.last_secs.replace(moment.now_secs);
        if moment.active || moment.watching || self.last_active_secs.is_none() {
            self.last_active_secs = Some(moment.now_secs);
        }
        if !moment.at_work {
            // Coming back counts as moving.
            self.last_active_secs = None;
            return 0.0;
        }
        if self.is_idle(moment.now_secs) {
            return 0.0;
        }
        before.map_or(0.0, |before| {
            (moment.now_secs - before).clamp(0.0, LONGEST_STEP_SECS)
        })
    }

    /// Whether nobody has moved for long.
    pub fn is_idle(&self, now_secs: f64) -> bool {
        self.last_active_secs
            .is_some_and(|last| now_secs - last > IDLE_SECS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(clock: &mut ActiveClock, from: f64, to: f64, moment: Moment) -> f64 {
        let steps = ((to - from) * 10.0).round() as usize;
        (1..=steps)
            .map(|step| {
                clock.tick(Moment {
                    now_secs: from + step as f64 / 10.0,
                    ..moment
                })
            })
            .sum()
    }

    const WORK: Moment = Moment {
        now_secs: 0.0,
        active: false,
        at_work: true,
        watching: false,
    };

    #[test]
    fn pauses_and_long_stillness_do_not_count() {
        let mut clock = ActiveClock::default();
        assert_eq!(clock.tick(WORK), 0.0);
        assert!((run(&mut clock, 0.0, 10.0, WORK) - 10.0).abs() < 1e-6);
        let paused = Moment {
            at_work: false,
            ..WORK
        };
        assert_eq!(run(&mut clock, 10.0, 500.0, paused), 0.0);
        // Back at work: half a minute without a key counts, not more.
        let counted = run(&mut clock, 500.0, 700.0, WORK);
        assert!((counted - IDLE_SECS).abs() < 0.25, "{counted}");
        assert!(clock.is_idle(700.0));
        let active = Moment {
            active: true,
            ..WORK
        };
        assert!((run(&mut clock, 700.0, 760.0, active) - 60.0).abs() < 1e-6);
    }

    #[test]
    fn watching_counts_without_a_key_and_a_sleeping_window_does_not() {
        let mut clock = ActiveClock::default();
        let watching = Moment {
            watching: true,
            ..WORK
        };
        clock.tick(watching);
        assert!((run(&mut clock, 0.0, 120.0, watching) - 120.0).abs() < 1e-6);
        let woken = clock.tick(Moment {
            now_secs: 4000.0,
            ..watching
        });
        assert_eq!(woken, LONGEST_STEP_SECS);
    }
}
