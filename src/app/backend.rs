//! Joins the pipeline to the window: requests become work on named threads, their results become events.
//!
//! Holds no state of the window. Exports, annotations and comparisons are the window's own jobs.

use std::path::{Path, PathBuf};

use super::event::{Event, EventKind};
use super::window::Backend;
use crate::domain::{DevicePreference, DrawSettings};
use crate::inference::{self, BundleKind};
use crate::pipeline::{self, Engine, Failure, GivenRequest, OpenRequest, PrepareOptions};
use crate::session::report::{ErrorReport, Runtime};
use crate::state::{AppState, Request};

/// The real backend.
pub struct PipelineBackend {
    engine: Engine,
    runtime: Runtime,
    device: DevicePreference,
    path: Option<PathBuf>,
    /// Number of the newest request.
    generation: u64,
}

/// Names of the bundles that can score a video, `chosen` among them even where it is a folder elsewhere. A bundle of an extractor alone
/// cannot; one that is not in order stays, so that choosing it says what is wrong.
fn bundles_to_choose(chosen: &str) -> Vec<String> {
    let mut names: Vec<String> = inference::bundle::list()
        .into_iter()
        .filter(|listed| match &listed.bundle {
            Ok(bundle) => bundle.manifest().kind != BundleKind::Extractor,
            Err(_) => true,
        })
        .map(|listed| listed.name)
        .collect();
    let elsewhere = Path::new(chosen).is_absolute();
    if elsewhere && !names.iter().any(|name| name == chosen) {
        names.push(chosen.to_owned());
    }
    names
}

impl PipelineBackend {
    /// Starts the workers. `state` says what was chosen last time; `wake` asks the window for a frame.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(
        state: &AppState,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        Ok(Self {
            engine: Engine::start(wake)?,
            runtime: Runtime {
                bundle: state.prefs.bundle.clone(),
                bundles: bundles_to_choose(&state.prefs.bundle),
                ..Runtime::default()
            },
            device: state.prefs.device,
            path: None,
            generation: 0,
        })
    }

    fn open(
        &mut self,
        path: PathBuf,
        settings: DrawSettings,
        bundle: String,
        device: DevicePreference,
        given: Option<GivenRequest>,
    ) {
        self.runtime.drawn_by.clear();
        self.runtime.bundle.clone_from(&bundle);
        self.device = device;
        self.path = Some(path.clone());
        self.engine.open(OpenRequest {
            path,
            options: PrepareOptions {
                bundle,
                device,
                ..PrepareOptions::default()
            },
            settings,
            known_kinds: Vec::new(),
            given,
        });
    }

    /// Turns the pipeline's news into the window's.
    fn translate(&mut self, event: pipeline::Event) -> Vec<EventKind> {
        use pipeline::Event as News;

        match event {
            News::Probed { info, index } => {
                vec![EventKind::Probed { video: info, index }]
            }
            News::Bundle(bundle) => {
                self.runtime.bundle_ref = bundle;
                vec![EventKind::Runtime(self.runtime.clone())]
            }
            News::Device(report) => {
                self.runtime.device = report.device.to_uppercase();
                let wanted_cuda = self.device == DevicePreference::Cuda;
                self.runtime.device_note = report.note.filter(|_| wanted_cuda).unwrap_or_default();
                vec![EventKind::Runtime(self.runtime.clone())]
            }
            News::Ready {
                capabilities,
                stated,
            } => {
                self.runtime.stated = stated;
                self.runtime.coherence = capabilities.coherence;
                self.runtime.guidance = capabilities.guidance;
                self.runtime.attention = capabilities.attention;
                vec![EventKind::Runtime(self.runtime.clone())]
            }
            News::Thumb(thumb) => vec![EventKind::Thumb {
                pick: thumb.pick,
                frame: thumb.frame,
                secs: thumb.secs,
                image: thumb.image,
            }],
            News::Source { name } => {
                self.runtime.drawn_by = if name == self.runtime.bundle {
                    String::new()
                } else {
                    name
                };
                vec![EventKind::Runtime(self.runtime.clone())]
            }
            News::Features(features) => vec![
                EventKind::Picks {
                    times_secs: features.pick_times_secs.as_slice().into(),
                },
                EventKind::Features(features),
            ],
            News::Segments(segments) => vec![EventKind::Segments(segments)],
            News::Draw(draw) => vec![EventKind::Draw(draw)],
            News::Progress(progress) => vec![EventKind::Progress(progress)],
            News::Done(timings) => vec![EventKind::Done(timings)],
            News::Cancelled => vec![EventKind::Cancelled],
            News::Failed(failure) => {
                vec![EventKind::Failed(report_of(&failure, self.path.as_deref()))]
            }
        }
    }
}

impl Backend for PipelineBackend {
    fn send(&mut self, request: Request) {
        match request {
            Request::Open {
                path,
                generation,
                settings,
                bundle,
                device,
                given,
            } => {
                self.generation = generation;
                self.open(path, settings, bundle, device, given);
            }
            Request::Draw {
                settings,
                generation,
            } => {
                self.generation = generation;
                self.engine.draw(settings);
            }
            Request::Budget { budget, generation } => {
                self.generation = generation;
                self.engine.set_budget(budget);
            }
            Request::Cancel => self.engine.cancel(),
            other => log::debug!("not the pipeline's: {other:?}"),
        }
    }

    fn poll(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.engine.poll() {
            let generation = self.generation;
            events.extend(
                self.translate(event)
                    .into_iter()
                    .map(|kind| Event { generation, kind }),
            );
        }
        events
    }
}

/// A failure as the window shows it: the sentence names the file and, behind a colon or semicolon, the mend.
fn report_of(failure: &Failure, path: Option<&Path>) -> ErrorReport {
    ErrorReport {
        what: format!("{} did not work.", failure.stage),
        why: failure.message.clone(),
        path: path.map(Path::to_path_buf),
        retry: failure.retry,
        ..ErrorReport::default()
    }
}
