//! What rule a data set of features is evaluated by, and its annotators' ratings where they lie in
//! a file of their own.
//!
//! The field's `eccv16_dataset_tvsum_*.h5` holds features and user summaries but no ratings, which
//! stand in `ydata-tvsum50.mat`. The rule must not follow from what a file happens to lack: it is
//! recognised by the videos, and what it needs is then joined or refused. Measures nothing.

use std::path::Path;

use ndarray::{Array2, ArrayView1};

use super::benchmarks::{name_of_key, plain_name, videos};
use super::write::user_summary_table;
use super::{AnnotationError, Result, listing};
use crate::analysis::raters::{in_ranges, user_summaries};
use crate::domain::VideoRecord;
use crate::domain::{AnnotationSet, Annotator, EvaluationKind};
use crate::jobs::CancelToken;

/// Share of the frames by which ratings and features of one video may differ in length.
const FRAMES_APART: f64 = 0.01;

/// Share of the videos that must be a benchmark's to take a file for it.
const MOST: f64 = 0.8;

/// A rule and why it was taken, as a clause: "its videos are as long as TVSum's".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    pub kind: EvaluationKind,
    pub reason: String,
}

/// Recognises the rule by the videos' content; features are not looked at.
pub fn guess_kind(records: &[VideoRecord]) -> Guess {
    let most = |has: &dyn Fn(&VideoRecord) -> bool| {
        let having = records.iter().filter(|record| has(record)).count();
        !records.is_empty() && having as f64 >= MOST * records.len() as f64
    };
    let guess = |kind, reason: &str| Guess {
        kind,
        reason: reason.to_owned(),
    };
    if most(&|record| record.by_second) {
        return guess(EvaluationKind::Mrhisum, "its videos are sampled by second");
    }
    if most(&|record| !record.user_scores.is_empty()) {
        return guess(EvaluationKind::Tvsum, "it holds every annotator's ratings");
    }
    for kind in [EvaluationKind::Tvsum, EvaluationKind::Summe] {
        if most(&|record| is_benchmark_video(kind, record)) {
            let reason = format!("its videos are {}'s by name or length", kind.title());
            return Guess { kind, reason };
        }
    }
    if most(&|record| record.user_summaries.is_empty()) {
        return guess(
            EvaluationKind::Mrhisum,
            "it holds true scores and no user summaries",
        );
    }
    if most(&|record| record.gt_scores.is_empty() || truth_is_mean_of_picks(record)) {
        return guess(
            EvaluationKind::Summe,
            "its scores are the means of its user summaries",
        );
    }
    guess(
        EvaluationKind::Tvsum,
        "its scores are no means of its user summaries, so they come from ratings",
    )
}

fn is_benchmark_video(kind: EvaluationKind, record: &VideoRecord) -> bool {
    let named = plain_name(&record.video_id);
    videos(kind)
        .iter()
        .any(|&(name, frames)| frames == record.frame_count || plain_name(name) == named)
}

/// Whether `gtscore` is, up to its scale, the share of users that keep each pick's frame.
fn truth_is_mean_of_picks(record: &VideoRecord) -> bool {
    let users = record.user_summaries.nrows().max(1) as f32;
    let shares: Vec<f32> = record
        .picks
        .iter()
        .map(|&pick| {
            let column = (pick as usize).min(record.user_summaries.ncols().saturating_sub(1));
            record
                .user_summaries
                .column(column)
                .iter()
                .filter(|&&v| v > 0.0)
                .count() as f32
                / users
        })
        .collect();
    let peak = |values: &[f32]| {
        values
            .iter()
            .copied()
            .fold(0.0f32, f32::max)
            .max(f32::MIN_POSITIVE)
    };
    let (share_peak, truth_peak) = (peak(&shares), peak(&record.gt_scores));
    let alike = shares
        .iter()
        .zip(&record.gt_scores)
        .filter(|&(share, truth)| (share / share_peak - truth / truth_peak).abs() < 0.02)
        .count();
    alike as f64 >= 0.9 * shares.len() as f64
}

/// What a rule needs that a video lacks, as the end of "video_3 has no …"; `None` where all is
/// there.
pub fn missing_for(kind: EvaluationKind, record: &VideoRecord) -> Option<&'static str> {
    match kind {
        EvaluationKind::Tvsum if record.user_scores.is_empty() => Some("ratings (user_scores)"),
        EvaluationKind::Summe if record.user_summaries.is_empty() => {
            Some("user summaries (user_summary)")
        }
        EvaluationKind::Mrhisum if record.gt_scores.is_empty() => Some("true scores (gtscore)"),
        _ => None,
    }
}

/// Ratings or picks from files other than the features', to be joined video by video.
#[derive(Clone, Debug, Default)]
pub struct Ratings {
    name: String,
    sets: Vec<AnnotationSet>,
    /// One sentence for each video that had to be left out.
    pub warnings: Vec<String>,
}

impl Ratings {
    /// Reads `ydata-tvsum50.mat`, TVSum's `.tsv`, SumMe's folder `GT`, or any other known form.
    ///
    /// # Errors
    /// When nothing usable is there; names the file.
    pub fn open(path: &Path, cancel: &CancelToken) -> Result<Self> {
        let mut sets = Vec::new();
        let warnings = listing::list(path, cancel, &mut |video, _, _| sets.push(video.set))?;
        if sets.is_empty() {
            return Err(AnnotationError::format(path, "it holds no annotations"));
        }
        Ok(Self {
            name: super::file_name(path),
            sets,
            warnings,
        })
    }

    /// Puts the annotators of the same video into a record: ratings as `user_scores`, float32
    /// [annotators, frames], with user summaries by the knapsack within `budget` where the record
    /// has none; picks as `user_summaries`.
    ///
    /// # Errors
    /// The end of a sentence about the video, where no set is of this video or its length differs.
    pub fn join(
        &self,
        record: &mut VideoRecord,
        kind: EvaluationKind,
        budget: f64,
    ) -> std::result::Result<(), String> {
        let set = self.set_of(record, kind)?;
        if set.frame_rate_fps > 0.0 {
            record.frame_rate_fps = set.frame_rate_fps;
        }
        if record.video_id == record.key {
            record.video_id.clone_from(&set.video_id);
            record.title.clone_from(&set.title);
        }
        let frames = record.frame_count as usize;
        if set.annotators.iter().any(|a| !a.scores.is_empty()) {
            record.user_scores = Array2::from_shape_fn((set.annotators.len(), frames), |(a, f)| {
                let annotator = &set.annotators[a];
                match annotator.scores.get(f).or(annotator.scores.last()) {
                    Some(&score) => score,
                    None => f32::from(u8::from(in_ranges(&annotator.picks, f as u64))),
                }
            });
            if record.user_summaries.is_empty() && !record.segments.is_empty() {
                let laid = AnnotationSet {
                    frame_count: record.frame_count,
                    annotators: record
                        .user_scores
                        .outer_iter()
                        .map(|row: ArrayView1<'_, f32>| Annotator {
                            scores: row.to_vec(),
                            ..Annotator::default()
                        })
                        .collect(),
                    ..AnnotationSet::default()
                };
                let summaries = user_summaries(&laid, &record.segments, budget);
                record.user_summaries = user_summary_table(&AnnotationSet {
                    annotators: summaries
                        .into_iter()
                        .map(|picks| Annotator {
                            picks,
                            ..Annotator::default()
                        })
                        .collect(),
                    ..laid
                });
            }
        } else {
            record.user_summaries = user_summary_table(&AnnotationSet {
                frame_count: record.frame_count,
                ..set.clone()
            });
        }
        Ok(())
    }

    /// The set of a video: by its id, by the field's numbering, or, where neither is known, by a
    /// length that only one set has.
    fn set_of(
        &self,
        record: &VideoRecord,
        kind: EvaluationKind,
    ) -> std::result::Result<&AnnotationSet, String> {
        let numbered = name_of_key(kind, &record.video_id).or(name_of_key(kind, &record.key));
        let mut faults = Vec::new();
        for name in [Some(record.video_id.as_str()), numbered, Some(&record.key)]
            .into_iter()
            .flatten()
        {
            let wanted = plain_name(name);
            let Some(set) = self
                .sets
                .iter()
                .find(|set| plain_name(&set.video_id) == wanted)
            else {
                continue;
            };
            let (here, there) = (record.frame_count, set.covered_frames());
            if here.abs_diff(there) as f64 <= FRAMES_APART * here as f64 {
                return Ok(set);
            }
            faults.push(format!(
                "{} of {} has {there} frames, the features' video {here}",
                set.video_id, self.name
            ));
        }
        let mut as_long = self
            .sets
            .iter()
            .filter(|set| set.covered_frames() == record.frame_count);
        match (as_long.next(), as_long.next()) {
            (Some(set), None) => Ok(set),
            _ => Err(faults.into_iter().next().unwrap_or_else(|| {
                format!(
                    "{} has no video of this name or of {} frames",
                    self.name, record.frame_count
                )
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FrameRange;

    fn record(key: &str, frames: u64) -> VideoRecord {
        let mut summaries = Array2::zeros((3, frames as usize));
        summaries.slice_mut(ndarray::s![0..2, 10..20]).fill(1.0);
        VideoRecord {
            key: key.to_owned(),
            video_id: key.to_owned(),
            picks: (0..frames).step_by(15).collect(),
            frame_count: frames,
            user_summaries: summaries,
            segments: vec![FrameRange::new(0, 30), FrameRange::new(30, frames)],
            ..VideoRecord::default()
        }
    }

    #[test]
    fn tvsum_without_ratings_is_still_tvsum() {
        let by_length: Vec<VideoRecord> = [(1, 10597), (2, 4688), (3, 14019)]
            .map(|(n, frames)| record(&format!("video_{n}"), frames))
            .into();
        assert_eq!(guess_kind(&by_length).kind, EvaluationKind::Tvsum);
        let summe = [record("video_1", 4494), record("video_2", 4729)];
        assert_eq!(guess_kind(&summe).kind, EvaluationKind::Summe);
    }

    #[test]
    fn unknown_videos_are_told_apart_by_where_their_scores_come_from() {
        let mean = |record: &VideoRecord| -> Vec<f32> {
            record
                .picks
                .iter()
                .map(|&p| {
                    if (10..20).contains(&p) {
                        2.0 / 3.0
                    } else {
                        0.0
                    }
                })
                .collect()
        };
        let mut picked = record("a", 300);
        picked.gt_scores = mean(&picked);
        assert_eq!(guess_kind(&[picked.clone()]).kind, EvaluationKind::Summe);
        let rated = VideoRecord {
            gt_scores: (0..20).map(|p| (p % 5) as f32 / 5.0).collect(),
            ..picked.clone()
        };
        assert_eq!(guess_kind(&[rated]).kind, EvaluationKind::Tvsum);
        let alone = VideoRecord {
            user_summaries: Array2::zeros((0, 0)),
            ..picked.clone()
        };
        assert_eq!(guess_kind(&[alone]).kind, EvaluationKind::Mrhisum);
        let with_ratings = VideoRecord {
            user_scores: Array2::ones((3, 300)),
            ..picked
        };
        assert_eq!(guess_kind(&[with_ratings]).kind, EvaluationKind::Tvsum);
    }

    fn ratings(videos: &[(&str, u64)]) -> Ratings {
        Ratings {
            name: "ratings.mat".into(),
            sets: videos
                .iter()
                .map(|&(id, frames)| AnnotationSet {
                    video_id: id.into(),
                    frame_count: frames,
                    frame_rate_fps: 25.0,
                    annotators: vec![Annotator {
                        name: "one".into(),
                        scores: (0..frames).map(|f| (f / 30 % 5) as f32).collect(),
                        ..Annotator::default()
                    }],
                    ..AnnotationSet::default()
                })
                .collect(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn ratings_are_joined_by_id_number_or_length_and_never_to_another_video() {
        let kind = EvaluationKind::Tvsum;
        let found = ratings(&[
            ("AwmHb44_ouw", 10597),
            ("98MoyGZKHXc", 4688),
            ("other", 700),
        ]);
        let mut numbered = record("video_2", 4688);
        found.join(&mut numbered, kind, 0.15).unwrap();
        assert_eq!(
            (numbered.video_id.as_str(), numbered.frame_rate_fps),
            ("98MoyGZKHXc", 25.0)
        );
        assert_eq!(numbered.user_scores.dim(), (1, 4688));
        let mut named = record("x", 700);
        named.video_id = "OTHER".into();
        assert!(found.join(&mut named, kind, 0.15).is_ok());
        let mut by_length = record("seven", 700);
        assert!(found.join(&mut by_length, kind, 0.15).is_ok());
        let mut wrong = record("video_1", 9000);
        let fault = found.join(&mut wrong, kind, 0.15).unwrap_err();
        assert!(fault.contains("10597") && fault.contains("9000"), "{fault}");
        let mut unknown = record("y", 701);
        assert!(found.join(&mut unknown, kind, 0.15).is_err());
    }

    #[test]
    fn summaries_are_made_of_joined_ratings_where_there_are_none() {
        let mut bare = VideoRecord {
            user_summaries: Array2::zeros((0, 0)),
            ..record("video_2", 4688)
        };
        ratings(&[("98MoyGZKHXc", 4688)])
            .join(&mut bare, EvaluationKind::Tvsum, 0.15)
            .unwrap();
        assert_eq!(bare.user_summaries.dim(), (1, 4688));
        assert!(missing_for(EvaluationKind::Tvsum, &bare).is_none());
        assert!(missing_for(EvaluationKind::Mrhisum, &bare).is_some());
    }
}
