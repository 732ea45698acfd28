//! Results of a study from many machines and annotators put together: what fits, what is in
//! conflict, and what is not complete.
//!
//! Two results of one annotator on one video that differ are both kept, under the name and under
//! the name with a number, and the conflict is reported. Reads files, and writes none.

mod file;
mod units;

use std::path::{Path, PathBuf};

pub use file::read_study;
pub use units::{own_measures, unit_name, videos};

use crate::annotations::results;
use crate::domain::annotator_work::rated_shots_of;
use crate::domain::{
    AnnotationSet, AnnotatorWork, Features, FrameRange, Segment, Study, StudyResults, VideoRecord,
    VideoResult,
};

/// Picks a second in a dataset that is made without the videos.
const PICKS_PER_SEC: f64 = 2.0;

/// All works on one video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudiedVideo {
    /// Which video; without a work.
    pub video: VideoResult,
    /// Complete or not, each under a name of its own.
    pub works: Vec<AnnotatorWork>,
}

/// A study with everything that was done in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub study: Study,
    pub videos: Vec<StudiedVideo>,
    /// What contradicts, one sentence each.
    pub conflicts: Vec<String>,
    /// What is not complete or was there twice, one sentence each.
    pub notes: Vec<String>,
}

/// Reads results: files, and folders of them.
///
/// # Errors
/// A sentence that names the file which cannot be read, or the folder without results.
pub fn read_all(paths: &[PathBuf]) -> Result<Vec<(String, StudyResults)>, String> {
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push((path.display().to_string(), results::read(path)?));
            continue;
        }
        let before = all.len();
        for file in results_in(path)? {
            all.push((file.display().to_string(), results::read(&file)?));
        }
        if all.len() == before {
            return Err(format!("{} has no results of a study", path.display()));
        }
    }
    Ok(all)
}

/// Files in a folder that are results, by name.
fn results_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |err: std::io::Error| format!("{} cannot be read: {err}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .filter(|path| results::is_results(path))
        .collect();
    files.sort();
    Ok(files)
}

/// Puts results together; each with the name of its file.
///
/// # Errors
/// A sentence, where there are none or they are of different tasks.
pub fn merge(all: Vec<(String, StudyResults)>) -> Result<Merged, String> {
    let Some((first_file, first)) = all.first() else {
        return Err("there are no results of a study".to_owned());
    };
    let mut merged = Merged {
        study: first.study.clone(),
        videos: Vec::new(),
        conflicts: Vec::new(),
        notes: Vec::new(),
    };
    for (file, results) in &all[1..] {
        if results.study.task != first.study.task {
            return Err(format!(
                "{file} and {first_file} are of different studies: one rates, the other picks"
            ));
        }
        if !results.study.asks_the_same(&first.study) {
            merged.conflicts.push(format!(
                "{file} was made under another order, budget, share of repeats or seed than {first_file}"
            ));
        }
    }
    for (file, results) in all {
        for video in results.videos {
            merged.add(&file, video);
        }
    }
    for studied in &merged.videos {
        for work in studied.works.iter().filter(|work| !work.complete) {
            merged.notes.push(format!(
                "{} has not finished {}; it is left out",
                work.name, studied.video.video
            ));
        }
    }
    Ok(merged)
}

impl Merged {
    fn add(&mut self, file: &str, video: VideoResult) {
        let Some(work) = video.work.clone() else {
            return;
        };
        let at = (self.videos.iter()).position(|one| one.video.video == video.video);
        let Some(at) = at else {
            self.videos.push(StudiedVideo {
                video: VideoResult {
                    work: None,
                    ..video
                },
                works: vec![work],
            });
            return;
        };
        let studied = &mut self.videos[at];
        let known = &mut studied.video;
        let other_content =
            !(known.sha256.is_empty() || video.sha256.is_empty()) && known.sha256 != video.sha256;
        if other_content || known.frame_count != video.frame_count {
            self.conflicts.push(format!(
                "{} in {file} is another file than the first results are about; {}'s work on it is left out",
                video.video, work.name
            ));
            return;
        }
        if known.sha256.is_empty() {
            known.sha256 = video.sha256;
        }
        let Some(place) = studied.works.iter().position(|one| one.name == work.name) else {
            studied.works.push(work);
            return;
        };
        let there = &mut studied.works[place];
        let named = format!("{} on {}", work.name, video.video);
        if there.says_the_same(&work) {
            self.notes.push(format!("{named} is there twice, the same"));
        } else if there.complete != work.complete {
            self.notes
                .push(format!("{named} is there twice; the complete one counts"));
            if work.complete {
                *there = work;
            }
        } else if !work.complete {
            if there.rated().0 < work.rated().0 {
                *there = work;
            }
        } else {
            let name = (2..)
                .map(|number| format!("{} ({number})", work.name))
                .find(|name| studied.works.iter().all(|one| one.name != *name))
                .unwrap_or_default();
            self.conflicts.push(format!(
                "{named} is there twice and differs; the one of {file} is called {name}"
            ));
            studied.works.push(AnnotatorWork { name, ..work });
        }
    }

    /// What is complete, a set a video; videos without any are left out.
    pub fn sets(&self) -> Vec<AnnotationSet> {
        let sets = self.videos.iter().map(|studied| {
            let complete = studied.works.iter().filter(|work| work.complete);
            let annotators = complete.map(AnnotatorWork::to_annotator).collect();
            studied.video.set("study", annotators)
        });
        sets.filter(|set| !set.annotators.is_empty()).collect()
    }

    /// The sets as entries of a dataset without features, over the study's shots.
    pub fn records(&self) -> Vec<VideoRecord> {
        let sets = self.sets().into_iter().enumerate();
        sets.map(|(at, set)| {
            let shots = self.shots_of(&set);
            let rate = set.frame_rate_fps.max(f64::MIN_POSITIVE);
            let segments: Vec<Segment> = shots
                .iter()
                .map(|shot| Segment {
                    start_frame: shot.start,
                    end_frame: shot.end,
                    start_secs: shot.start as f64 / rate,
                    end_secs: shot.end as f64 / rate,
                    dull: None,
                })
                .collect();
            let step = (set.frame_rate_fps / PICKS_PER_SEC).round().max(1.0) as usize;
            let picks: Vec<u64> = (0..set.frame_count).step_by(step).collect();
            let features = Features {
                values: ndarray::Array2::zeros((0, 0)),
                network_rows: Vec::new(),
                pick_times_secs: picks.iter().map(|&pick| pick as f64 / rate).collect(),
                picks,
            };
            crate::annotations::build::record(
                &format!("video_{}", at + 1),
                &set,
                &features,
                &segments,
                self.study.budget,
            )
        })
        .collect()
    }

    /// The shots that were rated, else two-second shots.
    fn shots_of(&self, set: &AnnotationSet) -> Vec<FrameRange> {
        let studied = (self.videos.iter()).find(|one| one.video.video_id() == set.video_id);
        let works = studied.iter().flat_map(|one| &one.works);
        let rated = works
            .map(|work| &work.shots)
            .find(|shots| !shots.is_empty());
        match rated {
            Some(shots) => shots.clone(),
            None => rated_shots_of(set.frame_count, set.frame_rate_fps),
        }
    }
}

#[cfg(test)]
mod tests;
