//! Writes drafts, and the projects they belong to, on a thread with a clock of its own: soon after
//! a change, and again while writing fails. Another window that asks for the work gets it once all
//! is written. Nothing here waits for a frame of the window.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

pub use super::known::{KnownFiles, SaveError};
use super::lease::{Lease, WeakLease};
use super::{Draft, now_secs, same_work, set_apart};
use crate::domain::project::Project;
use crate::ui::text;
use crate::{files, jobs};

/// Changes within this time of the last writing are written together; the longest that a change
/// waits.
const GATHER: Duration = Duration::from_millis(250);
/// Between two attempts while writing fails.
const RETRY: Duration = Duration::from_secs(2);
/// Between two looks for another window that asks for the work.
const LOOK: Duration = Duration::from_millis(500);

/// Everything that is to be on the disk after a change.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub draft: Draft,
    pub draft_path: PathBuf,
    /// The right to write the draft; without one, it is nobody else's.
    pub lease: Option<Lease>,
    /// The project file, with the project as it is seen from its folder.
    pub linked: Option<(PathBuf, Project)>,
}

/// Why work is not on the disk. It is tried again until it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The draft could not be written.
    Draft {
        path: PathBuf,
        why: String,
        /// The project file that holds the work nevertheless.
        saved: Option<PathBuf>,
    },
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
    last: Option<(PathBuf, Option<WeakLease>)>,
    /// What another window may ask for.
    leases: Vec<Lease>,
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

    /// Says what this window has the right to write. All of it is given to another window that asks
    /// for any of it, as soon as what waits is on the disk; what is to be kept after that is
    /// written apart.
    pub fn watch(&self, leases: Vec<Lease>) {
        self.shared.state.lock().leases = leases;
        self.shared.changed.notify_all();
    }

    /// Writes what waits, and notes in a draft that its video is not open any more. Where that
    /// fails it says still that it is open, and the next start brings it back.
    pub fn close_draft(&self, path: &Path, patience: Duration) {
        if self.flush(patience) {
            close_draft(path);
        }
    }

    /// Writes what waits now. Whether all is on the disk within the time.
    pub fn flush(&self, patience: Duration) -> bool {
        self.shared.flush(patience)
    }

    /// A way to write what waits from another thread, such as that of a signal, and to close the
    /// draft that was written last. Whether all is on the disk within the time.
    pub fn ender(&self) -> impl Fn(Duration) -> bool + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move |patience| {
            let done = shared.flush(patience);
            let last = shared.state.lock().last.clone();
            if let (true, Some((last, lease))) = (done, last)
                && lease.is_none_or(|lease| lease.is_held())
            {
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
        let mut looked = Instant::now();
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
                let look = looked + LOOK;
                let is_watching = !state.leases.is_empty();
                if is_watching && Instant::now() >= look {
                    looked = Instant::now();
                    state = self.look(state);
                } else if state.waiting.is_empty() {
                    state.hurry = false;
                    self.changed.notify_all();
                    if is_watching {
                        self.changed.wait_until(&mut state, look);
                    } else {
                        self.changed.wait(&mut state);
                    }
                } else if state.hurry || Instant::now() >= due {
                    break std::mem::take(&mut state.waiting);
                } else {
                    let until = if is_watching { due.min(look) } else { due };
                    self.changed.wait_until(&mut state, until);
                }
            };
            state.writing = true;
            drop(state);
            let mut trouble = None;
            let mut again = Vec::new();
            let newest = batch.values().next_back();
            let newest = newest.map(|newest| {
                let lease = newest.lease.as_ref().map(Lease::downgrade);
                (newest.draft_path.clone(), lease)
            });
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

    /// Gives the work to a window that asks for it, or has it written first.
    fn look<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if state.leases.iter().all(Lease::is_lost) || !state.leases.iter().any(Lease::is_asked_for)
        {
            return state;
        }
        if !state.waiting.is_empty() {
            // Where that fails nothing is given: the other window says that it got no answer.
            state.hurry |= state.trouble.is_none();
            return state;
        }
        for lease in std::mem::take(&mut state.leases) {
            lease.give();
        }
        drop(state);
        (self.wake)();
        self.state.lock()
    }

    fn write(&self, snapshot: &Snapshot) -> Option<Trouble> {
        let mut draft = snapshot.draft.clone();
        draft.facts.written_secs = now_secs();
        let failed = |path: &Path, error: &std::io::Error, saved| Trouble::Draft {
            path: path.to_path_buf(),
            why: text::write_reason(path, error),
            saved,
        };
        if (snapshot.lease.as_ref()).is_some_and(|lease| !lease.renew()) {
            // Another window has the draft by now.
            let is_there = Draft::read(&snapshot.draft_path)
                .is_ok_and(|found| same_work(&found.project, &draft.project));
            if is_there || draft.contents().is_empty() {
                return None;
            }
            let written = set_apart(&snapshot.draft_path, &draft);
            return written
                .err()
                .map(|error| failed(&snapshot.draft_path, &error, None));
        }
        draft.facts.saved_to = snapshot.linked.as_ref().map(|(path, _)| path.clone());
        let mut write_draft = |saved: Option<String>| {
            if let Some(saved) = saved {
                draft.facts.saved_sha256 = saved;
            }
            files::write(&snapshot.draft_path, &draft.to_json())
        };
        let known = (snapshot.linked.as_ref()).and_then(|(path, _)| self.known.known_hex(path));
        // The draft first: it says which state of the project it goes beyond.
        let drafted = write_draft(known).err();
        let said = |saved| {
            drafted
                .as_ref()
                .map(|error| failed(&snapshot.draft_path, error, saved))
        };
        let Some((path, project)) = &snapshot.linked else {
            return said(None);
        };
        match self.known.save(project, path, false) {
            // Both are the same now; where that cannot be noted, the draft only looks newer than it
            // is.
            Ok(()) => said(Some(path.clone())).or_else(|| {
                let noted = write_draft(self.known.known_hex(path)).err()?;
                Some(failed(&snapshot.draft_path, &noted, Some(path.clone())))
            }),
            Err(SaveError::Changed { path }) => said(None).or(Some(Trouble::Changed { path })),
            Err(SaveError::Io { path, source }) => said(None).or_else(|| {
                Some(Trouble::Project {
                    why: text::write_reason(&path, &source),
                    path,
                })
            }),
        }
    }
}
