//! Which frames of a stream may be left undecoded, and the time of those that are decoded.

use ffmpeg_next as ff;

use super::super::stream;

/// Timestamp of a decoded frame: its packet's, or the decoder's best guess.
pub(crate) fn frame_time(frame: &ff::frame::Video) -> Option<i64> {
    frame.pts().or_else(|| frame.timestamp())
}

/// Whether frames that no other frame refers to can be recognised and skipped without harm.
///
/// Not in MPEG-4, where a packet may hold two pictures of which only one is unreferenced. HEVC
/// marks frames as unreferenced within their temporal layer only, so with several layers nothing
/// may be skipped.
pub(crate) fn skipping_is_safe(parameters: &ff::codec::Parameters) -> bool {
    match parameters.id() {
        ff::codec::Id::H264 | ff::codec::Id::MPEG1VIDEO | ff::codec::Id::MPEG2VIDEO => true,
        ff::codec::Id::HEVC => hevc_temporal_layers(stream::extradata(parameters)) == Some(1),
        _ => false,
    }
}

/// Number of temporal layers stated by an `hvcC` box (ISO/IEC 14496-15, 8.3.3.1) or by the first
/// video parameter set of an Annex B header (H.265, 7.3.2.1).
pub(super) fn hevc_temporal_layers(header: &[u8]) -> Option<u8> {
    if header.first() == Some(&1) && header.len() > 22 {
        let stated = header[21] >> 3 & 7;
        return (stated > 0).then_some(stated);
    }
    let start = header
        .windows(4)
        .position(|w| w[..3] == [0, 0, 1] && w[3] >> 1 & 0x3f == 32)?;
    // After the three-byte start code and the two-byte unit header: 4 + 2 + 6 bits, then the layers
    // less one in 3 bits.
    let second = header.get(start + 3 + 2 + 1)?;
    Some((second >> 1 & 7) + 1)
}
