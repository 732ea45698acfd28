//! The density under the points, as filled contours.

use std::sync::Arc;

use egui::{Id, Pos2, Shape, Stroke};

use crate::session::DistributionView;
use crate::ui::shapes::add_mesh;
use crate::ui::theme::{Palette, mix};

/// Corners of the triangles of each contour, three for each, in the order of the contours.
type Triangles = Arc<Vec<Vec<u32>>>;

/// The triangles of a view's contours, worked out once for each view.
fn triangles_of(ctx: &egui::Context, view: &DistributionView) -> Triangles {
    let id = Id::unique("density triangles");
    // The address tells views apart; the points of the contours guard against a new view at an old
    // address.
    let points: Vec<usize> = view.contours.iter().map(|one| one.ring.len()).collect();
    let key = (std::ptr::from_ref(view) as usize, points);
    let known: Option<((usize, Vec<usize>), Triangles)> = ctx.data(|data| data.get_temp(id));
    if let Some((known_key, triangles)) = known
        && known_key == key
    {
        return triangles;
    }
    let mut earcut = earcut::Earcut::new();
    let mut triangulated = |ring: &[[f64; 2]]| {
        let mut triangles = Vec::new();
        earcut.earcut(ring.iter().copied(), &[], &mut triangles);
        triangles
    };
    let contours = view.contours.iter();
    let triangles: Triangles = Arc::new(
        contours
            .map(|contour| triangulated(&contour.ring))
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
        mesh.indices.clone_from(triangles);
        add_mesh(painter, mesh);
        let line = mix(palette.panel, palette.accent, 0.16 + strength * 0.36);
        painter.add(Shape::closed_line(
            contour.ring.iter().map(at).collect(),
            Stroke::new(1.0, line),
        ));
    }
}
