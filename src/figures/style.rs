//! Size and colours of a figure, and lengths that grow with its size.

use egui::Color32;

use crate::ui::theme::Palette;

/// Size that lengths and text are given for, points.
const DESIGN_SIZE: [f64; 2] = [900.0, 520.0];

/// How a figure looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Width and height in pixels (PNG) or user units (SVG).
    pub size: [u32; 2],
    pub dark: bool,
}

impl Style {
    pub fn palette(&self) -> &'static Palette {
        Palette::for_dark_mode(self.dark)
    }

    /// White paper, or the dark theme's panel.
    pub fn ground(&self) -> Color32 {
        if self.dark {
            self.palette().panel
        } else {
            Color32::WHITE
        }
    }

    /// How much larger everything is than at 900×520: text stays readable when a figure is shrunk
    /// to a column.
    pub fn unit(&self) -> f64 {
        let ratio = (f64::from(self.size[0]) / DESIGN_SIZE[0])
            .min(f64::from(self.size[1]) / DESIGN_SIZE[1]);
        ratio.clamp(0.4, 8.0)
    }

    pub fn width(&self) -> f64 {
        f64::from(self.size[0])
    }

    pub fn height(&self) -> f64 {
        f64::from(self.size[1])
    }
}
