use ndarray::{Array2, s};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};

use super::*;

/// Rows every half second at 24 frames a second.
fn even_edges(rows: usize) -> Vec<Edge> {
    (0..=rows)
        .map(|at| Edge {
            frame: at as u64 * 12,
            secs: at as f64 / 2.0,
            is_cut: false,
        })
        .collect()
}

fn lengths(shortest_secs: f64, longest_secs: f64) -> Lengths {
    Lengths {
        shortest_secs,
        longest_secs,
        most_frames: u64::MAX,
    }
}

/// The default lengths for edges.
fn usual(edges: &[Edge]) -> Lengths {
    let end = edges.last().unwrap();
    NoisePrice::default().lengths(end.secs, end.frame, [None, None])
}

fn scenes(seed: u64, lengths: &[usize], noise: f32, spread: f32) -> Array2<f32> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let rows = lengths.iter().sum();
    let mut features = Array2::zeros((rows, 24));
    let mut row = 0;
    for &length in lengths {
        let centre: Vec<f32> = (0..24)
            .map(|_| 1.0 + spread * rng.random_range(-1.0..1.0f32))
            .collect();
        for _ in 0..length {
            for (d, centre) in centre.iter().enumerate() {
                features[[row, d]] = centre + noise * rng.random_range(-1.0..1.0f32);
            }
            row += 1;
        }
    }
    features
}

fn longest_of(change_points: &[usize], edges: &[Edge]) -> f64 {
    let ends = [&[0], change_points, &[edges.len() - 1]].concat();
    (ends.windows(2))
        .map(|pair| edges[pair[1]].secs - edges[pair[0]].secs)
        .fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    /// Every tiling is tried and judged by the definition.
    #[test]
    fn equals_trying_every_segmentation(
        seed in 0u64..1_000_000, rows in 1usize..11, base in 0.0f64..0.4, factor in 0.2f64..3.0,
        shortest in 0.0f64..1.5, longest in 0.5f64..4.0, gap in 0u32..3, cut_share in 0.0f64..0.6,
    ) {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let features = scenes(seed, &[rows.div_ceil(2), rows / 2], 0.2, 1.0);
        let mut edges = even_edges(rows);
        let mut shift = 0.0;
        for (at, edge) in edges.iter_mut().enumerate() {
            // Uneven times: now and then a row stands for longer.
            if at > 0 && rng.random_range(0..8u32) < gap {
                shift += rng.random_range(0.1..3.0);
            }
            edge.secs += shift;
            edge.is_cut = at > 0 && at < rows && rng.random_bool(cut_share);
        }
        let lengths = lengths(shortest, longest);
        let scales: Vec<f64> = features.outer_iter().map(scale).collect();
        let band = Band::new(features.view(), &scales, &edges, lengths);
        let found = band.solve(base, factor);

        let scatter = |start: usize, end: usize| -> f64 {
            let weight = |row: usize| ((edges[row + 1].secs - edges[row].secs) / 0.5).min(16.0);
            let unit = |row: usize, d: usize| f64::from(features[[row, d]]) * scales[row];
            let total: f64 = (start..end).map(weight).sum();
            (0..24).map(|d| {
                let mean = (start..end).map(|r| weight(r) * unit(r, d)).sum::<f64>() / total;
                (start..end).map(|r| weight(r) * (unit(r, d) - mean).powi(2)).sum::<f64>()
            }).sum()
        };
        let judge = |points: &[usize]| -> Option<(u32, f64)> {
            let ends = [&[0], points, &[rows]].concat();
            let (mut short, mut cost) = (0, 0.0);
            for pair in ends.windows(2) {
                let (a, b) = (pair[0], pair[1]);
                let secs = edges[b].secs - edges[a].secs;
                if secs > longest + 1e-6 && b > a + 1 { return None; }
                let shot = (a == 0 || edges[a].is_cut) && (b == rows || edges[b].is_cut);
                short += u32::from(secs < shortest - 1e-6 && !shot);
                cost += scatter(a, b);
                if a > 0 {
                    let near = edges.iter().any(|e| e.is_cut && (e.secs - edges[a].secs).abs() < shortest);
                    cost += if edges[a].is_cut { base * (factor - 1.0).max(0.0) }
                        else { base * (factor + f64::from(u8::from(near))) };
                }
            }
            Some((short, cost))
        };
        let mut best = (u32::MAX, f64::INFINITY);
        for choice in 0u32..1 << (rows - 1) {
            let points: Vec<usize> = (1..rows).filter(|row| choice >> (row - 1) & 1 == 1).collect();
            if let Some(value) = judge(&points)
                && (value.0 < best.0 || value.0 == best.0 && value.1 < best.1)
            {
                best = value;
            }
        }
        let reached = judge(&found.change_points);
        prop_assert!(reached.is_some(), "{:?} is too long", found.change_points);
        let reached = reached.unwrap();
        prop_assert_eq!(reached.0, best.0);
        prop_assert!((reached.1 - best.1).abs() < 1e-5, "{reached:?} {best:?}");
    }

    /// Whatever the scale of the features and the kind of material, segments last 2 to 6 seconds on
    /// average and at most 8.
    #[test]
    fn lengths_are_those_of_published_segments_for_any_features(
        seed in 0u64..1_000_000, noise in 0.0f32..2.0, spread in 0.0f32..1.0, scene_rows in 1usize..60,
    ) {
        let features = scenes(seed, &vec![scene_rows; 240 / scene_rows + 1], noise, spread);
        let edges = even_edges(features.nrows());
        let found = segment(features.view(), &edges, &NoisePrice::default(), &usual(&edges));
        let mean = edges.last().unwrap().secs / (found.change_points.len() + 1) as f64;
        prop_assert!((1.99..6.01).contains(&mean), "{mean}");
        prop_assert!(longest_of(&found.change_points, &edges) < 8.001);
    }
}

#[test]
fn planted_scenes_are_found_however_densely_they_are_sampled() {
    for density in [1, 2, 5] {
        let planted = [7, 12, 5, 9, 15, 8];
        let features = scenes(3, &planted.map(|rows| rows * density), 0.02, 0.9);
        let edges: Vec<Edge> = (even_edges(features.nrows()).into_iter())
            .map(|edge| Edge {
                secs: edge.secs / density as f64,
                ..edge
            })
            .collect();
        let found = segment(
            features.view(),
            &edges,
            &NoisePrice::default(),
            &lengths(1.0, 8.0),
        );
        assert_eq!(
            found.change_points,
            [7, 19, 24, 33, 48].map(|row| row * density),
            "{density} times as dense"
        );
    }
}

#[test]
fn short_videos_have_several_segments_that_fit_into_a_summary() {
    for (secs, rate) in [
        (2.0, 25.0),
        (3.0, 24.0),
        (5.0, 10.0),
        (9.9, 24.0),
        (40.0, 30.0),
    ] {
        let frames = (secs * rate) as u64;
        let rows = 40.min(frames as usize);
        let edges: Vec<Edge> = (0..=rows as u64)
            .map(|at| at * frames / rows as u64)
            .map(|frame| Edge {
                frame,
                secs: frame as f64 / rate,
                is_cut: false,
            })
            .collect();
        for noise in [0.0, 0.02, 0.4] {
            let features = scenes(1, &[rows / 2, rows - rows / 2], noise, 0.5);
            let found = segment(
                features.view(),
                &edges,
                &NoisePrice::default(),
                &usual(&edges),
            );
            let ends = [&[0], &found.change_points[..], &[rows]].concat();
            let capacity = (0.15 * frames as f64).floor() as u64;
            let fitting = (ends.windows(2))
                .filter(|pair| edges[pair[1]].frame - edges[pair[0]].frame <= capacity)
                .count();
            assert!(fitting >= 3, "{secs} s: {fitting} of {}", ends.len() - 1);
            assert_eq!(fitting, ends.len() - 1);
        }
    }
}

#[test]
fn cuts_are_met_and_nothing_begins_just_beside_one() {
    // One scene without any difference in the features, and a cut that they do not see.
    let features = scenes(5, &[40], 0.05, 0.3);
    let mut edges = even_edges(40);
    edges[13].is_cut = true;
    edges[13].secs -= 0.2;
    let found = segment(
        features.view(),
        &edges,
        &NoisePrice::default(),
        &lengths(1.0, 8.0),
    );
    assert!(
        found.change_points.contains(&13),
        "{:?}",
        found.change_points
    );
    for beside in [11, 12, 14, 15] {
        let near = (edges[beside].secs - edges[13].secs).abs() < 1.0;
        assert!(!(near && found.change_points.contains(&beside)));
    }
}

#[test]
fn what_a_person_asked_for_holds_and_the_other_end_makes_room() {
    let price = NoisePrice::default();
    let of = |secs: f64, wanted| {
        let lengths = price.lengths(secs, (secs * 25.0) as u64, wanted);
        (lengths.shortest_secs, lengths.longest_secs)
    };
    assert_eq!(of(600.0, [None, None]), (1.0, 8.0));
    assert_eq!(of(20.0, [None, None]), (0.75, 3.0));
    assert_eq!(of(600.0, [Some(3.0), None]), (3.0, 8.0));
    assert_eq!(of(600.0, [Some(10.0), None]), (10.0, 20.0));
    assert_eq!(of(600.0, [None, Some(1.0)]), (0.5, 1.0));
    assert_eq!(of(20.0, [Some(1.0), Some(10.0)]), (1.0, 10.0));
}

#[test]
fn nothing_broken_features_and_single_rows_are_no_trouble() {
    let price = NoisePrice::default();
    let none = Array2::<f32>::zeros((0, 4));
    assert_eq!(
        segment(none.view(), &even_edges(0), &price, &lengths(1.0, 8.0)),
        Found::default()
    );
    let mut features = scenes(2, &[30, 30], 0.1, 0.5);
    features.slice_mut(s![10..20, ..]).fill(f32::NAN);
    features.slice_mut(s![40, ..]).fill(0.0);
    let edges = even_edges(60);
    let found = segment(features.view(), &edges, &price, &usual(&edges));
    assert!(found.scatter.is_finite() && found.noise.is_finite());
    // A picture that stands for a minute is one segment; nothing else is.
    let mut gap = even_edges(4);
    for edge in &mut gap[3..] {
        edge.secs += 60.0;
    }
    let found = segment(
        features.slice(s![..4, ..]),
        &gap,
        &price,
        &lengths(0.5, 8.0),
    );
    assert!(found.change_points.contains(&2) && found.change_points.contains(&3));
}
