//! What a process that decodes a video gives up before it reads the first byte of it. What the system refuses is done without, and
//! said by what is returned.

use std::path::Path;
#[cfg(target_os = "linux")]
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// Memory for all that is no picture: the container's index, packets, blocks of up to 384 MB.
const BASE_BYTES: u64 = 1 << 30;
/// Memory until the size of the pictures is known.
const OPENING_BYTES: u64 = 2 << 30;
/// Bytes of a pixel: four components of 16 bits.
const PIXEL_BYTES: u64 = 8;
/// Pictures that a decoder keeps: sixteen to refer to, and those on their way in and out.
const PICTURES: u64 = 20;
/// Room of a thread: its stack, and what the allocator keeps for it. Two decoders may be at work at once.
const THREAD_BYTES: u64 = 2 * (16 << 20);
/// Largest block of memory that is asked for at once.
#[cfg(target_os = "linux")]
const BLOCK_BYTES: u64 = 384 << 20;

/// What a process that decodes has given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Memory beyond this, in bytes; `None` where it is not limited.
    pub most_bytes: Option<u64>,
    /// Every network.
    pub network: bool,
    /// Writing and making files.
    pub writing: bool,
    /// Reading any file but the video.
    pub reading: bool,
    /// Starting programs and processes.
    pub processes: bool,
}

/// Threads that decode at once.
fn threads() -> u64 {
    std::thread::available_parallelism().map_or(1, usize::from) as u64
}

/// Memory that decoding pictures of so many pixels may take.
pub fn bytes_for_pictures(pixels: u64) -> u64 {
    let pictures = (PICTURES + 2 * threads()) * PIXEL_BYTES * pixels;
    BASE_BYTES + threads() * THREAD_BYTES + pictures
}

/// Limits this process to reading one file. `most_pixels` is the size of the largest picture that is decoded at all.
///
/// To be called before a second thread is there.
#[cfg(target_os = "linux")]
pub fn confine_to(file: &Path, most_pixels: u64) -> Held {
    use nix::sys::resource::{Resource, setrlimit};
    let hard = bytes_for_pictures(most_pixels).max(OPENING_BYTES);
    let _ = STATE.set(State {
        hard,
        // Cannot be opened any more later on.
        usage: std::fs::File::open("/proc/self/statm").ok(),
    });
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    let most_bytes = set_memory(OPENING_BYTES);
    let no_files = setrlimit(Resource::RLIMIT_FSIZE, 0, 0).is_ok();
    let reading = only_file(file);
    let calls = super::calls::restrict()
        .inspect_err(|err| log::info!("system calls are not limited: {err}"))
        .is_ok();
    Held {
        most_bytes,
        network: calls || super::without_network(),
        writing: (reading || calls) && no_files,
        reading,
        processes: calls,
    }
}

#[cfg(not(target_os = "linux"))]
pub fn confine_to(_: &Path, _: u64) -> Held {
    Held::default()
}

/// Makes room for pictures of so many pixels, and no more, in a process that [`confine_to`] has limited; gives the limit in bytes.
pub fn allow_pictures(pixels: u64) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        STATE.get()?;
        set_memory(bytes_for_pictures(pixels))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = pixels;
        None
    }
}

/// The limit in bytes, in a process that [`confine_to`] has limited and that is about to reach it.
pub fn memory_ran_out() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::resource::{Resource, getrlimit};
        use std::os::unix::fs::FileExt;
        let mut words = [0; 128];
        let usage = STATE.get()?.usage.as_ref()?;
        let length = usage.read_at(&mut words, 0).ok()?;
        // The sixth number: pages of data and stacks (proc_pid_statm(5)).
        let pages: u64 = std::str::from_utf8(&words[..length])
            .ok()?
            .split_whitespace()
            .nth(5)?
            .parse()
            .ok()?;
        let (limit, _) = getrlimit(Resource::RLIMIT_DATA).ok()?;
        // SAFETY: asks for a number that does not change.
        let page_bytes = unsafe { nix::libc::sysconf(nix::libc::_SC_PAGESIZE) };
        let page_bytes = u64::try_from(page_bytes).unwrap_or(4096);
        (pages * page_bytes + BLOCK_BYTES >= limit).then_some(limit)
    }
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(target_os = "linux")]
struct State {
    hard: u64,
    usage: Option<std::fs::File>,
}

#[cfg(target_os = "linux")]
static STATE: OnceLock<State> = OnceLock::new();

/// Sets the limit of memory, as far as it may be raised; gives the limit.
#[cfg(target_os = "linux")]
fn set_memory(bytes: u64) -> Option<u64> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let most = STATE.get().map_or(bytes, |state| state.hard);
    let hard = getrlimit(Resource::RLIMIT_DATA).map_or(most, |(_, hard)| hard.min(most));
    let soft = bytes.min(hard);
    setrlimit(Resource::RLIMIT_DATA, soft, hard)
        .ok()
        .map(|()| soft)
}

/// Forbids every file but one (landlock), and every connection where the kernel knows that.
#[cfg(target_os = "linux")]
fn only_file(file: &Path) -> bool {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetStatus,
    };
    let restrict = || -> Result<RulesetStatus, landlock::RulesetError> {
        let ruleset = Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V5))?
            .handle_access(AccessNet::from_all(ABI::V5))?
            .create()?;
        let ruleset = match PathFd::new(file) {
            Ok(file) => ruleset.add_rule(PathBeneath::new(file, AccessFs::ReadFile))?,
            // What is not there cannot be read either.
            Err(_) => ruleset,
        };
        Ok(ruleset.restrict_self()?.ruleset)
    };
    matches!(
        restrict(),
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_follows_the_picture() {
        let hd = bytes_for_pictures(1920 * 1080);
        assert!(hd > BASE_BYTES && hd < bytes_for_pictures(3840 * 2160));
        // A process that was not limited has no limit to reach.
        assert_eq!(memory_ran_out(), None);
        assert_eq!(allow_pictures(1), None);
    }
}
