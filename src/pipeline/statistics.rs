//! What all samples of a draw have in common: mean and spread of the scores.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

/// Mean, 10 % and 90 % quantile of the scores at each pick, length N each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreBand {
    pub mean: Vec<f32>,
    pub low: Vec<f32>,
    pub high: Vec<f32>,
}

/// Band of scores float32 [S, N]; the quantiles interpolate linearly between order statistics, as
/// numpy's default.
pub fn score_band(scores: ArrayView2<f32>) -> ScoreBand {
    let columns: Vec<[f32; 3]> = scores
        .axis_iter(Axis(1))
        .into_par_iter()
        .map(|column| {
            let mut sorted: Vec<f32> = column.to_vec();
            sorted.sort_unstable_by(f32::total_cmp);
            let mean =
                sorted.iter().map(|&v| f64::from(v)).sum::<f64>() / sorted.len().max(1) as f64;
            [mean as f32, quantile(&sorted, 0.1), quantile(&sorted, 0.9)]
        })
        .collect();
    ScoreBand {
        mean: columns.iter().map(|c| c[0]).collect(),
        low: columns.iter().map(|c| c[1]).collect(),
        high: columns.iter().map(|c| c[2]).collect(),
    }
}

fn quantile(sorted: &[f32], share: f64) -> f32 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let position = share * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let weight = (position - below as f64) as f32;
    sorted[below] + (sorted[above] - sorted[below]) * weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn quantiles_equal_numpys() {
        // numpy.quantile([0.1, 0.4, 0.2, 0.9], [0.1, 0.9]) = [0.13, 0.75]
        let band = score_band(array![[0.1f32], [0.4], [0.2], [0.9]].view());
        assert!((band.low[0] - 0.13).abs() < 1e-6);
        assert!((band.high[0] - 0.75).abs() < 1e-6);
        assert!((band.mean[0] - 0.4).abs() < 1e-6);
    }
}
