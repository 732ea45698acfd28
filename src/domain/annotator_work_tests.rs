use proptest::prelude::*;

use super::*;
use crate::domain::Rational;

fn index_of(frames: u64, num: i64, den: i64) -> FrameIndex {
    FrameIndex {
        pts: (0..frames as i64).map(|frame| frame * den).collect(),
        keyframes: [0].into(),
        time_base: Rational::new(1, num),
        last_duration: den,
    }
}

fn rater(frames: u64, order: ShotOrder) -> AnnotatorWork {
    AnnotatorWork::new(
        "Ann",
        Method::Ratings,
        order,
        0.15,
        &index_of(frames, 25, 1),
    )
}

#[test]
fn shots_of_a_damaged_project_that_overlap_or_run_backwards_go_with_their_ratings() {
    let mut work = rater(200, ShotOrder::Sequence);
    work.shots = [(0, 50), (100, 60), (40, 90), (60, 110), (150, 900)]
        .map(|(start, end)| FrameRange::new(start, end))
        .into();
    work.ratings = (1..=5).map(Some).collect();
    let repaired = work.repaired();
    assert_eq!(
        repaired.shots,
        [FrameRange::new(0, 50), FrameRange::new(60, 110)]
    );
    assert_eq!(repaired.ratings, [Some(1), Some(4)]);
}

#[test]
fn shots_last_two_seconds_and_cover_the_video() {
    let shots = rated_shots(&index_of(130, 25, 1));
    assert_eq!(
        shots,
        [
            FrameRange::new(0, 50),
            FrameRange::new(50, 100),
            FrameRange::new(100, 130)
        ]
    );
    // 23.976 fps: a boundary is the first frame that starts at or after it.
    let index = index_of(24_000, 24_000, 1001);
    let shots = rated_shots(&index);
    for (shot, range) in shots.iter().enumerate() {
        let start = index.secs_from_frame(range.start);
        assert!(start >= shot as f64 * 2.0 - 1e-3);
        assert!(start < shot as f64 * 2.0 + 1001.0 / 24_000.0 + 1e-3);
    }
    assert!(shots.windows(2).all(|pair| pair[0].end == pair[1].start));
    assert_eq!(shots.last().unwrap().end, 24_000);
    assert!(rated_shots(&index_of(0, 25, 1)).is_empty());
    assert_eq!(rated_shots(&index_of(1, 25, 1)), [FrameRange::new(0, 1)]);
}

#[test]
fn the_order_is_random_but_the_same_for_the_same_name() {
    let work = rater(2500, ShotOrder::Random);
    let order = work.shot_order();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..50).collect::<Vec<_>>());
    assert_ne!(order, sorted);
    assert_eq!(order, rater(2500, ShotOrder::Random).shot_order());
    let other = AnnotatorWork {
        seed: seed_of_name("Bob"),
        ..work
    };
    assert_ne!(order, other.shot_order());
    assert_eq!(
        rater(2500, ShotOrder::Sequence).shot_order(),
        (0..50).collect::<Vec<_>>()
    );
}

#[test]
fn rating_goes_on_and_comes_back_to_what_was_skipped() {
    let mut work = rater(200, ShotOrder::Sequence);
    assert_eq!(work.current_shot(), Some(0));
    work.rate(5);
    work.go_on();
    assert_eq!(work.current_shot(), Some(2), "shot 1 was skipped");
    work.rate(2);
    work.rate(9);
    assert_eq!(work.ratings, [Some(5), None, Some(2), Some(5)]);
    assert_eq!(work.current_shot(), Some(1), "back to the skipped one");
    assert_eq!(
        work.hindrance_to_finish().as_deref(),
        Some("One shot is still without a rating.")
    );
    assert_eq!(work.rated(), (3, 4));
    work.rate(1);
    assert_eq!(work.progress(), 1.0);
    assert_eq!(work.hindrance_to_finish(), None);
    work.step(-1);
    assert_eq!(work.current_shot(), Some(0));
    work.step(-1);
    assert_eq!(work.current_shot(), Some(0));
    work.step(99);
    assert_eq!(work.current_shot(), Some(3));
    work.go_to_shot(1);
    assert_eq!(work.at, 1);
}

#[test]
fn ratings_become_the_scores_that_tvsum_s_reader_gives() {
    // TVSum's table has one row a person with the rating of each frame, constant within two
    // seconds.
    let mut work = rater(130, ShotOrder::Random);
    for (shot, rating) in [(0, 3), (1, 1), (2, 5)] {
        work.go_to_shot(shot);
        work.rate(rating);
    }
    let annotator = work.to_annotator();
    assert_eq!(annotator.scores.len(), 130);
    assert!(annotator.picks.is_empty());
    let row: Vec<String> = annotator.scores.iter().map(|s| s.to_string()).collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ydata-anno.tsv");
    std::fs::write(&path, format!("clip\tVT\t{}\n", row.join(","))).unwrap();
    let read = crate::annotations::open(&path).unwrap();
    assert_eq!(read.sets[0].annotators[0].scores, annotator.scores);
    assert_eq!(annotator.scores[49..51], [3.0, 1.0]);
    assert_eq!(annotator.scores[129], 5.0);
}

#[test]
fn picks_stay_within_the_budget() {
    let mut work = AnnotatorWork::new(
        "Ann",
        Method::Picks,
        ShotOrder::Random,
        0.15,
        &index_of(1000, 25, 1),
    );
    assert!(work.shots.is_empty());
    assert_eq!(work.budget_frames(), 150);
    assert_eq!(work.toggle(FrameRange::new(100, 200)), Ok(true));
    let error = work.pick(FrameRange::new(500, 560)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "That would keep 16.0 % of the video, and the budget is 15 %. Take something out first."
    );
    assert_eq!(work.picks, [FrameRange::new(100, 200)]);
    work.pick(FrameRange::new(500, 550)).unwrap();
    assert_eq!(work.progress(), 1.0);
    assert_eq!(work.toggle(FrameRange::new(120, 140)), Ok(false));
    assert_eq!(
        work.picks,
        [
            FrameRange::new(100, 120),
            FrameRange::new(140, 200),
            FrameRange::new(500, 550)
        ]
    );
    assert_eq!(work.pick_at(130), None);
    assert_eq!(work.pick_at(199), Some(FrameRange::new(140, 200)));
    assert_eq!(work.to_annotator().picks, work.picks);
}

#[test]
fn what_a_file_broke_is_mended() {
    let mut work = rater(200, ShotOrder::Sequence);
    work.ratings = vec![Some(9), Some(3)];
    work.at = 99;
    work.spent_secs = f64::NAN;
    work.picks = vec![FrameRange::new(150, 900), FrameRange::new(3, 1)];
    let work = work.repaired();
    assert_eq!(work.ratings, [None, Some(3), None, None]);
    assert_eq!(work.at, 3);
    assert_eq!(work.spent_secs, 0.0);
    assert_eq!(work.picks, [FrameRange::new(150, 200)]);
}

proptest! {
    #[test]
    fn no_order_of_toggles_goes_beyond_the_budget(
        toggles in prop::collection::vec((0..500u64, 1..80u64), 0..30),
        budget in 0.0..1.0f64,
    ) {
        let index = index_of(500, 25, 1);
        let mut work = AnnotatorWork::new("Ann", Method::Picks, ShotOrder::Random, budget, &index);
        for (start, length) in toggles {
            let _ = work.toggle(FrameRange::new(start, start + length));
            prop_assert!(ranges::frames_in(&work.picks) <= work.budget_frames());
            prop_assert!(work.picks.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }
}
