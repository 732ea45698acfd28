//! File dialogs: the system's, each on a thread of its own so that the window goes on, or the
//! program's own where the system has none.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::Ui;

use crate::annotations::listing::ENDINGS as ANNOTATION_ENDINGS;
use crate::files;
use crate::jobs;
use crate::state::dataset::{DatasetCommand, DatasetRequest};
use crate::state::request::AnnotateRequest;
use crate::state::request::FigureRequest;
use crate::state::{AppState, ExportForm, Request};
use crate::views::path_prompt::{Filter, Outcome, PathPrompt, Question, Wanted};

/// Endings that the video dialog offers first.
const VIDEO_ENDINGS: [&str; 16] = [
    "mp4", "mkv", "mov", "webm", "avi", "m4v", "mpg", "mpeg", "ts", "m2ts", "mts", "wmv", "flv",
    "ogv", "3gp", "mxf",
];
const DATASET_ENDINGS: [&str; 4] = ["h5", "hdf5", "mat", "tsv"];
const PROJECT_ENDINGS: [&str; 1] = ["summdiff"];
const MERGE_ENDINGS: [&str; 5] = ["summdiff", "json", "csv", "eaf", "h5"];

/// A system dialog that is gone sooner than this was never shown: neither portal nor `zenity`
/// answered.
const NEVER_SHOWN: Duration = Duration::from_millis(200);

/// What a person chose.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Open(PathBuf),
    Annotations(PathBuf),
    Project(PathBuf),
    SaveProject(PathBuf),
    Export(ExportForm),
    Dataset(DatasetCommand),
    /// Write a figure or a table of the dataset.
    SaveOfDataset(Box<DatasetRequest>),
    Annotate(AnnotateRequest),
    Figure(FigureRequest),
}

/// What is asked for a request; `None` for requests that need no dialog.
fn question_of(request: &Request, folder: Option<PathBuf>) -> Option<Question> {
    let question = |title, wanted, filters| Question {
        title,
        filters,
        wanted,
        folder: folder.clone(),
    };
    let named = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        Wanted::NewFile(name.to_string_lossy().into_owned())
    };
    const VIDEOS: Filter = ("Videos", &VIDEO_ENDINGS);
    const PROJECTS: Filter = ("Projects", &PROJECT_ENDINGS);
    const FIGURES: Filter = ("Figures", &["svg", "png", "csv"]);
    const TABLES: Filter = ("Tables", &["csv", "tex", "html", "json", "txt"]);
    const REPORTS: Filter = ("Reports", &["html"]);
    const DATASETS: Filter = ("Datasets", &DATASET_ENDINGS);
    const ANNOTATIONS: Filter = ("Annotations", &ANNOTATION_ENDINGS);
    Some(match request {
        Request::PickVideo => question(
            "Open a video",
            Wanted::File,
            vec![VIDEOS, PROJECTS, DATASETS],
        ),
        Request::PickAnnotations => question("Load annotations", Wanted::File, vec![ANNOTATIONS]),
        Request::PickProject => question("Open a project", Wanted::File, vec![PROJECTS]),
        Request::PickExportPath(form) => {
            question("Export as", named(Path::new(&form.path)), Vec::new())
        }
        Request::PickSavePath(offered) => {
            question("Save the project", named(offered), vec![PROJECTS])
        }
        Request::Dataset(DatasetRequest::PickFile) => {
            question("Open a dataset", Wanted::File, vec![DATASETS])
        }
        Request::Figure(FigureRequest::Pick(_, offered)) => {
            question("Save the figure", named(offered), vec![FIGURES])
        }
        Request::Figure(FigureRequest::PickReport(offered)) => {
            question("Save the report", named(offered), vec![REPORTS])
        }
        Request::Annotate(AnnotateRequest::PickMerge) => question(
            "Merge annotators of the same video",
            Wanted::File,
            vec![("Projects and annotations", &MERGE_ENDINGS)],
        ),
        Request::Annotate(AnnotateRequest::PickExport(kind, offered)) => question(
            "Export the annotators",
            named(offered),
            vec![(kind.label(), kind.endings())],
        ),
        Request::Dataset(DatasetRequest::PickFolder) => question(
            "Folder with the dataset's videos",
            Wanted::Folder,
            Vec::new(),
        ),
        Request::Dataset(DatasetRequest::PickRatings) => {
            question("Join ratings", Wanted::File, vec![ANNOTATIONS])
        }
        Request::Dataset(DatasetRequest::PickMatchesPath(offered)) => {
            question("Save the figure", named(offered), vec![FIGURES])
        }
        Request::Dataset(DatasetRequest::PickTablePath(offered)) => {
            question("Save the table", named(offered), vec![TABLES])
        }
        Request::Dataset(DatasetRequest::PickVideo(_)) => {
            question("Find the raw video", Wanted::File, vec![VIDEOS])
        }
        _ => return None,
    })
}

/// What a chosen path means for a request.
fn answer(request: Request, path: PathBuf) -> Option<Answer> {
    Some(match request {
        Request::PickVideo => Answer::Open(path),
        Request::PickAnnotations => Answer::Annotations(path),
        Request::PickProject => Answer::Project(path),
        Request::Dataset(DatasetRequest::PickFile) => Answer::Open(path),
        Request::Dataset(DatasetRequest::PickFolder) => {
            Answer::Dataset(DatasetCommand::JoinFolder(path))
        }
        Request::Dataset(DatasetRequest::PickRatings) => {
            Answer::Dataset(DatasetCommand::UseRatings(path))
        }
        Request::Dataset(DatasetRequest::PickMatchesPath(_)) => {
            Answer::SaveOfDataset(Box::new(DatasetRequest::WriteMatches(path)))
        }
        Request::Dataset(DatasetRequest::PickTablePath(_)) => {
            Answer::SaveOfDataset(Box::new(DatasetRequest::WriteTable(path)))
        }
        Request::Dataset(DatasetRequest::PickVideo(video)) => {
            Answer::Dataset(DatasetCommand::UseVideo { video, path })
        }
        Request::Figure(FigureRequest::Pick(kind, _)) => {
            Answer::Figure(FigureRequest::Write(kind, path))
        }
        Request::Figure(FigureRequest::PickReport(_)) => {
            Answer::Figure(FigureRequest::WriteReport(path))
        }
        Request::Annotate(AnnotateRequest::PickMerge) => {
            Answer::Annotate(AnnotateRequest::Merge(path))
        }
        Request::Annotate(AnnotateRequest::PickExport(kind, _)) => {
            let path = files::with_ending(&path, kind.ending());
            Answer::Annotate(AnnotateRequest::Export(kind, path))
        }
        Request::PickSavePath(_) => Answer::SaveProject(path.with_extension("summdiff")),
        Request::PickExportPath(form) => {
            let path = files::with_ending(&path, form.format);
            Answer::Export(form.with_path(path.display().to_string()))
        }
        _ => return None,
    })
}

/// The nearest folder that is there: what is shown may lie in a dataset's file, or on a disk that
/// is gone.
fn folder_of(path: &Path) -> Option<PathBuf> {
    path.ancestors()
        .skip(1)
        .find(|folder| folder.is_dir())
        .map(PathBuf::from)
}

/// What came of a system dialog.
enum Shown {
    Chosen(PathBuf),
    Cancelled,
    /// The system has no dialogs.
    Never,
}

/// The dialog that is open, if any.
#[derive(Default)]
pub struct Dialogs {
    open: Option<(Request, Receiver<Shown>)>,
    prompt: Option<(Request, PathPrompt)>,
    folder: Option<PathBuf>,
}

impl Dialogs {
    /// Opens the dialog for a request; a second one while the first is open is ignored.
    pub fn ask(&mut self, ctx: &egui::Context, request: Request, state: &AppState) {
        if self.is_open() {
            return;
        }
        self.folder = state
            .session
            .as_ref()
            .map(|session| session.video.path.clone())
            .or_else(|| state.prefs.recent.first().cloned())
            .and_then(|path| folder_of(&path));
        let Some(question) = question_of(&request, self.folder.clone()) else {
            return;
        };
        if !system_has_dialogs() {
            self.ask_here(request);
            return;
        }
        let (sender, receiver): (Sender<Shown>, _) = bounded(1);
        let ctx = ctx.clone();
        let started = jobs::spawn("file dialog", move || {
            // The window may be gone by the time of the answer; then nobody needs it.
            let _ = sender.send(show(&question));
            ctx.request_repaint();
        });
        match started {
            Ok(_) => self.open = Some((request, receiver)),
            Err(error) => {
                log::warn!("no thread for the file dialog: {error}");
                self.ask_here(request);
            }
        }
    }

    fn ask_here(&mut self, request: Request) {
        if let Some(question) = question_of(&request, self.folder.clone()) {
            self.prompt = Some((request, PathPrompt::new(question)));
        }
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some() || self.prompt.is_some()
    }

    /// Whether the program's own dialog lies over the window.
    pub fn is_over_window(&self) -> bool {
        self.prompt.is_some()
    }

    /// Shows the program's own dialog, if it is open; what was chosen in it.
    pub fn show_own(&mut self, ui: &mut Ui) -> Option<Answer> {
        let (_, prompt) = self.prompt.as_mut()?;
        match prompt.show(ui) {
            Outcome::Open => None,
            Outcome::Cancelled => {
                self.prompt = None;
                None
            }
            Outcome::Chosen(path) => {
                let (request, _) = self.prompt.take()?;
                answer(request, path)
            }
        }
    }

    /// What was chosen since the last call.
    pub fn poll(&mut self) -> Option<Answer> {
        let (_, receiver) = self.open.as_ref()?;
        let shown = match receiver.try_recv() {
            Ok(shown) => shown,
            Err(crossbeam_channel::TryRecvError::Empty) => return None,
            Err(crossbeam_channel::TryRecvError::Disconnected) => Shown::Cancelled,
        };
        let (request, _) = self.open.take()?;
        match shown {
            Shown::Chosen(path) => answer(request, path),
            Shown::Cancelled => None,
            Shown::Never => {
                self.ask_here(request);
                None
            }
        }
    }
}

/// Whether the desktop can show file dialogs: a portal on the session's bus, or `zenity`. Elsewhere
/// than on Linux, always.
fn system_has_dialogs() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some()
        || std::env::var_os("XDG_RUNTIME_DIR")
            .is_some_and(|folder| Path::new(&folder).join("bus").exists());
    bus || std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join("zenity").is_file())
    })
}

fn show(question: &Question) -> Shown {
    let began = Instant::now();
    let mut dialog = rfd::FileDialog::new().set_title(question.title);
    if let Some(folder) = &question.folder {
        dialog = dialog.set_directory(folder);
    }
    for (label, endings) in &question.filters {
        dialog = dialog.add_filter(*label, endings);
    }
    let chosen = match &question.wanted {
        Wanted::NewFile(name) => dialog.set_file_name(name).save_file(),
        Wanted::File => dialog.add_filter("All files", &["*"]).pick_file(),
        Wanted::Folder => dialog.pick_folder(),
    };
    match chosen {
        Some(path) => Shown::Chosen(path),
        None if began.elapsed() < NEVER_SHOWN => Shown::Never,
        None => Shown::Cancelled,
    }
}

#[cfg(test)]
#[path = "dialogs_tests.rs"]
mod tests;
