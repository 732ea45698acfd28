//! Lays samples and annotators side by side for the distribution and matches panels, on a thread of its own.
//!
//! The newest question wins; the dear part, the rank correlations, is kept while only the selection changes.

use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};
use ndarray::Array2;

use super::state::{AppState, Baseline, ContourView, DistributionView, MatchRow, MatchView};
use crate::analysis::distribution::{
    DensityStyle, DistributionInput, DistributionPlot, FittedOn, distribution,
    distribution_of_scores,
};
use crate::analysis::matches::{MatchTaus, order_columns};
use crate::analysis::raters::{scores_at_frames, user_summaries};
use crate::domain::{
    AnnotationSet, DevicePreference, Draw, Features, FrameIndex, FrameRange, Segment,
};
use crate::inference::BundleKind;
use crate::jobs;
use crate::pipeline::{Method, methods};
use crate::ui::text;

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

/// Rank correlations and what they are of.
#[derive(Clone)]
struct KnownTaus {
    scores: Arc<Array2<f32>>,
    annotations: Arc<AnnotationSet>,
    samples: Arc<MatchTaus>,
    mean: Arc<MatchTaus>,
    baselines: Arc<MatchTaus>,
    /// What the baselines' correlations are of.
    baseline_scores: Arc<[(String, Vec<f32>)]>,
}

/// Scores of every installed scorer that fits, and the features they are of. The networks stay loaded.
#[derive(Clone, Default)]
struct KnownScorers {
    /// By name; loaded for features of this size.
    networks: Arc<[(String, Method)]>,
    size: usize,
    features: Option<Arc<Features>>,
    /// In the order of `networks`, those that failed left out.
    scores: Arc<[(String, Vec<f32>)]>,
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
    running: Option<Receiver<Answer>>,
    asked: Option<Question>,
    taus: Option<KnownTaus>,
    scorers: KnownScorers,
}

impl Comparer {
    /// Takes in an answer and asks anew where something changed. Call once a frame; never blocks.
    pub fn follow(&mut self, state: &mut AppState, ctx: &egui::Context) {
        if let Some(receiver) = &self.running {
            match receiver.try_recv() {
                Ok(answer) => {
                    self.running = None;
                    self.take(answer, state);
                }
                Err(crossbeam_channel::TryRecvError::Empty) => return,
                Err(crossbeam_channel::TryRecvError::Disconnected) => self.running = None,
            }
        }
        let Some(question) = Question::of(state) else {
            self.asked = None;
            return;
        };
        if self
            .asked
            .as_ref()
            .is_some_and(|asked| asked.same_as(&question))
        {
            return;
        }
        self.asked = Some(question.clone());
        let (known, scorers) = (self.taus.clone(), self.scorers.clone());
        let (sender, receiver) = bounded(1);
        let ctx = ctx.clone();
        let started = jobs::spawn("compare summaries", move || {
            // Nobody asks any more once the window is closed.
            let _ = sender.send(answer(question, known, scorers));
            ctx.request_repaint();
        });
        match started {
            Ok(_) => self.running = Some(receiver),
            Err(error) => log::warn!("could not compare summaries: {error}"),
        }
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

/// The plane of importance scores at the picks instead of selections; the mean score leads the other rows.
fn plot_of_scores(
    question: &Question,
    medoids: &[usize],
    baselines: &[Baseline],
    style: &DensityStyle,
) -> Option<DistributionPlot> {
    let frames: Vec<u64> = question
        .pick_times_secs
        .iter()
        .map(|&secs| question.index.nearest_frame(secs))
        .collect();
    let set = question.annotations.as_deref();
    let annotators: Vec<Vec<f32>> = set
        .into_iter()
        .flat_map(|set| &set.annotators)
        .map(|annotator| scores_at_frames(annotator, &frames))
        .collect();
    let samples: Vec<Vec<f32>> = question
        .draw
        .scores
        .outer_iter()
        .map(|row| row.to_vec())
        .collect();
    let others: Vec<Vec<f32>> = std::iter::once(question.draw.mean_scores.clone())
        .chain(baselines.iter().map(|baseline| baseline.scores.clone()))
        .collect();
    // Annotators rate on scales of their own: every row is stretched to [0, 1].
    let stretched =
        |rows: &[Vec<f32>]| -> Vec<Vec<f32>> { rows.iter().map(|row| stretch(row)).collect() };
    distribution_of_scores(
        &stretched(&annotators),
        &stretched(&samples),
        medoids,
        &stretched(&others),
        style,
    )
}

/// A row moved and scaled so that it runs from 0 to 1; a constant row becomes 0.
fn stretch(row: &[f32]) -> Vec<f32> {
    let finite = row.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), value| {
        (a.min(value), b.max(value))
    });
    let span = if high > low { high - low } else { 1.0 };
    row.iter().map(|value| (value - low) / span).collect()
}

/// The summary that the mean of all scores would give, within the budget.
fn mean_summary(draw: &Draw, segments: &[Segment], index: &FrameIndex) -> Vec<FrameRange> {
    use crate::summary::{SegmentWeights, knapsack, select::capacity};
    let frames: Vec<u64> = (0..draw.mean_scores.len())
        .map(|pick| pick as u64 * index.len() / draw.mean_scores.len().max(1) as u64)
        .collect();
    let ranges: Vec<FrameRange> = segments.iter().map(Segment::frames).collect();
    let weights = SegmentWeights::new(&frames, &ranges, index.len());
    let means = weights.means(ndarray::ArrayView1::from(&draw.mean_scores));
    let values: Vec<f64> = means.into_iter().map(f64::from).collect();
    let chosen = knapsack(
        &values,
        weights.frame_counts(),
        capacity(draw.settings.budget, index.len()),
    );
    FrameRange::merged(chosen.items.into_iter().map(|item| ranges[item]).collect())
}

/// The scorers' scores of the question's features; known ones are kept, and networks are loaded once for a size of features.
fn scorers_of(question: &Question, known: KnownScorers) -> KnownScorers {
    let Some(features) = question
        .features
        .clone()
        .filter(|features| features.values.ncols() > 0)
    else {
        // The empty list is kept as it is, so that what was worked out with it is too.
        return match known.features {
            None => known,
            Some(_) => KnownScorers {
                features: None,
                scores: Arc::default(),
                ..known
            },
        };
    };
    if known
        .features
        .as_ref()
        .is_some_and(|old| Arc::ptr_eq(old, &features))
    {
        return known;
    }
    let size = features.values.ncols();
    let networks = if known.size == size {
        known.networks
    } else {
        let loaded = |(name, bundle): (String, crate::inference::Bundle)| match Method::open(
            &bundle,
            question.device,
        ) {
            Ok(method) => Some((name, method)),
            Err(error) => {
                log::warn!("{error}");
                None
            }
        };
        methods::fitting(BundleKind::Scorer, size)
            .into_iter()
            .filter_map(loaded)
            .collect()
    };
    let scored = |(name, method): &(String, Method)| {
        let Method::Scorer(scorer) = method else {
            return None;
        };
        match scorer.score(features.values.view()) {
            Ok(scores) => Some((name.clone(), scores)),
            Err(error) => {
                log::warn!("{error}");
                None
            }
        }
    };
    KnownScorers {
        scores: networks.iter().filter_map(scored).collect(),
        networks,
        size,
        features: Some(features),
    }
}

/// Each scorer's summary within the budget.
fn baselines(question: &Question, scores: &[(String, Vec<f32>)]) -> Vec<Baseline> {
    use crate::summary::{SegmentWeights, knapsack, select::capacity};
    if scores.is_empty() {
        return Vec::new();
    }
    let frames = pick_frames(question);
    let ranges: Vec<FrameRange> = question.segments.iter().map(Segment::frames).collect();
    let weights = SegmentWeights::new(&frames, &ranges, question.index.len());
    let capacity = capacity(question.draw.settings.budget, question.index.len());
    scores
        .iter()
        .filter(|(_, scores)| scores.len() == frames.len())
        .map(|(name, scores)| {
            let means = weights.means(ndarray::ArrayView1::from(scores));
            let values: Vec<f64> = means.into_iter().map(f64::from).collect();
            let chosen = knapsack(&values, weights.frame_counts(), capacity);
            Baseline {
                name: name.clone(),
                scores: scores.clone(),
                summary: FrameRange::merged(
                    chosen.items.into_iter().map(|item| ranges[item]).collect(),
                ),
            }
        })
        .collect()
}

fn pick_frames(question: &Question) -> Vec<u64> {
    question
        .pick_times_secs
        .iter()
        .map(|&secs| question.index.nearest_frame(secs))
        .collect()
}

fn taus_of(
    question: &Question,
    set: &Arc<AnnotationSet>,
    known: Option<KnownTaus>,
    scorers: &Arc<[(String, Vec<f32>)]>,
) -> KnownTaus {
    if let Some(known) = known
        && Arc::ptr_eq(&known.scores, &question.draw.scores)
        && Arc::ptr_eq(&known.annotations, set)
        && Arc::ptr_eq(&known.baseline_scores, scorers)
    {
        return known;
    }
    let frames = pick_frames(question);
    let annotators: Vec<Vec<f32>> = set
        .annotators
        .iter()
        .map(|annotator| scores_at_frames(annotator, &frames))
        .collect();
    let samples: Vec<Vec<f32>> = question
        .draw
        .scores
        .rows()
        .into_iter()
        .map(|row| row.to_vec())
        .collect();
    KnownTaus {
        scores: question.draw.scores.clone(),
        annotations: set.clone(),
        samples: Arc::new(MatchTaus::new(&samples, &annotators)),
        mean: Arc::new(MatchTaus::new(
            std::slice::from_ref(&question.draw.mean_scores),
            &annotators,
        )),
        baselines: Arc::new(MatchTaus::new(
            &scorers
                .iter()
                .filter(|(_, scores)| scores.len() == frames.len())
                .map(|(_, scores)| scores.clone())
                .collect::<Vec<_>>(),
            &annotators,
        )),
        baseline_scores: Arc::clone(scorers),
    }
}

fn distribution_view(plot: DistributionPlot, baselines: &[Baseline]) -> DistributionView {
    let mut contours = Vec::new();
    for level in &plot.contours {
        for polygon in &level.polygons {
            let outline = std::iter::once((&polygon.exterior, false));
            for (ring, hole) in outline.chain(polygon.holes.iter().map(|ring| (ring, true))) {
                let mut ring = ring.clone();
                // Closed rings repeat their first point.
                if ring.len() > 1 && ring.first() == ring.last() {
                    ring.pop();
                }
                contours.push(ContourView {
                    level: level.level,
                    ring,
                    hole,
                });
            }
        }
    }
    DistributionView {
        samples: plot.samples,
        annotators: plot.annotators,
        mean: plot.others.first().copied(),
        baselines: baselines
            .iter()
            .map(|baseline| baseline.name.clone())
            .zip(plot.others.iter().skip(1).copied())
            .collect(),
        explained: plot.explained,
        contours,
        fitted_on_annotators: plot.fitted_on == FittedOn::Annotators,
        sample_residuals: plot.sample_residuals,
        residual_limit: plot.residual_limit,
    }
}

fn match_view(
    draw: &Draw,
    baselines: &[Baseline],
    set: &AnnotationSet,
    taus: &KnownTaus,
    threshold: f64,
) -> MatchView {
    let mut rows: Vec<_> = draw
        .alternatives
        .iter()
        .map(|kind| {
            taus.samples
                .row(text::percent(kind.share), &kind.members, threshold)
        })
        .collect();
    let everything: Vec<usize> = (0..draw.sample_count()).collect();
    let all = taus.samples.row("all", &everything, threshold);
    // Annotators that the same kinds match stand side by side.
    let columns = if rows.is_empty() {
        (0..set.annotators.len()).collect()
    } else {
        order_columns(&rows)
    };
    let reached = all
        .shares
        .iter()
        .filter(|share| share.is_some_and(|share| share > 0.0))
        .count();
    let kinds = rows.len();
    rows.push(all);
    rows.push(taus.mean.row("mean", &[0], threshold));
    let fixed = rows.len();
    rows.extend(
        baselines
            .iter()
            .enumerate()
            .map(|(at, baseline)| taus.baselines.row(baseline.name.clone(), &[at], threshold)),
    );
    MatchView {
        threshold,
        taus: Arc::clone(&taus.samples),
        baseline_taus: Arc::clone(&taus.baselines),
        reached,
        annotators: columns
            .iter()
            .map(|&annotator| set.annotators[annotator].name.clone())
            .collect(),
        rows: rows
            .into_iter()
            .enumerate()
            .map(|(index, row)| MatchRow {
                label: row.label,
                alternative: (index < kinds).then_some(index),
                baseline: index.checked_sub(fixed),
                members: if index <= kinds {
                    row.members
                } else {
                    Vec::new()
                },
                shares: columns
                    .iter()
                    .map(|&annotator| {
                        row.shares
                            .get(annotator)
                            .copied()
                            .flatten()
                            .map(|share| share as f32)
                    })
                    .collect(),
            })
            .collect(),
        columns,
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
