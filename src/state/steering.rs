//! What a viewer says of parts of the video in the window: kept in, left out, rated, taken back.
//! Weighs and selects nothing itself.

use super::{AppState, Request};
use crate::analysis::steering::effective_number;
use crate::domain::{Draw, DrawSettings, Steering, Verdict};
use crate::ui::text;

/// What a person does with answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SteerCommand {
    /// Answers for what the pointer or the playhead is in; `None` takes the answer back.
    Here(Option<Verdict>),
    Range {
        start_secs: f64,
        end_secs: f64,
        verdict: Option<Verdict>,
    },
    /// Takes all answers back.
    Clear,
}

/// What an answer means for the summaries.
pub fn verdict_words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Keep => "kept in every summary".to_owned(),
        Verdict::LeaveOut => "left out of every summary".to_owned(),
        Verdict::Rate(rating) => format!("rated {rating} of 5"),
    }
}

/// How much the samples of a draw count under the answers, in a sentence; `None` where there are
/// none.
pub fn effective_sentence(draw: &Draw) -> Option<String> {
    let weights = draw.weights.as_deref()?;
    let samples = text::count(draw.sample_count(), "sample");
    let under = &draw.settings.drawn_under;
    let effective = effective_number(weights).round();
    let drawn = if under.is_empty() {
        String::new()
    } else {
        let answers = text::count(under.verdicts().len(), "answer");
        format!(", drawn under {answers},")
    };
    Some(if effective >= weights.len() as f64 {
        format!("The {samples}{drawn} weigh the same.")
    } else {
        format!("The {samples}{drawn} count as much as {effective:.0} of equal weight.")
    })
}

impl AppState {
    /// What an answer at this moment is about: the range where it holds the moment, else the
    /// segment.
    pub fn steered_at(&self, secs: f64) -> Option<(f64, f64)> {
        if let Some((start, end)) = self.choices.range_secs
            && start <= secs
            && secs < end
        {
            return Some((start, end));
        }
        let session = self.session.as_ref()?;
        let segment = session.segments.get(session.segment_at(secs)?)?;
        Some((segment.start_secs, segment.end_secs))
    }

    pub(super) fn run_steer(&mut self, command: SteerCommand) {
        let (range, verdict) = match command {
            SteerCommand::Here(verdict) => {
                let secs = self.hover.secs.unwrap_or(self.playback.position_secs);
                (self.steered_at(secs), verdict)
            }
            SteerCommand::Range {
                start_secs,
                end_secs,
                verdict,
            } => (Some((start_secs, end_secs)), verdict),
            SteerCommand::Clear => {
                if self.choices.settings.steering.is_empty() {
                    self.status = "There are no answers yet.".to_owned();
                    return;
                }
                self.set_steering(Steering::default(), "clear steering");
                self.status = "All answers are taken back.".to_owned();
                return;
            }
        };
        let Some((start, end)) = range else {
            self.status = "There is no segment here yet.".to_owned();
            return;
        };
        let mut steering = self.choices.settings.steering.clone();
        steering.say((start, end), verdict);
        let name = match verdict {
            Some(Verdict::Keep) => "keep",
            Some(Verdict::LeaveOut) => "leave out",
            Some(Verdict::Rate(_)) => "rating",
            None => "clear answer",
        };
        let said = verdict.map_or("no answer".to_owned(), verdict_words);
        self.set_steering(steering, name);
        self.status = format!("{}–{}: {said}.", self.time_text(start), self.time_text(end));
    }

    /// Each answer is a step of its own.
    fn set_steering(&mut self, steering: Steering, name: &'static str) {
        if steering == self.choices.settings.steering {
            return;
        }
        self.history.record_apart(name, &self.choices);
        let old = self.choices.settings.clone();
        self.choices.settings = DrawSettings {
            // Samples under an answer that was taken back say nothing without it.
            drawn_under: if old.drawn_under.is_part_of(&steering) {
                old.drawn_under.clone()
            } else {
                Steering::default()
            },
            steering,
            ..old.clone()
        };
        self.request_draw(&old);
    }

    /// What a change of the settings asks for where the samples stay: a new selection.
    pub(super) fn request_selection(&mut self, old: &DrawSettings) {
        let settings = &self.choices.settings;
        let mut requests = Vec::new();
        if settings.budget != old.budget {
            requests.push(Request::Budget(settings.budget));
        }
        if settings.steering != old.steering {
            requests.push(Request::Steer(settings.steering.clone()));
        }
        self.requests.append(&mut requests);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::command::Command;
    use crate::testing::fixture;

    fn steer(state: &mut AppState, command: SteerCommand) {
        state.run(Command::Steer(command));
    }

    #[test]
    fn an_answer_is_about_the_segment_or_the_range_and_asks_for_a_selection() {
        let mut state = fixture::state();
        let segment = state.session.as_ref().unwrap().segments[3];
        state.hover.secs = Some(segment.start_secs + 0.1);
        steer(&mut state, SteerCommand::Here(Some(Verdict::Keep)));
        let said = state.choices.settings.steering.clone();
        assert_eq!(said.keep, [(segment.start_secs, segment.end_secs)]);
        assert_eq!(state.requests, [Request::Steer(said)]);
        assert!(state.status.ends_with("kept in every summary."));

        state.choices.range_secs = Some((segment.end_secs + 1.0, segment.end_secs + 2.0));
        state.hover.secs = None;
        state.playback.position_secs = segment.end_secs + 1.5;
        steer(&mut state, SteerCommand::Here(Some(Verdict::Rate(4))));
        let rated = state.choices.settings.steering.rate[0];
        assert_eq!(rated.start_secs, segment.end_secs + 1.0);

        state.requests.clear();
        state.run(Command::Undo);
        assert!(state.choices.settings.steering.rate.is_empty());
        let steers = |request: &Request| matches!(request, Request::Steer(_));
        assert!(state.requests.iter().any(steers));
        state.run(Command::Redo);
        assert_eq!(state.choices.settings.steering.rate, [rated]);
        steer(&mut state, SteerCommand::Clear);
        assert!(state.choices.settings.steering.is_empty());
        state.run(Command::Undo);
        assert_eq!(state.choices.settings.steering.keep.len(), 1);
    }

    #[test]
    fn quick_answers_are_taken_back_one_by_one() {
        let mut state = fixture::state();
        for segment in [2, 5] {
            state.hover.secs = Some(state.session.as_ref().unwrap().segments[segment].start_secs);
            steer(&mut state, SteerCommand::Here(Some(Verdict::LeaveOut)));
        }
        state.run(Command::Undo);
        assert_eq!(state.choices.settings.steering.leave_out.len(), 1);
    }

    #[test]
    fn a_new_draw_is_under_the_answers_and_without_one_of_them_it_is_no_more() {
        let mut state = fixture::state();
        let at =
            |state: &AppState, at: usize| state.session.as_ref().unwrap().segments[at].start_secs;
        for segment in [2, 5] {
            state.hover.secs = Some(at(&state, segment));
            steer(&mut state, SteerCommand::Here(Some(Verdict::Keep)));
        }
        state.run(Command::NewDraw);
        let said = state.choices.settings.steering.clone();
        assert_eq!(state.choices.settings.drawn_under, said);
        // A further answer weighs those samples.
        state.requests.clear();
        state.hover.secs = Some(at(&state, 8));
        steer(&mut state, SteerCommand::Here(Some(Verdict::LeaveOut)));
        assert!(matches!(state.requests[..], [Request::Steer(_)]));
        // One taken back asks for samples without it.
        state.requests.clear();
        state.hover.secs = Some(at(&state, 2));
        steer(&mut state, SteerCommand::Here(None));
        assert!(
            matches!(&state.requests[..], [Request::Draw(settings)] if settings.drawn_under.is_empty())
        );
        state.run(Command::Undo);
        assert_eq!(state.choices.settings.drawn_under, said);
    }

    #[test]
    fn what_the_samples_count_is_a_sentence() {
        let mut draw = (**fixture::state().draw().unwrap()).clone();
        assert_eq!(effective_sentence(&draw), None);
        let mut weights = vec![0.0; draw.sample_count()];
        weights[..10].fill(1.0);
        draw.weights = Some(weights.into());
        let said = effective_sentence(&draw).unwrap();
        assert_eq!(said, "The 100 samples count as much as 10 of equal weight.");
        draw.weights = Some(vec![1.0; draw.sample_count()].into());
        draw.settings.drawn_under.keep = vec![(1.0, 2.0)];
        let said = effective_sentence(&draw).unwrap();
        assert_eq!(
            said,
            "The 100 samples, drawn under 1 answer, weigh the same."
        );
    }
}
