//! Frames in presentation order from any place in the file: the decoder behind the player and
//! on-demand thumbnails, in a process of its own where there is one (see `remote`). Knows nothing
//! of time passing.

mod local;

use std::path::Path;

pub(crate) use local::LocalReader;

use super::super::MediaError;
use super::super::frame::VideoFrame;
use super::super::picture::Converter;
use super::super::remote::RemoteReader;
use crate::domain::{FrameIndex, RgbImage};

/// Whether the reader should give up because something newer is wanted.
pub type Stop<'a> = &'a dyn Fn() -> bool;

/// A decoder positioned somewhere in the video.
pub struct FrameReader(Side);

enum Side {
    Here(Box<LocalReader>),
    Remote(Box<RemoteReader>),
}

impl FrameReader {
    /// Opens the file; `threads` 0 for one per core.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn open(path: &Path, index: &FrameIndex, threads: usize) -> Result<Self, MediaError> {
        Ok(Self(match RemoteReader::open(path, index, threads)? {
            Some(remote) => Side::Remote(Box::new(remote)),
            None => Side::Here(Box::new(LocalReader::open(path, index, threads)?)),
        }))
    }

    /// Moves so that [`FrameReader::next_frame`] gives `frame`, or the first sound frame after it.
    ///
    /// Reads on where that is no further than seeking; `on_key` gets the first frame decoded after
    /// a seek when it is not yet the wanted one. `Ok(false)` when stopped; the position is then
    /// unknown and the next seek finds its way. After a crash of the decoder, a seek begins with a
    /// new one.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn seek(
        &mut self,
        frame: u64,
        stop: Stop<'_>,
        on_key: &mut dyn FnMut(VideoFrame),
    ) -> Result<bool, MediaError> {
        match &mut self.0 {
            Side::Here(reader) => reader.seek(frame, stop, on_key),
            Side::Remote(reader) => reader.seek(frame, stop, on_key),
        }
    }

    /// The keyframe at or before `frame`, decoded alone: the quickest picture there is of that
    /// place. `None` where nothing near can be decoded. The position is unknown afterwards.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn key_frame(&mut self, frame: u64) -> Result<Option<VideoFrame>, MediaError> {
        match &mut self.0 {
            Side::Here(reader) => reader.key_frame(frame),
            Side::Remote(reader) => reader.key_frame(frame),
        }
    }

    /// As [`FrameReader::key_frame`], as an upright thumbnail of this width.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn key_thumbnail(
        &mut self,
        frame: u64,
        width: u32,
        converter: &mut Converter,
    ) -> Result<Option<RgbImage>, MediaError> {
        match &mut self.0 {
            Side::Here(reader) => reader.key_thumbnail(frame, width, converter),
            // The other process has a converter of its own.
            Side::Remote(reader) => reader.key_thumbnail(frame, width),
        }
    }

    /// The next frame in presentation order; `None` at the end.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn next_frame(&mut self) -> Result<Option<VideoFrame>, MediaError> {
        match &mut self.0 {
            Side::Here(reader) => reader.next_frame(),
            Side::Remote(reader) => reader.next_frame(),
        }
    }

    /// Number of the frame that [`FrameReader::next_frame`] would give if nothing is damaged;
    /// `None` when unknown.
    pub fn next_number(&self) -> Option<u64> {
        match &self.0 {
            Side::Here(reader) => reader.next_number(),
            Side::Remote(reader) => reader.next_number(),
        }
    }

    /// Lets the decoder leave out frames no other frame refers to, for fast playing.
    pub fn set_coarse(&mut self, coarse: bool) {
        match &mut self.0 {
            Side::Here(reader) => reader.set_coarse(coarse),
            Side::Remote(reader) => reader.set_coarse(coarse),
        }
    }
}
