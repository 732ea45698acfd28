//! A canvas of 854 × 480 with a camera, and the few shapes, lights and textures all scenes are made
//! of.
//!
//! What this does not do: it knows nothing of scenes or of time; every painter takes what it needs
//! as numbers.

use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId};
use tiny_skia::{
    BlendMode, Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path,
    PathBuilder, Pixmap, Point, RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

/// Video size in pixels.
pub const WIDTH: f32 = 854.0;
pub const HEIGHT: f32 = 480.0;

const FONT: &[u8] = include_bytes!("../../fonts/Inter-Medium.otf");

/// `0xRRGGBB` as an opaque colour.
pub fn rgb(hex: u32) -> Color {
    Color::from_rgba8((hex >> 16) as u8, (hex >> 8) as u8, hex as u8, 255)
}

/// `0xRRGGBB` with an opacity of 0 to 1.
pub fn rgba(hex: u32, alpha: f32) -> Color {
    let mut color = rgb(hex);
    color.set_alpha(alpha.clamp(0.0, 1.0));
    color
}

/// From `a` at 0 to `b` at 1.
pub fn mix(a: Color, b: Color, share: f32) -> Color {
    let share = share.clamp(0.0, 1.0);
    let part = |x: f32, y: f32| (x + (y - x) * share).clamp(0.0, 1.0);
    Color::from_rgba(
        part(a.red(), b.red()),
        part(a.green(), b.green()),
        part(a.blue(), b.blue()),
        part(a.alpha(), b.alpha()),
    )
    .unwrap_or(Color::BLACK)
}

/// 0 below `from`, 1 above `to`, smooth between.
pub fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let share = ((x - from) / (to - from)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

/// A number in 0..1 that depends on `key` alone.
pub fn hash(key: u32) -> f32 {
    let mut bits = key.wrapping_mul(0x9e37_79b9) ^ 0x85eb_ca6b;
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x7feb_352d);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x846c_a68b);
    ((bits ^ (bits >> 16)) >> 8) as f32 / (1u32 << 24) as f32
}

/// A number in `from..to` that depends on two keys.
pub fn pick(key: u32, index: u32, from: f32, to: f32) -> f32 {
    from + (to - from)
        * hash(
            key.wrapping_mul(7919)
                .wrapping_add(index.wrapping_mul(104_729)),
        )
}

/// Smooth noise in one dimension, 0..1, one bump per unit.
pub fn noise(key: u32, x: f32) -> f32 {
    let cell = x.floor();
    let at = |offset: f32| {
        hash(
            key.wrapping_mul(31)
                .wrapping_add((cell + offset) as i32 as u32),
        )
    };
    let share = smooth(0.0, 1.0, x - cell);
    at(0.0) + (at(1.0) - at(0.0)) * share
}

/// Three octaves of [`noise`].
pub fn ridge(key: u32, x: f32) -> f32 {
    (noise(key, x) + 0.5 * noise(key + 1, x * 2.1) + 0.25 * noise(key + 2, x * 4.3)) / 1.75
}

/// The picture being painted.
pub struct Canvas {
    pub pixmap: Pixmap,
    camera: Transform,
    blend: BlendMode,
}

impl Canvas {
    pub fn new() -> Option<Canvas> {
        let pixmap = Pixmap::new(WIDTH as u32, HEIGHT as u32)?;
        Some(Canvas {
            pixmap,
            camera: Transform::identity(),
            blend: BlendMode::SourceOver,
        })
    }

    /// Paints with everything moved by `dx`, `dy` and then grown by `zoom` about the middle of the
    /// picture.
    pub fn camera(&mut self, dx: f32, dy: f32, zoom: f32) {
        self.camera = Transform::from_translate(-WIDTH / 2.0, -HEIGHT / 2.0)
            .post_translate(dx, dy)
            .post_scale(zoom, zoom)
            .post_translate(WIDTH / 2.0, HEIGHT / 2.0);
    }

    /// Paints with everything scaled about (0, 0), turned by `degrees`, and moved to `x`, `y`,
    /// until `work` is done.
    pub fn placed(
        &mut self,
        x: f32,
        y: f32,
        scale: (f32, f32),
        degrees: f32,
        work: impl FnOnce(&mut Canvas),
    ) {
        let before = self.camera;
        self.camera = Transform::from_scale(scale.0, scale.1)
            .post_rotate(degrees)
            .post_translate(x, y)
            .post_concat(before);
        work(self);
        self.camera = before;
    }

    /// Adds light instead of covering, until `work` is done.
    pub fn light(&mut self, work: impl FnOnce(&mut Canvas)) {
        let before = std::mem::replace(&mut self.blend, BlendMode::Screen);
        work(self);
        self.blend = before;
    }

    fn brush<'a>(&self, shader: Shader<'a>) -> Paint<'a> {
        Paint {
            shader,
            blend_mode: self.blend,
            anti_alias: true,
            force_hq_pipeline: false,
        }
    }

    pub fn fill(&mut self, path: &Path, color: Color) {
        self.fill_with(path, Shader::SolidColor(color));
    }

    pub fn fill_with(&mut self, path: &Path, shader: Shader<'_>) {
        let brush = self.brush(shader);
        self.pixmap
            .fill_path(path, &brush, FillRule::Winding, self.camera, None);
    }

    pub fn stroke(&mut self, path: &Path, width: f32, color: Color) {
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        let brush = self.brush(Shader::SolidColor(color));
        self.pixmap
            .stroke_path(path, &brush, &stroke, self.camera, None);
    }

    /// The whole picture from top to bottom, whatever the camera.
    pub fn backdrop(&mut self, stops: &[(f32, Color)]) {
        let camera = std::mem::replace(&mut self.camera, Transform::identity());
        self.box_gradient(0.0, 0.0, WIDTH, HEIGHT, stops);
        self.camera = camera;
    }

    pub fn box_gradient(
        &mut self,
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        stops: &[(f32, Color)],
    ) {
        if let (Some(path), Some(shader)) = (
            box_path(x, y, width, height),
            vertical(y, y + height, stops),
        ) {
            self.fill_with(&path, shader);
        }
    }

    pub fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, color: Color) {
        if let Some(path) = box_path(x, y, width, height) {
            self.fill(&path, color);
        }
    }

    pub fn round_rect(
        &mut self,
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        radius: f32,
        color: Color,
    ) {
        let r = radius.min(width / 2.0).min(height / 2.0);
        let (right, bottom) = (x + width, y + height);
        let path = shape(|p| {
            p.move_to(x + r, y);
            p.line_to(right - r, y);
            p.quad_to(right, y, right, y + r);
            p.line_to(right, bottom - r);
            p.quad_to(right, bottom, right - r, bottom);
            p.line_to(x + r, bottom);
            p.quad_to(x, bottom, x, bottom - r);
            p.line_to(x, y + r);
            p.quad_to(x, y, x + r, y);
            p.close();
        });
        self.fill_maybe(path, color);
    }

    pub fn circle(&mut self, x: f32, y: f32, radius: f32, color: Color) {
        self.oval(x, y, radius, radius, color);
    }

    pub fn oval(&mut self, x: f32, y: f32, rx: f32, ry: f32, color: Color) {
        self.fill_maybe(oval_path(x, y, rx, ry), color);
    }

    /// A ball: `light` at the upper left, `dark` at the rim.
    pub fn ball(&mut self, x: f32, y: f32, radius: f32, light: Color, dark: Color) {
        let stops = vec![
            GradientStop::new(0.0, light),
            GradientStop::new(0.55, mix(light, dark, 0.35)),
            GradientStop::new(1.0, dark),
        ];
        let focus = Point::from_xy(x - radius * 0.35, y - radius * 0.4);
        let shader = RadialGradient::new(
            focus,
            focus,
            radius * 1.45,
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        if let (Some(path), Some(shader)) = (oval_path(x, y, radius, radius), shader) {
            self.fill_with(&path, shader);
        }
    }

    /// Soft light that fades to nothing at `radius`.
    pub fn glow(&mut self, x: f32, y: f32, radius: f32, color: Color) {
        let mut half = color;
        half.set_alpha(color.alpha() * 0.32);
        let mut none = color;
        none.set_alpha(0.0);
        let stops = vec![
            GradientStop::new(0.0, color),
            GradientStop::new(0.35, half),
            GradientStop::new(1.0, none),
        ];
        let centre = Point::from_xy(x, y);
        let shader = RadialGradient::new(
            centre,
            centre,
            radius,
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        if let (Some(path), Some(shader)) = (oval_path(x, y, radius, radius), shader) {
            self.light(|canvas| canvas.fill_with(&path, shader));
        }
    }

    pub fn polygon(&mut self, points: &[(f32, f32)], color: Color) {
        self.fill_maybe(polygon_path(points), color);
    }

    pub fn line(&mut self, points: &[(f32, f32)], width: f32, color: Color) {
        let path = shape(|p| {
            for (index, (x, y)) in points.iter().enumerate() {
                if index == 0 {
                    p.move_to(*x, *y)
                } else {
                    p.line_to(*x, *y)
                }
            }
        });
        if let Some(path) = path {
            self.stroke(&path, width, color);
        }
    }

    /// Land (or a wave) whose upper edge is `edge(x)`, filled from `top` at its highest to `bottom`
    /// at `floor`.
    pub fn land(&mut self, floor: f32, top: Color, bottom: Color, edge: impl Fn(f32) -> f32) {
        let mut highest = floor;
        let path = shape(|p| {
            p.move_to(-200.0, floor);
            let mut x = -200.0;
            while x <= WIDTH + 200.0 {
                let y = edge(x);
                highest = highest.min(y);
                p.line_to(x, y);
                x += 5.0;
            }
            p.line_to(WIDTH + 200.0, floor);
            p.close();
        });
        if let (Some(path), Some(shader)) =
            (path, vertical(highest, floor, &[(0.0, top), (1.0, bottom)]))
        {
            self.fill_with(&path, shader);
        }
    }

    pub fn fill_maybe(&mut self, path: Option<Path>, color: Color) {
        if let Some(path) = path {
            self.fill(&path, color);
        }
    }

    /// Text around `x`, with its baseline at `y`; `spacing` is added between letters.
    pub fn text(&mut self, words: &str, x: f32, y: f32, size: f32, spacing: f32, color: Color) {
        if let Some((path, width)) = text_path(words, size, spacing) {
            self.placed(x - width / 2.0, y, (1.0, 1.0), 0.0, |canvas| {
                canvas.fill(&path, color)
            });
        }
    }

    /// Turns everything below `horizon` into water that mirrors what is above it.
    ///
    /// `near` and `far` tint the water at the lower edge and at the horizon, `mirror` is the share
    /// of the reflection (0..1), `swell` the height of the ripples.
    pub fn water(
        &mut self,
        horizon: f32,
        far: Color,
        near: Color,
        mirror: f32,
        swell: f32,
        time: f32,
    ) {
        let (width, height) = (WIDTH as usize, HEIGHT as usize);
        let first = horizon.max(1.0) as usize;
        let above: Vec<u8> = self.pixmap.data()[..first * width * 4].to_vec();
        let data = self.pixmap.data_mut();
        for y in first..height {
            let depth = (y - first) as f32 + 0.5;
            // Rows crowd together towards the horizon, as they do in perspective.
            let row = 46.0 * (depth + 9.0).ln();
            let span = 0.4 + depth * 0.035;
            let tint = mix(far, near, (depth / (HEIGHT - horizon)).sqrt());
            let kept = mirror * (1.0 - 0.45 * depth / (HEIGHT - horizon));
            let length = 26.0 + depth * 0.55;
            for x in 0..width {
                let across = x as f32 / length;
                let wave = (row + across + time * 1.9).sin() * 0.6
                    + (row * 1.7 - across * 1.9 + time * 2.6).sin() * 0.4
                    + (row * 0.45 + across * 0.6 - time * 1.1).sin() * 0.5;
                let from_y = (first as f32 - 1.0 - depth * (0.94 + 0.0034 * depth)
                    + wave * swell * span * 2.2)
                    .clamp(0.0, first as f32 - 1.0) as usize;
                let from_x =
                    (x as f32 + wave * swell * span * 0.9).clamp(0.0, WIDTH - 1.0) as usize;
                let source = (from_y * width + from_x) * 4;
                let target = (y * width + x) * 4;
                let gloss = 1.0 + wave * 0.07 * swell.min(1.6);
                for (channel, base) in [tint.red(), tint.green(), tint.blue()]
                    .into_iter()
                    .enumerate()
                {
                    let mirrored = f32::from(above[source + channel]);
                    data[target + channel] = ((mirrored * kept + base * 255.0 * (1.0 - kept))
                        * gloss)
                        .clamp(0.0, 255.0) as u8;
                }
                data[target + 3] = 255;
            }
        }
    }

    /// Darkens towards the corners, adds fine grain against banding, and fades everything to black
    /// by `fade` (1 = nothing left).
    pub fn finish(&mut self, frame: u32, fade: f32) {
        let width = WIDTH as usize;
        for (index, pixel) in self.pixmap.data_mut().chunks_exact_mut(4).enumerate() {
            let (x, y) = (
                (index % width) as f32 / WIDTH - 0.5,
                (index / width) as f32 / HEIGHT - 0.5,
            );
            let shade = (1.0 - 0.42 * (x * x + y * y)) * (1.0 - fade);
            let grain =
                (hash((index as u32) ^ (frame / 2).wrapping_mul(2_654_435_761)) - 0.5) * 1.5;
            for channel in &mut pixel[..3] {
                *channel =
                    (f32::from(*channel) * shade + grain * (1.0 - fade)).clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// A path drawn by `draw`; `None` when it is empty.
pub fn shape(draw: impl FnOnce(&mut PathBuilder)) -> Option<Path> {
    let mut builder = PathBuilder::new();
    draw(&mut builder);
    builder.finish()
}

pub fn polygon_path(points: &[(f32, f32)]) -> Option<Path> {
    shape(|p| {
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 {
                p.move_to(*x, *y)
            } else {
                p.line_to(*x, *y)
            }
        }
        p.close();
    })
}

fn box_path(x: f32, y: f32, width: f32, height: f32) -> Option<Path> {
    Rect::from_xywh(x, y, width, height).map(PathBuilder::from_rect)
}

fn oval_path(x: f32, y: f32, rx: f32, ry: f32) -> Option<Path> {
    Rect::from_ltrb(x - rx, y - ry, x + rx, y + ry).and_then(PathBuilder::from_oval)
}

fn vertical(top: f32, bottom: f32, stops: &[(f32, Color)]) -> Option<Shader<'static>> {
    let stops = stops
        .iter()
        .map(|(at, color)| GradientStop::new(*at, *color))
        .collect();
    LinearGradient::new(
        Point::from_xy(0.0, top),
        Point::from_xy(0.0, bottom),
        stops,
        SpreadMode::Pad,
        Transform::identity(),
    )
}

struct Pen {
    builder: PathBuilder,
    x: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.builder.move_to(self.x + x, -y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.builder.line_to(self.x + x, -y);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.builder.quad_to(self.x + cx, -cy, self.x + x, -y);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.builder
            .cubic_to(self.x + ax, -ay, self.x + bx, -by, self.x + x, -y);
    }
    fn close(&mut self) {
        self.builder.close();
    }
}

/// The outline of a line of text from x = 0 on the baseline y = 0, and its width.
fn text_path(words: &str, size: f32, spacing: f32) -> Option<(Path, f32)> {
    let font = FontRef::new(FONT).ok()?;
    let charmap = font.charmap();
    let outlines = font.outline_glyphs();
    let advances = font.glyph_metrics(Size::new(size), LocationRef::default());
    let mut pen = Pen {
        builder: PathBuilder::new(),
        x: 0.0,
    };
    for letter in words.chars() {
        let glyph: GlyphId = charmap.map(letter)?;
        if let Some(outline) = outlines.get(glyph) {
            outline
                .draw(
                    DrawSettings::unhinted(Size::new(size), LocationRef::default()),
                    &mut pen,
                )
                .ok()?;
        }
        pen.x += advances.advance_width(glyph)? + spacing;
    }
    let width = pen.x - spacing;
    pen.builder.finish().map(|path| (path, width))
}
