//! Work that another window has: it is shown and not changed here, until that window lets go of it.
//!
//! A window asks by a lock beside the one it wants. The keeper of the other window writes what
//! waits there, and gives up all that it may write. Where the other window ends, its work is taken
//! up without asking.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Drafting;
use crate::files::Lock;
use crate::session::drafts::lease::{ask, holder, is_asked_for};
use crate::session::drafts::{Draft, Held, now_secs, same_work};
use crate::state::AppState;
use crate::state::apply::Report;
use crate::state::drafting::{Looking, TakingOver};
use crate::state::project_io;

/// Between two looks at the other window's lock.
const LOOK: Duration = Duration::from_millis(200);
/// After so long a window that does not let go is said not to.
const PATIENCE: Duration = Duration::from_secs(10);

/// The other window's work, as this one sees it.
pub(super) struct Looker {
    /// The draft's key.
    key: String,
    pub(super) project: Option<PathBuf>,
    /// The other window's lock.
    lock: PathBuf,
    /// The question to the other window, and since when it is asked.
    asking: Option<(Lock, Instant)>,
    looked: Instant,
    /// Number of the opening that is looked at.
    opened: u64,
}

impl Drafting {
    /// The lock by which another window has what would be worked on here; `None` where nothing is
    /// in the way.
    pub(super) fn in_the_way(&self, state: &AppState, key: &str) -> Option<PathBuf> {
        let lock = match &state.project_path {
            Some(project) => self.drafts.project_lock(project),
            None => self.drafts.draft_lock(key),
        };
        let is_own = match (&state.project_path, &self.project) {
            (Some(wanted), Some((path, _))) => wanted == path,
            _ => false,
        };
        (!is_own && holder(&lock).is_some()).then_some(lock)
    }

    /// Begins to look only, at the work as it is on the disk.
    pub(super) fn look(&mut self, state: &mut AppState, key: &str, lock: PathBuf, was_here: bool) {
        self.keeper.watch(Vec::new());
        self.watched.clear();
        self.project = None;
        self.posted = None;
        if !was_here
            && state.project_path.is_none()
            && let Ok(found) = Draft::read(&self.drafts.first_of(key))
        {
            state.take_up_draft(&found.project, found.facts.saved_to);
        }
        state.take(Report::SharedWith(None));
        state.take(Report::Looking(Some(Looking {
            was_here,
            ..Looking::default()
        })));
        self.looker = Some(Looker {
            key: key.to_owned(),
            project: state.project_path.clone(),
            lock,
            asking: None,
            looked: Instant::now() - LOOK,
            opened: state.drafting.opened,
        });
        self.show_owner(state);
    }

    /// Asks the other window to let go.
    pub(super) fn ask(&mut self, state: &mut AppState) {
        let Some(looker) = &mut self.looker else {
            return;
        };
        match ask(&looker.lock) {
            Ok(Some(asking)) => looker.asking = Some((asking, Instant::now())),
            Ok(None) => {
                return state.take(Report::Status(
                    "A third window takes it over just now.".to_owned(),
                ));
            }
            Err(err) => {
                return state.take(Report::Status(format!(
                    "The other window cannot be asked: {err}."
                )));
            }
        }
        change_looking(state, |looking| looking.taking = TakingOver::Asked);
    }

    /// Follows the other window. Whether this one only looks at the work of the given key.
    pub(super) fn is_looking(&mut self, state: &mut AppState, key: &str) -> bool {
        let Some(looker) = &mut self.looker else {
            return false;
        };
        let is_opened_anew = looker.key != key || looker.opened != state.drafting.opened;
        if is_opened_anew || looker.project != state.project_path {
            // Saved under another name, what is here is what counts.
            if !is_opened_anew {
                state.take(Report::WorkIsGiven);
            }
            self.looker = None;
            state.take(Report::Looking(None));
            return false;
        }
        if looker.looked.elapsed() < LOOK {
            return true;
        }
        looker.looked = Instant::now();
        let is_mine_to_take = looker.asking.is_some() || !is_asked_for(&looker.lock);
        if is_mine_to_take && holder(&looker.lock).is_none() {
            return !self.take(state);
        }
        if let Some((_, since)) = &looker.asking
            && since.elapsed() > PATIENCE
        {
            looker.asking = None;
            change_looking(state, |looking| looking.taking = TakingOver::Unanswered);
        }
        self.show_owner(state);
        true
    }

    fn show_owner(&self, state: &mut AppState) {
        let owner = (self.looker.as_ref()).and_then(|looker| holder(&looker.lock));
        if let Some(owner) = owner {
            change_looking(state, |looking| {
                looking.process = owner.process;
                looking.minutes = (owner.since_secs > 0)
                    .then(|| now_secs().saturating_sub(owner.since_secs) / 60);
            });
        }
    }

    /// Takes the work that nobody has any more, as it is on the disk. Whether this window has it
    /// now.
    fn take(&mut self, state: &mut AppState) -> bool {
        let Some(looker) = self.looker.take() else {
            return false;
        };
        let project = looker.project.as_deref();
        let lease = project.map(|path| self.drafts.hold_project(path));
        let held = match lease {
            Some(None) => None,
            _ => self.drafts.hold(&looker.key, project).ok(),
        };
        // Where a third window was faster, or has the draft without the project, this one goes on
        // looking.
        let Some(held) = held.filter(|held| project.is_some() || held.slot == 1) else {
            self.looker = Some(looker);
            return false;
        };
        self.take_up(state, project, Draft::read(&held.path).ok());
        self.project = match (project, lease) {
            (Some(path), Some(Some(lease))) => Some((path.to_path_buf(), lease)),
            _ => None,
        };
        self.held = Some(held);
        self.watched.clear();
        self.opened = state.drafting.opened;
        state.take(Report::Looking(None));
        state.take(Report::Status("The work is this window's now.".to_owned()));
        true
    }

    /// Brings the other window's work here: its draft, or the project where the draft is not of it.
    fn take_up(&self, state: &mut AppState, project: Option<&Path>, found: Option<Draft>) {
        let of_draft =
            found.filter(|found| project.is_none() || found.facts.saved_to.as_deref() == project);
        let (found, saved_to) = match (of_draft, project) {
            (Some(found), _) => {
                let saved_to = found.facts.saved_to.clone().filter(|path| path.is_file());
                if let Some(path) = &saved_to {
                    // What the other window wrote there last is what this one may replace.
                    self.known.note_hex(path, &found.facts.saved_sha256);
                }
                (found.project, saved_to)
            }
            (None, Some(path)) => match project_io::load_noting(path, &self.known) {
                Ok(found) => (found, Some(path.to_path_buf())),
                Err(err) => {
                    return state.take(Report::Status(format!("{err:#}")));
                }
            },
            (None, None) => return,
        };
        let is_here =
            (state.to_project(Path::new(""))).is_some_and(|current| same_work(&current, &found));
        if is_here {
            state.take(Report::ProjectPath(saved_to));
        } else {
            state.take_up_draft(&found, saved_to);
        }
    }

    /// Looks only from now on where another window took the work over.
    pub(super) fn notice_loss(&mut self, state: &mut AppState) {
        let lost = |held: &Held| held.lease.is_lost();
        let project_is_lost = (self.project.as_ref()).is_some_and(|(_, lease)| lease.is_lost());
        if !(self.held.as_ref().is_some_and(lost) || project_is_lost) {
            return;
        }
        let Some(held) = self.held.take() else {
            return;
        };
        let lock = match &state.project_path {
            Some(project) => self.drafts.project_lock(project),
            None => self.drafts.draft_lock(&held.key),
        };
        self.look(state, &held.key, lock, true);
    }
}

/// Reports what has changed at the other window, while it is looked at.
fn change_looking(state: &mut AppState, change: impl FnOnce(&mut Looking)) {
    if let Some(mut looking) = state.drafting.looking {
        change(&mut looking);
        state.take(Report::Looking(Some(looking)));
    }
}
