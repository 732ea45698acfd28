//! What is looked for in the open video, and what was found. The looking itself is the session's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{AppState, Overlay};
use crate::domain::cue::words_at;
use crate::session::finding::{Found, FoundBy, alike, by_words, nearest_pick};
use crate::session::folder::{Elsewhere, InFolder};

/// A search and its results; kept while the video is open, so that the next result is one key away.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    pub typed: String,
    /// Time of the frame that others are to look like; the text rests meanwhile.
    pub like_secs: Option<f64>,
    pub found: Vec<Found>,
    /// Whether the other videos of the folder are looked through too.
    pub in_folder: bool,
    /// Places in those.
    pub elsewhere: Vec<Elsewhere>,
}

/// What is looked for in the other videos of a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderQuestion {
    /// The open video.
    pub video: PathBuf,
    pub wanted: FolderWish,
}

/// What is wanted of them.
#[derive(Clone, Debug, PartialEq)]
pub enum FolderWish {
    /// Frames near to a feature vector, by the features of a bundle.
    Alike {
        bundle: String,
        features: Arc<[f32]>,
    },
    /// Their words, whichever are looked for: typing on asks nothing anew.
    Words,
}

impl FolderQuestion {
    pub fn folder(&self) -> &Path {
        self.video.parent().unwrap_or(Path::new(""))
    }
}

/// What was found there, or why nothing could be.
pub type FolderAnswer = Result<Arc<InFolder>, String>;

impl AppState {
    /// Opens the search with the results of the last one, or closes it.
    pub(super) fn find(&mut self) {
        let is_open = self.overlay == Overlay::Find;
        self.overlay = match is_open || self.session.is_none() {
            true => Overlay::None,
            false => Overlay::Find,
        };
    }

    /// Looks for a time and for words of the subtitles.
    pub(super) fn find_text(&mut self, typed: String) {
        let mut found = Vec::new();
        if let Some(session) = &self.session {
            let named = self.secs_from_text(&typed);
            found.extend(
                named
                    .filter(|secs| (0.0..=session.duration_secs()).contains(secs))
                    .map(|secs| Found {
                        secs,
                        by: FoundBy::Time,
                    }),
            );
            found.extend(by_words(&session.cues, &typed));
        }
        self.finding = Finding {
            typed,
            like_secs: None,
            found,
            in_folder: self.finding.in_folder,
            elsewhere: Vec::new(),
        };
        self.find_elsewhere();
    }

    /// Looks for frames like the one at a time, or at the playhead.
    pub(super) fn more_like_frame(&mut self, secs: Option<f64>) {
        let secs = secs.unwrap_or(self.playback.position_secs);
        let session = self.session.as_ref();
        let features = session.and_then(|session| Some((session, session.features.as_ref()?)));
        let Some((session, features)) =
            features.filter(|(session, _)| !session.segments.is_empty())
        else {
            self.status = "Frames can be compared once the video is analysed.".to_owned();
            return;
        };
        let pick = nearest_pick(features, secs);
        let found = pick.map(|pick| alike(features, &session.segments, pick));
        self.finding = Finding {
            typed: String::new(),
            like_secs: Some(secs),
            found: found.unwrap_or_default(),
            in_folder: self.finding.in_folder,
            elsewhere: Vec::new(),
        };
        self.overlay = Overlay::Find;
        self.find_elsewhere();
    }

    /// Looks through the folder's other videos as well, or no more.
    pub(super) fn find_in_folder(&mut self, wanted: bool) {
        self.finding.in_folder = wanted;
        self.find_elsewhere();
    }

    /// What the open search wants to know of the folder's other videos; `None` where it wants
    /// nothing.
    pub fn folder_question(&self) -> Option<FolderQuestion> {
        let finding = &self.finding;
        let is_open = self.overlay == Overlay::Find;
        let session = (self.session.as_ref()).filter(|_| is_open && finding.in_folder)?;
        let wanted = match finding.like_secs {
            Some(secs) => {
                let features = session.features.as_ref()?;
                let row = features.values.row(nearest_pick(features, secs)?);
                FolderWish::Alike {
                    bundle: self.runtime.bundle.clone(),
                    features: row.iter().copied().collect(),
                }
            }
            None if finding.typed.trim().is_empty() => return None,
            None => FolderWish::Words,
        };
        Some(FolderQuestion {
            video: session.video.path.clone(),
            wanted,
        })
    }

    /// The answer to it, once it is there; of words, as far as they are read.
    pub fn found_in_folder(&self) -> Option<&FolderAnswer> {
        let wanted = self.folder_question()?;
        (self.folder_found.as_ref())
            .filter(|(asked, _)| *asked == wanted)
            .map(|(_, answer)| answer)
    }

    /// Takes in what the folder has.
    pub fn folder_answered(&mut self, question: FolderQuestion, answer: FolderAnswer) {
        self.folder_found = Some((question, answer));
        self.find_elsewhere();
    }

    /// Looks for what is wanted in what is known of the folder.
    fn find_elsewhere(&mut self) {
        let finding = &self.finding;
        let elsewhere = match self.found_in_folder() {
            Some(Ok(known)) if finding.like_secs.is_some() => known.found.clone(),
            Some(Ok(known)) => known.with_words(&finding.typed),
            Some(Err(_)) | None => Vec::new(),
        };
        self.finding.elsewhere = elsewhere;
    }

    /// Opens another video at a time.
    pub(super) fn open_at(&mut self, path: PathBuf, secs: f64) {
        self.open(path.clone());
        self.seek_when_open = Some((path, secs));
    }

    /// Goes to the time at which the video was to be opened; once it is.
    pub(super) fn seek_where_wanted(&mut self) {
        let open = self.session.as_ref().map(|session| &session.video.path);
        if let Some((path, secs)) = self.seek_when_open.take()
            && open == Some(&path)
        {
            self.seek(secs);
        }
    }

    /// Words of the subtitles at the playhead, where they are shown.
    pub fn subtitle(&self) -> Option<String> {
        let session = self
            .session
            .as_ref()
            .filter(|_| self.prefs.shows_subtitles)?;
        words_at(&session.cues, self.playback.position_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::command::Command;
    use crate::testing::fixture;

    #[test]
    fn a_time_and_words_are_found_together() {
        let mut state = fixture::findable();
        state.run(Command::Find);
        assert_eq!(state.overlay, Overlay::Find);
        state.run(Command::FindText("1:23".to_owned()));
        let times = |state: &AppState| -> Vec<f64> {
            state.finding.found.iter().map(|found| found.secs).collect()
        };
        assert_eq!(times(&state), [83.0]);
        assert_eq!(state.finding.found[0].by, FoundBy::Time);
        state.run(Command::FindText("harbour".to_owned()));
        assert_eq!(times(&state).len(), 2);
        // Beyond the end there is nothing to go to.
        state.run(Command::FindText("59:00".to_owned()));
        assert!(state.finding.found.is_empty());
        // It opens again as it was left, and another video begins anew.
        state.run(Command::FindText("harbour".to_owned()));
        state.run(Command::Find);
        assert_eq!(state.overlay, Overlay::None);
        state.run(Command::Find);
        assert_eq!(times(&state).len(), 2);
        let session = state.session.take().unwrap();
        let (info, index) = (session.video.clone(), session.index.clone());
        state.handle(crate::pipeline::Event::Probed { info, index });
        assert_eq!(state.finding, Finding::default());
    }

    #[test]
    fn frames_of_other_segments_that_look_alike_are_found() {
        let mut state = fixture::findable();
        let own = state.session.as_ref().unwrap().segments[10];
        let secs = (own.start_secs + own.end_secs) / 2.0;
        state.run(Command::MoreLikeFrame(Some(secs)));
        assert_eq!(
            (state.overlay.clone(), state.finding.like_secs),
            (Overlay::Find, Some(secs))
        );
        let session = state.session.as_ref().unwrap();
        let segments: Vec<usize> = (state.finding.found.iter())
            .map(|found| session.segment_at(found.secs).unwrap())
            .collect();
        assert!(!segments.contains(&10) && segments.len() > 5);
        // The video returns to the place of segment 10 in every tenth segment and the third after
        // it.
        assert!(
            segments[..6]
                .iter()
                .all(|segment| [0, 3, 7].contains(&(segment % 10))),
            "{segments:?}"
        );
        let mut state = fixture::state();
        state.run(Command::MoreLikeFrame(None));
        assert!(
            state.status.contains("once the video is analysed") && state.overlay == Overlay::None
        );
    }

    #[test]
    fn words_of_the_folder_are_asked_for_once_whatever_is_typed() {
        let mut state = fixture::findable();
        state.run(Command::Find);
        state.run(Command::FindInFolder(true));
        assert_eq!(state.folder_question(), None, "nothing is looked for");
        state.run(Command::FindText("gull".to_owned()));
        let question = state.folder_question().unwrap();
        let cue = crate::domain::cue::Cue {
            start_secs: 4.0,
            end_secs: 5.0,
            text: "Gulls\nand boats".to_owned(),
        };
        let there = PathBuf::from("/films/evening.mkv");
        let known = InFolder {
            words: vec![(there.clone(), [cue].into())],
            ..InFolder::default()
        };
        state.folder_answered(question.clone(), Ok(Arc::new(known)));
        let found = |state: &AppState| -> Vec<(PathBuf, f64)> {
            let elsewhere = state.finding.elsewhere.iter();
            elsewhere.map(|one| (one.video.clone(), one.secs)).collect()
        };
        assert_eq!(found(&state), [(there.clone(), 4.0)]);
        state.run(Command::FindText("boats gull".to_owned()));
        assert_eq!(state.folder_question(), Some(question));
        assert_eq!(found(&state), [(there, 4.0)]);
        state.run(Command::FindText("night".to_owned()));
        assert!(found(&state).is_empty());
        state.run(Command::FindText("gull".to_owned()));
        state.run(Command::FindInFolder(false));
        assert!(found(&state).is_empty() && state.folder_question().is_none());
    }

    #[test]
    fn subtitles_are_shown_until_they_are_hidden() {
        let mut state = fixture::findable();
        state.run(Command::SeekTo(12.0));
        assert_eq!(state.subtitle().as_deref(), Some("The harbour wakes up."));
        state.run(Command::ToggleSubtitles);
        assert_eq!(state.subtitle(), None);
        state.run(Command::ToggleSubtitles);
        state.run(Command::SeekTo(100.0));
        assert_eq!(state.subtitle(), None);
    }
}
