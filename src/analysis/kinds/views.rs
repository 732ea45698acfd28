//! Views: ranks of segment values, so that how freely a sample uses the scale does not matter.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

/// Views of segment values [S, segments]: average ranks, centred and of length 1, so that the
/// product of two rows is Spearman's ρ. A row whose values are all equal is all zeros.
pub fn views(values: ArrayView2<'_, f32>) -> Array2<f32> {
    let mut out = Array2::zeros(values.dim());
    out.axis_iter_mut(Axis(0))
        .into_par_iter()
        .zip(values.axis_iter(Axis(0)).into_par_iter())
        .with_min_len(8)
        .for_each(|(mut out, row)| {
            for (out, rank) in out.iter_mut().zip(view(row)) {
                *out = rank;
            }
        });
    out
}

fn view(values: ArrayView1<'_, f32>) -> Vec<f32> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0f64; values.len()];
    let mut first = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let average = first as f64 + (tied.len() - 1) as f64 / 2.0;
        for &at in tied {
            ranks[at] = average;
        }
        first += tied.len();
    }
    let centre = (values.len() as f64 - 1.0) / 2.0;
    let length = ranks
        .iter()
        .map(|r| (r - centre).powi(2))
        .sum::<f64>()
        .sqrt();
    ranks
        .iter()
        .map(|rank| {
            if length > 0.0 {
                ((rank - centre) / length) as f32
            } else {
                0.0
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::rank::spearman_rho;
    use ndarray::array;

    #[test]
    fn the_product_of_views_is_spearmans_rho() {
        let values = array![
            [0.1f32, 0.5, 0.5, 0.9, 0.0],
            [0.9, 0.2, 0.4, 0.4, 0.4],
            [0.3, 0.3, 0.3, 0.3, 0.3]
        ];
        let views = views(values.view());
        let row = |at: usize| values.row(at).to_vec();
        let product = f64::from(views.row(0).dot(&views.row(1)));
        assert!((product - spearman_rho(&row(0), &row(1)).unwrap()).abs() < 1e-6);
        assert!((views.row(0).dot(&views.row(0)) - 1.0).abs() < 1e-6);
        assert!(views.row(2).iter().all(|&v| v == 0.0));
    }
}
