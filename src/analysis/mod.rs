//! What many summaries and many annotators have in common and where they differ.
//!
//! Rank correlation, F1, MAP, CIS/WIR/WSE, agreement between annotators, kinds of summary, the
//! distribution plane and the matches table. Pure maths (rayon inside); reads no files and paints
//! nothing.

pub mod agreement;
pub mod conditioning;
pub mod density;
pub mod distribution;
pub mod evaluation;
pub mod kinds;
pub mod matches;
pub mod overlap;
pub mod pair_intervals;
pub mod pca;
pub mod quantised_knapsack;
pub mod quantised_scores;
pub mod rank;
pub mod raters;
pub mod reliability;
pub mod sensitivity;
pub mod steering;
pub mod steering_study;
pub mod study;
pub mod video_metrics;
