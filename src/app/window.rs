//! One frame of the window: take in what happened, show it, run what was asked for, hand out what
//! takes time.

mod following;
mod links;
mod requests;
mod showing;
mod study;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Key, Modifiers, Ui, ViewportCommand};
use egui_tiles::Tree;
pub use links::{Backend, MakePlayer, NoBackend, PlayerLink, PlayerStatus};

use super::dialogs::Dialogs;
use super::drafting::Drafting;
use super::exporter::Exporter;
use super::files::Files;
use super::folder_finder::FolderFinder;
use super::foreseer::Foreseer;
use super::layout::{self, Pane};
use super::persist::Store;
use crate::app::comparer::Comparer;
use crate::app::comparer::PeopleComparer;
use crate::app::dataset_worker::DatasetWorker;
use crate::app::people_worker::Worker;
use crate::app::study_keeper::StudyKeeper;
use crate::files::typed_path;
use crate::jobs::ending;
use crate::session::drafts::keeper::{KnownFiles, Trouble};
use crate::session::report::ErrorReport;
use crate::state::annotate::looping::Presence;
use crate::state::apply::Report;
use crate::state::command::heard;
use crate::state::command::{Command, commands_from_keys};
use crate::state::drafting::Looking;
use crate::state::{AppState, Overlay};
use crate::ui::theme;
use crate::ui::{focus, fonts};
use crate::views::overlays;

/// Thumbnails sent to the graphics card in one frame; more would be felt.
const UPLOADS_PER_FRAME: usize = 32;
/// So often a window that only looks draws itself, to see whether the other window let go.
const LOOK: std::time::Duration = std::time::Duration::from_millis(250);

/// The whole window.
pub struct Window {
    pub state: AppState,
    pub panels: Tree<Pane>,
    narrow_panels: Tree<Pane>,
    backend: Box<dyn Backend>,
    player: Option<Box<dyn PlayerLink>>,
    /// The second picture of a comparison, while there is one.
    second_player: Option<Box<dyn PlayerLink>>,
    make_player: Option<MakePlayer>,
    /// Path of the video the player was made for.
    player_of: Option<PathBuf>,
    /// Players of that video that failed.
    player_failures: u32,
    dialogs: Dialogs,
    files: Files,
    /// What keeps work; a still window keeps none.
    drafting: Option<Drafting>,
    /// The person was asked about what could not be saved.
    leaving_anyway: bool,
    exporter: Exporter,
    comparer: Option<Comparer>,
    foreseer: Option<Foreseer>,
    folder_finder: Option<FolderFinder>,
    datasets: DatasetWorker,
    people_comparer: Option<PeopleComparer>,
    annotate_worker: Worker,
    store: Option<Store>,
    /// Keeps the results of a study that the window is locked to.
    study: Option<StudyKeeper>,
    /// The status and the error that were put into the log last.
    logged: (String, Option<ErrorReport>),
    /// What stood in the way of saving when that was put into the log last.
    noticed: (Option<Trouble>, Option<Looking>),
    /// When the status was set, seconds since the program started.
    status_since_secs: f64,
    styles_ready: bool,
    /// Whether typefaces of the system are always at hand; a still window takes them only where a
    /// name needs them.
    system_fonts: bool,
    /// Whether exports are done here; else the backend is asked.
    works: bool,
    /// A still window has no next frame to leave thumbnails to.
    uploads_per_frame: usize,
    /// Called once a first frame is on screen; see [`Window::leave_when_painted`].
    on_painted: Option<Box<dyn FnOnce()>>,
    painted: bool,
}

impl Window {
    /// A window that keeps nothing and does nothing in the background: for pictures and tests.
    pub fn still(state: AppState) -> Self {
        Self::new(state, Box::new(NoBackend), None, || {})
    }

    /// A window over a backend; `store` remembers preferences, panels, recent files and drafts;
    /// `wake` asks for a frame from another thread.
    pub fn new(
        state: AppState,
        backend: Box<dyn Backend>,
        store: Option<Store>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        if store.is_some() {
            let wake = Arc::clone(&wake);
            ending::wake_by(move || wake());
        }
        let panels = store
            .as_ref()
            .and_then(Store::load_panels)
            .filter(layout::is_complete)
            .unwrap_or_else(layout::default_tree);
        let mut narrow_panels = layout::narrow_tree();
        for pane in Pane::ALL {
            if layout::is_shown(&panels, pane) != layout::is_shown(&narrow_panels, pane) {
                layout::toggle_pane(&mut narrow_panels, pane);
            }
        }
        let mut state = state;
        state.take(Report::Panes(layout::shown_panes(&panels)));
        // A still window shows what it was given.
        let comparer = store.as_ref().map(|_| Comparer::default());
        let foreseer = store.as_ref().map(|_| Foreseer::default());
        let folder_finder = store.as_ref().map(|_| FolderFinder::default());
        let people_comparer = store.as_ref().map(|_| PeopleComparer::default());
        let known = KnownFiles::default();
        let files = Files::new(known.clone());
        let drafting = store.as_ref().and_then(|store| {
            let wake = Arc::clone(&wake);
            Drafting::start(
                &store.drafts_dir(),
                &store.journal_dir(),
                known,
                move || wake(),
            )
            .inspect_err(|error| {
                state.take(Report::Trouble(Some(Trouble::Draft {
                    path: store.drafts_dir(),
                    why: error.to_string(),
                    saved: None,
                })));
            })
            .ok()
        });
        if let Some(drafting) = &drafting {
            drafting.list(&mut state);
        }
        Self {
            state,
            panels,
            narrow_panels,
            backend,
            player: None,
            second_player: None,
            make_player: None,
            player_of: None,
            player_failures: 0,
            dialogs: Dialogs::default(),
            files,
            drafting,
            leaving_anyway: false,
            exporter: Exporter::default(),
            comparer,
            foreseer,
            folder_finder,
            datasets: DatasetWorker::default(),
            people_comparer,
            annotate_worker: Worker::default(),
            works: store.is_some(),
            uploads_per_frame: match store {
                Some(_) => UPLOADS_PER_FRAME,
                None => usize::MAX,
            },
            system_fonts: store.is_some(),
            store,
            study: None,
            logged: (String::new(), None),
            noticed: Default::default(),
            status_since_secs: 0.0,
            styles_ready: false,
            on_painted: None,
            painted: false,
        }
    }

    /// Closes the window as soon as its first frame is on screen, after calling `then`: to measure
    /// how long a start takes.
    #[must_use]
    pub fn leave_when_painted(mut self, then: impl FnOnce() + 'static) -> Self {
        self.on_painted = Some(Box::new(then));
        self
    }

    /// Says how players are made.
    pub fn with_player(mut self, make: MakePlayer) -> Self {
        self.make_player = Some(make);
        self
    }

    /// Brings back the session that a crash left open, if any; whether there was one. A video that
    /// is asked for finds its own draft when it is opened.
    pub fn recover(&mut self) -> bool {
        let Some(drafting) = &mut self.drafting else {
            return false;
        };
        let Some((path, draft)) = drafting.crashed() else {
            return false;
        };
        if draft.facts.restoring {
            self.state.take(Report::Status(
                "Bringing the last session back ended the program; it is kept as a draft."
                    .to_owned(),
            ));
            return false;
        }
        drafting.begin_restoring(&path, &draft);
        self.state.open_project(&draft.project, &path);
        let saved_to = draft.facts.saved_to.filter(|path| path.is_file());
        self.state.take(Report::ProjectPath(saved_to));
        self.state.take(Report::Status(
            "The last session was not closed properly; it is back as it was.".to_owned(),
        ));
        true
    }

    /// Leaves one panel alone in the window.
    pub fn show_only(&mut self, pane: Pane) {
        self.panels = Tree::new_tabs(egui::Id::unique("one panel"), vec![pane]);
        self.narrow_panels = Tree::new_tabs(egui::Id::unique("one narrow panel"), vec![pane]);
    }

    /// Shows one frame.
    pub fn frame(&mut self, ui: &mut Ui) {
        if !self.styles_ready {
            let system_fonts =
                self.system_fonts || fonts::needs_system(&self.state.foreign_names());
            fonts::install(ui.ctx(), system_fonts);
            theme::install(
                ui.ctx(),
                self.state.prefs.theme,
                self.state.prefs.reduced_motion,
            );
            self.styles_ready = true;
        }
        focus::walk(ui.ctx());
        self.take_in(ui);
        self.ask_before_leaving(ui);
        let mut commands = self.listen(ui);
        self.show(ui, &mut commands);
        overlays::overlay_ui(ui, &self.state, &mut commands);
        if let Some(answer) = self.dialogs.show_own(ui) {
            self.answered(answer);
        }
        focus::paint_ring(ui.ctx());
        let moved_hover = self.state.end_frame(commands);
        if let Some(drafting) = &mut self.drafting {
            drafting.follow(&mut self.state);
        }
        if let Some(keeper) = &mut self.study {
            keeper.follow(&mut self.state);
        }
        self.hand_out(ui);
        self.keep_alive(ui, moved_hover);
    }

    /// Events, answers of dialogs, the player's clock, thumbnails.
    fn take_in(&mut self, ui: &Ui) {
        let (time, elapsed) = ui.input(|input| (input.time, f64::from(input.stable_dt)));
        self.state.begin_frame(time);
        while let Some(event) = self.backend.poll() {
            self.state.handle(event);
        }
        if let Some(answer) = self.dialogs.poll() {
            self.answered(answer);
        }
        while let Some(report) = self.files.poll() {
            self.state.take(report);
        }
        while let Some(report) = self.exporter.poll() {
            self.state.take(report);
        }
        while let Some(news) = self.datasets.poll() {
            self.state.handle_dataset(news);
        }
        self.log_news();
        self.let_status_go(ui);
        if let Some(comparer) = &mut self.comparer {
            comparer.follow(&mut self.state, ui.ctx());
        }
        if let Some(foreseer) = &mut self.foreseer {
            foreseer.follow(&mut self.state, ui.ctx());
        }
        if let Some(finder) = &mut self.folder_finder {
            finder.follow(&mut self.state, ui.ctx());
        }
        self.annotate_worker.follow(&mut self.state);
        if let Some(comparer) = &mut self.people_comparer {
            comparer.follow(&mut self.state, ui.ctx());
        }
        self.follow_player(elapsed);
        self.state.follow_annotating(presence(ui));
        if let Some(session) = &mut self.state.session
            && session.thumbs.upload(ui.ctx(), self.uploads_per_frame)
        {
            ui.ctx().request_repaint();
        }
    }

    /// Closing the window is put off while an export runs or work cannot be saved, and asked about;
    /// not when the system ends the program.
    fn ask_before_leaving(&mut self, ui: &Ui) {
        if ending::is_asked() {
            self.exporter.cancel();
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        let unsaved = self.is_unsaved();
        if (self.exporter.is_running() || unsaved)
            && !self.leaving_anyway
            && ui.input(|input| input.viewport().close_requested())
        {
            ui.ctx()
                .send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.state.take(Report::Leaving);
        }
        if self.state.overlay == Overlay::Leaving && !self.exporter.is_running() && !unsaved {
            self.state.take(Report::MayLeave);
        }
    }

    /// Whether there is work that not even a draft holds.
    fn is_unsaved(&self) -> bool {
        self.state.session.is_some()
            && matches!(
                self.state.drafting.trouble,
                Some(Trouble::Draft { saved: None, .. })
            )
    }

    /// Keys, dropped files and pasted paths.
    fn listen(&mut self, ui: &Ui) -> Vec<Command> {
        let mut commands = Vec::new();
        let modal = self.state.overlay != Overlay::None;
        if self.dialogs.is_over_window() {
            return commands;
        }
        if !modal {
            let leave = self.state.large_player
                && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
            commands.extend(leave.then_some(Command::ToggleLargePlayer));
            commands.extend(commands_from_keys(ui.ctx(), &heard(&self.state)));
        } else {
            let closing = [
                Command::Palette,
                Command::CheatSheet,
                Command::Settings,
                Command::Find,
            ];
            commands.extend(
                commands_from_keys(ui.ctx(), &closing)
                    .into_iter()
                    .map(|_| Command::CloseOverlay),
            );
        }
        let dropped = ui.input(|input| input.raw.dropped_files.clone());
        commands.extend(
            dropped
                .into_iter()
                .take(1)
                .map(|file| Command::OpenPath(file.path().to_path_buf())),
        );
        if !modal && !ui.ctx().text_edit_focused() {
            let pasted = ui.input(|input| {
                input.events.iter().find_map(|event| match event {
                    egui::Event::Paste(text) => Some(text.clone()),
                    _ => None,
                })
            });
            if let Some(text) = pasted {
                let path = typed_path(&text);
                if path.exists() {
                    commands.push(Command::OpenPath(path));
                }
            }
        }
        commands
    }

    /// Repaints all the time only while something plays; while something is computed, ten times a
    /// second.
    fn keep_alive(&self, ui: &Ui, moved_hover: bool) {
        if self.state.playback.playing || moved_hover {
            ui.ctx().request_repaint();
        } else if self.state.drafting.looking.is_some() {
            ui.ctx().request_repaint_after(LOOK);
        } else if self.state.is_busy()
            || self.state.export_progress.is_some()
            || self.dialogs.is_open()
        {
            ui.ctx()
                .request_repaint_after(std::time::Duration::from_millis(100));
        }
    }

    fn save_window(&self) {
        if let Some(store) = &self.store {
            store.save_panels(&self.panels);
        }
    }
}

/// What the input says about the person before the window.
fn presence(ui: &Ui) -> Presence {
    ui.input(|input| Presence {
        active: !input.events.is_empty() || input.pointer.is_moving(),
        focused: input.focused,
    })
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        // The second frame is asked for once the first was handed to the screen.
        if self.painted
            && let Some(then) = self.on_painted.take()
        {
            then();
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
        }
        self.frame(ui);
        if self.on_painted.is_some() {
            self.painted = true;
            ui.ctx().request_repaint();
        }
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }

    fn on_exit(&mut self) {
        // However the window came to be closed, no half-written clip is left behind.
        self.exporter.stop(requests::LEAVING_PATIENCE);
        self.save_window();
        if let Some(drafting) = &mut self.drafting {
            drafting.close(&self.state);
        }
        if let Some(keeper) = &mut self.study {
            keeper.close(&self.state);
        }
        if let Some(store) = &self.store {
            store.save_preferences(&self.state.prefs);
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}
