//! Which kind each sample belongs to, how sure the shares are, and how much of the samples the
//! kinds cover.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use super::NEAR_TAU;
use super::views::views;
use crate::analysis::rank::kendall_tau_b;

/// Samples beside anchors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assignment {
    /// For each sample its kind.
    pub kind_of: Vec<usize>,
    /// For each kind the sample whose view is nearest to the kind's: among its own where it has
    /// any, else among all.
    pub nearest_sample: Vec<usize>,
    /// For each kind its weighted share of the samples.
    pub shares: Vec<f64>,
    /// For each kind the standard error of its share.
    pub share_errors: Vec<f64>,
    /// Weighted share of the samples that are near their kind: τ-b of at least [`NEAR_TAU`].
    pub coverage: f64,
    /// The same among each kind's own samples; 1 for a kind without any.
    pub kind_coverage: Vec<f64>,
}

/// Assigns samples to anchors. Both as segment values, float32 [S, segments] and [kinds, segments];
/// `weights`: of the samples, `None` where all weigh the same.
pub fn assign(
    values: ArrayView2<'_, f32>,
    anchors: ArrayView2<'_, f32>,
    weights: Option<&[f64]>,
) -> Assignment {
    let (samples, kinds) = (values.nrows(), anchors.nrows());
    if samples == 0 || kinds == 0 {
        return Assignment::default();
    }
    let (own, theirs) = (views(values), views(anchors));
    let kind_of = nearest(own.view(), theirs.view());
    let nearest_sample = (0..kinds)
        .map(|kind| {
            let likeness = |&sample: &usize| own.row(sample).dot(&theirs.row(kind));
            let best = |of: &mut dyn Iterator<Item = usize>| {
                // The first of equals.
                of.reduce(|best, next| {
                    if likeness(&next) > likeness(&best) {
                        next
                    } else {
                        best
                    }
                })
            };
            best(&mut (0..samples).filter(|&sample| kind_of[sample] == kind))
                .or_else(|| best(&mut (0..samples)))
                .unwrap_or(0)
        })
        .collect();
    let anchors: Vec<Vec<f32>> = anchors.outer_iter().map(|row| row.to_vec()).collect();
    let near: Vec<bool> = values
        .axis_iter(Axis(0))
        .into_par_iter()
        .zip(kind_of.par_iter())
        .with_min_len(16)
        .map(|(row, &kind)| {
            // Where τ is undefined, sample or kind rate everything alike; then they hold nothing
            // against each other.
            kendall_tau_b(&row.to_vec(), &anchors[kind]).is_none_or(|tau| tau >= NEAR_TAU)
        })
        .collect();
    let equal = vec![1.0; samples];
    let weights = weights.unwrap_or(&equal);
    let total: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    let mut sums = vec![0.0; kinds];
    let mut near_sums = vec![0.0; kinds];
    for ((&kind, &weight), near) in kind_of.iter().zip(weights).zip(near) {
        sums[kind] += weight;
        near_sums[kind] += if near { weight } else { 0.0 };
    }
    let covered: f64 = near_sums.iter().sum();
    let effective = total * total / squares.max(f64::MIN_POSITIVE);
    let shares: Vec<f64> = sums.iter().map(|sum| sum / total).collect();
    Assignment {
        share_errors: shares.iter().map(|&s| share_error(s, effective)).collect(),
        coverage: covered / total,
        kind_coverage: near_sums
            .iter()
            .zip(&sums)
            .map(|(near, all)| if *all > 0.0 { near / all } else { 1.0 })
            .collect(),
        kind_of,
        nearest_sample,
        shares,
    }
}

/// Standard error of a share seen in so many samples: of the estimate with two more of each
/// (Agresti and Coull 1998), so that a share of 0 or 1 is not certain either.
pub fn share_error(share: f64, samples: f64) -> f64 {
    let count = samples + 4.0;
    let estimate = (share * samples + 2.0) / count;
    (estimate * (1.0 - estimate) / count).sqrt()
}

/// For each view the anchor with the greatest product; the first of equals.
pub(super) fn nearest(views: ArrayView2<'_, f32>, anchors: ArrayView2<'_, f32>) -> Vec<usize> {
    let likeness = views.dot(&anchors.t());
    likeness
        .axis_iter(Axis(0))
        .map(|row| {
            let mut best = 0;
            for (kind, &value) in row.iter().enumerate() {
                if value > row[best] {
                    best = kind;
                }
            }
            best
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    #[test]
    fn samples_go_to_the_view_they_share() {
        let anchors = array![[0.9f32, 0.5, 0.1], [0.1, 0.5, 0.9]];
        // The last one uses another part of the scale, which does not matter.
        let values = array![[0.8f32, 0.6, 0.2], [0.0, 0.1, 0.2], [0.03, 0.02, 0.01]];
        let found = assign(values.view(), anchors.view(), None);
        assert_eq!(found.kind_of, [0, 1, 0]);
        assert_eq!(found.nearest_sample, [0, 1]);
        assert!((found.shares[0] - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(found.coverage, 1.0);
        // Weights move shares, not kinds, and make them less sure.
        let heavy = assign(values.view(), anchors.view(), Some(&[0.0, 3.0, 1.0]));
        assert_eq!(heavy.kind_of, found.kind_of);
        assert!((heavy.shares[1] - 0.75).abs() < 1e-12);
        assert!(heavy.share_errors[0] > found.share_errors[0]);
    }

    #[test]
    fn a_kind_without_samples_still_names_the_nearest_one() {
        let anchors = array![[0.9f32, 0.5, 0.1], [0.1, 0.5, 0.9]];
        let values = array![[0.9f32, 0.5, 0.1], [0.9, 0.1, 0.5]];
        let found = assign(values.view(), anchors.view(), None);
        assert_eq!(found.shares, [1.0, 0.0]);
        assert_eq!(found.nearest_sample, [0, 1]);
        assert!(found.share_errors[1] > 0.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn every_sample_has_one_kind_and_shares_are_whole(
            flat in proptest::collection::vec(0u8..5, 4..160), kinds in 1usize..6,
        ) {
            let segments = 4;
            let rows = flat.len() / segments;
            let all = Array2::from_shape_fn((rows, segments), |(r, s)| f32::from(flat[r * segments + s]) / 4.0);
            let anchors = all.slice(ndarray::s![..kinds.min(rows), ..]);
            let found = assign(all.view(), anchors, None);
            prop_assert_eq!(found.kind_of.len(), rows);
            prop_assert!((found.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&found.coverage));
            for (kind, &sample) in found.nearest_sample.iter().enumerate() {
                prop_assert!(found.shares[kind] == 0.0 || found.kind_of[sample] == kind);
            }
        }
    }
}
