//! Strangers' videos are decoded in processes of their own: what crashes FFmpeg, fills the memory
//! or never ends there is a sentence here.
//!
//! The program starts itself for that, one process for each thing that is open, with limits on
//! memory, no network, no other file and no other process as far as the kernel knows how
//! (`confined::limits`). The types of this room (`SampledDecoder`, `FrameReader`, …) look the same
//! wherever the decoding is done: in the program itself in tests of the library, and where no
//! process can be started.
//!
//! ```text
//! program                              process that decodes
//! client, frames, samples, sound  ──▶  server: requests, in order; the end of its input ends it
//!         ◀── answers: heads in JSON, pixels as they are (wire)
//! ```

pub(crate) mod client;
mod facts;
pub(crate) mod faults;
mod frames;
mod idle;
pub(crate) mod messages;
mod process;
mod samples;
pub(crate) mod server;
pub(crate) mod signs;
mod sound;
mod wire;

#[cfg(feature = "testing")]
pub use client::wait_at_most;
pub(crate) use facts::{probe, read_through};
pub(crate) use frames::RemoteReader;
pub(crate) use samples::RemoteSampler;
pub use server::serve;
pub(crate) use sound::{RemoteSound, cues, envelope};

use crate::confined;
use crate::confined::limits::Held;

/// The kind of confined work.
pub const KIND: &str = "media";

/// What a process that decodes gives up on this system; `None` where none can be started, so that
/// the program decodes.
pub fn on_this_system() -> Option<Held> {
    let program = confined::program()?;
    // Any file will do: nothing of it is read.
    client::Client::start_new(program, KIND, &[program], None).map(|client| client.held)
}
