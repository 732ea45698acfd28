//! The open dataset: its videos, what did not match, and the figure of who agrees with which
//! method.
//!
//! [`worker`] reads and computes on threads of its own, [`apply`] is what commands and news do to
//! the state, [`figure`] holds the match grids. A video without its file opens from what the
//! dataset says of it (see [`crate::pipeline::GivenVideo`]).

pub mod apply;
pub mod figure;
mod measuring;
pub mod news;
pub mod raw;
pub mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::figure::Figure;
use self::table::{DatasetTab, TableRequest, TableState};
use crate::domain::{AnnotationSet, DevicePreference, DrawSettings};
use crate::jobs::Progress;
use crate::pipeline::evaluation::Protocol;
use crate::pipeline::{GivenRequest, GivenVideo, MethodKind};

/// What a person does on the dataset page.
#[derive(Clone, Debug, PartialEq)]
pub enum DatasetCommand {
    /// Ask for a dataset to open.
    PickFile,
    Close,
    /// Ask for the folder of the raw videos.
    FindVideos,
    /// Join the raw videos of a folder.
    JoinFolder(PathBuf),
    /// Open a video in Explore, with its annotators.
    OpenVideo(usize),
    /// Open a video at a cell of the figure.
    OpenPair {
        video: usize,
        annotator: usize,
        method: usize,
    },
    /// Ask for the raw video of the one that is open without its picture.
    FindVideo,
    /// This file is that video.
    UseVideo {
        video: usize,
        path: PathBuf,
    },
    /// Order rows and columns of the figure by a method.
    OrderBy(usize),
    SortVideos(SortBy),
    ComputeFigure,
    Cancel,
    /// Rows and columns of the figure in the order of the file, or by similarity.
    FileOrder(bool),
    /// Ask where to save the figure of who agrees with which method.
    SaveMatches,
    ShowTab(DatasetTab),
    /// Measure all methods.
    Evaluate,
    CancelTable,
    SetProtocol(Protocol),
    /// Ask for the ratings that the dataset lacks.
    PickRatings,
    UseRatings(PathBuf),
    /// Ask where to save the table.
    SaveTable,
}

/// What takes time; see [`worker::DatasetWorker`].
#[derive(Clone, Debug, PartialEq)]
pub enum DatasetRequest {
    Open {
        path: PathBuf,
        generation: u64,
    },
    PickFile,
    PickFolder,
    PickVideo(usize),
    Join {
        folder: PathBuf,
        sets: Vec<Arc<AnnotationSet>>,
        generation: u64,
    },
    /// Read what the dataset says of a video that has no file.
    Give {
        video: usize,
        source: VideoSource,
        random: bool,
        generation: u64,
    },
    Figure(FigureRequest),
    Cancel,
    Evaluate(TableRequest),
    CancelTable,
    PickRatings,
    /// Ask where to; the path is what is offered.
    PickMatchesPath(PathBuf),
    WriteMatches(PathBuf),
    PickTablePath(PathBuf),
    WriteTable(PathBuf),
}

/// Everything the figure depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureRequest {
    pub videos: Vec<VideoSource>,
    pub bundle: String,
    pub device: DevicePreference,
    pub settings: DrawSettings,
    pub generation: u64,
}

/// Where a video of the dataset is to be read.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoSource {
    /// Stands for the video where its file is missing.
    pub name: PathBuf,
    pub file: PathBuf,
    pub key: Option<String>,
    pub set: Arc<AnnotationSet>,
}

/// Order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    #[default]
    File,
    Title,
    Length,
    Annotators,
    Agreement,
}

/// A raw video that belongs to a video of the dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawVideo {
    pub path: PathBuf,
    /// How it differs from what the dataset says, in a sentence.
    pub note: Option<String>,
}

/// One video of the list.
#[derive(Clone, Debug, Default)]
pub struct DatasetVideo {
    pub set: Arc<AnnotationSet>,
    pub file: PathBuf,
    pub key: Option<String>,
    /// Size D of its features; 0 where the dataset has none.
    pub feature_size: usize,
    /// `None` where no frame rate is known.
    pub duration_secs: Option<f64>,
    /// Mean Kendall's τ-b of its annotators' pairs, once known.
    pub tau: Option<f64>,
    pub raw: Option<RawVideo>,
}

impl DatasetVideo {
    /// The title, or the id where there is none.
    pub fn label(&self) -> &str {
        if self.set.title.is_empty() {
            &self.set.video_id
        } else {
            &self.set.title
        }
    }
}

/// A video on its way into Explore.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub path: PathBuf,
    pub video: usize,
    pub pair: Option<PendingPair>,
}

/// A pair to be chosen as soon as the samples are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingPair {
    pub annotator: usize,
    pub kind: MethodKind,
    /// Among the scorers' rows, by their order; only for scorers.
    pub scorer: usize,
    /// The annotator nearest to this one; only for people.
    pub nearest: Option<usize>,
}

/// Everything about the open dataset.
#[derive(Clone, Debug, Default)]
pub struct DatasetState {
    /// File or folder; `None` while no dataset is open.
    pub path: Option<PathBuf>,
    pub videos: Vec<DatasetVideo>,
    /// Sentences about what the reader left out or worked around.
    pub warnings: Vec<String>,
    /// Folder that raw videos were looked for in.
    pub folder: Option<PathBuf>,
    /// Sentences about videos without a file and files without annotations.
    pub join_report: Vec<String>,
    /// Reading or joining.
    pub loading: Option<Progress>,
    pub figure: Figure,
    pub tab: DatasetTab,
    pub table: TableState,
    pub sort: SortBy,
    /// The video that is open in Explore.
    pub open_video: Option<usize>,
    /// What is known of the open video, where it has no file.
    pub given: Option<GivenRequest>,
    pub waiting: Option<Waiting>,
    pub pending: Option<PendingPair>,
    pub generation: u64,
}

impl DatasetState {
    pub fn is_open(&self) -> bool {
        self.path.is_some()
    }

    /// File or folder name for a person.
    pub fn name(&self) -> String {
        self.path.as_deref().map_or_else(String::new, |path| {
            path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            )
        })
    }

    /// What is known of a video that has no file, where the path names such a one.
    pub fn given_for(&self, path: &Path) -> Option<GivenRequest> {
        let matches = |given: &&GivenRequest| given.video.info.path == path;
        self.given.as_ref().filter(matches).cloned()
    }

    /// Where a video is to be read.
    pub fn source(&self, video: usize) -> Option<VideoSource> {
        let found = self.videos.get(video)?;
        Some(VideoSource {
            name: GivenVideo::name_in(self.path.as_ref()?, &found.set.video_id),
            file: found.file.clone(),
            key: found.key.clone(),
            set: Arc::clone(&found.set),
        })
    }

    /// Mean of the videos' agreement; `None` until one is known.
    pub fn mean_tau(&self) -> Option<f64> {
        crate::analysis::agreement::mean_of(self.videos.iter().filter_map(|video| video.tau))
    }

    /// Number of videos with a raw file, and of all.
    pub fn joined(&self) -> (usize, usize) {
        let joined = self.videos.iter().filter(|video| video.raw.is_some());
        (joined.count(), self.videos.len())
    }

    /// Videos in the order of the list.
    pub fn sorted(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.videos.len()).collect();
        let descending = |a: Option<f64>, b: Option<f64>| {
            let value = |v: Option<f64>| v.unwrap_or(f64::NEG_INFINITY);
            value(b).total_cmp(&value(a))
        };
        match self.sort {
            SortBy::File => {}
            SortBy::Title => {
                order.sort_by_key(|&at| self.videos[at].label().to_lowercase());
            }
            SortBy::Length => order.sort_by(|&a, &b| {
                descending(self.videos[a].duration_secs, self.videos[b].duration_secs)
            }),
            SortBy::Annotators => {
                order.sort_by_key(|&at| std::cmp::Reverse(self.videos[at].set.annotators.len()))
            }
            SortBy::Agreement => {
                order.sort_by(|&a, &b| descending(self.videos[a].tau, self.videos[b].tau));
            }
        }
        order
    }
}

/// News of a given video, for [`worker`].
pub type Given = Arc<GivenVideo>;
