//! Choosing and opening a video encoder: the best that this FFmpeg has for the container, with its settings.

use ffmpeg_next as ff;

use super::picture::PictureFormat;
use super::target::Container;
use super::{CutError, sys};
use crate::domain::Rational;

/// An encoder that may be used, and how.
struct Candidate {
    /// FFmpeg's name.
    name: &'static str,
    /// For the person.
    title: &'static str,
    options: &'static [(&'static str, &'static str)],
    /// Whether quality is asked for by bits instead of a quality scale.
    by_bit_rate: bool,
    /// Whether odd widths and heights work with subsampled colour.
    takes_odd: bool,
    /// Largest denominator of a time base.
    max_den: Option<i64>,
    /// Code under which MP4 and MOV store it; `None` for the muxer's choice.
    tag: Option<&'static [u8; 4]>,
}

const X264: Candidate = Candidate {
    name: "libx264",
    title: "x264",
    options: &[
        ("preset", "fast"),
        ("crf", "18"),
        ("forced-idr", "1"),
        // Closed captions belong to the source's timing.
        ("a53cc", "0"),
    ],
    by_bit_rate: false,
    takes_odd: false,
    max_den: None,
    tag: None,
};

const X265: Candidate = Candidate {
    name: "libx265",
    title: "x265",
    options: &[
        ("preset", "fast"),
        ("crf", "20"),
        ("forced-idr", "1"),
        ("x265-params", "log-level=error"),
    ],
    by_bit_rate: false,
    takes_odd: false,
    max_den: None,
    // Players of Apple refuse the muxer's own choice, hev1.
    tag: Some(b"hvc1"),
};

const OPENH264: Candidate = Candidate {
    name: "libopenh264",
    title: "OpenH264",
    options: &[],
    by_bit_rate: true,
    takes_odd: false,
    max_den: None,
    tag: None,
};

const MPEG4: Candidate = Candidate {
    name: "mpeg4",
    title: "MPEG-4 part 2",
    options: &[],
    by_bit_rate: true,
    takes_odd: true,
    max_den: Some(60_000),
    tag: None,
};

const VP9: Candidate = Candidate {
    name: "libvpx-vp9",
    title: "VP9",
    options: &[
        ("crf", "24"),
        ("deadline", "good"),
        ("cpu-used", "4"),
        ("row-mt", "1"),
    ],
    by_bit_rate: false,
    takes_odd: true,
    max_den: None,
    tag: None,
};

const VP8: Candidate = Candidate {
    name: "libvpx",
    title: "VP8",
    options: &[("deadline", "good"), ("cpu-used", "4")],
    by_bit_rate: true,
    takes_odd: true,
    max_den: None,
    tag: None,
};

/// What the source's pictures are.
pub(super) struct PictureSource<'a> {
    pub decoder: &'a ff::decoder::Video,
    /// Size after turning for real, if any.
    pub width: u32,
    pub height: u32,
    pub sar: ff::Rational,
}

impl PictureSource<'_> {
    fn bit_depth(&self) -> i32 {
        depth(self.decoder.format())
    }
}

/// An opened encoder.
pub(super) struct VideoEncoder {
    pub encoder: ff::encoder::Video,
    pub format: PictureFormat,
    pub title: &'static str,
    pub tag: Option<&'static [u8; 4]>,
    /// What a person should know: a fallback, fewer bits, a cut column.
    pub notes: Vec<String>,
}

/// The finest time base that every encoder that might be used for a container counts in; known before one is opened.
pub(super) fn max_time_base_den(container: Container, avoid: &[String]) -> Option<i64> {
    let usable = |candidate: &&Candidate| {
        !avoid.iter().any(|name| name == candidate.name)
            && ff::encoder::find_by_name(candidate.name).is_some()
    };
    candidates(container, false)
        .into_iter()
        .find(usable)
        .and_then(|candidate| candidate.max_den)
}

fn candidates(container: Container, rich: bool) -> Vec<&'static Candidate> {
    match container {
        Container::WebM => vec![&VP9, &VP8],
        // HEVC with more than 8 bits plays on far more devices than H.264 with more than 8 bits.
        _ if rich => vec![&X265, &X264, &OPENH264, &MPEG4],
        _ => vec![&X264, &OPENH264, &MPEG4],
    }
}

/// Opens the first encoder that works.
///
/// # Errors
/// [`CutError::NoEncoder`] when none does.
pub(super) fn open(
    source: &PictureSource,
    container: Container,
    time_base: Rational,
    rate: Option<Rational>,
    fps: f64,
    global_header: bool,
    avoid: &[String],
) -> Result<VideoEncoder, CutError> {
    let rich = source.bit_depth() > 8 || source.decoder.id() == ff::codec::Id::HEVC;
    let list = candidates(container, rich);
    let mut passed_over: Vec<String> = Vec::new();
    for candidate in &list {
        if avoid.iter().any(|name| name == candidate.name) {
            passed_over.push(format!("{} was not wanted", candidate.title));
            continue;
        }
        let Some(codec) = ff::encoder::find_by_name(candidate.name) else {
            passed_over.push(format!("{} is not in this FFmpeg", candidate.title));
            continue;
        };
        if candidate.max_den.is_some_and(|max| time_base.den > max) {
            passed_over.push(format!("{} cannot count time that finely", candidate.title));
            continue;
        }
        match open_one(
            candidate,
            codec,
            source,
            time_base,
            rate,
            fps,
            global_header,
        ) {
            Ok(mut opened) => {
                if !passed_over.is_empty() {
                    opened.notes.insert(
                        0,
                        format!(
                            "encoded with {}, as {}",
                            candidate.title,
                            passed_over.join(" and ")
                        ),
                    );
                }
                return Ok(opened);
            }
            Err(err) => passed_over.push(format!("{} refused ({err})", candidate.title)),
        }
    }
    Err(CutError::NoEncoder {
        format: container.extension(),
        tried: passed_over.join(", "),
    })
}

fn open_one(
    candidate: &Candidate,
    codec: ff::Codec,
    source: &PictureSource,
    time_base: Rational,
    rate: Option<Rational>,
    fps: f64,
    global_header: bool,
) -> Result<VideoEncoder, ff::Error> {
    let mut notes = Vec::new();
    let found = source.decoder.format();
    let offered: Vec<ff::format::Pixel> = codec
        .video()?
        .formats()
        .map(|formats| formats.filter(|&format| !is_rgb(format)).collect())
        .unwrap_or_default();
    let pixel = sys::best_format(found, &offered).unwrap_or(ff::format::Pixel::YUV420P);
    if depth(pixel) < depth(found) {
        notes.push(format!(
            "{} takes {} bits a colour here, so the source's {} are reduced",
            candidate.title,
            depth(pixel),
            depth(found)
        ));
    }
    let even = |size: u32, shift: u8| match (candidate.takes_odd, shift) {
        (false, 1..) if size > 1 => size - size % 2,
        (false, 1..) => 2,
        _ => size,
    };
    let (shift_w, shift_h) = pixel
        .descriptor()
        .map_or((1, 1), |d| (d.log2_chroma_w(), d.log2_chroma_h()));
    let (width, height) = (even(source.width, shift_w), even(source.height, shift_h));
    if (width, height) != (source.width, source.height) {
        notes.push(format!(
            "{} needs an even size, so {}×{} became {width}×{height}",
            candidate.title, source.width, source.height
        ));
    }

    let mut encoder = ff::codec::Context::new_with_codec(codec)
        .encoder()
        .video()?;
    encoder.set_width(width);
    encoder.set_height(height);
    encoder.set_format(pixel);
    encoder.set_aspect_ratio(source.sar);
    encoder.set_time_base(ff::Rational(time_base.num as i32, time_base.den as i32));
    if let Some(rate) = rate {
        encoder.set_frame_rate(Some(ff::Rational(rate.num as i32, rate.den as i32)));
    }
    sys::copy_picture_tags(source.decoder, &mut encoder);
    let full_range_name = |pixel| {
        matches!(
            pixel,
            ff::format::Pixel::YUVJ420P
                | ff::format::Pixel::YUVJ422P
                | ff::format::Pixel::YUVJ444P
                | ff::format::Pixel::YUVJ440P
        )
    };
    if is_rgb(found) {
        // The converter makes studio-range BT.601 of RGB; the source's tags would belie that.
        encoder.set_colorspace(ff::color::Space::SMPTE170M);
        encoder.set_color_range(ff::color::Range::MPEG);
    } else if full_range_name(found) && !full_range_name(pixel) {
        encoder.set_color_range(ff::color::Range::MPEG);
    }
    encoder.set_threading(ff::threading::Config {
        kind: ff::threading::Type::Frame,
        count: 0,
        ..Default::default()
    });
    if candidate.by_bit_rate {
        // About the size that x264 makes of ordinary film at this quality.
        let pixels = f64::from(width) * f64::from(height);
        encoder.set_bit_rate((pixels * fps.clamp(1.0, 120.0) * 0.15).max(200_000.0) as usize);
    } else if candidate.name == "libvpx-vp9" {
        // Constant quality needs the bit rate to be zero.
        encoder.set_bit_rate(0);
    }
    if global_header {
        encoder.set_flags(ff::codec::Flags::GLOBAL_HEADER);
    }
    let mut options = ff::Dictionary::new();
    for (key, value) in candidate.options {
        options.set(key, value);
    }
    let opened = encoder.open_with(options)?;
    Ok(VideoEncoder {
        encoder: opened,
        format: PictureFormat {
            width,
            height,
            pixel,
        },
        title: candidate.title,
        tag: candidate.tag,
        notes,
    })
}

/// Bits of the first colour component.
fn depth(pixel: ff::format::Pixel) -> i32 {
    sys::bit_depth(pixel)
}

fn is_rgb(pixel: ff::format::Pixel) -> bool {
    sys::is_rgb(pixel)
}
