//! Decoded frames to upright RGB pictures in square pixels, through FFmpeg's scaler.
//! Does not resize to an extractor's exact rule (see `inference`) and does not draw (see `gpu`).

use std::path::Path;

use ff::ffi;
use ff::software::scaling;
use ffmpeg_next as ff;

use super::color::{Colour, Matrix, frame_colour};
use super::frame::VideoFrame;
use super::{MediaError, Orientation, aspect};
use crate::domain::RgbImage;

/// How large a picture may come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// As displayed, pixel for pixel.
    Native,
    /// As displayed, but when the longer side is over twice this many pixels, reduced to twice this
    /// many by averaging areas: enough for a caller that resizes further to this side with its own
    /// filter.
    Enough(u32),
    /// This many pixels wide as displayed, never enlarged.
    Width(u32),
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    format: i32,
    width: u32,
    height: u32,
    out: (u32, u32),
    colour: Colour,
}

/// Converts frames of one stream; the scaler is kept until the size, pixel format or colours
/// change.
#[derive(Default)]
pub struct Converter {
    scaler: Option<(Key, scaling::Context)>,
    scaled: Option<ff::frame::Video>,
}

impl Converter {
    /// The upright RGB picture of a decoded frame.
    ///
    /// # Errors
    /// [`MediaError::Unreadable`] for a pixel format the scaler does not know.
    pub fn convert(
        &mut self,
        frame: &ff::frame::Video,
        pixel_aspect: f64,
        orientation: Orientation,
        size: Size,
        path: &Path,
    ) -> Result<RgbImage, MediaError> {
        let colour = frame_colour(frame);
        let square = aspect::square_size(frame.width(), frame.height(), pixel_aspect);
        let key = Key {
            format: raw_format(frame),
            width: frame.width(),
            height: frame.height(),
            out: fitted(square, orientation, size),
            colour,
        };
        if colour.is_hdr() {
            return tone_mapped(frame, key, orientation).ok_or_else(|| {
                MediaError::unreadable(path, "an HDR format FFmpeg cannot convert")
            });
        }
        if self.scaler.as_ref().is_none_or(|(old, _)| *old != key) {
            self.scaler = Some((
                key,
                scaler(frame, key).map_err(|err| MediaError::unreadable(path, err))?,
            ));
            self.scaled = None;
        }
        let Some((_, scaler)) = self.scaler.as_mut() else {
            return Err(MediaError::unreadable(path, "no scaler"));
        };
        let scaled = self.scaled.get_or_insert_with(ff::frame::Video::empty);
        scaler
            .run(frame, scaled)
            .map_err(|err| MediaError::unreadable(path, err))?;
        let (width, height) = key.out;
        let row_bytes = width as usize * 3;
        let mut data = Vec::with_capacity(row_bytes * height as usize);
        for row in scaled
            .data(0)
            .chunks(scaled.stride(0))
            .take(height as usize)
        {
            data.extend_from_slice(&row[..row_bytes]);
        }
        orientation
            .upright(width, height, data)
            .ok_or_else(|| MediaError::unreadable(path, "a picture of impossible size"))
    }
}

/// HDR pictures are reduced first and then tone-mapped by our own arithmetic, as on screen.
fn tone_mapped(frame: &ff::frame::Video, key: Key, orientation: Orientation) -> Option<RgbImage> {
    let reduced = super::frame::scaled(frame, super::frame::deep::YUV444P10, key.out, key.colour)?;
    VideoFrame::from_decoded(&reduced, 0, 0.0, 1.0, orientation).map(|frame| frame.to_rgb())
}

/// Size before rotation that gives the wanted size after it.
fn fitted(square: (u32, u32), orientation: Orientation, size: Size) -> (u32, u32) {
    let (width, height) = square;
    let displayed_width = orientation.displayed(square).0;
    let scale = match size {
        Size::Native => 1.0,
        Size::Enough(side) if width.max(height) > side.saturating_mul(2) => {
            f64::from(side) * 2.0 / f64::from(width.max(height))
        }
        Size::Enough(_) => 1.0,
        Size::Width(target) => (f64::from(target) / f64::from(displayed_width)).min(1.0),
    };
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    (scaled(width), scaled(height))
}

fn scaler(frame: &ff::frame::Video, key: Key) -> Result<scaling::Context, ff::Error> {
    let same_size = key.out == (key.width, key.height);
    let grows = key.out.0 > key.width;
    let flags = match (same_size, grows) {
        (true, _) => scaling::Flags::BILINEAR,
        (false, true) => scaling::Flags::BICUBIC,
        (false, false) => scaling::Flags::AREA,
    };
    let mut scaler = scaling::Context::get(
        frame.format(),
        key.width,
        key.height,
        ff::format::Pixel::RGB24,
        key.out.0,
        key.out.1,
        flags,
    )?;
    let table = match key.colour.matrix {
        Matrix::Bt709 => ffi::SWS_CS_ITU709,
        Matrix::Bt2020 => ffi::SWS_CS_BT2020,
        Matrix::Smpte240 => ffi::SWS_CS_SMPTE240M,
        Matrix::Fcc => ffi::SWS_CS_FCC,
        Matrix::Bt601 | Matrix::Identity => ffi::SWS_CS_ITU601,
    };
    // SAFETY: the context is open, the tables are static. A failure means that the source has no
    // matrix (RGB): ignored.
    unsafe {
        let coefficients = ffi::sws_getCoefficients(table);
        let one = 1 << 16;
        ffi::sws_setColorspaceDetails(
            scaler.as_mut_ptr(),
            coefficients,
            i32::from(key.colour.full_range),
            coefficients,
            0,
            0,
            one,
            one,
        );
    }
    Ok(scaler)
}

fn raw_format(frame: &ff::frame::Video) -> i32 {
    // SAFETY: reads a plain field of a live frame.
    unsafe { (*frame.as_ptr()).format }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_the_displayed_picture() {
        let upright = Orientation::default();
        let turned = Orientation {
            rotation_deg: 90,
            flipped: false,
        };
        assert_eq!(fitted((1920, 1080), upright, Size::Native), (1920, 1080));
        assert_eq!(fitted((640, 360), upright, Size::Enough(320)), (640, 360));
        assert_eq!(fitted((1920, 1080), upright, Size::Enough(240)), (480, 270));
        assert_eq!(fitted((1920, 1080), upright, Size::Width(160)), (160, 90));
        // Turned, the height is what becomes the width.
        assert_eq!(fitted((1920, 1080), turned, Size::Width(160)), (284, 160));
        assert_eq!(fitted((100, 50), upright, Size::Width(160)), (100, 50));
    }
}
