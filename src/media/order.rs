//! Presentation times for streams that state decoding times only, such as H.264 or Xvid in AVI.
//!
//! Such a stream shows its pictures at its decoding times, but in another order: the n-th picture shown takes the n-th time.
//! Which picture that is stands in the pictures' headers; nothing is decoded. A keyframe and what is stored after it are
//! shown after everything stored before it, so the order begins anew at each keyframe: a reader that seeks to one finds the
//! same times as a reader that comes from the start.

use std::collections::VecDeque;

use ff::ffi;
use ffmpeg_next as ff;

/// Pictures stored before one that is shown before them all: the longest reordering that codecs allow.
const MAX_REORDER: usize = 16;
/// Bytes of an MPEG-4 packet that holds no picture, only the place of one that was packed into the packet before.
const PLACEHOLDER_BYTES: usize = 19;

/// Whether the headers of a codec's pictures tell the order in which they are shown.
pub(super) fn is_told(codec: ff::codec::Id) -> bool {
    use ff::codec::Id;
    matches!(
        codec,
        Id::H264 | Id::HEVC | Id::MPEG4 | Id::MPEG1VIDEO | Id::MPEG2VIDEO | Id::VC1
    )
}

/// Sets the presentation times of packets that pass through it.
pub(super) struct DisplayOrder {
    headers: Headers,
    /// Packets not yet handed on, as they are stored.
    waiting: VecDeque<Waiting>,
    /// Times that no waiting picture has taken yet, ascending.
    times: VecDeque<i64>,
    /// Decoding time and duration of the newest packet.
    last: Option<(i64, i64)>,
    /// Pictures since the keyframe that others are shown before, and pictures since the last of those.
    anchors: i64,
    between: i64,
    /// Whether MPEG-4 packets hold several pictures, and empty packets follow in their places.
    packed: bool,
}

struct Waiting {
    packet: ff::Packet,
    rank: Rank,
    is_timed: bool,
}

/// Pictures of one group are shown in ascending rank.
type Rank = (i64, i64);

impl DisplayOrder {
    /// `None` where the codec's headers tell no order.
    pub fn new(parameters: ff::codec::Parameters) -> Option<Self> {
        Some(Self {
            headers: Headers::open(parameters)?,
            waiting: VecDeque::new(),
            times: VecDeque::new(),
            last: None,
            anchors: 0,
            between: 0,
            packed: false,
        })
    }

    /// Takes the next packet in the order of storage.
    pub fn push(&mut self, mut packet: ff::Packet) {
        let data = packet.data().unwrap_or_default();
        let header = self.headers.read(data);
        let is_mpeg4 = self.headers.codec == ff::codec::Id::MPEG4;
        let is_placeholder = self.packed && data.len() <= PLACEHOLDER_BYTES;
        self.packed |= is_mpeg4 && pictures_within(data) > 1;
        if is_placeholder {
            // After a packed keyframe it is marked as one, too; decoding cannot start there.
            packet.set_flags(packet.flags() - ff::packet::Flags::KEY);
        } else if packet.is_key() || header.is_key {
            self.finish();
            (self.anchors, self.between) = (0, 0);
        }
        let rank = match header.number {
            Some(number) => (number, 0),
            None => self.rank_by_kind(header.is_between || is_placeholder),
        };
        let follows = self
            .last
            .map_or(0, |(time, duration)| time + duration.max(1));
        let time = packet.dts().unwrap_or(follows);
        self.last = Some((time, packet.duration()));
        self.times.push_back(time);
        self.waiting.push_back(Waiting {
            packet,
            rank,
            is_timed: false,
        });
        while self.times.len() > MAX_REORDER {
            self.time_next();
        }
    }

    /// A picture of kind B is shown where it is stored; the others are shown before the next of their kind.
    fn rank_by_kind(&mut self, is_between: bool) -> Rank {
        if is_between {
            self.between += 1;
            (self.anchors, self.between)
        } else {
            self.anchors += 1;
            self.between = 0;
            (self.anchors, i64::MAX)
        }
    }

    /// Gives the earliest time to the picture that is shown first.
    fn time_next(&mut self) {
        let first = self
            .waiting
            .iter_mut()
            .filter(|waiting| !waiting.is_timed)
            .min_by_key(|waiting| waiting.rank);
        if let (Some(first), Some(time)) = (first, self.times.pop_front()) {
            first.packet.set_pts(Some(time));
            first.is_timed = true;
        }
    }

    /// Lets all packets out: nothing more comes that would be shown before them.
    pub fn finish(&mut self) {
        while !self.times.is_empty() {
            self.time_next();
        }
    }

    /// The next packet in the order of storage whose time is known.
    pub fn pop(&mut self) -> Option<ff::Packet> {
        let timed = self.waiting.front().is_some_and(|front| front.is_timed);
        timed
            .then(|| self.waiting.pop_front())?
            .map(|front| front.packet)
    }

    /// Forgets what waits: the next packet comes from another place.
    pub fn restart(&mut self) {
        self.waiting.clear();
        self.times.clear();
        self.last = None;
        (self.anchors, self.between) = (0, 0);
    }
}

/// Video object planes in an MPEG-4 packet, by their start codes (ISO/IEC 14496-2, 6.2.1).
fn pictures_within(data: &[u8]) -> usize {
    data.windows(4).filter(|w| w == &[0, 0, 1, 0xb6]).count()
}

/// What the header of a picture says.
struct Header {
    is_key: bool,
    /// Whether it is of kind B, shown before a picture stored earlier.
    is_between: bool,
    /// The picture order count of H.264 and HEVC.
    number: Option<i64>,
}

/// FFmpeg's reader of picture headers.
struct Headers {
    parser: *mut ffi::AVCodecParserContext,
    /// The codec's own header, which the parser reads first.
    context: ff::codec::Context,
    codec: ff::codec::Id,
    last_number: i64,
}

// SAFETY: the parser is owned by this struct alone, used through `&mut self` only, and keeps nothing of its thread.
unsafe impl Send for Headers {}

impl Headers {
    fn open(parameters: ff::codec::Parameters) -> Option<Self> {
        let codec = parameters.id();
        if !is_told(codec) {
            return None;
        }
        let context = ff::codec::Context::from_parameters(parameters).ok()?;
        // SAFETY: the function takes every number of a codec; the result is null or ours to close.
        let parser = unsafe { ffi::av_parser_init(ffi::AVCodecID::from(codec) as _) };
        if parser.is_null() {
            return None;
        }
        // SAFETY: not null. The flag says that each packet is one whole picture, so that nothing is held back.
        unsafe { (*parser).flags |= ffi::PARSER_FLAG_COMPLETE_FRAMES };
        Some(Self {
            parser,
            context,
            codec,
            last_number: 0,
        })
    }

    fn read(&mut self, data: &[u8]) -> Header {
        let counts = matches!(self.codec, ff::codec::Id::H264 | ff::codec::Id::HEVC);
        let (mut out, mut out_size) = (std::ptr::null_mut(), 0);
        // SAFETY: parser and context are open and ours. The bytes are a demuxed packet's, which FFmpeg pads as its parsers
        // demand; what is put out is borrowed from them and not looked at. Fields are plain numbers.
        unsafe {
            let parser = self.parser;
            (*parser).output_picture_number = i32::MIN;
            (*parser).key_frame = -1;
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
            let kind = (*parser).pict_type;
            if counts {
                // A damaged header: most likely shown where it is stored.
                self.last_number = match (*parser).output_picture_number {
                    i32::MIN => self.last_number + 1,
                    number => i64::from(number),
                };
            }
            Header {
                is_key: (*parser).key_frame == 1,
                is_between: kind == ffi::AVPictureType::AV_PICTURE_TYPE_B as i32
                    || kind == ffi::AVPictureType::AV_PICTURE_TYPE_BI as i32,
                number: counts.then_some(self.last_number),
            }
        }
    }
}

impl Drop for Headers {
    fn drop(&mut self) {
        // SAFETY: the parser was made by `av_parser_init` and is closed once.
        unsafe { ffi::av_parser_close(self.parser) };
    }
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
}
