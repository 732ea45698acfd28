//! What the export dialog wants to know before an export begins, and the last answer. Reads no
//! file.

use std::path::PathBuf;
use std::sync::Arc;

use super::{AppState, ExportForm, Overlay};
use crate::domain::{FrameIndex, FrameRange};
use crate::media::cut::{Container, ExportMode, ExportOptions, Foreseen};
use crate::session::Summarised;
use crate::session::exporting::within;
use crate::summary::{WholeSpeech, whole_speech};

/// What is asked of the source.
#[derive(Clone, Debug)]
pub struct ExportQuestion {
    pub video: PathBuf,
    pub index: Arc<FrameIndex>,
    pub ranges: Vec<FrameRange>,
    pub container: Container,
    pub mode: ExportMode,
    /// How the clip is written.
    pub film: ExportOptions,
}

impl ExportQuestion {
    /// Whether another question has the same answer.
    pub fn same_as(&self, other: &Self) -> bool {
        let kept = |film: &ExportOptions| {
            (
                film.sounds.clone(),
                film.subtitles.clone(),
                film.high_quality,
            )
        };
        self.same_source(other)
            && (self.mode, self.container) == (other.mode, other.container)
            && kept(&self.film) == kept(&other.film)
            && self.ranges == other.ranges
    }

    /// Whether it is of the same video.
    fn same_source(&self, other: &Self) -> bool {
        self.video == other.video && Arc::ptr_eq(&self.index, &other.index)
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
        let ranges = session.summary(form.summary)?.played;
        let ranges = within(ranges, &session.index, self.exported_within(form));
        Some(match self.whole_speech_of(form, &ranges) {
            Some(speech) => speech.ranges,
            None => ranges,
        })
    }

    /// What a form does to keep speech whole; `None` where it does not.
    pub fn exported_speech(&self, form: &ExportForm) -> Option<WholeSpeech> {
        let session = self.session.as_ref()?;
        let ranges = session.summary(form.summary)?.played;
        let ranges = within(ranges, &session.index, self.exported_within(form));
        self.whole_speech_of(form, &ranges)
    }

    /// Why a form cannot keep speech whole, in a sentence.
    pub fn hindrance_to_whole_speech(&self, form: &ExportForm) -> Option<&'static str> {
        let sound = self
            .session
            .as_ref()
            .and_then(|session| session.sound.as_ref());
        match sound {
            None => Some("The video has no sound."),
            Some(sound) if !sound.is_whole => Some("The sound is still being measured."),
            Some(_) if form.mode == ExportMode::Copy && form.is_clip() => {
                Some("Copied pieces begin at whole groups of pictures, wherever pauses are.")
            }
            Some(_) => None,
        }
    }

    fn whole_speech_of(&self, form: &ExportForm, ranges: &[FrameRange]) -> Option<WholeSpeech> {
        if !form.whole_speech || self.hindrance_to_whole_speech(form).is_some() {
            return None;
        }
        let session = self.session.as_ref()?;
        Some(whole_speech(&session.pauses_secs, ranges, &session.index))
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
            film: form.film_options(),
        })
    }

    /// What is known of the video of the open export dialog, from whatever was found out for it
    /// last.
    pub fn foreseen_of_video(&self) -> Option<&Foreseen> {
        let wanted = self.export_question()?;
        let (_, answer) =
            (self.foresight.as_ref()).filter(|(asked, _)| asked.same_source(&wanted))?;
        answer.as_ref().ok()
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
