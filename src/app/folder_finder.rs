//! Looks through the cached features of a folder's other videos on a thread of its own, while the search is open.

use std::sync::Arc;

use crate::cache::Store;
use crate::inference::Bundle;
use crate::jobs::{Asker, CancelToken};
use crate::pipeline::neighbours::KnownFeatures;
use crate::session::finding::MOST_ALIKE;
use crate::session::folder::alike_in_folder;
use crate::state::{AppState, FolderAnswer, FolderQuestion};

/// Keeps what the search shows of the folder up to date.
#[derive(Default)]
pub struct FolderFinder {
    asker: Asker<FolderQuestion, (FolderQuestion, FolderAnswer)>,
    /// What is being looked for, and how to stop it.
    asked: Option<(FolderQuestion, CancelToken)>,
}

impl FolderFinder {
    /// Takes in an answer and asks anew where something changed. Call once a frame; never blocks.
    pub fn follow(&mut self, state: &mut AppState, ctx: &egui::Context) {
        let was_cancelled = |(_, cancel): &(_, CancelToken)| cancel.is_cancelled();
        if let Some(answer) = self.asker.answer()
            && !self.asked.as_ref().is_some_and(was_cancelled)
        {
            state.folder_found = Some(answer);
        }
        let wanted = state.folder_question();
        if self.asker.is_working() {
            if let Some((asked, cancel)) = &self.asked
                && wanted.as_ref() != Some(asked)
            {
                cancel.cancel();
            }
            return;
        }
        // What was cancelled is asked again when it is wanted again.
        self.asker.forget();
        let Some(question) = wanted.filter(|_| state.found_in_folder().is_none()) else {
            return;
        };
        let cancel = CancelToken::new();
        self.asked = Some((question.clone(), cancel.clone()));
        let ctx = ctx.clone();
        self.asker.ask(
            "find in folder",
            question,
            FolderQuestion::eq,
            move |question| {
                let found = look(&question, &cancel);
                (question, found)
            },
            move || ctx.request_repaint(),
        );
    }
}

fn look(question: &FolderQuestion, cancel: &CancelToken) -> FolderAnswer {
    let bundle = Bundle::find(&question.bundle).map_err(|err| err.to_string())?;
    let store = Store::for_user().ok_or("There is no cache folder to look in.")?;
    let known = KnownFeatures::of(store, &bundle).ok_or("These networks look at no pictures.")?;
    alike_in_folder(
        question.folder(),
        &question.video,
        &question.wanted,
        &known,
        MOST_ALIKE,
        &mut |_| {},
        cancel,
    )
    .map(Arc::new)
}
