//! Opening, saving and exporting: the state's side of it, files are left to [`Request`]s.

use std::path::PathBuf;

use crate::domain::SummaryRef;
use crate::interchange::names;
use crate::session::Session;
use crate::session::Summarised;
use crate::session::report::ErrorReport;
use crate::state::command::Several;
use crate::state::pane::Page;
use crate::state::{AppState, EXPORT_FORMATS, ExportForm, Overlay, Request};

/// What a project or an export lacks where only the dataset's numbers are there.
pub const WITHOUT_PICTURE: &str = "The raw video of this one is not here; find it first.";

impl AppState {
    /// Starts opening a video or project.
    pub fn open(&mut self, path: PathBuf) {
        self.error = None;
        self.overlay = Overlay::None;
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("summdiff") => self.requests.push(Request::OpenProject(path)),
            Some("csv" | "json" | "eaf") if self.session.is_some() => {
                self.requests.push(Request::LoadAnnotations(path));
            }
            _ if crate::annotations::listing::is_dataset(&path) => self.open_dataset(path),
            _ => {
                self.status = format!("Opening {}", path.display());
                self.open_named(path);
            }
        }
    }

    /// Asks for a video to be opened: a file, or one that a dataset names.
    pub(crate) fn open_named(&mut self, path: PathBuf) {
        let unfinished = |project: &crate::domain::project::Project| {
            project.video.path == path && project.works.iter().any(|work| !work.complete)
        };
        self.opens_to_annotate |=
            (self.drafting.listed.iter()).any(|listed| unfinished(&listed.draft.project));
        // Who annotates does not pass by the samples, not even by those of the video that is left.
        if !(self.opens_to_annotate || self.page == Page::Annotate) {
            self.page = Page::Explore;
        }
        if self.missing_video.is_none() {
            self.project_path = None;
            self.project_video = None;
        }
        self.request_open(path);
    }

    pub(in crate::state) fn request_open(&mut self, path: PathBuf) {
        let settings = match &self.waiting_choices {
            Some((choices, _)) => choices.settings.clone(),
            None => self.choices.settings.clone(),
        };
        let before = (self.session.as_ref()).filter(|session| session.video.path == path);
        let own = before.map_or_else(Vec::new, Session::known_kinds);
        if !own.is_empty() {
            self.known_kinds = own;
        } else if before.is_none() && self.waiting_choices.is_none() {
            self.known_kinds.clear();
        }
        self.runtime.drawn_by.clear();
        self.runtime.bundle.clone_from(&self.prefs.bundle);
        self.runtime.wanted_device = self.prefs.device;
        self.opening = Some(path.clone());
        self.requests.push(Request::Open {
            known_kinds: self.known_kinds.clone(),
            given: self.dataset.given_for(&path),
            path,
            settings,
            bundle: self.prefs.bundle.clone(),
            device: self.prefs.device,
        });
    }

    /// The same video with other networks; what is on screen stays until their results are there.
    pub(in crate::state) fn change_bundle(&mut self) {
        if let Some(path) = self
            .session
            .as_ref()
            .map(|session| session.video.path.clone())
        {
            self.request_open(path);
        }
        self.requests.push(Request::PreferencesChanged);
    }

    pub(super) fn open_demo(&mut self) {
        match demo_path() {
            Some(path) => self.open(path),
            None => self.status = "The demo video is not beside the program.".to_owned(),
        }
    }

    pub(super) fn start_export(&mut self, form: ExportForm) {
        self.overlay = Overlay::None;
        // The progress beside it shows what is going on.
        self.status.clear();
        self.requests.push(Request::Export(form));
    }

    /// Alternatives that are exported at once: all that keep something, or those that are pinned.
    pub fn several(&self, what: Several) -> Vec<SummaryRef> {
        (0..self.alternative_count())
            .filter(|&at| what == Several::Alternatives || self.is_pinned(at))
            .filter_map(|at| self.alternative_ref(at))
            .filter(|&of| {
                let summary = self.session.as_ref().and_then(|s| s.summary(of));
                summary.is_some_and(|summary| summary.secs > 0.0)
            })
            .collect()
    }

    /// Exports several summaries, each under its own name, into the folder of the form's path.
    pub(super) fn export_several(&mut self, form: &ExportForm, what: Several) {
        let chosen = PathBuf::from(form.path.trim());
        let forms: Vec<ExportForm> = (self.several(what).into_iter())
            .filter_map(|of| {
                let own = PathBuf::from(self.export_path(of, form.format)?);
                let path = chosen.with_file_name(own.file_name()?);
                Some(ExportForm {
                    summary: of,
                    path: path.display().to_string(),
                    ..form.clone()
                })
            })
            .collect();
        if forms.is_empty() {
            self.status = "There is nothing to export.".to_owned();
            return;
        }
        self.overlay = Overlay::None;
        self.status.clear();
        self.requests.push(Request::ExportSeveral(forms));
    }

    /// Exports all alternatives as one clip beside the form's path.
    pub(super) fn export_reel(&mut self, form: &ExportForm) {
        let video = self.session.as_ref().map(|session| &session.video.path);
        let parts = self.several(Several::Alternatives);
        let Some(video) = video.filter(|_| !parts.is_empty()) else {
            self.status = "There is nothing to export.".to_owned();
            return;
        };
        let name = format!("{}.{}", names::of_reel(video), form.format);
        let path = PathBuf::from(form.path.trim()).with_file_name(name);
        let forms = parts.into_iter().map(|of| ExportForm {
            summary: of,
            path: path.display().to_string(),
            ..form.clone()
        });
        let forms = forms.collect();
        self.overlay = Overlay::None;
        self.status.clear();
        self.requests.push(Request::ExportReel(forms));
    }

    pub(super) fn open_export(&mut self, alternative: Option<usize>) {
        if let Some(index) = alternative {
            self.select_alternative(index);
        }
        if let Some(why) = self.hindrance_to_export() {
            self.status = why.to_owned();
            return;
        }
        let format = EXPORT_FORMATS[0].0;
        let Some((summary, path)) = self
            .chosen()
            .and_then(|of| Some((of, self.export_path(of, format)?)))
        else {
            return;
        };
        let form = ExportForm::new(summary, format, path);
        self.overlay = Overlay::Export(form);
    }

    /// Why no summary can be exported now, in a sentence; `None` where one can.
    pub fn hindrance_to_export(&self) -> Option<&'static str> {
        match &self.session {
            Some(session) if session.without_picture => Some(WITHOUT_PICTURE),
            Some(_) if self.chosen().is_some() => None,
            _ => Some("There is no summary to export yet."),
        }
    }

    /// Where a summary is written unless another place is chosen: beside the video, named after its
    /// letter and name, or its number.
    pub fn export_path(&self, of: SummaryRef, ending: &str) -> Option<String> {
        let video = &self.session.as_ref()?.video.path;
        let name = names::of_summary(video, of, &self.choices.names);
        let path = video.with_file_name(format!("{name}.{ending}"));
        Some(path.display().to_string())
    }

    pub(super) fn save_project(&mut self, path: Option<PathBuf>) {
        let Some(session) = &self.session else {
            self.status = "There is nothing to save yet.".to_owned();
            return;
        };
        if session.without_picture {
            self.status = WITHOUT_PICTURE.to_owned();
            return;
        }
        let offered = session.video.path.with_extension("summdiff");
        self.requests.push(match path {
            Some(path) => Request::SaveProject(path),
            None => Request::PickSavePath(offered),
        });
    }
}

/// The bundled video, wherever the program finds its assets.
pub fn demo_path() -> Option<PathBuf> {
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
    roots.push(PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    roots
        .into_iter()
        .flat_map(|root| {
            ["demo.mp4", "demo.webm", "demo.mkv"].map(|name| root.join("assets/demo").join(name))
        })
        .find(|path| path.is_file())
}

/// An error in short, for callers that have no more to say.
pub fn error_report(what: impl Into<String>, fix: impl Into<String>) -> ErrorReport {
    ErrorReport {
        what: what.into(),
        fix: fix.into(),
        ..ErrorReport::default()
    }
}
