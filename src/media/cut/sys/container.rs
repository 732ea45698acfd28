//! Files being read and written: streams, configuration records, side data, seeking.

use std::ffi::CString;
use std::path::Path;
use std::ptr;

use ff::ffi;
use ffmpeg_next as ff;

/// Opens a file for a muxer by its exact path: bytes that are no UTF-8 and names with a colon work.
pub(in crate::media::cut) fn open_output(
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
    // SAFETY: `context` is null, so one is allocated; the strings live through the calls. The
    // context is freed here on failure and owned by `Output` afterwards, which closes the file.
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
        let interrupt = ffi::AVIOInterruptCB {
            callback: Some(note_work),
            opaque: ptr::null_mut(),
        };
        // Also for the muxer, which reads what it wrote where it moves it.
        (*context).interrupt_callback = interrupt;
        let opened = ffi::avio_open2(
            &raw mut (*context).pb,
            url.as_ptr(),
            ffi::AVIO_FLAG_WRITE,
            &interrupt,
            ptr::null_mut(),
        );
        if opened < 0 {
            ffi::avformat_free_context(context);
            return Err(ff::Error::from(opened));
        }
        Ok(ff::format::context::Output::wrap(context))
    }
}

/// FFmpeg asks before each reading and writing whether to go on: the moving of a long clip's bytes
/// is work, too.
unsafe extern "C" fn note_work(_: *mut std::ffi::c_void) -> std::ffi::c_int {
    crate::media::remote::signs::working();
    0
}

/// Pushes buffered bytes to the file and reports any write that failed so far.
pub(in crate::media::cut) fn flush_output(
    output: &mut ff::format::context::Output,
) -> Result<(), ff::Error> {
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
pub(in crate::media::cut) fn output_error(
    output: &ff::format::context::Output,
) -> Option<ff::Error> {
    // SAFETY: as in `flush_output`; only a field is read.
    let error = unsafe { (*(*output.as_ptr()).pb).error };
    (error < 0).then(|| ff::Error::from(error))
}

/// Whether the muxer of a name takes a codec.
pub(in crate::media::cut) fn muxer_takes(muxer: &str, codec: ff::codec::Id) -> bool {
    let Ok(muxer) = CString::new(muxer) else {
        return false;
    };
    // SAFETY: the name lives through the call; the format is null or a static struct of FFmpeg.
    unsafe {
        let format = ffi::av_guess_format(muxer.as_ptr(), ptr::null(), ptr::null());
        !format.is_null()
            && ffi::avformat_query_codec(format, codec.into(), ffi::FF_COMPLIANCE_NORMAL) == 1
    }
}

/// Sets the four-character code under which a stream's codec is stored; 0 lets the muxer choose.
pub(in crate::media::cut) fn set_codec_tag(
    output: &mut ff::format::context::Output,
    stream: usize,
    tag: u32,
) {
    debug_assert!(stream < output.nb_streams() as usize);
    // SAFETY: the stream exists and its parameters are always allocated.
    unsafe {
        let stream = *(*output.as_mut_ptr()).streams.add(stream);
        (*(*stream).codecpar).codec_tag = tag;
    }
}

/// States the shape of a pixel on a stream.
pub(in crate::media::cut) fn set_stream_sar(
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
pub(in crate::media::cut) fn extradata(
    input: &ff::format::context::Input,
    stream: usize,
) -> Vec<u8> {
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
pub(in crate::media::cut) fn encoder_extradata(context: &ff::codec::Context) -> Vec<u8> {
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
pub(in crate::media::cut) fn set_extradata(
    output: &mut ff::format::context::Output,
    stream: usize,
    bytes: &[u8],
) -> Result<(), ff::Error> {
    debug_assert!(stream < output.nb_streams() as usize);
    let padding = ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
    // SAFETY: the stream exists; the old record is freed and the new one allocated by FFmpeg's
    // allocator with the padding it asks for, zeroed.
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

/// Copies what a stream states about showing its pictures: HDR mastering data, stereo layout, and
/// the display matrix where `with_matrix`.
pub(in crate::media::cut) fn copy_picture_side_data(
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

/// Adds a tag to a stream.
pub(in crate::media::cut) fn set_stream_tag(
    output: &mut ff::format::context::Output,
    stream: usize,
    key: &str,
    value: &str,
) {
    if let Some(mut stream) = output.stream_mut(stream) {
        let mut metadata = stream.metadata().to_owned();
        metadata.set(key, value);
        stream.set_metadata(metadata);
    }
}

/// Marks a stream as the one of its kind that players choose, or as none.
pub(in crate::media::cut) fn set_default(
    output: &mut ff::format::context::Output,
    stream: usize,
    is_default: bool,
) {
    debug_assert!(stream < output.nb_streams() as usize);
    // SAFETY: the stream exists; a plain field.
    unsafe {
        let stream = *(*output.as_mut_ptr()).streams.add(stream);
        (*stream).disposition = if is_default {
            ffi::AV_DISPOSITION_DEFAULT
        } else {
            0
        };
    }
}

/// The pixel format that a stream states.
pub(in crate::media::cut) fn stated_pixel(
    parameters: &ff::codec::Parameters,
) -> Option<ff::format::Pixel> {
    if parameters.medium() != ff::media::Type::Video {
        return None;
    }
    // SAFETY: a plain field; the number is checked to be one of the enumeration's before it becomes
    // one.
    unsafe {
        let format = (*parameters.as_ptr()).format;
        (0..ffi::AVPixelFormat::AV_PIX_FMT_NB as i32)
            .contains(&format)
            .then(|| std::mem::transmute::<i32, ffi::AVPixelFormat>(format).into())
    }
}

/// Whether the pictures of a stream have an alpha channel of their own.
pub(in crate::media::cut) fn parameters_have_alpha(parameters: &ff::codec::Parameters) -> bool {
    let Some(format) = stated_pixel(parameters) else {
        return false;
    };
    // SAFETY: the descriptor is static or null.
    unsafe {
        // A palette has room for transparency, which few use.
        ffi::av_pix_fmt_desc_get(format.into())
            .as_ref()
            .is_some_and(|d| {
                d.flags & ffi::AV_PIX_FMT_FLAG_ALPHA as u64 != 0
                    && d.flags & ffi::AV_PIX_FMT_FLAG_PAL as u64 == 0
            })
    }
}

/// Number of frames by which a codec's decoding order runs ahead of presentation.
pub(in crate::media::cut) fn reorder_delay(
    input: &ff::format::context::Input,
    stream: usize,
) -> usize {
    let Some(stream) = input.stream(stream) else {
        return 0;
    };
    // SAFETY: a plain field of the stream's own parameters.
    unsafe { (*(*stream.as_ptr()).codecpar).video_delay }.max(0) as usize
}

/// The sound stream that belongs to a video stream.
pub(in crate::media::cut) fn sound_stream(
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
pub(in crate::media::cut) fn seek_stream(
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
pub(in crate::media::cut) fn keep_only(input: &mut ff::format::context::Input, stream: usize) {
    keep_all_of(input, |other| other == stream);
}

/// Tells a demuxer to skip every stream that is not wanted.
pub(in crate::media::cut) fn keep_all_of(
    input: &mut ff::format::context::Input,
    is_wanted: impl Fn(usize) -> bool,
) {
    for other in (0..input.nb_streams() as usize).filter(|&other| !is_wanted(other)) {
        // SAFETY: the index is below the number of streams, whose pointers live as long as the
        // input.
        unsafe {
            let pointer = *(*input.as_mut_ptr()).streams.add(other);
            (*pointer).discard = ffi::AVDiscard::AVDISCARD_ALL;
        }
    }
}

/// Whether a codec's subtitles are pictures.
pub(in crate::media::cut) fn is_drawn_text(codec: ff::codec::Id) -> bool {
    // SAFETY: the descriptor is a static struct of FFmpeg, or null.
    unsafe {
        ffi::avcodec_descriptor_get(codec.into())
            .as_ref()
            .is_some_and(|d| d.props & ffi::AV_CODEC_PROP_BITMAP_SUB != 0)
    }
}

/// Pixels of a stream's pictures as coded; 0 where it does not say.
pub(in crate::media::cut) fn stated_pixels(parameters: &ff::codec::Parameters) -> u64 {
    // SAFETY: plain fields of parameters that live as long as the borrow.
    let (width, height) = unsafe {
        let raw = parameters.as_ptr();
        ((*raw).width, (*raw).height)
    };
    let whole = |number: i32| u64::try_from(number).unwrap_or(0);
    whole(width) * whole(height)
}
