//! Ties the open video to its draft: takes the draft's lock, brings earlier work back, and hands
//! every change on to be written in the frame in which it was made. Does not write itself; see
//! [`keeper`](crate::session::drafts::keeper). A draft or project that another window has is only
//! looked at; see [`looking`].

mod looking;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use self::looking::Looker;
use crate::files;
use crate::jobs::ending;
use crate::session::drafts::keeper::{Keeper, KnownFiles, Snapshot, Trouble};
use crate::session::drafts::lease::{Lease, holder};
use crate::session::drafts::{Draft, Drafts, Facts, Held, key_of, same_work};
use crate::state::AppState;
use crate::state::apply::Report;
use crate::state::drafting::DraftCommand;
use crate::state::history::Choices;

/// After so long work that was brought back after a crash has shown that it does not end the
/// program.
const SETTLED_SECS: f64 = 15.0;
/// So long a closing window waits for a slow disk.
const CLOSING_PATIENCE: Duration = Duration::from_secs(3);
/// So long the end by a signal waits for the disk.
const ENDING_PATIENCE: Duration = Duration::from_millis(300);

/// The drafts of this window.
pub struct Drafting {
    drafts: Drafts,
    keeper: Keeper,
    known: KnownFiles,
    held: Option<Held>,
    /// The project file that this window may write.
    project: Option<(PathBuf, Lease)>,
    /// The work of another window that is only looked at.
    looker: Option<Looker>,
    /// What was handed on last, with the project it belongs to.
    posted: Option<(Choices, Option<PathBuf>, bool)>,
    restoring: bool,
    /// The draft that the keeper watches for other windows.
    watched: PathBuf,
    /// Number of the opening that was attended to.
    opened: u64,
}

impl Drafting {
    /// Opens the folder of drafts and takes in what earlier versions left in `journal_folder`.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(
        folder: &Path,
        journal_folder: &Path,
        known: KnownFiles,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let drafts = Drafts::in_folder(folder);
        drafts.take_in(journal_folder);
        let keeper = Keeper::start(known.clone(), wake)?;
        let end = keeper.ender();
        ending::before_ending(move || {
            if !end(ENDING_PATIENCE) {
                log::error!("the last changes could not be written before the end");
            }
        });
        Ok(Self {
            drafts,
            keeper,
            known,
            held: None,
            project: None,
            looker: None,
            posted: None,
            restoring: false,
            watched: PathBuf::new(),
            opened: 0,
        })
    }

    /// The newest draft that a crash left open, or `None`.
    pub fn crashed(&self) -> Option<(PathBuf, Draft)> {
        let listed = self.drafts.list().into_iter();
        let mut open = listed.filter(|listed| listed.draft.facts.open);
        open.next().map(|listed| (listed.path, listed.draft))
    }

    /// Notes that a draft is being brought back after a crash, so that one that ends the program
    /// does so once.
    pub fn begin_restoring(&mut self, path: &Path, draft: &Draft) {
        self.restoring = true;
        let mut draft = draft.clone();
        draft.facts.restoring = true;
        if let Err(err) = files::write(path, &draft.to_json()) {
            log::warn!("{}: {err}", path.display());
        }
    }

    /// Lists the drafts for the welcome page.
    pub fn list(&self, state: &mut AppState) {
        state.take(Report::Drafts(self.drafts.list()));
    }

    /// Does what a person asked for.
    pub fn run(&mut self, state: &mut AppState, command: DraftCommand) {
        match command {
            DraftCommand::Open(path) => match Draft::read(&path) {
                Ok(draft) => {
                    state.open_project(&draft.project, &path);
                    let saved_to = draft.facts.saved_to.filter(|path| path.is_file());
                    state.take(Report::ProjectPath(saved_to));
                }
                Err(err) => {
                    state.take(Report::Status(format!("{}: {err:#}", path.display())));
                }
            },
            DraftCommand::ThrowAway(path) => {
                state.take(Report::Status(match self.drafts.throw_away(&path) {
                    Ok(()) => "The draft was thrown away.".to_owned(),
                    Err(err) => format!("The draft was not thrown away: {err}."),
                }));
                self.list(state);
            }
            DraftCommand::TakeOver => self.ask(state),
            DraftCommand::ReplaceProject => {
                let Some(path) = state.project_path.clone() else {
                    return;
                };
                let Some(project) = state.to_project(&path) else {
                    return;
                };
                match self.known.save(&project, &path, true) {
                    Ok(()) => {
                        state.take(Report::Trouble(None));
                        state.take(Report::ProjectSaved(path));
                        self.posted = None;
                    }
                    Err(err) => state.take(Report::Status(err.to_string())),
                }
            }
        }
    }

    /// Follows the window, once a frame and after its commands: what a frame changed is on its way
    /// to the disk when it ends.
    pub fn follow(&mut self, state: &mut AppState) {
        if let Some(trouble) = self.keeper.news() {
            state.take(Report::Trouble(trouble));
        }
        let Some((key, place)) = (state.session.as_ref())
            // Work on another video than the project's is nobody's until a person has accepted it.
            .filter(|session| !session.without_picture && state.other_video().is_none())
            .map(|session| {
                (
                    key_of(&session.video.sha256, &session.video.path),
                    session.video.path.clone(),
                )
            })
        else {
            if self.held.is_some() || self.looker.is_some() {
                self.leave(state);
                self.list(state);
            }
            return;
        };
        if self.is_looking(state, &key) {
            return;
        }
        if self.held.as_ref().is_none_or(|held| held.key != key) {
            self.attach(state, &key, &place);
        } else if self.opened != state.drafting.opened
            && let Some(held) = self.held.take()
        {
            // The same video again, with a project: what is in its draft is not written over.
            self.keeper.flush(CLOSING_PATIENCE);
            if let Ok(found) = Draft::read(&held.path) {
                self.reconcile(state, &held, found);
            }
            self.held = Some(held);
            self.posted = None;
        }
        self.opened = state.drafting.opened;
        if self.restoring && state.now_secs > SETTLED_SECS {
            self.restoring = false;
            self.posted = None;
        }
        self.hold_project(state);
        self.post(state);
        self.notice_loss(state);
    }

    /// Takes the draft of a video that was opened, or whose content became known, and brings back
    /// what is in it.
    fn attach(&mut self, state: &mut AppState, key: &str, video: &Path) {
        let by_place = key_of("", video);
        let provisional = match &self.held {
            Some(held) if held.key == by_place => self.held.take(),
            _ => {
                if self.held.is_some() {
                    self.leave(state);
                    self.list(state);
                }
                None
            }
        };
        if let Some(lock) = self.in_the_way(state, key) {
            if let Some(old) = provisional {
                // What was done before the video's content was known stays as a draft.
                self.keeper.close_draft(&old.path, CLOSING_PATIENCE);
                let path = old.path.clone();
                drop(old);
                if Draft::read(&path).is_ok_and(|draft| draft.contents().is_empty())
                    && let Err(err) = self.drafts.throw_away(&path)
                {
                    log::warn!("{}: {err}", path.display());
                }
            }
            self.look(state, key, lock, false);
            return;
        }
        let held = match self.drafts.hold(key, state.project_path.as_deref()) {
            Ok(held) => held,
            Err(err) => {
                state.take(Report::Trouble(Some(Trouble::Draft {
                    path: self.drafts.folder().join(key),
                    why: err.to_string(),
                    saved: None,
                })));
                return;
            }
        };
        if held.slot > 1 && state.project_path.is_none() {
            // Another window was faster.
            self.look(state, key, self.drafts.draft_lock(key), false);
            return;
        }
        let other = (held.slot > 1)
            .then(|| holder(&self.drafts.draft_lock(key)))
            .flatten();
        state.take(Report::SharedWith(other.map(|owner| owner.process)));
        if let Ok(found) = Draft::read(&held.path) {
            self.reconcile(state, &held, found);
        }
        self.posted = None;
        if let Some(old) = provisional {
            // Its content goes on under the name of the video's content.
            let path = old.path.clone();
            self.held = Some(held);
            self.post(state);
            if self.keeper.flush(CLOSING_PATIENCE) {
                drop(old);
                if let Err(err) = self.drafts.throw_away(&path) {
                    log::warn!("{}: {err}", path.display());
                }
            }
            return;
        }
        self.held = Some(held);
    }

    /// What becomes of a draft that is there when its video is opened.
    fn reconcile(&mut self, state: &mut AppState, held: &Held, found: Draft) {
        let Some(current) = state.to_project(&held.path) else {
            return;
        };
        if same_work(&current, &found.project) {
            if !state.drafting.given {
                let saved_to = found.facts.saved_to.filter(|path| path.is_file());
                state.take(Report::ProjectPath(saved_to));
            }
            return;
        }
        let goes_beyond_project = state.drafting.given
            && state.project_path.is_some()
            && state.project_path == found.facts.saved_to
            && (state.project_path.as_ref())
                .and_then(|path| self.known.known_hex(path))
                .is_some_and(|known| known == found.facts.saved_sha256);
        let contents = found.contents();
        if !state.drafting.given || goes_beyond_project {
            // What was done before the draft was found is not lost either.
            self.set_apart(
                held,
                &Draft {
                    project: current,
                    facts: Facts::default(),
                },
            );
            let saved_to = found.facts.saved_to.clone().filter(|path| path.is_file());
            if let Some(path) = &saved_to {
                self.know(path, &found.facts.saved_sha256);
            }
            state.take_up_draft(&found.project, saved_to);
            if !contents.is_empty() {
                state.take(Report::Status(format!(
                    "Your earlier work on this video is back: {contents}."
                )));
            }
        } else if !contents.is_empty() && self.set_apart(held, &found) {
            state.take(Report::Status(format!(
                "Your earlier work on this video ({contents}) is kept as a draft; the welcome page lists it."
            )));
        }
    }

    fn set_apart(&self, held: &Held, draft: &Draft) -> bool {
        if draft.contents().is_empty() {
            return false;
        }
        self.drafts
            .set_apart(held, draft)
            .inspect_err(|err| log::error!("{}: {err}", held.path.display()))
            .is_ok()
    }

    /// Knows a project by what it held when draft and project were the same: where it is other now,
    /// it is not written over.
    fn know(&self, path: &Path, saved_sha256: &str) {
        if self.known.known_hex(path).is_none() {
            self.known.note_hex(path, saved_sha256);
        }
    }

    /// Keeps the right to write the project that the session is saved to.
    fn hold_project(&mut self, state: &mut AppState) {
        let wanted = state.project_path.as_ref();
        let Some(held) = &self.held else {
            return;
        };
        if self.project.as_ref().map(|(path, _)| path) == wanted && self.watched == held.path {
            return;
        }
        if self.project.as_ref().map(|(path, _)| path) != wanted {
            self.project = None;
            if let Some(path) = wanted {
                let Some(lease) = self.drafts.hold_project(path) else {
                    let (key, lock) = (held.key.clone(), self.drafts.project_lock(path));
                    self.keeper.close_draft(&held.path, CLOSING_PATIENCE);
                    self.held = None;
                    self.look(state, &key, lock, false);
                    return;
                };
                self.project = Some((path.clone(), lease));
            }
        }
        let project = self.project.iter().map(|(_, lease)| lease.clone());
        let leases = project.chain([held.lease.clone()]).collect();
        self.watched = held.path.clone();
        self.keeper.watch(leases);
    }

    /// Whether this window may write a project file.
    pub fn may_write(&self, path: &Path) -> bool {
        (self.looker.as_ref()).is_none_or(|looker| looker.project.as_deref() != Some(path))
    }

    fn post(&mut self, state: &AppState) {
        let Some(held) = &self.held else {
            return;
        };
        let now = (
            state.choices.clone(),
            state.project_path.clone(),
            self.restoring,
        );
        if self.posted.as_ref() == Some(&now) {
            return;
        }
        if let Some(snapshot) = self.snapshot(state, held, true) {
            self.keeper.keep(snapshot);
            self.posted = Some(now);
        }
    }

    fn snapshot(&self, state: &AppState, held: &Held, open: bool) -> Option<Snapshot> {
        let linked = match &self.project {
            Some((path, _)) => Some((path.clone(), state.to_project(path)?)),
            None => None,
        };
        Some(Snapshot {
            draft: Draft {
                project: state.to_project(&held.path)?,
                facts: Facts {
                    open,
                    restoring: self.restoring,
                    ..Facts::default()
                },
            },
            draft_path: held.path.clone(),
            lease: Some(held.lease.clone()),
            linked,
        })
    }

    /// The video is closed: its draft says so, and others may have it.
    fn leave(&mut self, state: &mut AppState) {
        self.looker = None;
        state.take(Report::Looking(None));
        self.keeper.watch(Vec::new());
        self.posted = None;
        self.project = None;
        if let Some(held) = self.held.take()
            && !held.lease.is_lost()
        {
            self.keeper.close_draft(&held.path, CLOSING_PATIENCE);
        }
    }

    /// Writes the last state and gives everything back. Whether all is on the disk.
    pub fn close(&mut self, state: &AppState) -> bool {
        if let Some(held) = &self.held
            && let Some(snapshot) = self.snapshot(state, held, false)
        {
            self.keeper.keep(snapshot);
        }
        let done = self.keeper.flush(CLOSING_PATIENCE);
        self.keeper.watch(Vec::new());
        self.held = None;
        self.project = None;
        self.looker = None;
        done
    }
}
