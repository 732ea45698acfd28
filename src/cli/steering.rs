//! `--keep`, `--leave-out` and `--rate` of `analyze`.

use crate::domain::{RatedRange, Steering};

/// What a viewer wants of parts of the video, in seconds; each may be given several times.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct SteeringArgs {
    /// Keep the segments from A to B seconds in every summary
    #[arg(long, value_name = "A-B", value_parser = range)]
    keep: Vec<(f64, f64)>,
    /// Leave the segments from A to B seconds out of every summary
    #[arg(long, value_name = "A-B", value_parser = range)]
    leave_out: Vec<(f64, f64)>,
    /// Rate A to B seconds from 1 to 5; samples that agree weigh more
    #[arg(long, value_name = "A-B=R", value_parser = rated)]
    rate: Vec<RatedRange>,
    /// What --rate, --keep and --leave-out do to the samples: plain ones are weighed, or new ones
    /// drawn under the answers
    #[arg(long, value_enum, default_value_t = SteerBy::Weigh)]
    steer_by: SteerBy,
}

/// `--steer-by`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SteerBy {
    #[default]
    Weigh,
    Draw,
}

impl SteeringArgs {
    pub fn steering(&self) -> Steering {
        Steering {
            keep: self.keep.clone(),
            leave_out: self.leave_out.clone(),
            rate: self.rate.clone(),
        }
    }

    /// The answers that samples are drawn under.
    pub fn drawn_under(&self) -> Steering {
        match self.steer_by {
            SteerBy::Weigh => Steering::default(),
            SteerBy::Draw => self.steering(),
        }
    }
}

/// Two times in seconds, "12-15.5".
pub(super) fn range(text: &str) -> Result<(f64, f64), String> {
    let wrong = || format!("“{text}” is no range in seconds such as 12-15.5");
    let (start, end) = text.split_once('-').ok_or_else(wrong)?;
    let secs = |text: &str| -> Result<f64, String> {
        let secs: f64 = text.trim().parse().map_err(|_| wrong())?;
        if secs.is_finite() && secs >= 0.0 {
            Ok(secs)
        } else {
            Err(wrong())
        }
    };
    let (start, end) = (secs(start)?, secs(end)?);
    if start < end {
        Ok((start, end))
    } else {
        Err(format!("“{text}” ends before it begins"))
    }
}

fn rated(text: &str) -> Result<RatedRange, String> {
    let wrong = || format!("“{text}” is no rating such as 40-42=5, from 1 to 5");
    let (span, rating) = text.split_once('=').ok_or_else(wrong)?;
    let (start_secs, end_secs) = range(span)?;
    let rating: u8 = rating.trim().parse().map_err(|_| wrong())?;
    if !(1..=5).contains(&rating) {
        return Err(wrong());
    }
    Ok(RatedRange {
        start_secs,
        end_secs,
        rating,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_ratings_are_read_and_what_is_none_is_refused() {
        assert_eq!(range("12-15.5"), Ok((12.0, 15.5)));
        let rated_range = rated("40-42=5").unwrap();
        assert_eq!((rated_range.start_secs, rated_range.rating), (40.0, 5));
        for wrong in ["12", "15-12", "3-3", "-1-4", "a-b", "1-inf", "nan-2", ""] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
        for wrong in ["40-42", "40-42=0", "40-42=6", "40-42=2.5", "=3"] {
            assert!(rated(wrong).is_err(), "{wrong}");
        }
    }
}
