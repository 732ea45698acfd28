//! A small made-up dataset, the same on every machine: clips of two-second shots with a few tastes
//! among their annotators.

use std::path::{Path, PathBuf};

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::annotations::write::write_dataset;
use crate::domain::FrameRange;
use crate::domain::VideoRecord;

const FPS: u64 = 30;
const STRIDE: u64 = 15;
const TITLES: [&str; 12] = [
    "Unloading the morning boats",
    "A gull steals lunch",
    "How to tie a bowline",
    "Storm over the breakwater",
    "Painting the lighthouse door",
    "The harbour band rehearses",
    "Mending nets by lamplight",
    "First ferry of the season",
    "A dog learns to swim",
    "Crane lifts the old engine",
    "Children race paper ships",
    "Fog lifts from the bay",
];

/// Videos with ratings 1 to 5 of every frame, and features of size 6.
pub fn records(videos: usize, annotators: usize) -> Vec<VideoRecord> {
    (0..videos.min(TITLES.len()))
        .map(|at| record(at, annotators))
        .collect()
}

/// Writes `records` into a folder as `harbours.h5`.
///
/// # Errors
/// When the file cannot be written.
pub fn file(
    folder: &Path,
    videos: usize,
    annotators: usize,
) -> crate::annotations::Result<PathBuf> {
    let path = folder.join("harbours.h5");
    write_dataset(&path, &records(videos, annotators))?;
    Ok(path)
}

fn record(at: usize, annotators: usize) -> VideoRecord {
    let mut rng = ChaCha8Rng::seed_from_u64(40 + at as u64);
    let shots = 24 + 7 * (at % 5);
    let frames = shots as u64 * 2 * FPS;
    let picks: Vec<u64> = (0..frames).step_by(STRIDE as usize).collect();
    // Two tastes a video, the first more common.
    let tastes: Vec<Vec<f32>> = (0..2)
        .map(|_| (0..shots).map(|_| rng.random_range(0.0..1.0)).collect())
        .collect();
    let shot_frames = (2 * FPS) as usize;
    let mut ratings = Array2::zeros((annotators, frames as usize));
    for (annotator, mut row) in ratings.outer_iter_mut().enumerate() {
        let taste = &tastes[usize::from((annotator + at).is_multiple_of(3))];
        let strength = rng.random_range(0.2..0.9f32);
        for (shot, taste) in taste.iter().enumerate() {
            let liking = strength * taste + (1.0 - strength) * rng.random_range(0.0..1.0f32);
            let rating = 1.0 + (liking * 4.999).floor();
            row.slice_mut(ndarray::s![shot * shot_frames..(shot + 1) * shot_frames])
                .fill(rating);
        }
    }
    let features = Array2::from_shape_fn((picks.len(), 6), |(pick, column)| {
        let shot = pick * STRIDE as usize / shot_frames;
        tastes[column % 2][shot] + rng.random_range(-0.1..0.1f32)
    });
    let segments: Vec<FrameRange> = (0..shots as u64)
        .step_by(2)
        .map(|shot| {
            let start = shot * 2 * FPS;
            FrameRange::new(start, (start + 4 * FPS).min(frames))
        })
        .collect();
    VideoRecord {
        key: format!("video_{}", at + 1),
        video_id: format!("harbour_{:02}", at + 1),
        title: TITLES[at].to_owned(),
        features,
        picks,
        frame_count: frames,
        frame_rate_fps: FPS as f64,
        segments,
        user_scores: ratings,
        ..VideoRecord::default()
    }
}
