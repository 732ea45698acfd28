//! Frames that look alike in the other videos of a folder, as far as their features are in the cache. Analyses nothing.

use std::path::{Path, PathBuf};

use super::finding::nearest_rows;
use crate::domain::RgbImage;
use crate::files::same_file;
use crate::jobs::{CancelToken, Progress, StageClock};
use crate::pipeline::neighbours::{KnownFeatures, videos_in};

/// A frame of another video.
#[derive(Clone, Debug, PartialEq)]
pub struct Elsewhere {
    pub video: PathBuf,
    pub secs: f64,
    /// Cosine of its feature vector and that of the frame in question, in [-1, 1].
    pub likeness: f32,
    /// A small picture of about that time.
    pub picture: Option<RgbImage>,
}

/// What a folder's other videos have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InFolder {
    /// Most alike first.
    pub found: Vec<Elsewhere>,
    /// Videos whose features are in the cache.
    pub compared: Vec<PathBuf>,
    /// Those that have none there; nothing is known of their frames.
    pub without: Vec<PathBuf>,
}

/// Compares a feature vector with the frames of a folder's videos but for `own`, and gives the `most` that are nearest.
///
/// # Errors
/// One sentence: the folder cannot be read, or the work was cancelled.
pub fn alike_in_folder(
    folder: &Path,
    own: &Path,
    wanted: &[f32],
    known: &KnownFeatures,
    most: usize,
    progress: &mut dyn FnMut(Progress),
    cancel: &CancelToken,
) -> Result<InFolder, String> {
    let videos = videos_in(folder)
        .map_err(|err| format!("cannot read the folder {}: {err}", folder.display()))?;
    let others = videos.into_iter().filter(|video| !same_file(video, own));
    let others: Vec<PathBuf> = others.collect();
    let clock = StageClock::start("Looking through the folder");
    let mut all = InFolder::default();
    for (at, video) in others.iter().enumerate() {
        progress(clock.at(at as u64, others.len() as u64));
        let stored = match known.of_video(video, cancel) {
            Err(err) if err.is_cancelled() => return Err(err.to_string()),
            // One that cannot be read has no features either.
            Err(err) => {
                log::warn!("{err}");
                None
            }
            Ok(stored) => stored,
        };
        let fits = |features: &crate::domain::Features| features.values.ncols() == wanted.len();
        let Some(stored) = stored.filter(|stored| fits(&stored.features)) else {
            all.without.push(video.clone());
            continue;
        };
        all.compared.push(video.clone());
        let rows = nearest_rows(&stored.features, wanted, most);
        all.found
            .extend(rows.into_iter().map(|(row, likeness)| Elsewhere {
                video: video.clone(),
                secs: stored.features.pick_times_secs[row],
                likeness,
                picture: stored.picture_near(row),
            }));
    }
    (all.found).sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    all.found.truncate(most);
    Ok(all)
}

impl InFolder {
    /// Which videos were not looked at, in a sentence; `None` where all were.
    pub fn gap(&self) -> Option<String> {
        const NAMED: usize = 3;
        let names: Vec<String> = (self.without.iter())
            .filter_map(|video| Some(video.file_name()?.to_string_lossy().into_owned()))
            .collect();
        let (first, more) = names.split_at(names.len().min(NAMED));
        let rest = match more.len() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        (!names.is_empty()).then(|| {
            format!(
                "Not looked at, as they were not analysed yet: {}{rest}.",
                first.join(", ")
            )
        })
    }
}
