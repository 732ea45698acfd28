//! Figures 4 and II of the paper: for each of several videos its annotators, the samples of each
//! bundle and every other method on the plane of the annotators' summaries, over their density.

use egui::Color32;

use super::axis::Scale;
use super::labels::{self, Wanted};
use super::letters::{self, Weight};
use super::scene::{Align, Area, Ink, Pen, Scene};
use super::{Style, number, table};
use crate::analysis::distribution::{
    DensityStyle, DistributionInput, DistributionPlot, FittedOn, distribution,
};
use crate::domain::FrameRange;
use crate::pipeline::evaluation::{MethodSummaries, VideoSummaries};
use crate::ui::text;
use crate::ui::theme::{Palette, mix};

/// Frames between compared frames.
const STRIDE: u64 = 15;
/// Panels in a row, and the size of one, points.
const IN_ROW: usize = 2;
const PANEL: [u32; 2] = [480, 400];
/// Room of the legend, points.
const FOOT: f64 = 56.0;

/// A method's summaries on the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaneMethod {
    pub name: String,
    /// Several summaries a video: dots; else one diamond with its name.
    pub several: bool,
    pub points: Vec<[f64; 2]>,
}

/// One video.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    pub title: String,
    pub plot: DistributionPlot,
    pub annotator_names: Vec<String>,
    pub methods: Vec<PlaneMethod>,
}

/// Lays a video's summaries on its plane: of networks, where there are any, and of the annotators'
/// mean. `None` where the annotators are all alike.
pub fn plane_of(video: &VideoSummaries, style: &DensityStyle) -> Option<Plane> {
    let networks = video.methods.iter().any(|method| method.network);
    let shown: Vec<&MethodSummaries> = video
        .methods
        .iter()
        .filter(|method| method.network || !networks || !method.several)
        .collect();
    let samples: Vec<Vec<FrameRange>> = shown
        .iter()
        .flat_map(|method| method.summaries.iter().cloned())
        .collect();
    let input = DistributionInput {
        annotators: &video.annotators,
        samples: &samples,
        frame_count: video.frame_count,
        stride: STRIDE.min((video.frame_count / 100).max(1)),
        ..DistributionInput::default()
    };
    let plot = distribution(&input, style)?;
    let mut from = 0;
    let methods = shown
        .into_iter()
        .map(|method| {
            let to = from + method.summaries.len();
            let points = plot.samples[from..to].to_vec();
            from = to;
            PlaneMethod {
                name: method.name.clone(),
                several: method.several,
                points,
            }
        })
        .collect();
    Some(Plane {
        title: video.name.clone(),
        plot,
        annotator_names: video.annotator_names.clone(),
        methods,
    })
}

/// A size that holds so many panels.
pub fn usual_size(panels: usize) -> [u32; 2] {
    let columns = panels.clamp(1, IN_ROW) as u32;
    let rows = panels.div_ceil(IN_ROW).max(1) as u32;
    [columns * PANEL[0], rows * PANEL[1] + FOOT as u32]
}

/// The panels and one legend. Methods have one colour in all of them.
pub fn scene(planes: &[Plane], style: &Style) -> Scene {
    let columns = planes.len().clamp(1, IN_ROW);
    let rows = planes.len().div_ceil(IN_ROW).max(1);
    let wide = style.width() / columns as f64;
    let unit = wide / f64::from(PANEL[0]);
    let tall = (style.height() - FOOT * unit) / rows as f64;
    let mut scene = Scene::new(
        style,
        "Distribution of true and predicted summaries",
        "Annotators, samples and other methods on the first two principal components of the annotators' summaries, over their density.",
    );
    let names = method_names(planes);
    for (at, plane) in planes.iter().enumerate() {
        let (left, top) = ((at % IN_ROW) as f64 * wide, (at / IN_ROW) as f64 * tall);
        let area = Area::new(
            left + 14.0 * unit,
            top + 34.0 * unit,
            left + wide - 14.0 * unit,
            top + tall - 26.0 * unit,
        );
        panel(&mut scene, plane, &names, style, area, unit);
    }
    legend(&mut scene, planes, &names, style, unit);
    scene
}

/// Names of all methods in the order of their first appearance, with whether they have several
/// summaries.
fn method_names(planes: &[Plane]) -> Vec<(String, bool)> {
    let mut names: Vec<(String, bool)> = Vec::new();
    for method in planes.iter().flat_map(|plane| &plane.methods) {
        if !names.iter().any(|(name, _)| *name == method.name) {
            names.push((method.name.clone(), method.several));
        }
    }
    names
}

fn color_of(palette: &Palette, names: &[(String, bool)], name: &str) -> Color32 {
    let at = names.iter().position(|(other, _)| other == name);
    palette.category(at.unwrap_or(0))
}

fn panel(
    scene: &mut Scene,
    plane: &Plane,
    names: &[(String, bool)],
    style: &Style,
    area: Area,
    unit: f64,
) {
    let palette = style.palette();
    let head = Ink::bold(12.5 * unit, palette.text);
    let title = letters::fitted(&plane.title, head.size, Weight::SemiBold, area.width());
    scene.text(
        [area.left, area.top - 10.0 * unit],
        Align::Left,
        &title,
        head,
    );
    let [x, y] = scales(plane, area);
    let at = |p: &[f64; 2]| [x.place(p[0]), y.place(p[1])];
    scene.set_clip(Some(area));
    density(scene, plane, style, &at, unit);
    for method in plane.methods.iter().filter(|method| method.several) {
        let color = color_of(palette, names, &method.name);
        for (sample, point) in method.points.iter().enumerate() {
            let edge = Pen::new(style.ground(), 0.4 * unit);
            scene.circle(at(point), 2.6 * unit, Some(color), Some(edge));
            scene.label(format!("{}, sample {sample}", method.name));
        }
    }
    for (annotator, point) in plane.plot.annotators.iter().enumerate() {
        let pen = Pen::new(palette.annotator, 1.4 * unit);
        scene.circle(at(point), 4.0 * unit, None, Some(pen));
        let name = plane.annotator_names.get(annotator);
        scene.label(name.map_or_else(|| format!("annotator {}", annotator + 1), String::clone));
    }
    let single: Vec<(&PlaneMethod, [f64; 2])> = plane
        .methods
        .iter()
        .filter(|method| !method.several)
        .filter_map(|method| Some((method, at(method.points.first()?))))
        .collect();
    for &(method, centre) in &single {
        let color = color_of(palette, names, &method.name);
        diamond(scene, centre, 5.5 * unit, color, palette.text, unit);
        scene.label(method.name.clone());
    }
    let size = 10.5 * unit;
    let wanted: Vec<Wanted> = single
        .iter()
        .map(|(method, centre)| Wanted {
            anchor: *centre,
            radius: 6.0 * unit,
            size: [
                letters::width(&method.name, size, Weight::SemiBold) + 4.0 * unit,
                size * 1.25,
            ],
        })
        .collect();
    let marks = single.iter().map(|&(_, centre)| centre);
    let marks = marks.chain(plane.plot.annotators.iter().map(at));
    let obstacles: Vec<Area> = marks
        .map(|[x, y]| {
            let arm = 5.0 * unit;
            Area::new(x - arm, y - arm, x + arm, y + arm)
        })
        .collect();
    for ((method, centre), place) in single.iter().zip(labels::place(&wanted, &obstacles, area)) {
        let Some(place) = place else { continue };
        let [middle_x, middle_y] = place.middle();
        let apart = (middle_x - centre[0]).hypot(middle_y - centre[1]);
        if apart > place.width() / 2.0 + 16.0 * unit {
            let pen = Pen::new(palette.faint, 0.8 * unit);
            scene.line(&[*centre, [middle_x, middle_y]], pen);
        }
        let ink = Ink::bold(size, palette.text);
        let baseline = [middle_x, middle_y + size * 0.36];
        scene.text(baseline, Align::Center, &method.name, ink);
    }
    scene.set_clip(None);
    scene.rect_line(area, Pen::new(palette.line, unit));
    let fitted = match plane.plot.fitted_on {
        FittedOn::Annotators => "",
        FittedOn::Samples => " · plane of the samples",
    };
    let words = format!(
        "PC 1: {} · PC 2: {} of the variance{fitted}",
        text::percent(plane.plot.explained[0]),
        text::percent(plane.plot.explained[1])
    );
    let ink = Ink::new(10.5 * unit, palette.secondary);
    scene.text(
        [area.left, area.bottom + 15.0 * unit],
        Align::Left,
        &words,
        ink,
    );
}

fn diamond(scene: &mut Scene, [x, y]: [f64; 2], arm: f64, fill: Color32, edge: Color32, unit: f64) {
    let ring = vec![[x, y - arm], [x + arm, y], [x, y + arm], [x - arm, y]];
    scene.rings(&[ring], Some(fill), Some(Pen::new(edge, unit)));
}

/// One unit is as long along both axes; all points and contours are inside.
fn scales(plane: &Plane, area: Area) -> [Scale; 2] {
    let points = plane.methods.iter().flat_map(|method| &method.points);
    let rings = plane.plot.contours.iter().flat_map(|level| {
        level
            .polygons
            .iter()
            .flat_map(|polygon| std::iter::once(&polygon.exterior).chain(&polygon.holes))
            .flatten()
    });
    let mut bounds = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for point in points.chain(&plane.plot.annotators).chain(rings) {
        for axis in 0..2 {
            bounds[axis][0] = bounds[axis][0].min(point[axis]);
            bounds[axis][1] = bounds[axis][1].max(point[axis]);
        }
    }
    let middle = bounds.map(|[low, high]| (low + high) / 2.0);
    let extent = bounds.map(|[low, high]| ((high - low) * 1.08).max(1e-6));
    let per_unit = (area.width() / extent[0]).min(area.height() / extent[1]);
    let half = [
        area.width() / per_unit / 2.0,
        area.height() / per_unit / 2.0,
    ];
    [
        Scale::new(
            (middle[0] - half[0], middle[0] + half[0]),
            (area.left, area.right),
        ),
        Scale::new(
            (middle[1] - half[1], middle[1] + half[1]),
            (area.bottom, area.top),
        ),
    ]
}

fn density(
    scene: &mut Scene,
    plane: &Plane,
    style: &Style,
    at: &dyn Fn(&[f64; 2]) -> [f64; 2],
    unit: f64,
) {
    let (palette, ground) = (style.palette(), style.ground());
    for level in &plane.plot.contours {
        let strength = level.level as f32;
        let fill = mix(ground, palette.accent, 0.04 + strength * 0.36);
        let line = mix(ground, palette.accent, 0.20 + strength * 0.40);
        for polygon in &level.polygons {
            let rings: Vec<Vec<[f64; 2]>> = std::iter::once(&polygon.exterior)
                .chain(&polygon.holes)
                .map(|ring| ring.iter().map(at).collect())
                .collect();
            scene.rings(&rings, Some(fill), Some(Pen::new(line, 0.7 * unit)));
            scene.label(format!(
                "density above {} of its maximum",
                text::percent(level.level)
            ));
        }
    }
}

fn legend(scene: &mut Scene, planes: &[Plane], names: &[(String, bool)], style: &Style, unit: f64) {
    let palette = style.palette();
    let ink = Ink::new(12.0 * unit, palette.secondary);
    let start = 14.0 * unit;
    let (mut x, mut y) = (start, style.height() - (FOOT - 20.0) * unit);
    let people = planes.iter().any(|plane| !plane.plot.annotators.is_empty());
    let annotator = people.then(|| ("Annotator".to_owned(), None));
    let methods = names
        .iter()
        .map(|(name, several)| (name.clone(), Some(*several)));
    for (name, several) in annotator.into_iter().chain(methods) {
        let wide = letters::width(&name, ink.size, ink.weight) + 40.0 * unit;
        if x > start && x + wide > style.width() {
            (x, y) = (start, y + 20.0 * unit);
        }
        let centre = [x + 6.0 * unit, y - 4.0 * unit];
        match several {
            None => {
                let pen = Pen::new(palette.annotator, 1.4 * unit);
                scene.circle(centre, 4.0 * unit, None, Some(pen));
            }
            Some(true) => {
                let color = color_of(palette, names, &name);
                scene.circle(centre, 4.0 * unit, Some(color), None);
            }
            Some(false) => {
                let color = color_of(palette, names, &name);
                diamond(scene, centre, 5.0 * unit, color, palette.text, unit);
            }
        }
        scene.text([x + 17.0 * unit, y], Align::Left, &name, ink);
        x += wide;
    }
}

/// One line a point.
pub fn csv(planes: &[Plane]) -> String {
    let mut rows = Vec::new();
    for plane in planes {
        let explained = plane.plot.explained.map(number);
        let mut add = |method: &str, index: usize, name: String, point: &[f64; 2]| {
            rows.push(vec![
                plane.title.clone(),
                method.to_owned(),
                index.to_string(),
                name,
                number(point[0]),
                number(point[1]),
                explained[0].clone(),
                explained[1].clone(),
            ]);
        };
        for (at, point) in plane.plot.annotators.iter().enumerate() {
            let name = plane.annotator_names.get(at).cloned();
            add("annotator", at, name.unwrap_or_default(), point);
        }
        for method in &plane.methods {
            for (at, point) in method.points.iter().enumerate() {
                add(&method.name, at, String::new(), point);
            }
        }
    }
    table(
        &[
            "video",
            "method",
            "index",
            "annotator",
            "pc1",
            "pc2",
            "explained_1",
            "explained_2",
        ],
        rows,
    )
}
