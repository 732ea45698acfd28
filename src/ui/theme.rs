//! Every colour, size and spacing of the window, dark and light. No colour is named anywhere else.

use crate::domain::Letter;
use std::sync::OnceLock;

use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, Theme, Visuals,
    vec2,
};
use serde::{Deserialize, Serialize};

/// Space comes in steps of four points.
pub const SPACE: f32 = 4.0;
/// Corner radius of controls.
pub const RADIUS_CONTROL: u8 = 6;
/// Corner radius of panels and cards.
pub const RADIUS_PANEL: u8 = 8;
/// Gap between panels and around them.
pub const PANEL_GAP: f32 = 12.0;

/// Text sizes in points.
pub const SIZE_SMALL: f32 = 11.0;
pub const SIZE_BODY: f32 = 12.0;
pub const SIZE_STRONG: f32 = 13.0;
pub const SIZE_TITLE: f32 = 15.0;

/// What a person chose for the theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    #[default]
    System,
    Dark,
    Light,
}

impl ThemeChoice {
    pub const ALL: [ThemeChoice; 3] = [Self::System, Self::Dark, Self::Light];

    pub fn label(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Dark => "Dark",
            Self::Light => "Light",
        }
    }

    pub fn preference(self) -> egui::ThemePreference {
        match self {
            Self::System => egui::ThemePreference::System,
            Self::Dark => egui::ThemePreference::Dark,
            Self::Light => egui::ThemePreference::Light,
        }
    }
}

/// The colours of one theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    pub dark: bool,
    /// Behind the panels.
    pub ground: Color32,
    /// Top bar and status line.
    pub bar: Color32,
    pub panel: Color32,
    /// Wells and empty lanes inside a panel.
    pub well: Color32,
    /// Buttons at rest, and under the pointer.
    pub control: Color32,
    pub control_hover: Color32,
    pub line: Color32,
    pub text: Color32,
    pub secondary: Color32,
    /// Decoration only: too faint for text that must be read.
    pub faint: Color32,
    pub accent: Color32,
    pub accent_fill: Color32,
    pub good: Color32,
    pub good_fill: Color32,
    pub warning: Color32,
    pub error: Color32,
    /// The mean curve and its band: of no alternative's colour.
    pub curve: Color32,
    pub band: Color32,
    /// Outlines of annotators.
    pub annotator: Color32,
    pub playhead: Color32,
    /// Knob of a slider.
    pub knob: Color32,
    /// Dims what a modal covers.
    pub scrim: Color32,
    /// Behind pictures.
    pub letterbox: Color32,
    alternatives: [Color32; ALTERNATIVES],
    alternative_text: [Color32; ALTERNATIVES],
}

/// Number of colours for alternatives; more clusters than this are never made.
pub const ALTERNATIVES: usize = 8;

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Palette {
    /// The dark theme.
    pub fn dark() -> &'static Self {
        static DARK: OnceLock<Palette> = OnceLock::new();
        DARK.get_or_init(|| Self {
            dark: true,
            ground: rgb(0x131519),
            bar: rgb(0x1b1e24),
            panel: rgb(0x1b1e24),
            well: rgb(0x22262d),
            control: rgb(0x272b33),
            control_hover: rgb(0x323842),
            line: rgb(0x2b3038),
            text: rgb(0xe6e9ee),
            secondary: rgb(0x98a1ad),
            faint: rgb(0x5d6672),
            accent: rgb(0x5aa9e6),
            accent_fill: rgb(0x24405a),
            good: rgb(0x52c79f),
            good_fill: rgb(0x1d3a33),
            warning: rgb(0xe8b04a),
            error: rgb(0xf0806c),
            curve: rgb(0xd3d8df),
            band: rgb(0x363c45),
            annotator: rgb(0xf2f4f7),
            playhead: rgb(0xf7f8fa),
            knob: rgb(0xe6e9ee),
            scrim: Color32::from_black_alpha(140),
            letterbox: rgb(0x0b0c0e),
            alternatives: ALTERNATIVE_COLORS.map(rgb),
            alternative_text: [
                0xe69f00, 0x56b4e9, 0x2fb48a, 0xd66aa8, 0xf0e442, 0x8aa4e6, 0xf08a4a, 0xb4bac2,
            ]
            .map(rgb),
        })
    }

    /// The light theme.
    pub fn light() -> &'static Self {
        static LIGHT: OnceLock<Palette> = OnceLock::new();
        LIGHT.get_or_init(|| Self {
            dark: false,
            ground: rgb(0xeceef1),
            bar: rgb(0xfafbfc),
            panel: rgb(0xfcfcfd),
            well: rgb(0xeef0f3),
            control: rgb(0xe7eaee),
            control_hover: rgb(0xdadfe5),
            line: rgb(0xd5dae0),
            text: rgb(0x1a1e24),
            secondary: rgb(0x545d69),
            faint: rgb(0x98a1ac),
            accent: rgb(0x1c6aa8),
            accent_fill: rgb(0xd3e6f6),
            good: rgb(0x17664b),
            good_fill: rgb(0xd5efe5),
            warning: rgb(0x855b05),
            error: rgb(0xb23a22),
            curve: rgb(0x3a424d),
            band: rgb(0xd9dde3),
            annotator: rgb(0x20252c),
            playhead: rgb(0x16191e),
            knob: rgb(0x46505c),
            scrim: Color32::from_black_alpha(90),
            letterbox: rgb(0x16181c),
            alternatives: [
                0xe69f00, 0x56b4e9, 0x2fb48a, 0xd66aa8, 0xe0d42c, 0x5b7fd1, 0xd55e00, 0x8b9199,
            ]
            .map(rgb),
            alternative_text: [
                0x8a5d00, 0x1d6a9a, 0x14694c, 0xa03572, 0x6e6600, 0x3d5fb3, 0xa84a00, 0x565d66,
            ]
            .map(rgb),
        })
    }

    /// The palette of the theme a `Ui` is drawn in.
    pub fn of(ui: &egui::Ui) -> &'static Self {
        Self::for_dark_mode(ui.visuals().dark_mode)
    }

    pub fn for_dark_mode(dark: bool) -> &'static Self {
        if dark { Self::dark() } else { Self::light() }
    }

    /// Fill colour of an alternative, which it keeps as it keeps its letter.
    pub fn alternative(&self, letter: Letter) -> Color32 {
        self.alternatives[letter.colour() % ALTERNATIVES]
    }

    /// A fill of the same set for what is no alternative.
    pub fn category(&self, index: usize) -> Color32 {
        self.alternatives[index % ALTERNATIVES]
    }

    /// Colour of text in such a category, readable on [`Palette::panel`].
    pub fn category_text(&self, index: usize) -> Color32 {
        self.alternative_text[index % ALTERNATIVES]
    }

    /// Colour of text about an alternative, readable on [`Palette::panel`].
    pub fn alternative_text(&self, letter: Letter) -> Color32 {
        self.alternative_text[letter.colour() % ALTERNATIVES]
    }

    /// A faint wash of an alternative's colour over the panel, for a selected card.
    pub fn alternative_wash(&self, letter: Letter) -> Color32 {
        mix(
            self.panel,
            self.alternative(letter),
            if self.dark { 0.10 } else { 0.14 },
        )
    }
}

/// The colours of alternatives, safe for colour-blind eyes: orange, sky, green, pink, yellow, blue,
/// vermilion, grey.
const ALTERNATIVE_COLORS: [u32; ALTERNATIVES] = [
    0xe69f00, 0x56b4e9, 0x2fb48a, 0xd66aa8, 0xf0e442, 0x5b7fd1, 0xd55e00, 0x9aa1aa,
];

/// `a` moved towards `b` by `t` in [0, 1], channel by channel.
pub fn mix(a: Color32, b: Color32, t: f32) -> Color32 {
    let lerp = |x: u8, y: u8| {
        (f32::from(x) + (f32::from(y) - f32::from(x)) * t)
            .round()
            .clamp(0.0, 255.0) as u8
    };
    Color32::from_rgb(lerp(a.r(), b.r()), lerp(a.g(), b.g()), lerp(a.b(), b.b()))
}

/// Text styles beyond egui's own.
pub fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(super::fonts::MEDIUM.into()))
}

/// Semi-bold, for titles and letters.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(super::fonts::SEMIBOLD.into()))
}

/// Regular text of any size.
pub fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Timecodes.
pub fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// Installs both themes in a context. `reduced_motion` switches animation off.
pub fn install(ctx: &Context, choice: ThemeChoice, reduced_motion: bool) {
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(Palette::for_dark_mode(theme == Theme::Dark));
            style.text_styles = [
                (TextStyle::Small, regular(SIZE_SMALL)),
                (TextStyle::Body, regular(SIZE_STRONG)),
                (TextStyle::Button, medium(SIZE_STRONG)),
                (TextStyle::Heading, semibold(SIZE_TITLE)),
                (TextStyle::Monospace, mono(SIZE_STRONG)),
            ]
            .into();
            style.spacing.item_spacing = vec2(8.0, 8.0);
            style.spacing.button_padding = vec2(12.0, 5.0);
            style.spacing.interact_size = vec2(28.0, 28.0);
            style.spacing.menu_margin = Margin::same(6);
            style.spacing.window_margin = Margin::same(16);
            style.spacing.slider_rail_height = 3.0;
            style.spacing.tooltip_width = 320.0;
            style.spacing.scroll = egui::style::ScrollStyle::floating();
            style.interaction.selectable_labels = false;
            style.interaction.tooltip_delay = 0.45;
            // Motion stays under 150 ms, and is off where a person asked for less of it.
            style.animation_time = if reduced_motion { 0.0 } else { 0.12 };
            if reduced_motion {
                style.scroll_animation = egui::style::ScrollAnimation::none();
            }
        });
    }
    ctx.set_theme(choice.preference());
}

fn visuals(palette: &Palette) -> Visuals {
    let mut visuals = if palette.dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    let radius = CornerRadius::same(RADIUS_CONTROL);
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(palette.secondary);
    visuals.panel_fill = palette.ground;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(RADIUS_PANEL);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS_PANEL);
    visuals.extreme_bg_color = palette.ground;
    visuals.text_edit_bg_color = Some(palette.well);
    visuals.faint_bg_color = palette.well;
    visuals.code_bg_color = palette.well;
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.warning;
    visuals.error_fg_color = palette.error;
    visuals.selection.bg_fill = palette.accent_fill;
    visuals.selection.stroke = Stroke::new(1.0, palette.accent);
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.interact_cursor = Some(egui::CursorIcon::PointingHand);
    let widgets = &mut visuals.widgets;
    for (state, fill, stroke, text) in [
        (
            &mut widgets.noninteractive,
            palette.panel,
            palette.line,
            palette.text,
        ),
        (
            &mut widgets.inactive,
            palette.control,
            Color32::TRANSPARENT,
            palette.text,
        ),
        (
            &mut widgets.hovered,
            palette.control_hover,
            Color32::TRANSPARENT,
            palette.text,
        ),
        (
            &mut widgets.active,
            palette.control_hover,
            palette.accent,
            palette.text,
        ),
        (
            &mut widgets.open,
            palette.control_hover,
            Color32::TRANSPARENT,
            palette.text,
        ),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, stroke);
        state.fg_stroke = Stroke::new(1.0, text);
        state.corner_radius = radius;
        state.expansion = 0.0;
    }
    visuals
}

/// WCAG relative luminance.
#[cfg(test)]
fn luminance(color: Color32) -> f64 {
    let channel = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.039_28 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_is_readable_on_every_surface_it_stands_on() {
        for palette in [Palette::dark(), Palette::light()] {
            for surface in [palette.ground, palette.bar, palette.panel, palette.well] {
                for (name, text) in [
                    ("text", palette.text),
                    ("secondary", palette.secondary),
                    ("accent", palette.accent),
                    ("warning", palette.warning),
                    ("error", palette.error),
                ] {
                    let ratio = contrast(text, surface);
                    assert!(
                        ratio >= 4.5,
                        "{name} has {ratio:.2} (dark: {})",
                        palette.dark
                    );
                }
            }
            for index in 0..ALTERNATIVES {
                let ratio = contrast(palette.alternative_text(Letter(index as u8)), palette.panel);
                assert!(
                    ratio >= 4.5,
                    "alternative {index}: {ratio:.2} (dark: {})",
                    palette.dark
                );
                let washed = contrast(palette.text, palette.alternative_wash(Letter(index as u8)));
                assert!(washed >= 4.5);
            }
            for (text, fill) in [
                (palette.text, palette.control),
                (palette.text, palette.control_hover),
                (palette.text, palette.accent_fill),
                (palette.good, palette.good_fill),
            ] {
                assert!(contrast(text, fill) >= 4.5);
            }
        }
    }

    #[test]
    fn the_drawing_s_colours_are_kept() {
        let palette = Palette::dark();
        assert_eq!(
            palette.alternative(Letter(0)),
            Color32::from_rgb(0xe6, 0x9f, 0x00)
        );
        // The ninth letter has the colour of the first.
        assert_eq!(
            palette.alternative(Letter(8)),
            palette.alternative(Letter(0))
        );
        assert_eq!(palette.ground, Color32::from_rgb(0x13, 0x15, 0x19));
    }
}
