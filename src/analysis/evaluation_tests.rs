use super::*;
use ndarray::{Array2, array};

fn params() -> EvaluationParams {
    EvaluationParams::of(EvaluationKind::Tvsum)
}

fn record() -> VideoRecord {
    VideoRecord {
        key: "video_1".into(),
        picks: (0..10).map(|p| p * 15).collect(),
        frame_count: 150,
        segments: (0..10)
            .map(|s| FrameRange::new(s * 15, (s + 1) * 15))
            .collect(),
        change_points: (0..10).map(|s| [s * 15, s * 15 + 14]).collect(),
        frames_per_segment: vec![15; 10],
        ..VideoRecord::default()
    }
}

#[test]
fn rated_users_are_compared_by_scores() {
    let ratings = Array2::from_shape_fn((2, 150), |(user, frame)| {
        let shot = (frame / 15) as f32;
        if user == 0 { shot } else { -shot }
    });
    let record = VideoRecord {
        user_scores: ratings,
        ..record()
    };
    let up: Vec<f32> = (0..10).map(|i| i as f32 / 10.0).collect();
    let down: Vec<f32> = up.iter().rev().copied().collect();
    let samples = Array2::from_shape_vec((2, 10), [up, down].concat()).unwrap();
    let found = evaluate_video(&record, samples.view(), &params());
    assert!(found.tau.unwrap().abs() < 1e-12);
    assert!((found.best_of_samples.unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(found.match_ratio, vec![Some(0.5), Some(0.5)]);
    assert_eq!(found.cis, None);
}

#[test]
fn users_who_say_nothing_leave_measures_undefined_and_never_no_number() {
    let scores = Array2::from_shape_fn((3, 10), |(sample, pick)| match sample {
        0 => 0.0,
        1 => 0.5,
        _ => pick as f32 / 10.0,
    });
    let nothing = Array2::zeros((2, 150));
    let always = Array2::from_elem((2, 150), 3.0f32);
    let records = [
        record(),
        VideoRecord {
            user_summaries: nothing.clone(),
            gt_scores: vec![0.0; 10],
            ..record()
        },
        VideoRecord {
            user_scores: nothing,
            ..record()
        },
        VideoRecord {
            user_scores: always,
            gt_scores: vec![1.0; 10],
            gt_summary: vec![0.0; 150],
            ..record()
        },
    ];
    for record in records {
        for variant in [Variant::Authors, Variant::Paper] {
            let params = EvaluationParams {
                variant,
                ..params()
            };
            let found = evaluate_video(&record, scores.view(), &params);
            assert_eq!(
                (found.tau, found.rho, found.best_of_samples),
                (None, None, None)
            );
            assert!(found.match_ratio.iter().all(Option::is_none));
            let others = [
                found.f1_avg,
                found.f1_max,
                found.map50,
                found.map15,
                found.cis,
                found.wir,
                found.wse,
                found.ir,
            ];
            assert!(
                others.into_iter().flatten().all(f64::is_finite),
                "{found:?}"
            );
        }
    }
}

#[test]
fn picked_summaries_are_compared_as_sets_of_frames() {
    let mut picks = Array2::zeros((1, 150));
    picks.slice_mut(ndarray::s![0, 30..45]).fill(1.0);
    let record = VideoRecord {
        user_summaries: picks,
        ..record()
    };
    let mut scores = Array2::from_elem((1, 10), 0.1f32);
    scores[[0, 2]] = 0.9;
    let found = evaluate_video(&record, scores.view(), &params());
    assert!((found.tau.unwrap() - 1.0).abs() < 1e-12);
    assert!(found.f1_max.unwrap() > 99.99);
}

#[test]
fn truth_alone_is_one_annotator() {
    let truth = vec![0.1, 0.9, 0.3, 0.2, 0.5, 0.4, 0.6, 0.7, 0.8, 0.0];
    let record = VideoRecord {
        gt_scores: truth.clone(),
        gt_summary: (0..10).map(|p| f32::from(u8::from(p == 1))).collect(),
        ..record()
    };
    let found = evaluate_video(
        &record,
        array![[0.1, 0.9, 0.3, 0.2, 0.5, 0.4, 0.6, 0.7, 0.8, 0.0]].view(),
        &params(),
    );
    assert!((found.tau.unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(found.wse, Some(0.0));
    assert_eq!(found.match_ratio, vec![Some(1.0)]);
}

/// Ends of segments on Mr. HiSum are the next one's first frames, and the released code's means
/// hold those, too.
#[test]
fn summaries_on_mr_hisum_are_of_the_released_codes_means() {
    let frames = 20;
    let record = VideoRecord {
        key: "a".into(),
        picks: (0..frames).collect(),
        frame_count: frames,
        change_points: vec![[0, 3], [3, 6], [6, 20]],
        segments: vec![
            FrameRange::new(0, 3),
            FrameRange::new(3, 6),
            FrameRange::new(6, 20),
        ],
        frames_per_segment: vec![3, 3, 14],
        gt_scores: vec![0.5; 20],
        gt_summary: (0..20)
            .map(|frame| f32::from(u8::from(frame < 3)))
            .collect(),
        by_second: true,
        ..VideoRecord::default()
    };
    // By its own frames the first segment is better, with the next one's first frame the second.
    let mut scores = vec![0.1f32; 20];
    scores[..3].fill(0.6);
    scores[3..6].fill(0.5);
    scores[6] = 1.0;
    let samples = Array2::from_shape_vec((1, 20), scores.clone()).unwrap();
    for (variant, f1) in [(Variant::Authors, 0.0), (Variant::Paper, 100.0)] {
        let params = EvaluationParams {
            variant,
            ..EvaluationParams::of(EvaluationKind::Mrhisum)
        };
        let found = evaluate_video(&record, samples.view(), &params);
        assert!((found.f1_avg.unwrap() - f1).abs() < 1e-4, "{variant:?}");
        // The measures of one case say the same.
        let case = true_case(&record, &scores, variant);
        assert!((case.f1.unwrap() - f1).abs() < 1e-4, "{variant:?}");
        let made = machine_summaries(&record, samples.view(), params.budget, variant);
        let from = if variant == Variant::Authors { 3 } else { 0 };
        assert_eq!(made[0], [FrameRange::new(from, from + 3)]);
    }
}
