//! The pages of the window and the panels of the explore page, by name. How panels are arranged is
//! `layout`'s business.

use std::sync::Arc;

use egui::{Key, Modifiers};
use serde::{Deserialize, Serialize};

use crate::domain::Draw;

/// Bounds of the factor on Scott's bandwidth.
pub const BANDWIDTHS: std::ops::RangeInclusive<f64> = 0.25..=4.0;

/// What the middle of the window is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Page {
    /// Summaries of the open video: player, plots, cards, timeline.
    #[default]
    Explore,
    /// Rating shots, marking picks, and comparing annotators.
    Annotate,
    /// The videos of an open dataset.
    Dataset,
}

impl Page {
    pub const ALL: [Self; 3] = [Self::Explore, Self::Annotate, Self::Dataset];

    pub fn label(self) -> &'static str {
        match self {
            Self::Explore => "Explore",
            Self::Annotate => "Annotate",
            Self::Dataset => "Dataset",
        }
    }

    /// Name in the list of commands.
    pub fn command_name(self) -> &'static str {
        match self {
            Self::Explore => "Explore summaries",
            Self::Annotate => "Annotate and compare",
            Self::Dataset => "Dataset",
        }
    }

    /// One sentence.
    pub fn tip(self) -> &'static str {
        match self {
            Self::Explore => "Shows the summaries of this video.",
            Self::Annotate => "Rate shots or mark your own picks, and compare annotators.",
            Self::Dataset => "Shows all videos of the open dataset.",
        }
    }

    pub fn shortcut(self) -> (Modifiers, Key) {
        let key = match self {
            Self::Explore => Key::Num1,
            Self::Annotate => Key::Num2,
            Self::Dataset => Key::Num3,
        };
        (Modifiers::COMMAND, key)
    }
}

/// A panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pane {
    Player,
    Distribution,
    Matches,
    Alternatives,
    Timeline,
    Reasons,
}

impl Pane {
    /// Those of a new window.
    pub const AT_FIRST: [Self; 5] = [
        Self::Player,
        Self::Alternatives,
        Self::Timeline,
        Self::Distribution,
        Self::Matches,
    ];

    pub const ALL: [Self; 6] = [
        Self::Player,
        Self::Alternatives,
        Self::Timeline,
        Self::Distribution,
        Self::Matches,
        Self::Reasons,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Player => "Player",
            Self::Distribution => "Distribution",
            Self::Matches => "Matches",
            Self::Alternatives => "Alternatives",
            Self::Timeline => "Timeline",
            Self::Reasons => "Reasons",
        }
    }

    /// Name of the command that shows or hides it.
    pub fn command_name(self) -> String {
        format!("Show or hide: {}", self.title().to_lowercase())
    }
}

/// How the distribution panel is set.
#[derive(Clone, Debug, Default)]
pub struct DistributionChoices {
    /// Added to a factor of 1 on Scott's bandwidth, so that 0 is the rule itself.
    bandwidth_change: f64,
    pub of_scores: bool,
    /// Lassoed samples, ascending, and the draw they are of.
    pub group: Option<(Arc<Draw>, Group)>,
}

impl DistributionChoices {
    /// Sets the factor on Scott's bandwidth, within [`BANDWIDTHS`].
    pub fn set_bandwidth_factor(&mut self, factor: f64) {
        self.bandwidth_change = factor.clamp(*BANDWIDTHS.start(), *BANDWIDTHS.end()) - 1.0;
    }

    pub fn bandwidth_factor(&self) -> f64 {
        1.0 + self.bandwidth_change
    }
}

/// Lassoed samples, described.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Ascending.
    pub samples: Vec<usize>,
    /// Share of all samples.
    pub share: f64,
    /// Shortest and longest summary, seconds.
    pub durations_secs: (f64, f64),
    /// The one most like the others.
    pub centre: usize,
}
