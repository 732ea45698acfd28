//! The time of every picture of a stretch whose order is known: stated ones where they bear it out,
//! the others between them. Pure.

use super::super::timetable::Part;
use super::stored::Stored;

/// What is known of the stream as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    /// Ticks of the container's clock in a second.
    pub ticks_per_sec: f64,
    /// Ticks of one frame at the stated rate, for pictures without any time.
    pub frame_ticks: f64,
    /// Whether pictures may be stored in another order than they are shown.
    pub may_reorder: bool,
    /// Ticks from which a step ahead of the clock is a break rather than a long picture; `None`
    /// where clocks do not break.
    pub gap_ticks: Option<i64>,
    /// Whether the container states no times and everything in it is counted.
    pub is_untimed: bool,
    /// Whether keyframes were found in the pictures themselves, not in an index that may be wrong.
    pub has_true_keys: bool,
}

/// Times of pictures in the order of showing.
pub(super) struct Times {
    /// Strictly ascending.
    pub times: Vec<i64>,
    /// Pictures whose time was found here.
    pub filled: usize,
    /// Stated times that could not be used.
    pub contradicting: usize,
    /// The usual distance from one picture to the next.
    pub typical_step: i64,
}

/// Finds the times of `order`, which is not empty.
pub(super) fn times(stored: &[Stored], order: &[usize], stream: &Stream, parts: &[Part]) -> Times {
    if is_decoding_clock(stored, order) {
        return from_decoding_clock(stored, order, stream);
    }
    let stated: Vec<Option<i64>> = order
        .iter()
        .map(|&at| stored[at].pts.filter(|_| !stream.is_untimed))
        .collect();
    let kept = longest_ascending(&stated);
    let mentioned = stated.iter().flatten().count();
    let weights: Vec<f64> = order
        .iter()
        .map(|&at| weight(stored, at, parts, stream))
        .collect();
    let times = between(&stated, &kept, &weights);
    Times {
        filled: order.len() - kept.len(),
        contradicting: mentioned - kept.len(),
        typical_step: typical_step(&times, stream),
        times,
    }
}

/// Whether the container states decoding times only, as AVI does: they are shown times in another
/// order.
pub(super) fn is_decoding_clock(stored: &[Stored], candidates: &[usize]) -> bool {
    let mut missing = false;
    for &at in candidates {
        let packet = &stored[at];
        if packet.dts.is_none() || packet.pts.is_some_and(|pts| Some(pts) != packet.dts) {
            return false;
        }
        missing |= packet.pts.is_none();
    }
    missing
}

/// Pictures are shown at the decoding times, but in another order: the n-th picture shown takes the
/// n-th time.
fn from_decoding_clock(stored: &[Stored], order: &[usize], stream: &Stream) -> Times {
    let mut times: Vec<i64> = order.iter().filter_map(|&at| stored[at].dts).collect();
    times.sort_unstable();
    for at in 1..times.len() {
        times[at] = times[at].max(times[at - 1] + 1);
    }
    Times {
        filled: 0,
        contradicting: 0,
        typical_step: typical_step(&times, stream),
        times,
    }
}

/// How long a picture is shown, in any unit that is the same for all of a stretch.
fn weight(stored: &[Stored], at: usize, parts: &[Part], stream: &Stream) -> f64 {
    let has_second = parts.get(at + 1) == Some(&Part::Second);
    let packets = &stored[at..at + 1 + usize::from(has_second)];
    if stream.is_untimed && packets.iter().all(|packet| packet.duration > 0) {
        return packets.iter().map(|packet| packet.duration as f64).sum();
    }
    let fields: u32 = packets
        .iter()
        .map(|packet| packet.header.map_or(2, |header| u32::from(header.fields)))
        .sum();
    let fields = match (packets[0].header, has_second) {
        // The second field was lost: the picture is shown as long as others.
        (Some(header), false) if header.fields < 2 => 2,
        _ => fields,
    };
    f64::from(fields) / 2.0 * stream.frame_ticks
}

/// Places of the longest series of stated times that leaves a tick to every picture between (by
/// patience sorting).
fn longest_ascending(stated: &[Option<i64>]) -> Vec<usize> {
    let room = |at: usize| stated[at].map_or(0, |time| time - at as i64);
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; stated.len()];
    for at in (0..stated.len()).filter(|&at| stated[at].is_some()) {
        let pile = tops.partition_point(|&top| room(top) <= room(at));
        before[at] = pile.checked_sub(1).map(|pile| tops[pile]);
        if pile == tops.len() {
            tops.push(at);
        } else {
            tops[pile] = at;
        }
    }
    let mut series = Vec::with_capacity(tops.len());
    let mut next = tops.last().copied();
    while let Some(at) = next {
        series.push(at);
        next = before[at];
    }
    series.reverse();
    series
}

/// Fills what lies between, before and after the kept times, in proportion to how long pictures are
/// shown.
fn between(stated: &[Option<i64>], kept: &[usize], weights: &[f64]) -> Vec<i64> {
    let mut sums = Vec::with_capacity(weights.len() + 1);
    let mut sum = 0.0;
    for weight in weights {
        sums.push(sum);
        sum += weight;
    }
    let anchors: Vec<(usize, i64)> = kept
        .iter()
        .filter_map(|&at| stated[at].map(|time| (at, time)))
        .collect();
    let scale = unit_ticks(&anchors, &sums);
    let (first, last) = match (anchors.first(), anchors.last()) {
        (Some(&first), Some(&last)) => (first, last),
        _ => ((0, 0), (0, 0)),
    };
    let mut times = vec![0i64; stated.len()];
    let mut right = 0;
    for (at, time) in times.iter_mut().enumerate() {
        while right < anchors.len() && anchors[right].0 < at {
            right += 1;
        }
        let from_anchor =
            |anchor: (usize, i64)| anchor.1 + ((sums[at] - sums[anchor.0]) * scale).round() as i64;
        *time = match (
            right.checked_sub(1).map(|left| anchors[left]),
            anchors.get(right),
        ) {
            (_, Some(&(place, time))) if place == at => time,
            (Some((a, from)), Some(&(b, to))) => {
                let share = (sums[at] - sums[a]) / (sums[b] - sums[a]).max(f64::MIN_POSITIVE);
                from + ((to - from) as f64 * share).round() as i64
            }
            (None, _) => from_anchor(first),
            (_, None) => from_anchor(last),
        };
    }
    // Rounding must not put two pictures on one tick.
    for at in 1..times.len() {
        if times[at] <= times[at - 1] {
            times[at] = times[at - 1] + 1;
        }
    }
    times
}

/// Ticks of a unit of weight: the middle of what the stated times say, else 1.
fn unit_ticks(anchors: &[(usize, i64)], sums: &[f64]) -> f64 {
    let mut scales: Vec<f64> = anchors
        .windows(2)
        .map(|pair| (pair[1].1 - pair[0].1) as f64 / (sums[pair[1].0] - sums[pair[0].0]))
        .filter(|scale| scale.is_finite() && *scale > 0.0)
        .collect();
    scales.sort_by(f64::total_cmp);
    scales.get(scales.len() / 2).copied().unwrap_or(1.0)
}

fn typical_step(times: &[i64], stream: &Stream) -> i64 {
    let mut steps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    steps
        .get(steps.len() / 2)
        .copied()
        .unwrap_or(stream.frame_ticks.round() as i64)
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: Stream = Stream {
        ticks_per_sec: 1000.0,
        frame_ticks: 40.0,
        may_reorder: true,
        gap_ticks: None,
        is_untimed: false,
        has_true_keys: true,
    };

    #[test]
    fn missing_times_lie_between_the_stated_ones() {
        let stated = [None, Some(40), None, None, Some(160), None];
        let kept = longest_ascending(&stated);
        assert_eq!(kept, [1, 4]);
        let times = between(&stated, &kept, &[40.0; 6]);
        assert_eq!(times, [0, 40, 80, 120, 160, 200]);
        // A picture that is shown for three fields.
        let weights = [40.0, 60.0, 40.0, 60.0, 40.0, 40.0];
        let stated = [Some(0), None, None, None, Some(200), None];
        let times = between(&stated, &[0, 4], &weights);
        assert_eq!(times, [0, 40, 100, 140, 200, 240]);
    }

    #[test]
    fn a_damaged_time_is_left_out() {
        let stated = [Some(0), Some(9000), Some(80), Some(-50), Some(160)];
        let kept = longest_ascending(&stated);
        assert_eq!(kept, [0, 2, 4]);
        let times = between(&stated, &kept, &[40.0; 5]);
        assert_eq!(times, [0, 40, 80, 120, 160]);
    }

    #[test]
    fn without_any_time_pictures_follow_each_other_evenly() {
        let stated = [None; 3];
        assert_eq!(between(&stated, &[], &[40.0; 3]), [0, 40, 80]);
        assert_eq!(typical_step(&[5], &STREAM), 40);
    }
}
