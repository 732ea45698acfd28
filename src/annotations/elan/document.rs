//! An ELAN document as it stands: media, time slots, tiers and what their annotations refer to.
//! Says nothing of what they mean.

use std::collections::HashMap;
use std::path::Path;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::annotations::timed::MOST_MILLISECONDS;
use crate::annotations::{AnnotationError, Result};

/// Property of the header by which this program states how long the video is, in milliseconds.
pub const LENGTH_PROPERTY: &str = "summdiff:video-milliseconds";

#[derive(Debug, Default)]
pub(super) struct Document {
    /// Milliseconds of a unit of time.
    pub unit_milliseconds: f64,
    pub media: Vec<Media>,
    /// The media file of documents before ELAN knew several.
    pub media_file: Option<String>,
    /// In the order of the document, which is that of time.
    pub slots: Vec<Slot>,
    pub tiers: Vec<Tier>,
    /// Constraint of each linguistic type that has one.
    pub constraints: HashMap<String, String>,
    /// Length of the video where the document states it.
    pub video_milliseconds: Option<u64>,
    /// Why the document ends before its end.
    pub broken: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Media {
    pub url: String,
    pub mime_type: String,
    /// Media time at which the annotations' time begins, milliseconds.
    pub origin_milliseconds: f64,
    /// Whether it is the sound of another one.
    pub is_extract: bool,
}

#[derive(Debug)]
pub(super) struct Slot {
    pub id: String,
    pub time: SlotTime,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SlotTime {
    /// In the document's units.
    Stated(f64),
    /// Left to its neighbours.
    Open,
    /// No number, or too large to be one.
    Broken,
}

#[derive(Debug, Default)]
pub(super) struct Tier {
    pub id: String,
    pub participant: String,
    pub parent: Option<String>,
    pub linguistic_type: String,
    pub marks: Vec<Mark>,
}

/// An annotation.
#[derive(Debug)]
pub(super) struct Mark {
    pub id: String,
    pub place: Place,
    pub value: String,
}

#[derive(Debug)]
pub(super) enum Place {
    /// Ids of the slots of its beginning and end.
    Slots { start: String, end: String },
    /// Id of the annotation on the parent tier that it belongs to.
    Of(String),
}

impl Document {
    /// Reads what there is; a document that breaks off keeps what came before.
    ///
    /// # Errors
    /// When it is no XML, or XML of something else.
    pub(super) fn read(text: &str, path: &Path) -> Result<Self> {
        let mut reader = Reader::from_str(text);
        let mut document = Self {
            unit_milliseconds: 1.0,
            ..Self::default()
        };
        let (mut is_elan, mut inside) = (false, Inside::default());
        loop {
            match reader.read_event() {
                Ok(Event::Eof) => break,
                Ok(Event::Start(tag)) => {
                    is_elan |= tag.local_name().as_ref() == "ANNOTATION_DOCUMENT";
                    document.open(&tag, &mut inside);
                }
                Ok(Event::Empty(tag)) => {
                    document.open(&tag, &mut inside);
                    inside.leave(tag.local_name().as_ref());
                }
                Ok(Event::End(tag)) => {
                    if tag.local_name().as_ref() == "PROPERTY" {
                        document.take_property(&mut inside);
                    }
                    inside.leave(tag.local_name().as_ref());
                }
                Ok(Event::Text(text)) => document.add(&text.xml10_content(), &mut inside),
                Ok(Event::CData(text)) => document.add(&text.xml10_content(), &mut inside),
                Ok(Event::GeneralRef(reference)) => {
                    document.add(&resolved(&reference), &mut inside);
                }
                Ok(_) => {}
                Err(err) if is_elan && document.tiers.iter().any(|tier| !tier.marks.is_empty()) => {
                    document.broken = Some(err.to_string());
                    break;
                }
                Err(err) => {
                    let reason = format!("not valid XML: {err}");
                    return Err(AnnotationError::format(path, reason));
                }
            }
        }
        match is_elan {
            true => Ok(document),
            false => Err(AnnotationError::format(path, "XML, but not of ELAN")),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, inside: &mut Inside) {
        let text = |name: &str| attribute(tag, name).unwrap_or_default();
        match tag.local_name().as_ref() {
            "HEADER" => {
                self.unit_milliseconds = match text("TIME_UNITS").as_str() {
                    "PAL-frames" => 1000.0 / 25.0,
                    "NTSC-frames" => 1001.0 / 30.0,
                    _ => 1.0,
                };
                self.media_file = attribute(tag, "MEDIA_FILE").filter(|file| !file.is_empty());
            }
            "MEDIA_DESCRIPTOR" => {
                let url = text("MEDIA_URL");
                self.media.push(Media {
                    url: match url.is_empty() {
                        true => text("RELATIVE_MEDIA_URL"),
                        false => url,
                    },
                    mime_type: text("MIME_TYPE"),
                    origin_milliseconds: text("TIME_ORIGIN").trim().parse().unwrap_or(0.0),
                    is_extract: !text("EXTRACTED_FROM").is_empty(),
                });
            }
            "PROPERTY" => inside.property = Some((text("NAME"), String::new())),
            "TIME_SLOT" => {
                let stated = attribute(tag, "TIME_VALUE").map(|value| value.trim().parse::<f64>());
                let most = MOST_MILLISECONDS as f64;
                let time = match stated {
                    None => SlotTime::Open,
                    Some(Ok(time)) if time.abs() <= most => SlotTime::Stated(time),
                    Some(_) => SlotTime::Broken,
                };
                let id = text("TIME_SLOT_ID");
                self.slots.push(Slot { id, time });
            }
            "TIER" => {
                self.tiers.push(Tier {
                    id: text("TIER_ID"),
                    participant: text("PARTICIPANT").trim().to_owned(),
                    parent: attribute(tag, "PARENT_REF").filter(|parent| !parent.is_empty()),
                    linguistic_type: text("LINGUISTIC_TYPE_REF"),
                    marks: Vec::new(),
                });
                inside.tier = true;
            }
            "ALIGNABLE_ANNOTATION" => self.add_mark(
                tag,
                Place::Slots {
                    start: text("TIME_SLOT_REF1"),
                    end: text("TIME_SLOT_REF2"),
                },
                inside,
            ),
            "REF_ANNOTATION" => self.add_mark(tag, Place::Of(text("ANNOTATION_REF")), inside),
            "ANNOTATION_VALUE" => inside.value = inside.mark,
            "LINGUISTIC_TYPE" => {
                if let Some(constraint) = attribute(tag, "CONSTRAINTS") {
                    self.constraints
                        .insert(text("LINGUISTIC_TYPE_ID"), constraint);
                }
            }
            _ => {}
        }
    }

    /// Annotations outside of tiers are nobody's.
    fn add_mark(&mut self, tag: &BytesStart<'_>, place: Place, inside: &mut Inside) {
        if let Some(tier) = self.tiers.last_mut().filter(|_| inside.tier) {
            tier.marks.push(Mark {
                id: attribute(tag, "ANNOTATION_ID").unwrap_or_default(),
                place,
                value: String::new(),
            });
            inside.mark = true;
        }
    }

    /// Text of the value or property that is being read.
    fn add(&mut self, text: &str, inside: &mut Inside) {
        if inside.value {
            let mark = self.tiers.last_mut().and_then(|tier| tier.marks.last_mut());
            if let Some(mark) = mark {
                mark.value.push_str(text);
            }
        } else if let Some((_, value)) = &mut inside.property {
            value.push_str(text);
        }
    }

    fn take_property(&mut self, inside: &mut Inside) {
        if let Some((name, value)) = inside.property.take()
            && name == LENGTH_PROPERTY
        {
            let length = value.trim().parse().ok();
            self.video_milliseconds = length.filter(|&length| length <= MOST_MILLISECONDS);
        }
    }
}

/// Where in the document the reader stands.
#[derive(Default)]
struct Inside {
    tier: bool,
    mark: bool,
    value: bool,
    /// Name and value of a property of the header.
    property: Option<(String, String)>,
}

impl Inside {
    fn leave(&mut self, tag: &str) {
        match tag {
            "TIER" => (self.tier, self.mark) = (false, false),
            "ALIGNABLE_ANNOTATION" | "REF_ANNOTATION" => self.mark = false,
            "ANNOTATION_VALUE" => self.value = false,
            "PROPERTY" => self.property = None,
            _ => {}
        }
    }
}

/// What a reference such as `&amp;` or `&#228;` stands for; itself where nothing is known of it.
fn resolved(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let name = reference.xml10_content();
    resolve_predefined_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    let value = attribute.normalized_value(XmlVersion::default()).ok()?;
    Some(value.into_owned())
}
