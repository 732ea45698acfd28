use super::*;

/// A textured picture of a scene, moved by some cells and lit by a factor.
fn picture(scene: u32, moved: (f32, f32), light: f32) -> SmallLuma {
    let mut cells = [0; CELLS];
    for (at, cell) in cells.iter_mut().enumerate() {
        let x = (at % COLUMNS) as f32 + moved.0;
        let y = (at / COLUMNS) as f32 + moved.1;
        let s = scene as f32 * 1.7;
        let value = (x * (0.31 + 0.07 * s) + s).sin() * (y * (0.42 + 0.05 * s) - s).cos()
            + 0.5 * (x * 0.9 - y * 0.6 + s).sin();
        *cell = (120.0 + 55.0 * value)
            .mul_add(light, 0.0)
            .clamp(16.0, 235.0) as u8;
    }
    SmallLuma(cells)
}

fn found(rate: f64, pictures: impl IntoIterator<Item = SmallLuma>) -> Found {
    let mut detector = CutDetector::default();
    let mut count = 0;
    for luma in pictures {
        detector.push(count, count as f64 / rate, luma);
        count += 1;
    }
    detector.finish(count, count as f64 / rate)
}

fn cuts(pictures: impl IntoIterator<Item = SmallLuma>) -> Vec<u64> {
    let found = found(25.0, pictures);
    assert!(found.cuts.iter().all(|cut| cut.before + 1 == cut.frame));
    found.cuts.iter().map(|cut| cut.frame).collect()
}

#[test]
fn hard_cuts_are_found_at_their_frame_also_in_still_and_repeated_pictures() {
    assert_eq!(
        cuts((0..90).map(|n| picture(n / 30, (0.0, 0.0), 1.0))),
        [30, 60]
    );
    // A handheld camera, and one whose pictures come five times each.
    let shaking = |n: u32| ((n as f32 * 2.1).sin() * 0.8, (n as f32 * 1.3).cos() * 0.5);
    assert_eq!(
        cuts((0..90).map(|n| picture(n / 45, shaking(n), 1.0))),
        [45]
    );
    assert_eq!(
        cuts((0..90).map(|n| picture(n / 45, shaking(n / 5), 1.0))),
        [45]
    );
    // Close to the ends of the video.
    let at = |cut: u32| cuts((0..40).map(move |n| picture(u32::from(n >= cut), (0.0, 0.0), 1.0)));
    assert_eq!((at(1), at(39)), (vec![1], vec![39]));
}

#[test]
fn movement_flashes_fades_and_dissolves_are_no_cuts() {
    let none: [u64; 0] = [];
    // A pan of half a picture a second, and one that begins at once.
    assert_eq!(
        cuts((0..60).map(|n| picture(1, (n as f32 * 0.64, 0.0), 1.0))),
        none
    );
    let begun = |n: u32| (n.saturating_sub(30) as f32 * 1.5, 0.0);
    assert_eq!(cuts((0..60).map(|n| picture(1, begun(n), 1.0))), none);
    // A flash that is gone at once, one that fades, and a light that stays on.
    for after in [[1.0, 1.0], [1.5, 1.2], [1.8, 1.8]] {
        let light = |n: u32| match n {
            30 => 1.8,
            31 | 32 => after[n as usize - 31],
            _ if after == [1.8, 1.8] && n > 32 => 1.3,
            _ => 1.0,
        };
        assert_eq!(
            cuts((0..60).map(|n| picture(2, (0.0, 0.0), light(n)))),
            none
        );
    }
    let faded = |n: u32| 1.0 - (n as f32 - 30.0).abs().min(15.0) / 15.0;
    assert_eq!(
        cuts((0..60).map(|n| picture(n / 30, (0.0, 0.0), 1.0 - faded(n).min(1.0)))),
        none
    );
    let dissolved = (0..60).map(|n: u32| {
        let share = (n.saturating_sub(20).min(15)) as f32 / 15.0;
        let (a, b) = (picture(0, (0.0, 0.0), 1.0), picture(1, (0.0, 0.0), 1.0));
        let mix = |at: usize| f32::from(a.0[at]) * (1.0 - share) + f32::from(b.0[at]) * share;
        SmallLuma(std::array::from_fn(|at| mix(at) as u8))
    });
    assert_eq!(cuts(dissolved), none);
}

#[test]
fn a_picture_woven_of_two_shots_belongs_to_the_first() {
    let woven = (0..60).map(|n: u32| {
        let (a, b) = (picture(0, (0.0, 0.0), 1.0), picture(1, (0.0, 0.0), 1.0));
        match n {
            0..30 => a,
            30 => SmallLuma(std::array::from_fn(|at| {
                ((u32::from(a.0[at]) + u32::from(b.0[at])) / 2) as u8
            })),
            _ => b,
        }
    });
    assert_eq!(cuts(woven), [31]);
}

#[test]
fn frames_that_were_not_decoded_leave_a_gap_to_look_into() {
    let mut detector = CutDetector::default();
    for frame in (0..60).step_by(3) {
        detector.push(
            frame,
            frame as f64 / 25.0,
            picture(u32::from(frame >= 31), (0.0, 0.0), 1.0),
        );
        // A frame that comes again is left out.
        detector.push(frame / 2, 0.0, picture(7, (0.0, 0.0), 1.0));
    }
    let cuts = detector.finish(60, 2.4).cuts;
    assert_eq!(
        cuts,
        [FoundCut {
            before: 30,
            frame: 33
        }]
    );
}

#[test]
fn two_flashes_behind_a_cut_do_not_hide_it() {
    let white = |luma: SmallLuma, share: f32| {
        let cells = luma
            .0
            .map(|cell| cell + ((235.0 - f32::from(cell)) * share) as u8);
        SmallLuma(cells)
    };
    let pictures = (0..120).map(|n: u32| {
        let scene = picture(if n < 60 { 1 } else { 2 }, (0.0, 0.0), 1.0);
        match n {
            70 | 78 => white(scene, 0.9),
            71 | 79 => white(scene, 0.6),
            72 | 80 => white(scene, 0.3),
            _ => scene,
        }
    });
    let found: Vec<u64> = found(25.0, pictures)
        .cuts
        .iter()
        .map(|cut| cut.frame)
        .collect();
    assert_eq!(found, [60]);
}

#[test]
fn a_watermark_on_black_is_blank_and_a_title_is_not() {
    let with = |cells: std::ops::Range<usize>, level: u8| {
        let mut luma = SmallLuma([17; CELLS]);
        luma.0[cells].fill(level);
        luma
    };
    assert!(is_blank(&with(500..500 + COLUMNS, 60)));
    assert!(!is_blank(&with(240..240 + COLUMNS, 160)));
    assert!(!is_blank(&with(0..3 * COLUMNS, 60)));
}

#[test]
fn black_one_colour_and_frozen_stretches_are_found() {
    let flat = |level: u8| SmallLuma([level; CELLS]);
    let dim = |n: u32| picture(1, (0.0, 0.0), 1.0 - (n as f32 - 50.0) / 20.0);
    let pictures = (0..150).map(|n: u32| match n {
        0..20 => flat(16),
        20..50 => picture(n, (0.0, 0.0), 1.0),
        50..70 => dim(n),
        70..90 => flat(200),
        90..130 => picture(3, (0.0, 0.0), 1.0),
        _ => picture(n, (0.0, 0.0), 1.0),
    });
    let found = found(25.0, pictures);
    // The last pictures of the fade are dark already.
    assert_eq!(found.blank[0], FrameRange::new(0, 20));
    assert_eq!(found.blank[1].end, 90);
    assert!(
        (60..70).contains(&found.blank[1].start),
        "{:?}",
        found.blank
    );
    assert_eq!(found.blank.len(), 2);
    assert!(
        found.still.contains(&FrameRange::new(90, 130)),
        "{:?}",
        found.still
    );
}
