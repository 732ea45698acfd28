//! What the annotate page is about: which screen, whose work, and everything that undo does not bring back.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clock::ActiveClock;
use crate::domain::annotator_work::{AnnotatorWork, Method, ShotOrder};
use crate::domain::{AnnotationSet, FrameRange};
use crate::session::people::{Comparison, Measure, PairPart, Side};
use crate::session::people_merge::MergeQuestion;
use crate::state::AppState;

/// What the page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Who has annotated, and the form to begin.
    #[default]
    People,
    /// Rating or picking.
    Work,
    /// Annotators side by side.
    Compare,
}

/// What the comparison shows where the window has no room for everything at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CompareTab {
    Picture,
    #[default]
    Agreement,
    Annotators,
    /// The pair in detail, where the window is too low to keep it below the others.
    Pair,
}

impl CompareTab {
    /// As the tab is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Picture => "Picture",
            Self::Agreement => "Agreement",
            Self::Annotators => "Annotators",
            Self::Pair => "Pair",
        }
    }
}

/// What the form to begin has been set to.
#[derive(Clone, Debug, PartialEq)]
pub struct StartForm {
    pub name: String,
    pub method: Method,
    pub order: ShotOrder,
    /// Share of the video that picks may cover.
    pub budget: f64,
}

impl Default for StartForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            method: Method::default(),
            order: ShotOrder::default(),
            budget: 0.15,
        }
    }
}

/// State of the page beside the works themselves.
#[derive(Clone, Debug, Default)]
pub struct AnnotateState {
    pub screen: Screen,
    pub form: StartForm,
    /// Name of the annotator at work.
    pub current: Option<String>,
    pub paused: bool,
    /// Seconds spent by each annotator.
    pub spent_secs: BTreeMap<String, f64>,
    pub clock: ActiveClock,
    /// Frame at which a pick begins, set and waiting for its end.
    pub in_frame: Option<u64>,
    /// What was refused, or what to do next.
    pub note: String,
    /// The shot that the player loops; `None` where the player is not held.
    pub looped: Option<FrameRange>,
    /// The annotators side by side, once worked out.
    pub comparison: Option<Arc<Comparison>>,
    /// What the matrix shows.
    pub measure: Measure,
    /// What is in front where the comparison has tabs.
    pub tab: CompareTab,
    /// The pair that is looked at in detail; `None` leaves the choice to the program.
    pub first_side: Option<Side>,
    pub second_side: Option<Side>,
    /// Part of the pair that plays or is about to.
    pub part: PairPart,
    /// Whether the player is held to that part.
    pub plays_part: bool,
    /// Whether both of the pair play at once, one picture above the other.
    pub side_by_side: bool,
    /// Whether the second picture was last told to play.
    pub second_plays: bool,
    /// A merge that waits for answers.
    pub merge: Option<MergeQuestion>,
    /// When the looped shot was first seen at its last frame, seconds.
    pub ended_at_secs: Option<f64>,
}

impl AppState {
    /// All works of this video.
    pub fn works(&self) -> &[AnnotatorWork] {
        &self.choices.works
    }

    /// The work of an annotator.
    pub fn work_of(&self, name: &str) -> Option<&AnnotatorWork> {
        self.choices.works.iter().find(|work| work.name == name)
    }

    /// The work on screen, or resting while its annotator looks at something else.
    pub fn current_work(&self) -> Option<&AnnotatorWork> {
        self.work_of(self.annotate.current.as_deref()?)
    }

    /// The work, where it is on screen now.
    pub fn work_on_screen(&self) -> Option<&AnnotatorWork> {
        (self.annotate.screen == Screen::Work)
            .then(|| self.current_work())
            .flatten()
    }

    /// Whether the others must stay hidden: somebody's own work has begun and is not complete.
    pub fn is_blind(&self) -> bool {
        self.current_work().is_some_and(|work| !work.complete)
    }

    /// Seconds that an annotator has spent.
    pub fn spent_secs(&self, name: &str) -> f64 {
        self.annotate.spent_secs.get(name).copied().unwrap_or(0.0)
    }

    /// Works with the time that was spent on them, for the project file.
    pub fn works_with_time(&self) -> Vec<AnnotatorWork> {
        self.choices
            .works
            .iter()
            .map(|work| AnnotatorWork {
                spent_secs: self.spent_secs(&work.name),
                ..work.clone()
            })
            .collect()
    }

    /// Why the name cannot begin new work, in a sentence; `None` where it can.
    pub fn name_hindrance(&self, name: &str) -> Option<String> {
        let name = name.trim();
        if self
            .session
            .as_ref()
            .is_some_and(|session| session.without_picture)
        {
            return Some("There is nothing to look at: find the raw video first.".to_owned());
        }
        if name.is_empty() {
            return Some("Type a name first.".to_owned());
        }
        if self.work_of(name).is_some() {
            return Some(format!("{name} has begun already: go on from the list."));
        }
        let loaded = self.choices.annotations.as_deref();
        let taken = loaded.is_some_and(|set| set.annotators.iter().any(|a| a.name == name));
        taken.then(|| format!("{name} is among the loaded annotators; take another name."))
    }
}

/// Annotators of a set that did not come from a work here.
pub fn loaded_annotators<'a>(
    set: Option<&'a AnnotationSet>,
    works: &'a [AnnotatorWork],
) -> impl Iterator<Item = &'a crate::domain::Annotator> {
    set.map_or(&[][..], |set| set.annotators.as_slice())
        .iter()
        .filter(|annotator| !works.iter().any(|work| work.name == annotator.name))
}
