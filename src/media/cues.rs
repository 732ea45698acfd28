//! Text subtitles of a video as words with times. Subtitles that are pictures have no words; styles
//! and places are left out.

use std::ffi::CString;
use std::path::Path;

use ff::codec::Id;
use ff::format::stream::Disposition;
use ffmpeg_next as ff;

use super::cut::TextConverter;
use super::opening::{Input, open_input};
use super::source::{is_discarded, keep_only};
use super::timetable::FilmClock;
use super::{MediaError, remote};
use crate::domain::FrameIndex;
use crate::domain::cue::Cue;
use crate::jobs::CancelToken;

/// A cue that states no end, and is followed by none, is shown this long.
const USUAL_SECS: f64 = 4.0;
/// Most cues that are read: a whole day of quick talk.
const MOST_CUES: usize = 100_000;
/// Most characters of a cue that are kept.
const MOST_CHARACTERS: usize = 1000;
/// Reads in a row that may fail by damage.
const MOST_FAILURES: usize = 128;

/// Cues of the text subtitles that players choose, ascending; none where the file has none. Reads
/// through the whole file.
///
/// # Errors
/// Those of opening the file, and [`MediaError::Cancelled`].
pub fn text_cues(
    path: &Path,
    index: &FrameIndex,
    cancel: &CancelToken,
) -> Result<Vec<Cue>, MediaError> {
    remote::cues(path, index, cancel).unwrap_or_else(|| read_cues(path, index, cancel))
}

/// As [`text_cues`], in this process.
pub(crate) fn read_cues(
    path: &Path,
    index: &FrameIndex,
    cancel: &CancelToken,
) -> Result<Vec<Cue>, MediaError> {
    let mut input = open_input(path, cancel)?;
    let Some((stream, tick_secs, mut converter)) = chosen_track(&input) else {
        return Ok(Vec::new());
    };
    keep_only(&mut input, stream);
    let zero_secs = index.pts.first().copied().unwrap_or(0) as f64 * index.time_base.as_f64();
    let mut clock = FilmClock::of(path);
    let mut cues: Vec<Cue> = Vec::new();
    let mut failures = 0;
    while cues.len() < MOST_CUES && failures < MOST_FAILURES {
        if cancel.is_cancelled() {
            return Err(MediaError::cancelled(path));
        }
        let mut packet = ff::Packet::empty();
        match input.read(&mut packet) {
            Ok(()) => failures = 0,
            Err(ff::Error::Eof) => break,
            Err(_) => {
                failures += 1;
                continue;
            }
        }
        if packet.stream() != stream || is_discarded(&packet) {
            continue;
        }
        if let Some(clock) = &mut clock {
            clock.retime(&mut packet, tick_secs);
        }
        let Some(pts) = packet.pts() else { continue };
        let start_secs = pts as f64 * tick_secs - zero_secs;
        // What is shown next ends what states no end; so does a packet without words.
        if let Some(last) = cues.last_mut()
            && last.end_secs <= last.start_secs
        {
            last.end_secs = start_secs.max(last.start_secs + 0.1);
        }
        // A text that cannot be read is damaged, as a picture may be.
        let lines = converter.lines(&packet).unwrap_or_default();
        let text = words(&lines);
        if !text.is_empty() && start_secs.is_finite() {
            let length_secs = packet.duration().max(0) as f64 * tick_secs;
            cues.push(Cue {
                start_secs,
                end_secs: start_secs + length_secs,
                text,
            });
        }
    }
    for cue in &mut cues {
        if cue.end_secs <= cue.start_secs {
            cue.end_secs = cue.start_secs + USUAL_SECS;
        }
    }
    // What ends before the first frame is never seen.
    cues.retain(|cue| cue.end_secs > 0.0);
    cues.sort_by(|a, b| a.start_secs.total_cmp(&b.start_secs));
    Ok(cues)
}

/// The default track of text, else the first; its seconds a tick and what reads it.
fn chosen_track(input: &Input) -> Option<(usize, f64, TextConverter)> {
    let is_text = |stream: &ff::Stream<'_>| {
        let parameters = stream.parameters();
        parameters.medium() == ff::media::Type::Subtitle
            && matches!(
                parameters.id(),
                Id::SUBRIP | Id::TEXT | Id::SRT | Id::ASS | Id::SSA | Id::WEBVTT | Id::MOV_TEXT
            )
    };
    let is_default = |stream: &ff::Stream<'_>| stream.disposition().contains(Disposition::DEFAULT);
    let mut texts = input.streams().filter(is_text);
    let stream = (input.streams().filter(is_text))
        .find(is_default)
        .or_else(|| texts.next())?;
    let time_base = stream.time_base();
    match TextConverter::open(stream.parameters(), time_base, Id::SUBRIP) {
        Ok(converter) => Some((stream.index(), f64::from(time_base), converter)),
        Err(err) => {
            log::warn!("the subtitles cannot be read: {err}");
            None
        }
    }
}

/// The words of lines of dialogue in the form of ASS.
fn words(lines: &[CString]) -> String {
    let mut text = String::new();
    for line in lines {
        let line = line.to_string_lossy();
        // Before the words stand eight fields, of place and style.
        let words = line.splitn(9, ',').nth(8).unwrap_or_default();
        if !text.is_empty() {
            text.push('\n');
        }
        push_plain(words, &mut text);
    }
    let plain: String = text.chars().take(MOST_CHARACTERS).collect();
    let lines = plain.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Appends words without the marks of ASS: overrides in braces, and the signs for a new line and a
/// hard space.
fn push_plain(words: &str, out: &mut String) {
    let mut rest = words;
    while let Some(first) = rest.chars().next() {
        let (plain, length) = match first {
            '{' => match rest.find('}') {
                Some(end) if rest[1..].starts_with('\\') => (None, end + 1),
                _ => (Some('{'), 1),
            },
            '\\' => match rest[1..].chars().next() {
                Some('N' | 'n') => (Some('\n'), 2),
                Some('h') => (Some(' '), 2),
                _ => (Some('\\'), 1),
            },
            other => (Some(other), other.len_utf8()),
        };
        out.extend(plain);
        rest = &rest[length..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_style_are_left_out_and_words_are_kept() {
        let line = |text: &str| CString::new(format!("0,0,Default,,0,0,0,,{text}")).unwrap();
        let plain = |text: &str| words(&[line(text)]);
        assert_eq!(plain("Hello, world"), "Hello, world");
        assert_eq!(plain("{\\i1}Well{\\i0},\\Nnow\\hthen"), "Well,\nnow then");
        assert_eq!(
            plain("a {brace} and \\ a {\\b1 open"),
            "a {brace} and \\ a {\\b1 open"
        );
        assert_eq!(plain("  \\N \\N"), "");
        assert_eq!(words(&[line("one"), line("two")]), "one\ntwo");
        assert_eq!(words(&[CString::new("no fields").unwrap()]), "");
        assert_eq!(plain("ß–字"), "ß–字");
    }
}
