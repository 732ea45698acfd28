//! The 0/1 knapsack over segments, exactly as the field's dynamic programme solves it, ties
//! included.
//!
//! `Cell(i, w) = max(value_i + Cell(i−1, w − weight_i), Cell(i−1, w))`, with row 0 and column `w =
//! 0` forced to 0, traced back from the last item, which is picked where the cell differs from the
//! one above (exact comparison of float64 sums taken in item order). So a tie leaves the later item
//! out, items of no value are never picked, and items of no weight are not picked once no capacity
//! is left.
//!
//! [`knapsack`] gives that answer. Where the best choice is unique beyond rounding, which a
//! branch-and-bound search (Horowitz and Sahni 1974, with the fractional bound of Dantzig) proves
//! in microseconds, every exact method gives the same answer and the table is not made; otherwise
//! [`by_table`] decides.

/// What the knapsack keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picked {
    /// Ascending item indices.
    pub items: Vec<usize>,
    /// Sum of the picked values, in item order.
    pub value: f64,
    pub weight: u64,
}

impl Picked {
    fn new(items: Vec<usize>, values: &[f64], weights: &[u64]) -> Self {
        Self {
            value: items.iter().map(|&i| values[i]).sum(),
            weight: items.iter().map(|&i| weights[i]).sum(),
            items,
        }
    }
}

/// Two sums closer than this may be a tie that rounding decides: the table must be asked. Far above
/// the rounding of any realistic sum of scores in [0, 1], far below any difference that means
/// something.
const TIE: f64 = 1e-9;

/// Search steps after which the table is cheaper than going on.
const MOST_STEPS: usize = 6_000;

/// Ties after which a unique best set is no longer expected.
const MOST_TIES: usize = 64;

/// Solves the knapsack over `values` and `weights` (same length; the shorter counts) within
/// `capacity`.
///
/// Values that are negative or not a number are never picked.
pub fn knapsack(values: &[f64], weights: &[u64], capacity: u64) -> Picked {
    let count = values.len().min(weights.len());
    let (values, weights) = (&values[..count], &weights[..count]);
    // The search knows no rule for items of no weight, and sums of huge values leave no room for
    // its margin.
    let plain = (0..count).all(|i| weights[i] > 0 && (values[i] <= 1e4 || values[i].is_nan()));
    let items = plain
        .then(|| unique_best(values, weights, capacity))
        .flatten()
        .unwrap_or_else(|| table_items(values, weights, capacity));
    Picked::new(items, values, weights)
}

/// The same answer by the plain dynamic programme, O(items · capacity).
pub fn by_table(values: &[f64], weights: &[u64], capacity: u64) -> Picked {
    let count = values.len().min(weights.len());
    let items = table_items(&values[..count], &weights[..count], capacity);
    Picked::new(items, &values[..count], &weights[..count])
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

/// The greatest common divisor of the weights that fit; 0 where none does.
fn divisor_within(weights: &[u64], capacity: u64) -> u64 {
    weights
        .iter()
        .copied()
        .filter(|&w| w <= capacity)
        .fold(0, greatest_common_divisor)
}

fn table_items(values: &[f64], weights: &[u64], capacity: u64) -> Vec<usize> {
    let count = values.len();
    // Sums above the total weight are all alike, and so are capacities between multiples of the
    // weights' divisor.
    let total = weights.iter().fold(0u64, |sum, &w| sum.saturating_add(w));
    let no_weightless = weights.iter().all(|&w| w > 0);
    // Items of no weight depend on whether any room is left.
    let capacity = capacity.min(total.saturating_add(u64::from(!no_weightless)));
    // The last segment ends where the video does, mostly off the grid that all others keep to:
    // decided by itself, on the row of the others, it does not widen the table.
    let off_grid = no_weightless
        && weights.split_last().is_some_and(|(_, others)| {
            divisor_within(others, capacity) > divisor_within(weights, capacity)
        });
    let tabled = count - usize::from(off_grid);
    let divisor = if no_weightless {
        divisor_within(&weights[..tabled], capacity).max(1)
    } else {
        1
    };
    let Ok(width) = usize::try_from(capacity / divisor).map(|c| c + 1) else {
        return Vec::new();
    };
    let mut row = vec![0.0f64; width];
    let mut above = vec![0.0f64; width];
    let mut picked = vec![0u8; width * tabled];
    for item in 0..tabled {
        std::mem::swap(&mut row, &mut above);
        let value = values[item];
        // Never picked: not worth more than nothing, or too heavy.
        if value.is_nan() || value <= 0.0 || weights[item] > capacity {
            row.copy_from_slice(&above);
            continue;
        }
        let weight = (weights[item] / divisor) as usize;
        row[..weight].copy_from_slice(&above[..weight]);
        let out = &mut row[weight..];
        let marks = &mut picked[item * width + weight..(item + 1) * width];
        let (lighter, same) = (&above[..width - weight], &above[weight..]);
        for (((out, mark), &lighter), &same) in out.iter_mut().zip(marks).zip(lighter).zip(same) {
            let with = value + lighter;
            *mark = u8::from(with > same);
            *out = if with > same { with } else { same };
        }
        if weight == 0 {
            row[0] = 0.0;
            picked[item * width] = 0;
        }
    }
    let mut left = width - 1;
    let mut items = Vec::new();
    if off_grid && values[tabled] > 0.0 {
        let without = ((capacity - weights[tabled]) / divisor) as usize;
        if values[tabled] + row[without] > row[left] {
            items.push(tabled);
            left = without;
        }
    }
    for item in (0..tabled).rev() {
        if picked[item * width + left] == 1 {
            items.push(item);
            left -= (weights[item] / divisor) as usize;
        }
    }
    items.reverse();
    items
}

/// The one best set, or `None` where another set comes within [`TIE`] of it or the search takes too
/// long.
///
/// All weights are above 0.
fn unique_best(values: &[f64], weights: &[u64], capacity: u64) -> Option<Vec<usize>> {
    let mut order: Vec<(f64, f64, u64, usize)> = (0..values.len())
        .filter(|&i| values[i] > 0.0 && weights[i] <= capacity)
        .map(|i| (values[i] / weights[i] as f64, values[i], weights[i], i))
        .collect();
    // A value this small could be left out without notice, so its presence is a tie.
    if order.iter().any(|&(_, value, _, _)| value <= TIE) {
        return None;
    }
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.3.cmp(&b.3)));
    let mut search = Search {
        order: &order,
        taken: Vec::with_capacity(order.len()),
        best: Vec::new(),
        best_value: 0.0,
        ties: 0,
        steps: 0,
    };
    let lightest = search.lightest_after();
    search.run(&lightest, capacity);
    (search.ties == 0).then(|| {
        let mut items: Vec<usize> = search.best.iter().map(|&at| order[at].3).collect();
        items.sort_unstable();
        items
    })
}

struct Search<'a> {
    /// (density, value, weight, item), densest first.
    order: &'a [(f64, f64, u64, usize)],
    /// Positions in `order` that the present branch holds.
    taken: Vec<usize>,
    best: Vec<usize>,
    /// Largest value met.
    best_value: f64,
    /// Sets met that may tie with the best.
    ties: usize,
    steps: usize,
}

impl Search<'_> {
    /// Least weight among the items from a position on.
    fn lightest_after(&self) -> Vec<u64> {
        let mut lightest = vec![u64::MAX; self.order.len() + 1];
        for at in (0..self.order.len()).rev() {
            lightest[at] = lightest[at + 1].min(self.order[at].2);
        }
        lightest
    }

    /// Depth first, densest item first; a branch is left when its fractional bound is [`TIE`] below
    /// the best, so that every set that could tie with the best is met.
    fn run(&mut self, lightest: &[u64], capacity: u64) {
        let (mut value, mut left) = (0.0f64, capacity);
        let mut at = 0;
        loop {
            // Forward: take whatever fits, as long as the bound allows.
            loop {
                self.steps += 1;
                if self.steps > MOST_STEPS || self.ties > MOST_TIES {
                    self.ties = self.ties.max(1);
                    return;
                }
                if at == self.order.len() || left < lightest[at] {
                    self.meet(value);
                    break;
                }
                if self.bound(at, value, left) < self.best_value - 2.0 * TIE {
                    break;
                }
                let (_, item_value, weight, _) = self.order[at];
                if weight <= left {
                    self.taken.push(at);
                    value += item_value;
                    left -= weight;
                }
                at += 1;
            }
            // Back: leave the last taken item out and go on behind it.
            let Some(last) = self.taken.pop() else {
                return;
            };
            value -= self.order[last].1;
            left += self.order[last].2;
            at = last + 1;
        }
    }

    /// A complete set of the present value.
    fn meet(&mut self, value: f64) {
        if value > self.best_value + 2.0 * TIE {
            // The sets met before are now out of reach of a tie.
            self.best_value = value;
            self.best.clone_from(&self.taken);
            self.ties = 0;
        } else if value > self.best_value - 2.0 * TIE {
            self.best_value = self.best_value.max(value);
            self.ties += 1;
        }
    }

    /// Value that cannot be exceeded with the items from `at` on.
    fn bound(&self, at: usize, value: f64, mut left: u64) -> f64 {
        let mut bound = value;
        for &(density, item_value, weight, _) in &self.order[at..] {
            if weight > left {
                return bound + density * left as f64;
            }
            bound += item_value;
            left -= weight;
        }
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The recurrence as stated, cell by cell.
    fn stated(values: &[f64], weights: &[u64], capacity: u64) -> Vec<usize> {
        let width = capacity as usize + 1;
        let mut cells = vec![vec![0.0f64; width]; values.len() + 1];
        for i in 1..=values.len() {
            for w in 1..width {
                let weight = weights[i - 1] as usize;
                cells[i][w] = if weight <= w {
                    (values[i - 1] + cells[i - 1][w - weight]).max(cells[i - 1][w])
                } else {
                    cells[i - 1][w]
                };
            }
        }
        let (mut w, mut picked) = (capacity as usize, Vec::new());
        for i in (1..=values.len()).rev() {
            if cells[i][w] != cells[i - 1][w] {
                picked.push(i - 1);
                w -= weights[i - 1] as usize;
            }
        }
        picked.reverse();
        picked
    }

    fn best_by_trying_all(values: &[f64], weights: &[u64], capacity: u64) -> f64 {
        (0..1u32 << values.len())
            .filter_map(|set| {
                let chosen = || (0..values.len()).filter(move |&i| set >> i & 1 == 1);
                (chosen().map(|i| weights[i]).sum::<u64>() <= capacity)
                    .then(|| chosen().map(|i| values[i]).sum())
            })
            .fold(0.0, f64::max)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn equals_the_recurrence_with_its_ties(
            items in proptest::collection::vec((0u32..11, 0u64..40), 0..40), capacity in 0u64..300, grid in any::<bool>(),
        ) {
            // On the grid ties abound; off it values are all different.
            let values: Vec<f64> = items.iter().enumerate().map(|(i, &(v, _))| {
                f64::from(v) / 10.0 + if grid { 0.0 } else { 0.001 * ((i * i % 97) as f64).sqrt() }
            }).collect();
            let weights: Vec<u64> = items.iter().map(|&(_, w)| w).collect();
            let expected = stated(&values, &weights, capacity);
            prop_assert_eq!(&knapsack(&values, &weights, capacity).items, &expected);
            prop_assert_eq!(&by_table(&values, &weights, capacity).items, &expected);
        }

        #[test]
        fn a_last_item_off_the_grid_of_the_others_changes_nothing(
            items in proptest::collection::vec((0u32..6, 1u64..6), 1..24), last in (0u32..12, 1u64..60), step in 2u64..16,
            capacity in 0u64..400,
        ) {
            let value = |level: u32| f64::from(level) / 5.0;
            let mut values: Vec<f64> = items.iter().map(|&(v, _)| value(v)).collect();
            let mut weights: Vec<u64> = items.iter().map(|&(_, w)| w * step).collect();
            values.push(value(last.0));
            weights.push(last.1);
            let expected = stated(&values, &weights, capacity);
            prop_assert_eq!(&by_table(&values, &weights, capacity).items, &expected);
            prop_assert_eq!(&knapsack(&values, &weights, capacity).items, &expected);
        }

        #[test]
        fn is_worth_the_best_of_all_subsets(
            items in proptest::collection::vec((0.0f64..1.0, 1u64..30), 0..13), capacity in 0u64..120, step in 1u64..16,
        ) {
            let values: Vec<f64> = items.iter().map(|&(v, _)| v).collect();
            let weights: Vec<u64> = items.iter().map(|&(_, w)| w * step).collect();
            let picked = knapsack(&values, &weights, capacity * step / 2);
            prop_assert!(picked.weight <= capacity * step / 2);
            let best = best_by_trying_all(&values, &weights, capacity * step / 2);
            prop_assert!((picked.value - best).abs() < 1e-9);
        }

        #[test]
        fn long_videos_agree_with_the_table(seed in 0u64..1000) {
            use rand::{Rng, SeedableRng};
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let weights: Vec<u64> = (0..100).map(|_| rng.random_range(30..330)).collect();
            let levels = [3.0, 20.0, 1e6][seed as usize % 3];
            let values: Vec<f64> = (0..100).map(|_| (rng.random_range(0.0..1.0f64) * levels).round() / levels).collect();
            prop_assert_eq!(knapsack(&values, &weights, 2700), by_table(&values, &weights, 2700));
        }
    }

    #[test]
    fn every_recorded_instance_is_reproduced() {
        let Some(shared) = crate::testing::shared_dir() else {
            return;
        };
        let text = std::fs::read_to_string(shared.join("fixtures/metrics/knapsack.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        for case in json["cases"].as_array().unwrap() {
            let numbers = |key: &str| -> Vec<f64> {
                let list = case[key].as_array().unwrap();
                list.iter().map(|v| v.as_f64().unwrap()).collect()
            };
            let weights: Vec<u64> = numbers("weights").into_iter().map(|w| w as u64).collect();
            let capacity = case["capacity"].as_u64().unwrap();
            let expected: Vec<usize> = numbers("picked").into_iter().map(|i| i as usize).collect();
            for picked in [
                knapsack(&numbers("values"), &weights, capacity),
                by_table(&numbers("values"), &weights, capacity),
            ] {
                assert_eq!(picked.items, expected, "{}", case["note"]);
                assert!((picked.value - case["total_value"].as_f64().unwrap()).abs() < 1e-9);
                assert_eq!(picked.weight, case["total_weight"].as_u64().unwrap());
            }
        }
    }

    #[test]
    fn weightless_worthless_and_broken_items() {
        // Nothing left after the heavy item: the weightless ones before it are not picked.
        assert_eq!(knapsack(&[1.0, 9.0], &[0, 5], 5).items, vec![1]);
        assert_eq!(knapsack(&[1.0, 9.0], &[0, 5], 6).items, vec![0, 1]);
        assert_eq!(
            knapsack(&[0.0, -1.0, f64::NAN, 0.5], &[1, 1, 1, 1], 9).items,
            vec![3]
        );
        assert!(knapsack(&[], &[], 5).items.is_empty());
        // A divisor of the light weights must not let a heavy item in.
        assert!(knapsack(&[9.0, 1e-3], &[11, 3], 10).items == vec![1]);
    }
}
