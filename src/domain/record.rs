//! A video of a dataset file, as the field's h5 files hold it.

use ndarray::Array2;

use super::conditions::Conditions;
use super::ranges::ranges_where;
use super::{AnnotationSet, Annotator, FrameRange};

/// One video of a dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VideoRecord {
    /// Name of the group.
    pub key: String,
    /// Id or name of the video, the key where the file does not say.
    pub video_id: String,
    pub title: String,
    /// Float32 [N, D]; empty where the file has none.
    pub features: Array2<f32>,
    /// Frame number of each feature row, length N.
    pub picks: Vec<u64>,
    pub frame_count: u64,
    /// Frames a second; 0 where the file does not say.
    pub frame_rate_fps: f64,
    pub segments: Vec<FrameRange>,
    /// Change points as stored, first and last or end frame.
    pub change_points: Vec<[u64; 2]>,
    pub frames_per_segment: Vec<u64>,
    /// Score of each pick, length N; empty where the file has none.
    pub gt_scores: Vec<f32>,
    /// 1 for each frame (or pick) of the reference summary.
    pub gt_summary: Vec<f32>,
    /// Float32 [users, frames], above 0 where the user picked the frame.
    pub user_summaries: Array2<f32>,
    /// Float32 [users, frames or picks]; empty where the file has none.
    pub user_scores: Array2<f32>,
    /// Name of each user; empty where the file has none.
    pub user_names: Vec<String>,
    /// Whether each user picked what `user_summaries` says; otherwise it follows from the ratings.
    /// Empty where the file does not say.
    pub user_picked: Vec<bool>,
    /// How each user worked, what they had seen among it; empty where the file does not say.
    pub user_conditions: Vec<Option<Conditions>>,
    /// Whether a pick is a second of video (Mr. HiSum) rather than a frame of it.
    pub by_second: bool,
}

impl VideoRecord {
    /// What people did: users where the file has any, else the ground truth as one. A summary that
    /// only follows from a person's ratings, where the file says so, is not theirs.
    pub fn annotation_set(&self) -> AnnotationSet {
        let mut set = self.users_with_summaries();
        for (user, annotator) in set.annotators.iter_mut().enumerate() {
            if self.user_picked.get(user) == Some(&false) && !annotator.scores.is_empty() {
                annotator.picks.clear();
            }
        }
        set
    }

    /// As [`Self::annotation_set`], each with the user summary that methods are evaluated against.
    pub fn users_with_summaries(&self) -> AnnotationSet {
        let users = self.user_summaries.nrows().max(self.user_scores.nrows());
        let mut annotators: Vec<Annotator> = (0..users)
            .map(|user| Annotator {
                name: match self.user_names.get(user) {
                    Some(name) => name.clone(),
                    None => format!("user {}", user + 1),
                },
                scores: if self.rated(user) {
                    self.by_frame(&self.user_scores.row(user).to_vec())
                } else {
                    Vec::new()
                },
                picks: if user < self.user_summaries.nrows() {
                    ranges_where(self.user_summaries.row(user).iter().map(|&v| v > 0.0))
                } else {
                    Vec::new()
                },
                conditions: self.user_conditions.get(user).cloned().flatten(),
            })
            .collect();
        if annotators.is_empty() {
            annotators.extend(self.truth());
        }
        AnnotationSet {
            video_id: self.video_id.clone(),
            title: self.title.clone(),
            frame_count: self.frame_count,
            frame_rate_fps: self.frame_rate_fps,
            annotators,
            ..AnnotationSet::default()
        }
    }

    /// The true scores and reference summary as one annotator; `None` where the file has no true
    /// scores.
    pub fn truth(&self) -> Option<Annotator> {
        if self.gt_scores.is_empty() {
            return None;
        }
        let picks = if self.gt_summary.len() as u64 == self.frame_count {
            ranges_where(self.gt_summary.iter().map(|&v| v > 0.0))
        } else {
            Vec::new()
        };
        Some(Annotator {
            name: "ground truth".into(),
            scores: self.by_frame(&self.gt_scores),
            picks,
            ..Annotator::default()
        })
    }

    /// Whether a user rated: rows without a number stand for those who only picked.
    fn rated(&self, user: usize) -> bool {
        user < self.user_scores.nrows()
            && (self.user_scores.row(user).iter()).any(|score| score.is_finite())
    }

    /// Scores of picks held until the next pick; scores of every frame stay as they are.
    fn by_frame(&self, scores: &[f32]) -> Vec<f32> {
        if scores.len() as u64 == self.frame_count || scores.len() != self.picks.len() {
            return scores.to_vec();
        }
        let mut frames = vec![0.0; self.frame_count as usize];
        for (at, &score) in scores.iter().enumerate() {
            let start = self.picks[at].min(self.frame_count) as usize;
            let end = self.picks.get(at + 1).copied().unwrap_or(self.frame_count);
            frames[start..(end.min(self.frame_count) as usize).max(start)].fill(score);
        }
        frames
    }
}
