//! Measures the sound of a video that is being opened and reads its subtitles, beside the rest of
//! the work: both take a small part of the time that pictures do.

use std::sync::Arc;

use super::reporting::Reporter;
use crate::domain::{FrameIndex, SoundLevels, VideoInfo};
use crate::jobs::{self, CancelToken};
use crate::media::{sound_levels, text_cues};
use crate::pipeline::Event;

/// Starts a thread that reports the levels as they become known, then the subtitles. It ends with
/// the opening: by its token, or as soon as another video is open. What cannot be read leaves no
/// trace but a line in the log: nothing else depends on it.
pub(super) fn listen(
    video: VideoInfo,
    index: Arc<FrameIndex>,
    generation: u64,
    cancel: CancelToken,
    reporter: Reporter,
) {
    let work = move || {
        let mut report = |levels: SoundLevels| {
            if !reporter.generation.is_current(generation) {
                cancel.cancel();
            }
            reporter.report(generation, Event::Sound(Arc::new(levels)));
        };
        let heard = match video.has_audio {
            true => sound_levels(&video.path, &index, &cancel, &mut report).map(report),
            false => Ok(()),
        };
        let read = text_cues(&video.path, &index, &cancel);
        let read = read.map(|cues| reporter.report(generation, Event::Cues(cues.into())));
        for result in [heard, read] {
            match result {
                Err(err) if !err.is_cancelled() => log::warn!("{err}"),
                _ => {}
            }
        }
    };
    if let Err(err) = jobs::spawn("sound and subtitles", work) {
        log::warn!("the sound is not measured: {err}");
    }
}
