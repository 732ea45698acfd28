//! The end of the process on a signal: what must reach the disk is written first, then the process
//! ends within half a second, whatever its threads are doing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::files;

/// So long the process has to end by itself, and properly, once all is written.
const PATIENCE: Duration = Duration::from_millis(100);

/// Exit code of what was interrupted.
pub const INTERRUPTED: i32 = 130;

type Work = Box<dyn Fn() + Send>;

static FIRST: Mutex<Vec<Work>> = Mutex::new(Vec::new());
static WAKE: Mutex<Option<Work>> = Mutex::new(None);
static ASKED: AtomicBool = AtomicBool::new(false);

/// Has something done before the process ends on a signal. It must not take longer than a few
/// tenths of a second.
pub fn before_ending(work: impl Fn() + Send + 'static) {
    FIRST.lock().push(Box::new(work));
}

/// Has a window woken that is asked to close.
pub fn wake_by(wake: impl Fn() + Send + 'static) {
    *WAKE.lock() = Some(Box::new(wake));
}

/// Whether a signal asked the process to end.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::Acquire)
}

/// Called on the thread of signals: ends the process in order if it lets itself, else as it is.
pub fn end() {
    ASKED.store(true, Ordering::Release);
    for work in FIRST.lock().iter() {
        work();
    }
    if let Some(wake) = WAKE.lock().as_ref() {
        wake();
    }
    // The main thread returns meanwhile, and with it the process ends.
    std::thread::sleep(PATIENCE);
    files::remove_unfinished();
    std::process::exit(INTERRUPTED);
}
