//! The matches figure of a whole dataset: for each video the share of samples that match each annotator, as heat.

use super::letters::{self, Weight};
use super::scene::{Align, Area, Ink, Pen, Scene};
use super::{Style, number, table};
use crate::analysis::matches::order_by_similarity;
use crate::ui::colormap::heat_cell;
use crate::ui::text;

/// Height of a row and the width of the picture where no size is asked for, points.
const ROW: usize = 18;
const USUAL_WIDTH: u32 = 900;
/// Above the rows and below them, points at the usual width.
const HEAD: f64 = 30.0;
const FOOT: f64 = 62.0;
/// Gutter of the videos' names.
const GUTTER: f64 = 180.0;

/// One video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VideoMatches {
    pub name: String,
    /// Share of the samples that match each annotator, in [0, 1]; `None` is undefined.
    pub shares: Vec<Option<f64>>,
}

/// The videos with like ones together.
pub fn by_similarity(videos: Vec<VideoMatches>) -> Vec<VideoMatches> {
    let shares: Vec<Vec<Option<f64>>> = videos.iter().map(|video| video.shares.clone()).collect();
    let mut videos: Vec<Option<VideoMatches>> = videos.into_iter().map(Some).collect();
    order_by_similarity(&shares)
        .into_iter()
        .filter_map(|at| videos[at].take())
        .collect()
}

/// A size at which rows and columns can be told apart.
pub fn usual_size(videos: &[VideoMatches]) -> [u32; 2] {
    let height = videos.len() * ROW + (HEAD + FOOT) as usize;
    [USUAL_WIDTH, height.clamp(200, 8000) as u32]
}

/// Videos × annotators as heat; `None` where no video has annotators. `threshold`: the τ-b from which a sample matches.
pub fn scene(videos: &[VideoMatches], threshold: Option<f64>, style: &Style) -> Option<Scene> {
    let columns = videos.iter().map(|video| video.shares.len()).max()?;
    if columns == 0 {
        return None;
    }
    let palette = style.palette();
    let unit = (style.width() / f64::from(USUAL_WIDTH)).clamp(0.4, 8.0);
    let mut scene = Scene::new(
        style,
        "Match ratios",
        "Share of samples that match each annotator of each video.",
    );
    let grid = Area::new(
        GUTTER * unit,
        HEAD * unit,
        style.width() - 16.0 * unit,
        style.height() - FOOT * unit,
    );
    let step = grid.width() / columns as f64;
    let tall = grid.height() / videos.len() as f64;
    numbers(&mut scene, style, columns, grid, unit);
    let size = (11.0 * unit).min(tall);
    for (line, video) in videos.iter().enumerate() {
        let y = grid.top + line as f64 * tall;
        // Names below a few points are no names.
        if size >= 4.0 {
            let name = letters::fitted(&video.name, size, Weight::Regular, grid.left - 24.0 * unit);
            let at = [grid.left - 8.0 * unit, y + tall / 2.0 + size * 0.36];
            scene.text(at, Align::Right, &name, Ink::new(size, palette.secondary));
        }
        let gap = |side: f64| (side * 0.1).min(unit);
        for (column, share) in video.shares.iter().enumerate() {
            let x = grid.left + column as f64 * step;
            let cell = Area::new(x, y, x + step - gap(step), y + tall - gap(tall));
            let told = match share {
                Some(share) => {
                    scene.rect(cell, heat_cell(palette, *share as f32));
                    text::percent(*share)
                }
                None => {
                    let ends = [[cell.left, cell.bottom], [cell.right, cell.top]];
                    scene.line(&ends, Pen::new(palette.line, unit));
                    "undefined".to_owned()
                }
            };
            scene.label(format!("{} × annotator {}: {told}", video.name, column + 1));
        }
    }
    legend(&mut scene, videos, threshold, style, grid, unit);
    Some(scene)
}

/// The annotators' numbers above their columns, as many as there is room for.
fn numbers(scene: &mut Scene, style: &Style, columns: usize, grid: Area, unit: f64) {
    let ink = Ink::new(11.0 * unit, style.palette().secondary);
    let y = grid.top - 8.0 * unit;
    scene.text([grid.left - 8.0 * unit, y], Align::Right, "annotator", ink);
    let step = grid.width() / columns as f64;
    let widest = letters::width(&columns.to_string(), ink.size, ink.weight) + 6.0 * unit;
    let every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
        .into_iter()
        .find(|&every| every as f64 * step >= widest)
        .unwrap_or(columns.max(1));
    for column in (1..=columns).filter(|column| *column == 1 || column % every == 0) {
        let x = grid.left + (column as f64 - 0.5) * step;
        scene.text([x, y], Align::Center, &column.to_string(), ink);
    }
}

fn legend(
    scene: &mut Scene,
    videos: &[VideoMatches],
    threshold: Option<f64>,
    style: &Style,
    grid: Area,
    unit: f64,
) {
    const STEPS: usize = 48;
    let palette = style.palette();
    let ink = Ink::new(11.0 * unit, palette.secondary);
    let top = grid.bottom + 18.0 * unit;
    let width = (grid.width() * 0.4).min(240.0 * unit);
    for step in 0..STEPS {
        let at = |edge: usize| grid.left + width * edge as f64 / STEPS as f64;
        // A hair of overlap, so that no seam shows.
        let strip = Area::new(at(step), top, at(step + 1) + 0.3, top + 10.0 * unit);
        let share = (step as f32 + 0.5) / STEPS as f32;
        scene.rect(strip, heat_cell(palette, share));
    }
    let y = top + 26.0 * unit;
    scene.text([grid.left, y], Align::Left, "0", ink);
    let end = [grid.left + width, y];
    scene.text(end, Align::Right, "all samples", ink);
    let shares = videos.iter().flat_map(|video| &video.shares);
    let undefined = shares.clone().any(Option::is_none);
    let mut words: Vec<String> = Vec::new();
    words.extend(threshold.map(|threshold| format!("match: τ-b ≥ {threshold:.2}")));
    let area = crate::analysis::agreement::mean_of(shares.copied().flatten());
    words.extend(area.map(|area| format!("area covered {}", text::percent_fine(area))));
    words.extend(undefined.then(|| "struck out: undefined".to_owned()));
    let words = words.join(" · ");
    scene.text([grid.right, y], Align::Right, &words, ink);
}

/// One line a cell.
pub fn csv(videos: &[VideoMatches]) -> String {
    let rows = videos.iter().flat_map(|video| {
        video.shares.iter().enumerate().map(|(annotator, share)| {
            vec![
                video.name.clone(),
                (annotator + 1).to_string(),
                share.map_or_else(String::new, number),
            ]
        })
    });
    table(&["video", "annotator", "share_of_samples"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::svg;
    use crate::session::provenance::Provenance;

    fn videos() -> Vec<VideoMatches> {
        [
            ("a", [Some(0.25), None]),
            ("b", [Some(1.0), Some(0.0)]),
            ("c", [Some(0.25), Some(0.1)]),
        ]
        .map(|(name, shares)| VideoMatches {
            name: name.to_owned(),
            shares: shares.to_vec(),
        })
        .to_vec()
    }

    #[test]
    fn every_cell_says_its_video_annotator_and_share() {
        let videos = videos();
        let style = Style {
            size: usual_size(&videos),
            dark: false,
        };
        let scene = scene(&videos, Some(0.25), &style).unwrap();
        let drawn = svg::write(&scene, &Provenance::of_this_program());
        for words in [
            "a × annotator 1: 25",
            "a × annotator 2: undefined",
            "b × annotator 1: 100",
        ] {
            assert!(drawn.contains(words), "{words}");
        }
        assert_eq!(csv(&videos).lines().count(), 7);
        assert!(super::scene(&[], None, &style).is_none());
    }

    #[test]
    fn like_videos_come_together() {
        let names: Vec<String> = by_similarity(videos())
            .into_iter()
            .map(|v| v.name)
            .collect();
        let at = |name: &str| names.iter().position(|other| other == name).unwrap();
        assert_eq!(at("a").abs_diff(at("c")), 1, "{names:?}");
    }
}
