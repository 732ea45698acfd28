//! A summary edited by hand: what it came from, and the pieces that it keeps now. Knows nothing of
//! the window.

use serde::{Deserialize, Serialize};

use super::ranges::{difference, intersection, union};
use super::summary_ref::SummaryRef;
use super::time::FrameRange;
use super::video::FrameIndex;

/// A summary that a person has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditedSummary {
    /// Its number in the project, from 1; it keeps it.
    pub number: u32,
    /// What it was before the first change.
    pub from: SummaryRef,
    /// Seed of the draw that it came from.
    pub seed: u64,
    /// What that kept, ascending and disjoint.
    pub before: Vec<FrameRange>,
    /// What it keeps now, ascending and disjoint. Pieces that touch were split there.
    pub pieces: Vec<FrameRange>,
    /// The order in which they play, as places among the pieces; empty where it is that of the
    /// video.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<usize>,
}

/// One change of a summary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SummaryEdit {
    /// Keep these frames, too.
    Add(FrameRange),
    /// Keep none of these frames.
    Remove(FrameRange),
    /// Take a piece out.
    RemovePiece(usize),
    /// Let a piece begin, or end (exclusive), at a frame.
    MoveEdge { piece: usize, end: bool, frame: u64 },
    /// Make two pieces of the one that holds a frame; the second begins with it.
    Split(u64),
    /// Let a piece play before the one that plays before it, or after the one after it.
    Move { piece: usize, earlier: bool },
}

impl SummaryEdit {
    /// What undo calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add(_) => "adding to the summary",
            Self::Remove(_) | Self::RemovePiece(_) => "taking out of the summary",
            Self::MoveEdge { .. } => "trimming",
            Self::Split(_) => "splitting",
            Self::Move { .. } => "moving a piece",
        }
    }

    /// The pieces after the change, of a video with so many frames. Pieces stay ascending, disjoint
    /// and at least a frame long: an edge stops at its neighbour.
    #[must_use]
    pub fn applied(self, pieces: &[FrameRange], frame_count: u64) -> Vec<FrameRange> {
        let mut pieces = pieces.to_vec();
        match self {
            Self::Add(range) => {
                let range = FrameRange::new(range.start, range.end.min(frame_count));
                if !range.is_empty() {
                    // Other cuts that were made by splitting stay.
                    let (apart, touched): (Vec<_>, Vec<_>) = pieces
                        .into_iter()
                        .partition(|piece| piece.end < range.start || piece.start > range.end);
                    pieces = apart;
                    pieces.extend(union(&FrameRange::merged(touched), &[range]));
                    pieces.sort_by_key(|piece| piece.start);
                }
            }
            Self::Remove(range) => {
                pieces = (pieces.iter())
                    .flat_map(|piece| difference(&[*piece], &[range]))
                    .collect();
            }
            Self::RemovePiece(at) => {
                if at < pieces.len() {
                    pieces.remove(at);
                }
            }
            Self::MoveEdge { piece, end, frame } => {
                let least = piece.checked_sub(1).and_then(|at| pieces.get(at));
                let least = least.map_or(0, |before| before.end);
                let most = pieces.get(piece + 1).map_or(frame_count, |next| next.start);
                if let Some(piece) = pieces.get_mut(piece) {
                    if end {
                        piece.end = frame.clamp(piece.start + 1, most.max(piece.start + 1));
                    } else {
                        piece.start = frame.clamp(least.min(piece.end - 1), piece.end - 1);
                    }
                }
            }
            // Another order is of the same pieces.
            Self::Move { .. } => {}
            Self::Split(frame) => {
                let held = |piece: &FrameRange| piece.start < frame && frame < piece.end;
                if let Some(at) = pieces.iter().position(held) {
                    let end = std::mem::replace(&mut pieces[at].end, frame);
                    pieces.insert(at + 1, FrameRange::new(frame, end));
                }
            }
        }
        pieces
    }
}

impl EditedSummary {
    pub fn summary_ref(&self) -> SummaryRef {
        SummaryRef::Edited(self.number)
    }

    /// What is kept, ascending: pieces that touch are one.
    pub fn ranges(&self) -> Vec<FrameRange> {
        FrameRange::merged(self.pieces.clone())
    }

    /// What is played and exported, in that order: a piece that goes on where the one played before
    /// it ends is one with it.
    pub fn played(&self) -> Vec<FrameRange> {
        let pieces = self.play_order().filter_map(|at| self.pieces.get(at));
        FrameRange::joined(pieces.copied())
    }

    /// Places of the pieces in the order in which they play.
    pub fn play_order(&self) -> impl Iterator<Item = usize> + '_ {
        let in_time = (0..self.pieces.len()).filter(|_| self.order.is_empty());
        self.order.iter().copied().chain(in_time)
    }

    /// When a piece plays, counted from 0; `None` where there is no such piece.
    pub fn turn_of(&self, piece: usize) -> Option<usize> {
        self.play_order().position(|at| at == piece)
    }

    /// The summary after a change, of a video with so many frames. Pieces that a change leaves keep
    /// their order; a new one plays after the piece before it in the video.
    #[must_use]
    pub fn changed(&self, edit: SummaryEdit, frame_count: u64) -> Self {
        let pieces = edit.applied(&self.pieces, frame_count);
        let mut order: Vec<usize> = match edit {
            SummaryEdit::Move { piece, earlier } => {
                let mut order: Vec<usize> = self.play_order().collect();
                if let Some(turn) = self.turn_of(piece) {
                    let other = match earlier {
                        true => turn.checked_sub(1),
                        false => Some(turn + 1).filter(|&next| next < order.len()),
                    };
                    if let Some(other) = other {
                        order.swap(turn, other);
                    }
                }
                order
            }
            _ => self.order_of(&pieces),
        };
        if order.is_sorted() {
            order.clear();
        }
        Self {
            pieces,
            order,
            ..self.clone()
        }
    }

    /// The order in which other pieces play, each in the turn of the one that it was, or was part
    /// of.
    fn order_of(&self, pieces: &[FrameRange]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        if self.order.is_empty() {
            return order;
        }
        let shared = |a: &FrameRange, b: &FrameRange| {
            let (start, end) = (a.start.max(b.start), a.end.min(b.end));
            end.saturating_sub(start)
        };
        let turn = |piece: &FrameRange| {
            let was = (0..self.pieces.len())
                .filter(|&at| shared(&self.pieces[at], piece) > 0)
                .max_by_key(|&at| shared(&self.pieces[at], piece));
            let before = || {
                self.pieces
                    .iter()
                    .rposition(|other| other.end <= piece.start)
            };
            let turn = was.or_else(before).and_then(|at| self.turn_of(at));
            // What was there before comes first, then what is new behind it; in front of all what
            // nothing is before.
            (turn.map_or(0, |turn| turn + 1), was.is_none())
        };
        order.sort_by_key(|&at| (turn(&pieces[at]), pieces[at].start));
        order
    }

    /// What a hand has made of a sampled summary, for those who get the result: "sampled, edited by
    /// hand: of A (seed 3) it keeps 8.0 s, leaves out 2.5 s and adds 4.0 s".
    pub fn origin(&self, index: &FrameIndex) -> String {
        let secs = |ranges: &[FrameRange]| -> f64 {
            let lengths = ranges.iter().map(|&range| index.range_secs(range));
            // The sum of nothing is a negative zero.
            lengths.sum::<f64>().abs()
        };
        let (before, now) = (FrameRange::merged(self.before.clone()), self.ranges());
        let moved = match self.order.is_empty() {
            true => "",
            false => "; its pieces play in another order than in the video",
        };
        format!(
            "sampled, edited by hand: of {} (seed {}) it keeps {:.1} s, leaves out {:.1} s and adds {:.1} s{moved}",
            self.from,
            self.seed,
            secs(&intersection(&before, &now)),
            secs(&difference(&before, &now)),
            secs(&difference(&now, &before)),
        )
    }

    /// Whether a file says what this program writes: lists that are ascending and disjoint, of a
    /// summary that was not edited itself.
    pub fn is_sound(&self) -> bool {
        let from = !matches!(self.from, SummaryRef::Edited(_));
        let mut order = self.order.clone();
        order.sort_unstable();
        let is_order = order.is_empty() || order.iter().copied().eq(0..self.pieces.len());
        from && is_order
            && [&self.before, &self.pieces].iter().all(|list| {
                list.iter().all(|piece| piece.start < piece.end)
                    && list.windows(2).all(|pair| pair[0].end <= pair[1].start)
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ranges::frames_in;

    fn of(pairs: &[(u64, u64)]) -> Vec<FrameRange> {
        (pairs.iter())
            .map(|&(start, end)| FrameRange::new(start, end))
            .collect()
    }

    #[test]
    fn pieces_are_added_taken_out_trimmed_and_split() {
        let pieces = of(&[(10, 20), (40, 60)]);
        let after = |edit: SummaryEdit| edit.applied(&pieces, 100);
        let range = FrameRange::new;
        assert_eq!(
            after(SummaryEdit::Add(range(25, 30))),
            of(&[(10, 20), (25, 30), (40, 60)])
        );
        assert_eq!(after(SummaryEdit::Add(range(15, 45))), of(&[(10, 60)]));
        assert_eq!(
            after(SummaryEdit::Add(range(90, 120))),
            of(&[(10, 20), (40, 60), (90, 100)])
        );
        assert_eq!(
            after(SummaryEdit::Remove(range(15, 50))),
            of(&[(10, 15), (50, 60)])
        );
        assert_eq!(after(SummaryEdit::RemovePiece(0)), of(&[(40, 60)]));
        assert_eq!(after(SummaryEdit::RemovePiece(7)), pieces);
        assert_eq!(
            after(SummaryEdit::Split(50)),
            of(&[(10, 20), (40, 50), (50, 60)])
        );
        assert_eq!(after(SummaryEdit::Split(30)), pieces);
        let edge = |piece, end, frame| after(SummaryEdit::MoveEdge { piece, end, frame });
        assert_eq!(edge(0, true, 33), of(&[(10, 33), (40, 60)]));
        // An edge stops at its neighbour, at the video's ends, and a frame before the other edge.
        assert_eq!(edge(0, true, 55), of(&[(10, 40), (40, 60)]));
        assert_eq!(edge(1, false, 3), of(&[(10, 20), (20, 60)]));
        assert_eq!(edge(1, true, 400), of(&[(10, 20), (40, 100)]));
        assert_eq!(edge(0, false, 99), of(&[(19, 20), (40, 60)]));
    }

    #[test]
    fn a_split_stays_until_something_is_put_over_it() {
        let split = SummaryEdit::Split(50).applied(&of(&[(40, 60)]), 100);
        let added = SummaryEdit::Add(FrameRange::new(0, 10)).applied(&split, 100);
        assert_eq!(added, of(&[(0, 10), (40, 50), (50, 60)]));
        let summary = EditedSummary {
            number: 1,
            from: SummaryRef::Sample(3),
            seed: 0,
            before: of(&[(40, 60)]),
            pieces: added,
            order: Vec::new(),
        };
        assert_eq!(summary.ranges(), of(&[(0, 10), (40, 60)]));
        assert!(summary.is_sound());
        let twisted = EditedSummary {
            pieces: of(&[(50, 60), (40, 55)]),
            ..summary
        };
        assert!(!twisted.is_sound());
    }

    #[test]
    fn pieces_play_in_another_order_and_keep_it_through_other_changes() {
        let summary = EditedSummary {
            number: 1,
            from: SummaryRef::Sample(3),
            seed: 0,
            before: of(&[(10, 20)]),
            pieces: of(&[(10, 20), (40, 60), (80, 90)]),
            order: Vec::new(),
        };
        assert_eq!(summary.played(), summary.pieces);
        let after = |summary: &EditedSummary, edit| summary.changed(edit, 100);
        let earlier = |piece| SummaryEdit::Move {
            piece,
            earlier: true,
        };
        let moved = after(&summary, earlier(2));
        assert_eq!(moved.played(), of(&[(10, 20), (80, 90), (40, 60)]));
        assert_eq!(moved.ranges(), summary.pieces);
        assert_eq!((moved.turn_of(2), moved.turn_of(1)), (Some(1), Some(2)));
        let index_of = |frames: i64| FrameIndex {
            pts: (0..frames).collect(),
            keyframes: vec![0].into(),
            time_base: crate::domain::Rational::new(1, 10),
            last_duration: 1,
        };
        assert!(
            moved
                .origin(&index_of(100))
                .ends_with("in another order than in the video")
        );
        // Its parts stay where it was, a new one follows the piece before it, one taken out leaves
        // a gap.
        let split = after(&moved, SummaryEdit::Split(50));
        assert_eq!(split.played(), of(&[(10, 20), (80, 90), (40, 60)]));
        let apart = after(&split, earlier(2));
        assert_eq!(
            apart.played(),
            of(&[(10, 20), (80, 90), (50, 60), (40, 50)])
        );
        let added = after(&moved, SummaryEdit::Add(FrameRange::new(92, 95)));
        assert_eq!(
            added.played(),
            of(&[(10, 20), (80, 90), (92, 95), (40, 60)])
        );
        let without = after(&moved, SummaryEdit::RemovePiece(0));
        assert_eq!(without.played(), of(&[(80, 90), (40, 60)]));
        // At either end nothing moves; back in the video's order none is kept.
        assert_eq!(after(&summary, earlier(0)), summary);
        let back = after(
            &moved,
            SummaryEdit::Move {
                piece: 2,
                earlier: false,
            },
        );
        assert_eq!(back, summary);
        let json = serde_json::to_string(&moved).unwrap();
        assert_eq!(serde_json::from_str::<EditedSummary>(&json).unwrap(), moved);
        assert!(!serde_json::to_string(&summary).unwrap().contains("order"));
        let twisted = EditedSummary {
            order: vec![0, 0, 1],
            ..summary
        };
        assert!(!twisted.is_sound());
    }

    fn edits() -> impl Strategy<Value = SummaryEdit> {
        let range = (0..100u64, 0..20u64).prop_map(|(at, length)| FrameRange::new(at, at + length));
        prop_oneof![
            range.clone().prop_map(SummaryEdit::Add),
            range.prop_map(SummaryEdit::Remove),
            (0..4usize).prop_map(SummaryEdit::RemovePiece),
            (0..4usize, any::<bool>(), 0..120u64)
                .prop_map(|(piece, end, frame)| SummaryEdit::MoveEdge { piece, end, frame }),
            (0..100u64).prop_map(SummaryEdit::Split),
            (0..4usize, any::<bool>())
                .prop_map(|(piece, earlier)| SummaryEdit::Move { piece, earlier }),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_done_pieces_stay_ascending_and_inside(steps in prop::collection::vec(edits(), 0..30)) {
            let mut summary = EditedSummary {
                number: 1,
                from: SummaryRef::Sample(0),
                seed: 0,
                before: Vec::new(),
                pieces: of(&[(10, 20), (40, 60)]),
                order: Vec::new(),
            };
            for step in steps {
                summary = summary.changed(step, 100);
                prop_assert!(summary.is_sound(), "{step:?}: {summary:?}");
                prop_assert_eq!(FrameRange::merged(summary.played()), summary.ranges());
                prop_assert!(frames_in(&summary.pieces) <= 100);
            }
        }
    }
}
