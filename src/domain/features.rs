//! Features of the sampled frames.

use std::borrow::Cow;

use ndarray::{Array2, Axis};

/// One feature vector for each sampled frame ("pick").
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// Float32 [N, D], one row a pick.
    pub values: Array2<f32>,
    /// Frame number in the original video of each row, ascending, length N.
    pub picks: Vec<u64>,
    /// Presentation time of each pick, seconds from the first frame, length N.
    pub pick_times_secs: Vec<f64>,
    /// Rows that networks see, ascending, where a short video is sampled more densely than its
    /// bundle asks; empty where they see all.
    pub network_rows: Vec<usize>,
}

impl Features {
    /// Number of picks, N.
    pub fn len(&self) -> usize {
        self.picks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }

    /// The rows at the rate that networks are made for.
    pub fn for_network(&self) -> Cow<'_, Self> {
        if self.network_rows.is_empty() {
            return Cow::Borrowed(self);
        }
        let rows = &self.network_rows;
        Cow::Owned(Self {
            values: self.values.select(Axis(0), rows),
            picks: rows.iter().map(|&row| self.picks[row]).collect(),
            pick_times_secs: rows.iter().map(|&row| self.pick_times_secs[row]).collect(),
            network_rows: Vec::new(),
        })
    }

    /// Scores of the networks' rows as scores of the picks: each pick carries its row's.
    pub fn on_picks(&self, scores: Vec<f32>) -> Vec<f32> {
        match self.network_row_of_picks() {
            Some(rows) => rows.into_iter().map(|row| scores[row]).collect(),
            None => scores,
        }
    }

    /// For each pick the network's row whose score it carries: the last one at or before it. `None`
    /// where networks see every pick.
    pub fn network_row_of_picks(&self) -> Option<Vec<usize>> {
        let row_of = |pick: usize| {
            let after = self.network_rows.partition_point(|&row| row <= pick);
            after.saturating_sub(1)
        };
        (!self.network_rows.is_empty()).then(|| (0..self.len()).map(row_of).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_see_their_own_rate_of_a_densely_sampled_video() {
        let dense = Features {
            values: Array2::from_shape_fn((7, 2), |(row, _)| row as f32),
            picks: (0..7).map(|row| row * 3).collect(),
            pick_times_secs: (0..7).map(|row| f64::from(row) / 8.0).collect(),
            network_rows: vec![0, 4],
        };
        let seen = dense.for_network();
        assert_eq!(seen.picks, [0, 12]);
        assert_eq!(seen.values.column(0).to_vec(), [0.0, 4.0]);
        assert_eq!(seen.pick_times_secs, [0.0, 0.5]);
        assert_eq!(
            dense.network_row_of_picks(),
            Some(vec![0, 0, 0, 0, 1, 1, 1])
        );
        assert_eq!(seen.network_row_of_picks(), None);
    }
}
