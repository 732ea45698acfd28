//! The window with a dataset open, for its pictures: its page, or one of its videos as it opens
//! without its file. Runs the window's own commands.

use super::Output;
use super::dataset_video::{place_of, share_of_budget};
use super::sources::Opening;
use crate::app::dataset_headless;
use crate::state::AppState;

/// The state of the window with the dataset's `page`, else with one of its videos.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn state_of(args: &Opening<'_>, page: bool, output: &Output) -> anyhow::Result<AppState> {
    let mut state = AppState::default();
    let cancel = output.cancel_token();
    state.prefs.bundle = args.prepare.bundle_or_default().to_owned();
    state.prefs.device = args.prepare.device.into();
    // Of a time, the share is known with the video.
    let stated = args.draw.budget.share_of(0.0);
    if page && stated.is_none() {
        anyhow::bail!(
            "--budget as a time is another share of each video of {}: write 0.15 or 15%",
            args.source.display()
        );
    }
    state.choices.settings = args.draw.plain_settings(stated.unwrap_or(1.0));
    let on_progress = &mut |progress: &crate::jobs::Progress| output.progress(progress);
    let path = args.source.to_path_buf();
    dataset_headless::open(&mut state, path, page, cancel, on_progress)
        .map_err(anyhow::Error::msg)?;
    output.check_interrupt()?;
    if page {
        return Ok(state);
    }
    let videos = &state.dataset.videos;
    let at = place_of(videos.iter().map(|video| &*video.set), args)?;
    let duration_secs = videos.get(at).and_then(|video| video.duration_secs);
    state.choices.settings.budget = share_of_budget(args, duration_secs)?;
    dataset_headless::open_video(&mut state, at, cancel, on_progress)
        .map_err(anyhow::Error::msg)?;
    output.check_interrupt()?;
    state.look_at_summary();
    Ok(state)
}
