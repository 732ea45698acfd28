//! Samples, annotators and scorers on two axes, as the distribution shows them.

use super::ComparisonInput;
use super::matching::pick_frames;
use crate::analysis::distribution::{
    DensityStyle, DistributionPlot, FittedOn, distribution_of_scores,
};
use crate::analysis::raters::scores_at_frames;
use crate::domain::{Alternative, Draw};
use crate::session::{Baseline, ContourView, DistributionView};

/// The plane of importance scores at the picks instead of selections; the mean score leads the
/// other rows, and the alternatives' mean scores follow it.
pub(super) fn plot_of_scores(
    input: &ComparisonInput,
    medoids: &[usize],
    baselines: &[Baseline],
    style: &DensityStyle,
) -> Option<DistributionPlot> {
    let frames = pick_frames(input);
    let set = input.settings.annotations.as_deref();
    let annotators: Vec<Vec<f32>> = set
        .into_iter()
        .flat_map(|set| &set.annotators)
        .map(|annotator| scores_at_frames(annotator, &frames))
        .collect();
    let samples: Vec<Vec<f32>> = input
        .draw
        .scores
        .outer_iter()
        .map(|row| row.to_vec())
        .collect();
    let others: Vec<Vec<f32>> = std::iter::once(input.draw.mean_scores.clone())
        .chain(
            input
                .draw
                .alternatives
                .iter()
                .map(|kind| kind.scores.clone()),
        )
        .chain(baselines.iter().map(|baseline| baseline.scores.clone()))
        .chain(earlier_scores(input))
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

/// Scores of the earlier draw's samples; none where another bundle rated other frames.
fn earlier_scores(input: &ComparisonInput) -> Vec<Vec<f32>> {
    let earlier = input.settings.earlier.as_ref();
    let same_picks = |draw: &&Draw| draw.scores.ncols() == input.draw.scores.ncols();
    let Some(draw) = earlier.map(|(draw, _)| &**draw).filter(same_picks) else {
        return Vec::new();
    };
    draw.scores.outer_iter().map(|row| row.to_vec()).collect()
}

/// A row moved and scaled so that it runs from 0 to 1; a constant row becomes 0.
pub(super) fn stretch(row: &[f32]) -> Vec<f32> {
    let finite = row.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), value| {
        (a.min(value), b.max(value))
    });
    let span = if high > low { high - low } else { 1.0 };
    row.iter().map(|value| (value - low) / span).collect()
}

pub(super) fn distribution_view(
    plot: DistributionPlot,
    draw: &Draw,
    baselines: &[Baseline],
    earlier_seed: Option<u64>,
) -> DistributionView {
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
            .zip(
                plot.others
                    .iter()
                    .skip(1 + draw.alternatives.len())
                    .copied(),
            )
            .collect(),
        earlier_seed,
        earlier: (plot.others.iter())
            .skip(1 + draw.alternatives.len() + baselines.len())
            .copied()
            .collect(),
        alternatives: (draw.alternatives.iter().map(Alternative::letter))
            .zip(plot.others.iter().skip(1).copied())
            .collect(),
        explained: plot.explained,
        contours,
        fitted_on_annotators: plot.fitted_on == FittedOn::Annotators,
        sample_residuals: plot.sample_residuals,
        residual_limit: plot.residual_limit,
    }
}
