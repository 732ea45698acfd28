//! Reading video files: facts, the presentation time of every frame, sampled frames for the
//! extractor, thumbnails, playback.
//!
//! The only room that names FFmpeg. Presentation timestamps are the truth throughout: frame `n` is
//! the n-th frame in presentation order of the default video stream, and nothing here computes
//! `round(t * fps)`.
//!
//! Decoders are never shared: sampling, thumbnails and the player each open the file for
//! themselves.

mod aspect;
mod bounds;
pub mod color;
mod cues;
pub mod cut;
pub mod cuts;
pub mod error;
pub mod facts;
pub mod frame;
mod gaps;
pub mod hash;
mod headers;
pub mod index;
mod levels;
pub mod luma;
mod opening;
pub mod orientation;
pub mod picture;
pub mod player;
pub mod probe;
pub mod remote;
pub mod sampled;
mod source;
pub mod stamp;
mod stream;
pub mod thumbs;
mod timetable;

pub use cues::text_cues;
pub use error::MediaError;
pub use frame::VideoFrame;
pub use hash::content_hash;
pub use index::{Indexed, index};
pub use levels::sound_levels;
pub use orientation::Orientation;
pub use player::{Player, PlayerOptions, PlayerState};
pub use probe::{Probe, inspect, probe};
pub use sampled::{SampledDecoder, SampledFrame, SampledOptions};
pub use stamp::FileStamp;
pub use thumbs::Thumbnailer;

/// Prepares FFmpeg once for the process. Every entry of this room calls it.
///
/// FFmpeg's own chatter is kept off standard error (damage is reported through warnings and
/// [`MediaError`]) unless the log level is `trace`.
pub fn init() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        if let Err(err) = ffmpeg_next::init() {
            log::error!("FFmpeg could not be initialised: {err}");
        }
        // SAFETY: sets a number, which FFmpeg asks for at each allocation from now on; no file was
        // opened yet.
        unsafe { ffmpeg_next::ffi::av_max_alloc(bounds::MOST_ALLOCATION_BYTES) };
        ffmpeg_next::log::set_level(if log::log_enabled!(log::Level::Trace) {
            ffmpeg_next::log::Level::Info
        } else {
            ffmpeg_next::log::Level::Quiet
        });
    });
}

/// A count with its noun: "1 frame", "2 frames".
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
