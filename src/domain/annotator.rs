//! People's ratings and picks of one video, whatever file they came from.

use serde::{Deserialize, Serialize};

use super::conditions::Conditions;
use super::time::FrameRange;

/// One person's view of a video: importance scores, picked ranges, or both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Annotator {
    pub name: String,
    /// Importance score per frame of the original video (any scale), length = frame count; empty
    /// when only picks are known.
    pub scores: Vec<f32>,
    /// Picked ranges (a user summary), sorted and disjoint; empty when only scores are known.
    pub picks: Vec<FrameRange>,
    /// How the annotations were made, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
}

/// All annotators of one video.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnnotationSet {
    /// Where it came from, for the person: a file name, or "made here".
    pub source: String,
    /// Video id or name the annotations state, for joining with files.
    pub video_id: String,
    pub title: String,
    /// Frame count the annotations were made on; 0 when unknown.
    pub frame_count: u64,
    /// Whether the file states no length and nobody rated frames: picks are then frame numbers of
    /// whatever video they are laid on, and `frame_count` is only where the last of them ends.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub length_unstated: bool,
    /// Frame rate the annotations were made on, frames a second; 0 when unknown.
    pub frame_rate_fps: f64,
    /// Whether the raters were simulated by a program rather than people.
    pub simulated: bool,
    /// Sentences that make one doubt that the annotations are of the video they were laid on; they
    /// stay with the set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
    pub annotators: Vec<Annotator>,
}
