//! The matches figure: for each kind of summary the share of samples that match each annotator, as
//! heat.

use super::letters::{self, Weight};
use super::scene::{Align, Area, Ink, Pen, Scene};
use super::{FigureError, Style, number, table};
use crate::session::material::Material;
use crate::session::{MatchRow, MatchView};
use crate::ui::colormap::heat_cell;
use crate::ui::text;

/// Greatest height of a row at one unit, points.
const MOST_ROW: f64 = 48.0;

fn row_name(row: &MatchRow, material: &Material) -> String {
    match row.alternative {
        Some(letter) => format!("{} · {}", material.names.title(letter), row.label),
        None => row.label.clone(),
    }
}

/// The figure.
///
/// # Errors
/// [`FigureError::NoAnnotators`] while nothing is compared.
pub fn scene(material: &Material, style: &Style) -> Result<Scene, FigureError> {
    let view = comparable(material)?;
    let (palette, unit) = (style.palette(), style.unit());
    let mut scene = Scene::new(
        style,
        &format!("Samples of {} that match each annotator", material.name()),
        &format!(
            "Share of samples with Kendall's tau-b of at least {:.2} to an annotator; {} of {} annotators are matched by some sample.",
            view.threshold,
            view.reached,
            view.annotators.len()
        ),
    );
    let ink = Ink::new(12.0 * unit, palette.secondary);
    let labels = view
        .rows
        .iter()
        .map(|row| letters::width(&row_name(row, material), ink.size, Weight::SemiBold))
        .fold(40.0 * unit, f64::max);
    let columns = view.annotators.len();
    let area = |names: f64| {
        Area::new(
            labels + 26.0 * unit,
            names + 26.0 * unit,
            style.width() - 16.0 * unit,
            style.height() - 60.0 * unit,
        )
    };
    let step = area(0.0).width() / columns as f64;
    // Names stand on end where columns leave them room.
    let named = step >= 9.0 * unit;
    let name_size = (12.0 * unit).min(step * 0.95);
    let limit = (style.height() * 0.4).min(170.0 * unit);
    let names: Vec<String> = (0..columns)
        .map(|column| {
            let name = short_name(&view.annotators[column]);
            letters::fitted(name, name_size, Weight::Regular, limit)
        })
        .collect();
    let tallest = names
        .iter()
        .map(|name| letters::width(name, name_size, Weight::Regular))
        .fold(0.0, f64::max);
    let grid = area(if named { tallest } else { 0.0 });
    // Few rows stay rows.
    let height = (grid.height() / view.rows.len() as f64).min(MOST_ROW * unit);
    if named {
        for (column, name) in names.iter().enumerate() {
            let x = grid.left + (column as f64 + 0.5) * step + name_size * 0.35;
            scene.text_turned(
                [x, grid.top - 6.0 * unit],
                Align::Left,
                name,
                Ink::new(name_size, palette.secondary),
                -std::f64::consts::FRAC_PI_2,
            );
        }
    } else {
        let words = format!("{columns} annotators →");
        let at = [grid.left, grid.top - 8.0 * unit];
        scene.text(at, Align::Left, &words, ink);
    }
    for (line, row) in view.rows.iter().enumerate() {
        let top = grid.top + line as f64 * height;
        let label = match row.alternative {
            Some(letter) => Ink::bold(12.0 * unit, palette.alternative_text(letter)),
            None => ink,
        };
        let at = [grid.left - 10.0 * unit, top + height / 2.0 + 4.0 * unit];
        scene.text(at, Align::Right, &row_name(row, material), label);
        for (column, share) in row.shares.iter().enumerate().take(columns) {
            let gap = if step > 5.0 * unit { unit } else { 0.0 };
            let left = grid.left + column as f64 * step;
            let cell = Area::new(left, top, left + step - gap, top + height - unit);
            match share {
                Some(share) => scene.rect(cell, heat_cell(palette, *share)),
                None => {
                    scene.line(
                        &[[cell.left, cell.bottom], [cell.right, cell.top]],
                        Pen::new(palette.line, unit),
                    );
                }
            }
            let text = share.map_or_else(
                || "undefined".to_owned(),
                |share| text::percent(f64::from(share)),
            );
            scene.label(format!(
                "{} × {}: {text}",
                row_name(row, material),
                view.annotators[column]
            ));
        }
    }
    legend(
        &mut scene,
        view,
        style,
        grid,
        grid.top + height * view.rows.len() as f64,
    );
    Ok(scene)
}

/// A name as short as is clear: that annotators are simulated is stated elsewhere.
fn short_name(name: &str) -> &str {
    name.trim_start_matches("simulated: ")
}

/// Below the last row.
fn legend(scene: &mut Scene, view: &MatchView, style: &Style, grid: Area, rows_end: f64) {
    const STEPS: usize = 48;
    let (palette, unit) = (style.palette(), style.unit());
    let ink = Ink::new(12.0 * unit, palette.secondary);
    let (top, bottom) = (rows_end + 20.0 * unit, rows_end + 30.0 * unit);
    let width = (grid.width() * 0.45).min(260.0 * unit);
    for step in 0..STEPS {
        let at = |edge: usize| grid.left + width * edge as f64 / STEPS as f64;
        // A hair of overlap, so that no seam shows.
        let strip = Area::new(at(step), top, at(step + 1) + 0.3, bottom);
        scene.rect(
            strip,
            heat_cell(palette, (step as f32 + 0.5) / STEPS as f32),
        );
    }
    let y = rows_end + 46.0 * unit;
    scene.text([grid.left, y], Align::Left, "0", ink);
    let end = [grid.left + width, y];
    scene.text(end, Align::Right, "all samples of the row", ink);
    let words = format!(
        "match: τ-b ≥ {:.2} · {} of {} annotators reached",
        view.threshold,
        view.reached,
        view.annotators.len()
    );
    scene.text([grid.right, y], Align::Right, &words, ink);
}

fn comparable(material: &Material) -> Result<&MatchView, FigureError> {
    material
        .matches
        .as_deref()
        .filter(|view| !view.annotators.is_empty() && !view.rows.is_empty())
        .ok_or(FigureError::NoAnnotators)
}

/// One line a cell.
///
/// # Errors
/// [`FigureError::NoAnnotators`] while nothing is compared.
pub fn csv(material: &Material) -> Result<String, FigureError> {
    let view = comparable(material)?;
    let rows = view.rows.iter().flat_map(|row| {
        row.shares
            .iter()
            .zip(&view.annotators)
            .map(move |(share, annotator)| {
                let kind = row
                    .alternative
                    .map_or_else(|| row.label.clone(), |letter| letter.to_string());
                vec![
                    kind,
                    annotator.clone(),
                    share.map_or_else(String::new, number),
                    number(view.threshold),
                ]
            })
    });
    Ok(table(
        &["row", "annotator", "share_of_samples", "tau_threshold"],
        rows,
    ))
}
