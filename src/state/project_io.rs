//! Saving and loading projects so that a crash at any moment leaves the old or the new one.

use std::path::Path;

use anyhow::{Context, Result};

use super::drafting::choices_of;
use crate::domain::VideoInfo;
use crate::domain::project::{Project, VideoRef};
use crate::files;
use crate::session::drafts::keeper::KnownFiles;
use crate::state::AppState;

impl AppState {
    /// The session as a project; `None` with nothing open.
    pub fn to_project(&self, project_path: &Path) -> Option<Project> {
        // A dataset's video without its file is no video that could be found again.
        let session = self.session.as_ref().filter(|s| !s.without_picture)?;
        Some(Project {
            version: crate::domain::project::PROJECT_VERSION,
            // Until a person has accepted another video, the project is about the one that it was
            // made with.
            video: match self.other_video() {
                Some((stated, _)) => stated.clone(),
                None => VideoRef::of(&session.video, project_path),
            },
            bundle: self.prefs.bundle.clone(),
            settings: self.choices.settings.clone(),
            selection: self.choices.selection,
            pins: self.choices.pins.clone(),
            rejects: self.choices.rejects.clone(),
            markers_secs: self.choices.markers_secs.clone(),
            names: self.choices.names.clone(),
            range_secs: self.choices.range_secs,
            edits: self.choices.edits.to_vec(),
            kinds: match session.known_kinds() {
                // Saved before they are there again, a project keeps those that it had.
                none if none.is_empty() => self.known_kinds.clone(),
                own => own,
            },
            annotations: self.choices.annotations.as_deref().cloned(),
            works: self.works_with_time(),
            shown: self.choices.shown.clone(),
        })
    }

    /// What the project says its video is, and the facts of the one that is open, where that is
    /// another one and nobody has accepted it.
    pub fn other_video(&self) -> Option<(&VideoRef, &VideoInfo)> {
        let video = &self.session.as_ref()?.video;
        let stated = self.project_video.as_ref()?;
        (!stated.can_be(video)).then_some((stated, video))
    }

    /// The open video is the project's from now on.
    pub(super) fn accept_video(&mut self) {
        if let Some((_, video)) = self.other_video() {
            self.status = format!("The project is now about {}", video.path.display());
        }
        self.project_video = None;
    }

    /// Asks for the file of the project's video; one that turned out to be another is closed, and
    /// what was chosen is kept for the right one.
    pub(super) fn relink(&mut self) {
        let stated = self.other_video().map(|(stated, _)| stated.clone());
        if let Some(stated) = stated {
            self.waiting_choices = Some((self.choices.clone(), stated.sha256.clone()));
            self.missing_video = Some(stated.path);
            self.session = None;
        }
        self.requests.push(crate::state::Request::PickVideo);
    }

    /// Takes over a project and starts opening its video, or asks where the video is now.
    pub fn open_project(&mut self, project: &Project, project_path: &Path) {
        let choices = choices_of(project);
        if !project.bundle.is_empty() {
            self.prefs.bundle = project.bundle.clone();
        }
        self.known_kinds.clone_from(&project.kinds);
        self.waiting_choices = Some((choices, project.video.sha256.clone()));
        match project.find_video(project_path) {
            Some(video) => {
                // Whatever was asked for before is not this project's video.
                self.missing_video = None;
                self.project_video = None;
                self.open(video);
                self.project_path = Some(project_path.to_path_buf());
            }
            None => {
                self.session = None;
                self.error = None;
                self.progress = None;
                self.missing_video = Some(project.video.path.clone());
                self.project_path = Some(project_path.to_path_buf());
                self.status = "The video of this project was not found.".to_owned();
            }
        }
        self.project_video = Some(project.video.clone());
    }
}

/// Writes a project; either the old or the new file is there afterwards, never neither.
///
/// # Errors
/// When the folder cannot be written; names the file.
pub fn save(project: &Project, path: &Path) -> Result<()> {
    files::write(path, &project.to_json()).with_context(|| {
        format!(
            "{} could not be written; save the project in another folder",
            path.display()
        )
    })
}

/// Reads a project, and notes what it held, so that another program's changes are noticed.
///
/// # Errors
/// As [`load`].
pub fn load_noting(path: &Path, known: &KnownFiles) -> Result<Project> {
    let bytes = read(path)?;
    let project = Project::from_json(&bytes, path)?;
    known.note(path, &bytes);
    Ok(project)
}

/// Reads a project.
///
/// # Errors
/// When the file cannot be read or is no project; names the file.
pub fn load(path: &Path) -> Result<Project> {
    Ok(Project::from_json(&read(path)?, path)?)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    crate::reading::read(path, crate::domain::project::MOST_FILE_BYTES).with_context(|| {
        format!(
            "{} could not be read; check that it is there",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::command::Command;
    use crate::testing::fixture;

    #[test]
    fn a_session_comes_back_from_its_project() {
        let dir = tempfile::tempdir().unwrap();
        let video = dir.path().join("film.mp4");
        std::fs::write(&video, b"film").unwrap();
        let path = dir.path().join("film.summdiff");
        let mut state = fixture::state();
        if let Some(session) = &mut state.session {
            session.video.path = video.clone();
        }
        state.run(Command::Pin(1));
        state.run(Command::ToggleMarker);
        state.run(Command::SelectAlternative(2));
        save(&state.to_project(&path).unwrap(), &path).unwrap();

        let project = load(&path).unwrap();
        let mut fresh = AppState::default();
        fresh.open_project(&project, &path);
        assert!(fresh.requests.iter().any(|request| matches!(
            request,
            crate::state::Request::Open { path, .. } if *path == video
        )));
        let choices = &fresh.waiting_choices.as_ref().unwrap().0;
        assert_eq!(choices.pins, state.choices.pins);
        assert_eq!(choices.markers_secs, state.choices.markers_secs);
        assert_eq!(choices.selection, state.choices.selection);
        assert_eq!(choices.annotations, state.choices.annotations);
    }

    #[test]
    fn a_missing_video_is_asked_for() {
        let project = Project {
            version: 1,
            video: VideoRef {
                path: "/nowhere/film.mp4".into(),
                ..VideoRef::default()
            },
            ..Project::default()
        };
        let mut state = AppState::default();
        state.open_project(&project, Path::new("/nowhere/p.summdiff"));
        assert_eq!(
            state.missing_video.as_deref(),
            Some(Path::new("/nowhere/film.mp4"))
        );
    }

    /// A project whose video was exchanged asks first, and saving meanwhile leaves it about the
    /// video it was made with.
    #[test]
    fn another_video_is_asked_about_and_not_written_over_the_projects_own() {
        use crate::pipeline::Event;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("film.summdiff");
        let found = dir.path().join("film.mp4");
        std::fs::write(&found, b"film").unwrap();
        let made = fixture::state();
        let opened = made.session.as_ref().unwrap();
        let mut video = opened.video.clone();
        video.path = found;
        video.sha256 = "cd".repeat(32);
        let mut project = made.to_project(&path).unwrap();
        project.video = VideoRef {
            sha256: "ab".repeat(32),
            ..VideoRef::of(&video, &path)
        };
        let mut state = AppState::default();
        state.open_project(&project, &path);
        let probe = |state: &mut AppState, video: &VideoInfo| {
            let (info, index) = (video.clone(), opened.index.clone());
            state.handle(Event::Probed { info, index });
        };
        // The content is known only after a while; then the question is there, and nothing chosen
        // is lost.
        let hash = std::mem::take(&mut video.sha256);
        probe(&mut state, &video);
        assert!(state.other_video().is_none());
        video.sha256 = hash;
        probe(&mut state, &video);
        let (stated, other) = state.other_video().unwrap();
        assert_eq!(
            (&stated.sha256, &other.sha256),
            (&project.video.sha256, &video.sha256)
        );
        assert_eq!(state.to_project(&path).unwrap().video, project.video);
        assert_eq!(state.choices.pins, project.pins);

        // The right one is looked for with all that was chosen.
        let mut looking = AppState::default();
        looking.open_project(&project, &path);
        probe(&mut looking, &video);
        looking.run(Command::Relink);
        assert!(looking.session.is_none() && looking.missing_video.is_some());
        assert_eq!(
            looking.waiting_choices.as_ref().unwrap().0.pins,
            project.pins
        );
        let mut right = video.clone();
        right.path = dir.path().join("right.mp4");
        right.sha256 = project.video.sha256.clone();
        looking.open(right.path.clone());
        probe(&mut looking, &right);
        assert!(looking.other_video().is_none());
        assert_eq!(looking.project_path.as_deref(), Some(path.as_path()));
        assert_eq!(
            looking.to_project(&path).unwrap().video,
            VideoRef::of(&right, &path)
        );

        // Accepted, it is the project's own.
        state.run(Command::AcceptVideo);
        assert!(state.other_video().is_none());
        assert_eq!(
            state.to_project(&path).unwrap().video,
            VideoRef::of(&video, &path)
        );
        // Another video opened by itself is nobody's project.
        state.open(dir.path().join("other.mp4"));
        assert_eq!(state.project_path, None);
    }
}
