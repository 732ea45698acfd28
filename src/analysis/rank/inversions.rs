//! Counting pairs out of order.

/// Longest vector whose pairs out of order are counted by digits.
pub(super) const MOST_COUNTED: usize = 1 << 16;

/// Number of different digits.
pub(super) const DIGITS: usize = 16;

/// For each digit the smaller digits, as ones in the bytes of two words.
const SMALLER: [[u64; 2]; DIGITS] = {
    let mut table = [[0; 2]; DIGITS];
    let mut digit = 0;
    while digit < DIGITS {
        let mut smaller = 0;
        while smaller < digit {
            table[digit][smaller / 8] |= 1 << (smaller % 8 * 8);
            smaller += 1;
        }
        digit += 1;
    }
    table
};

/// Number of pairs out of order in a permutation of 0 to n − 1, which it rearranges; `spare` is
/// memory.
///
/// Top down by digits of four bits: each value counts the values before it whose digit is greater,
/// and goes to the part of its digit, in which the next digit decides. In parts of 64 the values
/// seen are bits. Nothing branches on the values, which nobody could predict.
pub(super) fn inversions_by_digits(values: &mut Vec<u16>, spare: &mut Vec<u16>) -> u64 {
    let n = values.len();
    spare.clear();
    spare.resize(n, 0);
    let mut count = 0u64;
    for shift in [14, 10, 6] {
        if n > 1 << shift {
            // A permutation: each part's place and length are known without counting.
            let whole = DIGITS << shift;
            for (from, to) in values.chunks(whole).zip(spare.chunks_mut(whole)) {
                count += split(from, to, shift);
            }
            std::mem::swap(values, spare);
        }
    }
    for part in values.chunks(64) {
        let mut seen = 0u64;
        for &value in part {
            let bit = u32::from(value) % 64;
            count += u64::from((seen >> bit).count_ones());
            seen |= 1 << bit;
        }
    }
    count
}

/// Number of pairs out of order among values below [`DIGITS`], and how often each value occurs.
pub(super) fn inversions_of_digits(values: &[u16]) -> (u64, [u32; DIGITS]) {
    let mut seen = Seen::default();
    let mut count = 0;
    for block in values.chunks(Seen::BLOCK) {
        for &value in block {
            count += seen.greater(usize::from(value) % DIGITS);
        }
        seen.end_block();
    }
    let not_greater = |digit| values.len() as u32 - seen.greater_before[digit];
    let counts = std::array::from_fn(|digit| match digit {
        0 => not_greater(0),
        digit => not_greater(digit) - not_greater(digit - 1),
    });
    (count, counts)
}

/// Sorts by one digit and counts the pairs whose digits are out of order.
fn split(from: &[u16], to: &mut [u16], shift: u32) -> u64 {
    let mut count = 0;
    let mut next: [usize; DIGITS] = std::array::from_fn(|digit| digit << shift);
    let mut seen = Seen::default();
    for block in from.chunks(Seen::BLOCK) {
        for &value in block {
            let digit = usize::from(value >> shift) % DIGITS;
            count += seen.greater(digit);
            to[next[digit]] = value;
            next[digit] += 1;
        }
        seen.end_block();
    }
    count
}

/// For each digit how many digits seen are greater.
#[derive(Default)]
struct Seen {
    /// Of the blocks before.
    greater_before: [u32; DIGITS],
    /// Of this block, a byte a digit: additions keep all of them up to date at once.
    bytes: [u64; 2],
}

impl Seen {
    /// Digits that the bytes can count.
    const BLOCK: usize = 255;

    /// How many digits seen are greater than this one, which is seen then.
    #[inline(always)]
    fn greater(&mut self, digit: usize) -> u64 {
        let [low, high] = self.bytes;
        let bytes = if digit < 8 { low } else { high };
        let [more_low, more_high] = SMALLER[digit];
        self.bytes = [low + more_low, high + more_high];
        (bytes >> (digit % 8 * 8) & 0xff) + u64::from(self.greater_before[digit])
    }

    fn end_block(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let bytes = bytes.iter().flat_map(|word| word.to_le_bytes());
        for (greater, byte) in self.greater_before.iter_mut().zip(bytes) {
            *greater += u32::from(byte);
        }
    }
}

/// Number of pairs out of order; sorts the values by merging.
pub(super) fn inversions_by_merging(values: &mut [u32]) -> u64 {
    let n = values.len();
    let mut count = 0;
    let mut buffer = vec![0; n];
    let mut width = 1;
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

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng, seq::SliceRandom};

    #[test]
    fn digits_are_counted_as_values() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(6);
        for kinds in 1..=DIGITS as u32 {
            let values: Vec<u32> = (0..700).map(|_| rng.random_range(0..kinds)).collect();
            let digits: Vec<u16> = values.iter().map(|&v| v as u16).collect();
            let (count, counts) = inversions_of_digits(&digits);
            for (digit, &found) in (0u32..).zip(&counts) {
                let expected = values.iter().filter(|&&v| v == digit).count();
                assert_eq!(found as usize, expected);
            }
            assert_eq!(count, inversions_by_merging(&mut values.clone()));
        }
    }

    #[test]
    fn both_ways_count_the_same_at_any_length() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let mut lengths: Vec<usize> = (0..20).map(|_| rng.random_range(0..3000)).collect();
        lengths.extend([1, 2, 64, 65, 1024, 1025, 16_384, 16_385, MOST_COUNTED]);
        let mut spare = Vec::new();
        for n in lengths {
            let mut values: Vec<u32> = (0..n as u32).collect();
            values.shuffle(&mut rng);
            let mut digits: Vec<u16> = values.iter().map(|&v| v as u16).collect();
            let by_digits = inversions_by_digits(&mut digits, &mut spare);
            assert_eq!(by_digits, inversions_by_merging(&mut values), "{n}");
            // Backwards every pair is out of order.
            let mut backwards: Vec<u16> = (0..n).rev().map(|v| v as u16).collect();
            let all = (n * n.saturating_sub(1) / 2) as u64;
            assert_eq!(inversions_by_digits(&mut backwards, &mut spare), all);
        }
    }
}
