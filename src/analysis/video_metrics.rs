//! All measures of one predicted score vector against one video's ground truth, in the form of the
//! field's evaluation code.

use serde::{Deserialize, Serialize};

use super::overlap::{CHUNK, f1_percent, highlight_average_precision};
use super::rank::{kendall_tau_b, spearman_rho};
use super::sensitivity::{SegmentCase, sensitivity};
use crate::domain::Variant;
use crate::domain::repairs::most_frames;
use crate::summary::{float32_mean, knapsack, select::capacity};

/// Budget of the field's evaluation.
pub const BUDGET: f64 = 0.15;

/// One video with prediction and ground truth (`metrics CASES.json`).
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct MetricCase {
    pub n_frames: usize,
    /// Predicted score of each sampled frame.
    pub scores: Vec<f32>,
    /// True score of each sampled frame.
    pub gt_scores: Vec<f32>,
    /// First and last or end frame of each segment; the mean of a segment takes both in.
    pub change_points: Vec<[usize; 2]>,
    /// Frames of each segment.
    pub n_frame_per_seg: Vec<u64>,
    /// Frame number of each sampled frame; empty for every frame.
    #[serde(default)]
    pub positions: Vec<usize>,
    /// 1 for each frame of the true summary.
    pub gt_summary: Vec<f32>,
    /// Seconds between sampled frames, for the five-second shots of the paper's highlight measure;
    /// `None` for 1, as on Mr. HiSum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_secs: Option<f64>,
}

/// Seconds of a shot of the paper's highlight measure (section 4.1).
const HIGHLIGHT_SHOT_SECS: f64 = 5.0;

/// The measures of one case; `None` (null) is undefined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CaseMetrics {
    pub tau: Option<f64>,
    pub rho: Option<f64>,
    /// Percent.
    pub f1: Option<f64>,
    pub map50: Option<f64>,
    pub map15: Option<f64>,
    #[serde(rename = "CIS")]
    pub cis: Option<f64>,
    #[serde(rename = "WIR")]
    pub wir: Option<f64>,
    #[serde(rename = "WSE")]
    pub wse: Option<f64>,
    #[serde(rename = "IR")]
    pub ir: Option<f64>,
}

/// Why a case cannot be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    #[error("it has no frames, scores or segments")]
    Empty,
    #[error(
        "change_points and n_frame_per_seg have {points} and {lengths} entries, which must be equal"
    )]
    Segments { points: usize, lengths: usize },
    #[error(
        "segment {segment} ends before it starts, starts behind frame {frames} or is longer than the video"
    )]
    SegmentOrder { segment: usize, frames: usize },
    #[error("its segments have {total} frames together, the video {frames}")]
    TooManyFrames { total: u64, frames: usize },
    #[error("it has {frames} frames, more than a day of video")]
    TooLong { frames: usize },
    #[error("positions must ascend and stay within the video's {frames} frames")]
    Positions { frames: usize },
}

impl MetricCase {
    fn check(&self) -> Result<(), CaseError> {
        let frames = self.n_frames;
        if frames == 0 || self.scores.is_empty() || self.change_points.is_empty() {
            return Err(CaseError::Empty);
        }
        if frames as u64 > most_frames(0.0) {
            return Err(CaseError::TooLong { frames });
        }
        if self.change_points.len() != self.n_frame_per_seg.len() {
            return Err(CaseError::Segments {
                points: self.change_points.len(),
                lengths: self.n_frame_per_seg.len(),
            });
        }
        for (segment, &[start, end]) in self.change_points.iter().enumerate() {
            let length = self.n_frame_per_seg[segment];
            // As the field counts, a last segment may end one frame behind the video.
            if start >= frames || end < start || length > frames as u64 + 1 {
                return Err(CaseError::SegmentOrder { segment, frames });
            }
        }
        // Neighbours share a frame where both count their ends, no more.
        let total = self.n_frame_per_seg.iter().sum::<u64>();
        let most = frames as u64 + self.n_frame_per_seg.len() as u64;
        if total > most {
            return Err(CaseError::TooManyFrames { total, frames });
        }
        let ascending = self.positions.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || self.positions.last().is_some_and(|&last| last > frames) {
            return Err(CaseError::Positions { frames });
        }
        Ok(())
    }

    /// Scores held from each sampled frame to the next; 0 before the first and where scores have
    /// run out.
    fn upsampled(&self, scores: &[f32]) -> Vec<f32> {
        let mut frames = vec![0.0; self.n_frames];
        if self.positions.is_empty() {
            for (to, &from) in frames.iter_mut().zip(scores) {
                *to = from;
            }
            return frames;
        }
        for (at, &position) in self.positions.iter().enumerate() {
            let end = self.positions.get(at + 1).copied().unwrap_or(self.n_frames);
            frames[position..end.max(position)].fill(scores.get(at).copied().unwrap_or(0.0));
        }
        frames
    }

    fn segment_means(&self, scores: &[f32], variant: Variant) -> Vec<f32> {
        let frames = self.upsampled(scores);
        self.change_points
            .iter()
            .zip(&self.n_frame_per_seg)
            .map(|(&[start, end], &length)| {
                let end = match variant {
                    Variant::Authors => end.saturating_add(1),
                    Variant::Paper => start + length as usize,
                };
                float32_mean(&frames[start..end.min(frames.len())]).unwrap_or(0.0)
            })
            .collect()
    }

    /// Scores in a shot of the highlight measure: five in the released code, as many as five
    /// seconds have in the paper.
    fn highlight_shot(&self, variant: Variant) -> usize {
        match (variant, self.sample_secs) {
            (Variant::Paper, Some(secs)) if secs > 0.0 => {
                (HIGHLIGHT_SHOT_SECS / secs).round().clamp(1.0, 1e6) as usize
            }
            _ => CHUNK,
        }
    }

    /// The summary the knapsack makes of the scores: ascending segment indices.
    pub fn picks(&self, variant: Variant) -> Result<Vec<usize>, CaseError> {
        self.check()?;
        Ok(self.picks_of(&self.segment_means(&self.scores, variant)))
    }

    fn picks_of(&self, means: &[f32]) -> Vec<usize> {
        let values: Vec<f64> = means.iter().map(|&mean| f64::from(mean)).collect();
        knapsack(
            &values,
            &self.n_frame_per_seg,
            capacity(BUDGET, self.n_frames as u64),
        )
        .items
    }

    /// Computes every measure.
    ///
    /// # Errors
    /// When the case contradicts itself.
    pub fn measure(&self, variant: Variant) -> Result<CaseMetrics, CaseError> {
        self.check()?;
        let predicted = self.segment_means(&self.scores, variant);
        let truth = self.segment_means(&self.gt_scores, variant);
        let picks = self.picks_of(&predicted);
        let summary: Vec<bool> = self
            .n_frame_per_seg
            .iter()
            .enumerate()
            .flat_map(|(segment, &length)| {
                std::iter::repeat_n(picks.binary_search(&segment).is_ok(), length as usize)
            })
            .collect();
        let kept: Vec<bool> = self.gt_summary.iter().map(|&frame| frame > 0.0).collect();
        let f1 = f1_percent(&summary, &kept);
        let in_truth: Vec<bool> = self
            .change_points
            .iter()
            .map(|&[start, end]| {
                let end = end.min(kept.len());
                kept[start.min(end)..end].contains(&true)
            })
            .collect();
        let sensitivity = sensitivity(
            &SegmentCase {
                predicted: &predicted,
                truth: &truth,
                weights: &self.n_frame_per_seg,
                in_truth: &in_truth,
                capacity: capacity(BUDGET, self.n_frames as u64),
            },
            variant,
        );
        let (scores, gt_scores) = padded(&self.scores, &self.gt_scores);
        Ok(CaseMetrics {
            tau: kendall_tau_b(&scores, &gt_scores),
            rho: spearman_rho(&scores, &gt_scores),
            f1: Some(f1),
            map50: Some(highlight_average_precision(
                &self.scores,
                &self.gt_scores,
                0.5,
                self.highlight_shot(variant),
            )),
            map15: Some(highlight_average_precision(
                &self.scores,
                &self.gt_scores,
                BUDGET,
                self.highlight_shot(variant),
            )),
            cis: sensitivity.cis,
            wir: sensitivity.wir,
            wse: sensitivity.wse,
            ir: sensitivity.ir,
        })
    }
}

/// Both vectors at the longer one's length, zeros behind.
fn padded(a: &[f32], b: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let length = a.len().max(b.len());
    let pad = |v: &[f32]| {
        let mut v = v.to_vec();
        v.resize(length, 0.0);
        v
    };
    (pad(a), pad(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(file: &str) -> Vec<serde_json::Value> {
        let Some(shared) = crate::testing::shared_dir() else {
            return Vec::new();
        };
        let text = std::fs::read_to_string(shared.join("fixtures/metrics").join(file)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        json["cases"].as_array().unwrap().clone()
    }

    #[test]
    fn every_recorded_case_is_reproduced() {
        for json in recorded("cases.json")
            .into_iter()
            .chain(recorded("degenerate.json"))
        {
            let case: MetricCase = serde_json::from_value(json.clone()).unwrap();
            let found = serde_json::to_value(case.measure(Variant::Authors).unwrap()).unwrap();
            for name in [
                "tau", "rho", "F1", "map50", "map15", "CIS", "WIR", "WSE", "IR",
            ] {
                let expected = json["expected"][name].as_f64();
                let key = if name == "F1" { "f1" } else { name };
                match (found[key].as_f64(), expected) {
                    (Some(found), Some(expected)) => assert!(
                        (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                        "{} {name}: {found} instead of {expected}",
                        json["kind"]
                    ),
                    (found, expected) => assert_eq!(found, expected, "{} {name}", json["kind"]),
                }
            }
            if let Some(picks) = json["intermediate"]["picked_segments"].as_array() {
                let expected: Vec<usize> =
                    picks.iter().map(|p| p.as_u64().unwrap() as usize).collect();
                assert_eq!(case.picks(Variant::Authors).unwrap(), expected);
            }
            if let Some(means) = json["intermediate"]["seg_scores"].as_array() {
                let found = case.segment_means(&case.scores, Variant::Authors);
                for (found, expected) in found.iter().zip(means) {
                    assert!((f64::from(*found) - expected.as_f64().unwrap()).abs() < 1e-7);
                }
            }
            assert!(case.measure(Variant::Paper).is_ok());
        }
    }

    #[test]
    fn a_case_that_contradicts_itself_is_refused() {
        let case = MetricCase {
            n_frames: 4,
            scores: vec![0.1, 0.2],
            gt_scores: vec![0.2, 0.1],
            change_points: vec![[0, 2], [2, 4]],
            n_frame_per_seg: vec![2],
            positions: vec![0, 2],
            gt_summary: vec![1.0, 0.0, 0.0, 0.0],
            sample_secs: None,
        };
        assert!(matches!(
            case.measure(Variant::Authors),
            Err(CaseError::Segments { .. })
        ));
        let repaired = MetricCase {
            n_frame_per_seg: vec![2, 2],
            ..case.clone()
        };
        assert!(repaired.measure(Variant::Authors).is_ok());
        let backwards = MetricCase {
            positions: vec![2, 0],
            ..repaired
        };
        assert!(matches!(
            backwards.measure(Variant::Authors),
            Err(CaseError::Positions { .. })
        ));
        assert_eq!(
            MetricCase::default().measure(Variant::Paper),
            Err(CaseError::Empty)
        );
    }
}
