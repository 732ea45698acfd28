//! Pixel formats, and how pictures are to be shown.

use std::ptr;

use super::super::encode::Light;
use super::super::picture::FieldOrder;
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

/// Copies how colours and fields are to be understood from a decoder to an encoder that is not yet
/// open.
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

/// Copies all that is said of a picture besides its pixels: colours, fields, light, the time.
pub(in crate::media::cut) fn copy_picture_properties(
    from: &ff::frame::Video,
    to: &mut ff::frame::Video,
) -> Result<(), ff::Error> {
    // SAFETY: two live frames; the function copies fields and references, and leaves the pixels
    // alone.
    match unsafe { ffi::av_frame_copy_props(to.as_mut_ptr(), from.as_ptr()) } {
        0.. => Ok(()),
        err => Err(ff::Error::from(err)),
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

/// Whether a pixel format has an alpha channel of its own.
pub(in crate::media::cut) fn has_alpha(pixel: ff::format::Pixel) -> bool {
    // SAFETY: the descriptor is a static struct of FFmpeg, or null.
    unsafe {
        ffi::av_pix_fmt_desc_get(pixel.into())
            .as_ref()
            .is_some_and(|d| d.flags & ffi::AV_PIX_FMT_FLAG_ALPHA as u64 != 0)
    }
}

/// Whether a pixel format has brightness only.
pub(in crate::media::cut) fn is_grey(pixel: ff::format::Pixel) -> bool {
    // SAFETY: the descriptor is a static struct of FFmpeg, or null.
    unsafe {
        ffi::av_pix_fmt_desc_get(pixel.into())
            .as_ref()
            .is_some_and(|d| d.nb_components <= 2 && !is_rgb(pixel))
    }
}

/// Whether a decoder's pictures have the brightness curve of HDR (SMPTE ST 2084 or HLG).
pub(in crate::media::cut) fn is_hdr(context: &ff::codec::Context) -> bool {
    // SAFETY: a plain field of a live context.
    let curve = unsafe { (*context.as_ptr()).color_trc };
    matches!(
        curve,
        ffi::AVColorTransferCharacteristic::AVCOL_TRC_SMPTE2084
            | ffi::AVColorTransferCharacteristic::AVCOL_TRC_ARIB_STD_B67
    )
}

/// States the order of fields of an encoder that is not yet open.
pub(in crate::media::cut) fn set_field_order(context: &mut ff::codec::Context, order: FieldOrder) {
    // SAFETY: the context is ours and not yet open.
    unsafe {
        (*context.as_mut_ptr()).field_order = match order {
            FieldOrder::Top => ffi::AVFieldOrder::AV_FIELD_TT,
            FieldOrder::Bottom => ffi::AVFieldOrder::AV_FIELD_BB,
        };
    }
}

/// HDR10's static metadata of a decoded picture. FFmpeg keeps it as plain integers: fractions of
/// three primaries (red, green, blue), white point, least and most brightness, then whether
/// primaries and brightness are stated.
pub(in crate::media::cut) fn light_of(frame: &ff::frame::Video) -> Light {
    use ff::frame::side_data::Type;
    let numbers = |kind| -> Vec<i32> {
        frame.side_data(kind).map_or_else(Vec::new, |data| {
            data.data()
                .chunks_exact(4)
                .map(|bytes| i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect()
        })
    };
    let mut light = Light::default();
    let display = numbers(Type::MasteringDisplayMetadata);
    let is_stated = |at: usize| display.get(at).is_some_and(|&stated| stated != 0);
    if is_stated(20) && is_stated(21) {
        let steps = |fraction: usize, unit: f64| {
            let (num, den) = (display[2 * fraction], display[2 * fraction + 1]);
            (f64::from(num) / f64::from(den.max(1)) * unit).round() as i64
        };
        let point = |fraction| {
            let (x, y) = (steps(fraction, 50_000.0), steps(fraction + 1, 50_000.0));
            format!("({x},{y})")
        };
        light.mastering = Some(format!(
            "G{}B{}R{}WP{}L({},{})",
            point(2),
            point(4),
            point(0),
            point(6),
            steps(9, 10_000.0),
            steps(8, 10_000.0)
        ));
    }
    if let &[most, average, ..] = numbers(Type::ContentLightLevel).as_slice() {
        light.content = Some(format!("{most},{average}"));
    }
    light
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
