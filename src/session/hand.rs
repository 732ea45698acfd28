//! Which summary of a video is in hand, and which alternatives a person's marks are on. Knows no
//! window: the choices are given.

use super::Session;
use crate::domain::mark::jaccard;
use crate::domain::{Draw, Mark, Selection, SummaryRef};

impl Session {
    /// The summary in hand, which is shown, played and exported everywhere: the chosen one, else
    /// the alternative in front. `None` while there are no samples.
    pub fn in_hand(&self, selection: &Selection, rejects: &[Mark]) -> Option<SummaryRef> {
        let draw = self.draw.as_deref()?;
        let count = draw.sample_count();
        let is_there = |edit: SummaryRef| self.edits.iter().any(|of| of.summary_ref() == edit);
        match selection.summary {
            Some(of @ SummaryRef::Sample(sample)) if sample < count => return Some(of),
            Some(of @ SummaryRef::Edited(_)) if is_there(of) => return Some(of),
            _ => {}
        }
        let front = front_alternative(draw, selection, rejects);
        let front = front.map(|at| SummaryRef::Alternative(draw.alternatives[at].letter()));
        front.or((count > 0).then_some(SummaryRef::Sample(0)))
    }
}

/// The chosen alternative, or the one with the greatest share; a rejected one only where all are.
pub fn front_alternative(draw: &Draw, selection: &Selection, rejects: &[Mark]) -> Option<usize> {
    let is_rejected = |at: usize| rejects.iter().any(|mark| marks(draw, mark, at));
    let chosen = (selection.summary)
        .and_then(SummaryRef::letter)
        .and_then(|letter| draw.place_of(letter));
    if let Some(chosen) = chosen.filter(|&at| !is_rejected(at)) {
        return Some(chosen);
    }
    let share = |at: usize| draw.alternatives[at].share;
    let greatest = |best: usize, next: usize| match share(next) > share(best) {
        true => next,
        false => best,
    };
    let count = draw.alternatives.len();
    (0..count)
        .filter(|&at| !is_rejected(at))
        .reduce(greatest)
        .or(chosen)
        .or((count > 0).then_some(0))
}

/// Whether a mark is that of an alternative: by its letter, or the likest one of those whose
/// summaries share half with a mark that names none.
pub fn marks(draw: &Draw, mark: &Mark, alternative: usize) -> bool {
    let Some(kind) = draw.alternatives.get(alternative) else {
        return false;
    };
    if !mark.label.is_empty() {
        return mark.label == kind.label;
    }
    let likeness = |at: usize| jaccard(&mark.segments, &draw.alternatives[at].selected_segments);
    let likest = (0..draw.alternatives.len()).reduce(|best, next| {
        if likeness(next) > likeness(best) {
            next
        } else {
            best
        }
    });
    likest == Some(alternative) && mark.is_like(&kind.selected_segments)
}
