//! What the pipeline reports to the window or the command line while it works.

use std::sync::Arc;

use crate::domain::cue::Cue;
use crate::domain::{
    BundleDefaults, BundleRef, Draw, DrawSettings, Features, FrameIndex, RgbImage, Segment,
    SoundLevels, Steering, Timings, VideoInfo,
};
use crate::jobs::Progress;

/// A filmstrip picture of one pick.
#[derive(Clone, Debug, PartialEq)]
pub struct Thumb {
    /// Row in the features.
    pub pick: usize,
    pub frame: u64,
    pub secs: f64,
    pub image: RgbImage,
}

/// Where inference runs, for the badge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceReport {
    /// `cpu` or `cuda`.
    pub device: String,
    /// Why it is not CUDA where CUDA was wanted, in a sentence; `None` when it runs as wished.
    pub note: Option<String>,
}

impl From<crate::inference::DeviceReport> for DeviceReport {
    fn from(report: crate::inference::DeviceReport) -> Self {
        Self {
            device: report.device.to_string(),
            note: report.reason,
        }
    }
}

/// Which controls a bundle answers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether samples are drawn at all; a deterministic scorer gives one.
    pub samples: bool,
    /// Classifier-free guidance: the bundle has a null video.
    pub guidance: bool,
    /// Coherent noise: the denoiser is pointwise.
    pub coherence: bool,
    /// Self-attention guidance: the denoiser gives its attention.
    pub attention: bool,
}

impl Capabilities {
    /// The settings with those switched off that the bundle does not know.
    pub fn allowed(self, settings: &DrawSettings) -> DrawSettings {
        let only = |allowed: bool, value: f64| if allowed { value } else { 0.0 };
        DrawSettings {
            samples: if self.samples { settings.samples } else { 1 },
            drawn_under: if self.samples {
                settings.drawn_under.clone()
            } else {
                Steering::default()
            },
            guidance: only(self.guidance, settings.guidance),
            coherence_secs: only(self.coherence, settings.coherence_secs),
            sag: only(self.attention, settings.sag),
            ..settings.clone()
        }
    }
}

/// A failure, ready to be shown: one sentence that names the file and the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was being done, for the headline: "Reading the video".
    pub stage: &'static str,
    pub message: String,
    /// Whether trying again unchanged may help.
    pub retry: bool,
}

/// A piece of a result, or news of the work.
#[derive(Clone, Debug)]
pub enum Event {
    /// The file is a video; facts and the time of every frame are known. Comes again when the
    /// content hash is known.
    Probed {
        info: VideoInfo,
        index: Arc<FrameIndex>,
    },
    /// Which bundle works.
    Bundle(BundleRef),
    /// Where inference runs.
    Device(DeviceReport),
    /// Which bundle draws for a video without its file; `random` where none fits its features.
    Source {
        name: String,
    },
    /// The networks are loaded and know the video; these controls work.
    Ready {
        capabilities: Capabilities,
        stated: Option<BundleDefaults>,
    },
    Thumb(Thumb),
    Features(Arc<Features>),
    Segments(Arc<[Segment]>),
    /// First frames, ascending, of shots that begin with a hard cut.
    Cuts(Arc<[u64]>),
    /// How loud the sound is, as far as it was read.
    Sound(Arc<SoundLevels>),
    /// The text subtitles, ascending; none where the video has none.
    Cues(Arc<[Cue]>),
    /// Samples with their selections; partial ones first.
    Draw(Arc<Draw>),
    Progress(Progress),
    /// Everything asked for is there.
    Done(Timings),
    /// The work was stopped on request; what was there stays.
    Cancelled,
    Failed(Failure),
}
