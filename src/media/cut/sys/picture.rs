//! Pixel formats, and how pictures are to be shown.

use std::ptr;

use ff::ffi;
use ffmpeg_next as ff;

/// The pixel shape of a stream: the container's word over the codec's; 1:1 where neither says.
pub(in crate::media::cut) fn pixel_shape(
    input: &mut ff::format::context::Input,
    stream: usize,
) -> ff::Rational {
    debug_assert!(stream < input.nb_streams() as usize);
    // SAFETY: the stream exists; a null frame means "no frame".
    let sar = unsafe {
        let context = input.as_mut_ptr();
        let stream = *(*context).streams.add(stream);
        ff::Rational::from(ffi::av_guess_sample_aspect_ratio(
            context,
            stream,
            ptr::null_mut(),
        ))
    };
    if sar.numerator() > 0 && sar.denominator() > 0 {
        sar
    } else {
        ff::Rational(1, 1)
    }
}

/// Copies how colours and fields are to be understood from a decoder to an encoder that is not yet open.
pub(in crate::media::cut) fn copy_picture_tags(
    from: &ff::codec::Context,
    to: &mut ff::codec::Context,
) {
    // SAFETY: plain fields of two live contexts.
    unsafe {
        let (from, to) = (from.as_ptr(), to.as_mut_ptr());
        (*to).color_primaries = (*from).color_primaries;
        (*to).color_trc = (*from).color_trc;
        (*to).colorspace = (*from).colorspace;
        (*to).color_range = (*from).color_range;
        (*to).chroma_sample_location = (*from).chroma_sample_location;
    }
}

/// Of the formats an encoder takes, the one that loses least of a source format.
pub(in crate::media::cut) fn best_format(
    source: ff::format::Pixel,
    offered: &[ff::format::Pixel],
) -> Option<ff::format::Pixel> {
    if offered.contains(&source) {
        return Some(source);
    }
    let mut list: Vec<ffi::AVPixelFormat> = offered.iter().map(|&format| format.into()).collect();
    list.push(ffi::AVPixelFormat::AV_PIX_FMT_NONE);
    // SAFETY: the list ends with NONE, as the function asks; the loss is not wanted.
    let best = unsafe {
        ffi::avcodec_find_best_pix_fmt_of_list(list.as_ptr(), source.into(), 0, ptr::null_mut())
    };
    (best != ffi::AVPixelFormat::AV_PIX_FMT_NONE).then(|| best.into())
}

/// Bits of the first colour component of a pixel format; 8 where it is unknown.
pub(in crate::media::cut) fn bit_depth(pixel: ff::format::Pixel) -> i32 {
    // SAFETY: the descriptor is a static struct of FFmpeg, or null.
    unsafe {
        let descriptor = ffi::av_pix_fmt_desc_get(pixel.into());
        if descriptor.is_null() {
            return 8;
        }
        (*descriptor).comp[0].depth
    }
}

/// Whether a pixel format holds red, green and blue (or a palette of them).
pub(in crate::media::cut) fn is_rgb(pixel: ff::format::Pixel) -> bool {
    // SAFETY: the descriptor is a static struct of FFmpeg, or null.
    unsafe {
        let descriptor = ffi::av_pix_fmt_desc_get(pixel.into());
        let flags = (ffi::AV_PIX_FMT_FLAG_RGB | ffi::AV_PIX_FMT_FLAG_PAL) as u64;
        !descriptor.is_null() && (*descriptor).flags & flags != 0
    }
}

/// Whether a decoder's stream is coded in fields.
pub(in crate::media::cut) fn is_interlaced(context: &ff::codec::Context) -> bool {
    // SAFETY: a plain field of a live context.
    let order = unsafe { (*context.as_ptr()).field_order };
    !matches!(
        order,
        ffi::AVFieldOrder::AV_FIELD_UNKNOWN | ffi::AVFieldOrder::AV_FIELD_PROGRESSIVE
    )
}
