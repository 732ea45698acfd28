//! Frames in presentation order from any place in the file, decoded in this process.
//! Knows nothing of time passing.

use std::path::Path;

use ffmpeg_next as ff;

use super::super::super::frame::VideoFrame;
use super::super::super::picture::{Converter, Size};
use super::super::super::remote::signs;
use super::super::super::sampled::{frame_time, skipping_is_safe};
use super::super::super::source::{Source, packet_time};
use super::super::super::{MediaError, Orientation, aspect, stream};
use super::Stop;
use crate::domain::{FrameIndex, RgbImage};

/// A decoder positioned somewhere in the video.
pub(crate) struct LocalReader {
    source: Source,
    decoder: ff::decoder::Video,
    index: FrameIndex,
    orientation: Orientation,
    pixel_aspect: f64,
    may_skip: bool,
    /// Number of the newest frame that came out since the last seek.
    newest: Option<u64>,
    /// Frames before this one are only wanted for reference.
    wanted_from: u64,
    /// Whether every frame no other refers to may be left out.
    coarse: bool,
    /// A decoded frame that was read too far.
    held: Option<(u64, ff::frame::Video)>,
    draining: bool,
}

impl LocalReader {
    /// Opens the file; `threads` 0 for one per core.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn open(path: &Path, index: &FrameIndex, threads: usize) -> Result<Self, MediaError> {
        let mut source = Source::open(path)?.video_only();
        let decoder = stream::open_decoder(&source.input, source.stream, threads, path)?;
        let pixel_aspect = aspect::pixel_aspect(&mut source.input, source.stream);
        let (orientation, may_skip) = source
            .input
            .stream(source.stream)
            .map(|s| (stream::orientation(&s), skipping_is_safe(&s.parameters())))
            .unwrap_or_default();
        Ok(Self {
            source,
            decoder,
            index: index.clone(),
            orientation,
            pixel_aspect,
            may_skip,
            newest: None,
            wanted_from: 0,
            coarse: false,
            held: None,
            draining: false,
        })
    }

    /// Moves so that [`LocalReader::next_frame`] gives `frame`, or the first sound frame after it.
    ///
    /// Reads on where that is no further than seeking; `on_key` gets the first frame decoded after
    /// a seek when it is not yet the wanted one. `Ok(false)` when stopped; the position is then
    /// unknown and the next seek finds its way.
    pub fn seek(
        &mut self,
        frame: u64,
        stop: Stop<'_>,
        on_key: &mut dyn FnMut(VideoFrame),
    ) -> Result<bool, MediaError> {
        let frame = frame.min(self.index.len().saturating_sub(1));
        if let Some((number, _)) = &self.held {
            if *number == frame {
                return Ok(true);
            }
            if *number > frame {
                self.newest = None;
            }
            self.held = None;
        }
        let key = self.index.keyframe_before(frame);
        self.wanted_from = frame;
        let reads_on = self.newest.is_some_and(|at| at < frame && at + 1 >= key);
        if !reads_on {
            self.go_to_key(key)?;
        }
        let mut first = !reads_on;
        loop {
            if stop() {
                self.newest = None;
                return Ok(false);
            }
            match self.decode()? {
                Some((number, decoded)) if number >= frame => {
                    self.held = Some((number, decoded));
                    return Ok(true);
                }
                Some((number, decoded)) => {
                    if first && let Some(shown) = self.video_frame(number, &decoded) {
                        on_key(shown);
                    }
                    first = false;
                }
                None => return Ok(true),
            }
        }
    }

    /// The keyframe at or before `frame`, decoded alone: the quickest picture there is of that
    /// place. `None` where nothing near can be decoded. The position is unknown afterwards.
    pub fn key_frame(&mut self, frame: u64) -> Result<Option<VideoFrame>, MediaError> {
        Ok(self
            .decode_key(frame)?
            .and_then(|(number, decoded)| self.video_frame(number, &decoded)))
    }

    /// As [`LocalReader::key_frame`], as an upright thumbnail of this width.
    pub fn key_thumbnail(
        &mut self,
        frame: u64,
        width: u32,
        converter: &mut Converter,
    ) -> Result<Option<RgbImage>, MediaError> {
        let Some((_, decoded)) = self.decode_key(frame)? else {
            return Ok(None);
        };
        converter
            .convert(
                &decoded,
                self.pixel_aspect,
                self.orientation,
                Size::Width(width),
                &self.source.path,
            )
            .map(Some)
    }

    /// Sends one keyframe and drains the decoder, so that threads and reordering do not hold it
    /// back.
    fn decode_key(&mut self, frame: u64) -> Result<Option<(u64, ff::frame::Video)>, MediaError> {
        let key = self.index.keyframe_before(frame);
        self.held = None;
        self.wanted_from = key;
        self.go_to_key(key)?;
        let wanted = self.index.pts.get(key as usize).copied();
        let mut found = None;
        while let Some(packet) = self.source.next_packet()? {
            let time = packet_time(&packet);
            if packet.is_key() && time >= wanted {
                self.send(&packet);
                let _ = self.decoder.send_eof();
                self.draining = true;
                found = self.decode()?;
                break;
            }
        }
        if found.is_none() {
            // Not a keyframe after all, or damaged: whatever comes out first from there.
            self.go_to_key(key)?;
            self.wanted_from = 0;
            found = self.decode()?;
        }
        self.decoder.flush();
        self.draining = false;
        self.newest = None;
        Ok(found)
    }

    /// The next frame in presentation order; `None` at the end.
    pub fn next_frame(&mut self) -> Result<Option<VideoFrame>, MediaError> {
        loop {
            let next = match self.held.take() {
                Some(held) => Some(held),
                None => self.decode()?,
            };
            let Some((number, decoded)) = next else {
                return Ok(None);
            };
            // A format that cannot be converted is skipped like damage.
            if number >= self.wanted_from
                && let Some(frame) = self.video_frame(number, &decoded)
            {
                return Ok(Some(frame));
            }
        }
    }

    /// Number of the frame that [`LocalReader::next_frame`] would give if nothing is damaged;
    /// `None` when unknown.
    pub fn next_number(&self) -> Option<u64> {
        match &self.held {
            Some((number, _)) => Some(*number),
            None => self.newest.map(|newest| newest + 1),
        }
    }

    /// Lets the decoder leave out frames no other frame refers to, for fast playing.
    pub fn set_coarse(&mut self, coarse: bool) {
        self.coarse = coarse;
    }

    fn go_to_key(&mut self, key: u64) -> Result<(), MediaError> {
        self.decoder.flush();
        self.draining = false;
        self.newest = None;
        let pts = self.index.pts.get(key as usize).copied().unwrap_or(0);
        self.source.seek_to_key(pts)
    }

    /// Decodes one frame and numbers it.
    fn decode(&mut self) -> Result<Option<(u64, ff::frame::Video)>, MediaError> {
        loop {
            let mut frame = ff::frame::Video::empty();
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => {
                    if let Some(number) = self.number_of(&frame) {
                        // A second frame for the same place, or one out of order, is left out.
                        if self.newest.is_none_or(|newest| number > newest) {
                            self.newest = Some(number);
                            return Ok(Some((number, frame)));
                        }
                    }
                    continue;
                }
                Err(ff::Error::Eof) => return Ok(None),
                Err(_) if self.draining => return Ok(None),
                Err(err) => signs::heed(err),
            }
            match self.source.next_packet()? {
                Some(packet) => self.send(&packet),
                None => {
                    let _ = self.decoder.send_eof();
                    self.draining = true;
                }
            }
        }
    }

    fn send(&mut self, packet: &ff::Packet) {
        let only_reference = self.may_skip
            && packet_time(packet).is_some_and(|pts| {
                let wanted = self.index.pts.get(self.wanted_from as usize);
                self.coarse && wanted != Some(&pts) || wanted.is_some_and(|&wanted| pts < wanted)
            });
        self.decoder.skip_frame(if only_reference {
            ff::Discard::NonReference
        } else {
            ff::Discard::Default
        });
        // A refusal concerns a damaged packet: its frame will be missing.
        let _ = self.decoder.send_packet(packet);
    }

    fn number_of(&self, frame: &ff::frame::Video) -> Option<u64> {
        let pts = frame_time(frame)?;
        if frame.width() == 0 || frame.height() == 0 {
            return None;
        }
        let after = self.index.pts.partition_point(|&p| p <= pts) as u64;
        after.checked_sub(1)
    }

    fn video_frame(&self, number: u64, decoded: &ff::frame::Video) -> Option<VideoFrame> {
        VideoFrame::from_decoded(
            decoded,
            number,
            self.index.secs_from_frame(number),
            self.pixel_aspect,
            self.orientation,
        )
    }
}
