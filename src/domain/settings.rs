//! The settings of a draw: everything that decides which summaries come out of one video and one bundle.

use serde::{Deserialize, Serialize};

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

/// Settings of a draw. `None` means "what the bundle states".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DrawSettings {
    /// Number of samples, S.
    pub samples: usize,
    /// DDIM steps, 1 to 1000.
    pub steps: usize,
    pub seed: u64,
    /// Share of the frames that a summary may keep, ρ.
    pub budget: f64,
    /// Classifier-free guidance weight w; 0 switches guidance off.
    pub guidance: f64,
    /// Stochasticity of DDIM: 0 deterministic after the initial noise, 1 as DDPM.
    pub eta: f64,
    /// Length in seconds over which the noise of neighbouring frames is correlated; 0 for independent noise.
    pub coherence_secs: f64,
    /// Self-attention guidance strength s; 0 switches it off.
    pub sag: f64,
    pub method: SamplingMethod,
    pub variant: Variant,
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
        }
    }
}
