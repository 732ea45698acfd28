//! The pages of the window and the panels of the explore page, by name. How panels are arranged is `layout`'s business.

use egui::{Key, Modifiers};
use serde::{Deserialize, Serialize};

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
}

impl Pane {
    pub const ALL: [Self; 5] = [
        Self::Player,
        Self::Alternatives,
        Self::Timeline,
        Self::Distribution,
        Self::Matches,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Player => "Player",
            Self::Distribution => "Distribution",
            Self::Matches => "Matches",
            Self::Alternatives => "Alternatives",
            Self::Timeline => "Timeline",
        }
    }

    /// Name of the command that shows or hides it.
    pub fn command_name(self) -> String {
        format!("Show or hide: {}", self.title().to_lowercase())
    }
}
