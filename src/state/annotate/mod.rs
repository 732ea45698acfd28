//! Annotating: people rate shots or mark picks, are compared, merged and exported. State, actions
//! and background work of the page; it is drawn in `views::annotate`.
//!
//! Works are part of the [`Choices`](super::history::Choices), so undo, the project file and the
//! journal keep them as everything else. Time spent stands apart in [`state::AnnotateState`]:
//! taking a rating back does not give the time back.

pub mod apply;
pub mod blindness;
pub mod clock;
pub mod command;
mod exporting;
pub mod looping;
mod merging;
mod part_playing;
mod sides;
pub mod state;
mod works;

pub use command::AnnotateCommand;
pub use state::{AnnotateState, CompareTab, Screen, StartForm};
pub use works::{loaded_annotators, works_from_project};
