//! What a study needs of a video: its facts, the time of every frame, its content hash and a
//! filmstrip. No network is loaded, and nothing is drawn.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::window::Backend;
use crate::domain::Timings;
use crate::jobs::{self, CancelToken};
use crate::media::{self, MediaError, SampledDecoder, SampledOptions};
use crate::pipeline::{Event, Failure, Thumb};
use crate::state::Request;

/// Events that may wait for the window before the worker pauses.
const EVENT_CAPACITY: usize = 64;
/// Pictures of the filmstrip.
const MOST_THUMBS: u64 = 120;

/// Opens the videos of a study, one at a time, each on a thread of its own.
pub struct StudyBackend {
    wake: Arc<dyn Fn() + Send + Sync>,
    running: CancelToken,
    events: Option<Receiver<Event>>,
}

impl StudyBackend {
    /// `wake` asks the window for a frame.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            wake: Arc::new(wake),
            running: CancelToken::new(),
            events: None,
        }
    }

    fn open(&mut self, path: PathBuf) {
        self.running.cancel();
        self.running = CancelToken::new();
        let (sender, events) = crossbeam_channel::bounded(EVENT_CAPACITY);
        // Those of an older opening go with their receiver.
        self.events = Some(events);
        let (cancel, wake) = (self.running.clone(), Arc::clone(&self.wake));
        let reporter = sender.clone();
        let started = jobs::spawn("open study video", move || {
            let report = |event| report(&reporter, &*wake, event);
            let end = match open(&path, &cancel, &report) {
                Ok(()) => Event::Done(Timings::default()),
                Err(_) if cancel.is_cancelled() => Event::Cancelled,
                Err(err) => failed(&err.to_string()),
            };
            report(end);
        });
        if let Err(err) = started {
            report(&sender, &*self.wake, failed(&err.to_string()));
        }
    }
}

fn failed(why: &str) -> Event {
    Event::Failed(Failure {
        stage: "Reading the video",
        message: why.to_owned(),
        retry: false,
    })
}

fn report(sender: &Sender<Event>, wake: &(dyn Fn() + Send + Sync), event: Event) {
    // An error means that another video is being opened, or that the window is gone.
    if sender.send(event).is_ok() {
        wake();
    }
}

fn open(path: &Path, cancel: &CancelToken, report: &dyn Fn(Event)) -> Result<(), MediaError> {
    let (probe, index) = media::inspect(path, cancel, &mut |progress| {
        report(Event::Progress(progress));
    })?;
    let (mut info, index) = (probe.info, Arc::new(index));
    report(Event::Probed {
        info: info.clone(),
        index: Arc::clone(&index),
    });
    info.sha256 = media::content_hash(path, cancel)?;
    report(Event::Probed {
        info,
        index: Arc::clone(&index),
    });
    let every = index.len().div_ceil(MOST_THUMBS).max(1);
    let picks: Vec<u64> = (0..index.len()).step_by(every as usize).collect();
    let options = SampledOptions {
        max_side: Some(160),
        ..SampledOptions::default()
    };
    // Without a filmstrip one can still work.
    let frames = match SampledDecoder::open(path, &index, &picks, options, cancel.clone()) {
        Ok(frames) => frames,
        Err(err) => {
            log::warn!("no filmstrip of {}: {err}", path.display());
            return Ok(());
        }
    };
    for frame in frames.map_while(Result::ok) {
        report(Event::Thumb(Thumb {
            pick: frame.pick,
            frame: frame.frame,
            secs: frame.secs,
            image: frame.thumb,
        }));
    }
    Ok(())
}

impl Backend for StudyBackend {
    fn send(&mut self, request: Request) {
        match request {
            Request::Open { path, .. } => self.open(path),
            Request::Cancel => self.running.cancel(),
            other => log::debug!("not a study's: {other:?}"),
        }
    }

    fn poll(&mut self) -> Option<Event> {
        self.events.as_ref()?.try_recv().ok()
    }
}

impl Drop for StudyBackend {
    fn drop(&mut self) {
        self.running.cancel();
    }
}
