//! The look of the window: theme, fonts, icons and small widgets. Knows nothing of videos or
//! summaries.

pub mod colormap;
pub mod dialog;
pub mod focus;
pub mod fonts;
pub mod icons;
pub mod parts;
pub mod picture;
pub mod pointing;
pub mod shapes;
pub mod text;
pub mod theme;
pub mod tip;
pub mod widgets;

pub use theme::Palette;
