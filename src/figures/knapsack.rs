//! The knapsack figure: optimal summaries and their deviation against the number of score levels K
//! (figure 6, table I).

use egui::Color32;

use super::axis::{Scale, round_step, tick_label};
use super::scene::{Align, Area, Ink, Pen, Scene};
use super::{Style, number, table};
use crate::analysis::quantised_knapsack::QuantisedKnapsack;
use crate::analysis::reliability::Interval;

/// Two panels, K on a logarithmic axis, 95 % intervals as bars.
pub fn scene(found: &[QuantisedKnapsack], style: &Style) -> Scene {
    let palette = style.palette();
    let mut scene = Scene::new(
        style,
        "Optimal knapsacks against the number of score levels",
        "Expected number of optimal solutions and expected deviation between optimal summaries, by simulation, with 95 % intervals.",
    );
    let solutions: Vec<_> = found
        .iter()
        .map(|row| (row.k, row.optimal_solutions))
        .collect();
    let deviations: Vec<_> = found.iter().map(|row| (row.k, row.deviation)).collect();
    let half = style.width() / 2.0;
    panel(
        &mut scene,
        style,
        0.0,
        "number of optimal solutions",
        palette.accent,
        &solutions,
    );
    panel(
        &mut scene,
        style,
        half,
        "summary deviation, segments",
        palette.category_text(6),
        &deviations,
    );
    scene
}

fn panel(
    scene: &mut Scene,
    style: &Style,
    left: f64,
    title: &str,
    color: Color32,
    rows: &[(usize, Interval)],
) {
    let (palette, unit) = (style.palette(), style.unit());
    let ink = Ink::new(12.0 * unit, palette.secondary);
    let plot = Area::new(
        left + 60.0 * unit,
        40.0 * unit,
        left + style.width() / 2.0 - 20.0 * unit,
        style.height() - 62.0 * unit,
    );
    let log = |k: usize| (k.max(1) as f64).ln();
    let ks = rows.iter().map(|&(k, _)| log(k));
    let (first, last) = ks.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), k| {
        (a.min(k), b.max(k))
    });
    let most = rows
        .iter()
        .map(|(_, interval)| interval.high)
        .fold(1e-9, f64::max);
    let x = Scale::new(
        (first, last),
        (plot.left + 14.0 * unit, plot.right - 10.0 * unit),
    );
    let y = Scale::new((0.0, most * 1.06), (plot.bottom, plot.top));
    let head = Ink::bold(13.0 * unit, palette.text);
    scene.text([plot.left, 24.0 * unit], Align::Left, title, head);
    let step = round_step(most / 5.0);
    for tick in y.ticks(5) {
        let place = y.place(tick);
        let pen = Pen::new(palette.line, 0.8 * unit);
        scene.line(&[[plot.left, place], [plot.right, place]], pen);
        let at = [plot.left - 8.0 * unit, place + 4.0 * unit];
        scene.text(at, Align::Right, &tick_label(tick, step), ink);
    }
    let line: Vec<[f64; 2]> = rows
        .iter()
        .map(|&(k, interval)| [x.place(log(k)), y.place(interval.value)])
        .collect();
    scene.line(&line, Pen::new(color, 2.0 * unit));
    for (&(k, interval), &[place, value]) in rows.iter().zip(&line) {
        let bar = [
            [place, y.place(interval.low)],
            [place, y.place(interval.high)],
        ];
        scene.line(&bar, Pen::new(color, 1.2 * unit));
        scene.circle([place, value], 4.0 * unit, Some(color), None);
        scene.label(format!(
            "K = {k}: {:.3} [{:.3}, {:.3}]",
            interval.value, interval.low, interval.high
        ));
        let at = [place, plot.bottom + 18.0 * unit];
        scene.text(at, Align::Center, &k.to_string(), ink);
    }
    let [middle, _] = plot.middle();
    let at = [middle, plot.bottom + 42.0 * unit];
    scene.text(at, Align::Center, "score levels K, logarithmic", ink);
}

/// One line for each K.
pub fn csv(found: &[QuantisedKnapsack]) -> String {
    let rows = found.iter().map(|row| {
        let mut line = vec![row.k.to_string()];
        for interval in [row.optimal_solutions, row.deviation] {
            line.extend([interval.value, interval.low, interval.high].map(number));
        }
        line
    });
    table(
        &[
            "k",
            "optimal_solutions",
            "optimal_solutions_low",
            "optimal_solutions_high",
            "deviation",
            "deviation_low",
            "deviation_high",
        ],
        rows,
    )
}
