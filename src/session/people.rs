//! Annotators side by side: agreement with intervals, where they differ, and which samples see it
//! their way.

use std::sync::Arc;

use ndarray::Array2;

use crate::analysis::agreement::{
    AgreementParams, compare_annotators, disagreement_by_shot, pick_flags,
};
use crate::analysis::matches::MatchTaus;
use crate::analysis::pair_intervals::{PairIntervals, Resampling, pair_intervals};
use crate::analysis::raters::{frame_count_of, scores_at_frames, scores_at_stride};
use crate::analysis::reliability::Interval;
use crate::domain::{AnnotationSet, Draw, FrameIndex, FrameRange, Segment, ranges};
use crate::domain::{Letter, SummaryRef};
use crate::jobs::CancelToken;
use crate::session::Session;

/// Moments that are resampled at most; a longer video is resampled more sparsely. The figures
/// themselves look at every stride.
const MOST_UNITS: u64 = 1000;
/// Length of the runs that are resampled, seconds.
const RUN_SECS: f64 = 10.0;

/// A number in the matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    #[default]
    Tau,
    F1,
}

/// One side of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// By name.
    Annotator(String),
    Summary(SummaryRef),
}

/// Which part of two summaries is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PairPart {
    First,
    Second,
    Both,
    OnlyFirst,
    OnlySecond,
    #[default]
    Either,
}

impl PairPart {
    pub const ALL: [Self; 6] = [
        Self::First,
        Self::Second,
        Self::Both,
        Self::OnlyFirst,
        Self::OnlySecond,
        Self::Either,
    ];

    /// The frames of the part.
    pub fn of(self, first: &[FrameRange], second: &[FrameRange]) -> Vec<FrameRange> {
        match self {
            Self::First => first.to_vec(),
            Self::Second => second.to_vec(),
            Self::Both => ranges::intersection(first, second),
            Self::OnlyFirst => ranges::difference(first, second),
            Self::OnlySecond => ranges::difference(second, first),
            Self::Either => ranges::union(first, second),
        }
    }
}

/// How the samples stand to one annotator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearness {
    /// The sample with the highest τ, and that τ.
    pub sample: usize,
    pub tau: f64,
    /// The alternative whose samples have the highest mean τ, and that mean.
    pub alternative: Option<(Letter, f64)>,
    /// Share of all samples whose τ reaches the threshold.
    pub share: f64,
}

/// The comparison of all annotators of a video.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// How it was measured.
    pub params: AgreementParams,
    pub names: Vec<String>,
    /// What each keeps within the budget: own picks, or the knapsack over the ratings.
    pub summaries: Vec<Vec<FrameRange>>,
    pub tau: Array2<Option<f64>>,
    /// Percent.
    pub f1: Array2<Option<f64>>,
    pub intervals: PairIntervals,
    /// Krippendorff's α of the scores.
    pub alpha: Option<Interval>,
    /// Stretches of time and how much the annotators differ there, 0 to 0.5.
    pub disagreement: Vec<((f64, f64), f32)>,
    /// For each annotator; `None` without samples or where τ is undefined.
    pub nearness: Vec<Option<Nearness>>,
}

/// Everything the comparison depends on.
#[derive(Clone)]
pub struct PeopleInput {
    annotations: Arc<AnnotationSet>,
    draw: Option<Arc<Draw>>,
    segments: Arc<[Segment]>,
    index: Arc<FrameIndex>,
    pick_times_secs: Arc<[f64]>,
    threshold: f64,
    params: AgreementParams,
}

impl PeopleInput {
    /// Of a session and its annotators. `threshold`: least τ that counts as a match.
    pub fn of(
        session: &Session,
        annotations: Arc<AnnotationSet>,
        threshold: f64,
        params: AgreementParams,
    ) -> Self {
        Self {
            annotations,
            draw: session.draw.clone().filter(|draw| draw.sample_count() > 0),
            segments: session.segments.clone(),
            index: session.index.clone(),
            pick_times_secs: session.pick_times_secs.clone(),
            threshold,
            params,
        }
    }

    /// Whether both give the same comparison.
    pub fn same_as(&self, other: &Self) -> bool {
        let same_draw = match (&self.draw, &other.draw) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_draw
            && Arc::ptr_eq(&self.annotations, &other.annotations)
            && Arc::ptr_eq(&self.segments, &other.segments)
            && self.threshold == other.threshold
            && self.params == other.params
    }

    fn compared(&self) -> Comparison {
        let set = &*self.annotations;
        let segments: Vec<FrameRange> = self.segments.iter().map(Segment::frames).collect();
        let params = self.params;
        let found = compare_annotators(set, &segments, &params, &CancelToken::new());
        let (matrix, summaries) = (found.matrix, found.summaries);
        let frame_count = frame_count_of(set);
        let stride = params.stride.max(frame_count / MOST_UNITS);
        let scores: Vec<Vec<f32>> = set
            .annotators
            .iter()
            .map(|annotator| scores_at_stride(annotator, frame_count, stride))
            .collect();
        let picked = pick_flags(&summaries, frame_count, stride);
        let units_a_sec =
            frame_count as f64 / stride as f64 / self.index.duration_secs().max(f64::MIN_POSITIVE);
        let block = (RUN_SECS * units_a_sec).round().max(1.0) as usize;
        let pairs = set.annotators.len() * set.annotators.len().saturating_sub(1) / 2;
        let resampling = Resampling {
            block,
            resamples: if pairs > 50 { 80 } else { 200 },
            seed: 0,
        };
        let intervals = pair_intervals(
            &scores,
            &picked,
            &matrix.tau,
            &matrix.f1,
            found.agreement.kappa,
            resampling,
        );
        Comparison {
            params,
            names: matrix.names,
            summaries,
            alpha: found.agreement.alpha,
            disagreement: disagreement_by_shot(set)
                .into_iter()
                .map(|(shot, value)| {
                    let secs = |frame| self.index.secs_from_frame(frame);
                    ((secs(shot.start), secs(shot.end)), value)
                })
                .collect(),
            tau: matrix.tau,
            f1: matrix.f1,
            intervals,
            nearness: self.nearness(),
        }
    }

    fn nearness(&self) -> Vec<Option<Nearness>> {
        let people = &self.annotations.annotators;
        let Some(draw) = &self.draw else {
            return vec![None; people.len()];
        };
        let frames: Vec<u64> = self
            .pick_times_secs
            .iter()
            .map(|&secs| self.index.frame_at_secs(secs))
            .collect();
        let samples: Vec<Vec<f32>> = draw
            .scores
            .rows()
            .into_iter()
            .map(|row| row.to_vec())
            .collect();
        let vectors: Vec<Vec<f32>> = people
            .iter()
            .map(|annotator| scores_at_frames(annotator, &frames))
            .collect();
        if samples.iter().any(|sample| sample.len() != frames.len()) {
            return vec![None; people.len()];
        }
        let taus = MatchTaus::new(&samples, &vectors);
        let all: Vec<usize> = (0..samples.len()).collect();
        let shares = taus.row("", &all, self.threshold).shares;
        (0..people.len())
            .map(|annotator| {
                let (sample, tau) = taus.nearest_sample(annotator)?;
                let mean =
                    |members: &[usize]| {
                        crate::analysis::agreement::mean_of(members.iter().filter_map(|&sample| {
                            taus.taus.get(sample)?.get(annotator).copied()?
                        }))
                    };
                let alternative = draw
                    .alternatives
                    .iter()
                    .filter_map(|kind| Some((kind.letter(), mean(&kind.members)?)))
                    .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
                Some(Nearness {
                    sample,
                    tau,
                    alternative,
                    share: shares.get(annotator).copied().flatten()?,
                })
            })
            .collect()
    }
}

/// Compares all annotators. Takes a moment: for a worker thread.
pub fn compare_people(input: &PeopleInput) -> Comparison {
    input.compared()
}

/// What a side is called.
pub fn side_name(side: &Side) -> String {
    match side {
        Side::Annotator(name) => name.clone(),
        Side::Summary(SummaryRef::Alternative(letter)) => format!("Alternative {letter}"),
        Side::Summary(SummaryRef::Sample(sample)) => format!("Sample {sample}"),
        Side::Summary(SummaryRef::Edited(number)) => format!("Edit {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixture;

    #[test]
    fn the_fixture_s_annotators_are_compared() {
        let mut state = fixture::state();
        state.compare_people_now();
        let comparison = state.annotate.comparison.clone().unwrap();
        assert_eq!(comparison.names.len(), 20);
        // Annotators of the first kind agree more among themselves than with those of the third.
        let mean = |others: std::ops::Range<usize>| {
            let pairs = (0..8).flat_map(|a| others.clone().map(move |b| [a, b]));
            let values = pairs.filter_map(|pair| comparison.f1[pair]);
            crate::analysis::agreement::mean_of(values).unwrap()
        };
        assert!(mean(0..8) > mean(14..18) + 10.0);
        let kappa = comparison.intervals.kappa.unwrap();
        assert!(kappa.low < kappa.value && kappa.value < kappa.high);
        assert!(comparison.alpha.is_some());
        assert_eq!(comparison.disagreement.len(), 174);
        // The nearest sample of an annotator of the first kind is of that kind.
        let near = comparison.nearness[0].unwrap();
        assert_eq!(near.alternative.unwrap().0, Letter(0));
        assert_eq!(state.draw().unwrap().alternative_of(near.sample), Some(0));
        assert!((0.0..=1.0).contains(&near.share));
    }

    #[test]
    fn the_command_line_finds_the_same_figures() {
        use crate::analysis::agreement::{RatingScale, SummaryUnit, dataset_agreement_until};

        let mut state = fixture::state();
        let segments = state.session.as_ref().unwrap().segments.clone();
        let segments = vec![segments.iter().map(Segment::frames).collect()];
        for unit in [SummaryUnit::Shots, SummaryUnit::Segments] {
            for ratings in [RatingScale::Raw, RatingScale::Scaled] {
                (state.annotate.unit, state.annotate.ratings) = (unit, ratings);
                state.compare_people_now();
                let shown = state.annotate.comparison.clone().unwrap();
                let set = state.choices.annotations.clone().unwrap();
                let params = AgreementParams {
                    unit,
                    ratings,
                    ..AgreementParams::default()
                };
                let printed = dataset_agreement_until(
                    std::slice::from_ref(&*set),
                    &segments,
                    &params,
                    &CancelToken::new(),
                );
                let printed = &printed.videos[0];
                let value = |interval: Option<Interval>| interval.map(|found| found.value);
                assert_eq!(value(shown.intervals.mean_tau), printed.tau);
                assert_eq!(value(shown.intervals.mean_f1), printed.f1);
                assert_eq!(value(shown.intervals.kappa), printed.kappa);
                assert_eq!(shown.alpha, printed.alpha);
            }
        }
    }

    #[test]
    fn parts_of_a_pair_are_set_operations() {
        let a = [FrameRange::new(0, 10), FrameRange::new(20, 30)];
        let b = [FrameRange::new(5, 25)];
        assert_eq!(
            PairPart::Both.of(&a, &b),
            [FrameRange::new(5, 10), FrameRange::new(20, 25)]
        );
        assert_eq!(
            PairPart::OnlyFirst.of(&a, &b),
            [FrameRange::new(0, 5), FrameRange::new(25, 30)]
        );
        assert_eq!(PairPart::OnlySecond.of(&a, &b), [FrameRange::new(10, 20)]);
        assert_eq!(PairPart::Either.of(&a, &b), [FrameRange::new(0, 30)]);
        assert_eq!(PairPart::First.of(&a, &b), a);
        assert_eq!(PairPart::Second.of(&a, &b), b);
    }
}
