//! The draws of this session: what each was made with, the way back to one, and what has changed
//! since. Draws nothing itself, and keeps the last few alone.

use std::sync::Arc;

use super::AppState;
use crate::domain::{Draw, DrawSettings, Letter, Segment};
use crate::state::pane::Pane;
use crate::ui::text;

/// Most draws that are kept, with the one on screen.
const MOST: usize = 6;
/// Most scores that are kept beside those on screen, 256 MB of them.
const MOST_SCORES: usize = 64 << 20;

/// A draw, and what belongs to it.
#[derive(Clone, Debug)]
pub struct PastDraw {
    /// The bundle's name, or its folder.
    pub bundle: String,
    pub draw: Arc<Draw>,
    /// What its selections are of.
    pub segments: Arc<[Segment]>,
}

impl PastDraw {
    /// `seed 7 · 100 samples · guidance 0.10 · 10 steps · lite`.
    pub fn words(&self) -> String {
        let settings = &self.draw.settings;
        format!(
            "seed {} · {} · guidance {:.2} · {} · {}",
            settings.seed,
            text::count(settings.samples, "sample"),
            settings.guidance,
            text::count(settings.steps, "step"),
            text::short_name(&self.bundle),
        )
    }

    /// Whether both have the same samples, perhaps selected in another way.
    pub fn is_like(&self, other: &Self) -> bool {
        self.bundle == other.bundle && self.draw.settings.same_samples(&other.draw.settings)
    }
}

/// The draws of this session, in the order in which they were on screen.
#[derive(Clone, Debug, Default)]
pub struct Draws {
    /// Oldest first; the last is the one on screen.
    known: Vec<PastDraw>,
    /// The one that the present draw is compared with.
    pub compared: Option<PastDraw>,
}

impl Draws {
    /// Takes in what is on screen now.
    fn note(&mut self, present: PastDraw) {
        if (self.compared.as_ref()).is_some_and(|compared| compared.is_like(&present)) {
            self.compared = None;
        }
        self.known.retain(|known| !known.is_like(&present));
        self.known.push(present);
        let mut scores = 0;
        let kept = self.known.iter().rev().take(MOST).take_while(|known| {
            scores += known.draw.scores.len();
            scores - known.draw.scores.len() <= MOST_SCORES
        });
        let kept = kept.count();
        self.known.drain(..self.known.len() - kept);
    }

    /// The draws before the one on screen, newest first.
    pub fn earlier(&self) -> impl Iterator<Item = &PastDraw> {
        self.known.iter().rev().skip(1)
    }

    /// The one on screen, once it is complete.
    pub fn present(&self) -> Option<&PastDraw> {
        self.known.last()
    }
}

impl AppState {
    /// Notes a complete draw that is on screen.
    pub(super) fn note_draw(&mut self) {
        let Some(session) = &self.session else {
            return;
        };
        let complete = |draw: &&Arc<Draw>| !draw.partial && draw.sample_count() > 0;
        let Some(draw) = session.draw.as_ref().filter(complete) else {
            return;
        };
        self.draws.note(PastDraw {
            bundle: self.runtime.bundle.clone(),
            draw: draw.clone(),
            segments: session.segments.clone(),
        });
    }

    /// Draws again as an earlier one was drawn, by its place among them, newest first. Budget and
    /// answers stay as they are.
    pub(super) fn go_to_draw(&mut self, place: usize) {
        let Some(past) = self.draws.earlier().nth(place).cloned() else {
            self.status = "There is no earlier draw yet.".to_owned();
            return;
        };
        let old = self.choices.settings.clone();
        let settings = DrawSettings {
            budget: old.budget,
            steering: old.steering.clone(),
            segments: old.segments,
            ..past.draw.settings.clone()
        };
        self.record("draw");
        self.choices.settings = settings;
        if past.bundle == self.prefs.bundle {
            self.request_draw(&old);
        } else {
            self.prefs.bundle.clone_from(&past.bundle);
            self.change_bundle();
        }
        self.status = format!("Back to {}", past.words());
    }

    /// Compares the draw on screen with an earlier one, by its place among them; `None` ends that.
    pub(super) fn compare_draw(&mut self, place: Option<usize>) {
        let past = place.map(|place| self.draws.earlier().nth(place).cloned());
        match past {
            Some(None) => self.status = "There is no earlier draw to compare with yet.".to_owned(),
            Some(Some(past)) => {
                let words = past.words();
                self.draws.compared = Some(past);
                // Without the panel that says it, the status line does.
                let changes = self.draw_changes();
                let changes = changes.filter(|_| !self.shown_panes.contains(&Pane::Distribution));
                self.status = changes.unwrap_or_else(|| format!("Compared with {words}"));
            }
            None => self.draws.compared = None,
        }
    }

    /// What has changed from the compared draw to the one on screen, in a line; `None` where none
    /// is compared or the one on screen is not complete.
    pub fn draw_changes(&self) -> Option<String> {
        let before = self.draws.compared.as_ref()?;
        let now = self.draws.present()?;
        let on_screen = self.draw().is_some_and(|draw| !draw.partial);
        on_screen.then(|| {
            let [settings, results] = [
                setting_changes(before, now),
                changes(&before.draw, &now.draw),
            ];
            match settings.is_empty() {
                true => results,
                false => format!("{settings}: {results}"),
            }
        })
    }
}

/// `seed 7 → 8, guidance 0.10 → 0.40`: what the draws were made with, as far as it differs.
fn setting_changes(before: &PastDraw, now: &PastDraw) -> String {
    let (a, b) = (&before.draw.settings, &now.draw.settings);
    let mut said = Vec::new();
    let mut say = |what: &str, a: String, b: String| {
        if a != b {
            said.push(format!("{what} {a} → {b}"));
        }
    };
    say("seed", a.seed.to_string(), b.seed.to_string());
    say("samples", a.samples.to_string(), b.samples.to_string());
    say("steps", a.steps.to_string(), b.steps.to_string());
    let number = |value: f64| format!("{value:.2}");
    say("guidance", number(a.guidance), number(b.guidance));
    say("η", number(a.eta), number(b.eta));
    let secs = |value: f64| format!("{value:.1} s");
    say("coherence", secs(a.coherence_secs), secs(b.coherence_secs));
    say(
        "budget",
        text::percent_fine(a.budget),
        text::percent_fine(b.budget),
    );
    let name = |past: &PastDraw| text::short_name(&past.bundle).to_owned();
    say("bundle", name(before), name(now));
    said.join(", ")
}

/// `A 41 % → 38 % · E none → 4 % · coverage .83 → .85`: shares that differ as they are shown.
fn changes(before: &Draw, now: &Draw) -> String {
    let shares = |draw: &Draw, letter: Letter| {
        let kind = draw.place_of(letter).map(|at| &draw.alternatives[at]);
        kind.map_or_else(|| "none".to_owned(), |kind| text::percent(kind.share))
    };
    let mut letters: Vec<Letter> = (before.alternatives.iter())
        .chain(&now.alternatives)
        .map(|kind| kind.letter())
        .collect();
    letters.sort_unstable();
    letters.dedup();
    let mut said: Vec<String> = (letters.into_iter())
        .filter_map(|letter| {
            let (a, b) = (shares(before, letter), shares(now, letter));
            (a != b).then(|| format!("{letter} {a} → {b}"))
        })
        .collect();
    let share = |value: f64| {
        let text = format!("{value:.2}");
        text.strip_prefix('0').map_or(text.clone(), str::to_owned)
    };
    let (a, b) = (share(before.coverage), share(now.coverage));
    if a != b {
        said.push(format!("coverage {a} → {b}"));
    }
    match said.is_empty() {
        true => "shares and coverage are the same".to_owned(),
        false => said.join(" · "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Event;
    use crate::state::Request;
    use crate::state::command::Command;
    use crate::testing::fixture;

    /// The fixture's draw as another seed could have given it.
    fn other_draw(state: &AppState, seed: u64) -> Arc<Draw> {
        let mut draw = (**state.draw().unwrap()).clone();
        draw.settings.seed = seed;
        draw.partial = false;
        draw.alternatives[0].share += 0.05;
        draw.alternatives[1].share -= 0.05;
        draw.coverage = 0.83;
        Arc::new(draw)
    }

    fn drawn(seeds: &[u64]) -> AppState {
        let mut state = fixture::state();
        state.note_draw();
        for &seed in seeds {
            let draw = other_draw(&state, seed);
            state.choices.settings.seed = seed;
            state.handle(Event::Draw(draw));
        }
        state
    }

    #[test]
    fn the_last_draws_are_kept_and_one_can_be_gone_back_to() {
        let mut state = drawn(&[20, 21]);
        let seeds = |state: &AppState| -> Vec<u64> {
            (state.draws.earlier().map(|past| past.draw.settings.seed)).collect()
        };
        let first = fixture::state().draw().unwrap().settings.seed;
        assert_eq!(seeds(&state), [20, first]);
        // A new selection of the same samples is no new draw, and an unfinished one none yet.
        let mut draw = (**state.draw().unwrap()).clone();
        draw.settings.budget = 0.3;
        state.handle(Event::Draw(Arc::new(draw.clone())));
        draw.settings.seed = 99;
        draw.partial = true;
        state.handle(Event::Draw(Arc::new(draw)));
        assert_eq!(seeds(&state), [20, first]);
        state.requests.clear();
        state.choices.settings.budget = 0.25;
        state.run(Command::GoToDraw(1));
        let settings = state.choices.settings.clone();
        assert_eq!((settings.seed, settings.budget), (first, 0.25));
        assert!(matches!(&state.requests[..], [Request::Draw(asked)] if asked.seed == first));
        state.run(Command::Undo);
        assert_eq!(state.choices.settings.seed, 21);
        for seed in 30..50 {
            let draw = other_draw(&state, seed);
            state.handle(Event::Draw(draw));
        }
        assert_eq!(seeds(&state), [48, 47, 46, 45, 44]);
    }

    #[test]
    fn a_draw_of_another_bundle_comes_back_with_it() {
        let mut state = drawn(&[20]);
        state.runtime.bundle = "other".to_owned();
        state.prefs.bundle = "other".to_owned();
        let draw = other_draw(&state, 20);
        state.handle(Event::Draw(draw));
        state.requests.clear();
        state.run(Command::GoToDraw(0));
        assert_eq!(state.prefs.bundle, fixture::state().runtime.bundle);
        let asked = |request: &Request| matches!(request, Request::Open { settings, .. } if settings.seed == 20);
        assert!(state.requests.iter().any(asked), "{:?}", state.requests);
    }

    #[test]
    fn what_changed_from_draw_to_draw_is_told_in_a_line() {
        let mut state = drawn(&[20]);
        assert_eq!(state.draw_changes(), None);
        state.run(Command::CompareDraw(Some(0)));
        let line = state.draw_changes().unwrap();
        let first = fixture::state();
        let draw = first.draw().unwrap();
        let share = |at: usize, more: f64| text::percent(draw.alternatives[at].share + more);
        let wanted = format!(
            "seed {} → 20: A {} → {} · B {} → {} · coverage .90 → .83",
            draw.settings.seed,
            share(0, 0.0),
            share(0, 0.05),
            share(1, 0.0),
            share(1, -0.05),
        );
        assert_eq!(line, wanted);
        // Back at the compared draw there is nothing to compare.
        state.handle(Event::Draw(draw.clone()));
        assert!(state.draws.compared.is_none());
        state.run(Command::CompareDraw(Some(7)));
        assert!(state.status.contains("no earlier draw"));
    }
}
