//! Levels of a video's sound over time, read once from beginning to end. Memory grows by a hundred
//! bytes for each second of the video, and not at all with the sound's rate or channels. Nothing is
//! kept on disk: an hour of sound takes some seconds to read.

use std::path::Path;
use std::time::{Duration, Instant};

use super::player::{CHANNELS, LocalSound};
use super::{MediaError, remote};
use crate::domain::levels::{BINS_PER_SEC, Envelope, level_from_amplitude};
use crate::domain::{FrameIndex, SoundLevels};
use crate::jobs::CancelToken;

/// Rate at which sound is measured: what it leaves out above 8 kHz is little of what is heard, and
/// less of speech.
const RATE_HZ: u32 = 16_000;
/// Sample frames in a bin.
const BIN_FRAMES: usize = RATE_HZ as usize / BINS_PER_SEC as usize;
/// Most seconds that are measured: timestamps of a damaged file may claim years.
const MOST_SECS: f64 = 24.0 * 3600.0;
/// How often what is known so far is reported.
const REPORT_EVERY: Duration = Duration::from_millis(700);

/// Measures the sound that players choose, from media second 0 to the end of the video (the first
/// day of it). `on_part` gets what is known so far, now and then; the result is whole.
///
/// # Errors
/// [`MediaError::NoDecoder`] or [`MediaError::Unreadable`] where there is no sound that can be
/// decoded, [`MediaError::Cancelled`].
pub fn sound_levels(
    path: &Path,
    index: &FrameIndex,
    cancel: &CancelToken,
    on_part: &mut dyn FnMut(SoundLevels),
) -> Result<SoundLevels, MediaError> {
    let mut on_part = |part: &Envelope| on_part(SoundLevels::new(part.clone(), false));
    let whole = remote::envelope(path, index, cancel, &mut on_part)
        .unwrap_or_else(|| envelope(path, index, cancel, &mut on_part))?;
    Ok(SoundLevels::new(whole, true))
}

/// The levels themselves, measured in this process.
pub(crate) fn envelope(
    path: &Path,
    index: &FrameIndex,
    cancel: &CancelToken,
    on_part: &mut dyn FnMut(&Envelope),
) -> Result<Envelope, MediaError> {
    let mut reader = LocalSound::open(path, index, RATE_HZ)?;
    let secs = index.duration_secs().clamp(0.0, MOST_SECS);
    reader.set_spans(vec![(0.0, secs)]);
    let mut envelope = Envelope::default();
    let mut samples: Vec<f32> = Vec::new();
    let mut reported = Instant::now();
    loop {
        if cancel.is_cancelled() {
            return Err(MediaError::cancelled(path));
        }
        let goes_on = reader.read(&mut samples);
        let whole_bins = samples.len() / (BIN_FRAMES * CHANNELS) * (BIN_FRAMES * CHANNELS);
        let until = if goes_on { whole_bins } else { samples.len() };
        for bin in samples[..until].chunks(BIN_FRAMES * CHANNELS) {
            measure(bin, &mut envelope);
        }
        samples.drain(..until);
        if !goes_on {
            return Ok(envelope);
        }
        if reported.elapsed() >= REPORT_EVERY {
            on_part(&envelope);
            reported = Instant::now();
        }
    }
}

/// Appends the levels of one bin. Samples that are no number count as silence.
fn measure(bin: &[f32], envelope: &mut Envelope) {
    let peak = bin.iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
    let square = bin.iter().map(|sample| sample * sample).sum::<f32>() / bin.len() as f32;
    envelope.peaks.push(level_from_amplitude(peak));
    envelope.rms.push(level_from_amplitude(square.sqrt()));
}
