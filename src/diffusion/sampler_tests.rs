//! The sampler against independent float64 references (`tests/data/sampling`), the table against
//! direct calls, and its refusals.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use ndarray::{Array2, Array3};
use proptest::prelude::*;

use super::*;
use crate::diffusion::Coherence;
use crate::diffusion::toy::Toy;

fn seeded<'a>(samples: usize, seed: u64) -> SampleRequest<'a> {
    SampleRequest {
        imposed: None,
        first_sample: 0,
        samples,
        steps: 10,
        eta: 1.0,
        guidance: 0.0,
        sag: None,
        variant: Variant::Authors,
        solver: Solver::Ddim,
        method: SamplingMethod::Auto,
        noise: Noise::Seeded {
            seed,
            coherence: None,
        },
    }
}

fn draw(denoiser: &Toy, request: &SampleRequest<'_>) -> Result<Array2<f32>, SampleError> {
    sample(
        denoiser,
        &Schedule::default(),
        request,
        &CancelToken::new(),
        &mut |_, _| {},
    )
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/sampling")
        .join(name)
}

fn largest_difference(a: &Array2<f32>, b: &Array2<f32>) -> f32 {
    assert_eq!(a.dim(), b.dim());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

#[test]
fn recorded_cases_come_out_by_every_method() {
    let json = std::fs::read(data("cases.json")).unwrap();
    let cases: serde_json::Value = serde_json::from_slice(&json).unwrap();
    for case in cases["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let read = |part| ndarray_npy::read_npy(data(&format!("{name}.{part}.npy")));
        let (initial, expected): (Array2<f32>, Array2<f32>) =
            (read("initial_noise").unwrap(), read("scores").unwrap());
        let steps: Array3<f32> =
            ndarray_npy::read_npy(data(&format!("{name}.step_noise.npy"))).unwrap();
        let toy = Toy::new(initial.ncols());
        let sag = &case["sag"];
        let mut request = seeded(initial.nrows(), 0);
        request.steps = case["steps"].as_u64().unwrap() as usize;
        request.eta = case["eta"].as_f64().unwrap();
        request.guidance = case["guidance"].as_f64().unwrap();
        request.sag = sag["strength"]
            .as_f64()
            .map(|strength| SelfAttentionGuidance {
                strength,
                threshold: sag["threshold"].as_f64().unwrap() as f32,
                blur_tokens: sag["blur_sigma"].as_f64().unwrap(),
            });
        if case["variant"] == "paper" {
            request.variant = Variant::Paper;
        }
        request.noise = Noise::Given {
            initial: initial.view(),
            steps: steps.view(),
        };
        let mut methods = vec![(SamplingMethod::Direct, Solver::Ddim)];
        if request.sag.is_none() {
            methods.push((SamplingMethod::Table, Solver::Ddim));
        }
        if name == "ddpm" {
            methods.push((SamplingMethod::Direct, Solver::Ddpm));
            methods.push((SamplingMethod::Table, Solver::Ddpm));
        }
        for (method, solver) in methods {
            (request.method, request.solver) = (method, solver);
            let found = draw(&toy, &request).unwrap();
            let off = largest_difference(&found, &expected);
            assert!(off <= 5e-6, "{name} by {method:?} {solver:?}: {off}");
        }
    }
}

#[test]
fn table_and_direct_calls_agree_in_every_index() {
    let toy = Toy::new(40);
    let mut request = seeded(90, 5);
    request.guidance = 0.4;
    let traced = |method| {
        let mut request = request.clone();
        request.method = method;
        Sampler::new(Schedule::default())
            .sample_traced(&toy, &request, &CancelToken::new())
            .unwrap()
    };
    let (direct, direct_trace) = traced(SamplingMethod::Direct);
    let (table, table_trace) = traced(SamplingMethod::Table);
    assert_eq!(direct_trace.indices.dim(), (10, 90, 40));
    assert_eq!(direct_trace, table_trace);
    assert!(largest_difference(&direct, &table) <= 1e-6);
}

#[test]
fn a_ready_table_serves_new_seeds_more_samples_other_eta_and_guidance_without_new_calls() {
    let toy = Toy::new(12);
    let mut sampler = Sampler::new(Schedule::default());
    let mut run = |request: &SampleRequest<'_>| {
        sampler
            .sample(&toy, request, &CancelToken::new(), &mut |_, _| {})
            .unwrap();
        let times: Vec<usize> = vec![999, 899, 799, 699, 599, 499, 399, 299, 199, 99];
        (
            toy.rows.swap(0, Ordering::Relaxed),
            sampler.table().unwrap().filled(&times),
        )
    };
    let mut request = seeded(16, 1);
    request.guidance = 0.3;
    let (few, partly) = run(&request);
    assert!(
        few <= 16 * 19 && partly < 0.9,
        "{few} rows, {partly} filled"
    );
    request.samples = 3000;
    run(&request);
    (request.noise, request.eta, request.guidance) = (
        Noise::Seeded {
            seed: 99,
            coherence: None,
        },
        0.7,
        0.9,
    );
    let (rows, filled) = run(&request);
    // Only entries that no sample has met before: at most a few rare ones.
    assert!(rows <= 30 && filled > 0.9, "{rows} rows, {filled} filled");
}

#[test]
fn another_video_does_not_get_the_old_table() {
    let (first, second) = (Toy::new(6), Toy::new(6));
    let mut sampler = Sampler::new(Schedule::default());
    let request = seeded(4, 1);
    for toy in [&first, &second] {
        sampler
            .sample(toy, &request, &CancelToken::new(), &mut |_, _| {})
            .unwrap();
    }
    assert!(second.rows.load(Ordering::Relaxed) > 0);
}

#[test]
fn batches_arrive_in_order_the_first_sixteen_first_and_equal_the_result() {
    for joint in [false, true] {
        let toy = Toy {
            joint,
            ..Toy::new(9)
        };
        let mut batches = Vec::new();
        let result = sample(
            &toy,
            &Schedule::default(),
            &seeded(200, 3),
            &CancelToken::new(),
            &mut |range, scores| batches.push((range, scores.to_owned())),
        )
        .unwrap();
        assert_eq!(batches[0].0, 0..16);
        let mut next = 0;
        for (range, scores) in batches {
            assert_eq!(range.start, next);
            next = range.end;
            assert_eq!(scores, result.slice(s![range, ..]));
        }
        assert_eq!(next, 200);
    }
}

#[test]
fn fewer_samples_are_the_beginning_of_more() {
    let toy = Toy {
        joint: true,
        ..Toy::new(9)
    };
    let many = draw(&toy, &seeded(100, 8)).unwrap();
    let few = draw(&toy, &seeded(7, 8)).unwrap();
    assert_eq!(few, many.slice(s![..7, ..]));
    assert_ne!(draw(&toy, &seeded(7, 9)).unwrap(), few);
}

#[test]
fn strided_scores_are_repeated_to_the_picks() {
    let toy = Toy {
        stride: 4,
        ..Toy::new(10)
    };
    let scores = draw(&toy, &seeded(3, 1)).unwrap();
    assert_eq!(scores.dim(), (3, 10));
    for row in scores.rows() {
        assert!(row.iter().take(4).all(|v| v == &row[0]));
        assert!(row.iter().skip(4).take(4).all(|v| v == &row[4]));
        assert_eq!(row[8], row[9]);
        assert!(row[0] != row[4]);
    }
}

#[test]
fn coherent_noise_keeps_marginals_and_joins_neighbours() {
    let toy = Toy::new(60);
    let times: Vec<f64> = (0..60).map(|i| f64::from(i) * 0.5).collect();
    let with = |length_secs| {
        let mut request = seeded(1500, 2);
        request.noise = Noise::Seeded {
            seed: 2,
            coherence: Coherence::new(length_secs, &times),
        };
        draw(&toy, &request).unwrap()
    };
    let (white, coherent) = (with(0.0), with(8.0));
    let correlation = |scores: &Array2<f32>, a: usize, b: usize| {
        let centred = |n: usize| {
            let column = scores.column(n);
            let mean = column.mean().unwrap();
            column.mapv(|v| v - mean)
        };
        let (a, b) = (centred(a), centred(b));
        a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt()
    };
    assert!(correlation(&white, 30, 31).abs() < 0.1);
    assert!(correlation(&coherent, 30, 31) > 0.5);
    for n in [0, 30, 59] {
        let (w, c) = (white.column(n), coherent.column(n));
        assert!((w.mean().unwrap() - c.mean().unwrap()).abs() < 0.02);
        let (w, c) = (w.std(0.0), c.std(0.0));
        // Late scores hang on few samples, so their spread is known only roughly.
        assert!((w / c - 1.0).abs() < 0.4, "{n}: {w} {c}");
    }
}

#[test]
fn settings_that_make_no_sense_are_refused_in_a_sentence() {
    let toy = Toy::new(8);
    let joint = Toy {
        joint: true,
        ..Toy::new(8)
    };
    let plain = Toy {
        null: false,
        attention: false,
        ..Toy::new(8)
    };
    let noise = Array2::zeros((3, 7));
    let steps = Array3::zeros((10, 3, 7));
    type Edit<'a> = Box<dyn Fn(&mut SampleRequest<'a>) + 'a>;
    let cases: Vec<(&Toy, Edit<'_>, &str)> = vec![
        (&toy, Box::new(|r| r.samples = 0), "at least 1"),
        (&toy, Box::new(|r| r.steps = 0), "from 1 to 1000"),
        (&toy, Box::new(|r| r.steps = 1001), "from 1 to 1000"),
        (&toy, Box::new(|r| r.eta = 1.5), "eta"),
        (&toy, Box::new(|r| r.eta = f64::NAN), "eta"),
        (&plain, Box::new(|r| r.guidance = 0.1), "null video"),
        (
            &plain,
            Box::new(|r| r.sag = SelfAttentionGuidance::with_strength(0.1)),
            "no attention",
        ),
        (
            &joint,
            Box::new(|r| r.method = SamplingMethod::Table),
            "joint",
        ),
        (
            &toy,
            Box::new(|r| {
                r.method = SamplingMethod::Table;
                r.sag = SelfAttentionGuidance::with_strength(0.1);
            }),
            "mixes frames",
        ),
        (
            &joint,
            Box::new(|r| {
                r.noise = Noise::Seeded {
                    seed: 0,
                    coherence: Coherence::new(2.0, &[0.0; 8]),
                }
            }),
            "consistent by themselves",
        ),
        (
            &toy,
            Box::new(|r| {
                r.noise = Noise::Given {
                    initial: noise.view(),
                    steps: steps.view(),
                }
            }),
            "[3, 8] is needed",
        ),
    ];
    for (denoiser, edit, expected) in cases {
        let mut request = seeded(3, 0);
        edit(&mut request);
        let message = draw(denoiser, &request).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_cancel_stops_at_once() {
    let cancel = CancelToken::new();
    let stop = cancel.clone();
    let result = sample(
        &Toy::new(5),
        &Schedule::default(),
        &seeded(5000, 0),
        &cancel,
        &mut |_, _| stop.cancel(),
    );
    assert!(matches!(result, Err(SampleError::Cancelled)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn scores_lie_in_the_unit_interval_for_any_setting(
        steps in 1usize..60, eta in 0.0f64..=1.0, guidance in -1.0f64..4.0, seed: u64, paper: bool, joint: bool,
    ) {
        let toy = Toy { joint, ..Toy::new(7) };
        let mut request = seeded(20, seed);
        (request.steps, request.eta, request.guidance) = (steps, eta, guidance);
        request.variant = if paper { Variant::Paper } else { Variant::Authors };
        let scores = draw(&toy, &request).unwrap();
        prop_assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
    }
}
