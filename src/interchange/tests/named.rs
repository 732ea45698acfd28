//! Names, notes and markers in the lists of cuts.

use super::*;
use crate::domain::{Letter, Named, Names, Naming, SummaryRef};

/// 25 frames a second, two pieces, B with a name and a note, markers inside and outside the pieces.
fn written(format: Format) -> String {
    let rate = Rational::new(25, 1);
    let index = even_index(300, rate);
    let video = video(&index, rate);
    let ranges = ranges(&[(50, 100), (150, 200)]);
    let mut names = Names::default();
    let naming = |name: &str, note: &str| Naming {
        name: name.to_owned(),
        note: note.to_owned(),
    };
    let b = Letter(1);
    names.set(
        Named::Alternative(b),
        &naming("Fireworks", "for <us>, \"now\""),
    );
    names.set(Named::Marker(6.4), &naming("goal", "2 & 3"));
    let markers = [1.0, 2.4, 6.4];
    let named = NamedCut::of(SummaryRef::Alternative(b), &names, &markers);
    let cut = Cut {
        named: Some(&named),
        ..Cut::new(&video, &index, &ranges, "cut")
    };
    render(&cut, format).unwrap().parts.swap_remove(0)
}

#[test]
fn edls_have_them_as_comments_and_locators() {
    let edl = written(Format::Edl);
    assert!(
        edl.contains("* COMMENT: B · Fireworks: for <us>, \"now\"\n"),
        "{edl}"
    );
    let first = edl.find("\n001 ").unwrap();
    assert!(
        edl.find('*').unwrap() > first,
        "readers refuse a comment before all events: {edl}"
    );
    // Frame 60 is ten frames into the first event, frame 160 ten into the second.
    assert!(edl.contains("* LOC: 01:00:00:10 YELLOW  marker\n"), "{edl}");
    assert!(
        edl.contains("* LOC: 01:00:02:10 YELLOW  goal: 2 & 3\n"),
        "{edl}"
    );
    assert_eq!(
        edl.matches("* LOC:").count(),
        2,
        "the one outside is left out"
    );
    assert_eq!(read_edl(&edl).2.len(), 2);
}

#[test]
fn otio_has_them_as_markers_and_metadata() {
    let otio: serde_json::Value = serde_json::from_str(&written(Format::Otio)).unwrap();
    let metadata = &otio["metadata"]["summdiff"];
    assert_eq!(metadata["summary"], "B · Fireworks");
    assert_eq!(metadata["note"], "for <us>, \"now\"");
    let clips = &otio["tracks"]["children"][0]["children"];
    let marker = &clips[1]["markers"][0];
    assert_eq!(marker["OTIO_SCHEMA"], "Marker.2");
    assert_eq!(marker["name"], "goal: 2 & 3");
    assert_eq!(marker["marked_range"]["start_time"]["value"], 160.0);
    assert_eq!(clips[0]["markers"].as_array().unwrap().len(), 1);
}

#[test]
fn fcpxml_has_them_as_markers_and_notes() {
    let xml = written(Format::Fcpxml);
    let document = quick_xml::Reader::from_str(&xml);
    let mut reader = document;
    let (mut notes, mut markers) = (0, Vec::new());
    loop {
        use quick_xml::events::Event;
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == "note" => notes += 1,
            Event::Empty(tag) if tag.name().as_ref() == "marker" => {
                let value = tag.try_get_attribute("value").unwrap().unwrap();
                markers.push(value.value.to_string());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(notes, 2, "{xml}");
    assert_eq!(markers, ["marker", "goal: 2 &amp; 3"]);
    assert!(xml.contains("<marker start=\"160/25s\""), "{xml}");
}

#[test]
fn tables_have_them_in_columns() {
    let csv = written(Format::Csv);
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(csv.as_bytes());
    let head = reader.headers().unwrap().clone();
    assert_eq!(
        head.iter().rev().take(3).collect::<Vec<_>>(),
        ["origin", "markers", "summary"]
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let last = |row: &csv::StringRecord, back: usize| row[row.len() - back].to_owned();
    assert_eq!(last(&rows[0], 3), "B · Fireworks: for <us>, \"now\"");
    assert_eq!(last(&rows[1], 2), "goal: 2 & 3");
    let json: serde_json::Value = serde_json::from_str(&written(Format::Json)).unwrap();
    assert_eq!(json["summary"], "B · Fireworks");
    assert_eq!(json["pieces"][1]["markers"], "goal: 2 & 3");
}
