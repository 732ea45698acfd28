//! Pictures of the window, compared with those in `tests/snapshots`.
//!
//! They are drawn by a software adapter where there is one. `UPDATE_SNAPSHOTS=1` writes new ones;
//! look at them.

use egui_kittest::{SnapshotOptions, try_image_snapshot_options};
use summdiff_explorer::app::offscreen::{PictureView, render_image};
use summdiff_explorer::state::AppState;
use summdiff_explorer::testing::skip_outside_ci;
use summdiff_explorer::ui::theme::ThemeChoice;

/// Draws the state and compares the picture with the one of that name, as strictly as egui_kittest
/// does by itself.
pub fn check(name: &str, state: AppState, size: [u32; 2], view: PictureView, theme: ThemeChoice) {
    let Some(image) = drawn(name, state, size, view, theme) else {
        return;
    };
    if let Err(error) = try_image_snapshot_options(&image, name, &SnapshotOptions::new()) {
        panic!("{error}");
    }
}

/// The picture; `None` where no adapter draws it, which fails the test under CI.
pub fn drawn(
    name: &str,
    state: AppState,
    size: [u32; 2],
    view: PictureView,
    theme: ThemeChoice,
) -> Option<image::RgbaImage> {
    match render_image(state, size, view, theme) {
        Ok(image) => Some(image),
        Err(error) => {
            skip_outside_ci(&format!("{name}: {error:#}"));
            None
        }
    }
}
