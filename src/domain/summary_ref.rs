//! Which summary is meant: one name for what is chosen, shown, played and exported.
//! Does not know what it keeps (see `session::summaries`).

use serde::{Deserialize, Serialize};

use super::kinds::Letter;

/// A summary of the open video, by what outlives a new draw where there is such a thing.
///
/// What it keeps, its scores and its name come from `session::summaries` alone: a further variant
/// is handled there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SummaryRef {
    /// An alternative's own summary, which its mean scores give; by its letter.
    Alternative(Letter),
    /// One sample's, by its index in the draw, counted from 0 as in an analysis.
    Sample(usize),
    /// One that was edited by hand, by its number in the project.
    Edited(u32),
}

impl SummaryRef {
    pub fn is_alternative(self) -> bool {
        self.letter().is_some()
    }

    /// The letter, where it is an alternative's own.
    pub fn letter(self) -> Option<Letter> {
        match self {
            Self::Alternative(letter) => Some(letter),
            Self::Sample(_) | Self::Edited(_) => None,
        }
    }

    /// The sample, where it is one.
    pub fn sample(self) -> Option<usize> {
        match self {
            Self::Sample(sample) => Some(sample),
            Self::Alternative(_) | Self::Edited(_) => None,
        }
    }
}

/// As a person reads it: "A", "sample 43", "edit 1".
impl std::fmt::Display for SummaryRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Alternative(letter) => letter.fmt(f),
            Self::Sample(sample) => write!(f, "sample {sample}"),
            Self::Edited(number) => write!(f, "edit {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_named_and_written_by_what_they_are() {
        let (b, sample) = (SummaryRef::Alternative(Letter(1)), SummaryRef::Sample(43));
        assert_eq!(
            (b.to_string(), sample.to_string()),
            ("B".into(), "sample 43".into())
        );
        let json = serde_json::to_string(&[b, sample]).unwrap();
        assert_eq!(json, r#"[{"alternative":"B"},{"sample":43}]"#);
        let back: Vec<SummaryRef> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, [b, sample]);
        assert!(serde_json::from_str::<SummaryRef>(r#"{"alternative":"?"}"#).is_err());
    }
}
