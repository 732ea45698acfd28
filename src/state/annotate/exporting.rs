//! What an export of the annotators is made of.

use std::path::PathBuf;

use crate::domain::{AnnotationSet, Annotator, AnnotatorWork};
use crate::session::Session;
use crate::session::people_export::{ExportJob, ExportKind};
use crate::state::AppState;

impl AppState {
    /// What complete works made here hold, as a set; `None` where there are none.
    pub fn own_annotations(&self) -> Option<AnnotationSet> {
        let annotators = self.complete_annotators();
        (!annotators.is_empty()).then_some(())?;
        Some(AnnotationSet {
            annotators,
            ..set_made_here(self.session.as_ref()?)
        })
    }

    /// The annotators of complete works.
    pub(super) fn complete_annotators(&self) -> Vec<Annotator> {
        let complete = self.works().iter().filter(|work| work.complete);
        complete.map(AnnotatorWork::to_annotator).collect()
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

/// A set of the open video's own annotators, without any yet.
pub(super) fn set_made_here(session: &Session) -> AnnotationSet {
    let stem = session.video.path.file_stem();
    let frame_count = session.index.len();
    let secs = session.duration_secs();
    AnnotationSet {
        source: "made here".to_owned(),
        video_id: stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
        frame_count,
        frame_rate_fps: if secs > 0.0 {
            frame_count as f64 / secs
        } else {
            0.0
        },
        ..AnnotationSet::default()
    }
}
