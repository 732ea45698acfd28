//! Measures of importance scores through the knapsack they feed: CIS, WIR, IR and WSE.
//!
//! The sensitivity theorems behind them are of Hifi, Mhalla and Sadfi (2005) and Belgacem and Hifi
//! (2008); the measures are of the SummDiff paper, section 4.4. Two variants: [`Variant::Authors`]
//! computes what the released code computes, quirks included; [`Variant::Paper`] the printed
//! formulas with these slips corrected: the value of the best summary that must hold item i counts
//! v_i itself, errors are summed by size (signed ones would cancel), and an item's safe interval
//! ends at the exact tolerance, V_i − V below for a kept item and V − V_i above for a dropped one.
//! The printed interval is cut further by critical ratios, v_i − w_i·ρ for dropped items: that is
//! negative for every item less dense than ρ, so that even a perfect score would leave it.

use crate::domain::Variant;
use crate::summary::knapsack;

/// What sums of float64 scores may differ by: an error of exactly the tolerance is safe.
const ROUNDING: f64 = 1e-9;

/// What the measures need of one video, per segment.
#[derive(Clone, Debug)]
pub struct SegmentCase<'a> {
    /// Mean predicted score, p.
    pub predicted: &'a [f32],
    /// Mean true score, g.
    pub truth: &'a [f32],
    /// Frames, w.
    pub weights: &'a [u64],
    /// Whether the given true summary keeps the segment, y; the paper's variant takes the knapsack
    /// optimum of the true scores instead.
    pub in_truth: &'a [bool],
    /// Frames a summary may keep.
    pub capacity: u64,
}

/// The four measures; `None` is undefined.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sensitivity {
    /// Confidence of the importance score; lower is better, 0 or less guarantees the true summary.
    pub cis: Option<f64>,
    /// Share of the frames whose segment's error stays within its safe interval.
    pub wir: Option<f64>,
    /// Weighted sum of errors, frames × score.
    pub wse: Option<f64>,
    /// Share of the segments whose error stays within its safe interval.
    pub ir: Option<f64>,
}

/// Computes the measures. Slices of different lengths are cut to the shortest.
pub fn sensitivity(case: &SegmentCase<'_>, variant: Variant) -> Sensitivity {
    let count = [
        case.predicted.len(),
        case.truth.len(),
        case.weights.len(),
        case.in_truth.len(),
    ]
    .into_iter()
    .min()
    .unwrap_or(0);
    let value = |at: usize| f64::from(case.truth[at]);
    match variant {
        Variant::Authors => {
            // The value of the given summary, over all segments, even those that are left out of
            // the rest.
            let best = (0..count).filter(|&at| case.in_truth[at]).map(value).sum();
            let items = (0..count)
                .filter(|&at| case.weights[at] <= case.capacity)
                .map(|at| Item::new(case, at, case.in_truth[at]))
                .collect();
            Items::new(items, case.capacity, best).authors()
        }
        Variant::Paper => {
            let values: Vec<f64> = (0..count).map(value).collect();
            let optimum = knapsack(&values, &case.weights[..count], case.capacity);
            let items = (0..count)
                .map(|at| Item::new(case, at, optimum.items.binary_search(&at).is_ok()))
                .collect();
            Items::new(items, case.capacity, optimum.value).paper()
        }
    }
}

#[derive(Clone, Copy)]
struct Item {
    value: f64,
    weight: u64,
    kept: bool,
    /// Predicted less true score, d.
    error: f64,
}

impl Item {
    fn new(case: &SegmentCase<'_>, at: usize, kept: bool) -> Self {
        let value = f64::from(case.truth[at]);
        Self {
            value,
            weight: case.weights[at],
            kept,
            error: f64::from(case.predicted[at]) - value,
        }
    }

    /// Whether the error pushes towards another summary: a kept item worse than it is, or a dropped
    /// one better.
    fn harmful(&self) -> bool {
        if self.kept {
            self.error < 0.0
        } else {
            self.error > 0.0
        }
    }
}

/// What changes when one item is forced the other way.
#[derive(Clone, Copy)]
struct Forced {
    /// Best value without a kept item, or with a dropped one; `None` where a dropped item does not
    /// fit.
    value: Option<f64>,
    /// Value per frame of the first item, densest first, that exceeds the capacity; `None` where
    /// all fit.
    critical: Option<f64>,
}

struct Items {
    items: Vec<Item>,
    forced: Vec<Forced>,
    /// V: value of the true summary.
    best: f64,
}

impl Items {
    fn new(items: Vec<Item>, capacity: u64, best: f64) -> Self {
        let forced = (0..items.len())
            .map(|at| {
                let item = items[at];
                let room = if item.kept {
                    Some(capacity)
                } else {
                    capacity.checked_sub(item.weight)
                };
                let Some(room) = room else {
                    return Forced {
                        value: None,
                        critical: None,
                    };
                };
                let others = || items[..at].iter().chain(&items[at + 1..]);
                let values: Vec<f64> = others().map(|other| other.value).collect();
                let weights: Vec<u64> = others().map(|other| other.weight).collect();
                let own = if item.kept { 0.0 } else { item.value };
                Forced {
                    value: Some(knapsack(&values, &weights, room).value + own),
                    critical: critical_ratio(&values, &weights, room),
                }
            })
            .collect();
        Self {
            items,
            forced,
            best,
        }
    }

    fn authors(&self) -> Sensitivity {
        let harmful = || (0..self.items.len()).filter(|&at| self.items[at].harmful());
        let errors: f64 = harmful().map(|at| self.items[at].error.abs()).sum();
        // Both start from 0, and "all fit" counts −1.
        let ratios = || self.forced.iter().map(|f| f.critical.unwrap_or(-1.0));
        let most_forced = harmful()
            .filter_map(|at| self.forced[at].value)
            .fold(0.0, f64::max);
        let (ratio_most, ratio_least) =
            (ratios().fold(0.0, f64::max), ratios().fold(0.0, f64::min));
        let safe = |at: usize| {
            let item = self.items[at];
            let weight = item.weight as f64;
            let forced = self.forced[at].value.unwrap_or(0.0);
            if item.kept {
                item.error > (forced - self.best).max(weight * ratio_most - item.value)
                    || item.error > 0.0
            } else {
                item.error < (self.best - forced).min(item.value - weight * ratio_least)
                    || item.error < 0.0
            }
        };
        let (wir, ir) = self.shares(safe);
        Sensitivity {
            cis: Some(errors - self.best + most_forced),
            wir,
            ir,
            wse: Some(harmful().map(|at| self.weighted_error(at)).sum()),
        }
    }

    fn paper(&self) -> Sensitivity {
        let all = || 0..self.items.len();
        let harmful = || all().filter(|&at| self.items[at].harmful());
        let errors: f64 = harmful().map(|at| self.items[at].error.abs()).sum();
        let most_forced = harmful()
            .filter_map(|at| self.forced[at].value)
            .reduce(f64::max);
        // Exact for an error in one item: below V_j − V a kept item is worth dropping, above V −
        // V_j a dropped one worth keeping.
        let safe = |at: usize| {
            let item = self.items[at];
            match self.forced[at].value {
                Some(forced) if item.kept => item.error >= forced - self.best - ROUNDING,
                Some(forced) => item.error <= self.best - forced + ROUNDING,
                // Too long for any summary: no error can bring it in.
                None => true,
            }
        };
        let (wir, ir) = self.shares(safe);
        Sensitivity {
            cis: most_forced.map(|forced| errors - self.best + forced),
            wir,
            ir,
            wse: (!self.items.is_empty()).then(|| all().map(|at| self.weighted_error(at)).sum()),
        }
    }

    fn weighted_error(&self, at: usize) -> f64 {
        self.items[at].weight as f64 * self.items[at].error.abs()
    }

    /// Shares of frames and of items that are safe.
    fn shares(&self, safe: impl Fn(usize) -> bool) -> (Option<f64>, Option<f64>) {
        let total: u64 = self.items.iter().map(|item| item.weight).sum();
        let safe: Vec<usize> = (0..self.items.len()).filter(|&at| safe(at)).collect();
        let safe_weight: u64 = safe.iter().map(|&at| self.items[at].weight).sum();
        (
            (total > 0).then(|| safe_weight as f64 / total as f64),
            (!self.items.is_empty()).then(|| safe.len() as f64 / self.items.len() as f64),
        )
    }
}

/// Value per frame of the first item, densest first (equal ones in order), with which the capacity
/// is exceeded.
fn critical_ratio(values: &[f64], weights: &[u64], capacity: u64) -> Option<f64> {
    let ratio = |at: usize| values[at] / weights[at] as f64;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| ratio(b).total_cmp(&ratio(a)));
    let mut total = 0;
    order.into_iter().find_map(|at| {
        total += weights[at];
        (total > capacity).then(|| ratio(at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The theorem itself: a confidence of 0 or less guarantees that the true summary stays
        /// optimal.
        #[test]
        fn a_confident_score_keeps_the_true_summary(
            segments in proptest::collection::vec((1u8..100, 1u64..20, -8i8..9), 1..9), capacity in 1u64..60,
        ) {
            let truth: Vec<f32> = segments.iter().map(|&(v, _, _)| f32::from(v) / 100.0).collect();
            let predicted: Vec<f32> = segments.iter().map(|&(v, _, d)| f32::from(v) / 100.0 + f32::from(d) / 400.0).collect();
            let weights: Vec<u64> = segments.iter().map(|&(_, w, _)| w).collect();
            let case = SegmentCase {
                predicted: &predicted, truth: &truth, weights: &weights, in_truth: &vec![false; weights.len()], capacity,
            };
            let found = sensitivity(&case, Variant::Paper);
            let wide = |v: &[f32]| -> Vec<f64> { v.iter().map(|&v| f64::from(v)).collect() };
            let optimum = knapsack(&wide(&truth), &weights, capacity);
            let with_errors = knapsack(&wide(&predicted), &weights, capacity);
            let kept: f64 = optimum.items.iter().map(|&at| f64::from(predicted[at])).sum();
            if found.cis.is_some_and(|cis| cis <= 0.0) {
                prop_assert!(kept >= with_errors.value - 1e-6);
            }
            prop_assert!(found.wir.is_none_or(|wir| (0.0..=1.0).contains(&wir)));
        }
    }

    proptest! {
        /// By trying: with an error in one item alone, its interval says whether the true summary
        /// stays optimal.
        #[test]
        fn the_safe_interval_is_exact_for_one_item(
            segments in proptest::collection::vec((1u16..50, 1u64..12), 1..8), capacity in 1u64..30, at in 0usize..8, error in -50i16..50,
        ) {
            let at = at % segments.len();
            let truth: Vec<f32> = segments.iter().map(|&(v, _)| f32::from(v)).collect();
            let mut predicted = truth.clone();
            predicted[at] = (predicted[at] + f32::from(error)).max(0.0);
            let weights: Vec<u64> = segments.iter().map(|&(_, w)| w).collect();
            let case = SegmentCase {
                predicted: &predicted, truth: &truth, weights: &weights, in_truth: &vec![false; weights.len()], capacity,
            };
            let found = sensitivity(&case, Variant::Paper);
            let value_of = |summary: u32, values: &[f32]| -> f32 {
                (0..values.len()).filter(|item| summary >> item & 1 == 1).map(|item| values[item]).sum()
            };
            let fits = |summary: &u32| {
                let weight: u64 = (0..weights.len()).filter(|item| summary >> item & 1 == 1).map(|item| weights[item]).sum();
                weight <= capacity
            };
            let best = |values: &[f32]| {
                (0..1u32 << values.len()).filter(fits).map(|summary| value_of(summary, values)).fold(0.0, f32::max)
            };
            let wide: Vec<f64> = truth.iter().map(|&v| f64::from(v)).collect();
            let optimum = knapsack(&wide, &weights, capacity).items.into_iter().fold(0u32, |all, item| all | 1 << item);
            let stays = value_of(optimum, &predicted) >= best(&predicted);
            let safe = (found.ir.unwrap_or(0.0) * weights.len() as f64).round() as usize;
            prop_assert_eq!(safe, weights.len() - usize::from(!stays));
        }

        /// A perfect score is safe everywhere, in the paper's variant.
        #[test]
        fn a_perfect_score_is_safe(segments in proptest::collection::vec((0u16..50, 1u64..12), 1..9), capacity in 1u64..30) {
            let truth: Vec<f32> = segments.iter().map(|&(v, _)| f32::from(v) / 50.0).collect();
            let weights: Vec<u64> = segments.iter().map(|&(_, w)| w).collect();
            let case = SegmentCase {
                predicted: &truth, truth: &truth, weights: &weights, in_truth: &vec![false; weights.len()], capacity,
            };
            let found = sensitivity(&case, Variant::Paper);
            prop_assert_eq!((found.wir, found.ir, found.wse), (Some(1.0), Some(1.0), Some(0.0)));
        }
    }

    #[test]
    fn nothing_to_measure_is_undefined() {
        let case = SegmentCase {
            predicted: &[],
            truth: &[],
            weights: &[],
            in_truth: &[],
            capacity: 3,
        };
        assert_eq!(sensitivity(&case, Variant::Authors).wir, None);
        assert_eq!(sensitivity(&case, Variant::Paper), Sensitivity::default());
        let long = SegmentCase {
            predicted: &[0.5],
            truth: &[0.4],
            weights: &[10],
            in_truth: &[false],
            capacity: 3,
        };
        assert_eq!(sensitivity(&long, Variant::Authors).wir, None);
        assert_eq!(sensitivity(&long, Variant::Paper).wir, Some(1.0));
    }
}
