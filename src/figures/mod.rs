//! Figures for papers and reports: every plot of the window as SVG or PNG of a chosen size, and the numbers behind it as CSV.
//!
//! A figure is described once as a [`scene::Scene`] of filled and stroked outlines (text included, so that no font is needed to
//! see it) and written as SVG or painted into a PNG; both carry their [`Provenance`](crate::session::provenance::Provenance). The numbers are those that
//! the window shows ([`material::Material`] is a snapshot of them); nothing is computed anew here.

pub mod agreement;
pub mod axis;
pub mod dataset;
pub mod distribution;
pub mod knapsack;
pub mod letters;
pub mod matches;
pub mod material;
pub mod png;
pub mod report;

pub mod scene;
pub mod style;
pub mod svg;
pub mod tables;
pub mod timeline;

use std::path::Path;

use crate::domain::mending::spreadsheet_cell;

pub use material::Material;
pub use scene::Scene;
pub use style::Style;

/// Why a figure cannot be made. Each message is one sentence with the mend.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    #[error("a figure is written as .svg, .png or .csv, not as {0}; give it one of these endings")]
    UnknownEnding(String),
    #[error("a figure of {0}×{1} cannot be made; use 200 to 8192 a side")]
    Size(u32, u32),
    #[error("there are no samples to draw yet; wait until the draw is done")]
    NoSamples,
    #[error("there are no annotators to compare with; load annotations first")]
    NoAnnotators,
    #[error("the figure could not be encoded ({0}); try another size")]
    Encoding(String),
}

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

    /// Whether the material has what the plot needs.
    pub fn is_possible(self, material: &Material) -> bool {
        match self {
            Self::Distribution => material.distribution.is_some(),
            Self::Matches => material.matches.is_some(),
            Self::Timeline => material.draw.is_some(),
            Self::Agreement => material
                .annotations
                .as_ref()
                .is_some_and(|set| set.annotators.len() > 1),
        }
    }

    /// The plot as a scene.
    ///
    /// # Errors
    /// When there are no samples or annotators yet, or the size is out of range.
    pub fn scene(self, material: &Material, style: &Style) -> Result<Scene, FigureError> {
        if style.size.iter().any(|side| !(200..=8192).contains(side)) {
            return Err(FigureError::Size(style.size[0], style.size[1]));
        }
        match self {
            Self::Distribution => distribution::scene(material, style),
            Self::Matches => matches::scene(material, style),
            Self::Timeline => timeline::scene(material, style),
            Self::Agreement => agreement::scene(material, style),
        }
    }

    /// The numbers behind the plot, one table with a head line.
    ///
    /// # Errors
    /// When there are no samples or annotators yet.
    pub fn csv(self, material: &Material) -> Result<String, FigureError> {
        match self {
            Self::Distribution => distribution::csv(material),
            Self::Matches => matches::csv(material),
            Self::Timeline => timeline::csv(material),
            Self::Agreement => agreement::csv(material),
        }
    }

    /// The file's content for an ending: `svg`, `png` or `csv`.
    ///
    /// # Errors
    /// As [`Self::scene`], and for another ending.
    pub fn encode(
        self,
        material: &Material,
        style: &Style,
        format: FigureFormat,
    ) -> Result<Vec<u8>, FigureError> {
        match format {
            FigureFormat::Csv => Ok(self.csv(material)?.into_bytes()),
            FigureFormat::Svg => {
                Ok(svg::write(&self.scene(material, style)?, &material.provenance).into_bytes())
            }
            FigureFormat::Png => png::encode(&self.scene(material, style)?, &material.provenance),
        }
    }
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureFormat {
    Svg,
    Png,
    Csv,
}

impl FigureFormat {
    /// By the ending of a file's name.
    ///
    /// # Errors
    /// For any other ending, or none.
    pub fn of(path: &Path) -> Result<Self, FigureError> {
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            Some("csv") => Ok(Self::Csv),
            Some(other) => Err(FigureError::UnknownEnding(format!(".{other}"))),
            None => Err(FigureError::UnknownEnding("a name without ending".into())),
        }
    }
}

/// A table as CSV text.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and all rows have the length of the head.
    let _ = writer.write_record(head);
    for row in rows {
        let _ = writer.write_record(row.iter().map(|cell| spreadsheet_cell(cell).into_owned()));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A number for a table: short, and the same when it is read back; empty where there is none.
fn number<T: Copy + std::fmt::Display + Into<f64>>(value: T) -> String {
    let wide: f64 = value.into();
    if !wide.is_finite() {
        String::new()
    } else if wide == 0.0 {
        // Without a sign.
        "0".to_owned()
    } else {
        // In its own precision: as a float64, 0.4 of a float32 has sixteen places.
        value.to_string()
    }
}

#[cfg(test)]
mod tests;
