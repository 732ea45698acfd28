//! TVSum's `ydata-tvsum50.mat`: twenty people's ratings 1–5 of fifty videos.
//!
//! A MATLAB 7.3 file (HDF5 with references), as it was published, or a MATLAB 5 one, as Python
//! saves it again.

use std::path::Path;

use hdf5_metno::{File, Group, ObjectReference1};
use ndarray::{Array2, ShapeBuilder};

use super::hdf5_values::{Fault, check_group, matlab_text, number, referenced, references, table};
use super::mat5::{Structure, Value, Variable};
use super::{AnnotationError, Opened, Result, orientation};
use crate::domain::{AnnotationSet, Annotator};

const ROOT: &str = "tvsum50";

/// Whether an HDF5 file is TVSum's.
pub(super) fn is_tvsum(file: &File) -> bool {
    file.link_exists(ROOT)
}

/// The structure of a MATLAB 5 file that is TVSum's.
pub(super) fn structure(variables: &[Variable]) -> Option<&Structure> {
    variables
        .iter()
        .find(|one| one.name == ROOT)
        .and_then(|one| match &one.value {
            Value::Structure(structure) => Some(structure),
            _ => None,
        })
}

/// What a file states of one video, whatever its container.
struct Stated {
    video_id: String,
    title: String,
    length_secs: f64,
    frame_count: Option<f64>,
    /// Raters × frames, or the other way round.
    ratings: Array2<f32>,
}

struct Fields {
    video: Vec<ObjectReference1>,
    title: Vec<ObjectReference1>,
    length: Vec<ObjectReference1>,
    frame_count: Vec<ObjectReference1>,
    user_anno: Vec<ObjectReference1>,
}

/// Reads every video of a MATLAB 5 file; one that is broken is left out with a warning.
pub(super) fn from_matlab5(videos: &Structure) -> Opened {
    let read = |at: usize| -> std::result::Result<AnnotationSet, Fault> {
        let text = |name: &str| {
            videos
                .field(at, name)
                .and_then(Value::text)
                .unwrap_or_default()
        };
        let number = |name: &str| videos.field(at, name).and_then(Value::number);
        let ratings = videos.field(at, "user_anno").and_then(Value::table);
        let ratings = ratings.ok_or("user_anno is missing")?;
        let values = ratings.values.iter().map(|&rating| rating as f32).collect();
        // MATLAB stores column by column.
        let ratings = Array2::from_shape_vec((ratings.size[0], ratings.size[1]).f(), values)
            .map_err(|_| "user_anno holds fewer values than its shape says")?;
        set_of(Stated {
            video_id: text("video").to_owned(),
            title: text("title").to_owned(),
            length_secs: number("length").unwrap_or(0.0),
            frame_count: number("nframes"),
            ratings,
        })
    };
    collected((0..videos.len()).map(read))
}

fn collected(videos: impl Iterator<Item = std::result::Result<AnnotationSet, Fault>>) -> Opened {
    let mut opened = Opened::default();
    for (at, video) in videos.enumerate() {
        match video {
            Ok(set) => opened.sets.push(set),
            Err(fault) => opened
                .warnings
                .push(format!("video {} of TVSum is left out: {fault}", at + 1)),
        }
    }
    opened
}

/// Reads every video of a MATLAB 7.3 file; one that is broken is left out with a warning.
pub(super) fn from_hdf5(file: &File, path: &Path) -> Result<Opened> {
    let fault = |reason: Fault| AnnotationError::format(path, reason);
    let root: Group = file
        .group(ROOT)
        .map_err(|_| fault(format!("{ROOT} is not a group")))?;
    check_group(&root).map_err(fault)?;
    let fields = Fields {
        video: references(&root, "video").map_err(fault)?,
        title: references(&root, "title").unwrap_or_default(),
        length: references(&root, "length").unwrap_or_default(),
        frame_count: references(&root, "nframes").unwrap_or_default(),
        user_anno: references(&root, "user_anno").map_err(fault)?,
    };
    Ok(collected(
        (0..fields.video.len()).map(|at| read_video(file, &fields, at)),
    ))
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
    let one = |references: &[ObjectReference1], name: &str| {
        referenced(file, references, at, name).and_then(|dataset| number(&dataset, name))
    };
    set_of(Stated {
        video_id,
        title,
        length_secs: one(&fields.length, "length").unwrap_or(0.0),
        frame_count: one(&fields.frame_count, "nframes").ok(),
        ratings,
    })
}

fn set_of(stated: Stated) -> std::result::Result<AnnotationSet, Fault> {
    let frames = stated.frame_count.filter(|&frames| frames >= 1.0);
    let ratings = match frames {
        Some(frames) => orientation::by_user("user_anno", stated.ratings, &[frames as usize])?,
        // Twenty people rated thousands of frames.
        None if stated.ratings.nrows() > stated.ratings.ncols() => stated.ratings.reversed_axes(),
        None => stated.ratings,
    };
    let frame_count = frames.unwrap_or(ratings.ncols() as f64);
    Ok(AnnotationSet {
        video_id: stated.video_id,
        title: stated.title,
        frame_count: frame_count as u64,
        frame_rate_fps: if stated.length_secs > 0.0 {
            frame_count / stated.length_secs
        } else {
            0.0
        },
        annotators: (ratings.outer_iter().enumerate())
            .map(|(rater, scores)| Annotator {
                name: format!("annotator {}", rater + 1),
                scores: scores.to_vec(),
                ..Annotator::default()
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
