//! Videos known without their pictures: what a dataset says of one, in the form that the rest of
//! the pipeline works on.
//!
//! Features where the dataset has them, else only times; segments where it has them, else
//! two-second shots. Decodes nothing.

use std::path::PathBuf;
use std::sync::Arc;

use ndarray::Array2;

use super::assemble::Timeline;
use crate::analysis::kinds::segment_traits;
use crate::analysis::raters::{SHOT_SECS, equal_shots, frame_count_of};
use crate::domain::VideoRecord;
use crate::domain::{
    AnnotationSet, Features, FrameIndex, FrameRange, Rational, Segment, VideoInfo,
};

/// Frames a second where a dataset states none, as most of TVSum's and SumMe's videos have.
pub const ASSUMED_FPS: f64 = 30.0;
/// Ticks a second of a made-up frame index.
const TICKS: i64 = 90_000;
/// Frames between picks in the field's files, whatever the rate within these limits; agreement is
/// measured so, too.
const FIELD_STRIDE: usize = 15;
const FIELD_RATES: std::ops::RangeInclusive<f64> = 12.0..=60.0;
/// Scores a second where a dataset has no features that say which frames were sampled.
const PICKS_PER_SEC: f64 = 2.0;

/// A video without its pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenVideo {
    /// Its path is that of the dataset with the video's id behind it: a name, no file.
    pub info: VideoInfo,
    pub index: Arc<FrameIndex>,
    /// Picks and their times always; values float32 [N, D] with D = 0 where the dataset has no
    /// features.
    pub features: Arc<Features>,
    pub segments: Arc<[Segment]>,
    /// Whether the frame rate was made up, so that times are guesses.
    pub rate_assumed: bool,
}

impl GivenVideo {
    /// What annotations alone say: times, and a pick every fifteenth frame (about every half
    /// second).
    pub fn from_annotations(path: PathBuf, set: &AnnotationSet) -> Self {
        let frames = frame_count_of(set);
        let (rate, _) = rate_of(set.frame_rate_fps);
        let step = if FIELD_RATES.contains(&rate) {
            FIELD_STRIDE
        } else {
            (rate / PICKS_PER_SEC).round().max(1.0) as usize
        };
        let picks = (0..frames).step_by(step).collect();
        Self::new(
            path,
            frames,
            set.frame_rate_fps,
            Array2::zeros((0, 0)),
            picks,
            &[],
        )
    }

    /// What an entry of a dataset says, features included.
    pub fn from_record(path: PathBuf, record: &VideoRecord) -> Self {
        if record.picks.is_empty() {
            return Self::from_annotations(path, &record.annotation_set());
        }
        Self::new(
            path,
            record.frame_count,
            record.frame_rate_fps,
            record.features.clone(),
            record.picks.clone(),
            &record.segments,
        )
    }

    fn new(
        path: PathBuf,
        frames: u64,
        stated_fps: f64,
        mut values: Array2<f32>,
        mut picks: Vec<u64>,
        segments: &[FrameRange],
    ) -> Self {
        let (rate, rate_assumed) = rate_of(stated_fps);
        let ticks = |frame: u64| (frame as f64 * TICKS as f64 / rate).round() as i64;
        let index = Arc::new(FrameIndex {
            pts: (0..frames).map(ticks).collect(),
            keyframes: Arc::from([0].as_slice()),
            time_base: Rational::new(1, TICKS),
            last_duration: ticks(frames) - ticks(frames.saturating_sub(1)),
        });
        picks.retain(|&pick| pick < frames.max(1));
        // Picks beyond the frames go with their rows; without a row for each pick there are no
        // features.
        values = if values.nrows() < picks.len() {
            Array2::zeros((picks.len(), 0))
        } else {
            values.slice(ndarray::s![..picks.len(), ..]).to_owned()
        };
        let shots;
        let ranges = if segments.is_empty() {
            shots = equal_shots(frames, (rate * SHOT_SECS).round() as u64);
            &shots
        } else {
            segments
        };
        let segments = ranges
            .iter()
            .map(|range| Segment {
                start_frame: range.start,
                end_frame: range.end,
                start_secs: index.secs_from_frame(range.start),
                end_secs: index.secs_from_frame(range.end),
                dull: None,
            })
            .collect();
        let mut warnings = Vec::new();
        if rate_assumed {
            warnings.push(format!(
                "The dataset states no frame rate; times are shown as if it were {ASSUMED_FPS} fps."
            ));
        }
        Self {
            info: VideoInfo {
                relative_path: None,
                path,
                sha256: String::new(),
                duration_secs: index.duration_secs(),
                frame_count: frames,
                frame_rate: Rational::new((rate * 1000.0).round() as i64, 1000),
                width: 0,
                height: 0,
                rotation_deg: 0,
                has_audio: false,
                coded_width: 0,
                coded_height: 0,
                codec: String::new(),
                variable_frame_rate: false,
                warnings,
                start_timecode: None,
            },
            features: Arc::new(Features {
                values,
                pick_times_secs: picks
                    .iter()
                    .map(|&pick| index.secs_from_frame(pick))
                    .collect(),
                picks,
                network_rows: Vec::new(),
            }),
            index,
            segments,
            rate_assumed,
        }
    }

    /// Whether the dataset has features of the video.
    pub fn has_features(&self) -> bool {
        self.features.values.ncols() > 0
    }

    /// What selection needs of the video.
    pub fn timeline(&self) -> Timeline {
        Timeline {
            index: Arc::clone(&self.index),
            picks: self.features.picks.as_slice().into(),
            segments: Arc::clone(&self.segments),
            traits: segment_traits(
                self.features.values.view(),
                &self.features.picks,
                &self.segments,
            )
            .into(),
        }
    }
}

/// The stated rate, or the assumed one; and whether it was assumed.
fn rate_of(stated_fps: f64) -> (f64, bool) {
    if stated_fps.is_finite() && stated_fps > 0.0 && stated_fps <= TICKS as f64 {
        (stated_fps, false)
    } else {
        (ASSUMED_FPS, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Annotator;

    #[test]
    fn annotations_alone_make_a_timeline() {
        let set = AnnotationSet {
            frame_count: 300,
            frame_rate_fps: 10.0,
            annotators: vec![Annotator {
                scores: vec![1.0; 300],
                ..Annotator::default()
            }],
            ..AnnotationSet::default()
        };
        let video = GivenVideo::from_annotations("d.mat/x".into(), &set);
        assert!((video.index.duration_secs() - 30.0).abs() < 1e-9);
        assert_eq!(video.features.picks.len(), 60);
        assert_eq!(video.features.values.dim(), (60, 0));
        assert_eq!(video.segments.len(), 15);
        assert_eq!(video.segments[14].end_frame, 300);
        assert!(!video.has_features() && !video.rate_assumed);
    }

    #[test]
    fn an_entry_keeps_its_features_and_segments_and_an_unknown_rate_is_said() {
        let record = VideoRecord {
            frame_count: 60,
            features: Array2::from_elem((4, 3), 1.0),
            picks: vec![0, 15, 30, 45],
            segments: vec![FrameRange::new(0, 20), FrameRange::new(20, 60)],
            ..VideoRecord::default()
        };
        let video = GivenVideo::from_record("d.h5/a".into(), &record);
        assert!(video.has_features() && video.rate_assumed);
        assert_eq!(video.segments[1].end_secs, 2.0);
        assert!(video.info.warnings[0].contains("30 fps"));
    }
}
