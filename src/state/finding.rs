//! What is looked for in the open video, and what was found. The looking itself is the session's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{AppState, Overlay};
use crate::domain::cue::words_at;
use crate::session::finding::{Found, FoundBy, alike, by_words, nearest_pick};
use crate::session::folder::InFolder;

/// A search and its results; kept while the video is open, so that the next result is one key away.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    pub typed: String,
    /// Time of the frame that others are to look like; the text rests meanwhile.
    pub like_secs: Option<f64>,
    pub found: Vec<Found>,
    /// Whether the other videos of the folder are looked through too.
    pub in_folder: bool,
}

/// What is looked for in the other videos of a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderQuestion {
    /// The open video.
    pub video: PathBuf,
    /// Name of the bundle whose features are compared.
    pub bundle: String,
    /// The feature vector that others are to be near to.
    pub wanted: Arc<[f32]>,
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
        };
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
        };
        self.overlay = Overlay::Find;
    }

    /// What the open search wants to know of the folder's other videos; `None` where it wants nothing.
    pub fn folder_question(&self) -> Option<FolderQuestion> {
        let finding = &self.finding;
        let secs = finding.like_secs.filter(|_| finding.in_folder)?;
        let session = self
            .session
            .as_ref()
            .filter(|_| self.overlay == Overlay::Find)?;
        let features = session.features.as_ref()?;
        let row = features.values.row(nearest_pick(features, secs)?);
        Some(FolderQuestion {
            video: session.video.path.clone(),
            bundle: self.runtime.bundle.clone(),
            wanted: row.iter().copied().collect(),
        })
    }

    /// The answer to it, once it is there.
    pub fn found_in_folder(&self) -> Option<&FolderAnswer> {
        let wanted = self.folder_question()?;
        (self.folder_found.as_ref())
            .filter(|(asked, _)| *asked == wanted)
            .map(|(_, answer)| answer)
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
        // The video returns to the place of segment 10 in every tenth segment and the third after it.
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
