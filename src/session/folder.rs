//! Places in the other videos of a folder: frames that look alike, as far as their features are in
//! the cache, and words of their subtitles. Analyses nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::finding::{FoundBy, MOST_BY_WORDS, by_words, nearest_rows};
use crate::domain::RgbImage;
use crate::domain::cue::Cue;
use crate::files::same_file;
use crate::jobs::{CancelToken, Progress, StageClock};
use crate::media::{FileStamp, MediaError};
use crate::pipeline::neighbours::{KnownFeatures, videos_in, words_of};

/// Why nothing is known of some videos' frames.
pub const NOT_ANALYSED: &str = "Not looked at, as they were not analysed yet";
/// Why some videos have no words.
pub const NO_WORDS: &str = "Without text subtitles";

/// A place in another video.
#[derive(Clone, Debug, PartialEq)]
pub struct Elsewhere {
    pub video: PathBuf,
    pub secs: f64,
    pub by: FoundBy,
    /// A small picture of about that time.
    pub picture: Option<RgbImage>,
}

/// What a folder's other videos have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InFolder {
    /// Most alike first.
    pub found: Vec<Elsewhere>,
    /// Subtitles of the videos that have any of text, where words are looked for.
    pub words: Vec<(PathBuf, Words)>,
    /// Videos whose features are in the cache, or that have words.
    pub compared: Vec<PathBuf>,
    /// Those that have none; nothing is known of their frames, or words.
    pub without: Vec<PathBuf>,
    /// How many are still to be read.
    pub to_come: usize,
}

/// The subtitles of one video.
pub type Words = Arc<[Cue]>;

/// Subtitles that were read before, of files that are as they were.
#[derive(Debug, Default)]
pub struct KnownWords(Mutex<HashMap<PathBuf, (FileStamp, Words)>>);

impl KnownWords {
    fn of_video(&self, video: &Path, cancel: &CancelToken) -> Result<Words, MediaError> {
        let stamp = FileStamp::of(video);
        let known = self.0.lock().get(video).cloned();
        if let Some((of, words)) = known
            && Some(of) == stamp
        {
            return Ok(words);
        }
        if cancel.is_cancelled() {
            return Err(MediaError::cancelled(video));
        }
        let words: Words = words_of(video, &mut |_| {}, cancel)?.into();
        if let Some(stamp) = stamp {
            let entry = (stamp, Arc::clone(&words));
            self.0.lock().insert(video.to_owned(), entry);
        }
        Ok(words)
    }
}

/// A folder's videos but for `own`.
fn others_in(folder: &Path, own: &Path) -> Result<Vec<PathBuf>, String> {
    let videos = videos_in(folder)
        .map_err(|err| format!("cannot read the folder {}: {err}", folder.display()))?;
    let others = videos.into_iter().filter(|video| !same_file(video, own));
    Ok(others.collect())
}

/// Reads the subtitles of a folder's videos but for `own`, and tells what is there as each one is
/// read.
///
/// # Errors
/// As [`alike_in_folder`].
pub fn words_in_folder(
    folder: &Path,
    own: &Path,
    known: &KnownWords,
    on_more: &mut dyn FnMut(&InFolder),
    cancel: &CancelToken,
) -> Result<InFolder, String> {
    let others = others_in(folder, own)?;
    let mut all = InFolder {
        to_come: others.len(),
        ..InFolder::default()
    };
    on_more(&all);
    for video in others {
        let words = match known.of_video(&video, cancel) {
            Err(err) if err.is_cancelled() => return Err(err.to_string()),
            // One that cannot be read has no words either.
            Err(err) => {
                log::warn!("{err}");
                Arc::default()
            }
            Ok(words) => words,
        };
        if words.is_empty() {
            all.without.push(video);
        } else {
            all.compared.push(video.clone());
            all.words.push((video, words));
        }
        all.to_come -= 1;
        on_more(&all);
    }
    Ok(all)
}

/// Compares a feature vector with the frames of a folder's videos but for `own`, and gives the
/// `most` that are nearest.
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
    let others = others_in(folder, own)?;
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
                by: FoundBy::Likeness(likeness),
                picture: stored.picture_near(row),
            }));
    }
    (all.found).sort_by(|a, b| b.by.likeness().total_cmp(&a.by.likeness()));
    all.found.truncate(most);
    Ok(all)
}

impl InFolder {
    /// Places whose words hold those that were typed, video by video.
    pub fn with_words(&self, typed: &str) -> Vec<Elsewhere> {
        let of_video = |(video, words): &(PathBuf, Words)| -> Vec<Elsewhere> {
            let found = by_words(words, typed).into_iter();
            let elsewhere = found.map(|found| Elsewhere {
                video: video.clone(),
                secs: found.secs,
                by: found.by,
                picture: None,
            });
            elsewhere.collect()
        };
        let places = self.words.iter().flat_map(of_video);
        places.take(MOST_BY_WORDS).collect()
    }

    /// Which videos were not looked at, in a sentence that begins with the reason; `None` where all
    /// were.
    pub fn gap(&self, why: &str) -> Option<String> {
        const NAMED: usize = 3;
        let names: Vec<String> = (self.without.iter())
            .filter_map(|video| Some(video.file_name()?.to_string_lossy().into_owned()))
            .collect();
        let (first, more) = names.split_at(names.len().min(NAMED));
        let rest = match more.len() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        (!names.is_empty()).then(|| format!("{why}: {}{rest}.", first.join(", ")))
    }
}
