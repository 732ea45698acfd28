//! Calculations of stated sizes on made-up data: change points, selection, clusters, rank
//! correlation, density.

use std::hint::black_box;

use super::made_up::{self, TenMinutes};
use super::report::Measure;
use super::stopwatch::median_of;
use crate::analysis::distribution::{DensityStyle, DistributionInput, distribution};
use crate::analysis::rank::kendall_tau_b;
use crate::domain::FrameRange;
use crate::pipeline::first_kinds;
use crate::summary::{KtsParams, Selector, kts};

/// Change points of features of a stated size; an hour of video at two picks a second has 7,200
/// rows.
pub fn change_points([rows, dims]: [usize; 2], runs: usize) -> Measure {
    let features = made_up::features(rows, dims);
    let spent = median_of(runs, || {
        black_box(kts(black_box(features.view()), &KtsParams::default()));
    });
    Measure::new(
        "kts",
        format!("change points (KTS) of {rows} × {dims}"),
        spent,
    )
    .target(3.0)
}

/// Selection of the made-up samples, their clusters and their plane.
pub fn selection(video: &TenMinutes, runs: usize) -> Vec<Measure> {
    let timeline = &video.timeline;
    let frame_count = timeline.index.len();
    let selector = Selector::new(
        video.scores.view(),
        &timeline.picks,
        &timeline.segments,
        frame_count,
    );
    let knapsack = median_of(runs, || {
        black_box(selector.select(black_box(0.15)));
    });
    let chosen = selector.select(0.15).chosen;
    let clusters = median_of(runs, || {
        black_box(first_kinds(timeline, black_box(video.scores.view()), &[]));
    });
    let summaries: Vec<Vec<FrameRange>> = chosen
        .iter()
        .map(|items| {
            let ranges = items.iter().map(|&at| timeline.segments[at].frames());
            FrameRange::merged(ranges.collect())
        })
        .collect();
    let input = DistributionInput {
        annotators: &summaries[..20.min(summaries.len())],
        samples: &summaries,
        frame_count,
        stride: 1,
        ..DistributionInput::default()
    };
    let plane = median_of(runs, || {
        black_box(distribution(black_box(&input), &DensityStyle::default()));
    });
    let samples = video.scores.nrows();
    vec![
        Measure::new(
            "knapsack",
            format!("knapsack of {samples} samples × 100 segments × 10 min"),
            knapsack,
        )
        .target(0.1),
        Measure::new(
            "clustering",
            format!("alternatives of {samples} samples"),
            clusters,
        ),
        Measure::new(
            "distribution",
            format!("PCA, density and contours of {samples} samples"),
            plane,
        )
        .target(0.05),
    ]
}

/// Kendall's τ-b of one pair of vectors without ties, sorting included.
pub fn rank_correlation(values: usize, runs: usize) -> Measure {
    let (x, y) = made_up::score_pair(values);
    let spent = median_of(runs.max(20), || {
        black_box(kendall_tau_b(black_box(&x), black_box(&y)));
    });
    Measure::new("tau_b", format!("Kendall's τ-b of {values} values"), spent).pieces(1)
}
