//! How much of a video a summary may keep, as people write it: a share, per cent, or a time. The
//! one parser of the window and of the command line. Does not know the limits of either.

use super::timecode::{clock_parts, parse_secs};

/// A budget as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SummaryBudget {
    /// Of the whole, 0 to 1.
    Share(f64),
    /// Of the video's time; which share that is depends on the video.
    Secs(f64),
}

/// What a number without a unit means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bare {
    /// A share, as on the command line.
    Share,
    /// Per cent from 1 on and a share below, as where a slider shows per cent.
    PerCent,
}

impl SummaryBudget {
    /// Reads `0.15`, `15 %`, `30s`, `2 min`, `1m30s`, `0:45` and `1:02:03`; `None` where it is none
    /// of them.
    pub fn parse(text: &str, bare: Bare) -> Option<Self> {
        let text: String = (text.chars())
            .filter(|letter| !letter.is_whitespace())
            .flat_map(char::to_lowercase)
            .collect();
        if let Some(number) = text.strip_suffix('%') {
            return parse_secs(number).map(|number| Self::Share(number / 100.0));
        }
        if text.contains(':') {
            let parts: Vec<&str> = text.split(':').collect();
            let clock = (2..=3).contains(&parts.len());
            return clock.then(|| clock_parts(&parts)).flatten().map(Self::Secs);
        }
        match parse_secs(&text) {
            Some(number) if bare == Bare::PerCent && number >= 1.0 => {
                Some(Self::Share(number / 100.0))
            }
            Some(number) => Some(Self::Share(number)),
            None => secs_with_units(&text).map(Self::Secs),
        }
    }

    /// The share of a video of that length; the whole of a video that is shorter than the time.
    /// `None` where the length is not known and has to be.
    pub fn share_of(self, duration_secs: f64) -> Option<f64> {
        match self {
            Self::Share(share) => Some(share),
            Self::Secs(secs) => {
                (duration_secs > 0.0).then(|| (secs / duration_secs).clamp(0.0, 1.0))
            }
        }
    }
}

/// Seconds of numbers with units, the largest unit first: `1h2m3s`.
fn secs_with_units(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut total = 0.0;
    let mut larger = f64::INFINITY;
    while !rest.is_empty() {
        let unit_at = rest.find(char::is_alphabetic)?;
        let (number, from_unit) = rest.split_at(unit_at);
        let end = from_unit
            .find(|letter: char| !letter.is_alphabetic())
            .unwrap_or(from_unit.len());
        let (unit, after) = from_unit.split_at(end);
        let secs = match unit {
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            _ => return None,
        };
        if secs >= larger {
            return None;
        }
        larger = secs;
        total += parse_secs(number)? * secs;
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_per_cent_and_times_are_read() {
        for (text, meant) in [
            ("0.15", SummaryBudget::Share(0.15)),
            ("15%", SummaryBudget::Share(0.15)),
            ("12,5\u{202f}%", SummaryBudget::Share(0.125)),
            ("30s", SummaryBudget::Secs(30.0)),
            ("30 Sec.", SummaryBudget::Secs(30.0)),
            ("2:00", SummaryBudget::Secs(120.0)),
            ("0:45", SummaryBudget::Secs(45.0)),
            ("1:02:03", SummaryBudget::Secs(3723.0)),
            ("0.5 min", SummaryBudget::Secs(30.0)),
            ("1m30s", SummaryBudget::Secs(90.0)),
            ("1 hour 5 s", SummaryBudget::Secs(3605.0)),
        ] {
            for bare in [Bare::Share, Bare::PerCent] {
                assert_eq!(SummaryBudget::parse(text, bare), Some(meant), "{text}");
            }
        }
        for text in [
            "", "a lot", "-30s", "30x", "1:2:3:4", "0:75", "s", "5s3m", "1s2", "%", "nan", "inf",
        ] {
            assert_eq!(SummaryBudget::parse(text, Bare::Share), None, "{text}");
        }
    }

    #[test]
    fn a_number_alone_is_a_share_or_per_cent() {
        let read = |text, bare| SummaryBudget::parse(text, bare);
        assert_eq!(read("1", Bare::Share), Some(SummaryBudget::Share(1.0)));
        assert_eq!(read("1", Bare::PerCent), Some(SummaryBudget::Share(0.01)));
        assert_eq!(read("15", Bare::PerCent), Some(SummaryBudget::Share(0.15)));
        assert_eq!(read("0.5", Bare::PerCent), Some(SummaryBudget::Share(0.5)));
    }

    #[test]
    fn a_time_is_another_share_of_every_video() {
        let half_a_minute = SummaryBudget::Secs(30.0);
        assert_eq!(half_a_minute.share_of(200.0), Some(0.15));
        assert_eq!(half_a_minute.share_of(300.0), Some(0.1));
        assert_eq!(half_a_minute.share_of(20.0), Some(1.0));
        assert_eq!(half_a_minute.share_of(0.0), None);
        assert_eq!(SummaryBudget::Share(0.2).share_of(0.0), Some(0.2));
    }
}
