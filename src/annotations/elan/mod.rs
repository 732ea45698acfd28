//! ELAN `.eaf`: one participant an annotator, one annotation a pick; numbers as values are ratings
//! instead.
//!
//! Times are milliseconds of the video, kept as frames at [`MILLISECOND_FPS`] until the set is
//! joined to it. [`document`] reads what the file says, [`times`] places it in time, and this
//! module decides what is a rating, a pick or a note. Writing is in `write`.

mod document;
#[cfg(test)]
mod tests;
mod times;

use std::collections::{HashMap, HashSet};
use std::path::Path;

pub use document::LENGTH_PROPERTY;
use document::{Document, Media, Tier};

use super::timed::{self, Room};
use super::{MILLISECOND_FPS, Opened, Result, file_stem, video_name};
use crate::domain::{AnnotationSet, Annotator, FrameRange};

/// Linguistic type of the tiers that this program writes.
pub const OWN_TYPE: &str = "picks";
/// Values that say no more than that something was picked.
const PICKED: [&str; 4] = ["pick", "picked", "keep", "kept"];

/// What the values of a tier are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    /// Every value that is there is a number.
    Ratings,
    Words,
}

/// Reads the tiers; an annotation that has no time in the video is left out with a warning.
pub(super) fn read(text: &str, path: &Path) -> Result<Opened> {
    let document = Document::read(text, path)?;
    let mut opened = Opened::default();
    if let Some(fault) = &document.broken {
        opened.warnings.push(format!(
            "the file breaks off ({fault}); what came before is kept"
        ));
    }
    let video = video_of(&document.media, &mut opened.warnings);
    let stem = video
        .map(|media| media.url.as_str())
        .or(document.media_file.as_deref())
        .map(stem_of_url)
        .filter(|name| !name.is_empty());
    let mut set = AnnotationSet {
        video_id: stem.unwrap_or_else(|| file_stem(path)),
        frame_count: document.video_milliseconds.unwrap_or(0),
        frame_rate_fps: MILLISECOND_FPS,
        ..AnnotationSet::default()
    };
    let parents = times::parents(&document);
    let origin = video.map_or(0.0, |media| media.origin_milliseconds);
    let ranges = times::ranges(&document, &parents, origin);
    let chosen: Vec<(usize, Kind, String)> = chosen(&document, &parents, &mut opened.warnings)
        .into_iter()
        .map(|(tier, kind)| (tier, kind, name_of(&document, &parents, tier)))
        .collect();
    let mut people = People::default();
    let rating = chosen.iter().filter(|(_, kind, _)| *kind == Kind::Ratings);
    people
        .raters
        .extend(rating.map(|(_, _, name)| name.clone()));
    for (tier, kind, name) in chosen {
        let (tier, ranges) = (&document.tiers[tier], &ranges[tier]);
        people.add(tier, name, kind, ranges, &mut opened.warnings);
    }
    set.annotators = people.annotators;
    // This program also writes down who picked nothing.
    let own = document.video_milliseconds.is_some();
    set.annotators
        .retain(|one| own || !(one.scores.is_empty() && one.picks.is_empty()));
    if !set.annotators.is_empty() {
        opened.sets.push(set);
    }
    Ok(opened)
}

/// The medium that the annotations are of: the first video. Sound recorded beside it, or taken out
/// of it, is not meant.
fn video_of<'a>(media: &'a [Media], warnings: &mut Vec<String>) -> Option<&'a Media> {
    const SOUND: [&str; 8] = ["wav", "mp3", "aac", "m4a", "flac", "ogg", "opus", "aif"];
    let is_sound = |media: &Media| {
        let name = media.url.to_lowercase();
        let ends = |ending: &&str| name.ends_with(&format!(".{ending}"));
        media.is_extract || media.mime_type.starts_with("audio/") || SOUND.iter().any(ends)
    };
    let videos: Vec<&Media> = media.iter().filter(|media| !is_sound(media)).collect();
    if let [first, _, ..] = videos[..] {
        warnings.push(format!(
            "the file names {} videos; the annotations are taken to be of the first, {}",
            videos.len(),
            stem_of_url(&first.url)
        ));
    }
    videos.first().copied().or(media.first())
}

/// The file's name in an address, without folder and ending, `%20` and the like resolved; folders
/// of Windows too.
fn stem_of_url(url: &str) -> String {
    let name = url.rsplit(['/', '\\']).next().unwrap_or(url);
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().filter(|_| first == b'%');
        let code = digits.and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    video_name(&String::from_utf8_lossy(&bytes))
}

/// The tiers that say something of importance. In a tier and those that depend on it these are the
/// uppermost with numbers; where there are none, the tier itself, whose annotations are picks.
/// Words that depend on others are notes.
fn chosen(
    document: &Document,
    parents: &[Option<usize>],
    warnings: &mut Vec<String>,
) -> Vec<(usize, Kind)> {
    let mut families: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut family_of_root: HashMap<usize, usize> = HashMap::new();
    for tier in 0..document.tiers.len() {
        let (depth, root) = times::depth_and_root(parents, tier);
        let family = *family_of_root.entry(root).or_insert_with(|| {
            families.push(Vec::new());
            families.len() - 1
        });
        families[family].push((tier, depth));
    }
    let mut chosen = Vec::new();
    let mut notes: Vec<&str> = Vec::new();
    for family in families {
        let rated = |&(tier, _): &(usize, usize)| kind(&document.tiers[tier]) == Kind::Ratings;
        let depth = family
            .iter()
            .filter(|one| rated(one))
            .map(|one| one.1)
            .min();
        for one @ &(tier, at) in &family {
            let kind = kind(&document.tiers[tier]);
            match (kind, depth) {
                // A template's tier without annotations is nobody's.
                (Kind::Empty, _) if document.tiers[tier].linguistic_type != OWN_TYPE => {}
                (_, Some(depth)) if rated(one) && at == depth => chosen.push((tier, kind)),
                (_, None) if at == 0 => chosen.push((tier, kind)),
                _ if at > 0 => notes.push(&document.tiers[tier].id),
                _ => {}
            }
        }
    }
    // The order in which they stand.
    chosen.sort_by_key(|&(tier, _)| tier);
    if let Some((first, others)) = notes.split_first() {
        warnings.push(match others.len() {
            0 => format!("tier {first} depends on another and is taken for notes"),
            count => {
                format!("tier {first} and {count} more depend on others and are taken for notes")
            }
        });
    }
    chosen
}

fn kind(tier: &Tier) -> Kind {
    let mut numbers = 0;
    for mark in &tier.marks {
        match mark.value.trim() {
            "" => {}
            value if number(value).is_some() => numbers += 1,
            _ => return Kind::Words,
        }
    }
    match (tier.marks.is_empty(), numbers) {
        (true, _) => Kind::Empty,
        (_, 0) => Kind::Words,
        _ => Kind::Ratings,
    }
}

fn number(value: &str) -> Option<f32> {
    let number = value
        .parse()
        .or_else(|_| value.replacen(',', ".", 1).parse());
    number.ok().filter(|number: &f32| number.is_finite())
}

/// The participant, of the tier or of those it depends on, else the tier's name. ELAN's own
/// convention is `what@who`.
fn name_of(document: &Document, parents: &[Option<usize>], tier: usize) -> String {
    let mut above = tier;
    let (depth, root) = times::depth_and_root(parents, tier);
    for _ in 0..=depth {
        let participant = &document.tiers[above].participant;
        if !participant.is_empty() {
            return participant.clone();
        }
        above = parents[above].unwrap_or(root);
    }
    let id = &document.tiers[tier].id;
    let is_child = root != tier;
    match id.split_once('@') {
        Some((_, who)) if is_child && !who.is_empty() => who.to_owned(),
        _ if is_child => document.tiers[root].id.clone(),
        _ => id.clone(),
    }
}

#[derive(Default)]
struct People {
    annotators: Vec<Annotator>,
    places: HashMap<String, usize>,
    /// Who rates in some tier, so that words elsewhere are no picks.
    raters: HashSet<String>,
    /// What each annotator has rated so far.
    rated: Vec<Vec<(FrameRange, f32)>>,
    room: Room,
    full: bool,
}

impl People {
    fn add(
        &mut self,
        tier: &Tier,
        name: String,
        kind: Kind,
        ranges: &[Option<FrameRange>],
        warnings: &mut Vec<String>,
    ) {
        let lost = ranges.iter().filter(|range| range.is_none()).count();
        if lost > 0 {
            warnings.push(format!(
                "{lost} annotations of tier {} have no time in the video and are left out",
                tier.id
            ));
        }
        if lost == ranges.len() && lost > 0 || self.full {
            return;
        }
        if kind == Kind::Ratings {
            self.add_ratings(tier, name, ranges, warnings);
            return;
        }
        let only_picked = (tier.marks.iter()).all(|mark| {
            PICKED
                .iter()
                .any(|word| mark.value.trim().eq_ignore_ascii_case(word))
        });
        if self.raters.contains(&name) && !only_picked {
            warnings.push(format!(
                "tier {} holds words beside ratings of {name} and is taken for notes",
                tier.id
            ));
            return;
        }
        let person = self.person(&name);
        let annotator = &mut self.annotators[person];
        annotator.picks.extend(ranges.iter().flatten());
        annotator.picks = FrameRange::merged(std::mem::take(&mut annotator.picks));
    }

    fn add_ratings(
        &mut self,
        tier: &Tier,
        name: String,
        ranges: &[Option<FrameRange>],
        warnings: &mut Vec<String>,
    ) {
        let mut unrated = 0;
        let mut stretches = Vec::new();
        for (mark, range) in tier.marks.iter().zip(ranges) {
            match (range, number(mark.value.trim())) {
                (Some(range), Some(score)) => stretches.push((*range, score)),
                (Some(_), None) => unrated += 1,
                (None, _) => {}
            }
        }
        if unrated > 0 {
            warnings.push(format!(
                "{unrated} annotations of tier {} hold no rating and count as 0",
                tier.id
            ));
        }
        // Two tiers of one participant that rate the same time are two ratings, not one.
        let taken = self.places.get(&name).map(|&at| &self.rated[at]);
        let overlap = taken.is_some_and(|taken| overlaps(taken, &stretches));
        let person = self.person(if overlap { &tier.id } else { &name });
        let rated = &mut self.rated[person];
        rated.extend(stretches);
        if !self.room.take(rated) {
            self.full = true;
            warnings.push(format!(
                "tier {} is left out with the tiers behind it: with it there would be more than the {} scores that all annotators of one video may have",
                tier.id,
                crate::domain::budget::MOST_SCORES
            ));
            return;
        }
        self.annotators[person].scores = timed::scores(rated);
    }

    fn person(&mut self, name: &str) -> usize {
        *self.places.entry(name.to_owned()).or_insert_with(|| {
            self.annotators.push(Annotator {
                name: name.to_owned(),
                ..Annotator::default()
            });
            self.rated.push(Vec::new());
            self.annotators.len() - 1
        })
    }
}

fn overlaps(taken: &[(FrameRange, f32)], new: &[(FrameRange, f32)]) -> bool {
    let merged = |stretches: &[(FrameRange, f32)]| {
        FrameRange::merged(stretches.iter().map(|&(range, _)| range).collect())
    };
    !crate::domain::ranges::intersection(&merged(taken), &merged(new)).is_empty()
}
