//! `analyze --project` where there is a project already: what people did in it stays.

use std::path::Path;

use anyhow::{Context, bail};

use crate::domain::project::Project;
use crate::state::project_io;

/// The project that is there already and is gone on with; `None` where there is none, or it is to
/// be replaced.
///
/// # Errors
/// When it cannot be read, or is of another video than the one of this content hash.
pub(super) fn earlier_work(
    path: &Path,
    replace: bool,
    sha256: Option<&str>,
) -> anyhow::Result<Option<Project>> {
    if replace || !path.exists() {
        return Ok(None);
    }
    let earlier = project_io::load(path).with_context(|| {
        format!(
            "{} is there and is kept; name another project, or replace it with --replace-project",
            path.display()
        )
    })?;
    let known = &earlier.video.sha256;
    if let Some(sha256) = sha256
        && !known.is_empty()
        && known != sha256
    {
        bail!(
            "{} is a project of another video, {}, and is kept; name another project, or replace it with --replace-project",
            path.display(),
            earlier.video.path.display()
        );
    }
    Ok(Some(earlier))
}

/// A new analysis in an earlier project: what people did there stays.
pub(super) fn with_earlier_work(new: Project, earlier: Option<Project>) -> Project {
    let Some(earlier) = earlier else {
        return new;
    };
    Project {
        annotations: new.annotations.or(earlier.annotations),
        pins: earlier.pins,
        rejects: earlier.rejects,
        markers_secs: earlier.markers_secs,
        range_secs: earlier.range_secs,
        names: earlier.names,
        edits: earlier.edits,
        works: earlier.works,
        shown: earlier.shown,
        ..new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AnnotatorWork;
    use crate::domain::project::VideoRef;

    fn of_video(sha256: &str) -> Project {
        Project {
            version: crate::domain::project::PROJECT_VERSION,
            video: VideoRef {
                sha256: sha256.to_owned(),
                ..VideoRef::default()
            },
            ..Project::default()
        }
    }

    #[test]
    fn annotators_keep_their_work_through_a_new_analysis() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.summdiff");
        assert!(earlier_work(&path, false, None).unwrap().is_none());
        let mut earlier = of_video("aa");
        earlier.works = vec![AnnotatorWork {
            name: "Ann".to_owned(),
            ..AnnotatorWork::default()
        }];
        earlier.markers_secs = vec![2.0];
        project_io::save(&earlier, &path).unwrap();
        let found = earlier_work(&path, false, Some("aa")).unwrap();
        let mut new = of_video("aa");
        new.settings.seed = 9;
        let merged = with_earlier_work(new, found);
        assert_eq!(merged.works.len(), 1);
        assert_eq!(merged.markers_secs, [2.0]);
        assert_eq!(merged.settings.seed, 9);
        // Another video, or no project at all, is kept and reported, unless it is to be replaced.
        let message = earlier_work(&path, false, Some("bb")).unwrap_err();
        assert!(
            message.to_string().contains("--replace-project"),
            "{message}"
        );
        assert!(earlier_work(&path, true, Some("bb")).unwrap().is_none());
        std::fs::write(&path, b"notes").unwrap();
        let message = earlier_work(&path, false, None).unwrap_err();
        assert!(
            message.to_string().contains("--replace-project"),
            "{message}"
        );
    }
}
