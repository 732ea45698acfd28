//! Small painted icons. Each paints into a square rectangle with one colour.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

/// What to paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Play,
    Pause,
    Commands,
    Pin,
    Volume(u8),
    Expand(bool),
    Close,
    Loop,
    /// A picture that fills its frame.
    Large,
    Undo,
    Redo,
    Save,
    Gear,
}

impl Icon {
    /// Paints the icon centred in `rect`.
    pub fn paint(self, painter: &Painter, rect: Rect, color: Color32) {
        let size = rect.width().min(rect.height());
        let square = Rect::from_center_size(rect.center(), vec2(size, size));
        let at = |x: f32, y: f32| pos2(square.left() + x * size, square.top() + y * size);
        let stroke = Stroke::new((size / 10.0).max(1.0), color);
        match self {
            Self::Play => {
                painter.add(Shape::convex_polygon(
                    vec![at(0.12, 0.05), at(0.95, 0.5), at(0.12, 0.95)],
                    color,
                    Stroke::NONE,
                ));
            }
            Self::Pause => {
                for x in [0.14, 0.58] {
                    painter.rect_filled(
                        Rect::from_min_max(at(x, 0.08), at(x + 0.28, 0.92)),
                        1,
                        color,
                    );
                }
            }
            Self::Commands => {
                // A prompt sign and a line to write on.
                painter.line(vec![at(0.1, 0.2), at(0.42, 0.5), at(0.1, 0.8)], stroke);
                painter.line_segment([at(0.52, 0.82), at(0.92, 0.82)], stroke);
            }
            Self::Pin => {
                painter.circle_filled(at(0.5, 0.34), size * 0.26, color);
                painter.line_segment([at(0.5, 0.5), at(0.5, 0.98)], stroke);
            }
            Self::Volume(level) => paint_volume(painter, square, color, level),
            Self::Expand(open) => {
                let points: [Pos2; 3] = if open {
                    [at(0.15, 0.3), at(0.85, 0.3), at(0.5, 0.75)]
                } else {
                    [at(0.3, 0.15), at(0.75, 0.5), at(0.3, 0.85)]
                };
                painter.add(Shape::convex_polygon(points.to_vec(), color, Stroke::NONE));
            }
            Self::Close => {
                painter.line_segment([at(0.2, 0.2), at(0.8, 0.8)], stroke);
                painter.line_segment([at(0.8, 0.2), at(0.2, 0.8)], stroke);
            }
            Self::Loop => {
                let ring = Rect::from_min_max(at(0.06, 0.24), at(0.94, 0.82));
                painter.rect_stroke(ring, size * 0.24, stroke, StrokeKind::Middle);
                let head = [at(0.42, 0.04), at(0.7, 0.24), at(0.42, 0.44)];
                painter.add(Shape::convex_polygon(head.to_vec(), color, Stroke::NONE));
            }
            Self::Large => {
                for (x, y) in [(0.08, 0.08), (0.92, 0.08), (0.92, 0.92), (0.08, 0.92)] {
                    let (dx, dy) = (0.28 * (0.5f32 - x).signum(), 0.28 * (0.5f32 - y).signum());
                    painter.line(vec![at(x + dx, y), at(x, y), at(x, y + dy)], stroke);
                }
            }
            Self::Undo => paint_turn(painter, square, stroke, false),
            Self::Redo => paint_turn(painter, square, stroke, true),
            Self::Save => {
                // An arrow into a tray.
                painter.line_segment([at(0.5, 0.04), at(0.5, 0.62)], stroke);
                painter.line(vec![at(0.26, 0.4), at(0.5, 0.64), at(0.74, 0.4)], stroke);
                let tray = [(0.08, 0.62), (0.08, 0.94), (0.92, 0.94), (0.92, 0.62)];
                painter.line(tray.map(|(x, y)| at(x, y)).to_vec(), stroke);
            }
            Self::Gear => {
                let middle = at(0.5, 0.5);
                painter.circle_stroke(middle, size * 0.28, stroke);
                painter.circle_filled(middle, size * 0.09, color);
                for tooth in 0..8u8 {
                    let (sin, cos) = (f32::from(tooth) * std::f32::consts::FRAC_PI_4).sin_cos();
                    let turn = |radius: f32| middle + vec2(cos, sin) * size * radius;
                    painter.line_segment(
                        [turn(0.3), turn(0.48)],
                        Stroke::new(stroke.width * 1.5, color),
                    );
                }
            }
        }
    }
}

/// An arrow that turns back, or on.
fn paint_turn(painter: &Painter, square: Rect, stroke: Stroke, on: bool) {
    let size = square.width();
    let at = |x: f32, y: f32| {
        let x = if on { 1.0 - x } else { x };
        pos2(square.left() + x * size, square.top() + y * size)
    };
    let arc = (0..=12u8).map(|step| {
        let angle = std::f32::consts::PI * (f32::from(step) / 12.0 - 0.5);
        at(0.56 + 0.34 * angle.cos(), 0.58 + 0.3 * angle.sin())
    });
    let path: Vec<Pos2> = std::iter::once(at(0.1, 0.28)).chain(arc).collect();
    painter.line(path, stroke);
    painter.line(vec![at(0.34, 0.06), at(0.1, 0.28), at(0.34, 0.5)], stroke);
    painter.line_segment([at(0.56, 0.88), at(0.3, 0.88)], stroke);
}

fn paint_volume(painter: &Painter, square: Rect, color: Color32, level: u8) {
    let size = square.width();
    let at = |x: f32, y: f32| pos2(square.left() + x * size, square.top() + y * size);
    painter.add(Shape::convex_polygon(
        vec![at(0.0, 0.36), at(0.18, 0.36), at(0.18, 0.64), at(0.0, 0.64)],
        color,
        Stroke::NONE,
    ));
    painter.add(Shape::convex_polygon(
        vec![
            at(0.18, 0.36),
            at(0.42, 0.12),
            at(0.42, 0.88),
            at(0.18, 0.64),
        ],
        color,
        Stroke::NONE,
    ));
    for bar in 0..3u8 {
        let x = 0.54 + f32::from(bar) * 0.17;
        let half = 0.12 + f32::from(bar) * 0.1;
        let rect = Rect::from_min_max(at(x, 0.5 - half), at(x + 0.09, 0.5 + half));
        if bar < level {
            painter.rect_filled(rect, 1, color);
        } else {
            painter.rect_stroke(
                rect,
                1,
                Stroke::new(0.5, color.gamma_multiply(0.5)),
                StrokeKind::Inside,
            );
        }
    }
}
