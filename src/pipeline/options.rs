//! How a video is prepared.

use crate::domain::{DevicePreference, SegmentSettings};

/// How to prepare a video.
#[derive(Clone, Debug)]
pub struct PrepareOptions {
    /// Name of a bundle or a path to one.
    pub bundle: String,
    pub device: DevicePreference,
    /// Frames a second to sample; `None` for what the bundle states.
    pub fps: Option<f64>,
    /// Whether features are looked up in and written to the cache.
    pub use_cache: bool,
    pub segments: SegmentSettings,
}

impl Default for PrepareOptions {
    fn default() -> Self {
        Self {
            bundle: "lite".to_owned(),
            device: DevicePreference::Auto,
            fps: None,
            use_cache: true,
            segments: SegmentSettings::default(),
        }
    }
}

impl PrepareOptions {
    /// The same with the segments that a draw's settings ask for.
    #[must_use]
    pub fn with_segments(self, segments: SegmentSettings) -> Self {
        Self { segments, ..self }
    }
}
