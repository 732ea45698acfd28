//! The result of a whole analysis, in the form of `analyze --json`.

use serde::{Deserialize, Serialize};

use super::mending::most_frames;
use super::segment::Segment;
use super::settings::{ChangePointPrice, DrawSettings};
use super::video::VideoInfo;

/// Which bundle made a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleRef {
    pub name: String,
    pub version: String,
    /// Lower-case hex SHA-256 over the bundle's manifest and files.
    pub sha256: String,
}

/// One sampled summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    pub index: usize,
    /// Importance score in [0, 1] of each pick, length N.
    pub scores: Vec<f32>,
    /// Ascending indices of the segments the knapsack chose.
    pub selected_segments: Vec<usize>,
    /// Seconds of video the chosen segments last.
    pub duration_secs: f64,
}

/// A kind of summary: a cluster of samples with alike selections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// Index of the sample that represents the cluster.
    pub medoid_sample: usize,
    /// Share of all samples, in (0, 1].
    pub share: f64,
    /// Ascending sample indices.
    pub members: Vec<usize>,
}

/// Wall time of each stage, seconds. Decoding and extraction overlap, so the parts may exceed the total.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timings {
    pub probe: f64,
    pub decode: f64,
    pub extract: f64,
    pub segment: f64,
    pub sample: f64,
    pub select: f64,
    pub total: f64,
}

/// How a raw video's segments were found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Segmentation {
    pub kts: ChangePointPrice,
    /// Median of 1 − cos between features half a second apart; 0 with the field's penalty.
    pub noise: f64,
    /// What a change point cost; 0 with the field's penalty.
    pub price: f64,
    /// Bounds of a segment's length; 0 and null with the field's penalty.
    pub min_segment_secs: f64,
    pub max_segment_secs: Option<f64>,
}

/// The result of a whole analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    pub video: VideoInfo,
    pub bundle: BundleRef,
    /// `cpu` or `cuda`.
    pub device: String,
    pub settings: DrawSettings,
    /// Frame number of each sampled frame, ascending, length N.
    pub picks: Vec<u64>,
    pub pick_times_secs: Vec<f64>,
    pub segments: Vec<Segment>,
    /// `None` in analyses of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segmentation: Option<Segmentation>,
    pub samples: Vec<Sample>,
    /// For each segment, the share of samples that keep it.
    pub selection_frequency: Vec<f64>,
    /// Largest share first.
    pub alternatives: Vec<Alternative>,
    #[serde(default)]
    pub timings_secs: Timings,
    #[serde(default)]
    pub peak_memory_bytes: u64,
}

impl Analysis {
    /// Reads an analysis and holds its parts against each other, so that no index leads nowhere.
    ///
    /// # Errors
    /// What is wrong with it, to follow the file's name.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let analysis: Self = serde_json::from_slice(bytes).map_err(|err| {
            format!("it is no analysis: make one with `summdiff analyze VIDEO --json FILE` ({err})")
        })?;
        match analysis.contradiction() {
            Some(found) => Err(format!("{found}; analyse the video again")),
            None => Ok(analysis),
        }
    }

    fn contradiction(&self) -> Option<String> {
        let (picks, segments, samples) =
            (self.picks.len(), self.segments.len(), self.samples.len());
        let frames = self.video.frame_count;
        if frames > most_frames(0.0) {
            return Some(format!("its video has {frames} frames, more than a day"));
        }
        let duration_secs = self.video.duration_secs;
        if !(duration_secs.is_finite() && duration_secs >= 0.0) {
            return Some("its video has no length".to_owned());
        }
        if self.pick_times_secs.len() != picks {
            let times = self.pick_times_secs.len();
            return Some(format!("it has {picks} picks but {times} times of picks"));
        }
        if self.selection_frequency.len() != segments {
            let frequencies = self.selection_frequency.len();
            return Some(format!(
                "it has {segments} segments but {frequencies} selection frequencies"
            ));
        }
        let misplaced = |segment: &Segment| {
            segment.start_frame > segment.end_frame || segment.end_frame > frames
        };
        if let Some(at) = self.segments.iter().position(misplaced) {
            return Some(format!(
                "its segment {at} does not lie within the video's {frames} frames"
            ));
        }
        let unfit = |sample: &&Sample| {
            sample.scores.len() != picks || sample.selected_segments.iter().any(|&s| s >= segments)
        };
        if let Some(sample) = self.samples.iter().find(unfit) {
            return Some(format!(
                "its sample {} does not fit its picks and segments",
                sample.index
            ));
        }
        let strange = |kind: &Alternative| {
            kind.medoid_sample >= samples || kind.members.iter().any(|&member| member >= samples)
        };
        self.alternatives
            .iter()
            .any(strange)
            .then(|| "its alternatives name samples that it does not have".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_analysis_that_contradicts_itself_is_refused_in_a_sentence() {
        let seed = include_bytes!("../../tests/fuzz/seeds/analysis/demo.json");
        assert!(Analysis::from_json(seed).is_ok());
        let sound: serde_json::Value = serde_json::from_slice(seed).unwrap();
        type Change = fn(&mut serde_json::Value);
        let changes: [(&str, Change); 8] = [
            ("more than a day", |a| {
                a["video"]["frame_count"] = u64::MAX.into()
            }),
            ("no length", |a| a["video"]["duration_secs"] = (-1.0).into()),
            ("times of picks", |a| a["pick_times_secs"] = [0.0].into()),
            ("selection frequencies", |a| {
                a["selection_frequency"] = [1.0].into()
            }),
            ("its segment 0 does not lie", |a| {
                a["segments"][0]["start_frame"] = a["segments"][0]["end_frame"].clone();
                a["segments"][0]["end_frame"] = 0.into();
            }),
            ("does not fit its picks", |a| {
                a["samples"][0]["scores"] = [0.5].into()
            }),
            ("does not fit its picks", |a| {
                a["samples"][0]["selected_segments"] = [999_999].into();
            }),
            ("samples that it does not have", |a| {
                a["alternatives"][0]["medoid_sample"] = 999_999.into();
            }),
        ];
        for (expected, change) in changes {
            let mut broken = sound.clone();
            change(&mut broken);
            let error = Analysis::from_json(broken.to_string().as_bytes()).unwrap_err();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
