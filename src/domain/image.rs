//! A small picture in memory.

use std::sync::Arc;

/// 8-bit RGB, row by row from the top left, no padding; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RgbImage {
    pub width: u32,
    pub height: u32,
    /// `width * height * 3` bytes.
    pub data: Arc<[u8]>,
}

impl RgbImage {
    /// `None` where the number of bytes does not fit the size.
    pub fn new(width: u32, height: u32, data: impl Into<Arc<[u8]>>) -> Option<Self> {
        let data = data.into();
        (data.len() == width as usize * height as usize * 3).then_some(Self {
            width,
            height,
            data,
        })
    }
}
