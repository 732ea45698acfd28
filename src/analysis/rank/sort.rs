//! Sorting values with their positions, fast for the lengths and kinds of importance scores.

/// Each value with its position in the lower half of an integer, ascending; equal values in the order of their positions.
///
/// Radix sort by the upper 22 bits of what the values differ in, two digits of eleven bits. What lies below is mended by insertion, which
/// seldom has anything to do; where it has much, comparing sorts everything anew.
pub(super) fn sorted_keys(values: &[f32]) -> Vec<u64> {
    const BITS: u32 = 11;
    const SIZE: usize = 1 << BITS;
    let (mut least, mut most) = (u32::MAX, 0);
    let mut keys: Vec<u64> = values
        .iter()
        .zip(0u64..)
        .map(|(&value, position)| {
            let value = ordered(value);
            least = least.min(value);
            most = most.max(value);
            u64::from(value) << 32 | position
        })
        .collect();
    // Short vectors are done before the counters are cleared.
    if keys.len() < 512 {
        keys.sort_unstable();
        return keys;
    }
    let bits = u32::BITS - (most - least).leading_zeros();
    let shift = bits.saturating_sub(2 * BITS);
    let digits = |key: u64| {
        let digits = ((key >> 32) as u32 - least) >> shift;
        [digits as usize % SIZE, (digits >> BITS) as usize % SIZE]
    };
    let mut counts = vec![[0u32; SIZE]; 2];
    for &key in &keys {
        let [low, high] = digits(key);
        counts[0][low] += 1;
        counts[1][high] += 1;
    }
    let mut sorted = vec![0u64; keys.len()];
    for (pass, counts) in counts.iter_mut().enumerate() {
        // All alike in this digit: nothing to move.
        if counts[digits(keys[0])[pass]] as usize == keys.len() {
            continue;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            start += std::mem::replace(count, start);
        }
        for &key in &keys {
            let place = &mut counts[digits(key)[pass]];
            sorted[*place as usize] = key;
            *place += 1;
        }
        std::mem::swap(&mut keys, &mut sorted);
    }
    if shift > 0 {
        let mut patience = 4 * keys.len();
        for at in 1..keys.len() {
            let key = keys[at];
            let mut to = at;
            while to > 0 && keys[to - 1] > key {
                keys[to] = keys[to - 1];
                to -= 1;
            }
            keys[to] = key;
            let Some(left) = patience.checked_sub(at - to) else {
                keys.sort_unstable();
                break;
            };
            patience = left;
        }
    }
    keys
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_values_are_sorted(bits in proptest::collection::vec(any::<u32>(), 520..700), spread in 0u32..32) {
            let values: Vec<f32> = bits.iter().map(|&b| f32::from_bits(b >> spread)).map(|v| if v.is_nan() { 1.0 } else { v }).collect();
            let keys = sorted_keys(&values);
            prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
            let mut positions: Vec<u32> = keys.iter().map(|&key| key as u32).collect();
            prop_assert!(keys.windows(2).all(|pair| values[pair[0] as u32 as usize] <= values[pair[1] as u32 as usize]));
            positions.sort_unstable();
            prop_assert!(positions.iter().zip(0u32..).all(|(&found, expected)| found == expected));
        }
    }

    #[test]
    fn values_closer_than_the_digits_tell_are_sorted_too() {
        // All but two values agree in the 22 bits that are sorted by.
        let mut values: Vec<f32> = (0..2000u32)
            .map(|i| f32::from_bits(0x3f80_0000 + i * 7919 % 900))
            .collect();
        values[0] = -1e30;
        values[1999] = 1e30;
        assert!(
            sorted_keys(&values)
                .windows(2)
                .all(|pair| pair[0] < pair[1])
        );
    }
}
