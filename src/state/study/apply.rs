//! What happens in a window that is locked to a study.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Step, StudyCommand};
use crate::domain::annotator_work::Method;
use crate::domain::{AnnotatorWork, StudyResults};
use crate::state::AppState;
use crate::state::annotate::{AnnotateCommand, Screen};
use crate::state::command::Command;
use crate::state::pane::Page;
use crate::ui::text;

impl AppState {
    /// Whether a window that is locked to a study takes a command; one without a study takes all.
    pub fn study_allows(&self, command: &Command) -> bool {
        use AnnotateCommand as A;
        use Command as C;
        let Some(study) = &self.study else {
            return !matches!(command, C::Study(_));
        };
        let works = study.step == Step::Work && self.session.is_some();
        let picks = study.study.task.method() == Method::Picks;
        match command {
            C::Study(_) => matches!(study.step, Step::Begin),
            C::Quit | C::ToggleFullscreen | C::SetTheme(_) | C::HoverOver(_) => true,
            C::SetVolume(_) | C::ToggleMute | C::CloseOverlay => true,
            C::Undo | C::Redo => works,
            C::Annotate(action) => {
                let is_own = match action {
                    A::Rate(_) | A::Skip | A::Step(_) | A::Replay => !picks,
                    A::ToggleSegment | A::Toggle(_) | A::PickRange(_) => picks,
                    A::SetIn | A::SetOut | A::RemovePick | A::ClearPicks => picks,
                    A::TogglePause | A::Finish => true,
                    _ => false,
                };
                works && is_own
            }
            C::TogglePlay | C::PlayBackwards | C::Stop | C::PlayForwards => works && picks,
            C::StepFrames(_) | C::SeekBy(_) | C::SeekKeyframe(_) | C::SeekTo(_) => works && picks,
            C::GoToStart | C::GoToEnd | C::SlowerFaster(_) | C::SetSpeed(_) => works && picks,
            C::FitTimeline | C::ZoomTimeline(_) | C::ShowTimeline { .. } => works && picks,
            _ => false,
        }
    }

    pub(in crate::state) fn run_study(&mut self, command: StudyCommand) {
        let Some(study) = &mut self.study else {
            return;
        };
        study.note.clear();
        match command {
            StudyCommand::Name(name) => study.name = name,
            StudyCommand::Begin => {
                study.name = study.name.trim().to_owned();
                match study.study.name_hindrance(&study.name) {
                    Some(why) => study.note = why,
                    None => study.step = Step::Loading,
                }
            }
        }
    }

    /// Takes in what the annotator did before, and opens the first video that is not complete.
    pub fn study_loaded(&mut self, loaded: Result<(StudyResults, PathBuf), String>) {
        let Some(study) = &mut self.study else {
            return;
        };
        match loaded {
            Ok((results, _)) if results.annotator != study.name => {
                study.step = Step::Begin;
                study.note = format!("The results there are of {}.", results.annotator);
            }
            Ok((results, place)) if results.study.asks_the_same(&study.study) => {
                study.results = Some(results.under(&study.study));
                study.place = place;
                self.open_next_of_study();
            }
            Ok((results, _)) => {
                let name = results.annotator;
                study.step = Step::Begin;
                study.note = format!(
                    "{name} began when the study asked for something else (task, order, budget, repeats or seed): restore the study file, or take another name."
                );
            }
            Err(why) => {
                study.step = Step::Begin;
                study.note = why;
            }
        }
    }

    fn open_next_of_study(&mut self) {
        let Some(study) = &mut self.study else {
            return;
        };
        self.session = None;
        self.annotate.current = None;
        let videos = study.results.iter().flat_map(|results| &results.videos);
        let next = (videos.take(study.videos.len())).position(|video| !video.is_complete());
        match next {
            Some(next) => {
                study.at = next;
                study.step = Step::Work;
                let path = study.videos[next].clone();
                self.page = Page::Annotate;
                self.request_open(path);
            }
            None => study.step = Step::Done,
        }
    }

    /// The video of the study was opened: its work goes on, or begins.
    pub(in crate::state) fn study_video_opened(&mut self) {
        let (Some(study), Some(session)) = (&mut self.study, &self.session) else {
            return;
        };
        let Some(result) = (study.results.as_mut()).and_then(|all| all.videos.get_mut(study.at))
        else {
            return;
        };
        let index = &session.index;
        let begun = result.work.take();
        let other_content = !result.sha256.is_empty()
            && !session.video.sha256.is_empty()
            && result.sha256 != session.video.sha256;
        let other_length = begun
            .as_ref()
            .is_some_and(|work| work.frame_count != index.len());
        if begun.is_some() && (other_content || other_length) {
            study.note = format!(
                "{} is not the video that {} began with: put that one back to go on.",
                study.videos[study.at].display(),
                study.name
            );
            result.work = begun;
            self.session = None;
            return;
        }
        let known = std::mem::take(&mut result.sha256);
        result.identify(&session.video, index);
        if begun.is_some() && result.sha256.is_empty() {
            // Compared as soon as the content is known.
            result.sha256 = known;
        }
        let asked = &study.study;
        let work = begun.unwrap_or_else(|| {
            let work = AnnotatorWork::new(
                &study.name,
                asked.task.method(),
                asked.order,
                asked.budget,
                index,
            );
            let seed = asked.seed_for(&study.name, &result.video);
            AnnotatorWork { seed, ..work }.with_repeats(asked.repeat_share)
        });
        result.work = Some(work.clone());
        self.choices.works = Arc::new(vec![work]);
        self.choices.annotations = None;
        self.adopt_works();
        self.annotate.current = Some(study_name(self));
        self.annotate.screen = Screen::Work;
        self.page = Page::Annotate;
    }

    /// The content of the open video became known.
    pub(in crate::state) fn study_video_known(&mut self) {
        if let (Some(study), Some(session)) = (&mut self.study, &self.session)
            && let Some(results) = &mut study.results
            && let Some(result) = results.videos.get_mut(study.at)
        {
            if result.sha256.is_empty() {
                result.identify(&session.video, &session.index);
            } else {
                self.study_video_changed();
            }
        }
    }

    /// Another content under the same name and of the same length: the work waits for the video
    /// that it was begun on.
    fn study_video_changed(&mut self) {
        let (Some(study), Some(session)) = (&mut self.study, &self.session) else {
            return;
        };
        let known = (study.results.as_ref())
            .and_then(|results| results.videos.get(study.at))
            .map(|result| result.sha256.clone())
            .unwrap_or_default();
        let found = &session.video.sha256;
        if !found.is_empty() && known != *found {
            study.note = format!(
                "{} is not the video that {} began with: put that one back to go on.",
                study.videos[study.at].display(),
                study.name
            );
            self.session = None;
        }
    }

    /// The work on the open video is complete: the next video opens by itself.
    pub(in crate::state) fn study_video_finished(&mut self) {
        if let Some(results) = self.study_results() {
            if let Some(study) = &mut self.study {
                study.results = Some(results);
            }
            self.open_next_of_study();
        }
    }

    /// The annotator's work on all videos as it is now, with the time spent; `None` before it has
    /// begun.
    pub fn study_results(&self) -> Option<StudyResults> {
        let study = self.study.as_ref()?;
        let mut results = study.results.clone()?;
        let open = self
            .session
            .as_ref()
            .and_then(|_| self.works_with_time().pop());
        if let (Some(work), Some(result)) = (open, results.videos.get_mut(study.at)) {
            result.work = Some(work);
        }
        Some(results)
    }

    /// How far the annotator is: `2 of 3 videos, 14 of 48 shots`; the first number counts the open
    /// video.
    pub fn study_progress(&self) -> String {
        let Some(study) = &self.study else {
            return String::new();
        };
        let (done, all) = study.videos_done();
        match (study.step, self.current_work()) {
            (Step::Work, work) => {
                let videos = format!("{} of {}", done + 1, text::count(all, "video"));
                match work.filter(|work| work.method == Method::Ratings) {
                    Some(work) => {
                        let (rated, shots) = work.rated();
                        format!("{videos}, {rated} of {}", text::count(shots, "shot"))
                    }
                    None => videos,
                }
            }
            (Step::Done, _) => format!("{done} of {}", text::count(all, "video")),
            _ => text::count(all, "video"),
        }
    }
}

fn study_name(state: &AppState) -> String {
    (state.study.as_ref()).map_or_else(String::new, |study| study.name.clone())
}
