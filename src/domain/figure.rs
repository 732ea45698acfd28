//! Which plots there are. How each is drawn is `figures`' business.

/// Which plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// Samples and annotators on the plane (figure 4).
    Distribution,
    /// Which samples match which annotator (figure 3).
    Matches,
    /// Scores, selection frequency, alternatives and annotators over time (figure 5).
    Timeline,
    /// How annotators agree pair by pair.
    Agreement,
}

impl FigureKind {
    /// All, in the order of a report.
    pub const ALL: [Self; 4] = [
        Self::Timeline,
        Self::Distribution,
        Self::Matches,
        Self::Agreement,
    ];

    /// For file names and headings: `distribution`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Distribution => "distribution",
            Self::Matches => "matches",
            Self::Timeline => "timeline",
            Self::Agreement => "agreement",
        }
    }

    /// A size that suits the plot, in points.
    pub fn usual_size(self) -> [u32; 2] {
        match self {
            Self::Distribution => [900, 700],
            Self::Matches => [1000, 420],
            Self::Timeline => [1200, 640],
            Self::Agreement => [760, 700],
        }
    }
}
