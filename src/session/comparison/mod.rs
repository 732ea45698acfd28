//! Lays samples and annotators side by side for the distribution and matches panels. Starts no
//! thread.
//!
//! The costly part, the rank correlations, is kept while only the selection changes.

mod layout;
mod matching;
mod scorers;

use std::sync::Arc;

use self::layout::{distribution_view, plot_of_scores};
use self::matching::{KnownTaus, match_view, taus_of};
use self::scorers::{KnownScorers, baselines, scorers_of, summary_by};

use crate::analysis::distribution::{DensityStyle, DistributionInput, distribution};
use crate::analysis::raters::user_summaries;
use crate::domain::{
    AnnotationSet, DevicePreference, Draw, Features, FrameIndex, FrameRange, Segment,
};
use crate::session::{Baseline, DistributionView, MatchView, Session};

/// What is compared beside what the session knows, as the window or the command line is set.
#[derive(Clone)]
pub struct ComparisonSettings {
    pub annotations: Option<Arc<AnnotationSet>>,
    /// Least Kendall's τ-b that counts as a match.
    pub threshold: f64,
    pub device: DevicePreference,
    /// The bundle that extracted the features; empty where they came with a dataset.
    pub bundle: String,
    /// Factor on Scott's bandwidth.
    pub bandwidth_factor: f64,
    /// Lay out importance scores instead of selections.
    pub of_scores: bool,
    /// An earlier draw to lay out behind this one, with the segments that it selected from.
    pub earlier: Option<(Arc<Draw>, Arc<[Segment]>)>,
}

/// Everything the comparison depends on.
#[derive(Clone)]
pub struct ComparisonInput {
    draw: Arc<Draw>,
    segments: Arc<[Segment]>,
    index: Arc<FrameIndex>,
    pick_times_secs: Arc<[f64]>,
    features: Option<Arc<Features>>,
    settings: ComparisonSettings,
}

impl ComparisonInput {
    /// Of a session; `None` while it has no samples.
    pub fn of(session: &Session, settings: ComparisonSettings) -> Option<Self> {
        let draw = session
            .draw
            .as_ref()
            .filter(|draw| draw.sample_count() > 0)?;
        Some(Self {
            draw: draw.clone(),
            segments: session.segments.clone(),
            index: session.index.clone(),
            pick_times_secs: session.pick_times_secs.clone(),
            features: session.features.clone(),
            settings,
        })
    }

    /// Whether both give the same comparison.
    pub fn same_as(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.settings, &other.settings);
        same_arc(mine.annotations.as_ref(), theirs.annotations.as_ref())
            && Arc::ptr_eq(&self.draw, &other.draw)
            && mine.threshold == theirs.threshold
            && mine.bandwidth_factor == theirs.bandwidth_factor
            && mine.of_scores == theirs.of_scores
            && same_arc(
                mine.earlier.as_ref().map(|(draw, _)| draw),
                theirs.earlier.as_ref().map(|(draw, _)| draw),
            )
            && Arc::ptr_eq(&self.segments, &other.segments)
            && same_arc(self.features.as_ref(), other.features.as_ref())
    }
}

fn same_arc<T>(a: Option<&Arc<T>>, b: Option<&Arc<T>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// For each annotator the picked ranges, in seconds.
type RangesSecs = Arc<[Vec<(f64, f64)>]>;

/// Costly parts of an earlier comparison, kept while what they depend on stays the same.
#[derive(Clone, Default)]
pub struct Known {
    taus: Option<KnownTaus>,
    scorers: KnownScorers,
}

/// The comparison, and what it is of.
pub struct Compared {
    input: ComparisonInput,
    distribution: Option<Arc<DistributionView>>,
    matches: Option<Arc<MatchView>>,
    annotator_ranges_secs: Option<RangesSecs>,
    baselines: Arc<[Baseline]>,
    /// For the next comparison.
    pub known: Known,
}

impl Session {
    /// Takes in a comparison, unless it is of another video or of other annotations. Whether it was
    /// taken.
    pub fn take_comparison(
        &mut self,
        compared: Compared,
        annotations: Option<&Arc<AnnotationSet>>,
    ) -> bool {
        let of_these = same_arc(compared.input.settings.annotations.as_ref(), annotations);
        if !of_these || !Arc::ptr_eq(&self.index, &compared.input.index) {
            return false;
        }
        self.distribution = compared.distribution;
        self.matches = compared.matches;
        self.baselines = compared.baselines;
        if let Some(ranges) = compared.annotator_ranges_secs {
            self.annotator_ranges_secs = ranges;
        }
        true
    }
}

/// Lays samples, annotators and scorers side by side. Takes a moment: for a worker thread.
pub fn compare(input: ComparisonInput, known: Known) -> Compared {
    let scorers = scorers_of(&input, known.scorers);
    let draw = &input.draw;
    let frame_segments: Vec<FrameRange> = input.segments.iter().map(Segment::frames).collect();
    let user: Vec<Vec<FrameRange>> = input
        .settings
        .annotations
        .as_deref()
        .map(|set| user_summaries(set, &frame_segments, draw.settings.budget))
        .unwrap_or_default();
    let samples: Vec<Vec<FrameRange>> = (0..draw.sample_count())
        .map(|sample| draw.summary_ranges(sample, &input.segments))
        .collect();
    let medoids: Vec<usize> = draw
        .alternatives
        .iter()
        .map(|kind| kind.medoid_sample)
        .collect();
    let mean = summary_by(&input, &draw.mean_scores);
    let baselines = baselines(&input, &scorers.scores);
    let faces = (draw.alternatives.iter()).map(|kind| {
        let kept = (kind.selected_segments.iter()).filter_map(|&at| frame_segments.get(at));
        FrameRange::merged(kept.copied().collect())
    });
    let others: Vec<Vec<FrameRange>> = std::iter::once(mean)
        .chain(faces)
        .chain(baselines.iter().map(|baseline| baseline.summary.clone()))
        .chain(earlier_summaries(&input))
        .collect();
    let points = DistributionInput {
        annotators: &user,
        samples: &samples,
        medoids: &medoids,
        others: &others,
        frame_count: input.index.len(),
        stride: 1,
    };
    let style = DensityStyle {
        bandwidth_factor: input.settings.bandwidth_factor,
        ..DensityStyle::default()
    };
    let plot = if input.settings.of_scores {
        plot_of_scores(&input, &medoids, &baselines, &style)
    } else {
        distribution(&points, &style)
    };
    let taus = input
        .settings
        .annotations
        .as_ref()
        .filter(|set| !set.annotators.is_empty())
        .map(|set| taus_of(&input, set, known.taus, &scorers.scores));
    let annotator_ranges_secs = input.settings.annotations.as_ref().map(|_| {
        user.iter()
            .map(|ranges| input.index.ranges_secs(ranges))
            .collect()
    });
    Compared {
        distribution: plot.map(|plot| {
            let earlier = input.settings.earlier.as_ref();
            let seed = earlier.map(|(draw, _)| draw.settings.seed);
            Arc::new(distribution_view(plot, draw, &baselines, seed))
        }),
        matches: taus.as_ref().map(|taus| {
            Arc::new(match_view(
                draw,
                &baselines,
                &taus.annotations,
                taus,
                input.settings.threshold,
            ))
        }),
        annotator_ranges_secs,
        baselines: baselines.into(),
        known: Known { taus, scorers },
        input,
    }
}

/// What the samples of the earlier draw keep.
fn earlier_summaries(input: &ComparisonInput) -> Vec<Vec<FrameRange>> {
    let Some((draw, segments)) = &input.settings.earlier else {
        return Vec::new();
    };
    (0..draw.sample_count())
        .map(|sample| draw.summary_ranges(sample, segments))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixture;

    #[test]
    fn the_fixture_s_own_samples_and_annotators_are_compared() {
        let mut state = fixture::state();
        state.compare_now();
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
    fn the_mean_of_one_sample_lies_where_the_sample_lies() {
        let mut state = fixture::state();
        let session = state.session.as_mut().unwrap();
        // Picks that stand closer and closer together.
        let count = session.pick_times_secs.len();
        let duration = session.duration_secs();
        let share = |pick: usize| (pick as f64 / count as f64).sqrt();
        session.pick_times_secs = (0..count).map(|pick| duration * share(pick)).collect();
        let picks: Vec<u64> = (session.pick_times_secs.iter())
            .map(|&secs| session.index.nearest_frame(secs))
            .collect();
        let mut draw = (**session.draw.as_ref().unwrap()).clone();
        let scores = draw.scores.slice(ndarray::s![..1, ..]).to_owned();
        let (segments, frames) = (&session.segments, session.index.len());
        let budget = draw.settings.budget;
        let selected = crate::summary::select(scores.view(), &picks, segments, frames, budget);
        draw.selections = Arc::new(selected.chosen);
        draw.mean_scores = scores.row(0).to_vec();
        draw.scores = Arc::new(scores);
        draw.alternatives.clear();
        session.draw = Some(Arc::new(draw));
        state.compare_now();
        let session = state.session.as_ref().unwrap();
        let plot = session.distribution.as_ref().unwrap();
        assert_eq!(plot.mean, Some(plot.samples[0]));
    }

    #[test]
    fn without_annotators_the_samples_alone_are_laid_out() {
        let mut state = fixture::state_of(fixture::Size {
            annotators: 0,
            ..Default::default()
        });
        state.compare_now();
        let session = state.session.as_ref().unwrap();
        assert!(session.matches.is_none());
        assert!(!session.distribution.as_ref().unwrap().fitted_on_annotators);
    }

    #[test]
    fn correlations_are_kept_while_only_the_selection_changes() {
        let mut state = fixture::state();
        let first = compare(state.comparison_input().unwrap(), Known::default());
        let mut draw = (**state.draw().unwrap()).clone();
        draw.settings.budget = 0.3;
        if let Some(session) = &mut state.session {
            session.draw = Some(Arc::new(draw));
        }
        let kept = first.known.taus.clone().unwrap();
        let second = compare(state.comparison_input().unwrap(), first.known);
        assert!(Arc::ptr_eq(
            &kept.samples,
            &second.known.taus.unwrap().samples
        ));
    }
}
