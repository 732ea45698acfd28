//! Figure 3 of the paper for a whole data set: for each method and video the share of summaries
//! that match each annotator, as heat.

use super::letters::{self, Weight};
use super::scene::{Align, Area, Ink, Pen, Scene};
use super::{Style, number, table};
use crate::analysis::matches::order_by_similarity;
use crate::state::dataset::DatasetState;
use crate::ui::colormap::heat_cell;
use crate::ui::text;

/// Height of a row, and the width of the picture of one method where no size is asked for, points.
const ROW: usize = 18;
const USUAL_WIDTH: u32 = 900;
/// Width of a method's grid where several stand side by side, points.
const BLOCK: u32 = 250;
const BLOCK_GAP: f64 = 16.0;
/// Above the rows and below them, points at the usual width.
const HEAD: f64 = 48.0;
const FOOT: f64 = 62.0;
/// Gutter of the videos' names.
const GUTTER: f64 = 180.0;

/// One video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VideoMatches {
    pub name: String,
    /// Share of the samples that match each annotator, in [0, 1]; `None` is undefined.
    pub shares: Vec<Option<f64>>,
    /// Names in the order of `shares`; empty where they are not known.
    pub annotators: Vec<String>,
}

impl VideoMatches {
    fn annotator(&self, at: usize) -> String {
        let name = self.annotators.get(at).cloned();
        name.unwrap_or_else(|| format!("annotator {}", at + 1))
    }
}

/// One method; all of a figure have the same videos in the same order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MethodMatches {
    pub name: String,
    pub videos: Vec<VideoMatches>,
}

impl MethodMatches {
    /// The figure of the window's dataset page: rows as they are on screen, columns in the order of
    /// the file.
    pub fn of_dataset(dataset: &DatasetState) -> Vec<Self> {
        let view = &dataset.figure.view;
        let methods = dataset.figure.methods.iter().zip(&view.grids);
        methods
            .map(|(method, grid)| Self {
                name: method.name.clone(),
                videos: view
                    .rows
                    .iter()
                    .filter_map(|&at| {
                        let video = dataset.videos.get(at)?;
                        let shares = grid.shares.get(at).map_or(&[][..], Vec::as_slice);
                        let people = video.set.annotators.iter();
                        Some(VideoMatches {
                            name: video.label().to_owned(),
                            shares: shares.iter().map(|share| share.map(f64::from)).collect(),
                            annotators: people.map(|one| one.name.clone()).collect(),
                        })
                    })
                    .collect(),
            })
            .collect()
    }
}

/// The videos of all methods in the order in which those of method `by` are alike.
pub fn by_similarity(methods: Vec<MethodMatches>, by: usize) -> Vec<MethodMatches> {
    let Some(leading) = methods.get(by) else {
        return methods;
    };
    let shares: Vec<Vec<Option<f64>>> = leading.videos.iter().map(|v| v.shares.clone()).collect();
    let order = order_by_similarity(&shares);
    methods
        .into_iter()
        .map(|method| MethodMatches {
            videos: order
                .iter()
                .filter_map(|&at| method.videos.get(at).cloned())
                .collect(),
            ..method
        })
        .collect()
}

/// A size at which rows and columns can be told apart.
pub fn usual_size(methods: &[MethodMatches]) -> [u32; 2] {
    let videos = methods.iter().map(|m| m.videos.len()).max().unwrap_or(0);
    let height = videos * ROW + (HEAD + FOOT) as usize;
    [usual_width(methods.len()), height.clamp(200, 8000) as u32]
}

fn usual_width(methods: usize) -> u32 {
    let wide = GUTTER as u32 + 16 + methods as u32 * (BLOCK + BLOCK_GAP as u32);
    wide.clamp(USUAL_WIDTH, 8000)
}

/// Methods side by side, each videos × annotators as heat; `None` where no video has annotators.
/// `threshold`: the τ-b from which a sample matches.
pub fn scene(methods: &[MethodMatches], threshold: Option<f64>, style: &Style) -> Option<Scene> {
    let videos = methods.iter().flat_map(|method| &method.videos);
    let columns = videos.map(|video| video.shares.len()).max()?;
    let rows = methods.iter().map(|method| method.videos.len()).max()?;
    if columns == 0 {
        return None;
    }
    let unit = (style.width() / f64::from(usual_width(methods.len()))).clamp(0.4, 8.0);
    let mut scene = Scene::new(
        style,
        "Match ratios",
        "Share of each method's summaries that match each annotator of each video.",
    );
    let all = Area::new(
        GUTTER * unit,
        HEAD * unit,
        style.width() - 16.0 * unit,
        style.height() - FOOT * unit,
    );
    let gap = BLOCK_GAP * unit;
    let wide = (all.width() - gap * (methods.len() - 1) as f64) / methods.len() as f64;
    let tall = all.height() / rows.max(1) as f64;
    names(&mut scene, methods, style, all, tall, unit);
    for (at, method) in methods.iter().enumerate() {
        let left = all.left + at as f64 * (wide + gap);
        let grid = Area::new(left, all.top, left + wide, all.bottom);
        numbers(&mut scene, style, columns, grid, unit, at == 0);
        cells(
            &mut scene,
            method,
            style,
            grid,
            [wide / columns as f64, tall],
            unit,
        );
        title(&mut scene, method, style, grid, unit);
    }
    legend(&mut scene, methods, threshold, style, all, unit);
    Some(scene)
}

/// The videos' names, left of the first grid.
fn names(
    scene: &mut Scene,
    methods: &[MethodMatches],
    style: &Style,
    all: Area,
    tall: f64,
    unit: f64,
) {
    let size = (11.0 * unit).min(tall);
    // Names below a few points are no names.
    if size < 4.0 {
        return;
    }
    let longest = methods.iter().max_by_key(|method| method.videos.len());
    for (line, video) in longest.iter().flat_map(|m| &m.videos).enumerate() {
        let y = all.top + (line as f64 + 0.5) * tall;
        let name = letters::fitted(&video.name, size, Weight::Regular, all.left - 24.0 * unit);
        let at = [all.left - 8.0 * unit, y + size * 0.36];
        let ink = Ink::new(size, style.palette().secondary);
        scene.text(at, Align::Right, &name, ink);
    }
}

fn title(scene: &mut Scene, method: &MethodMatches, style: &Style, grid: Area, unit: f64) {
    let ink = Ink::bold(12.0 * unit, style.palette().text);
    let shares = method.videos.iter().flat_map(|video| &video.shares);
    let covered = crate::analysis::agreement::mean_of(shares.copied().flatten());
    let covered = covered.map_or_else(String::new, |area| {
        format!(" · {}", text::percent_fine(area))
    });
    let room = grid.width() - letters::width(&covered, ink.size, ink.weight);
    let name = letters::fitted(&method.name, ink.size, ink.weight, room);
    let at = [grid.left, grid.top - 26.0 * unit];
    // A figure of one method need not say which.
    let words = format!("{name}{covered}");
    scene.text(at, Align::Left, words.trim_start_matches(" · "), ink);
}

fn cells(
    scene: &mut Scene,
    method: &MethodMatches,
    style: &Style,
    grid: Area,
    [step, tall]: [f64; 2],
    unit: f64,
) {
    let palette = style.palette();
    let gap = |side: f64| (side * 0.1).min(unit);
    for (line, video) in method.videos.iter().enumerate() {
        let y = grid.top + line as f64 * tall;
        for (column, share) in video.shares.iter().enumerate() {
            let x = grid.left + column as f64 * step;
            let cell = Area::new(x, y, x + step - gap(step), y + tall - gap(tall));
            let shown = match share {
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
            let words = format!("{} × {}: {shown}", video.name, video.annotator(column));
            // A figure of one method need not say which.
            scene.label(match method.name.as_str() {
                "" => words,
                name => format!("{name}: {words}"),
            });
        }
    }
}

/// The annotators' numbers above their columns, as many as there is room for.
fn numbers(
    scene: &mut Scene,
    style: &Style,
    columns: usize,
    grid: Area,
    unit: f64,
    is_first: bool,
) {
    let ink = Ink::new(11.0 * unit, style.palette().secondary);
    let y = grid.top - 8.0 * unit;
    if is_first {
        scene.text([grid.left - 8.0 * unit, y], Align::Right, "annotator", ink);
    }
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
    methods: &[MethodMatches],
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
    let videos = methods.iter().flat_map(|method| &method.videos);
    let undefined = videos.flat_map(|v| &v.shares).any(Option::is_none);
    let mut words: Vec<String> = Vec::new();
    words.extend(threshold.map(|threshold| format!("match: τ-b ≥ {threshold:.2}")));
    words.push("percent above a grid: area covered".to_owned());
    words.extend(undefined.then(|| "struck out: undefined".to_owned()));
    let words = words.join(" · ");
    scene.text([grid.right, y], Align::Right, &words, ink);
}

/// One line a cell.
pub fn csv(methods: &[MethodMatches]) -> String {
    let rows = methods.iter().flat_map(|method| {
        method.videos.iter().flat_map(|video| {
            video.shares.iter().enumerate().map(|(annotator, share)| {
                vec![
                    video.name.clone(),
                    (annotator + 1).to_string(),
                    share.map_or_else(String::new, number),
                    video.annotator(annotator),
                    method.name.clone(),
                ]
            })
        })
    });
    table(
        &[
            "video",
            "annotator",
            "share_of_samples",
            "annotator_name",
            "method",
        ],
        rows,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::svg;
    use crate::session::provenance::Provenance;

    fn methods() -> Vec<MethodMatches> {
        let videos = [
            ("a", [Some(0.25), None]),
            ("b", [Some(1.0), Some(0.0)]),
            ("c", [Some(0.25), Some(0.1)]),
        ]
        .map(|(name, shares)| VideoMatches {
            name: name.to_owned(),
            shares: shares.to_vec(),
            annotators: Vec::new(),
        })
        .to_vec();
        let named = |name: &str| MethodMatches {
            name: name.to_owned(),
            videos: videos.clone(),
        };
        vec![named("one"), named("other")]
    }

    #[test]
    fn every_cell_says_its_video_annotator_and_share() {
        let methods = methods();
        let style = Style {
            size: usual_size(&methods),
            dark: false,
        };
        let scene = scene(&methods, Some(0.25), &style).unwrap();
        let drawn = svg::write(&scene, &Provenance::of_this_program());
        for words in [
            "one: a × annotator 1: 25",
            "other: a × annotator 2: undefined",
            "other: b × annotator 1: 100",
        ] {
            assert!(drawn.contains(words), "{words}");
        }
        assert_eq!(csv(&methods).lines().count(), 13);
        assert!(super::scene(&[], None, &style).is_none());
    }

    #[test]
    fn like_videos_come_together() {
        let ordered = by_similarity(methods(), 0);
        let names: Vec<&String> = ordered[1].videos.iter().map(|v| &v.name).collect();
        let at = |name: &str| names.iter().position(|other| *other == name).unwrap();
        assert_eq!(at("a").abs_diff(at("c")), 1, "{names:?}");
    }
}
