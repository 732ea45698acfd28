//! From features and scores to summaries: change points (KTS, or priced by noise), the knapsack,
//! and the selection of many samples at once.
//!
//! Pure maths on arrays; reads no files and knows neither the window nor the network.

pub mod knapsack;
pub mod kts;
mod linear_segmentation;
pub mod noise_price;
pub mod pauses;
mod scatter;
pub mod segment_values;
pub mod segments;
pub mod select;

pub use knapsack::{Picked, knapsack};
pub use kts::{Kts, KtsParams, kts};
pub use noise_price::NoisePrice;
pub use pauses::{WholeSpeech, pauses, whole_speech};
pub use segment_values::{SegmentWeights, float32_mean};
pub use segments::segments_from_change_points;
pub use select::{Selections, Selector, select, summary_of_row};
