//! Many videos in one run: which they are, where each result goes, and a manifest by which a run
//! that was stopped goes on.
//!
//! The manifest, `manifest.jsonl` in the folder of results, has one line for each video. A video is
//! done where its line says so, it was done by the same recipe, the file has not changed since, and
//! the result is there.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::{Interrupted, Output, write_text};
use crate::files::{numbered, same_file};
use crate::pipeline::neighbours::videos_in;
use crate::ui::text;

const MANIFEST: &str = "manifest.jsonl";
/// What came of a video.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    video: PathBuf,
    status: Status,
    /// The result, in the manifest's folder.
    output: PathBuf,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Size and time of change of the video, by which another one under its name is recognised.
    bytes: u64,
    modified_secs: u64,
    /// Stands for everything else that the result depends on.
    recipe: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Done,
    Failed,
}

/// Whether inputs can stand for more than one video: a folder or a list.
pub(super) fn are_many(inputs: &[PathBuf]) -> bool {
    inputs.len() > 1
        || inputs
            .iter()
            .any(|input| input.is_dir() || list_of(input).is_some())
}

/// The list that `@list.txt` names; a file whose name begins with @ is itself.
fn list_of(input: &Path) -> Option<PathBuf> {
    let name = input.to_str()?.strip_prefix('@')?;
    (!input.exists()).then(|| PathBuf::from(name))
}

/// Every video that is meant, each once: files, the videos in folders (not in folders within them),
/// and the lines of lists, where `#` begins a remark and paths are seen from the list's folder.
///
/// # Errors
/// When a list or folder cannot be read, or no video is meant.
pub(super) fn videos(inputs: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for input in inputs {
        if let Some(list) = list_of(input) {
            let lines = crate::reading::read_text(&list, 64 << 20)
                .with_context(|| format!("cannot read the list {}", list.display()))?;
            let folder = list.parent().unwrap_or(Path::new(""));
            let lines = lines.trim_start_matches('\u{feff}').lines().map(str::trim);
            let named = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            found.extend(named.map(|line| folder.join(line)));
        } else if input.is_dir() {
            let inside = videos_in(input)
                .with_context(|| format!("cannot read the folder {}", input.display()))?;
            found.extend(inside);
        } else {
            found.push(input.clone());
        }
    }
    let mut once: Vec<PathBuf> = Vec::new();
    for video in found {
        if !once
            .iter()
            .any(|other| *other == video || same_file(other, &video))
        {
            once.push(video);
        }
    }
    if once.is_empty() {
        bail!("there are no videos in {}", named(inputs));
    }
    Ok(once)
}

fn named(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}

/// Does `work` for each video that is not done yet; its second path is where the result goes, in
/// `folder` with `ending`. `recipe` stands for everything but the video that results depend on. A
/// video that fails does not keep the rest from being done.
///
/// # Errors
/// [`Interrupted`] after Ctrl+C, where the folder or manifest cannot be written, and where some
/// videos failed.
pub(super) fn run(
    videos: &[PathBuf],
    folder: &Path,
    ending: &str,
    recipe: &str,
    output: &Output,
    work: &mut dyn FnMut(&Path, &Path) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut manifest = Manifest::open(folder);
    let (mut failed, mut kept) = (Vec::new(), 0);
    for (at, video) in videos.iter().enumerate() {
        output.check_interrupt()?;
        let place = format!("{} of {}", at + 1, videos.len());
        if manifest.is_done(video, recipe) {
            kept += 1;
            output.say(&format!("{place}: {} is done already", video.display()));
            continue;
        }
        output.say(&format!("{place}: {}", video.display()));
        let target = manifest.target(video, ending);
        let error = match work(video, &folder.join(&target)) {
            Ok(()) => None,
            Err(err) if err.is::<Interrupted>() => return Err(err),
            Err(err) => Some(super::faults::sentence(&err)),
        };
        if let Some(error) = &error {
            output.say(&format!("failed: {error}"));
            failed.push(error.clone());
        }
        manifest.note(video, target, recipe, error)?;
    }
    output.say(&format!(
        "{} in {}, {kept} of them done before, {} failed",
        text::count(videos.len(), "video"),
        folder.display(),
        failed.len()
    ));
    match failed.first() {
        None => Ok(()),
        Some(first) => bail!(
            "{} of {} failed; run the same command again to try them again; the first reason: {first}",
            failed.len(),
            text::count(videos.len(), "video")
        ),
    }
}

struct Manifest {
    file: PathBuf,
    lines: Vec<Line>,
}

impl Manifest {
    /// What earlier runs wrote; a line that cannot be read is one of a video that is done anew.
    fn open(folder: &Path) -> Self {
        let file = folder.join(MANIFEST);
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let lines = lines.collect();
        Self { file, lines }
    }

    fn line(&self, video: &Path) -> Option<&Line> {
        let video = whole(video);
        self.lines.iter().find(|line| line.video == video)
    }

    fn is_done(&self, video: &Path, recipe: &str) -> bool {
        self.line(video).is_some_and(|line| {
            line.status == Status::Done
                && line.recipe == recipe
                && (line.bytes, line.modified_secs) == state_of(video)
                && self.file.with_file_name(&line.output).is_file()
        })
    }

    /// The name of a video's result: its own, with a number where another video of the folder has
    /// it.
    fn target(&self, video: &Path, ending: &str) -> PathBuf {
        if let Some(line) = self.line(video) {
            return line.output.clone();
        }
        let taken: HashSet<&Path> = self
            .lines
            .iter()
            .map(|line| line.output.as_path())
            .collect();
        let mut name = video.file_stem().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        let first = PathBuf::from(name);
        let mut target = first.clone();
        let mut number = 2;
        while taken.contains(target.as_path()) || target.as_os_str() == MANIFEST {
            target = numbered(&first, number);
            number += 1;
        }
        target
    }

    /// Writes down what came of a video, whole or not at all.
    fn note(
        &mut self,
        video: &Path,
        output: PathBuf,
        recipe: &str,
        error: Option<String>,
    ) -> anyhow::Result<()> {
        let (bytes, modified_secs) = state_of(video);
        let line = Line {
            video: whole(video),
            status: match error {
                None => Status::Done,
                Some(_) => Status::Failed,
            },
            output,
            error,
            bytes,
            modified_secs,
            recipe: recipe.to_owned(),
        };
        match self
            .lines
            .iter_mut()
            .find(|other| other.video == line.video)
        {
            Some(other) => *other = line,
            None => self.lines.push(line),
        }
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(&serde_json::to_string(line)?);
            text.push('\n');
        }
        write_text(&self.file, &text)
    }
}

fn whole(video: &Path) -> PathBuf {
    let absolute = std::path::absolute(video).unwrap_or_else(|_| video.to_owned());
    absolute.canonicalize().unwrap_or(absolute)
}

/// Size in bytes and time of change of a file; zeros where it is not there.
fn state_of(video: &Path) -> (u64, u64) {
    let Ok(facts) = video.metadata() else {
        return (0, 0);
    };
    let modified = facts
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    (facts.len(), modified.map_or(0, |time| time.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ProgressMode;

    fn written(dir: &Path, name: &str) -> PathBuf {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, name).unwrap();
        path
    }

    #[test]
    fn files_folders_and_lists_name_each_video_once() {
        let dir = tempfile::tempdir().unwrap();
        let a = written(dir.path(), "films/a.mp4");
        let b = written(dir.path(), "films/b.MKV");
        written(dir.path(), "films/notes.txt");
        let odd = written(dir.path(), "odd name.bin");
        let list = written(dir.path(), "list.txt");
        std::fs::write(&list, "# two\nodd name.bin\n\n films/a.mp4 \n").unwrap();
        let at_list = PathBuf::from(format!("@{}", list.display()));
        let found = videos(&[at_list.clone(), dir.path().join("films")]).unwrap();
        assert_eq!(found, [odd, a.clone(), b]);
        assert!(are_many(&[at_list]) && are_many(&[dir.path().to_owned()]) && !are_many(&[a]));
        let missing = videos(&["@nowhere.txt".into()]).unwrap_err();
        assert!(missing.to_string().contains("nowhere.txt"), "{missing}");
        std::fs::create_dir(dir.path().join("empty")).unwrap();
        assert!(videos(&[dir.path().join("empty")]).is_err());
    }

    #[test]
    fn a_run_that_was_stopped_goes_on_and_failures_are_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("results");
        let films = ["one/a.mp4", "two/a.mp4", "b.mp4"].map(|name| written(dir.path(), name));
        let output = Output::new(true, ProgressMode::None);
        let attempt = |recipe: &str, broken: Option<&Path>| {
            let mut done = Vec::new();
            let result = run(
                &films,
                &out,
                "json",
                recipe,
                &output,
                &mut |video, target| {
                    done.push(target.file_name().unwrap().to_string_lossy().into_owned());
                    if broken == Some(video) {
                        bail!("{} is broken", video.display());
                    }
                    Ok(std::fs::write(target, b"{}")?)
                },
            );
            (done, result.map_err(|err| err.to_string()))
        };
        let (done, result) = attempt("r", Some(&films[1]));
        assert_eq!(done, ["a.json", "a_002.json", "b.json"]);
        assert!(result.unwrap_err().contains("1 of 3 videos failed"));
        let manifest = std::fs::read_to_string(out.join(MANIFEST)).unwrap();
        assert_eq!(manifest.lines().count(), 3);
        assert!(manifest.lines().nth(1).unwrap().contains("is broken"));
        let (done, result) = attempt("r", None);
        assert_eq!((done, result), (vec!["a_002.json".to_owned()], Ok(())));
        assert!(attempt("r", None).0.is_empty());
        // Another recipe, another video under the name, a result that is gone: done anew.
        assert_eq!(attempt("s", None).0.len(), 3);
        std::fs::write(&films[2], b"another film").unwrap();
        std::fs::remove_file(out.join("a.json")).unwrap();
        assert_eq!(attempt("s", None).0, ["a.json", "b.json"]);
    }
}
