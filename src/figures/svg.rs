//! A scene as SVG 1.1: paths only, with title, description and provenance in the metadata.

use std::fmt::Write;

use egui::Color32;

use super::letters::Step;
use super::scene::{Area, Scene};
use crate::session::provenance::Provenance;

/// Namespace of the provenance element.
const NAMESPACE: &str = "urn:summdiff:provenance";

/// The whole file.
pub fn write(scene: &Scene, provenance: &Provenance) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&element(scene, provenance, ""));
    out.push('\n');
    out
}

/// The `svg` element alone, for a page. `class` goes onto the element; clip paths are named after
/// it, so that several figures can stand in one page.
pub fn element(scene: &Scene, provenance: &Provenance, class: &str) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail; the results are dropped for that reason.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{}\"",
        escaped(&scene.title),
        w = scene.width,
        h = scene.height,
    );
    if !class.is_empty() {
        let _ = write!(out, " class=\"{}\"", escaped(class));
    }
    let _ = write!(
        out,
        ">\n<title>{}</title>\n<desc>{}</desc>\n<metadata><provenance xmlns=\"{NAMESPACE}\">{}</provenance></metadata>\n",
        escaped(&scene.title),
        escaped(&scene.description),
        escaped(&provenance.to_json()),
    );
    let clips = clip_areas(scene);
    let clip_name = |at: usize| format!("clip-{}-{at}", class.replace(' ', "-"));
    if !clips.is_empty() {
        out.push_str("<defs>");
        for (at, area) in clips.iter().enumerate() {
            let _ = write!(
                out,
                "<clipPath id=\"{}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
                clip_name(at),
                short(area.left),
                short(area.top),
                short(area.width()),
                short(area.height())
            );
        }
        out.push_str("</defs>\n");
    }
    let _ = writeln!(
        out,
        "<rect width=\"{}\" height=\"{}\"{}/>",
        scene.width,
        scene.height,
        paint("fill", scene.ground)
    );
    for shape in &scene.shapes {
        out.push_str("<path");
        match shape.fill {
            Some(color) => out.push_str(&paint("fill", color)),
            None => out.push_str(" fill=\"none\""),
        }
        if shape.fill.is_some() && !shape.is_text {
            out.push_str(" fill-rule=\"evenodd\"");
        }
        if let Some(pen) = &shape.pen {
            out.push_str(&paint("stroke", pen.color));
            let _ = write!(out, " stroke-width=\"{}\"", short(pen.width));
            out.push_str(" stroke-linejoin=\"round\"");
            if let Some([dash, gap]) = pen.dash {
                let _ = write!(out, " stroke-dasharray=\"{} {}\"", short(dash), short(gap));
            }
        }
        if let Some(at) = shape.clip.and_then(|clip| place_of(&clips, clip)) {
            let _ = write!(out, " clip-path=\"url(#{})\"", clip_name(at));
        }
        let _ = write!(out, " d=\"{}\"", path(&shape.steps));
        match &shape.label {
            Some(label) if shape.is_text => {
                let _ = writeln!(out, " aria-label=\"{}\"/>", escaped(label));
            }
            Some(label) => {
                let _ = writeln!(out, "><title>{}</title></path>", escaped(label));
            }
            None => out.push_str("/>\n"),
        }
    }
    out.push_str("</svg>");
    out
}

fn clip_areas(scene: &Scene) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    for clip in scene.shapes.iter().filter_map(|shape| shape.clip) {
        if !areas.contains(&clip) {
            areas.push(clip);
        }
    }
    areas
}

fn place_of(areas: &[Area], area: Area) -> Option<usize> {
    areas.iter().position(|known| *known == area)
}

/// `fill="#rrggbb"`, with the opacity where it is not full. egui's colours are premultiplied.
fn paint(attribute: &str, color: Color32) -> String {
    let [r, g, b, a] = color.to_srgba_unmultiplied();
    let mut out = format!(" {attribute}=\"#{r:02x}{g:02x}{b:02x}\"");
    if a < 255 {
        let _ = write!(
            out,
            " {attribute}-opacity=\"{}\"",
            short(f64::from(a) / 255.0)
        );
    }
    out
}

/// At most two decimals, none where they are not needed.
fn short(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // No minus before a zero.
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

fn path(steps: &[Step]) -> String {
    let mut out = String::with_capacity(steps.len() * 12);
    let mut add = |letter: char, points: &[[f64; 2]]| {
        out.push(letter);
        for (at, [x, y]) in points.iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            out.push_str(&short(*x));
            out.push(' ');
            out.push_str(&short(*y));
        }
    };
    for step in steps {
        match *step {
            Step::Move(p) => add('M', &[p]),
            Step::Line(p) => add('L', &[p]),
            Step::Quad(a, p) => add('Q', &[a, p]),
            Step::Cubic(a, b, p) => add('C', &[a, b, p]),
            Step::Close => add('Z', &[]),
        }
    }
    out
}

/// Text for XML and HTML; characters that XML does not allow are left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(letter),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if letter.is_control() => {}
            _ => out.push(letter),
        }
    }
    out
}
