//! Self-attention guidance (Hong et al. 2023; SummDiff supplement B, equations 1 to 3): away from
//! the estimate that the network makes when what it attends to is blurred.

use ndarray::{Array2, ArrayView2, Axis};

use crate::domain::Variant;

/// Settings of self-attention guidance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SelfAttentionGuidance {
    /// Strength s; 0 switches it off.
    pub strength: f64,
    /// Threshold ψ on the attention a token receives (mean about 1).
    pub threshold: f32,
    /// Standard deviation of the Gaussian blur over time, tokens.
    pub blur_tokens: f64,
}

impl SelfAttentionGuidance {
    /// The usual threshold and blur with the given strength; `None` for strength 0.
    pub fn with_strength(strength: f64) -> Option<Self> {
        (strength != 0.0).then_some(Self {
            strength,
            threshold: 1.0,
            blur_tokens: 3.0,
        })
    }

    /// The state with attended tokens replaced by the diffused blurred estimate (equations 2 and
    /// 3), float64 [S, M].
    pub fn degraded(
        &self,
        x: ArrayView2<'_, f64>,
        x0: ArrayView2<'_, f32>,
        attention: ArrayView2<'_, f32>,
        alpha_cumprod: f64,
    ) -> Array2<f64> {
        let (signal, noise) = (alpha_cumprod.sqrt(), (1.0 - alpha_cumprod).sqrt());
        let blurred = blur(x0, self.blur_tokens);
        let mut out = x.to_owned();
        ndarray::Zip::from(&mut out)
            .and(x0)
            .and(&blurred)
            .and(attention)
            .for_each(|x, &x0, &blurred, &attention| {
                if attention > self.threshold {
                    let eps = (*x - signal * f64::from(x0)) / noise;
                    *x = signal * blurred + noise * eps;
                }
            });
        out
    }

    /// The guided estimate from that of the state and that of the degraded state. The released code
    /// has no such guidance, so `Authors` follows the work that the paper cites, `Paper` the
    /// paper's equation 1 as printed.
    pub fn combine(&self, x0: &mut Array2<f32>, degraded_x0: &Array2<f32>, variant: Variant) {
        let weight = match variant {
            Variant::Authors => self.strength,
            Variant::Paper => 1.0 + self.strength,
        } as f32;
        x0.zip_mut_with(degraded_x0, |x0, degraded| *x0 += weight * (*x0 - degraded));
    }
}

/// Gaussian blur along each row, cut at four standard deviations; beyond the ends the end values go
/// on.
fn blur(x0: ArrayView2<'_, f32>, sigma: f64) -> Array2<f64> {
    let reach = (4.0 * sigma + 0.5) as isize;
    let mut weights: Vec<f64> = (-reach..=reach)
        .map(|offset| (-0.5 * (offset as f64 / sigma).powi(2)).exp())
        .collect();
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
    let mut out = Array2::zeros(x0.dim());
    for (row, mut blurred) in x0.axis_iter(Axis(0)).zip(out.axis_iter_mut(Axis(0))) {
        let last = row.len() as isize - 1;
        for (at, value) in blurred.iter_mut().enumerate() {
            let first = at as isize - reach;
            *value = weights
                .iter()
                .enumerate()
                .map(|(offset, weight)| {
                    weight * f64::from(row[(first + offset as isize).clamp(0, last) as usize])
                })
                .sum();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blur_keeps_constants_and_smooths_a_spike_symmetrically() {
        let mut x0 = Array2::from_elem((2, 30), 1.5f32);
        x0[[1, 15]] = 9.0;
        let blurred = blur(x0.view(), 2.0);
        assert!(blurred.row(0).iter().all(|v| (v - 1.5).abs() < 1e-12));
        assert!((blurred[[1, 13]] - blurred[[1, 17]]).abs() < 1e-12);
        assert!(blurred[[1, 15]] < 4.0 && (blurred[[1, 6]] - 1.5).abs() < 1e-12);
    }

    #[test]
    fn only_attended_tokens_are_degraded() {
        let sag = SelfAttentionGuidance::with_strength(0.5).unwrap();
        let x = Array2::from_shape_fn((1, 12), |(_, m)| (m as f64).sin());
        let x0 = Array2::from_shape_fn((1, 12), |(_, m)| (m as f32).cos());
        let attention = Array2::from_shape_fn((1, 12), |(_, m)| if m < 6 { 1.4 } else { 0.6 });
        let degraded = sag.degraded(x.view(), x0.view(), attention.view(), 0.4);
        assert!((0..6).all(|m| (degraded[[0, m]] - x[[0, m]]).abs() > 1e-6));
        assert!((6..12).all(|m| degraded[[0, m]] == x[[0, m]]));
    }
}
