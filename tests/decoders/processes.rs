//! Finding the processes that decode, and what becomes of them.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for what must happen, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// Processes that decode a clip, among the children of a process.
pub fn decoders_of(parent: u32, clip: &Path) -> Vec<u32> {
    workers_of(parent, "media", clip)
}

/// Processes that export from a clip, among the children of a process.
pub fn exporters_of(parent: u32, clip: &Path) -> Vec<u32> {
    workers_of(parent, "export", clip)
}

fn workers_of(parent: u32, kind: &str, clip: &Path) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|id| id.parse().ok()) else {
            continue;
        };
        let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let arguments: Vec<&[u8]> = arguments.split(|&byte| byte == 0).collect();
        let is_worker = arguments.get(2) == Some(&kind.as_bytes())
            && arguments.get(3) == Some(&clip.as_os_str().as_encoded_bytes());
        if is_worker && status(id, "PPid:").parse() == Ok(parent) {
            found.push(id);
        }
    }
    found
}

/// A line of what the system says of a process; empty where it is gone.
pub fn status(id: u32, name: &str) -> String {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_default().trim().to_owned()
}

pub fn is_there(id: u32) -> bool {
    Path::new(&format!("/proc/{id}")).exists()
}

pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process has a clip open.
pub fn is_reading(id: u32, clip: &Path) -> bool {
    let open = std::fs::read_dir(format!("/proc/{id}/fd"));
    open.is_ok_and(|open| {
        open.flatten()
            .any(|entry| std::fs::read_link(entry.path()).is_ok_and(|path| path == clip))
    })
}

pub fn signal(id: u32, name: &str) {
    let _ = Command::new("kill")
        .args(["-s", name, &id.to_string()])
        .stderr(Stdio::null())
        .status();
}

/// Ends a process by a signal, however often it must be sent: the first fault of memory only takes
/// away the handler by which Rust tells an overflowing stack from other faults.
pub fn crash(id: u32, name: &str) {
    wait_for("the end of the process", || {
        signal(id, name);
        (!is_there(id) || status(id, "State:").starts_with('Z')).then_some(())
    });
}

/// The process that a command has started, once it reads the clip.
pub fn decoder_at_work(child: &Child, clip: &Path) -> u32 {
    wait_for("a decoder at work", || {
        let mut decoders = decoders_of(child.id(), clip).into_iter();
        decoders.find(|&id| is_reading(id, clip))
    })
}

/// The command that reads a clip from beginning to end.
pub fn analyze(home: &Path, clip: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_summdiff"));
    command
        .args(["features", clip.to_str().unwrap(), "-o"])
        .arg(home.join("f.npy"))
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home.join("cache"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub fn last_line(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.trim_end()
        .lines()
        .last()
        .unwrap_or_default()
        .to_owned()
}

/// Gives a process no more memory, and looks at what the program that started it then says of its
/// clip.
pub fn runs_out_of_memory(child: Child, worker: u32) {
    let limited = Command::new("prlimit")
        .args(["--pid", &worker.to_string(), "--data=4096:4096"])
        .status();
    assert!(limited.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = last_line(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("MB of memory") && said.contains("clip.mp4"),
        "{said}"
    );
}
