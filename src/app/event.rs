//! What background work reports to the window. Each event carries the generation of the request it answers, so that a
//! stale one can be dropped.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{
    AnnotationSet, Draw, Features, FrameIndex, RgbImage, Segment, Timings, VideoInfo,
};
use crate::jobs::Progress;
use crate::session::report::{ErrorReport, Runtime};

/// One report.
#[derive(Clone, Debug)]
pub struct Event {
    pub generation: u64,
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// The file is a video; its facts and frame times are known.
    Probed {
        video: VideoInfo,
        index: Arc<FrameIndex>,
    },
    /// A thumbnail of a sampled frame.
    Thumb {
        pick: usize,
        frame: u64,
        secs: f64,
        image: RgbImage,
    },
    /// All frames are sampled: presentation time of each pick, seconds.
    Picks {
        times_secs: Arc<[f64]>,
    },
    /// Features of the sampled frames, for scorers.
    Features(Arc<Features>),
    Segments(Arc<[Segment]>),
    /// A draw, or a first part of one.
    Draw(Arc<Draw>),
    /// Which bundle and device work, and what the bundle allows.
    Runtime(Runtime),
    Progress(Progress),
    Done(Timings),
    /// Stopped on request; what was there stays.
    Cancelled,
    Failed(ErrorReport),
    /// Annotations were read.
    Annotations(Arc<AnnotationSet>),
    /// How samples and annotators lie to each other.
    Distribution(Arc<crate::session::DistributionView>),
    Matches(Arc<crate::session::MatchView>),
    /// A file was written.
    Exported(PathBuf),
    ExportProgress(Progress),
    ExportFailed(ErrorReport),
    /// A sentence for the status line.
    Note(String),
}
