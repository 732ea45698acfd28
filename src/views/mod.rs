//! What a person sees. Each view reads [`crate::state::AppState`] and pushes
//! [`crate::state::command::Command`]s; none changes anything by itself.

pub mod alternatives;
pub mod annotate;
pub mod dataset;
pub mod distribution;
pub mod matches;
pub mod menus;
pub mod overlays;
pub mod path_prompt;
pub mod player;
pub mod reasons;
pub mod relink;
mod seed;
pub mod steering;
pub mod study;
pub mod timeline;
pub mod topbar;
pub mod welcome;
