//! An annotator and a summary side by side: what both keep. Paints nothing (see `views::timeline`).

use crate::app::state::{AppState, Pair, PairSide};
use crate::ui::text;

/// A pair as the timeline shows it. Ranges in seconds, ascending and disjoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairView {
    pub annotator_name: String,
    pub other_name: String,
    pub annotator_secs: Vec<(f64, f64)>,
    pub other_secs: Vec<(f64, f64)>,
    /// What both keep.
    pub both_secs: Vec<(f64, f64)>,
    /// Kendall's τ-b of their scores, where it is known.
    pub tau: Option<f64>,
    /// The alternative of the sample, for its colour.
    pub alternative: Option<usize>,
}

impl PairView {
    /// Share of what either keeps that both keep, in [0, 1]; `None` where neither keeps anything.
    pub fn overlap(&self) -> Option<f64> {
        let length = |ranges: &[(f64, f64)]| ranges.iter().map(|r| r.1 - r.0).sum::<f64>();
        let both = length(&self.both_secs);
        let either = length(&self.annotator_secs) + length(&self.other_secs) - both;
        // The sum of nothing is a negative zero.
        (either > 0.0).then(|| (both / either).abs())
    }
}

impl AppState {
    /// What the timeline shows of the chosen pair; `None` where there is none, or its sides are gone.
    pub fn pair_view(&self, pair: Pair) -> Option<PairView> {
        let session = self.session.as_ref()?;
        let set = self.choices.annotations.as_ref()?;
        let name_of = |annotator: usize| Some(set.annotators.get(annotator)?.name.clone());
        let annotator_secs = session.annotator_ranges_secs.get(pair.annotator)?.clone();
        let taus = session.matches.as_ref();
        let (other_name, other_secs, tau, alternative) = match pair.other {
            PairSide::Sample(sample) => (
                format!("sample {}", sample + 1),
                session.summary_secs(sample),
                taus.and_then(|view| *view.taus.taus.get(sample)?.get(pair.annotator)?),
                session.draw.as_ref()?.alternative_of(sample),
            ),
            PairSide::Baseline(at) => {
                let baseline = session.baselines.get(at)?;
                (
                    baseline.name.clone(),
                    session.ranges_secs(&baseline.summary),
                    taus.and_then(|view| *view.baseline_taus.taus.get(at)?.get(pair.annotator)?),
                    None,
                )
            }
            PairSide::Annotator(other) => (
                name_of(other)?,
                session.annotator_ranges_secs.get(other)?.clone(),
                None,
                None,
            ),
        };
        Some(PairView {
            annotator_name: name_of(pair.annotator)?,
            both_secs: intersection(&annotator_secs, &other_secs),
            other_name,
            annotator_secs,
            other_secs,
            tau,
            alternative,
        })
    }

    /// The pair in a sentence, for the status line.
    pub(super) fn pair_sentence(&self, pair: Pair) -> Option<String> {
        let view = self.pair_view(pair)?;
        let mut sentence = format!("{} and {}", view.annotator_name, view.other_name);
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
        crate::app::comparison::compare_now(&mut state);
        let pair = Pair {
            annotator: 3,
            other: PairSide::Sample(10),
        };
        state.set_pair(Some(pair));
        let view = state.pair_view(pair).unwrap();
        assert_eq!(view.annotator_name, "annotator 4");
        assert!(view.tau.is_some());
        let overlap = view.overlap().unwrap();
        assert!((0.0..=1.0).contains(&overlap));
        assert_eq!(state.choices.selection.annotator, Some(3));
        assert_eq!(state.choices.selection.sample, Some(10));
        assert!(state.status.contains("kept by both"), "{}", state.status);
        let gone = Pair {
            annotator: 99,
            ..pair
        };
        assert_eq!(state.pair_view(gone), None);
    }
}
