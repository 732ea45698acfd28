//! Datasets of features with ground truth: `eccv16_dataset_*.h5` (a group a video) and Mr. HiSum's
//! h5, read video by video.
//!
//! Change points there are pairs `[first, last]`; here they become half-open ranges.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use hdf5_metno::{File, Group};
use ndarray::Array2;

use super::hdf5_values::{
    Fault, check_group, dataset, numbers, open as open_file, stated_number, stated_text, table,
    texts,
};
use super::{AnnotationError, Opened, Result, file_stem, orientation};
use crate::domain::budget::{too_many_annotators, too_many_scores};
use crate::domain::repairs::most_frames;
use crate::domain::{FrameRange, VideoRecord};
use crate::reading;

/// Frames of the longest video that is believed.
const MOST_FRAMES: u64 = most_frames(0.0);
/// Largest table of names beside a dataset that is read; Mr. HiSum's has 4 MB.
const MOST_METADATA_BYTES: u64 = 64 << 20;

/// A dataset file, open.
#[derive(Debug)]
pub struct Dataset {
    path: PathBuf,
    file: File,
    keys: Vec<String>,
    names: HashMap<String, VideoName>,
}

#[derive(Clone, Debug, Default)]
struct VideoName {
    id: String,
    title: String,
}

impl Dataset {
    /// Opens a file and lists its videos in natural order (`video_2` before `video_10`).
    ///
    /// # Errors
    /// When the file cannot be read or has no group.
    pub fn open(path: &Path) -> Result<Self> {
        let file = open_file(path)?;
        let mut keys: Vec<String> = file
            .member_names()
            .map_err(|_| AnnotationError::format(path, "its videos cannot be listed"))?
            .into_iter()
            .filter(|name| file.group(name).is_ok())
            .collect();
        keys.sort_by_key(|key| natural(key));
        if keys.is_empty() {
            return Err(AnnotationError::format(path, "it holds no videos"));
        }
        Ok(Self {
            names: read_metadata(path),
            path: path.to_owned(),
            file,
            keys,
        })
    }

    /// Group names, one a video.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Reads one video.
    ///
    /// # Errors
    /// One sentence that names the file, the video and what is wrong with it.
    pub fn read(&self, key: &str) -> Result<VideoRecord> {
        self.read_with(key, true)
    }

    /// Reads one video but for the values of its features: `features` is float32 [0, D]. For lists
    /// of large files.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_outline(&self, key: &str) -> Result<VideoRecord> {
        self.read_with(key, false)
    }

    fn read_with(&self, key: &str, with_features: bool) -> Result<VideoRecord> {
        let group = self
            .file
            .group(key)
            .map_err(|_| self.fault(key, "it is missing"))?;
        check_group(&group)
            .and_then(|()| self.read_group(key, &group, with_features))
            .map_err(|fault| self.fault(key, &fault))
    }

    fn fault(&self, key: &str, reason: &str) -> AnnotationError {
        AnnotationError::format(&self.path, format!("video {key}: {reason}"))
    }

    fn read_group(
        &self,
        key: &str,
        group: &Group,
        with_features: bool,
    ) -> std::result::Result<VideoRecord, Fault> {
        let optional = |name: &str| group.dataset(name).ok();
        let list = |names: &[&str]| -> std::result::Result<Vec<f32>, Fault> {
            let found = names.iter().find_map(|name| Some((optional(name)?, *name)));
            found.map_or(Ok(Vec::new()), |(dataset, name)| numbers(&dataset, name))
        };
        let grid = |name: &str| -> std::result::Result<Array2<f32>, Fault> {
            optional(name).map_or(Ok(Array2::zeros((0, 0))), |dataset| table(&dataset, name))
        };
        let whole = |values: Vec<f32>| -> Vec<u64> { values.into_iter().map(frame).collect() };
        let shape = optional("features").map_or(Vec::new(), |dataset| dataset.shape());
        let [feature_rows, feature_size] = match shape[..] {
            [rows, columns] => [rows, columns],
            [columns] => [1, columns],
            _ => [0, 0],
        };
        let gt_scores = list(&["gtscore", "gt_score"])?;
        let gt_summary = list(&["gtsummary", "gt_summary"])?;
        let by_second = optional("picks").is_none();
        let stated_picks = match by_second {
            true => None,
            false => Some(whole(list(&["picks"])?)),
        };
        let pick_count = stated_picks.as_ref().map_or(gt_scores.len(), Vec::len);
        let features_turned = orientation::is_turned(feature_rows, feature_size, pick_count);
        let (feature_rows, feature_size) = match features_turned {
            true => (feature_size, feature_rows),
            false => (feature_rows, feature_size),
        };
        let features = if with_features {
            orientation::by_pick(grid("features")?, pick_count)
        } else {
            Array2::zeros((0, feature_size))
        };
        let rows = feature_rows.max(gt_scores.len());
        let picks = stated_picks.unwrap_or_else(|| (0..rows as u64).collect());
        let frame_count = match stated_number(group, "n_frames") {
            Some(stated) => {
                let stated = stated?.max(0.0) as u64;
                if stated > MOST_FRAMES {
                    return Err(format!("n_frames states {stated} frames, more than a day"));
                }
                Some(stated)
            }
            None if by_second => Some(rows as u64),
            None => None,
        };
        let lengths = [frame_count.unwrap_or(0) as usize, pick_count];
        let user_summaries =
            orientation::by_user("user_summary", grid("user_summary")?, &lengths[..1])?;
        let user_scores = orientation::by_user("user_scores", grid("user_scores")?, &lengths)?;
        let frame_count = frame_count.unwrap_or(user_summaries.ncols() as u64);
        // What is made of them: scores of every frame, for everybody who rated.
        let rated = user_scores.nrows().max(usize::from(!gt_scores.is_empty()));
        let users = rated.max(user_summaries.nrows());
        if let Some(clause) =
            too_many_annotators(users).or_else(|| too_many_scores(rated, frame_count))
        {
            return Err(clause);
        }
        if rows == 0 && user_summaries.is_empty() && user_scores.is_empty() {
            return Err("it has neither features nor annotations".into());
        }
        if feature_rows > 0 && picks.len() != feature_rows {
            return Err(format!(
                "picks has {} entries for {feature_rows} rows of features",
                picks.len(),
            ));
        }
        if picks.windows(2).any(|pair| pair[1] < pair[0]) {
            return Err("picks do not ascend".into());
        }
        if !gt_scores.is_empty() && gt_scores.len() != picks.len() {
            return Err(format!(
                "gtscore has {} entries for {} picks",
                gt_scores.len(),
                picks.len()
            ));
        }
        let change_points = match optional("change_points") {
            Some(_) => pairs(group)?,
            None => Vec::new(),
        };
        let mut frames_per_segment = whole(list(&["n_frame_per_seg"])?);
        // Mr. HiSum states ends, the eccv16 files last frames: whether a segment starts at the one
        // before's end shows which.
        let half_open = by_second
            || change_points
                .windows(2)
                .any(|pair| pair[0][1] == pair[1][0]);
        let segments: Vec<FrameRange> = change_points
            .iter()
            .map(|&[start, end]| FrameRange::new(start, if half_open { end } else { end + 1 }))
            .map(|range| FrameRange::new(range.start.min(frame_count), range.end.min(frame_count)))
            .collect();
        if frames_per_segment.len() != segments.len() {
            // As the field's loader counts: a last segment that falls short of the end gets one
            // frame more.
            frames_per_segment = segments.iter().map(|s| s.len()).collect();
            if let (Some(last), Some(&[_, end])) =
                (frames_per_segment.last_mut(), change_points.last())
            {
                *last += u64::from(by_second && end != frame_count);
            }
        }
        // Not of the field's files; this program's state it.
        let frame_rate_fps = match stated_number(group, "fps") {
            Some(stated) => stated?,
            None if by_second => 1.0,
            None => 0.0,
        };
        let stated = stated_text(group, "video_name");
        let name = self.names.get(key).cloned().unwrap_or_default();
        Ok(VideoRecord {
            key: key.to_owned(),
            video_id: stated
                .or(Some(name.id).filter(|id| !id.is_empty()))
                .unwrap_or_else(|| key.to_owned()),
            title: stated_text(group, "title").unwrap_or(name.title),
            features,
            picks,
            frame_count,
            frame_rate_fps,
            segments,
            change_points,
            frames_per_segment,
            gt_scores,
            gt_summary,
            user_summaries,
            user_scores,
            user_names: optional("user_names").map_or(Vec::new(), |dataset| texts(&dataset)),
            user_picked: (list(&["user_picked"])?.iter())
                .map(|&picked| picked > 0.0)
                .collect(),
            // What another program wrote there is no condition.
            user_conditions: stated_text(group, "user_conditions")
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default(),
            by_second,
        })
    }
}

/// A stored frame number; what is negative or no number is 0, what is too large the largest
/// accepted.
fn frame(value: f32) -> u64 {
    (value.max(0.0) as u64).min(MOST_FRAMES)
}

fn pairs(group: &Group) -> std::result::Result<Vec<[u64; 2]>, Fault> {
    let table = table(&dataset(group, "change_points")?, "change_points")?;
    let table = orientation::pairs(table)?;
    let pairs: Vec<[u64; 2]> = table
        .outer_iter()
        .map(|row| [frame(row[0]), frame(row[1])])
        .collect();
    if pairs.iter().any(|[start, end]| end < start) {
        return Err("a segment of change_points ends before it starts".into());
    }
    Ok(pairs)
}

/// Digits compared as numbers.
fn natural(text: &str) -> Vec<(u64, String)> {
    let mut parts = vec![(0u64, String::new())];
    for character in text.chars() {
        let last = parts.len() - 1;
        match character.to_digit(10) {
            Some(digit) => {
                if !parts[last].1.is_empty() {
                    parts.push((0, String::new()));
                }
                let last = parts.len() - 1;
                parts[last].0 = parts[last]
                    .0
                    .saturating_mul(10)
                    .saturating_add(u64::from(digit));
            }
            None => parts[last].1.push(character),
        }
    }
    parts
}

/// Ids and titles from CSV files beside the dataset that have a `video_id` column (Mr. HiSum's
/// metadata).
fn read_metadata(path: &Path) -> HashMap<String, VideoName> {
    let mut names = HashMap::new();
    let Some(folder) = path.parent() else {
        return names;
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return names;
    };
    for entry in entries.flatten().map(|entry| entry.path()) {
        if entry
            .extension()
            .is_none_or(|ext| !ext.eq_ignore_ascii_case("csv"))
        {
            continue;
        }
        // Whatever else lies there.
        let Ok(text) = reading::read(&entry, MOST_METADATA_BYTES) else {
            continue;
        };
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(&text[..]);
        let Ok(header) = reader.headers().cloned() else {
            continue;
        };
        let column = |name: &str| header.iter().position(|other| other.trim() == name);
        let (Some(key), Some(id)) = (column("video_id"), column("youtube_id")) else {
            continue;
        };
        let title = column("title");
        for row in reader.records().flatten() {
            let (Some(key), Some(id)) = (row.get(key), row.get(id)) else {
                continue;
            };
            let title = title.and_then(|at| row.get(at)).unwrap_or_default();
            let name = VideoName {
                id: id.to_owned(),
                title: title.to_owned(),
            };
            names.insert(key.to_owned(), name);
        }
    }
    names
}

/// The annotators of every video of a dataset.
pub(super) fn open_annotations(path: &Path) -> Result<Opened> {
    let dataset = Dataset::open(path)?;
    let mut opened = Opened::default();
    for key in dataset.keys() {
        match dataset.read_outline(key) {
            Ok(record) => opened.sets.push(record.annotation_set()),
            Err(AnnotationError::Format { reason, .. }) => {
                opened.warnings.push(format!("{reason}; it is left out"));
            }
            Err(err) => opened.warnings.push(err.to_string()),
        }
    }
    if opened.sets.is_empty() && opened.warnings.is_empty() {
        opened
            .warnings
            .push(format!("{} holds no videos", file_stem(path)));
    }
    Ok(opened)
}

#[cfg(test)]
mod tests;
