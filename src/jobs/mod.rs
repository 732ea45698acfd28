//! Background work: named threads, cancellation, progress and generation numbers.
//!
//! Generic on purpose: knows nothing of videos or of the window.

mod cancel;
pub mod cpu;
pub mod ending;
mod mailbox;
mod question;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{Builder, JoinHandle};

pub use cancel::{CancelToken, OnCancel};
pub use mailbox::Mailbox;
pub use question::Asker;

/// Starts a named thread. The only place of the crate that does.
///
/// # Errors
/// When the system refuses another thread.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the named wrapper all others go through"
)]
pub fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(work)
}

/// A limit on what a piece of work may cost. It is over once so much time has passed and the
/// process has computed for so long meanwhile: a busy machine or a slow disk alone ends nothing.
#[derive(Debug)]
pub struct WorkLimit {
    begun: std::time::Instant,
    /// Processor time of the process at the beginning; `None` where the system does not say.
    computed: Option<std::time::Duration>,
    most: std::time::Duration,
}

impl WorkLimit {
    pub fn start(most: std::time::Duration) -> Self {
        Self {
            begun: std::time::Instant::now(),
            computed: cpu::process_time(),
            most,
        }
    }

    pub fn is_over(&self) -> bool {
        let computed = || Some(cpu::process_time()?.saturating_sub(self.computed?));
        self.begun.elapsed() >= self.most && computed().is_none_or(|spent| spent >= self.most)
    }
}

/// Numbers the requests to a worker, so that an answer to an old question is recognised and
/// dropped.
#[derive(Clone, Debug, Default)]
pub struct Generation(Arc<AtomicU64>);

impl Generation {
    /// Begins a new generation and returns its number.
    pub fn advance(&self) -> u64 {
        self.0.fetch_add(1, Ordering::AcqRel) + 1
    }

    pub fn current(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    pub fn is_current(&self, number: u64) -> bool {
        self.current() == number
    }
}

/// How far a stage has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// What is being done, for a person: "Reading frames".
    pub stage: &'static str,
    /// Share done in [0, 1]; `None` while it cannot be known.
    pub fraction: Option<f32>,
    /// Estimated seconds left in this stage; `None` while it cannot be known.
    pub eta_secs: Option<f64>,
}

/// Turns "so many of so many" into [`Progress`] with an estimate of the time left.
#[derive(Debug)]
pub struct StageClock {
    stage: &'static str,
    started: std::time::Instant,
}

impl StageClock {
    pub fn start(stage: &'static str) -> Self {
        Self {
            stage,
            started: std::time::Instant::now(),
        }
    }

    pub fn at(&self, done: u64, total: u64) -> Progress {
        let fraction = (total > 0).then(|| (done as f32 / total as f32).clamp(0.0, 1.0));
        let elapsed_secs = self.started.elapsed().as_secs_f64();
        // The first moments say little about the rest.
        let eta_secs = fraction
            .filter(|&f| f > 0.01 && elapsed_secs > 0.2)
            .map(|f| elapsed_secs * f64::from(1.0 - f) / f64::from(f));
        Progress {
            stage: self.stage,
            fraction,
            eta_secs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_generation_is_told_from_the_current_one() {
        let generation = Generation::default();
        let first = generation.advance();
        let second = generation.advance();
        assert!(!generation.is_current(first));
        assert!(generation.is_current(second));
    }

    #[test]
    fn threads_carry_their_name() {
        let name = spawn("frame reader", || {
            std::thread::current().name().map(str::to_owned)
        })
        .unwrap()
        .join()
        .unwrap();
        assert_eq!(name.as_deref(), Some("frame reader"));
    }
}
