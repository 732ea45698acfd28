//! `summdiff annotate STUDY`: the window, locked to a study.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use super::Output;
use super::open::{has_display, without_source_places};
use crate::app::persist::Store;
use crate::app::study_backend::StudyBackend;
use crate::app::study_keeper::{Places, StudyKeeper};
use crate::app::{self, Window, player_link};
use crate::domain::Study;
use crate::reading;
use crate::state::AppState;
use crate::state::study::StudyState;
use crate::ui::text;

/// Longest study that is read, bytes.
const MOST_STUDY_BYTES: u64 = 4 << 20;

/// Open a study: people rate shots or mark picks in its videos, and see nothing else
///
/// Each annotator's results lie in a file beside the study; `summdiff study` merges and reports them.
#[derive(Debug, clap::Args)]
pub struct AnnotateArgs {
    /// The study's JSON, see docs/studies.md
    study: PathBuf,
    /// Check the study and its videos' places, and open no window
    #[arg(long)]
    check: bool,
}

/// Runs the command.
///
/// # Errors
/// When the study cannot be used, a video is missing, no window can be had, or the system refuses a thread.
pub fn run(args: &AnnotateArgs, output: &Output) -> anyhow::Result<()> {
    let path = std::path::absolute(&args.study)?;
    let (study, videos) = read(&path)?;
    if args.check {
        output.say(&format!(
            "{}: {}, {}",
            args.study.display(),
            text::count(study.videos.len(), "video"),
            match study.annotators.len() {
                0 => "any annotator".to_owned(),
                listed => text::count(listed, "annotator"),
            }
        ));
        return Ok(());
    }
    let store = Store::of_user();
    super::log_file::start(store.as_ref().map(Store::log_file).as_deref());
    if !has_display() {
        bail!(
            "the window needs a display, and neither DISPLAY nor WAYLAND_DISPLAY names one: start it on a desktop"
        );
    }
    let title = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let places = Places::of(&path, store.as_ref().map(Store::state_dir));
    let opened = app::run(move |creation| {
        let mut state = AppState::default();
        if let Some(store) = &store {
            state.prefs = store.load_preferences();
        }
        let mut shown = StudyState::new(study, title, videos);
        let wake = || {
            let ctx = creation.egui_ctx.clone();
            move || ctx.request_repaint()
        };
        let keeper = StudyKeeper::start(places, wake());
        if let Err(err) = &keeper {
            shown.note = format!("Your work could not be kept: {err}.");
        }
        state.study = Some(shown);
        let backend = Box::new(StudyBackend::new(wake()));
        // Nothing of the person's own window is remembered or changed.
        let window = Window::new(state, backend, None, wake()).with_player(player_link::maker(
            creation.egui_ctx.clone(),
            creation.wgpu_render_state.clone(),
        ));
        match keeper {
            Ok(keeper) => window.with_study(keeper),
            Err(_) => window,
        }
    });
    opened.map_err(|err| anyhow!("{}", without_source_places(&format!("{err:#}"))))
}

/// The study of a file, and where its videos are.
///
/// # Errors
/// A sentence for each thing that is wrong with it.
fn read(path: &Path) -> anyhow::Result<(Study, Vec<PathBuf>)> {
    let bytes = reading::read(path, MOST_STUDY_BYTES)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let content = String::from_utf8(bytes)
        .map_err(|_| anyhow!("{} is no study: it is no text", path.display()))?;
    let study = Study::from_json(&content)
        .map_err(|faults| anyhow!("{} is no study that can be used. {faults}", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let videos: Vec<PathBuf> = study.videos.iter().map(|video| folder.join(video)).collect();
    let missing: Vec<String> = (study.videos.iter().zip(&videos))
        .filter(|(_, video)| !video.is_file())
        .map(|(named, video)| format!("{named} is not there ({}).", video.display()))
        .collect();
    if !missing.is_empty() {
        bail!(
            "{} cannot begin. {}",
            path.display(),
            missing.join(" ")
        );
    }
    Ok((study, videos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_lie_relative_to_the_study_and_missing_ones_are_all_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.json");
        std::fs::write(
            &path,
            r#"{"format": 1, "task": "rate", "videos": ["films/a.mp4", "b.mp4"]}"#,
        )
        .unwrap();
        let said = read(&path).unwrap_err().to_string();
        assert!(said.contains("films/a.mp4 is not there") && said.contains("b.mp4 is not"), "{said}");
        std::fs::create_dir(dir.path().join("films")).unwrap();
        std::fs::write(dir.path().join("films/a.mp4"), "").unwrap();
        std::fs::write(dir.path().join("b.mp4"), "").unwrap();
        let (_, videos) = read(&path).unwrap();
        assert_eq!(videos[0], dir.path().join("films/a.mp4"));
        std::fs::write(&path, r#"{"format": 1, "task": "rate", "videos": [], "budget": 2}"#).unwrap();
        let said = read(&path).unwrap_err().to_string();
        assert!(said.contains("budget must be above 0 and at most 1, and is 2."), "{said}");
        assert!(said.contains("at least one video"), "{said}");
        assert!(read(dir.path()).is_err());
    }
}
