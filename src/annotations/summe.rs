//! SumMe's `GT/*.mat` (MATLAB 5): `user_score` [frames × users], above 0 where a user picked the frame, with `nFrames` and `FPS`.

use std::path::Path;

use matfile::{Array, MatFile, NumericData};

use super::{AnnotationError, Opened, Result, file_stem};
use crate::domain::{AnnotationSet, Annotator, FrameRange};

/// Reads one video's users.
pub(super) fn open(path: &Path) -> Result<Opened> {
    let bytes = std::fs::read(path).map_err(|err| AnnotationError::io(path, err))?;
    let file = MatFile::parse(&bytes[..])
        .map_err(|_| AnnotationError::format(path, "the MATLAB file is damaged or incomplete"))?;
    let Some(array) = file.find_by_name("user_score") else {
        return Err(AnnotationError::format(
            path,
            "it has no user_score, so it is not SumMe's",
        ));
    };
    let scores = values(array);
    let (frames, users) = match array.size()[..] {
        [frames, users] if frames * users == scores.len() && frames > 0 => (frames, users),
        _ => {
            return Err(AnnotationError::format(
                path,
                "user_score is not a table of frames × users",
            ));
        }
    };
    let number = |name: &str| {
        file.find_by_name(name)
            .and_then(|a| values(a).first().copied())
    };
    let mut warnings = Vec::new();
    if let Some(stated) = number("nFrames").filter(|&stated| stated as usize != frames) {
        warnings.push(format!(
            "video {}: user_score has {frames} frames where nFrames states {stated}; user_score counts",
            file_stem(path)
        ));
    }
    let annotators = scores
        .chunks(frames)
        .take(users)
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

/// Runs of frames that are kept.
pub(super) fn ranges_where(kept: impl Iterator<Item = bool>) -> Vec<FrameRange> {
    let mut ranges: Vec<FrameRange> = Vec::new();
    for (frame, _) in kept.enumerate().filter(|&(_, kept)| kept) {
        let frame = frame as u64;
        match ranges.last_mut() {
            Some(last) if last.end == frame => last.end += 1,
            _ => ranges.push(FrameRange::new(frame, frame + 1)),
        }
    }
    ranges
}

fn values(array: &Array) -> Vec<f64> {
    macro_rules! wide {
        ($($kind:ident),*) => {
            match array.data() {
                $(NumericData::$kind { real, .. } => real.iter().map(|&v| v as f64).collect(),)*
            }
        };
    }
    wide!(
        Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Single, Double
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One little-endian MATLAB 5 element: a table of doubles.
    fn matrix(name: &str, rows: u32, columns: u32, values: &[f64]) -> Vec<u8> {
        let element = |kind: u32, data: &[u8]| {
            let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
            bytes.extend(data);
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            bytes
        };
        let flags = element(6, &[6u32.to_le_bytes(), 0u32.to_le_bytes()].concat());
        let size = element(5, &[rows.to_le_bytes(), columns.to_le_bytes()].concat());
        let name = element(1, name.as_bytes());
        let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        element(14, &[flags, size, name, element(9, &data)].concat())
    }

    fn file(parts: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
        bytes.resize(124, b' ');
        bytes.extend([0x00, 0x01, b'I', b'M']);
        bytes.extend(parts.concat());
        bytes
    }

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
