//! A decoded picture as the player hands it to the screen: planes of samples and how to read them.
//! Converts on the processor as the GPU does (`gpu::yuv`), for machines without one, for HDR stills
//! and for tests.

use ff::ffi;
use ffmpeg_next as ff;

use super::Orientation;
use super::aspect::aspect_from_ratio;
use super::color::Colour;
use super::color::frame_colour;
use crate::domain::RgbImage;

/// One plane of samples, row by row without padding: one byte a sample up to 8 bits, two (native
/// order) above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plane {
    pub width: u32,
    pub height: u32,
    pub data: Vec<u8>,
}

/// A decoded frame: three planes, luma and two chroma (or green, blue, red for
/// [`super::color::Matrix::Identity`]).
#[derive(Clone, Debug)]
pub struct VideoFrame {
    /// Frame number in the video.
    pub frame: u64,
    /// Presentation time, seconds from the first frame.
    pub secs: f64,
    /// Size of the coded picture in samples.
    pub width: u32,
    pub height: u32,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    pub orientation: Orientation,
    pub colour: Colour,
    /// Bits of a sample, 8 to 16; samples lie in the low bits.
    pub bit_depth: u32,
    /// Base-2 logarithm of how many luma samples share a chroma sample, across and down.
    pub chroma_shift: (u32, u32),
    pub planes: [Plane; 3],
}

impl VideoFrame {
    /// Copies a decoded picture; formats that are not three plain planes are converted to the
    /// nearest that is.
    ///
    /// `None` where FFmpeg cannot convert the format.
    pub fn from_decoded(
        decoded: &ff::frame::Video,
        frame: u64,
        secs: f64,
        stream_aspect: f64,
        orientation: Orientation,
    ) -> Option<Self> {
        let colour = frame_colour(decoded);
        let ratio = decoded.aspect_ratio();
        let pixel_aspect = if ratio.numerator() > 0 && stream_aspect == 1.0 {
            aspect_from_ratio(ratio.numerator(), ratio.denominator())
        } else {
            stream_aspect
        };
        let converted;
        let (source, layout) = match planar_layout(decoded.format()) {
            Some(layout) => (decoded, layout),
            None => {
                converted = to_planar(decoded, colour)?;
                (&converted, planar_layout(converted.format())?)
            }
        };
        let (width, height) = (source.width(), source.height());
        let chroma = (
            width.div_ceil(1 << layout.shift.0),
            height.div_ceil(1 << layout.shift.1),
        );
        let planes = [
            copy_plane(source, 0, (width, height), layout.sample_bytes)?,
            copy_plane(source, 1, chroma, layout.sample_bytes)?,
            copy_plane(source, 2, chroma, layout.sample_bytes)?,
        ];
        Some(Self {
            frame,
            secs,
            width,
            height,
            pixel_aspect,
            orientation,
            colour: if layout.is_rgb {
                Colour {
                    matrix: super::color::Matrix::Identity,
                    full_range: true,
                    ..colour
                }
            } else {
                colour
            },
            bit_depth: layout.depth,
            chroma_shift: layout.shift,
            planes,
        })
    }

    /// Size on screen: upright, in square pixels.
    pub fn displayed_size(&self) -> (u32, u32) {
        self.orientation.displayed(super::aspect::square_size(
            self.width,
            self.height,
            self.pixel_aspect,
        ))
    }

    /// Size upright, in coded pixels: what [`VideoFrame::to_rgb`] and the GPU draw.
    pub fn upright_size(&self) -> (u32, u32) {
        self.orientation.displayed((self.width, self.height))
    }

    /// Bytes of all planes.
    pub fn byte_len(&self) -> usize {
        self.planes.iter().map(|plane| plane.data.len()).sum()
    }

    /// Where chroma samples sit, in chroma samples, relative to luma sample 0: studio-range video
    /// keeps them on the left luma column (H.273 location 0), full-range (JPEG) video in the
    /// middle.
    pub fn chroma_offset(&self) -> (f32, f32) {
        let centre = |shift: u32| 0.5 / (1u32 << shift) as f32 - 0.5;
        (
            if self.colour.full_range || self.chroma_shift.0 == 0 {
                centre(self.chroma_shift.0)
            } else {
                0.0
            },
            centre(self.chroma_shift.1),
        )
    }

    /// The upright picture in 8-bit RGB, at coded size, tone-mapped where it is HDR. Chroma is
    /// interpolated linearly.
    pub fn to_rgb(&self) -> RgbImage {
        let (columns, offset) = self.colour.rgb_from_yuv(self.bit_depth);
        let top = ((1u32 << self.bit_depth) - 1) as f32;
        let mut data = Vec::with_capacity(self.width as usize * self.height as usize * 3);
        let step = (
            1.0 / (1u32 << self.chroma_shift.0) as f32,
            1.0 / (1u32 << self.chroma_shift.1) as f32,
        );
        let start = self.chroma_offset();
        for y in 0..self.height {
            let chroma_y = y as f32 * step.1 + start.1;
            for x in 0..self.width {
                let chroma_x = x as f32 * step.0 + start.0;
                let yuv = [
                    self.sample(0, x, y),
                    self.linear_sample(1, chroma_x, chroma_y),
                    self.linear_sample(2, chroma_x, chroma_y),
                ];
                let mut rgb = [0.0f32; 3];
                for (component, column) in columns.iter().enumerate() {
                    let value = yuv[component] / top - offset[component];
                    for (out, gain) in rgb.iter_mut().zip(column) {
                        *out += gain * value;
                    }
                }
                for value in self.colour.for_screen(rgb) {
                    data.push((value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
                }
            }
        }
        self.orientation
            .upright(self.width, self.height, data)
            .unwrap_or(RgbImage {
                width: 0,
                height: 0,
                data: Vec::new().into(),
            })
    }

    fn sample(&self, plane: usize, x: u32, y: u32) -> f32 {
        let plane = &self.planes[plane];
        let at = y as usize * plane.width as usize + x as usize;
        if self.bit_depth <= 8 {
            f32::from(plane.data[at])
        } else {
            f32::from(u16::from_ne_bytes([
                plane.data[at * 2],
                plane.data[at * 2 + 1],
            ]))
        }
    }

    fn linear_sample(&self, plane: usize, x: f32, y: f32) -> f32 {
        let last = (self.planes[plane].width - 1, self.planes[plane].height - 1);
        let (x, y) = (x.clamp(0.0, last.0 as f32), y.clamp(0.0, last.1 as f32));
        let (left, top) = (x.floor() as u32, y.floor() as u32);
        let (right, bottom) = ((left + 1).min(last.0), (top + 1).min(last.1));
        let (fx, fy) = (x - left as f32, y - top as f32);
        let across =
            |row| self.sample(plane, left, row) * (1.0 - fx) + self.sample(plane, right, row) * fx;
        across(top) * (1.0 - fy) + across(bottom) * fy
    }
}

struct Layout {
    shift: (u32, u32),
    depth: u32,
    sample_bytes: usize,
    is_rgb: bool,
}

/// The layout of a format whose first three planes are whole components in native byte order;
/// `None` for others.
fn planar_layout(format: ff::format::Pixel) -> Option<Layout> {
    // SAFETY: the result is null or a static description.
    let desc = unsafe { ffi::av_pix_fmt_desc_get(format.into()).as_ref() }?;
    let has = |flag: std::ffi::c_int| desc.flags & flag as u64 != 0;
    let foreign_order = has(ffi::AV_PIX_FMT_FLAG_BE) != cfg!(target_endian = "big");
    let depth = desc.comp[0].depth as u32;
    let odd = has(ffi::AV_PIX_FMT_FLAG_HWACCEL)
        || has(ffi::AV_PIX_FMT_FLAG_FLOAT)
        || has(ffi::AV_PIX_FMT_FLAG_BAYER)
        || has(ffi::AV_PIX_FMT_FLAG_PAL)
        || !has(ffi::AV_PIX_FMT_FLAG_PLANAR)
        || desc.nb_components < 3
        || !(8..=16).contains(&depth)
        || (depth > 8 && foreign_order);
    let sample_bytes = if depth > 8 { 2 } else { 1 };
    let is_rgb = has(ffi::AV_PIX_FMT_FLAG_RGB);
    let plain = (0..3).all(|c| {
        let component = &desc.comp[c];
        let plane = if is_rgb { [2, 0, 1][c] } else { c as i32 };
        component.plane == plane
            && component.step == sample_bytes as i32
            && component.shift == 0
            && component.depth as u32 == depth
    });
    (!odd && plain).then_some(Layout {
        shift: (u32::from(desc.log2_chroma_w), u32::from(desc.log2_chroma_h)),
        depth,
        sample_bytes,
        is_rgb,
    })
}

/// Converts any format to planes of the same kind (RGB or luma and chroma), at 8 or 10 bits.
fn to_planar(decoded: &ff::frame::Video, colour: Colour) -> Option<ff::frame::Video> {
    use ff::format::Pixel;
    // SAFETY: the result is null or a static description.
    let desc = unsafe { ffi::av_pix_fmt_desc_get(decoded.format().into()).as_ref() }?;
    let is_rgb = desc.flags & ffi::AV_PIX_FMT_FLAG_RGB as u64 != 0
        || desc.flags & ffi::AV_PIX_FMT_FLAG_PAL as u64 != 0
        || desc.nb_components < 3;
    let is_deep = desc.comp[0].depth > 8;
    let target = match (is_rgb, is_deep, desc.log2_chroma_w, desc.log2_chroma_h) {
        (true, false, ..) => Pixel::GBRP,
        (true, true, ..) => deep::GBRP10,
        (false, false, 1, 1) => Pixel::YUV420P,
        (false, true, 1, 1) => deep::YUV420P10,
        (false, false, 1, 0) => Pixel::YUV422P,
        (false, true, 1, 0) => deep::YUV422P10,
        (false, false, ..) => Pixel::YUV444P,
        (false, true, ..) => deep::YUV444P10,
    };
    scaled(decoded, target, (decoded.width(), decoded.height()), colour)
}

/// Formats of ten bits in this machine's byte order, by the names that FFmpeg's frames report.
pub(crate) mod deep {
    use ffmpeg_next::format::Pixel;

    #[cfg(target_endian = "little")]
    mod native {
        use super::Pixel;
        pub const GBRP10: Pixel = Pixel::GBRP10LE;
        pub const YUV420P10: Pixel = Pixel::YUV420P10LE;
        pub const YUV422P10: Pixel = Pixel::YUV422P10LE;
        pub const YUV444P10: Pixel = Pixel::YUV444P10LE;
    }
    #[cfg(target_endian = "big")]
    mod native {
        use super::Pixel;
        pub const GBRP10: Pixel = Pixel::GBRP10BE;
        pub const YUV420P10: Pixel = Pixel::YUV420P10BE;
        pub const YUV422P10: Pixel = Pixel::YUV422P10BE;
        pub const YUV444P10: Pixel = Pixel::YUV444P10BE;
    }
    pub use native::*;
}

/// Scales and converts a picture without changing its range or matrix.
pub(crate) fn scaled(
    decoded: &ff::frame::Video,
    target: ff::format::Pixel,
    (width, height): (u32, u32),
    colour: Colour,
) -> Option<ff::frame::Video> {
    let mut scaler = ff::software::scaling::Context::get(
        decoded.format(),
        decoded.width(),
        decoded.height(),
        target,
        width,
        height,
        ff::software::scaling::Flags::AREA,
    )
    .ok()?;
    let range = i32::from(colour.full_range);
    // SAFETY: the context is open and the table static; a failure means that there is no matrix to
    // keep.
    unsafe {
        let table = ffi::sws_getCoefficients(ffi::SWS_CS_ITU601);
        let one = 1 << 16;
        ffi::sws_setColorspaceDetails(scaler.as_mut_ptr(), table, range, table, range, 0, one, one);
    }
    let mut out = ff::frame::Video::empty();
    scaler.run(decoded, &mut out).ok()?;
    // SAFETY: both frames are live; only properties such as colour tags are copied, then the size
    // and format restored.
    unsafe {
        let (raw_out, raw_in) = (out.as_mut_ptr(), decoded.as_ptr());
        (*raw_out).colorspace = (*raw_in).colorspace;
        (*raw_out).color_range = (*raw_in).color_range;
        (*raw_out).color_trc = (*raw_in).color_trc;
        (*raw_out).color_primaries = (*raw_in).color_primaries;
    }
    Some(out)
}

fn copy_plane(
    frame: &ff::frame::Video,
    plane: usize,
    (width, height): (u32, u32),
    sample_bytes: usize,
) -> Option<Plane> {
    let row_bytes = width as usize * sample_bytes;
    let mut data = Vec::with_capacity(row_bytes * height as usize);
    // SAFETY: a decoded frame of this format and size keeps `height` rows of at least `row_bytes`
    // bytes in the plane, `linesize` bytes apart (negative for pictures stored upside down).
    unsafe {
        let raw = frame.as_ptr();
        let start = (*raw).data[plane];
        let stride = (*raw).linesize[plane] as isize;
        if start.is_null() || stride.unsigned_abs() < row_bytes {
            return None;
        }
        for row in 0..height as isize {
            data.extend_from_slice(std::slice::from_raw_parts(
                start.offset(row * stride),
                row_bytes,
            ));
        }
    }
    Some(Plane {
        width,
        height,
        data,
    })
}

#[cfg(test)]
mod tests {
    use super::super::color::Matrix;
    use super::*;

    fn flat(width: u32, height: u32, value: u8) -> Plane {
        Plane {
            width,
            height,
            data: vec![value; (width * height) as usize],
        }
    }

    #[test]
    fn a_flat_red_frame_is_red() {
        let frame = VideoFrame {
            frame: 0,
            secs: 0.0,
            width: 5,
            height: 3,
            pixel_aspect: 2.0,
            orientation: Orientation {
                rotation_deg: 90,
                flipped: false,
            },
            colour: Colour {
                matrix: Matrix::Bt709,
                ..Colour::default()
            },
            bit_depth: 8,
            chroma_shift: (1, 1),
            planes: [flat(5, 3, 63), flat(3, 2, 102), flat(3, 2, 240)],
        };
        assert_eq!(frame.displayed_size(), (3, 10));
        let rgb = frame.to_rgb();
        assert_eq!((rgb.width, rgb.height), (3, 5));
        for pixel in rgb.data.chunks(3) {
            assert!(pixel[0] > 250 && pixel[1] < 5 && pixel[2] < 5, "{pixel:?}");
        }
    }
}
