//! Rank correlation: Kendall's τ-b in O(n log n) (Knight 1966) and Spearman's ρ with average ranks.
//!
//! Undefined (`None`) for fewer than two values, for a constant vector, for vectors of different lengths, and where a value is not a number.

use rayon::prelude::*;

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

/// Up to this length pairs out of order are counted without branches; beyond, sorting by merging has the better order of growth.
const MOST_COUNTED: usize = 1 << 15;

impl Ranked {
    /// `None` where a value is not a number.
    pub fn new(values: &[f32]) -> Option<Self> {
        if values.iter().any(|v| v.is_nan()) || u32::try_from(values.len()).is_err() {
            return None;
        }
        // Value and position in one integer: sorting these is several times faster than sorting positions by value.
        let mut keys: Vec<u64> = values
            .iter()
            .zip(0u64..)
            .map(|(&value, position)| u64::from(ordered(value)) << 32 | position)
            .collect();
        sort_keys(&mut keys);
        let mut order = Vec::with_capacity(values.len());
        let mut dense = vec![0; values.len()];
        let (mut rank, mut run, mut tied_pairs) = (0u32, 0u64, 0u64);
        let mut before = None;
        for key in keys {
            let (value, position) = (key >> 32, key as u32);
            if before.is_some_and(|before| before != value) {
                rank += 1;
                run = 0;
            }
            before = Some(value);
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
        // Walk up the first vector; within its ties walk up the second, so that ties are never counted as discordant.
        let mut walk: Vec<u32> = self
            .order
            .iter()
            .map(|&at| other.dense[at as usize])
            .collect();
        let (mut start, mut tied_in_both) = (0, 0u64);
        while self.ranks < n && start < n {
            let rank = self.dense[self.order[start] as usize];
            let mut end = start + 1;
            while end < n && self.dense[self.order[end] as usize] == rank {
                end += 1;
            }
            let ties = &mut walk[start..end];
            ties.sort_unstable();
            for run in ties.chunk_by(|a, b| a == b) {
                tied_in_both += pairs(run.len() as u64);
            }
            start = end;
        }
        let discordant = if n <= MOST_COUNTED {
            inversions_by_counting(&walk, other.ranks)
        } else {
            inversions(&mut walk)
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
}

/// Sorts by the upper half of each key, keeping the order of equal ones: radix sort, three digits of eleven bits.
fn sort_keys(keys: &mut Vec<u64>) {
    const BITS: u32 = 11;
    const SIZE: usize = 1 << BITS;
    // Short vectors are done before the counters are cleared.
    if keys.len() < 1024 {
        keys.sort_unstable();
        return;
    }
    let digit = |key: u64, pass: u32| (key >> (32 + pass * BITS)) as usize & (SIZE - 1);
    let mut counts = vec![[0u32; SIZE]; 3];
    for &key in keys.iter() {
        for (pass, counts) in counts.iter_mut().enumerate() {
            counts[digit(key, pass as u32)] += 1;
        }
    }
    let mut sorted = vec![0u64; keys.len()];
    for (pass, counts) in counts.iter_mut().enumerate() {
        // All alike in this digit: nothing to move.
        if counts.iter().any(|&count| count as usize == keys.len()) {
            continue;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            start += std::mem::replace(count, start);
        }
        for &key in keys.iter() {
            let place = &mut counts[digit(key, pass as u32)];
            sorted[*place as usize] = key;
            *place += 1;
        }
        std::mem::swap(keys, &mut sorted);
    }
}

/// An integer that sorts as the float does; -0 and 0 are equal, as scores are.
fn ordered(value: f32) -> u32 {
    let bits = (value + 0.0).to_bits();
    if bits >> 31 == 1 {
        !bits
    } else {
        bits | 1 << 31
    }
}

fn pairs(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// Number of pairs out of order among values below `ranks`.
///
/// The values seen so far are bits in words, with the number of bits before each word kept up to date in two levels of sixteen words
/// and up to 32 blocks: a value costs a few vector additions instead of a branch nobody can predict at each level of a merge.
fn inversions_by_counting(values: &[u32], ranks: usize) -> u64 {
    const WORDS: usize = 16;
    const BLOCKS: usize = MOST_COUNTED / 64 / WORDS;
    // Equal values get places of their own in order of arrival, so that they are never out of order.
    let mut next = vec![0u32; ranks + 1];
    for &value in values {
        next[value as usize + 1] += 1;
    }
    for rank in 1..next.len() {
        next[rank] += next[rank - 1];
    }
    let mut seen = [[0u64; WORDS]; BLOCKS];
    // Bits in the words of the same block before this one, and in the blocks before this one.
    let mut in_block = [[0u16; WORDS]; BLOCKS];
    let mut in_blocks = [0u16; BLOCKS];
    let mut count = 0u64;
    for (arrived, &value) in (0u64..).zip(values) {
        let place = next[value as usize] as usize;
        next[value as usize] += 1;
        let (block, word, bit) = (place / 64 / WORDS, place / 64 % WORDS, place % 64);
        let lower = seen[block][word] & ((1u64 << bit) - 1);
        let before = in_blocks[block] + in_block[block][word];
        count += arrived - u64::from(before) - u64::from(lower.count_ones());
        seen[block][word] |= 1 << bit;
        for (other, sum) in (0u16..).zip(&mut in_block[block]) {
            *sum += u16::from(other > word as u16);
        }
        for (other, sum) in (0u16..).zip(&mut in_blocks) {
            *sum += u16::from(other > block as u16);
        }
    }
    count
}

/// Number of pairs out of order; sorts the values by merging.
fn inversions(values: &mut [u32]) -> u64 {
    const SMALL: usize = 16;
    let n = values.len();
    let mut count = 0;
    for run in values.chunks_mut(SMALL) {
        for at in 1..run.len() {
            let value = run[at];
            let mut to = at;
            while to > 0 && run[to - 1] > value {
                run[to] = run[to - 1];
                to -= 1;
            }
            run[to] = value;
            count += (at - to) as u64;
        }
    }
    let mut buffer = vec![0; n];
    let mut width = SMALL;
    let mut in_values = true;
    while width < n {
        {
            let (from, to): (&[u32], &mut [u32]) = if in_values {
                (&*values, &mut buffer)
            } else {
                (&buffer, &mut *values)
            };
            for (from, to) in from.chunks(2 * width).zip(to.chunks_mut(2 * width)) {
                let (left, right) = from.split_at(width.min(from.len()));
                count += merge(left, right, to);
            }
        }
        in_values = !in_values;
        width *= 2;
    }
    if !in_values {
        values.copy_from_slice(&buffer);
    }
    count
}

fn merge(left: &[u32], right: &[u32], to: &mut [u32]) -> u64 {
    let (mut l, mut r, mut count) = (0, 0, 0u64);
    for out in to.iter_mut() {
        let take_right = r < right.len() && (l == left.len() || right[r] < left[l]);
        if take_right {
            *out = right[r];
            r += 1;
            count += (left.len() - l) as u64;
        } else {
            *out = left[l];
            l += 1;
        }
    }
    count
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
