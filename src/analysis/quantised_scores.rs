//! How many scores fall on each of the levels that a codebook tells apart (figure I of the paper).

use serde::Serialize;

/// Counts of scores by level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScoreHistogram {
    /// Number of quantisation steps; levels are 0 to K.
    pub k: usize,
    /// K + 1 counts.
    pub counts: Vec<u64>,
}

impl ScoreHistogram {
    /// Levels that any score falls on.
    pub fn used(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }
}

/// Counts scores in [0, 1] by round-half-to-even(score · K), as the sampler quantises; what is no
/// number is left out.
pub fn score_histogram(scores: &[f32], k: usize) -> ScoreHistogram {
    let k = k.max(1);
    let mut counts = vec![0; k + 1];
    for score in scores.iter().filter(|score| score.is_finite()) {
        let level = (f64::from(*score) * k as f64).round_ties_even();
        counts[level.clamp(0.0, k as f64) as usize] += 1;
    }
    ScoreHistogram { k, counts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_level_and_the_ends_are_half_as_wide() {
        let found = score_histogram(&[0.0, 0.04, 0.05, 0.5, 0.95, 1.0, f32::NAN, 1.5], 10);
        // In float32, 0.05 lies just above a half.
        assert_eq!(found.counts, [2, 1, 0, 0, 0, 1, 0, 0, 0, 1, 2]);
        assert_eq!(score_histogram(&[0.25, 0.75], 2).counts, [1, 0, 1]);
        assert_eq!(found.used(), 5);
    }
}
