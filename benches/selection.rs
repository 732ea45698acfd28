//! Speed of what runs while a person waits: change points, selection, clusters, rank correlation.
//! Read the results as ratios.

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;
use summdiff_explorer::analysis::distribution::{DensityStyle, DistributionInput, distribution};
use summdiff_explorer::analysis::kinds::groups;
use summdiff_explorer::analysis::rank::kendall_tau_b;
use summdiff_explorer::domain::mark::jaccard;
use summdiff_explorer::domain::{FrameRange, Segment};
use summdiff_explorer::summary::{KtsParams, Selector, knapsack, kts};

/// Scenes of about twelve rows around centres that drift.
fn features(rows: usize, dims: usize) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut centre: Vec<f32> = (0..dims).map(|_| rng.random_range(0.0..1.0)).collect();
    let mut features = Array2::zeros((rows, dims));
    for mut row in features.outer_iter_mut() {
        if rng.random_range(0..12) == 0 {
            for value in &mut centre {
                *value = 0.5 * *value + rng.random_range(0.0..0.5f32);
            }
        }
        for (value, centre) in row.iter_mut().zip(&centre) {
            *value = centre + 0.3 * rng.random_range(0.0..1.0f32);
        }
    }
    features
}

fn change_points(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kts");
    group.sample_size(10);
    for rows in [600, 7200] {
        let features = features(rows, 1024);
        group.bench_function(format!("{rows}x1024"), |bencher| {
            bencher.iter(|| kts(black_box(features.view()), &KtsParams::default()));
        });
    }
}

/// Ten minutes at 30 fps, 100 segments, 1,000 samples at 2 picks a second.
fn selection(criterion: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut edges: Vec<u64> = (0..99).map(|_| rng.random_range(1..18_000)).collect();
    edges.extend([0, 18_000]);
    edges.sort_unstable();
    edges.dedup();
    let segments: Vec<Segment> = edges
        .windows(2)
        .map(|pair| Segment {
            start_frame: pair[0],
            end_frame: pair[1],
            start_secs: pair[0] as f64 / 30.0,
            end_secs: pair[1] as f64 / 30.0,
            dull: None,
        })
        .collect();
    let picks: Vec<u64> = (0..1200).map(|pick| pick * 15).collect();
    let scores = Array2::from_shape_fn((1000, 1200), |_| rng.random_range(0.0..1.0f32));
    let selector = Selector::new(scores.view(), &picks, &segments, 18_000);
    let mut group = criterion.benchmark_group("1000 samples of 10 minutes");
    group.bench_function("segment means", |bencher| {
        bencher.iter(|| Selector::new(black_box(scores.view()), &picks, &segments, 18_000));
    });
    group.bench_function("select", |bencher| {
        bencher.iter(|| selector.select(black_box(0.15)))
    });
    let chosen = selector.select(0.15).chosen;
    let frames: Vec<u64> = segments.iter().map(Segment::frame_count).collect();
    let summary = |values: &[f32]| {
        let values: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
        knapsack(&values, &frames, 2700).items
    };
    let distance = |a: &[f32], b: &[f32]| 1.0 - jaccard(&summary(a), &summary(b));
    group.bench_function("alternatives", |bencher| {
        bencher.iter(|| groups(black_box(selector.values()), &distance));
    });
    let ranges = |chosen: &Vec<usize>| -> Vec<FrameRange> {
        FrameRange::merged(chosen.iter().map(|&at| segments[at].frames()).collect())
    };
    let samples: Vec<Vec<FrameRange>> = chosen.iter().map(ranges).collect();
    let input = DistributionInput {
        annotators: &samples[..20],
        samples: &samples,
        frame_count: 18_000,
        stride: 15,
        ..DistributionInput::default()
    };
    group.bench_function("distribution", |bencher| {
        bencher.iter(|| distribution(black_box(&input), &DensityStyle::default()));
    });
}

fn rank_correlation(criterion: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let scores: Vec<f32> = (0..10_000).map(|_| rng.random_range(0.0..1.0)).collect();
    let ratings: Vec<f32> = (0..10_000).map(|_| rng.random_range(1..6) as f32).collect();
    criterion.bench_function("tau-b of 10000", |bencher| {
        bencher.iter(|| kendall_tau_b(black_box(&scores), black_box(&ratings)));
    });
}

criterion_group!(benches, change_points, selection, rank_correlation);
criterion_main!(benches);
