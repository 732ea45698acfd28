//! `summdiff open`, and `summdiff` alone: the window.

use std::path::PathBuf;

use anyhow::{anyhow, bail};

use super::{Output, write_text};
use crate::app::backend::{PipelineBackend, bundles_to_choose};
use crate::app::persist::Store;
use crate::app::{self, Backend, Window, player_link};
use crate::inference::{self, Bundle};
use crate::jobs::cpu;
use crate::state::AppState;
use crate::state::command::Command;

/// What the program says when it was asked to leave at once and its first frame is on screen; the
/// processor seconds used follow.
pub(super) const PAINTED: &str = "first frame painted, processor seconds: ";

/// Opens the window on the first path, or on the welcome screen; the other paths are reported as
/// left out. With `leave_when_painted` it closes again after its first frame and says so on
/// standard output.
///
/// # Errors
/// When the bundle is not there or not in order, no window or graphics adapter can be had, or the
/// system refuses a thread.
pub fn run(
    paths: &[PathBuf],
    bundle: Option<&str>,
    leave_when_painted: bool,
    output: &Output,
) -> anyhow::Result<()> {
    if let [first, others @ ..] = paths
        && !others.is_empty()
    {
        let others: Vec<String> = others
            .iter()
            .map(|other| other.display().to_string())
            .collect();
        output.say(&format!(
            "only {} is opened; left out: {}",
            first.display(),
            others.join(", ")
        ));
    }
    let bundle = bundle.map(chosen_bundle).transpose()?;
    let path = match paths.first() {
        Some(path) => Some(std::path::absolute(path)?),
        None => None,
    };
    let store = Store::of_user();
    super::log_file::start(store.as_ref().map(Store::log_file).as_deref());
    if !has_display() {
        bail!(
            "the window needs a display, and neither DISPLAY nor WAYLAND_DISPLAY names one: start it on a desktop, or use the commands that need none, such as `summdiff analyze` and `summdiff render`"
        );
    }
    let opened = app::run(move |creation| {
        let mut state = AppState::default();
        if let Some(store) = &store {
            state.prefs = store.load_preferences();
        }
        if let Some(bundle) = bundle {
            state.prefs.bundle = bundle;
        }
        state.runtime.bundle.clone_from(&state.prefs.bundle);
        state.runtime.bundles = bundles_to_choose(&state.prefs.bundle);
        let ctx = creation.egui_ctx.clone();
        let backend: Box<dyn Backend> = match PipelineBackend::start(move || ctx.request_repaint())
        {
            Ok(backend) => Box::new(backend),
            Err(err) => {
                state.status =
                    format!("Analysis is off: no worker thread could be started ({err}).");
                Box::new(app::window::NoBackend)
            }
        };
        let ctx = creation.egui_ctx.clone();
        let wake = move || ctx.request_repaint();
        let mut window = Window::new(state, backend, store, wake).with_player(player_link::maker(
            creation.egui_ctx.clone(),
            creation.wgpu_render_state.clone(),
        ));
        match path {
            Some(path) => window.state.run(Command::OpenPath(path)),
            None => {
                window.recover();
            }
        }
        if leave_when_painted {
            window = window.leave_when_painted(|| {
                let used = cpu::process_time().map_or(f64::NAN, |time| time.as_secs_f64());
                // Nobody listens when the reader is gone; then there is nothing to report.
                let _ = write_text("-".as_ref(), &format!("{PAINTED}{used}\n"));
            });
        }
        window
    });
    // What the library says of its own source files is of no use to anybody who has none.
    opened.map_err(|err| anyhow!("{}", without_source_places(&format!("{err:#}"))))
}

/// Whether the environment names a display; other systems than Linux have one without a name.
pub(super) fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"]
            .into_iter()
            .any(is_set)
}

/// Leaves out "os error at FILE.rs:LINE: " of winit's errors.
pub(super) fn without_source_places(words: &str) -> String {
    let Some((before, rest)) = words.split_once("os error at ") else {
        return words.to_owned();
    };
    match rest.split_once(": ") {
        Some((place, reason)) if place.contains(".rs:") => format!("{before}{reason}"),
        _ => words.to_owned(),
    }
}

/// The name that the window keeps for a bundle: that of an installed one, or the whole path of a
/// folder or archive.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_source_files_are_reported() {
        let words = "the window could not be opened: winit EventLoopError: os error at /root/.cargo/registry/src/x/winit-0.30/src/platform_impl/linux/mod.rs:765: neither of them is set";
        assert_eq!(
            without_source_places(words),
            "the window could not be opened: winit EventLoopError: neither of them is set"
        );
        assert_eq!(
            without_source_places("os error at 3: x"),
            "os error at 3: x"
        );
    }
}
