//! How much a few answers reveal of a real rater: each is predicted from the others of the same
//! video, as samples are weighed by steering.
//!
//! The other raters' curves stand in for samples, or a network's samples do. A rater answers some
//! shots; the others are re-weighted by [`super::steering::weights`]; Kendall's τ-b to the rater's
//! own ratings is taken over the shots that were not asked about. Reads no files.

use ndarray::Array2;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use super::conditioning::conditioned_mean;
use super::kinds::{assign, groups};
use super::rank::kendall_tau_b;
use super::steering::{Answer, RATED_WIDTH, weights};
use crate::domain::mark::jaccard;
use crate::summary::knapsack;

/// Raters of a video that are predicted.
pub const RATERS: usize = 10;
/// Orders of questions for each rater.
const ORDERS: u64 = 4;
/// Share of the shots that kinds' summaries keep.
const BUDGET: f64 = 0.15;
/// Length of the shots that people rate.
const SHOT_SECS: f64 = 2.0;

/// Means after one number of answers. Each τ is over the shots that were not asked about; the
/// unsteered ones, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct AfterAnswers {
    pub answers: usize,
    /// Raters times orders of questions.
    pub trials: usize,
    pub mean_unsteered: f64,
    /// The mean of the samples, weighed by the answers.
    pub mean_weighed: f64,
    /// The same mean, conditioned on the answers: [`super::conditioning`].
    pub mean_conditioned: f64,
    /// The mean of samples drawn under the answers; `None` where nothing could be drawn.
    pub mean_drawn: Option<f64>,
    /// The mean view of the kind with the greatest share.
    pub kind_unsteered: f64,
    pub kind_steered: f64,
    /// Linear interpolation between the answers alone.
    pub interpolated: f64,
    pub effective_number: f64,
}

/// What one rater's answers in one order gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    mean_unsteered: f64,
    mean_weighed: f64,
    mean_conditioned: f64,
    mean_drawn: Option<f64>,
    kind_unsteered: f64,
    kind_steered: f64,
    interpolated: f64,
    effective_number: f64,
}

impl AfterAnswers {
    /// The means of trials after so many answers.
    pub fn of(answers: usize, trials: &[Trial]) -> Self {
        let mean = |which: fn(&Trial) -> f64| {
            trials.iter().map(which).sum::<f64>() / trials.len().max(1) as f64
        };
        let drawn: Vec<f64> = trials.iter().filter_map(|trial| trial.mean_drawn).collect();
        Self {
            answers,
            trials: trials.len(),
            mean_unsteered: mean(|trial| trial.mean_unsteered),
            mean_weighed: mean(|trial| trial.mean_weighed),
            mean_conditioned: mean(|trial| trial.mean_conditioned),
            mean_drawn: (!drawn.is_empty()).then(|| drawn.iter().sum::<f64>() / drawn.len() as f64),
            kind_unsteered: mean(|trial| trial.kind_unsteered),
            kind_steered: mean(|trial| trial.kind_steered),
            interpolated: mean(|trial| trial.interpolated),
            effective_number: mean(|trial| trial.effective_number),
        }
    }
}

/// The study over videos: for each one the raters' ratings 1–5 of its shots. Videos with fewer than
/// three raters or shots than twice the answers are left out of that row. Deterministic.
pub fn study(videos: &[Vec<Vec<f32>>], answers: &[usize]) -> Vec<AfterAnswers> {
    answers
        .iter()
        .map(|&count| {
            let trials: Vec<Trial> = videos
                .par_iter()
                .enumerate()
                .flat_map_iter(|(at, raters)| by_the_others(at as u64, raters, count))
                .collect();
            AfterAnswers::of(count, &trials)
        })
        .collect()
}

/// Each rater of a video from the others.
fn by_the_others(seed: u64, raters: &[Vec<f32>], count: usize) -> Vec<Trial> {
    let shots = raters.iter().map(Vec::len).min().unwrap_or(0);
    if raters.len() < 3 || shots < 2 * count.max(2) {
        return Vec::new();
    }
    let mut trials = Vec::new();
    for (rater, own) in raters.iter().enumerate().take(RATERS) {
        let pool: Vec<Vec<f32>> = (raters.iter().enumerate())
            .filter(|&(other, _)| other != rater)
            .map(|(_, ratings)| ratings[..shots].iter().map(|r| (r - 1.0) / 4.0).collect())
            .collect();
        let kinds = kinds_of(&pool, shots);
        for order in 0..ORDERS {
            let asked = questions(seed, rater as u64 * ORDERS + order, shots, count);
            trials.push(trial(&own[..shots], &pool, &kinds, &asked, None));
        }
    }
    trials
}

/// The same from samples of a network, in place of the other raters: `pool` are the samples' scores
/// in [0, 1] of the shots. `draw` gives the mean of samples that are drawn under ratings of the
/// shots asked about; its failure ends the study.
///
/// # Errors
/// Whatever `draw` fails with.
#[expect(
    clippy::type_complexity,
    reason = "said in full, the callback needs no name of its own"
)]
pub fn by_samples<E>(
    seed: u64,
    raters: &[Vec<f32>],
    pool: &[Vec<f32>],
    count: usize,
    draw: &mut dyn FnMut(&[usize], &[f32]) -> Result<Vec<f32>, E>,
) -> Result<Vec<Trial>, E> {
    let shots = raters.iter().chain(pool).map(Vec::len).min().unwrap_or(0);
    if pool.is_empty() || shots < 2 * count.max(2) {
        return Ok(Vec::new());
    }
    let pool: Vec<Vec<f32>> = pool.iter().map(|row| row[..shots].to_vec()).collect();
    let kinds = kinds_of(&pool, shots);
    let mut trials = Vec::new();
    for (rater, own) in raters.iter().enumerate().take(RATERS) {
        let own = &own[..shots];
        let asked = questions(seed, rater as u64, shots, count);
        let drawn = match asked.len() {
            0 => None,
            _ => Some(draw(&asked, own)?),
        };
        trials.push(trial(own, &pool, &kinds, &asked, drawn.as_deref()));
    }
    Ok(trials)
}

/// Shots that are asked about, ascending.
fn questions(seed: u64, stream: u64, shots: usize, count: usize) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    let mut asked: Vec<usize> = (0..shots).collect();
    asked.shuffle(&mut rng);
    asked.truncate(count);
    asked.sort_unstable();
    asked
}

/// The pool's kinds: mean curves, and which kind each curve is of.
struct PoolKinds {
    means: Vec<Vec<f32>>,
    kind_of: Vec<usize>,
}

fn kinds_of(pool: &[Vec<f32>], shots: usize) -> PoolKinds {
    let values = Array2::from_shape_fn((pool.len(), shots), |(row, shot)| pool[row][shot]);
    let capacity = (BUDGET * shots as f64).floor().max(1.0) as u64;
    let equal = vec![1; shots];
    let summary = |values: &[f32]| {
        let values: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
        knapsack(&values, &equal, capacity).items
    };
    let distance = |a: &[f32], b: &[f32]| 1.0 - jaccard(&summary(a), &summary(b));
    let everyone = vec![1.0; pool.len()];
    let means: Vec<Vec<f32>> = groups(values.view(), &distance)
        .iter()
        .map(|members| {
            let own: Vec<&Vec<f32>> = members.iter().map(|&member| &pool[member]).collect();
            mean_curve(own.into_iter(), &everyone)
        })
        .collect();
    let anchors = Array2::from_shape_fn((means.len(), shots), |(row, shot)| means[row][shot]);
    PoolKinds {
        kind_of: assign(values.view(), anchors.view(), None).kind_of,
        means,
    }
}

fn trial(
    own: &[f32],
    pool: &[Vec<f32>],
    kinds: &PoolKinds,
    asked: &[usize],
    drawn: Option<&[f32]>,
) -> Trial {
    let answers: Vec<Answer> = asked
        .iter()
        .map(|&shot| Answer {
            picks: shot..shot + 1,
            rating: f64::from(own[shot]),
            width: RATED_WIDTH,
        })
        .collect();
    let steered = weights(pool.iter().map(Vec::as_slice), &answers);
    let equal = vec![1.0; pool.len()];
    let rest: Vec<usize> = (0..own.len())
        .filter(|shot| asked.binary_search(shot).is_err())
        .collect();
    let of_rest = |curve: &[f32]| -> Vec<f32> { rest.iter().map(|&shot| curve[shot]).collect() };
    let truth = of_rest(own);
    // A curve without an order predicts nothing.
    let tau = |curve: &[f32]| kendall_tau_b(&of_rest(curve), &truth).unwrap_or(0.0);
    let leading = |weights: &[f64]| {
        let mut shares = vec![0.0; kinds.means.len()];
        for (&kind, weight) in kinds.kind_of.iter().zip(weights) {
            shares[kind] += weight;
        }
        let best = (0..shares.len()).reduce(|best, next| {
            if shares[next] > shares[best] {
                next
            } else {
                best
            }
        });
        best.map_or(0.0, |kind| tau(&kinds.means[kind]))
    };
    let mean_unsteered = tau(&mean_curve(pool.iter(), &equal));
    Trial {
        mean_unsteered,
        mean_weighed: tau(&mean_curve(pool.iter(), &steered)),
        mean_conditioned: tau(&conditioned(pool, &answers)),
        mean_drawn: drawn.map(tau),
        kind_unsteered: leading(&equal),
        kind_steered: leading(&steered),
        interpolated: tau(&interpolated(own, asked)),
        effective_number: super::steering::effective_number(&steered),
    }
}

fn conditioned(pool: &[Vec<f32>], answers: &[Answer]) -> Vec<f32> {
    let shots = pool.first().map_or(0, Vec::len);
    let scores = Array2::from_shape_fn((pool.len(), shots), |(row, shot)| pool[row][shot]);
    let times: Vec<f64> = (0..shots).map(|shot| shot as f64 * SHOT_SECS).collect();
    conditioned_mean(scores.view(), &times, answers)
}

fn mean_curve<'a>(pool: impl Iterator<Item = &'a Vec<f32>>, weights: &[f64]) -> Vec<f32> {
    let mut sum: Vec<f64> = Vec::new();
    let mut total = 0.0;
    for (curve, weight) in pool.zip(weights) {
        sum.resize(curve.len(), 0.0);
        total += weight;
        for (sum, &value) in sum.iter_mut().zip(curve) {
            *sum += weight * f64::from(value);
        }
    }
    sum.into_iter().map(|sum| (sum / total) as f32).collect()
}

/// The answers joined by straight lines, level before the first and after the last; all zeros
/// without answers.
fn interpolated(own: &[f32], asked: &[usize]) -> Vec<f32> {
    (0..own.len())
        .map(|shot| {
            let after = asked.partition_point(|&at| at < shot);
            match (after.checked_sub(1).map(|at| asked[at]), asked.get(after)) {
                (Some(from), Some(&to)) => {
                    let part = (shot - from) as f32 / (to - from) as f32;
                    own[from] + (own[to] - own[from]) * part
                }
                (Some(at), None) => own[at],
                (None, Some(&at)) => own[at],
                (None, None) => 0.0,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::raters::{rating_shots, scores_at_frames};

    #[test]
    fn answers_are_joined_by_lines() {
        let own = [1.0, 9.0, 9.0, 4.0, 9.0];
        assert_eq!(interpolated(&own, &[0, 3]), [1.0, 2.0, 3.0, 4.0, 4.0]);
        assert_eq!(interpolated(&own, &[3])[0], 4.0);
    }

    #[test]
    fn a_rater_like_one_half_of_the_others_is_found_by_its_answers() {
        // Two tastes turned round, each held by six raters.
        let video: Vec<Vec<f32>> = (0..12)
            .map(|rater| {
                (0..40)
                    .map(|shot| {
                        let at = if rater % 2 == 0 { shot } else { 39 - shot };
                        1.0 + (at * 4 / 39) as f32
                    })
                    .collect()
            })
            .collect();
        let found = study(&[video], &[0, 5]);
        assert_eq!(found[0].mean_weighed, found[0].mean_unsteered);
        assert!(
            found[1].mean_weighed > found[1].mean_unsteered + 0.3,
            "{found:?}"
        );
        assert!(
            found[1].mean_conditioned > found[1].mean_unsteered + 0.3,
            "{found:?}"
        );
        assert_eq!(found[0].mean_conditioned, found[0].mean_unsteered);
        assert!(found[1].kind_steered > 0.8, "{found:?}");
    }

    #[test]
    fn samples_stand_in_for_the_others_and_new_ones_are_drawn_under_the_answers() {
        let rises: Vec<f32> = (0..40).map(|shot| shot as f32 / 39.0).collect();
        let falls: Vec<f32> = rises.iter().rev().copied().collect();
        let pool = vec![rises.clone(), rises, falls.clone(), falls.clone(), falls];
        let rater: Vec<f32> = (0..40).map(|shot| 1.0 + (shot / 8) as f32).collect();
        let mut asked_of = 0;
        let mut draw = |asked: &[usize], own: &[f32]| -> Result<Vec<f32>, ()> {
            asked_of += asked.len();
            Ok(own.to_vec())
        };
        let trials = by_samples(1, std::slice::from_ref(&rater), &pool, 5, &mut draw).unwrap();
        let found = AfterAnswers::of(5, &trials);
        assert!(
            found.mean_unsteered < -0.5 && found.mean_weighed > 0.5,
            "{found:?}"
        );
        assert_eq!((found.mean_drawn, asked_of), (Some(1.0), 5));
        let mut fails = |_: &[usize], _: &[f32]| Err("no network");
        assert!(by_samples(1, std::slice::from_ref(&rater), &pool, 5, &mut fails).is_err());
        // Nothing is drawn where nothing was asked.
        let none = by_samples(1, &[rater], &pool, 0, &mut fails).unwrap();
        assert_eq!(AfterAnswers::of(0, &none).mean_drawn, None);
    }

    #[test]
    fn on_real_raters_steering_never_harms() {
        let Some(shared) = crate::testing::shared_dir() else {
            return;
        };
        let opened =
            crate::annotations::open(&shared.join("data/tvsum/ydata-tvsum50.mat")).unwrap();
        // A part of the videos; the whole table is in docs/steering.md.
        let videos: Vec<Vec<Vec<f32>>> = (opened.sets.iter().step_by(5))
            .map(|set| {
                let middle: Vec<u64> = (rating_shots(set).iter())
                    .map(|shot| (shot.start + shot.end) / 2)
                    .collect();
                let own = |rater| scores_at_frames(rater, &middle);
                set.annotators.iter().map(own).collect()
            })
            .collect();
        for row in study(&videos, &[1, 3, 5, 10]) {
            assert!(row.mean_weighed >= row.mean_unsteered - 0.002, "{row:?}");
        }
    }
}
