//! What of the plane is in sight: all of it in the shape of the panel, until a person moves or
//! zooms the plot.

use egui::{Ui, Vec2};

/// Least and greatest place along both axes.
pub(super) type Bounds = ([f64; 2], [f64; 2]);

/// What a plot is fitted to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fitted {
    /// What is laid out.
    pub(super) bounds: Bounds,
    /// Size of the plot, points.
    pub(super) size: Vec2,
}

/// What the plot was last fitted to.
#[derive(Clone, Copy, Default)]
pub(super) struct Framed {
    /// `None` asks for a fit.
    pub(super) fitted: Option<Fitted>,
    /// Whether a person moved or zoomed the plot since; a double click ends that.
    pub(super) by_hand: bool,
}

/// The least bounds of the plot's own shape that hold `bounds` in their middle. Both axes have one
/// unit, so bounds of another shape would be cut along one of them.
pub(super) fn shaped((min, max): Bounds, size: Vec2) -> Bounds {
    let points = [f64::from(size.x.max(1.0)), f64::from(size.y.max(1.0))];
    let span = |axis: usize| (max[axis] - min[axis]) / points[axis];
    let unit = span(0).max(span(1));
    let end =
        |axis: usize, side: f64| (min[axis] + max[axis]) / 2.0 + side * unit * points[axis] / 2.0;
    ([end(0, -1.0), end(1, -1.0)], [end(0, 1.0), end(1, 1.0)])
}

/// Whether the plot is being moved or zoomed.
pub(super) fn moved_by_hand(ui: &Ui, response: &egui::Response) -> bool {
    let (shift, wheel) = ui.input(|input| {
        let wheel = input.smooth_scroll_delta != egui::Vec2::ZERO || input.zoom_delta() != 1.0;
        (input.modifiers.shift, wheel)
    });
    (response.dragged() && !shift) || (response.contains_pointer() && wheel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    #[test]
    fn everything_stays_in_sight_in_a_panel_of_any_shape() {
        let bounds = ([-2.0, -1.0], [3.0, 2.0]);
        for size in [vec2(600.0, 150.0), vec2(200.0, 500.0), vec2(300.0, 180.0)] {
            let (min, max) = shaped(bounds, size);
            for axis in 0..2 {
                assert!(min[axis] <= bounds.0[axis] + 1e-9, "{size:?}");
                assert!(max[axis] >= bounds.1[axis] - 1e-9, "{size:?}");
            }
            let units = [
                (max[0] - min[0]) / f64::from(size.x),
                (max[1] - min[1]) / f64::from(size.y),
            ];
            assert!((units[0] - units[1]).abs() < 1e-9, "one unit on both axes");
        }
        // A panel that is folded away does no harm.
        let (min, max) = shaped(bounds, vec2(0.0, -4.0));
        assert!(min.iter().chain(&max).all(|value| value.is_finite()));
    }
}
