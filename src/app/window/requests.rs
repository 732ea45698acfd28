//! Hands every request of a frame to the worker that does it.

use std::time::Duration;

use super::Window;
use crate::app::layout::{self};
use crate::jobs::Progress;
use crate::state::apply::Report;
use crate::state::dataset::DatasetRequest;
use crate::state::request::AnnotateRequest;
use crate::state::request::FigureRequest;
use crate::state::{ExportForm, Request};
use crate::ui::theme::{self};
use egui::{Ui, ViewportCommand};

/// How long closing waits for an export to stop and to remove what it wrote.
pub(super) const LEAVING_PATIENCE: Duration = Duration::from_secs(3);

impl Window {
    /// Gives every request to the worker that does it.
    pub(super) fn hand_out(&mut self, ui: &Ui) {
        for request in std::mem::take(&mut self.state.requests) {
            match request {
                Request::Player(request) => {
                    if let Some(player) = &mut self.player {
                        player.send(&request);
                    }
                }
                Request::PickVideo
                | Request::PickAnnotations
                | Request::PickProject
                | Request::PickSavePath(_)
                | Request::PickExportPath(_)
                | Request::Dataset(
                    DatasetRequest::PickFile
                    | DatasetRequest::PickFolder
                    | DatasetRequest::PickVideo(_)
                    | DatasetRequest::PickRatings
                    | DatasetRequest::PickMatchesPath(_)
                    | DatasetRequest::PickTablePath(_),
                )
                | Request::Figure(FigureRequest::Pick(..) | FigureRequest::PickReport(_))
                | Request::Annotate(AnnotateRequest::PickMerge | AnnotateRequest::PickExport(..)) =>
                {
                    self.dialogs.ask(ui.ctx(), request, &self.state);
                }
                Request::Annotate(AnnotateRequest::Second(request)) => {
                    if self.second_player.is_none() {
                        self.second_player = match &mut self.make_player {
                            Some(make) => make(&self.state),
                            None => None,
                        };
                    }
                    if let Some(player) = &mut self.second_player {
                        player.send(&request);
                    }
                }
                Request::Figure(request) => self.files.write_figure(&self.state, request, ui),
                Request::Annotate(request) => {
                    self.annotate_worker
                        .start(&mut self.state, request, ui.ctx());
                }
                Request::Dataset(
                    request @ (DatasetRequest::WriteMatches(_) | DatasetRequest::WriteTable(_)),
                ) => self.files.write_of_dataset(&self.state, request, ui.ctx()),
                Request::Dataset(request) if self.works => {
                    self.datasets.start(request, ui.ctx());
                }
                Request::CopyText(text) => ui.ctx().copy_text(text),
                Request::ToggleFullscreen => {
                    let full = ui.input(|input| input.viewport().fullscreen.unwrap_or(false));
                    ui.ctx()
                        .send_viewport_cmd(ViewportCommand::Fullscreen(!full));
                }
                Request::ResetLayout => {
                    self.panels = layout::default_tree();
                    self.narrow_panels = layout::narrow_tree();
                    let shown = layout::shown_panes(&self.panels);
                    self.state.take(Report::Panes(shown));
                    self.save_window();
                }
                Request::TogglePane(pane) => {
                    let shown = layout::toggle_pane(&mut self.panels, pane);
                    if layout::is_shown(&self.narrow_panels, pane) != shown {
                        layout::toggle_pane(&mut self.narrow_panels, pane);
                    }
                    let all_shown = layout::shown_panes(&self.panels);
                    let sentence = match (shown, all_shown.as_slice()) {
                        (true, [only]) if *only == pane => {
                            format!("{} is the only panel; it stays.", pane.title())
                        }
                        (true, _) => format!("{} is shown.", pane.title()),
                        (false, _) => {
                            format!("{} is hidden; the settings bring it back.", pane.title())
                        }
                    };
                    self.state.take(Report::Panes(all_shown));
                    self.state.take(Report::Status(sentence));
                    self.save_window();
                }
                Request::StylesChanged => {
                    theme::install(
                        ui.ctx(),
                        self.state.prefs.theme,
                        self.state.prefs.reduced_motion,
                    );
                }
                Request::PreferencesChanged => {
                    if let Some(store) = &self.store {
                        store.save_preferences(&self.state.prefs);
                    }
                    self.backend.send(Request::PreferencesChanged);
                }
                Request::SaveProject(path) => {
                    if (self.drafting.as_ref()).is_none_or(|drafting| drafting.may_write(&path)) {
                        self.files.save(&self.state, path);
                    } else {
                        self.state.take(Report::Status(
                            "Another window has this project open; save it under another name."
                                .to_owned(),
                        ));
                    }
                }
                Request::Draft(command) => {
                    if let Some(drafting) = &mut self.drafting {
                        drafting.run(&mut self.state, command);
                    }
                }
                Request::OpenProject(path) => self.files.open(path),
                Request::LoadAnnotations(path) => self.files.read_annotations(&self.state, path),
                Request::CancelExport => self.exporter.cancel(),
                Request::ShowInFolder(path) => self.files.show_in_folder(path),
                Request::Export(form) if self.works => self.export(vec![form], ui),
                Request::ExportSeveral(forms) if self.works => self.export(forms, ui),
                Request::ExportReel(forms) if self.works => {
                    let started = self.exporter.start_reel(&self.state, forms, ui.ctx());
                    self.show_export(started);
                }
                Request::Snapshot { .. } => {
                    match self.player.as_mut().and_then(|player| player.picture()) {
                        Some(image) => self.files.save_picture(&self.state, image),
                        None => self
                            .state
                            .take(Report::Status("There is no frame to save yet.".to_owned())),
                    }
                }
                Request::LeaveAnyway => {
                    self.leaving_anyway = true;
                    self.exporter.stop(LEAVING_PATIENCE);
                    ui.ctx().send_viewport_cmd(ViewportCommand::Close);
                }
                Request::Quit => ui.ctx().send_viewport_cmd(ViewportCommand::Close),
                other => self.backend.send(other),
            }
        }
    }

    fn export(&mut self, forms: Vec<ExportForm>, ui: &Ui) {
        let started = self.exporter.start_all(&self.state, forms, ui.ctx());
        self.show_export(started);
    }

    /// Shows that an export has begun, or why it has not.
    fn show_export(&mut self, started: Result<(), String>) {
        self.state.take(match started {
            Ok(()) => Report::Exporting(Progress {
                stage: "Exporting",
                fraction: None,
                eta_secs: None,
            }),
            Err(why) => Report::Status(why),
        });
    }
}
