//! The program's side: asking a process that decodes, and waiting for its answer without waiting
//! for ever.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::messages::{Asked, ReaderRequest, Reply, block_of_table, parted};
use super::process::{End, Process};
use super::wire::Message;
use crate::confined::limits::Held;
use crate::domain::FrameIndex;
use crate::media::timetable::Timetable;
use crate::media::{FileStamp, MediaError};

/// So long a process may be silent while it is waited for, seconds. One that reads or writes
/// packets says so each second.
static PATIENCE_SECS: AtomicU64 = AtomicU64::new(120);
/// How often a wait looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits so long for silent processes from now on, for tests of the library.
#[cfg(feature = "testing")]
pub fn wait_at_most(secs: u64) {
    PATIENCE_SECS.store(secs, Ordering::Relaxed);
}

/// What a process answers, with its blocks.
pub type Answer = (Reply, Vec<Vec<u8>>);

/// A process that decodes one file.
pub struct Client {
    process: Process,
    pub path: PathBuf,
    /// What the file looked like when the process was started.
    pub stamp: Option<FileStamp>,
    pub held: Held,
    /// Memory that it may take.
    most_bytes: u64,
    /// When something was asked or heard last.
    heard: Instant,
    is_dead: bool,
}

impl Client {
    /// A new process for a kind of work on files, the first of which is the video; `None` where it
    /// does not come to life.
    pub fn start_new(
        program: &Path,
        kind: &str,
        files: &[&Path],
        stamp: Option<FileStamp>,
    ) -> Option<Self> {
        let path = files.first()?;
        let process = Process::start(program, kind, files)
            .inspect_err(|err| log::warn!("videos are decoded in the program itself ({err})"))
            .ok()?;
        let mut client = Self {
            process,
            path: path.to_path_buf(),
            stamp,
            held: Held::default(),
            most_bytes: 0,
            heard: Instant::now(),
            is_dead: false,
        };
        match client.answer(&|| false) {
            Ok((Reply::Ready(held), _)) => {
                client.held = held;
                client.most_bytes = held.most_bytes.unwrap_or_default();
                Some(client)
            }
            Ok(_) => None,
            Err(err) => {
                log::warn!("videos are decoded in the program itself ({err})");
                None
            }
        }
    }

    pub fn is_dead(&self) -> bool {
        self.is_dead
    }

    /// Sends a request, with the blocks that it has of its own.
    pub fn ask(&mut self, request: ReaderRequest, index: Option<&FrameIndex>, own: Vec<Vec<u8>>) {
        let mut blocks = own;
        let mut head = None;
        let mut has_table = false;
        if let Some(index) = index {
            let (parted, mut lists) = parted(index);
            head = Some(parted);
            lists.append(&mut blocks);
            blocks = lists;
            if let Some(table) = Timetable::of(&self.path) {
                has_table = true;
                blocks.push(block_of_table(&table));
            }
        }
        let asked = Asked {
            request,
            index: head,
            has_table,
        };
        self.heard = Instant::now();
        self.process
            .send(Message::new(&asked, blocks).unwrap_or_default());
    }

    /// The next answer, with its blocks. `is_over` says that it is no longer wanted, and ends the
    /// process.
    ///
    /// # Errors
    /// What the process says of the file, how it ended, or [`MediaError::Cancelled`].
    pub fn answer(&mut self, is_over: &dyn Fn() -> bool) -> Result<Answer, MediaError> {
        self.heard = Instant::now();
        loop {
            if is_over() {
                self.end();
                return Err(MediaError::cancelled(&self.path));
            }
            if let Some(answer) = self.answer_within(LOOK_EVERY)? {
                return Ok(answer);
            }
        }
    }

    /// The next answer, where it comes within the time.
    ///
    /// # Errors
    /// What the process says of the file, or how it ended.
    pub fn answer_within(&mut self, within: Duration) -> Result<Option<Answer>, MediaError> {
        let patience = Duration::from_secs(PATIENCE_SECS.load(Ordering::Relaxed));
        let message = match self.process.receive(within) {
            Some(Ok(message)) => message,
            Some(Err(end)) => {
                self.is_dead = true;
                return Err(self.crash(end));
            }
            None if self.heard.elapsed() >= patience => {
                self.end();
                return Err(MediaError::Stuck {
                    path: self.path.clone(),
                    secs: patience.as_secs(),
                });
            }
            None => return Ok(None),
        };
        self.heard = Instant::now();
        match message.read_head() {
            Ok(Reply::Working) => Ok(None),
            Ok(Reply::Limit { most_bytes }) => {
                self.most_bytes = most_bytes;
                Ok(None)
            }
            Ok(Reply::Failed(fault)) => {
                let failure = fault.about(&self.path);
                // It says so and ends.
                self.is_dead |= matches!(failure, MediaError::OutOfMemory { .. });
                Err(failure)
            }
            Ok(reply) => Ok(Some((reply, message.blocks))),
            Err(_) => Err(self.nonsense()),
        }
    }

    /// Ends a process whose answer cannot be true.
    pub fn nonsense(&mut self) -> MediaError {
        self.end();
        self.crash(End {
            how: "its answer made no sense".to_owned(),
            out_of_memory: false,
        })
    }

    pub fn end(&mut self) {
        self.is_dead = true;
        self.process.kill();
    }

    fn crash(&self, end: End) -> MediaError {
        let path = self.path.clone();
        match end.out_of_memory {
            true => MediaError::OutOfMemory {
                path,
                most_bytes: self.most_bytes,
            },
            false => MediaError::Crashed { path, how: end.how },
        }
    }
}
