//! SummDiff explorer: browse, compare, play and export the many plausible summaries of one video.
//!
//! Data flows one way, and each stage is a room of its own:
//!
//! ```text
//! media ──frames──▶ inference ──features──▶ summary (KTS) ──segments──┐
//!                       │                                            ▼
//!                       └──memory──▶ diffusion ──scores──▶ summary (knapsack) ──▶ analysis ──▶ views, interchange, cli
//! ```
//!
//! [`domain`] holds the nouns all rooms share, [`pipeline`] runs the stages in order for the window
//! and the command line alike, [`app`] and [`cli`] are the only rooms that touch everything.

pub mod analysis;
pub mod annotations;
pub mod app;
pub mod cache;
pub mod cli;
pub mod confined;
pub mod diffusion;
pub mod domain;
pub mod figures;
pub mod files;
pub mod gpu;
pub mod inference;
pub mod interchange;
pub mod jobs;
pub mod media;
pub mod pipeline;
pub mod reading;
pub mod session;
pub mod state;
pub mod summary;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
pub mod ui;
pub mod views;
