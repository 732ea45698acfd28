//! What the commands read: analyses and projects, the video that they name, and annotations.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::Output;
use crate::annotations::{self, Opened, join};
use crate::domain::project::Project;
use crate::domain::{Analysis, AnnotationSet};

/// What `analyze` wrote.
pub(super) enum Written {
    Analysis(Box<Analysis>),
    Project(Box<Project>),
}

/// Reads an analysis or a project, told apart by content.
///
/// # Errors
/// One sentence that names the file and the mend.
pub(super) fn read_written(path: &Path) -> anyhow::Result<Written> {
    let bytes = read(path)?;
    if let Ok(project) = Project::from_json(&bytes, path) {
        return Ok(Written::Project(Box::new(project)));
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
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
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

/// The video that an analysis names: where the person says, else as seen from the analysis, so that both can be moved together, where
/// it was, or beside the analysis under its name.
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

/// Annotations that were read before the work began, so that a fault in them is told at once.
pub(super) struct People {
    file: PathBuf,
    opened: Opened,
}

impl People {
    /// Reads a file of annotations; what was worked around is said.
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
