//! What a person picks out: the selection, pins and rejections. A mark belongs to one alternative by its letter, or to a summary by
//! what it keeps, not to a sample number, so that it survives a new draw.

use serde::{Deserialize, Serialize};

/// Least overlap of two selections that counts as the same kind of summary.
const ALIKE_JACCARD: f64 = 0.5;

/// What is selected everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    pub alternative: Option<usize>,
    pub sample: Option<usize>,
    pub annotator: Option<usize>,
}

/// A kept or rejected summary: the segments that it selects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mark {
    /// The letter of the alternative that it marks; empty for a single summary, and in older files.
    pub label: String,
    /// Ascending segment indices.
    pub segments: Vec<usize>,
    /// The draw it came from.
    pub seed: u64,
    pub sample: usize,
}

impl Mark {
    /// Whether a selection (ascending segment indices) is of this kind: Jaccard index of at least one half.
    pub fn is_like(&self, selection: &[usize]) -> bool {
        jaccard(&self.segments, selection) >= ALIKE_JACCARD
    }
}

/// Share of the union that two ascending lists have in common; 1 for two empty ones.
pub fn jaccard(a: &[usize], b: &[usize]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
        }
    }
    let union = a.len() + b.len() - common;
    if union == 0 {
        1.0
    } else {
        common as f64 / union as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_selections_share_half_of_their_union() {
        let mark = Mark {
            segments: vec![1, 4, 9],
            ..Mark::default()
        };
        assert!(mark.is_like(&[1, 4, 9]));
        assert!(mark.is_like(&[1, 4, 8]));
        assert!(!mark.is_like(&[1, 5, 8]));
        assert_eq!(jaccard(&[], &[]), 1.0);
        assert_eq!(jaccard(&[1], &[]), 0.0);
    }
}
