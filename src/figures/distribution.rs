//! The distribution figure: samples and annotators on the plane, over the density, with explained
//! variance on the axes.

use super::axis::{Scale, round_step, tick_label};
use super::labels::{self, Wanted};
use super::scene::{Align, Area, Ink, Pen, Scene};
use super::{FigureError, Style, number, table};
use crate::domain::Alternative;
use crate::session::DistributionView;
use crate::session::material::Material;
use crate::ui::text;
use crate::ui::theme::mix;

/// Values along both axes, with the same scale on paper, that hold all points and every contour.
fn scales(view: &DistributionView, plot: Area) -> [Scale; 2] {
    let ([left, low], [right, high]) = view.bounds();
    let (width, height) = (right - left, high - low);
    // One unit is as long along both axes, as distances mean the same.
    let per_unit = (plot.width() / width).min(plot.height() / height);
    let (wide, tall) = (plot.width() / per_unit, plot.height() / per_unit);
    let (x, y) = ((left + right) / 2.0, (low + high) / 2.0);
    [
        Scale::new((x - wide / 2.0, x + wide / 2.0), (plot.left, plot.right)),
        Scale::new((y - tall / 2.0, y + tall / 2.0), (plot.bottom, plot.top)),
    ]
}

/// The figure.
///
/// # Errors
/// [`FigureError::NoSamples`] while nothing is laid out.
pub fn scene(material: &Material, style: &Style) -> Result<Scene, FigureError> {
    let view = material
        .distribution
        .as_deref()
        .ok_or(FigureError::NoSamples)?;
    let (palette, unit) = (style.palette(), style.unit());
    let fitted = if view.fitted_on_annotators {
        "axes and density fitted on the annotators"
    } else {
        "axes and density fitted on the samples"
    };
    let mut scene = Scene::new(
        style,
        &format!("Distribution of summaries of {}", material.name()),
        &format!(
            "{} and {} on the first two principal components ({} and {} of the variance), {fitted}.",
            text::count(view.samples.len(), "sample"),
            text::count(view.annotators.len(), "annotator"),
            text::percent(view.explained[0]),
            text::percent(view.explained[1]),
        ),
    );
    let body = Ink::new(12.0 * unit, palette.secondary);
    let plot = Area::new(
        62.0 * unit,
        16.0 * unit,
        style.width() - 16.0 * unit,
        style.height() - 78.0 * unit,
    );
    let [x, y] = scales(view, plot);
    let at = |p: &[f64; 2]| [x.place(p[0]), y.place(p[1])];

    scene.set_clip(Some(plot));
    paint_density(&mut scene, view, style, &at);
    paint_points(&mut scene, material, view, style, &at);
    paint_names(&mut scene, material, view, style, plot, &at);
    scene.set_clip(None);

    scene.rect_line(plot, Pen::new(palette.line, unit));
    for (axis, scale) in [x, y].iter().enumerate() {
        let step = round_step((scale.high - scale.low) / 6.0);
        for tick in scale.ticks(6) {
            let place = scale.place(tick);
            let label = tick_label(tick, step);
            let pen = Pen::new(palette.faint, unit);
            if axis == 0 {
                scene.line(
                    &[[place, plot.bottom], [place, plot.bottom + 4.0 * unit]],
                    pen,
                );
                let below = [place, plot.bottom + 17.0 * unit];
                scene.text(below, Align::Center, &label, body);
            } else {
                scene.line(&[[plot.left - 4.0 * unit, place], [plot.left, place]], pen);
                let beside = [plot.left - 8.0 * unit, place + 4.0 * unit];
                scene.text(beside, Align::Right, &label, body);
            }
        }
    }
    let name = |axis: usize| {
        format!(
            "PC {} · {} of the variance",
            axis + 1,
            text::percent(view.explained[axis])
        )
    };
    let ink = Ink::new(13.0 * unit, palette.text);
    let [middle_x, middle_y] = plot.middle();
    scene.text(
        [middle_x, plot.bottom + 38.0 * unit],
        Align::Center,
        &name(0),
        ink,
    );
    scene.text_turned(
        [18.0 * unit, middle_y],
        Align::Center,
        &name(1),
        ink,
        -std::f64::consts::FRAC_PI_2,
    );
    legend(&mut scene, material, view, style, plot);
    Ok(scene)
}

/// Filled regions from the lowest level up, each with its iso-line.
fn paint_density(
    scene: &mut Scene,
    view: &DistributionView,
    style: &Style,
    at: &dyn Fn(&[f64; 2]) -> [f64; 2],
) {
    let palette = style.palette();
    let ground = style.ground();
    let mut contours = view.contours.iter().peekable();
    while let Some(outline) = contours.next() {
        let mut rings = vec![outline.ring.iter().map(at).collect::<Vec<_>>()];
        while let Some(hole) = contours.next_if(|next| next.hole) {
            rings.push(hole.ring.iter().map(at).collect());
        }
        let strength = outline.level as f32;
        let fill = mix(ground, palette.accent, 0.04 + strength * 0.36);
        let line = mix(ground, palette.accent, 0.20 + strength * 0.40);
        let pen = Pen::new(line, 0.8 * style.unit());
        scene.rings(&rings, Some(fill), Some(pen));
        scene.label(format!(
            "density above {} of its maximum",
            text::percent(outline.level)
        ));
    }
}

fn paint_points(
    scene: &mut Scene,
    material: &Material,
    view: &DistributionView,
    style: &Style,
    at: &dyn Fn(&[f64; 2]) -> [f64; 2],
) {
    let (palette, unit, ground) = (style.palette(), style.unit(), style.ground());
    let kinds = material.alternative_of_each();
    let color_of = |sample: usize| match kinds.get(sample).copied().flatten() {
        Some(letter) => palette.alternative(letter),
        None => palette.secondary,
    };
    let crowded = if view.samples.len() > 400 { 0.7 } else { 1.0 };
    // The earlier draw that the window shows lies behind everything here too.
    for point in &view.earlier {
        scene.circle(at(point), 3.0 * unit * crowded, Some(palette.faint), None);
        scene.label(format!("sample of {}", earlier_name(view)));
    }
    for (sample, point) in view.samples.iter().enumerate() {
        let beyond = view.is_beyond(sample);
        let (centre, radius) = (at(point), 3.0 * unit * crowded);
        if beyond {
            let pen = Pen::new(color_of(sample), 1.2 * unit);
            scene.circle(centre, radius, Some(ground), Some(pen));
        } else {
            let edge = Pen::new(ground, 0.5 * unit);
            scene.circle(centre, radius, Some(color_of(sample)), Some(edge));
        }
        let note = if beyond {
            " · far from this plane"
        } else {
            ""
        };
        let secs = material
            .draw
            .as_ref()
            .and_then(|draw| draw.durations_secs.get(sample).copied());
        let length = secs.map_or_else(String::new, |secs| format!(" · {}", text::clock(secs)));
        scene.label(format!("sample {sample}{length}{note}"));
    }
    for (annotator, point) in view.annotators.iter().enumerate() {
        let pen = Pen::new(palette.annotator, 1.5 * unit);
        scene.circle(at(point), 4.5 * unit, None, Some(pen));
        scene.label(material.annotator_name(annotator));
    }
    for (name, point) in &view.baselines {
        let ([x, y], arm) = (at(point), 4.5 * unit);
        let diamond = vec![[x, y - arm], [x + arm, y], [x, y + arm], [x - arm, y]];
        let pen = Pen::new(palette.text, 1.2 * unit);
        scene.rings(&[diamond], Some(ground), Some(pen));
        scene.label(name.clone());
    }
    let Some(draw) = &material.draw else { return };
    let place_of = |kind: &Alternative| {
        let mut places = view.alternatives.iter();
        places
            .find(|(letter, _)| *letter == kind.letter())
            .map(|(_, place)| place)
    };
    for kind in &draw.alternatives {
        let Some(point) = place_of(kind) else {
            continue;
        };
        let (centre, color) = (at(point), palette.alternative(kind.letter()));
        scene.circle(
            centre,
            5.0 * unit,
            Some(color),
            Some(Pen::new(ground, 1.5 * unit)),
        );
        scene.circle(centre, 7.2 * unit, None, Some(Pen::new(color, 1.6 * unit)));
        scene.label(format!(
            "{}: {} of the samples",
            kind.letter(),
            text::percent(kind.share)
        ));
    }
    if let Some(mean) = &view.mean {
        let [x, y] = at(mean);
        let pen = Pen::new(palette.text, 2.2 * unit);
        let arm = 6.0 * unit;
        scene.line(&[[x - arm, y], [x + arm, y]], pen);
        scene.line(&[[x, y - arm], [x, y + arm]], pen);
        scene.label("summary of the mean score");
    }
}

/// What an earlier draw is called, as in the window's legend.
fn earlier_name(view: &DistributionView) -> String {
    match view.earlier_seed {
        Some(seed) => format!("seed {seed}"),
        None => "the earlier draw".to_owned(),
    }
}

/// Letters of the alternatives and names of the scorers: last, so that no marker lies on one, and
/// beside their marker where nothing else is.
fn paint_names(
    scene: &mut Scene,
    material: &Material,
    view: &DistributionView,
    style: &Style,
    plot: Area,
    at: &dyn Fn(&[f64; 2]) -> [f64; 2],
) {
    let (palette, unit) = (style.palette(), style.unit());
    let alternatives = material.draw.iter().flat_map(|draw| &draw.alternatives);
    let letters = alternatives.filter_map(|kind| {
        let mut places = view.alternatives.iter();
        let (_, place) = places.find(|(letter, _)| *letter == kind.letter())?;
        let ink = Ink::bold(12.0 * unit, palette.text);
        Some((kind.letter().to_string(), at(place), 8.0 * unit, ink))
    });
    let scorers = view.baselines.iter().map(|(name, place)| {
        let ink = Ink::new(11.0 * unit, palette.secondary);
        (name.clone(), at(place), 5.0 * unit, ink)
    });
    let named: Vec<(String, [f64; 2], f64, Ink)> = letters.chain(scorers).collect();
    let wanted: Vec<Wanted> = named
        .iter()
        .map(|(words, anchor, radius, ink)| Wanted {
            anchor: *anchor,
            radius: *radius,
            size: [
                super::letters::width(words, ink.size, ink.weight) + 4.0 * unit,
                ink.size * 1.25,
            ],
        })
        .collect();
    let marks = named.iter().map(|(_, anchor, ..)| *anchor);
    let obstacles: Vec<Area> = marks
        .chain(view.annotators.iter().map(at))
        .chain(view.mean.iter().map(at))
        .map(|[x, y]| {
            let arm = 5.0 * unit;
            Area::new(x - arm, y - arm, x + arm, y + arm)
        })
        .collect();
    let places = labels::place(&wanted, &obstacles, plot);
    for ((words, _, _, ink), place) in named.iter().zip(places) {
        let Some(place) = place else { continue };
        let [x, y] = place.middle();
        scene.text([x, y + ink.size * 0.36], Align::Center, words, *ink);
    }
}

fn legend(
    scene: &mut Scene,
    material: &Material,
    view: &DistributionView,
    style: &Style,
    plot: Area,
) {
    let (palette, unit) = (style.palette(), style.unit());
    let ink = Ink::new(12.0 * unit, palette.secondary);
    let y = style.height() - 14.0 * unit;
    let middle = y - 4.0 * unit;
    let mut x = plot.left;
    let gap = 22.0 * unit;
    let annotator = material
        .annotations
        .as_ref()
        .is_some_and(|set| set.simulated);
    if !view.annotators.is_empty() {
        let pen = Pen::new(palette.annotator, 1.5 * unit);
        scene.circle([x + 5.0 * unit, middle], 4.5 * unit, None, Some(pen));
        let noun = if annotator {
            "simulated annotator"
        } else {
            "annotator"
        };
        let words = text::count(view.annotators.len(), noun);
        x += 14.0 * unit + scene.text([x + 14.0 * unit, y], Align::Left, &words, ink) + gap;
    }
    scene.circle(
        [x + 4.0 * unit, middle],
        3.2 * unit,
        Some(palette.category(1)),
        None,
    );
    let words = text::count(view.samples.len(), "sample");
    x += 12.0 * unit + scene.text([x + 12.0 * unit, y], Align::Left, &words, ink) + gap;
    let beyond = (0..view.samples.len())
        .filter(|&sample| view.is_beyond(sample))
        .count();
    if beyond > 0 {
        let pen = Pen::new(palette.secondary, 1.2 * unit);
        scene.circle([x + 4.0 * unit, middle], 3.2 * unit, None, Some(pen));
        let words = format!("{beyond} far from this plane");
        x += 12.0 * unit + scene.text([x + 12.0 * unit, y], Align::Left, &words, ink) + gap;
    }
    if !view.earlier.is_empty() {
        let centre = [x + 4.0 * unit, middle];
        scene.circle(centre, 3.2 * unit, Some(palette.faint), None);
        let words = earlier_name(view);
        x += 12.0 * unit + scene.text([x + 12.0 * unit, y], Align::Left, &words, ink) + gap;
    }
    if view.mean.is_some() {
        let pen = Pen::new(palette.text, 2.0 * unit);
        let arm = 5.0 * unit;
        let centre = x + 5.0 * unit;
        scene.line(&[[centre - arm, middle], [centre + arm, middle]], pen);
        scene.line(&[[centre, middle - arm], [centre, middle + arm]], pen);
        x += 14.0 * unit + scene.text([x + 14.0 * unit, y], Align::Left, "mean", ink) + gap;
    }
    if !view.fitted_on_annotators {
        let words = "plane fitted on the samples";
        let wide = super::letters::width(words, ink.size, ink.weight);
        if x + wide < plot.right {
            scene.text([plot.right, y], Align::Right, words, ink);
        }
    }
}

/// Points, then the contours' vertices.
///
/// # Errors
/// [`FigureError::NoSamples`] while nothing is laid out.
pub fn csv(material: &Material) -> Result<String, FigureError> {
    let view = material
        .distribution
        .as_deref()
        .ok_or(FigureError::NoSamples)?;
    let kinds = material.alternative_of_each();
    let medoids: Vec<usize> = material.draw.as_ref().map_or_else(Vec::new, |draw| {
        draw.alternatives
            .iter()
            .map(|kind| kind.medoid_sample)
            .collect()
    });
    let row = |kind: &str, index: String, name: String, p: &[f64; 2], rest: [String; 4]| {
        let mut row = vec![kind.to_owned(), index, name, number(p[0]), number(p[1])];
        row.extend(rest);
        row
    };
    let none = String::new;
    let samples = view.samples.iter().enumerate().map(|(sample, point)| {
        let alternative = kinds.get(sample).copied().flatten();
        row(
            "sample",
            sample.to_string(),
            none(),
            point,
            [
                alternative.map_or_else(none, |kind| kind.to_string()),
                u8::from(medoids.contains(&sample)).to_string(),
                view.sample_residuals
                    .get(sample)
                    .map_or_else(none, |&residual| number(residual)),
                none(),
            ],
        )
    });
    let annotators = view.annotators.iter().enumerate().map(|(index, point)| {
        let name = material.annotator_name(index);
        row(
            "annotator",
            index.to_string(),
            name,
            point,
            [none(), none(), none(), none()],
        )
    });
    let mean = view.mean.iter().map(|point| {
        row(
            "mean",
            none(),
            none(),
            point,
            [none(), none(), none(), none()],
        )
    });
    let baselines = view.baselines.iter().map(|(name, point)| {
        let rest = [none(), none(), none(), none()];
        row("baseline", none(), name.clone(), point, rest)
    });
    let earlier = view.earlier.iter().enumerate().map(|(sample, point)| {
        let rest = [none(), none(), none(), none()];
        row(
            "earlier",
            sample.to_string(),
            earlier_name(view),
            point,
            rest,
        )
    });
    let contours = view
        .contours
        .iter()
        .enumerate()
        .flat_map(|(ring, contour)| {
            let name = if contour.hole { "hole" } else { "outline" };
            contour.ring.iter().map(move |point| {
                vec![
                    "contour".to_owned(),
                    ring.to_string(),
                    name.to_owned(),
                    number(point[0]),
                    number(point[1]),
                    String::new(),
                    String::new(),
                    String::new(),
                    number(contour.level),
                ]
            })
        });
    Ok(table(
        &[
            "kind",
            "index",
            "name",
            "pc1",
            "pc2",
            "alternative",
            "medoid",
            "residual",
            "level",
        ],
        samples
            .chain(annotators)
            .chain(mean)
            .chain(baselines)
            .chain(earlier)
            .chain(contours),
    ))
}
