//! What the headers of coded pictures say: kind, place in the order of showing, fields. Nothing is
//! decoded.

use ff::ffi;
use ffmpeg_next as ff;

/// Bytes of an MPEG-4 packet that holds no picture, only the place of one that was packed into the
/// packet before.
const PLACEHOLDER_BYTES: usize = 19;

/// Whether the headers of a codec's pictures state the order in which they are shown.
pub(super) fn state_order(codec: ff::codec::Id) -> bool {
    use ff::codec::Id;
    matches!(
        codec,
        Id::H264 | Id::HEVC | Id::MPEG4 | Id::MPEG1VIDEO | Id::MPEG2VIDEO | Id::VC1
    )
}

/// Whether a codec may store pictures in another order than it shows them.
pub(super) fn may_reorder(codec: ff::codec::Id) -> bool {
    // SAFETY: the function takes every number of a codec; a descriptor is static.
    let descriptor = unsafe { ffi::avcodec_descriptor_get(codec.into()).as_ref() };
    descriptor.is_none_or(|descriptor| descriptor.props & ffi::AV_CODEC_PROP_REORDER != 0)
}

/// How much of a picture a packet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Structure {
    Whole,
    TopField,
    BottomField,
}

/// What the header of a picture says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub is_key: bool,
    /// Whether it is of kind B, shown before a picture stored earlier.
    pub is_between: bool,
    /// Whether it only holds the place of a picture packed into an earlier packet.
    pub is_placeholder: bool,
    /// The picture order count of H.264 and HEVC.
    pub number: Option<i32>,
    pub structure: Structure,
    /// For how many fields it is shown: 2 for most, 1 for a single field, 3 where one is repeated.
    pub fields: u8,
}

/// FFmpeg's reader of picture headers.
pub(super) struct Headers {
    parser: *mut ffi::AVCodecParserContext,
    /// The codec's own header, which the parser reads first.
    context: ff::codec::Context,
    codec: ff::codec::Id,
    last_number: i32,
    /// Whether MPEG-4 packets hold several pictures, and empty packets follow in their places.
    packed: bool,
}

// SAFETY: the parser is owned by this struct alone, used through `&mut self` only, and keeps
// nothing of its thread.
unsafe impl Send for Headers {}

impl Headers {
    /// `None` where the codec's headers state no order.
    pub fn open(parameters: ff::codec::Parameters) -> Option<Self> {
        let codec = parameters.id();
        if !state_order(codec) {
            return None;
        }
        let context = ff::codec::Context::from_parameters(parameters).ok()?;
        // SAFETY: the function takes every number of a codec; the result is null or ours to close.
        let parser = unsafe { ffi::av_parser_init(ffi::AVCodecID::from(codec) as _) };
        if parser.is_null() {
            return None;
        }
        // SAFETY: not null. The flag says that each packet is one whole picture, so that nothing is
        // held back.
        unsafe { (*parser).flags |= ffi::PARSER_FLAG_COMPLETE_FRAMES };
        Some(Self {
            parser,
            context,
            codec,
            last_number: 0,
            packed: false,
        })
    }

    /// Reads the header of the next packet in the order of storage.
    pub fn read(&mut self, packet: &ff::Packet) -> Header {
        let data = packet.data().unwrap_or_default();
        let is_placeholder = self.packed && data.len() <= PLACEHOLDER_BYTES;
        self.packed |= self.codec == ff::codec::Id::MPEG4 && pictures_within(data) > 1;
        let mut header = self.parse(data);
        if is_placeholder {
            // After a packed keyframe it is marked as one, too; decoding cannot start there.
            header.is_key = false;
            header.is_between = true;
            header.is_placeholder = true;
        }
        header
    }

    fn parse(&mut self, data: &[u8]) -> Header {
        use ff::codec::Id;
        let counts = matches!(self.codec, Id::H264 | Id::HEVC);
        let (mut out, mut out_size) = (std::ptr::null_mut(), 0);
        // SAFETY: parser and context are open and ours. The bytes are a demuxed packet's, which
        // FFmpeg pads as its parsers demand; what is put out is borrowed from them and not looked
        // at. Fields are plain numbers.
        let (number, key, kind, structure, repeats) = unsafe {
            let parser = self.parser;
            (*parser).output_picture_number = i32::MIN;
            (*parser).key_frame = -1;
            (*parser).repeat_pict = 1;
            (*parser).picture_structure = ffi::AVPictureStructure::AV_PICTURE_STRUCTURE_UNKNOWN;
            ffi::av_parser_parse2(
                parser,
                self.context.as_mut_ptr(),
                &mut out,
                &mut out_size,
                data.as_ptr(),
                data.len() as i32,
                ffi::AV_NOPTS_VALUE,
                ffi::AV_NOPTS_VALUE,
                0,
            );
            (
                (*parser).output_picture_number,
                (*parser).key_frame,
                (*parser).pict_type,
                (*parser).picture_structure,
                (*parser).repeat_pict,
            )
        };
        if counts {
            // A damaged header: most likely shown where it is stored.
            self.last_number = match number {
                i32::MIN => self.last_number.saturating_add(1),
                number => number,
            };
        }
        let counts_fields = matches!(self.codec, Id::H264 | Id::MPEG1VIDEO | Id::MPEG2VIDEO);
        Header {
            is_key: key == 1,
            is_between: kind == ffi::AVPictureType::AV_PICTURE_TYPE_B as i32
                || kind == ffi::AVPictureType::AV_PICTURE_TYPE_BI as i32,
            is_placeholder: false,
            number: counts.then_some(self.last_number),
            structure: match structure {
                ffi::AVPictureStructure::AV_PICTURE_STRUCTURE_TOP_FIELD => Structure::TopField,
                ffi::AVPictureStructure::AV_PICTURE_STRUCTURE_BOTTOM_FIELD => {
                    Structure::BottomField
                }
                _ => Structure::Whole,
            },
            fields: if counts_fields {
                (1 + repeats).clamp(1, 8) as u8
            } else {
                2
            },
        }
    }
}

impl Drop for Headers {
    fn drop(&mut self) {
        // SAFETY: the parser was made by `av_parser_init` and is closed once.
        unsafe { ffi::av_parser_close(self.parser) };
    }
}

/// Video object planes in an MPEG-4 packet, by their start codes (ISO/IEC 14496-2, 6.2.1).
fn pictures_within(data: &[u8]) -> usize {
    data.windows(4).filter(|w| w == &[0, 0, 1, 0xb6]).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An MPEG-4 picture of a kind: 0 is I, 1 P, 2 B.
    fn picture(kind: u8) -> [u8; 6] {
        [0, 0, 1, 0xb6, kind << 6, 0]
    }

    #[test]
    fn packed_pictures_are_counted() {
        assert_eq!(pictures_within(&picture(0)), 1);
        assert_eq!(pictures_within(&[picture(1), picture(2)].concat()), 2);
        assert_eq!(pictures_within(&[0, 0, 1]), 0);
    }

    #[test]
    fn codecs_without_pictures_of_kind_b_keep_the_order_of_storage() {
        assert!(may_reorder(ff::codec::Id::MPEG2VIDEO));
        assert!(may_reorder(ff::codec::Id::RV40));
        assert!(!may_reorder(ff::codec::Id::MJPEG));
        assert!(!may_reorder(ff::codec::Id::VP8));
    }
}
