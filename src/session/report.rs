//! Errors in a person's words, and the bundle and device in use.

use crate::domain::{BundleDefaults, BundleRef, DevicePreference};
use std::path::PathBuf;

/// The bundle and device in use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runtime {
    pub bundle: String,
    /// What the samples come from where that is another than the bundle: its name, or `random`.
    /// Empty where they are the bundle's.
    pub drawn_by: String,
    /// Names of all bundles that could be chosen.
    pub bundles: Vec<String>,
    /// The device that was asked for.
    pub wanted_device: DevicePreference,
    /// `CPU`, `CUDA`; empty while unknown.
    pub device: String,
    /// Why it is not the device that was asked for; empty where it is.
    pub device_note: String,
    /// Whether neighbouring frames' noise can be made coherent (pointwise bundles only).
    pub coherence: bool,
    /// Whether classifier-free guidance is possible (bundles with a null video).
    pub guidance: bool,
    /// Whether self-attention guidance is possible.
    pub attention: bool,
    /// Name, version and hash of the bundle that works; empty while unknown.
    pub bundle_ref: BundleRef,
    /// What the bundle states of sampling; `None` while unknown, and for scorers.
    pub stated: Option<BundleDefaults>,
}

/// An error in a person's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorReport {
    /// What happened, one sentence.
    pub what: String,
    /// Why, as far as is known; may be empty.
    pub why: String,
    /// What to do about it; may be empty.
    pub fix: String,
    /// The file it is about, if any.
    pub path: Option<PathBuf>,
    /// For a report: the chain of causes.
    pub details: String,
    pub retry: bool,
}

impl ErrorReport {
    /// The whole report as text, for "Copy report".
    pub fn to_text(&self) -> String {
        let mut out = format!("SummDiff explorer {}\n", env!("CARGO_PKG_VERSION"));
        out.push_str(&format!(
            "System: {} {}\n",
            std::env::consts::OS,
            std::env::consts::ARCH
        ));
        for (label, text) in [
            ("What", &self.what),
            ("Why", &self.why),
            ("What to do", &self.fix),
            ("Details", &self.details),
        ] {
            if !text.is_empty() {
                out.push_str(&format!("{label}: {text}\n"));
            }
        }
        if let Some(path) = &self.path {
            out.push_str(&format!("File: {}\n", path.display()));
        }
        out
    }
}
