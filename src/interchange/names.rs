//! Names of exported files: from a template, and sanitised. Does not write files.

use crate::domain::timecode::file_clock_from_secs;

/// The template used where a person chose none.
pub const DEFAULT_TEMPLATE: &str = "{video}_summary_{sample}";

/// What a template may name.
#[derive(Clone, Debug, Default)]
pub struct NameParts<'a> {
    /// `{video}`: the source's file name without its ending.
    pub video: &'a str,
    /// `{sample}`: the sample's number, padded to 3.
    pub sample: Option<usize>,
    /// `{alternative}`: the alternative's letter or number.
    pub alternative: Option<&'a str>,
    /// `{start}` and `{end}`: seconds in the source, as `hh.mm.ss.sss`.
    pub start_secs: Option<f64>,
    pub end_secs: Option<f64>,
    /// `{duration}`: seconds of the summary, as `hh.mm.ss.sss`.
    pub duration_secs: Option<f64>,
    /// `{seed}`.
    pub seed: Option<u64>,
    /// `{budget}`: percent.
    pub budget: Option<f64>,
}

/// Fills a template's `{…}` fields and sanitises the result; unknown fields stay as they are, absent values are empty.
pub fn from_template(template: &str, parts: &NameParts) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, tail) = rest.split_at(open);
        out.push_str(before);
        let Some(close) = tail.find('}') else {
            rest = tail;
            break;
        };
        let field = &tail[1..close];
        let clock = |secs: Option<f64>| secs.map(file_clock_from_secs);
        let value = match field {
            "video" => Some(parts.video.to_owned()),
            "sample" => parts.sample.map(|sample| format!("{sample:03}")),
            "alternative" => parts.alternative.map(str::to_owned),
            "start" => clock(parts.start_secs),
            "end" => clock(parts.end_secs),
            "duration" => clock(parts.duration_secs),
            "seed" => parts.seed.map(|seed| seed.to_string()),
            "budget" => parts
                .budget
                .map(|budget| format!("{:.0}pc", budget * 100.0)),
            _ => {
                out.push_str(&tail[..=close]);
                rest = &tail[close + 1..];
                continue;
            }
        };
        out.push_str(&value.unwrap_or_default());
        rest = &tail[close + 1..];
    }
    out.push_str(rest);
    sanitised(&out)
}

/// A name that every common file system takes: no separators, reserved characters, control characters, leading dots or
/// dashes, trailing dots or spaces, device names of Windows; at most 120 bytes; never empty.
pub fn sanitised(name: &str) -> String {
    let mut clean: String = name
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    let mut end = clean.len().min(120);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    clean.truncate(end);
    let clean = clean
        .trim_start_matches(['.', ' ', '-'])
        .trim_end_matches(['.', ' ']);
    let stem = clean.split('.').next().unwrap_or_default();
    let reserved = ["CON", "PRN", "AUX", "NUL"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
        || (stem.len() == 4
            && stem.is_ascii()
            && ["COM", "LPT"]
                .iter()
                .any(|device| stem[..3].eq_ignore_ascii_case(device))
            && stem.as_bytes()[3].is_ascii_digit());
    match (clean.is_empty(), reserved) {
        (true, _) => "summary".to_owned(),
        (_, true) => format!("_{clean}"),
        _ => clean.to_owned(),
    }
}

/// A name as text that every format holds: control characters, which XML and EDL know no way to write, become spaces, and what is no
/// character at all the one that stands for it.
pub fn one_line(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => ' ',
            '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    use proptest::prelude::*;

    #[test]
    fn a_template_pads_numbers_and_writes_times_with_dots() {
        let parts = NameParts {
            video: "my film",
            sample: Some(7),
            start_secs: Some(3723.5),
            seed: Some(42),
            ..NameParts::default()
        };
        assert_eq!(
            from_template("{video} {sample} {start} s{seed}{end}", &parts),
            "my film 007 01.02.03.500 s42"
        );
        assert_eq!(from_template("{nope}{", &parts), "{nope}{");
    }

    #[test]
    fn names_are_fit_for_any_file_system() {
        assert_eq!(sanitised("a/b\\c:d*e?.mp4"), "a_b_c_d_e_.mp4");
        assert_eq!(sanitised("../../etc"), "_.._etc");
        assert_eq!(sanitised("  "), "summary");
        assert_eq!(sanitised("con.mp4"), "_con.mp4");
        assert_eq!(sanitised("Com7"), "_Com7");
        assert_eq!(sanitised("-rf"), "rf");
        assert!(sanitised(&"é".repeat(200)).len() <= 120);
    }

    proptest! {
        #[test]
        fn a_sanitised_name_stays_in_its_folder(name in ".{0,200}") {
            let clean = sanitised(&name);
            prop_assert!(!clean.is_empty() && clean.len() <= 121);
            prop_assert_eq!(Path::new(&clean).components().count(), 1);
            prop_assert!(!clean.contains(['/', '\\', '\0']));
        }
    }
}
