//! What each command and each event does to the state. No egui, no files: everything outside is left as a [`Request`].

mod choices;
mod events;
mod files;
mod playing;
mod poster;
mod timeline;

use super::command::Command;
use crate::state::{AppState, Overlay, Request};
use crate::ui::text;
pub use files::demo_path;
pub use files::error_report;

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
            Command::Relink => self.relink(),
            Command::AcceptVideo => self.accept_video(),
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
            Command::ChoosePair(pair) => self.set_pair(pair),
            Command::CompareWith(index) => self.compare_with(index),
            Command::FlipPair => self.flip_pair(),
            Command::Figure(command) => self.run_figure(command),
            Command::Dataset(command) => self.run_dataset(command),
            Command::OpenExport(sample) => self.open_export(sample),
            Command::EditExport(form) => self.overlay = Overlay::Export(form),
            Command::ChooseExportPath(form) => self.requests.push(Request::PickExportPath(form)),
            Command::StartExport(form) => {
                self.overlay = Overlay::None;
                // The progress beside it says what is going on.
                self.status.clear();
                self.requests.push(Request::Export(form));
            }
            Command::CancelExport => {
                self.export_progress = None;
                self.requests.push(Request::CancelExport);
            }
            Command::LeaveAnyway => {
                self.overlay = Overlay::None;
                self.requests.push(Request::LeaveAnyway);
            }
            Command::Draft(command) => self.requests.push(Request::Draft(command)),
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

    fn run_window(&mut self, command: Command) {
        match command {
            Command::FitTimeline => self.timeline.window_secs = None,
            Command::ZoomRange => match self.choices.range_secs {
                Some((start, end)) => self.show_timeline(start, end - start),
                None => {
                    self.status = playing::NO_RANGE.to_owned();
                }
            },
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
            Command::ToggleMatchRow(row) if !self.open_matches.remove(&row) => {
                self.open_matches.insert(row);
            }
            Command::ToggleAllAnnotators => {
                self.timeline.all_annotators = !self.timeline.all_annotators;
            }
            Command::ShowPage(page) => self.show_page(page),
            Command::Annotate(command) => self.run_annotate(command),
            Command::Palette => self.toggle_overlay(Overlay::Palette),
            Command::CheatSheet => self.toggle_overlay(Overlay::CheatSheet),
            Command::Settings => self.toggle_overlay(Overlay::Settings),
            Command::GoToTime => self.toggle_overlay(Overlay::GoTo),
            Command::CloseOverlay => self.toggle_overlay(Overlay::None),
            Command::TypeOverlayText(text) => self.overlay_text = text,
            Command::ToggleFullscreen => self.requests.push(Request::ToggleFullscreen),
            Command::ResetLayout => self.requests.push(Request::ResetLayout),
            Command::TogglePane(pane) => self.requests.push(Request::TogglePane(pane)),
            Command::SetTimeFormat(format) => {
                self.prefs.time_format = format;
                self.requests.push(Request::PreferencesChanged);
            }
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
                self.update_figure();
                self.requests.push(Request::PreferencesChanged);
            }
            Command::SetCacheLimit(bytes) => {
                self.prefs.cache_limit_bytes = bytes;
                self.requests.push(Request::PreferencesChanged);
            }
            _ => {}
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
}
