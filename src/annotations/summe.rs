//! SumMe's `GT/*.mat` (MATLAB 5): `user_score` [frames × users], above 0 where a user picked the frame, with `nFrames` and `FPS`.

use std::path::Path;

use super::{AnnotationError, Opened, Result, file_stem, mat5};
use crate::domain::ranges::ranges_where;
use crate::domain::{AnnotationSet, Annotator};

/// Reads one video's users.
pub(super) fn open(path: &Path) -> Result<Opened> {
    let bytes = std::fs::read(path).map_err(|err| AnnotationError::io(path, err))?;
    let Some((tables, broken)) = mat5::read(&bytes) else {
        return Err(AnnotationError::format(
            path,
            "the MATLAB file is damaged or incomplete",
        ));
    };
    let table = |name: &str| tables.iter().find(|table| table.name == name);
    let Some(scores) = table("user_score") else {
        return Err(AnnotationError::format(
            path,
            if broken {
                "the MATLAB file is damaged or incomplete"
            } else {
                "it has no table user_score, so it is not SumMe's"
            },
        ));
    };
    let [frames, _] = scores.size;
    if frames == 0 {
        return Err(AnnotationError::format(
            path,
            "user_score is not a table of frames × users",
        ));
    }
    let number = |name: &str| table(name).and_then(|table| table.values.first().copied());
    let mut warnings = Vec::new();
    if broken {
        warnings.push("the MATLAB file breaks off; what came before is kept".to_owned());
    }
    if let Some(stated) = number("nFrames").filter(|&stated| stated as usize != frames) {
        warnings.push(format!(
            "video {}: user_score has {frames} frames where nFrames states {stated}; user_score counts",
            file_stem(path)
        ));
    }
    let annotators = scores
        .values
        .chunks(frames)
        .enumerate()
        .map(|(user, scores)| Annotator {
            name: format!("user {}", user + 1),
            scores: Vec::new(),
            picks: ranges_where(scores.iter().map(|&score| score > 0.0)),
        })
        .collect();
    Ok(Opened {
        sets: vec![AnnotationSet {
            video_id: file_stem(path),
            title: file_stem(path).replace('_', " "),
            frame_count: frames as u64,
            frame_rate_fps: number("FPS").unwrap_or(0.0),
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
        assert!(err.contains("user_score"), "{err}");
    }
}
