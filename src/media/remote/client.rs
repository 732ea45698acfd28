//! The program's side: asking a process that decodes, and waiting for its answer without waiting for ever.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::messages::{
    Asked, IndexReply, Reply, Request, block_of_table, index_of, parted, table_of,
};
use super::process::{End, Process};
use super::wire::Message;
use super::{KIND, idle};
use crate::confined;
use crate::confined::limits::Held;
use crate::domain::FrameIndex;
use crate::domain::repairs::one_line;
use crate::jobs::{CancelToken, Progress};
use crate::media::index::STAGES;
use crate::media::timetable::Timetable;
use crate::media::{FileStamp, Indexed, MediaError, Probe, opening};

/// So long a process may be silent while it is waited for. One that reads packets says so each second.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a wait looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(20);

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
    /// A process for a file; `None` where the program named no other, or the system starts none.
    ///
    /// # Errors
    /// Where the path leads to no file that can be read.
    pub fn start(path: &Path) -> Result<Option<Self>, MediaError> {
        let Some(program) = confined::program().filter(|_| cfg!(unix)) else {
            return Ok(None);
        };
        opening::check(path)?;
        let stamp = FileStamp::of(path);
        if let Some(client) = idle::take(path, stamp) {
            return Ok(Some(client));
        }
        Ok(Self::start_new(program, path, stamp))
    }

    /// A new process; `None` where it does not come to life.
    pub fn start_new(program: &Path, path: &Path, stamp: Option<FileStamp>) -> Option<Self> {
        let process = Process::start(program, KIND, path)
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
    pub fn ask(&mut self, request: Request, index: Option<&FrameIndex>, own: Vec<Vec<u8>>) {
        let mut blocks = Vec::new();
        let mut head = None;
        let mut has_table = false;
        if let Some(index) = index {
            let (parted, lists) = parted(index);
            head = Some(parted);
            blocks = lists;
            blocks.extend(own);
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

    /// The next answer, with its blocks. `is_over` says that it is no longer wanted, and ends the process.
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
        let message = match self.process.receive(within) {
            Some(Ok(message)) => message,
            Some(Err(end)) => {
                self.is_dead = true;
                return Err(self.crash(end));
            }
            None if self.heard.elapsed() >= PATIENCE => {
                self.end();
                return Err(MediaError::Stuck {
                    path: self.path.clone(),
                    secs: PATIENCE.as_secs(),
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

    /// One answer to one request, after which the process may serve others.
    ///
    /// # Errors
    /// As [`Client::answer`].
    pub fn told(
        mut self,
        is_over: &dyn Fn() -> bool,
        mut on_part: impl FnMut(Reply, Vec<Vec<u8>>),
    ) -> Result<Answer, MediaError> {
        loop {
            let answer = self.answer(is_over);
            match answer {
                Ok((
                    reply @ (Reply::Progress { .. } | Reply::Levels { is_whole: false }),
                    blocks,
                )) => {
                    on_part(reply, blocks);
                }
                answer => {
                    idle::keep(self);
                    return answer;
                }
            }
        }
    }
}

/// Reads through a file in a process of its own; `None` where there is none.
pub fn read_through(
    path: &Path,
    with_probe: bool,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Option<Result<(Option<Probe>, Indexed), MediaError>> {
    let client = match Client::start(path) {
        Ok(client) => client?,
        Err(err) => return Some(Err(err)),
    };
    Some(read_by(client, path, with_probe, cancel, progress))
}

fn read_by(
    mut client: Client,
    path: &Path,
    with_probe: bool,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Option<Probe>, Indexed), MediaError> {
    let request = match with_probe {
        true => Request::Inspect,
        false => Request::Index,
    };
    client.ask(request, None, Vec::new());
    let answer = client.told(&|| cancel.is_cancelled(), |reply, _| {
        if let Reply::Progress {
            stage,
            fraction,
            eta_secs,
        } = reply
        {
            progress(Progress {
                stage: known_stage(&stage),
                fraction,
                eta_secs,
            });
        }
    })?;
    let nonsense = || MediaError::Crashed {
        path: path.to_path_buf(),
        how: "its answer made no sense".to_owned(),
    };
    let (Reply::Index(reply), blocks) = answer else {
        return Err(nonsense());
    };
    let reply: IndexReply = *reply;
    let [pts, keyframes, table @ ..] = blocks.as_slice() else {
        return Err(nonsense());
    };
    let index = index_of(reply.index, pts, keyframes).ok_or_else(nonsense)?;
    match table.first().and_then(|table| table_of(table)) {
        Some(table) => table.remember(path),
        None => Timetable::forget(path),
    }
    let indexed = Indexed {
        index,
        frame_rate: reply.frame_rate,
        variable_frame_rate: reply.variable_frame_rate,
        damaged: reply.damaged,
        warnings: reply.warnings.iter().map(|text| one_line(text)).collect(),
    };
    Ok((reply.probe.map(|probe| of_path(probe, path)), indexed))
}

/// The facts of a file, from a process of its own; `None` where there is none.
pub fn probe(path: &Path) -> Option<Result<Probe, MediaError>> {
    let mut client = match Client::start(path) {
        Ok(client) => client?,
        Err(err) => return Some(Err(err)),
    };
    client.ask(Request::Probe, None, Vec::new());
    Some(match client.told(&|| false, |_, _| {}) {
        Ok((Reply::Probe(probe), _)) => Ok(of_path(*probe, path)),
        Ok(_) => Err(MediaError::Crashed {
            path: path.to_path_buf(),
            how: "its answer made no sense".to_owned(),
        }),
        Err(err) => Err(err),
    })
}

/// Facts with the program's own path; names are one line each.
fn of_path(mut probe: Probe, path: &Path) -> Probe {
    probe.info.path = path.to_path_buf();
    for text in [
        &mut probe.info.codec,
        &mut probe.pixel_format,
        &mut probe.container,
    ] {
        *text = one_line(text);
    }
    for warning in &mut probe.info.warnings {
        *warning = one_line(warning);
    }
    probe
}

/// The stage of that name.
fn known_stage(name: &str) -> &'static str {
    STAGES
        .into_iter()
        .find(|stage| *stage == name)
        .unwrap_or(STAGES[0])
}
