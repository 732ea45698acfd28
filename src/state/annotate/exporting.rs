//! What an export of the annotators is made of.

use std::path::PathBuf;

use crate::domain::AnnotationSet;
use crate::session::people_export::{ExportJob, ExportKind};
use crate::state::AppState;

impl AppState {
    /// What complete works made here hold, as a set; `None` where there are none.
    pub fn own_annotations(&self) -> Option<AnnotationSet> {
        self.session.as_ref()?.with_works(None, self.works())
    }

    /// The name an export is offered under: beside the video.
    pub fn offered_export(&self, kind: ExportKind) -> PathBuf {
        let video = self
            .session
            .as_ref()
            .map_or_else(PathBuf::new, |session| session.video.path.clone());
        let stem = video.file_stem().map_or_else(
            || "video".to_owned(),
            |stem| stem.to_string_lossy().into_owned(),
        );
        video.with_file_name(format!("{stem}_annotators.{}", kind.ending()))
    }

    /// The job of an export; `None` where there is nothing to write.
    pub fn export_job(&self, kind: ExportKind, path: PathBuf) -> Option<ExportJob> {
        let session = self.session.as_ref()?;
        Some(ExportJob {
            kind,
            path,
            set: self.own_annotations()?,
            sha256: session.video.sha256.clone(),
            index: session.index.clone(),
            segments: session.segments.clone(),
            budget: self.choices.settings.budget,
            video: session.video.path.clone(),
            bundle: self.prefs.bundle.clone(),
            device: self.prefs.device,
        })
    }
}
