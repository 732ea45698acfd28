//! A video of a dataset file, as the field's h5 files hold it.

use ndarray::Array2;

use super::FrameRange;

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
    /// Whether a pick is a second of video (Mr. HiSum) rather than a frame of it.
    pub by_second: bool,
}
