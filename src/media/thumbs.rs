//! Thumbnails on demand, for a filmstrip without an analysis: the nearest keyframe, decoded alone.
//! Does not cache and does not start threads; call it from a worker.

use std::path::Path;

use super::picture::Converter;
use super::player::FrameReader;
use super::{MediaError, frame::VideoFrame};
use crate::domain::{FrameIndex, RgbImage};

/// An opened video that gives pictures of places in it.
pub struct Thumbnailer {
    reader: FrameReader,
    converter: Converter,
    index: FrameIndex,
    path: std::path::PathBuf,
}

impl Thumbnailer {
    /// Opens the file with a single decoder thread: many small requests, no throughput.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn open(path: &Path, index: &FrameIndex) -> Result<Self, MediaError> {
        Ok(Self {
            reader: FrameReader::open(path, index, 1)?,
            converter: Converter::default(),
            index: index.clone(),
            path: path.to_path_buf(),
        })
    }

    /// The keyframe nearest to a time, `width` pixels wide at most, upright.
    ///
    /// # Errors
    /// [`MediaError::NoFrames`] where nothing there can be decoded.
    pub fn at_secs(&mut self, secs: f64, width: u32) -> Result<RgbImage, MediaError> {
        self.at_frame(self.index.nearest_frame(secs), width)
    }

    /// The keyframe nearest to a frame, `width` pixels wide at most, upright.
    ///
    /// # Errors
    /// [`MediaError::NoFrames`] where nothing there can be decoded.
    pub fn at_frame(&mut self, frame: u64, width: u32) -> Result<RgbImage, MediaError> {
        let nearest = self.nearest_key(frame);
        self.reader
            .key_thumbnail(nearest, width, &mut self.converter)?
            .ok_or_else(|| MediaError::NoFrames {
                path: self.path.clone(),
            })
    }

    /// The frame itself, decoded exactly; slower by the frames since its keyframe.
    ///
    /// # Errors
    /// [`MediaError::NoFrames`] where nothing from there on can be decoded.
    pub fn exact(&mut self, frame: u64) -> Result<VideoFrame, MediaError> {
        self.reader.seek(frame, &|| false, &mut |_| {})?;
        self.reader
            .next_frame()?
            .ok_or_else(|| MediaError::NoFrames {
                path: self.path.clone(),
            })
    }

    fn nearest_key(&self, frame: u64) -> u64 {
        let before = self.index.keyframe_before(frame);
        match self.index.keyframe_after(frame) {
            Some(after) if after - frame < frame - before => after,
            _ => before,
        }
    }
}
