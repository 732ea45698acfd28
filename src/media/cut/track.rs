//! A stream of the source besides the pictures: what it says of itself, and how the clip's track
//! says the same.

use ff::format::stream::Disposition;
use ffmpeg_next as ff;

use super::sys;

/// A stream besides the pictures.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub stream: usize,
    pub kind: Option<ff::media::Type>,
    pub tags: Vec<(String, String)>,
    /// Whether players choose it.
    pub is_chosen: bool,
    pub disposition: Disposition,
    /// Whether it is subtitles made of pictures.
    pub is_drawn: bool,
}

impl Default for Track {
    fn default() -> Self {
        Self {
            stream: 0,
            kind: None,
            tags: Vec::new(),
            is_chosen: false,
            disposition: Disposition::empty(),
            is_drawn: false,
        }
    }
}

impl Track {
    /// A tag's value.
    pub fn tag(&self, wanted: &str) -> Option<&str> {
        let mut tags = self.tags.iter();
        let found = tags.find(|(key, _)| key.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    }

    /// "a sound track (eng, “Commentary”)"
    pub fn named(&self, what: &str) -> String {
        let title = self.tag("title").map(|title| format!("“{title}”"));
        let language = self.tag("language").map(str::to_owned);
        let details: Vec<String> = language.into_iter().chain(title).collect();
        if details.is_empty() {
            what.to_owned()
        } else {
            format!("{what} ({})", details.join(", "))
        }
    }

    /// What the clip's track says of itself: language and title, and whether it is the one that
    /// players choose.
    pub fn describe(
        &self,
        output: &mut ff::format::context::Output,
        stream: usize,
        is_default: bool,
    ) {
        let mut metadata = ff::Dictionary::new();
        for (key, value) in &self.tags {
            if ["language", "title"]
                .iter()
                .any(|kept| key.eq_ignore_ascii_case(kept))
            {
                let is_language = key.eq_ignore_ascii_case("language");
                let value = match is_language && output.format().name() == "mov" {
                    true => quicktime_language(value),
                    false => value,
                };
                metadata.set(key, value);
            }
        }
        if let Some(mut stream) = output.stream_mut(stream) {
            stream.set_metadata(metadata);
        }
        sys::set_default(output, stream, is_default);
    }
}

/// The code by which FFmpeg's QuickTime writer knows a language: it has one of the two that ISO
/// 639-2 gives some languages, or an older one, and drops what it does not know.
pub(super) fn quicktime_language(code: &str) -> &str {
    const OTHER_CODES: [(&str, &str); 23] = [
        ("bod", "tib"),
        ("cym", "wel"),
        ("cze", "ces"),
        ("deu", "ger"),
        ("ell", "gre"),
        ("eus", "baq"),
        ("fao", "fo "),
        ("fas", "iri"),
        ("fre", "fra"),
        ("hrv", "hr "),
        ("hye", "arm"),
        ("isl", "ice"),
        ("kat", "geo"),
        ("mkd", "mac"),
        ("msa", "may"),
        ("mya", "bur"),
        ("nld", "dut"),
        ("rum", "ron"),
        ("slo", "slk"),
        ("sqi", "alb"),
        ("srp", "sr "),
        ("swe", "sve"),
        ("zho", "chi"),
    ];
    let known = OTHER_CODES.iter().find(|(iso, _)| *iso == code);
    known.map_or(code, |(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_is_named_by_what_it_says_of_itself() {
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let mut track = Track::default();
        assert_eq!(track.named("subtitles"), "subtitles");
        track.tags = vec![tag("language", "eng"), tag("title", "Commentary")];
        assert_eq!(
            track.named("a sound track"),
            "a sound track (eng, “Commentary”)"
        );
    }
}
