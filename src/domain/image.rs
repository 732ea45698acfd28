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

    /// Whether something is to be seen: black, white and other plain pictures have nothing.
    /// Standard deviation of the brightness.
    pub fn has_something(&self) -> bool {
        /// Of 255 levels; noise and compression of a black picture stay below.
        const LEAST_DEVIATION: f64 = 10.0;
        let pixels = self.data.chunks_exact(3);
        let count = pixels.len().max(1) as f64;
        let (sum, squares) = pixels.fold((0.0, 0.0), |(sum, squares), pixel| {
            let luma = 0.299 * f64::from(pixel[0])
                + 0.587 * f64::from(pixel[1])
                + 0.114 * f64::from(pixel[2]);
            (sum + luma, squares + luma * luma)
        });
        let mean = sum / count;
        (squares / count - mean * mean).max(0.0).sqrt() >= LEAST_DEVIATION
    }
}
