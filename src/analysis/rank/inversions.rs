//! Counting pairs out of order.

/// Up to this length sixteen bits count the values before one; longer vectors are sorted by merging.
pub(super) const MOST_COUNTED: usize = u16::MAX as usize;

/// Number of pairs out of order among values below `ranks`, which it rearranges.
///
/// Top down by digits of four bits: each value counts the values before it whose digit is greater, sixteen counters that vector additions
/// keep up to date, and goes to the part of its digit, in which the next digit decides. Nothing branches on the values.
pub(super) fn inversions_by_digits(values: &mut Vec<u32>, ranks: usize) -> u64 {
    const DIGITS: usize = 16;
    /// `[digit][other]`: 1 where the digit is greater.
    const GREATER: [[u16; DIGITS]; DIGITS] = {
        let mut table = [[0; DIGITS]; DIGITS];
        let mut digit = 0;
        while digit < DIGITS {
            let mut other = 0;
            while other < digit {
                table[digit][other] = 1;
                other += 1;
            }
            digit += 1;
        }
        table
    };
    let n = values.len();
    if ranks < n {
        // Equal values get places of their own in order of arrival, so that they are never out of order.
        let mut next = vec![0u32; ranks + 1];
        for &value in values.iter() {
            next[value as usize + 1] += 1;
        }
        for rank in 1..next.len() {
            next[rank] += next[rank - 1];
        }
        for value in values.iter_mut() {
            let place = &mut next[*value as usize];
            *value = *place;
            *place += 1;
        }
    }
    // Now each value from 0 to n − 1 is there once, so that the parts are known without counting.
    let mut count = 0u64;
    let mut parts = vec![0u32; n];
    for shift in [14, 10, 6, 2] {
        if n <= 1 << shift {
            continue;
        }
        let whole = DIGITS << shift;
        for (part, (from, to)) in values
            .chunks(whole)
            .zip(parts.chunks_mut(whole))
            .enumerate()
        {
            let first = (part * whole) as u32;
            let mut greater_seen = [0u16; DIGITS];
            let mut next: [u32; DIGITS] = std::array::from_fn(|digit| (digit << shift) as u32);
            for &value in from {
                let digit = ((value - first) >> shift) as usize % DIGITS;
                count += u64::from(greater_seen[digit]);
                for (seen, greater) in greater_seen.iter_mut().zip(&GREATER[digit]) {
                    *seen += greater;
                }
                to[next[digit] as usize] = value;
                next[digit] += 1;
            }
        }
        std::mem::swap(values, &mut parts);
    }
    // Parts of four are left.
    let mut fours = values.chunks_exact(4);
    for four in &mut fours {
        let out = |a: usize, b: usize| u64::from(four[a] > four[b]);
        count += out(0, 1) + out(0, 2) + out(0, 3) + out(1, 2) + out(1, 3) + out(2, 3);
    }
    let rest = fours.remainder();
    for (at, value) in rest.iter().enumerate() {
        count += rest[at..].iter().filter(|&after| value > after).count() as u64;
    }
    count
}

/// Number of pairs out of order; sorts the values by merging.
pub(super) fn inversions_by_merging(values: &mut [u32]) -> u64 {
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
