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

/// The conditions of one annotator's work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    pub method: Method,
    /// Order in which shots were rated, and the seed of a random one.
    pub order: ShotOrder,
    pub seed: u64,
    /// Share of the frames that picks could cover.
    pub budget: f64,
    /// Whether summaries or other annotators were on screen before the work was complete.
    pub saw_others: bool,
    /// Seconds of work, without pauses.
    pub spent_secs: f64,
    /// Whether the annotator has stated that this is all.
    pub complete: bool,
}
