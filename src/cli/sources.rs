//! What the commands read: analyses and projects, the video that they name, and annotations.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::Output;
use super::analyze_args::{DrawArgs, PrepareArgs};
use crate::annotations::{self, Opened, join};
use crate::domain::project::{MOST_FILE_BYTES, Project, ProjectError};
use crate::domain::{Analysis, AnnotationSet};
use crate::reading;

/// What is opened, and how.
pub struct Opening<'a> {
    /// A video, a project (.summdiff), an analysis (.json) or a dataset.
    pub source: &'a Path,
    /// Which video of a dataset, the first where none is named; of a project or an analysis, where
    /// its video is now.
    pub video: Option<&'a str>,
    /// Thumbnails for the filmstrip, too, where an analysis is taken as it is written.
    pub thumbnails: bool,
    pub annotations: Option<&'a Path>,
    pub prepare: &'a PrepareArgs,
    pub draw: &'a DrawArgs,
}

/// What `analyze` wrote.
pub(super) enum Written {
    Analysis(Box<Analysis>),
    Project(Box<Project>),
}

/// Reads an analysis or a project, told apart by content.
///
/// # Errors
/// One sentence that names the file and the fix.
pub(super) fn read_written(path: &Path) -> anyhow::Result<Written> {
    let bytes = read(path)?;
    match Project::from_json(&bytes, path) {
        Ok(project) => return Ok(Written::Project(Box::new(project))),
        // A project, and not one to be used.
        Err(err @ (ProjectError::Refused { .. } | ProjectError::TooNew { .. })) => {
            return Err(err.into());
        }
        Err(ProjectError::NotAProject { .. }) => {}
    }
    Ok(Written::Analysis(Box::new(analysis_of(&bytes, path)?)))
}

/// Reads an analysis.
///
/// # Errors
/// As [`read_written`].
pub(super) fn read_analysis(path: &Path) -> anyhow::Result<Analysis> {
    analysis_of(&read(path)?, path)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    reading::read(path, MOST_FILE_BYTES).with_context(|| format!("cannot read {}", path.display()))
}

fn analysis_of(bytes: &[u8], path: &Path) -> anyhow::Result<Analysis> {
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins != Some(&b'{') {
        bail!(
            "{0} is neither an analysis nor a project; if it is a video, analyse it first: `summdiff analyze {0} --json FILE`",
            path.display()
        );
    }
    Analysis::from_json(bytes)
        .map_err(|reason| anyhow::anyhow!("{} cannot be used: {reason}", path.display()))
}

/// The video that an analysis names: where the person says, else as seen from the analysis, so that
/// both can be moved together, where it was, or beside the analysis under its name.
pub(super) fn find_video(
    analysis: &Analysis,
    path: &Path,
    named: Option<&Path>,
) -> Option<PathBuf> {
    let stated = &analysis.video.path;
    if let Some(named) = named {
        return named.is_file().then(|| named.to_owned());
    }
    let folder = path.parent()?;
    let seen_from_here = analysis.video.relative_path.as_ref();
    // Analyses of older versions state the path as it was given, relative to who knows where.
    [
        seen_from_here.map(|relative| folder.join(relative)),
        Some(stated.clone()),
        Some(folder.join(stated)),
        stated.file_name().map(|name| folder.join(name)),
    ]
    .into_iter()
    .flatten()
    .find(|path| path.is_file())
}

/// The sentence for a video that is not where it was.
pub(super) fn moved(stated: &Path, named: Option<&Path>) -> String {
    match named {
        Some(named) => format!("there is no video {}; check --video", named.display()),
        None => format!(
            "the video {} is not there: name its place with --video",
            stated.display()
        ),
    }
}

/// Annotations that were read before the work began, so that a fault in them is reported at once.
pub(super) struct People {
    file: PathBuf,
    opened: Opened,
}

impl People {
    /// Reads a file of annotations; what was worked around is reported.
    ///
    /// # Errors
    /// One sentence that names the file.
    pub(super) fn read(file: &Path, output: &Output) -> anyhow::Result<Self> {
        let opened = annotations::open(file)?;
        for warning in &opened.warnings {
            output.say(&format!("{}: {warning}", file.display()));
        }
        Ok(Self {
            file: file.to_owned(),
            opened,
        })
    }

    /// The annotations of a video in the file, which may hold those of many.
    ///
    /// # Errors
    /// Where none of many is named like the video.
    pub(super) fn of_video(self, video: &Path) -> anyhow::Result<AnnotationSet> {
        let files = [video.to_path_buf()];
        let found = join::match_videos(&self.opened.sets, &files);
        let mine = found.videos.iter().position(Option::is_some);
        let count = self.opened.sets.len();
        mine.or((count == 1).then_some(0))
            .and_then(|at| self.opened.sets.into_iter().nth(at))
            .with_context(|| {
                format!(
                    "{} has annotations of {count} videos, and none is named like {}; give the video the id that the annotations use",
                    self.file.display(),
                    video.display()
                )
            })
    }
}

/// Joined annotations; how they differ from the video is reported.
pub(super) fn with_notes(joined: join::Joined, output: &Output) -> AnnotationSet {
    for note in joined.report {
        output.say(&note);
    }
    joined.set
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::project::relative_video_path;

    #[test]
    fn an_analysis_finds_its_video_where_both_were_moved_together() {
        let seed = include_bytes!("../../tests/fuzz/seeds/analysis/demo.json");
        let mut analysis = Analysis::from_json(seed).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        std::fs::create_dir_all(old.join("results")).unwrap();
        std::fs::write(old.join("v.mp4"), b"film").unwrap();
        analysis.video.path = old.join("v.mp4");
        analysis.video.relative_path =
            relative_video_path(&old.join("results/v.json"), &analysis.video.path);
        let find = |analysis: &Analysis, file: &Path| find_video(analysis, file, None);
        let same = |found: Option<PathBuf>, expected: &Path| {
            found.is_some_and(|found| crate::files::same_file(&found, expected))
        };
        assert!(same(
            find(&analysis, &old.join("results/v.json")),
            &old.join("v.mp4")
        ));
        std::fs::rename(&old, &new).unwrap();
        assert!(same(
            find(&analysis, &new.join("results/v.json")),
            &new.join("v.mp4")
        ));
        // The analysis alone was moved: the video is where it was.
        analysis.video.path = new.join("v.mp4");
        let alone = dir.path().join("elsewhere/far/v.json");
        assert!(same(find(&analysis, &alone), &new.join("v.mp4")));
        // As older versions wrote it: relative to a folder that nobody knows, so beside the
        // analysis.
        analysis.video.path = "v.mp4".into();
        analysis.video.relative_path = None;
        assert!(same(
            find(&analysis, &new.join("v.json")),
            &new.join("v.mp4")
        ));
        let missing = find_video(
            &analysis,
            &new.join("v.json"),
            Some("/nowhere.mp4".as_ref()),
        );
        assert_eq!(missing, None);
    }
}
