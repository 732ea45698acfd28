//! The pipeline on threads of its own, for the window: requests in, numbered events out, nothing
//! blocks.
//!
//! Two workers: one opens videos and draws samples, the other selects summaries, so that the budget
//! slider and a viewer's answers work while samples are still being drawn. Each takes the newest
//! request only and drops what an older one asked for. Sound and subtitles of a video that is
//! opened are read beside them.

mod listening;
mod reporting;
mod selecting;

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Receiver;
use ndarray::Array2;
use parking_lot::Mutex;

use self::listening::listen;
pub use self::reporting::Notice;
use self::reporting::Reporter;
use self::selecting::{Scored, SelectWanted, Selector};
use super::PipelineError;
use super::assemble::Timeline;
use super::event::Event;
use super::given::GivenVideo;
use super::kinds::{KindCache, Pool};
use super::methods;
use super::options::PrepareOptions;
use super::prepare::prepare;
use super::sampling::SamplingSession;
use crate::domain::{DrawSettings, Kinds, KnownKind, Steering, Timings};
use crate::jobs::{self, CancelToken, Generation, Mailbox};

/// Events that may wait for the window before the workers pause.
const EVENT_CAPACITY: usize = 256;

/// What to open.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    pub path: PathBuf,
    pub options: PrepareOptions,
    pub settings: DrawSettings,
    /// Kinds whose letters are carried over to those of this opening.
    pub known_kinds: Vec<KnownKind>,
    /// What is known of the video where its file is missing; `path` then names it and is not read.
    pub given: Option<GivenRequest>,
}

/// A video without its file, and what to draw from.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenRequest {
    pub video: Arc<GivenVideo>,
    /// Draw by chance even where a bundle fits.
    pub random: bool,
}

/// What the analyst is to do next. Each wish brings the token that stops it, so that it can be
/// stopped while it waits.
#[derive(Default)]
struct Wanted {
    open: Option<(u64, OpenRequest, CancelToken)>,
    draw: Option<DrawWish>,
}

/// Samples to draw: with these settings, or with those of the video being opened.
struct DrawWish {
    settings: Option<DrawSettings>,
    cancel: CancelToken,
}

/// The window's end of the pipeline. Dropping it stops the workers.
pub struct Engine {
    wanted: Mailbox<Wanted>,
    select: Mailbox<SelectWanted>,
    generation: Generation,
    /// What stops the newest opening and the newest draw.
    opening: Mutex<CancelToken>,
    drawing: Mutex<CancelToken>,
    /// What stops the samples that are drawn for the kinds while nothing else is wanted.
    settling: Arc<Mutex<CancelToken>>,
    events: Receiver<Notice>,
}

impl Engine {
    /// Starts the workers. `wake` is called after each event, from their threads, to ask the window
    /// for a frame.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        let (sender, events) = crossbeam_channel::bounded(EVENT_CAPACITY);
        let generation = Generation::default();
        let reporter = Reporter {
            sender,
            wake: Arc::new(wake),
            generation: generation.clone(),
        };
        let engine = Self {
            wanted: Mailbox::default(),
            select: Mailbox::default(),
            generation,
            opening: Mutex::default(),
            drawing: Mutex::default(),
            settling: Arc::default(),
            events,
        };
        let selector = Selector {
            mail: engine.select.clone(),
            reporter: reporter.clone(),
        };
        jobs::spawn("select summaries", move || selector.run())?;
        let analyst = Analyst {
            mail: engine.wanted.clone(),
            select: engine.select.clone(),
            reporter,
            settling: Arc::clone(&engine.settling),
            current: None,
        };
        jobs::spawn("analyse video", move || analyst.run())?;
        Ok(engine)
    }

    /// Opens a video; whatever was running for another one is dropped. Returns the generation its
    /// events carry.
    pub fn open(&self, request: OpenRequest) -> u64 {
        let cancel = replace_token(&self.opening);
        let draw_cancel = replace_token(&self.drawing);
        let generation = self.generation.advance();
        self.select.update(|wanted| {
            *wanted = Some(SelectWanted {
                forget: true,
                ..SelectWanted::default()
            });
        });
        self.wanted.put(Wanted {
            open: Some((generation, request, cancel)),
            draw: Some(DrawWish {
                settings: None,
                cancel: draw_cancel,
            }),
        });
        self.settling.lock().cancel();
        generation
    }

    /// Draws samples anew for the open video, or for the one being opened.
    pub fn draw(&self, settings: DrawSettings) {
        // Samples of the draw carry the budget and the answers of this moment; those given since
        // must win over them.
        self.set_budget(settings.budget);
        self.set_steering(settings.steering.clone());
        let cancel = replace_token(&self.drawing);
        self.wanted.update(|wanted| {
            let settings = Some(settings);
            wanted.get_or_insert_default().draw = Some(DrawWish { settings, cancel });
        });
        self.settling.lock().cancel();
    }

    /// Selects again within another budget, from the samples that are there.
    pub fn set_budget(&self, budget: f64) {
        self.select
            .update(|wanted| wanted.get_or_insert_default().budget = Some(budget));
    }

    /// Weighs and selects again under other answers of the viewer, from the samples that are there.
    pub fn set_steering(&self, steering: Steering) {
        self.select
            .update(|wanted| wanted.get_or_insert_default().steering = Some(steering));
    }

    /// Stops what is running; results that are there stay.
    pub fn cancel(&self) {
        self.opening.lock().cancel();
        self.drawing.lock().cancel();
        self.settling.lock().cancel();
    }

    /// Closes the video: nothing more comes for it.
    pub fn close(&self) {
        self.cancel();
        self.generation.advance();
    }

    /// The next event of the current opening, without waiting.
    pub fn poll(&self) -> Option<Event> {
        while let Ok(notice) = self.events.try_recv() {
            if self.generation.is_current(notice.generation) {
                return Some(notice.event);
            }
        }
        None
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.cancel();
        self.generation.advance();
        self.wanted.close();
        self.select.close();
        // Workers that wait for room in the channel find it gone once the receiver is dropped.
    }
}

/// The worker that opens and draws.
struct Analyst {
    mail: Mailbox<Wanted>,
    select: Mailbox<SelectWanted>,
    reporter: Reporter,
    settling: Arc<Mutex<CancelToken>>,
    current: Option<Open>,
}

struct Open {
    generation: u64,
    timeline: Timeline,
    timings: Timings,
    sampling: SamplingSession,
    /// The pool of the kinds until it has settled.
    pool: Option<Pool>,
}

impl Analyst {
    fn run(mut self) {
        while let Some(wanted) = self.mail.take() {
            let mut opened_with = None;
            if let Some((generation, request, cancel)) = wanted.open {
                if let Err(err) = self.open(generation, &request, &cancel) {
                    self.current = None;
                    self.reporter.report_end(generation, Err(err));
                    continue;
                }
                opened_with = Some(request.settings);
            }
            let Some(wish) = wanted.draw else { continue };
            let settings = wish.settings.or(opened_with);
            if let (Some(settings), Some(open)) = (settings, &mut self.current) {
                let settings = open.sampling.allowed(&settings);
                let result = draw(open, &settings, &wish.cancel, &self.select, &self.reporter);
                // A draw that was replaced by a newer one ends silently: its successor speaks.
                let replaced = self.mail.has_mail();
                if !(replaced && result.as_ref().is_err_and(PipelineError::is_cancelled)) {
                    self.reporter.report_end(open.generation, result);
                }
            }
            self.settle();
        }
    }

    /// Draws on for the kinds as long as nothing else is wanted.
    fn settle(&mut self) {
        let Some(open) = &mut self.current else {
            return;
        };
        let cancel = CancelToken::new();
        *self.settling.lock() = cancel.clone();
        while let Some(pool) = &mut open.pool
            && self.reporter.generation.is_current(open.generation)
            && !self.mail.has_mail()
        {
            match pool.step(&mut open.sampling, &open.timeline, &cancel) {
                Ok(None) => {}
                Ok(Some(kinds)) => {
                    open.pool = None;
                    send_kinds(&self.select, open.generation, kinds);
                }
                Err(err) => {
                    // The first kinds stay; what fails here has failed for the samples, too, and
                    // was reported there.
                    if !err.is_cancelled() {
                        log::warn!("the alternatives could not settle: {err}");
                        open.pool = None;
                    }
                    break;
                }
            }
        }
    }

    fn open(
        &mut self,
        generation: u64,
        request: &OpenRequest,
        cancel: &CancelToken,
    ) -> Result<(), PipelineError> {
        self.current = None;
        if cancel.is_cancelled() {
            return Err(PipelineError::Cancelled);
        }
        let reporter = self.reporter.clone();
        if let Some(given) = &request.given {
            let open = open_given(generation, given, request, &reporter)?;
            self.current = Some(open);
            return Ok(());
        }
        let options = (request.options.clone()).with_segments(request.settings.segments);
        let mut listens = false;
        let prepared = prepare(&request.path, &options, cancel, &mut |event| {
            // Facts come again; sound and subtitles are read once.
            if let Event::Probed { info, index } = &event
                && !std::mem::replace(&mut listens, true)
            {
                let (video, index) = (info.clone(), Arc::clone(index));
                listen(video, index, generation, cancel.clone(), reporter.clone());
            }
            reporter.report(generation, event);
        })?;
        let sampling = SamplingSession::open(&prepared)?;
        reporter.report(generation, ready(&sampling));
        let timeline = prepared.timeline();
        let cache = KindCache::of(&prepared);
        let pool = Pool::new(&sampling, cache, request.known_kinds.clone());
        let kept = pool.cached(&timeline);
        let is_kept = kept.is_some();
        if let Some(kinds) = kept {
            send_kinds(&self.select, generation, kinds);
        }
        self.current = Some(Open {
            generation,
            timeline,
            timings: prepared.timings,
            sampling,
            pool: Some(pool).filter(|_| !is_kept),
        });
        Ok(())
    }
}

/// A video without its file: what is known of it is reported at once, and the networks are loaded.
fn open_given(
    generation: u64,
    given: &GivenRequest,
    request: &OpenRequest,
    reporter: &Reporter,
) -> Result<Open, PipelineError> {
    let video = &given.video;
    reporter.report(
        generation,
        Event::Probed {
            info: video.info.clone(),
            index: Arc::clone(&video.index),
        },
    );
    reporter.report(generation, Event::Features(Arc::clone(&video.features)));
    reporter.report(generation, Event::Segments(Arc::clone(&video.segments)));
    let wanted = if given.random {
        methods::RANDOM
    } else {
        &request.options.bundle
    };
    let size = video.features.values.ncols();
    let (name, method) = methods::choose(wanted, request.options.device, size)?;
    reporter.report(generation, Event::Source { name });
    let sampling = method.condition(&video.features)?;
    reporter.report(generation, ready(&sampling));
    let pool = Pool::new(&sampling, None, request.known_kinds.clone());
    Ok(Open {
        generation,
        timeline: video.timeline(),
        timings: Timings::default(),
        sampling,
        pool: Some(pool),
    })
}

fn send_kinds(select: &Mailbox<SelectWanted>, generation: u64, kinds: Arc<Kinds>) {
    select.update(|wanted| {
        wanted.get_or_insert_default().kinds = Some((generation, kinds));
    });
}

fn ready(sampling: &SamplingSession) -> Event {
    Event::Ready {
        capabilities: sampling.capabilities(),
        stated: sampling.stated(),
    }
}

/// Stops what a slot's token belongs to, and puts the token of what follows there.
fn replace_token(slot: &Mutex<CancelToken>) -> CancelToken {
    let token = CancelToken::new();
    std::mem::replace(&mut *slot.lock(), token.clone()).cancel();
    token
}

fn draw(
    open: &mut Open,
    settings: &DrawSettings,
    cancel: &CancelToken,
    select: &Mailbox<SelectWanted>,
    reporter: &Reporter,
) -> Result<Timings, PipelineError> {
    if cancel.is_cancelled() {
        return Err(PipelineError::Cancelled);
    }
    let generation = open.generation;
    let timeline = open.timeline.clone();
    let started = std::time::Instant::now();
    let known = open
        .pool
        .as_ref()
        .map_or_else(Vec::new, |pool| pool.known().to_vec());
    let send = |scores: Arc<Array2<f32>>, partial: bool| {
        let job = Scored {
            generation,
            timeline: timeline.clone(),
            scores,
            settings: settings.clone(),
            partial,
            known: known.clone(),
        };
        select.update(|wanted| {
            let wanted = wanted.get_or_insert_default();
            wanted.scores = Some(job);
        });
    };
    let scores = open
        .sampling
        .draw(settings, cancel, &mut |news| match news {
            super::sampling::SamplingNews::Scores(scores) => send(scores, true),
            super::sampling::SamplingNews::Progress(progress) => {
                reporter.report(generation, Event::Progress(progress));
            }
        })?;
    send(scores, false);
    let mut timings = open.timings.clone();
    timings.sample = started.elapsed().as_secs_f64();
    timings.total += timings.sample;
    Ok(timings)
}

#[cfg(test)]
mod tests;
