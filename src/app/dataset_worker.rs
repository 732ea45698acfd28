//! Reading datasets, joining raw videos and computing the figure, on named threads; news comes back
//! through a bounded channel.
//!
//! Each question carries a generation; news of an older one is dropped where it is taken in (see
//! [`crate::state::dataset::apply`]).

use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::analysis::matches::MatchTaus;
use crate::analysis::raters::scores_at_frames;
use crate::annotations::dataset::Dataset;
use crate::annotations::listing;
use crate::app::dataset_table;
use crate::domain::AnnotationSet;
use crate::inference::{Bundle, BundleKind};
use crate::jobs::{self, CancelToken, Progress, StageClock};
use crate::pipeline::evaluation::EvaluationError;
use crate::pipeline::{GivenVideo, Method, MethodKind, methods};
use crate::state::dataset::figure::people_taus;
use crate::state::dataset::news::{DatasetNews, NewsKind};
use crate::state::dataset::raw::join_folder;
use crate::state::dataset::table::TableRequest;
use crate::state::dataset::{DatasetRequest, FigureRequest, VideoSource};

/// News that may wait for the window before the workers pause.
const WAITING: usize = 64;

/// Starts the work and hands on its news.
pub struct DatasetWorker {
    sender: Sender<DatasetNews>,
    receiver: Receiver<DatasetNews>,
    opening: CancelToken,
    figure: CancelToken,
    table: CancelToken,
}

impl Default for DatasetWorker {
    fn default() -> Self {
        let (sender, receiver) = bounded(WAITING);
        Self {
            sender,
            receiver,
            opening: CancelToken::new(),
            figure: CancelToken::new(),
            table: CancelToken::new(),
        }
    }
}

impl Drop for DatasetWorker {
    fn drop(&mut self) {
        self.opening.cancel();
        self.figure.cancel();
        self.table.cancel();
    }
}

/// A worker's way to speak: sends news and wakes the window.
#[derive(Clone)]
struct Voice {
    sender: Sender<DatasetNews>,
    ctx: egui::Context,
    generation: u64,
    cancel: CancelToken,
}

impl Voice {
    fn send(&self, kind: NewsKind) {
        // Once the window is closed nobody listens, and the work ends.
        if self
            .sender
            .send(DatasetNews {
                generation: self.generation,
                kind,
            })
            .is_err()
        {
            self.cancel.cancel();
        }
        self.ctx.request_repaint();
    }
}

impl DatasetWorker {
    /// Takes a request; never blocks.
    pub fn start(&mut self, request: DatasetRequest, ctx: &egui::Context) {
        let voice = |generation, cancel: &CancelToken| Voice {
            sender: self.sender.clone(),
            ctx: ctx.clone(),
            generation,
            cancel: cancel.clone(),
        };
        match request {
            DatasetRequest::Open { path, generation } => {
                self.opening.cancel();
                self.figure.cancel();
                self.table.cancel();
                self.opening = CancelToken::new();
                let voice = voice(generation, &self.opening);
                run("open dataset", move || open(&path, &voice));
            }
            DatasetRequest::Join {
                folder,
                sets,
                generation,
            } => {
                let voice = voice(generation, &self.opening);
                run("join videos", move || join(&folder, &sets, true, &voice));
            }
            DatasetRequest::Give {
                video,
                source,
                random,
                generation,
            } => {
                let voice = voice(generation, &self.opening);
                run("read video of dataset", move || {
                    voice.send(match given(&source) {
                        Ok(given) => NewsKind::Given {
                            video,
                            given: Arc::new(given),
                            random,
                        },
                        Err(why) => NewsKind::Failed {
                            path: source.file,
                            why,
                        },
                    });
                });
            }
            DatasetRequest::Figure(request) => {
                self.figure.cancel();
                self.figure = CancelToken::new();
                let voice = voice(request.generation, &self.figure);
                run("dataset figure", move || figure(&request, &voice));
            }
            DatasetRequest::Evaluate(request) => {
                self.table.cancel();
                self.table = CancelToken::new();
                let voice = voice(request.generation, &self.table);
                run("evaluate dataset", move || table(&request, &voice));
            }
            DatasetRequest::CancelTable => self.table.cancel(),
            DatasetRequest::Cancel => {
                self.opening.cancel();
                self.figure.cancel();
            }
            DatasetRequest::PickFile
            | DatasetRequest::PickFolder
            | DatasetRequest::PickVideo(_)
            | DatasetRequest::PickRatings
            | DatasetRequest::PickMatchesPath(_)
            | DatasetRequest::PickTablePath(_)
            | DatasetRequest::WriteMatches(_)
            | DatasetRequest::WriteTable(_) => {}
        }
    }

    /// The next news, waited for at most so long.
    pub(super) fn wait(&self, patience: std::time::Duration) -> Option<DatasetNews> {
        self.receiver.recv_timeout(patience).ok()
    }

    /// The next news, without waiting.
    pub fn poll(&self) -> Option<DatasetNews> {
        self.receiver.try_recv().ok()
    }
}

fn run(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = jobs::spawn(name, work) {
        log::error!("could not start {name}: {error}");
    }
}

fn open(path: &Path, voice: &Voice) {
    let clock = StageClock::start("Reading the dataset");
    let mut sets = Vec::new();
    let listed = listing::list(path, &voice.cancel, &mut |video, done, total| {
        sets.push(Arc::new(AnnotationSet {
            annotators: Vec::new(),
            ..video.set.clone()
        }));
        voice.send(NewsKind::Video(Box::new(video)));
        voice.send(NewsKind::Progress(clock.at(done, total)));
    });
    match listed {
        Ok(warnings) => {
            voice.send(NewsKind::Listed(warnings));
            let folder = if path.is_dir() {
                Some(path)
            } else {
                path.parent()
            };
            if let Some(folder) = folder {
                join(folder, &sets, false, voice);
            }
        }
        Err(err) => voice.send(NewsKind::Failed {
            path: path.to_owned(),
            why: err.to_string(),
        }),
    }
}

fn join(folder: &Path, sets: &[Arc<AnnotationSet>], asked: bool, voice: &Voice) {
    let joined = join_folder(folder, sets, &voice.cancel);
    voice.send(NewsKind::Joined {
        folder: folder.to_owned(),
        joined,
        asked,
    });
}

/// What a dataset says of a video, its features included.
pub fn given(source: &VideoSource) -> Result<GivenVideo, String> {
    let key = source.key.as_deref();
    GivenVideo::read(source.name.clone(), &source.file, key, &source.set)
        .map_err(|err| err.to_string())
}

fn table(request: &TableRequest, voice: &Voice) {
    let mut on_progress =
        |progress: &Progress| voice.send(NewsKind::TableProgress(progress.clone()));
    voice.send(
        match dataset_table::measure(request, &voice.cancel, &mut on_progress) {
            Ok(measured) => NewsKind::Table(Arc::new(measured)),
            Err(EvaluationError::Cancelled) => NewsKind::NoTable(None),
            Err(err) => NewsKind::NoTable(Some(err.to_string())),
        },
    );
}

/// First what needs no features, for all videos, so that the agreement is there soon; then each
/// video with every network.
fn figure(request: &FigureRequest, voice: &Voice) {
    let size = request.videos.iter().find_map(feature_size).unwrap_or(0);
    let (networks, note) = networks(request, size);
    let mut plan: Vec<(String, MethodKind)> = networks
        .iter()
        .map(|(name, method)| (name.clone(), method.kind()))
        .collect();
    let (random, people) = (plan.len(), plan.len() + 1);
    plan.push(("Random".to_owned(), MethodKind::Random));
    plan.push(("People".to_owned(), MethodKind::People));
    voice.send(NewsKind::Planned {
        methods: plan,
        note,
    });
    let clock = StageClock::start("Comparing with annotators");
    let videos = request.videos.len() as u64;
    let total = videos * if networks.is_empty() { 1 } else { 3 };
    for (at, source) in request.videos.iter().enumerate() {
        if voice.cancel.is_cancelled() {
            break;
        }
        match given(source) {
            Ok(video) => {
                let annotators = annotators_at_picks(source, &video);
                voice.send(NewsKind::Taus {
                    method: people,
                    video: at,
                    taus: Arc::new(people_taus(&annotators)),
                });
                compare(
                    request,
                    voice,
                    random,
                    at,
                    &Method::Random,
                    &video,
                    &annotators,
                );
            }
            Err(why) => voice.send(NewsKind::FigureFault {
                method: people,
                why,
            }),
        }
        voice.send(NewsKind::FigureProgress(clock.at(at as u64 + 1, total)));
    }
    for (at, source) in request.videos.iter().enumerate() {
        if networks.is_empty() || voice.cancel.is_cancelled() {
            break;
        }
        if let Ok(video) = given(source) {
            let annotators = annotators_at_picks(source, &video);
            for (method, (_, network)) in networks.iter().enumerate() {
                compare(request, voice, method, at, network, &video, &annotators);
            }
        }
        // Networks take about twice as long.
        let done = videos + 2 * (at as u64 + 1);
        voice.send(NewsKind::FigureProgress(clock.at(done, total)));
    }
    voice.send(NewsKind::FigureDone {
        cancelled: voice.cancel.is_cancelled(),
    });
}

fn annotators_at_picks(source: &VideoSource, video: &GivenVideo) -> Vec<Vec<f32>> {
    source
        .set
        .annotators
        .iter()
        .map(|annotator| scores_at_frames(annotator, &video.features.picks))
        .collect()
}

fn compare(
    request: &FigureRequest,
    voice: &Voice,
    method: usize,
    video_at: usize,
    network: &Method,
    video: &GivenVideo,
    annotators: &[Vec<f32>],
) {
    if voice.cancel.is_cancelled() {
        return;
    }
    let scores = network.condition(&video.features).and_then(|mut session| {
        let settings = session.allowed(&request.settings);
        session.draw(&settings, &voice.cancel, &mut |_| ())
    });
    match scores {
        Ok(scores) => {
            let rows: Vec<Vec<f32>> = scores.outer_iter().map(|row| row.to_vec()).collect();
            voice.send(NewsKind::Taus {
                method,
                video: video_at,
                taus: Arc::new(MatchTaus::new(&rows, annotators)),
            });
        }
        Err(err) if err.is_cancelled() => {}
        Err(err) => voice.send(NewsKind::FigureFault {
            method,
            why: err.to_string(),
        }),
    }
}

fn feature_size(source: &VideoSource) -> Option<usize> {
    let key = source.key.as_ref()?;
    let record = Dataset::open(&source.file).ok()?.read_outline(key).ok()?;
    Some(record.features.ncols()).filter(|&size| size > 0)
}

/// The wanted bundle's samples (or those of another that fits) and every scorer that fits, loaded;
/// and why there are no samples.
fn networks(request: &FigureRequest, size: usize) -> (Vec<(String, Method)>, Option<String>) {
    if size == 0 {
        let note = "The dataset has no features, so networks cannot score its videos; build one that has them with `summdiff dataset build`.";
        return (Vec::new(), Some(note.to_owned()));
    }
    let mut loaded = Vec::new();
    let mut note = None;
    let wanted = Bundle::find(&request.bundle)
        .ok()
        .filter(|bundle| bundle.manifest().kind == BundleKind::Summdiff)
        .filter(|bundle| methods::feature_size(bundle).is_none_or(|taken| taken == size))
        .map(|bundle| (request.bundle.clone(), bundle));
    let samples = wanted.or_else(|| {
        methods::fitting(BundleKind::Summdiff, size)
            .into_iter()
            .next()
    });
    if samples.is_none() {
        note = Some(format!(
            "No installed bundle takes features of size {size}, so there are no SummDiff samples."
        ));
    }
    let bundles = samples
        .into_iter()
        .chain(methods::fitting(BundleKind::Scorer, size));
    for (name, bundle) in bundles {
        match Method::open(&bundle, request.device) {
            Ok(method) => loaded.push((name, method)),
            Err(err) => {
                note.get_or_insert(err.to_string());
            }
        }
    }
    (loaded, note)
}
