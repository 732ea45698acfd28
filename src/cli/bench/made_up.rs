//! Data of stated sizes, the same on every machine: a video of ten minutes with 100 segments,
//! features, scores, annotators.

use std::sync::Arc;

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::domain::{
    AnnotationSet, Annotator, DrawSettings, FrameIndex, Rational, Segment, VideoInfo,
};
use crate::pipeline::{ScoredSamples, Timeline, first_kinds};

/// Length of the made-up video.
const MINUTES: u64 = 10;
const FPS: u64 = 30;
const SEGMENTS: usize = 100;
const ANNOTATORS: usize = 20;
/// Frames between picks: two a second.
const PICK_STRIDE: usize = 15;

/// Features of scenes of about twelve rows around centres that drift, float32 [rows, dims].
pub fn features(rows: usize, dims: usize) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut centre: Vec<f32> = (0..dims).map(|_| rng.random_range(0.0..1.0)).collect();
    let mut features = Array2::zeros((rows, dims));
    for mut row in features.outer_iter_mut() {
        if rng.random_range(0..12) == 0 {
            for value in &mut centre {
                *value = 0.5 * *value + rng.random_range(0.0..0.5f32);
            }
        }
        for (value, centre) in row.iter_mut().zip(&centre) {
            *value = centre + 0.3 * rng.random_range(0.0..1.0f32);
        }
    }
    features
}

/// Two vectors of scores without ties.
pub fn score_pair(len: usize) -> (Vec<f32>, Vec<f32>) {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut draw = || (0..len).map(|_| rng.random_range(0.0..1.0)).collect();
    (draw(), draw())
}

/// A video that was never filmed, with samples and annotators.
pub struct TenMinutes {
    pub info: VideoInfo,
    pub timeline: Timeline,
    pub pick_times_secs: Arc<[f64]>,
    pub scores: Arc<Array2<f32>>,
    pub annotations: Arc<AnnotationSet>,
    pub settings: DrawSettings,
}

impl TenMinutes {
    /// With so many samples, of four kinds.
    pub fn new(samples: usize) -> Self {
        let frames = MINUTES * 60 * FPS;
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let index = Arc::new(FrameIndex {
            pts: (0..frames as i64).collect(),
            keyframes: (0..frames).step_by(2 * FPS as usize).collect(),
            time_base: Rational::new(1, FPS as i64),
            last_duration: 1,
        });
        let mut edges: Vec<u64> = vec![0, frames];
        while edges.len() <= SEGMENTS {
            let edge = rng.random_range(1..frames);
            if !edges.contains(&edge) {
                edges.push(edge);
            }
        }
        edges.sort_unstable();
        let segments: Arc<[Segment]> = edges
            .windows(2)
            .map(|pair| Segment {
                start_frame: pair[0],
                end_frame: pair[1],
                start_secs: index.secs_from_frame(pair[0]),
                end_secs: index.secs_from_frame(pair[1]),
                dull: None,
            })
            .collect();
        let picks: Arc<[u64]> = (0..frames).step_by(PICK_STRIDE).collect();
        // What each of four kinds of viewer likes, segment by segment.
        let tastes = Array2::from_shape_fn((4, segments.len()), |_| rng.random_range(0.0..1.0f32));
        let segment_of: Vec<usize> = picks
            .iter()
            .map(|&frame| segments.partition_point(|segment| segment.end_frame <= frame))
            .collect();
        let mut scores_of = |kind: usize| -> Vec<f32> {
            let noise: Vec<f32> = (0..segments.len())
                .map(|_| rng.random_range(-0.2..0.2))
                .collect();
            segment_of
                .iter()
                .map(|&at| (tastes[[kind, at]] + noise[at] + rng.random_range(-0.1..0.1)).max(0.0))
                .collect()
        };
        let mut scores = Array2::zeros((samples, picks.len()));
        for (sample, mut row) in scores.outer_iter_mut().enumerate() {
            row.assign(&ndarray::Array1::from_vec(scores_of(sample % 4)));
        }
        let annotators = (0..ANNOTATORS)
            .map(|number| Annotator {
                name: format!("annotator {}", number + 1),
                scores: scores_of(number % 4)
                    .into_iter()
                    .flat_map(|score| std::iter::repeat_n((score * 4.0).round(), PICK_STRIDE))
                    .collect(),
                ..Annotator::default()
            })
            .collect();
        Self {
            info: VideoInfo {
                relative_path: None,
                path: "made up".into(),
                sha256: String::new(),
                duration_secs: (MINUTES * 60) as f64,
                frame_count: frames,
                frame_rate: Rational::new(FPS as i64, 1),
                width: 854,
                height: 480,
                rotation_deg: 0,
                has_audio: false,
                coded_width: 854,
                coded_height: 480,
                codec: String::new(),
                variable_frame_rate: false,
                warnings: Vec::new(),
                start_timecode: None,
            },
            pick_times_secs: picks
                .iter()
                .map(|&frame| index.secs_from_frame(frame))
                .collect(),
            timeline: Timeline {
                index,
                picks,
                segments,
                traits: Arc::from([]),
            },
            scores: Arc::new(scores),
            annotations: Arc::new(AnnotationSet {
                source: "made up".to_owned(),
                frame_count: frames,
                frame_rate_fps: FPS as f64,
                simulated: true,
                annotators,
                ..AnnotationSet::default()
            }),
            settings: DrawSettings {
                samples,
                ..DrawSettings::default()
            },
        }
    }

    /// The samples with what does not depend on the budget.
    pub fn scored(&self) -> ScoredSamples {
        ScoredSamples::new(
            &self.timeline,
            Arc::clone(&self.scores),
            self.settings.clone(),
            false,
            Arc::new(first_kinds(&self.timeline, self.scores.view(), &[])),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_minutes_have_the_stated_sizes_and_kinds() {
        let video = TenMinutes::new(40);
        assert_eq!(video.timeline.segments.len(), SEGMENTS);
        assert_eq!(video.scores.dim(), (40, 1200));
        assert_eq!(video.annotations.annotators[0].scores.len(), 18_000);
        let draw = video.scored().select(0.15);
        assert!(draw.alternatives.len() >= 2);
        assert!(draw.durations_secs.iter().all(|&secs| secs <= 90.0 + 1e-9));
    }
}
