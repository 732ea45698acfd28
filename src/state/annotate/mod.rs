//! Annotating: people rate shots or mark picks, are compared, merged and exported. State, actions and background work of the
//! page; it is drawn in `views::annotate`.
//!
//! Works are part of the [`Choices`](super::history::Choices), so undo, the project file and the journal keep them as everything else.
//! Time spent stands apart in [`state::AnnotateState`]: taking a rating back does not give the time back.

pub mod apply;
pub mod clock;
pub mod command;
pub mod looping;
mod merging;
mod part_playing;
pub mod state;

pub use command::AnnotateCommand;
pub use state::{AnnotateState, CompareTab, Screen, StartForm};
