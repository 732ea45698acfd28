//! Which sound tracks and subtitles of a source a clip keeps.

use super::track::{Track, quicktime_language};
use super::{CutError, ExportOptions};

/// What a person calls the kinds of tracks that can be chosen.
pub(super) const KINDS: [&str; 2] = ["sound track", "subtitles"];

/// Tracks of one kind, as a person wants them.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum TrackChoice {
    /// Of sound the track that players choose, of subtitles all.
    #[default]
    Usual,
    None,
    All,
    /// By number in the source's order, counted from 1, or by language ("deu").
    These(Vec<String>),
}

impl TrackChoice {
    /// The track of this number.
    pub fn number(number: usize) -> Self {
        Self::These(vec![number.to_string()])
    }
}

/// A track of a source as a person tells it from others.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TrackName {
    /// Counted from 1 among the tracks of its kind.
    pub number: usize,
    /// "2 (deu, “Commentary”)"
    pub name: String,
}

/// Streams of the source that a clip keeps, as far as they can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub sounds: Vec<usize>,
    pub subtitles: Vec<usize>,
}

impl Wanted {
    /// What the options want of a source with these tracks.
    ///
    /// # Errors
    /// [`CutError::NoTrack`] where it has no such track.
    pub fn of(
        sounds: &[&Track],
        subtitles: &[&Track],
        options: &ExportOptions,
    ) -> Result<Self, CutError> {
        Ok(Self {
            sounds: chosen(sounds, &options.sounds, KINDS[0], Kept::One)?,
            subtitles: chosen(subtitles, &options.subtitles, KINDS[1], Kept::All)?,
        })
    }
}

/// How many tracks of a kind a language means, and [`TrackChoice::Usual`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// The one that players choose, else the first.
    One,
    All,
}

fn chosen(
    tracks: &[&Track],
    choice: &TrackChoice,
    kind: &'static str,
    kept: Kept,
) -> Result<Vec<usize>, CutError> {
    let streams = |wanted: &dyn Fn(&Track) -> bool| -> Vec<usize> {
        let wanted = tracks.iter().filter(|track| wanted(track));
        wanted.map(|track| track.stream).collect()
    };
    let these = match choice {
        TrackChoice::None => return Ok(Vec::new()),
        TrackChoice::Usual if kept == Kept::One => return Ok(streams(&|track| track.is_chosen)),
        TrackChoice::Usual | TrackChoice::All => return Ok(streams(&|_| true)),
        TrackChoice::These(these) => these,
    };
    let mut found: Vec<usize> = Vec::new();
    for one in these {
        let one = one.trim();
        let mut meant = match one.parse::<usize>() {
            Ok(number) => (number.checked_sub(1))
                .and_then(|at| tracks.get(at))
                .map_or_else(Vec::new, |track| vec![track.stream]),
            Err(_) => {
                let speaks = |track: &Track| {
                    (track.tag("language")).is_some_and(|tag| is_same_language(tag, one))
                };
                let preferred = streams(&|track| speaks(track) && track.is_chosen);
                match kept == Kept::One && !preferred.is_empty() {
                    true => preferred,
                    false => streams(&speaks),
                }
            }
        };
        if meant.is_empty() {
            return Err(CutError::NoTrack {
                kind,
                wanted: one.to_owned(),
                there: listed(tracks),
            });
        }
        if kept == Kept::One {
            meant.truncate(1);
        }
        found.extend(meant);
    }
    // In the source's order, each once.
    Ok(streams(&|track| found.contains(&track.stream)))
}

/// Whether two codes are of one language: some have two in ISO 639-2 ("deu" and "ger").
fn is_same_language(a: &str, b: &str) -> bool {
    let plain = |code: &str| quicktime_language(&code.to_lowercase()).to_owned();
    plain(a) == plain(b)
}

/// "it has 1 (eng) and 2 (deu)", or that there is none.
fn listed(tracks: &[&Track]) -> String {
    let names: Vec<String> = names(tracks.iter().copied())
        .into_iter()
        .map(|track| track.name)
        .collect();
    match names.split_last() {
        None => "it has none".to_owned(),
        Some((last, [])) => format!("it has {last}"),
        Some((last, first)) => format!("it has {} and {last}", first.join(", ")),
    }
}

/// Tracks with their numbers among those of their kind.
pub(super) fn names<'a>(tracks: impl Iterator<Item = &'a Track>) -> Vec<TrackName> {
    let numbered = tracks.zip(1..);
    numbered
        .map(|(track, number)| TrackName {
            number,
            name: track.named(&number.to_string()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(stream: usize, language: &str, is_chosen: bool) -> Track {
        Track {
            stream,
            tags: vec![("language".to_owned(), language.to_owned())],
            is_chosen,
            ..Track::default()
        }
    }

    #[test]
    fn tracks_are_chosen_by_number_and_by_language() {
        let tracks = [
            track(1, "eng", false),
            track(3, "ger", true),
            track(4, "ger", false),
        ];
        let tracks: Vec<&Track> = tracks.iter().collect();
        let these = |words: &[&str]| TrackChoice::These(words.iter().map(|&w| w.into()).collect());
        let sounds = |choice| chosen(&tracks, &choice, "sound track", Kept::One);
        assert_eq!(sounds(TrackChoice::Usual).unwrap(), [3]);
        assert_eq!(sounds(TrackChoice::All).unwrap(), [1, 3, 4]);
        assert!(sounds(TrackChoice::None).unwrap().is_empty());
        assert_eq!(sounds(TrackChoice::number(3)).unwrap(), [4]);
        assert_eq!(sounds(these(&["deu"])).unwrap(), [3]);
        assert_eq!(sounds(these(&["ENG", "1", " 2"])).unwrap(), [1, 3]);
        // Of subtitles, a language means all of it.
        let texts = |choice| chosen(&tracks, &choice, "subtitles", Kept::All).unwrap();
        assert_eq!(texts(TrackChoice::Usual), [1, 3, 4]);
        assert_eq!(texts(these(&["deu"])), [3, 4]);
        for wrong in ["0", "4", "fra", ""] {
            let why = sounds(these(&[wrong])).unwrap_err().to_string();
            assert!(why.contains("it has 1 (eng), 2 (ger) and 3 (ger)"), "{why}");
        }
        let why = chosen(&[], &TrackChoice::number(1), "subtitles", Kept::All).unwrap_err();
        assert!(why.to_string().contains("it has none"), "{why}");
    }
}
