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
    crate::annotations::open(&path)
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

/// A document of a video at 25 fps with these media, slots (an id and a time, where it has one),
/// tiers and types.
fn document(media: &str, slots: &[(&str, Option<i64>)], tiers: &str) -> String {
    let slots: String = slots
        .iter()
        .map(|(id, time)| match time {
            Some(time) => format!(r#"<TIME_SLOT TIME_SLOT_ID="{id}" TIME_VALUE="{time}"/>"#),
            None => format!(r#"<TIME_SLOT TIME_SLOT_ID="{id}"/>"#),
        })
        .collect();
    format!(
        r#"<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds">{media}</HEADER><TIME_ORDER>{slots}</TIME_ORDER>{tiers}
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="main" TIME_ALIGNABLE="true"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="sub" CONSTRAINTS="Time_Subdivision" TIME_ALIGNABLE="true"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="note" CONSTRAINTS="Symbolic_Association" TIME_ALIGNABLE="false"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="parts" CONSTRAINTS="Symbolic_Subdivision" TIME_ALIGNABLE="false"/></ANNOTATION_DOCUMENT>"#
    )
}

fn aligned(id: &str, start: &str, end: &str, value: &str) -> String {
    format!(
        r#"<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{id}" TIME_SLOT_REF1="{start}" TIME_SLOT_REF2="{end}"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"#
    )
}

fn referring(id: &str, to: &str, value: &str) -> String {
    format!(
        r#"<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{id}" ANNOTATION_REF="{to}"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"#
    )
}

fn tier(attributes: &str, marks: &[String]) -> String {
    format!("<TIER {attributes}>{}</TIER>", marks.concat())
}

const VIDEO: &str =
    r#"<MEDIA_DESCRIPTOR MEDIA_URL="file:///data/base.mp4" MIME_TYPE="video/mp4"/>"#;

#[test]
fn time_origins_move_the_annotations_and_the_video_is_the_medium() {
    let keep = tier(r#"TIER_ID="Ann""#, &[aligned("a1", "t1", "t2", "keep")]);
    let slots = [("t1", Some(1000)), ("t2", Some(3000))];
    let of = |media: &str| open(&document(media, &slots, &keep)).unwrap();
    let moved = VIDEO.replace("/>", r#" TIME_ORIGIN="2000"/>"#);
    let opened = of(&moved);
    assert_eq!(
        opened.sets[0].annotators[0].picks,
        [FrameRange::new(3000, 5000)]
    );
    let earlier = VIDEO.replace("/>", r#" TIME_ORIGIN="-1500"/>"#);
    assert_eq!(
        of(&earlier).sets[0].annotators[0].picks,
        [FrameRange::new(0, 1500)]
    );
    // A recording beside the video has an origin of its own, wherever it stands.
    let sound = r#"<MEDIA_DESCRIPTOR MEDIA_URL="file:///data/take-7.wav" MIME_TYPE="audio/x-wav" TIME_ORIGIN="500"/>"#;
    for media in [format!("{VIDEO}{sound}"), format!("{sound}{VIDEO}")] {
        let opened = of(&media);
        assert_eq!(opened.sets[0].video_id, "base");
        assert_eq!(
            opened.sets[0].annotators[0].picks,
            [FrameRange::new(1000, 3000)]
        );
        assert!(opened.warnings.is_empty(), "{:?}", opened.warnings);
    }
    let second = VIDEO.replace("base", "side%20view");
    let opened = of(&format!("{VIDEO}{second}"));
    assert_eq!(opened.sets[0].video_id, "base");
    assert!(
        opened.warnings[0].contains("2 videos"),
        "{:?}",
        opened.warnings
    );
    let windows =
        r#"<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:\films\day 1.v2.MP4" MIME_TYPE="video/mp4"/>"#;
    assert_eq!(of(windows).sets[0].video_id, "day 1.v2");
    let pal = document(VIDEO, &slots, &keep).replace("milliseconds", "PAL-frames");
    let opened = open(&pal).unwrap();
    assert_eq!(
        opened.sets[0].annotators[0].picks,
        [FrameRange::new(40_000, 120_000)]
    );
}

#[test]
fn slots_without_a_time_lie_evenly_between_their_neighbours() {
    let slots = [
        ("t1", Some(0)),
        ("t2", None),
        ("t3", None),
        ("t4", Some(3000)),
    ];
    let rated = |marks: &[(&str, &str, &str)]| {
        let marks: Vec<String> = (marks.iter().enumerate())
            .map(|(at, (start, end, value))| aligned(&format!("a{at}"), start, end, value))
            .collect();
        let opened = open(&document(VIDEO, &slots, &tier(r#"TIER_ID="Ann""#, &marks))).unwrap();
        assert!(opened.warnings.is_empty(), "{:?}", opened.warnings);
        opened.sets[0].annotators[0].clone()
    };
    let three = rated(&[("t1", "t2", "1"), ("t2", "t3", "5"), ("t3", "t4", "2")]);
    assert_eq!(
        [0, 999, 1000, 1999, 2000, 2999].map(|at| three.scores[at]),
        [1., 1., 5., 5., 2., 2.]
    );
    let two = rated(&[("t1", "t2", "keep"), ("t3", "t4", "keep")]);
    assert_eq!(
        two.picks,
        [FrameRange::new(0, 1000), FrameRange::new(2000, 3000)]
    );
}

/// Slots of other tiers between them in the order of time do not push those of a subdivision about.
#[test]
fn a_subdivision_divides_its_own_tier() {
    let slots = [
        ("t1", Some(0)),
        ("t5", Some(0)),
        ("t3", Some(100)),
        ("t4", Some(300)),
        ("t6", None),
        ("t8", None),
        ("t2", Some(4000)),
        ("t7", Some(4000)),
    ];
    let tiers = [
        tier(
            r#"TIER_ID="scene@Ann" PARTICIPANT="Ann" LINGUISTIC_TYPE_REF="main""#,
            &[aligned("a1", "t1", "t2", "park")],
        ),
        tier(
            r#"TIER_ID="words" LINGUISTIC_TYPE_REF="main""#,
            &[aligned("a9", "t3", "t4", "hello")],
        ),
        tier(
            r#"TIER_ID="rating@Ann" PARTICIPANT="Ann" LINGUISTIC_TYPE_REF="sub" PARENT_REF="scene@Ann""#,
            &[
                aligned("a2", "t5", "t6", "1"),
                aligned("a3", "t6", "t7", "3"),
            ],
        ),
        // Half of the second half, by a slot between one that is open and one that is not.
        tier(
            r#"TIER_ID="fine" PARTICIPANT="Bob" LINGUISTIC_TYPE_REF="sub" PARENT_REF="rating@Ann""#,
            &[
                aligned("a4", "t6", "t8", "x"),
                aligned("a5", "t8", "t7", "y"),
            ],
        ),
    ];
    let opened = open(&document(VIDEO, &slots, &tiers.concat())).unwrap();
    let people = &opened.sets[0].annotators;
    let names: Vec<&str> = people.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["words", "Ann"]);
    assert_eq!(
        [0, 1999, 2000, 3999].map(|at| people[1].scores[at]),
        [1., 1., 3., 3.]
    );
    assert!(people[1].picks.is_empty(), "the scene is no pick");
    assert!(
        opened.warnings[0].contains("tier fine"),
        "{:?}",
        opened.warnings
    );
}

#[test]
fn annotations_that_refer_to_others_have_their_time() {
    let slots = [("t1", Some(0)), ("t2", Some(1000)), ("t3", Some(4000))];
    let shots = tier(
        r#"TIER_ID="shots" LINGUISTIC_TYPE_REF="main""#,
        &[
            aligned("a1", "t1", "t2", "car"),
            aligned("a2", "t2", "t3", "dog"),
        ],
    );
    let rating = tier(
        r#"TIER_ID="importance" PARTICIPANT="Ann" LINGUISTIC_TYPE_REF="note" PARENT_REF="shots""#,
        &[referring("r1", "a1", "2"), referring("r2", "a2", "4,5")],
    );
    let thirds = tier(
        r#"TIER_ID="x@Bob" LINGUISTIC_TYPE_REF="parts" PARENT_REF="shots""#,
        &[
            referring("r3", "a2", "1"),
            referring("r4", "a2", "2"),
            referring("r5", "a2", "3"),
        ],
    );
    let opened = open(&document(
        VIDEO,
        &slots,
        &[shots.clone(), rating, thirds].concat(),
    ))
    .unwrap();
    let people = &opened.sets[0].annotators;
    assert_eq!(
        (people[0].name.as_str(), people[1].name.as_str()),
        ("Ann", "Bob")
    );
    assert_eq!(
        [0, 999, 1000, 3999].map(|at| people[0].scores[at]),
        [2., 2., 4.5, 4.5]
    );
    assert_eq!(
        [999, 1000, 2000, 3000].map(|at| people[1].scores[at]),
        [0., 1., 2., 3.]
    );
    // Notes stay notes: what they say is no part of what they refer to.
    let notes = tier(
        r#"TIER_ID="notes" LINGUISTIC_TYPE_REF="note" PARENT_REF="shots""#,
        &[referring("r1", "a1", "nice"), referring("r2", "gone", "4")],
    );
    let opened = open(&document(VIDEO, &slots, &[shots, notes].concat())).unwrap();
    assert_eq!(opened.sets[0].annotators.len(), 1);
    assert_eq!(
        opened.sets[0].annotators[0].picks,
        [FrameRange::new(0, 4000)]
    );
    assert!(
        opened.warnings[0].contains("notes"),
        "{:?}",
        opened.warnings
    );
}

#[test]
fn one_participant_may_rate_and_pick_and_write_notes() {
    let slots = [("t1", Some(0)), ("t2", Some(1000))];
    let of = |id: &str, value: &str| {
        tier(
            &format!(r#"TIER_ID="{id}" PARTICIPANT="Ann""#),
            &[aligned(id, "t1", "t2", value)],
        )
    };
    let tiers = [
        of("notes", "bright"),
        of("ratings", "&#52;"),
        of("picks", "<![CDATA[keep]]>"),
        of("interest", "2"),
    ];
    let opened = open(&document(VIDEO, &slots, &tiers.concat())).unwrap();
    let people = &opened.sets[0].annotators;
    assert_eq!(people[0].scores[0], 4.0);
    assert_eq!(people[0].picks, [FrameRange::new(0, 1000)]);
    assert_eq!(
        (people[1].name.as_str(), people[1].scores[0]),
        ("interest", 2.0)
    );
    assert!(
        opened.warnings[0].contains("tier notes"),
        "{:?}",
        opened.warnings
    );
}

/// Thirty documents that pympi-ling wrote, read as pympi-ling reads them; see
/// `tests/data/annotations/make.py`.
#[test]
fn documents_are_read_as_pympi_reads_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/annotations/elan");
    let expected = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let files = expected.as_object().unwrap();
    assert_eq!(files.len(), 30);
    for (name, tiers) in files {
        let path = folder.join(name);
        let document = Document::read(&std::fs::read_to_string(&path).unwrap(), &path).unwrap();
        let parents = times::parents(&document);
        let ranges = times::ranges(&document, &parents, 0.0);
        assert_eq!(
            document.tiers.len(),
            tiers.as_object().unwrap().len(),
            "{name}"
        );
        for (at, tier) in document.tiers.iter().enumerate() {
            let expected = &tiers[&tier.id];
            assert_eq!(
                tier.participant,
                expected["participant"].as_str().unwrap(),
                "{name}"
            );
            assert_eq!(
                tier.parent.as_deref().unwrap_or(""),
                expected["parent"].as_str().unwrap(),
                "{name}"
            );
            let mut found: Vec<serde_json::Value> = (tier.marks.iter().zip(&ranges[at]))
                .map(|(mark, range)| {
                    let range = range.unwrap();
                    serde_json::json!([range.start, range.end, mark.value])
                })
                .collect();
            found.sort_by_key(|one| one[0].as_u64());
            assert_eq!(
                found,
                *expected["annotations"].as_array().unwrap(),
                "{name} {}",
                tier.id
            );
        }
        let opened = crate::annotations::open(&path).unwrap();
        let number: u32 = name[..2].parse().unwrap();
        assert_eq!(opened.sets[0].video_id, format!("clip {number}"));
    }
}
