//! What comes of reading a dataset, joining its videos and computing its figure. Holds no threads.

use std::path::PathBuf;
use std::sync::Arc;

use super::raw::Joined;
use super::table::MeasuredTable;
use crate::analysis::matches::MatchTaus;
use crate::annotations::listing::ListedVideo;
use crate::jobs::Progress;
use crate::pipeline::{GivenVideo, MethodKind};

/// What came of a question, with its generation.
#[derive(Debug)]
pub struct DatasetNews {
    pub generation: u64,
    pub kind: NewsKind,
}

#[derive(Debug)]
pub enum NewsKind {
    Progress(Progress),
    Video(Box<ListedVideo>),
    /// The whole list was read; sentences about what was left out.
    Listed(Vec<String>),
    Failed {
        path: PathBuf,
        why: String,
    },
    Joined {
        folder: PathBuf,
        joined: Joined,
        /// Whether a person asked for it; else it was a try.
        asked: bool,
    },
    Given {
        video: usize,
        given: Arc<GivenVideo>,
        random: bool,
    },
    /// The figure's methods, and why there are no samples.
    Planned {
        methods: Vec<(String, MethodKind)>,
        note: Option<String>,
    },
    Taus {
        method: usize,
        video: usize,
        taus: Arc<MatchTaus>,
    },
    FigureFault {
        method: usize,
        why: String,
    },
    FigureProgress(Progress),
    FigureDone {
        cancelled: bool,
    },
    TableProgress(Progress),
    Table(Arc<MeasuredTable>),
    /// A sentence; none where it was cancelled.
    NoTable(Option<String>),
}

impl std::fmt::Debug for Joined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joined")
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}
