//! The matches view's numbers (figure 3 of the paper): which share of a method's samples agrees
//! with each annotator.
//!
//! A sample matches an annotator where Kendall's τ-b of their scores reaches a threshold, 0.25 in
//! the paper. τ is worked out once; the threshold can then move freely.

use super::rank::tau_b_table;

/// Kendall's τ-b from which a sample counts as a match (figure 3 of the paper).
pub const MATCH_TAU: f64 = 0.25;

/// Kendall's τ-b of every sample with every annotator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchTaus {
    /// `[sample][annotator]`; `None` is undefined (a constant vector).
    pub taus: Vec<Vec<Option<f64>>>,
}

/// One row of the matches table: a method, an alternative, or one video of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchRow {
    pub label: String,
    /// Samples of the row.
    pub members: Vec<usize>,
    /// For each annotator the share of members that match, in [0, 1]; `None` where no τ is defined.
    pub shares: Vec<Option<f64>>,
}

impl MatchTaus {
    /// `samples`, `annotators`: scores at the same frames. Rows are in the order given.
    pub fn new(samples: &[Vec<f32>], annotators: &[Vec<f32>]) -> Self {
        Self {
            taus: tau_b_table(samples, annotators),
        }
    }

    /// A row of the table for some of the samples, each of which counts the same.
    pub fn row(&self, label: impl Into<String>, members: &[usize], threshold: f64) -> MatchRow {
        self.weighted_row(label, members, threshold, None)
    }

    /// As [`Self::row`], where samples weigh differently.
    pub fn weighted_row(
        &self,
        label: impl Into<String>,
        members: &[usize],
        threshold: f64,
        weights: Option<&[f64]>,
    ) -> MatchRow {
        let weight_of = |sample: usize| {
            weights.map_or(1.0, |weights| weights.get(sample).copied().unwrap_or(0.0))
        };
        let annotators = self.taus.first().map_or(0, Vec::len);
        let shares = (0..annotators)
            .map(|annotator| {
                let (mut matched, mut all) = (0.0, 0.0);
                for &sample in members {
                    let taus = self.taus.get(sample);
                    if let Some(&Some(tau)) = taus.and_then(|taus| taus.get(annotator)) {
                        all += weight_of(sample);
                        matched += if tau >= threshold {
                            weight_of(sample)
                        } else {
                            0.0
                        };
                    }
                }
                (all > 0.0).then(|| matched / all)
            })
            .collect();
        MatchRow {
            label: label.into(),
            members: members.to_vec(),
            shares,
        }
    }

    /// For an annotator the sample with the highest τ, and that τ.
    pub fn nearest_sample(&self, annotator: usize) -> Option<(usize, f64)> {
        self.taus
            .iter()
            .enumerate()
            .filter_map(|(sample, taus)| Some((sample, (*taus.get(annotator)?)?)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    }

    /// Mean over annotators of the best τ among the first `count` samples: how well a few samples
    /// cover the annotators.
    pub fn best_of(&self, count: usize) -> Option<f64> {
        let annotators = self.taus.first().map_or(0, Vec::len);
        let best = (0..annotators).filter_map(|annotator| {
            let taus = self.taus.iter().take(count);
            taus.filter_map(|row| row.get(annotator).copied()?)
                .reduce(f64::max)
        });
        super::agreement::mean_of(best)
    }

    /// Mean τ over all defined pairs.
    pub fn mean(&self) -> Option<f64> {
        super::agreement::mean_of(self.taus.iter().flatten().filter_map(|tau| *tau))
    }
}

/// Area covered: mean of all defined cells, in [0, 1].
pub fn area_covered(rows: &[MatchRow]) -> Option<f64> {
    super::agreement::mean_of(
        rows.iter()
            .flat_map(|row| row.shares.iter().filter_map(|s| *s)),
    )
}

/// Share of defined cells with any match at all.
pub fn cells_reached(rows: &[MatchRow]) -> Option<f64> {
    let cells = rows
        .iter()
        .flat_map(|row| row.shares.iter().filter_map(|s| *s));
    super::agreement::mean_of(cells.map(|share| if share > 0.0 { 1.0 } else { 0.0 }))
}

/// Order in which like vectors stand together: starting from the one with the largest sum, always
/// on to the nearest one left (undefined entries count as 0). Indices of `vectors`.
pub fn order_by_similarity(vectors: &[Vec<Option<f64>>]) -> Vec<usize> {
    let sum = |at: usize| vectors[at].iter().flatten().sum::<f64>();
    let distance = |a: usize, b: usize| -> f64 {
        let pairs = vectors[a].iter().zip(&vectors[b]);
        pairs
            .map(|(a, b)| (a.unwrap_or(0.0) - b.unwrap_or(0.0)).powi(2))
            .sum()
    };
    let mut left: Vec<usize> = (0..vectors.len()).collect();
    let mut order: Vec<usize> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let next = (0..left.len()).min_by(|&a, &b| match order.last() {
            Some(&last) => distance(last, left[a]).total_cmp(&distance(last, left[b])),
            None => sum(left[b]).total_cmp(&sum(left[a])),
        });
        order.push(left.remove(next.unwrap_or(0)));
    }
    order
}

/// Order of the annotators by the columns of a table, as [`order_by_similarity`].
pub fn order_columns(rows: &[MatchRow]) -> Vec<usize> {
    let columns = rows.iter().map(|row| row.shares.len()).max().unwrap_or(0);
    let column = |at: usize| {
        rows.iter()
            .map(|row| row.shares.get(at).copied().flatten())
            .collect()
    };
    order_by_similarity(&(0..columns).map(column).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taus() -> MatchTaus {
        let samples = [
            vec![1.0, 2.0, 3.0, 4.0],
            vec![4.0, 3.0, 2.0, 1.0],
            vec![1.0, 2.0, 4.0, 3.0],
        ];
        let annotators = [
            vec![1.0, 2.0, 3.0, 4.0],
            vec![4.0, 3.0, 2.0, 1.0],
            vec![2.0; 4],
        ];
        MatchTaus::new(&samples, &annotators)
    }

    #[test]
    fn a_sample_that_weighs_more_counts_more() {
        let taus = MatchTaus {
            taus: vec![vec![Some(0.5), None], vec![Some(0.0), Some(0.0)]],
        };
        let of = |weights| taus.weighted_row("row", &[0, 1], 0.25, weights).shares;
        assert_eq!(of(None), [Some(0.5), Some(0.0)]);
        assert_eq!(of(Some(&[3.0, 1.0])), [Some(0.75), Some(0.0)]);
        assert_eq!(of(Some(&[1.0, 0.0])), [Some(1.0), None]);
    }

    #[test]
    fn cells_are_shares_of_matching_samples() {
        let taus = taus();
        let row = taus.row("all", &[0, 1, 2], 0.25);
        assert_eq!(row.shares, vec![Some(2.0 / 3.0), Some(1.0 / 3.0), None]);
        assert_eq!(
            taus.row("strict", &[0, 1, 2], 0.9).shares[0],
            Some(1.0 / 3.0)
        );
        assert_eq!(area_covered(std::slice::from_ref(&row)), Some(0.5));
        assert_eq!(cells_reached(&[taus.row("one", &[0], 0.25)]), Some(0.5));
        assert_eq!(taus.nearest_sample(1).map(|(sample, _)| sample), Some(1));
        assert_eq!(taus.nearest_sample(2), None);
        assert!((taus.best_of(1).unwrap() - 0.0).abs() < 1e-12);
        assert!((taus.best_of(3).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(area_covered(&[]), None);
    }

    #[test]
    fn like_rows_stand_together() {
        let row = |v: [f64; 2]| v.map(Some).to_vec();
        let rows = [
            row([1.0, 1.0]),
            row([0.0, 0.1]),
            row([0.9, 1.0]),
            row([0.0, 0.0]),
        ];
        assert_eq!(order_by_similarity(&rows), vec![0, 2, 1, 3]);
        assert!(order_by_similarity(&[]).is_empty());
    }
}
