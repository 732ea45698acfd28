//! Sound of chosen stretches of a video, sample-exact, from a process of its own where there is one
//! (see `remote`). Knows nothing of devices.

mod local;

use std::path::Path;

pub(crate) use local::LocalSound;

use super::super::MediaError;
use super::super::remote::RemoteSound;
use crate::domain::FrameIndex;

/// Channels of all sound inside the player, interleaved.
pub(crate) const CHANNELS: usize = 2;

/// Reads the default sound stream as interleaved stereo at one rate.
pub struct SoundReader(Side);

enum Side {
    Here(Box<LocalSound>),
    Remote(Box<RemoteSound>),
}

impl SoundReader {
    /// Opens the sound that goes with a video.
    ///
    /// # Errors
    /// [`MediaError::NoDecoder`] or [`MediaError::Unreadable`] where there is no sound that can be
    /// decoded.
    pub fn open(path: &Path, index: &FrameIndex, rate_hz: u32) -> Result<Self, MediaError> {
        Ok(Self(match RemoteSound::open(path, index, rate_hz)? {
            Some(remote) => Side::Remote(Box::new(remote)),
            None => Side::Here(Box::new(LocalSound::open(path, index, rate_hz)?)),
        }))
    }

    /// Chooses what is read: stretches of media seconds, one after the other. After a crash of the
    /// decoder, a new one begins here.
    pub fn set_spans(&mut self, spans: Vec<(f64, f64)>) {
        match &mut self.0 {
            Side::Here(sound) => sound.set_spans(spans),
            Side::Remote(sound) => sound.set_spans(spans),
        }
    }

    /// Appends at least one sample frame to `out`, and some more; `false` when all stretches were
    /// read.
    pub fn read(&mut self, out: &mut Vec<f32>) -> bool {
        match &mut self.0 {
            Side::Here(sound) => sound.read(out),
            Side::Remote(sound) => sound.read(out),
        }
    }
}
