//! What each action of the annotate page does to the state.

use std::sync::Arc;

use super::command::AnnotateCommand;
use super::state::{AnnotateState, Screen};
use crate::domain::FrameRange;
use crate::domain::annotator_work::{AnnotatorWork, During, Method, OverBudget};
use crate::session::people::Side;
use crate::state::request::AnnotateRequest;
use crate::state::{AppState, PlayerRequest, Request};
use crate::ui::text;

/// Shown once every shot has a rating.
pub const ALL_RATED: &str = "All shots are rated. Look again with the arrow keys, or finish.";

impl AppState {
    /// Runs one action of the annotate page.
    pub fn run_annotate(&mut self, command: AnnotateCommand) {
        use AnnotateCommand as A;
        match command {
            A::ShowScreen(screen) => self.show_screen(screen),
            A::EditForm(form) => self.annotate.form = form,
            A::Start => self.start_work(),
            A::Resume(name) => self.resume_work(&name),
            A::Remove(name) => self.remove_work(&name),
            A::Rate(rating) => {
                self.change_work("rating", |work| work.rate(rating));
                let done = self.work_on_screen().map(AnnotatorWork::rated);
                if let Some((done, all)) = done {
                    self.annotate.note.clear();
                    if done == all {
                        self.annotate.note = ALL_RATED.to_owned();
                    }
                }
            }
            A::Skip => self.move_in_work(AnnotatorWork::go_on),
            A::Step(by) => self.move_in_work(|work| work.step(by)),
            A::GoToShot(shot) => self.move_in_work(|work| work.go_to_shot(shot)),
            A::Replay => {
                self.annotate.paused = false;
                self.annotate.looped = None;
            }
            A::TogglePause => self.pause_work(!self.annotate.paused),
            A::Finish => self.finish_work(),
            A::Reopen(name) => self.reopen_work(&name),
            A::ToggleSegment => {
                if let Some(range) = self.segment_range_at(self.playback.position_secs) {
                    self.toggle_pick(range);
                }
            }
            A::Toggle(range) => self.toggle_pick(range),
            A::PickRange(range) => self.add_pick(range),
            A::SetIn => self.begin_pick(),
            A::SetOut => self.end_pick(),
            A::RemovePick => self.remove_pick(),
            A::ClearPicks => self.change_work("picks", |work| work.picks.clear()),
            A::SetMeasure(measure) => self.annotate.measure = measure,
            A::SetUnit(unit) => self.annotate.unit = unit,
            A::SetRatings(ratings) => self.annotate.ratings = ratings,
            A::ShowTab(tab) => self.annotate.tab = tab,
            A::SetFirstSide(side) => self.set_first_side(side),
            A::SetSecondSide(side) => self.set_second_side(side),
            A::PlayPart(part) => {
                self.annotate.side_by_side = false;
                self.play_part(part);
            }
            A::ToggleSideBySide => self.toggle_side_by_side(),
            A::PickMerge => self
                .requests
                .push(Request::Annotate(AnnotateRequest::PickMerge)),
            A::Resolve(index, resolution) => {
                if let Some(question) = &mut self.annotate.merge
                    && let Some(conflict) = question.conflicts.get_mut(index)
                {
                    conflict.1 = resolution;
                }
            }
            A::Merge => self.merge(),
            A::CancelMerge => self.annotate.merge = None,
            A::PickExport(kind) => {
                let offered = self.offered_export(kind);
                self.requests
                    .push(Request::Annotate(AnnotateRequest::PickExport(
                        kind, offered,
                    )));
            }
        }
    }

    fn begin_pick(&mut self) {
        self.annotate.in_frame = Some(self.frame_at_playhead());
        self.annotate.note = "Go to where the pick ends and press O.".to_owned();
    }

    fn end_pick(&mut self) {
        let at = self.frame_at_playhead();
        match self.annotate.in_frame.take() {
            // The frame at the playhead is part of the pick.
            Some(start) if start <= at => self.add_pick(FrameRange::new(start, at + 1)),
            Some(_) => {
                self.annotate.note =
                    "The end lies before the beginning; press I where the pick begins.".to_owned();
            }
            None => self.annotate.note = "Press I where the pick begins first.".to_owned(),
        }
    }

    fn remove_pick(&mut self) {
        let at = self.frame_at_playhead();
        let pick = self.work_on_screen().and_then(|work| work.pick_at(at));
        if let Some(pick) = pick {
            self.annotate.note.clear();
            self.change_work("pick", |work| work.unpick(pick));
        } else if self.annotate.in_frame.take().is_some() {
            self.annotate.note.clear();
        } else {
            self.annotate.note = "There is no pick at the playhead.".to_owned();
        }
    }

    fn set_first_side(&mut self, side: Side) {
        let (first, second) = (self.compared_sides(), Some(side.clone()));
        // The same one on both sides shows nothing: they change places.
        if let Some((old, other)) = first
            && other == side
        {
            self.annotate.second_side = Some(old);
        }
        self.annotate.first_side = second;
        self.send_part_again();
    }

    fn set_second_side(&mut self, side: Side) {
        if let Some((other, old)) = self.compared_sides()
            && other == side
        {
            self.annotate.first_side = Some(old);
        }
        self.annotate.second_side = Some(side);
        self.send_part_again();
    }

    pub(super) fn show_screen(&mut self, screen: Screen) {
        match screen {
            Screen::Compare if self.is_blind() => {
                self.annotate.note =
                    "The others are hidden until this annotator is complete.".to_owned();
                return;
            }
            Screen::Work if self.current_work().is_none() => return,
            _ => {}
        }
        if screen == Screen::People {
            // The next annotator may be another person.
            self.annotate.current = None;
        }
        self.annotate.note.clear();
        self.annotate.screen = screen;
    }

    fn start_work(&mut self) {
        let name = self.annotate.form.name.trim().to_owned();
        if let Some(why) = self.name_hindrance(&name) {
            self.annotate.note = why;
            return;
        }
        let Some(session) = &self.session else { return };
        let form = &self.annotate.form;
        let mut work =
            AnnotatorWork::new(&name, form.method, form.order, form.budget, &session.index);
        work.note_seen(self.shown_during(During::Before));
        self.history.record_apart("new annotator", &self.choices);
        Arc::make_mut(&mut self.choices.works).push(work);
        self.annotate.form.name.clear();
        self.resume_work(&name);
    }

    fn resume_work(&mut self, name: &str) {
        let Some(work) = self.work_of(name) else {
            return;
        };
        let complete = work.complete;
        self.annotate.current = Some(name.to_owned());
        self.annotate.paused = false;
        self.annotate.in_frame = None;
        self.annotate.note.clear();
        self.annotate.looped = None;
        self.annotate.screen = if complete {
            Screen::Compare
        } else {
            Screen::Work
        };
    }

    fn remove_work(&mut self, name: &str) {
        if self.work_of(name).is_none() {
            return;
        }
        self.history
            .record_apart("removed annotator", &self.choices);
        Arc::make_mut(&mut self.choices.works).retain(|work| work.name != name);
        self.drop_from_annotations(name);
        if self.annotate.current.as_deref() == Some(name) {
            self.annotate.current = None;
            self.annotate.screen = Screen::People;
        }
        self.status = format!("Removed {name}; undo brings the work back.");
    }

    fn pause_work(&mut self, paused: bool) {
        self.annotate.paused = paused;
        if paused {
            self.ask_player(PlayerRequest::Pause);
            self.playback.playing = false;
        } else {
            self.annotate.looped = None;
        }
    }

    fn finish_work(&mut self) {
        let Some(work) = self.work_on_screen().cloned() else {
            return;
        };
        if let Some(why) = work.hindrance_to_finish() {
            self.annotate.note = why;
            return;
        }
        self.change_work("completed annotation", |work| work.complete = true);
        self.annotate.note.clear();
        if self.study.is_some() {
            self.study_video_finished();
            return;
        }
        self.put_into_annotations();
        self.annotate.screen = Screen::Compare;
        self.status = format!(
            "{} is complete after {}.",
            work.name,
            text::clock(self.spent_secs(&work.name))
        );
    }

    fn reopen_work(&mut self, name: &str) {
        if self.work_of(name).is_none_or(|work| !work.complete) {
            return;
        }
        self.annotate.current = Some(name.to_owned());
        self.annotate.screen = Screen::Work;
        let shown = self.shown_during(During::Complete);
        self.change_work("reopened annotation", |work| {
            work.complete = false;
            work.note_seen(shown);
            // The others have been on screen by now.
            work.saw_others = true;
        });
        self.drop_from_annotations(name);
        self.resume_work(name);
    }

    fn toggle_pick(&mut self, range: FrameRange) {
        let mut refused: Option<OverBudget> = None;
        self.change_work("pick", |work| refused = work.toggle(range).err());
        self.show_refusal(refused);
    }

    fn add_pick(&mut self, range: FrameRange) {
        let mut refused: Option<OverBudget> = None;
        self.change_work("pick", |work| refused = work.pick(range).err());
        self.show_refusal(refused);
    }

    fn show_refusal(&mut self, refused: Option<OverBudget>) {
        self.annotate.note = refused.map_or_else(String::new, |refused| refused.to_string());
    }

    /// Changes the work on screen as one step of the history; a change that changes nothing leaves
    /// no step.
    fn change_work(&mut self, what: &'static str, change: impl FnOnce(&mut AnnotatorWork)) {
        let Some(name) = self.annotate.current.clone() else {
            return;
        };
        let Some(at) = self.choices.works.iter().position(|work| work.name == name) else {
            return;
        };
        let mut changed = self.choices.works[at].clone();
        change(&mut changed);
        if changed == self.choices.works[at] {
            return;
        }
        self.history.record_apart(what, &self.choices);
        Arc::make_mut(&mut self.choices.works)[at] = changed;
    }

    /// Moves within the work on screen: nothing to take back.
    fn move_in_work(&mut self, change: impl FnOnce(&mut AnnotatorWork)) {
        self.annotate.note.clear();
        let Some(name) = self.annotate.current.clone() else {
            return;
        };
        if let Some(work) = Arc::make_mut(&mut self.choices.works)
            .iter_mut()
            .find(|work| work.name == name)
        {
            change(work);
        }
    }

    /// The segment at a time, or the two-second shot where the video has no segments yet.
    pub fn segment_range_at(&self, secs: f64) -> Option<FrameRange> {
        let session = self.session.as_ref()?;
        if let Some(segment) = session.segment_at(secs) {
            return Some(session.segments[segment].frames());
        }
        let frame = session.index.frame_at_secs(secs);
        crate::domain::annotator_work::rated_shots(&session.index)
            .into_iter()
            .find(|shot| shot.contains(frame))
    }

    /// The frame on screen.
    pub fn frame_at_playhead(&self) -> u64 {
        self.session.as_ref().map_or(0, |session| {
            session.index.frame_at_secs(self.playback.position_secs)
        })
    }

    /// Begins anew with the works of the video that was opened, and the time spent on them.
    pub fn adopt_works(&mut self) {
        self.annotate = AnnotateState {
            spent_secs: self
                .choices
                .works
                .iter()
                .map(|work| (work.name.clone(), work.spent_secs))
                .collect(),
            place_secs: (self.choices.works.iter())
                .map(|work| (work.name.clone(), work.place_secs.clone()))
                .collect(),
            ..AnnotateState::default()
        };
    }
}

/// What an annotator is asked to do, for a list: `rates shots in random order`.
pub fn method_text(work: &AnnotatorWork) -> String {
    use crate::domain::annotator_work::ShotOrder;
    match (work.method, work.order) {
        (Method::Ratings, ShotOrder::Random) => "ratings, random order".to_owned(),
        (Method::Ratings, ShotOrder::Sequence) => "ratings, in sequence".to_owned(),
        (Method::Picks, _) => format!("picks within {}", text::percent(work.budget)),
    }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
