//! The parts of FFmpeg that the safe wrapper lacks: channel layouts, the sample converter, the output file, side data.
//! All `unsafe` of this folder lives here, each with its argument. Knows nothing of cutting.

use std::ffi::CString;
use std::path::Path;
use std::ptr;

use ff::ffi;
use ffmpeg_next as ff;

/// A channel layout that owns its memory.
pub(super) struct Layout(ffi::AVChannelLayout);

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

    /// A copy of a layout; one that names no speakers becomes the usual one for its number of channels.
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
pub(super) struct SoundFormat {
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
pub(super) struct Converter {
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
        // SAFETY: `context` is null, so one is allocated; the layouts live through the call, which copies them. On failure
        // FFmpeg frees the context itself, and `swr_free` accepts null.
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

    /// Converts a decoded frame to planar float samples, one vector a channel. The target format must be planar float.
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
        // SAFETY: each plane holds `samples` samples of the converter's source format, which is the frame's.
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
        // SAFETY: every output plane has room for `room + 32` floats, and the caller vouches for the input.
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

/// A frame of sound in an encoder's format, filled from planar float samples (all planes of one length).
pub(super) fn sound_frame(
    format: &SoundFormat,
    planes: &[&[f32]],
    pts: i64,
) -> Result<ff::frame::Audio, ff::Error> {
    use ff::format::sample::Type;
    let samples = planes.first().map_or(0, |plane| plane.len());
    let mut frame = ff::frame::Audio::empty();
    // SAFETY: an empty frame of our own; its fields are set before its buffer is allocated, as FFmpeg asks.
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
    // SAFETY: a buffer was allocated for `samples` samples of each of `channels` channels in this format: one plane each when
    // planar, one interleaved plane when packed.
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
pub(super) fn can_fill(sample: ff::format::Sample) -> bool {
    matches!(
        sample,
        ff::format::Sample::F32(_) | ff::format::Sample::I16(_)
    )
}

fn int16(sample: f32) -> i16 {
    (sample * 32768.0).round().clamp(-32768.0, 32767.0) as i16
}

/// Opens a file for a muxer by its exact path: bytes that are no UTF-8 and names with a colon work.
pub(super) fn open_output(
    path: &Path,
    muxer: &str,
) -> Result<ff::format::context::Output, ff::Error> {
    let mut url = b"file:".to_vec();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        url.extend_from_slice(path.as_os_str().as_bytes());
    }
    #[cfg(not(unix))]
    url.extend_from_slice(path.to_string_lossy().as_bytes());
    let url = CString::new(url).map_err(|_| ff::Error::InvalidData)?;
    let muxer = CString::new(muxer).map_err(|_| ff::Error::MuxerNotFound)?;
    let mut context = ptr::null_mut();
    // SAFETY: `context` is null, so one is allocated; the strings live through the calls. The context is freed here on
    // failure and owned by `Output` afterwards, which closes the file.
    unsafe {
        let made = ffi::avformat_alloc_output_context2(
            &mut context,
            ptr::null(),
            muxer.as_ptr(),
            url.as_ptr(),
        );
        if made < 0 {
            return Err(ff::Error::from(made));
        }
        let opened = ffi::avio_open(
            &raw mut (*context).pb,
            url.as_ptr(),
            ffi::AVIO_FLAG_WRITE as i32,
        );
        if opened < 0 {
            ffi::avformat_free_context(context);
            return Err(ff::Error::from(opened));
        }
        Ok(ff::format::context::Output::wrap(context))
    }
}

/// Pushes buffered bytes to the file and reports any write that failed so far.
pub(super) fn flush_output(output: &mut ff::format::context::Output) -> Result<(), ff::Error> {
    // SAFETY: the output was opened with an I/O context that lives as long as it.
    let error = unsafe {
        let io = (*output.as_mut_ptr()).pb;
        ffi::avio_flush(io);
        (*io).error
    };
    if error < 0 {
        return Err(ff::Error::from(error));
    }
    Ok(())
}

/// A failed write so far, without forcing one.
pub(super) fn output_error(output: &ff::format::context::Output) -> Option<ff::Error> {
    // SAFETY: as in `flush_output`; only a field is read.
    let error = unsafe { (*(*output.as_ptr()).pb).error };
    (error < 0).then(|| ff::Error::from(error))
}

/// Whether a muxer takes a codec.
pub(super) fn muxer_takes(output: &ff::format::context::Output, codec: ff::codec::Id) -> bool {
    // SAFETY: the output's format is a static struct of FFmpeg.
    unsafe {
        ffi::avformat_query_codec(
            (*output.as_ptr()).oformat,
            codec.into(),
            ffi::FF_COMPLIANCE_NORMAL as i32,
        ) == 1
    }
}

/// Sets the four-character code under which a stream's codec is stored; 0 lets the muxer choose.
pub(super) fn set_codec_tag(output: &mut ff::format::context::Output, stream: usize, tag: u32) {
    debug_assert!(stream < output.nb_streams() as usize);
    // SAFETY: the stream exists and its parameters are always allocated.
    unsafe {
        let stream = *(*output.as_mut_ptr()).streams.add(stream);
        (*(*stream).codecpar).codec_tag = tag;
    }
}

/// States the shape of a pixel on a stream.
pub(super) fn set_stream_sar(
    output: &mut ff::format::context::Output,
    stream: usize,
    sar: ff::Rational,
) {
    debug_assert!(stream < output.nb_streams() as usize);
    // SAFETY: the stream exists and its parameters are always allocated.
    unsafe {
        let stream = *(*output.as_mut_ptr()).streams.add(stream);
        (*stream).sample_aspect_ratio = sar.into();
        (*(*stream).codecpar).sample_aspect_ratio = sar.into();
    }
}

/// The codec's configuration record of a stream.
pub(super) fn extradata(input: &ff::format::context::Input, stream: usize) -> Vec<u8> {
    let Some(stream) = input.stream(stream) else {
        return Vec::new();
    };
    // SAFETY: the pointer and length belong together and live with the stream.
    unsafe {
        let parameters = (*stream.as_ptr()).codecpar;
        bytes_at((*parameters).extradata, (*parameters).extradata_size)
    }
}

/// The configuration record of an opened encoder.
pub(super) fn encoder_extradata(context: &ff::codec::Context) -> Vec<u8> {
    // SAFETY: the pointer and length belong together and live with the context.
    unsafe {
        bytes_at(
            (*context.as_ptr()).extradata,
            (*context.as_ptr()).extradata_size,
        )
    }
}

/// # Safety
/// `data` is null or points to `size` bytes.
unsafe fn bytes_at(data: *const u8, size: i32) -> Vec<u8> {
    if data.is_null() || size <= 0 {
        return Vec::new();
    }
    // SAFETY: the caller vouches for pointer and size.
    unsafe { std::slice::from_raw_parts(data, size as usize) }.to_vec()
}

/// Replaces the configuration record of an output stream.
pub(super) fn set_extradata(
    output: &mut ff::format::context::Output,
    stream: usize,
    bytes: &[u8],
) -> Result<(), ff::Error> {
    debug_assert!(stream < output.nb_streams() as usize);
    let padding = ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
    // SAFETY: the stream exists; the old record is freed and the new one allocated by FFmpeg's allocator with the padding it
    // asks for, zeroed.
    unsafe {
        let stream = *(*output.as_mut_ptr()).streams.add(stream);
        let parameters = (*stream).codecpar;
        ffi::av_freep((&raw mut (*parameters).extradata).cast());
        (*parameters).extradata_size = 0;
        let memory: *mut u8 = ffi::av_mallocz(bytes.len() + padding).cast();
        if memory.is_null() {
            return Err(ff::Error::Other {
                errno: ff::error::ENOMEM,
            });
        }
        ptr::copy_nonoverlapping(bytes.as_ptr(), memory, bytes.len());
        (*parameters).extradata = memory;
        (*parameters).extradata_size = bytes.len() as i32;
    }
    Ok(())
}

/// Copies what a stream states about showing its pictures: HDR mastering data, stereo layout, and the display
/// matrix where `with_matrix`.
pub(super) fn copy_picture_side_data(
    input: &ff::format::context::Input,
    from: usize,
    output: &mut ff::format::context::Output,
    to: usize,
    with_matrix: bool,
) {
    use ff::packet::side_data::Type;
    let Some(stream) = input.stream(from) else {
        return;
    };
    debug_assert!(to < output.nb_streams() as usize);
    for data in stream.side_data() {
        let wanted = match data.kind() {
            Type::DisplayMatrix => with_matrix,
            Type::MasteringDisplayMetadata | Type::ContentLightLevel | Type::Stereo3d => true,
            _ => false,
        };
        if !wanted {
            continue;
        }
        let bytes = data.data();
        // SAFETY: the stream exists; FFmpeg allocates `len` bytes and we fill exactly these.
        unsafe {
            let stream = *(*output.as_mut_ptr()).streams.add(to);
            let memory = ffi::av_stream_new_side_data(stream, data.kind().into(), bytes.len());
            if !memory.is_null() {
                ptr::copy_nonoverlapping(bytes.as_ptr(), memory, bytes.len());
            }
        }
    }
}

/// The pixel shape of a stream: the container's word over the codec's; 1:1 where neither says.
pub(super) fn pixel_shape(input: &mut ff::format::context::Input, stream: usize) -> ff::Rational {
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
pub(super) fn copy_picture_tags(from: &ff::codec::Context, to: &mut ff::codec::Context) {
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

/// Number of frames by which a codec's decoding order runs ahead of presentation.
pub(super) fn reorder_delay(input: &ff::format::context::Input, stream: usize) -> usize {
    let Some(stream) = input.stream(stream) else {
        return 0;
    };
    // SAFETY: a plain field of the stream's own parameters.
    unsafe { (*(*stream.as_ptr()).codecpar).video_delay }.max(0) as usize
}

/// Of the formats an encoder takes, the one that loses least of a source format.
pub(super) fn best_format(
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

/// The sound stream that belongs to a video stream.
pub(super) fn sound_stream(
    input: &mut ff::format::context::Input,
    video_stream: usize,
) -> Option<usize> {
    // SAFETY: the context is open; no decoder is asked for.
    let found = unsafe {
        ffi::av_find_best_stream(
            input.as_mut_ptr(),
            ffi::AVMediaType::AVMEDIA_TYPE_AUDIO,
            -1,
            video_stream as i32,
            ptr::null_mut(),
            0,
        )
    };
    usize::try_from(found).ok()
}

/// Seeks by one stream's clock to a place not after `ts`.
pub(super) fn seek_stream(
    input: &mut ff::format::context::Input,
    stream: usize,
    ts: i64,
) -> Result<(), ff::Error> {
    // SAFETY: the context is open and the stream exists.
    let done =
        unsafe { ffi::avformat_seek_file(input.as_mut_ptr(), stream as i32, i64::MIN, ts, ts, 0) };
    if done < 0 {
        return Err(ff::Error::from(done));
    }
    Ok(())
}

/// Tells a demuxer to skip every stream but one.
pub(super) fn keep_only(input: &mut ff::format::context::Input, stream: usize) {
    for other in (0..input.nb_streams() as usize).filter(|&other| other != stream) {
        // SAFETY: the index is below the number of streams, whose pointers live as long as the input.
        unsafe {
            let pointer = *(*input.as_mut_ptr()).streams.add(other);
            (*pointer).discard = ffi::AVDiscard::AVDISCARD_ALL;
        }
    }
}

/// Bits of the first colour component of a pixel format; 8 where it is unknown.
pub(super) fn bit_depth(pixel: ff::format::Pixel) -> i32 {
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
pub(super) fn is_rgb(pixel: ff::format::Pixel) -> bool {
    // SAFETY: the descriptor is a static struct of FFmpeg, or null.
    unsafe {
        let descriptor = ffi::av_pix_fmt_desc_get(pixel.into());
        let flags = (ffi::AV_PIX_FMT_FLAG_RGB | ffi::AV_PIX_FMT_FLAG_PAL) as u64;
        !descriptor.is_null() && (*descriptor).flags & flags != 0
    }
}

/// Whether a decoder's stream is coded in fields.
pub(super) fn is_interlaced(context: &ff::codec::Context) -> bool {
    // SAFETY: a plain field of a live context.
    let order = unsafe { (*context.as_ptr()).field_order };
    !matches!(
        order,
        ffi::AVFieldOrder::AV_FIELD_UNKNOWN | ffi::AVFieldOrder::AV_FIELD_PROGRESSIVE
    )
}
