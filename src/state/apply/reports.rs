//! What the window's shell and its workers report, taken into the state: beside commands and the
//! pipeline's events the one way in which it changes. Starts no work and asks nothing back.

use std::path::PathBuf;
use std::sync::Arc;

use super::Command;
use crate::domain::AnnotationSet;
use crate::domain::project::Project;
use crate::jobs::Progress;
use crate::session::drafts::Listed;
use crate::session::drafts::keeper::Trouble;
use crate::session::people::Comparison;
use crate::session::people_merge::Offer;
use crate::session::report::ErrorReport;
use crate::state::drafting::Looking;
use crate::state::foreseeing::{ExportQuestion, Foresight};
use crate::state::pane::Pane;
use crate::state::{AppState, ExportForm, Overlay, Request};

/// What is reported.
#[derive(Debug)]
pub enum Report {
    /// A sentence for the status line.
    Status(String),
    /// The status line has said its sentence for long enough.
    StatusRead,
    /// Something failed, other than an export.
    Failed(ErrorReport),
    /// Where the work is saved to, as a project's reader or a draft knows it.
    ProjectPath(Option<PathBuf>),
    /// A project was read from there.
    ProjectOpened(Box<Project>, PathBuf),
    /// The project was written there.
    ProjectSaved(PathBuf),
    /// Annotations of the open video, with sentences about what was worked around.
    Annotations(Box<AnnotationSet>, Vec<String>),
    /// A request whose file a person has chosen.
    Asked(Request),
    /// The export's destination that a person has chosen.
    ExportForm(ExportForm),
    Exporting(Progress),
    /// An export is written, with sentences worth knowing.
    Exported(PathBuf, Vec<String>),
    ExportCancelled,
    ExportFailed(ErrorReport),
    /// What an export would keep.
    Foreseen(ExportQuestion, Foresight),
    /// How all annotators compare; `None` while there is nothing to compare.
    PeopleCompared(Option<Arc<Comparison>>),
    /// Another person's project, to be merged.
    MergeOffered(Box<Offer>),
    /// It cannot be merged, or annotators cannot be written.
    MergeRefused(String),
    /// The panels that are shown.
    Panes(Vec<Pane>),
    /// Whether there is a player that keeps the position.
    PlayerAttached(bool),
    /// What the player does.
    Playing {
        position_secs: f64,
        playing: bool,
        buffering: bool,
    },
    /// The window is asked to close, which has to wait for an answer.
    Leaving,
    /// There is nothing to ask any more before leaving.
    MayLeave,
    /// Drafts of closed videos.
    Drafts(Vec<Listed>),
    /// Why work does not reach the disk; `None` once it does.
    Trouble(Option<Trouble>),
    /// The process that has the video open as well, with another project.
    SharedWith(Option<u32>),
    /// The other window that has this work; `None` once this one has it.
    Looking(Option<Looking>),
    /// The work here counts as brought along, whatever a draft holds.
    WorkIsGiven,
}

impl AppState {
    /// Takes in a report.
    pub fn take(&mut self, report: Report) {
        use Report as R;
        match report {
            R::Status(sentence) => self.status = sentence,
            R::StatusRead => self.status.clear(),
            R::Failed(report) => self.fail(report),
            R::ProjectPath(path) => self.project_path = path,
            R::ProjectOpened(project, path) => self.open_project(&project, &path),
            R::ProjectSaved(path) => {
                self.status = format!("Saved {}", path.display());
                self.project_path = Some(path);
            }
            R::Annotations(set, notes) => {
                self.take_annotations(Arc::new(*set));
                if let Some(note) = notes.first() {
                    self.status = format!("{}; {note}", self.status);
                }
            }
            R::Asked(request) => self.requests.push(request),
            R::ExportForm(form) => self.overlay = Overlay::Export(form),
            R::Exporting(progress) => self.export_progress = Some(progress),
            R::Exported(path, notes) => {
                self.export_progress = None;
                let wrote = format!("Wrote {}", path.display());
                self.status = [vec![wrote], notes].concat().join("; ");
                self.exported = Some(path);
            }
            R::ExportCancelled => {
                self.export_progress = None;
                self.status = "The export was cancelled; nothing was left behind.".to_owned();
            }
            R::ExportFailed(report) => {
                self.export_progress = None;
                self.fail(report);
            }
            R::Foreseen(question, foresight) => self.foresight = Some((question, foresight)),
            R::PeopleCompared(comparison) => self.annotate.comparison = comparison,
            R::MergeOffered(offer) => self.take_offer(*offer),
            R::MergeRefused(sentence) => {
                self.annotate.note.clone_from(&sentence);
                self.status = sentence;
            }
            R::Panes(shown) => self.shown_panes = shown,
            R::PlayerAttached(attached) => self.player_attached = attached,
            R::Playing {
                position_secs,
                playing,
                buffering,
            } => {
                // Nobody stopped it: a command would have been noted here before.
                let ended = self.playback.playing && !playing && !buffering;
                self.playback.position_secs = position_secs;
                self.playback.playing = playing;
                self.playback.buffering = buffering;
                if ended {
                    self.ended();
                }
            }
            R::Leaving => self.overlay = Overlay::Leaving,
            R::MayLeave => self.overlay = Overlay::None,
            R::Drafts(listed) => self.drafting.listed = listed,
            R::Trouble(trouble) => self.drafting.trouble = trouble,
            R::SharedWith(process) => self.drafting.shared_with = process,
            R::Looking(looking) => self.drafting.looking = looking,
            R::WorkIsGiven => self.drafting.given = true,
        }
    }

    fn fail(&mut self, report: ErrorReport) {
        // What was being done is not done any more.
        self.status.clear();
        self.error = Some(report);
    }

    /// A frame begins, so many seconds after the program started.
    pub fn begin_frame(&mut self, now_secs: f64) {
        self.now_secs = now_secs;
    }

    /// A frame ends: runs its commands. Whether something else lies under the pointer now.
    pub fn end_frame(&mut self, commands: Vec<Command>) -> bool {
        self.next_hover = Default::default();
        self.run_all(commands);
        let moved = self.hover != self.next_hover;
        self.hover = self.next_hover;
        moved
    }
}
