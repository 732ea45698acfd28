//! What the window knows of drafts: which lie there, whether work reaches the disk, and what a person may do about it.

use std::path::PathBuf;
use std::sync::Arc;

use super::AppState;
use super::annotate::works_from_project;
use super::history::Choices;
use crate::domain::project::Project;
use crate::session::drafts::Listed;
use crate::session::drafts::keeper::Trouble;

/// What a person does with drafts.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftCommand {
    /// Bring a draft back from the list.
    Open(PathBuf),
    /// Throw a draft of the list away.
    ThrowAway(PathBuf),
    /// Save over a project that another program changed.
    ReplaceProject,
}

/// Drafts as the window shows them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drafting {
    /// Drafts of closed videos, the newest first.
    pub listed: Vec<Listed>,
    /// Why work does not reach the disk now.
    pub trouble: Option<Trouble>,
    /// The process that has the project or the video open as well.
    pub shared_with: Option<u32>,
    /// Counts the videos opened, so that the same one opened again, as by another project, is noticed.
    pub opened: u64,
    /// Whether the choices at the opening of the video came from a project or a draft.
    pub given: bool,
}

impl Drafting {
    /// The message that stands until its cause is gone; `None` while all is well.
    pub fn notice(&self) -> Option<String> {
        let name = |path: &PathBuf| {
            path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            )
        };
        match (&self.trouble, self.shared_with) {
            (Some(Trouble::Draft { path, why }), _) => Some(format!(
                "Your work is not being saved: {} cannot be written ({why}). It is tried again.",
                path.display()
            )),
            (Some(Trouble::Project { path, why }), _) => Some(format!(
                "{} is not being saved ({why}). Your work is kept as a draft, and it is tried again.",
                name(path)
            )),
            (Some(Trouble::Changed { path }), _) => Some(format!(
                "{} was changed by another program and is left alone. Your work is kept as a draft.",
                name(path)
            )),
            (None, Some(process)) => Some(format!(
                "This is open in another window, too (process {process}). What you do here is kept as a draft of its own."
            )),
            (None, None) => None,
        }
    }
}

impl AppState {
    /// Brings work on the open video back from its draft. What was done since the opening can be had again by undoing.
    pub fn take_up_draft(&mut self, project: &Project, saved_to: Option<PathBuf>) {
        let old = self.choices.clone();
        if self.history.can_undo() {
            self.history
                .record_apart("bringing back earlier work", &old);
        }
        self.choices = choices_of(project);
        if self.choices.annotations.is_none() {
            self.choices.annotations = old.annotations.clone();
        }
        self.keep_what_was_seen(&old);
        self.project_path = saved_to;
        self.sync_edits();
        self.adopt_works();
        self.go_on_annotating();
        self.draft_settings_changed(&old);
    }
}

/// What a project holds of a person's choices.
pub fn choices_of(project: &Project) -> Choices {
    Choices {
        settings: project.settings.clone(),
        selection: project.selection,
        pins: project.pins.clone(),
        rejects: project.rejects.clone(),
        markers_secs: project.markers_secs.clone(),
        names: project.names.clone(),
        range_secs: project.range_secs,
        edits: Arc::new(project.edits.clone()),
        annotations: project.annotations.clone().map(Arc::new),
        works: works_from_project(&project.works),
        shown: project.shown.clone(),
    }
}
