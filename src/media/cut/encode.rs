//! Choosing and opening a video encoder: the best that this FFmpeg has for the container, with its
//! settings.

use ffmpeg_next as ff;

use super::picture::{Fields, PictureFormat, Range};
use super::target::Container;
use super::{CutError, sys};
use crate::domain::Rational;
use crate::media::remote::signs;

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
    options: &[("preset", "fast"), ("crf", "20"), ("forced-idr", "1")],
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
    /// Whether each picture holds two fields of different moments.
    pub fields: Fields,
    /// Brightness and colours of the display the clip was made on, where it states them.
    pub light: Light,
    /// Whether colours keep their resolution and bits even where few players show them.
    pub high_quality: bool,
}

impl PictureSource<'_> {
    /// The pixel format that players of all kinds show: 8 bits and half the resolution of colours.
    /// More bits are kept where players expect them, in 4:2:0 and with the brightness of HDR.
    /// `None` to keep as much as the encoder takes.
    fn usual_format(&self) -> Option<ff::format::Pixel> {
        use ff::format::Pixel;
        if self.high_quality {
            return None;
        }
        let found = self.decoder.format();
        let halved = found
            .descriptor()
            .is_some_and(|d| (d.log2_chroma_w(), d.log2_chroma_h()) == (1, 1));
        if self.keeps_bits() {
            return Some(Pixel::YUV420P10);
        }
        let is_usual = halved && depth(found) == 8 && !is_rgb(found) && !sys::has_alpha(found);
        (!is_usual).then_some(Pixel::YUV420P)
    }

    fn keeps_bits(&self) -> bool {
        let found = self.decoder.format();
        let halved = found
            .descriptor()
            .is_some_and(|d| (d.log2_chroma_w(), d.log2_chroma_h()) == (1, 1));
        let is_hdr = sys::is_hdr(self.decoder);
        depth(found) > 8 && !is_rgb(found) && (halved || is_hdr) && self.fields == Fields::None
    }

    /// Whether samples use all their values rather than those of studio video.
    fn is_full_range(&self) -> bool {
        use ff::format::Pixel;
        let found = self.decoder.format();
        match self.decoder.color_range() {
            ff::color::Range::JPEG => true,
            ff::color::Range::MPEG => false,
            _ => {
                sys::is_grey(found)
                    || matches!(
                        found,
                        Pixel::YUVJ420P | Pixel::YUVJ422P | Pixel::YUVJ444P | Pixel::YUVJ440P
                    )
            }
        }
    }
}

/// HDR10's static metadata as x265 takes it; empty where the source has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Light {
    /// `G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min)` in steps of 0.00002 and 0.0001 cd/m².
    pub mastering: Option<String>,
    /// `MaxCLL,MaxFALL`.
    pub content: Option<String>,
}

impl Light {
    fn parameters(&self) -> String {
        let mut text = String::from("log-level=error");
        if let Some(mastering) = &self.mastering {
            text.push_str(":hdr10=1:master-display=");
            text.push_str(mastering);
        }
        if let Some(content) = &self.content {
            text.push_str(":max-cll=");
            text.push_str(content);
        }
        text
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

/// The finest time base that every encoder that might be used for a container counts in; known
/// before one is opened.
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
    let wants_bits = match source.high_quality {
        true => depth(source.decoder.format()) > 8,
        false => source.keeps_bits(),
    };
    let rich =
        source.fields == Fields::None && (wants_bits || source.decoder.id() == ff::codec::Id::HEVC);
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
            Err(err) => {
                signs::heed_memory();
                passed_over.push(format!("{} refused ({err})", candidate.title));
            }
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
    let pixel = source
        .usual_format()
        .filter(|usual| offered.contains(usual))
        .or_else(|| sys::best_format(found, &offered))
        .unwrap_or(ff::format::Pixel::YUV420P);
    let fields = match source.fields {
        // Only this encoder codes fields here.
        Fields::Kept(order) if candidate.name == "libx264" => Fields::Kept(order),
        Fields::None => Fields::None,
        _ => Fields::First,
    };
    if fields == Fields::First {
        notes.push(format!(
            "the source is interlaced, which {} does not code here: its pictures show their first field, at half the height's detail",
            candidate.title
        ));
    }
    if depth(pixel) < depth(found) {
        notes.push(format!(
            "the source's {} bits a colour became {}{}",
            depth(found),
            depth(pixel),
            if source.high_quality {
                ""
            } else {
                ", which every player shows; high quality keeps more"
            }
        ));
    } else if loses_colour(found, pixel) {
        notes.push(
            "colours have half the resolution of the source's (4:2:0), as every player shows them; high quality keeps it".into(),
        );
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
    let range = if is_rgb(found) {
        // The converter makes studio-range BT.601 of RGB; the source's tags would belie that.
        encoder.set_colorspace(ff::color::Space::SMPTE170M);
        encoder.set_color_range(ff::color::Range::MPEG);
        Range::StudioOfRgb
    } else if source.is_full_range() {
        encoder.set_color_range(ff::color::Range::JPEG);
        Range::Full
    } else {
        Range::Studio
    };
    if sys::is_grey(found) {
        // Without colours no matrix is stated; the usual one goes with what the converter makes.
        encoder.set_colorspace(ff::color::Space::SMPTE170M);
    }
    encoder.set_threading(ff::threading::Config {
        kind: ff::threading::Type::Frame,
        count: 0,
        ..Default::default()
    });
    if candidate.by_bit_rate {
        // About the size that x264 makes of ordinary clip at this quality.
        let pixels = f64::from(width) * f64::from(height);
        encoder.set_bit_rate((pixels * fps.clamp(1.0, 120.0) * 0.15).max(200_000.0) as usize);
    } else if candidate.name == "libvpx-vp9" {
        // Constant quality needs the bit rate to be zero.
        encoder.set_bit_rate(0);
    }
    let mut flags = ff::codec::Flags::empty();
    flags.set(ff::codec::Flags::GLOBAL_HEADER, global_header);
    if let Fields::Kept(order) = fields {
        flags |= ff::codec::Flags::INTERLACED_DCT | ff::codec::Flags::INTERLACED_ME;
        sys::set_field_order(&mut encoder, order);
    }
    encoder.set_flags(flags);
    let mut options = ff::Dictionary::new();
    for (key, value) in candidate.options {
        options.set(key, value);
    }
    if candidate.name == "libx265" {
        options.set("x265-params", &source.light.parameters());
    }
    let opened = encoder.open_with(options)?;
    Ok(VideoEncoder {
        encoder: opened,
        format: PictureFormat {
            width,
            height,
            pixel,
            range,
            fields,
        },
        title: candidate.title,
        tag: candidate.tag,
        notes,
    })
}

/// Whether colours have less resolution than before.
fn loses_colour(found: ff::format::Pixel, made: ff::format::Pixel) -> bool {
    let shifts = |pixel: ff::format::Pixel| {
        pixel
            .descriptor()
            .map_or((1, 1), |d| (d.log2_chroma_w(), d.log2_chroma_h()))
    };
    let (before, after) = (shifts(found), shifts(made));
    !sys::is_grey(found) && (before.0 < after.0 || before.1 < after.1)
}

/// Bits of the first colour component.
fn depth(pixel: ff::format::Pixel) -> i32 {
    sys::bit_depth(pixel)
}

fn is_rgb(pixel: ff::format::Pixel) -> bool {
    sys::is_rgb(pixel)
}
