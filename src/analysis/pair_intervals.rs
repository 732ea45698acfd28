//! Intervals of pairwise agreement on one video: τ and F1 of each pair, their means, and κ, from
//! resampling runs of time.
//!
//! Neighbouring moments are not independent, so runs of `block` units are drawn with replacement,
//! the same ones for all pairs. The point estimates come from outside ([`super::agreement`]);
//! nothing here reads annotations.

use ndarray::Array2;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::agreement::mean_of;
use super::overlap::f1_percent_of_counts;
use super::rank::kendall_tau_b;
use super::reliability::{Interval, fleiss_kappa, interval};

/// Pairs whose intervals are worked out; of more, a random part stands for all in the means.
pub const MOST_PAIRS: usize = 100;

/// How intervals are worked out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// Units in a run.
    pub block: usize,
    pub resamples: usize,
    pub seed: u64,
}

/// Intervals about known values. `None` where the value is undefined or the pair was not resampled.
#[derive(Clone, Debug, PartialEq)]
pub struct PairIntervals {
    pub tau: Array2<Option<Interval>>,
    /// Percent.
    pub f1: Array2<Option<Interval>>,
    pub mean_tau: Option<Interval>,
    pub mean_f1: Option<Interval>,
    pub kappa: Option<Interval>,
}

/// One resample: τ and F1 of each pair, and κ.
struct Drawn {
    tau: Vec<Option<f64>>,
    f1: Vec<Option<f64>>,
    kappa: Option<f64>,
}

/// Intervals about the matrices `tau` and `f1` (percent) and about `kappa`. `scores`, `picked`: per
/// annotator one value a unit, all of one length.
pub fn pair_intervals(
    scores: &[Vec<f32>],
    picked: &[Vec<bool>],
    tau: &Array2<Option<f64>>,
    f1: &Array2<Option<f64>>,
    kappa: Option<f64>,
    resampling: Resampling,
) -> PairIntervals {
    let people = scores.len().min(picked.len());
    let units = scores
        .iter()
        .map(Vec::len)
        .chain(picked.iter().map(Vec::len))
        .min()
        .unwrap_or(0);
    let mut all: Vec<[usize; 2]> = (0..people)
        .flat_map(|a| (0..a).map(move |b| [a, b]))
        .collect();
    let means = [
        mean_of(all.iter().filter_map(|&pair| tau[pair])),
        mean_of(all.iter().filter_map(|&pair| f1[pair])),
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(resampling.seed);
    if all.len() > MOST_PAIRS {
        all.shuffle(&mut rng);
        all.truncate(MOST_PAIRS);
    }
    let block = resampling.block.max(1);
    let blocks = units.div_ceil(block);
    let seeds: Vec<u64> = (0..resampling.resamples).map(|_| rng.random()).collect();
    let drawn: Vec<Drawn> = seeds
        .into_par_iter()
        .filter(|_| units > 0)
        .map(|seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let chosen: Vec<usize> = (0..blocks)
                .flat_map(|_| {
                    let start = rng.random_range(0..blocks) * block;
                    start..(start + block).min(units)
                })
                .collect();
            draw(scores, picked, &all, &chosen)
        })
        .collect();
    let about = |value: Option<f64>, values: Vec<f64>| {
        value
            .filter(|_| !values.is_empty())
            .map(|value| interval(value, values))
    };
    let mut found = PairIntervals {
        tau: Array2::from_elem((people, people), None),
        f1: Array2::from_elem((people, people), None),
        mean_tau: about(
            means[0],
            drawn
                .iter()
                .filter_map(|d| mean_of(d.tau.iter().filter_map(|v| *v)))
                .collect(),
        ),
        mean_f1: about(
            means[1],
            drawn
                .iter()
                .filter_map(|d| mean_of(d.f1.iter().filter_map(|v| *v)))
                .collect(),
        ),
        kappa: about(kappa, drawn.iter().filter_map(|d| d.kappa).collect()),
    };
    for (place, &[a, b]) in all.iter().enumerate() {
        let of = |values: fn(&Drawn) -> &Vec<Option<f64>>| -> Vec<f64> {
            drawn.iter().filter_map(|d| values(d)[place]).collect()
        };
        found.tau[[a, b]] = about(tau[[a, b]], of(|d| &d.tau));
        found.f1[[a, b]] = about(f1[[a, b]], of(|d| &d.f1));
        found.tau[[b, a]] = found.tau[[a, b]];
        found.f1[[b, a]] = found.f1[[a, b]];
    }
    found
}

fn draw(
    scores: &[Vec<f32>],
    picked: &[Vec<bool>],
    pairs: &[[usize; 2]],
    chosen: &[usize],
) -> Drawn {
    let scores: Vec<Vec<f32>> = scores
        .iter()
        .map(|values| chosen.iter().map(|&unit| values[unit]).collect())
        .collect();
    let picked: Vec<Vec<bool>> = picked
        .iter()
        .map(|values| chosen.iter().map(|&unit| values[unit]).collect())
        .collect();
    let ones: Vec<u64> = picked
        .iter()
        .map(|values| values.iter().filter(|&&kept| kept).count() as u64)
        .collect();
    let f1 = |&[a, b]: &[usize; 2]| {
        let both = picked[a].iter().zip(&picked[b]).filter(|&(&a, &b)| a && b);
        (ones[a] + ones[b] > 0).then(|| {
            f1_percent_of_counts(both.count() as u64, ones[a], ones[b], chosen.len() as u64)
        })
    };
    Drawn {
        tau: pairs
            .iter()
            .map(|&[a, b]| kendall_tau_b(&scores[a], &scores[b]))
            .collect(),
        f1: pairs.iter().map(f1).collect(),
        kappa: fleiss_kappa(&picked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(count: usize, units: usize, noise: f32) -> (Vec<Vec<f32>>, Vec<Vec<bool>>) {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let scores: Vec<Vec<f32>> = (0..count)
            .map(|_| {
                (0..units)
                    .map(|unit| (unit as f32 * 0.3).sin() + rng.random_range(-1.0..1.0) * noise)
                    .collect()
            })
            .collect();
        let picked = scores
            .iter()
            .map(|values| values.iter().map(|&v| v > 0.6).collect())
            .collect();
        (scores, picked)
    }

    fn found(count: usize, units: usize, noise: f32) -> (PairIntervals, Array2<Option<f64>>) {
        let (scores, picked) = people(count, units, noise);
        let mut tau = Array2::from_elem((count, count), None);
        let mut f1 = Array2::from_elem((count, count), None);
        for a in 0..count {
            for b in 0..count {
                if a != b {
                    tau[[a, b]] = kendall_tau_b(&scores[a], &scores[b]);
                    f1[[a, b]] = Some(crate::analysis::overlap::f1_percent(&picked[a], &picked[b]));
                }
            }
        }
        let resampling = Resampling {
            block: 5,
            resamples: 100,
            seed: 1,
        };
        let kappa = fleiss_kappa(&picked);
        let found = pair_intervals(&scores, &picked, &tau, &f1, kappa, resampling);
        (found, tau)
    }

    #[test]
    fn intervals_lie_about_the_values_and_narrow_with_length() {
        let (short, tau) = found(3, 60, 0.5);
        let (long, _) = found(3, 960, 0.5);
        for a in 0..3 {
            assert_eq!(short.tau[[a, a]], None);
        }
        let about = short.tau[[1, 0]].unwrap();
        assert_eq!(Some(about.value), tau[[1, 0]]);
        assert!(about.low <= about.value && about.value <= about.high);
        assert_eq!(short.tau[[1, 0]], short.tau[[0, 1]]);
        let width = |interval: Option<Interval>| interval.map(|i| i.high - i.low).unwrap();
        assert!(width(long.mean_tau) < width(short.mean_tau));
        assert!(width(long.mean_f1) < width(short.mean_f1));
        assert!(width(long.kappa) < width(short.kappa));
        let (again, _) = found(3, 60, 0.5);
        assert_eq!(again, short, "the same seed gives the same intervals");
    }

    #[test]
    fn people_who_agree_always_leave_no_doubt() {
        let (found, _) = found(2, 100, 0.0);
        let tau = found.tau[[0, 1]].unwrap();
        assert!((tau.low - 1.0).abs() < 1e-9 && (tau.high - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_person_or_none_is_undefined() {
        let (one, _) = found(1, 50, 0.3);
        assert_eq!((one.mean_tau, one.kappa), (None, None));
        let empty = Array2::from_elem((0, 0), None);
        let nobody = pair_intervals(
            &[],
            &[],
            &empty,
            &empty,
            None,
            Resampling {
                block: 3,
                resamples: 5,
                seed: 0,
            },
        );
        assert_eq!(nobody.mean_f1, None);
    }

    #[test]
    fn of_many_pairs_a_part_is_resampled() {
        let (scores, picked) = people(30, 40, 1.0);
        let tau = Array2::from_elem((30, 30), Some(0.1));
        let f1 = tau.mapv(|_| Some(20.0));
        let resampling = Resampling {
            block: 5,
            resamples: 10,
            seed: 1,
        };
        let found = pair_intervals(&scores, &picked, &tau, &f1, None, resampling);
        let known = found.tau.iter().flatten().count();
        assert!(known <= 2 * MOST_PAIRS && known > MOST_PAIRS);
        assert!(found.mean_tau.is_some());
    }
}
