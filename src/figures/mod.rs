//! Figures for papers and reports: every plot of the window as SVG or PNG of a chosen size, and the
//! numbers behind it as CSV.
//!
//! A figure is described once as a [`scene::Scene`] of filled and stroked outlines (text included,
//! so that no font is needed to see it) and written as SVG or painted into a PNG; both carry their
//! [`Provenance`](crate::session::provenance::Provenance). The numbers are those that the window
//! shows ([`Material`] is a snapshot of them); nothing is computed anew here.

pub mod agreement;
pub mod axis;
pub mod dataset;
pub mod distribution;
pub mod histogram;
pub mod knapsack;
pub mod labels;
pub mod lanes;
pub mod letters;
pub mod matches;
pub mod paper;
pub mod planes;
pub mod png;
pub mod report;

pub mod scene;
pub mod style;
pub mod svg;
pub mod tables;
pub mod timeline;
pub mod title_card;

use std::path::Path;

use crate::domain::FigureKind;
use crate::domain::repairs::spreadsheet_cell;
use crate::session::material::Material;
use crate::session::provenance::Provenance;

pub use scene::Scene;
pub use style::Style;

/// Why a figure cannot be made. Each message is one sentence with the fix.
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

/// Whether the material has what the plot needs.
pub fn is_possible(kind: FigureKind, material: &Material) -> bool {
    match kind {
        FigureKind::Distribution => material.distribution.is_some(),
        FigureKind::Matches => material.matches.is_some(),
        FigureKind::Timeline => material.draw.is_some(),
        FigureKind::Agreement => material
            .annotations
            .as_ref()
            .is_some_and(|set| set.annotators.len() > 1),
    }
}

/// The plot as a scene.
///
/// # Errors
/// When there are no samples or annotators yet, or the size is out of range.
pub fn scene(kind: FigureKind, material: &Material, style: &Style) -> Result<Scene, FigureError> {
    if style.size.iter().any(|side| !(200..=8192).contains(side)) {
        return Err(FigureError::Size(style.size[0], style.size[1]));
    }
    match kind {
        FigureKind::Distribution => distribution::scene(material, style),
        FigureKind::Matches => matches::scene(material, style),
        FigureKind::Timeline => timeline::scene(material, style),
        FigureKind::Agreement => agreement::scene(material, style),
    }
}

/// The numbers behind the plot, one table with a head line.
///
/// # Errors
/// When there are no samples or annotators yet.
pub fn csv(kind: FigureKind, material: &Material) -> Result<String, FigureError> {
    match kind {
        FigureKind::Distribution => distribution::csv(material),
        FigureKind::Matches => matches::csv(material),
        FigureKind::Timeline => timeline::csv(material),
        FigureKind::Agreement => agreement::csv(material),
    }
}

/// The file's content for an ending: `svg`, `png` or `csv`.
///
/// # Errors
/// As [`scene()`], and for another ending.
pub fn encode(
    kind: FigureKind,
    material: &Material,
    style: &Style,
    format: FigureFormat,
) -> Result<Vec<u8>, FigureError> {
    match format {
        FigureFormat::Csv => Ok(csv(kind, material)?.into_bytes()),
        FigureFormat::Svg => {
            Ok(svg::write(&scene(kind, material, style)?, &material.provenance).into_bytes())
        }
        FigureFormat::Png => png::encode(&scene(kind, material, style)?, &material.provenance),
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

/// A table with what its numbers come from: JSON in one more column, in the first row alone.
pub fn csv_with_provenance(csv: &str, provenance: &Provenance) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (line, record) in reader.records().flatten().enumerate() {
        let last = match line {
            0 => "provenance".to_owned(),
            1 => provenance.to_json(),
            _ => String::new(),
        };
        // Writing to memory cannot fail, and all rows have the length of the head.
        let _ = writer.write_record(record.iter().chain([last.as_str()]));
    }
    String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned()
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
