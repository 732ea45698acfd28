//! Figures 5 and III of the paper: what each method keeps of a video over time, against the
//! summaries of two annotators who differ.
//!
//! Shaded parts are what a method keeps; in every lane the upper row of boxes is one annotator's
//! summary, the lower row the other's.

use super::axis::{Scale, time_label, time_step};
use super::letters::{self, Weight};
use super::scene::{Align, Area, Ink, Pen, Scene};
use super::{Style, number, table};
use crate::analysis::overlap::f1_percent_of_ranges;
use crate::domain::FrameRange;
use crate::pipeline::evaluation::{MethodSummaries, VideoSummaries};
use crate::ui::text;

/// Width of the figure, heights of a lane and of what is above and below, points.
const WIDTH: u32 = 1100;
const LANE: f64 = 46.0;
const HEAD: f64 = 34.0;
const FOOT: f64 = 64.0;
const GUTTER: f64 = 230.0;

/// One lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    pub method: String,
    /// Which sample of several, and to whom it is near.
    pub note: String,
    pub kept_secs: Vec<(f64, f64)>,
    /// Colour by method.
    pub color: usize,
}

/// The figure of one video.
#[derive(Clone, Debug, PartialEq)]
pub struct Lanes {
    pub title: String,
    pub duration_secs: f64,
    /// Name and summary of the two annotators.
    pub annotators: [(String, Vec<(f64, f64)>); 2],
    pub lanes: Vec<Lane>,
}

/// The lanes of a video: one for each method with one summary, two for each that samples, nearest
/// to either annotator. The two annotators are those whom samples reach best and who share least;
/// without samples, those who share least. `None` with fewer than two annotators.
pub fn lanes_of(video: &VideoSummaries) -> Option<Lanes> {
    let networks = video.methods.iter().any(|method| method.network);
    let mut shown: Vec<&MethodSummaries> = video
        .methods
        .iter()
        .filter(|method| method.network || !networks || !method.several)
        .collect();
    shown.sort_by_key(|method| method.several);
    let leading = shown.iter().copied().find(|method| method.several);
    let [a, b] = differing(video, leading)?;
    let secs = |ranges: &[FrameRange]| -> Vec<(f64, f64)> {
        let at = |frame: u64| frame as f64 / video.frame_rate_fps;
        ranges.iter().map(|r| (at(r.start), at(r.end))).collect()
    };
    let name = |annotator: usize| {
        let name = video.annotator_names.get(annotator).cloned();
        name.unwrap_or_else(|| format!("annotator {}", annotator + 1))
    };
    let mut lanes = Vec::new();
    for (color, method) in shown.into_iter().enumerate() {
        let mut add = |note: String, sample: usize| {
            if let Some(summary) = method.summaries.get(sample) {
                lanes.push(Lane {
                    method: method.name.clone(),
                    note,
                    kept_secs: secs(summary),
                    color,
                });
            }
        };
        if !method.several {
            add(String::new(), 0);
            continue;
        }
        for annotator in [a, b] {
            if let Some((sample, tau)) = method.taus.nearest_sample(annotator) {
                let whom = name(annotator);
                add(format!("sample {sample}, τ {tau:.2} to {whom}"), sample);
            }
        }
    }
    Some(Lanes {
        title: video.name.clone(),
        duration_secs: video.frame_count as f64 / video.frame_rate_fps,
        annotators: [a, b].map(|annotator| (name(annotator), secs(&video.annotators[annotator]))),
        lanes,
    })
}

fn differing(video: &VideoSummaries, leading: Option<&MethodSummaries>) -> Option<[usize; 2]> {
    let people = video.annotators.len();
    let reached = |annotator: usize| {
        leading
            .and_then(|method| method.taus.nearest_sample(annotator))
            .map_or(0.0, |(_, tau)| tau)
    };
    let worth = |&[a, b]: &[usize; 2]| {
        let (first, second) = (&video.annotators[a], &video.annotators[b]);
        let shared = f1_percent_of_ranges(first, second, video.frame_count) / 100.0;
        reached(a) + reached(b) - shared
    };
    (0..people)
        .flat_map(|b| (0..b).map(move |a| [a, b]))
        .filter(|&[a, b]| !video.annotators[a].is_empty() && !video.annotators[b].is_empty())
        // Of equal pairs the first.
        .max_by(|x, y| worth(x).total_cmp(&worth(y)).then(y.cmp(x)))
}

/// A size that holds so many lanes.
pub fn usual_size(lanes: usize) -> [u32; 2] {
    [WIDTH, (HEAD + FOOT + LANE * lanes.max(1) as f64) as u32]
}

/// The lanes over time.
pub fn scene(figure: &Lanes, style: &Style) -> Scene {
    let palette = style.palette();
    let unit = style.width() / f64::from(WIDTH);
    let [(first, _), (second, _)] = &figure.annotators;
    let mut scene = Scene::new(
        style,
        &format!("Summaries of {} by competing methods", figure.title),
        &format!(
            "Shaded: what each method keeps. Boxes: the summaries of {first} (upper row) and {second} (lower row)."
        ),
    );
    let plot = Area::new(
        GUTTER * unit,
        HEAD * unit,
        style.width() - 16.0 * unit,
        style.height() - FOOT * unit,
    );
    let head = Ink::bold(13.0 * unit, palette.text);
    let title = letters::fitted(&figure.title, head.size, Weight::SemiBold, plot.width());
    scene.text([plot.left, 20.0 * unit], Align::Left, &title, head);
    let x = Scale::new((0.0, figure.duration_secs), (plot.left, plot.right));
    let tall = plot.height() / figure.lanes.len().max(1) as f64;
    for (at, lane) in figure.lanes.iter().enumerate() {
        let top = plot.top + at as f64 * tall;
        let area = Area::new(
            plot.left,
            top + 3.0 * unit,
            plot.right,
            top + tall - 3.0 * unit,
        );
        scene.rect(area, palette.well);
        paint_lane(&mut scene, figure, lane, style, area, &x, unit);
        let limit = (GUTTER - 18.0) * unit;
        let [_, middle] = area.middle();
        let ink = Ink::bold(12.0 * unit, palette.text);
        let name = letters::fitted(&lane.method, ink.size, Weight::SemiBold, limit);
        let up = if lane.note.is_empty() { 4.0 } else { -2.0 };
        let right = plot.left - 10.0 * unit;
        scene.text([right, middle + up * unit], Align::Right, &name, ink);
        let small = Ink::new(10.0 * unit, palette.secondary);
        let note = letters::fitted(&lane.note, small.size, Weight::Regular, limit);
        scene.text([right, middle + 13.0 * unit], Align::Right, &note, small);
    }
    foot(&mut scene, figure, style, plot, &x, unit);
    scene
}

fn paint_lane(
    scene: &mut Scene,
    figure: &Lanes,
    lane: &Lane,
    style: &Style,
    area: Area,
    x: &Scale,
    unit: f64,
) {
    let palette = style.palette();
    let span = |&(start, end): &(f64, f64), top: f64, bottom: f64| {
        let left = x.place(start);
        Area::new(left, top, x.place(end).max(left + 0.5), bottom)
    };
    for kept in &lane.kept_secs {
        scene.rect(
            span(kept, area.top, area.bottom),
            palette.category(lane.color),
        );
        scene.label(format!(
            "{}: {} to {}",
            lane.method,
            text::clock(kept.0),
            text::clock(kept.1)
        ));
    }
    let [_, middle] = area.middle();
    for (row, (name, summary)) in figure.annotators.iter().enumerate() {
        let (top, bottom, color) = match row {
            0 => (area.top + 3.0 * unit, middle - 1.5 * unit, palette.text),
            _ => (middle + 1.5 * unit, area.bottom - 3.0 * unit, palette.error),
        };
        for kept in summary {
            scene.rect_line(span(kept, top, bottom), Pen::new(color, 1.3 * unit));
            scene.label(format!(
                "{name}: {} to {}",
                text::clock(kept.0),
                text::clock(kept.1)
            ));
        }
    }
}

fn foot(scene: &mut Scene, figure: &Lanes, style: &Style, plot: Area, x: &Scale, unit: f64) {
    let palette = style.palette();
    let ink = Ink::new(11.0 * unit, palette.secondary);
    let step = time_step(figure.duration_secs, 10);
    let count = (figure.duration_secs / step + 1e-9).floor() as usize;
    for tick in 0..=count {
        let secs = tick as f64 * step;
        let place = x.place(secs);
        let ends = [[place, plot.bottom], [place, plot.bottom + 5.0 * unit]];
        scene.line(&ends, Pen::new(palette.secondary, 0.8 * unit));
        let align = match tick {
            0 => Align::Left,
            _ if place > plot.right - 20.0 * unit => Align::Right,
            _ => Align::Center,
        };
        let at = [place, plot.bottom + 18.0 * unit];
        scene.text(at, align, &time_label(secs, step), ink);
    }
    let y = style.height() - 14.0 * unit;
    let mut left = plot.left;
    for (row, (name, _)) in figure.annotators.iter().enumerate() {
        let color = if row == 0 {
            palette.text
        } else {
            palette.error
        };
        let mark = Area::new(left, y - 9.0 * unit, left + 16.0 * unit, y + unit);
        scene.rect_line(mark, Pen::new(color, 1.3 * unit));
        let place = if row == 0 { "upper row" } else { "lower row" };
        let words = format!("{name}, {place}");
        left += 22.0 * unit;
        left += scene.text([left, y], Align::Left, &words, ink) + 26.0 * unit;
    }
    scene.text([left, y], Align::Left, "shaded: kept by the method", ink);
}

/// One line a stretch.
pub fn csv(figure: &Lanes) -> String {
    let mut rows = Vec::new();
    let mut add = |series: &str, name: &str, note: &str, stretches: &[(f64, f64)]| {
        for &(start, end) in stretches {
            rows.push(vec![
                figure.title.clone(),
                series.to_owned(),
                name.to_owned(),
                note.to_owned(),
                number(start),
                number(end),
            ]);
        }
    };
    for (name, stretches) in &figure.annotators {
        add("annotator", name, "", stretches);
    }
    for lane in &figure.lanes {
        add("method", &lane.method, &lane.note, &lane.kept_secs);
    }
    table(
        &["video", "series", "name", "note", "start_secs", "end_secs"],
        rows,
    )
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::analysis::matches::MatchTaus;
    use crate::figures::svg;
    use crate::session::provenance::Provenance;

    fn method(name: &str, several: bool, taus: Vec<Vec<Option<f64>>>) -> MethodSummaries {
        let samples = taus.len();
        MethodSummaries {
            name: name.to_owned(),
            several,
            network: true,
            scores: array![[0.0]],
            summaries: (0..samples as u64)
                .map(|at| vec![FrameRange::new(at * 30, at * 30 + 30)])
                .collect(),
            taus: MatchTaus { taus },
            seen: false,
        }
    }

    #[test]
    fn every_baseline_has_a_lane_and_every_sampler_two() {
        let video = VideoSummaries {
            key: "v".into(),
            name: "a film".into(),
            frame_count: 300,
            frame_rate_fps: 30.0,
            segments: Vec::new(),
            annotator_names: ["x", "y", "z"].map(str::to_owned).to_vec(),
            annotators: vec![
                vec![FrameRange::new(0, 30)],
                vec![FrameRange::new(0, 30)],
                vec![FrameRange::new(60, 90)],
            ],
            methods: vec![
                method(
                    "samples",
                    true,
                    vec![
                        vec![Some(0.9), Some(0.1), Some(0.0)],
                        vec![Some(0.0), Some(0.2), Some(0.8)],
                    ],
                ),
                method("scorer one", false, vec![vec![Some(0.1); 3]]),
                method("scorer two", false, vec![vec![Some(0.1); 3]]),
            ],
        };
        let figure = lanes_of(&video).unwrap();
        let names: Vec<&str> = figure.lanes.iter().map(|l| l.method.as_str()).collect();
        assert_eq!(names, ["scorer one", "scorer two", "samples", "samples"]);
        assert_eq!(figure.annotators[0].0, "x");
        assert_eq!(figure.annotators[1].0, "z");
        assert_eq!(figure.lanes[2].kept_secs, [(0.0, 1.0)]);
        assert_eq!(figure.lanes[3].kept_secs, [(1.0, 2.0)]);
        let style = Style {
            size: usual_size(4),
            dark: false,
        };
        let drawn = svg::write(&scene(&figure, &style), &Provenance::of_this_program());
        assert!(drawn.contains("sample 1, τ 0.80 to z"));
        assert_eq!(csv(&figure).lines().count(), 7);
    }
}
