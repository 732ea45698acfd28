//! Everything of a clip besides its pictures: sound tracks, subtitles, attached typefaces.

use super::mux::Muxer;
use super::plan::CutPlan;
use super::sounds::Sounds;
use super::subtitles::{Subtitles, attach_files};
use super::{CutError, Job};
use crate::jobs::CancelToken;

/// The streams beside the pictures, under way.
pub(super) struct Tracks {
    sounds: Option<Sounds>,
    subtitles: Subtitles,
    pub kept: Kept,
}

/// What a clip has beside its pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Kept {
    pub sound: bool,
    /// Streams of the source whose subtitles or files were kept, or say nothing while the clip
    /// lasts.
    pub streams: Vec<usize>,
}

impl Tracks {
    /// Adds the streams to the clip; before its head is written.
    pub fn open(
        job: &Job,
        plan: &CutPlan,
        muxer: &mut Muxer,
        notes: &mut Vec<String>,
    ) -> Result<Self, CutError> {
        let sounds = Sounds::open(job, plan, muxer, notes)?;
        let (subtitles, mut streams) = Subtitles::open(job, plan, muxer)?;
        streams.extend(attach_files(job, muxer)?);
        Ok(Self {
            kept: Kept {
                sound: sounds.is_some(),
                streams,
            },
            sounds,
            subtitles,
        })
    }

    /// Writes everything up to a second of the clip.
    pub fn advance(
        &mut self,
        until_secs: f64,
        muxer: &mut Muxer,
        cancel: &CancelToken,
    ) -> Result<(), CutError> {
        if let Some(sounds) = &mut self.sounds {
            sounds.advance(until_secs, muxer, cancel)?;
        }
        self.subtitles.advance(until_secs, muxer)
    }

    /// Writes what is left.
    pub fn finish(&mut self, muxer: &mut Muxer, cancel: &CancelToken) -> Result<(), CutError> {
        self.subtitles.advance(f64::INFINITY, muxer)?;
        match &mut self.sounds {
            Some(sounds) => sounds.finish(muxer, cancel),
            None => Ok(()),
        }
    }
}
