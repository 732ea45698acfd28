//! The range of every setting, stated once: flags, projects, analyses and bundle manifests are all
//! held against it.

use serde::{Deserialize, Deserializer};

/// The values that a setting may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    name: &'static str,
    least: f64,
    /// Whether the least value itself is too little.
    above_least: bool,
    most: f64,
}

impl Limit {
    const fn of(name: &'static str, least: f64, most: f64) -> Self {
        Self {
            name,
            least,
            above_least: false,
            most,
        }
    }

    const fn above(self) -> Self {
        Self {
            above_least: true,
            ..self
        }
    }

    /// The value, where it may be.
    ///
    /// # Errors
    /// [`OutOfRange`], a sentence that names the limit.
    pub fn check(self, value: f64) -> Result<f64, OutOfRange> {
        let enough = value > self.least || (value == self.least && !self.above_least);
        if enough && value <= self.most {
            return Ok(value);
        }
        Err(OutOfRange { limit: self, value })
    }

    /// A whole number, where it may be.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_whole(self, value: u64) -> Result<usize, OutOfRange> {
        // Large numbers lose their last digits and stay as far beyond the limit.
        self.check(value as f64)?;
        usize::try_from(value).map_err(|_| OutOfRange {
            limit: self,
            value: value as f64,
        })
    }

    /// A value on the command line, where it may be.
    ///
    /// # Errors
    /// A clause that names the limit.
    pub fn parse(self, text: &str) -> Result<f64, String> {
        let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
        self.check(value).map_err(|err| err.rule())
    }

    /// A whole number on the command line, where it may be.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_whole(self, text: &str) -> Result<usize, String> {
        let value: u64 = text.parse().map_err(|_| "not a whole number".to_owned())?;
        self.check_whole(value).map_err(|err| err.rule())
    }
}

/// A setting has a value that it may not have.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{} {}, and is {}", limit.name, self.rule(), shown(*value))]
pub struct OutOfRange {
    limit: Limit,
    value: f64,
}

impl OutOfRange {
    fn rule(&self) -> String {
        let Limit { least, most, .. } = self.limit;
        match self.limit.above_least {
            true => format!("must be above {least} and at most {most}"),
            false => format!("must be from {least} to {most}"),
        }
    }
}

/// A number without hundreds of digits.
fn shown(value: f64) -> String {
    match value.abs() {
        1e-6..1e9 | 0.0 => format!("{value}"),
        _ => format!("{value:e}"),
    }
}

/// Number of samples of a draw.
pub const SAMPLES: Limit = Limit::of("samples", 1.0, 100_000.0);
/// Steps of the sampler.
pub const STEPS: Limit = Limit::of("steps", 1.0, 1000.0);
/// Share of the frames that a summary may keep.
pub const BUDGET: Limit = Limit::of("budget", 0.0, 1.0);
/// Share of a video that the picks of a study may cover.
pub const PICK_BUDGET: Limit = Limit::of("budget", 0.0, 1.0).above();
/// Share of the shots of a study that are shown twice.
pub const REPEAT_SHARE: Limit = Limit::of("repeat_share", 0.0, 1.0);
/// Classifier-free guidance weight.
pub const GUIDANCE: Limit = Limit::of("guidance", -1000.0, 1000.0);
/// Stochasticity of DDIM.
pub const ETA: Limit = Limit::of("eta", 0.0, 1.0);
/// Seconds over which noise is correlated: up to a day.
pub const COHERENCE_SECS: Limit = Limit::of("coherence_secs", 0.0, 86_400.0);
/// Self-attention guidance strength.
pub const SAG: Limit = Limit::of("sag", -1000.0, 1000.0);
/// Frames a second that are sampled.
pub const SAMPLING_FPS: Limit = Limit::of("sampling_fps", 0.0, 1000.0).above();
/// Shortest and longest segment, in seconds.
pub const SEGMENT_SECS: Limit =
    Limit::of("the length of segments in seconds", 0.0, 86_400.0).above();
/// Values of a feature vector, and of an encoder's memory.
pub const FEATURE_SIZE: Limit = Limit::of("the size of the features", 1.0, 16_384.0);
/// Picks that go through a network in one piece.
pub const MAX_FRAMES: Limit = Limit::of("max_frames", 2.0, 1_000_000.0);
/// Picks that a score stands for.
pub const SCORE_STRIDE: Limit = Limit::of("score_stride", 1.0, 1000.0);
/// Height and width of an image network's input. Sixteen frames of the largest take 200 MB.
pub const INPUT_SIDE: Limit = Limit::of("input_size", 1.0, 1024.0);
/// Shorter side of a frame before its centre is cropped.
pub const RESIZE_SIDE: Limit = Limit::of("resize.size", 1.0, 2048.0);

/// Reads a number within a limit.
fn number<'de, D: Deserializer<'de>>(from: D, limit: Limit) -> Result<f64, D::Error> {
    let value = f64::deserialize(from)?;
    limit.check(value).map_err(serde::de::Error::custom)
}

/// Reads a whole number within a limit.
fn whole<'de, D: Deserializer<'de>>(from: D, limit: Limit) -> Result<usize, D::Error> {
    let value = u64::deserialize(from)?;
    limit.check_whole(value).map_err(serde::de::Error::custom)
}

/// For `#[serde(deserialize_with)]` of the settings that files state.
pub(super) mod stated {
    use super::*;

    pub fn samples<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        whole(from, SAMPLES)
    }
    pub fn steps<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        whole(from, STEPS)
    }
    pub fn budget<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        number(from, BUDGET)
    }
    pub fn guidance<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        number(from, GUIDANCE)
    }
    pub fn eta<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        number(from, ETA)
    }
    pub fn coherence_secs<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        number(from, COHERENCE_SECS)
    }
    pub fn segment_secs<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        let stated = Option::<f64>::deserialize(from)?;
        let checked = stated.map(|secs| SEGMENT_SECS.check(secs)).transpose();
        checked.map_err(serde::de::Error::custom)
    }
    pub fn sag<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        number(from, SAG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_at_their_ends_and_are_named() {
        assert_eq!(SAMPLES.check_whole(100_000), Ok(100_000));
        let refused = SAMPLES.check_whole(1_000_000_000_000_000_000).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "samples must be from 1 to 100000, and is 1e18"
        );
        assert!(SAMPLES.check_whole(0).is_err());
        assert!(SAMPLING_FPS.check(0.0).is_err() && SAMPLING_FPS.check(0.1).is_ok());
        assert!(SAMPLING_FPS.check(1e300).is_err() && BUDGET.check(f64::NAN).is_err());
        assert!(ETA.check(1.0).is_ok() && ETA.check(1.0 + 1e-9).is_err());
        let digits = GUIDANCE.check(1e300).unwrap_err().to_string();
        assert!(digits.len() < 80, "{digits}");
        assert_eq!(
            SAMPLING_FPS.parse("-1"),
            Err("must be above 0 and at most 1000".to_owned())
        );
        assert_eq!(STEPS.parse_whole("10"), Ok(10));
        assert!(STEPS.parse_whole("1.5").is_err() && STEPS.parse_whole("nan").is_err());
    }
}
