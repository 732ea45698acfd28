//! Rank correlation: Kendall's τ-b in O(n log n) (Knight 1966) and Spearman's ρ with average ranks.
//!
//! Undefined (`None`) for fewer than two values, for a constant vector, for vectors of different lengths, and where a value is not a number.

mod inversions;
mod sort;

use inversions::{MOST_COUNTED, inversions_by_digits, inversions_by_merging};
use rayon::prelude::*;
use sort::sorted_keys;

/// Kendall's τ-b between two vectors. Equals scipy's `kendalltau`.
pub fn kendall_tau_b(x: &[f32], y: &[f32]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    let (x, y) = rayon::join(|| Ranked::new(x), || Ranked::new(y));
    x?.tau_b_ranked(&y?)
}

/// Spearman's ρ between two vectors: Pearson correlation of average ranks. Equals scipy's `spearmanr`.
pub fn spearman_rho(x: &[f32], y: &[f32]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    pearson(
        &Ranked::new(x)?.average_ranks(),
        &Ranked::new(y)?.average_ranks(),
    )
}

/// Pearson correlation; `None` for a constant vector.
pub fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len().min(y.len());
    if n < 2 {
        return None;
    }
    let mean = |v: &[f64]| v[..n].iter().sum::<f64>() / n as f64;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

/// A vector sorted once, to be compared with many others.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Positions of the values in ascending order.
    order: Vec<u32>,
    /// Dense rank of each position: equal values share one.
    dense: Vec<u32>,
    /// Number of different values.
    ranks: usize,
    /// Pairs of equal values.
    tied_pairs: u64,
}

impl Ranked {
    /// `None` where a value is not a number.
    pub fn new(values: &[f32]) -> Option<Self> {
        if values.iter().any(|v| v.is_nan()) || u32::try_from(values.len()).is_err() {
            return None;
        }
        let keys = sorted_keys(values);
        let mut order = Vec::with_capacity(values.len());
        let mut dense = vec![0; values.len()];
        let (mut rank, mut run, mut tied_pairs) = (0u32, 0u64, 0u64);
        let mut before = keys.first().map_or(0, |key| key >> 32);
        // Without branches: ties come and go unpredictably.
        for key in keys {
            let (value, position) = (key >> 32, key as u32);
            let differs = u32::from(before != value);
            rank += differs;
            run *= u64::from(1 - differs);
            before = value;
            tied_pairs += run;
            run += 1;
            dense[position as usize] = rank;
            order.push(position);
        }
        Some(Self {
            order,
            ranks: if values.is_empty() {
                0
            } else {
                rank as usize + 1
            },
            dense,
            tied_pairs,
        })
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Ranks from 1, equal values sharing the mean of theirs.
    pub fn average_ranks(&self) -> Vec<f64> {
        let mut ranks = vec![0.0; self.len()];
        let mut start = 0;
        while start < self.len() {
            let rank = self.dense[self.order[start] as usize];
            let mut end = start + 1;
            while end < self.len() && self.dense[self.order[end] as usize] == rank {
                end += 1;
            }
            for &position in &self.order[start..end] {
                ranks[position as usize] = (start + end + 1) as f64 / 2.0;
            }
            start = end;
        }
        ranks
    }

    /// Kendall's τ-b with another vector of the same length.
    pub fn tau_b(&self, other: &[f32]) -> Option<f64> {
        Self::new(other).and_then(|other| self.tau_b_ranked(&other))
    }

    /// Kendall's τ-b with another sorted vector of the same length.
    pub fn tau_b_ranked(&self, other: &Self) -> Option<f64> {
        let n = self.len();
        if n < 2 || n != other.len() {
            return None;
        }
        let (discordant, tied_in_both) = if self.ranks.saturating_mul(other.ranks) <= 2 * n {
            self.by_table(other)
        } else {
            self.by_walking(other)
        };
        let total = pairs(n as u64);
        let concordant_less_discordant =
            total as i64 - self.tied_pairs as i64 - other.tied_pairs as i64 + tied_in_both as i64
                - 2 * discordant as i64;
        let untied = |tied: u64| (total - tied) as f64;
        let (x, y) = (untied(self.tied_pairs), untied(other.tied_pairs));
        (x > 0.0 && y > 0.0).then(|| {
            // Divided one after the other: the product of the two would lose digits.
            (concordant_less_discordant as f64 / x.sqrt() / y.sqrt()).clamp(-1.0, 1.0)
        })
    }

    /// Discordant pairs and pairs tied in both, from how often each pair of ranks occurs: for vectors of few different values.
    fn by_table(&self, other: &Self) -> (u64, u64) {
        let columns = other.ranks;
        let mut table = vec![0u32; self.ranks * columns];
        for (&row, &column) in self.dense.iter().zip(&other.dense) {
            table[row as usize * columns + column as usize] += 1;
        }
        // Values in the rows before this one, by column.
        let mut before = vec![0u64; columns];
        let (mut discordant, mut tied_in_both) = (0u64, 0u64);
        for row in table.chunks_exact(columns) {
            let mut greater_before = 0;
            for (&count, before) in row.iter().zip(&mut before).rev() {
                let count = u64::from(count);
                discordant += count * greater_before;
                tied_in_both += pairs(count);
                greater_before += *before;
                *before += count;
            }
        }
        (discordant, tied_in_both)
    }

    /// Discordant pairs and pairs tied in both, from the other's ranks in the order of this one.
    fn by_walking(&self, other: &Self) -> (u64, u64) {
        let n = self.len();
        let mut tied_in_both = 0u64;
        let mut walk: Vec<u32>;
        if self.ranks == n {
            walk = self
                .order
                .iter()
                .map(|&at| other.dense[at as usize])
                .collect();
        } else {
            // Up the other vector, each to the place of its rank in this one: within this one's ties the other ascends, so that ties
            // are never counted as discordant.
            let mut next = vec![0u32; self.ranks + 1];
            for &rank in &self.dense {
                next[rank as usize + 1] += 1;
            }
            for rank in 1..next.len() {
                next[rank] += next[rank - 1];
            }
            walk = vec![0; n];
            let mut last = vec![(u32::MAX, 0u64); self.ranks];
            for &at in &other.order {
                let (rank, value) = (self.dense[at as usize] as usize, other.dense[at as usize]);
                let place = &mut next[rank];
                walk[*place as usize] = value;
                *place += 1;
                let (before, run) = &mut last[rank];
                *run *= u64::from(*before == value);
                tied_in_both += *run;
                *run += 1;
                *before = value;
            }
        }
        let discordant = if n <= MOST_COUNTED {
            inversions_by_digits(&mut walk, other.ranks)
        } else {
            inversions_by_merging(&mut walk)
        };
        (discordant, tied_in_both)
    }
}

fn pairs(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// τ-b of every row vector with every column vector, `[rows][columns]`; each vector is sorted once.
pub fn tau_b_table(rows: &[Vec<f32>], columns: &[Vec<f32>]) -> Vec<Vec<Option<f64>>> {
    let rank = |vectors: &[Vec<f32>]| -> Vec<Option<Ranked>> {
        vectors.par_iter().map(|v| Ranked::new(v)).collect()
    };
    let (rows, columns) = (rank(rows), rank(columns));
    rows.par_iter()
        .map(|row| {
            columns
                .iter()
                .map(|column| row.as_ref()?.tau_b_ranked(column.as_ref()?))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_counting_pairs(x: &[f32], y: &[f32]) -> Option<f64> {
        let (mut sum, mut untied_x, mut untied_y) = (0i64, 0i64, 0i64);
        for i in 0..x.len() {
            for j in 0..i {
                let sign = |v: &[f32]| (v[i] > v[j]) as i64 - (v[i] < v[j]) as i64;
                sum += sign(x) * sign(y);
                untied_x += sign(x).abs();
                untied_y += sign(y).abs();
            }
        }
        (untied_x > 0 && untied_y > 0)
            .then(|| sum as f64 / ((untied_x as f64).sqrt() * (untied_y as f64).sqrt()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn tau_equals_counting_every_pair(pairs in proptest::collection::vec((0u8..12, 0u8..30), 0..90)) {
            let x: Vec<f32> = pairs.iter().map(|&(x, _)| f32::from(x)).collect();
            let y: Vec<f32> = pairs.iter().map(|&(_, y)| f32::from(y) / 7.0).collect();
            match (kendall_tau_b(&x, &y), by_counting_pairs(&x, &y)) {
                (Some(found), Some(expected)) => prop_assert!((found - expected).abs() < 1e-12),
                (found, expected) => prop_assert_eq!(found, expected),
            }
            let reversed: Vec<f32> = x.iter().map(|v| -v).collect();
            if let (Some(tau), Some(negative)) = (kendall_tau_b(&x, &y), kendall_tau_b(&reversed, &y)) {
                prop_assert!((tau + negative).abs() < 1e-12);
            }
        }

        #[test]
        fn long_vectors_equal_counting_every_pair(seed in 0u64..1000, levels in 2u32..4000) {
            use rand::{Rng, SeedableRng};
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let mut draw = || -> Vec<f32> { (0..1300).map(|_| rng.random_range(0..levels) as f32 / 3.0 - 5.0).collect() };
            let (x, y) = (draw(), draw());
            let (found, expected) = (kendall_tau_b(&x, &y), by_counting_pairs(&x, &y));
            prop_assert!((found.unwrap() - expected.unwrap()).abs() < 1e-12);
        }

        #[test]
        fn both_ways_of_counting_find_the_same_pairs(seed in 0u64..1000, n in 2usize..3000, levels in 1u32..4000) {
            use rand::{Rng, SeedableRng};
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let mut draw = |levels: u32| -> Vec<f32> { (0..n).map(|_| rng.random_range(0..levels) as f32).collect() };
            let (x, y) = (Ranked::new(&draw(levels)).unwrap(), Ranked::new(&draw(1 + levels % 37)).unwrap());
            prop_assert_eq!(x.by_table(&y), x.by_walking(&y));
            prop_assert_eq!(y.by_table(&x), y.by_walking(&x));
            let (counted, mut values) = (inversions_by_digits(&mut x.dense.clone(), x.ranks), x.dense.clone());
            prop_assert_eq!(counted, inversions_by_merging(&mut values));
        }

        #[test]
        fn average_ranks_sum_to_the_plain_ranks(values in proptest::collection::vec(0u8..9, 1..60)) {
            let values: Vec<f32> = values.into_iter().map(f32::from).collect();
            let n = values.len();
            let sum: f64 = Ranked::new(&values).unwrap().average_ranks().iter().sum();
            prop_assert!((sum - (n * (n + 1)) as f64 / 2.0).abs() < 1e-9);
        }
    }

    #[test]
    fn undefined_is_said_not_computed() {
        assert_eq!(
            kendall_tau_b(&[0.5; 9], &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
            None
        );
        assert_eq!(spearman_rho(&[0.5; 3], &[1.0, 2.0, 3.0]), None);
        assert_eq!(kendall_tau_b(&[1.0], &[1.0]), None);
        assert_eq!(kendall_tau_b(&[1.0, f32::NAN], &[1.0, 2.0]), None);
        assert_eq!(kendall_tau_b(&[1.0, 2.0], &[1.0, 2.0, 3.0]), None);
        let with_both_zeros = kendall_tau_b(&[-0.0, 0.0, 1.0], &[1.0, 2.0, 3.0]);
        let expected = by_counting_pairs(&[0.0, 0.0, 1.0], &[1.0, 2.0, 3.0]);
        assert!((with_both_zeros.unwrap() - expected.unwrap()).abs() < 1e-12);
    }
}
