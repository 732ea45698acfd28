//! Reading and writing for the annotate page, on named threads; the window never waits for a disk.

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::jobs::{self, CancelToken};
use crate::session::people_export::{self, ExportJob};
use crate::session::people_merge::{self, VideoIdentity};
use crate::state::AppState;
use crate::state::apply::Report;
use crate::state::request::AnnotateRequest;

/// Results that may wait for the window.
const WAITING: usize = 8;

/// File work of the page.
pub struct Worker {
    sender: Sender<Report>,
    receiver: Receiver<Report>,
    cancel: CancelToken,
}

impl Default for Worker {
    fn default() -> Self {
        let (sender, receiver) = bounded(WAITING);
        Self {
            sender,
            receiver,
            cancel: CancelToken::new(),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Worker {
    /// Starts reading or writing; what only asks a person is not done here.
    pub fn start(&self, state: &mut AppState, request: AnnotateRequest, ctx: &egui::Context) {
        match request {
            AnnotateRequest::Merge(path) => {
                let Some(session) = &state.session else {
                    return;
                };
                let video = VideoIdentity {
                    sha256: session.video.sha256.clone(),
                    frame_count: session.index.len(),
                };
                state.take(Report::Status(format!("Reading {}…", path.display())));
                self.work("merge project", ctx, move |_| {
                    match people_merge::read(&path, &video) {
                        Ok(offer) => Report::MergeOffered(Box::new(offer)),
                        Err(why) => Report::MergeRefused(why),
                    }
                });
            }
            AnnotateRequest::Export(kind, path) => {
                let Some(job) = state.export_job(kind, path) else {
                    state.take(Report::Status(
                        "Nobody is complete yet, so there is nothing to write.".to_owned(),
                    ));
                    return;
                };
                state.take(Report::Status(format!("Writing {}…", job.path.display())));
                self.work("export annotators", ctx, move |cancel| run(&job, cancel));
            }
            AnnotateRequest::PickMerge
            | AnnotateRequest::PickExport(..)
            | AnnotateRequest::Second(_) => {}
        }
    }

    fn work(
        &self,
        name: &str,
        ctx: &egui::Context,
        work: impl FnOnce(&CancelToken) -> Report + Send + 'static,
    ) {
        let (sender, ctx, cancel) = (self.sender.clone(), ctx.clone(), self.cancel.clone());
        let started = jobs::spawn(name, move || {
            // Nobody listens once the window is closed.
            let _ = sender.send(work(&cancel));
            ctx.request_repaint();
        });
        if let Err(error) = started {
            log::error!("could not start {name}: {error}");
        }
    }

    /// Takes in what came of earlier requests. Call once a frame.
    pub fn follow(&self, state: &mut AppState) {
        while let Ok(report) = self.receiver.try_recv() {
            state.take(report);
        }
    }
}

fn run(job: &ExportJob, cancel: &CancelToken) -> Report {
    match people_export::run(job, cancel) {
        Ok(sentence) => Report::Status(sentence),
        Err(sentence) => Report::MergeRefused(sentence),
    }
}
