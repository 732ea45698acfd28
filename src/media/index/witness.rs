//! The order in which a decoder gives the pictures: the truth where packets alone do not say.

use std::path::Path;

use ffmpeg_next as ff;

use super::super::source::Source;
use super::super::{MediaError, remote, stream};
use crate::jobs::{CancelToken, Progress, StageClock};

/// Decodes from packet `begin` on and gives the ordinals of the packets, in the order of storage,
/// whose pictures come out, as they come out: of the whole file, or until `most` pictures came.
///
/// # Errors
/// Every kind of [`MediaError`] about the file.
pub(super) fn decoded_order(
    path: &Path,
    begin: usize,
    most: Option<usize>,
    total: usize,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<usize>, MediaError> {
    let mut source = Source::open(path)?.video_only();
    source.inspect_packets()?;
    let mut decoder = stream::open_decoder(&source.input, source.stream, 0, path)?;
    let clock = StageClock::start(super::stages::STAGES[1]);
    let mut order = Vec::new();
    let mut sent = 0usize;
    let mut ended = false;
    let mut frame = ff::frame::Video::empty();
    loop {
        match decoder.receive_frame(&mut frame) {
            Ok(()) => {
                if let Some(ordinal) = frame.pts().and_then(|pts| usize::try_from(pts).ok()) {
                    order.push(ordinal);
                }
                if most.is_some_and(|most| order.len() >= most) {
                    return Ok(order);
                }
                continue;
            }
            Err(ff::Error::Eof) => return Ok(order),
            Err(_) if ended => return Ok(order),
            Err(err) => remote::signs::heed(err),
        }
        if cancel.is_cancelled() {
            return Err(MediaError::cancelled(path));
        }
        match source.next_packet()? {
            Some(mut packet) => {
                packet.set_pts(Some(sent as i64));
                packet.set_dts(None);
                sent += 1;
                if sent <= begin {
                    continue;
                }
                // A refusal concerns a damaged packet: its picture will be missing.
                let _ = decoder.send_packet(&packet);
                if most.is_none() {
                    progress(clock.at(sent as u64, total as u64));
                }
            }
            None => {
                ended = true;
                let _ = decoder.send_eof();
            }
        }
    }
}
