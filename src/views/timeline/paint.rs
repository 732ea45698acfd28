//! Paints the rows of the timeline. What is painted where is decided in [`super::model`].

use egui::epaint::Vertex;
use egui::{Align2, Color32, Mesh, Painter, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::map::{TimeMap, tick_steps};
use super::model::{HeatBox, Reduce, curve};
use crate::domain::SummaryRef;
use crate::domain::draw::value_range;
use crate::session::Session;
use crate::session::Summarised;
use crate::ui::colormap::heat_cell;
use crate::ui::shapes::add_mesh;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

/// Above this many boxes a row is one plain mesh; below it the corners are rounded.
const ROUNDED_LIMIT: usize = 200;

/// The ruler: labelled ticks and small ones between.
pub fn paint_ruler(painter: &Painter, rect: Rect, map: &TimeMap, palette: &Palette) {
    let (major, minor) = tick_steps(map, 84.0);
    let first = (map.start_secs / minor).floor() as i64;
    let last = (map.end_secs() / minor).ceil() as i64;
    let per_major = (major / minor).round() as i64;
    for tick in first..=last {
        let secs = tick as f64 * minor;
        let x = map.x_from_secs(secs);
        if x < rect.left() - 0.5 || x > rect.right() + 0.5 {
            continue;
        }
        let labelled = tick.rem_euclid(per_major.max(1)) == 0;
        let length = if labelled { 10.0 } else { 5.0 };
        painter.vline(
            x,
            rect.top()..=rect.top() + length,
            Stroke::new(
                1.0,
                if labelled {
                    palette.faint
                } else {
                    palette.line
                },
            ),
        );
        if labelled && x + 44.0 < rect.right() {
            let label = if major < 1.0 {
                text::timecode(secs)
            } else {
                text::clock(secs)
            };
            painter.text(
                pos2(x + 5.0, rect.top() + 1.0),
                Align2::LEFT_TOP,
                label,
                theme::mono(theme::SIZE_SMALL),
                palette.secondary,
            );
        }
    }
}

/// Thumbnails side by side, each the nearest to the middle of its place; empty where none has
/// arrived yet.
pub fn paint_filmstrip(
    painter: &Painter,
    rect: Rect,
    map: &TimeMap,
    session: &Session,
    palette: &Palette,
    complete: bool,
) {
    painter.rect_filled(rect, 3, palette.well);
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let tile = rect.height() * session.thumbs.aspect().clamp(0.4, 3.0);
    let origin = map.x_from_secs(0.0);
    let end = map.x_from_secs(session.duration_secs()).min(rect.right());
    let first = ((rect.left() - origin) / tile).floor() as i64;
    let last = ((rect.right() - origin) / tile).ceil() as i64;
    let known_until = session.thumbs.last_secs().unwrap_or(-1.0);
    for index in first.max(0)..last {
        let left = origin + index as f32 * tile;
        if left >= end {
            break;
        }
        let middle = map.secs_from_x((left + tile / 2.0).min(end));
        if !complete && map.secs_from_x(left) > known_until {
            break;
        }
        let Some(thumb) = session.thumbs.nearest(middle) else {
            continue;
        };
        let mut place = Rect::from_min_size(pos2(left, rect.top()), vec2(tile, rect.height()));
        let mut uv = thumb.uv;
        if place.right() > end {
            let kept = ((end - left) / tile).clamp(0.0, 1.0);
            uv.max.x = uv.min.x + uv.width() * kept;
            place.max.x = end;
        }
        painter.image(thumb.texture, place, uv, Color32::WHITE);
        painter.vline(
            left,
            rect.y_range(),
            Stroke::new(1.0, palette.panel.gamma_multiply(0.7)),
        );
    }
}

/// Dotted lines at segment edges; left out where they would be closer than four points.
pub fn paint_segment_edges(
    painter: &Painter,
    rect: Rect,
    map: &TimeMap,
    session: &Session,
    palette: &Palette,
) {
    let mut last_x = f32::NEG_INFINITY;
    for segment in session.segments.iter().skip(1) {
        let x = map.x_from_secs(segment.start_secs);
        if x < rect.left() || x - last_x < 4.0 {
            continue;
        }
        if x > rect.right() {
            break;
        }
        last_x = x;
        painter.extend(Shape::dashed_line(
            &[pos2(x, rect.top()), pos2(x, rect.bottom())],
            Stroke::new(1.0, palette.faint.gamma_multiply(0.6)),
            1.5,
            4.0,
        ));
    }
}

/// The band from the 10 % to the 90 % quantile, the mean, and the summary in hand on top.
pub fn paint_scores(
    painter: &Painter,
    rect: Rect,
    map: &TimeMap,
    session: &Session,
    chosen: Option<(&[f32], Color32)>,
    palette: &Palette,
) {
    let Some(draw) = &session.draw else { return };
    let times = &session.pick_times_secs;
    let (least, greatest) = value_range(&draw.low_scores, &draw.high_scores);
    // The band sets the scale, so that it stays while samples are flipped through; a sample beyond
    // it runs along the edge.
    let y = |value: f32| {
        let share = ((value - least) / (greatest - least)).clamp(0.0, 1.0);
        rect.bottom() - share * rect.height()
    };
    let painter = painter.with_clip_rect(rect.expand(1.0).intersect(painter.clip_rect()));
    let low = curve(times, &draw.low_scores, map, Reduce::Least);
    let high = curve(times, &draw.high_scores, map, Reduce::Greatest);
    add_mesh(&painter, band_mesh(&low, &high, y, palette.band));
    let line = |values: &[f32], color: Color32, width: f32| {
        let points: Vec<_> = curve(times, values, map, Reduce::Mean)
            .into_iter()
            .map(|(x, value)| pos2(x, y(value)))
            .collect();
        painter.line(points, Stroke::new(width, color));
    };
    line(&draw.mean_scores, palette.curve, 1.25);
    if let Some((values, color)) = chosen {
        line(values, color, 1.5);
    }
}

fn band_mesh(
    low: &[(f32, f32)],
    high: &[(f32, f32)],
    y: impl Fn(f32) -> f32,
    color: Color32,
) -> Mesh {
    let mut mesh = Mesh::default();
    let vertex = |x: f32, value: f32| Vertex {
        pos: pos2(x, y(value)),
        uv: egui::epaint::WHITE_UV,
        color,
    };
    for (i, (&(x, low), &(_, high))) in low.iter().zip(high).enumerate() {
        mesh.vertices.push(vertex(x, low));
        mesh.vertices.push(vertex(x, high));
        if i > 0 {
            let base = (i * 2) as u32;
            mesh.add_triangle(base - 2, base - 1, base);
            mesh.add_triangle(base - 1, base, base + 1);
        }
    }
    mesh
}

/// The selection-frequency strip.
pub fn paint_heat(painter: &Painter, rect: Rect, strip: &[HeatBox], palette: &Palette) {
    let mut mesh = Mesh::default();
    for piece in strip {
        let gap = if piece.right - piece.left > 3.0 {
            1.0
        } else {
            0.0
        };
        let place = Rect::from_min_max(
            pos2(piece.left.max(rect.left()), rect.top()),
            pos2((piece.right - gap).min(rect.right()), rect.bottom()),
        );
        if place.width() > 0.0 {
            mesh.add_colored_rect(place, heat_cell(palette, piece.value));
        }
    }
    add_mesh(painter, mesh);
}

/// Filled boxes on a lane.
pub fn paint_filled(painter: &Painter, rect: Rect, boxes: &[(f32, f32)], color: Color32) {
    if boxes.len() > ROUNDED_LIMIT {
        let mut mesh = Mesh::default();
        for &(left, right) in boxes {
            mesh.add_colored_rect(clip_box(rect, left, right), color);
        }
        add_mesh(painter, mesh);
    } else {
        painter.extend(
            boxes
                .iter()
                .map(|&(left, right)| Shape::rect_filled(clip_box(rect, left, right), 2, color)),
        );
    }
}

/// Edged boxes, as annotators have them.
pub fn paint_edged(painter: &Painter, rect: Rect, boxes: &[(f32, f32)], color: Color32) {
    painter.extend(boxes.iter().map(|&(left, right)| {
        Shape::rect_stroke(
            clip_box(rect, left, right),
            2,
            Stroke::new(1.0, color),
            StrokeKind::Inside,
        )
    }));
}

fn clip_box(rect: Rect, left: f32, right: f32) -> Rect {
    Rect::from_min_max(
        pos2(left.max(rect.left()), rect.top()),
        pos2(right.min(rect.right()), rect.bottom()),
    )
}

/// The playhead with its grip on the ruler; painted last.
pub fn paint_playhead(painter: &Painter, rect: Rect, x: f32, palette: &Palette) {
    if x < rect.left() - 1.0 || x > rect.right() + 1.0 {
        return;
    }
    painter.vline(x, rect.y_range(), Stroke::new(2.0, palette.playhead));
    let top = rect.top();
    painter.add(Shape::convex_polygon(
        vec![
            pos2(x - 6.0, top),
            pos2(x + 6.0, top),
            pos2(x + 6.0, top + 7.0),
            pos2(x, top + 13.0),
            pos2(x - 6.0, top + 7.0),
        ],
        palette.playhead,
        Stroke::NONE,
    ));
}

/// Width of the picture at the pointer; the words under it fit, points.
const HOVER_WIDTH: f32 = 212.0;

/// The card at the pointer: thumbnail, time, and lines about the segment.
pub fn paint_hover_card(
    ui: &Ui,
    bounds: Rect,
    x: f32,
    secs: f64,
    (when, lines): (String, Vec<String>),
    session: &Session,
) {
    let palette = Palette::of(ui);
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Tooltip,
        ui.scope_id().with("hover card"),
    ));
    let aspect = session.thumbs.aspect();
    let picture = vec2(HOVER_WIDTH, (HOVER_WIDTH / aspect).clamp(60.0, 240.0));
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| {
            painter.layout_no_wrap(line, theme::regular(theme::SIZE_SMALL), palette.secondary)
        })
        .collect();
    let widest = lines.iter().map(|line| line.size().x).fold(0.0, f32::max);
    let size = vec2(
        picture.x.max(widest) + 12.0,
        picture.y + 28.0 + LINE * lines.len() as f32,
    );
    let left =
        (x - size.x / 2.0).clamp(bounds.left(), (bounds.right() - size.x).max(bounds.left()));
    let screen = ui.ctx().content_rect();
    let mut top = bounds.top() - size.y - 6.0;
    if top < screen.top() {
        top = bounds.top() + 20.0;
    }
    let card = Rect::from_min_size(pos2(left, top), size);
    painter.rect(
        card,
        theme::RADIUS_CONTROL,
        palette.panel,
        Stroke::new(1.0, palette.line),
        StrokeKind::Outside,
    );
    let place = Rect::from_min_size(card.min + vec2(6.0, 6.0), picture);
    match session.thumbs.nearest(secs) {
        Some(thumb) => {
            painter.image(thumb.texture, place, thumb.uv, Color32::WHITE);
        }
        None => {
            painter.rect_filled(place, 3, palette.well);
        }
    }
    painter.text(
        pos2(card.left() + 8.0, place.bottom() + 4.0),
        Align2::LEFT_TOP,
        when,
        theme::mono(theme::SIZE_BODY),
        palette.text,
    );
    for (at, line) in lines.into_iter().enumerate() {
        let y = place.bottom() + 21.0 + LINE * at as f32;
        painter.galley(pos2(card.left() + 8.0, y), line, palette.secondary);
    }
}

/// Height of a line about the segment.
const LINE: f32 = 15.0;

/// What is known of the segment at a time, and why the summary in hand keeps it or does not.
pub(super) fn lines_about(secs: f64, session: &Session, chosen: Option<SummaryRef>) -> Vec<String> {
    let Some(index) = session.segment_at(secs) else {
        return Vec::new();
    };
    let length = session.segments[index].duration_secs();
    let mut lines = vec![format!("segment {} · {length:.1} s", index + 1)];
    let all = chosen.and_then(|of| session.why(of));
    if let Some(why) = all.as_ref().and_then(|all| all.get(index)) {
        lines[0].push_str(&format!(" · {}", why.verdict()));
        lines.push(why.scores());
        lines.push(why.keepers());
    }
    lines
}

/// Label of a row in the gutter.
pub fn paint_gutter_text(ui: &Ui, rect: Rect, label: &str, font: egui::FontId, color: Color32) {
    widgets::paint_text_clipped(
        ui,
        rect.left_center(),
        Align2::LEFT_CENTER,
        label,
        font,
        color,
        rect.width(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_needs_two_points() {
        let band = |points: &[(f32, f32)]| band_mesh(points, points, |y| y, Color32::WHITE);
        assert!(band(&[(0.0, 0.5)]).indices.is_empty());
        let two = band(&[(0.0, 0.5), (9.0, 0.5)]);
        assert_eq!((two.vertices.len(), two.indices.len()), (4, 6));
    }

    #[test]
    fn hovering_says_why_a_segment_is_in_or_out() {
        let state = crate::testing::fixture::state();
        let session = state.session.as_ref().unwrap();
        let kept = state.chosen_summary().unwrap().segments[0];
        let inside = session.segments[kept].start_secs + 0.1;
        let lines = lines_about(inside, session, state.chosen());
        assert_eq!(lines.len(), 3);
        assert!(lines[0].ends_with("in this summary"), "{}", lines[0]);
        assert!(lines[1].contains("rank") && lines[2].contains("annotators"));
        assert_eq!(lines_about(inside, session, None).len(), 1);
    }
}
