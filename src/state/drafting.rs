//! What the window knows of drafts: which lie there, whether work reaches the disk, and what a
//! person may do about it.

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
    /// Ask the window that has this open to save and to let go.
    TakeOver,
}

/// How it stands with the wish to take the work over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TakingOver {
    #[default]
    NotAsked,
    Asked,
    /// The other window lives and did not let go.
    Unanswered,
}

/// Another window has the video's draft or the project; this one only looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looking {
    pub process: u32,
    /// For how long the other window has it, in minutes; `None` where that is not said.
    pub minutes: Option<u64>,
    /// Whether it was taken over from this window.
    pub was_here: bool,
    pub taking: TakingOver,
}

impl Looking {
    fn notice(&self) -> String {
        let process = self.process;
        let since = match self.minutes {
            Some(0) => "since just now".to_owned(),
            Some(minutes) => format!("for {}", crate::ui::text::count(minutes as usize, "minute")),
            None => "already".to_owned(),
        };
        match (self.taking, self.was_here) {
            (TakingOver::Asked, _) => {
                format!(
                    "Asking the other window (process {process}) to save its work and to let go of it."
                )
            }
            (TakingOver::Unanswered, _) => format!(
                "The other window (process {process}) does not let go: it may be unable to save. Look only, or see what it says."
            ),
            (TakingOver::NotAsked, true) => format!(
                "Another window (process {process}) took this over; what you did is saved. Look only, or take it back."
            ),
            (TakingOver::NotAsked, false) => format!(
                "Open in another window {since} (process {process}). Look only, or take it over."
            ),
        }
    }
}

/// Drafts as the window shows them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drafting {
    /// Drafts of closed videos, the newest first.
    pub listed: Vec<Listed>,
    /// Why work does not reach the disk now.
    pub trouble: Option<Trouble>,
    /// The process that has the video open as well, with another project.
    pub shared_with: Option<u32>,
    /// The other window that has this work, while this one only looks.
    pub looking: Option<Looking>,
    /// Counts the videos opened, so that the same one opened again, as by another project, is
    /// noticed.
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
        if let Some(looking) = &self.looking {
            return Some(looking.notice());
        }
        match (&self.trouble, self.shared_with) {
            (
                Some(Trouble::Draft {
                    why,
                    saved: Some(project),
                    ..
                }),
                _,
            ) => Some(format!(
                "{} is saved, but your work is not kept as a draft: {why}. It is tried again.",
                name(project)
            )),
            (
                Some(Trouble::Draft {
                    path,
                    why,
                    saved: None,
                }),
                _,
            ) => Some(format!(
                "Your work is not being saved: {why} ({}). It is tried again.",
                path.display()
            )),
            (Some(Trouble::Project { path, why }), _) => Some(format!(
                "{} is not being saved: {why}. Your work is kept as a draft, and it is tried again.",
                name(path)
            )),
            (Some(Trouble::Changed { path }), _) => Some(format!(
                "{} was changed by another program and is left alone. Your work is kept as a draft.",
                name(path)
            )),
            (None, Some(process)) => Some(format!(
                "This video is open in another window, too (process {process}). What you do here is kept as a draft of its own."
            )),
            (None, None) => None,
        }
    }
}

impl AppState {
    /// Brings work on the open video back from its draft. What was done since the opening can be
    /// had again by undoing.
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
