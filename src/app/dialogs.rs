//! The system's file dialogs, each on a thread of its own so that the window goes on.

use std::path::PathBuf;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::dataset::{DatasetCommand, DatasetRequest};
use super::state::{AppState, ExportForm, Request};
use crate::jobs;

/// Endings that the video dialog offers first.
const VIDEO_ENDINGS: [&str; 16] = [
    "mp4", "mkv", "mov", "webm", "avi", "m4v", "mpg", "mpeg", "ts", "m2ts", "mts", "wmv", "flv",
    "ogv", "3gp", "mxf",
];
const DATASET_ENDINGS: [&str; 4] = ["h5", "hdf5", "mat", "tsv"];
const ANNOTATION_ENDINGS: [&str; 6] = ["json", "csv", "tsv", "mat", "h5", "hdf5"];

/// What a person chose.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Open(PathBuf),
    Annotations(PathBuf),
    Project(PathBuf),
    SaveProject(PathBuf),
    Export(ExportForm),
    Dataset(DatasetCommand),
    Failed(String),
}

/// The dialog that is open, if any.
#[derive(Default)]
pub struct Dialogs {
    open: Option<Receiver<Option<Answer>>>,
}

impl Dialogs {
    /// Opens the dialog for a request; a second one while the first is open is ignored.
    pub fn ask(&mut self, ctx: &egui::Context, request: Request, state: &AppState) {
        if self.open.is_some() {
            return;
        }
        let folder = state
            .session
            .as_ref()
            .map(|session| session.video.path.clone())
            .or_else(|| state.prefs.recent.first().cloned())
            .and_then(|path| path.parent().map(PathBuf::from));
        let (sender, receiver): (Sender<Option<Answer>>, _) = bounded(1);
        let ctx = ctx.clone();
        let started = jobs::spawn("file dialog", move || {
            let answer = show(request, folder);
            // The window may be gone by now; then nobody needs the answer.
            let _ = sender.send(answer);
            ctx.request_repaint();
        });
        match started {
            Ok(_) => self.open = Some(receiver),
            Err(error) => {
                let (sender, receiver) = bounded(1);
                let _ = sender.send(Some(Answer::Failed(format!(
                    "The file dialog did not open: {error}"
                ))));
                self.open = Some(receiver);
            }
        }
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// What was chosen since the last call.
    pub fn poll(&mut self) -> Option<Answer> {
        let receiver = self.open.as_ref()?;
        match receiver.try_recv() {
            Ok(answer) => {
                self.open = None;
                answer
            }
            Err(crossbeam_channel::TryRecvError::Empty) => None,
            Err(crossbeam_channel::TryRecvError::Disconnected) => {
                self.open = None;
                None
            }
        }
    }
}

fn show(request: Request, folder: Option<PathBuf>) -> Option<Answer> {
    let mut dialog = rfd::FileDialog::new();
    if let Some(folder) = folder {
        dialog = dialog.set_directory(folder);
    }
    match request {
        Request::PickVideo => dialog
            .set_title("Open a video")
            .add_filter("Videos", &VIDEO_ENDINGS)
            .add_filter("Projects", &["summdiff"])
            .add_filter("Datasets", &DATASET_ENDINGS)
            .add_filter("All files", &["*"])
            .pick_file()
            .map(Answer::Open),
        Request::Dataset(DatasetRequest::PickFile) => dialog
            .set_title("Open a dataset")
            .add_filter("Datasets", &DATASET_ENDINGS)
            .add_filter("All files", &["*"])
            .pick_file()
            .map(Answer::Open),
        Request::Dataset(DatasetRequest::PickFolder) => dialog
            .set_title("Folder with the dataset's videos")
            .pick_folder()
            .map(|folder| Answer::Dataset(DatasetCommand::JoinFolder(folder))),
        Request::Dataset(DatasetRequest::PickVideo(video)) => dialog
            .set_title("Find the raw video")
            .add_filter("Videos", &VIDEO_ENDINGS)
            .add_filter("All files", &["*"])
            .pick_file()
            .map(|path| Answer::Dataset(DatasetCommand::UseVideo { video, path })),
        Request::PickAnnotations => dialog
            .set_title("Load annotations")
            .add_filter("Annotations", &ANNOTATION_ENDINGS)
            .add_filter("All files", &["*"])
            .pick_file()
            .map(Answer::Annotations),
        Request::PickProject => dialog
            .set_title("Open a project")
            .add_filter("Projects", &["summdiff"])
            .pick_file()
            .map(Answer::Project),
        Request::PickExportPath(form) => {
            let path = std::path::Path::new(&form.path);
            if let Some(name) = path.file_name() {
                dialog = dialog.set_file_name(name.to_string_lossy());
            }
            dialog.set_title("Export as").save_file().map(|path| {
                Answer::Export(ExportForm {
                    path: path.display().to_string(),
                    ..form
                })
            })
        }
        Request::PickSavePath(offered) => {
            if let Some(name) = offered.file_name() {
                dialog = dialog.set_file_name(name.to_string_lossy());
            }
            dialog
                .set_title("Save the project")
                .add_filter("Projects", &["summdiff"])
                .save_file()
                .map(|path| Answer::SaveProject(path.with_extension("summdiff")))
        }
        _ => None,
    }
}
