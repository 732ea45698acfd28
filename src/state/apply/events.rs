//! What background work reports, taken into the state; results of an older opening are passed over.

use std::sync::Arc;

use ndarray::Array2;

use crate::analysis::kinds::{match_views, views};
use crate::app::event::{Event, EventKind};
use crate::domain::{Alternative, AnnotationSet, Draw, FrameIndex, Timings, VideoInfo};
use crate::session::thumbs::Thumb;
use crate::session::{PairSide, Session};
use crate::state::history::Choices;
use crate::state::{AppState, Extent, Request, TimelineView};
use crate::ui::text;

/// Recent files kept.
const MAX_RECENT: usize = 12;

impl AppState {
    /// Takes in what background work reports.
    pub fn handle(&mut self, event: Event) {
        let stale = event.generation < self.open_generation;
        match event.kind {
            EventKind::Runtime(runtime) => {
                if !runtime.device_note.is_empty() {
                    self.status = runtime.device_note.clone();
                }
                self.runtime = runtime;
                self.follow_bundle();
            }
            EventKind::Exported(path) => {
                self.export_progress = None;
                self.status = format!("Wrote {}", path.display());
            }
            EventKind::ExportProgress(progress) => self.export_progress = Some(progress),
            EventKind::ExportFailed(report) => {
                self.export_progress = None;
                self.status.clear();
                self.error = Some(report);
            }
            EventKind::Note(note) => self.status = note,
            _ if stale => {}
            EventKind::Probed { video, index } => self.probed(video, index),
            EventKind::Failed(report) => {
                self.progress = None;
                // What was being done is not done any more.
                self.status.clear();
                self.error = Some(report);
            }
            EventKind::Progress(progress) => self.progress = Some(progress),
            EventKind::Cancelled => self.progress = None,
            EventKind::Done(timings) => {
                self.progress = None;
                self.status = self.done_sentence(&timings);
                if let Some(session) = &mut self.session {
                    session.timings = Some(timings);
                }
            }
            EventKind::Annotations(annotations) => {
                let count = annotations.annotators.len();
                self.status = if annotations.simulated {
                    format!(
                        "{}, made by a program",
                        text::count(count, "simulated annotator")
                    )
                } else {
                    format!(
                        "{} from {}",
                        text::count(count, "annotator"),
                        annotations.source
                    )
                };
                self.record("annotations");
                self.choices.annotations = Some(annotations);
                self.annotations_changed();
                self.put_into_annotations();
            }
            kind => self.session_event(event.generation, kind),
        }
    }

    pub(super) fn session_event(&mut self, generation: u64, kind: EventKind) {
        let Some(session) = &mut self.session else {
            return;
        };
        match kind {
            EventKind::Thumb {
                pick,
                frame,
                secs,
                image,
            } => session.thumbs.insert(Thumb {
                pick,
                frame,
                secs,
                image,
            }),
            EventKind::Picks { times_secs } => session.pick_times_secs = times_secs,
            EventKind::Features(features) => session.features = Some(features),
            EventKind::Segments(segments) => session.segments = segments,
            EventKind::Distribution(view) => session.distribution = Some(view),
            EventKind::Matches(view) => session.matches = Some(view),
            EventKind::Draw(draw) if generation >= session.draw_generation => {
                // A sample number means nothing in another draw, but the kind of summary does.
                let same_samples = session.draw.as_ref().is_some_and(|old| {
                    old.settings.seed == draw.settings.seed
                        && old.settings.samples == draw.settings.samples
                        && old.settings.steps == draw.settings.steps
                });
                let fits = self
                    .choices
                    .selection
                    .sample
                    .is_some_and(|sample| sample < draw.sample_count());
                if session.draw.is_some() && !(same_samples && fits) {
                    self.choices.selection.sample = None;
                }
                if session.draw.is_some() && !same_samples {
                    self.shown_before = None;
                    self.timeline.pair = self.timeline.pair.filter(|pair| {
                        ![pair.first, pair.other]
                            .iter()
                            .any(|side| matches!(side, PairSide::Sample(_)))
                    });
                }
                if let Some(old) = &session.draw {
                    let continued = continued_by(&old.alternatives, &draw.alternatives);
                    carry_over(
                        &mut self.choices,
                        &mut self.timeline,
                        &continued,
                        old,
                        &draw,
                    );
                }
                session.draw_generation = generation;
                session.draw = Some(draw);
                self.send_ranges();
            }
            _ => {}
        }
    }

    pub(super) fn probed(&mut self, video: VideoInfo, index: Arc<FrameIndex>) {
        let path = video.path.clone();
        // The facts of the open video again: its content hash became known, or another bundle looks at it.
        if self.waiting_choices.is_none()
            && let Some(session) = &mut self.session
            && session.video.path == path
        {
            session.video = video;
            if *session.index != *index {
                session.index = index;
            }
            self.dataset_video_opened();
            return;
        }
        if let Some(warning) = video.warnings.first() {
            self.status = warning.clone();
        } else {
            self.status = format!("Opened {}", path.display());
        }
        self.missing_video = None;
        let waiting = self.waiting_choices.take();
        self.session = Some(Session {
            without_picture: self.dataset.given_for(&path).is_some(),
            ..Session::new(video, index)
        });
        self.open_matches.clear();
        self.error = None;
        self.timeline = TimelineView::default();
        self.playback.position_secs = 0.0;
        self.playback.playing = false;
        self.playback.extent = Extent::Video;
        self.history.clear();
        self.drafting.given = waiting.is_some();
        self.drafting.opened += 1;
        self.choices = match waiting {
            Some((choices, _)) => choices,
            None => Choices {
                settings: self.choices.settings.clone(),
                ..Choices::default()
            },
        };
        self.dataset_video_opened();
        self.adopt_works();
        self.annotations_changed();
        if self.choices.annotations.is_none()
            && let Some(file) = crate::annotations::beside(&path)
        {
            self.requests.push(Request::LoadAnnotations(file));
        }
        if self.dataset.given_for(&path).is_none() {
            self.remember(path);
        }
    }

    /// Puts a file at the head of those opened before.
    pub(crate) fn remember(&mut self, path: std::path::PathBuf) {
        self.prefs.recent.retain(|other| *other != path);
        self.prefs.recent.insert(0, path);
        self.prefs.recent.truncate(MAX_RECENT);
        self.requests.push(Request::PreferencesChanged);
    }

    pub(super) fn done_sentence(&self, timings: &Timings) -> String {
        // A scorer gives one, whatever was asked for. The last samples may still be on their way: their selection is made beside.
        let drawn = self.session.as_ref().and_then(|s| s.draw.as_ref());
        let samples = drawn.map_or(self.choices.settings.samples, |draw| draw.settings.samples);
        let mut parts = vec!["Ready".to_owned()];
        let no_picture = self
            .session
            .as_ref()
            .is_some_and(|session| session.without_picture);
        if no_picture {
            // There was nothing to decode.
            if self.runtime.drawn_by == "random" {
                parts.push("samples by chance, for want of features".to_owned());
            }
        } else if timings.decode > 0.0 {
            parts.push(format!(
                "decoded {:.0} s in {:.1} s",
                self.duration_secs(),
                timings.decode
            ));
        } else {
            parts.push("features from the cache".to_owned());
        }
        if samples > 0 {
            parts.push(format!(
                "{} in {:.1} s",
                text::count(samples, "sample"),
                timings.sample + timings.select
            ));
        }
        parts.join(" · ")
    }

    pub(crate) fn annotations_changed(&mut self) {
        let annotations = self.choices.annotations.clone();
        if let Some(session) = &mut self.session {
            session.annotator_ranges_secs = annotations
                .as_deref()
                .map_or_else(Vec::new, |set| annotator_ranges_secs(session, set))
                .into();
            if annotations.is_none() {
                session.matches = None;
                session.distribution = None;
            }
        }
    }
}

/// For each old alternative the new one that continues it, by what they rate high; its own place where nothing changed.
fn continued_by(old: &[Alternative], new: &[Alternative]) -> Vec<Option<usize>> {
    let same = old.len() == new.len()
        && (old.iter().zip(new)).all(|(a, b)| a.label == b.label && a.scores == b.scores);
    let picks = old.first().map_or(0, |kind| kind.scores.len());
    let fit = |kinds: &[Alternative]| kinds.iter().all(|kind| kind.scores.len() == picks);
    if same || !(fit(old) && fit(new)) {
        return (0..old.len())
            .map(|at| Some(at).filter(|&at| at < new.len()))
            .collect();
    }
    let of = |kinds: &[Alternative]| {
        views(
            Array2::from_shape_fn((kinds.len(), picks), |(kind, pick)| {
                kinds[kind].scores[pick]
            })
            .view(),
        )
    };
    let matched = match_views(of(old).view(), of(new).view());
    (0..old.len())
        .map(|at| matched.iter().position(|&before| before == Some(at)))
        .collect()
}

/// What was chosen, pinned, rejected and opened stays with the alternatives that it belonged to.
fn carry_over(
    choices: &mut Choices,
    timeline: &mut TimelineView,
    continued: &[Option<usize>],
    old: &Draw,
    new: &Draw,
) {
    let moved = |at: usize| continued.get(at).copied().flatten();
    choices.selection.alternative = choices.selection.alternative.and_then(moved);
    timeline.open_lanes = timeline
        .open_lanes
        .iter()
        .filter_map(|&at| moved(at))
        .collect();
    for mark in choices.pins.iter_mut().chain(&mut choices.rejects) {
        let place = old
            .alternatives
            .iter()
            .position(|kind| kind.label == mark.label);
        if let Some(kind) = place
            .and_then(moved)
            .and_then(|at| new.alternatives.get(at))
        {
            mark.label.clone_from(&kind.label);
        }
    }
}

/// What each annotator picked, in seconds of this video. Annotators with scores alone have no ranges.
fn annotator_ranges_secs(session: &Session, set: &AnnotationSet) -> Vec<Vec<(f64, f64)>> {
    // Annotations made on another frame rate are stretched to this video's frames.
    let frames = session.index.len().max(1) as f64;
    let scale = if set.frame_count > 0 {
        frames / set.frame_count as f64
    } else {
        1.0
    };
    let secs = |frame: u64| {
        session
            .index
            .secs_from_frame((frame as f64 * scale).round() as u64)
    };
    set.annotators
        .iter()
        .map(|annotator| {
            annotator
                .picks
                .iter()
                .map(|range| (secs(range.start), secs(range.end)))
                .collect()
        })
        .collect()
}
