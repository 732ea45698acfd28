//! Histograms of quantised scores, one panel for each number of levels K (figure I of the paper).

use super::axis::{Scale, round_step, tick_label};
use super::scene::{Align, Area, Ink, Pen, Scene};
use super::{Style, table};
use crate::analysis::quantised_scores::ScoreHistogram;
use crate::ui::text;

/// Panels in a row.
const IN_ROW: usize = 4;
/// Size of a panel, points.
const PANEL: [u32; 2] = [300, 230];

/// A size that holds so many panels.
pub fn usual_size(panels: usize) -> [u32; 2] {
    let columns = panels.clamp(1, IN_ROW) as u32;
    let rows = panels.div_ceil(IN_ROW).max(1) as u32;
    [columns * PANEL[0], rows * PANEL[1]]
}

/// A panel for each K; `of`: whose scores they are, for the description.
pub fn scene(found: &[ScoreHistogram], of: &str, style: &Style) -> Scene {
    let mut scene = Scene::new(
        style,
        "Quantised importance scores",
        &format!("Number of scores on each of K + 1 levels; {of}."),
    );
    let columns = found.len().clamp(1, IN_ROW);
    let rows = found.len().div_ceil(IN_ROW).max(1);
    let (wide, tall) = (style.width() / columns as f64, style.height() / rows as f64);
    let unit = (wide / f64::from(PANEL[0])).min(tall / f64::from(PANEL[1]));
    for (at, histogram) in found.iter().enumerate() {
        let (left, top) = ((at % IN_ROW) as f64 * wide, (at / IN_ROW) as f64 * tall);
        let plot = Area::new(
            left + 52.0 * unit,
            top + 34.0 * unit,
            left + wide - 14.0 * unit,
            top + tall - 44.0 * unit,
        );
        panel(&mut scene, histogram, style, plot, unit);
    }
    scene
}

fn panel(scene: &mut Scene, histogram: &ScoreHistogram, style: &Style, plot: Area, unit: f64) {
    let palette = style.palette();
    let ink = Ink::new(11.0 * unit, palette.secondary);
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let y = Scale::new((0.0, most * 1.05), (plot.bottom, plot.top));
    let head = Ink::bold(12.0 * unit, palette.text);
    let title = format!(
        "K = {} · {} of {} levels used",
        histogram.k,
        histogram.used(),
        histogram.counts.len()
    );
    scene.text(
        [plot.left, plot.top - 12.0 * unit],
        Align::Left,
        &title,
        head,
    );
    let step = round_step(most / 4.0).max(1.0);
    for tick in y.ticks(4).into_iter().filter(|tick| tick.fract() == 0.0) {
        let place = y.place(tick);
        let ends = [[plot.left, place], [plot.right, place]];
        scene.line(&ends, Pen::new(palette.line, 0.8 * unit));
        let at = [plot.left - 6.0 * unit, place + 4.0 * unit];
        scene.text(at, Align::Right, &tick_label(tick, step), ink);
    }
    // The first and the last level are half as wide, as scores end at 0 and 1.
    let x = Scale::new((0.0, 1.0), (plot.left, plot.right));
    let k = histogram.k as f64;
    let width = plot.width() / k;
    let gap = if width > 4.0 * unit { unit } else { 0.0 };
    for (level, &count) in histogram.counts.iter().enumerate() {
        if count == 0 {
            continue;
        }
        let edge = |half: f64| x.place(((level as f64 + half) / k).clamp(0.0, 1.0));
        let bar = Area::new(
            edge(-0.5),
            y.place(count as f64),
            (edge(0.5) - gap).max(edge(-0.5) + 0.4 * unit),
            plot.bottom,
        );
        scene.rect(bar, palette.accent);
        scene.label(format!(
            "level {level}: {}",
            text::count(count as usize, "score")
        ));
    }
    scene.line(
        &[[plot.left, plot.bottom], [plot.right, plot.bottom]],
        Pen::new(palette.secondary, unit),
    );
    for tick in [0.0, 0.5, 1.0] {
        let at = [x.place(tick), plot.bottom + 15.0 * unit];
        scene.text(at, Align::Center, &tick_label(tick, 0.5), ink);
    }
    let [middle, _] = plot.middle();
    let at = [middle, plot.bottom + 30.0 * unit];
    scene.text(at, Align::Center, "importance score", ink);
}

/// One line a level of each K.
pub fn csv(found: &[ScoreHistogram]) -> String {
    let rows = found.iter().flat_map(|histogram| {
        histogram.counts.iter().enumerate().map(|(level, count)| {
            vec![
                histogram.k.to_string(),
                level.to_string(),
                count.to_string(),
            ]
        })
    });
    table(&["k", "level", "scores"], rows)
}
