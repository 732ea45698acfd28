//! What background work reports to the window. Each event carries the generation of the request it answers, so that a
//! stale one can be dropped.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{
    AnnotationSet, BundleRef, Draw, Features, FrameIndex, RgbImage, Segment, Timings, VideoInfo,
};
use crate::jobs::Progress;

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
    Distribution(Arc<super::state::DistributionView>),
    Matches(Arc<super::state::MatchView>),
    /// A file was written.
    Exported(PathBuf),
    ExportProgress(Progress),
    ExportFailed(ErrorReport),
    /// A sentence for the status line.
    Note(String),
}

/// The bundle and device in use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runtime {
    pub bundle: String,
    /// What the samples come from where that is another than the bundle: its name, or `random`. Empty where they are the bundle's.
    pub drawn_by: String,
    /// Names of all bundles that could be chosen.
    pub bundles: Vec<String>,
    /// `CPU`, `CUDA`; empty while unknown.
    pub device: String,
    /// Why it is not the device that was asked for; empty where it is.
    pub device_note: String,
    /// Whether neighbouring frames' noise can be made coherent (pointwise bundles only).
    pub coherence: bool,
    /// Whether classifier-free guidance is possible (bundles with a null video).
    pub guidance: bool,
    /// Whether self-attention guidance is possible.
    pub attention: bool,
    /// Name, version and hash of the bundle that works; empty while unknown.
    pub bundle_ref: BundleRef,
}

/// An error in a person's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorReport {
    /// What happened, one sentence.
    pub what: String,
    /// Why, as far as is known; may be empty.
    pub why: String,
    /// What to do about it; may be empty.
    pub mend: String,
    /// The file it is about, if any.
    pub path: Option<PathBuf>,
    /// For a report: the chain of causes.
    pub details: String,
    pub retry: bool,
}

impl ErrorReport {
    /// The whole report as text, for "Copy report".
    pub fn to_text(&self) -> String {
        let mut out = format!("SummDiff explorer {}\n", env!("CARGO_PKG_VERSION"));
        out.push_str(&format!(
            "System: {} {}\n",
            std::env::consts::OS,
            std::env::consts::ARCH
        ));
        for (label, text) in [
            ("What", &self.what),
            ("Why", &self.why),
            ("What to do", &self.mend),
            ("Details", &self.details),
        ] {
            if !text.is_empty() {
                out.push_str(&format!("{label}: {text}\n"));
            }
        }
        if let Some(path) = &self.path {
            out.push_str(&format!("File: {}\n", path.display()));
        }
        out
    }
}
