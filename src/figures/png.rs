//! A scene as PNG, with title, description, program and provenance as text chunks.

use egui::Color32;
use vello_cpu::color::{AlphaColor, Srgb};
use vello_cpu::kurbo::{BezPath, Join, Rect, Shape as _, Stroke};
use vello_cpu::peniko::Fill;
use vello_cpu::{Pixmap, RenderContext, Resources};

use super::FigureError;
use super::letters::Step;
use super::scene::{Area, Pen, Scene, Shape};
use crate::session::provenance::Provenance;

/// Keyword of the provenance, as JSON.
pub const PROVENANCE_KEY: &str = "Provenance";

/// The whole file: RGBA, 8 bit.
///
/// # Errors
/// When the size is no size of a picture.
pub fn encode(scene: &Scene, provenance: &Provenance) -> Result<Vec<u8>, FigureError> {
    let pixmap = paint(scene)?;
    // Opaque ground: premultiplied and plain colours are the same.
    encode_rgba(
        pixmap.data_as_u8_slice(),
        [pixmap.width().into(), pixmap.height().into()],
        &scene.title,
        &scene.description,
        provenance,
    )
}

/// Any opaque picture with the same text chunks; `rgba` has four bytes a pixel.
///
/// # Errors
/// When the bytes do not fit the size.
pub fn encode_rgba(
    rgba: &[u8],
    size: [u32; 2],
    title: &str,
    description: &str,
    provenance: &Provenance,
) -> Result<Vec<u8>, FigureError> {
    let failed = |error: png::EncodingError| FigureError::Encoding(error.to_string());
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, size[0], size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let software = provenance.program.clone();
    for (key, text) in [
        ("Title", title.to_owned()),
        ("Description", description.to_owned()),
        ("Software", software),
        (PROVENANCE_KEY, provenance.to_json()),
    ] {
        encoder
            .add_itxt_chunk(key.to_owned(), text)
            .map_err(failed)?;
    }
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(rgba).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}

/// The scene's pixels.
///
/// # Errors
/// When the size is no size of a picture.
pub fn paint(scene: &Scene) -> Result<Pixmap, FigureError> {
    let wrong = || FigureError::Size(scene.width as u32, scene.height as u32);
    let side = |length: f64| {
        u16::try_from(length as u32)
            .ok()
            .filter(|side| *side > 0)
            .ok_or_else(wrong)
    };
    let (width, height) = (side(scene.width)?, side(scene.height)?);
    let mut context = RenderContext::new(width, height);
    context.set_paint(color_of(scene.ground));
    context.fill_rect(&Rect::new(0.0, 0.0, scene.width, scene.height));
    let mut clip = None;
    for shape in &scene.shapes {
        if shape.clip != clip {
            if clip.is_some() {
                context.pop_clip_path();
            }
            if let Some(area) = shape.clip {
                context.set_fill_rule(Fill::NonZero);
                context.push_clip_path(&clip_path(area));
            }
            clip = shape.clip;
        }
        paint_shape(&mut context, shape);
    }
    if clip.is_some() {
        context.pop_clip_path();
    }
    context.flush();
    let mut pixmap = Pixmap::new(width, height);
    context.render(&mut pixmap, &mut Resources::new());
    Ok(pixmap)
}

fn paint_shape(context: &mut RenderContext, shape: &Shape) {
    let path = path_of(&shape.steps);
    if let Some(fill) = shape.fill {
        context.set_fill_rule(if shape.is_text {
            Fill::NonZero
        } else {
            Fill::EvenOdd
        });
        context.set_paint(color_of(fill));
        context.fill_path(&path);
    }
    if let Some(pen) = &shape.pen {
        context.set_paint(color_of(pen.color));
        context.set_stroke(stroke_of(pen));
        context.stroke_path(&path);
    }
}

fn stroke_of(pen: &Pen) -> Stroke {
    let stroke = Stroke::new(pen.width).with_join(Join::Round);
    match pen.dash {
        Some(lengths) => stroke.with_dashes(0.0, lengths),
        // As SVG: lines end where they end.
        None => stroke,
    }
    .with_caps(vello_cpu::kurbo::Cap::Butt)
}

fn color_of(color: Color32) -> AlphaColor<Srgb> {
    let [r, g, b, a] = color.to_srgba_unmultiplied();
    AlphaColor::from_rgba8(r, g, b, a)
}

fn clip_path(area: Area) -> BezPath {
    Rect::new(area.left, area.top, area.right, area.bottom).to_path(0.1)
}

fn path_of(steps: &[Step]) -> BezPath {
    let mut path = BezPath::new();
    for step in steps {
        match *step {
            Step::Move([x, y]) => path.move_to((x, y)),
            Step::Line([x, y]) => path.line_to((x, y)),
            Step::Quad([ax, ay], [x, y]) => path.quad_to((ax, ay), (x, y)),
            Step::Cubic([ax, ay], [bx, by], [x, y]) => {
                path.curve_to((ax, ay), (bx, by), (x, y));
            }
            Step::Close => path.close_path(),
        }
    }
    path
}
