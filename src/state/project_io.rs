//! Saving and loading projects so that a crash at any moment leaves the old or the new one.

use std::path::Path;

use anyhow::{Context, Result};

use super::drafting::choices_of;
use crate::domain::project::{Project, VideoRef, relative_video_path};
use crate::files;
use crate::session::drafts::keeper::KnownFiles;
use crate::state::AppState;

impl AppState {
    /// The session as a project; `None` with nothing open.
    pub fn to_project(&self, project_path: &Path) -> Option<Project> {
        // A dataset's video without its file is no film that could be found again.
        let session = self.session.as_ref().filter(|s| !s.without_picture)?;
        Some(Project {
            version: crate::domain::project::PROJECT_VERSION,
            video: VideoRef {
                path: session.video.path.clone(),
                relative_path: relative_video_path(project_path, &session.video.path),
                sha256: session.video.sha256.clone(),
                frame_count: session.video.frame_count,
            },
            bundle: self.prefs.bundle.clone(),
            settings: self.choices.settings.clone(),
            selection: self.choices.selection,
            pins: self.choices.pins.clone(),
            rejects: self.choices.rejects.clone(),
            markers_secs: self.choices.markers_secs.clone(),
            range_secs: self.choices.range_secs,
            kinds: Vec::new(),
            annotations: self.choices.annotations.as_deref().cloned(),
            works: self.works_with_time(),
        })
    }

    /// Takes over a project and starts opening its video, or asks where the video is now.
    pub fn open_project(&mut self, project: &Project, project_path: &Path) {
        let choices = choices_of(project);
        if !project.bundle.is_empty() {
            self.prefs.bundle = project.bundle.clone();
        }
        self.waiting_choices = Some((choices, project.video.sha256.clone()));
        match project.find_video(project_path) {
            Some(video) => {
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
    std::fs::read(path).with_context(|| {
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
}
