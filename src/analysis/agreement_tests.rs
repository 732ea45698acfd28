use super::*;
use crate::domain::Annotator;

fn set(raters: &[&[f32]]) -> AnnotationSet {
    AnnotationSet {
        frame_count: raters.first().map_or(0, |r| r.len() as u64),
        frame_rate_fps: 1.0,
        annotators: raters
            .iter()
            .enumerate()
            .map(|(i, scores)| Annotator {
                name: format!("rater {i}"),
                scores: scores.to_vec(),
                ..Annotator::default()
            })
            .collect(),
        ..AnnotationSet::default()
    }
}

fn params() -> AgreementParams {
    AgreementParams {
        stride: 1,
        budget: 0.5,
        resamples: 50,
        ..AgreementParams::default()
    }
}

#[test]
fn zero_one_and_two_annotators() {
    let nobody = video_agreement(&set(&[]), &params());
    assert_eq!((nobody.tau, nobody.alpha, nobody.kappa), (None, None, None));
    let one = video_agreement(&set(&[&[1.0, 2.0, 3.0, 4.0]]), &params());
    assert_eq!((one.tau, one.f1), (None, None));
    let two = set(&[&[1.0, 1.0, 3.0, 3.0], &[2.0, 2.0, 5.0, 5.0]]);
    let two = video_agreement(&two, &params());
    assert!((two.tau.unwrap() - 1.0).abs() < 1e-12);
    assert!(two.f1.unwrap() > 99.99);
}

#[test]
fn constant_ratings_are_undefined_not_zero() {
    let found = video_agreement(
        &set(&[&[3.0; 6], &[1.0, 2.0, 3.0, 4.0, 5.0, 5.0]]),
        &params(),
    );
    assert_eq!(found.tau, None);
    assert_eq!(found.undefined_pairs, 1);
    let broken = set(&[&[f32::NAN; 4], &[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 4.0, 3.0]]);
    assert!(video_agreement(&broken, &params()).tau.is_some());
}

#[test]
fn one_video_has_no_interval_over_videos() {
    let one = set(&[&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0]]);
    let overall = dataset_agreement(std::slice::from_ref(&one), &params()).overall;
    assert!(overall.tau.is_some() && overall.tau_interval.is_none());
    let alpha = overall.alpha.unwrap();
    assert_eq!((alpha.low, alpha.high), (None, None));
    let two = dataset_agreement(&[one.clone(), one], &params()).overall;
    assert!(two.tau_interval.is_some() && two.alpha.unwrap().low.is_some());
}

#[test]
fn a_cancelled_resampling_ends() {
    let many = AgreementParams {
        resamples: usize::MAX,
        ..params()
    };
    let cancel = CancelToken::new();
    cancel.cancel();
    let sets = [set(&[&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0]])];
    dataset_agreement_until(&sets, &[], &many, &cancel);
}

#[test]
fn the_unit_moves_f1_and_kappa_alone_and_the_scale_alpha_alone() {
    let raters: [&[f32]; 2] = [
        &[1.0, 1.0, 5.0, 2.0, 1.0, 3.0],
        &[2.0, 2.0, 1.0, 4.0, 1.0, 1.0],
    ];
    let segments = [
        FrameRange::new(0, 1),
        FrameRange::new(1, 3),
        FrameRange::new(3, 6),
    ];
    let of = |unit, ratings| {
        let params = AgreementParams {
            unit,
            ratings,
            ..params()
        };
        compare_annotators(&set(&raters), &segments, &params, &CancelToken::new()).agreement
    };
    let plain = of(SummaryUnit::Shots, RatingScale::Raw);
    let segmented = of(SummaryUnit::Segments, RatingScale::Raw);
    let scaled = of(SummaryUnit::Shots, RatingScale::Scaled);
    assert_eq!((plain.tau, plain.alpha), (segmented.tau, segmented.alpha));
    assert_ne!(plain.f1, segmented.f1);
    assert_eq!(
        (plain.tau, plain.f1, plain.kappa),
        (scaled.tau, scaled.f1, scaled.kappa)
    );
    assert_ne!(plain.alpha, scaled.alpha);
    assert_eq!(plain, video_agreement(&set(&raters), &params()));
}

#[test]
fn disagreement_is_where_the_raters_part() {
    let found = disagreement_by_shot(&set(&[
        &[1.0, 1.0, 5.0, 5.0, 1.0],
        &[1.0, 1.0, 1.0, 1.0, 5.0],
    ]));
    let values: Vec<f32> = found.iter().map(|(_, v)| *v).collect();
    assert_eq!(values, vec![0.0, 0.5, 0.5]);
}
