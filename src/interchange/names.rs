//! Names of exported files: from a template, and sanitised. Does not write files.

use std::path::Path;

use crate::domain::timecode::file_clock_from_secs;
use crate::domain::{Named, Names, SummaryRef};

/// Most bytes of a name, and of the video's name and the summary's in it. File systems take 255,
/// and an ending and a number come on top.
const MOST_BYTES: usize = 200;
const MOST_VIDEO_BYTES: usize = 100;
const MOST_SUMMARY_BYTES: usize = 80;

/// Name of an exported summary, without an ending: the video's, and the summary's letter and own
/// name, or its number.
pub fn of_summary(video: &Path, of: SummaryRef, names: &Names) -> String {
    let stem = video.file_stem();
    let stem = stem.map_or("video".into(), |stem| stem.to_string_lossy());
    let alternative = match of {
        SummaryRef::Alternative(letter) => {
            match names.of(Named::Alternative(letter)).name.as_str() {
                "" => letter.to_string(),
                name => format!("{letter}_{name}"),
            }
        }
        SummaryRef::Edited(number) => format!("edit_{number}"),
        SummaryRef::Sample(_) => String::new(),
    };
    let template = match of {
        SummaryRef::Sample(_) => "{video}_summary_{sample}",
        _ => "{video}_summary_{alternative}",
    };
    let parts = NameParts {
        video: cut(&stem, MOST_VIDEO_BYTES),
        sample: of.sample(),
        alternative: Some(cut(&alternative, MOST_SUMMARY_BYTES)),
        ..NameParts::default()
    };
    from_template(template, &parts)
}

/// Name of a reel, without an ending.
pub fn of_reel(video: &Path) -> String {
    let stem = video.file_stem();
    let stem = stem.map_or("video".into(), |stem| stem.to_string_lossy());
    sanitised(&format!("{}_reel", cut(&stem, MOST_VIDEO_BYTES)))
}

/// As much of a text as has so many bytes.
fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

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

/// Fills a template's `{…}` fields and sanitises the result; unknown fields stay as they are,
/// absent values are empty.
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

/// A name that every common file system takes: no separators, reserved characters, control
/// characters, leading dots or dashes, trailing dots or spaces, device names of Windows; at most
/// 200 bytes; never empty.
pub fn sanitised(name: &str) -> String {
    let mut clean: String = name
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    clean.truncate(cut(&clean, MOST_BYTES).len());
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

/// A name as text that every format holds: control characters, which XML and EDL know no way to
/// write, become spaces, and what is no character at all the one that stands for it.
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
        assert!(sanitised(&"é".repeat(200)).len() <= MOST_BYTES);
    }

    #[test]
    fn a_summary_is_named_by_letter_and_name_whatever_they_are() {
        let mut names = Names::default();
        let b = crate::domain::Letter(1);
        let of = |names: &Names, of| of_summary(Path::new("/f/my film.mp4"), of, names);
        let alternative = SummaryRef::Alternative(b);
        assert_eq!(of(&names, alternative), "my film_summary_B");
        assert_eq!(of(&names, SummaryRef::Sample(7)), "my film_summary_007");
        assert_eq!(of(&names, SummaryRef::Edited(2)), "my film_summary_edit_2");
        let mut called = |name: &str| {
            let naming = crate::domain::Naming {
                name: name.to_owned(),
                ..Default::default()
            };
            names.set(Named::Alternative(b), &naming);
            (of(&names, alternative), names.clone())
        };
        assert_eq!(called("Goals: 1/2").0, "my film_summary_B_Goals_ 1_2");
        assert_eq!(called("..").0, "my film_summary_B_");
        // Long names keep the letter, and fit with an ending and a number.
        let (_, names) = called(&"烟花".repeat(30));
        let video = format!("{}.mp4", "é".repeat(120));
        let name = of_summary(Path::new(&video), alternative, &names);
        assert!(
            name.contains("_summary_B_烟花") && name.len() <= MOST_BYTES,
            "{name}"
        );
    }

    proptest! {
        #[test]
        fn a_sanitised_name_stays_in_its_folder(name in ".{0,200}") {
            let clean = sanitised(&name);
            prop_assert!(!clean.is_empty() && clean.len() <= MOST_BYTES + 1);
            prop_assert_eq!(Path::new(&clean).components().count(), 1);
            prop_assert!(!clean.contains(['/', '\\', '\0']));
        }
    }
}
