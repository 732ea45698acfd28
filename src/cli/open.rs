//! `summdiff open`, and `summdiff` alone: the window.

use std::path::PathBuf;

use super::write_text;
use crate::app::backend::PipelineBackend;
use crate::app::command::Command;
use crate::app::persist::Store;
use crate::app::state::AppState;
use crate::app::{self, Backend, Window, player_link};
use crate::inference::{self, Bundle};
use crate::jobs::cpu;

/// What the program says when it was asked to leave at once and its first frame is on screen; the processor seconds used follow.
pub(super) const PAINTED: &str = "first frame painted, processor seconds: ";

/// Opens the window on the first path, or on the welcome screen. With `leave_when_painted` it closes again after its first frame and says
/// so on standard output.
///
/// # Errors
/// When the bundle is not there or not in order, no window or graphics adapter can be had, or the system refuses a thread.
pub fn run(
    paths: &[PathBuf],
    bundle: Option<&str>,
    leave_when_painted: bool,
) -> anyhow::Result<()> {
    let bundle = bundle.map(chosen_bundle).transpose()?;
    let path = match paths.first() {
        Some(path) => Some(std::path::absolute(path)?),
        None => None,
    };
    let store = Store::of_user();
    super::log_file::start(store.as_ref().map(Store::log_file).as_deref());
    app::run(move |creation| {
        let mut state = AppState::default();
        if let Some(store) = &store {
            state.prefs = store.load_preferences();
        }
        if let Some(bundle) = bundle {
            state.prefs.bundle = bundle;
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
            Some(path) => {
                if !window.recover(Some(&path)) {
                    window.state.run(Command::OpenPath(path));
                }
            }
            None => {
                window.recover(None);
            }
        }
        if leave_when_painted {
            window = window.leave_when_painted(|| {
                let used = cpu::process_time().map_or(f64::NAN, |time| time.as_secs_f64());
                // Nobody listens when the reader is gone; then there is nobody to tell.
                let _ = write_text("-".as_ref(), &format!("{PAINTED}{used}\n"));
            });
        }
        window
    })
}

/// The name that the window keeps for a bundle: that of an installed one, or the whole path of a folder or archive.
fn chosen_bundle(name: &str) -> anyhow::Result<String> {
    Bundle::find(name)?;
    if inference::bundle::list()
        .iter()
        .any(|listed| listed.name == name)
    {
        return Ok(name.to_owned());
    }
    Ok(std::path::absolute(name)?.to_string_lossy().into_owned())
}
