use super::*;

fn person(name: &str, ratings: &[u8]) -> Person {
    Person {
        name: name.to_owned(),
        values: (ratings.iter())
            .map(|&rating| rating.checked_sub(1))
            .collect(),
        ..Person::default()
    }
}

/// Three people on three videos; 0 is missing. The people of the second video come in another
/// order.
fn videos() -> Vec<Video> {
    let rows: [[&[u8]; 3]; 3] = [
        [
            &[4, 5, 1, 4, 2, 2, 3, 3, 4, 1, 3, 1],
            &[4, 5, 1, 5, 3, 2, 4, 3, 5, 2, 1, 1],
            &[5, 4, 1, 4, 2, 4, 4, 2, 4, 1, 3, 1],
        ],
        [
            &[3, 2, 5, 5, 5, 4, 1, 3, 5],
            &[4, 5, 2, 1, 4, 0, 2, 5, 5],
            &[5, 5, 5, 0, 4, 1, 0, 4, 2],
        ],
        [
            &[2, 4, 2, 3, 4, 1, 5, 5, 5, 0, 0, 3, 2, 1, 0],
            &[4, 2, 2, 3, 3, 2, 5, 5, 4, 2, 4, 3, 0, 0, 3],
            &[4, 3, 3, 2, 5, 2, 4, 5, 4, 2, 3, 4, 2, 1, 0],
        ],
    ];
    let mut videos: Vec<Video> = (rows.iter().enumerate())
        .map(|(at, rows)| Video {
            name: format!("video {at}"),
            people: ["Ann", "Bo", "Cem"]
                .iter()
                .zip(rows)
                .map(|(name, ratings)| person(name, ratings))
                .collect(),
        })
        .collect();
    videos[1].people.reverse();
    videos
}

const BOOTSTRAP: Bootstrap = Bootstrap {
    resamples: 4000,
    seed: 1,
};

fn close(figure: Option<Figure>, expected: f64) {
    let value = figure.unwrap().value;
    assert!((value - expected).abs() < 1e-12, "{value} for {expected}");
}

/// The numbers are of the packages krippendorff 0.8, scikit-learn, statsmodels and SciPy on the
/// same ratings.
#[test]
fn agreement_equals_that_of_other_packages() {
    let found = reliability(&videos(), 5, BOOTSTRAP);
    close(found.overall.alpha_nominal, 0.210_968_249_803_201_28);
    close(found.overall.alpha_ordinal, 0.502_729_798_302_072_7);
    close(found.overall.alpha_interval, 0.515_651_006_711_409_4);
    close(found.overall.cohen_kappa, 0.196_462_291_545_764_33);
    close(found.overall.weighted_kappa, 0.537_924_646_269_418_7);
    close(found.overall.tau, 0.320_504_318_521_907_9);
    close(found.overall.fleiss_kappa, 0.207_976_908_947_782_76);
    close(found.videos[0].1.fleiss_kappa, 0.292_730_844_793_713_1);
    for (at, [nominal, ordinal, interval]) in [
        [
            0.312_377_210_216_11,
            0.790_830_891_743_670_7,
            0.782_608_695_652_174,
        ],
        [
            -0.090_047_393_364_928_84,
            -0.142_926_587_301_587_25,
            -0.113_801_452_784_503_71,
        ],
        [
            0.273_214_285_714_285_74,
            0.713_463_468_028_824_2,
            0.719_696_969_696_969_7,
        ],
    ]
    .into_iter()
    .enumerate()
    {
        let own = &found.videos[at].1;
        close(own.alpha_nominal, nominal);
        close(own.alpha_ordinal, ordinal);
        close(own.alpha_interval, interval);
        assert_eq!(own.alpha_nominal.unwrap().low, None);
    }
    // One draw in 27 is three times the same video, so that the worst and the best video bound the
    // interval.
    let alpha = found.overall.alpha_interval.unwrap();
    assert!((alpha.low.unwrap() + 0.146_085_552_865_213_85).abs() < 1e-12);
    assert!((alpha.high.unwrap() - 0.778_467_908_902_691_5).abs() < 1e-12);
    assert_eq!(
        found,
        reliability(&videos(), 5, BOOTSTRAP),
        "the seed decides"
    );
    assert!(found.within.is_empty() && found.times.is_empty());
}

#[test]
fn annotators_are_compared_with_themselves_and_timed() {
    let mut videos = videos();
    let first = [1, 2, 3, 4, 5, 3, 2, 2, 1, 5, 4, 4];
    let second = [1, 3, 3, 5, 5, 2, 2, 2, 1, 4, 4, 1];
    let pairs: Vec<(u8, u8)> = (first.iter().zip(second))
        .map(|(&a, b)| (a - 1, b - 1))
        .collect();
    videos[0].people[0].repeats = pairs[..5].to_vec();
    videos[2].people[0].repeats = pairs[5..].to_vec();
    videos[0].people[1].repeats = vec![(0, 4)];
    videos[0].people[0].shot_secs = vec![2.5, 1.0, 7.25];
    videos[2].people[0].shot_secs = vec![3.5, 4.0, 9.0, 2.0];
    let found = reliability(&videos, 5, BOOTSTRAP);
    let names: Vec<&str> = found.within.iter().map(|own| own.name.as_str()).collect();
    assert_eq!(names, ["all", "Ann", "Bo"]);
    assert_eq!(found.within[0].pairs, 13);
    let ann = &found.within[1];
    assert_eq!(ann.pairs, 12);
    close(ann.weighted_kappa, 0.723_404_255_319_148_9);
    close(ann.tau, 0.631_578_947_368_421);
    close(ann.same, 7.0 / 12.0);
    close(ann.within_one, 11.0 / 12.0);
    close(ann.difference, 7.0 / 12.0);
    let times = &found.times[0];
    assert_eq!((times.name.as_str(), times.showings), ("all", 7));
    assert_eq!((times.median_secs, times.lower_quartile_secs), (3.5, 2.25));
    assert_eq!(times.upper_quartile_secs, 5.625);
    assert!((times.mean_secs - 4.178_571_428_571_429).abs() < 1e-12);
    assert_eq!(found.times.len(), 2);
}

#[test]
fn what_is_undefined_is_none() {
    assert_eq!(reliability(&[], 5, BOOTSTRAP), Reliability::default());
    let alone = Video {
        name: "a".to_owned(),
        people: vec![person("Ann", &[1, 2, 3])],
    };
    let found = reliability(std::slice::from_ref(&alone), 5, BOOTSTRAP);
    assert_eq!(found.overall, Between::default());
    let constant = Video {
        name: "b".to_owned(),
        people: vec![person("Ann", &[3, 3]), person("Bo", &[3, 3])],
    };
    let found = reliability(&[alone, constant], 5, BOOTSTRAP);
    assert_eq!(found.overall, Between::default());
    let agree = Video {
        name: "c".to_owned(),
        people: vec![person("Ann", &[1, 2, 1]), person("Bo", &[1, 2, 1])],
    };
    let found = reliability(&[agree.clone(), agree], 2, BOOTSTRAP).overall;
    for figure in [
        found.alpha_nominal,
        found.fleiss_kappa,
        found.cohen_kappa,
        found.tau,
    ] {
        let figure = figure.unwrap();
        for value in [figure.value, figure.low.unwrap(), figure.high.unwrap()] {
            assert!((value - 1.0).abs() < 1e-12);
        }
    }
}
