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

/// Names of the bundles that can score a video, `chosen` among them even where it is a folder
/// elsewhere. A bundle of an extractor alone cannot; one that is not in order stays, so that
/// choosing it says what is wrong.
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
                known_kinds,
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
                    known_kinds,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DevicePreference, DrawSettings};

    #[test]
    fn a_request_becomes_work_whose_events_come_back_and_wake_the_window() {
        let (wake, woken) = crossbeam_channel::bounded(1);
        let wake = move || {
            let _ = wake.try_send(());
        };
        let mut backend = PipelineBackend::start(wake).unwrap();
        // Without a video there is nothing to draw, and what is not the pipeline's is left alone.
        backend.send(Request::Budget(0.2));
        backend.send(Request::Quit);
        backend.send(Request::Open {
            path: "/nowhere/clip.mp4".into(),
            settings: DrawSettings::default(),
            bundle: "lite".to_owned(),
            device: DevicePreference::Cpu,
            known_kinds: Vec::new(),
            given: None,
        });
        let failure = loop {
            woken.recv().unwrap();
            let events = std::iter::from_fn(|| backend.poll());
            let failed = |event| match event {
                Event::Failed(failure) => Some(failure),
                _ => None,
            };
            if let Some(failure) = events.filter_map(failed).next() {
                break failure;
            }
        };
        assert!(failure.message.contains("clip.mp4"), "{failure:?}");
    }

    #[test]
    fn a_bundle_elsewhere_is_offered_once_and_an_extractor_alone_never() {
        let known = bundles_to_choose("lite");
        assert_eq!(known.iter().filter(|name| *name == "lite").count(), 1);
        let elsewhere = bundles_to_choose("/bundles/own");
        assert_eq!(elsewhere.last().map(String::as_str), Some("/bundles/own"));
        assert_eq!(elsewhere.len(), known.len() + 1);
        for listed in inference::bundle::list() {
            let is_extractor = listed
                .bundle
                .is_ok_and(|bundle| bundle.manifest().kind == BundleKind::Extractor);
            assert!(!(is_extractor && known.contains(&listed.name)));
        }
    }
}
