//! The heat colours: dark, blue, teal, green, yellow, monotone in lightness.

use egui::Color32;

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

/// The colour of a value in [0, 1]; values outside are clamped, NaN counts as 0.
pub fn heat(value: f32) -> Color32 {
    let value = if value.is_nan() {
        0.0
    } else {
        value.clamp(0.0, 1.0)
    };
    let scaled = value * (DARK_ANCHORS.len() - 1) as f32;
    let left = (scaled as usize).min(DARK_ANCHORS.len() - 2);
    let t = scaled - left as f32;
    let channel = |index: usize| {
        let (a, b) = (DARK_ANCHORS[left][index], DARK_ANCHORS[left + 1][index]);
        (a + (b - a) * t).round() as u8
    };
    Color32::from_rgb(channel(0), channel(1), channel(2))
}

/// The colour of a share in a grid or strip: nothing is the colour of an empty well, so that what is there stands out in
/// both themes.
pub fn heat_cell(palette: &Palette, share: f32) -> Color32 {
    if share > 0.004 {
        heat(0.1 + share * 0.9)
    } else {
        palette.well
    }
}

/// Text colour that can be read on [`heat`] of a value.
pub fn text_on_heat(value: f32) -> Color32 {
    if value > 0.55 {
        Color32::from_rgb(0x14, 0x18, 0x1d)
    } else {
        Color32::from_rgb(0xf2, 0xf4, 0xf7)
    }
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
    fn values_out_of_range_are_clamped() {
        assert_eq!(heat(-1.0), heat(0.0));
        assert_eq!(heat(7.0), heat(1.0));
        assert_eq!(heat(f32::NAN), heat(0.0));
    }
}
