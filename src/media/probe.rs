//! Facts of a video file: the container's statements, checked against the frame index where there
//! is one.

use std::path::Path;

use ff::ffi;
use ffmpeg_next as ff;
use serde::{Deserialize, Serialize};

use super::color::Colour;
use super::index::{Indexed, index_source};
use super::source::{Source, claimed_secs};
use super::stream::static_name;
use super::{MediaError, Orientation, aspect, remote, stream};
use crate::domain::{FrameIndex, Rational, VideoInfo};
use crate::jobs::{CancelToken, Progress};

/// What is known of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Probe {
    /// Facts for people and for `analyze --json`. Before indexing, duration and frame count are the
    /// container's claims.
    pub info: VideoInfo,
    /// Index of the default video stream in the container.
    pub stream: usize,
    /// Number of video streams that are not cover art.
    pub video_streams: usize,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    pub orientation: Orientation,
    pub colour: Colour,
    /// Bits of a sample of the coded picture; 0 when unknown.
    pub bit_depth: u32,
    /// FFmpeg's name of the pixel format, empty when unknown.
    pub pixel_format: String,
    /// FFmpeg's name of the container format.
    pub container: String,
    pub audio: Option<AudioFacts>,
}

/// What is known of the default sound stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AudioFacts {
    pub stream: usize,
    pub codec: String,
    pub rate_hz: u32,
    pub channels: u32,
}

/// Reads the facts a file states about itself, without reading through it.
///
/// # Errors
/// Every kind of [`MediaError`] about the file.
pub fn probe(path: &Path) -> Result<Probe, MediaError> {
    remote::probe(path).unwrap_or_else(|| probe_here(path))
}

/// As [`probe`], in this process.
pub(crate) fn probe_here(path: &Path) -> Result<Probe, MediaError> {
    probe_source(&mut Source::open(path)?)
}

/// Reads the facts and the frame index together; the facts then state the true duration, frame
/// count and rate.
///
/// # Errors
/// As [`probe`] and [`super::index`].
pub fn inspect(
    path: &Path,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Probe, FrameIndex), MediaError> {
    let (mut probe, indexed) = match remote::read_through(path, true, cancel, progress) {
        Some(read) => match read? {
            (Some(probe), indexed) => (probe, indexed),
            (None, _) => return Err(MediaError::unreadable(path, "nothing was said of it")),
        },
        None => inspect_here(path, cancel, progress)?,
    };
    probe.correct(&indexed);
    Ok((probe, indexed.index))
}

/// The container's facts and the frame index that corrects them, in this process.
pub(crate) fn inspect_here(
    path: &Path,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Probe, Indexed), MediaError> {
    let mut source = Source::open_until(path, cancel)?;
    let probe = probe_source(&mut source)?;
    let mut source = source.video_only();
    let indexed = index_source(&mut source, cancel, progress)?;
    Ok((probe, indexed))
}

impl Probe {
    /// Replaces the container's claims by what the frame index found.
    pub fn correct(&mut self, indexed: &Indexed) {
        let info = &mut self.info;
        info.duration_secs = indexed.index.duration_secs();
        info.frame_count = indexed.index.len();
        info.frame_rate = indexed.frame_rate;
        info.variable_frame_rate = indexed.variable_frame_rate;
        info.warnings.extend(indexed.warnings.iter().cloned());
    }
}

fn probe_source(source: &mut Source) -> Result<Probe, MediaError> {
    let path = source.path.clone();
    let pixel_aspect = aspect::pixel_aspect(&mut source.input, source.stream);
    let claimed = claimed_secs(source);
    let audio = default_audio(source);
    let container = source.input.format().name().to_owned();
    let video_streams = source
        .input
        .streams()
        .filter(|s| {
            s.parameters().medium() == ff::media::Type::Video
                && !s
                    .disposition()
                    .contains(ff::format::stream::Disposition::ATTACHED_PIC)
        })
        .count();
    let video = source
        .input
        .stream(source.stream)
        .ok_or_else(|| MediaError::unreadable(&path, "the stream vanished"))?;
    let parameters = video.parameters();
    let codec = stream::codec_name(&parameters);
    if ff::decoder::find(parameters.id()).is_none() {
        return Err(MediaError::NoDecoder { path, codec });
    }
    // SAFETY: the parameters are alive while `video` is; plain fields are copied.
    let raw = unsafe { *parameters.as_ptr() };
    let (coded_width, coded_height) = (raw.width.max(0) as u32, raw.height.max(0) as u32);
    let orientation = stream::orientation(&video);
    let (width, height) =
        orientation.displayed(aspect::square_size(coded_width, coded_height, pixel_aspect));
    let rate = video.avg_frame_rate();
    let frame_rate = Rational::new(i64::from(rate.numerator()), i64::from(rate.denominator()));
    let duration_secs = claimed.unwrap_or(0.0);
    let frame_count = match video.frames() {
        frames if frames > 0 => frames as u64,
        _ => (duration_secs * frame_rate.as_f64()).round() as u64,
    };
    let (bit_depth, pixel_format) = pixel_facts(raw.format);
    Ok(Probe {
        info: VideoInfo {
            relative_path: None,
            path,
            sha256: String::new(),
            duration_secs,
            frame_count,
            frame_rate,
            width,
            height,
            rotation_deg: orientation.rotation_deg,
            has_audio: audio.is_some(),
            coded_width,
            coded_height,
            codec,
            variable_frame_rate: false,
            warnings: Vec::new(),
            start_timecode: start_timecode(&source.input, source.stream),
        },
        stream: video.index(),
        video_streams,
        pixel_aspect,
        orientation,
        colour: Colour::from_codes(
            raw.color_space as u32,
            raw.color_range as u32,
            raw.color_trc as u32,
            raw.color_primaries as u32,
            (coded_width, coded_height),
        ),
        bit_depth,
        pixel_format,
        container,
        audio,
    })
}

/// The timecode of the first frame: of the video stream, of the file as a whole, or of a track of
/// its own.
fn start_timecode(input: &ff::format::context::Input, video: usize) -> Option<String> {
    let of_stream = |stream: ff::Stream<'_>| stream.metadata().get("timecode").map(str::to_owned);
    let stated = input
        .stream(video)
        .and_then(of_stream)
        .or_else(|| input.metadata().get("timecode").map(str::to_owned))
        .or_else(|| input.streams().find_map(of_stream))?;
    // Some writers mark drop frame by a full stop or a comma.
    let mut text = stated.trim().to_owned();
    if let Some(mark) = text.rfind(['.', ',']) {
        text.replace_range(mark..=mark, ";");
    }
    let is_timecode = text.split([':', ';']).count() == 4
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ':' | ';'));
    is_timecode.then_some(text)
}

fn default_audio(source: &Source) -> Option<AudioFacts> {
    let audio = source.input.streams().best(ff::media::Type::Audio)?;
    let parameters = audio.parameters();
    // SAFETY: the parameters are alive while `audio` is; plain fields are copied.
    let (rate, channels) = unsafe {
        let raw = parameters.as_ptr();
        ((*raw).sample_rate, (*raw).ch_layout.nb_channels)
    };
    (rate > 0 && channels > 0 && ff::decoder::find(parameters.id()).is_some()).then(|| AudioFacts {
        stream: audio.index(),
        codec: stream::codec_name(&parameters),
        rate_hz: rate as u32,
        channels: channels as u32,
    })
}

fn pixel_facts(format: i32) -> (u32, String) {
    if !(0..ffi::AVPixelFormat::AV_PIX_FMT_NB as i32).contains(&format) {
        return (0, String::new());
    }
    // SAFETY: the value was checked to be one of the enumeration's; the description is null or
    // static.
    unsafe {
        let format = std::mem::transmute::<i32, ffi::AVPixelFormat>(format);
        ffi::av_pix_fmt_desc_get(format)
            .as_ref()
            .map_or((0, String::new()), |desc| {
                (desc.comp[0].depth.max(0) as u32, static_name(desc.name))
            })
    }
}
