//! How the workers' events reach the window: numbered by opening, those of an older one dropped.

use std::sync::Arc;

use crossbeam_channel::Sender;

use super::super::PipelineError;
use super::super::event::{Event, Failure};
use crate::domain::Timings;
use crate::jobs::Generation;

/// An event and the opening it belongs to; one of an older opening is to be dropped.
#[derive(Clone, Debug)]
pub struct Notice {
    pub generation: u64,
    pub event: Event,
}

#[derive(Clone)]
pub(super) struct Reporter {
    pub(super) sender: Sender<Notice>,
    pub(super) wake: Arc<dyn Fn() + Send + Sync>,
    pub(super) generation: Generation,
}

impl Reporter {
    pub(super) fn report(&self, generation: u64, event: Event) {
        if !self.generation.is_current(generation) {
            return;
        }
        // An error means the window is gone, and with it the reason to speak.
        if self.sender.send(Notice { generation, event }).is_ok() {
            (self.wake)();
        }
    }

    pub(super) fn report_end(&self, generation: u64, result: Result<Timings, PipelineError>) {
        self.report(
            generation,
            match result {
                Ok(timings) => Event::Done(timings),
                Err(err) if err.is_cancelled() => Event::Cancelled,
                Err(err) => Event::Failed(Failure::from(&err)),
            },
        );
    }
}
