//! Writing ELAN documents: a participant an annotator, with a tier of ratings, one of picks, or
//! both.

use std::collections::HashSet;
use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::{Marks, Times, marks};
use crate::analysis::raters::frame_count_of;
use crate::annotations::elan::{LENGTH_PROPERTY, OWN_TYPE};
use crate::domain::{AnnotationSet, FrameRange};

pub(super) fn text(set: &AnnotationSet, times: &Times<'_>) -> String {
    let mut document = Body::new(times);
    for annotator in &set.annotators {
        let name = &annotator.name;
        let Marks { ratings, picks } = marks(annotator);
        let both = !ratings.is_empty() && !picks.is_empty();
        let tier = |kind: &str| match both {
            true => format!("{name} ({kind})"),
            false => name.clone(),
        };
        if !ratings.is_empty() {
            let rated = ratings
                .iter()
                .map(|(range, score)| (*range, score.to_string()));
            document.tier(&tier("ratings"), name, rated);
        }
        if !picks.is_empty() || ratings.is_empty() {
            let picked = picks.iter().map(|&range| (range, "pick".to_owned()));
            document.tier(&tier("picks"), name, picked);
        }
    }
    let length = match set.length_unstated {
        true => String::new(),
        false => format!(
            "        <PROPERTY NAME=\"{LENGTH_PROPERTY}\">{}</PROPERTY>\n",
            times.milliseconds(frame_count_of(set))
        ),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ANNOTATION_DOCUMENT AUTHOR=\"\" DATE=\"1970-01-01T00:00:00+00:00\" FORMAT=\"3.0\" VERSION=\"3.0\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"http://www.mpi.nl/tools/elan/EAFv3.0.xsd\">\n    <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n        <MEDIA_DESCRIPTOR MEDIA_URL=\"{}\" MIME_TYPE=\"video/*\"/>\n{length}    </HEADER>\n    <TIME_ORDER>\n{}    </TIME_ORDER>\n{}    <LINGUISTIC_TYPE GRAPHIC_REFERENCES=\"false\" LINGUISTIC_TYPE_ID=\"{OWN_TYPE}\" TIME_ALIGNABLE=\"true\"/>\n</ANNOTATION_DOCUMENT>\n",
        escape(url(&set.video_id)),
        document.slots,
        document.tiers
    )
}

struct Body<'a> {
    times: &'a Times<'a>,
    slots: String,
    tiers: String,
    /// Names of the tiers so far: no two may have the same.
    names: HashSet<String>,
    slot: usize,
    annotation: usize,
}

impl<'a> Body<'a> {
    fn new(times: &'a Times<'a>) -> Self {
        Self {
            times,
            slots: String::new(),
            tiers: String::new(),
            names: HashSet::new(),
            slot: 0,
            annotation: 0,
        }
    }

    fn tier(
        &mut self,
        id: &str,
        participant: &str,
        marks: impl Iterator<Item = (FrameRange, String)>,
    ) {
        let mut unique = id.to_owned();
        while !self.names.insert(unique.clone()) {
            unique.push('\'');
        }
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.tiers,
            "    <TIER LINGUISTIC_TYPE_REF=\"{OWN_TYPE}\" PARTICIPANT=\"{}\" TIER_ID=\"{}\">",
            escape(xml_text(participant)),
            escape(xml_text(&unique))
        );
        for (range, value) in marks {
            let (start, end) = (self.slot + 1, self.slot + 2);
            self.slot = end;
            self.annotation += 1;
            let annotation = self.annotation;
            let _ = writeln!(
                self.slots,
                "        <TIME_SLOT TIME_SLOT_ID=\"ts{start}\" TIME_VALUE=\"{}\"/>\n        <TIME_SLOT TIME_SLOT_ID=\"ts{end}\" TIME_VALUE=\"{}\"/>",
                self.times.milliseconds(range.start),
                self.times.milliseconds(range.end)
            );
            let _ = writeln!(
                self.tiers,
                "        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a{annotation}\" TIME_SLOT_REF1=\"ts{start}\" TIME_SLOT_REF2=\"ts{end}\"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
            );
        }
        self.tiers.push_str("    </TIER>\n");
    }
}

/// The characters that XML has.
fn xml_text(text: &str) -> String {
    text.chars()
        .filter(|&c| !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')))
        .collect()
}

/// A name as the end of an address: what would end or escape there is escaped.
fn url(name: &str) -> String {
    let mut url = String::new();
    for c in xml_text(name).chars() {
        match c {
            '%' | '/' | '\\' | '?' | '#' | ' ' => {
                let _ = write!(url, "%{:02X}", u32::from(c));
            }
            c => url.push(c),
        }
    }
    url
}
