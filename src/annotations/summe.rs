//! SumMe's `GT/*.mat`: `user_score` [frames × users], above 0 where a user picked the frame, with
//! `nFrames` and `FPS`.
//!
//! In MATLAB 5 files, as they were published, and in MATLAB 7.3 ones (HDF5), as later versions save
//! them again.

use std::path::Path;

use hdf5_metno::File;

use super::hdf5_values::{number, table};
use super::mat5::Variable;
use super::{AnnotationError, Opened, Result, file_stem, orientation};
use crate::domain::budget::too_many_annotators;
use crate::domain::ranges::ranges_where;
use crate::domain::{AnnotationSet, Annotator};

const SCORES: &str = "user_score";

/// Whether an HDF5 file is one of SumMe's.
pub(super) fn is_summe(file: &File) -> bool {
    file.dataset(SCORES).is_ok()
}

/// Whether the variables of a MATLAB 5 file are SumMe's.
pub(super) fn has_scores(variables: &[Variable]) -> bool {
    variables.iter().any(|one| one.name == SCORES)
}

/// What a file states, whatever its container.
struct Stated {
    /// Whether each user kept each frame.
    users: Vec<Vec<bool>>,
    frame_count: Option<f64>,
    frame_rate_fps: Option<f64>,
}

/// Reads one video's users from a MATLAB 5 file.
pub(super) fn from_matlab5(variables: &[Variable], path: &Path) -> Result<Opened> {
    let value = |name: &str| {
        variables
            .iter()
            .find(|one| one.name == name)
            .map(|one| &one.value)
    };
    let Some(scores) = value(SCORES).and_then(|value| value.table()) else {
        return Err(AnnotationError::format(path, no_table()));
    };
    let number = |name: &str| value(name).and_then(|value| value.number());
    let frame_count = number("nFrames");
    let [rows, columns] = scores.size;
    // A table that was turned when it was saved again has its frames in the columns.
    let turned =
        frame_count.is_some_and(|frames| rows != frames as usize && columns == frames as usize);
    let kept = |&score: &f64| score > 0.0;
    if let Some(clause) = too_many_annotators(if turned { rows } else { columns }) {
        return Err(AnnotationError::format(path, clause));
    }
    let users = if turned {
        (0..rows)
            .map(|user| {
                scores
                    .values
                    .iter()
                    .skip(user)
                    .step_by(rows)
                    .map(kept)
                    .collect()
            })
            .collect()
    } else {
        let users = scores.values.chunks(rows.max(1));
        users.map(|user| user.iter().map(kept).collect()).collect()
    };
    let frame_rate_fps = number("FPS");
    opened(
        Stated {
            users,
            frame_count,
            frame_rate_fps,
        },
        path,
    )
}

/// Reads one video's users from a MATLAB 7.3 file, where MATLAB's [frames × users] lies the other
/// way round.
pub(super) fn from_hdf5(file: &File, path: &Path) -> Result<Opened> {
    let fault = |reason: String| AnnotationError::format(path, reason);
    let optional = |name: &str| {
        let found = file.dataset(name).ok()?;
        number(&found, name).ok()
    };
    let frame_count = optional("nFrames");
    let scores = file.dataset(SCORES).map_err(|_| fault(no_table()))?;
    let scores = table(&scores, SCORES).map_err(fault)?;
    let frames = frame_count.filter(|&frames| frames >= 1.0).unwrap_or(0.0) as usize;
    let scores = orientation::by_user(SCORES, scores, &[frames]).map_err(fault)?;
    let users = (scores.outer_iter())
        .map(|user| user.iter().map(|&score| score > 0.0).collect())
        .collect();
    let frame_rate_fps = optional("FPS");
    opened(
        Stated {
            users,
            frame_count,
            frame_rate_fps,
        },
        path,
    )
}

fn no_table() -> String {
    format!("{SCORES} is not a table of frames × users")
}

fn opened(stated: Stated, path: &Path) -> Result<Opened> {
    let frames = stated.users.first().map_or(0, Vec::len);
    if frames == 0 {
        return Err(AnnotationError::format(path, no_table()));
    }
    let mut warnings = Vec::new();
    if let Some(other) = stated
        .frame_count
        .filter(|&stated| stated as usize != frames)
    {
        warnings.push(format!(
            "video {}: user_score has {frames} frames where nFrames states {other}; user_score counts",
            file_stem(path)
        ));
    }
    let annotators = (stated.users.into_iter().enumerate())
        .map(|(user, kept)| Annotator {
            name: format!("user {}", user + 1),
            picks: ranges_where(kept.into_iter()),
            ..Annotator::default()
        })
        .collect();
    Ok(Opened {
        sets: vec![AnnotationSet {
            video_id: file_stem(path),
            title: file_stem(path).replace('_', " "),
            frame_count: frames as u64,
            frame_rate_fps: stated.frame_rate_fps.unwrap_or(0.0),
            annotators,
            ..AnnotationSet::default()
        }],
        warnings,
    })
}

#[cfg(test)]
mod tests {
    use super::super::mat5::tests::{file, matrix};
    use crate::domain::FrameRange;

    #[test]
    fn users_picks_are_read_and_damage_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Air_Force_One.mat");
        let scores = matrix(
            "user_score",
            5,
            2,
            &[0., 1., 2., 0., 3., 0., 0., 0., 0., 1.],
        );
        let bytes = file(&[
            scores,
            matrix("nFrames", 1, 1, &[5.0]),
            matrix("FPS", 1, 1, &[25.0]),
        ]);
        std::fs::write(&path, &bytes).unwrap();
        let opened = super::super::open(&path).unwrap();
        let set = &opened.sets[0];
        assert_eq!(
            (set.video_id.as_str(), set.frame_count),
            ("Air_Force_One", 5)
        );
        assert_eq!(set.frame_rate_fps, 25.0);
        assert_eq!(
            set.annotators[0].picks,
            vec![FrameRange::new(1, 3), FrameRange::new(4, 5)]
        );
        assert_eq!(set.annotators[1].picks, vec![FrameRange::new(4, 5)]);
        std::fs::write(&path, &bytes[..200]).unwrap();
        let err = super::super::open(&path).unwrap_err().to_string();
        assert!(err.contains("Air_Force_One.mat"), "{err}");
        std::fs::write(&path, file(&[matrix("other", 1, 1, &[5.0])])).unwrap();
        let err = super::super::open(&path).unwrap_err().to_string();
        assert!(err.contains("SumMe") && err.contains("TVSum"), "{err}");
    }
}
