use super::*;
use ndarray::Array2;
use proptest::prelude::*;

fn segments(count: usize) -> Vec<Segment> {
    (0..count)
        .map(|at| Segment {
            start_frame: at as u64 * 100,
            end_frame: (at as u64 + 1) * 100,
            start_secs: at as f64 * 4.0,
            end_secs: (at + 1) as f64 * 4.0,
            dull: None,
        })
        .collect()
}

fn lines(faces: &[Vec<usize>], traits: &[SegmentTraits]) -> Vec<String> {
    let names: Vec<String> = ('A'..).take(faces.len()).map(String::from).collect();
    distinguishing_lines(faces, &names, &segments(15), traits)
}

#[test]
fn a_line_says_what_only_this_kind_keeps_and_where() {
    let found = lines(&[vec![0, 1], vec![1, 13], vec![1, 7]], &[]);
    assert_eq!(found[0], "Only one with 0:00–0:04; mostly the beginning");
    assert_eq!(found[1], "Only one with 0:52–0:56");
    let found = lines(&[vec![0, 2, 4], vec![0, 2, 6], vec![2, 4, 6]], &[]);
    assert_eq!(found[2], "Only one without 0:00–0:04");
    let found = lines(&[vec![3], vec![3], vec![]], &[]);
    // With the place where it lies, which both share.
    let same = "Same as B within this budget";
    assert!(found[0].starts_with(same), "{}", found[0]);
    assert_eq!(found[2], "Keeps nothing within this budget");
    assert!(lines(&[vec![3]], &[])[0].starts_with("Keeps 0:12–0:16; mostly the beginning"));
    assert_eq!(lines(&[(0..15).collect()], &[])[0], "The whole video");
}

#[test]
fn a_line_without_room_loses_its_last_parts_first() {
    let shortened = |line: &str| -> Vec<String> {
        let next = |line: &String| shorter_line(line).map(str::to_owned);
        std::iter::successors(next(&line.to_owned()), next).collect()
    };
    assert_eq!(
        shortened("Like D, with 0:19–0:21 and 0:30–0:32 in place of 0:00–0:01; most movement"),
        [
            "Like D, with 0:19–0:21 and 0:30–0:32 in place of 0:00–0:01",
            "Like D, with 0:19–0:21 and 0:30–0:32",
            "Like D, with 0:19–0:21",
            "Like D"
        ]
    );
    assert_eq!(
        shortened("B and 0:04–0:07 and 0:15–0:19"),
        ["B and 0:04–0:07"]
    );
    assert!(shortened("Same as B within this budget").is_empty());
}

#[test]
fn motion_and_recurring_scenes_are_named() {
    // Segments 0, 2 and 4 show one scene, 1 and 3 others; segment 3 moves most.
    let places = [
        [4.0f32, 0.0],
        [0.0, 4.0],
        [4.0, 0.1],
        [-6.0, -6.0],
        [4.0, 0.0],
    ];
    let mut features = Array2::zeros((20, 2));
    for (pick, mut row) in features.outer_iter_mut().enumerate() {
        let segment = pick / 4;
        let step = if segment == 3 { 1.0 } else { 0.1 };
        let sign = if pick % 2 == 0 { step } else { -step };
        row[0] = places[segment][0] + sign;
        row[1] = places[segment][1];
    }
    let picks: Vec<u64> = (0..20).map(|pick| pick * 25).collect();
    let traits = segment_traits(features.view(), &picks, &segments(5));
    let scenes: Vec<Option<usize>> = traits.iter().map(|t| t.scene).collect();
    assert_eq!(scenes, [Some(0), None, Some(0), None, Some(0)]);
    let found = lines(&[vec![0], vec![3], vec![1]], &traits);
    assert!(
        found[0].ends_with("only one with the recurring scene of 0:00"),
        "{}",
        found[0]
    );
    assert!(found[1].contains("most movement"), "{}", found[1]);
}

#[test]
fn a_segment_without_picks_has_no_motion() {
    let none = Array2::zeros((0, 0));
    let traits = segment_traits(none.view(), &[], &segments(3));
    assert_eq!(traits, [SegmentTraits::default(); 3]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_line_contradicts_what_is_kept(
        faces in proptest::collection::vec(proptest::collection::btree_set(0usize..15, 0..6), 1..6),
    ) {
        let faces: Vec<Vec<usize>> = faces.into_iter().map(|f| f.into_iter().collect()).collect();
        for (kind, line) in lines(&faces, &[]).iter().enumerate() {
            prop_assert!(!line.is_empty() && !line.contains('\n'));
            let keeps = |face: &Vec<usize>, at: usize| face.contains(&at);
            let at = |clock: &str| {
                let (minutes, secs) = clock.split_once(':').unwrap();
                (minutes.parse::<usize>().unwrap() * 60 + secs.parse::<usize>().unwrap()) / 4
            };
            let first = line.split(';').next().unwrap();
            let ranges = first.split([' ', ',']).filter_map(|word| word.split_once('–'));
            for (start, end) in ranges {
                for segment in at(start)..at(end) {
                    let others = faces.iter().enumerate().filter(|&(other, _)| other != kind);
                    if first.starts_with("Only one without") {
                        prop_assert!(!keeps(&faces[kind], segment));
                        for (_, other) in others { prop_assert!(keeps(other, segment)); }
                    } else if first.starts_with("Only one with") {
                        prop_assert!(keeps(&faces[kind], segment));
                        for (_, other) in others { prop_assert!(!keeps(other, segment)); }
                    }
                }
            }
        }
    }
}
