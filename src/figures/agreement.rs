//! The agreement figure: Kendall's τ-b of every pair of annotators.

use egui::Color32;

use super::letters::{self, Weight};
use super::scene::{Align, Area, Ink, Scene};
use super::{FigureError, Style, number, table};
use crate::analysis::agreement::{AgreementMatrix, AgreementParams, agreement_matrix};
use crate::domain::{FrameRange, Segment};
use crate::session::material::Material;
use crate::ui::theme::{Palette, mix};

/// Above this many annotators values are not written into the cells.
const MOST_WITH_VALUES: usize = 20;

fn of_material(material: &Material) -> Result<AgreementMatrix, FigureError> {
    let set = material
        .annotations
        .as_deref()
        .filter(|set| set.annotators.len() > 1)
        .ok_or(FigureError::NoAnnotators)?;
    let segments: Vec<FrameRange> = material.segments.iter().map(Segment::frames).collect();
    Ok(agreement_matrix(set, &segments, &material.agreement))
}

/// The figure.
///
/// # Errors
/// [`FigureError::NoAnnotators`] with fewer than two annotators.
pub fn scene(material: &Material, style: &Style) -> Result<Scene, FigureError> {
    Ok(scene_of(&of_material(material)?, &material.name(), style))
}

/// The numbers.
///
/// # Errors
/// [`FigureError::NoAnnotators`] with fewer than two annotators.
pub fn csv(material: &Material) -> Result<String, FigureError> {
    Ok(csv_of(&of_material(material)?, &material.agreement))
}

/// Agreement is blue, disagreement orange, none the colour of a well.
fn color(palette: &Palette, tau: f64) -> Color32 {
    let towards = if tau < 0.0 {
        palette.category(6)
    } else {
        palette.accent
    };
    mix(palette.well, towards, tau.abs().min(1.0) as f32)
}

/// The figure of a matrix.
pub fn scene_of(matrix: &AgreementMatrix, name: &str, style: &Style) -> Scene {
    let (palette, unit) = (style.palette(), style.unit());
    let n = matrix.names.len();
    let mut scene = Scene::new(
        style,
        &format!("Agreement of the annotators of {name}"),
        &format!("Kendall's tau-b of every pair of {n} annotators' scores."),
    );
    let ink = Ink::new(12.0 * unit, palette.secondary);
    let limit = 150.0 * unit;
    let bottom = style.height() - 50.0 * unit;
    let rough = (style.width() - limit).min(bottom) / n as f64;
    let size = (12.0 * unit).min(rough * 0.9);
    let named = size >= 5.0 * unit;
    let names: Vec<String> = matrix
        .names
        .iter()
        .map(|name| {
            let name = name.trim_start_matches("simulated: ");
            letters::fitted(name, size, Weight::Regular, limit)
        })
        .collect();
    let widest = names
        .iter()
        .map(|name| letters::width(name, size, Weight::Regular))
        .fold(0.0, f64::max);
    let margin = if named { widest } else { 0.0 } + 22.0 * unit;
    let side = (style.width() - margin - 16.0 * unit)
        .min(bottom - margin)
        .max(1.0);
    let step = side / n as f64;
    let grid = Area::new(margin, margin, margin + side, margin + side);
    for (row, name) in names.iter().enumerate() {
        let middle = grid.top + (row as f64 + 0.5) * step + size * 0.35;
        if named {
            let label = Ink::new(size, palette.secondary);
            let at = [grid.left - 8.0 * unit, middle];
            scene.text(at, Align::Right, name, label);
            scene.text_turned(
                [
                    grid.left + (row as f64 + 0.5) * step + size * 0.35,
                    grid.top - 8.0 * unit,
                ],
                Align::Left,
                name,
                label,
                -std::f64::consts::FRAC_PI_2,
            );
        }
        for column in 0..n {
            if row == column {
                continue;
            }
            let gap = if step > 6.0 * unit { unit } else { 0.0 };
            let (left, top) = (
                grid.left + column as f64 * step,
                grid.top + row as f64 * step,
            );
            let cell = Area::new(left, top, left + step - gap, top + step - gap);
            let tau = matrix.tau[[row, column]];
            let fill = tau.map_or(style.ground(), |tau| color(palette, tau));
            scene.rect(cell, fill);
            let text = tau.map_or_else(|| "undefined".to_owned(), |tau| format!("{tau:.3}"));
            scene.label(format!(
                "{} and {}: τ {text}",
                matrix.names[row], matrix.names[column]
            ));
            if let Some(tau) = tau.filter(|_| n <= MOST_WITH_VALUES) {
                let small = (10.0 * unit).min(step * 0.3);
                let [x, y] = cell.middle();
                let dark_cell = tau.abs() > 0.55;
                let on = match (style.dark, dark_cell) {
                    (false, true) => Color32::WHITE,
                    (true, true) => palette.ground,
                    _ => palette.text,
                };
                // A small negative value is 0.00, not −0.00.
                let words = format!("{:.2}", (tau * 100.0).round() / 100.0 + 0.0);
                let words = words.replace('-', "−");
                let at = [x, y + small * 0.35];
                scene.text(at, Align::Center, &words, Ink::new(small, on));
            }
        }
    }
    legend(&mut scene, style, grid, ink);
    scene
}

fn legend(scene: &mut Scene, style: &Style, grid: Area, ink: Ink) {
    const STEPS: usize = 40;
    let (palette, unit) = (style.palette(), style.unit());
    let (top, bottom) = (style.height() - 36.0 * unit, style.height() - 26.0 * unit);
    let width = grid.width().min(260.0 * unit);
    for step in 0..STEPS {
        let at = |edge: usize| grid.left + width * edge as f64 / STEPS as f64;
        let tau = (step as f64 + 0.5) / STEPS as f64 * 2.0 - 1.0;
        let strip = Area::new(at(step), top, at(step + 1) + 0.3, bottom);
        scene.rect(strip, color(palette, tau));
    }
    let y = style.height() - 10.0 * unit;
    scene.text([grid.left, y], Align::Left, "−1", ink);
    let zero = [grid.left + width / 2.0, y];
    scene.text(zero, Align::Center, "Kendall’s τ-b", ink);
    scene.text([grid.left + width, y], Align::Right, "1", ink);
}

/// One line a pair, with what F1 compares.
pub fn csv_of(matrix: &AgreementMatrix, params: &AgreementParams) -> String {
    let n = matrix.names.len();
    let value = |value: Option<f64>| value.map_or_else(String::new, number);
    let pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
    let rows = pairs.map(|(a, b)| {
        vec![
            matrix.names[a].clone(),
            matrix.names[b].clone(),
            value(matrix.tau[[a, b]]),
            value(matrix.rho[[a, b]]),
            value(matrix.f1[[a, b]]),
            params.unit.title().to_owned(),
            number(params.budget),
        ]
    });
    table(
        &[
            "annotator_a",
            "annotator_b",
            "kendall_tau_b",
            "spearman_rho",
            "f1_percent",
            "summary_unit",
            "budget",
        ],
        rows,
    )
}
