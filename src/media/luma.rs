//! Decoded frames as very small grey pictures, for comparing neighbours. Reads few pixels of each
//! and scales nothing.

use ff::ffi;
use ffmpeg_next as ff;

use super::color::frame_colour;

/// Columns and rows of cells.
pub const COLUMNS: usize = 32;
pub const ROWS: usize = 18;
pub const CELLS: usize = COLUMNS * ROWS;

/// Pixels of a cell that are looked at: so many rows of so many neighbours. Cells of a small
/// picture overlap a little.
const ROWS_OF_CELL: usize = 4;
const PIXELS_OF_ROW: usize = 8;

/// Mean brightness of 32 × 18 cells, row by row, in video levels: 16 is black, 235 white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallLuma(pub [u8; CELLS]);

impl SmallLuma {
    /// The small picture of a decoded frame, as coded (not turned upright). Green stands for
    /// brightness in RGB. `None` for formats whose pixels are no whole bytes, and for frames
    /// without a picture.
    pub fn of(frame: &ff::frame::Video) -> Option<Self> {
        let plane = Plane::of(frame)?;
        let full_range = plane.is_rgb || frame_colour(frame).full_range;
        let mut cells = [0; CELLS];
        for (row, cells) in cells.chunks_exact_mut(COLUMNS).enumerate() {
            for (column, cell) in cells.iter_mut().enumerate() {
                let level = plane.mean(column, row);
                *cell = if full_range {
                    (16 + (level * 219 + 127) / 255) as u8
                } else {
                    level as u8
                };
            }
        }
        Some(Self(cells))
    }

    /// Mean difference of the cells.
    pub fn step(&self, other: &Self) -> f32 {
        let sum: u32 = (self.0.iter().zip(&other.0))
            .map(|(a, b)| u32::from(a.abs_diff(*b)))
            .sum();
        sum as f32 / CELLS as f32
    }

    /// Largest difference of any cell.
    pub fn largest_step(&self, other: &Self) -> u8 {
        (self.0.iter().zip(&other.0))
            .map(|(a, b)| a.abs_diff(*b))
            .max()
            .unwrap_or(0)
    }
}

/// The plane that holds brightness.
struct Plane<'a> {
    bytes: &'a [u8],
    stride: usize,
    width: usize,
    height: usize,
    /// Bytes from pixel to pixel, where the value lies in them, and how far its 8 high bits are
    /// shifted up (beyond 8 bits).
    step: usize,
    offset: usize,
    down: u32,
    big_endian: bool,
    is_rgb: bool,
}

impl<'a> Plane<'a> {
    fn of(frame: &'a ff::frame::Video) -> Option<Self> {
        // SAFETY: the descriptor of a known format is static; fields of a live frame are read.
        let (descriptor, stride, data) = unsafe {
            let raw = frame.as_ptr();
            let descriptor = ffi::av_pix_fmt_desc_get(frame.format().into());
            let descriptor = descriptor.as_ref()?;
            let is_rgb = descriptor.flags & ffi::AV_PIX_FMT_FLAG_RGB as u64 != 0;
            let plane = descriptor.comp[usize::from(is_rgb)].plane as usize;
            (
                descriptor,
                *(*raw).linesize.get(plane)?,
                *(*raw).data.get(plane)?,
            )
        };
        let is_rgb = descriptor.flags & ffi::AV_PIX_FMT_FLAG_RGB as u64 != 0;
        let unusable = ffi::AV_PIX_FMT_FLAG_PAL
            | ffi::AV_PIX_FMT_FLAG_BITSTREAM
            | ffi::AV_PIX_FMT_FLAG_HWACCEL
            | ffi::AV_PIX_FMT_FLAG_FLOAT
            | ffi::AV_PIX_FMT_FLAG_BAYER;
        let component = &descriptor.comp[usize::from(is_rgb)];
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let (step, offset) = (component.step as usize, component.offset as usize);
        let depth = component.depth as u32;
        let bytes_of_value = if depth > 8 { 2 } else { 1 };
        // A picture stored upside down has a negative stride: left alone, it is rare.
        let stride = usize::try_from(stride).ok()?;
        let is_usable = descriptor.flags & unusable as u64 == 0
            && (8..=16).contains(&depth)
            && width >= PIXELS_OF_ROW
            && height >= ROWS_OF_CELL
            && !data.is_null()
            && step >= bytes_of_value
            && stride >= (width - 1) * step + offset + bytes_of_value;
        if !is_usable {
            return None;
        }
        // SAFETY: brightness is not subsampled, so the plane has `height` rows, `stride` bytes
        // apart, of which the last holds all its pixels; the frame outlives the slice.
        let bytes = unsafe {
            std::slice::from_raw_parts(
                data,
                (height - 1) * stride + (width - 1) * step + offset + bytes_of_value,
            )
        };
        Some(Self {
            bytes,
            stride,
            width,
            height,
            step,
            offset,
            down: component.shift as u32 + depth - 8,
            big_endian: descriptor.flags & ffi::AV_PIX_FMT_FLAG_BE as u64 != 0,
            is_rgb,
        })
    }

    /// Mean level of a cell, 0 to 255.
    fn mean(&self, column: usize, row: usize) -> u32 {
        let cell_width = self.width / COLUMNS;
        let left = (column * self.width / COLUMNS + cell_width.saturating_sub(PIXELS_OF_ROW) / 2)
            .min(self.width - PIXELS_OF_ROW);
        let top = row * self.height / ROWS;
        let bottom = ((row + 1) * self.height / ROWS).max(top + 1);
        let mut sum = 0;
        for line in 0..ROWS_OF_CELL {
            let y =
                (top + (2 * line + 1) * (bottom - top) / (2 * ROWS_OF_CELL)).min(self.height - 1);
            let start = y * self.stride + left * self.step + self.offset;
            let pixels = &self.bytes[start..];
            sum += if self.step == 1 {
                pixels[..PIXELS_OF_ROW]
                    .iter()
                    .map(|&v| u32::from(v))
                    .sum::<u32>()
            } else {
                (0..PIXELS_OF_ROW)
                    .map(|x| self.level(&pixels[x * self.step..]))
                    .sum()
            };
        }
        sum / (ROWS_OF_CELL * PIXELS_OF_ROW) as u32
    }

    fn level(&self, pixel: &[u8]) -> u32 {
        if self.down == 0 {
            return u32::from(pixel[0]);
        }
        let value = if self.big_endian {
            u16::from_be_bytes([pixel[0], pixel[1]])
        } else {
            u16::from_le_bytes([pixel[0], pixel[1]])
        };
        u32::from(value >> self.down).min(255)
    }
}
