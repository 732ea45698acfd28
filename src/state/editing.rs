//! The editor's hand on the summary in hand: what each change does, and what it does to length and
//! match. A change never touches what was chosen: it makes an edited summary of it, which is then
//! in hand.

use std::sync::Arc;

use super::pair::intersection;
use super::{AppState, Extent};
use crate::domain::ranges::length_secs;
use crate::domain::{EditedSummary, FrameRange, SummaryEdit, SummaryRef};
use crate::ui::text;

/// What editing has done to a summary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EditFacts {
    pub kept_secs: f64,
    pub before_secs: f64,
    pub budget_secs: f64,
    /// Mean F1 of kept time over all annotators with picks, before and now; `None` without any.
    pub f1: Option<(f64, f64)>,
}

impl EditFacts {
    /// `0:16 of 0:14`, and by how much that is over the budget.
    pub fn length(&self) -> String {
        let over = self.kept_secs - self.budget_secs;
        let mut words = format!(
            "{} of {}",
            text::clock(self.kept_secs),
            text::clock(self.budget_secs)
        );
        if over >= 0.5 {
            words.push_str(&format!(", {over:.0} s over"));
        }
        words
    }

    /// `F1 0.42 → 0.45`.
    pub fn matching(&self) -> Option<String> {
        self.f1
            .map(|(before, now)| format!("F1 {before:.2} → {now:.2}"))
    }
}

/// F1 of the time that two lists of ranges share; 1 where both are empty.
fn f1_secs(a: &[(f64, f64)], b: &[(f64, f64)]) -> f64 {
    let all = length_secs(a) + length_secs(b);
    if all > 0.0 {
        2.0 * length_secs(&intersection(a, b)) / all
    } else {
        1.0
    }
}

impl AppState {
    /// The edited summary that is meant.
    pub fn edited(&self, of: SummaryRef) -> Option<&EditedSummary> {
        let mut edits = self.choices.edits.iter();
        edits.find(|edited| edited.summary_ref() == of)
    }

    /// What editing has done to a summary; `None` where it is none that was edited.
    pub fn edit_facts(&self, of: SummaryRef) -> Option<EditFacts> {
        let (session, edited) = (self.session.as_ref()?, self.edited(of)?);
        let now = session.ranges_secs(&edited.ranges());
        let before = session.ranges_secs(&edited.before);
        let people: Vec<&Vec<(f64, f64)>> = (session.annotator_ranges_secs.iter())
            .filter(|picks| !picks.is_empty())
            .collect();
        let mean = |ranges: &[(f64, f64)]| {
            let sum: f64 = people.iter().map(|picks| f1_secs(ranges, picks)).sum();
            sum / people.len() as f64
        };
        Some(EditFacts {
            kept_secs: length_secs(&now),
            before_secs: length_secs(&before),
            budget_secs: self.choices.settings.budget * session.duration_secs(),
            f1: (!people.is_empty()).then(|| (mean(&before), mean(&now))),
        })
    }

    /// The pieces of the summary in hand: those of an edited one may touch.
    pub fn chosen_pieces(&self) -> Vec<FrameRange> {
        let edited = self.chosen().and_then(|of| self.edited(of));
        match (edited, self.chosen_summary()) {
            (Some(edited), _) => edited.pieces.clone(),
            (None, Some(summary)) => summary.ranges,
            (None, None) => Vec::new(),
        }
    }

    /// Whether the summary in hand keeps a moment.
    pub fn keeps(&self, secs: f64) -> bool {
        self.chosen_summary().is_some_and(|summary| {
            let mut ranges = summary.ranges_secs.iter();
            ranges.any(|&(start, end)| start <= secs && secs < end)
        })
    }

    /// Gives the session the edited summaries of the choices.
    pub(super) fn sync_edits(&mut self) {
        if let Some(session) = &mut self.session {
            session.edits = self.choices.edits.clone();
        }
    }

    /// Changes the summary in hand; the first change makes an edited summary of it.
    pub(super) fn edit_summary(&mut self, edit: SummaryEdit) {
        let (Some(session), Some(summary)) = (&self.session, self.chosen_summary()) else {
            self.status = "There is no summary to edit yet.".to_owned();
            return;
        };
        let of = summary.of;
        let (mut edited, is_new) = match self.edited(of) {
            Some(edited) => (edited.clone(), false),
            None => {
                let numbers = self.choices.edits.iter().map(|edited| edited.number);
                let edited = EditedSummary {
                    number: numbers.max().unwrap_or(0) + 1,
                    from: of,
                    seed: session.draw.as_ref().map_or(0, |draw| draw.settings.seed),
                    before: summary.ranges.clone(),
                    pieces: summary.ranges.clone(),
                    order: Vec::new(),
                };
                (edited, true)
            }
        };
        let changed = edited.changed(edit, session.index.len());
        if changed == edited {
            // Holding an edge still is no news.
            if !matches!(edit, SummaryEdit::MoveEdge { .. }) {
                self.status = "Nothing changes: the summary is like that already.".to_owned();
            }
            return;
        }
        if changed.pieces.is_empty() {
            self.status = "A summary keeps at least one piece.".to_owned();
            return;
        }
        self.record(edit.name());
        edited = changed;
        let of_edited = edited.summary_ref();
        let edits = Arc::make_mut(&mut self.choices.edits);
        match edits.iter_mut().find(|other| other.number == edited.number) {
            Some(other) => *other = edited,
            None => edits.push(edited),
        }
        if is_new {
            self.shown_before = Some(of);
        }
        self.choices.selection.summary = Some(of_edited);
        self.sync_edits();
        self.send_ranges();
        self.show_edge(edit);
        self.status = self.edit_sentence(of_edited);
    }

    /// Shows the frame that an edge was moved to, so that it can be seen where the cut falls.
    fn show_edge(&mut self, edit: SummaryEdit) {
        let SummaryEdit::MoveEdge { piece, end, .. } = edit else {
            return;
        };
        if self.playback.playing {
            return;
        }
        let pieces = self.chosen_pieces();
        let Some((session, piece)) = self.session.as_ref().zip(pieces.get(piece)) else {
            return;
        };
        let frame = if end { piece.end - 1 } else { piece.start };
        let secs = session.index.secs_from_frame(frame);
        self.seek(secs);
    }

    fn edit_sentence(&self, of: SummaryRef) -> String {
        let (Some(facts), Some(edited)) = (self.edit_facts(of), self.edited(of)) else {
            return String::new();
        };
        let mut sentence = format!("{of} of {} keeps {}", edited.from, facts.length());
        if let Some(matching) = facts.matching() {
            sentence.push_str(&format!(" · {matching} with annotators"));
        }
        sentence
    }

    /// The frames between in and out, else those of the segment at the playhead.
    fn frames_meant(&self) -> Option<FrameRange> {
        let session = self.session.as_ref()?;
        match self.choices.range_secs {
            Some((start, end)) => {
                let frames = session.index.frames_between(start, end);
                Some(FrameRange::new(
                    frames.start,
                    frames.end.max(frames.start + 1),
                ))
            }
            None => {
                let at = session.segment_at(self.playback.position_secs)?;
                Some(session.segments[at].frames())
            }
        }
    }

    pub(super) fn add_to_summary(&mut self) {
        if let Some(range) = self.frames_meant() {
            self.edit_summary(SummaryEdit::Add(range));
        }
    }

    pub(super) fn take_out_of_summary(&mut self) {
        if self.choices.range_secs.is_some() {
            if let Some(range) = self.frames_meant() {
                self.edit_summary(SummaryEdit::Remove(range));
            }
            return;
        }
        let frame = self.frame_at_playhead();
        let held = |piece: &FrameRange| piece.contains(frame);
        match self.chosen_pieces().iter().position(held) {
            Some(piece) => self.edit_summary(SummaryEdit::RemovePiece(piece)),
            None => self.status = "The summary keeps nothing at the playhead.".to_owned(),
        }
    }

    /// Lets the piece at the playhead play earlier or later among the others.
    pub(super) fn move_piece(&mut self, earlier: bool) {
        let frame = self.frame_at_playhead();
        let held = |piece: &FrameRange| piece.contains(frame);
        match self.chosen_pieces().iter().position(held) {
            Some(piece) => self.edit_summary(SummaryEdit::Move { piece, earlier }),
            None => self.status = "The summary keeps nothing at the playhead.".to_owned(),
        }
    }

    pub(super) fn split_summary(&mut self) {
        self.edit_summary(SummaryEdit::Split(self.frame_at_playhead()));
    }

    /// Forgets an edited summary; what it came from is in hand again where this one was.
    pub(super) fn discard_edit(&mut self, number: u32) {
        let of = SummaryRef::Edited(number);
        let Some(from) = self.edited(of).map(|edited| edited.from) else {
            return;
        };
        self.record("discarding an edit");
        let was_chosen = self.chosen() == Some(of);
        Arc::make_mut(&mut self.choices.edits).retain(|edited| edited.number != number);
        if was_chosen {
            self.choices.selection.summary = Some(from);
        }
        self.sync_edits();
        if self.playback.extent == Extent::Summary {
            self.send_ranges();
        }
        self.status = format!("Discarded {of} of {from}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Letter;
    use crate::domain::project::Project;
    use crate::session::Summarised;
    use crate::state::command::Command;
    use crate::testing::fixture;
    use std::path::Path;

    fn frames(state: &AppState) -> Vec<FrameRange> {
        state.chosen_summary().unwrap().ranges
    }

    #[test]
    fn an_edit_is_a_summary_of_its_own_and_is_taken_back_by_undo() {
        let mut state = fixture::state();
        let before = frames(&state);
        state.run(Command::EditSummary(SummaryEdit::RemovePiece(0)));
        let of = SummaryRef::Edited(1);
        assert_eq!(state.chosen(), Some(of));
        assert_eq!(frames(&state), before[1..]);
        // What it came from is as it was.
        let session = state.session.as_ref().unwrap();
        let whole = session.summary(SummaryRef::Alternative(Letter(0))).unwrap();
        assert_eq!(whole.ranges, before);
        let edited = session.summary(of).unwrap();
        assert_eq!(
            (edited.name.as_str(), edited.letter),
            ("edit 1 of A", Some(Letter(0)))
        );
        // A second change is of the same edit; one of another summary is another.
        state.run(Command::EditSummary(SummaryEdit::Split(
            before[1].start + 5,
        )));
        assert_eq!(state.choices.edits.len(), 1);
        assert_eq!(state.chosen_pieces().len(), before.len());
        assert_eq!(frames(&state), before[1..]);
        state.run(Command::SelectAlternative(1));
        state.run(Command::EditSummary(SummaryEdit::RemovePiece(0)));
        assert_eq!(state.chosen(), Some(SummaryRef::Edited(2)));
        for _ in 0..4 {
            state.run(Command::Undo);
        }
        assert!(state.choices.edits.is_empty());
        assert_eq!(frames(&state), before);
        assert!(state.session.as_ref().unwrap().edits.is_empty());
        state.run(Command::Redo);
        assert_eq!(frames(&state), before[1..]);
    }

    #[test]
    fn the_range_or_the_segment_at_the_playhead_goes_in_and_out() {
        let mut state = fixture::state();
        let before = frames(&state);
        let segments = state.session.as_ref().unwrap().segments.clone();
        let out = segments
            .iter()
            .find(|segment| !state.keeps(segment.start_secs + 0.01))
            .copied()
            .unwrap();
        state.run(Command::SeekTo(out.start_secs + 0.1));
        state.run(Command::TakeOutOfSummary);
        assert!(state.status.contains("keeps nothing"), "{}", state.status);
        state.run(Command::AddToSummary);
        assert!(state.keeps(out.start_secs + 0.1));
        state.run(Command::TakeOutOfSummary);
        assert_eq!(frames(&state), before);
        // Part of a piece goes by the range.
        let index = state.session.as_ref().unwrap().index.clone();
        let (start, end) = (before[0].start + 4, before[0].start + 20);
        let range = (index.secs_from_frame(start), index.secs_from_frame(end));
        state.run(Command::SetRange(Some(range)));
        state.run(Command::TakeOutOfSummary);
        assert_eq!(frames(&state)[0], FrameRange::new(before[0].start, start));
        assert_eq!(frames(&state)[1].start, end);
        state.run(Command::AddToSummary);
        assert_eq!(frames(&state), before);
    }

    #[test]
    fn length_against_budget_and_the_match_are_told() {
        let mut state = fixture::state();
        let before = state.chosen_summary().unwrap().secs;
        state.run(Command::EditSummary(SummaryEdit::RemovePiece(0)));
        let of = state.chosen().unwrap();
        let facts = state.edit_facts(of).unwrap();
        assert!((facts.before_secs - before).abs() < 1e-9 && facts.kept_secs < before);
        let (was, now) = facts.f1.unwrap();
        assert!((0.0..=1.0).contains(&was) && (0.0..=1.0).contains(&now) && was != now);
        assert!(state.status.contains("F1"), "{}", state.status);
        // All of the video is over every budget.
        let all = FrameRange::new(0, state.session.as_ref().unwrap().index.len());
        state.run(Command::EditSummary(SummaryEdit::Add(all)));
        assert!(state.edit_facts(of).unwrap().length().contains("s over"));
        // It cannot be emptied.
        state.run(Command::EditSummary(SummaryEdit::Remove(all)));
        assert!(state.keeps(1.0));
        assert_eq!(f1_secs(&[(0.0, 2.0)], &[(1.0, 3.0)]), 0.5);
        // As it is written in a card.
        let nothing = f1_secs(&[(0.0, 2.0)], &[(2.0, 3.0)]);
        assert_eq!(format!("{nothing:.2}"), "0.00");
    }

    #[test]
    fn an_edit_is_kept_by_the_project_and_through_a_new_draw() {
        let mut state = fixture::state();
        state.run(Command::EditSummary(SummaryEdit::RemovePiece(1)));
        let kept = frames(&state);
        let path = Path::new("/films/p.summdiff");
        let json = state.to_project(path).unwrap().to_json();
        let project = Project::from_json(&json, path).unwrap();
        assert_eq!(project.edits, *state.choices.edits);
        assert_eq!(project.selection.summary, Some(SummaryRef::Edited(1)));
        let choices = crate::state::drafting::choices_of(&project);
        assert_eq!(choices.edits, state.choices.edits);
        let mut draw = (**state.draw().unwrap()).clone();
        draw.settings.seed += 1;
        state.handle(crate::pipeline::Event::Draw(Arc::new(draw)));
        assert_eq!(state.chosen(), Some(SummaryRef::Edited(1)));
        assert_eq!(frames(&state), kept);
        state.run(Command::DiscardEdit(1));
        assert_eq!(state.chosen(), Some(SummaryRef::Alternative(Letter(0))));
    }

    #[test]
    fn a_piece_is_moved_and_the_order_is_played_exported_and_kept() {
        let mut state = fixture::state();
        let before = frames(&state);
        let index = state.session.as_ref().unwrap().index.clone();
        state.run(Command::SeekTo(index.secs_from_frame(before[1].start)));
        state.run(Command::MovePiece { earlier: true });
        assert_eq!(frames(&state), before, "the same is kept");
        let mut moved = before.clone();
        moved.swap(0, 1);
        assert_eq!(state.chosen_summary().unwrap().played, moved);
        state.run(Command::PlaySummaryFromStart);
        let first = index.secs_from_frame(moved[0].start);
        assert_eq!(state.playback.position_secs, first);
        let asked = |request: &crate::state::Request| {
            use crate::state::{PlayerRequest, Request};
            matches!(request, Request::Player(PlayerRequest::Ranges(Some(ranges))) if *ranges == moved)
        };
        assert!(state.requests.iter().any(asked), "{:?}", state.requests);
        state.run(Command::OpenExport(None));
        let crate::state::Overlay::Export(form) = state.overlay.clone() else {
            panic!("the dialog is open");
        };
        assert_eq!(state.exported_ranges(&form).unwrap(), moved);
        let path = Path::new("/films/p.summdiff");
        let json = state.to_project(path).unwrap().to_json();
        let project = Project::from_json(&json, path).unwrap();
        assert_eq!(project.edits[0].played(), moved);
        state.run(Command::Undo);
        assert!(state.choices.edits.is_empty());
    }

    #[test]
    fn an_edge_that_is_moved_shows_its_frame_and_plays_what_is_kept() {
        let mut state = fixture::state();
        let first = frames(&state)[0];
        let index = state.session.as_ref().unwrap().index.clone();
        let to = first.end - 10;
        state.run(Command::EditSummary(SummaryEdit::MoveEdge {
            piece: 0,
            end: true,
            frame: to,
        }));
        assert_eq!(state.playback.position_secs, index.secs_from_frame(to - 1));
        state.run(Command::PlaySummaryFromStart);
        let played = state.extent_secs().unwrap();
        assert_eq!(played[0].1, index.secs_from_frame(to));
    }
}
