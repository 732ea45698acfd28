//! The panels of the explore page by name. How they are arranged is `layout`'s business.

use serde::{Deserialize, Serialize};

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
