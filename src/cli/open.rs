//! `summdiff open`, and `summdiff` alone: the window.

use std::path::PathBuf;

use crate::app::backend::PipelineBackend;
use crate::app::command::Command;
use crate::app::persist::Store;
use crate::app::state::AppState;
use crate::app::{self, Backend, Window, player_link};

/// Opens the window on the first path, or on the welcome screen.
///
/// # Errors
/// When no window or graphics adapter can be had, or the system refuses a thread.
pub fn run(paths: &[PathBuf]) -> anyhow::Result<()> {
    let path = match paths.first() {
        Some(path) => Some(std::path::absolute(path)?),
        None => None,
    };
    app::run(move |creation| {
        let store = Store::of_user();
        let mut state = AppState::default();
        if let Some(store) = &store {
            state.prefs = store.load_preferences();
        }
        let ctx = creation.egui_ctx.clone();
        let backend: Box<dyn Backend> =
            match PipelineBackend::start(&state, move || ctx.request_repaint()) {
                Ok(backend) => Box::new(backend),
                Err(err) => {
                    state.status =
                        format!("Analysis is off: no worker thread could be started ({err}).");
                    Box::new(app::window::NoBackend)
                }
            };
        let mut window = Window::new(state, backend, store).with_player(player_link::maker(
            creation.egui_ctx.clone(),
            creation.wgpu_render_state.clone(),
        ));
        match path {
            Some(path) => window.state.run(Command::OpenPath(path)),
            None => {
                window.recover();
            }
        }
        window
    })
}
