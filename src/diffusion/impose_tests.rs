//! Draws under known scores: they hold exactly, and the others are as among the free draws that
//! have those scores.

use std::sync::atomic::Ordering;

use ndarray::{Array2, ArrayView2};

use super::*;
use crate::diffusion::denoiser::{Condition, DenoiseFailure, Denoiser};
use crate::diffusion::toy::Toy;
use crate::diffusion::{Noise, SampleRequest, Schedule, Solver, sample};
use crate::domain::{SamplingMethod, Variant};
use crate::jobs::CancelToken;

fn request<'a>(samples: usize, steps: usize, imposed: Option<Imposed>) -> SampleRequest<'a> {
    SampleRequest {
        first_sample: 0,
        samples,
        steps,
        eta: 1.0,
        guidance: 0.0,
        sag: None,
        variant: Variant::Authors,
        solver: Solver::Ddim,
        method: SamplingMethod::Auto,
        noise: Noise::Seeded {
            seed: 4,
            coherence: None,
        },
        imposed,
    }
}

fn draw(denoiser: &dyn Denoiser, request: &SampleRequest<'_>) -> Array2<f32> {
    sample(
        denoiser,
        &Schedule::default(),
        request,
        &CancelToken::new(),
        &mut |_, _| {},
    )
    .unwrap()
}

fn known(scores: &[Option<f32>], rounds: usize) -> Option<Imposed> {
    let scores = scores.to_vec();
    Some(Imposed { scores, rounds })
}

/// Two tokens whose clean logits are normal with correlation [`RHO`]: the estimate is their mean
/// given x, exactly.
struct Pair(Schedule);

const RHO: f64 = 0.8;
const LEVELS: usize = 4000;
const TEMP: f64 = 2.0;

impl Denoiser for Pair {
    fn identity(&self) -> u64 {
        u64::MAX
    }

    fn picks(&self) -> usize {
        2
    }

    fn stride(&self) -> usize {
        1
    }

    fn levels(&self) -> usize {
        LEVELS
    }

    fn sigmoid_temp(&self) -> f64 {
        TEMP
    }

    fn pointwise(&self) -> bool {
        false
    }

    fn has_null(&self) -> bool {
        false
    }

    fn has_attention(&self) -> bool {
        false
    }

    fn predict(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
        _: Condition,
    ) -> Result<Array2<f32>, DenoiseFailure> {
        let alpha = self.0.alpha_cumprod(time);
        let x = index.mapv(|index| {
            let score = (index as f64).clamp(0.5, LEVELS as f64 - 0.5) / LEVELS as f64;
            (score / (1.0 - score)).ln() / TEMP
        });
        // E[u | x] = √ᾱ·Σ·(ᾱ·Σ + (1 − ᾱ)·I)⁻¹·x, along the sum and the difference of the two.
        let along = |own: f64| alpha.sqrt() * own / (alpha * own + 1.0 - alpha);
        let (sum, difference) = (along(1.0 + RHO), along(1.0 - RHO));
        let mut x0 = Array2::zeros(index.dim());
        for (mut out, x) in x0.rows_mut().into_iter().zip(x.rows()) {
            let (s, d) = (sum * (x[0] + x[1]) / 2.0, difference * (x[0] - x[1]) / 2.0);
            out[0] = (s + d) as f32;
            out[1] = (s - d) as f32;
        }
        Ok(x0)
    }

    fn predict_with_attention(
        &self,
        _: ArrayView2<'_, i64>,
        _: usize,
    ) -> Result<(Array2<f32>, Array2<f32>), DenoiseFailure> {
        Err("there is no attention".into())
    }
}

/// Mean and spread of values that weigh differently.
fn moments(values: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, f64) {
    let total: f64 = values.clone().map(|(_, weight)| weight).sum();
    let mean = values
        .clone()
        .map(|(value, weight)| value * weight)
        .sum::<f64>()
        / total;
    let square = |(value, weight): (f64, f64)| weight * (value - mean).powi(2);
    (mean, (values.map(square).sum::<f64>() / total).sqrt())
}

fn logits(scores: &Array2<f32>, token: usize) -> Vec<f64> {
    let column = scores.column(token);
    let logit = |score: &f32| {
        let score = f64::from(*score);
        (score / (1.0 - score)).ln() / TEMP
    };
    column.iter().map(logit).collect()
}

#[test]
fn the_others_are_as_among_the_free_draws_that_have_the_known_scores() {
    const WIDTH: f64 = 0.12;
    let logit = 1.0;
    let score = (1.0 / (1.0 + (-TEMP * logit).exp())) as f32;
    let pair = Pair(Schedule::default());
    let free = draw(&pair, &request(4000, 20, None));
    let near = logits(&free, 0);
    let weights = near
        .iter()
        .map(|own| (-(own - logit).powi(2) / (2.0 * WIDTH * WIDTH)).exp());
    let others = logits(&free, 1);
    let (mean, spread) = moments(others.into_iter().zip(weights));
    let under = |rounds| {
        let imposed = known(&[Some(score), None], rounds);
        let scores = draw(&pair, &request(1000, 20, imposed));
        assert!(scores.column(0).iter().all(|&own| own == score));
        moments(logits(&scores, 1).into_iter().map(|other| (other, 1.0)))
    };
    let (settled, alone) = (under(6), under(1));
    assert!((settled.0 - mean).abs() < 0.1, "{settled:?} {mean}");
    assert!((settled.1 - spread).abs() < 0.1, "{settled:?} {spread}");
    // Without rounds the others do not hear of it in time.
    assert!(
        (alone.0 - mean).abs() > 2.0 * (settled.0 - mean).abs(),
        "{alone:?}"
    );
}

#[test]
fn known_scores_hold_exactly_by_both_methods_and_for_any_split() {
    for (joint, stride, method) in [
        (true, 1, SamplingMethod::Direct),
        (false, 3, SamplingMethod::Direct),
        (false, 1, SamplingMethod::Table),
    ] {
        let toy = Toy {
            joint,
            stride,
            ..Toy::new(10)
        };
        let tokens = toy.tokens();
        let mut scores = vec![None; tokens];
        (scores[1], scores[tokens - 1]) = (Some(0.98), Some(0.02));
        let mut wanted = request(90, 6, known(&scores, 3));
        wanted.method = method;
        let whole = draw(&toy, &wanted);
        for row in whole.rows() {
            assert!((stride..2 * stride).all(|pick| row[pick] == 0.98));
            assert_eq!(row[9], 0.02);
            assert!(row[0] != 0.98 && row[0] != 0.02);
        }
        (wanted.first_sample, wanted.samples) = (40, 20);
        let part = draw(&toy, &wanted);
        assert_eq!(part, whole.slice(ndarray::s![40..60, ..]));
    }
}

#[test]
fn with_nothing_known_and_in_one_round_a_draw_is_what_it_was() {
    let toy = Toy {
        joint: true,
        ..Toy::new(7)
    };
    let free = draw(&toy, &request(30, 8, None));
    assert_eq!(draw(&toy, &request(30, 8, known(&[None; 7], 1))), free);
    // A pointwise denoiser's other tokens do not hang on those that are known.
    let toy = Toy::new(7);
    let free = draw(&toy, &request(30, 8, None));
    let mut scores = [None; 7];
    scores[3] = Some(0.5);
    let held = draw(&toy, &request(30, 8, known(&scores, 1)));
    for pick in [0, 1, 2, 4, 5, 6] {
        assert_eq!(held.column(pick), free.column(pick));
    }
    assert!(toy.rows.load(Ordering::Relaxed) > 0);
}

#[test]
fn known_scores_that_cannot_be_are_refused() {
    let toy = Toy::new(3);
    let refused = |imposed| {
        let run = sample(
            &toy,
            &Schedule::default(),
            &request(2, 4, imposed),
            &CancelToken::new(),
            &mut |_, _| {},
        );
        run.unwrap_err().to_string()
    };
    assert!(refused(known(&[None; 2], 1)).contains("3 tokens"));
    assert!(refused(known(&[None; 3], 0)).contains("1 to 64"));
    assert!(refused(known(&[Some(1.0), None, None], 1)).contains("between 0 and 1"));
}
