//! The annotators' works of the open video: which is on screen, and what a name may begin.

use std::sync::Arc;

use super::state::Screen;
use crate::domain::annotator_work::Method;
use crate::domain::{AnnotationSet, AnnotatorWork};
use crate::state::AppState;

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

    /// Whether the others must stay hidden: an annotator's own work has begun and is not complete.
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
                place_secs: match (work.method, self.annotate.place_secs.get(&work.name)) {
                    (Method::Ratings, Some(places)) => places.clone(),
                    _ => work.place_secs.clone(),
                },
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

/// Works of a file, with what the file may have broken repaired.
pub fn works_from_project(works: &[AnnotatorWork]) -> Arc<Vec<AnnotatorWork>> {
    Arc::new(works.iter().cloned().map(AnnotatorWork::repaired).collect())
}
