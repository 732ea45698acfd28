//! The timeline figure: importance scores with their band, how often each segment is kept, each
//! alternative's summary and what the annotators picked, over time.

use egui::Color32;

use super::axis::{Scale, round_step, tick_label, time_label, time_step};
use super::letters::{self, Weight};
use super::scene::{Align, Area, Ink, Pen, Scene};
use super::{FigureError, Style, number, table};
use crate::domain::Draw;
use crate::domain::SummaryRef;
use crate::domain::draw::value_range;
use crate::session::Baseline;
use crate::session::Summarised;
use crate::session::material::Material;
use crate::ui::colormap::heat_cell;
use crate::ui::text;

/// Heights at one unit, points.
const STRIP: f64 = 14.0;
const LANE: f64 = 20.0;
const ANNOTATOR: f64 = 13.0;
const AXIS: f64 = 46.0;
/// Share of the height that the curves keep at least.
const CURVE_SHARE: f64 = 0.24;

/// Where the rows lie, top to bottom.
struct Rows {
    unit: f64,
    /// Of lanes and annotators, below one where there are too many of them.
    squeeze: f64,
    curve: Area,
    frequency: Area,
    lanes_top: f64,
    annotators_top: f64,
    bottom: f64,
}

impl Rows {
    fn lay_out(style: &Style, left: f64, lanes: usize, annotators: usize) -> Self {
        let unit = style.unit();
        let (top, bottom) = (14.0 * unit, style.height() - AXIS * unit);
        let right = style.width() - 16.0 * unit;
        let gaps = (8.0 + STRIP + 8.0 + if annotators > 0 { 8.0 } else { 0.0 }) * unit;
        let wanted = (lanes as f64 * LANE + annotators as f64 * ANNOTATOR) * unit;
        let room = (bottom - top) * (1.0 - CURVE_SHARE) - gaps;
        let squeeze = (room / wanted.max(1.0)).min(1.0);
        let curve_height = bottom - top - gaps - wanted * squeeze;
        let curve = Area::new(left, top, right, top + curve_height);
        let strip_top = curve.bottom + 8.0 * unit;
        let frequency = Area::new(left, strip_top, right, strip_top + STRIP * unit);
        let lanes_top = frequency.bottom + 8.0 * unit;
        let lanes_height = lanes as f64 * LANE * unit * squeeze;
        Self {
            unit,
            squeeze,
            curve,
            frequency,
            lanes_top,
            annotators_top: bottom - annotators as f64 * ANNOTATOR * unit * squeeze,
            bottom: if annotators > 0 {
                bottom
            } else {
                lanes_top + lanes_height
            },
        }
    }

    fn row(&self, top: f64, index: usize, height: f64) -> Area {
        let height = height * self.unit * self.squeeze;
        let top = top + index as f64 * height;
        // A gap in proportion, so that boxes of many rows stay apart.
        let gap = (0.12 * height).min(2.0 * self.unit);
        Area::new(
            self.curve.left,
            top + gap,
            self.curve.right,
            top + height - gap,
        )
    }
}

/// The figure.
///
/// # Errors
/// [`FigureError::NoSamples`] before the first draw.
pub fn scene(material: &Material, style: &Style) -> Result<Scene, FigureError> {
    let draw = material.draw.as_deref().ok_or(FigureError::NoSamples)?;
    let (palette, unit) = (style.palette(), style.unit());
    let annotators = material.annotator_ranges_secs.len();
    let duration = material.duration_secs().max(1e-3);
    let mut scene = Scene::new(
        style,
        &format!("Summaries of {} over time", material.name()),
        &format!(
            "Mean importance score with its 10 to 90 % band over {}, how often each of {} is kept by {}, the summaries of {} and the picks of {}.",
            text::clock(duration),
            text::count(material.segments.len(), "segment"),
            text::count(draw.sample_count(), "sample"),
            text::count(draw.alternatives.len(), "alternative"),
            text::count(annotators, "annotator"),
        ),
    );
    let ink = Ink::new(12.0 * unit, palette.secondary);
    let gutter = 118.0 * unit;
    let lanes = draw.alternatives.len() + material.baselines.len();
    let rows = Rows::lay_out(style, gutter, lanes, annotators);
    let x = Scale::new((0.0, duration), (rows.curve.left, rows.curve.right));

    paint_time(&mut scene, style, &rows, &x, duration);
    paint_curve(&mut scene, material, draw, style, &rows, &x);
    paint_frequency(&mut scene, material, draw, style, &rows, &x);
    let label_at = gutter - 10.0 * unit;
    let middle = |area: Area| (area.top + area.bottom) / 2.0 + 4.0 * unit;
    let score = middle(rows.curve);
    scene.text(
        [label_at, score - 7.0 * unit],
        Align::Right,
        "importance",
        ink,
    );
    let small = Ink::new(10.5 * unit, palette.secondary);
    scene.text(
        [label_at, score + 8.0 * unit],
        Align::Right,
        "mean, 10–90 %",
        small,
    );
    let at = [label_at, middle(rows.frequency)];
    scene.text(at, Align::Right, "frequency", ink);
    for (index, kind) in draw.alternatives.iter().enumerate() {
        let lane = rows.row(rows.lanes_top, index, LANE);
        scene.rect(lane, palette.well);
        boxes(
            &mut scene,
            &material.summary_secs(SummaryRef::Alternative(kind.letter())),
            lane,
            &x,
            Some(palette.alternative(kind.letter())),
            None,
        );
        let size = (12.0 * unit).min(lane.height());
        let name = format!(
            "{} · {}",
            material.name_of(kind.letter()),
            text::percent(kind.share)
        );
        let name = letters::fitted(&name, size, Weight::SemiBold, gutter - 16.0 * unit);
        let at = [label_at, (lane.top + lane.bottom) / 2.0 + size * 0.35];
        scene.text(
            at,
            Align::Right,
            &name,
            Ink::bold(size, palette.alternative_text(kind.letter())),
        );
    }
    for (at, baseline) in material.baselines.iter().enumerate() {
        let lane = rows.row(rows.lanes_top, draw.alternatives.len() + at, LANE);
        scene.rect(lane, palette.well);
        let kept = baseline_secs(material, baseline);
        boxes(&mut scene, &kept, lane, &x, Some(palette.curve), None);
        let size = (12.0 * unit).min(lane.height());
        let name = letters::fitted(&baseline.name, size, Weight::Regular, label_at - 4.0 * unit);
        let at = [label_at, (lane.top + lane.bottom) / 2.0 + size * 0.35];
        scene.text(at, Align::Right, &name, Ink::new(size, palette.secondary));
    }
    for (annotator, ranges) in material.annotator_ranges_secs.iter().enumerate() {
        let lane = rows.row(rows.annotators_top, annotator, ANNOTATOR);
        let size = (10.5 * unit).min(lane.height() * 1.05);
        let pen = Pen::new(palette.annotator, (unit * 0.9).min(lane.height() * 0.2));
        boxes(&mut scene, ranges, lane, &x, None, Some(pen));
        // Names too small to be read are left out.
        if size >= 5.0 * unit {
            let name = material.annotator_name(annotator);
            let name = name.trim_start_matches("simulated: ");
            let name = letters::fitted(name, size, Weight::Regular, gutter - 16.0 * unit);
            let at = [label_at, (lane.top + lane.bottom) / 2.0 + size * 0.35];
            scene.text(at, Align::Right, &name, Ink::new(size, palette.secondary));
        }
    }
    if annotators > 0 && rows.squeeze * ANNOTATOR < 5.0 {
        let middle = (rows.annotators_top + rows.bottom) / 2.0;
        let words = text::count(annotators, "annotator");
        scene.text([label_at, middle], Align::Right, &words, ink);
    }
    Ok(scene)
}

/// What a scorer's summary keeps, seconds.
fn baseline_secs(material: &Material, baseline: &Baseline) -> Vec<(f64, f64)> {
    let secs = |frame| material.index.secs_from_frame(frame);
    let kept = baseline.summary.iter();
    kept.map(|range| (secs(range.start), secs(range.end)))
        .collect()
}

fn paint_time(scene: &mut Scene, style: &Style, rows: &Rows, x: &Scale, duration: f64) {
    let (palette, unit) = (style.palette(), style.unit());
    let ink = Ink::new(12.0 * unit, palette.secondary);
    let step = time_step(duration, (rows.curve.width() / (90.0 * unit)) as usize);
    let count = (duration / step + 1e-9).floor() as usize;
    for tick in 0..=count {
        let secs = tick as f64 * step;
        let place = x.place(secs);
        let pen = Pen::new(palette.line, 0.8 * unit);
        scene.line(
            &[[place, rows.curve.top], [place, rows.bottom + 5.0 * unit]],
            pen,
        );
        let align = match tick {
            0 => Align::Left,
            _ if place > rows.curve.right - 14.0 * unit => Align::Right,
            _ => Align::Center,
        };
        let at = [place, rows.bottom + 19.0 * unit];
        scene.text(at, align, &time_label(secs, step), ink);
    }
    let words = "time, minutes and seconds";
    let at = [rows.curve.right, rows.bottom + 37.0 * unit];
    scene.text(at, Align::Right, words, ink);
}

fn paint_curve(
    scene: &mut Scene,
    material: &Material,
    draw: &Draw,
    style: &Style,
    rows: &Rows,
    x: &Scale,
) {
    let (palette, unit) = (style.palette(), style.unit());
    let times = &material.pick_times_secs;
    let (low, high) = value_range(&draw.low_scores, &draw.high_scores);
    let y = Scale::new(
        (f64::from(low), f64::from(high)),
        (rows.curve.bottom, rows.curve.top),
    );
    let points = |values: &[f32]| -> Vec<[f64; 2]> {
        thinned(times, values, (rows.curve.width() * 2.0) as usize)
            .into_iter()
            .map(|(secs, value)| [x.place(secs), y.place(value)])
            .collect()
    };
    let mut band = points(&draw.high_scores);
    band.extend(points(&draw.low_scores).into_iter().rev());
    scene.set_clip(Some(rows.curve));
    scene.rings(&[band], Some(palette.band), None);
    scene.label("10 % to 90 % of the samples' scores");
    scene.line(
        &points(&draw.mean_scores),
        Pen::new(palette.curve, 1.3 * unit),
    );
    scene.label("mean score");
    if let Some(summary) = material.chosen.and_then(|of| material.summary(of)) {
        scene.line(
            &points(&summary.scores),
            Pen::new(
                palette.alternative(summary.letter.unwrap_or_default()),
                1.4 * unit,
            ),
        );
        scene.label(format!("scores of {}", summary.name));
    }
    scene.set_clip(None);
    let ink = Ink::new(10.5 * unit, palette.secondary);
    let step = round_step((y.high - y.low) / 2.0);
    for value in y.ticks(2) {
        let place = y
            .place(value)
            .clamp(rows.curve.top + 10.0 * unit, rows.curve.bottom)
            - 2.0;
        let at = [rows.curve.left + 4.0 * unit, place];
        scene.text(at, Align::Left, &tick_label(value, step), ink);
    }
}

/// A curve with no more than about `most` points: of each run of points the mean.
fn thinned(times: &[f64], values: &[f32], most: usize) -> Vec<(f64, f64)> {
    let count = times.len().min(values.len());
    let run = count.div_ceil(most.max(1)).max(1);
    times[..count]
        .chunks(run)
        .zip(values[..count].chunks(run))
        .map(|(times, values)| {
            let n = times.len() as f64;
            (
                times.iter().sum::<f64>() / n,
                values.iter().map(|&v| f64::from(v)).sum::<f64>() / n,
            )
        })
        .collect()
}

fn paint_frequency(
    scene: &mut Scene,
    material: &Material,
    draw: &Draw,
    style: &Style,
    rows: &Rows,
    x: &Scale,
) {
    let (palette, unit) = (style.palette(), style.unit());
    for (segment, &share) in material.segments.iter().zip(&draw.selection_frequency) {
        let (left, right) = (x.place(segment.start_secs), x.place(segment.end_secs));
        let gap = if right - left > 3.0 * unit {
            0.6 * unit
        } else {
            0.0
        };
        let area = Area::new(left, rows.frequency.top, right - gap, rows.frequency.bottom);
        scene.rect(area, heat_cell(palette, share as f32));
        scene.label(format!(
            "{} to {}: kept by {} of the samples",
            text::clock(segment.start_secs),
            text::clock(segment.end_secs),
            text::percent(share)
        ));
    }
}

fn boxes(
    scene: &mut Scene,
    ranges_secs: &[(f64, f64)],
    lane: Area,
    x: &Scale,
    fill: Option<Color32>,
    pen: Option<Pen>,
) {
    for &(start, end) in ranges_secs {
        let left = x.place(start.max(0.0));
        let right = x.place(end).min(lane.right).max(left + 0.5);
        let area = Area::new(left, lane.top, right, lane.bottom);
        if let Some(color) = fill {
            scene.rect(area, color);
        } else if let Some(pen) = pen {
            let inset = pen.width / 2.0;
            scene.rect_line(
                Area::new(
                    area.left + inset,
                    area.top + inset,
                    (area.right - inset).max(area.left + inset),
                    area.bottom - inset,
                ),
                pen,
            );
        }
        scene.label(format!("{} to {}", text::clock(start), text::clock(end)));
    }
}

/// Every series in one long table.
///
/// # Errors
/// [`FigureError::NoSamples`] before the first draw.
pub fn csv(material: &Material) -> Result<String, FigureError> {
    let draw = material.draw.as_deref().ok_or(FigureError::NoSamples)?;
    let none = String::new;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (pick, &secs) in material.pick_times_secs.iter().enumerate() {
        let value = |values: &[f32]| values.get(pick).map_or_else(none, |&v| number(v));
        rows.push(vec![
            "score".into(),
            pick.to_string(),
            none(),
            number(secs),
            none(),
            value(&draw.mean_scores),
            value(&draw.low_scores),
            value(&draw.high_scores),
        ]);
    }
    if let Some(summary) = material.chosen.and_then(|of| material.summary(of)) {
        for (pick, (&secs, &score)) in material
            .pick_times_secs
            .iter()
            .zip(summary.scores.iter())
            .enumerate()
        {
            rows.push(vec![
                "chosen_score".into(),
                pick.to_string(),
                summary.name.clone(),
                number(secs),
                none(),
                number(score),
                none(),
                none(),
            ]);
        }
    }
    let mut range = |series: &str, index: usize, name: String, (start, end), value: String| {
        rows.push(vec![
            series.into(),
            index.to_string(),
            name,
            number(start),
            number(end),
            value,
            none(),
            none(),
        ]);
    };
    for (index, (segment, &share)) in material
        .segments
        .iter()
        .zip(&draw.selection_frequency)
        .enumerate()
    {
        let span = (segment.start_secs, segment.end_secs);
        range("selection_frequency", index, none(), span, number(share));
    }
    for (index, kind) in draw.alternatives.iter().enumerate() {
        for span in material.summary_secs(SummaryRef::Alternative(kind.letter())) {
            let letter = material.name_of(kind.letter());
            range("alternative", index, letter, span, number(kind.share));
        }
    }
    for (at, baseline) in material.baselines.iter().enumerate() {
        for span in baseline_secs(material, baseline) {
            range("baseline", at, baseline.name.clone(), span, none());
        }
    }
    for (annotator, ranges) in material.annotator_ranges_secs.iter().enumerate() {
        for &span in ranges {
            let name = material.annotator_name(annotator);
            range("annotator", annotator, name, span, none());
        }
    }
    Ok(table(
        &[
            "series",
            "index",
            "name",
            "start_secs",
            "end_secs",
            "value",
            "low_10_percent",
            "high_90_percent",
        ],
        rows,
    ))
}
