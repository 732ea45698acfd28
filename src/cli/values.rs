//! Values on the command line: numbers, refused with a reason, and the device.

use crate::domain::{DevicePreference, limits};

/// A setting of a draw, within its limit.
macro_rules! setting {
    ($name:ident, $limit:ident) => {
        pub(crate) fn $name(text: &str) -> Result<f64, String> {
            limits::$limit.parse(text)
        }
    };
    ($name:ident, $limit:ident, u32) => {
        pub(crate) fn $name(text: &str) -> Result<u32, String> {
            // The limits of whole numbers are far below what a u32 holds.
            limits::$limit
                .parse_whole(text)
                .map(|value| u32::try_from(value).unwrap_or(u32::MAX))
        }
    };
}

setting!(samples, SAMPLES, u32);
setting!(steps, STEPS, u32);
setting!(guidance, GUIDANCE);
setting!(eta, ETA);
setting!(coherence_secs, COHERENCE_SECS);
setting!(sag, SAG);
setting!(sampling_fps, SAMPLING_FPS);
setting!(segment_secs, SEGMENT_SECS);

fn number(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err("not a number".to_owned()),
    }
}

/// Any finite number.
pub(crate) fn finite_number(text: &str) -> Result<f64, String> {
    number(text)
}

/// A number of at least 0.
pub(crate) fn not_negative_number(text: &str) -> Result<f64, String> {
    number(text).and_then(|value| match value {
        value if value >= 0.0 => Ok(value),
        _ => Err("must not be below 0".to_owned()),
    })
}

/// A seed of randomness.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    let most = u64::MAX;
    text.parse()
        .map_err(|_| format!("a seed is a whole number from 0 to {most}"))
}

/// A number from 0 to 1.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    number(text).and_then(|value| match value {
        value if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("must lie between 0 and 1".to_owned()),
    })
}

/// A number above 0, at most 1.
pub(crate) fn kept_share(text: &str) -> Result<f64, String> {
    number(text).and_then(|value| match value {
        value if value > 0.0 && value <= 1.0 => Ok(value),
        _ => Err("must be above 0 and at most 1".to_owned()),
    })
}

/// A number from −1 to 1.
pub(crate) fn correlation(text: &str) -> Result<f64, String> {
    number(text).and_then(|value| match value {
        value if (-1.0..=1.0).contains(&value) => Ok(value),
        _ => Err("must lie between -1 and 1".to_owned()),
    })
}

/// Where inference runs, on the command line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum DeviceArg {
    /// CUDA where it works, else the CPU
    Auto,
    Cpu,
    Cuda,
}

impl From<DeviceArg> for DevicePreference {
    fn from(arg: DeviceArg) -> Self {
        match arg {
            DeviceArg::Auto => Self::Auto,
            DeviceArg::Cpu => Self::Cpu,
            DeviceArg::Cuda => Self::Cuda,
        }
    }
}
