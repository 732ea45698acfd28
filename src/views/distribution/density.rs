//! The density under the points, as filled contours.

use std::sync::Arc;

use egui::{Id, Pos2, Shape, Stroke};

use crate::session::DistributionView;
use crate::ui::shapes::add_mesh;
use crate::ui::theme::{Palette, mix};
use crate::ui::triangulate::triangulate;

/// Triangles of each contour, in the order of the contours.
type Triangles = Arc<Vec<Vec<[u32; 3]>>>;

/// The triangles of a view's contours, worked out once for each view.
fn triangles_of(ctx: &egui::Context, view: &DistributionView) -> Triangles {
    let id = Id::unique("density triangles");
    // The address tells views apart; the number of contours guards against a new view at an old address.
    let key = (std::ptr::from_ref(view) as usize, view.contours.len());
    let known: Option<((usize, usize), Triangles)> = ctx.data(|data| data.get_temp(id));
    if let Some((known_key, triangles)) = known
        && known_key == key
        && triangles
            .iter()
            .zip(&view.contours)
            .all(|(t, c)| t.len() + 2 == c.ring.len().max(2))
    {
        return triangles;
    }
    let triangles: Triangles = Arc::new(
        view.contours
            .iter()
            .map(|contour| triangulate(&contour.ring))
            .collect(),
    );
    ctx.data_mut(|data| data.insert_temp(id, (key, triangles.clone())));
    triangles
}

/// Paints the contours, filled and outlined, lowest level first.
pub(super) fn paint_density(
    painter: &egui::Painter,
    view: &DistributionView,
    palette: &Palette,
    at: &dyn Fn(&[f64; 2]) -> Pos2,
) {
    let triangles = triangles_of(painter.ctx(), view);
    let mut below = palette.panel;
    let mut level = f64::NEG_INFINITY;
    let mut here = palette.panel;
    for (contour, triangles) in view.contours.iter().zip(triangles.iter()) {
        let strength = contour.level as f32;
        let fill = mix(palette.panel, palette.accent, 0.04 + strength * 0.32);
        if contour.level > level {
            below = here;
            here = fill;
            level = contour.level;
        }
        let mut mesh = egui::Mesh::default();
        for point in &contour.ring {
            mesh.colored_vertex(at(point), if contour.hole { below } else { fill });
        }
        for &[a, b, c] in triangles {
            mesh.add_triangle(a, b, c);
        }
        add_mesh(painter, mesh);
        let line = mix(palette.panel, palette.accent, 0.16 + strength * 0.36);
        painter.add(Shape::closed_line(
            contour.ring.iter().map(at).collect(),
            Stroke::new(1.0, line),
        ));
    }
}
