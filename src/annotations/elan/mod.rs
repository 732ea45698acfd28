//! ELAN `.eaf`: one tier an annotator, one annotation a pick; numbers as values are ratings instead.
//!
//! Times are milliseconds, kept as frames at [`MILLISECOND_FPS`] until the set is joined to a video. Writing is in `write`.

use std::collections::HashMap;
use std::path::Path;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{AnnotationError, MILLISECOND_FPS, Opened, Result, file_stem};
use crate::domain::mending::MOST_SCORES;
use crate::domain::{AnnotationSet, Annotator, FrameRange};

/// Longest time believed: a day.
const MOST_MILLISECONDS: u64 = 86_400_000;

/// An annotation: the slots of its times, and what it says.
struct Mark {
    start: String,
    end: String,
    value: String,
}

/// Reads the tiers; an annotation whose times are missing is left out with a warning.
pub(super) fn read(text: &str, path: &Path) -> Result<Opened> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut slots: HashMap<String, u64> = HashMap::new();
    let mut tiers: Vec<(String, Vec<Mark>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    // The tier that is being read; annotations outside of tiers have none.
    let mut place = None;
    let (mut is_elan, mut in_value, mut media) = (false, false, None);
    let mut opened = Opened::default();
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(err) if is_elan && tiers.iter().any(|(_, marks)| !marks.is_empty()) => {
                opened.warnings.push(format!(
                    "the file breaks off ({err}); what came before is kept"
                ));
                break;
            }
            Err(err) => {
                return Err(AnnotationError::format(
                    path,
                    format!("not valid XML: {err}"),
                ));
            }
        };
        match event {
            Event::Eof => break,
            Event::Start(ref tag) | Event::Empty(ref tag) => match tag.local_name().as_ref() {
                "ANNOTATION_DOCUMENT" => is_elan = true,
                "MEDIA_DESCRIPTOR" => media = attribute(tag, "MEDIA_URL").or(media),
                "TIME_SLOT" => {
                    let time = attribute(tag, "TIME_VALUE").and_then(|v| v.parse().ok());
                    let time = time.filter(|&time| time <= MOST_MILLISECONDS);
                    if let (Some(id), Some(time)) = (attribute(tag, "TIME_SLOT_ID"), time) {
                        slots.insert(id, time);
                    }
                }
                "TIER" => {
                    let name = attribute(tag, "PARTICIPANT").filter(|name| !name.is_empty());
                    let name = name
                        .or_else(|| attribute(tag, "TIER_ID"))
                        .unwrap_or_default();
                    // The tiers of one participant are one annotator's.
                    place = Some(*places.entry(name.clone()).or_insert_with(|| {
                        tiers.push((name, Vec::new()));
                        tiers.len() - 1
                    }));
                }
                "ALIGNABLE_ANNOTATION" => {
                    if let Some(place) = place {
                        tiers[place].1.push(Mark {
                            start: attribute(tag, "TIME_SLOT_REF1").unwrap_or_default(),
                            end: attribute(tag, "TIME_SLOT_REF2").unwrap_or_default(),
                            value: String::new(),
                        });
                    }
                }
                "ANNOTATION_VALUE" => in_value = matches!(event, Event::Start(_)),
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "ANNOTATION_VALUE" => in_value = false,
            Event::Text(text) if in_value => {
                if let Some(mark) = place.and_then(|place| tiers[place].1.last_mut()) {
                    mark.value.push_str(&text.xml10_content());
                }
            }
            _ => {}
        }
    }
    if !is_elan {
        return Err(AnnotationError::format(path, "XML, but not of ELAN"));
    }
    let mut set = AnnotationSet {
        video_id: media
            .map(|url| file_stem(Path::new(&url)))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| file_stem(path)),
        frame_rate_fps: MILLISECOND_FPS,
        ..AnnotationSet::default()
    };
    let mut rated_frames = 0;
    for (tier, marks) in tiers {
        let mut timed: Vec<(FrameRange, Option<f32>)> = Vec::new();
        let mut broken = 0;
        for mark in &marks {
            let range = slots.get(&mark.start).zip(slots.get(&mark.end));
            match range.map(|(&start, &end)| FrameRange::new(start, end)) {
                Some(range) if !range.is_empty() => {
                    timed.push((range, mark.value.trim().parse().ok()));
                }
                _ => broken += 1,
            }
        }
        if broken > 0 {
            opened.warnings.push(format!(
                "{broken} annotations of tier {tier} refer to times that are not in the file and are left out"
            ));
        }
        let last = timed.iter().map(|(range, _)| range.end).max();
        let all_rated = timed.iter().all(|(_, value)| value.is_some());
        rated_frames += last.filter(|_| all_rated).unwrap_or(0);
        if rated_frames > MOST_SCORES {
            opened.warnings.push(format!(
                "tier {tier} is left out with the tiers behind it: the ratings before it are as many as can be held"
            ));
            break;
        }
        if !timed.is_empty() {
            set.annotators.push(annotator(tier, &timed));
        }
    }
    if !set.annotators.is_empty() {
        opened.sets.push(set);
    }
    Ok(opened)
}

/// Ratings where every value is a number, else picks.
fn annotator(name: String, timed: &[(FrameRange, Option<f32>)]) -> Annotator {
    if !timed.iter().all(|(_, value)| value.is_some()) {
        return Annotator {
            name,
            scores: Vec::new(),
            picks: FrameRange::merged(timed.iter().map(|&(range, _)| range).collect()),
        };
    }
    let end = timed.iter().map(|(range, _)| range.end).max().unwrap_or(0);
    let mut scores = vec![0.0; end as usize];
    for (range, value) in timed {
        scores[range.start as usize..range.end as usize].fill(value.unwrap_or(0.0));
    }
    Annotator {
        name,
        scores,
        picks: Vec::new(),
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    let value = attribute.normalized_value(XmlVersion::default()).ok()?;
    Some(value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT FORMAT="3.0" VERSION="3.0">
<HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="file:///v/clip%201.mp4" MIME_TYPE="video/mp4"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="500"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="1500"/></TIME_ORDER>
<TIER LINGUISTIC_TYPE_REF="t" TIER_ID="Ann &amp; Bob">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>keep</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts9"><ANNOTATION_VALUE>keep</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
</TIER>
<TIER LINGUISTIC_TYPE_REF="t" TIER_ID="Cem"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>4</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
</ANNOTATION_DOCUMENT>"#;

    fn open(text: &str) -> Result<Opened> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("picks.eaf");
        std::fs::write(&path, text).unwrap();
        super::super::open(&path)
    }

    #[test]
    fn tiers_are_annotators_and_broken_references_are_said() {
        let opened = open(BODY).unwrap();
        let set = &opened.sets[0];
        assert_eq!(set.annotators[0].name, "Ann & Bob");
        assert_eq!(set.annotators[0].picks, vec![FrameRange::new(500, 1500)]);
        assert_eq!(set.annotators[1].scores[499..501], [0.0, 4.0]);
        assert!(
            opened.warnings[0].contains("1 annotations of tier Ann & Bob"),
            "{:?}",
            opened.warnings
        );
    }

    #[test]
    fn broken_xml_keeps_what_came_before() {
        let cut = &BODY[..BODY
            .find("<TIER LINGUISTIC_TYPE_REF=\"t\" TIER_ID=\"Cem\"")
            .unwrap()
            + 12];
        let opened = open(cut).unwrap();
        assert_eq!(opened.sets[0].annotators.len(), 1);
        assert!(open("<html><body/></html>").is_err());
        assert!(open("<ANNOTATION_DOCUMENT>").is_err());
    }
}
