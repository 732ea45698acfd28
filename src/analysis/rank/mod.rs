//! Rank correlation: Kendall's τ-b in O(n log n) (Knight 1966) and Spearman's ρ with average ranks.
//!
//! Undefined (`None`) for fewer than two values, for a constant vector, for vectors of different
//! lengths, and where a value is not a number.

mod inversions;
mod sort;

use std::cell::RefCell;

use inversions::{
    DIGITS, MOST_COUNTED, inversions_by_digits, inversions_by_merging, inversions_of_digits,
};
use rayon::prelude::*;
use sort::{Sorter, TIED};

/// Memory that outlives one pair: asking the system for it anew would cost as much as the counting.
#[derive(Default)]
struct Scratch {
    sorter: Sorter,
    up_y: Vec<u32>,
    up_x: Vec<u32>,
    x_up_y: Vec<f32>,
    places: Vec<u16>,
    spare: Vec<u16>,
    few: Vec<u16>,
}

/// Different values in a vector up to which pairs of values are counted in a table.
const MOST_KINDS: usize = 256;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Kendall's τ-b between two vectors. Equals scipy's `kendalltau`.
pub fn kendall_tau_b(x: &[f32], y: &[f32]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    if x.len() > MOST_COUNTED {
        return Ranked::new(x)?.tau_b_ranked(&Ranked::new(y)?);
    }
    SCRATCH.with_borrow_mut(|scratch| scratch.tau_b(x, y))
}

impl Scratch {
    /// Kendall's τ-b of two vectors of the same length, at most [`MOST_COUNTED`].
    fn tau_b(&mut self, x: &[f32], y: &[f32]) -> Option<f64> {
        let Some((dense, kinds)) = self.sorter.few(y).filter(|&(_, kinds)| kinds <= MOST_KINDS)
        else {
            // τ is the same both ways round.
            return match self.sorter.few(x).filter(|&(_, kinds)| kinds <= MOST_KINDS) {
                Some((dense, kinds)) => {
                    self.few.clear();
                    self.few.extend_from_slice(dense);
                    self.tau_b_with_few(y, x, kinds)
                }
                None => self.tau_b_by_sorting(x, y),
            };
        };
        self.few.clear();
        self.few.extend_from_slice(dense);
        match self.sorter.few(x).filter(|&(_, kinds)| kinds <= MOST_KINDS) {
            // Nothing need be sorted: how often each pair of values occurs says all.
            Some((dense, columns)) => {
                let ranks = self.few.iter().zip(dense).map(|(&y, &x)| (y, x));
                Counts::of(ranks, kinds, columns).tau_b()
            }
            None => self.tau_b_with_few(x, y, kinds),
        }
    }

    /// The same where only y has few kinds of values, whose dense ranks are in `few`.
    fn tau_b_with_few(&mut self, x: &[f32], y: &[f32], kinds: usize) -> Option<f64> {
        if kinds > DIGITS {
            // Ties cost less in the vector that is sorted last.
            return self.tau_b_by_sorting(y, x);
        }
        let x_is_tied = self.sorter.ascending(x, &mut self.up_x)?;
        let up_x = self.up_x.iter().map(|&at| self.few[(at & !TIED) as usize]);
        self.places.clear();
        self.places.extend(up_x);
        let (mut tied_x, mut tied_in_both) = (0, 0);
        if x_is_tied {
            let mut start = 0;
            for run in self.up_x.chunk_by(|_, &next| next & TIED != 0) {
                let end = start + run.len();
                // Among ties of x the ranks of y ascend, so that they are never counted as
                // discordant.
                let ranks = &mut self.places[start..end];
                if ranks.len() > 1 {
                    ranks.sort_unstable();
                    tied_x += pairs(ranks.len() as u64);
                    let same = ranks.chunk_by(|a, b| a == b);
                    tied_in_both += same.map(|run| pairs(run.len() as u64)).sum::<u64>();
                }
                start = end;
            }
        }
        let (discordant, counts) = inversions_of_digits(&self.places);
        let tied_y = counts
            .into_iter()
            .map(|count| pairs(u64::from(count)))
            .sum();
        tau_b_of(x.len() as u64, discordant, [tied_x, tied_y], tied_in_both)
    }

    /// Sorting x in the order of y gives the places of y in the order of x, which are counted;
    /// among ties of x they ascend, so that ties are never counted as discordant.
    fn tau_b_by_sorting(&mut self, x: &[f32], y: &[f32]) -> Option<f64> {
        let y_is_tied = self.sorter.ascending(y, &mut self.up_y)?;
        self.x_up_y.clear();
        let in_order = self.up_y.iter().map(|&at| x[(at & !TIED) as usize]);
        self.x_up_y.extend(in_order);
        let x_is_tied = self.sorter.ascending(&self.x_up_y, &mut self.up_x)?;
        let tied_x = if x_is_tied { tied_pairs(&self.up_x) } else { 0 };
        self.places.clear();
        let (mut tied_y, mut tied_in_both) = (0, 0);
        if y_is_tied {
            tied_y = tied_pairs(&self.up_y);
            // Ties of y get places in the order of x, so that they are not counted either. For each
            // place of y: the first place of its tie, which then moves on.
            let mut first = 0;
            let firsts: Vec<u16> = (0u32..)
                .zip(&self.up_y)
                .map(|(place, &at)| {
                    first = if at & TIED == 0 { place } else { first };
                    first as u16
                })
                .collect();
            let mut next = firsts.clone();
            let (mut before, mut run) = (u16::MAX, 0u64);
            for &place in &self.up_x {
                let first = firsts[(place & !TIED) as usize];
                run *= u64::from(place & TIED != 0 && first == before);
                tied_in_both += run;
                run += 1;
                before = first;
                let next = &mut next[usize::from(first)];
                self.places.push(*next);
                *next = next.wrapping_add(1);
            }
        } else {
            let places = self.up_x.iter().map(|&place| (place & !TIED) as u16);
            self.places.extend(places);
        }
        let discordant = inversions_by_digits(&mut self.places, &mut self.spare);
        tau_b_of(x.len() as u64, discordant, [tied_x, tied_y], tied_in_both)
    }
}

/// How often each pair of ranks occurs.
struct Counts {
    /// `[row][column]`.
    counts: Vec<u32>,
    columns: usize,
}

impl Counts {
    /// Of pairs of ranks below `rows` and `columns`.
    fn of<R: Into<u32>>(ranks: impl Iterator<Item = (R, R)>, rows: usize, columns: usize) -> Self {
        let mut counts = vec![0u32; rows * columns];
        for (row, column) in ranks {
            counts[row.into() as usize * columns + column.into() as usize] += 1;
        }
        Self { counts, columns }
    }

    /// Discordant pairs and pairs tied in both.
    fn discordant_and_tied(&self) -> (u64, u64) {
        // Values in the rows before this one, by column.
        let mut before = vec![0u64; self.columns];
        let (mut discordant, mut tied_in_both) = (0u64, 0u64);
        for row in self.counts.chunks_exact(self.columns.max(1)) {
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

    fn tau_b(&self) -> Option<f64> {
        let mut in_columns = vec![0u64; self.columns];
        let (mut n, mut tied_rows) = (0, 0);
        for row in self.counts.chunks_exact(self.columns.max(1)) {
            let mut in_row = 0;
            for (&count, in_column) in row.iter().zip(&mut in_columns) {
                in_row += u64::from(count);
                *in_column += u64::from(count);
            }
            n += in_row;
            tied_rows += pairs(in_row);
        }
        let tied_columns = in_columns.into_iter().map(pairs).sum();
        let (discordant, tied_in_both) = self.discordant_and_tied();
        tau_b_of(n, discordant, [tied_rows, tied_columns], tied_in_both)
    }
}

/// Pairs of equal values of a sorted vector.
fn tied_pairs(ascending: &[u32]) -> u64 {
    let (mut tied, mut run) = (0u64, 0u64);
    for &at in ascending {
        run = if at & TIED == 0 { 0 } else { run + 1 };
        tied += run;
    }
    tied
}

/// τ-b of n values from the number of discordant pairs, pairs tied in each vector, and pairs tied
/// in both.
fn tau_b_of(n: u64, discordant: u64, tied: [u64; 2], tied_in_both: u64) -> Option<f64> {
    let total = pairs(n);
    let concordant_less_discordant = total as i64 - tied[0] as i64 - tied[1] as i64
        + tied_in_both as i64
        - 2 * discordant as i64;
    let [x, y] = tied.map(|tied| (total - tied) as f64);
    (x > 0.0 && y > 0.0).then(|| {
        // Divided one after the other, because the product of the two would lose digits; the
        // greater first, so that both ways round give the same.
        (concordant_less_discordant as f64 / x.max(y).sqrt() / x.min(y).sqrt()).clamp(-1.0, 1.0)
    })
}

/// Spearman's ρ between two vectors: Pearson correlation of average ranks. Equals scipy's
/// `spearmanr`.
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
        let mut order = Vec::with_capacity(values.len());
        SCRATCH.with_borrow_mut(|scratch| scratch.sorter.ascending(values, &mut order))?;
        let tied_pairs = tied_pairs(&order);
        let mut dense = vec![0; values.len()];
        let mut ranks = 0u32;
        for at in &mut order {
            ranks += u32::from(*at & TIED == 0);
            *at &= !TIED;
            dense[*at as usize] = ranks - 1;
        }
        Some(Self {
            order,
            ranks: ranks as usize,
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
        let tied = [self.tied_pairs, other.tied_pairs];
        tau_b_of(n as u64, discordant, tied, tied_in_both)
    }

    /// Discordant pairs and pairs tied in both, from how often each pair of ranks occurs: for
    /// vectors of few different values.
    fn by_table(&self, other: &Self) -> (u64, u64) {
        let ranks = self.dense.iter().copied().zip(other.dense.iter().copied());
        Counts::of(ranks, self.ranks, other.ranks).discordant_and_tied()
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
            // Up the other vector, each to the place of its rank in this one: within this one's
            // ties the other ascends, so that ties are never counted as discordant.
            let mut next = starts(&self.dense, self.ranks);
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
        if n > MOST_COUNTED {
            return (inversions_by_merging(&mut walk), tied_in_both);
        }
        let discordant = SCRATCH.with_borrow_mut(|Scratch { places, spare, .. }| {
            places.clear();
            if other.ranks == n {
                places.extend(walk.iter().map(|&rank| rank as u16));
            } else {
                // Equal values get places of their own in order of arrival, so that they are never
                // out of order.
                let mut next = starts(&walk, other.ranks);
                places.extend(walk.iter().map(|&rank| {
                    let place = &mut next[rank as usize];
                    *place += 1;
                    (*place - 1) as u16
                }));
            }
            inversions_by_digits(places, spare)
        });
        (discordant, tied_in_both)
    }
}

/// For each of so many ranks the number of smaller ones.
fn starts(dense: &[u32], ranks: usize) -> Vec<u32> {
    let mut counts = vec![0u32; ranks];
    for &rank in dense {
        counts[rank as usize] += 1;
    }
    let mut start = 0;
    for count in &mut counts {
        start += std::mem::replace(count, start);
    }
    counts
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
mod tests;
