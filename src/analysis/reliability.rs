//! Chance-corrected agreement of many raters: Krippendorff's α and Fleiss' κ, with bootstrap
//! intervals.
//!
//! Undefined (`None`) for fewer than two raters, no unit rated twice, or ratings that never vary.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::jobs::CancelToken;

/// An estimate with a bootstrap percentile interval.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    pub value: f64,
    /// 2.5 % quantile of the resampled estimates.
    pub low: f64,
    /// 97.5 % quantile.
    pub high: f64,
}

/// Sums over the ratings of one unit (a shot, a frame); all that α with squared differences needs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct UnitSums {
    count: f64,
    sum: f64,
    squares: f64,
}

/// Krippendorff's α with the interval metric (squared differences). `ratings`: per rater one value
/// a unit; not a number = not rated.
pub fn krippendorff_alpha(ratings: &[Vec<f32>]) -> Option<f64> {
    alpha_of(unit_sums(ratings).iter().copied())
}

/// [`krippendorff_alpha`] with an interval from resampling runs of `block` neighbouring units,
/// since neighbours are not independent.
pub fn krippendorff_alpha_interval(
    ratings: &[Vec<f32>],
    block: usize,
    resamples: usize,
    seed: u64,
) -> Option<Interval> {
    krippendorff_alpha_interval_until(ratings, block, resamples, seed, &CancelToken::new())
}

/// [`krippendorff_alpha_interval`], over with once cancelled: what it gives then is of no use.
pub fn krippendorff_alpha_interval_until(
    ratings: &[Vec<f32>],
    block: usize,
    resamples: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Option<Interval> {
    let units = unit_sums(ratings);
    let value = alpha_of(units.iter().copied())?;
    let blocks: Vec<&[UnitSums]> = units.chunks(block.max(1)).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let resampled = (0..resamples)
        .take_while(|_| !cancel.is_cancelled())
        .filter_map(|_| {
            let drawn = (0..blocks.len()).flat_map(|_| blocks[rng.random_range(0..blocks.len())]);
            alpha_of(drawn.copied().collect::<Vec<_>>().into_iter())
        })
        .collect();
    Some(interval(value, resampled))
}

fn unit_sums(ratings: &[Vec<f32>]) -> Vec<UnitSums> {
    let units = ratings.iter().map(Vec::len).max().unwrap_or(0);
    let mut sums = vec![UnitSums::default(); units];
    for rater in ratings {
        for (unit, &rating) in sums.iter_mut().zip(rater) {
            if rating.is_finite() {
                let rating = f64::from(rating);
                unit.count += 1.0;
                unit.sum += rating;
                unit.squares += rating * rating;
            }
        }
    }
    // A unit rated once can be compared with nothing.
    sums.retain(|unit| unit.count >= 2.0);
    sums
}

/// α = 1 − observed over expected disagreement, from `Σ_{i≠j}(x_i − x_j)² = 2(n Σx² − (Σx)²)`.
fn alpha_of(units: impl Iterator<Item = UnitSums>) -> Option<f64> {
    let mut all = UnitSums::default();
    let mut observed = 0.0;
    for unit in units {
        observed += 2.0 * (unit.count * unit.squares - unit.sum.powi(2)) / (unit.count - 1.0);
        all.count += unit.count;
        all.sum += unit.sum;
        all.squares += unit.squares;
    }
    let expected = 2.0 * (all.count * all.squares - all.sum.powi(2)) / (all.count - 1.0);
    // Below this the ratings do not vary but for rounding.
    (all.count >= 2.0 && expected > 1e-12 * all.count * all.squares)
        .then(|| 1.0 - observed / expected)
}

/// Fleiss' κ of picks: per rater one flag a unit, all of one length (the shortest counts).
pub fn fleiss_kappa(picks: &[Vec<bool>]) -> Option<f64> {
    let raters = picks.len() as f64;
    let units = picks.iter().map(Vec::len).min()?;
    if picks.len() < 2 || units == 0 {
        return None;
    }
    let (mut agreement, mut picked) = (0.0, 0.0);
    for unit in 0..units {
        let yes = picks.iter().filter(|rater| rater[unit]).count() as f64;
        let no = raters - yes;
        agreement += (yes * (yes - 1.0) + no * (no - 1.0)) / (raters * (raters - 1.0));
        picked += yes;
    }
    let observed = agreement / units as f64;
    let share = picked / (raters * units as f64);
    let by_chance = share.powi(2) + (1.0 - share).powi(2);
    (by_chance < 1.0 - 1e-12).then(|| (observed - by_chance) / (1.0 - by_chance))
}

/// Mean of values with an interval from resampling them; `None` for no values.
pub fn mean_interval(values: &[f64], resamples: usize, seed: u64) -> Option<Interval> {
    mean_interval_until(values, resamples, seed, &CancelToken::new())
}

/// [`mean_interval`], over with once cancelled: what it gives then is of no use.
pub fn mean_interval_until(
    values: &[f64],
    resamples: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Option<Interval> {
    if values.is_empty() {
        return None;
    }
    let mean = |sum: f64| sum / values.len() as f64;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let resampled = (0..resamples)
        .take_while(|_| !cancel.is_cancelled())
        .map(|_| {
            mean(
                (0..values.len())
                    .map(|_| values[rng.random_range(0..values.len())])
                    .sum(),
            )
        })
        .collect();
    Some(interval(mean(values.iter().sum()), resampled))
}

/// A percentile interval about a value from its resampled estimates.
pub(crate) fn interval(value: f64, mut resampled: Vec<f64>) -> Interval {
    resampled.sort_unstable_by(f64::total_cmp);
    let quantile = |q: f64| {
        let last = resampled.len().saturating_sub(1) as f64;
        resampled
            .get((q * last).round() as usize)
            .copied()
            .unwrap_or(value)
    };
    Interval {
        value,
        low: quantile(0.025),
        high: quantile(0.975),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_equals_the_definition_over_pairs() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut ratings: Vec<Vec<f32>> = (0..4)
            .map(|_| (0..30).map(|_| rng.random_range(1..6) as f32).collect())
            .collect();
        ratings[2][7] = f32::NAN;
        ratings[0][9] = f32::NAN;
        let units: Vec<Vec<f64>> = (0..30)
            .map(|u| {
                let all = ratings.iter().map(|r| f64::from(r[u]));
                all.filter(|v| v.is_finite()).collect()
            })
            .collect();
        let squares = |v: &[f64]| -> f64 {
            v.iter()
                .flat_map(|a| v.iter().map(move |b| (a - b).powi(2)))
                .sum()
        };
        let all = units.concat();
        let observed: f64 = units
            .iter()
            .map(|u| squares(u) / (u.len() as f64 - 1.0))
            .sum();
        let expected = squares(&all) / (all.len() as f64 - 1.0);
        let alpha = krippendorff_alpha(&ratings).unwrap();
        assert!((alpha - (1.0 - observed / expected)).abs() < 1e-12);
        let interval = krippendorff_alpha_interval(&ratings, 3, 200, 1).unwrap();
        assert!(interval.low <= alpha && alpha <= interval.high);
        assert_eq!(
            Some(interval),
            krippendorff_alpha_interval(&ratings, 3, 200, 1)
        );
    }

    #[test]
    fn perfect_and_undefined_agreement() {
        let same = vec![vec![1.0, 2.0, 3.0]; 3];
        assert!((krippendorff_alpha(&same).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(krippendorff_alpha(&[vec![2.0; 4], vec![2.0; 4]]), None);
        assert_eq!(krippendorff_alpha(&same[..1]), None);
        assert_eq!(krippendorff_alpha(&[]), None);
        assert_eq!(
            fleiss_kappa(&[vec![true, false], vec![true, false]]),
            Some(1.0)
        );
        assert_eq!(fleiss_kappa(&[vec![false; 3], vec![false; 3]]), None);
        assert_eq!(fleiss_kappa(&[vec![true]]), None);
    }

    #[test]
    fn fleiss_kappa_of_a_worked_example() {
        // Three raters, four units with 3, 2, 1, 0 picks: observed 2/3, by chance 1/2.
        let picks = [
            vec![true, true, true, false],
            vec![true, true, false, false],
            vec![true, false, false, false],
        ];
        assert!((fleiss_kappa(&picks).unwrap() - 1.0 / 3.0).abs() < 1e-12);
    }
}
