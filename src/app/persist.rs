//! Preferences, panels and recent files between two starts, in the places the system has for them.
//!
//! Everything here is a convenience: what cannot be read is forgotten, what cannot be written is
//! logged.

use std::path::{Path, PathBuf};

use egui_tiles::Tree;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::layout::{self, Pane};
use crate::files;
use crate::state::Preferences;

/// Folders for preferences and for the window's memory.
#[derive(Clone, Debug)]
pub struct Store {
    config: PathBuf,
    state: PathBuf,
}

impl Store {
    /// The folders of this system's user; `None` where it has no home.
    pub fn of_user() -> Option<Self> {
        let dirs = directories::ProjectDirs::from("", "", "summdiff")?;
        let state = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir());
        Some(Self::in_folders(dirs.config_dir(), state))
    }

    pub fn in_folders(config: &Path, state: &Path) -> Self {
        Self {
            config: config.to_path_buf(),
            state: state.to_path_buf(),
        }
    }

    /// Folder for journals of unsaved sessions, as earlier versions had it.
    pub fn journal_dir(&self) -> PathBuf {
        self.state.join("journal")
    }

    /// Folder of what the window keeps between two starts.
    pub fn state_dir(&self) -> &Path {
        &self.state
    }

    /// Folder for drafts of what was done with each video.
    pub fn drafts_dir(&self) -> PathBuf {
        self.state.join("drafts")
    }

    /// Where the window's log is written; older logs stand beside it.
    pub fn log_file(&self) -> PathBuf {
        self.state.join("log").join("summdiff.log")
    }

    pub fn load_preferences(&self) -> Preferences {
        let mut prefs: Preferences =
            read(&self.config.join("preferences.json")).unwrap_or_default();
        prefs.recent = read(&self.state.join("recent.json")).unwrap_or_default();
        prefs
    }

    pub fn save_preferences(&self, prefs: &Preferences) {
        write(&self.config.join("preferences.json"), prefs);
        write(&self.state.join("recent.json"), &prefs.recent);
    }

    pub fn load_panels(&self) -> Option<Tree<Pane>> {
        read(&self.state.join("panels.json")).map(layout::with_reasons)
    }

    pub fn save_panels(&self, panels: &Tree<Pane>) {
        write(&self.state.join("panels.json"), panels);
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let bytes = std::fs::read(path).ok()?;
    match serde_json::from_slice(&bytes) {
        Ok(value) => Some(value),
        Err(error) => {
            log::warn!("forgetting {}: {error}", path.display());
            None
        }
    }
}

fn write<T: Serialize>(path: &Path, value: &T) {
    let result = serde_json::to_vec_pretty(value)
        .map_err(std::io::Error::other)
        .and_then(|bytes| {
            files::make_folder(files::folder_of(path))?;
            files::write(path, &bytes)
        });
    if let Err(error) = result {
        log::warn!("could not keep {}: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::layout;
    use crate::ui::theme::ThemeChoice;

    #[test]
    fn preferences_panels_and_recent_files_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_folders(&dir.path().join("config"), &dir.path().join("state"));
        assert_eq!(store.load_preferences(), Preferences::default());
        let prefs = Preferences {
            theme: ThemeChoice::Light,
            recent: vec!["/films/a.mp4".into()],
            ..Preferences::default()
        };
        store.save_preferences(&prefs);
        assert_eq!(store.load_preferences(), prefs);
        let mut panels = layout::default_tree();
        layout::toggle_pane(&mut panels, Pane::Matches);
        store.save_panels(&panels);
        assert!(!layout::is_shown(
            &store.load_panels().unwrap(),
            Pane::Matches
        ));
    }

    #[test]
    fn a_broken_file_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_folders(dir.path(), dir.path());
        std::fs::write(dir.path().join("preferences.json"), b"{\"theme\": ").unwrap();
        std::fs::write(dir.path().join("panels.json"), b"[]").unwrap();
        assert_eq!(store.load_preferences(), Preferences::default());
        assert!(store.load_panels().is_none());
    }
}
