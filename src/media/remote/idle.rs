//! Processes that have done their work and may do more on the same file: starting one takes some
//! tens of milliseconds.

use std::path::Path;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::KIND;
use super::client::{Answer, Client};
use super::messages::Reply;
use crate::confined;
use crate::jobs;
use crate::media::{FileStamp, MediaError, opening};

/// Processes that wait at most, and how long.
const MOST: usize = 2;
const PATIENCE: Duration = Duration::from_secs(5);

/// Those that wait, the newest last; whether a thread sees to their leaving.
static WAITING: Mutex<(Vec<(Instant, Client)>, bool)> = Mutex::new((Vec::new(), false));

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
        if let Some(client) = take(path, stamp) {
            return Ok(Some(client));
        }
        Ok(Self::start_new(program, KIND, &[path], stamp))
    }

    /// A process for another kind of work, which reads one file and writes one; `None` as by
    /// [`Client::start`].
    ///
    /// # Errors
    /// As [`Client::start`].
    pub fn start_writing(kind: &str, path: &Path, made: &Path) -> Result<Option<Self>, MediaError> {
        let Some(program) = confined::program().filter(|_| cfg!(unix)) else {
            return Ok(None);
        };
        opening::check(path)?;
        let stamp = FileStamp::of(path);
        Ok(Self::start_new(program, kind, &[path, made], stamp))
    }

    /// One answer to one request, after which the process may serve others.
    ///
    /// # Errors
    /// As [`Client::answer`].
    pub fn last_answer(
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
                    keep(self);
                    return answer;
                }
            }
        }
    }
}

/// A process that knows this unchanged file.
fn take(path: &Path, stamp: Option<FileStamp>) -> Option<Client> {
    let (waiting, _) = &mut *WAITING.lock();
    let at = waiting
        .iter()
        .position(|(_, client)| client.path == path && client.stamp == stamp && stamp.is_some())?;
    Some(waiting.remove(at).1)
}

/// Keeps a process for a while; one that has ended is let go.
fn keep(client: Client) {
    if client.is_dead() {
        return;
    }
    let (waiting, is_watched) = &mut *WAITING.lock();
    waiting.push((Instant::now(), client));
    if waiting.len() > MOST {
        waiting.remove(0);
    }
    if !*is_watched {
        *is_watched = jobs::spawn("idle decoders", watch).is_ok();
    }
}

/// Lets go of those that waited long enough, until none is left.
fn watch() {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let (waiting, is_watched) = &mut *WAITING.lock();
        waiting.retain(|(since, _)| since.elapsed() < PATIENCE);
        if waiting.is_empty() {
            *is_watched = false;
            return;
        }
    }
}
