//! From a decoded frame to an extractor's input, as Pillow and torchvision do it. Decodes nothing
//! and runs no network.
//!
//! The resampling is Pillow's, bit for bit (see `resample`).

use super::manifest::{ChannelOrder, ExtractorSpec, ResizeMode, ResizeSpec};
use super::resample::resample;
use crate::domain::RgbImage;

/// How frames become network input. Cheap to clone; usable from many threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessor {
    resize: ResizeSpec,
    height: u32,
    width: u32,
    order: ChannelOrder,
    scale: f32,
    mean: [f32; 3],
    std: [f32; 3],
}

impl Preprocessor {
    pub fn new(spec: &ExtractorSpec) -> Self {
        let [height, width] = spec.input_size;
        Self {
            resize: spec.resize,
            height,
            width,
            order: spec.channel_order,
            scale: spec.scale,
            mean: spec.mean,
            std: spec.std,
        }
    }

    /// Floats of one prepared frame: 3 × height × width.
    pub fn frame_len(&self) -> usize {
        3 * self.height as usize * self.width as usize
    }

    /// Height and width of the network's input.
    pub fn input_size(&self) -> (u32, u32) {
        (self.height, self.width)
    }

    /// Size (width, height) that a picture is resized to before the crop; a picture that has it
    /// already is not resampled.
    pub fn resized_size(&self, width: u32, height: u32) -> (u32, u32) {
        match self.resize.mode {
            ResizeMode::Stretch => (self.width, self.height),
            ResizeMode::ShorterSide => {
                let side = self.resize.size.unwrap_or(self.height.max(self.width));
                let long = |long: u32, short: u32| {
                    // torchvision truncates the longer side.
                    (u64::from(side) * u64::from(long) / u64::from(short.max(1))) as u32
                };
                if width <= height {
                    (side, long(height, width))
                } else {
                    (long(width, height), side)
                }
            }
        }
    }

    /// The resized and cropped picture, 8-bit RGB of the input size.
    pub fn resized(&self, image: &RgbImage) -> Vec<u8> {
        let (width, height) = self.resized_size(image.width, image.height);
        let resized = resample(image, width, height, self.resize.filter);
        if (width, height) == (self.width, self.height) {
            return resized;
        }
        let left = centre_offset(width, self.width);
        let top = centre_offset(height, self.height);
        let row_bytes = self.width as usize * 3;
        let mut out = Vec::with_capacity(row_bytes * self.height as usize);
        for row in 0..self.height as usize {
            let start = ((top + row) * width as usize + left) * 3;
            out.extend_from_slice(&resized[start..start + row_bytes]);
        }
        out
    }

    /// Writes one prepared frame, channel by channel, into `out` of [`Self::frame_len`] values.
    pub fn prepare(&self, image: &RgbImage, out: &mut [f32]) {
        let pixels = self.resized(image);
        let plane = out.len() / 3;
        for (channel, values) in out.chunks_exact_mut(plane).enumerate() {
            let source = match self.order {
                ChannelOrder::Rgb => channel,
                ChannelOrder::Bgr => 2 - channel,
            };
            let (mean, std) = (self.mean[channel], self.std[channel]);
            // 256 possible values: the arithmetic is done once for each.
            let table: [f32; 256] =
                std::array::from_fn(|level| (level as f32 / self.scale - mean) / std);
            for (value, pixel) in values.iter_mut().zip(pixels.chunks_exact(3)) {
                *value = table[usize::from(pixel[source])];
            }
        }
    }
}

/// Where torchvision's centre crop begins: half the margin, rounded half to even.
fn centre_offset(size: u32, crop: u32) -> usize {
    let margin = size.saturating_sub(crop);
    (f64::from(margin) / 2.0).round_ties_even() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn spec(mode: &str, filter: &str) -> ExtractorSpec {
        serde_json::from_value(serde_json::json!({
            "file": "x.onnx", "resize": {"mode": mode, "size": 48, "crop": 40, "filter": filter}, "input_size": [40, 40],
            "channel_order": "bgr", "scale": 1.0, "mean": [104.0, 117.0, 123.0], "std": [1.0, 1.0, 2.0],
            "sampling_fps": 2.0, "dim": 4, "input_name": "i", "output_name": "o",
        }))
        .unwrap()
    }

    /// The picture that `tests/data/preprocess/make.py` makes by the same formula.
    fn pattern(width: u32, height: u32) -> RgbImage {
        let mut data = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let (r, g, b) = (
                    (x * 7 + y * 3) % 256,
                    (x * x + y * 5) % 256,
                    ((x / 9 + y / 7) % 2) * 255,
                );
                data.extend([r as u8, g as u8, b as u8]);
            }
        }
        RgbImage::new(width, height, data).unwrap()
    }

    #[test]
    fn resampling_equals_pillow_in_every_pixel() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/preprocess");
        let mut cases = 0;
        for entry in std::fs::read_dir(&dir).unwrap().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(stem) = name.strip_suffix(".npy") else {
                continue;
            };
            let expected: ndarray::Array3<u8> = ndarray_npy::read_npy(entry.path()).unwrap();
            let parts: Vec<&str> = stem.split('-').collect();
            let [mode, filter, width, height] = parts[..] else {
                panic!("{stem}")
            };
            let image = pattern(width.parse().unwrap(), height.parse().unwrap());
            let found = Preprocessor::new(&spec(mode, filter)).resized(&image);
            let off: Vec<u8> = found
                .iter()
                .zip(&expected)
                .map(|(a, b)| a.abs_diff(*b))
                .filter(|off| *off > 0)
                .collect();
            assert!(off.is_empty(), "{stem}: {off:?}");
            cases += 1;
        }
        assert!(cases >= 12, "{cases}");
    }

    #[test]
    fn channels_are_swapped_before_mean_and_deviation() {
        let image = RgbImage::new(40, 40, [10u8, 20, 30].repeat(1600)).unwrap();
        let preprocessor = Preprocessor::new(&spec("stretch", "bilinear"));
        let mut out = vec![0.0; preprocessor.frame_len()];
        preprocessor.prepare(&image, &mut out);
        assert_eq!(out[0], 30.0 - 104.0);
        assert_eq!(out[1600], 20.0 - 117.0);
        assert_eq!(out[3200], (10.0 - 123.0) / 2.0);
    }

    #[test]
    fn the_longer_side_is_truncated_as_torchvision_does() {
        let preprocessor = Preprocessor::new(&spec("shorter_side", "bilinear"));
        assert_eq!(preprocessor.resized_size(1920, 1080), (85, 48));
        assert_eq!(preprocessor.resized_size(360, 640), (48, 85));
        assert_eq!(centre_offset(85, 40), 22);
        assert_eq!(centre_offset(87, 40), 24);
    }
}
