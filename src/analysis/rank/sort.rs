//! Sorting positions by value, fast for the lengths and kinds of importance scores.

/// Set in a sorted position whose value equals the one before it.
pub(super) const TIED: u32 = 1 << 31;
/// Bits of a radix digit at most.
const DIGIT_BITS: u32 = 11;
const SIZE: usize = 1 << DIGIT_BITS;
/// Below this length the counters would cost more than they save.
const SHORT: usize = 256;
/// Above this length a position leaves too few bits for the value.
const LONG: usize = 1 << 16;

/// Sorts vectors one after the other, keeping its memory.
#[derive(Default)]
pub(super) struct Sorter {
    keys: Vec<u32>,
    spare: Vec<u32>,
    counts: Vec<u32>,
    dense: Vec<u16>,
}

/// What the values of a vector lie between.
#[derive(Clone, Copy)]
struct Span {
    least: f32,
    most: f32,
}

impl Span {
    /// `None` where a value is NaN. Several lanes, because each comparison waits for the one before
    /// it in the same lane.
    fn of(values: &[f32]) -> Option<Self> {
        const LANES: usize = 16;
        let mut least = [f32::INFINITY; LANES];
        let mut most = [f32::NEG_INFINITY; LANES];
        let mut is_nan = [false; LANES];
        let mut look = |lane: usize, value: f32| {
            least[lane] = if value < least[lane] {
                value
            } else {
                least[lane]
            };
            most[lane] = if value > most[lane] {
                value
            } else {
                most[lane]
            };
            is_nan[lane] |= value.is_nan();
        };
        let mut chunks = values.chunks_exact(LANES);
        for chunk in &mut chunks {
            for (lane, &value) in chunk.iter().enumerate() {
                look(lane, value);
            }
        }
        for (lane, &value) in chunks.remainder().iter().enumerate() {
            look(lane, value);
        }
        (!is_nan.contains(&true)).then(|| Self {
            least: least.into_iter().fold(f32::INFINITY, f32::min),
            most: most.into_iter().fold(f32::NEG_INFINITY, f32::max),
        })
    }

    /// Steps from a value to its level, of which there are `1 << bits`; `None` where there can be
    /// no even levels.
    ///
    /// Subtracting, multiplying and cutting off never change the order of two values, at most make
    /// them alike.
    fn levels(self, bits: u32) -> Option<impl Fn(f32) -> u32> {
        let last = (1i32 << bits) - 1;
        let scale = last as f32 / (self.most - self.least);
        let least = self.least;
        scale
            .is_finite()
            .then_some(move |value| (((value - least) * scale) as i32).min(last) as u32)
    }
}

impl Sorter {
    /// Dense ranks of values of which few are different, equal values sharing one, and the number
    /// of ranks; `None` where there are many, too close together, or one is NaN.
    pub fn few(&mut self, values: &[f32]) -> Option<(&[u16], usize)> {
        let ranks = self.rank_few(values, Span::of(values)?)?;
        Some((&self.dense, ranks))
    }

    /// Each level that occurs must stand for one value.
    fn rank_few(&mut self, values: &[f32], span: Span) -> Option<usize> {
        let level = span.levels(DIGIT_BITS)?;
        let mut value_at = [f32::NAN; SIZE];
        self.dense.clear();
        for &value in values {
            let level = level(value) as usize % SIZE;
            let known = &mut value_at[level];
            if *known != value {
                if !known.is_nan() {
                    return None;
                }
                *known = value;
            }
            self.dense.push(level as u16);
        }
        let mut ranks = 0u16;
        let rank_of = value_at.map(|value| {
            let rank = ranks;
            ranks += u16::from(!value.is_nan());
            rank
        });
        for rank in &mut self.dense {
            *rank = rank_of[usize::from(*rank) % SIZE];
        }
        Some(usize::from(ranks))
    }

    /// Writes the positions of the values in ascending order, equal values in the order of their
    /// positions and marked [`TIED`] but for the first. Returns whether there are any; `None` where
    /// a value is NaN. Fewer than 2³¹ values.
    pub fn ascending(&mut self, values: &[f32], positions: &mut Vec<u32>) -> Option<bool> {
        positions.clear();
        let span = Span::of(values)?;
        let n = values.len();
        if n >= SHORT
            && let Some(ranks) = self.rank_few(values, span)
        {
            self.count_few(ranks, positions);
            return Some(ranks < n);
        }
        if (SHORT..LONG).contains(&n)
            && let Some(position_bits) = self.sort_by_levels(values, span)
        {
            let mask = (1 << position_bits) - 1;
            positions.extend(self.keys.iter().map(|key| key & mask));
            // What the levels do not tell apart is compared.
            let mut is_tied = false;
            let mut at = 1;
            while at < n {
                let level = self.keys[at] >> position_bits;
                if self.keys[at - 1] >> position_bits != level {
                    at += 1;
                    continue;
                }
                let start = at - 1;
                while at < n && self.keys[at] >> position_bits == level {
                    at += 1;
                }
                is_tied |= compare(&mut positions[start..at], values);
            }
            return Some(is_tied);
        }
        positions.extend(0..n as u32);
        Some(compare(positions, values))
    }

    /// Positions by the ranks that were found.
    fn count_few(&mut self, ranks: usize, positions: &mut Vec<u32>) {
        self.counts.clear();
        self.counts.resize(ranks, 0);
        for &rank in &self.dense {
            self.counts[usize::from(rank)] += 1;
        }
        let mut start = 0;
        for count in &mut self.counts {
            start += std::mem::replace(count, start);
        }
        positions.resize(self.dense.len(), 0);
        let firsts = self.counts.clone();
        for (&rank, position) in self.dense.iter().zip(0u32..) {
            let place = &mut self.counts[usize::from(rank)];
            positions[*place as usize] = position | TIED;
            *place += 1;
        }
        for first in firsts {
            positions[first as usize] &= !TIED;
        }
    }

    /// Sorts keys made of a level, even steps from the least to the greatest value, and the
    /// position below it, by two radix digits of the level. Returns the number of bits of the
    /// position; `None` where the values do not allow even steps.
    fn sort_by_levels(&mut self, values: &[f32], span: Span) -> Option<u32> {
        let n = values.len();
        let position_bits = usize::BITS - (n - 1).leading_zeros();
        let bits = (u32::BITS - position_bits).min(2 * DIGIT_BITS);
        let level = span.levels(bits)?;
        let (low_bits, low_mask) = (bits.div_ceil(2), (1usize << bits.div_ceil(2)) - 1);
        self.counts.clear();
        self.counts.resize(2 * SIZE, 0);
        let (low, high) = self.counts.split_at_mut(SIZE);
        let low_digit = |key: u32| (key >> position_bits) as usize & low_mask & (SIZE - 1);
        let high_digit = |key: u32| (key >> (position_bits + low_bits)) as usize & (SIZE - 1);
        self.keys.clear();
        let keys = values.iter().zip(0u32..);
        self.keys
            .extend(keys.map(|(&value, position)| level(value) << position_bits | position));
        for &key in &self.keys {
            low[low_digit(key)] += 1;
            high[high_digit(key)] += 1;
        }
        self.spare.resize(n, 0);
        let digits = 1 << low_bits;
        scatter(&self.keys, &mut self.spare, &mut low[..digits], low_digit);
        scatter(&self.spare, &mut self.keys, &mut high[..digits], high_digit);
        Some(position_bits)
    }
}

/// One pass of radix sort.
fn scatter(from: &[u32], to: &mut [u32], counts: &mut [u32], digit: impl Fn(u32) -> usize) {
    let mut start = 0;
    for count in counts.iter_mut() {
        start += std::mem::replace(count, start);
    }
    for &key in from {
        let place = &mut counts[digit(key)];
        to[*place as usize] = key;
        *place += 1;
    }
}

/// Sorts positions by comparing their values and marks ties; whether there are any.
fn compare(positions: &mut [u32], values: &[f32]) -> bool {
    let value = |position: u32| values[position as usize];
    // Stable; 0 and −0 are equal, and nothing is NaN.
    positions.sort_by(|&a, &b| {
        value(a)
            .partial_cmp(&value(b))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut is_tied = false;
    let mut before = f32::NAN;
    for position in positions {
        let value = value(*position);
        if value == before {
            *position |= TIED;
            is_tied = true;
        }
        before = value;
    }
    is_tied
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(values: &[f32]) -> Result<(), TestCaseError> {
        let (mut sorter, mut found) = (Sorter::default(), Vec::new());
        // Memory of another run is no matter.
        sorter.ascending(&[3.0, 1.0, 2.0], &mut found);
        let is_tied = sorter.ascending(values, &mut found);
        let mut expected: Vec<u32> = (0..values.len() as u32).collect();
        expected.sort_by(|&a, &b| values[a as usize].partial_cmp(&values[b as usize]).unwrap());
        let tied = expected
            .windows(2)
            .map(|pair| values[pair[0] as usize] == values[pair[1] as usize]);
        let marked: Vec<u32> = std::iter::once(false)
            .chain(tied)
            .zip(&expected)
            .map(|(tied, &position)| position | if tied { TIED } else { 0 })
            .collect();
        prop_assert_eq!(is_tied, Some(marked.iter().any(|at| at & TIED != 0)));
        prop_assert_eq!(&found, &marked);
        if let Some((dense, ranks)) = sorter.few(values) {
            let firsts = marked.iter().filter(|&&at| at & TIED == 0).count();
            prop_assert_eq!(ranks, firsts);
            let ascending = expected.windows(2).zip(&marked[1..]);
            for (pair, at) in ascending {
                let step = dense[pair[1] as usize] - dense[pair[0] as usize];
                prop_assert_eq!(step, u16::from(at & TIED == 0));
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_values_are_sorted(bits in proptest::collection::vec(any::<u32>(), 1..700), spread in 0u32..32) {
            let float = |b: &u32| Some(f32::from_bits(b >> spread)).filter(|v| !v.is_nan()).unwrap_or(1.0);
            check(&bits.iter().map(float).collect::<Vec<f32>>())?;
        }

        #[test]
        fn scores_are_sorted(values in proptest::collection::vec(-1.0f32..1.0, 200..3000), levels in 1u32..5000) {
            check(&values)?;
            check(&values.iter().map(|v| (v * levels as f32).round()).collect::<Vec<f32>>())?;
        }
    }

    #[test]
    fn odd_spans_are_sorted_too() {
        // All but two values share a level, there are no even steps, all are alike, zeros have
        // signs, and a long vector.
        let mut spread: Vec<f32> = (0..2000u32)
            .map(|i| f32::from_bits(0x3f80_0000 + i * 7919 % 900))
            .collect();
        spread[0] = -1e30;
        spread[1999] = 1e30;
        check(&spread).unwrap();
        spread[0] = f32::MIN;
        spread[1999] = f32::MAX;
        check(&spread).unwrap();
        spread[7] = f32::NEG_INFINITY;
        check(&spread).unwrap();
        check(&[0.25; 600]).unwrap();
        let signs: Vec<f32> = (0..600).map(|i| [0.0, -0.0, 1.0, -1.0][i % 4]).collect();
        check(&signs).unwrap();
        let long: Vec<f32> = (0..70_000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32)
            .collect();
        check(&long).unwrap();
        let few: Vec<f32> = (0..300).map(|i| (i * i % 7) as f32).collect();
        check(&few).unwrap();
        let mut sorter = Sorter::default();
        assert_eq!(sorter.few(&few).map(|(_, ranks)| ranks), Some(4));
        assert_eq!(sorter.few(&[1.0, f32::NAN]), None);
        assert_eq!(sorter.ascending(&[1.0, f32::NAN], &mut Vec::new()), None);
    }
}
