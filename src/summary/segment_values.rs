//! The value of each segment: the mean of the importance scores of its frames.
//!
//! A frame carries the score of the last pick at or before it; frames before the first pick carry 0
//! (the field's upsampling). The means are linear in the scores, so they are weights on picks,
//! worked out once for any number of samples. Does not choose segments.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use crate::domain::FrameRange;

/// For each segment, how many of its frames each pick stands for.
#[derive(Clone, Debug)]
pub struct SegmentWeights {
    /// Per segment: index of the first pick that stands for a frame of it, and the frames of that
    /// pick and each later one.
    spans: Vec<(usize, Vec<u32>)>,
    /// Frames of each segment, the knapsack's weights.
    frame_counts: Vec<u64>,
}

impl SegmentWeights {
    /// `picks`: ascending frame numbers; `segments`: half-open frame ranges within `[0,
    /// frame_count)`.
    pub fn new(picks: &[u64], segments: &[FrameRange], frame_count: u64) -> Self {
        let spans = segments
            .iter()
            .map(|segment| {
                let end = segment.end.min(frame_count);
                let first = picks
                    .partition_point(|&pick| pick <= segment.start)
                    .saturating_sub(1);
                let mut frames = Vec::new();
                for pick in first..picks.len() {
                    if picks[pick] >= end {
                        break;
                    }
                    let from = picks[pick].max(segment.start);
                    let to = picks.get(pick + 1).copied().unwrap_or(frame_count).min(end);
                    frames.push(to.saturating_sub(from) as u32);
                }
                (first, frames)
            })
            .collect();
        let frame_counts = segments.iter().map(|segment| segment.len()).collect();
        Self {
            spans,
            frame_counts,
        }
    }

    /// Number of segments.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Frames of each segment.
    pub fn frame_counts(&self) -> &[u64] {
        &self.frame_counts
    }

    /// Mean score of each segment, summed in float64 and rounded to float32 as the field stores it.
    /// A score that is missing or not finite counts as 0.
    pub fn means(&self, scores: ArrayView1<'_, f32>) -> Vec<f32> {
        self.spans
            .iter()
            .zip(&self.frame_counts)
            .map(|((first, frames), &count)| {
                let sum: f64 = frames
                    .iter()
                    .zip(scores.iter().skip(*first))
                    .filter(|(_, score)| score.is_finite())
                    .map(|(&frames, &score)| f64::from(frames) * f64::from(score))
                    .sum();
                if count == 0 {
                    0.0
                } else {
                    (sum / count as f64) as f32
                }
            })
            .collect()
    }

    /// Means of many samples: scores [S, N] to float32 [S, segments].
    pub fn means_of_samples(&self, scores: ArrayView2<'_, f32>) -> Array2<f32> {
        let mut means = Array2::zeros((scores.nrows(), self.len()));
        means
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(scores.axis_iter(Axis(0)).into_par_iter())
            .with_min_len(8)
            .for_each(|(mut out, scores)| {
                for (out, mean) in out.iter_mut().zip(self.means(scores)) {
                    *out = mean;
                }
            });
        means
    }
}

/// Mean of float32 values in float32, summed pairwise in the order numpy does, so that recorded
/// results are met to the last digit. `None` for no values.
pub fn float32_mean(values: &[f32]) -> Option<f32> {
    (!values.is_empty()).then(|| pairwise_sum(values) / values.len() as f32)
}

fn pairwise_sum(values: &[f32]) -> f32 {
    let n = values.len();
    if n < 8 {
        return values.iter().fold(0.0, |sum, v| sum + v);
    }
    if n > 128 {
        let half = n / 2 - n / 2 % 8;
        return pairwise_sum(&values[..half]) + pairwise_sum(&values[half..]);
    }
    let mut lanes = [0.0f32; 8];
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
    rest.iter().fold(sum, |sum, v| sum + v)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};
    use proptest::prelude::*;

    #[test]
    fn a_segment_is_worth_the_mean_of_its_frames() {
        // Frames 0..2 carry 0, 2..5 the first score, 5..9 the second.
        let segments = [FrameRange::new(0, 4), FrameRange::new(4, 9)];
        let weights = SegmentWeights::new(&[2, 5], &segments, 9);
        let means = weights.means(array![1.0f32, 0.5].view());
        assert_eq!(means, vec![0.5, 0.6]);
        assert_eq!(weights.frame_counts(), &[4, 5]);
    }

    proptest! {
        #[test]
        fn equals_upsampling_frame_by_frame(
            steps in proptest::collection::vec(1u64..9, 1..30), start in 0u64..5, cuts in proptest::collection::vec(1u64..150, 0..6),
        ) {
            let mut picks = vec![start];
            for step in steps { picks.push(picks[picks.len() - 1] + step); }
            let frame_count = picks[picks.len() - 1] + 4;
            let scores = Array1::from_shape_fn(picks.len(), |i| ((i * 37) % 11) as f32 / 11.0);
            let mut edges: Vec<u64> = cuts.into_iter().filter(|&c| c < frame_count).collect();
            edges.extend([0, frame_count]);
            edges.sort_unstable();
            edges.dedup();
            let segments: Vec<_> = edges.windows(2).map(|p| FrameRange::new(p[0], p[1])).collect();
            let means = SegmentWeights::new(&picks, &segments, frame_count).means(scores.view());
            for (segment, mean) in segments.iter().zip(means) {
                let frames: Vec<f64> = (segment.start..segment.end).map(|frame| {
                    match picks.iter().rposition(|&p| p <= frame) { Some(i) => f64::from(scores[i]), None => 0.0 }
                }).collect();
                let expected = frames.iter().sum::<f64>() / frames.len() as f64;
                prop_assert!((f64::from(mean) - expected).abs() < 1e-6);
            }
        }
    }
}
