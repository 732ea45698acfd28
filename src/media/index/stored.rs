//! The packets of the video stream as they are stored, with what their headers say. Nothing is
//! decoded.

use ffmpeg_next as ff;

use super::super::MediaError;
use super::super::headers::{Header, Headers};
use super::super::source::{Source, is_discarded};
use super::super::timetable::print_of;
use crate::jobs::{CancelToken, Progress, StageClock};

/// Packets between two looks at the cancel token.
const CANCEL_EVERY: usize = 256;
/// Timestamps from here on are damage: differences of such numbers would overflow.
const ABSURD_TICKS: i64 = i64::MAX / 8;
/// Packets looked at before headers are read, where nothing else asks for them.
const LOOK_AHEAD: usize = 8;

/// A packet as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    /// Byte at which it begins; negative where the container does not say.
    pub position: i64,
    pub print: u32,
    pub pts: Option<i64>,
    pub dts: Option<i64>,
    pub duration: i64,
    pub is_key: bool,
    pub is_damaged: bool,
    /// Whether it is decoded for the sake of others only.
    pub is_silent: bool,
    pub header: Option<Header>,
}

/// Reads all packets.
///
/// # Errors
/// [`MediaError::Unreadable`] and [`MediaError::Cancelled`].
pub(super) fn read(
    source: &mut Source,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Stored>, MediaError> {
    let parameters = source.parameters();
    let codec = parameters.as_ref().map(|parameters| parameters.id());
    let mut headers = parameters.and_then(Headers::open);
    // Fields of H.264 may be stored one by one in any container; other headers are only wanted
    // where times are missing.
    let mut wants_headers = source.is_parsed() || codec == Some(ff::codec::Id::H264);
    let total_bytes = source.input.io_size().unwrap_or(0).max(0) as u64;
    let clock = StageClock::start(super::stages::STAGES[0]);
    let mut found: Vec<Stored> = Vec::new();
    // The first packets, until it is known whether their headers are wanted.
    let mut early: Vec<ff::Packet> = Vec::new();
    while let Some(packet) = source.next_packet()? {
        if found.len().is_multiple_of(CANCEL_EVERY) {
            if cancel.is_cancelled() {
                return Err(MediaError::cancelled(&source.path));
            }
            progress(clock.at(packet.position().max(0) as u64, total_bytes));
        }
        let sane = |time: &i64| time.abs() < ABSURD_TICKS;
        let mut stored = Stored {
            position: packet.position() as i64,
            print: print_of(packet.data().unwrap_or_default()),
            pts: packet.pts().filter(sane),
            dts: packet.dts().filter(sane),
            duration: packet.duration().max(0),
            is_key: packet.is_key(),
            is_damaged: packet.is_corrupt(),
            is_silent: is_discarded(&packet)
                || codec.is_some_and(|codec| is_hidden(codec, &packet)),
            header: None,
        };
        if let Some(headers) = headers.as_mut() {
            if !wants_headers && stored.pts.is_none() && found.len() < LOOK_AHEAD {
                wants_headers = true;
                for (stored, packet) in found.iter_mut().zip(&early) {
                    stored.heed(headers.read(packet));
                }
            }
            if wants_headers {
                stored.heed(headers.read(&packet));
                early.clear();
            } else if found.len() < LOOK_AHEAD {
                early.push(packet);
            }
        }
        found.push(stored);
    }
    Ok(found)
}

impl Stored {
    fn heed(&mut self, header: Header) {
        self.is_key = if header.is_placeholder {
            false
        } else {
            self.is_key || header.is_key && self.pts.is_none()
        };
        self.header = Some(header);
    }
}

/// Whether a packet only updates references and is never shown (the "alternate reference frames" of
/// VP8 and VP9).
fn is_hidden(codec: ff::codec::Id, packet: &ff::Packet) -> bool {
    let Some(data) = packet.data().filter(|data| !data.is_empty()) else {
        return false;
    };
    match codec {
        // RFC 6386, 9.1: bit 4 of the frame tag is show_frame.
        ff::codec::Id::VP8 => data[0] & 0x10 == 0,
        ff::codec::Id::VP9 => vp9_is_hidden(data),
        _ => false,
    }
}

/// VP9 uncompressed header: marker (2 bits), profile (2 or 3), show_existing_frame, frame_type,
/// show_frame. A superframe (last byte 0b110xxxxx) always shows one of its frames.
fn vp9_is_hidden(data: &[u8]) -> bool {
    let (first, last) = (data[0], data[data.len() - 1]);
    if first >> 6 != 0b10 || last >> 5 == 0b110 {
        return false;
    }
    let profile = (first >> 5 & 1) | (first >> 4 & 1) << 1;
    let shift = u8::from(profile == 3);
    let bit = |position: u8| first >> (7 - position - shift) & 1;
    let show_existing = bit(4);
    show_existing == 0 && bit(6) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vp9_headers_tell_hidden_frames() {
        // Marker 10, profile 0, no existing frame, key frame (0), shown (1).
        assert!(!vp9_is_hidden(&[0b1000_0010, 0]));
        // The same, not shown.
        assert!(vp9_is_hidden(&[0b1000_0100, 0]));
        // Shows an existing frame.
        assert!(!vp9_is_hidden(&[0b1000_1000, 0]));
        // A superframe.
        assert!(!vp9_is_hidden(&[0b1000_0100, 0b1100_0000]));
    }
}
