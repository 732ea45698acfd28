//! The conditions of annotating: what a reader of the annotations must know to trust them.

use serde::{Deserialize, Serialize};

/// How an annotator says what matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Every two-second shot from 1 to 5, as in TVSum.
    #[default]
    Ratings,
    /// Stretches to keep within a budget, as in SumMe.
    Picks,
}

/// In which order shots are rated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShotOrder {
    /// Shuffled, so that a shot is judged by itself and not by what came before; as in TVSum.
    #[default]
    Random,
    /// As in the video.
    Sequence,
}

/// What an annotator is not to see before the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hidden {
    /// The page of samples and alternatives.
    Explore,
    /// What other annotators rated or picked.
    Others,
    /// The page of a dataset, which shows what its annotators rated.
    Dataset,
}

impl Hidden {
    /// As a sentence names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Explore => "samples and alternatives",
            Self::Others => "other annotators",
            Self::Dataset => "a dataset's annotations",
        }
    }
}

/// At which time of the work something hidden was on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum During {
    /// Before the work began, while the same video was open.
    Before,
    /// While the annotator was at it.
    Work,
    /// While the work was left and not complete; who looked is not known.
    Break,
    /// After the work was complete; it was opened again later.
    Complete,
}

/// Something hidden that was on screen. Nothing takes it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub what: Hidden,
    pub during: During,
    /// When it first was, seconds since 1970 (UTC).
    pub at_unix_secs: u64,
}

/// Adds what is not there yet; the first time of each stays. Whether something was added.
pub fn add_seen(seen: &mut Vec<Seen>, more: impl IntoIterator<Item = Seen>) -> bool {
    let before = seen.len();
    for one in more {
        let known = (seen.iter()).any(|old| (old.what, old.during) == (one.what, one.during));
        if !known {
            seen.push(one);
        }
    }
    seen.len() > before
}

/// The conditions of one annotator's work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    pub method: Method,
    /// Order in which shots were rated, and the seed of a random one.
    pub order: ShotOrder,
    pub seed: u64,
    /// Share of the frames that picks could cover.
    pub budget: f64,
    /// Whether summaries or other annotators were on screen before the work was complete: before
    /// it, during it, or in a break.
    pub saw_others: bool,
    /// What exactly, and when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
    /// Seconds of work, without pauses.
    pub spent_secs: f64,
    /// Whether the annotator has stated that this is all.
    pub complete: bool,
}
