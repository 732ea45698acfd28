//! Finds out on a thread of its own what an export will keep, while the export dialog is open.

use crate::jobs::{Asker, CancelToken};
use crate::media::cut::foresee;
use crate::state::AppState;
use crate::state::apply::Report;
use crate::state::foreseeing::{ExportQuestion, Foresight};

/// Keeps the state's foresight up to date.
#[derive(Default)]
pub struct Foreseer {
    asker: Asker<ExportQuestion, (ExportQuestion, Foresight)>,
    /// What is being found out, and how to stop it.
    asked: Option<(ExportQuestion, CancelToken)>,
}

impl Foreseer {
    /// Takes in an answer and asks anew where something changed. Call once a frame; never blocks.
    pub fn follow(&mut self, state: &mut AppState, ctx: &egui::Context) {
        let was_cancelled = |(_, cancel): &(_, CancelToken)| cancel.is_cancelled();
        if let Some(answer) = self.asker.answer()
            && !self.asked.as_ref().is_some_and(was_cancelled)
        {
            state.take(Report::Foreseen(answer.0, answer.1));
        }
        let wanted = state.export_question();
        if self.asker.is_working() {
            let is_wanted = |asked: &ExportQuestion| {
                (wanted.as_ref()).is_some_and(|wanted| wanted.same_as(asked))
            };
            if let Some((asked, cancel)) = &self.asked
                && !is_wanted(asked)
            {
                cancel.cancel();
            }
            return;
        }
        let Some(question) = wanted else {
            self.asker.forget();
            return;
        };
        if state.foreseen().is_some() {
            return;
        }
        let cancel = CancelToken::new();
        self.asked = Some((question.clone(), cancel.clone()));
        let ctx = ctx.clone();
        // What was cancelled is asked again when it is wanted again.
        self.asker.forget();
        self.asker.ask(
            "foresee export",
            question,
            ExportQuestion::same_as,
            move |question| {
                let found = foresee(
                    &question.video,
                    &question.index,
                    &question.ranges,
                    question.container,
                    &question.film,
                    &cancel,
                );
                (question, found.map_err(|err| err.to_string()))
            },
            move || ctx.request_repaint(),
        );
    }
}
