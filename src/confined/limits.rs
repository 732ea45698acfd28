//! What a process that decodes a video gives up before it reads the first byte of it. What the
//! system refuses is done without, and said by what is returned.

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
/// Room of a thread: its stack, and what the allocator keeps for it. Two decoders may be at work at
/// once.
const THREAD_BYTES: u64 = 2 * (16 << 20);
/// Pictures that an encoder keeps besides: those it looks ahead at and refers to, and for each
/// thread those under way.
const ENCODED_PICTURES: u64 = 80;
const ENCODED_PICTURES_PER_THREAD: u64 = 4;
/// Bytes of a pixel there: up to 16 bits of brightness and colours, and what is known of the
/// picture's motion.
const ENCODED_PIXEL_BYTES: u64 = 6;
/// Where the system says which processors there are; encoders ask it.
#[cfg(target_os = "linux")]
const PROCESSORS: [&str; 2] = ["/sys/devices/system/cpu/online", "/sys/devices/system/node"];
/// Largest block of memory that is asked for at once.
#[cfg(target_os = "linux")]
const BLOCK_BYTES: u64 = 384 << 20;

/// What a process that decodes may reach.
#[derive(Clone, Copy, Debug)]
pub struct Reach<'a> {
    /// The one file that it reads.
    pub file: &'a Path,
    /// The one file that it writes, and reads again; without one it writes nothing.
    pub made: Option<&'a Path>,
    /// Size of the largest picture that is decoded at all.
    pub most_pixels: u64,
}

/// What a process that decodes has given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Memory beyond this, in bytes; `None` where it is not limited.
    pub most_bytes: Option<u64>,
    /// Every network.
    pub network: bool,
    /// Writing and making files, but for the one that it is to write.
    pub writing: bool,
    /// Reading any file but the video, the one that it writes and what the system says of its
    /// processors.
    pub reading: bool,
    /// Starting programs and processes.
    pub processes: bool,
}

/// Threads that decode at once: as many as FFmpeg and the encoders count processors, whatever share
/// of them a container gets.
fn threads() -> u64 {
    let counted = std::thread::available_parallelism().map_or(1, usize::from);
    #[cfg(target_os = "linux")]
    let counted = {
        use nix::sched::{CpuSet, sched_getaffinity};
        use nix::unistd::Pid;
        let count = |cpus: CpuSet| {
            let numbers = 0..CpuSet::count();
            numbers.filter(|&cpu| cpus.is_set(cpu) == Ok(true)).count()
        };
        sched_getaffinity(Pid::from_raw(0)).map_or(counted, |cpus| counted.max(count(cpus)))
    };
    counted as u64
}

/// Memory that decoding pictures of so many pixels may take.
pub fn bytes_for_pictures(pixels: u64) -> u64 {
    let pictures = (PICTURES + 2 * threads()) * PIXEL_BYTES * pixels;
    BASE_BYTES + threads() * THREAD_BYTES + pictures
}

/// Memory that decoding and encoding pictures of so many pixels may take.
pub fn bytes_for_export(pixels: u64) -> u64 {
    let pictures =
        (ENCODED_PICTURES + ENCODED_PICTURES_PER_THREAD * threads()) * ENCODED_PIXEL_BYTES * pixels;
    bytes_for_pictures(pixels) + threads() * THREAD_BYTES + pictures
}

/// Limits this process to what it may reach.
///
/// To be called before a second thread is there.
#[cfg(target_os = "linux")]
pub fn confine_to(reach: &Reach) -> Held {
    use nix::sys::resource::{RLIM_INFINITY, Resource, setrlimit};
    let bytes_for = match reach.made {
        Some(_) => bytes_for_export,
        None => bytes_for_pictures,
    };
    let hard = bytes_for(reach.most_pixels).max(OPENING_BYTES);
    let _ = STATE.set(State {
        hard,
        bytes_for,
        // Cannot be opened any more later on.
        usage: std::fs::File::open("/proc/self/statm").ok(),
    });
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    let most_bytes = set_memory(OPENING_BYTES);
    let most_written = reach.made.map_or(0, |_| RLIM_INFINITY);
    let no_files = setrlimit(Resource::RLIMIT_FSIZE, most_written, most_written).is_ok();
    let reading = only_files(reach);
    let calls = super::calls::restrict(reach.made.is_some())
        .inspect_err(|err| log::info!("system calls are not limited: {err}"))
        .is_ok();
    Held {
        most_bytes,
        network: calls || super::without_network(),
        writing: match reach.made {
            Some(_) => reading,
            None => (reading || calls) && no_files,
        },
        reading,
        processes: calls,
    }
}

#[cfg(not(target_os = "linux"))]
pub fn confine_to(_: &Reach) -> Held {
    Held::default()
}

/// Makes room for pictures of so many pixels, and no more, in a process that [`confine_to`] has
/// limited; gives the limit in bytes.
pub fn allow_pictures(pixels: u64) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let state = STATE.get()?;
        set_memory((state.bytes_for)(pixels))
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
    /// Memory for pictures of so many pixels.
    bytes_for: fn(u64) -> u64,
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

/// Forbids every file but those within reach (landlock), and every connection where the kernel
/// knows that.
#[cfg(target_os = "linux")]
fn only_files(reach: &Reach) -> bool {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetStatus,
    };
    let restrict = || -> Result<RulesetStatus, landlock::RulesetError> {
        let ruleset = Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V5))?
            .handle_access(AccessNet::from_all(ABI::V5))?
            .create()?;
        let written = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate;
        let mut files = vec![(reach.file, AccessFs::ReadFile.into())];
        if let Some(made) = reach.made {
            files.push((made, written));
            files.extend(PROCESSORS.map(|place| (Path::new(place), AccessFs::ReadFile.into())));
        }
        let mut ruleset = ruleset;
        for (file, access) in files {
            // What is not there cannot be read either.
            if let Ok(file) = PathFd::new(file) {
                ruleset = ruleset.add_rule(PathBeneath::new(file, access))?;
            }
        }
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
        assert!(hd < bytes_for_export(1920 * 1080));
        // A process that was not limited has no limit to reach.
        assert_eq!(memory_ran_out(), None);
        assert_eq!(allow_pictures(1), None);
    }
}
