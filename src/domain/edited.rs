//! A summary edited by hand: what it came from, and the pieces that it keeps now. Knows nothing of the window.

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
}

impl SummaryEdit {
    /// What undo calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add(_) => "adding to the summary",
            Self::Remove(_) | Self::RemovePiece(_) => "taking out of the summary",
            Self::MoveEdge { .. } => "trimming",
            Self::Split(_) => "splitting",
        }
    }

    /// The pieces after the change, of a video with so many frames. Pieces stay ascending, disjoint and at least a frame long: an edge
    /// stops at its neighbour.
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

    /// What is played and exported: pieces that touch are one.
    pub fn ranges(&self) -> Vec<FrameRange> {
        FrameRange::merged(self.pieces.clone())
    }

    /// What a hand has made of a sampled summary, for whoever gets the result: "sampled, edited by hand: of A (seed 3) it keeps 8.0 s,
    /// leaves out 2.5 s and adds 4.0 s".
    pub fn origin(&self, index: &FrameIndex) -> String {
        let secs = |ranges: &[FrameRange]| -> f64 {
            let lengths = ranges.iter().map(|&range| index.range_secs(range));
            // The sum of nothing is a negative zero.
            lengths.sum::<f64>().abs()
        };
        let (before, now) = (FrameRange::merged(self.before.clone()), self.ranges());
        format!(
            "sampled, edited by hand: of {} (seed {}) it keeps {:.1} s, leaves out {:.1} s and adds {:.1} s",
            self.from,
            self.seed,
            secs(&intersection(&before, &now)),
            secs(&difference(&before, &now)),
            secs(&difference(&now, &before)),
        )
    }

    /// Whether a file says what this program writes: lists that are ascending and disjoint, of a summary that was not edited itself.
    pub fn is_sound(&self) -> bool {
        let from = !matches!(self.from, SummaryRef::Edited(_));
        from && [&self.before, &self.pieces].iter().all(|list| {
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
        };
        assert_eq!(summary.ranges(), of(&[(0, 10), (40, 60)]));
        assert!(summary.is_sound());
        let twisted = EditedSummary {
            pieces: of(&[(50, 60), (40, 55)]),
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
            };
            for step in steps {
                summary.pieces = step.applied(&summary.pieces, 100);
                prop_assert!(summary.is_sound(), "{step:?}: {:?}", summary.pieces);
                prop_assert!(frames_in(&summary.pieces) <= 100);
            }
        }
    }
}
