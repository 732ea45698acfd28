//! Values on the command line: numbers, refused with a reason, and the device.

use crate::domain::summary_budget::{Bare, SummaryBudget};
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

/// A budget of one video: a share from 0 to 1, per cent or a time.
pub(crate) fn budget(text: &str) -> Result<SummaryBudget, String> {
    // Numbers as programs write them, with an exponent, are shares too.
    let parsed = match text.parse() {
        Ok(share) => Some(SummaryBudget::Share(share)),
        Err(_) => SummaryBudget::parse(text, Bare::Share),
    };
    let fits = |budget: &SummaryBudget| match *budget {
        SummaryBudget::Share(share) => (0.0..=1.0).contains(&share),
        SummaryBudget::Secs(_) => true,
    };
    parsed.filter(fits).ok_or_else(|| {
        "write a share between 0 and 1, per cent such as 15%, or a time such as 30s or 1:30"
            .to_owned()
    })
}

/// As [`budget`], and more than nothing.
pub(crate) fn kept_budget(text: &str) -> Result<SummaryBudget, String> {
    match budget(text)? {
        SummaryBudget::Share(0.0) | SummaryBudget::Secs(0.0) => Err("must be above 0".to_owned()),
        budget => Ok(budget),
    }
}

/// A budget of many videos, or of things that take no time: a share from 0 to 1 or per cent.
pub(crate) fn budget_share(text: &str) -> Result<f64, String> {
    match budget(text)? {
        SummaryBudget::Share(share) => Ok(share),
        SummaryBudget::Secs(_) => Err(
            "one share holds for all here, and a time is another share of every video: write 0.15 or 15%"
                .to_owned(),
        ),
    }
}

/// As [`budget_share`], and more than nothing.
pub(crate) fn kept_budget_share(text: &str) -> Result<f64, String> {
    kept_budget(text).and_then(|_| budget_share(text))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_share_per_cent_or_a_time() {
        let share = |share| Ok(SummaryBudget::Share(share));
        assert_eq!(budget("0.15"), share(0.15));
        assert_eq!(budget("1.5e-1"), share(0.15));
        assert_eq!(budget("15%"), share(0.15));
        // All of the video, as ever; in the window, 1 is one per cent.
        assert_eq!(budget("1"), share(1.0));
        assert_eq!(budget("2:00"), Ok(SummaryBudget::Secs(120.0)));
        for wrong in ["15", "-0.5", "150%", "-30s", "NaN", "soon"] {
            let why = budget(wrong).unwrap_err();
            assert!(why.contains("15%") && why.contains("30s"), "{why}");
        }
    }

    #[test]
    fn a_time_is_refused_where_one_budget_holds_for_many_videos() {
        assert_eq!(budget_share("15%"), Ok(0.15));
        assert_eq!(budget_share("0"), Ok(0.0));
        let why = budget_share("30s").unwrap_err();
        assert!(why.contains("every video"), "{why}");
        assert_eq!(kept_budget_share("0.15"), Ok(0.15));
        for nothing in ["0", "0%", "0s"] {
            assert_eq!(kept_budget(nothing), Err("must be above 0".to_owned()));
        }
    }
}
