//! Decoded frames by their number in presentation order. Does not convert them.

use std::path::Path;

use ffmpeg_next as ff;

use super::CutError;
use crate::domain::FrameIndex;
use crate::jobs::CancelToken;
use crate::media::source::Source;
use crate::media::stream::open_decoder;

/// Pictures that may be missing at the end of a damaged file before the export is given up,
/// seconds.
const MAX_MISSING_TAIL_SECS: f64 = 1.0;
/// How many keyframes further back a seek is tried when the decoder begins too late.
const MAX_SEEKS_BACK: u32 = 4;

/// Reads frames forwards, seeking where that saves decoding.
pub(super) struct FrameReader {
    source: Source,
    decoder: ff::decoder::Video,
    index: FrameIndex,
    /// First and latest frame decoded since the last seek.
    first: Option<u64>,
    latest: Option<u64>,
    /// The latest frame, when it came after the one asked for.
    ahead: Option<ff::frame::Video>,
    at_start: bool,
    draining: bool,
    ended: bool,
    /// Frames that could not be decoded.
    pub missing: u64,
}

impl FrameReader {
    /// Opens the default video stream with a decoder of its own, on all cores.
    pub fn open(path: &Path, index: &FrameIndex) -> Result<Self, CutError> {
        let source = Source::open(path)?.video_only();
        let decoder = open_decoder(&source.input, source.stream, 0, path)?;
        Ok(Self {
            source,
            decoder,
            index: index.clone(),
            first: None,
            latest: None,
            ahead: None,
            at_start: true,
            draining: false,
            ended: false,
            missing: 0,
        })
    }

    pub fn decoder(&self) -> &ff::decoder::Video {
        &self.decoder
    }

    /// The opened container and the index of its video stream, for their facts.
    pub fn input(&mut self) -> (&mut ff::format::context::Input, usize) {
        (&mut self.source.input, self.source.stream)
    }

    /// The frame with a number; `None` when the file holds no such picture (it is damaged), so that
    /// another must stand in.
    ///
    /// # Errors
    /// When the file ends long before the frame, as when its disk went away, or the work is
    /// cancelled.
    pub fn frame(
        &mut self,
        number: u64,
        cancel: &CancelToken,
    ) -> Result<Option<ff::frame::Video>, CutError> {
        let found = self.find(number, cancel)?;
        if found.is_none() {
            self.missing += 1;
            let reached = self.latest.map_or(0, |latest| latest + 1);
            let lost_secs =
                self.index.secs_from_frame(number) - self.index.secs_from_frame(reached);
            if !self.source.path.exists() || (self.ended && lost_secs > MAX_MISSING_TAIL_SECS) {
                return Err(CutError::SourceGone {
                    path: self.source.path.clone(),
                });
            }
        }
        Ok(found)
    }

    fn find(
        &mut self,
        number: u64,
        cancel: &CancelToken,
    ) -> Result<Option<ff::frame::Video>, CutError> {
        if self.ahead.is_some() && self.latest == Some(number) {
            return Ok(self.ahead.take());
        }
        if self.ahead.is_some() && self.passed(number) {
            // The decoder went past it without showing it.
            return Ok(None);
        }
        let key = self.index.keyframe_before(number);
        let forward = match self.latest {
            None => self.at_start && key == 0,
            // Decoding on is shorter than seeking when no keyframe lies between.
            Some(latest) => latest < number && key <= latest,
        };
        if forward {
            return self.decode_to(number, cancel);
        }
        self.seek_and_decode(number, key, cancel)
    }

    /// Whether the decoder began at or before a frame and has gone beyond it.
    fn passed(&self, number: u64) -> bool {
        self.first.is_some_and(|first| first <= number)
            && self.latest.is_some_and(|latest| latest > number)
    }

    /// Seeks to a keyframe; further back while the decoder yields nothing early enough, as with
    /// open groups of pictures or keyframe marks that lie.
    fn seek_and_decode(
        &mut self,
        number: u64,
        mut key: u64,
        cancel: &CancelToken,
    ) -> Result<Option<ff::frame::Video>, CutError> {
        let mut tries = 0;
        loop {
            self.seek(key)?;
            let found = self.decode_to(number, cancel)?;
            let began_late = self.first.is_none_or(|first| first > number);
            if found.is_some() || !began_late || key == 0 {
                return Ok(found);
            }
            tries += 1;
            key = if tries >= MAX_SEEKS_BACK {
                0
            } else {
                self.index.keyframe_before(key - 1)
            };
        }
    }

    fn seek(&mut self, key: u64) -> Result<(), CutError> {
        if key == 0 {
            self.source.rewind()?;
        } else {
            self.source.seek_to_key(self.index.pts[key as usize])?;
        }
        self.decoder.flush();
        self.first = None;
        self.latest = None;
        self.ahead = None;
        self.at_start = key == 0;
        self.draining = false;
        self.ended = false;
        Ok(())
    }

    fn decode_to(
        &mut self,
        number: u64,
        cancel: &CancelToken,
    ) -> Result<Option<ff::frame::Video>, CutError> {
        self.ahead = None;
        while let Some((found, frame)) = self.next_decoded(cancel)? {
            self.first.get_or_insert(found);
            // Damaged streams can show a picture twice; the first counts.
            if self.latest.is_some_and(|latest| found <= latest) {
                continue;
            }
            self.latest = Some(found);
            if found == number {
                return Ok(Some(frame));
            }
            if found > number {
                self.ahead = Some(frame);
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// The next decoded frame with its number; `None` at the end of what can be read.
    fn next_decoded(
        &mut self,
        cancel: &CancelToken,
    ) -> Result<Option<(u64, ff::frame::Video)>, CutError> {
        let mut frame = ff::frame::Video::empty();
        while !self.ended {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => {
                    if let Some(number) = self.number_of(&frame) {
                        return Ok(Some((number, frame)));
                    }
                }
                Err(ff::Error::Eof) => self.ended = true,
                // Not enough packets yet; decoding errors of one picture are skipped like a gap.
                Err(_) if self.draining => self.ended = true,
                Err(_) => {
                    if cancel.is_cancelled() {
                        return Err(CutError::Cancelled);
                    }
                    match self.source.next_packet()? {
                        Some(packet) => {
                            let _ = self.decoder.send_packet(&packet);
                        }
                        None => {
                            self.draining = true;
                            if self.decoder.send_eof().is_err() {
                                self.ended = true;
                            }
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    /// Which frame of the index a decoded picture is, by its timestamp.
    fn number_of(&self, frame: &ff::frame::Video) -> Option<u64> {
        number_of(&self.index.pts, frame.timestamp()?)
    }
}

/// The frame with a timestamp, or the nearest within half the distance to its neighbour: some
/// decoders restate times by a tick or two.
fn number_of(pts: &[i64], timestamp: i64) -> Option<u64> {
    let right = match pts.binary_search(&timestamp) {
        Ok(found) => return Some(found as u64),
        Err(right) => right,
    };
    let after = pts.get(right).map(|&pts| pts - timestamp);
    let before = right
        .checked_sub(1)
        .and_then(|left| pts.get(left))
        .map(|&pts| timestamp - pts);
    match (before, after) {
        (Some(before), Some(after)) if before * 2 < after => Some(right as u64 - 1),
        (Some(before), Some(after)) if after * 2 < before => Some(right as u64),
        // Between two frames it is uncertain; beyond the first and last it is no indexed frame.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_time_even_when_it_is_a_tick_off() {
        let pts = [0, 3003, 6006, 9009];
        assert_eq!(number_of(&pts, 6006), Some(2));
        assert_eq!(number_of(&pts, 6007), Some(2));
        assert_eq!(number_of(&pts, 6005), Some(2));
        assert_eq!(number_of(&pts, 4500), None);
        assert_eq!(number_of(&pts, 12_012), None);
    }
}
