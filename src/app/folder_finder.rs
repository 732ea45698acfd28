//! Looks through the cached features, or the subtitles, of a folder's other videos on a thread of
//! its own, while the search is open.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::cache::Store;
use crate::inference::Bundle;
use crate::jobs::{Asker, CancelToken};
use crate::pipeline::neighbours::KnownFeatures;
use crate::session::finding::MOST_ALIKE;
use crate::session::folder::{InFolder, KnownWords, alike_in_folder, words_in_folder};
use crate::state::{AppState, FolderAnswer, FolderQuestion, FolderWish};

/// Keeps what the search shows of the folder up to date.
#[derive(Default)]
pub struct FolderFinder {
    asker: Asker<FolderQuestion, (FolderQuestion, FolderAnswer)>,
    /// What is being looked for, and how to stop it.
    asked: Option<(FolderQuestion, CancelToken)>,
    /// What is known before all is read.
    so_far: Arc<Mutex<Option<(FolderQuestion, FolderAnswer)>>>,
    words: Arc<KnownWords>,
}

impl FolderFinder {
    /// Takes in an answer and asks anew where something changed. Call once a frame; never blocks.
    pub fn follow(&mut self, state: &mut AppState, ctx: &egui::Context) {
        let was_cancelled = |(_, cancel): &(_, CancelToken)| cancel.is_cancelled();
        let so_far = self.so_far.lock().take();
        let whole = self.asker.answer();
        if let Some((question, answer)) = whole.or(so_far)
            && !self.asked.as_ref().is_some_and(was_cancelled)
        {
            state.folder_answered(question, answer);
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
        let is_whole = |answer: &FolderAnswer| answer.as_ref().map_or(true, |all| all.to_come == 0);
        let Some(question) = wanted.filter(|_| !state.found_in_folder().is_some_and(is_whole))
        else {
            return;
        };
        let cancel = CancelToken::new();
        self.asked = Some((question.clone(), cancel.clone()));
        let (so_far, words) = (Arc::clone(&self.so_far), Arc::clone(&self.words));
        let (ctx, woken) = (ctx.clone(), ctx.clone());
        self.asker.ask(
            "find in folder",
            question,
            FolderQuestion::eq,
            move |question| {
                let found = match &question.wanted {
                    FolderWish::Alike { bundle, features } => {
                        look(&question, bundle, features, &cancel)
                    }
                    FolderWish::Words => {
                        let mut on_more = |known: &InFolder| {
                            let known = (question.clone(), Ok(Arc::new(known.clone())));
                            *so_far.lock() = Some(known);
                            woken.request_repaint();
                        };
                        let (folder, own) = (question.folder(), &question.video);
                        words_in_folder(folder, own, &words, &mut on_more, &cancel).map(Arc::new)
                    }
                };
                (question, found)
            },
            move || ctx.request_repaint(),
        );
    }
}

fn look(
    question: &FolderQuestion,
    bundle: &str,
    features: &[f32],
    cancel: &CancelToken,
) -> FolderAnswer {
    let bundle = Bundle::find(bundle).map_err(|err| err.to_string())?;
    let store = Store::for_user().ok_or("There is no cache folder to look in.")?;
    let known = KnownFeatures::of(store, &bundle).ok_or("These networks look at no pictures.")?;
    alike_in_folder(
        question.folder(),
        &question.video,
        features,
        &known,
        MOST_ALIKE,
        &mut |_| {},
        cancel,
    )
    .map(Arc::new)
}
