//! What a sampled decoder sees of cuts in all frames that it decodes, picks or not.

use std::time::Instant;

use ffmpeg_next as ff;

use super::{LocalSampler, frame_time};
use crate::domain::Shots;
use crate::media::MediaError;
use crate::media::gaps::exact_cuts;
use crate::media::luma::SmallLuma;

impl LocalSampler {
    /// Cuts, blank and still stretches of what was decoded, once all picks are; empty where they
    /// were not to be looked for. Cuts behind the last pick are not found. Where frames around a
    /// cut were left out, they are decoded now.
    ///
    /// # Errors
    /// When the work was cancelled, or the file can no longer be opened.
    pub fn shots(&mut self) -> Result<Shots, MediaError> {
        let Some(detector) = self.cuts.take() else {
            return Ok(Shots::default());
        };
        let found = detector.finish(self.index.len(), self.index.duration_secs());
        let (path, threads) = (self.path(), self.options.threads);
        Ok(Shots {
            cuts: exact_cuts(&path, &self.index, &found.cuts, threads, &self.cancel)?,
            blank: found.blank,
            still: found.still,
        })
    }

    /// Seconds spent on looking for cuts while decoding.
    pub fn looking_secs(&self) -> f64 {
        self.looking.as_secs_f64()
    }

    pub(super) fn look_for_cuts(&mut self, frame: &ff::frame::Video) {
        let Some(number) = frame_time(frame).and_then(|pts| self.frame_of(pts)) else {
            return;
        };
        if let Some(cuts) = &mut self.cuts {
            let begun = Instant::now();
            if let Some(luma) = SmallLuma::of(frame) {
                cuts.push(number, self.index.secs_from_frame(number), luma);
            }
            self.looking += begun.elapsed();
        }
    }
}
