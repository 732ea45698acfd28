//! Files whose clock starts over, as when transport streams were put one after the other: where the first recording ends.
//!
//! Every time of such a file occurs more than once, so no seek can tell the recordings apart. The first one is used and
//! the rest is left out. Only reading the whole file shows the place; whoever indexes the file remembers it here for those
//! who open it afterwards.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use parking_lot::Mutex;

use super::stamp::FileStamp;

/// Packets on each side that must agree that the clock went back: single times may be damaged.
const AGREEING: usize = 8;

static ENDS: LazyLock<Mutex<HashMap<PathBuf, (FileStamp, i64)>>> = LazyLock::new(Mutex::default);

/// Remembers at which byte the first recording of a file ends.
pub(super) fn remember(path: &Path, end: i64) {
    if let Some(stamp) = FileStamp::of(path) {
        ENDS.lock().insert(path.to_path_buf(), (stamp, end));
    }
}

/// The byte at which the first recording of an indexed, unchanged file ends; `None` where it is the only one.
pub(super) fn first_end(path: &Path) -> Option<i64> {
    let (stamp, end) = ENDS.lock().get(path).copied()?;
    (FileStamp::of(path) == Some(stamp)).then_some(end)
}

/// The first of `times`, in the order of storage, before which the clock went back by more than `tolerance` for good.
pub(super) fn restart(times: &[i64], tolerance: i64) -> Option<usize> {
    // Too few times on either side would agree by chance.
    (AGREEING / 2..times.len().saturating_sub(AGREEING / 2 - 1))
        .filter(|&at| times[at] < times[at - 1].saturating_sub(tolerance))
        .find(|&at| {
            let before = median(&times[at.saturating_sub(AGREEING)..at]);
            let after = median(&times[at..times.len().min(at + AGREEING)]);
            after < before.saturating_sub(tolerance)
        })
}

fn median(times: &[i64]) -> i64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_starts_over_is_told_from_a_damaged_time() {
        let run: Vec<i64> = (0..50).map(|n| n * 40).collect();
        assert_eq!(restart(&run, 1000), None);
        assert_eq!(
            restart(&[run.clone(), run.clone()].concat(), 1000),
            Some(50)
        );
        for wrong in [-90_000, 90_000] {
            let mut damaged = run.clone();
            damaged[20] = wrong;
            assert_eq!(restart(&damaged, 1000), None, "{wrong}");
        }
        assert_eq!(restart(&[], 1000), None);
    }
}
