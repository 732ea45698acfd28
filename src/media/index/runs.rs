//! Breaks of a file's clock, as when recordings are put one after the other or a recorder starts
//! over. Pure.

use std::ops::Range;

/// Packets looked at to see that a clock is off for good: single times may be damaged.
const AGREEING: usize = 3;

/// Divides packets, given by their decoding times in the order of storage, where the clock goes
/// back at all or ahead by more than `gap` ticks for good.
pub(super) fn runs(times: &[Option<i64>], gap: i64) -> Vec<Range<usize>> {
    let stated: Vec<(usize, i64)> = times
        .iter()
        .enumerate()
        .filter_map(|(at, time)| time.map(|time| (at, time)))
        .collect();
    let step = typical_step(&stated);
    let mut starts = vec![0];
    // The newest time that fits its run, and the one before.
    let mut last = stated.first().map(|&(_, time)| time);
    let mut earlier: Option<i64> = None;
    // Times since then that do not fit.
    let mut skipped = 0i64;
    for (place, &(at, time)) in stated.iter().enumerate().skip(1) {
        let Some(before) = last else { break };
        let expected = before.saturating_add(step.saturating_mul(skipped + 1));
        let is_off = |time: i64, expected: i64| {
            time < expected.saturating_sub(step.saturating_mul(3) / 4)
                || time > expected.saturating_add(gap)
        };
        let jumps = time < before || time > before.saturating_add(gap);
        // The time before was the damaged one where this continues those before it.
        let continues = earlier.is_some_and(|earlier| {
            time >= earlier.saturating_add(step + step / 2) && time <= earlier.saturating_add(gap)
        });
        if !jumps || continues {
            earlier = last.filter(|_| !jumps).or(earlier);
            last = Some(time);
            skipped = 0;
            continue;
        }
        let following = &stated[place + 1..stated.len().min(place + 1 + AGREEING)];
        let off = following
            .iter()
            .zip(1..)
            .filter(|&(&(_, time), ahead)| {
                is_off(time, expected.saturating_add(step.saturating_mul(ahead)))
            })
            .count();
        if !following.is_empty() && off * 2 > following.len() {
            starts.push(at);
            earlier = None;
            last = Some(time);
            skipped = 0;
        } else {
            skipped += 1;
        }
    }
    let ends = starts.iter().skip(1).copied().chain([times.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| start..end)
        .filter(|run| !run.is_empty())
        .collect()
}

/// The middle one of the steps ahead.
fn typical_step(stated: &[(usize, i64)]) -> i64 {
    let mut steps: Vec<i64> = stated
        .windows(2)
        .map(|pair| pair[1].1.saturating_sub(pair[0].1))
        .filter(|&step| step > 0)
        .collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 25 packets a second on a clock of milliseconds from a start on.
    fn part(start: i64, packets: i64) -> Vec<Option<i64>> {
        (0..packets).map(|n| Some(start + n * 40)).collect()
    }

    #[test]
    fn a_clock_that_breaks_off_is_told_from_a_damaged_time() {
        let one = part(0, 50);
        assert_eq!(
            runs(&one, 10_000),
            std::iter::once(0..50).collect::<Vec<_>>()
        );
        // From the start again, back by less than a second, by less than a frame, and ahead by
        // much.
        for start in [0, 1200, 1900, 1940, 1_000_000] {
            let both = [one.clone(), part(start, 50)].concat();
            assert_eq!(runs(&both, 10_000), [0..50, 50..100], "{start}");
        }
        for wrong in [-90_000, -300, 300, 90_000] {
            let mut damaged = one.clone();
            damaged[20] = Some(800 + wrong);
            assert_eq!(
                runs(&damaged, 10_000),
                std::iter::once(0..50).collect::<Vec<_>>(),
                "{wrong}"
            );
        }
        assert!(runs(&[], 1000).is_empty());
        assert_eq!(
            runs(&[None, None], 1000),
            std::iter::once(0..2).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_gap_that_is_no_break_stays() {
        let both = [part(0, 50), part(5000, 50)].concat();
        assert_eq!(
            runs(&both, 10_000),
            std::iter::once(0..100).collect::<Vec<_>>()
        );
    }

    #[test]
    fn packets_without_a_time_stay_with_those_before() {
        let mut both = [part(0, 50), part(0, 50)].concat();
        for (at, time) in both.iter_mut().enumerate() {
            if at % 3 != 1 {
                *time = None;
            }
        }
        // The second part is seen at its first packet with a time.
        assert_eq!(runs(&both, 10_000), [0..52, 52..100]);
    }
}
