//! Shapes that more than one view paints.

use egui::{Color32, Mesh, Painter, Rect, Shape, Stroke, vec2};

use super::theme::Palette;

/// Adds a mesh to what is painted, unless it has no triangle.
///
/// Vertices alone are not harmless: with nothing else in the same batch the graphics library is
/// handed an empty list of indices, and ends the program.
pub fn add_mesh(painter: &Painter, mesh: Mesh) {
    if !mesh.indices.is_empty() {
        painter.add(mesh);
    }
}

/// A rectangle that goes from one colour at its left edge to another at its right.
pub fn paint_fade(painter: &Painter, rect: Rect, left: Color32, right: Color32) {
    let mut mesh = Mesh::default();
    for (corner, color) in [
        (rect.left_top(), left),
        (rect.right_top(), right),
        (rect.left_bottom(), left),
        (rect.right_bottom(), right),
    ] {
        mesh.colored_vertex(corner, color);
    }
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(1, 2, 3);
    add_mesh(painter, mesh);
}

/// The stroke across a cell whose value is undefined, unlike that of none; nothing where it is too
/// small.
pub fn undefined_stroke(cell: Rect, palette: &Palette) -> Shape {
    let inset = 1.5;
    if cell.width() < 5.0 || cell.height() < 5.0 {
        return Shape::Noop;
    }
    Shape::line_segment(
        [
            cell.left_bottom() + vec2(inset, -inset),
            cell.right_top() + vec2(-inset, inset),
        ],
        Stroke::new(1.0, palette.faint),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Context, LayerId, pos2};

    #[test]
    fn a_mesh_without_triangles_is_not_painted() {
        let ctx = Context::default();
        let painter = Painter::new(ctx, LayerId::background(), Rect::EVERYTHING);
        let count = || {
            let mut shapes = 0;
            painter.for_each_shape(|_| shapes += 1);
            shapes
        };
        let mut mesh = Mesh::default();
        add_mesh(&painter, mesh.clone());
        mesh.colored_vertex(pos2(0.0, 0.0), Color32::WHITE);
        mesh.colored_vertex(pos2(0.0, 9.0), Color32::WHITE);
        add_mesh(&painter, mesh.clone());
        assert_eq!(count(), 0);
        mesh.colored_vertex(pos2(9.0, 9.0), Color32::WHITE);
        mesh.add_triangle(0, 1, 2);
        add_mesh(&painter, mesh);
        assert_eq!(count(), 1);
    }
}
