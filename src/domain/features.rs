//! Features of the sampled frames.

use ndarray::Array2;

/// One feature vector for each sampled frame ("pick").
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// Float32 [N, D], one row a pick.
    pub values: Array2<f32>,
    /// Frame number in the original video of each row, ascending, length N.
    pub picks: Vec<u64>,
    /// Presentation time of each pick, seconds from the first frame, length N.
    pub pick_times_secs: Vec<f64>,
}

impl Features {
    /// Number of picks, N.
    pub fn len(&self) -> usize {
        self.picks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }
}
