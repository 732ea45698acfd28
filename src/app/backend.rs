//! Joins the pipeline to the window: requests become work on named threads, and events come back.
//!
//! Holds no state of the window. Exports, annotations and comparisons are the window's own jobs.

use std::path::Path;

use super::window::Backend;
use crate::inference::{self, BundleKind};
use crate::pipeline::{Engine, Event, OpenRequest, PrepareOptions};
use crate::state::Request;

/// The real backend.
pub struct PipelineBackend {
    engine: Engine,
}

/// Names of the bundles that can score a video, `chosen` among them even where it is a folder elsewhere. A bundle of an extractor alone
/// cannot; one that is not in order stays, so that choosing it says what is wrong.
pub fn bundles_to_choose(chosen: &str) -> Vec<String> {
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
    /// Starts the workers. `wake` asks the window for a frame.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        Ok(Self {
            engine: Engine::start(wake)?,
        })
    }
}

impl Backend for PipelineBackend {
    fn send(&mut self, request: Request) {
        match request {
            Request::Open {
                path,
                settings,
                bundle,
                device,
                given,
            } => {
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
            Request::Draw(settings) => self.engine.draw(settings),
            Request::Budget(budget) => self.engine.set_budget(budget),
            Request::Steer(steering) => self.engine.set_steering(steering),
            Request::Cancel => self.engine.cancel(),
            other => log::debug!("not the pipeline's: {other:?}"),
        }
    }

    fn poll(&mut self) -> Option<Event> {
        self.engine.poll()
    }
}
