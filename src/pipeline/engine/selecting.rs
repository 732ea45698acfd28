//! The worker that selects summaries from the samples that are there: at another budget, under
//! other answers, for other kinds.

use std::sync::Arc;

use ndarray::Array2;

use super::super::assemble::{ScoredSamples, Timeline};
use super::super::event::Event;
use super::super::kinds::{first_kinds, first_kinds_named, known_kinds};
use super::reporting::Reporter;
use crate::domain::{DrawSettings, Kinds, KnownKind, Steering};
use crate::jobs::Mailbox;

#[derive(Default)]
pub(super) struct SelectWanted {
    pub(super) scores: Option<Scored>,
    /// The settled kinds of an opening.
    pub(super) kinds: Option<(u64, Arc<Kinds>)>,
    pub(super) budget: Option<f64>,
    pub(super) steering: Option<Steering>,
    pub(super) forget: bool,
}

pub(super) struct Scored {
    pub(super) generation: u64,
    pub(super) timeline: Timeline,
    pub(super) scores: Arc<Array2<f32>>,
    pub(super) settings: DrawSettings,
    pub(super) partial: bool,
    /// Kinds of the video that are known from before.
    pub(super) known: Vec<KnownKind>,
}

/// The worker that selects.
pub(super) struct Selector {
    pub(super) mail: Mailbox<SelectWanted>,
    pub(super) reporter: Reporter,
}

impl Selector {
    pub(super) fn run(self) {
        let mut last: Option<(u64, ScoredSamples)> = None;
        let mut budget: Option<f64> = None;
        let mut steering: Option<Steering> = None;
        let mut kinds = ShownKinds::default();
        while let Some(wanted) = self.mail.take() {
            if wanted.forget {
                last = None;
                budget = None;
                steering = None;
                kinds = ShownKinds::default();
            }
            budget = wanted.budget.or(budget);
            if let Some(answers) = wanted.steering {
                steering = Some(answers.clone());
                last = last.map(|(generation, samples)| {
                    (generation, samples.with_steering(answers.clone()))
                });
            }
            if let Some((generation, settled)) = wanted.kinds
                && self.reporter.generation.is_current(generation)
            {
                kinds.settled = Some(Arc::clone(&settled));
                last = last.map(|(generation, samples)| (generation, samples.with_kinds(settled)));
            }
            // The last scores of a video that was left must not set the budget of the next one.
            let scores = wanted
                .scores
                .filter(|scored| self.reporter.generation.is_current(scored.generation));
            if let Some(scored) = scores {
                budget.get_or_insert(scored.settings.budget);
                let kinds = kinds.of(&scored);
                let settings = DrawSettings {
                    steering: steering
                        .get_or_insert(scored.settings.steering.clone())
                        .clone(),
                    ..scored.settings
                };
                let samples = ScoredSamples::new(
                    &scored.timeline,
                    scored.scores,
                    settings,
                    scored.partial,
                    kinds,
                );
                last = Some((scored.generation, samples));
            }
            if let (Some((generation, samples)), Some(budget)) = (&last, budget) {
                let draw = samples.select(budget);
                self.reporter
                    .report(*generation, Event::Draw(Arc::new(draw)));
            }
        }
    }
}

/// The kinds that samples are assigned to: the settled ones, until then those of the samples
/// themselves.
#[derive(Default)]
pub(super) struct ShownKinds {
    pub(super) settled: Option<Arc<Kinds>>,
    /// The first kinds, whose letters the next ones carry on.
    pub(super) first: Vec<KnownKind>,
}

impl ShownKinds {
    fn of(&mut self, scored: &Scored) -> Arc<Kinds> {
        if let Some(settled) = &self.settled {
            return Arc::clone(settled);
        }
        let (timeline, scores) = (&scored.timeline, scored.scores.view());
        let kinds = match scored.known.is_empty() {
            true => first_kinds(timeline, scores, &self.first),
            false => first_kinds_named(timeline, scores, &scored.known),
        };
        self.first = known_kinds(&scored.timeline, &kinds);
        Arc::new(kinds)
    }
}
