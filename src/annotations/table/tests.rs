use super::*;
use crate::domain::FrameRange;

fn open(text: &[u8]) -> Result<Opened> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clip.csv");
    std::fs::write(&path, text).unwrap();
    crate::annotations::open(&path)
}

#[test]
fn picks_by_frame_and_by_time() {
    let text = b"annotator,start_frame,end_frame\r\nAnn,10,20\r\nBob,0,5\r\nAnn,20,25\r\nAnn,9,x\r\nBob,7,6\r\n";
    let opened = open(text).unwrap();
    let set = &opened.sets[0];
    assert_eq!(
        (set.video_id.as_str(), set.annotators.len(), set.frame_count),
        ("clip", 2, 25)
    );
    assert_eq!(set.annotators[0].picks, vec![FrameRange::new(10, 25)]);
    assert_eq!(opened.warnings.len(), 2);
    let opened = open(b"video;start_secs;end_secs\nv1;0.5;1.25\nv2;1;2\n").unwrap();
    assert_eq!(opened.sets.len(), 2);
    assert_eq!(opened.sets[0].frame_rate_fps, 1000.0);
    assert_eq!(
        opened.sets[0].annotators[0].picks,
        vec![FrameRange::new(500, 1250)]
    );
    assert_eq!(opened.sets[0].annotators[0].name, "annotator 1");
}

#[test]
fn scores_hold_until_the_next_row() {
    let opened = open(b"frame,Ann,B\xf6b\n0,1,5\n15,2,\n30,3,1\n").unwrap();
    let set = &opened.sets[0];
    assert_eq!(set.frame_count, 45);
    assert_eq!(set.annotators[0].scores[14..16], [1.0, 2.0]);
    assert_eq!(set.annotators[1].scores[20], 0.0);
    assert!(opened.warnings.iter().any(|w| w.contains("not numbers")));
    assert!(opened.warnings.iter().any(|w| w.contains("UTF-8")));
}

#[test]
fn tables_of_something_else_are_refused() {
    let err = open(b"a,b\n1,2\n").unwrap_err().to_string();
    assert!(err.contains("clip.csv") && err.contains("columns"), "{err}");
    assert!(open(b"").is_err());
    assert!(open(b"\xff\xfe\x00garbage").is_err());
    assert!(open(b"annotator,start_frame,end_frame\n").is_err());
}

/// Picks of the first annotator, in milliseconds or frames.
fn picks(text: &str) -> Vec<(u64, u64)> {
    let opened = open(text.as_bytes()).unwrap_or_else(|err| panic!("{text}: {err}"));
    let picks = &opened.sets[0].annotators[0].picks;
    picks.iter().map(|range| (range.start, range.end)).collect()
}

#[test]
fn tables_of_spreadsheets_are_read() {
    for text in [
        "annotator;start_secs;end_secs\r\nAnn;1,0;2,5\r\n",
        "sep=;\r\nannotator;start_secs;end_secs\r\nAnn;1;2,5\r\n",
        "sep=\t\nannotator\tstart_secs\tend_secs\nAnn\t1\t2,5\n",
        "\"sep=|\"\nannotator|start_secs|end_secs\nAnn|1|2.5\n",
        "# made by me\n\n# at home\nannotator,start_secs,end_secs\nAnn,1,2.5\n",
        "annotator,start_secs,end_secs\n# a remark\nAnn,\"1,0\",\"2,5\"\n",
        "annotator,start_secs,end_secs\nAnn,00:00:01.000,0:02.5\n",
        "annotator,start,end\nAnn,00:00:01,00:00:02.500\n",
        "annotator, start (s), end (s)\nAnn, 1, 2.5\n",
        "annotator,start_ms,end_ms\nAnn,1000,2500\n",
        "annotator,onset,duration\nAnn,1.0,1.5\n",
        "Begin Time - hh:mm:ss.ms\tEnd Time - hh:mm:ss.ms\tTier\n00:00:01.000\t00:00:02.500\tAnn\n",
        "# annotator,start_secs,end_secs\nAnn,1,2.5\n",
        "annotator,start_secs,end_secs\rAnn,1,2.5\r",
        "annotator,start_secs,end_secs,comment\n\"Ann\",1,2.5,\"a, b\nc\"\n",
        "\"Ann's video\";annotator;start_secs;end_secs\n1;Ann;1;2,5\n",
    ] {
        assert_eq!(picks(text), [(1000, 2500)], "{text}");
    }
    let utf16: Vec<u8> = "\u{feff}annotator\tstart_secs\tend_secs\r\nÄnn\t1\t2,5\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let opened = open(&utf16).unwrap();
    assert_eq!(opened.sets[0].annotators[0].name, "Änn");
    assert!(opened.warnings.is_empty(), "{:?}", opened.warnings);
}

#[test]
fn a_guessed_unit_is_said() {
    let guess = |text: &str| {
        let opened = open(text.as_bytes()).unwrap();
        (opened.sets[0].frame_rate_fps, opened.warnings)
    };
    let (rate, warnings) = guess("start,end\n1,2.5\n3,4\n");
    assert_eq!(rate, 1000.0);
    assert!(warnings[0].contains("taken for seconds"), "{warnings:?}");
    let (rate, warnings) = guess("start,end\n25.0,50.0\n");
    assert_eq!(rate, 0.0);
    assert!(
        warnings[0].contains("taken for frame numbers"),
        "{warnings:?}"
    );
    for stated in [
        "start_frame,end_frame\n1,2\n",
        "start_secs,end_secs\n1,2\n",
        "start,end\n0:01,0:02\n",
    ] {
        assert_eq!(guess(stated).1, Vec::<String>::new(), "{stated}");
    }
}

#[test]
fn what_cannot_be_read_is_named_and_counted() {
    let mut text =
        "annotator,start_secs,end_secs\nAnn,1,2\nAnn,00:00:01:12,3\n# only a remark\nAnn,x,3\n"
            .to_owned();
    for _ in 0..20 {
        text.push_str("Ann,9,8\n");
    }
    let opened = open(text.as_bytes()).unwrap();
    assert!(
        opened.warnings[0].starts_with("line 3 holds the timecode 00:00:01:12"),
        "{:?}",
        opened.warnings
    );
    assert!(
        opened.warnings[1].starts_with("line 5 holds x"),
        "{:?}",
        opened.warnings
    );
    assert_eq!(opened.warnings.len(), 6);
    assert!(
        opened.warnings[5].contains("17 more lines"),
        "{:?}",
        opened.warnings
    );
}

#[test]
fn scores_with_commas_clocks_and_gaps() {
    let opened = open(b"time_secs;Ann;Bob\r\n0;1,5;3\r\n2,5;4;NA\r\n5;1;1\r\n").unwrap();
    let set = &opened.sets[0];
    assert_eq!(
        [0, 2499, 2500, 5000].map(|at| set.annotators[0].scores[at]),
        [1.5, 1.5, 4.0, 1.0]
    );
    assert_eq!(set.annotators[1].scores[2500], 0.0);
    assert_eq!(opened.warnings.len(), 1, "{:?}", opened.warnings);
    let opened = open(b",time,Ann\n0,0:00,1\n1,0:02,3\n").unwrap();
    let names: Vec<&str> = opened.sets[0]
        .annotators
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["Ann"]);
    assert_eq!(opened.sets[0].annotators[0].scores[1999..2001], [1.0, 3.0]);
    let opened = open(b"frame,Ann\n0.0,1\n15.0,2\n").unwrap();
    assert_eq!(opened.sets[0].annotators[0].scores[14..16], [1.0, 2.0]);
}

#[test]
fn ratings_of_stretches_are_ratings() {
    let opened =
        open(b"annotator,start_secs,end_secs,rating\nAnn,0,1,2\nAnn,1,2,\"4,5\"\nBob,0,1,\n")
            .unwrap();
    let people = &opened.sets[0].annotators;
    assert_eq!([0, 1000].map(|at| people[0].scores[at]), [2.0, 4.5]);
    assert_eq!(people[1].picks, [FrameRange::new(0, 1000)]);
    // A column of words is no column of ratings.
    let opened = open(b"annotator,start_secs,end_secs,rating\nAnn,0,1,good\n").unwrap();
    assert_eq!(
        opened.sets[0].annotators[0].picks,
        [FrameRange::new(0, 1000)]
    );
}
