//! A dataset opened without a window: the same commands, requests and news, waited for on this
//! thread. For pictures and tests.

use std::path::PathBuf;
use std::time::Duration;

use crate::app::dataset_worker::DatasetWorker;
use crate::jobs::{CancelToken, Progress};
use crate::pipeline::{Event, PipelineError, methods};
use crate::state::dataset::{DatasetCommand, DatasetRequest};
use crate::state::{AppState, Request};

/// Opens a dataset and waits for its list, and for its figure where that is wanted.
///
/// # Errors
/// The sentence that the window would show.
pub fn open(
    state: &mut AppState,
    path: PathBuf,
    with_figure: bool,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<(), String> {
    state.open_dataset(path);
    follow(state, with_figure, cancel, on_progress)
}

/// Opens a video of the dataset as the window does where its file is missing: its annotators,
/// samples and comparison.
///
/// # Errors
/// When the dataset has no such video, or no samples could be drawn.
pub fn open_video(
    state: &mut AppState,
    video: usize,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<(), String> {
    if let Some(found) = state.dataset.videos.get_mut(video) {
        found.raw = None;
    }
    state.run_dataset(DatasetCommand::OpenVideo(video));
    follow(state, false, cancel, on_progress)?;
    finish_video(state, cancel).map_err(|err| err.to_string())
}

/// What the pipeline's worker would do for the video that was asked for.
fn finish_video(state: &mut AppState, cancel: &CancelToken) -> Result<(), PipelineError> {
    let Some(given) = state.dataset.given.clone() else {
        return Ok(());
    };
    for event in given.video.events() {
        state.handle(event);
    }
    let wanted = match given.random {
        true => methods::RANDOM,
        false => state.prefs.bundle.as_str(),
    };
    let settings = &state.choices.settings;
    let drawn = (given.video).draw(wanted, state.prefs.device, settings, cancel)?;
    state.runtime.bundle.clone_from(&state.prefs.bundle);
    for event in drawn {
        if let Event::Draw(draw) = &event {
            state.choices.settings = draw.settings.clone();
        }
        state.handle(event);
    }
    state.compare_now();
    state.requests.clear();
    Ok(())
}

/// Runs the dataset's requests until nothing more is under way; others, and the figure where it is
/// not wanted, are left out.
fn follow(
    state: &mut AppState,
    with_figure: bool,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<(), String> {
    let mut worker = DatasetWorker::default();
    let ctx = egui::Context::default();
    loop {
        for request in std::mem::take(&mut state.requests) {
            match request {
                Request::Dataset(DatasetRequest::Figure(_)) if !with_figure => {
                    state.dataset.figure.progress = None;
                }
                Request::Dataset(request) => worker.start(request, &ctx),
                _ => {}
            }
        }
        let waiting = state
            .dataset
            .waiting
            .as_ref()
            .is_some_and(|waiting| state.dataset.given_for(&waiting.path).is_none());
        let busy = state.dataset.loading.is_some() || state.dataset.figure.progress.is_some();
        if let Some(error) = state.error.take() {
            return Err(error.what);
        }
        if cancel.is_cancelled() || !(busy || waiting) {
            return Ok(());
        }
        if let Some(news) = worker.wait(Duration::from_millis(200)) {
            state.handle_dataset(news);
        }
        if let Some(progress) = state.dataset.loading.as_ref().or(state
            .dataset
            .figure
            .progress
            .as_ref())
        {
            on_progress(progress);
        }
    }
}
