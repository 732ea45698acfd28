//! What a person picks out: the selection, pins and rejections. A mark belongs to one alternative
//! by its letter, or to a summary by what it keeps, not to a sample number, so that it survives a
//! new draw.

use serde::{Deserialize, Serialize};

use super::kinds::Letter;
use super::summary_ref::SummaryRef;

/// Least overlap of two selections that counts as the same kind of summary.
const ALIKE_JACCARD: f64 = 0.5;

/// What is selected everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, from = "StoredSelection")]
pub struct Selection {
    /// The summary in hand; `None` means the one that is in front.
    pub summary: Option<SummaryRef>,
    pub annotator: Option<usize>,
}

/// A selection as files have it. Those of before had the place of an alternative in the order of
/// the letters.
#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredSelection {
    summary: Option<SummaryRef>,
    alternative: Option<u8>,
    sample: Option<usize>,
    annotator: Option<usize>,
}

impl From<StoredSelection> for Selection {
    fn from(stored: StoredSelection) -> Self {
        let sample = stored.sample.map(SummaryRef::Sample);
        let alternative = (stored.alternative).map(|at| SummaryRef::Alternative(Letter(at)));
        Self {
            summary: stored.summary.or(sample).or(alternative),
            annotator: stored.annotator,
        }
    }
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
    /// Whether a selection (ascending segment indices) is of this kind: Jaccard index of at least
    /// one half.
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
    fn selections_of_older_files_mean_the_same_summary() {
        let read = |json: &str| serde_json::from_str::<Selection>(json).unwrap();
        let third = read(r#"{"alternative": 2, "sample": null, "annotator": 4}"#);
        assert_eq!(third.summary, Some(SummaryRef::Alternative(Letter(2))));
        assert_eq!(third.annotator, Some(4));
        let sample = read(r#"{"alternative": 2, "sample": 9}"#);
        assert_eq!(sample.summary, Some(SummaryRef::Sample(9)));
        for selection in [third, sample, Selection::default()] {
            let json = serde_json::to_string(&selection).unwrap();
            assert_eq!(read(&json), selection);
        }
    }

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
