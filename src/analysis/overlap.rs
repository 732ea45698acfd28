//! Agreement of two summaries as sets of frames, and of scores with highlights: F1 and mean average
//! precision.
//!
//! Sums and tie rules as in the field's evaluation code; where that code yields NaN the answer is
//! `None`.

use std::cmp::Reverse;

use crate::domain::FrameRange;
use crate::summary::float32_mean;

/// F1 in percent of two binary summaries, the shorter one padded with zeros. 1e-8 is added to a sum
/// for each frame, as the field's code does, so that equal summaries give a hair less than 100 and
/// empty ones 0.
pub fn f1_percent(summary: &[bool], truth: &[bool]) -> f64 {
    let both = summary.iter().zip(truth).filter(|&(&a, &b)| a && b).count();
    let ones = |v: &[bool]| v.iter().filter(|&&kept| kept).count() as u64;
    let length = summary.len().max(truth.len()) as u64;
    f1_percent_of_counts(both as u64, ones(summary), ones(truth), length)
}

/// F1 in percent from counts of frames: kept by both, by each, and in the video.
pub fn f1_percent_of_counts(both: u64, in_summary: u64, in_truth: u64, length: u64) -> f64 {
    let slack = 1e-8 * length as f64;
    let (both, slack_or) = (both as f64, |ones: u64| ones as f64 + slack);
    let share = |ones: u64| {
        if length == 0 {
            0.0
        } else {
            both / slack_or(ones)
        }
    };
    let (precision, recall) = (share(in_summary), share(in_truth));
    if precision + recall > 0.0 {
        200.0 * precision * recall / (precision + recall)
    } else {
        0.0
    }
}

/// F1 in percent of two summaries given as sorted disjoint ranges.
pub fn f1_percent_of_ranges(summary: &[FrameRange], truth: &[FrameRange], length: u64) -> f64 {
    let total = |ranges: &[FrameRange]| ranges.iter().map(|r| r.len()).sum();
    f1_percent_of_counts(
        shared_frames(summary, truth),
        total(summary),
        total(truth),
        length,
    )
}

/// Frames in both of two lists of sorted disjoint ranges.
pub fn shared_frames(a: &[FrameRange], b: &[FrameRange]) -> u64 {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let overlap = FrameRange::new(a[i].start.max(b[j].start), a[i].end.min(b[j].end));
        shared += overlap.len();
        if a[i].end <= b[j].end {
            i += 1;
        } else {
            j += 1;
        }
    }
    shared
}

/// Scores in a chunk of the released code's highlight measure.
pub const CHUNK: usize = 5;

/// Average precision of finding the top `share` of the truth's chunks of `chunk` scores by the
/// scores' chunk means (MAP at 50 % and 15 %). Ties at the truth's cut go to the earlier chunk. 0
/// where no chunk is a highlight.
pub fn highlight_average_precision(scores: &[f32], truth: &[f32], share: f64, chunk: usize) -> f64 {
    let means = |values: &[f32]| -> Vec<f32> {
        values
            .chunks(chunk.max(1))
            .filter_map(float32_mean)
            .collect()
    };
    let (scores, truth) = (softmax(&means(scores)), means(truth));
    let chunks = scores.len().min(truth.len());
    let highlights = (share * chunks as f64).floor() as usize;
    let mut by_truth: Vec<usize> = (0..chunks).collect();
    by_truth.sort_by(|&a, &b| truth[b].total_cmp(&truth[a]));
    let mut labels = vec![false; chunks];
    for &chunk in &by_truth[..highlights] {
        labels[chunk] = true;
    }
    average_precision(&scores[..chunks], &labels)
}

/// Softmax in float32 as the field's code takes it. Monotone: it matters only where it makes ties
/// of nearly equal values.
fn softmax(values: &[f32]) -> Vec<f32> {
    let exponentials: Vec<f32> = values.iter().map(|&v| f64::from(v).exp() as f32).collect();
    let sum = exponentials.iter().map(|&v| f64::from(v)).sum::<f64>() as f32 + 1e-7;
    exponentials.into_iter().map(|v| v / sum).collect()
}

/// Area under the precision–recall steps, equal scores taken together, as scikit-learn's
/// `average_precision_score`; 0 without positives.
pub fn average_precision(scores: &[f32], labels: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len().min(labels.len())).collect();
    order.sort_by_key(|&at| Reverse(ordered(scores[at])));
    let positives = labels.iter().filter(|&&label| label).count();
    if positives == 0 {
        return 0.0;
    }
    let (mut found, mut seen, mut sum) = (0usize, 0usize, 0.0);
    for group in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let before = found;
        found += group.iter().filter(|&&at| labels[at]).count();
        seen += group.len();
        sum += (found - before) as f64 / positives as f64 * (found as f64 / seen as f64);
    }
    sum
}

/// A key that sorts as the float does.
fn ordered(value: f32) -> i32 {
    let bits = (value + 0.0).to_bits() as i32;
    bits ^ (((bits >> 31) as u32) >> 1) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_summaries_give_a_hair_less_than_a_hundred() {
        let summary: Vec<bool> = (0..120).map(|i| i < 17).collect();
        let f1 = f1_percent(&summary, &summary);
        assert!(f1 < 100.0 && f1 > 99.9999);
        assert_eq!(f1_percent(&[false; 4], &[true; 4]), 0.0);
        assert_eq!(f1_percent(&[], &[]), 0.0);
    }

    proptest! {
        #[test]
        fn ranges_and_masks_agree(a in proptest::collection::vec(any::<bool>(), 1..60), b in proptest::collection::vec(any::<bool>(), 1..60)) {
            let ranges = |mask: &[bool]| FrameRange::merged(mask.iter().enumerate()
                .filter(|(_, kept)| **kept).map(|(i, _)| FrameRange::new(i as u64, i as u64 + 1)).collect());
            let length = a.len().max(b.len()) as u64;
            prop_assert!((f1_percent(&a, &b) - f1_percent_of_ranges(&ranges(&a), &ranges(&b), length)).abs() < 1e-9);
        }

        #[test]
        fn the_float_key_sorts_as_floats_do(a in -1e3f32..1e3, b in -1e3f32..1e3) {
            prop_assert_eq!(ordered(a).cmp(&ordered(b)), a.partial_cmp(&b).unwrap());
        }
    }
}
