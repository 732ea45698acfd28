//! How quantised values multiply the optimal summaries (figure 6 of the paper): the number of
//! optimal knapsacks, counted exactly, and how far the summary moves when the values move a little.
//!
//! Values v are uniform in (0, 1); quantised to K levels they are the centres of K equal bins, so
//! that sums are exact in integers. The perturbed values are v plus Gaussian noise of variance 1/K,
//! quantised alike; the deviation is the L1 distance of the two solutions.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use rayon::prelude::*;
use serde::Serialize;

use super::reliability::{Interval, mean_interval_until};
use crate::jobs::CancelToken;
use crate::summary::knapsack;

/// What is simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantisedKnapsackParams {
    /// Number of items, N.
    pub items: usize,
    /// Weights are drawn uniformly from this inclusive range.
    pub weights: (u64, u64),
    /// Capacity as a share of the total weight.
    pub budget: f64,
    pub trials: usize,
    pub seed: u64,
}

/// Both expectations at one K.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QuantisedKnapsack {
    pub k: usize,
    /// Number of optimal solutions, E[|{y*}|].
    pub optimal_solutions: Interval,
    /// Items by which the summary of slightly other values differs, E[Δy*].
    pub deviation: Interval,
}

/// Simulates one K. The same seed draws the same values and weights for every K. `None` without
/// trials, or once cancelled.
pub fn simulate(
    k: usize,
    params: &QuantisedKnapsackParams,
    cancel: &CancelToken,
) -> Option<QuantisedKnapsack> {
    let k = k.max(1);
    let trials: Vec<(f64, f64)> = (0..params.trials)
        .into_par_iter()
        .map(|trial| {
            let mut rng = ChaCha8Rng::seed_from_u64(params.seed);
            rng.set_stream(trial as u64);
            (!cancel.is_cancelled()).then(|| one_trial(k, params, &mut rng))
        })
        .collect::<Option<_>>()?;
    let (counts, deviations): (Vec<f64>, Vec<f64>) = trials.into_iter().unzip();
    let mean = |values: &[f64]| mean_interval_until(values, 1000, params.seed, cancel);
    let found = QuantisedKnapsack {
        k,
        optimal_solutions: mean(&counts)?,
        deviation: mean(&deviations)?,
    };
    (!cancel.is_cancelled()).then_some(found)
}

fn one_trial(k: usize, params: &QuantisedKnapsackParams, rng: &mut ChaCha8Rng) -> (f64, f64) {
    let (low, high) = (
        params.weights.0.max(1),
        params.weights.1.max(params.weights.0).max(1),
    );
    let weights: Vec<u64> = (0..params.items)
        .map(|_| rng.random_range(low..=high))
        .collect();
    let values: Vec<f64> = (0..params.items)
        .map(|_| rng.random_range(0.0..1.0))
        .collect();
    let total: u64 = weights.iter().sum();
    let capacity = (params.budget.clamp(0.0, 1.0) * total as f64).floor() as u64;
    let levels = quantised(&values, k);
    let count = count_optima(&levels, &weights, capacity);
    let spread = (1.0 / k as f64).sqrt();
    let moved: Vec<f64> = match Normal::new(0.0, spread) {
        Ok(noise) => values.iter().map(|v| v + noise.sample(rng)).collect(),
        Err(_) => values.clone(),
    };
    let solve = |levels: &[u64]| {
        let values: Vec<f64> = levels.iter().map(|&level| level as f64).collect();
        knapsack(&values, &weights, capacity).items
    };
    let (first, second) = (solve(&levels), solve(&quantised(&moved, k)));
    let shared = first
        .iter()
        .filter(|item| second.binary_search(item).is_ok())
        .count();
    (count, (first.len() + second.len() - 2 * shared) as f64)
}

/// Centres of K bins of [0, 1] in units of half a bin: 1, 3, …, 2K − 1. Values beyond [0, 1] fall
/// into the outer bins.
fn quantised(values: &[f64], k: usize) -> Vec<u64> {
    values
        .iter()
        .map(|value| {
            let bin = (value * k as f64).floor().clamp(0.0, (k - 1) as f64);
            2 * bin as u64 + 1
        })
        .collect()
}

/// Number of item sets of largest value within a capacity, exactly (as a float: it may be
/// astronomic).
///
/// Values are above 0. Dynamic programme over (exact weight): best value and how many sets reach
/// it.
pub fn count_optima(values: &[u64], weights: &[u64], capacity: u64) -> f64 {
    let width = capacity as usize + 1;
    // For each exact total weight the best value and the number of sets; no set yet: count 0.
    let mut best = vec![0u64; width];
    let mut count = vec![0.0f64; width];
    count[0] = 1.0;
    for (&value, &weight) in values.iter().zip(weights) {
        let weight = weight as usize;
        if weight >= width {
            continue;
        }
        for total in (weight..width).rev() {
            let from = total - weight;
            if count[from] == 0.0 {
                continue;
            }
            let with = best[from] + value;
            if count[total] == 0.0 || with > best[total] {
                best[total] = with;
                count[total] = count[from];
            } else if with == best[total] {
                count[total] += count[from];
            }
        }
    }
    let reached = || best.iter().zip(&count).filter(|&(_, &count)| count > 0.0);
    let most = reached().map(|(&best, _)| best).max().unwrap_or(0);
    reached()
        .filter(|&(&best, _)| best == most)
        .map(|(_, &count)| count)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn optima_are_counted_as_by_trying_all(
            items in proptest::collection::vec((1u64..4, 1u64..7), 0..11), capacity in 0u64..25,
        ) {
            let values: Vec<u64> = items.iter().map(|&(v, _)| v).collect();
            let weights: Vec<u64> = items.iter().map(|&(_, w)| w).collect();
            let worth: Vec<u64> = (0..1u32 << items.len()).filter_map(|set| {
                let sum = |of: &[u64]| (0..of.len()).filter(|i| set >> i & 1 == 1).map(|i| of[i]).sum::<u64>();
                (sum(&weights) <= capacity).then(|| sum(&values))
            }).collect();
            let most = worth.iter().max().copied().unwrap_or(0);
            let expected = worth.iter().filter(|&&w| w == most).count() as f64;
            prop_assert_eq!(count_optima(&values, &weights, capacity), expected);
        }
    }

    #[test]
    fn finer_levels_leave_fewer_optima_and_steadier_summaries() {
        let params = QuantisedKnapsackParams {
            items: 30,
            weights: (1, 12),
            budget: 0.15,
            trials: 60,
            seed: 1,
        };
        let cancel = CancelToken::new();
        let coarse = simulate(5, &params, &cancel).unwrap();
        let fine = simulate(400, &params, &cancel).unwrap();
        assert!(coarse.optimal_solutions.value > fine.optimal_solutions.value);
        assert!(fine.optimal_solutions.value >= 1.0);
        assert!(coarse.deviation.value > fine.deviation.value);
        assert_eq!(simulate(5, &params, &cancel), Some(coarse));
        cancel.cancel();
        assert_eq!(simulate(5, &params, &cancel), None);
    }
}
