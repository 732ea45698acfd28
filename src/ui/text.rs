//! How times, shares and counts are written for a person.

use std::io::{Error, ErrorKind};
use std::path::Path;

/// What the system says of a failure, without its number.
pub fn system_reason(error: &Error) -> String {
    let words = error.to_string();
    match words.split_once(" (os error ") {
        Some((reason, _)) => reason.to_owned(),
        None => words,
    }
}

/// Why a file could not be written, as the end of a sentence: `the disk is full`.
pub fn write_reason(path: &Path, error: &Error) -> String {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match (error.kind(), folder) {
        (ErrorKind::StorageFull, _) => "the disk is full".to_owned(),
        (ErrorKind::QuotaExceeded, _) => "your share of the disk is used up".to_owned(),
        (ErrorKind::ReadOnlyFilesystem, _) => "the disk is read-only".to_owned(),
        (_, Some(folder)) if !folder.is_dir() => format!("the folder {} is gone", folder.display()),
        _ => system_reason(error),
    }
}

/// `0:52`, `5:47`, `1:02:03`: whole seconds, rounded.
pub fn clock(secs: f64) -> String {
    let total = if secs.is_finite() {
        secs.max(0.0).round() as u64
    } else {
        0
    };
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// `02:13.458`, `1:02:13.458`: to the millisecond, truncated so that a frame never shows the next
/// frame's time.
pub fn timecode(secs: f64) -> String {
    let millis = if secs.is_finite() {
        (secs.max(0.0) * 1000.0 + 0.5e-3) as u64
    } else {
        0
    };
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let (seconds, rest) = (millis / 1000 % 60, millis % 1000);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{rest:03}")
    } else {
        format!("{minutes:02}:{seconds:02}.{rest:03}")
    }
}

/// `15 %`, with a narrow no-break space.
pub fn percent(share: f64) -> String {
    format!("{:.0}\u{202f}%", share * 100.0)
}

/// `12.5 %`: one decimal where it matters.
pub fn percent_fine(share: f64) -> String {
    let value = share * 100.0;
    if (value - value.round()).abs() < 0.05 {
        format!("{value:.0}\u{202f}%")
    } else {
        format!("{value:.1}\u{202f}%")
    }
}

/// `1 sample`, `100 samples`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// `about 12 s left`, `about 3 min left`.
pub fn eta(secs: f64) -> String {
    if secs < 60.0 {
        format!("about {:.0} s left", secs.max(1.0))
    } else if secs < 3600.0 {
        format!("about {:.0} min left", secs / 60.0)
    } else {
        format!("about {:.1} h left", secs / 3600.0)
    }
}

/// An annotator's name where there is little room and the window says elsewhere who is simulated.
pub fn short_name(name: &str) -> &str {
    name.trim_start_matches("simulated: ")
}

/// A share and its standard error: "41 ± 4 %"; without an error that is known, or where it rounds
/// to nothing, the share alone.
pub fn share_with_error(share: f64, error: f64) -> String {
    let error = (error * 100.0).round();
    if error < 1.0 {
        return percent(share);
    }
    let share = percent(share);
    let number = share.trim_end_matches('%').trim_end();
    format!("{number} ± {error:.0}\u{202f}%")
}

/// Understands seconds (`12.5`), clocks (`1:02:03.5`), timecodes with frames (`00:00:12:07`, which
/// need the rate) and frame numbers (`f300`). `None` where it is none of them.
pub fn parse_time(text: &str, frames_per_sec: f64) -> Option<f64> {
    let text = text.trim();
    if let Some(frame) = text.strip_prefix(['f', 'F', '#']) {
        let frame: u64 = frame.trim().parse().ok()?;
        return (frames_per_sec > 0.0).then(|| frame as f64 / frames_per_sec);
    }
    let parts: Vec<&str> = text.split([':', ';']).collect();
    let numbers: Vec<f64> = parts
        .iter()
        .map(|part| part.trim().parse::<f64>().ok())
        .collect::<Option<_>>()?;
    if numbers.iter().any(|n| !n.is_finite() || *n < 0.0) {
        return None;
    }
    match numbers.as_slice() {
        [secs] => Some(*secs),
        [minutes, secs] => Some(minutes * 60.0 + secs),
        [hours, minutes, secs] => Some(hours * 3600.0 + minutes * 60.0 + secs),
        [hours, minutes, secs, frames] if frames_per_sec > 0.0 => {
            Some(hours * 3600.0 + minutes * 60.0 + secs + frames / frames_per_sec)
        }
        _ => None,
    }
}

/// A clause as a sentence of its own begins: with a capital.
pub fn capitalised(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        assert_eq!(clock(51.6), "0:52");
        assert_eq!(clock(347.0), "5:47");
        assert_eq!(clock(3723.0), "1:02:03");
        assert_eq!(clock(f64::NAN), "0:00");
        assert_eq!(timecode(133.458), "02:13.458");
        assert_eq!(timecode(3_733.0), "1:02:13.000");
        assert_eq!(percent(0.15), "15\u{202f}%");
        assert_eq!(percent_fine(0.125), "12.5\u{202f}%");
        assert_eq!(count(1, "sample"), "1 sample");
        assert_eq!(eta(0.2), "about 1 s left");
    }

    #[test]
    fn all_notations_of_a_time_are_understood() {
        assert_eq!(parse_time("12.5", 25.0), Some(12.5));
        assert_eq!(parse_time("1:02:03.5", 25.0), Some(3723.5));
        assert_eq!(parse_time("00:00:12:05", 25.0), Some(12.2));
        assert_eq!(parse_time("f50", 25.0), Some(2.0));
        assert_eq!(parse_time("soon", 25.0), None);
        assert_eq!(parse_time("-4", 25.0), None);
        assert_eq!(parse_time("f50", 0.0), None);
    }
}
