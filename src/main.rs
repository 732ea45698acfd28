//! The `summdiff` program: a thin door to the library.

use std::process::ExitCode;

use summdiff_explorer::confined;
use summdiff_explorer::inference::telemetry;

/// Blocks of at least so many bytes, such as frames and features, are given back to the system as
/// soon as they are free.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const OWN_BLOCK_BYTES: i32 = 1 << 20;
/// Memory that is free at the end of a heap and kept: pictures come and go, and memory that is new
/// each time costs more than the work on it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT_BYTES: i32 = 16 << 20;
/// The same two of a process that decodes one video: it ends soon, and the system limits it. The
/// allocator takes no more than 32 MB for the first.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const CONFINED_BYTES: (i32, i32) = (32 << 20, 256 << 20);
/// Heaps that threads share; each keeps what it once needed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MOST_HEAPS: i32 = 4;

fn main() -> ExitCode {
    // ONNX Runtime reads this when it is loaded; without it, it reports to its maker. SAFETY:
    // nothing ran before, so there is no other thread that could read the environment meanwhile.
    unsafe { std::env::set_var(telemetry::OFF_SWITCH, "1") };
    keep_memory_small();
    summdiff_explorer::cli::main()
}

/// Left to itself, the system's allocator makes a heap for each of many threads and keeps ever
/// larger blocks in them: a window that is open for long grows though nothing is lost.
fn keep_memory_small() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::libc::{M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, mallopt};
        let is_confined = std::env::args_os()
            .nth(1)
            .is_some_and(|word| word == confined::WORD);
        let (own_block, kept) = match is_confined {
            true => CONFINED_BYTES,
            false => (OWN_BLOCK_BYTES, KEPT_BYTES),
        };
        // SAFETY: the call takes two numbers, and there is no other thread yet. Where it fails all
        // stays as it was.
        unsafe {
            mallopt(M_ARENA_MAX, MOST_HEAPS);
            mallopt(M_MMAP_THRESHOLD, own_block);
            mallopt(M_TRIM_THRESHOLD, kept);
        }
    }
}
