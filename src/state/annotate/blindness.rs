//! What is on screen that annotators are not to see before they are done, noted for good in their
//! works.
//!
//! Who sits before the window while nobody is at work is not known. So everything that was shown of
//! a video is noted in every work on it that is not complete, and in those that begin later; undo
//! takes none of it back.

use std::sync::Arc;

use super::state::Screen;
use crate::domain::annotator_work::{During, Hidden, Seen, add_seen};
use crate::session::drafts::now_secs;
use crate::state::AppState;
use crate::state::history::Choices;
use crate::state::pane::Page;

impl AppState {
    /// What the page on screen shows that annotators are not to see.
    fn hidden_on_screen(&self) -> Option<Hidden> {
        self.session.as_ref()?;
        match self.shown_page() {
            Page::Explore => Some(Hidden::Explore),
            Page::Dataset => Some(Hidden::Dataset),
            Page::Annotate if self.annotate.screen == Screen::Compare => Some(Hidden::Others),
            Page::Annotate => None,
        }
    }

    /// Notes what is on screen, once a frame.
    pub fn note_what_is_seen(&mut self) {
        let Some(what) = self.hidden_on_screen() else {
            return;
        };
        let seen = |during| Seen {
            what,
            during,
            at_unix_secs: now_secs(),
        };
        let known = self.choices.shown.iter().any(|old| old.what == what);
        if !known {
            self.choices.shown.push(seen(During::Before));
        }
        let at_work = self.annotate.current.clone();
        let during = |name: &str| match at_work.as_deref() == Some(name) {
            true => During::Work,
            false => During::Break,
        };
        let news = |work: &crate::domain::AnnotatorWork| {
            let during = during(&work.name);
            !work.complete
                && !(work.seen.iter()).any(|old| old.what == what && old.during == during)
        };
        if !self.choices.works.iter().any(news) {
            return;
        }
        for work in Arc::make_mut(&mut self.choices.works) {
            if news(work) {
                let during = during(&work.name);
                work.note_seen([seen(during)]);
                if during == During::Work {
                    self.status = format!(
                        "{} is not blind any more: this page shows what was hidden.",
                        work.name
                    );
                }
            }
        }
    }

    /// What was shown of this video so far, as it stands to a work.
    pub(super) fn shown_during(&self, during: During) -> Vec<Seen> {
        let shown = self.choices.shown.iter();
        shown.map(|seen| Seen { during, ..*seen }).collect()
    }

    /// What was noted before the choices were exchanged stays noted.
    pub(in crate::state) fn keep_what_was_seen(&mut self, before: &Choices) {
        add_seen(&mut self.choices.shown, before.shown.iter().copied());
        let of = |name: &str| before.works.iter().find(|work| work.name == name);
        let lost = |work: &crate::domain::AnnotatorWork| {
            of(&work.name).is_some_and(|old| old.seen != work.seen && !old.seen.is_empty())
        };
        let shown = self.choices.shown.clone();
        if !self.choices.works.iter().any(lost) && before.works.len() >= self.choices.works.len() {
            return;
        }
        for work in Arc::make_mut(&mut self.choices.works) {
            match of(&work.name) {
                Some(old) => {
                    work.note_seen(old.seen.iter().copied());
                }
                // Work that comes back by redo or undo may have been seen past meanwhile.
                None if !work.complete => {
                    work.note_seen(shown.iter().map(|seen| Seen {
                        during: During::Break,
                        ..*seen
                    }));
                }
                None => {}
            }
        }
    }

    /// Shows the page of annotators where someone's work on this video is not complete.
    pub(in crate::state) fn go_on_annotating(&mut self) {
        if self.choices.works.iter().any(|work| !work.complete) {
            self.page = Page::Annotate;
        }
    }
}
