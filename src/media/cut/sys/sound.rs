//! Channel layouts, the sample converter, frames of sound.

use std::ptr;

use ff::ffi;
use ffmpeg_next as ff;

/// A channel layout that owns its memory.
pub(in crate::media::cut) struct Layout(ffi::AVChannelLayout);

// SAFETY: a layout is plain data, at most with a heap block that only this value points to.
unsafe impl Send for Layout {}

impl Layout {
    fn empty() -> Self {
        // SAFETY: all-zero bytes are the documented empty state of the struct.
        Self(unsafe { std::mem::zeroed() })
    }

    /// The usual layout for a number of channels.
    pub fn of_count(channels: i32) -> Self {
        let mut layout = Self::empty();
        // SAFETY: the struct is initialised and exclusively ours.
        unsafe { ffi::av_channel_layout_default(&mut layout.0, channels.max(1)) };
        layout
    }

    /// A copy of a layout; one that names no speakers becomes the usual one for its number of
    /// channels.
    ///
    /// # Safety
    /// `layout` must point to a valid layout.
    unsafe fn copied(layout: *const ffi::AVChannelLayout) -> Self {
        let mut copy = Self::empty();
        // SAFETY: the caller vouches for `layout`; `copy` is initialised.
        let (order, channels, copied) = unsafe {
            (
                (*layout).order,
                (*layout).nb_channels,
                ffi::av_channel_layout_copy(&mut copy.0, layout),
            )
        };
        if copied < 0 || order == ffi::AVChannelOrder::AV_CHANNEL_ORDER_UNSPEC {
            return Self::of_count(channels);
        }
        copy
    }

    /// The layout of a decoded frame.
    pub fn of_frame(frame: &ff::frame::Audio) -> Self {
        // SAFETY: the frame's own struct, valid while it is borrowed.
        unsafe { Self::copied(&raw const (*frame.as_ptr()).ch_layout) }
    }

    /// Of the speaker layouts that AAC knows by a number of their own (ISO/IEC 14496-3, table 1.19,
    /// up to six channels) the smallest with all speakers of this one, those at the side counted as
    /// those at the back; `None` where there is none.
    pub fn as_aac_knows(&self) -> Option<Self> {
        const LEFT_RIGHT: u64 = 0x3;
        const CENTRE: u64 = 0x4;
        const LOW: u64 = 0x8;
        const BACK: u64 = 0x30;
        const BACK_CENTRE: u64 = 0x100;
        const SIDE: u64 = 0x600;
        if self.0.order != ffi::AVChannelOrder::AV_CHANNEL_ORDER_NATIVE {
            return None;
        }
        // SAFETY: in the native order this member of the union is the set one.
        let mut speakers = unsafe { self.0.u.mask };
        if speakers & SIDE != 0 && speakers & BACK == 0 {
            speakers = speakers & !SIDE | BACK;
        }
        let known = [
            CENTRE,
            LEFT_RIGHT,
            LEFT_RIGHT | CENTRE,
            LEFT_RIGHT | CENTRE | BACK_CENTRE,
            LEFT_RIGHT | CENTRE | BACK,
            LEFT_RIGHT | CENTRE | BACK | LOW,
        ];
        let mask = known.into_iter().find(|known| speakers & !known == 0)?;
        let mut layout = Self::empty();
        // SAFETY: the struct is initialised and exclusively ours.
        let made = unsafe { ffi::av_channel_layout_from_mask(&mut layout.0, mask) };
        (made >= 0).then_some(layout)
    }

    pub fn channels(&self) -> usize {
        self.0.nb_channels.max(0) as usize
    }

    pub fn same(&self, other: &Self) -> bool {
        // SAFETY: both are valid layouts.
        unsafe { ffi::av_channel_layout_compare(&self.0, &other.0) == 0 }
    }

    /// Gives an encoder this layout, before it is opened.
    pub fn apply_to(&self, context: &mut ff::codec::Context) {
        // SAFETY: the context is ours and its layout field is always initialised.
        unsafe {
            ffi::av_channel_layout_copy(&raw mut (*context.as_mut_ptr()).ch_layout, &self.0);
        }
    }
}

impl Clone for Layout {
    fn clone(&self) -> Self {
        // SAFETY: our own valid layout.
        unsafe { Self::copied(&self.0) }
    }
}

impl Drop for Layout {
    fn drop(&mut self) {
        // SAFETY: valid, and dropped once.
        unsafe { ffi::av_channel_layout_uninit(&mut self.0) };
    }
}

/// What sound is made of.
#[derive(Clone)]
pub(in crate::media::cut) struct SoundFormat {
    pub sample: ff::format::Sample,
    pub layout: Layout,
    pub rate: u32,
}

impl SoundFormat {
    pub fn of_frame(frame: &ff::frame::Audio) -> Self {
        Self {
            sample: frame.format(),
            layout: Layout::of_frame(frame),
            rate: frame.rate(),
        }
    }

    pub fn same(&self, other: &Self) -> bool {
        self.sample == other.sample && self.rate == other.rate && self.layout.same(&other.layout)
    }

    /// Planar 32-bit float of the same rate and layout.
    pub fn as_planar_float(&self) -> Self {
        Self {
            sample: ff::format::Sample::F32(ff::format::sample::Type::Planar),
            ..self.clone()
        }
    }
}

/// Converts sample format, channel layout and rate.
pub(in crate::media::cut) struct Converter {
    context: *mut ffi::SwrContext,
    pub from: SoundFormat,
    pub to: SoundFormat,
}

// SAFETY: the context is owned by this value alone and has no ties to a thread.
unsafe impl Send for Converter {}

impl Converter {
    pub fn new(from: &SoundFormat, to: &SoundFormat) -> Result<Self, ff::Error> {
        let (from, to) = (from.clone(), to.clone());
        let (mut in_layout, mut out_layout) = (from.layout.clone(), to.layout.clone());
        let mut context = ptr::null_mut();
        // SAFETY: `context` is null, so one is allocated; the layouts live through the call, which
        // copies them. On failure FFmpeg frees the context itself, and `swr_free` accepts null.
        unsafe {
            let made = ffi::swr_alloc_set_opts2(
                &mut context,
                &mut out_layout.0,
                to.sample.into(),
                to.rate as i32,
                &mut in_layout.0,
                from.sample.into(),
                from.rate as i32,
                0,
                ptr::null_mut(),
            );
            if made < 0 {
                return Err(ff::Error::from(made));
            }
            let ready = ffi::swr_init(context);
            if ready < 0 {
                ffi::swr_free(&mut context);
                return Err(ff::Error::from(ready));
            }
        }
        Ok(Self { context, from, to })
    }

    /// Converts a decoded frame to planar float samples, one vector a channel. The target format
    /// must be planar float.
    pub fn planes_from_frame(
        &mut self,
        frame: &ff::frame::Audio,
    ) -> Result<Vec<Vec<f32>>, ff::Error> {
        let planes = if self.from.sample.is_planar() {
            self.from.layout.channels()
        } else {
            1
        };
        // SAFETY: `extended_data` of a decoded frame has one pointer for each plane.
        let pointers: Vec<*const u8> = (0..planes)
            .map(|plane| unsafe { (*(*frame.as_ptr()).extended_data.add(plane)).cast_const() })
            .collect();
        // SAFETY: each plane holds `samples` samples of the converter's source format, which is the
        // frame's.
        unsafe { self.convert(Some(&pointers), frame.samples()) }
    }

    /// Converts planar float samples. The source format must be planar float.
    pub fn planes_from_planes(&mut self, input: &[&[f32]]) -> Result<Vec<Vec<f32>>, ff::Error> {
        let samples = input.first().map_or(0, |plane| plane.len());
        if input.len() != self.from.layout.channels()
            || input.iter().any(|plane| plane.len() != samples)
        {
            return Err(ff::Error::InvalidData);
        }
        let pointers: Vec<*const u8> = input.iter().map(|plane| plane.as_ptr().cast()).collect();
        // SAFETY: one pointer for each channel, each to `samples` floats that outlive the call.
        unsafe { self.convert(Some(&pointers), samples) }
    }

    /// What is left in the converter at the end of the sound.
    pub fn flush(&mut self) -> Result<Vec<Vec<f32>>, ff::Error> {
        // SAFETY: no input is read.
        unsafe { self.convert(None, 0) }
    }

    /// # Safety
    /// `input` has one pointer for each plane of the source format, each to `samples` samples.
    unsafe fn convert(
        &mut self,
        input: Option<&[*const u8]>,
        samples: usize,
    ) -> Result<Vec<Vec<f32>>, ff::Error> {
        // SAFETY: the context is initialised.
        let room =
            unsafe { ffi::swr_get_out_samples(self.context, samples as i32) }.max(0) as usize;
        let mut output = vec![vec![0f32; room + 32]; self.to.layout.channels()];
        let mut out_pointers: Vec<*mut u8> = output
            .iter_mut()
            .map(|plane| plane.as_mut_ptr().cast())
            .collect();
        let mut in_pointers = input.map(<[_]>::to_vec);
        let in_pointer = in_pointers
            .as_mut()
            .map_or(ptr::null_mut(), |pointers| pointers.as_mut_ptr());
        // SAFETY: every output plane has room for `room + 32` floats, and the caller vouches for
        // the input.
        let made = unsafe {
            ffi::swr_convert(
                self.context,
                out_pointers.as_mut_ptr(),
                (room + 32) as i32,
                in_pointer,
                samples as i32,
            )
        };
        if made < 0 {
            return Err(ff::Error::from(made));
        }
        for plane in &mut output {
            plane.truncate(made as usize);
        }
        Ok(output)
    }
}

impl Drop for Converter {
    fn drop(&mut self) {
        // SAFETY: owned, freed once; FFmpeg nulls it.
        unsafe { ffi::swr_free(&mut self.context) };
    }
}

/// A frame of sound in an encoder's format, filled from planar float samples (all planes of one
/// length).
pub(in crate::media::cut) fn sound_frame(
    format: &SoundFormat,
    planes: &[&[f32]],
    pts: i64,
) -> Result<ff::frame::Audio, ff::Error> {
    use ff::format::sample::Type;
    let samples = planes.first().map_or(0, |plane| plane.len());
    let mut frame = ff::frame::Audio::empty();
    // SAFETY: an empty frame of our own; its fields are set before its buffer is allocated, as
    // FFmpeg asks.
    unsafe {
        let raw = frame.as_mut_ptr();
        (*raw).nb_samples = samples as i32;
        (*raw).sample_rate = format.rate as i32;
        ffi::av_channel_layout_copy(&raw mut (*raw).ch_layout, &format.layout.0);
    }
    frame.set_format(format.sample);
    frame.set_pts(Some(pts));
    // SAFETY: format, sample count and layout are set.
    let made = unsafe { ffi::av_frame_get_buffer(frame.as_mut_ptr(), 0) };
    if made < 0 {
        return Err(ff::Error::from(made));
    }
    let channels = planes.len();
    // SAFETY: a buffer was allocated for `samples` samples of each of `channels` channels in this
    // format: one plane each when planar, one interleaved plane when packed.
    unsafe {
        let data = (*frame.as_ptr()).extended_data;
        for (channel, plane) in planes.iter().enumerate() {
            for (n, &sample) in plane.iter().enumerate() {
                match format.sample {
                    ff::format::Sample::F32(Type::Planar) => {
                        (*data.add(channel)).cast::<f32>().add(n).write(sample);
                    }
                    ff::format::Sample::F32(Type::Packed) => {
                        (*data)
                            .cast::<f32>()
                            .add(n * channels + channel)
                            .write(sample);
                    }
                    ff::format::Sample::I16(Type::Planar) => {
                        (*data.add(channel))
                            .cast::<i16>()
                            .add(n)
                            .write(int16(sample));
                    }
                    ff::format::Sample::I16(Type::Packed) => {
                        (*data)
                            .cast::<i16>()
                            .add(n * channels + channel)
                            .write(int16(sample));
                    }
                    _ => return Err(ff::Error::InvalidData),
                }
            }
        }
    }
    Ok(frame)
}

/// Whether [`sound_frame`] can fill a format.
pub(in crate::media::cut) fn can_fill(sample: ff::format::Sample) -> bool {
    matches!(
        sample,
        ff::format::Sample::F32(_) | ff::format::Sample::I16(_)
    )
}

fn int16(sample: f32) -> i16 {
    (sample * 32768.0).round().clamp(-32768.0, 32767.0) as i16
}
