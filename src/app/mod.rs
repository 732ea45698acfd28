//! The window: state, commands, panels and their arrangement. The only room that touches all
//! others.
//!
//! Views read [`state::AppState`] and push [`command::Command`]s; [`apply`] runs them at the end of
//! the frame, changes the state, and leaves [`state::Request`]s for whatever takes time. Results
//! come back as [`crate::pipeline::Event`]s.

pub mod backend;
pub mod comparer;
pub mod dataset_headless;
mod dataset_saving;
mod dataset_table;
pub mod dataset_worker;
pub mod dialogs;
mod drafting;
pub mod exporter;
pub mod files;
mod folder_finder;
mod foreseer;
pub mod layout;
pub mod offscreen;
pub mod people_worker;
pub mod persist;
pub mod player_link;
pub mod study_backend;
pub mod study_keeper;
pub mod window;

pub use offscreen::{PictureView, render_frame, render_picture};
pub use window::{Backend, PlayerLink, PlayerStatus, Window};

use crate::gpu;
use crate::ui::theme::ThemeChoice;

/// Opens the window and stays until it is closed.
///
/// `window` is made once the graphics context is there; the program's icon and title are set here.
///
/// # Errors
/// When no window or graphics adapter can be had.
pub fn run(
    window: impl FnOnce(&eframe::CreationContext<'_>) -> Window + 'static,
) -> anyhow::Result<()> {
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("SummDiff explorer")
            .with_app_id("summdiff")
            .with_inner_size([1600.0, 1000.0])
            .with_min_inner_size([420.0, 400.0])
            .with_drag_and_drop(true),
        persist_window: false,
        ..eframe::NativeOptions::default()
    };
    eframe::run_native(
        "summdiff",
        options,
        Box::new(move |creation| Ok(Box::new(window(creation)))),
    )
    .map_err(|error| {
        // Where nothing can draw, what the library says of it depends on which of its ways failed
        // last.
        let reason = match gpu::adapters().is_empty() {
            true => gpu::NO_ADAPTER.to_owned(),
            false => error.to_string(),
        };
        anyhow::anyhow!("the window could not be opened: {reason}")
    })
}

/// The theme named on a command line: `dark`, `light` or `system`.
pub fn theme_from_name(name: &str) -> Option<ThemeChoice> {
    match name {
        "dark" => Some(ThemeChoice::Dark),
        "light" => Some(ThemeChoice::Light),
        "system" => Some(ThemeChoice::System),
        _ => None,
    }
}
