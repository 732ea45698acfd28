//! Finished work among the annotations, and work that comes from elsewhere.

use crate::domain::AnnotationSet;
use crate::session::people_merge;
use crate::session::people_merge::Offer;
use crate::state::AppState;
use crate::state::annotate::state::Screen;
use crate::ui::text;
use std::sync::Arc;

impl AppState {
    /// Lays all complete works beside the loaded annotators, so that every view compares with them.
    pub fn put_into_annotations(&mut self) {
        let loaded = self.choices.annotations.as_deref();
        let with_works = (self.session.as_ref())
            .and_then(|session| session.with_works(loaded, self.works()))
            .filter(|set| loaded != Some(set));
        if let Some(set) = with_works {
            self.choices.annotations = Some(Arc::new(set));
            self.annotations_changed();
        }
    }

    pub(super) fn drop_from_annotations(&mut self, name: &str) {
        let Some(set) = &self.choices.annotations else {
            return;
        };
        if !set
            .annotators
            .iter()
            .any(|annotator| annotator.name == name)
        {
            return;
        }
        let mut set = (**set).clone();
        set.annotators.retain(|annotator| annotator.name != name);
        self.choices.annotations = (!set.annotators.is_empty()).then(|| Arc::new(set));
        self.annotations_changed();
    }

    /// Takes in what another person's file brings: at once where nothing is in conflict, else the
    /// person is asked.
    pub fn take_offer(&mut self, offer: Offer) {
        let question = people_merge::compare(
            &self.choices.works,
            self.choices.annotations.as_deref(),
            offer,
        );
        let asks = !question.conflicts.is_empty();
        self.annotate.merge = Some(question);
        if asks {
            self.status = "Some names mean different things; say what to keep.".to_owned();
            if !self.is_blind() {
                self.show_screen(Screen::People);
            }
        } else {
            self.merge();
        }
    }

    pub(super) fn merge(&mut self) {
        let Some(question) = self.annotate.merge.take() else {
            return;
        };
        let (source, same, note) = (
            question.source.clone(),
            question.same,
            question.note.clone(),
        );
        let merged = people_merge::merged(
            &self.choices.works,
            self.choices.annotations.as_deref(),
            question,
        );
        let mut sentence = format!(
            "{} from {source}",
            text::count(merged.added.len(), "annotator")
        );
        if same > 0 {
            sentence.push_str(&format!("; {same} were here already"));
        }
        if !note.is_empty() {
            sentence.push_str("; ");
            sentence.push_str(&note);
        }
        self.status = sentence;
        if merged.added.is_empty() {
            return;
        }
        self.history.record_apart("merge", &self.choices);
        for work in &merged.works {
            if merged.added.contains(&work.name) {
                self.annotate
                    .spent_secs
                    .insert(work.name.clone(), work.spent_secs);
            }
        }
        self.choices.works = Arc::new(merged.works);
        if !merged.annotators.is_empty() {
            let base = self.choices.annotations.as_deref().cloned();
            let Some(frame_count) = self.session.as_ref().map(|session| session.index.len()) else {
                return;
            };
            self.choices.annotations = Some(Arc::new(AnnotationSet {
                annotators: merged.annotators,
                ..base.unwrap_or_else(|| AnnotationSet {
                    source,
                    frame_count,
                    ..AnnotationSet::default()
                })
            }));
            self.put_into_annotations();
            self.annotations_changed();
        }
    }
}
