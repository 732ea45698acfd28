//! What each command and each event does to the state. No egui, no files: everything outside is
//! left as a [`Request`].

mod choices;
pub(super) mod events;
mod files;
mod naming;
mod playing;
mod poster;
mod reports;
mod timeline;

use std::collections::BTreeSet;

use super::annotate::AnnotateCommand;
use super::command::Command;
use crate::state::{AppState, Extent, Overlay, Request};
pub use files::demo_path;
pub use files::error_report;
pub use reports::Report;

impl AppState {
    /// Runs commands in order.
    pub fn run_all(&mut self, commands: Vec<Command>) {
        for command in commands {
            self.run(command);
        }
    }

    /// Runs one command. Every command has its arm, so that one added without an effect does not
    /// compile.
    pub fn run(&mut self, command: Command) {
        use Command as C;
        if !self.study_allows(&command) {
            return;
        }
        if self.drafting.looking.is_some() && changes_work(&command) {
            self.status =
                "Another window has this open: take it over to change anything.".to_owned();
            return;
        }
        match command {
            C::OpenVideo => {
                self.opens_to_annotate = false;
                self.requests.push(Request::PickVideo);
            }
            C::OpenToAnnotate => {
                self.opens_to_annotate = true;
                self.requests.push(Request::PickVideo);
            }
            C::OpenPath(path) => self.open(path),
            C::OpenDemo => self.open_demo(),
            C::OpenProject => self.requests.push(Request::PickProject),
            C::SaveProject => self.save_project(self.project_path.clone()),
            C::SaveProjectAs => self.save_project(None),
            C::Figure(command) => self.run_figure(command),
            C::LoadAnnotations => self.requests.push(Request::PickAnnotations),
            C::Relink => self.relink(),
            C::AcceptVideo => self.accept_video(),
            C::Quit => self.requests.push(Request::Quit),
            C::Undo => self.undo_or_redo(true),
            C::Redo => self.undo_or_redo(false),
            C::TogglePlay => self.set_playing(!self.playback.playing, Extent::Video),
            C::PlaySummary(alternative) => self.play_summary(alternative),
            C::PlayRange => self.play_range(),
            C::PlayBackwards => self.jog(-1.0),
            C::Stop => self.set_playing(false, self.playback.extent),
            C::PlayForwards => self.jog(1.0),
            C::StepFrames(frames) => self.step_frames(frames),
            C::SeekBy(secs) => self.seek(self.playback.position_secs + secs),
            C::SeekKeyframe(step) => self.seek_keyframe(step),
            C::SeekSegment(step) => self.seek_segment(step),
            C::SeekTo(secs) => self.seek(secs),
            C::GoToStart => self.go_to_start(),
            C::PlaySummaryFromStart => self.play_summary_from_start(),
            C::ToggleLoop => self.toggle_loop(),
            C::ToggleLargePlayer => self.large_player = !self.large_player,
            C::GoToEnd => self.seek_last_frame(),
            C::SlowerFaster(step) => self.step_speed(step),
            C::SetSpeed(speed) => self.set_speed(speed),
            C::SetVolume(volume) => self.set_volume(volume),
            C::ToggleMute => self.toggle_mute(),
            C::GoToTime => self.toggle_overlay(Overlay::GoTo),
            C::Snapshot => self.requests.push(Request::Snapshot {
                secs: self.playback.position_secs,
            }),
            C::EditSummary(edit) => self.edit_summary(edit),
            C::AddToSummary => self.add_to_summary(),
            C::TakeOutOfSummary => self.take_out_of_summary(),
            C::SplitSummary => self.split_summary(),
            C::MovePiece { earlier } => self.move_piece(earlier),
            C::DiscardEdit(number) => self.discard_edit(number),
            C::SetIn => self.set_in(),
            C::SetOut => self.set_out(),
            C::SetRange(range) => self.set_range(range),
            C::ToggleMarker => self.toggle_marker(),
            C::RemoveAtPlayhead => self.remove_at_playhead(),
            C::FitTimeline => self.timeline.window_secs = None,
            C::ZoomTimeline(factor) => self.zoom_timeline(factor),
            C::ShowTimeline {
                start_secs,
                span_secs,
            } => self.show_timeline(start_secs, span_secs),
            C::ZoomRange => self.show_range(),
            C::ToggleLane(letter) => toggle(&mut self.timeline.open_lanes, letter),
            C::ToggleAllAnnotators => {
                self.timeline.all_annotators = !self.timeline.all_annotators;
            }
            C::ToggleSound => {
                self.prefs.shows_sound = !self.prefs.shows_sound;
                self.requests.push(Request::PreferencesChanged);
            }
            C::ToggleSubtitles => {
                self.prefs.shows_subtitles = !self.prefs.shows_subtitles;
                self.requests.push(Request::PreferencesChanged);
            }
            C::Find => self.find(),
            C::FindText(typed) => self.find_text(typed),
            C::MoreLikeFrame(secs) => self.more_like_frame(secs),
            C::FindInFolder(wanted) => self.find_in_folder(wanted),
            C::OpenAt(path, secs) => self.open_at(path, secs),
            C::SetSettings { settings, what } => self.set_settings(settings, what),
            C::NewDraw => self.draw_anew(),
            C::GoToDraw(place) => self.go_to_draw(place),
            C::CompareDraw(place) => self.compare_draw(place),
            C::StepBudget(step) => self.step_budget(step),
            C::SelectBundle(name) => {
                self.prefs.bundle = name;
                self.change_bundle();
            }
            C::SelectDevice(device) => {
                self.prefs.device = device;
                self.change_bundle();
            }
            C::CancelJob => self.cancel_job(),
            C::SelectAlternative(index) => self.select_alternative(index),
            C::Choose(of) => self.choose(of),
            C::SelectAnnotator(annotator) => {
                self.record("selection");
                self.choices.selection.annotator = annotator;
            }
            C::HoverOver(hover) => self.next_hover = hover,
            C::Pin(index) => self.toggle_mark(index, true),
            C::Reject(index) => self.toggle_mark(index, false),
            C::MoreLikeThis(index) => self.show_more_like(index),
            C::NameAlternative(place) => self.ask_for_name(place),
            C::NameMarker => self.ask_for_marker_name(),
            C::EditNaming(form) => self.overlay = Overlay::Naming(form),
            C::SetNaming(form) => self.set_naming(&form),
            C::CompareWith(index) => self.compare_with(index),
            C::FlipPair => self.flip_pair(),
            C::ChoosePair(pair) => self.set_pair(pair),
            C::ToggleMatchRow(row) => toggle(&mut self.open_matches, row),
            C::Dataset(command) => self.run_dataset(command),
            C::OpenExport(alternative) => self.open_export(alternative),
            C::EditExport(form) => self.overlay = Overlay::Export(form),
            C::ChooseExportPath(form) => self.requests.push(Request::PickExportPath(form)),
            C::StartExport(form) => self.start_export(form),
            C::ExportSeveral(form, what) => self.export_several(&form, what),
            C::ExportReel(form) => self.export_reel(&form),
            C::CancelExport => {
                self.export_progress = None;
                self.requests.push(Request::CancelExport);
            }
            C::ShowInFolder => match &self.exported {
                Some(path) => self.requests.push(Request::ShowInFolder(path.clone())),
                None => self.status = "Nothing was exported yet.".to_owned(),
            },
            C::LeaveAnyway => {
                self.overlay = Overlay::None;
                self.requests.push(Request::LeaveAnyway);
            }
            C::Steer(command) => self.run_steer(command),
            C::Study(command) => self.run_study(command),
            C::Draft(command) => self.requests.push(Request::Draft(command)),
            C::ShowPage(page) => self.show_page(page),
            C::Annotate(command) => self.run_annotate(command),
            C::Palette => self.toggle_overlay(Overlay::Palette),
            C::CheatSheet => self.toggle_overlay(Overlay::CheatSheet),
            C::Settings => self.toggle_overlay(Overlay::Settings),
            C::CloseOverlay => self.toggle_overlay(Overlay::None),
            C::TypeOverlayText(text) => self.overlay_text = text,
            C::ToggleFullscreen => self.requests.push(Request::ToggleFullscreen),
            C::ResetLayout => self.requests.push(Request::ResetLayout),
            C::TogglePane(pane) => self.requests.push(Request::TogglePane(pane)),
            C::SetTimeFormat(format) => {
                self.prefs.time_format = format;
                self.requests.push(Request::PreferencesChanged);
            }
            C::SetTheme(theme) => {
                self.prefs.theme = theme;
                self.styles_changed();
            }
            C::SetReducedMotion(reduced) => {
                self.prefs.reduced_motion = reduced;
                self.styles_changed();
            }
            C::SetMatchThreshold(threshold) => {
                self.prefs.match_threshold = threshold.clamp(-1.0, 1.0);
                self.update_figure();
                self.requests.push(Request::PreferencesChanged);
            }
            C::SetCacheLimit(bytes) => {
                self.prefs.cache_limit_bytes = bytes;
                self.requests.push(Request::PreferencesChanged);
            }
            C::DismissError => self.error = None,
            C::Retry => {
                if let Some(path) = self.error.take().and_then(|error| error.path) {
                    self.open(path);
                }
            }
            C::CopyReport => self.copy_report(),
        }
    }

    fn cancel_job(&mut self) {
        self.requests.push(Request::Cancel);
        if self.progress.take().is_some() {
            self.status = "Cancelled; what was done already stays.".to_owned();
        }
    }

    fn styles_changed(&mut self) {
        self.requests.push(Request::StylesChanged);
        self.requests.push(Request::PreferencesChanged);
    }

    fn copy_report(&mut self) {
        if let Some(error) = &self.error {
            self.requests.push(Request::CopyText(error.to_text()));
            self.status = "The report is on the clipboard.".to_owned();
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

/// Whether a command changes what a person keeps of a video, or writes its project.
fn changes_work(command: &Command) -> bool {
    use AnnotateCommand as A;
    use Command as C;
    match command {
        C::EditSummary(_) | C::AddToSummary | C::TakeOutOfSummary | C::SplitSummary => true,
        C::MovePiece { .. } | C::DiscardEdit(_) | C::RemoveAtPlayhead => true,
        C::SetIn | C::SetOut | C::SetRange(_) | C::ToggleMarker => true,
        C::Pin(_) | C::Reject(_) | C::NameAlternative(_) | C::NameMarker => true,
        C::EditNaming(_) | C::SetNaming(_) | C::Undo | C::Redo => true,
        C::SaveProject | C::LoadAnnotations | C::AcceptVideo | C::Steer(_) => true,
        C::Annotate(command) => !matches!(
            command,
            A::ShowScreen(_)
                | A::EditForm(_)
                | A::GoToShot(_)
                | A::Replay
                | A::SetMeasure(_)
                | A::SetUnit(_)
                | A::SetRatings(_)
                | A::ShowTab(_)
                | A::SetFirstSide(_)
                | A::SetSecondSide(_)
                | A::PlayPart(_)
                | A::ToggleSideBySide
                | A::PickExport(_)
        ),
        _ => false,
    }
}

fn toggle<T: Ord>(open: &mut BTreeSet<T>, one: T) {
    if !open.remove(&one) {
        open.insert(one);
    }
}

#[cfg(test)]
#[path = "choosing_tests.rs"]
mod choosing_tests;
