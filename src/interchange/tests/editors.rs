//! FCPXML and OpenTimelineIO read back by an XML parser and by the opentimelineio Python package.

use super::*;

/// Rational seconds as frames of `rate`; fails when they are off the frame grid.
fn frames_from_rational(text: &str, rate: Rational) -> u64 {
    let number = text.strip_suffix('s').unwrap();
    let (num, den) = number.split_once('/').unwrap_or((number, "1"));
    let (num, den): (i128, i128) = (num.parse().unwrap(), den.parse().unwrap());
    let scaled = num * i128::from(rate.num);
    let unit = den * i128::from(rate.den);
    assert_eq!(
        scaled % unit,
        0,
        "{text} is no multiple of the frame duration"
    );
    (scaled / unit) as u64
}

#[test]
fn fcpxml_times_lie_on_the_frame_grid_and_are_contiguous() {
    use quick_xml::events::Event as Xml;
    for rate in [FILM, NTSC, Rational::new(25, 1), Rational::new(60000, 1001)] {
        let index = even_index(20_000, rate);
        let mut video = video(&index, rate);
        video.path = PathBuf::from("/films/a <b> & \"c\".mp4");
        let ranges = ranges(&[(1801, 3600), (7, 8), (11_111, 12_345)]);
        let mut cut = Cut::new(&video, &index, &ranges, "R&D <1>");
        cut.source_start_frame = 86_400;
        let text = &render(&cut, Format::Fcpxml).unwrap().parts[0];
        let mut reader = quick_xml::Reader::from_str(text);
        let mut path = Vec::new();
        let mut clips = Vec::new();
        let mut total = 0;
        loop {
            let event = reader.read_event().unwrap();
            let (element, closed) = match &event {
                Xml::Eof => break,
                Xml::Start(element) => (element, false),
                Xml::Empty(element) => (element, true),
                Xml::End(_) => {
                    path.pop();
                    continue;
                }
                _ => continue,
            };
            let name = element.name().as_ref().to_owned();
            let attribute = |key: &str| {
                element.try_get_attribute(key).unwrap().map(|found| {
                    quick_xml::escape::unescape(&found.value)
                        .unwrap()
                        .into_owned()
                })
            };
            let frames = |key: &str| frames_from_rational(&attribute(key).unwrap(), rate);
            match name.as_str() {
                "fcpxml" => assert_eq!(attribute("version").unwrap(), "1.9"),
                "format" => assert_eq!(
                    attribute("frameDuration").unwrap(),
                    format!("{}/{}s", rate.den, rate.num)
                ),
                "asset" => {
                    assert_eq!(frames("duration"), 20_000);
                    assert_eq!(frames("start"), 86_400);
                }
                "media-rep" => assert_eq!(
                    attribute("src").unwrap(),
                    "file:///films/a%20%3Cb%3E%20%26%20%22c%22.mp4"
                ),
                "sequence" => total = frames("duration"),
                "project" => assert_eq!(attribute("name").unwrap(), "R&D <1>"),
                "asset-clip" => {
                    assert_eq!(
                        path.join("/"),
                        "fcpxml/library/event/project/sequence/spine"
                    );
                    clips.push((frames("offset"), frames("start"), frames("duration")));
                }
                _ => {}
            }
            if !closed {
                path.push(name);
            }
        }
        let mut offset = 0;
        for (clip, range) in clips.iter().zip(&ranges) {
            assert_eq!(*clip, (offset, 86_400 + range.start, range.len()));
            offset += range.len();
        }
        assert_eq!((clips.len(), total), (3, offset));
    }
}

#[test]
fn otio_has_the_structure_of_its_schemas() {
    let index = even_index(5000, NTSC);
    let video = video(&index, NTSC);
    let ranges = ranges(&[(100, 250), (1000, 1001)]);
    let mut cut = Cut::new(&video, &index, &ranges, "Summary");
    cut.source_start_frame = 107_892;
    let text = &render(&cut, Format::Otio).unwrap().parts[0];
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(value["OTIO_SCHEMA"], "Timeline.1");
    let tracks = value["tracks"]["children"].as_array().unwrap();
    assert_eq!(tracks.len(), 2);
    assert_eq!(tracks[0]["kind"], "Video");
    assert_eq!(tracks[1]["kind"], "Audio");
    let clip = &tracks[0]["children"][0];
    assert_eq!(clip["source_range"]["start_time"]["value"], 107_992.0);
    assert_eq!(clip["source_range"]["duration"]["value"], 150.0);
    let media = &clip["media_references"]["DEFAULT_MEDIA"];
    assert_eq!(
        media["target_url"],
        "file:///films/a%20%26%20b%20%231%2050%25%20%C3%A9.mp4"
    );
    assert_eq!(media["available_range"]["duration"]["value"], 5000.0);
    assert_eq!(media["available_range"]["start_time"]["value"], 107_892.0);
    let rate = media["available_range"]["duration"]["rate"]
        .as_f64()
        .unwrap();
    assert!((rate - 30000.0 / 1001.0).abs() < 1e-12);
}

/// A Python that can import opentimelineio, or `None` with the reason printed.
fn python_with_otio() -> Option<PathBuf> {
    let candidates = [
        std::env::var_os("SUMMDIFF_PYTHON").map(PathBuf::from),
        Some(PathBuf::from("python3")),
        Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../venv/bin/python")),
        Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../venv/bin/python")),
    ];
    let found = candidates.into_iter().flatten().find(|python| {
        Command::new(python)
            .args(["-c", "import opentimelineio"])
            .output()
            .is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        crate::testing::skip("no Python with the opentimelineio package");
    }
    found
}

#[test]
fn opentimelineio_loads_what_is_written() {
    let Some(python) = python_with_otio() else {
        return;
    };
    let index = even_index(5000, FILM);
    let video = video(&index, FILM);
    let first = ranges(&[(100, 250), (1000, 1001)]);
    let second = ranges(&[(0, 24)]);
    let cut = Cut::new(&video, &index, &first, "Summary");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.otio");
    write(&cut, &path, false).unwrap();
    let many = dir.path().join("many.otio");
    let other = Cut::new(&video, &index, &second, "Other");
    std::fs::write(&many, otio_collection("samples", &[cut, other])).unwrap();
    let script = "
import sys, opentimelineio as otio
t = otio.adapters.read_from_file(sys.argv[1])
assert isinstance(t, otio.schema.Timeline), t
for track in t.tracks:
    print(track.kind, [(int(c.source_range.start_time.value), int(c.source_range.duration.value)) for c in track.find_clips()],
          int(track.duration().value), track[0].media_reference.target_url, int(track[0].available_range().duration.value))
m = otio.adapters.read_from_file(sys.argv[2])
print(type(m).__name__, [c.name for c in m])
";
    let output = Command::new(python)
        .args(["-c", script])
        .args([&path, &many])
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{message}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let facts =
        "[(100, 150), (1000, 1)] 151 file:///films/a%20%26%20b%20%231%2050%25%20%C3%A9.mp4 5000";
    let expected =
        format!("Video {facts}\nAudio {facts}\nSerializableCollection ['Summary', 'Other']\n");
    assert_eq!(message, expected);
}

type Names = &'static [&'static str];

/// What Apple's published DTD allows of the elements that are written: element, elements it may
/// stand in, attributes it must have, attributes it may have.
const FCPXML_ELEMENTS: [(&str, Names, Names, Names); 11] = [
    ("fcpxml", &[""], &["version"], &[]),
    ("resources", &["fcpxml"], &[], &[]),
    (
        "format",
        &["resources"],
        &["id"],
        &[
            "name",
            "frameDuration",
            "fieldOrder",
            "width",
            "height",
            "paspH",
            "paspV",
            "colorSpace",
        ],
    ),
    (
        "asset",
        &["resources"],
        &["id"],
        &[
            "name",
            "uid",
            "start",
            "duration",
            "hasVideo",
            "format",
            "hasAudio",
            "videoSources",
            "audioSources",
            "audioChannels",
            "audioRate",
        ],
    ),
    (
        "media-rep",
        &["asset"],
        &["src"],
        &["kind", "sig", "suggestedFilename"],
    ),
    (
        "library",
        &["fcpxml"],
        &[],
        &["location", "colorProcessing"],
    ),
    ("event", &["fcpxml", "library"], &[], &["name", "uid"]),
    (
        "project",
        &["fcpxml", "event"],
        &[],
        &["name", "uid", "id", "modDate"],
    ),
    (
        "sequence",
        &["project", "media"],
        &["format"],
        &[
            "duration",
            "tcStart",
            "tcFormat",
            "audioLayout",
            "audioRate",
            "renderFormat",
            "keywords",
        ],
    ),
    (
        "spine",
        &["sequence"],
        &[],
        &["lane", "offset", "name", "format"],
    ),
    (
        "asset-clip",
        &["spine", "event"],
        &["ref"],
        &[
            "lane",
            "offset",
            "name",
            "start",
            "duration",
            "enabled",
            "srcEnable",
            "audioStart",
            "audioDuration",
            "format",
            "tcStart",
            "tcFormat",
            "modDate",
            "audioRole",
            "videoRole",
        ],
    ),
];

#[test]
fn fcpxml_holds_only_what_its_definition_allows() {
    use quick_xml::events::Event as Xml;
    let index = even_index(5000, NTSC);
    let ranges = ranges(&[(100, 250), (1000, 1001)]);
    for has_audio in [true, false] {
        let mut video = video(&index, NTSC);
        video.has_audio = has_audio;
        let cut = Cut::new(&video, &index, &ranges, "Summary");
        let text = &render(&cut, Format::Fcpxml).unwrap().parts[0];
        let mut reader = quick_xml::Reader::from_str(text);
        let mut path = vec![String::new()];
        let (mut ids, mut refs) = (Vec::new(), Vec::new());
        loop {
            let event = reader.read_event().unwrap();
            let (element, closed) = match &event {
                Xml::Eof => break,
                Xml::Start(element) => (element, false),
                Xml::Empty(element) => (element, true),
                Xml::End(_) => {
                    path.pop();
                    continue;
                }
                _ => continue,
            };
            let name = element.name().as_ref().to_owned();
            let (_, parents, required, optional) = FCPXML_ELEMENTS
                .into_iter()
                .find(|known| known.0 == name)
                .unwrap_or_else(|| panic!("{name} is not known"));
            let parent = path.last().unwrap().as_str();
            assert!(parents.contains(&parent), "{name} in {parent}");
            let mut found = Vec::new();
            for attribute in element.attributes() {
                let attribute = attribute.unwrap();
                let key = attribute.key.as_ref().to_owned();
                assert!(
                    required.contains(&key.as_str()) || optional.contains(&key.as_str()),
                    "{name} has no {key}"
                );
                match (name.as_str(), key.as_str()) {
                    (_, "id") => ids.push(attribute.value.to_string()),
                    (_, "ref" | "format") => refs.push(attribute.value.to_string()),
                    (_, "tcFormat") => assert!(["DF", "NDF"].contains(&&*attribute.value)),
                    _ => {}
                }
                found.push(key);
            }
            for key in required {
                assert!(found.iter().any(|found| found == key), "{name} lacks {key}");
            }
            if !closed {
                path.push(name);
            }
        }
        assert!(refs.iter().all(|named| ids.contains(named)));
    }
}

#[test]
fn opentimelineio_reads_edls_of_every_rate_and_kind() {
    let Some(python) = python_with_otio() else {
        return;
    };
    let adapter = Command::new(&python)
        .args(["-c", "import otio_cmx3600_adapter"])
        .output();
    if !adapter.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no otio-cmx3600-adapter");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let ranges = ranges(&[(30, 90), (140, 200), (1750, 1850)]);
    for (num, den, start) in [
        (24000, 1001, "03:00:02:05"),
        (24, 1, "01:00:00:00"),
        (25, 1, "10:20:30:05"),
        (30000, 1001, "00:59:58;10"),
        (30000, 1001, "01:00:00:00"),
        (30, 1, "00:10:00:00"),
        (50, 1, "09:59:58:49"),
        (60000, 1001, "14:09:42;10"),
        (60000, 1001, "14:09:42:10"),
        (60, 1, "02:03:04:05"),
    ] {
        let rate = Rational::new(num, den);
        let index = even_index(2000, rate);
        let mut video = video(&index, rate);
        video.start_timecode = Some(start.to_owned());
        let cut = Cut::new(&video, &index, &ranges, "Summary");
        let first = cut.source_start_frame;
        assert!(first > 0, "{start}");
        let path = dir.path().join("cut.edl");
        write(&cut, &path, true).unwrap();
        let script = "
import sys, opentimelineio as otio
rate = float(sys.argv[2]) / float(sys.argv[3])
t = otio.adapters.read_from_file(sys.argv[1], rate=rate)
for c in t.video_tracks()[0].find_clips():
    r = c.trimmed_range()
    print(round(r.start_time.rescaled_to(rate).value), round(r.duration.rescaled_to(rate).value))
";
        let output = Command::new(&python)
            .args(["-c", script])
            .arg(&path)
            .args([num.to_string(), den.to_string()])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{start}: {errors}");
        let expected: String = ranges
            .iter()
            .map(|range| format!("{} {}\n", first + range.start, range.len()))
            .collect();
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{start}");
    }
}
