//! What each command and each event does to the state. No egui, no files: everything outside is left as a [`Request`].

use std::sync::Arc;

use super::command::Command;
use super::event::{ErrorReport, Event, EventKind};
use super::history::Choices;
use super::state::{
    AppState, ExportForm, ExportMode, Overlay, PlayerRequest, Request, Session, TimelineView,
};
use super::thumbs::Thumb;
use crate::domain::{AnnotationSet, DrawSettings, Mark};
use crate::ui::text;

/// Playing speeds that the slower and faster commands step through.
const SPEEDS: [f64; 8] = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0];
/// Shortest stretch the timeline can show, seconds.
const MIN_SPAN_SECS: f64 = 0.5;
/// Recent files kept.
const MAX_RECENT: usize = 12;
/// Markers nearer than this are the same.
const MARKER_SECS: f64 = 0.25;

impl AppState {
    /// Runs commands in order.
    pub fn run_all(&mut self, commands: Vec<Command>) {
        for command in commands {
            self.run(command);
        }
    }

    /// Runs one command.
    pub fn run(&mut self, command: Command) {
        match command {
            Command::OpenVideo => self.requests.push(Request::PickVideo),
            Command::OpenPath(path) => self.open(path),
            Command::OpenDemo => match demo_path() {
                Some(path) => self.open(path),
                None => self.status = "The demo film is not beside the program.".to_owned(),
            },
            Command::OpenProject => self.requests.push(Request::PickProject),
            Command::SaveProject => self.save_project(self.project_path.clone()),
            Command::SaveProjectAs => self.save_project(None),
            Command::LoadAnnotations => self.requests.push(Request::PickAnnotations),
            Command::Relink => self.requests.push(Request::PickVideo),
            Command::Quit => self.requests.push(Request::Quit),
            Command::Undo => self.undo_or_redo(true),
            Command::Redo => self.undo_or_redo(false),
            Command::SetIn => {
                let at = self.playback.position_secs;
                let end = self
                    .choices
                    .range_secs
                    .map_or(f64::INFINITY, |range| range.1);
                let end = if end > at { end } else { f64::INFINITY };
                self.set_range(Some((at, end.min(self.duration_secs()))));
            }
            Command::SetOut => {
                let at = self.playback.position_secs;
                let start = self.choices.range_secs.map_or(0.0, |range| range.0);
                self.set_range(Some((if start < at { start } else { 0.0 }, at)));
            }
            Command::SetRange(range) => self.set_range(range),
            Command::ToggleMarker => self.toggle_marker(),
            Command::RemoveAtPlayhead => self.remove_at_playhead(),
            Command::SetSettings { settings, what } => self.set_settings(settings, what),
            Command::NewDraw => {
                let mut settings = self.choices.settings.clone();
                settings.seed = settings.seed.wrapping_add(1);
                self.set_settings(settings, "new draw");
            }
            Command::StepBudget(step) => {
                let mut settings = self.choices.settings.clone();
                settings.budget =
                    ((settings.budget * 100.0).round() + f64::from(step)).clamp(1.0, 100.0) / 100.0;
                self.set_settings(settings, "budget");
            }
            Command::SelectBundle(name) => {
                self.prefs.bundle = name;
                self.change_bundle();
            }
            Command::SelectDevice(device) => {
                self.prefs.device = device;
                self.change_bundle();
            }
            Command::CancelJob => {
                self.requests.push(Request::Cancel);
                if self.progress.take().is_some() {
                    self.status = "Cancelled; what was done already stays.".to_owned();
                }
            }
            Command::SelectAlternative(index) => self.select_alternative(index),
            Command::SelectSample(sample) => self.select_sample(sample),
            Command::SelectAnnotator(annotator) => {
                self.record("selection");
                self.choices.selection.annotator = annotator;
            }
            Command::HoverOver(hover) => self.next_hover = hover,
            Command::Pin(index) => self.toggle_mark(index, true),
            Command::Reject(index) => self.toggle_mark(index, false),
            Command::MoreLikeThis(index) => {
                self.select_alternative(index);
                self.timeline.open_lanes.insert(index);
                let members = self
                    .draw()
                    .and_then(|draw| draw.alternatives.get(index))
                    .map_or(0, |alternative| alternative.members.len());
                self.status = format!(
                    "The timeline shows all {} of alternative {}.",
                    text::count(members, "sample"),
                    text::letter(index)
                );
            }
            Command::OpenExport(sample) => self.open_export(sample),
            Command::EditExport(form) => self.overlay = Overlay::Export(form),
            Command::ChooseExportPath(form) => self.requests.push(Request::PickExportPath(form)),
            Command::StartExport(form) => {
                self.overlay = Overlay::None;
                self.status = "Exporting…".to_owned();
                self.requests.push(Request::Export(form));
            }
            Command::CancelExport => {
                self.export_progress = None;
                self.requests.push(Request::CancelExport);
            }
            Command::DismissError => self.error = None,
            Command::Retry => {
                let path = self.error.take().and_then(|error| error.path);
                if let Some(path) = path {
                    self.open(path);
                }
            }
            Command::CopyReport => {
                if let Some(error) = &self.error {
                    self.requests.push(Request::CopyText(error.to_text()));
                    self.status = "The report is on the clipboard.".to_owned();
                }
            }
            other => self.run_playing(other),
        }
    }

    fn run_playing(&mut self, command: Command) {
        match command {
            Command::TogglePlay => {
                let playing = !self.playback.playing;
                self.set_playing(playing, false);
            }
            Command::PlaySummary(alternative) => {
                if let Some(index) = alternative {
                    self.select_alternative(index);
                }
                let again =
                    self.playback.playing && self.playback.summary_only && alternative.is_none();
                self.set_playing(!again, true);
            }
            Command::PlayBackwards => self.jog(-1.0),
            Command::PlayForwards => self.jog(1.0),
            Command::Stop => self.set_playing(false, self.playback.summary_only),
            Command::StepFrames(frames) => self.step_frames(frames),
            Command::SeekBy(secs) => self.seek(self.playback.position_secs + secs),
            Command::SeekKeyframe(step) => self.seek_keyframe(step),
            Command::SeekSegment(step) => self.seek_segment(step),
            Command::SeekTo(secs) => self.seek(secs),
            Command::GoToStart => self.seek(0.0),
            Command::GoToEnd => {
                let last = self.session.as_ref().map_or(0.0, |session| {
                    session
                        .index
                        .secs_from_frame(session.index.len().saturating_sub(1))
                });
                self.seek(last);
            }
            Command::SlowerFaster(step) => {
                let speed = self.playback.speed.abs();
                let next = if step > 0 {
                    SPEEDS.iter().find(|&&s| s > speed + 1e-6)
                } else {
                    SPEEDS.iter().rev().find(|&&s| s < speed - 1e-6)
                };
                if let Some(&next) = next {
                    self.set_speed(next);
                }
            }
            Command::SetSpeed(speed) => self.set_speed(speed),
            Command::SetVolume(volume) => {
                self.prefs.volume = volume.clamp(0.0, 1.0);
                self.prefs.muted = false;
                self.send_volume();
            }
            Command::ToggleMute => {
                self.prefs.muted = !self.prefs.muted;
                self.send_volume();
            }
            Command::Snapshot => self.requests.push(Request::Snapshot {
                secs: self.playback.position_secs,
            }),
            other => self.run_window(other),
        }
    }

    fn run_window(&mut self, command: Command) {
        match command {
            Command::FitTimeline => self.timeline.window_secs = None,
            Command::ZoomTimeline(factor) => {
                let (start, span) = self.timeline_window_secs();
                let at = self.playback.position_secs.clamp(start, start + span);
                let new_span = span / factor;
                self.show_timeline(at - (at - start) / factor, new_span);
            }
            Command::ShowTimeline {
                start_secs,
                span_secs,
            } => self.show_timeline(start_secs, span_secs),
            Command::ToggleLane(index) if !self.timeline.open_lanes.remove(&index) => {
                self.timeline.open_lanes.insert(index);
            }
            Command::ToggleAllAnnotators => {
                self.timeline.all_annotators = !self.timeline.all_annotators;
            }
            Command::ShowPage(page) => self.show_page(page),
            Command::Palette => self.toggle_overlay(Overlay::Palette),
            Command::CheatSheet => self.toggle_overlay(Overlay::CheatSheet),
            Command::Settings => self.toggle_overlay(Overlay::Settings),
            Command::GoToTime => self.toggle_overlay(Overlay::GoTo),
            Command::CloseOverlay => self.toggle_overlay(Overlay::None),
            Command::TypeOverlayText(text) => self.overlay_text = text,
            Command::ToggleFullscreen => self.requests.push(Request::ToggleFullscreen),
            Command::ResetLayout => self.requests.push(Request::ResetLayout),
            Command::SetTheme(theme) => {
                self.prefs.theme = theme;
                self.requests.push(Request::StylesChanged);
                self.requests.push(Request::PreferencesChanged);
            }
            Command::SetReducedMotion(reduced) => {
                self.prefs.reduced_motion = reduced;
                self.requests.push(Request::StylesChanged);
                self.requests.push(Request::PreferencesChanged);
            }
            Command::SetMatchThreshold(threshold) => {
                self.prefs.match_threshold = threshold.clamp(-1.0, 1.0);
                self.requests.push(Request::PreferencesChanged);
            }
            Command::SetCacheLimit(bytes) => {
                self.prefs.cache_limit_bytes = bytes;
                self.requests.push(Request::PreferencesChanged);
            }
            _ => {}
        }
    }

    /// Takes in what background work reports.
    pub fn handle(&mut self, event: Event) {
        let stale = event.generation < self.open_generation;
        match event.kind {
            EventKind::Runtime(runtime) => {
                if !runtime.device_note.is_empty() {
                    self.status = runtime.device_note.clone();
                }
                self.runtime = runtime;
            }
            EventKind::Exported(path) => {
                self.export_progress = None;
                self.status = format!("Wrote {}", path.display());
            }
            EventKind::ExportProgress(progress) => self.export_progress = Some(progress),
            EventKind::ExportFailed(report) => {
                self.export_progress = None;
                self.error = Some(report);
            }
            EventKind::Note(note) => self.status = note,
            _ if stale => {}
            EventKind::Probed { video, index } => self.probed(video, index),
            EventKind::Failed(report) => {
                self.progress = None;
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
            }
            kind => self.session_event(event.generation, kind),
        }
    }

    fn session_event(&mut self, generation: u64, kind: EventKind) {
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
                session.draw_generation = generation;
                session.draw = Some(draw);
                self.send_summary_ranges();
            }
            _ => {}
        }
    }

    fn probed(&mut self, video: crate::domain::VideoInfo, index: Arc<crate::domain::FrameIndex>) {
        // Told again of the same opening when the content hash is known, or when the bundle changed.
        if let Some(session) = &mut self.session
            && session.video.path == video.path
            && session.index == index
            && self.waiting_choices.is_none()
        {
            session.video = video;
            return;
        }
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
            return;
        }
        if let Some(warning) = video.warnings.first() {
            self.status = warning.clone();
        } else {
            self.status = format!("Opened {}", path.display());
        }
        self.missing_video = None;
        let waiting = self.waiting_choices.take();
        if let Some((_, sha256)) = &waiting
            && !sha256.is_empty()
            && !video.sha256.is_empty()
            && *sha256 != video.sha256
        {
            self.status = format!(
                "{} is another video than the project was made with; segments may differ.",
                path.display()
            );
        }
        self.session = Some(Session::new(video, index));
        self.error = None;
        self.timeline = TimelineView::default();
        self.playback.position_secs = 0.0;
        self.playback.playing = false;
        self.playback.summary_only = false;
        self.history.clear();
        self.choices = match waiting {
            Some((choices, _)) => choices,
            None => Choices {
                settings: self.choices.settings.clone(),
                ..Choices::default()
            },
        };
        self.annotations_changed();
        if self.choices.annotations.is_none()
            && let Some(file) = crate::annotations::beside(&path)
        {
            self.requests.push(Request::LoadAnnotations(file));
        }
        self.prefs.recent.retain(|other| *other != path);
        self.prefs.recent.insert(0, path);
        self.prefs.recent.truncate(MAX_RECENT);
        self.requests.push(Request::PreferencesChanged);
    }

    /// Starts opening a video or project.
    pub fn open(&mut self, path: std::path::PathBuf) {
        self.error = None;
        self.overlay = Overlay::None;
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("summdiff") => self.requests.push(Request::OpenProject(path)),
            Some("h5" | "hdf5" | "mat" | "tsv") => {
                self.requests.push(Request::LoadAnnotations(path));
            }
            _ => {
                let generation = self.next_generation();
                self.open_generation = generation;
                self.status = format!("Opening {}", path.display());
                if self.missing_video.is_none() {
                    self.project_path = None;
                }
                self.request_open(path, generation);
            }
        }
    }

    fn request_open(&mut self, path: std::path::PathBuf, generation: u64) {
        let settings = match &self.waiting_choices {
            Some((choices, _)) => choices.settings.clone(),
            None => self.choices.settings.clone(),
        };
        self.requests.push(Request::Open {
            path,
            generation,
            settings,
            bundle: self.prefs.bundle.clone(),
            device: self.prefs.device,
        });
    }

    pub fn next_generation(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }

    fn duration_secs(&self) -> f64 {
        self.session.as_ref().map_or(0.0, Session::duration_secs)
    }

    fn record(&mut self, what: &'static str) {
        self.history.record(what, &self.choices, self.now_secs);
    }

    fn set_settings(&mut self, settings: DrawSettings, what: &'static str) {
        if settings == self.choices.settings {
            return;
        }
        self.record(what);
        let old = std::mem::replace(&mut self.choices.settings, settings);
        self.request_draw(&old);
    }

    /// Asks for the draw of the current settings; only a new selection where the budget alone differs from `old`.
    fn request_draw(&mut self, old: &DrawSettings) {
        let settings = self.choices.settings.clone();
        if settings == *old {
            return;
        }
        let budget_only = DrawSettings {
            budget: settings.budget,
            ..old.clone()
        } == settings;
        let generation = self.next_generation();
        self.requests.push(if budget_only {
            Request::Budget {
                budget: settings.budget,
                generation,
            }
        } else {
            Request::Draw {
                settings,
                generation,
            }
        });
    }

    /// The same video with other networks; what is on screen stays until their results are there.
    fn change_bundle(&mut self) {
        if let Some(path) = self
            .session
            .as_ref()
            .map(|session| session.video.path.clone())
        {
            let generation = self.next_generation();
            self.open_generation = generation;
            self.request_open(path, generation);
        }
        self.requests.push(Request::PreferencesChanged);
    }

    fn undo_or_redo(&mut self, undo: bool) {
        let old = self.choices.clone();
        let mut choices = self.choices.clone();
        let name = if undo {
            self.history.undo(&mut choices)
        } else {
            self.history.redo(&mut choices)
        };
        let Some(name) = name else {
            self.status = if undo {
                "Nothing to undo"
            } else {
                "Nothing to redo"
            }
            .to_owned();
            return;
        };
        self.choices = choices;
        self.status = format!("{} {name}", if undo { "Undid" } else { "Redid" });
        self.request_draw(&old.settings);
        if self.choices.annotations != old.annotations {
            self.annotations_changed();
        }
        self.send_summary_ranges();
    }

    fn select_alternative(&mut self, index: usize) {
        let count = self.alternative_count();
        if index >= count {
            return;
        }
        if self.choices.selection.alternative == Some(index)
            && self.choices.selection.sample.is_none()
        {
            return;
        }
        self.record("selection");
        self.choices.selection.alternative = Some(index);
        self.choices.selection.sample = None;
        self.send_summary_ranges();
    }

    fn select_sample(&mut self, sample: usize) {
        let Some(draw) = self.draw().cloned() else {
            return;
        };
        if sample >= draw.sample_count() || self.choices.selection.sample == Some(sample) {
            return;
        }
        self.record("selection");
        self.choices.selection.sample = Some(sample);
        self.choices.selection.alternative = draw.alternative_of(sample);
        let secs = draw.durations_secs.get(sample).copied().unwrap_or(0.0);
        self.status = format!("Sample {} · {}", sample + 1, text::clock(secs));
        self.send_summary_ranges();
    }

    fn toggle_mark(&mut self, index: usize, pin: bool) {
        let Some(mark) = self.mark_of(index) else {
            return;
        };
        let letter = text::letter(index);
        let had = if pin {
            self.is_pinned(index)
        } else {
            self.is_rejected(index)
        };
        self.record(if pin { "pin" } else { "rejection" });
        let like = |other: &Mark| !other.is_like(&mark.segments);
        self.choices.pins.retain(like);
        self.choices.rejects.retain(like);
        self.status = match (pin, had) {
            (true, true) => format!("Unpinned {letter}"),
            (true, false) => {
                format!("Pinned {letter}; it stays in the timeline through new draws.")
            }
            (false, true) => format!("{letter} is back"),
            (false, false) => format!("Rejected {letter}; summaries like it are dimmed."),
        };
        if !had {
            if pin {
                self.choices.pins.push(mark);
            } else {
                self.choices.rejects.push(mark);
            }
        }
    }

    fn set_range(&mut self, range: Option<(f64, f64)>) {
        if range == self.choices.range_secs {
            return;
        }
        self.record("range");
        self.choices.range_secs = range.filter(|(start, end)| end > start);
    }

    fn toggle_marker(&mut self) {
        let at = self.playback.position_secs;
        self.record("marker");
        let markers = &mut self.choices.markers_secs;
        let before = markers.len();
        markers.retain(|marker| (marker - at).abs() > MARKER_SECS);
        if markers.len() == before {
            let index = markers.partition_point(|marker| *marker < at);
            markers.insert(index, at);
        }
    }

    fn remove_at_playhead(&mut self) {
        let at = self.playback.position_secs;
        if self
            .choices
            .markers_secs
            .iter()
            .any(|marker| (marker - at).abs() <= MARKER_SECS)
        {
            self.toggle_marker();
        } else if self.choices.range_secs.is_some() {
            self.set_range(None);
        }
    }

    fn toggle_overlay(&mut self, overlay: Overlay) {
        self.overlay_text.clear();
        self.overlay = if self.overlay == overlay {
            Overlay::None
        } else {
            overlay
        };
    }

    fn open_export(&mut self, alternative: Option<usize>) {
        if let Some(index) = alternative {
            self.select_alternative(index);
        }
        let (Some(sample), Some(session)) = (self.chosen_sample(), &self.session) else {
            self.status = "There is no summary to export yet.".to_owned();
            return;
        };
        let stem = session.video.path.file_stem().map_or_else(
            || "video".to_owned(),
            |stem| stem.to_string_lossy().into_owned(),
        );
        let letter = self.chosen_alternative().map(text::letter);
        let name = match letter {
            Some(letter) => format!("{stem}_summary_{letter}.mp4"),
            None => format!("{stem}_summary_{:03}.mp4", sample + 1),
        };
        let path = session.video.path.with_file_name(name);
        self.overlay = Overlay::Export(ExportForm {
            sample,
            format: "mp4",
            mode: ExportMode::Exact,
            path: path.display().to_string(),
        });
    }

    fn save_project(&mut self, path: Option<std::path::PathBuf>) {
        let Some(session) = &self.session else {
            self.status = "There is nothing to save yet.".to_owned();
            return;
        };
        let offered = session.video.path.with_extension("summdiff");
        self.requests.push(match path {
            Some(path) => Request::SaveProject(path),
            None => Request::PickSavePath(offered),
        });
    }

    fn annotations_changed(&mut self) {
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

    fn done_sentence(&self, timings: &crate::domain::Timings) -> String {
        let samples = self.choices.settings.samples;
        let mut parts = vec!["Ready".to_owned()];
        if timings.decode > 0.0 {
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

    fn seek(&mut self, secs: f64) {
        let secs = secs.clamp(0.0, self.duration_secs());
        self.playback.position_secs = secs;
        self.send(PlayerRequest::Seek { secs });
        self.keep_playhead_in_view();
    }

    fn step_frames(&mut self, frames: i64) {
        self.set_playing(false, self.playback.summary_only);
        let Some(session) = &self.session else { return };
        let frame = session.index.frame_at_secs(self.playback.position_secs);
        let last = session.index.len().saturating_sub(1);
        let next = frame.saturating_add_signed(frames).min(last);
        self.playback.position_secs = session.index.secs_from_frame(next);
        if self.player_attached {
            self.send(PlayerRequest::Step { frames });
        }
        self.keep_playhead_in_view();
    }

    fn seek_keyframe(&mut self, step: i32) {
        let Some(session) = &self.session else { return };
        let frame = session.index.frame_at_secs(self.playback.position_secs);
        let target = if step < 0 {
            session.index.keyframe_before(frame.saturating_sub(1))
        } else {
            match session.index.keyframe_after(frame) {
                Some(frame) => frame,
                None => return,
            }
        };
        self.seek(session.index.secs_from_frame(target));
    }

    fn seek_segment(&mut self, step: i32) {
        let Some(session) = &self.session else { return };
        let at = self.playback.position_secs;
        let target = if step < 0 {
            session
                .segments
                .iter()
                .rev()
                .find(|segment| segment.start_secs < at - 0.05)
                .map_or(0.0, |segment| segment.start_secs)
        } else {
            match session
                .segments
                .iter()
                .find(|segment| segment.start_secs > at + 1e-3)
            {
                Some(segment) => segment.start_secs,
                None => return,
            }
        };
        self.seek(target);
    }

    fn set_playing(&mut self, playing: bool, summary_only: bool) {
        if self.session.is_none() {
            return;
        }
        let was_summary = self.playback.summary_only;
        self.playback.summary_only = summary_only;
        if was_summary != summary_only || (playing && summary_only) {
            self.send_summary_ranges();
        }
        if playing {
            let at_end = self.playback.position_secs >= self.duration_secs() - 0.05;
            if summary_only {
                let ranges = self
                    .chosen_sample()
                    .zip(self.session.as_ref())
                    .map_or_else(Vec::new, |(sample, session)| session.summary_secs(sample));
                let past = ranges
                    .last()
                    .is_none_or(|range| range.1 <= self.playback.position_secs + 0.05);
                let inside = ranges.iter().any(|(start, end)| {
                    *start <= self.playback.position_secs && self.playback.position_secs < *end
                });
                if let Some(first) = ranges.first()
                    && (past || !inside)
                {
                    let from = if past {
                        0.0
                    } else {
                        self.playback.position_secs
                    };
                    let target = ranges
                        .iter()
                        .find(|(start, _)| *start >= from)
                        .unwrap_or(first)
                        .0;
                    self.seek(target);
                }
            } else if at_end {
                self.seek(0.0);
            }
        }
        self.playback.playing = playing;
        self.send(if playing {
            PlayerRequest::Play
        } else {
            PlayerRequest::Pause
        });
    }

    fn jog(&mut self, direction: f64) {
        let same_way = self.playback.playing && self.playback.speed * direction > 0.0;
        let speed = if same_way {
            (self.playback.speed.abs() * 2.0).min(8.0)
        } else {
            1.0
        };
        self.set_speed(speed * direction);
        self.set_playing(true, self.playback.summary_only && direction > 0.0);
    }

    fn set_speed(&mut self, speed: f64) {
        self.playback.speed = speed;
        self.send(PlayerRequest::Speed(speed));
    }

    fn send_volume(&mut self) {
        let volume = if self.prefs.muted {
            0.0
        } else {
            self.prefs.volume
        };
        self.send(PlayerRequest::Volume(volume));
        self.requests.push(Request::PreferencesChanged);
    }

    fn send_summary_ranges(&mut self) {
        let ranges = if self.playback.summary_only {
            self.chosen_sample()
                .zip(self.session.as_ref())
                .and_then(|(sample, session)| {
                    let draw = session.draw.as_ref()?;
                    Some(draw.summary_ranges(sample, &session.segments))
                })
        } else {
            None
        };
        self.send(PlayerRequest::Ranges(ranges));
    }

    fn send(&mut self, request: PlayerRequest) {
        self.requests.push(Request::Player(request));
    }

    fn show_timeline(&mut self, start_secs: f64, span_secs: f64) {
        let duration = self.duration_secs();
        if duration <= 0.0 {
            return;
        }
        let span = span_secs.clamp(MIN_SPAN_SECS.min(duration), duration);
        let start = start_secs.clamp(0.0, duration - span);
        self.timeline.window_secs = (span < duration * 0.999).then_some((start, span));
    }

    fn keep_playhead_in_view(&mut self) {
        if let Some((start, span)) = self.timeline.window_secs {
            let at = self.playback.position_secs;
            if at < start || at > start + span {
                self.show_timeline(at - span * 0.1, span);
            }
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

/// The bundled film, wherever the program finds its assets.
fn demo_path() -> Option<std::path::PathBuf> {
    let mut roots = Vec::new();
    if let Ok(program) = std::env::current_exe() {
        roots.extend(
            program
                .ancestors()
                .skip(1)
                .take(4)
                .map(std::path::Path::to_path_buf),
        );
    }
    roots.push(std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    roots
        .into_iter()
        .flat_map(|root| {
            ["demo.mp4", "demo.webm", "demo.mkv"].map(|name| root.join("assets/demo").join(name))
        })
        .find(|path| path.is_file())
}

/// An error in short, for callers that have no more to say.
pub fn error_report(what: impl Into<String>, mend: impl Into<String>) -> ErrorReport {
    ErrorReport {
        what: what.into(),
        mend: mend.into(),
        ..ErrorReport::default()
    }
}
