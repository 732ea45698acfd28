//! Pixels that are not square: what a stream or a frame states, and the size in square pixels that
//! follows.

use ff::ffi;
use ffmpeg_next as ff;

/// Width of a pixel over its height; 1 where it is not stated.
pub(crate) fn pixel_aspect(input: &mut ff::format::context::Input, stream: usize) -> f64 {
    if stream >= input.nb_streams() as usize {
        return 1.0;
    }
    // SAFETY: the stream belongs to the open context; no frame is given.
    let ratio = unsafe {
        let context = input.as_mut_ptr();
        ffi::av_guess_sample_aspect_ratio(
            context,
            *(*context).streams.add(stream),
            std::ptr::null_mut(),
        )
    };
    aspect_from_ratio(ratio.num, ratio.den)
}

/// A sane pixel aspect from a stated ratio; 1 for none or nonsense.
pub(crate) fn aspect_from_ratio(num: i32, den: i32) -> f64 {
    let aspect = f64::from(num) / f64::from(den);
    if aspect.is_finite() && (0.05..=20.0).contains(&aspect) {
        aspect
    } else {
        1.0
    }
}

/// Size in square pixels before rotation: the width is stretched, the height stays.
pub(crate) fn square_size(width: u32, height: u32, aspect: f64) -> (u32, u32) {
    (
        ((f64::from(width) * aspect).round() as u32).max(1),
        height.max(1),
    )
}
