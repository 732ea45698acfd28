//! `export --speech-whole`: the ends of pieces moved into pauses of the sound, and what that did.

use std::path::Path;

use super::{Interrupted, Output};
use crate::domain::{FrameIndex, FrameRange};
use crate::media::{probe, sound_levels};
use crate::summary::{WholeSpeech, pauses, whole_speech};

/// Copying widens pieces, wherever pauses are.
pub(super) fn cannot(output: &Output) -> Option<WholeSpeech> {
    output.say(
        "note: copied pieces begin at whole groups of pictures: no end was moved to keep speech whole",
    );
    None
}

/// The pieces with their ends in pauses; `None` where there is no sound to hear pauses in, which is
/// said.
pub(super) fn keep_whole(
    video: &Path,
    index: &FrameIndex,
    ranges: &[FrameRange],
    output: &Output,
) -> anyhow::Result<Option<WholeSpeech>> {
    if !probe(video)?.info.has_audio {
        output.say(&format!(
            "note: {} has no sound: no end was moved to keep speech whole",
            video.display()
        ));
        return Ok(None);
    }
    let levels =
        sound_levels(video, index, output.cancel_token(), &mut |_| {}).map_err(|err| match err
            .is_cancelled()
        {
            true => Interrupted.into(),
            false => anyhow::Error::from(err),
        })?;
    let speech = whole_speech(&pauses(levels.rms()), ranges, index);
    output.say(&format!("note: {}", speech.sentence()));
    Ok(Some(speech))
}
