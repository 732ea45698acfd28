//! The result of a whole analysis, in the form of `analyze --json`.

use serde::{Deserialize, Serialize};

use super::kinds::{KnownKind, Letter};
use super::naming::{Named, Names, Naming};
use super::repairs::{most_frames, one_line};
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

/// A kind of summary: the samples whose views are nearest to one anchor, shown by the anchor's own
/// summary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The kind's letter, which it keeps through seeds, budgets and settings: "A".
    #[serde(default)]
    pub label: String,
    /// The real sample nearest to the kind's mean view.
    pub medoid_sample: usize,
    /// Share of all samples, in [0, 1]; weighted where they are.
    pub share: f64,
    /// Standard error of the share.
    #[serde(default)]
    pub share_error: f64,
    /// Ascending sample indices.
    pub members: Vec<usize>,
    /// Share of the members that are near the kind's view: τ-b of at least 0.25.
    #[serde(default)]
    pub coverage: f64,
    /// Mean importance score of the kind at each pick, length N; empty in analyses of older
    /// programs.
    #[serde(default)]
    pub scores: Vec<f32>,
    /// Ascending indices of the segments that the knapsack chooses by these scores.
    #[serde(default)]
    pub selected_segments: Vec<usize>,
    /// Seconds of video that they last.
    #[serde(default)]
    pub duration_secs: f64,
    /// How it differs from the others, in one line.
    #[serde(default)]
    pub distinguishes: String,
    /// What a person calls it and noted of it, where there is such a thing.
    #[serde(default, flatten)]
    pub naming: Naming,
}

impl Alternative {
    /// Its letter; A where an older program wrote none.
    pub fn letter(&self) -> Letter {
        Letter::from_label(&self.label).unwrap_or_default()
    }
}

/// Wall time of each stage, seconds. Decoding and extraction overlap, so the parts may exceed the
/// total.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timings {
    pub probe: f64,
    pub decode: f64,
    /// Part of the decoding spent on looking for cuts.
    pub cuts: f64,
    pub extract: f64,
    pub segment: f64,
    pub sample: f64,
    /// Drawing the pool that the alternatives are found in; next to nothing where they are kept.
    pub settle: f64,
    pub select: f64,
    pub total: f64,
}

/// Samples of an analysis, as many as can be asked for.
const MOST_SAMPLES: usize = 100_000;
/// Segments of a video: more than ten hours of two seconds each.
const MOST_SEGMENTS: usize = 20_000;
/// Scores of all samples together: 256 MB.
pub const MOST_SAMPLE_SCORES: usize = 1 << 26;
/// Kinds of summary; the program makes far fewer.
const MOST_ALTERNATIVES: usize = 100;

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
    /// First frames of shots that begin with a hard cut, whether or not a segment begins there.
    pub cuts: Vec<u64>,
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
    /// In the order of their letters.
    pub alternatives: Vec<Alternative>,
    /// Weight of each sample after steering, and the number of equal samples that weigh as much;
    /// left out without steering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Vec<f64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_samples: Option<f64>,
    /// Share of the samples that are near their kind; the rest is something else.
    #[serde(default)]
    pub coverage: f64,
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
        let mut analysis: Self = serde_json::from_slice(bytes).map_err(|err| {
            // The reason quotes the file.
            let reason = one_line(&err.to_string());
            format!(
                "it is no analysis: make one with `summdiff analyze VIDEO --json FILE` ({reason})"
            )
        })?;
        analysis.complete_alternatives();
        match analysis.contradiction() {
            Some(found) => Err(format!("{found}; analyse the video again")),
            None => Ok(analysis),
        }
    }

    /// Where it is larger than any video and draw can make it.
    fn excess(&self) -> Option<String> {
        let scores = self.samples.len().saturating_mul(self.picks.len());
        let counts = [
            (self.samples.len(), MOST_SAMPLES, "samples"),
            (self.segments.len(), MOST_SEGMENTS, "segments"),
            (scores, MOST_SAMPLE_SCORES, "scores of its samples"),
            (self.alternatives.len(), MOST_ALTERNATIVES, "alternatives"),
        ];
        let beyond = counts.into_iter().find(|(count, most, _)| count > most);
        if let Some((count, most, what)) = beyond {
            return Some(format!("it has {count} {what}, more than {most}"));
        }
        let members: usize = self
            .alternatives
            .iter()
            .map(|kind| kind.members.len())
            .sum();
        (members > self.samples.len()).then(|| {
            let samples = self.samples.len();
            format!("its alternatives have {members} members of {samples} samples")
        })
    }

    /// Its alternatives, to recognise them elsewhere.
    pub fn known_kinds(&self) -> Vec<KnownKind> {
        (self.alternatives.iter())
            .map(|kind| KnownKind {
                label: kind.label.clone(),
                scores: kind.scores.clone(),
                times_secs: self.pick_times_secs.clone(),
            })
            .collect()
    }

    /// The names and notes of its alternatives.
    pub fn names(&self) -> Names {
        let mut names = Names::default();
        for kind in &self.alternatives {
            names.set(Named::Alternative(kind.letter()), &kind.naming);
        }
        names
    }

    /// Takes over the names and notes of alternatives by their letters.
    pub fn take_names(&mut self, names: &Names) {
        for kind in &mut self.alternatives {
            let naming = names.of(Named::Alternative(kind.letter()));
            if !naming.is_empty() {
                kind.naming = naming;
            }
        }
    }

    /// Gives the alternatives of older programs what they lack: letters in their order, and their
    /// nearest sample's summary. That summary also stands in where a script laid out the segments
    /// and the samples' choices anew, but not the alternatives'.
    fn complete_alternatives(&mut self) {
        let segments = self.segments.len();
        for (at, kind) in self.alternatives.iter_mut().enumerate() {
            if !kind.scores.is_empty() {
                if kind.selected_segments.iter().any(|&s| s >= segments)
                    && let Some(sample) = self.samples.get(kind.medoid_sample)
                {
                    kind.selected_segments.clone_from(&sample.selected_segments);
                    kind.duration_secs = sample.duration_secs;
                }
                continue;
            }
            if kind.label.is_empty() {
                kind.label = Letter(u8::try_from(at).unwrap_or(u8::MAX)).label();
            }
            if let Some(sample) = self.samples.get(kind.medoid_sample) {
                kind.scores.clone_from(&sample.scores);
                kind.selected_segments.clone_from(&sample.selected_segments);
                kind.duration_secs = sample.duration_secs;
            }
        }
    }

    fn contradiction(&self) -> Option<String> {
        if let Some(excess) = self.excess() {
            return Some(excess);
        }
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
        if self.weights.as_ref().is_some_and(|w| w.len() != samples) {
            return Some(format!("it has {samples} samples but not as many weights"));
        }
        if self.alternatives.iter().any(strange) {
            return Some("its alternatives name samples that it does not have".to_owned());
        }
        let unfit = |kind: &Alternative| {
            kind.scores.len() != picks || kind.selected_segments.iter().any(|&s| s >= segments)
        };
        let misfit = self.alternatives.iter().find(|kind| unfit(kind))?;
        Some(format!(
            "its alternative {} does not fit its picks and segments",
            misfit.label
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_laid_out_anew_by_a_script_need_not_be_in_the_alternatives_too() {
        let seed = include_bytes!("../../tests/fuzz/seeds/analysis/demo.json");
        let mut analysis: serde_json::Value = serde_json::from_slice(seed).unwrap();
        let frames = analysis["video"]["frame_count"].clone();
        analysis["segments"] = serde_json::json!([
            {"start_frame": 0, "end_frame": 30, "start_secs": 0.0, "end_secs": 1.2},
            {"start_frame": 30, "end_frame": frames, "start_secs": 1.2, "end_secs": 2.0},
        ]);
        analysis["selection_frequency"] = [1.0, 0.0].into();
        for sample in analysis["samples"].as_array_mut().unwrap() {
            sample["selected_segments"] = [1].into();
        }
        for kind in analysis["alternatives"].as_array_mut().unwrap() {
            kind["selected_segments"] = [0, 4].into();
        }
        let read = Analysis::from_json(analysis.to_string().as_bytes()).unwrap();
        assert!(!read.alternatives.is_empty());
        for kind in &read.alternatives {
            assert_eq!(kind.selected_segments, [1]);
        }
    }

    #[test]
    fn an_analysis_that_contradicts_itself_is_refused_in_a_sentence() {
        let seed = include_bytes!("../../tests/fuzz/seeds/analysis/demo.json");
        assert!(Analysis::from_json(seed).is_ok());
        let sound: serde_json::Value = serde_json::from_slice(seed).unwrap();
        type Change = fn(&mut serde_json::Value);
        let changes: [(&str, Change); 11] = [
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
            ("more than 100", |a| {
                let kind = a["alternatives"][0].clone();
                a["alternatives"] = vec![kind; 101].into();
            }),
            ("members of", |a| {
                let kind = a["alternatives"][0].clone();
                a["alternatives"] = vec![kind; 50].into();
            }),
            ("samples that it does not have", |a| {
                a["alternatives"][0]["medoid_sample"] = 999_999.into();
            }),
            ("alternative A does not fit", |a| {
                a["alternatives"][0]["label"] = "A".into();
                a["alternatives"][0]["scores"] = [0.5].into();
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
