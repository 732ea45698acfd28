//! The heat colours, monotone in lightness: dark, blue, teal, green, yellow on dark ground; the
//! other way round, from pale to dark, on light ground, so that nothing always looks like the
//! ground and much always stands out.

use egui::{Color32, Mesh, Painter, Rect, pos2};

use super::shapes::add_mesh;
use super::theme::Palette;

/// Anchors at equal distances from 0 to 1.
const DARK_ANCHORS: [[f32; 3]; 6] = [
    [32.0, 38.0, 48.0],
    [33.0, 66.0, 108.0],
    [34.0, 107.0, 135.0],
    [46.0, 146.0, 136.0],
    [112.0, 190.0, 118.0],
    [252.0, 229.0, 115.0],
];

/// The same for light ground.
const LIGHT_ANCHORS: [[f32; 3]; 6] = [
    [238.0, 240.0, 243.0],
    [221.0, 233.0, 186.0],
    [142.0, 203.0, 150.0],
    [60.0, 158.0, 156.0],
    [36.0, 104.0, 150.0],
    [26.0, 50.0, 104.0],
];

/// The colour of a value in [0, 1] on dark ground; values outside are clamped, NaN counts as 0.
pub fn heat(value: f32) -> Color32 {
    between(&DARK_ANCHORS, value)
}

/// The colour of a value in [0, 1] on light ground.
pub fn heat_on_light(value: f32) -> Color32 {
    between(&LIGHT_ANCHORS, value)
}

fn between(anchors: &[[f32; 3]; 6], value: f32) -> Color32 {
    let value = if value.is_nan() {
        0.0
    } else {
        value.clamp(0.0, 1.0)
    };
    let scaled = value * (anchors.len() - 1) as f32;
    let left = (scaled as usize).min(anchors.len() - 2);
    let t = scaled - left as f32;
    let channel = |index: usize| {
        let (a, b) = (anchors[left][index], anchors[left + 1][index]);
        (a + (b - a) * t).round() as u8
    };
    Color32::from_rgb(channel(0), channel(1), channel(2))
}

/// The colour of a share in a grid or strip of a theme; nothing is the colour of an empty well.
pub fn heat_cell(palette: &Palette, share: f32) -> Color32 {
    match (palette.dark, share > 0.0) {
        (_, false) => palette.well,
        // A step up, so that the least share differs from none.
        (true, true) => heat(0.1 + share * 0.9),
        (false, true) => heat_on_light(0.12 + share * 0.88),
    }
}

/// The colours of all shares above none, from the least to all: the bar of a legend. None has a
/// swatch of its own beside it.
pub fn paint_heat_bar(painter: &Painter, bar: Rect, palette: &Palette) {
    const STEPS: usize = 64;
    let x = |step: usize| bar.left() + bar.width() * step as f32 / STEPS as f32;
    let mut mesh = Mesh::default();
    for step in 0..STEPS {
        mesh.add_colored_rect(
            Rect::from_min_max(pos2(x(step), bar.top()), pos2(x(step + 1), bar.bottom())),
            heat_cell(palette, bar_share(step, STEPS)),
        );
    }
    add_mesh(painter, mesh);
}

/// What share a step of the bar stands for: never none, and all at the end.
fn bar_share(step: usize, steps: usize) -> f32 {
    (step as f32 / (steps.max(2) - 1) as f32).clamp(f32::MIN_POSITIVE, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CIE lightness of an sRGB colour.
    fn lightness(color: Color32) -> f64 {
        let linear = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let y =
            0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b());
        116.0 * y.cbrt() - 16.0
    }

    #[test]
    fn lightness_grows_with_the_value() {
        let values: Vec<f64> = (0..=100)
            .map(|i| lightness(heat(i as f32 / 100.0)))
            .collect();
        assert!(values.windows(2).all(|pair| pair[1] > pair[0] - 0.4));
        assert!(values[100] - values[0] > 70.0);
        // Equal steps of value look like steps of comparable size.
        for chunk in values.windows(21).step_by(20) {
            let step = chunk[20] - chunk[0];
            assert!((8.0..30.0).contains(&step), "step of {step}");
        }
    }

    #[test]
    fn on_light_ground_lightness_falls_with_the_value() {
        let values: Vec<f64> = (0..=100)
            .map(|i| lightness(heat_on_light(i as f32 / 100.0)))
            .collect();
        assert!(values.windows(2).all(|pair| pair[1] < pair[0] + 0.01));
        assert!(values[0] - values[100] > 65.0);
        for palette in [Palette::dark(), Palette::light()] {
            assert_eq!(heat_cell(palette, 0.0), palette.well);
            // One sample of a thousand is not none.
            assert_ne!(heat_cell(palette, 0.001), palette.well);
            // The bar has only colours that cells have, and the swatch beside it has that of none.
            assert_eq!(
                heat_cell(palette, bar_share(0, 64)),
                heat_cell(palette, 1e-6)
            );
            assert_ne!(heat_cell(palette, bar_share(0, 64)), palette.well);
            assert_eq!(
                heat_cell(palette, bar_share(63, 64)),
                heat_cell(palette, 1.0)
            );
        }
    }

    #[test]
    fn values_out_of_range_are_clamped() {
        assert_eq!(heat(-1.0), heat(0.0));
        assert_eq!(heat(7.0), heat(1.0));
        assert_eq!(heat(f32::NAN), heat(0.0));
    }
}
