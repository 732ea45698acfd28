//! The anchors of a video's alternatives: what stays when samples, budgets and guidance change.
//! Does not find them (see `analysis::kinds`) or draw what they are found in (see
//! `pipeline::kinds`).

use serde::{Deserialize, Serialize};

/// Number of colours of alternatives.
const COLOURS: usize = 8;

/// The letter that a kind keeps; 0 is A. As text its label.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct Letter(pub u8);

impl std::fmt::Display for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.label())
    }
}

impl From<Letter> for String {
    fn from(letter: Letter) -> Self {
        letter.label()
    }
}

impl TryFrom<String> for Letter {
    type Error = String;

    fn try_from(label: String) -> Result<Self, String> {
        Self::from_label(&label).ok_or_else(|| format!("“{label}” is no alternative's letter"))
    }
}

impl Letter {
    /// One letter up to Z, then A1, B1 and so on.
    pub fn label(self) -> String {
        let letter = char::from(b'A' + self.0 % 26);
        match self.0 / 26 {
            0 => letter.to_string(),
            round => format!("{letter}{round}"),
        }
    }

    /// The letter of a label that [`Self::label`] wrote; `None` for any other text.
    pub fn from_label(label: &str) -> Option<Self> {
        let mut chars = label.chars();
        let letter = chars.next().filter(char::is_ascii_uppercase)?;
        let round: u8 = match chars.as_str() {
            "" => 0,
            digits => digits.parse().ok()?,
        };
        let number = round.checked_mul(26)?.checked_add(letter as u8 - b'A')?;
        Some(Self(number))
    }

    /// Index of its colour.
    pub fn colour(self) -> usize {
        usize::from(self.0) % COLOURS
    }

    /// A letter that none of `known` has, with a colour that none of `shown` has where one is left.
    pub fn unused(known: &[Self], shown: &[Self]) -> Self {
        let free = || (0..=u8::MAX).map(Self).filter(|one| !known.contains(one));
        let colour_is_free = |one: &Self| shown.iter().all(|other| other.colour() != one.colour());
        free()
            .take(COLOURS)
            .find(colour_is_free)
            .or_else(|| free().next())
            .unwrap_or_default()
    }
}

/// A kind: the mean view of a group of samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub letter: Letter,
    /// Mean importance score of the group at each pick, length N.
    pub scores: Vec<f32>,
}

/// The kinds of one video, bundle and segmentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kinds {
    /// In the order of their letters.
    pub kinds: Vec<Kind>,
    /// Whether they come from a settled pool; else from the samples that were there.
    pub settled: bool,
}

/// A kind as it is kept beside a video: with the times of its scores, so that it is recognised on
/// other picks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownKind {
    pub label: String,
    /// Mean importance scores and their times in seconds, of the same length.
    pub scores: Vec<f32>,
    pub times_secs: Vec<f64>,
}

impl KnownKind {
    /// The scores at other times: each carries the last one at or before it, the first one before
    /// all.
    pub fn scores_at(&self, times_secs: &[f64]) -> Vec<f32> {
        let known = self.scores.len().min(self.times_secs.len());
        times_secs
            .iter()
            .map(|&time| {
                let after = self.times_secs[..known].partition_point(|&at| at <= time + 1e-6);
                let at = after.saturating_sub(1);
                self.scores.get(at).copied().unwrap_or(0.0)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_back_from_their_labels() {
        for number in 0..=u8::MAX {
            let letter = Letter(number);
            assert_eq!(Letter::from_label(&letter.label()), Some(letter));
        }
        assert_eq!(Letter(1).label(), "B");
        for wrong in ["", "b", "AA", "A99", "Ä"] {
            assert_eq!(Letter::from_label(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_new_letter_is_new_and_its_colour_free() {
        let of = |numbers: &[u8]| numbers.iter().map(|&n| Letter(n)).collect::<Vec<_>>();
        assert_eq!(Letter::unused(&[], &[]), Letter(0));
        assert_eq!(Letter::unused(&of(&[0, 1, 2]), &of(&[0, 2])), Letter(3));
        // I would have the colour of A.
        let known = of(&[0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(Letter::unused(&known, &of(&[0, 1])), Letter(10));
        let all: Vec<_> = (0..=u8::MAX).map(Letter).collect();
        assert_eq!(Letter::unused(&all, &all), Letter(0));
    }

    #[test]
    fn scores_are_found_at_other_times() {
        let known = KnownKind {
            label: "A".to_owned(),
            scores: vec![0.1, 0.5, 0.9],
            times_secs: vec![0.5, 1.0, 1.5],
        };
        assert_eq!(known.scores_at(&[0.0, 0.5, 1.2, 9.0]), [0.1, 0.1, 0.5, 0.9]);
        assert_eq!(KnownKind::default().scores_at(&[1.0]), [0.0]);
    }
}
