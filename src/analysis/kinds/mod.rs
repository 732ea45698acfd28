//! Kinds of summary: groups of views, held by anchors.
//!
//! The **view** of a sample is the ranks of its segments' scores. Samples of a pool are grouped by
//! their views; the mean scores of a group are its **anchor**. Any other sample belongs to the
//! anchor whose view is most like its own (Spearman's ρ), so that seeds, budgets and guidance move
//! shares and never kinds. Works on segment values alone: draws nothing, selects nothing but the
//! faces that it compares.

mod anchors;
mod carry;
mod groups;
mod views;
mod words;

pub use anchors::{Assignment, assign};
pub use carry::{letters_of, match_views, without_gaps};
pub use groups::{MOST_KINDS, groups};
pub use views::views;
pub use words::{SegmentTraits, distinguishing_lines, segment_traits, shorter_line};

/// Kendall's τ-b between a sample and its kind from which the sample counts as near (the threshold
/// of a match in figure 3 of the paper).
pub const NEAR_TAU: f64 = 0.25;
