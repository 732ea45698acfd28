//! A dataset's video read and drawn for without a window, as the engine does for one: its own
//! features and segments, samples by the bundle or by chance.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::kinds::{KindsFrom, settled_kinds};
use super::{Event, GivenVideo, PipelineError, ScoredSamples, methods};
use crate::analysis::raters::frame_count_of;
use crate::annotations::{self, dataset::Dataset};
use crate::domain::{AnnotationSet, DevicePreference, DrawSettings};
use crate::jobs::CancelToken;

/// Length of a dataset's video; `None` where no frame rate is known.
pub fn duration_secs_of(set: &AnnotationSet) -> Option<f64> {
    let frames = frame_count_of(set);
    (set.frame_rate_fps > 0.0 && frames > 0).then(|| frames as f64 / set.frame_rate_fps)
}

impl GivenVideo {
    /// The name of a dataset's video where its file is missing.
    pub fn name_in(dataset: &Path, video_id: &str) -> PathBuf {
        dataset.join(video_id.replace(['/', '\\'], "_"))
    }

    /// What a dataset's file says of one of its videos: the group `key`, features included, else
    /// what annotations alone say.
    ///
    /// # Errors
    /// When the file cannot be read or has no such group.
    pub fn read(
        name: PathBuf,
        file: &Path,
        key: Option<&str>,
        set: &AnnotationSet,
    ) -> annotations::Result<Self> {
        let Some(key) = key else {
            return Ok(Self::from_annotations(name, set));
        };
        let record = Dataset::open(file)?.read(key)?;
        Ok(Self::from_record(name, &record))
    }

    /// What is known of the video before samples are drawn, as the pipeline would report it.
    pub fn events(&self) -> [Event; 3] {
        [
            Event::Probed {
                info: self.info.clone(),
                index: Arc::clone(&self.index),
            },
            Event::Features(Arc::clone(&self.features)),
            Event::Segments(Arc::clone(&self.segments)),
        ]
    }

    /// Samples by a bundle, or by chance where `wanted` says so or no bundle fits the features:
    /// what they come from, and the draw.
    ///
    /// # Errors
    /// When the bundle cannot be loaded or run, and when it was cancelled.
    pub fn draw(
        &self,
        wanted: &str,
        device: DevicePreference,
        settings: &DrawSettings,
        cancel: &CancelToken,
    ) -> Result<[Event; 2], PipelineError> {
        let size = self.features.values.ncols();
        let (name, method) = methods::choose(wanted, device, size)?;
        let mut session = method.condition(&self.features)?;
        let settings = session.allowed(settings);
        let scores = session.draw(&settings, cancel, &mut |_| ())?;
        let budget = settings.budget;
        let timeline = self.timeline();
        let from = KindsFrom::Pool;
        let kinds = settled_kinds(&mut session, &timeline, None, &from, cancel, &mut |_| ())?;
        let draw = ScoredSamples::new(&timeline, scores, settings, false, kinds).select(budget);
        Ok([Event::Source { name }, Event::Draw(Arc::new(draw))])
    }
}
