//! Text subtitles: from packets to lines of dialogue, and from lines to packets of another codec.

use std::ffi::CString;
use std::ptr;

use ff::ffi;
use ffmpeg_next as ff;

/// Room for one packet of text, as FFmpeg's own program gives it.
const MOST_BYTES: usize = 1 << 20;

/// Turns subtitles of one text codec into another's. Knows no times.
pub(in crate::media) struct TextConverter {
    decoder: ff::decoder::Subtitle,
    encoder: ff::encoder::subtitle::Encoder,
    buffer: Vec<u8>,
}

impl TextConverter {
    /// Opens both codecs; the styles that the source states go over to the target.
    pub fn open(
        parameters: ff::codec::Parameters,
        time_base: ff::Rational,
        target: ff::codec::Id,
    ) -> Result<Self, ff::Error> {
        let mut context = ff::codec::Context::from_parameters(parameters)?;
        context.set_time_base(time_base);
        // SAFETY: a plain field of a context that is not yet open.
        unsafe { (*context.as_mut_ptr()).pkt_timebase = time_base.into() };
        let decoder = context.decoder().subtitle()?;
        let codec = ff::encoder::find(target).ok_or(ff::Error::EncoderNotFound)?;
        let mut context = ff::codec::Context::new_with_codec(codec);
        context.set_time_base(ff::Rational(1, 1000));
        // SAFETY: the header's pointer and size belong together and live with the decoder; the copy
        // is allocated by FFmpeg's allocator with a zero behind it, and freed with the encoder's
        // context.
        unsafe {
            let from = decoder.as_ptr();
            let (header, size) = ((*from).subtitle_header, (*from).subtitle_header_size);
            if !header.is_null() && size > 0 {
                let memory: *mut u8 = ffi::av_mallocz(size as usize + 1).cast();
                if memory.is_null() {
                    return Err(ff::Error::Other {
                        errno: ff::error::ENOMEM,
                    });
                }
                ptr::copy_nonoverlapping(header, memory, size as usize);
                (*context.as_mut_ptr()).subtitle_header = memory;
                (*context.as_mut_ptr()).subtitle_header_size = size;
            }
        }
        Ok(Self {
            decoder,
            encoder: context.encoder().subtitle()?.open()?,
            buffer: vec![0; MOST_BYTES],
        })
    }

    /// The opened encoder, for a stream of the clip.
    pub fn encoder(&self) -> &ff::codec::Context {
        self.encoder.as_ref()
    }

    /// Lines of dialogue of a packet, in the form of ASS; none where it clears the picture.
    pub fn lines(&mut self, packet: &ff::Packet) -> Result<Vec<CString>, ff::Error> {
        let mut subtitle = ff::codec::subtitle::Subtitle::new();
        let found = self.decoder.decode(packet, &mut subtitle)?;
        let mut lines = Vec::new();
        if found {
            for rect in subtitle.rects() {
                if let ff::codec::subtitle::Rect::Ass(ass) = rect {
                    lines.extend(CString::new(ass.get()));
                }
            }
        }
        // SAFETY: the struct was filled by the decoder or is zeroed; nothing of it is used
        // afterwards.
        unsafe { ffi::avsubtitle_free(subtitle.as_mut_ptr()) };
        Ok(lines)
    }

    /// The packet's bytes of some lines shown together for a while.
    pub fn encode(&mut self, lines: &[CString], millis: u32) -> Result<Vec<u8>, ff::Error> {
        // SAFETY: zeros are valid for both structs. The encoder reads the lines, which live through
        // the call, and keeps and frees nothing of what is passed; it writes no more than the
        // buffer's length.
        let size = unsafe {
            let mut rects: Vec<ffi::AVSubtitleRect> = lines
                .iter()
                .map(|line| {
                    let mut rect: ffi::AVSubtitleRect = std::mem::zeroed();
                    rect.type_ = ffi::AVSubtitleType::SUBTITLE_ASS;
                    rect.ass = line.as_ptr().cast_mut();
                    rect
                })
                .collect();
            let mut pointers: Vec<*mut ffi::AVSubtitleRect> =
                rects.iter_mut().map(ptr::from_mut).collect();
            let mut subtitle: ffi::AVSubtitle = std::mem::zeroed();
            subtitle.num_rects = pointers.len() as u32;
            subtitle.rects = pointers.as_mut_ptr();
            subtitle.end_display_time = millis;
            ffi::avcodec_encode_subtitle(
                self.encoder.as_mut_ptr(),
                self.buffer.as_mut_ptr(),
                self.buffer.len() as i32,
                &raw const subtitle,
            )
        };
        match usize::try_from(size) {
            Ok(size) => Ok(self.buffer[..size].to_vec()),
            Err(_) => Err(ff::Error::from(size)),
        }
    }
}

/// Marks a stream by what the source's says of itself, such as that it is forced.
pub(in crate::media::cut) fn set_disposition(
    output: &mut ff::format::context::Output,
    stream: usize,
    disposition: ff::format::stream::Disposition,
) {
    debug_assert!(stream < output.nb_streams() as usize);
    // SAFETY: the stream exists; a plain field.
    unsafe {
        let stream = *(*output.as_mut_ptr()).streams.add(stream);
        (*stream).disposition = disposition.bits();
    }
}
