//! Work on strangers' files in a process of its own, with limits on memory and processor time, no
//! growing files and, on Linux, no network: what crashes or never ends there becomes a sentence
//! here.
//!
//! The program starts itself for that, with [`WORD`], the kind of work and a path, for some kinds
//! also that of a file to write. Only a program that named itself ([`use_program`]) does;
//! elsewhere, as in tests of the library, there is no such process. What the work is, its callers
//! know.

#[cfg(target_os = "linux")]
mod calls;
pub mod limits;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::domain::repairs::one_line;

/// The first argument of a program that works confined; the kind of work and a path follow.
pub const WORD: &str = "work-confined";
/// Memory of such a process, beyond what its caller adds.
pub const MOST_BYTES: u64 = 384 << 20;
/// Processor time of such a process, where its caller gives no other.
pub const MOST_SECS: u64 = 10;
/// Longest wait, also on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(120);
/// The kind of work that only says what the system limits.
const REPORT: &str = "report";

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Names the program that is started for work: the running one.
pub fn use_program() {
    if let Ok(program) = std::env::current_exe() {
        let _ = PROGRAM.set(program);
    }
}

/// Names another program that is started for work, for tests of the library.
#[cfg(feature = "testing")]
pub fn use_other_program(program: &Path) {
    let _ = PROGRAM.set(program.to_owned());
}

/// The program that is started for work; `None` where none was named.
pub fn program() -> Option<&'static Path> {
    PROGRAM.get().map(PathBuf::as_path)
}

/// How confined work failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The sentence in which the work itself refused the file.
    Said(String),
    /// How the process came to its end: "did not end", "crashed (signal 11)".
    Ended(String),
}

/// Does work in a process of its own, unless it was done before with the same `key`. A machine that
/// starts no process goes on without.
///
/// # Errors
/// [`Failure`], where the work did not come to a good end.
pub fn once(work: &str, path: &Path, key: &str) -> Result<(), Failure> {
    static DONE: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let Some(program) = PROGRAM.get() else {
        return Ok(());
    };
    let key = format!("{work}-{key}");
    let is_known = |done: &Option<HashSet<String>>| done.as_ref().is_some_and(|d| d.contains(&key));
    if is_known(&DONE.lock()) {
        return Ok(());
    }
    let mark = user_cache_dir().map(|folder| folder.join("tried").join(&key));
    if !mark.as_ref().is_some_and(|mark| mark.is_file()) {
        run(program, work, path)?;
        if let Some(mark) = mark {
            // Where it cannot be remembered, it is done again next time.
            let _ = mark.parent().map(std::fs::create_dir_all);
            let _ = std::fs::write(mark, b"");
        }
    }
    DONE.lock().get_or_insert_default().insert(key);
    Ok(())
}

fn run(program: &Path, work: &str, path: &Path) -> Result<(), Failure> {
    let (status, words) = match answer(program, work, path) {
        Ok(answer) => answer,
        Err(err) => {
            log::warn!("no process could be started, so the work goes unconfined ({err})");
            return Ok(());
        }
    };
    let Some(status) = status else {
        let secs = PATIENCE.as_secs();
        return Err(Failure::Ended(format!("did not end within {secs} s")));
    };
    match (status.success(), status.code()) {
        (true, _) => Ok(()),
        (_, Some(_)) if !words.is_empty() => Err(Failure::Said(one_line(&words))),
        _ => Err(Failure::Ended(how_it_ended(status))),
    }
}

/// How a process ended (`None` where it was ended for its length), and what it wrote to stdout.
fn answer(
    program: &Path,
    work: &str,
    path: &Path,
) -> std::io::Result<(Option<std::process::ExitStatus>, String)> {
    let mut child = Command::new(program)
        .args([WORD, work])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    // A sentence, which the pipe held while the process ran.
    let mut words = String::new();
    if let Some(out) = child.stdout.take() {
        let _ = out.take(8192).read_to_string(&mut words);
    }
    Ok((status, words.trim().to_owned()))
}

/// How a process ended, in words: "crashed (signal 11)".
#[cfg(unix)]
pub fn how_it_ended(status: std::process::ExitStatus) -> String {
    use nix::libc::{SIGKILL, SIGXCPU};
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(SIGXCPU | SIGKILL) => "did not end".to_owned(),
        Some(signal) => format!("crashed (signal {signal})"),
        None => "ended without a word".to_owned(),
    }
}

#[cfg(not(unix))]
pub fn how_it_ended(_: std::process::ExitStatus) -> String {
    "crashed".to_owned()
}

/// What this process limits for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    pub memory: bool,
    pub time: bool,
    /// Whether it is cut off from the network.
    pub network: bool,
}

/// What the system limits of a process that works confined; `None` where none can be started.
pub fn on_this_system() -> Option<Confinement> {
    let (_, words) = answer(PROGRAM.get()?, REPORT, Path::new("")).ok()?;
    serde_json::from_str(&words).ok()
}

/// The process itself: `work` takes the kind, the path and that of a file to write, confines itself
/// before it touches them, and fails with a sentence.
pub fn serve(
    arguments: &[std::ffi::OsString],
    work: impl FnOnce(&str, &Path, Option<&Path>) -> Result<(), String>,
) -> ExitCode {
    let (kind, path, made) = match arguments {
        [kind, path] => (kind, path, None),
        [kind, path, made] => (kind, path, Some(Path::new(made))),
        _ => return ExitCode::from(2),
    };
    let kind = kind.to_string_lossy();
    let answer = if kind == REPORT {
        let confinement = confine(MOST_BYTES, MOST_SECS);
        Ok(serde_json::to_string(&confinement).unwrap_or_default())
    } else {
        work(&kind, Path::new(path), made).map(|()| String::new())
    };
    let (Ok(words) | Err(words)) = &answer;
    // Where nobody listens any more, there is nothing to report.
    let _ = std::io::stdout().write_all(words.as_bytes());
    match answer {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Limits this process to so much memory and so many seconds of processor time, and to what else
/// confined work does not need. What the system refuses is done without.
#[cfg(unix)]
pub fn confine(most_bytes: u64, most_secs: u64) -> Confinement {
    use nix::sys::resource::{Resource, setrlimit};
    let mut confinement = Confinement {
        // One second more before it is killed, not asked.
        time: setrlimit(Resource::RLIMIT_CPU, most_secs, most_secs + 1).is_ok(),
        ..Confinement::default()
    };
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    let _ = setrlimit(Resource::RLIMIT_FSIZE, 0, 0);
    #[cfg(target_os = "linux")]
    {
        /// Room of a thread: its stack, and what the allocator keeps for it.
        const THREAD_BYTES: u64 = 16 << 20;
        let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
        let most = most_bytes.saturating_add(threads * THREAD_BYTES);
        confinement.memory = setrlimit(Resource::RLIMIT_DATA, most, most).is_ok();
        confinement.network = without_network();
    }
    #[cfg(not(target_os = "linux"))]
    let _ = most_bytes;
    confinement
}

#[cfg(not(unix))]
pub fn confine(_: u64, _: u64) -> Confinement {
    Confinement::default()
}

/// Moves this process to a network of its own, in which there is nobody; whether it could. It must
/// have one thread.
#[cfg(target_os = "linux")]
fn without_network() -> bool {
    use nix::sched::{CloneFlags, unshare};
    let alone = CloneFlags::CLONE_NEWNET;
    unshare(alone).is_ok() || unshare(CloneFlags::CLONE_NEWUSER | alone).is_ok()
}

/// Folder of what can be made again: `summdiff` in the user's cache folder.
fn user_cache_dir() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "summdiff").map(|dirs| dirs.cache_dir().to_owned())
}
