//! Writing the dataset page's figure and table to files. Asks nobody and measures nothing.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::figures::dataset::{self as figure, MethodMatches};
use crate::figures::{FigureFormat, Style, csv_with_provenance, png, svg, tables};
use crate::files;
use crate::session::provenance::Provenance;
use crate::state::dataset::DatasetState;

/// Writes the figure in its order on screen, by the path's ending; svg where it has none. The path
/// it was written to.
///
/// # Errors
/// One sentence.
pub(super) fn write_matches(dataset: &DatasetState, path: &Path) -> anyhow::Result<PathBuf> {
    let path = files::with_ending(path, "svg");
    let format = FigureFormat::of(&path)?;
    let methods = MethodMatches::of_dataset(dataset);
    let view = &dataset.figure.view;
    let provenance = Provenance {
        annotations: dataset.name(),
        parameters: Some(serde_json::json!({
            "threshold": view.threshold,
            "order": if dataset.figure.file_order { "file" } else { "similarity" },
            "methods": methods.iter().map(|method| &method.name).collect::<Vec<_>>(),
        })),
        ..Provenance::of_this_program()
    };
    let style = Style {
        size: figure::usual_size(&methods),
        dark: false,
    };
    let scene = || {
        figure::scene(&methods, Some(view.threshold), &style)
            .context("no video was compared with its annotators yet")
    };
    let bytes = match format {
        FigureFormat::Csv => csv_with_provenance(&figure::csv(&methods), &provenance).into_bytes(),
        FigureFormat::Svg => svg::write(&scene()?, &provenance).into_bytes(),
        FigureFormat::Png => png::encode(&scene()?, &provenance)?,
    };
    files::write(&path, &bytes)?;
    Ok(path)
}

/// Writes the table as it is averaged on screen, by the path's ending; csv where it has none. The
/// path it was written to.
///
/// # Errors
/// One sentence.
pub(super) fn write_table(dataset: &DatasetState, path: &Path) -> anyhow::Result<PathBuf> {
    let path = files::with_ending(path, "csv");
    let measured = dataset
        .table
        .measured
        .as_ref()
        .context("nothing was measured yet")?;
    let (table, plan) = measured.under(dataset.table.protocol);
    let provenance = &measured.provenance;
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let text = match ending.to_lowercase().as_str() {
        "csv" => tables::csv(&table, provenance),
        "tex" => tables::latex(&table, provenance),
        "html" => tables::html(&table, provenance),
        "json" => serde_json::to_string_pretty(&tables::json(&table, &plan, provenance))? + "\n",
        "txt" => format!("{}\n# {}\n", tables::text(&table), provenance.to_json()),
        other => {
            anyhow::bail!("a table is written as .csv, .tex, .html, .json or .txt, not as .{other}")
        }
    };
    files::write(&path, text.as_bytes())?;
    Ok(path)
}
