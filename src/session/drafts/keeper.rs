//! Writes drafts, and the projects they belong to, on a thread with a clock of its own: soon after a change, and again while
//! writing fails. Nothing here waits for a frame of the window.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use sha2::{Digest, Sha256};

use super::{Draft, now_secs};
use crate::domain::project::Project;
use crate::{files, jobs};

/// Changes within this time of the last writing are written together; the longest that a change waits.
const GATHER: Duration = Duration::from_millis(250);
/// Between two attempts while writing fails.
const RETRY: Duration = Duration::from_secs(2);

/// The content of project files as this process last read or wrote them, so that another program's changes are noticed.
#[derive(Clone, Debug, Default)]
pub struct KnownFiles(Arc<Mutex<BTreeMap<PathBuf, [u8; 32]>>>);

/// Why a project was not written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error("{} was changed by another program since it was read; save under another name, or replace it", path.display())]
    Changed { path: PathBuf },
    #[error("{} could not be written: {source}; save the project in another folder", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl KnownFiles {
    /// Notes what a file holds that was read.
    pub fn note(&self, path: &Path, bytes: &[u8]) {
        self.0
            .lock()
            .insert(path.to_path_buf(), Sha256::digest(bytes).into());
    }

    /// Notes what a file held when it was last read or written, by its hash in hex; one that is no hash stands for content that
    /// no file has.
    pub fn note_hex(&self, path: &Path, sha256: &str) {
        let mut digest = [0; 32];
        for (byte, at) in digest.iter_mut().zip((0..sha256.len()).step_by(2)) {
            *byte = (sha256.get(at..at + 2))
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .unwrap_or(0);
        }
        self.0.lock().insert(path.to_path_buf(), digest);
    }

    /// The content that is known of a file, as hex.
    pub fn known_hex(&self, path: &Path) -> Option<String> {
        let known = self.0.lock().get(path).copied()?;
        Some(files::hex(known))
    }

    /// Writes a project; with `replace`, whatever is there. A file that this process never read is replaced: its name was
    /// chosen by a person.
    ///
    /// # Errors
    /// When another program changed the file since, or it cannot be written. The file is then as it was.
    pub fn save(&self, project: &Project, path: &Path, replace: bool) -> Result<(), SaveError> {
        let failed = |source| SaveError::Io {
            path: path.to_path_buf(),
            source,
        };
        // Held while writing, so that no other thread of this process takes our own writing for another's.
        let mut known = self.0.lock();
        let found = files::digest(path).map_err(failed)?;
        if !replace
            && let (Some(known), Some(found)) = (known.get(path), found)
            && *known != found
        {
            return Err(SaveError::Changed {
                path: path.to_path_buf(),
            });
        }
        let bytes = project.to_json();
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        if found != Some(digest) {
            files::write(path, &bytes).map_err(failed)?;
        }
        known.insert(path.to_path_buf(), digest);
        Ok(())
    }
}

/// Everything that is to be on the disk after a change.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub draft: Draft,
    pub draft_path: PathBuf,
    /// The project file, with the project as it is seen from its folder.
    pub linked: Option<(PathBuf, Project)>,
}

/// Why work is not on the disk. It is tried again until it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Not even the draft could be written.
    Draft { path: PathBuf, why: String },
    /// The draft is there, the project is not.
    Project { path: PathBuf, why: String },
    /// The draft is there; the project was changed by another program and was left alone.
    Changed { path: PathBuf },
}

/// The thread that writes, and what it has to write. Dropped, it writes what waits and ends.
pub struct Keeper {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    known: KnownFiles,
    wake: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct State {
    /// By the draft that they belong to.
    waiting: BTreeMap<PathBuf, Snapshot>,
    writing: bool,
    /// The draft that was written last.
    last: Option<PathBuf>,
    /// Write without gathering.
    hurry: bool,
    closing: bool,
    trouble: Option<Trouble>,
    /// Whether the window has not asked since the trouble changed.
    news: bool,
}

impl Keeper {
    /// Starts the thread. `wake` is called when there is news.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(
        known: KnownFiles,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            known,
            wake: Box::new(wake),
        });
        let worker = Arc::clone(&shared);
        let thread = jobs::spawn("keep drafts", move || worker.work())?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Has a state of the work written, in the place of one that waits for the same draft.
    pub fn keep(&self, snapshot: Snapshot) {
        let mut state = self.shared.state.lock();
        (state.waiting).insert(snapshot.draft_path.clone(), snapshot);
        self.shared.changed.notify_all();
    }

    /// Writes what waits, and notes in a draft that its video is not open any more. Where that fails it says still that it is open,
    /// and the next start brings it back.
    pub fn close_draft(&self, path: &Path, patience: Duration) {
        if self.flush(patience) {
            close_draft(path);
        }
    }

    /// Writes what waits now. Whether all is on the disk within the time.
    pub fn flush(&self, patience: Duration) -> bool {
        self.shared.flush(patience)
    }

    /// A way to write what waits from another thread, such as that of a signal, and to close the draft that was written last.
    /// Whether all is on the disk within the time.
    pub fn ender(&self) -> impl Fn(Duration) -> bool + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move |patience| {
            let done = shared.flush(patience);
            let last = shared.state.lock().last.clone();
            if let (true, Some(last)) = (done, last) {
                close_draft(&last);
            }
            done
        }
    }

    /// The trouble there is now, where that has changed since the last call.
    pub fn news(&self) -> Option<Option<Trouble>> {
        let mut state = self.shared.state.lock();
        std::mem::take(&mut state.news).then(|| state.trouble.clone())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.flush(RETRY);
        self.shared.state.lock().closing = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread is in the log.
            let _ = thread.join();
        }
    }
}

/// Notes in a draft that its video is not open any more.
fn close_draft(path: &Path) {
    let Ok(mut draft) = Draft::read(path) else {
        return;
    };
    if draft.facts.open {
        draft.facts.open = false;
        if let Err(err) = files::write(path, &draft.to_json()) {
            log::warn!("{}: {err}", path.display());
        }
    }
}

impl Shared {
    fn flush(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut state = self.state.lock();
        state.hurry = true;
        self.changed.notify_all();
        while !state.waiting.is_empty() || state.writing {
            if self.changed.wait_until(&mut state, until).timed_out() {
                return false;
            }
            if !state.hurry && state.trouble.is_some() && !state.writing {
                // Tried, and failed.
                return false;
            }
        }
        true
    }

    fn work(&self) {
        let mut last = Instant::now() - GATHER;
        loop {
            let mut state = self.state.lock();
            let batch = loop {
                if state.closing {
                    return;
                }
                let pause = match state.trouble {
                    Some(_) => RETRY,
                    None => GATHER,
                };
                let due = last + pause;
                if state.waiting.is_empty() {
                    state.hurry = false;
                    self.changed.notify_all();
                    self.changed.wait(&mut state);
                } else if state.hurry || Instant::now() >= due {
                    break std::mem::take(&mut state.waiting);
                } else {
                    self.changed.wait_until(&mut state, due);
                }
            };
            state.writing = true;
            drop(state);
            let mut trouble = None;
            let mut again = Vec::new();
            let newest = batch.keys().next_back().cloned();
            for snapshot in batch.into_values() {
                let found = self.write(&snapshot);
                // What a person has to decide is not tried again by itself; what a disk refuses is.
                if matches!(found, Some(Trouble::Draft { .. } | Trouble::Project { .. })) {
                    again.push(snapshot);
                }
                trouble = trouble.or(found);
            }
            last = Instant::now();
            let mut state = self.state.lock();
            state.writing = false;
            state.hurry = false;
            state.last = newest.or(state.last.take());
            for snapshot in again {
                let newer = state.waiting.entry(snapshot.draft_path.clone());
                newer.or_insert(snapshot);
            }
            let changed = state.trouble != trouble;
            if changed {
                state.trouble = trouble;
                state.news = true;
            }
            self.changed.notify_all();
            drop(state);
            if changed {
                (self.wake)();
            }
        }
    }

    fn write(&self, snapshot: &Snapshot) -> Option<Trouble> {
        let mut draft = snapshot.draft.clone();
        draft.facts.written_secs = now_secs();
        draft.facts.saved_to = snapshot.linked.as_ref().map(|(path, _)| path.clone());
        let mut write_draft = |saved: Option<String>| {
            if let Some(saved) = saved {
                draft.facts.saved_sha256 = saved;
            }
            files::write(&snapshot.draft_path, &draft.to_json()).map_err(|err| Trouble::Draft {
                path: snapshot.draft_path.clone(),
                why: err.to_string(),
            })
        };
        let known = (snapshot.linked.as_ref()).and_then(|(path, _)| self.known.known_hex(path));
        // The draft first: it says which state of the project it goes beyond.
        let drafted = write_draft(known).err();
        let Some((path, project)) = &snapshot.linked else {
            return drafted;
        };
        match self.known.save(project, path, false) {
            // Both are the same now; where that cannot be noted, the draft only looks newer than it is.
            Ok(()) => drafted.or_else(|| write_draft(self.known.known_hex(path)).err()),
            Err(SaveError::Changed { path }) => drafted.or(Some(Trouble::Changed { path })),
            Err(SaveError::Io { path, source }) => drafted.or(Some(Trouble::Project {
                path,
                why: source.to_string(),
            })),
        }
    }
}
