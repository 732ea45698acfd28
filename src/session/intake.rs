//! What the pipeline reports, taken into the open video. The one place where its events become what
//! is known; what a window does about them beyond that is the state's.

use std::path::Path;
use std::sync::Arc;

use super::Session;
use super::report::{ErrorReport, Runtime};
use super::thumbs::Thumb;
use crate::domain::{DevicePreference, Draw, Timings};
use crate::jobs::Progress;
use crate::pipeline::{Event, Failure};

/// What came of an event.
#[derive(Debug)]
pub enum Taken {
    /// A video was opened and took the place of the one before.
    Opened,
    /// The facts of the open video are known anew.
    Facts,
    /// More is known of the bundle or the device in use.
    Runtime,
    /// A thumbnail, features, segments, sound or subtitles; or there is no video that it belongs
    /// to.
    Part,
    /// Samples, in place of those given here.
    Draw(Option<Arc<Draw>>),
    Progress(Progress),
    Done(Timings),
    Cancelled,
    Failed(Failure),
}

/// Takes an event into the open video and the bundle in use.
pub fn take_in(session: &mut Option<Session>, runtime: &mut Runtime, event: Event) -> Taken {
    match event {
        Event::Probed { info, index } => {
            // The facts of the open video again: its content hash became known, or another bundle
            // looks at it.
            if let Some(session) = session
                && session.video.path == info.path
            {
                session.video = info;
                if *session.index != *index {
                    session.index = index;
                }
                return Taken::Facts;
            }
            *session = Some(Session::new(info, index));
            return Taken::Opened;
        }
        Event::Bundle(bundle) => {
            runtime.bundle_ref = bundle;
            return Taken::Runtime;
        }
        Event::Device(report) => {
            runtime.device = report.device.to_uppercase();
            let wanted_cuda = runtime.wanted_device == DevicePreference::Cuda;
            runtime.device_note = report.note.filter(|_| wanted_cuda).unwrap_or_default();
            return Taken::Runtime;
        }
        Event::Ready {
            capabilities,
            stated,
        } => {
            runtime.stated = stated;
            runtime.coherence = capabilities.coherence;
            runtime.guidance = capabilities.guidance;
            runtime.attention = capabilities.attention;
            return Taken::Runtime;
        }
        Event::Source { name } => {
            runtime.drawn_by = if name == runtime.bundle {
                String::new()
            } else {
                name
            };
            return Taken::Runtime;
        }
        Event::Progress(progress) => return Taken::Progress(progress),
        Event::Cancelled => return Taken::Cancelled,
        Event::Failed(failure) => return Taken::Failed(failure),
        Event::Done(timings) => {
            if let Some(session) = session {
                session.timings = Some(timings.clone());
            }
            return Taken::Done(timings);
        }
        Event::Thumb(thumb) => {
            if let Some(session) = session {
                session.thumbs.insert(Thumb {
                    pick: thumb.pick,
                    frame: thumb.frame,
                    secs: thumb.secs,
                    image: thumb.image,
                });
            }
        }
        Event::Features(features) => {
            if let Some(session) = session {
                session.pick_times_secs = features.pick_times_secs.as_slice().into();
                session.features = Some(features);
            }
        }
        Event::Segments(segments) => {
            if let Some(session) = session {
                session.segments = segments;
            }
        }
        Event::Cuts(cuts) => {
            if let Some(session) = session {
                session.cuts = cuts;
            }
        }
        Event::Sound(sound) => {
            if let Some(session) = session {
                session.hear(sound);
            }
        }
        Event::Cues(cues) => {
            if let Some(session) = session {
                session.cues = cues;
            }
        }
        Event::Draw(draw) => {
            if let Some(session) = session {
                return Taken::Draw(session.draw.replace(draw));
            }
        }
    }
    Taken::Part
}

impl ErrorReport {
    /// Of a failed stage: the sentence names the file and, behind a colon or semicolon, the fix.
    pub fn of_failure(failure: &Failure, path: Option<&Path>) -> Self {
        Self {
            what: format!("{} did not work.", failure.stage),
            why: failure.message.clone(),
            path: path.map(Path::to_path_buf),
            retry: failure.retry,
            ..Self::default()
        }
    }
}
