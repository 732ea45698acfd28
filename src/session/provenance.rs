//! Where a figure's numbers come from, so that it can be made again.

use serde::Serialize;

use crate::domain::{BundleRef, DrawSettings, SummaryRef};

/// Program, video, bundle and settings behind a figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Provenance {
    /// `SummDiff explorer 0.1.0`.
    pub program: String,
    /// The video's file name; empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub video: String,
    /// Of the video's content; empty while it is not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub video_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<BundleRef>,
    /// `cpu` or `cuda`; empty where nothing was inferred.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<DrawSettings>,
    /// Where the annotations came from; empty without.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub annotations: String,
    /// Further parameters of what was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<serde_json::Value>,
}

impl Provenance {
    /// Of this program, with nothing else known.
    pub fn of_this_program() -> Self {
        Self {
            program: program(),
            ..Self::default()
        }
    }

    /// As JSON on one line.
    pub fn to_json(&self) -> String {
        // Plain data with string keys: serde_json cannot fail on it.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Name and value of what is known, for tables.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("Program", self.program.clone())];
        let mut add = |name, value: String| {
            if !value.is_empty() {
                lines.push((name, value));
            }
        };
        add("Video", self.video.clone());
        add("SHA-256 of the video", self.video_sha256.clone());
        if let Some(bundle) = &self.bundle {
            add("Bundle", format!("{} {}", bundle.name, bundle.version));
            add("SHA-256 of the bundle", bundle.sha256.clone());
        }
        add("Device", self.device.clone());
        if let Some(settings) = &self.settings {
            add("Seed", settings.seed.to_string());
            add("Samples", settings.samples.to_string());
            add("Steps", settings.steps.to_string());
            add("Budget", settings.budget.to_string());
            add("Guidance", settings.guidance.to_string());
            add("η", settings.eta.to_string());
            add("Coherence, seconds", settings.coherence_secs.to_string());
            add("Self-attention guidance", settings.sag.to_string());
            add("Answers", settings.steering.to_string());
            add("Drawn under", settings.drawn_under.to_string());
        }
        add("Annotations", self.annotations.clone());
        lines
    }
}

/// Of one exported summary: what gives the same one again.
pub fn of_summary(
    bundle: &BundleRef,
    device: &str,
    settings: &DrawSettings,
    budget: f64,
    of: SummaryRef,
) -> serde_json::Value {
    serde_json::json!({
        "program": concat!("summdiff ", env!("CARGO_PKG_VERSION")),
        "bundle": bundle,
        "settings": settings,
        "budget": budget,
        "alternative": of.letter(),
        "sample": of.sample(),
        "device": device,
    })
}

/// Name and version of this program.
pub fn program() -> String {
    format!("SummDiff explorer {}", env!("CARGO_PKG_VERSION"))
}
