//! What a process that decodes reports without being asked: that it is getting on, or that its
//! memory ran out. In the program itself nothing is reported.

use std::fs::File;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use ffmpeg_next as ff;
use parking_lot::Mutex;

use super::faults::Fault;
use super::messages::{Reply, message};
use super::wire::{self, Message};
use crate::confined::limits;

/// How often it is reported that work is getting on.
const REPORT_EVERY_MS: u64 = 1000;

/// Where a process that decodes answers.
struct Desk {
    out: Mutex<File>,
    begun: Instant,
    /// When something was reported last, in milliseconds.
    reported: AtomicU64,
}

static DESK: OnceLock<Desk> = OnceLock::new();

/// Makes this a process that decodes: what is reported goes here.
pub fn tell_to(out: File) {
    let _ = DESK.set(Desk {
        out: Mutex::new(out),
        begun: Instant::now(),
        reported: AtomicU64::new(0),
    });
}

/// Sends a reply. Where nobody listens any more, this process ends.
pub fn reply(reply: &Reply, blocks: Vec<Vec<u8>>) {
    if let Some(desk) = DESK.get() {
        desk.send(&message(reply, blocks));
    }
}

/// Notes that something was read: the program that waits for this process goes on waiting.
pub fn working() {
    let Some(desk) = DESK.get() else { return };
    let now = desk.begun.elapsed().as_millis() as u64;
    if now.saturating_sub(desk.reported.load(Ordering::Relaxed)) >= REPORT_EVERY_MS {
        desk.send(&message(&Reply::Working, Vec::new()));
    }
}

/// Makes room for pictures of so many pixels, where this is a process that decodes.
pub fn allow_pictures(pixels: u64) {
    if let Some(most_bytes) = limits::allow_pictures(pixels) {
        reply(&Reply::Limit { most_bytes }, Vec::new());
    }
}

/// Looks at a failure to decode, which else counts as damage: where the memory has run out, what
/// follows would be damaged for that reason alone, so the process says so and ends.
pub fn heed(err: ff::Error) {
    let out_of_memory = ff::Error::Other {
        errno: ff::error::ENOMEM,
    };
    if err == out_of_memory {
        heed_memory();
    }
}

/// As [`heed`], for a decoder that did not open: there FFmpeg gives other reasons for a lack of
/// memory, such as a thread that it could not start.
pub fn heed_memory() {
    let Some(most_bytes) = limits::memory_ran_out() else {
        return;
    };
    reply(
        &Reply::Failed(Fault::OutOfMemory { most_bytes }),
        Vec::new(),
    );
    leave();
}

/// Ends this process at once: FFmpeg's threads may be in the middle of anything.
pub fn leave() -> ! {
    #[cfg(unix)]
    // SAFETY: ends the process without running anything of it.
    unsafe {
        nix::libc::_exit(0)
    }
    #[cfg(not(unix))]
    std::process::exit(0)
}

impl Desk {
    fn send(&self, message: &Message) {
        let now = self.begun.elapsed().as_millis() as u64;
        self.reported.store(now, Ordering::Relaxed);
        if wire::write(&mut *self.out.lock(), message).is_err() {
            leave();
        }
    }
}
