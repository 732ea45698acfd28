//! What the annotate page is about: which screen, whose work, and everything that undo does not
//! bring back.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clock::ActiveClock;
use crate::analysis::agreement::{RatingScale, SummaryUnit};
use crate::domain::FrameRange;
use crate::domain::annotator_work::{Method, ShotOrder};
use crate::session::people::{Comparison, Measure, PairPart, Side};
use crate::session::people_merge::MergeQuestion;

/// What the page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Who has annotated, and the form to begin.
    #[default]
    People,
    /// Rating or picking.
    Work,
    /// Annotators side by side.
    Compare,
}

/// What the comparison shows where the window has no room for everything at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CompareTab {
    Picture,
    #[default]
    Agreement,
    Annotators,
    /// The pair in detail, where the window is too low to keep it below the others.
    Pair,
}

impl CompareTab {
    /// As the tab is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Picture => "Picture",
            Self::Agreement => "Agreement",
            Self::Annotators => "Annotators",
            Self::Pair => "Pair",
        }
    }
}

/// What the form to begin has been set to.
#[derive(Clone, Debug, PartialEq)]
pub struct StartForm {
    pub name: String,
    pub method: Method,
    pub order: ShotOrder,
    /// Share of the video that picks may cover.
    pub budget: f64,
}

impl Default for StartForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            method: Method::default(),
            order: ShotOrder::default(),
            budget: 0.15,
        }
    }
}

/// State of the page beside the works themselves.
#[derive(Clone, Debug, Default)]
pub struct AnnotateState {
    pub screen: Screen,
    pub form: StartForm,
    /// Name of the annotator at work.
    pub current: Option<String>,
    pub paused: bool,
    /// Seconds spent by each annotator.
    pub spent_secs: BTreeMap<String, f64>,
    /// Seconds spent by each annotator at each place of the order.
    pub place_secs: BTreeMap<String, Vec<f64>>,
    pub clock: ActiveClock,
    /// Frame at which a pick begins, set and waiting for its end.
    pub in_frame: Option<u64>,
    /// What was refused, or what to do next.
    pub note: String,
    /// The shot that the player loops; `None` where the player is not held.
    pub looped: Option<FrameRange>,
    /// The annotators side by side, once worked out.
    pub comparison: Option<Arc<Comparison>>,
    /// What the matrix shows.
    pub measure: Measure,
    /// What F1 and κ compare, and on which scale α is taken.
    pub unit: SummaryUnit,
    pub ratings: RatingScale,
    /// What is in front where the comparison has tabs.
    pub tab: CompareTab,
    /// The pair that is looked at in detail; `None` leaves the choice to the program.
    pub first_side: Option<Side>,
    pub second_side: Option<Side>,
    /// Part of the pair that plays or is about to.
    pub part: PairPart,
    /// Whether the player is held to that part.
    pub plays_part: bool,
    /// Whether both of the pair play at once, one picture above the other.
    pub side_by_side: bool,
    /// Whether the second picture was last asked to play.
    pub second_plays: bool,
    /// A merge that waits for answers.
    pub merge: Option<MergeQuestion>,
    /// When the looped shot was first seen at its last frame, seconds.
    pub ended_at_secs: Option<f64>,
}
