//! Measures the sound of a video that is being opened, beside the rest of the work: it takes a small part of the time that pictures do.

use std::path::PathBuf;
use std::sync::Arc;

use super::reporting::Reporter;
use crate::domain::{FrameIndex, SoundLevels};
use crate::jobs::{self, CancelToken};
use crate::media::sound_levels;
use crate::pipeline::Event;

/// Starts a thread that reports the levels as they become known. It ends with the opening: by its token, or as soon as another video
/// is open. Sound that cannot be read leaves no trace but a line in the log: nothing else depends on it.
pub(super) fn listen(
    path: PathBuf,
    index: Arc<FrameIndex>,
    generation: u64,
    cancel: CancelToken,
    reporter: Reporter,
) {
    let work = move || {
        let mut tell = |levels: SoundLevels| {
            if !reporter.generation.is_current(generation) {
                cancel.cancel();
            }
            reporter.report(generation, Event::Sound(Arc::new(levels)));
        };
        match sound_levels(&path, &index, &cancel, &mut tell) {
            Ok(levels) => tell(levels),
            Err(err) if err.is_cancelled() => {}
            Err(err) => log::warn!("{err}"),
        }
    };
    if let Err(err) = jobs::spawn("measure sound", work) {
        log::warn!("the sound is not measured: {err}");
    }
}
