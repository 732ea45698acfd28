//! Two summaries side by side, an annotator's and another's or two of this program's: what both
//! keep, and going back and forth between them. Paints nothing (see `views::timeline`).

use super::command::Command;
use crate::domain::ranges::length_secs;
use crate::domain::{Letter, SummaryRef};
use crate::session::Summarised;
use crate::session::{Pair, PairSide};
use crate::state::AppState;
use crate::ui::text;

/// A pair as the timeline shows it. Ranges in seconds, ascending and disjoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairView {
    pub first: SideView,
    pub other: SideView,
    /// What both keep.
    pub both_secs: Vec<(f64, f64)>,
    /// Kendall's τ-b of their scores, where it is known.
    pub tau: Option<f64>,
}

/// One side of a pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideView {
    pub name: String,
    pub kept_secs: Vec<(f64, f64)>,
    /// The alternative that it is or belongs to, for its colour.
    pub letter: Option<Letter>,
    /// Whether a person made it: those are outlines, never fills.
    pub is_person: bool,
}

impl PairView {
    /// Share of what either keeps that both keep, in [0, 1]; `None` where neither keeps anything.
    pub fn overlap(&self) -> Option<f64> {
        let both = length_secs(&self.both_secs);
        let either = length_secs(&self.first.kept_secs) + length_secs(&self.other.kept_secs) - both;
        (either > 0.0).then(|| both / either)
    }
}

impl AppState {
    /// What the timeline shows of the chosen pair; `None` where there is none, or its sides are
    /// gone.
    pub fn pair_view(&self, pair: Pair) -> Option<PairView> {
        let (first, other) = (self.pair_side(pair.first)?, self.pair_side(pair.other)?);
        Some(PairView {
            both_secs: intersection(&first.kept_secs, &other.kept_secs),
            tau: self.pair_tau(pair),
            first,
            other,
        })
    }

    fn pair_side(&self, side: PairSide) -> Option<SideView> {
        let session = self.session.as_ref()?;
        match side {
            PairSide::Summary(of) => {
                let summary = session.summary(of)?;
                Some(SideView {
                    name: match of {
                        SummaryRef::Alternative(letter) => format!("summary {letter}"),
                        SummaryRef::Sample(_) | SummaryRef::Edited(_) => summary.name,
                    },
                    kept_secs: summary.ranges_secs,
                    letter: summary.letter,
                    is_person: false,
                })
            }
            PairSide::Baseline(at) => {
                let baseline = session.baselines.get(at)?;
                Some(SideView {
                    name: baseline.name.clone(),
                    kept_secs: session.ranges_secs(&baseline.summary),
                    ..SideView::default()
                })
            }
            PairSide::Annotator(annotator) => {
                let set = self.choices.annotations.as_ref()?;
                Some(SideView {
                    name: set.annotators.get(annotator)?.name.clone(),
                    kept_secs: session.annotator_ranges_secs.get(annotator)?.clone(),
                    letter: None,
                    is_person: true,
                })
            }
        }
    }

    fn pair_tau(&self, pair: Pair) -> Option<f64> {
        let view = self.session.as_ref()?.matches.as_ref()?;
        let (PairSide::Annotator(annotator), other) = (pair.first, pair.other) else {
            return None;
        };
        let (taus, row) = match other {
            PairSide::Summary(SummaryRef::Sample(sample)) => (&view.taus, sample),
            PairSide::Summary(SummaryRef::Alternative(letter)) => {
                let row = view.letters.iter().position(|&other| other == letter)?;
                (&view.alternative_taus, row)
            }
            PairSide::Baseline(at) => (&view.baseline_taus, at),
            // Nobody has scored what a hand chose.
            PairSide::Summary(SummaryRef::Edited(_)) | PairSide::Annotator(_) => return None,
        };
        *taus.taus.get(row)?.get(annotator)?
    }

    /// Marks what two summaries agree on, on the timeline; the other one is chosen everywhere.
    pub(super) fn set_pair(&mut self, pair: Option<Pair>) {
        self.timeline.pair = pair;
        let Some(pair) = pair else { return };
        if let PairSide::Summary(of) = pair.other {
            self.run(Command::Choose(of));
        }
        if let PairSide::Annotator(annotator) = pair.first {
            self.choices.selection.annotator = Some(annotator);
        }
        if let Some(sentence) = self.pair_sentence(pair) {
            self.status = sentence;
        }
    }

    /// Puts the summary in hand and an alternative's side by side and shows the latter.
    pub(super) fn compare_with(&mut self, alternative: usize) {
        let (Some(here), Some(there)) = (self.chosen(), self.alternative_ref(alternative)) else {
            return;
        };
        if here != there {
            self.set_pair(Some(Pair {
                first: PairSide::Summary(here),
                other: PairSide::Summary(there),
            }));
        }
    }

    /// Shows the other one of a pair of summaries; without such a pair, makes one with the summary
    /// shown before, else with the next alternative.
    pub(super) fn flip_pair(&mut self) {
        let Some(here) = self.chosen() else { return };
        let pair = self.timeline.pair.and_then(Pair::summaries);
        let there = match pair {
            Some((first, other)) if here == other => Some(first),
            Some((first, other)) if here == first => Some(other),
            _ => self.shown_before.or_else(|| self.next_in_front(here)),
        }
        .filter(|&of| of != here)
        .filter(|&of| {
            self.session
                .as_ref()
                .is_some_and(|s| s.summary(of).is_some())
        });
        match there {
            // The rows keep their order while it goes back and forth.
            Some(there) => {
                let (first, other) = pair
                    .filter(|pair| *pair == (there, here))
                    .unwrap_or((here, there));
                self.run(Command::Choose(there));
                let pair = Pair {
                    first: PairSide::Summary(first),
                    other: PairSide::Summary(other),
                };
                self.timeline.pair = Some(pair);
                if let Some(sentence) = self.pair_sentence(pair) {
                    self.status = format!("{sentence} · X flips");
                }
            }
            None => self.status = "There is no other summary to flip to.".to_owned(),
        }
    }

    /// The alternative after the one in hand, in the order of the cards; rejected ones are left
    /// out.
    fn next_in_front(&self, here: SummaryRef) -> Option<SummaryRef> {
        let (count, at) = (self.alternative_count(), self.chosen_alternative()?);
        (1..=count)
            .map(|step| (at + step) % count)
            .filter(|&next| !self.is_rejected(next))
            .filter_map(|next| self.alternative_ref(next))
            .find(|&of| of != here)
    }

    /// The pair in a sentence, for the status line.
    fn pair_sentence(&self, pair: Pair) -> Option<String> {
        let view = self.pair_view(pair)?;
        let mut sentence = format!("{} and {}", view.first.name, view.other.name);
        if let Some(tau) = view.tau {
            sentence.push_str(&format!(" · τ {tau:.2}"));
        }
        if let Some(overlap) = view.overlap() {
            sentence.push_str(&format!(
                " · {} of what either keeps is kept by both",
                text::percent(overlap)
            ));
        }
        Some(sentence)
    }
}

/// What two ascending lists of disjoint ranges have in common.
pub fn intersection(a: &[(f64, f64)], b: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < a.len() && j < b.len() {
        let (start, end) = (a[i].0.max(b[j].0), a[i].1.min(b[j].1));
        if start < end {
            out.push((start, end));
        }
        if a[i].1 < b[j].1 {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixture;

    #[test]
    fn ranges_in_common_are_found() {
        let a = [(0.0, 4.0), (6.0, 9.0), (12.0, 13.0)];
        let b = [(3.0, 7.0), (8.0, 10.0)];
        assert_eq!(
            intersection(&a, &b),
            vec![(3.0, 4.0), (6.0, 7.0), (8.0, 9.0)]
        );
        assert!(intersection(&a, &[]).is_empty());
    }

    #[test]
    fn a_pair_tells_what_both_keep() {
        let mut state = fixture::state();
        state.compare_now();
        let pair = Pair::of_annotator(3, PairSide::Summary(SummaryRef::Sample(10)));
        state.set_pair(Some(pair));
        let view = state.pair_view(pair).unwrap();
        assert_eq!(view.first.name, "annotator 4");
        assert!(view.tau.is_some());
        let overlap = view.overlap().unwrap();
        assert!((0.0..=1.0).contains(&overlap));
        assert_eq!(state.choices.selection.annotator, Some(3));
        assert_eq!(
            state.choices.selection.summary,
            Some(SummaryRef::Sample(10))
        );
        assert!(state.status.contains("kept by both"), "{}", state.status);
        let gone = Pair::of_annotator(99, pair.other);
        assert_eq!(state.pair_view(gone), None);
    }

    #[test]
    fn two_summaries_are_flipped_with_the_playhead_where_it_is() {
        let mut state = fixture::state();
        state.run(Command::SelectAlternative(1));
        state.run(Command::SelectAlternative(3));
        state.run(Command::SeekTo(12.0));
        let [b, c, d] = [1, 2, 3].map(|at| state.alternative_ref(at).unwrap());
        state.run(Command::FlipPair);
        assert_eq!(state.chosen(), Some(b));
        assert_eq!(state.chosen_alternative(), Some(1));
        let pair = state.timeline.pair.unwrap();
        assert_eq!(pair.summaries(), Some((d, b)));
        state.run(Command::FlipPair);
        assert_eq!(state.chosen(), Some(d));
        assert_eq!(state.timeline.pair, Some(pair), "the rows stay");
        state.run(Command::FlipPair);
        assert_eq!(state.chosen(), Some(b));
        assert_eq!(state.playback.position_secs, 12.0);
        assert!(
            state.status.contains("summary D and summary B"),
            "{}",
            state.status
        );
        let view = state.pair_view(pair).unwrap();
        let overlap = view.overlap().unwrap();
        assert!((0.0..1.0).contains(&overlap), "{overlap}");
        // Another one is compared with the one on screen.
        state.run(Command::CompareWith(2));
        assert_eq!(state.chosen_alternative(), Some(2));
        assert_eq!(state.timeline.pair.unwrap().summaries(), Some((b, c)));
    }
}
