//! Set algebra of frame ranges: what two summaries share and where they differ. All lists are
//! sorted and disjoint.

use super::time::FrameRange;

/// Frames in both lists.
pub fn intersection(a: &[FrameRange], b: &[FrameRange]) -> Vec<FrameRange> {
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < a.len() && j < b.len() {
        let shared = FrameRange::new(a[i].start.max(b[j].start), a[i].end.min(b[j].end));
        if !shared.is_empty() {
            out.push(shared);
        }
        if a[i].end <= b[j].end {
            i += 1;
        } else {
            j += 1;
        }
    }
    FrameRange::merged(out)
}

/// Frames in `a` that are not in `b`.
pub fn difference(a: &[FrameRange], b: &[FrameRange]) -> Vec<FrameRange> {
    let mut out = Vec::new();
    for &range in a {
        let mut start = range.start;
        let first = b.partition_point(|cut| cut.end <= range.start);
        for cut in b[first..].iter().take_while(|cut| cut.start < range.end) {
            out.push(FrameRange::new(start, cut.start.max(start)));
            start = start.max(cut.end);
        }
        out.push(FrameRange::new(start, range.end.max(start)));
    }
    FrameRange::merged(out)
}

/// Frames in either list.
pub fn union(a: &[FrameRange], b: &[FrameRange]) -> Vec<FrameRange> {
    FrameRange::merged(a.iter().chain(b).copied().collect())
}

/// Number of frames in a list.
pub fn frames_in(ranges: &[FrameRange]) -> u64 {
    ranges.iter().map(|range| range.len()).sum()
}

/// Length of ranges in seconds; of none a plain 0, which their sum would not be.
pub fn length_secs(ranges_secs: &[(f64, f64)]) -> f64 {
    let mut length = 0.0;
    for (start, end) in ranges_secs {
        length += end - start;
    }
    length
}

/// Runs of frames that are kept.
pub fn ranges_where(kept: impl Iterator<Item = bool>) -> Vec<FrameRange> {
    let mut ranges: Vec<FrameRange> = Vec::new();
    for (frame, _) in kept.enumerate().filter(|&(_, kept)| kept) {
        let frame = frame as u64;
        match ranges.last_mut() {
            Some(last) if last.end == frame => last.end += 1,
            _ => ranges.push(FrameRange::new(frame, frame + 1)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list() -> impl Strategy<Value = Vec<FrameRange>> {
        prop::collection::vec((0..60u64, 0..9u64), 0..8).prop_map(|pairs| {
            let ranges = pairs
                .into_iter()
                .map(|(start, length)| FrameRange::new(start, start + length));
            FrameRange::merged(ranges.collect())
        })
    }

    fn frames(ranges: &[FrameRange]) -> Vec<u64> {
        (0..80)
            .filter(|&frame| ranges.iter().any(|range| range.contains(frame)))
            .collect()
    }

    proptest! {
        #[test]
        fn each_operation_is_the_one_on_sets_of_frames(a in list(), b in list()) {
            let (in_a, in_b) = (frames(&a), frames(&b));
            let both: Vec<u64> = in_a.iter().copied().filter(|f| in_b.contains(f)).collect();
            let only: Vec<u64> = in_a.iter().copied().filter(|f| !in_b.contains(f)).collect();
            prop_assert_eq!(frames(&intersection(&a, &b)), both);
            let rest = difference(&a, &b);
            prop_assert_eq!(&frames(&rest), &only);
            prop_assert_eq!(frames_in(&rest), only.len() as u64);
            prop_assert_eq!(FrameRange::merged(rest.clone()), rest);
            let either: Vec<u64> = (0..80).filter(|f| in_a.contains(f) || in_b.contains(f)).collect();
            prop_assert_eq!(frames(&union(&a, &b)), either);
        }
    }
}
