//! What other programs write of the same small tables: containers, packings, number formats and
//! spreadsheets.

use std::path::{Path, PathBuf};

use super::*;
use crate::annotations::dataset::Dataset;
use crate::domain::{FrameRange, Rational};

fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/annotations");
    folder.join(name)
}

/// The picks of the four users in each of the files.
fn picks() -> Vec<Vec<FrameRange>> {
    let of = |user: u64| vec![FrameRange::new(6 * user, 6 * user + 9)];
    (0..4).map(of).collect()
}

#[test]
fn every_packing_and_orientation_of_a_dataset_is_the_same_dataset() {
    let plain = Dataset::open(&file("gzip.h5"))
        .unwrap()
        .read("video_1")
        .unwrap();
    assert_eq!(plain.features.dim(), (12, 8));
    for name in [
        "gzip.h5",
        "lzf.h5",
        "float16.h5",
        "turned.h5",
        "named_str.h5",
        "named_bytes.h5",
        "attributes_str.h5",
        "attributes_bytes.h5",
    ] {
        let record = Dataset::open(&file(name)).unwrap().read("video_1").unwrap();
        assert_eq!(record.features, plain.features, "{name}");
        assert_eq!(record.segments, plain.segments, "{name}");
        assert_eq!(record.frame_count, 60, "{name}");
        let opened = open(&file(name)).unwrap();
        let found: Vec<_> = opened.sets[0]
            .annotators
            .iter()
            .map(|one| one.picks.clone())
            .collect();
        assert_eq!(found, picks(), "{name}");
        let named = !["gzip.h5", "lzf.h5", "float16.h5", "turned.h5"].contains(&name);
        assert_eq!(
            record.video_id,
            if named { "Jumps" } else { "video_1" },
            "{name}"
        );
        assert_eq!(
            record.frame_rate_fps,
            if name.starts_with("attributes") {
                25.0
            } else {
                0.0
            }
        );
    }
    let refused = open(&file("neither_side.h5")).unwrap_err().to_string();
    assert!(
        refused.contains("user_summary is 4 × 60") && refused.contains("45"),
        "{refused}"
    );
}

#[test]
fn features_that_nobody_asks_for_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.h5");
    std::fs::copy(file("gzip.h5"), &path).unwrap();
    // Features that cannot be read keep nobody from the annotations.
    let handle = hdf5_metno::File::open_rw(&path).unwrap();
    let group = handle.group("video_1").unwrap();
    group.unlink("features").unwrap();
    let text = hdf5_metno::types::FixedAscii::<4>::from_ascii("none").unwrap();
    let rows = ndarray::Array2::from_elem((12, 8), text);
    group
        .new_dataset_builder()
        .with_data(&rows)
        .create("features")
        .unwrap();
    drop((group, handle));
    assert_eq!(open(&path).unwrap().sets[0].annotators.len(), 4);
    let refused = Dataset::open(&path).unwrap().read("video_1").unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("features does not hold numbers"),
        "{refused}"
    );
}

#[test]
fn the_content_of_a_matlab_file_decides_and_not_its_version() {
    for name in ["summe_v5.mat", "summe_v73.mat"] {
        let opened = open(&file(name)).unwrap();
        let set = &opened.sets[0];
        assert_eq!((set.frame_count, set.frame_rate_fps), (60, 25.0), "{name}");
        let found: Vec<_> = set.annotators.iter().map(|one| one.picks.clone()).collect();
        assert_eq!(found, picks(), "{name}");
        assert!(is_annotations_alone(&file(name)).unwrap(), "{name}");
    }
    let opened = open(&file("tvsum_v5.mat")).unwrap();
    assert_eq!(opened.warnings, Vec::<String>::new());
    let ids: Vec<&str> = opened
        .sets
        .iter()
        .map(|set| set.video_id.as_str())
        .collect();
    assert_eq!(ids, ["vid0abcdefg", "vid1abcdefg"]);
    let set = &opened.sets[1];
    assert_eq!(
        (set.title.as_str(), set.annotators.len(), set.frame_rate_fps),
        ("Título 1", 20, 25.0)
    );
    assert_eq!(set.annotators[0].scores.len(), 60);
    // The first row of numpy's seeded ratings: one frame, every rater.
    let first: Vec<f32> = set
        .annotators
        .iter()
        .map(|one| one.scores[0])
        .take(5)
        .collect();
    assert_eq!(first, [4.0, 5.0, 1.0, 2.0, 4.0]);
}

/// The files people sent, where they are at hand: see `tests/data/annotations` for the same kinds.
#[test]
fn files_of_other_people_are_read() {
    let Some(shared) = crate::testing::shared_dir() else {
        return;
    };
    let case = |name: &str| shared.join("cases").join(name);
    if !case("elan-time-origin").is_dir() {
        return;
    }
    let fps25 = crate::domain::FrameIndex {
        pts: (0..300).collect(),
        keyframes: vec![0].into(),
        time_base: Rational::new(1, 25),
        last_duration: 1,
    };
    let laid = |name: &str| {
        let opened = open(&case(name)).unwrap_or_else(|err| panic!("{err}"));
        join::join(&opened.sets[0], &fps25).set
    };
    let ranges = |pairs: &[(u64, u64)]| -> Vec<FrameRange> {
        pairs
            .iter()
            .map(|&(start, end)| FrameRange::new(start, end))
            .collect()
    };
    for (name, expected) in [
        ("elan-time-origin/origin.eaf", &[(75, 125)][..]),
        ("elan-time-origin/media2.eaf", &[(25, 75)]),
        (
            "elan-slots-without-value/unaligned.eaf",
            &[(0, 25), (50, 75)],
        ),
        ("csv-of-spreadsheets/semi_comma.csv", &[(25, 62)]),
        ("csv-of-spreadsheets/clock.csv", &[(25, 62), (75, 125)]),
        ("csv-of-spreadsheets/comment.csv", &[(25, 50)]),
        ("csv-of-spreadsheets/sep.csv", &[(25, 50)]),
        ("csv-of-spreadsheets/utf16.csv", &[(25, 50)]),
        ("json-from-numpy/np.json", &[(25, 50)]),
        ("json-from-numpy/np2.json", &[(25, 50)]),
    ] {
        let set = laid(name);
        assert_eq!(set.annotators[0].picks, ranges(expected), "{name}");
        if name.starts_with("elan") {
            assert_eq!(set.video_id, "base", "{name}");
        }
    }
    let scores =
        |name: &str, frames: [usize; 3]| frames.map(|at| laid(name).annotators[0].scores[at]);
    assert_eq!(
        scores("elan-slots-without-value/unaligned3.eaf", [24, 25, 50]),
        [1.0, 5.0, 2.0]
    );
    assert_eq!(
        scores("elan-slots-without-value/sub.eaf", [0, 49, 50]),
        [1.0, 1.0, 3.0]
    );
    assert_eq!(
        scores("csv-of-spreadsheets/semi_scores.csv", [61, 63, 126]),
        [1.5, 4.0, 1.0]
    );
    assert_eq!(
        laid("json-from-numpy/nan.json").annotators[0].scores[..3],
        [1.0, 0.0, 3.0]
    );
    let summe = open(&case("mat-in-the-other-container/clip73.mat")).unwrap();
    assert_eq!(
        (summe.sets[0].annotators.len(), summe.sets[0].frame_count),
        (3, 300)
    );
    let tvsum = open(&case("mat-in-the-other-container/tvsum5.mat")).unwrap();
    assert_eq!((tvsum.sets.len(), tvsum.sets[0].annotators.len()), (2, 20));
}
