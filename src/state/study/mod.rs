//! A window that is locked to a study: instructions, who one is, one video after the other, and the
//! end.
//!
//! Nothing of samples, alternatives or other people is reached from here: [`AppState::run`] takes
//! only the commands that [`AppState::study_allows`]. Files are read and written by the window, see
//! `app::study_keeper`.

mod apply;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{Study, StudyResults};

/// What the window of a study shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// The instructions, and who one is.
    #[default]
    Begin,
    /// The results so far are being read.
    Loading,
    /// Rating or picking, or the video is being opened.
    Work,
    /// All videos are complete.
    Done,
}

/// One action of the study's own pages.
#[derive(Clone, Debug, PartialEq)]
pub enum StudyCommand {
    /// The name as typed or chosen so far.
    Name(String),
    /// Goes on with the work of this name, or begins it.
    Begin,
}

/// A study in the window.
#[derive(Clone, Debug)]
pub struct StudyState {
    pub study: Arc<Study>,
    /// Name of the study's file without its ending.
    pub title: String,
    /// The videos' files, in the order of the study.
    pub videos: Vec<PathBuf>,
    pub step: Step,
    pub name: String,
    /// The annotator's work on all videos; that on the open one is in the choices.
    pub results: Option<StudyResults>,
    /// Video that is open or being opened.
    pub at: usize,
    /// Where the results are kept; empty until they are.
    pub place: PathBuf,
    /// What was refused, in a sentence.
    pub note: String,
    /// Why the work does not reach the disk, in a sentence; empty while all is well.
    pub trouble: String,
}

impl StudyState {
    /// A study that nobody has begun. `videos`: the files of the study's videos, in its order.
    pub fn new(study: Study, title: String, videos: Vec<PathBuf>) -> Self {
        let name = match study.annotators.as_slice() {
            [only] => only.clone(),
            _ => String::new(),
        };
        Self {
            study: Arc::new(study),
            title,
            videos,
            step: Step::Begin,
            name,
            results: None,
            at: 0,
            place: PathBuf::new(),
            note: String::new(),
            trouble: String::new(),
        }
    }

    /// Complete videos and all videos.
    pub fn videos_done(&self) -> (usize, usize) {
        let done = self.results.as_ref().map_or(0, |results| {
            let own = results.videos.iter().take(self.videos.len());
            own.filter(|video| video.is_complete()).count()
        });
        (done, self.videos.len())
    }
}
