//! What the export dialog wants to know before an export begins, and the last answer. Reads no file.

use std::path::PathBuf;
use std::sync::Arc;

use super::{AppState, ExportForm, ExportMode, Overlay};
use crate::domain::{FrameIndex, FrameRange};
use crate::media::cut::{Container, Foreseen};
use crate::session::Summarised;
use crate::session::exporting::within;

/// What is asked of the source.
#[derive(Clone, Debug)]
pub struct ExportQuestion {
    pub video: PathBuf,
    pub index: Arc<FrameIndex>,
    pub ranges: Vec<FrameRange>,
    pub container: Container,
    pub mode: ExportMode,
}

impl ExportQuestion {
    /// Whether another question has the same answer.
    pub fn same_as(&self, other: &Self) -> bool {
        let depends_on_ranges = self.mode == ExportMode::Copy || other.mode == ExportMode::Copy;
        self.video == other.video
            && Arc::ptr_eq(&self.index, &other.index)
            && (!depends_on_ranges
                || (self.mode, self.container) == (other.mode, other.container)
                    && self.ranges == other.ranges)
    }
}

/// An answer, or why there is none.
pub type Foresight = Result<Foreseen, String>;

impl AppState {
    /// The times between which a form exports, seconds; `None` for all of the summary.
    pub fn exported_within(&self, form: &ExportForm) -> Option<(f64, f64)> {
        self.choices.range_secs.filter(|_| form.within_range)
    }

    /// The frames that a form exports, in their order; `None` where its summary is not there.
    pub fn exported_ranges(&self, form: &ExportForm) -> Option<Vec<FrameRange>> {
        let session = self.session.as_ref()?;
        let ranges = session.summary(form.summary)?.ranges;
        Some(within(ranges, &session.index, self.exported_within(form)))
    }

    /// What the open export dialog wants to know; `None` where none is open that writes a clip.
    pub fn export_question(&self) -> Option<ExportQuestion> {
        let Overlay::Export(form) = &self.overlay else {
            return None;
        };
        let session = self.session.as_ref()?;
        let ranges = self.exported_ranges(form)?;
        let container =
            (Container::ALL.into_iter()).find(|known| known.extension() == form.format)?;
        Some(ExportQuestion {
            video: session.video.path.clone(),
            index: session.index.clone(),
            ranges,
            container,
            mode: form.mode,
        })
    }

    /// The answer to what the open export dialog wants to know, once it is there.
    pub fn foreseen(&self) -> Option<&Foresight> {
        let wanted = self.export_question()?;
        self.foresight
            .as_ref()
            .filter(|(asked, _)| asked.same_as(&wanted))
            .map(|(_, answer)| answer)
    }
}
