//! What commands and news of the dataset page do to the state. No egui, no files: what takes time
//! is left as a request.

use std::path::PathBuf;
use std::sync::Arc;

use super::figure::MethodTaus;
use super::news::{DatasetNews, NewsKind};
use super::{
    DatasetCommand, DatasetRequest, DatasetState, DatasetVideo, FigureRequest, PendingPair,
    RawVideo, Waiting,
};
use crate::analysis::agreement::mean_of;
use crate::annotations::join;
use crate::annotations::listing::ListedVideo;
use crate::domain::SummaryRef;
use crate::jobs::Progress;
use crate::pipeline::{GivenRequest, MethodKind, duration_secs_of};
use crate::session::report::ErrorReport;
use crate::session::{Pair, PairSide};
use crate::state::pane::Page;
use crate::state::{AppState, Request};
use crate::ui::text;

/// Seconds between two looks of the figure at what was computed meanwhile.
const UPDATE_SECS: f64 = 0.25;

impl AppState {
    /// Runs a command of the dataset page.
    pub fn run_dataset(&mut self, command: DatasetCommand) {
        match command {
            DatasetCommand::Close => {
                self.ask_dataset(DatasetRequest::Cancel);
                self.dataset = DatasetState {
                    generation: self.dataset.generation + 1,
                    given: self.dataset.given.take(),
                    ..DatasetState::default()
                };
            }
            DatasetCommand::PickFile => self.ask_dataset(DatasetRequest::PickFile),
            DatasetCommand::FindVideos if !self.dataset.is_open() => {
                self.status = "Open a dataset first.".to_owned();
            }
            DatasetCommand::FindVideos => self.ask_dataset(DatasetRequest::PickFolder),
            DatasetCommand::JoinFolder(folder) => {
                let sets = self.dataset.videos.iter().map(|video| {
                    Arc::new(crate::domain::AnnotationSet {
                        annotators: Vec::new(),
                        ..(*video.set).clone()
                    })
                });
                let request = DatasetRequest::Join {
                    folder,
                    sets: sets.collect(),
                    generation: self.dataset.generation,
                };
                self.dataset.loading = Some(Progress {
                    stage: "Looking for the videos",
                    fraction: None,
                    eta_secs: None,
                });
                self.ask_dataset(request);
            }
            DatasetCommand::OpenVideo(video) => self.open_dataset_video(video, None, false),
            DatasetCommand::OpenPair {
                video,
                annotator,
                method,
            } => self.open_pair(video, annotator, method),
            DatasetCommand::FindVideo => {
                if let Some(video) = self.dataset.open_video {
                    self.ask_dataset(DatasetRequest::PickVideo(video));
                }
            }
            DatasetCommand::UseVideo { video, path } => {
                if let Some(found) = self.dataset.videos.get_mut(video) {
                    found.raw = Some(RawVideo { path, note: None });
                    self.open_dataset_video(video, None, false);
                }
            }
            DatasetCommand::OrderBy(method) => {
                self.dataset.figure.order_by = Some(method);
                self.dataset.figure.file_order = false;
                self.update_figure();
            }
            DatasetCommand::SortVideos(sort) => self.dataset.sort = sort,
            DatasetCommand::ComputeFigure => self.request_figure(),
            DatasetCommand::FileOrder(file_order) => {
                self.dataset.figure.file_order = file_order;
                self.update_figure();
            }
            DatasetCommand::SaveMatches => {
                self.ask_where_dataset("matches", "svg", DatasetRequest::PickMatchesPath);
            }
            DatasetCommand::ShowTab(tab) => self.dataset.tab = tab,
            DatasetCommand::Evaluate => self.request_table(),
            DatasetCommand::CancelTable => self.ask_dataset(DatasetRequest::CancelTable),
            DatasetCommand::SetProtocol(protocol) => {
                self.dataset.table.protocol = protocol;
                self.dataset.table.update();
            }
            DatasetCommand::PickRatings => self.ask_dataset(DatasetRequest::PickRatings),
            DatasetCommand::UseRatings(path) => {
                self.dataset.table.annotations = Some(path);
                self.request_table();
            }
            DatasetCommand::SaveTable => {
                self.ask_where_dataset("evaluation", "csv", DatasetRequest::PickTablePath);
            }
            DatasetCommand::Cancel => {
                self.ask_dataset(DatasetRequest::Cancel);
                self.dataset.loading = None;
            }
        }
    }

    pub(super) fn ask_dataset(&mut self, request: DatasetRequest) {
        self.requests.push(Request::Dataset(request));
    }

    /// Asks where to save something of the dataset; beside it is what is offered.
    fn ask_where_dataset(
        &mut self,
        what: &str,
        ending: &str,
        ask: impl FnOnce(PathBuf) -> DatasetRequest,
    ) {
        let Some(path) = &self.dataset.path else {
            self.status = "Open a dataset first.".to_owned();
            return;
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let offered = path.with_file_name(format!("{stem}_{what}.{ending}"));
        self.ask_dataset(ask(offered));
    }

    /// Opens a dataset: its list fills as it is read.
    pub fn open_dataset(&mut self, path: PathBuf) {
        let generation = self.dataset.generation + 1;
        self.status = format!("Opening {}", path.display());
        self.dataset = DatasetState {
            path: Some(path.clone()),
            loading: Some(Progress {
                stage: "Reading the dataset",
                fraction: None,
                eta_secs: None,
            }),
            // The video in Explore may be one of the dataset before.
            given: self.dataset.given.take(),
            generation,
            ..DatasetState::default()
        };
        self.page = Page::Dataset;
        self.ask_dataset(DatasetRequest::Open { path, generation });
    }

    /// Makes the figure's grids anew, for another threshold or order.
    pub fn update_figure(&mut self) {
        self.dataset.figure.update(self.prefs.match_threshold);
    }

    /// Takes in news of the worker.
    pub fn handle_dataset(&mut self, news: DatasetNews) {
        if news.generation != self.dataset.generation {
            return;
        }
        match news.kind {
            NewsKind::Progress(progress) => self.dataset.loading = Some(progress),
            NewsKind::Video(video) => self
                .dataset
                .videos
                .push(listed(*video, self.dataset.videos.len())),
            NewsKind::Listed(warnings) => {
                self.dataset.warnings = warnings;
                self.dataset.loading = None;
                let videos = self.dataset.videos.len();
                self.status = format!(
                    "{} in {}",
                    text::count(videos, "video"),
                    self.dataset.name()
                );
                if let Some(path) = self.dataset.path.clone() {
                    self.remember(path);
                }
                self.request_figure();
            }
            NewsKind::Failed { path, why } => {
                self.dataset.loading = None;
                self.dataset.waiting = None;
                if self.dataset.videos.is_empty() {
                    self.dataset.path = None;
                }
                self.status.clear();
                self.error = Some(ErrorReport {
                    what: why,
                    fix: "Open a TVSum, SumMe or Mr. HiSum file, an eccv16 .h5, or a folder of annotation files.".to_owned(),
                    path: Some(path),
                    ..ErrorReport::default()
                });
            }
            NewsKind::Joined {
                folder,
                joined,
                asked,
            } => self.take_joined(folder, joined, asked),
            NewsKind::Given {
                video,
                given,
                random,
            } => {
                let path = given.info.path.clone();
                self.dataset.open_video = Some(video);
                self.dataset.given = Some(GivenRequest {
                    video: given,
                    random,
                });
                self.open_named(path);
            }
            NewsKind::Planned { methods, note } => {
                let videos = self.dataset.videos.len();
                let figure = &mut self.dataset.figure;
                figure.note = note;
                figure.methods = methods
                    .into_iter()
                    .map(|(name, kind)| MethodTaus {
                        name,
                        kind,
                        videos: vec![None; videos],
                        fault: None,
                    })
                    .collect();
                self.update_figure();
            }
            NewsKind::Taus {
                method,
                video,
                taus,
            } => self.take_taus(method, video, taus),
            NewsKind::FigureFault { method, why } => {
                if let Some(method) = self.dataset.figure.methods.get_mut(method) {
                    method.fault.get_or_insert(why);
                }
            }
            NewsKind::FigureProgress(progress) => {
                self.dataset.figure.progress = Some(progress);
                // Ordering thousands of videos at each of them would be felt.
                if self.now_secs - self.dataset.figure.updated_secs >= UPDATE_SECS {
                    self.dataset.figure.updated_secs = self.now_secs;
                    self.update_figure();
                }
            }
            NewsKind::TableProgress(_) | NewsKind::Table(_) | NewsKind::NoTable(_) => {
                self.take_table(news.kind);
            }
            NewsKind::FigureDone { cancelled } => {
                self.dataset.figure.progress = None;
                self.dataset.figure.stopped = cancelled;
                self.update_figure();
            }
        }
    }

    fn take_joined(&mut self, folder: PathBuf, joined: super::raw::Joined, asked: bool) {
        self.dataset.loading = None;
        let found = joined.videos.iter().flatten().count();
        // A try that finds nothing says nothing.
        if !asked && found == 0 {
            return;
        }
        for (video, raw) in self.dataset.videos.iter_mut().zip(joined.videos) {
            if raw.is_some() || asked {
                video.raw = raw;
            }
        }
        self.dataset.folder = Some(folder);
        self.dataset.join_report = joined.report;
        if let Some(first) = self.dataset.join_report.first() {
            self.status.clone_from(first);
        }
    }

    fn take_taus(
        &mut self,
        method: usize,
        video: usize,
        taus: Arc<crate::analysis::matches::MatchTaus>,
    ) {
        let Some(found) = self.dataset.figure.methods.get_mut(method) else {
            return;
        };
        if found.kind == MethodKind::People
            && let Some(listed) = self.dataset.videos.get_mut(video)
        {
            // Each pair stands twice.
            listed.tau = mean_of(taus.taus.iter().flatten().filter_map(|tau| *tau));
        }
        if let Some(place) = found.videos.get_mut(video) {
            *place = Some(taus);
        }
    }

    fn request_figure(&mut self) {
        let videos = (0..self.dataset.videos.len())
            .filter_map(|video| self.dataset.source(video))
            .collect();
        self.dataset.figure.stopped = false;
        self.dataset.figure.progress = Some(Progress {
            stage: "Comparing with annotators",
            fraction: Some(0.0),
            eta_secs: None,
        });
        let request = DatasetRequest::Figure(FigureRequest {
            videos,
            bundle: self.prefs.bundle.clone(),
            device: self.prefs.device,
            settings: self.choices.settings.clone(),
            generation: self.dataset.generation,
        });
        self.ask_dataset(request);
    }

    fn open_pair(&mut self, video: usize, annotator: usize, method: usize) {
        let Some(found) = self.dataset.figure.methods.get(method) else {
            return;
        };
        let scorer = self.dataset.figure.methods[..method]
            .iter()
            .filter(|method| method.kind == MethodKind::Scorer)
            .count();
        let nearest = found
            .videos
            .get(video)
            .and_then(|taus| taus.as_ref()?.nearest_sample(annotator));
        let pair = PendingPair {
            annotator,
            kind: found.kind,
            scorer,
            nearest: nearest
                .filter(|_| found.kind == MethodKind::People)
                .map(|(other, _)| other),
        };
        let random = found.kind == MethodKind::Random;
        self.open_dataset_video(video, Some(pair), random);
    }

    fn open_dataset_video(&mut self, video: usize, pair: Option<PendingPair>, random: bool) {
        let (Some(found), Some(source)) = (
            self.dataset.videos.get(video).cloned(),
            self.dataset.source(video),
        ) else {
            return;
        };
        let path = found
            .raw
            .as_ref()
            .map_or(source.name.clone(), |raw| raw.path.clone());
        self.page = Page::Explore;
        self.error = None;
        let open = self
            .session
            .as_ref()
            .is_some_and(|session| session.video.path == path);
        let same_draw = found.raw.is_some()
            || self
                .dataset
                .given
                .as_ref()
                .is_some_and(|given| given.random == random);
        if open && same_draw && self.dataset.open_video == Some(video) {
            self.dataset.pending = pair;
            self.settle_pair();
            return;
        }
        self.timeline.pair = None;
        self.dataset.pending = None;
        self.dataset.waiting = Some(Waiting {
            path: path.clone(),
            video,
            pair,
        });
        self.status = format!("Opening {}", found.label());
        if found.raw.is_some() {
            self.dataset.open_video = Some(video);
            self.open(path);
            self.page = Page::Explore;
        } else {
            let generation = self.dataset.generation;
            self.ask_dataset(DatasetRequest::Give {
                video,
                source,
                random,
                generation,
            });
        }
    }

    /// Gives a video of the dataset its annotators, once its frames are known.
    pub(crate) fn dataset_video_opened(&mut self) {
        let Some(session) = &self.session else { return };
        let (path, index) = (session.video.path.clone(), session.index.clone());
        let Some(waiting) = self.dataset.waiting.take_if(|waiting| waiting.path == path) else {
            return;
        };
        let Some(video) = self.dataset.videos.get(waiting.video) else {
            return;
        };
        let joined = join::join(&video.set, &index);
        self.status = match joined.report.first() {
            Some(note) => format!("{}: {note}", video.label()),
            None => format!(
                "{} with {}",
                video.label(),
                text::count(video.set.annotators.len(), "annotator")
            ),
        };
        self.choices.annotations = Some(Arc::new(joined.set));
        self.choices.selection.annotator = waiting.pair.map(|pair| pair.annotator);
        self.dataset.pending = waiting.pair;
    }

    /// Chooses the pair of a clicked cell, as soon as samples and annotators were compared.
    pub(crate) fn settle_pair(&mut self) {
        let Some(pending) = self.dataset.pending else {
            return;
        };
        let Some(session) = &self.session else { return };
        let whole = session.draw.as_ref().is_some_and(|draw| !draw.partial);
        let Some(view) = session.matches.clone().filter(|_| whole) else {
            return;
        };
        self.dataset.pending = None;
        let other = match pending.kind {
            MethodKind::People => pending.nearest.map(PairSide::Annotator),
            MethodKind::Scorer if pending.scorer < session.baselines.len() => {
                Some(PairSide::Baseline(pending.scorer))
            }
            _ => view
                .taus
                .nearest_sample(pending.annotator)
                .map(|(sample, _)| PairSide::Summary(SummaryRef::Sample(sample))),
        };
        let Some(other) = other else { return };
        self.set_pair(Some(Pair::of_annotator(pending.annotator, other)));
    }
}

fn listed(video: ListedVideo, at: usize) -> DatasetVideo {
    let ListedVideo {
        file,
        key,
        set,
        feature_size,
    } = video.with_id(at);
    DatasetVideo {
        duration_secs: duration_secs_of(&set),
        set: Arc::new(set),
        file,
        key,
        feature_size,
        tau: None,
        raw: None,
    }
}
