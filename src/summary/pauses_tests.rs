//! Pauses are found by the clip's own levels, and ends of pieces keep within their bounds whatever
//! the sound and the pieces.

use proptest::prelude::*;

use super::*;
use crate::domain::Rational;

fn index(frames: u64, rate: i64) -> FrameIndex {
    FrameIndex {
        pts: (0..frames as i64).collect(),
        keyframes: vec![0].into(),
        time_base: Rational::new(1, rate),
        last_duration: 1,
    }
}

/// Levels of bins: so many seconds at so many decibels.
fn sound(stretches: &[(f64, f32)]) -> Vec<u8> {
    let mut rms = Vec::new();
    for &(secs, decibels) in stretches {
        let level = level_from_amplitude(10f32.powf(decibels / 20.0));
        rms.extend(std::iter::repeat_n(level, (secs * BINS_PER_SEC) as usize));
    }
    rms
}

#[test]
fn pauses_are_low_for_this_clip_and_long_enough() {
    // Loud speech over a quiet room, quiet speech over silence, and speech over a noisy street.
    for (speech, room) in [(-18.0, -55.0), (-42.0, -127.0), (-20.0, -34.0)] {
        let rms = sound(&[
            (2.0, speech),
            (0.3, room),
            (1.0, speech),
            (0.1, room),
            (1.5, speech),
            (0.5, room),
            (1.0, speech),
        ]);
        assert_eq!(
            pauses(&rms),
            [(2.0, 2.3), (4.9, 5.4)],
            "{speech} over {room}"
        );
    }
    // One word in a minute of room tone.
    let rms = sound(&[(30.0, -50.0), (0.6, -20.0), (29.0, -50.0)]);
    assert_eq!(pauses(&rms), [(0.0, 30.0), (30.6, 59.6)]);
    // Music and silence have none.
    assert!(pauses(&sound(&[(5.0, -14.0), (5.0, -17.0)])).is_empty());
    assert!(pauses(&sound(&[(5.0, -127.5)])).is_empty());
    assert!(pauses(&[]).is_empty());
}

#[test]
fn ends_move_to_the_nearest_pause_and_it_is_told() {
    let index = index(250, 25);
    let pauses = [(1.0, 1.4), (3.0, 3.2), (6.0, 6.6)];
    let pieces = [FrameRange::new(40, 90), FrameRange::new(156, 200)];
    let whole = whole_speech(&pauses, &pieces, &index);
    // 1.6 s goes back into the first pause, 3.6 s into the second; 6.24 s lies in a pause, 8 s is
    // near none.
    assert_eq!(
        whole.ranges,
        [FrameRange::new(34, 79), FrameRange::new(156, 200)]
    );
    assert_eq!(whole.moved, 2);
    assert!((whole.furthest_secs - 0.44).abs() < 1e-9);
    assert_eq!(whole.sentence(), "2 ends moved by up to 0.4 s into pauses");
    let still = whole_speech(&[], &pieces, &index);
    assert_eq!((still.ranges.as_slice(), still.moved), (&pieces[..], 0));
    assert!(still.sentence().starts_with("no end"));
}

#[test]
fn pieces_that_reach_for_one_pause_join_and_the_ends_of_the_video_stay() {
    let index = index(250, 25);
    let pieces = [FrameRange::new(0, 100), FrameRange::new(110, 250)];
    let whole = whole_speech(&[(4.1, 4.3)], &pieces, &index);
    assert_eq!(whole.moved, 2);
    assert!(whole.ranges[0].end <= whole.ranges[1].start);
    let all = [FrameRange::new(0, 250)];
    let whole = whole_speech(&[(0.2, 0.5), (9.6, 9.9)], &all, &index);
    assert_eq!((whole.moved, whole.ranges.as_slice()), (0, &all[..]));
}

#[test]
fn pieces_that_play_in_another_order_keep_it() {
    let index = index(250, 25);
    let pauses = [(1.0, 1.4), (3.0, 3.2)];
    let range = FrameRange::new;
    let moved = whole_speech(&pauses, &[range(156, 200), range(40, 90)], &index);
    assert_eq!(moved.ranges, [range(156, 200), range(34, 79)]);
    // What goes on in the video where something else ends is no part of that.
    let turned = whole_speech(&[], &[range(50, 60), range(40, 50)], &index);
    assert_eq!(turned.ranges, [range(50, 60), range(40, 50)]);
}

proptest! {
    #[test]
    fn pauses_ascend_apart_and_last_long_enough(rms in prop::collection::vec(any::<u8>(), 0..400)) {
        let found = pauses(&rms);
        for pause in &found {
            prop_assert!(pause.1 - pause.0 >= MIN_PAUSE_SECS - 1e-9);
            prop_assert!(pause.1 <= rms.len() as f64 / BINS_PER_SEC + 1e-9);
        }
        prop_assert!(found.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn ends_keep_their_bounds(
        rate in 1i64..60,
        steps in prop::collection::vec((1u64..200, 1u64..200), 1..12),
        gaps in prop::collection::vec((0.01f64..2.0, 0.15f64..2.0), 0..40),
        after in 0u64..50,
    ) {
        let mut pieces = Vec::new();
        let mut at = 0;
        for (gap, length) in steps {
            pieces.push(FrameRange::new(at + gap, at + gap + length));
            at += gap + length;
        }
        let index = index(at + after, rate);
        let mut pauses = Vec::new();
        let mut secs = 0.0;
        for (gap, length) in gaps {
            pauses.push((secs + gap, secs + gap + length));
            secs += gap + length;
        }
        let whole = whole_speech(&pauses, &pieces, &index);
        prop_assert!(whole.ranges.iter().all(|range| !range.is_empty()));
        prop_assert!(whole.ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
        prop_assert!(whole.ranges.last().unwrap().end <= index.len());
        prop_assert!(whole.furthest_secs <= MOST_MOVE_SECS + 1e-9);
        prop_assert!(whole.moved <= 2 * pieces.len());
        // Each piece keeps at least half of itself, and all of it lies in one piece of the result.
        for piece in &pieces {
            let shared = crate::domain::ranges::intersection(&whole.ranges, &[*piece]);
            prop_assert_eq!(shared.len(), 1);
            prop_assert!(2 * shared[0].len() >= piece.len());
        }
        let in_pause = |frame: u64| {
            let secs = index.secs_from_frame(frame);
            pauses.iter().any(|pause| pause.0 <= secs && secs <= pause.1)
        };
        let edges = |ranges: &[FrameRange]| -> Vec<u64> {
            ranges.iter().flat_map(|range| [range.start, range.end]).collect()
        };
        let before = edges(&pieces);
        for edge in edges(&whole.ranges) {
            prop_assert!(before.contains(&edge) || in_pause(edge));
        }
    }
}
