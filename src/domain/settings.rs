//! The settings of a draw: everything that decides which summaries come out of one video and one
//! bundle.

use serde::{Deserialize, Serialize};

use super::limits::stated;
use super::steering::Steering;

/// Where inference runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DevicePreference {
    /// CUDA where it works, else the CPU; which one it was is always reported.
    #[default]
    Auto,
    Cpu,
    Cuda,
}

/// How samples are computed; both ways agree within 1e-6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SamplingMethod {
    /// The table for pointwise bundles, direct calls otherwise.
    #[default]
    Auto,
    Direct,
    Table,
}

/// Whose reading of the method: the released code's, or the paper's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    #[default]
    Authors,
    Paper,
}

/// What a change point of a raw video costs. A dataset's own segments are used as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangePointPrice {
    /// By the noise of the features, whatever the number of rows.
    #[default]
    Noise,
    /// The field's penalty over the sampled rows, as published pipelines have it.
    Rows,
}

/// How a raw video is cut into segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SegmentSettings {
    pub kts: ChangePointPrice,
    /// Seconds of the shortest and the longest segment, with the price by noise; `None` for what
    /// suits the video.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "stated::segment_secs"
    )]
    pub min_segment_secs: Option<f64>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "stated::segment_secs"
    )]
    pub max_segment_secs: Option<f64>,
}

/// What a bundle states of sampling, to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BundleDefaults {
    #[serde(deserialize_with = "stated::guidance")]
    pub guidance: f64,
    #[serde(deserialize_with = "stated::steps")]
    pub steps: usize,
    #[serde(deserialize_with = "stated::eta")]
    pub eta: f64,
}

impl Default for BundleDefaults {
    fn default() -> Self {
        Self {
            guidance: 0.0,
            steps: 10,
            eta: 1.0,
        }
    }
}

/// Which settings were set by hand or come from a project; the others follow the bundle.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnSettings {
    pub guidance: bool,
    pub steps: bool,
    pub eta: bool,
}

/// Always equal: where a setting comes from does not make the draw another.
impl PartialEq for OwnSettings {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl OwnSettings {
    const ALL: Self = Self {
        guidance: true,
        steps: true,
        eta: true,
    };

    const fn all() -> Self {
        Self::ALL
    }
}

/// Settings of a draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DrawSettings {
    /// Number of samples, S.
    #[serde(deserialize_with = "stated::samples")]
    pub samples: usize,
    /// DDIM steps, 1 to 1000.
    #[serde(deserialize_with = "stated::steps")]
    pub steps: usize,
    pub seed: u64,
    /// Share of the frames that a summary may keep, ρ.
    #[serde(deserialize_with = "stated::budget")]
    pub budget: f64,
    /// Classifier-free guidance weight w; 0 switches guidance off.
    #[serde(deserialize_with = "stated::guidance")]
    pub guidance: f64,
    /// Stochasticity of DDIM: 0 deterministic after the initial noise, 1 as DDPM.
    #[serde(deserialize_with = "stated::eta")]
    pub eta: f64,
    /// Length in seconds over which the noise of neighbouring frames is correlated; 0 for
    /// independent noise.
    #[serde(deserialize_with = "stated::coherence_secs")]
    pub coherence_secs: f64,
    /// Self-attention guidance strength s; 0 switches it off.
    #[serde(deserialize_with = "stated::sag")]
    pub sag: f64,
    pub method: SamplingMethod,
    pub variant: Variant,
    /// A viewer's answers on parts of the video; left out of files where it is empty.
    #[serde(skip_serializing_if = "Steering::is_empty")]
    pub steering: Steering,
    /// The answers under which the samples were drawn, imposed at each step; left out of files
    /// where there were none. Other answers only weigh the samples.
    #[serde(skip_serializing_if = "Steering::is_empty")]
    pub drawn_under: Steering,
    /// How the video is cut into segments; read when it is opened.
    #[serde(flatten)]
    pub segments: SegmentSettings,
    /// Settings that were read from a file are its own.
    #[serde(skip, default = "OwnSettings::all")]
    pub own: OwnSettings,
}

impl DrawSettings {
    /// What the bundle states, where nothing else was asked for.
    pub fn follow(&mut self, stated: &BundleDefaults) {
        if !self.own.guidance {
            self.guidance = stated.guidance;
        }
        if !self.own.steps {
            self.steps = stated.steps;
        }
        if !self.own.eta {
            self.eta = stated.eta;
        }
    }

    /// Whether both draw the same samples: they differ in the budget and the answers that weigh
    /// samples, if in anything.
    pub fn same_samples(&self, other: &Self) -> bool {
        Self {
            budget: other.budget,
            steering: other.steering.clone(),
            ..self.clone()
        } == *other
    }

    /// Marks as set by hand what differs from `before`.
    pub fn own_changes(&mut self, before: &Self) {
        self.own.guidance |= self.guidance != before.guidance;
        self.own.steps |= self.steps != before.steps;
        self.own.eta |= self.eta != before.eta;
    }
}

impl Default for DrawSettings {
    fn default() -> Self {
        Self {
            samples: 100,
            steps: 10,
            seed: 0,
            budget: 0.15,
            guidance: 0.1,
            eta: 1.0,
            coherence_secs: 0.0,
            sag: 0.0,
            method: SamplingMethod::Auto,
            variant: Variant::Authors,
            steering: Steering::default(),
            drawn_under: Steering::default(),
            segments: SegmentSettings::default(),
            own: OwnSettings::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_a_file_are_held_against_their_limits() {
        for (broken, limit) in [
            (r#"{"samples": 1000000000000000000}"#, "100000"),
            (r#"{"samples": 0}"#, "from 1"),
            (r#"{"steps": 1001}"#, "1000"),
            (r#"{"budget": 1.5}"#, "0 to 1"),
            (r#"{"guidance": 1e300}"#, "1000"),
            (r#"{"eta": 1e300}"#, "0 to 1"),
            (r#"{"coherence_secs": -1}"#, "0 to"),
            (r#"{"sag": 1e9}"#, "1000"),
            (r#"{"max_segment_secs": 1e300}"#, "86400"),
        ] {
            let refused = serde_json::from_str::<DrawSettings>(broken).unwrap_err();
            assert!(refused.to_string().contains(limit), "{refused}");
        }
        assert!(serde_json::from_str::<BundleDefaults>(r#"{"eta": 2}"#).is_err());
        let least = serde_json::from_str::<DrawSettings>(r#"{"samples": 1, "budget": 0}"#);
        assert_eq!(least.unwrap().samples, 1);
    }

    #[test]
    fn how_segments_were_made_is_written_beside_the_draw_and_read_back() {
        let mut settings = DrawSettings::default();
        let plain = serde_json::to_value(&settings).unwrap();
        assert_eq!(plain["kts"], "noise");
        assert!(plain.get("min_segment_secs").is_none());
        settings.segments = SegmentSettings {
            kts: ChangePointPrice::Rows,
            min_segment_secs: Some(1.5),
            max_segment_secs: None,
        };
        let written = serde_json::to_string(&settings).unwrap();
        let read: DrawSettings = serde_json::from_str(&written).unwrap();
        assert_eq!(read, settings);
        assert!(serde_json::from_str::<DrawSettings>(r#"{"kts":"best"}"#).is_err());
    }

    #[test]
    fn what_was_not_set_by_hand_follows_the_bundle() {
        let stated = BundleDefaults {
            guidance: 0.4,
            steps: 30,
            eta: 0.0,
        };
        let before = DrawSettings::default();
        let mut settings = DrawSettings {
            steps: 50,
            ..before.clone()
        };
        settings.own_changes(&before);
        settings.follow(&stated);
        assert_eq!(
            (settings.guidance, settings.steps, settings.eta),
            (0.4, 50, 0.0)
        );
        // What a file says stays.
        let json = serde_json::to_string(&settings).unwrap();
        let mut read: DrawSettings = serde_json::from_str(&json).unwrap();
        read.follow(&BundleDefaults::default());
        assert_eq!((read.guidance, read.steps, read.eta), (0.4, 50, 0.0));
    }
}
