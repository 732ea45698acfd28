//! Which stream is the video, what it states about itself, and a decoder for it.

use std::ffi::CStr;
use std::path::Path;

use ff::ffi;
use ff::format::stream::Disposition;
use ffmpeg_next as ff;

use super::bounds::MOST_PIXELS;
use super::remote::signs;
use super::{MediaError, Orientation};

/// Chooses the video stream a player would show: not cover art, the one marked as default, else the
/// best.
pub(crate) fn default_video(
    input: &ff::format::context::Input,
    path: &Path,
) -> Result<usize, MediaError> {
    let of_kind = |kind| {
        input
            .streams()
            .filter(move |s| s.parameters().medium() == kind)
    };
    let is_still = |s: &ff::Stream<'_>| {
        // SAFETY: the stream is alive while `input` is borrowed.
        let disposition = unsafe { (*s.as_ptr()).disposition };
        s.disposition().contains(Disposition::ATTACHED_PIC)
            || disposition & ffi::AV_DISPOSITION_TIMED_THUMBNAILS != 0
    };
    let moving: Vec<_> = of_kind(ff::media::Type::Video)
        .filter(|s| !is_still(s))
        .collect();
    if moving.is_empty() {
        let path = path.to_path_buf();
        let has_cover = of_kind(ff::media::Type::Video).next().is_some();
        return Err(if has_cover {
            MediaError::CoverArtOnly { path }
        } else if of_kind(ff::media::Type::Audio).next().is_some() {
            MediaError::AudioOnly { path }
        } else {
            MediaError::NoVideoStream { path }
        });
    }
    let marked: Vec<_> = moving
        .iter()
        .filter(|s| s.disposition().contains(Disposition::DEFAULT))
        .collect();
    if let [only] = marked[..] {
        return Ok(only.index());
    }
    let best = input
        .streams()
        .best(ff::media::Type::Video)
        .map(|s| s.index());
    Ok(best
        .filter(|&best| moving.iter().any(|s| s.index() == best))
        .unwrap_or_else(|| moving[0].index()))
}

/// Opens a decoder for a stream; `threads` 0 lets FFmpeg use every core.
pub(crate) fn open_decoder(
    input: &ff::format::context::Input,
    stream: usize,
    threads: usize,
    path: &Path,
) -> Result<ff::decoder::Video, MediaError> {
    let stream = input
        .stream(stream)
        .ok_or_else(|| MediaError::unreadable(path, "the stream vanished"))?;
    let parameters = stream.parameters();
    let no_decoder = || MediaError::NoDecoder {
        path: path.to_path_buf(),
        codec: codec_name(&parameters),
    };
    if ff::decoder::find(parameters.id()).is_none() {
        return Err(no_decoder());
    }
    // SAFETY: the parameters are alive while `stream` is; plain fields are copied.
    let (width, height) = unsafe {
        let raw = parameters.as_ptr();
        ((*raw).width.max(0), (*raw).height.max(0))
    };
    if i64::from(width) * i64::from(height) > MOST_PIXELS {
        return Err(MediaError::TooLarge {
            path: path.to_path_buf(),
            width: width.unsigned_abs(),
            height: height.unsigned_abs(),
            most: MOST_PIXELS,
        });
    }
    signs::allow_pictures(u64::from(width.unsigned_abs()) * u64::from(height.unsigned_abs()));
    let mut context = ff::codec::Context::from_parameters(stream.parameters())
        .map_err(|err| MediaError::unreadable(path, err))?;
    // SAFETY: the context is ours and not yet open, the time when these fields may be set. The time
    // base lets the decoder order timestamps; thread type 3 is frame and slice threads together.
    unsafe {
        let raw = context.as_mut_ptr();
        // Also where the size changes later on.
        (*raw).max_pixels = MOST_PIXELS;
        (*raw).pkt_timebase = stream.time_base().into();
        (*raw).thread_count = threads as i32;
        (*raw).thread_type = ffi::FF_THREAD_FRAME | ffi::FF_THREAD_SLICE;
    }
    context.decoder().video().map_err(|_| {
        signs::heed_memory();
        no_decoder()
    })
}

/// Short name of a codec, such as `h264`.
pub(crate) fn codec_name(parameters: &ff::codec::Parameters) -> String {
    // SAFETY: the function accepts every id and returns a static string.
    static_name(unsafe { ffi::avcodec_get_name(parameters.id().into()) })
}

/// Whether every frame of the codec stands by itself.
pub(crate) fn is_intra_only(parameters: &ff::codec::Parameters) -> bool {
    // SAFETY: the result is null or a static description.
    unsafe {
        ffi::avcodec_descriptor_get(parameters.id().into())
            .as_ref()
            .is_some_and(|d| d.props & ffi::AV_CODEC_PROP_INTRA_ONLY != 0)
    }
}

/// Bytes of the codec's own header.
pub(crate) fn extradata(parameters: &ff::codec::Parameters) -> &[u8] {
    // SAFETY: FFmpeg keeps `extradata_size` bytes there while the parameters live, and a null
    // pointer is told apart.
    unsafe {
        let raw = parameters.as_ptr();
        if (*raw).extradata.is_null() || (*raw).extradata_size <= 0 {
            return &[];
        }
        std::slice::from_raw_parts((*raw).extradata, (*raw).extradata_size as usize)
    }
}

/// The stream's display matrix as an orientation.
pub(crate) fn orientation(stream: &ff::Stream<'_>) -> Orientation {
    stream
        .side_data()
        .find(|data| data.kind() == ff::codec::packet::side_data::Type::DisplayMatrix)
        .and_then(|data| {
            let bytes = data.data();
            let mut matrix = [0i32; 9];
            if bytes.len() < 36 {
                return None;
            }
            for (value, chunk) in matrix.iter_mut().zip(bytes.chunks_exact(4)) {
                *value = i32::from_ne_bytes(chunk.try_into().ok()?);
            }
            Some(Orientation::from_matrix(matrix))
        })
        .unwrap_or_default()
}

/// A name FFmpeg keeps as a static C string.
pub(crate) fn static_name(pointer: *const std::ffi::c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: not null, and FFmpeg's names are static NUL-terminated strings.
    unsafe { CStr::from_ptr(pointer) }
        .to_string_lossy()
        .into_owned()
}
