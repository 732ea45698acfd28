//! TVSum's `ydata-tvsum50.mat` (MATLAB 7.3, an HDF5 file with references): twenty people's ratings 1–5 of fifty videos.

use std::path::Path;

use hdf5_metno::{File, Group, ObjectReference1};

use super::hdf5_values::{
    Fault, matlab_text, number, open as open_file, referenced, references, table,
};
use super::{AnnotationError, Opened, Result};
use crate::domain::{AnnotationSet, Annotator};

const ROOT: &str = "tvsum50";

/// Whether an HDF5 file is TVSum's.
pub(super) fn is_tvsum(path: &Path) -> Result<bool> {
    Ok(open_file(path)?.link_exists(ROOT))
}

struct Fields {
    video: Vec<ObjectReference1>,
    title: Vec<ObjectReference1>,
    length: Vec<ObjectReference1>,
    frame_count: Vec<ObjectReference1>,
    user_anno: Vec<ObjectReference1>,
}

/// Reads every video; one that is broken is left out with a warning.
pub(super) fn open(path: &Path) -> Result<Opened> {
    let file = open_file(path)?;
    let fault = |reason: Fault| AnnotationError::format(path, reason);
    let root: Group = file
        .group(ROOT)
        .map_err(|_| fault(format!("{ROOT} is not a group")))?;
    let fields = Fields {
        video: references(&root, "video").map_err(fault)?,
        title: references(&root, "title").unwrap_or_default(),
        length: references(&root, "length").unwrap_or_default(),
        frame_count: references(&root, "nframes").unwrap_or_default(),
        user_anno: references(&root, "user_anno").map_err(fault)?,
    };
    let mut opened = Opened::default();
    for at in 0..fields.video.len() {
        match read_video(&file, &fields, at) {
            Ok(set) => opened.sets.push(set),
            Err(fault) => opened
                .warnings
                .push(format!("video {} of TVSum is left out: {fault}", at + 1)),
        }
    }
    Ok(opened)
}

fn read_video(
    file: &File,
    fields: &Fields,
    at: usize,
) -> std::result::Result<AnnotationSet, Fault> {
    let video_id = matlab_text(&referenced(file, &fields.video, at, "video")?, "video")?;
    let title = referenced(file, &fields.title, at, "title")
        .and_then(|dataset| matlab_text(&dataset, "title"))
        .unwrap_or_default();
    let ratings = table(
        &referenced(file, &fields.user_anno, at, "user_anno")?,
        "user_anno",
    )?;
    // MATLAB's [frames × raters] lies the other way round in HDF5; a file written otherwise has few columns.
    let ratings = if ratings.nrows() > ratings.ncols() {
        ratings.reversed_axes()
    } else {
        ratings
    };
    let one = |references: &[ObjectReference1], name: &str| {
        referenced(file, references, at, name).and_then(|dataset| number(&dataset, name))
    };
    let frame_count = one(&fields.frame_count, "nframes").unwrap_or(ratings.ncols() as f64);
    let length_secs = one(&fields.length, "length").unwrap_or(0.0);
    Ok(AnnotationSet {
        video_id,
        title,
        frame_count: frame_count.max(0.0) as u64,
        frame_rate_fps: if length_secs > 0.0 {
            frame_count / length_secs
        } else {
            0.0
        },
        annotators: ratings
            .outer_iter()
            .enumerate()
            .map(|(rater, scores)| Annotator {
                name: format!("annotator {}", rater + 1),
                scores: scores.to_vec(),
                picks: Vec::new(),
            })
            .collect(),
        ..AnnotationSet::default()
    })
}

#[cfg(test)]
mod tests {
    use crate::analysis::agreement::{AgreementParams, dataset_agreement};

    #[test]
    fn the_real_file_gives_the_published_agreement() {
        let Some(shared) = crate::testing::shared_dir() else {
            return;
        };
        let opened = super::super::open(&shared.join("data/tvsum/ydata-tvsum50.mat")).unwrap();
        assert_eq!(opened.warnings, Vec::<String>::new());
        assert_eq!(opened.sets.len(), 50);
        assert!(opened.sets.iter().all(|set| set.annotators.len() == 20));
        let first = &opened.sets[0];
        assert_eq!(
            (first.video_id.as_str(), first.frame_count),
            ("AwmHb44_ouw", 10597)
        );
        assert!((first.frame_rate_fps - 10597.0 / 353.593).abs() < 1e-9);
        let params = AgreementParams {
            resamples: 20,
            ..AgreementParams::default()
        };
        let found = dataset_agreement(&opened.sets, &params);
        // Published, table 1: 0.177 and 0.204; in full by scipy over the same pairs.
        assert!((found.overall.tau.unwrap() - 0.177_445_233_902_776_25).abs() < 1e-9);
        assert!((found.overall.rho.unwrap() - 0.204_224_383_232_565_86).abs() < 1e-9);
        assert!((found.videos[0].tau.unwrap() - 0.236_797_417_320_059_5).abs() < 1e-9);
    }
}
