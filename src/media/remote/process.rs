//! A process that decodes one video: starting it, messages to and from it, its end. Two threads
//! serve each: one writes, one reads and takes leave of the process when it ends, so that none is
//! left behind. Knows nothing of what the messages mean.

use std::io::{Error, Read, Result};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use parking_lot::Mutex;

use super::wire::{self, Message};
use crate::{confined, jobs};

/// Messages that may wait for the one who asked.
const WAITING: usize = 2;
/// Requests that may wait for the process. It takes them at once; where it does not, it is no use.
const ASKED: usize = 64;
/// Bytes of a pipe: fewer changes between the two processes than by its usual size.
#[cfg(target_os = "linux")]
const PIPE_BYTES: i32 = 1 << 20;

/// How a process ended that was not asked to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// In words: "signal 11".
    pub how: String,
    /// Whether it had no memory left.
    pub out_of_memory: bool,
}

/// A running process; dropping it ends it.
pub struct Process {
    child: Arc<Mutex<Child>>,
    requests: Sender<Message>,
    replies: Receiver<std::result::Result<Message, End>>,
}

impl Process {
    /// Starts a process for a kind of work on a file, or on one that is read and one that is
    /// written.
    ///
    /// # Errors
    /// Where the system starts none.
    pub fn start(program: &Path, kind: &str, files: &[&Path]) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args([confined::WORD, kind])
            .args(files)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // An interrupt at the keyboard is for the program alone, which ends this one.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = spawn(command)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let child = Arc::new(Mutex::new(child));
        let (requests, asked) = bounded::<Message>(ASKED);
        let (reader, replies) = bounded(WAITING);
        let process = Self {
            child: Arc::clone(&child),
            requests,
            replies,
        };
        let (Some(mut to), Some(mut from), Some(said)) = pipes else {
            return Err(Error::other("no pipes"));
        };
        #[cfg(target_os = "linux")]
        {
            use nix::fcntl::{FcntlArg, fcntl};
            // Where it is not given, the pipe works as it is.
            let _ = fcntl(&from, FcntlArg::F_SETPIPE_SZ(PIPE_BYTES));
        }
        jobs::spawn("requests to a decoder", move || {
            while let Ok(message) = asked.recv() {
                if wire::write(&mut to, &message).is_err() {
                    break;
                }
            }
        })?;
        jobs::spawn("replies of a decoder", move || {
            while let Ok(Some(message)) = wire::read(&mut from) {
                if reader.send(Ok(message)).is_err() {
                    break;
                }
            }
            let mut child = child.lock();
            // One that only closed its pipe, or sent what is no message, is no use any more.
            let _ = child.kill();
            let end = child.wait().map(|status| end_of(status, said));
            drop(child);
            // Nobody listens where it was ended on purpose.
            let _ = reader.send(Err(end.unwrap_or_default()));
        })?;
        Ok(process)
    }

    /// Sends a request; where the process is gone, what comes next says so.
    pub fn send(&self, message: Message) {
        if self.requests.try_send(message).is_err() {
            self.kill();
        }
    }

    /// The next message, or the end of the process; `None` where neither came within the time.
    pub fn receive(&self, within: Duration) -> Option<std::result::Result<Message, End>> {
        match self.replies.recv_timeout(within) {
            Ok(reply) => Some(reply),
            Err(RecvTimeoutError::Timeout) => None,
            // Its end was reported before.
            Err(RecvTimeoutError::Disconnected) => Some(Err(End {
                how: "it has ended".to_owned(),
                out_of_memory: false,
            })),
        }
    }

    /// Ends the process at once.
    pub fn kill(&self) {
        // While the other thread waits for it, it is ending already.
        if let Some(mut child) = self.child.try_lock() {
            let _ = child.kill();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a process from a thread that lasts as long as this program: the system ends the process
/// with the thread it came from.
fn spawn(command: Command) -> Result<Child> {
    type Wish = (Command, Sender<Result<Child>>);
    static WISHES: OnceLock<Option<Sender<Wish>>> = OnceLock::new();
    let wishes = WISHES.get_or_init(|| {
        let (wishes, wished) = bounded::<Wish>(1);
        jobs::spawn("starter of decoders", move || {
            while let Ok((mut command, answer)) = wished.recv() {
                let _ = answer.send(command.spawn());
            }
        })
        .ok()
        .map(|_| wishes)
    });
    let gone = || Error::other("no thread could be started");
    let (answer, answered) = bounded(1);
    let wishes = wishes.as_ref().ok_or_else(gone)?;
    wishes.send((command, answer)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

/// How it ended, by the system's word and by what it said last.
fn end_of(status: ExitStatus, mut said: impl Read) -> End {
    let mut words = Vec::new();
    let _ = said.by_ref().take(8192).read_to_end(&mut words);
    let words = String::from_utf8_lossy(&words);
    if !words.trim().is_empty() {
        log::info!(
            "a decoder said: {}",
            crate::domain::repairs::one_line(&words)
        );
    }
    End {
        how: in_words(status),
        // The words of Rust's own allocator.
        out_of_memory: words.contains("memory allocation of"),
    }
}

#[cfg(unix)]
fn in_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("signal {signal}"),
        (_, Some(code)) => format!("exit code {code}"),
        _ => "no word".to_owned(),
    }
}

#[cfg(not(unix))]
fn in_words(status: ExitStatus) -> String {
    status.to_string()
}
