//! The `summdiff` program: a thin door to the library.

use std::process::ExitCode;

use summdiff_explorer::inference::telemetry;

/// Blocks of at least so many bytes, such as frames and features, are given back to the system as soon as they are free.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const OWN_BLOCK_BYTES: i32 = 1 << 20;
/// Heaps that threads share; each keeps what it once needed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MOST_HEAPS: i32 = 4;

fn main() -> ExitCode {
    // ONNX Runtime reads this when it is loaded; without it, it reports to its maker.
    // SAFETY: nothing ran before, so there is no other thread that could read the environment meanwhile.
    unsafe { std::env::set_var(telemetry::OFF_SWITCH, "1") };
    keep_memory_small();
    summdiff_explorer::cli::main()
}

/// Left to itself, the system's allocator makes a heap for each of many threads and keeps ever larger blocks in them: a window
/// that is open for long grows though nothing is lost.
fn keep_memory_small() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::libc::{M_ARENA_MAX, M_MMAP_THRESHOLD, mallopt};
        // SAFETY: the call takes two numbers, and there is no other thread yet. Where it fails all stays as it was.
        unsafe {
            mallopt(M_ARENA_MAX, MOST_HEAPS);
            mallopt(M_MMAP_THRESHOLD, OWN_BLOCK_BYTES);
        }
    }
}
