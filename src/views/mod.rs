//! What a person sees. Each view reads [`crate::app::state::AppState`] and pushes [`crate::app::command::Command`]s;
//! none changes anything by itself.

pub mod alternatives;
pub mod annotate;
pub mod dataset;
pub mod distribution;
pub mod matches;
pub mod player;
pub mod timeline;
pub mod welcome;
