//! Coded packets by frame number, and the places where a stream may be spliced. Does not decode.

use std::collections::HashMap;
use std::path::Path;

use ffmpeg_next as ff;

use super::nal::{self, Framing};
use super::{CutError, sys};
use crate::domain::{FrameIndex, FrameRange};
use crate::media::source::{Source, is_discarded, packet_time};

/// Packets after a keyframe in which a picture shown before it may still follow: the longest
/// reordering that codecs allow.
const MAX_REORDER: usize = 17;

/// A packet and the frame it holds.
pub(super) struct FramePacket {
    pub frame: u64,
    pub packet: ff::Packet,
}

/// Whether a clip may begin at a keyframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// Nothing shown later depends on what came before.
    Closed,
    /// The same but for so many pictures shown right before it and stored after it, which must be
    /// left out.
    Open(u64),
    No,
}

/// Reads packets of the default video stream.
pub(super) struct PacketReader {
    source: Source,
    index: FrameIndex,
    codec: ff::codec::Id,
    pub framing: Framing,
    /// Keyframes already judged.
    known: HashMap<u64, Start>,
}

impl PacketReader {
    pub fn open(path: &Path, index: &FrameIndex) -> Result<Self, CutError> {
        let source = Source::open(path)?.video_only();
        let codec = source
            .input
            .stream(source.stream)
            .map_or(ff::codec::Id::None, |stream| stream.parameters().id());
        let extradata = sys::extradata(&source.input, source.stream);
        Ok(Self {
            framing: Framing::of_extradata(&extradata, codec == ff::codec::Id::HEVC),
            source,
            index: index.clone(),
            codec,
            known: HashMap::new(),
        })
    }

    pub fn codec(&self) -> ff::codec::Id {
        self.codec
    }

    /// The opened container and the index of its video stream.
    pub fn input(&mut self) -> (&mut ff::format::context::Input, usize) {
        (&mut self.source.input, self.source.stream)
    }

    /// The last place at or before a frame where decoding can start and nothing shown later depends
    /// on what came before.
    pub fn splice_at_or_before(&mut self, frame: u64) -> Result<Option<u64>, CutError> {
        let mut key = self.index.keyframe_before(frame);
        loop {
            if key <= frame && self.is_clean(key)? {
                return Ok(Some(key));
            }
            if key == 0 {
                return Ok(None);
            }
            key = self.index.keyframe_before(key - 1);
        }
    }

    /// The first such place at or after a frame; the end of the video counts.
    pub fn splice_at_or_after(&mut self, frame: u64) -> Result<u64, CutError> {
        let mut next = if self.index.keyframe_before(frame) == frame {
            Some(frame)
        } else {
            self.index.keyframe_after(frame)
        };
        while let Some(key) = next {
            if key >= frame && self.is_clean(key)? {
                return Ok(key);
            }
            next = self.index.keyframe_after(key);
        }
        Ok(self.index.len())
    }

    /// As [`PacketReader::splice_at_or_before`], but the pictures shown right before the place may
    /// have to be left out.
    pub fn entry_at_or_before(&mut self, frame: u64) -> Result<Option<u64>, CutError> {
        let mut key = self.index.keyframe_before(frame);
        loop {
            if key <= frame && self.start(key)? != Start::No {
                return Ok(Some(key));
            }
            if key == 0 {
                return Ok(None);
            }
            key = self.index.keyframe_before(key - 1);
        }
    }

    /// The first place at or after a frame where a clip may end: before it everything is stored
    /// that is shown before it. The end of the video counts.
    pub fn exit_at_or_after(&mut self, frame: u64) -> Result<u64, CutError> {
        let mut next = if self.index.keyframe_before(frame) == frame {
            Some(frame)
        } else {
            self.index.keyframe_after(frame)
        };
        while let Some(key) = next {
            let end = match self.start(key)? {
                Start::Closed => Some(key),
                Start::Open(leading) => Some(key.saturating_sub(leading)),
                Start::No => None,
            };
            if let Some(end) = end.filter(|&end| end >= frame) {
                return Ok(end);
            }
            next = self.index.keyframe_after(key);
        }
        Ok(self.index.len())
    }

    /// Whether the group of pictures before a keyframe is closed and decoders begin afresh at it.
    fn is_clean(&mut self, key: u64) -> Result<bool, CutError> {
        Ok(self.start(key)? == Start::Closed)
    }

    fn start(&mut self, key: u64) -> Result<Start, CutError> {
        if let Some(&known) = self.known.get(&key) {
            return Ok(known);
        }
        let start = self.judge(key)?;
        self.known.insert(key, start);
        Ok(start)
    }

    fn judge(&mut self, key: u64) -> Result<Start, CutError> {
        let Some(&key_pts) = self.index.pts.get(key as usize) else {
            return Ok(Start::No);
        };
        if self.index.keyframe_before(key) != key {
            return Ok(Start::No);
        }
        self.source.seek_to_key(key_pts)?;
        let mut after_key = None;
        let mut first_shown = key;
        let mut is_open_kind = false;
        while let Some(packet) = self.source.next_packet()? {
            let pts = packet_time(&packet);
            match after_key {
                None if pts == Some(key_pts) => {
                    is_open_kind = self.is_open_key(&packet);
                    if !packet.is_key() || !(is_open_kind || self.starts_afresh(&packet)) {
                        return Ok(Start::No);
                    }
                    after_key = Some(0);
                }
                None if pts.is_some_and(|pts| pts > key_pts) && packet.is_key() => {
                    return Ok(Start::No);
                }
                None => {}
                Some(seen) => {
                    if let Some(pts) = pts.filter(|&pts| pts < key_pts) {
                        let frame = self.index.pts.partition_point(|&shown| shown < pts) as u64;
                        first_shown = first_shown.min(frame);
                    }
                    if seen >= MAX_REORDER || packet.is_key() {
                        break;
                    }
                    after_key = Some(seen + 1);
                }
            }
        }
        if after_key.is_none() {
            return Ok(Start::No);
        }
        let leading = key - first_shown;
        Ok(match (self.may_be_open(), leading) {
            (_, 0) if !is_open_kind => Start::Closed,
            (true, leading) => Start::Open(leading),
            (false, _) => Start::No,
        })
    }

    /// Whether decoders of the codec begin at any keyframe, so that only what is shown before it
    /// must be left out. H.264 has no sure sign of such a place.
    fn may_be_open(&self) -> bool {
        matches!(
            self.codec,
            ff::codec::Id::HEVC | ff::codec::Id::MPEG1VIDEO | ff::codec::Id::MPEG2VIDEO
        )
    }

    fn is_open_key(&self, packet: &ff::Packet) -> bool {
        self.codec == ff::codec::Id::HEVC
            && nal::is_hevc_open_key(packet.data().unwrap_or_default(), self.framing)
    }

    /// Whether a decoder forgets everything at this keyframe. H.264 and HEVC mark also pictures as
    /// keyframes at which it does not.
    fn starts_afresh(&self, packet: &ff::Packet) -> bool {
        let data = packet.data().unwrap_or_default();
        match self.codec {
            ff::codec::Id::H264 => nal::is_h264_idr(data, self.framing),
            ff::codec::Id::HEVC => nal::is_hevc_idr(data, self.framing),
            _ => true,
        }
    }

    /// Calls `each` with every packet of a range that starts and ends at splices, in decoding
    /// order.
    ///
    /// Returns how many frames came; fewer than the range has means a damaged or oddly packed file.
    pub fn copy_range(
        &mut self,
        range: FrameRange,
        each: &mut dyn FnMut(FramePacket) -> Result<(), super::Refusal>,
    ) -> Result<u64, super::Refusal> {
        let start_pts = self.index.pts[range.start as usize];
        self.source.seek_to_key(start_pts).map_err(CutError::from)?;
        let mut begun = false;
        let mut found = 0;
        let mut beyond = 0;
        while found < range.len() && beyond <= MAX_REORDER {
            let Some(packet) = self.source.next_packet().map_err(CutError::from)? else {
                break;
            };
            let Some(pts) = packet_time(&packet) else {
                continue;
            };
            begun |= pts == start_pts;
            if !begun || is_discarded(&packet) {
                continue;
            }
            let Ok(frame) = self.index.pts.binary_search(&pts) else {
                continue;
            };
            let frame = frame as u64;
            if frame >= range.end {
                beyond += 1;
            } else if frame >= range.start {
                found += 1;
                each(FramePacket { frame, packet })?;
            }
        }
        Ok(found)
    }
}

/// Decoding times for packets that come in decoding order: the presentation times in order, later
/// by the reordering delay. Never after the packet's own presentation time while the delay
/// suffices, and always ascending.
pub(super) struct DecodeClock {
    pts: Vec<i64>,
    delay: usize,
    next: usize,
}

impl DecodeClock {
    /// `pts` ascending, of all packets to come.
    pub fn new(pts: Vec<i64>, delay: usize) -> Self {
        Self {
            pts,
            delay,
            next: 0,
        }
    }

    /// Decoding time of the next packet; `None` when it would come after its presentation.
    pub fn next(&mut self, pts: i64) -> Option<i64> {
        let n = self.next;
        self.next += 1;
        let dts = match n.checked_sub(self.delay) {
            Some(shown) => *self.pts.get(shown)?,
            None => {
                let first = *self.pts.first()?;
                let step = self.pts.get(1).map_or(1, |second| (second - first).max(1));
                first - (self.delay - n) as i64 * step
            }
        };
        (dts <= pts).then_some(dts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_times_ascend_and_stay_before_presentation() {
        // Display 0..8, decoded as I P B B P B B P.
        let order = [0i64, 3, 1, 2, 6, 4, 5, 7];
        let mut clock = DecodeClock::new((0..8).map(|n| n * 40).collect(), 1);
        let dts: Vec<i64> = order.iter().map(|&n| clock.next(n * 40).unwrap()).collect();
        assert!(dts.windows(2).all(|pair| pair[0] < pair[1]), "{dts:?}");
        assert_eq!(dts[0], -40);
        let mut short = DecodeClock::new((0..8).map(|n| n * 40).collect(), 0);
        assert_eq!(short.next(0), Some(0));
        assert_eq!(short.next(120), Some(40));
        assert_eq!(
            short.next(40),
            None,
            "without delay a B-frame comes too late"
        );
    }
}
