//! Lays samples and annotators side by side for the distribution and matches panels, on a thread of its own.
//!
//! The newest question wins; the dear part, the rank correlations, is kept while only the selection changes.

mod layout;
mod matching;
mod scorers;

use std::sync::Arc;

use self::layout::{distribution_view, mean_summary, plot_of_scores};
use self::matching::{KnownTaus, match_view, taus_of};
use self::scorers::{KnownScorers, baselines, scorers_of};

use crate::analysis::distribution::{DensityStyle, DistributionInput, distribution};
use crate::analysis::raters::user_summaries;
use crate::domain::{
    AnnotationSet, DevicePreference, Draw, Features, FrameIndex, FrameRange, Segment,
};
use crate::jobs::Asker;
use crate::session::{Baseline, DistributionView, MatchView};
use crate::state::AppState;

/// Everything the comparison depends on.
#[derive(Clone)]
struct Question {
    draw: Arc<Draw>,
    annotations: Option<Arc<AnnotationSet>>,
    segments: Arc<[Segment]>,
    index: Arc<FrameIndex>,
    pick_times_secs: Arc<[f64]>,
    threshold: f64,
    features: Option<Arc<Features>>,
    device: DevicePreference,
    /// The bundle that extracted the features; empty where they came with a dataset.
    bundle: String,
    bandwidth_factor: f64,
    of_scores: bool,
}

impl Question {
    fn of(state: &AppState) -> Option<Self> {
        let session = state.session.as_ref()?;
        let draw = session
            .draw
            .as_ref()
            .filter(|draw| draw.sample_count() > 0)?;
        Some(Self {
            draw: draw.clone(),
            annotations: state.choices.annotations.clone(),
            segments: session.segments.clone(),
            index: session.index.clone(),
            pick_times_secs: session.pick_times_secs.clone(),
            threshold: state.prefs.match_threshold,
            features: session.features.clone(),
            device: state.prefs.device,
            bundle: if session.without_picture {
                String::new()
            } else {
                state.runtime.bundle.clone()
            },
            bandwidth_factor: state.distribution.bandwidth_factor(),
            of_scores: state.distribution.of_scores,
        })
    }

    fn same_as(&self, other: &Self) -> bool {
        let same_set = match (&self.annotations, &other.annotations) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_set
            && Arc::ptr_eq(&self.draw, &other.draw)
            && self.threshold == other.threshold
            && self.bandwidth_factor == other.bandwidth_factor
            && self.of_scores == other.of_scores
            && Arc::ptr_eq(&self.segments, &other.segments)
            && match (&self.features, &other.features) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                (None, None) => true,
                _ => false,
            }
    }
}

/// For each annotator the picked ranges, in seconds.
type RangesSecs = Arc<[Vec<(f64, f64)>]>;

struct Answer {
    question: Question,
    distribution: Option<Arc<DistributionView>>,
    matches: Option<Arc<MatchView>>,
    annotator_ranges_secs: Option<RangesSecs>,
    taus: Option<KnownTaus>,
    scorers: KnownScorers,
    baselines: Arc<[Baseline]>,
}

/// Keeps the comparison up to date.
#[derive(Default)]
pub struct Comparer {
    asker: Asker<Question, Answer>,
    taus: Option<KnownTaus>,
    scorers: KnownScorers,
}

impl Comparer {
    /// Takes in an answer and asks anew where something changed. Call once a frame; never blocks.
    pub fn follow(&mut self, state: &mut AppState, ctx: &egui::Context) {
        if let Some(answer) = self.asker.answer() {
            self.take(answer, state);
        }
        if self.asker.is_working() {
            return;
        }
        let Some(question) = Question::of(state) else {
            self.asker.forget();
            return;
        };
        let (known, scorers) = (self.taus.clone(), self.scorers.clone());
        let ctx = ctx.clone();
        self.asker.ask(
            "compare summaries",
            question,
            Question::same_as,
            move |question| answer(question, known, scorers),
            move || ctx.request_repaint(),
        );
    }

    /// The comparison at once, on this thread; correlations of an earlier call are kept where they still hold.
    pub fn compare_now(&mut self, state: &mut AppState) {
        let Some(question) = Question::of(state) else {
            return;
        };
        let answer = answer(question, self.taus.clone(), self.scorers.clone());
        self.take(answer, state);
    }

    fn take(&mut self, answer: Answer, state: &mut AppState) {
        self.taus = answer.taus;
        self.scorers = answer.scorers;
        let same_annotations = match (&answer.question.annotations, &state.choices.annotations) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        let Some(session) = &mut state.session else {
            return;
        };
        // Another video was opened meanwhile.
        if !Arc::ptr_eq(&session.index, &answer.question.index) || !same_annotations {
            return;
        }
        session.distribution = answer.distribution;
        session.matches = answer.matches;
        session.baselines = answer.baselines;
        if let Some(ranges) = answer.annotator_ranges_secs {
            session.annotator_ranges_secs = ranges;
        }
        state.settle_pair();
    }
}

fn answer(question: Question, known: Option<KnownTaus>, scorers: KnownScorers) -> Answer {
    let scorers = scorers_of(&question, scorers);
    let draw = &question.draw;
    let frame_segments: Vec<FrameRange> = question.segments.iter().map(Segment::frames).collect();
    let user: Vec<Vec<FrameRange>> = question
        .annotations
        .as_deref()
        .map(|set| user_summaries(set, &frame_segments, draw.settings.budget))
        .unwrap_or_default();
    let samples: Vec<Vec<FrameRange>> = (0..draw.sample_count())
        .map(|sample| draw.summary_ranges(sample, &question.segments))
        .collect();
    let medoids: Vec<usize> = draw
        .alternatives
        .iter()
        .map(|kind| kind.medoid_sample)
        .collect();
    let mean = mean_summary(draw, &question.segments, &question.index);
    let baselines = baselines(&question, &scorers.scores);
    let others: Vec<Vec<FrameRange>> = std::iter::once(mean)
        .chain(baselines.iter().map(|baseline| baseline.summary.clone()))
        .collect();
    let input = DistributionInput {
        annotators: &user,
        samples: &samples,
        medoids: &medoids,
        others: &others,
        frame_count: question.index.len(),
        stride: 1,
    };
    let style = DensityStyle {
        bandwidth_factor: question.bandwidth_factor,
        ..DensityStyle::default()
    };
    let plot = if question.of_scores {
        plot_of_scores(&question, &medoids, &baselines, &style)
    } else {
        distribution(&input, &style)
    };
    let taus = question
        .annotations
        .as_ref()
        .filter(|set| !set.annotators.is_empty())
        .map(|set| taus_of(&question, set, known, &scorers.scores));
    let annotator_ranges_secs = question.annotations.as_ref().map(|_| {
        user.iter()
            .map(|ranges| {
                ranges
                    .iter()
                    .map(|range| {
                        (
                            question.index.secs_from_frame(range.start),
                            question.index.secs_from_frame(range.end),
                        )
                    })
                    .collect()
            })
            .collect()
    });
    Answer {
        distribution: plot.map(|plot| Arc::new(distribution_view(plot, &baselines))),
        matches: taus.as_ref().map(|taus| {
            Arc::new(match_view(
                draw,
                &baselines,
                &taus.annotations,
                taus,
                question.threshold,
            ))
        }),
        annotator_ranges_secs,
        taus,
        scorers,
        baselines: baselines.into(),
        question,
    }
}

/// The comparison of a session at once, on this thread: for pictures without a window.
pub fn compare_now(state: &mut AppState) {
    Comparer::default().compare_now(state);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixture;

    #[test]
    fn the_fixture_s_own_samples_and_annotators_are_compared() {
        let mut state = fixture::state();
        compare_now(&mut state);
        let session = state.session.as_ref().unwrap();
        let plot = session.distribution.as_ref().unwrap();
        assert_eq!(plot.samples.len(), 100);
        assert_eq!(plot.annotators.len(), 20);
        assert!(plot.fitted_on_annotators && !plot.contours.is_empty());
        assert!(plot.mean.is_some());
        assert!(plot.explained[0] >= plot.explained[1] && plot.explained[1] > 0.0);

        let matches = session.matches.as_ref().unwrap();
        assert_eq!(matches.rows.len(), 4 + 2);
        let mut columns = matches.columns.clone();
        columns.sort_unstable();
        assert_eq!(columns, (0..20).collect::<Vec<_>>());
        // The row of all samples is the mean of the kinds' rows, weighted by their shares.
        let draw = session.draw.as_ref().unwrap();
        for column in 0..20 {
            let weighted: f64 = draw
                .alternatives
                .iter()
                .zip(&matches.rows)
                .map(|(kind, row)| kind.share * f64::from(row.shares[column].unwrap()))
                .sum();
            let all = f64::from(matches.rows[4].shares[column].unwrap());
            assert!((weighted - all).abs() < 1e-5);
        }
    }

    #[test]
    fn without_annotators_the_samples_alone_are_laid_out() {
        let mut state = fixture::state_of(fixture::Size {
            annotators: 0,
            ..Default::default()
        });
        compare_now(&mut state);
        let session = state.session.as_ref().unwrap();
        assert!(session.matches.is_none());
        assert!(!session.distribution.as_ref().unwrap().fitted_on_annotators);
    }

    #[test]
    fn correlations_are_kept_while_only_the_selection_changes() {
        let mut state = fixture::state();
        let question = Question::of(&state).unwrap();
        let first = answer(question, None, KnownScorers::default());
        let mut draw = (**state.draw().unwrap()).clone();
        draw.settings.budget = 0.3;
        if let Some(session) = &mut state.session {
            session.draw = Some(Arc::new(draw));
        }
        let kept = first.taus.clone().unwrap();
        let second = answer(Question::of(&state).unwrap(), first.taus, first.scorers);
        assert!(Arc::ptr_eq(&kept.samples, &second.taus.unwrap().samples));
    }
}
