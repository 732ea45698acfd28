//! The parts of FFmpeg that the safe wrapper lacks. All `unsafe` of cutting lives here, each with
//! its argument. Knows nothing of cutting.

mod container;
mod picture;
mod sound;
mod subtitle;

pub(super) use container::*;
pub(super) use picture::*;
pub(super) use sound::*;
pub(in crate::media) use subtitle::TextConverter;
pub(super) use subtitle::set_disposition;
