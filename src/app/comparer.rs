//! Keeps the comparisons up to date on threads of their own; the newest question wins.

use std::sync::Arc;

use crate::jobs::Asker;
use crate::session::comparison::{Compared, ComparisonInput, Known, compare};
use crate::session::people::{Comparison, PeopleInput, compare_people};
use crate::state::AppState;
use crate::state::annotate::Screen;
use crate::state::apply::Report;
use crate::state::pane::Page;

/// Keeps the distribution and the matches up to date.
#[derive(Default)]
pub struct Comparer {
    asker: Asker<ComparisonInput, Compared>,
    known: Known,
}

impl Comparer {
    /// Takes in an answer and asks anew where something changed. Call once a frame; never blocks.
    pub fn follow(&mut self, state: &mut AppState, ctx: &egui::Context) {
        if let Some(compared) = self.asker.answer() {
            self.known = state.take_comparison(compared);
        }
        if self.asker.is_working() {
            return;
        }
        let Some(input) = state.comparison_input() else {
            self.asker.forget();
            return;
        };
        let known = self.known.clone();
        let ctx = ctx.clone();
        self.asker.ask(
            "compare summaries",
            input,
            ComparisonInput::same_as,
            move |input| compare(input, known),
            move || ctx.request_repaint(),
        );
    }

    /// The comparison at once, on this thread; correlations of an earlier call are kept where they
    /// still hold.
    pub fn compare_now(&mut self, state: &mut AppState) {
        if let Some(input) = state.comparison_input() {
            self.known = state.take_comparison(compare(input, self.known.clone()));
        }
    }
}

/// Keeps the comparison of the annotators up to date while it is on screen.
#[derive(Default)]
pub struct PeopleComparer(Asker<PeopleInput, Comparison>);

impl PeopleComparer {
    /// Takes in an answer and asks anew where something changed. Call once a frame; never blocks.
    pub fn follow(&mut self, state: &mut AppState, ctx: &egui::Context) {
        if let Some(answer) = self.0.answer() {
            state.take(Report::PeopleCompared(Some(Arc::new(answer))));
        }
        if self.0.is_working()
            || state.shown_page() != Page::Annotate
            || state.annotate.screen != Screen::Compare
        {
            return;
        }
        let Some(input) = state.people_input() else {
            self.0.forget();
            state.take(Report::PeopleCompared(None));
            return;
        };
        let ctx = ctx.clone();
        self.0.ask(
            "compare annotators",
            input,
            PeopleInput::same_as,
            |input| compare_people(&input),
            move || ctx.request_repaint(),
        );
    }
}
