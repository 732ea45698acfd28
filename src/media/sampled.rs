//! Chosen frames of a video, decoded in one pass, in a process of their own where there is one (see
//! `remote`).

mod local;
mod skipping;

#[cfg(test)]
mod tests;

pub(crate) use local::LocalSampler;
pub(crate) use skipping::{frame_time, skipping_is_safe};

use super::MediaError;
use super::remote::RemoteSampler;
use crate::domain::{FrameIndex, RgbImage, Shots};
use crate::jobs::CancelToken;

/// A decoded chosen frame, upright and in square pixels.
#[derive(Clone, Debug)]
pub struct SampledFrame {
    /// Position in the list of picks.
    pub pick: usize,
    /// Frame number asked for.
    pub frame: u64,
    /// Its presentation time, seconds from the first frame.
    pub secs: f64,
    pub image: RgbImage,
    /// The same picture at thumbnail size; equal to `image` when no thumbnail was asked for.
    pub thumb: RgbImage,
    /// The frame that stands in for a damaged one, if so.
    pub stand_in: Option<u64>,
}

/// What the caller needs of each frame.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct SampledOptions {
    /// Longer side in pixels beyond which the caller has no use for detail; see `Size::Enough`.
    /// `None`: native size.
    pub max_side: Option<u32>,
    /// Width of thumbnails in pixels; `None` for no thumbnails.
    pub thumb_width: Option<u32>,
    /// Decoder threads; 0 for one per core.
    pub threads: usize,
    /// Whether cuts, blank and still stretches are looked for; see [`SampledDecoder::shots`].
    pub find_cuts: bool,
}

impl Default for SampledOptions {
    fn default() -> Self {
        Self {
            max_side: None,
            thumb_width: Some(160),
            threads: 0,
            find_cuts: false,
        }
    }
}

/// Decodes ascending picks; an iterator of [`SampledFrame`], one for each pick.
///
/// Memory is bounded by a few frames whatever the duration.
pub struct SampledDecoder(Side);

enum Side {
    Here(Box<LocalSampler>),
    Remote(Box<RemoteSampler>),
}

impl SampledDecoder {
    /// Opens the file for decoding `picks`: ascending frame numbers of `index`.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn open(
        path: &std::path::Path,
        index: &FrameIndex,
        picks: &[u64],
        options: SampledOptions,
        cancel: CancelToken,
    ) -> Result<Self, MediaError> {
        Ok(Self(
            match RemoteSampler::open(path, index, picks, options, &cancel)? {
                Some(remote) => Side::Remote(Box::new(remote)),
                None => Side::Here(Box::new(LocalSampler::open(
                    path, index, picks, options, cancel,
                )?)),
            },
        ))
    }

    /// Sentences about damage met so far; empty for a sound file.
    pub fn warnings(&self) -> Vec<String> {
        let stand_ins = match &self.0 {
            Side::Here(sampler) => sampler.stand_ins(),
            Side::Remote(sampler) => sampler.stand_ins(),
        };
        match stand_ins {
            0 => Vec::new(),
            1 => vec![
                "1 sampled frame could not be decoded; the nearest sound frame stands in for it."
                    .to_owned(),
            ],
            many => vec![format!(
                "{many} sampled frames could not be decoded; the nearest sound frames stand in for them."
            )],
        }
    }

    /// Cuts, blank and still stretches of what was decoded, once all picks are; empty where they
    /// were not to be looked for. Cuts behind the last pick are not found. Where frames around a
    /// cut were left out, they are decoded now.
    ///
    /// # Errors
    /// When the work was cancelled, or the file can no longer be opened.
    pub fn shots(&mut self) -> Result<Shots, MediaError> {
        match &mut self.0 {
            Side::Here(sampler) => sampler.shots(),
            Side::Remote(sampler) => sampler.shots(),
        }
    }

    /// Seconds spent on looking for cuts while decoding.
    pub fn looking_secs(&self) -> f64 {
        match &self.0 {
            Side::Here(sampler) => sampler.looking_secs(),
            Side::Remote(sampler) => sampler.looking_secs(),
        }
    }

    /// Seconds that another process spent on decoding; `None` where the thread that takes the
    /// frames decodes them.
    pub fn busy_secs_elsewhere(&self) -> Option<f64> {
        match &self.0 {
            Side::Here(_) => None,
            Side::Remote(sampler) => Some(sampler.busy_secs()),
        }
    }
}

impl Iterator for SampledDecoder {
    type Item = Result<SampledFrame, MediaError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Side::Here(sampler) => sampler.next(),
            Side::Remote(sampler) => sampler.next(),
        }
    }
}
