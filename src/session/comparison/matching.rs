//! How alike samples and scorers rank the frames to each annotator, as the matches show it.

use super::ComparisonInput;
use crate::analysis::matches::{MatchTaus, order_columns};
use crate::analysis::raters::scores_at_frames;
use crate::domain::{Alternative, AnnotationSet, Draw};
use crate::session::{Baseline, MatchRow, MatchView};
use crate::ui::text;
use ndarray::Array2;
use std::sync::Arc;

/// Rank correlations and what they are of.
#[derive(Clone)]
pub(super) struct KnownTaus {
    pub(super) scores: Arc<Array2<f32>>,
    pub(super) annotations: Arc<AnnotationSet>,
    pub(super) samples: Arc<MatchTaus>,
    pub(super) mean: Arc<MatchTaus>,
    /// What the mean's correlations are of: answers move it while the samples stay.
    pub(super) mean_scores: Vec<f32>,
    pub(super) baselines: Arc<MatchTaus>,
    /// What the baselines' correlations are of.
    pub(super) baseline_scores: Arc<[(String, Vec<f32>)]>,
    pub(super) alternatives: Arc<MatchTaus>,
    /// What the alternatives' correlations are of.
    pub(super) alternative_scores: Vec<Vec<f32>>,
}

pub(super) fn pick_frames(input: &ComparisonInput) -> Vec<u64> {
    input
        .pick_times_secs
        .iter()
        .map(|&secs| input.index.nearest_frame(secs))
        .collect()
}

pub(super) fn taus_of(
    input: &ComparisonInput,
    set: &Arc<AnnotationSet>,
    known: Option<KnownTaus>,
    scorers: &Arc<[(String, Vec<f32>)]>,
) -> KnownTaus {
    let kinds = input.draw.alternatives.iter();
    let alternative_scores: Vec<Vec<f32>> = kinds.map(|kind| kind.scores.clone()).collect();
    // Answers move the mean while the samples stay.
    let mean_scores = &input.draw.mean_scores;
    let known = known.filter(|known| {
        Arc::ptr_eq(&known.scores, &input.draw.scores)
            && Arc::ptr_eq(&known.annotations, set)
            && Arc::ptr_eq(&known.baseline_scores, scorers)
    });
    if let Some(known) = &known
        && known.alternative_scores == alternative_scores
        && known.mean_scores == *mean_scores
    {
        return known.clone();
    }
    let frames = pick_frames(input);
    let annotators: Vec<Vec<f32>> = set
        .annotators
        .iter()
        .map(|annotator| scores_at_frames(annotator, &frames))
        .collect();
    let alternatives = Arc::new(MatchTaus::new(&alternative_scores, &annotators));
    let mean = Arc::new(MatchTaus::new(
        std::slice::from_ref(mean_scores),
        &annotators,
    ));
    if let Some(known) = known {
        return KnownTaus {
            alternatives,
            alternative_scores,
            mean,
            mean_scores: mean_scores.clone(),
            ..known
        };
    }
    let samples: Vec<Vec<f32>> = input
        .draw
        .scores
        .rows()
        .into_iter()
        .map(|row| row.to_vec())
        .collect();
    KnownTaus {
        scores: input.draw.scores.clone(),
        annotations: set.clone(),
        samples: Arc::new(MatchTaus::new(&samples, &annotators)),
        mean,
        mean_scores: mean_scores.clone(),
        baselines: Arc::new(MatchTaus::new(
            &scorers
                .iter()
                .filter(|(_, scores)| scores.len() == frames.len())
                .map(|(_, scores)| scores.clone())
                .collect::<Vec<_>>(),
            &annotators,
        )),
        baseline_scores: Arc::clone(scorers),
        alternatives,
        alternative_scores,
    }
}

pub(super) fn match_view(
    draw: &Draw,
    baselines: &[Baseline],
    set: &AnnotationSet,
    taus: &KnownTaus,
    threshold: f64,
) -> MatchView {
    let weights = draw.weights.as_deref();
    let mut rows: Vec<_> = draw
        .alternatives
        .iter()
        .map(|kind| {
            let label = text::percent(kind.share);
            (taus.samples).weighted_row(label, &kind.members, threshold, weights)
        })
        .collect();
    let everything: Vec<usize> = (0..draw.sample_count()).collect();
    let all = (taus.samples).weighted_row("all", &everything, threshold, weights);
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
        alternative_taus: Arc::clone(&taus.alternatives),
        letters: draw.alternatives.iter().map(Alternative::letter).collect(),
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
                alternative: draw.letter_at(index).filter(|_| index < kinds),
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
