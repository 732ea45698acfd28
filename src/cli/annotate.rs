//! `summdiff annotate STUDY`: the window, locked to a study.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use anyhow::{anyhow, bail};

use super::Output;
use super::open::{has_display, without_source_places};
use crate::app::persist::Store;
use crate::app::study_backend::StudyBackend;
use crate::app::study_keeper::{Places, StudyKeeper};
use crate::app::{self, Window, player_link};
use crate::session::study::read_study;
use crate::state::AppState;
use crate::state::study::StudyState;
use crate::ui::text;

/// Open a study: people rate shots or mark picks in its videos, and see nothing else
///
/// Each annotator's results lie in a file beside the study; `summdiff study` merges and reports
/// them.
#[derive(Debug, clap::Args)]
pub struct AnnotateArgs {
    /// The study's JSON, see docs/studies.md
    study: PathBuf,
    /// Check the study and its videos' places, and open no window
    #[arg(long)]
    check: bool,
}

/// Runs the command.
///
/// # Errors
/// When the study cannot be used, a video is missing, no window can be had, or the system refuses a
/// thread.
pub fn run(args: &AnnotateArgs, output: &Output) -> anyhow::Result<()> {
    let path = std::path::absolute(&args.study)?;
    let (study, videos) = read_study(&path).map_err(|why| anyhow!("{why}"))?;
    if args.check {
        output.say(&format!(
            "{}: {}, {}",
            args.study.display(),
            text::count(study.videos.len(), "video"),
            match study.annotators.len() {
                0 => "any annotator".to_owned(),
                listed => text::count(listed, "annotator"),
            }
        ));
        return Ok(());
    }
    let store = Store::of_user();
    super::log_file::start(store.as_ref().map(Store::log_file).as_deref());
    if !has_display() {
        bail!(
            "the window needs a display, and neither DISPLAY nor WAYLAND_DISPLAY names one: start it on a desktop"
        );
    }
    let title = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let places = Places::of(&path, store.as_ref().map(Store::state_dir));
    // The keeper is there before the window that it wakes.
    let window: Arc<OnceLock<egui::Context>> = Arc::default();
    let woken = Arc::clone(&window);
    let keeper = StudyKeeper::start(places, move || {
        if let Some(ctx) = woken.get() {
            ctx.request_repaint();
        }
    })?;
    let opened = app::run(move |creation| {
        let mut state = AppState::default();
        if let Some(store) = &store {
            state.prefs = store.load_preferences();
        }
        state.study = Some(StudyState::new(study, title, videos));
        let ctx = window.get_or_init(|| creation.egui_ctx.clone());
        let wake = || {
            let ctx = ctx.clone();
            move || ctx.request_repaint()
        };
        let backend = Box::new(StudyBackend::new(wake()));
        // Nothing of the person's own window is remembered or changed.
        Window::new(state, backend, None, wake())
            .with_player(player_link::maker(
                creation.egui_ctx.clone(),
                creation.wgpu_render_state.clone(),
            ))
            .with_study(keeper)
    });
    opened.map_err(|err| anyhow!("{}", without_source_places(&format!("{err:#}"))))
}
