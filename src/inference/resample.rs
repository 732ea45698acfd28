//! Pillow's resampling of 8-bit RGB pictures: two passes (rows first), fixed-point weights, each
//! pass rounded and clipped to 8 bits.
//!
//! Written anew here because general resizing libraries take the passes in another order or round
//! otherwise, which shows at sharp edges; extractors were trained on what Pillow gives. (Recent
//! versions of Pillow take columns first for some shapes whose width hardly shrinks. With the
//! bilinear filter that moves a value by one level at most; with the sharper ones it shows at hard
//! edges only.)

use super::manifest::ResizeFilter;
use crate::domain::RgbImage;

/// Bits behind the point of a weight, as Pillow's 8-bit path has them.
const PRECISION_BITS: u32 = 32 - 8 - 2;

/// The picture in another size, 8-bit RGB, `width * height * 3` bytes.
pub fn resample(image: &RgbImage, width: u32, height: u32, filter: ResizeFilter) -> Vec<u8> {
    let (source_width, source_height) = (image.width as usize, image.height as usize);
    let (width, height) = (width as usize, height as usize);
    let mut pixels = image.data.to_vec();
    if width != source_width {
        pixels = horizontal(&pixels, source_width, &weights(source_width, width, filter));
    }
    if height != source_height {
        pixels = vertical(&pixels, width * 3, &weights(source_height, height, filter));
    }
    pixels
}

/// What one output position takes from the input.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

fn kernel(filter: ResizeFilter, x: f64) -> f64 {
    let sinc = |x: f64| {
        if x == 0.0 {
            1.0
        } else {
            let angle = x * std::f64::consts::PI;
            angle.sin() / angle
        }
    };
    let distance = x.abs();
    match filter {
        ResizeFilter::Area if x > -0.5 && x <= 0.5 => 1.0,
        ResizeFilter::Bilinear if distance < 1.0 => 1.0 - distance,
        // Keys' cubic with a = -0.5.
        ResizeFilter::Bicubic if distance < 1.0 => {
            (1.5 * distance - 2.5) * distance * distance + 1.0
        }
        ResizeFilter::Bicubic if distance < 2.0 => {
            ((distance - 5.0) * distance + 8.0) * distance * -0.5 + 2.0
        }
        ResizeFilter::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
        _ => 0.0,
    }
}

fn weights(from: usize, to: usize, filter: ResizeFilter) -> Vec<Taps> {
    let radius = match filter {
        ResizeFilter::Area => 0.5,
        ResizeFilter::Bilinear => 1.0,
        ResizeFilter::Bicubic => 2.0,
        ResizeFilter::Lanczos => 3.0,
    };
    let scale = from as f64 / to as f64;
    // When shrinking, the kernel is widened to cover all input pixels.
    let widen = scale.max(1.0);
    let support = radius * widen;
    let narrow = 1.0 / widen;
    (0..to)
        .map(|position| {
            let centre = (position as f64 + 0.5) * scale;
            let first = (centre - support + 0.5).max(0.0) as usize;
            let end = ((centre + support + 0.5) as usize).min(from);
            let values: Vec<f64> = (first..end)
                .map(|at| kernel(filter, (at as f64 - centre + 0.5) * narrow))
                .collect();
            let share = 1.0 / values.iter().sum::<f64>();
            let weights = values
                .iter()
                .map(|value| (value * share * f64::from(1 << PRECISION_BITS)).round() as i32)
                .collect();
            Taps { first, weights }
        })
        .collect()
}

#[inline]
fn clipped(sum: i32) -> u8 {
    (sum >> PRECISION_BITS).clamp(0, 255) as u8
}

const HALF: i32 = 1 << (PRECISION_BITS - 1);

fn horizontal(pixels: &[u8], source_width: usize, taps: &[Taps]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pixels.len() / source_width * taps.len());
    for row in pixels.chunks_exact(source_width * 3) {
        for Taps { first, weights } in taps {
            let mut sums = [HALF; 3];
            let taken = row[first * 3..].chunks_exact(3);
            for (pixel, weight) in taken.zip(weights) {
                for (sum, &level) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(level) * weight;
                }
            }
            out.extend(sums.map(clipped));
        }
    }
    out
}

fn vertical(pixels: &[u8], row_bytes: usize, taps: &[Taps]) -> Vec<u8> {
    let mut out = Vec::with_capacity(row_bytes * taps.len());
    let mut sums = vec![HALF; row_bytes];
    for Taps { first, weights } in taps {
        sums.fill(HALF);
        let rows = pixels[first * row_bytes..].chunks_exact(row_bytes);
        for (row, &weight) in rows.zip(weights) {
            for (sum, &level) in sums.iter_mut().zip(row) {
                *sum += i32::from(level) * weight;
            }
        }
        out.extend(sums.iter().map(|&sum| clipped(sum)));
    }
    out
}
