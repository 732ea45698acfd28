use super::*;
use proptest::prelude::*;

fn by_counting_pairs(x: &[f32], y: &[f32]) -> Option<f64> {
    let (mut sum, mut untied_x, mut untied_y) = (0i64, 0i64, 0i64);
    for i in 0..x.len() {
        for j in 0..i {
            let sign = |v: &[f32]| (v[i] > v[j]) as i64 - (v[i] < v[j]) as i64;
            sum += sign(x) * sign(y);
            untied_x += sign(x).abs();
            untied_y += sign(y).abs();
        }
    }
    (untied_x > 0 && untied_y > 0)
        .then(|| sum as f64 / ((untied_x as f64).sqrt() * (untied_y as f64).sqrt()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn tau_equals_counting_every_pair(pairs in proptest::collection::vec((0u8..12, 0u8..30), 0..90)) {
        let x: Vec<f32> = pairs.iter().map(|&(x, _)| f32::from(x)).collect();
        let y: Vec<f32> = pairs.iter().map(|&(_, y)| f32::from(y) / 7.0).collect();
        match (kendall_tau_b(&x, &y), by_counting_pairs(&x, &y)) {
            (Some(found), Some(expected)) => prop_assert!((found - expected).abs() < 1e-12),
            (found, expected) => prop_assert_eq!(found, expected),
        }
        let reversed: Vec<f32> = x.iter().map(|v| -v).collect();
        if let (Some(tau), Some(negative)) = (kendall_tau_b(&x, &y), kendall_tau_b(&reversed, &y)) {
            prop_assert!((tau + negative).abs() < 1e-12);
        }
    }

    #[test]
    fn long_vectors_equal_counting_every_pair(seed in 0u64..1000, levels in 2u32..4000) {
        use rand::{Rng, SeedableRng};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut draw = || -> Vec<f32> { (0..1300).map(|_| rng.random_range(0..levels) as f32 / 3.0 - 5.0).collect() };
        let (x, y) = (draw(), draw());
        let (found, expected) = (kendall_tau_b(&x, &y), by_counting_pairs(&x, &y));
        prop_assert!((found.unwrap() - expected.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn both_ways_of_counting_find_the_same_pairs(seed in 0u64..1000, n in 2usize..3000, levels in 1u32..4000) {
        use rand::{Rng, SeedableRng};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut draw = |levels: u32| -> Vec<f32> { (0..n).map(|_| rng.random_range(0..levels) as f32).collect() };
        let (x, y) = (Ranked::new(&draw(levels)).unwrap(), Ranked::new(&draw(1 + levels % 37)).unwrap());
        prop_assert_eq!(x.by_table(&y), x.by_walking(&y));
        prop_assert_eq!(y.by_table(&x), y.by_walking(&x));
        let (x, y) = (draw(levels), draw(1 + levels % if seed % 2 == 0 { 300 } else { 15 }));
        let sorted = SCRATCH.with_borrow_mut(|scratch| scratch.tau_b_by_sorting(&x, &y));
        prop_assert_eq!(kendall_tau_b(&x, &y), sorted);
        prop_assert_eq!(Ranked::new(&x).unwrap().tau_b(&y), sorted);
    }

    #[test]
    fn average_ranks_sum_to_the_plain_ranks(values in proptest::collection::vec(0u8..9, 1..60)) {
        let values: Vec<f32> = values.into_iter().map(f32::from).collect();
        let n = values.len();
        let sum: f64 = Ranked::new(&values).unwrap().average_ranks().iter().sum();
        prop_assert!((sum - (n * (n + 1)) as f64 / 2.0).abs() < 1e-9);
    }
}

#[test]
fn undefined_is_said_not_computed() {
    assert_eq!(
        kendall_tau_b(&[0.5; 9], &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        None
    );
    assert_eq!(spearman_rho(&[0.5; 3], &[1.0, 2.0, 3.0]), None);
    assert_eq!(kendall_tau_b(&[1.0], &[1.0]), None);
    assert_eq!(kendall_tau_b(&[1.0, f32::NAN], &[1.0, 2.0]), None);
    assert_eq!(kendall_tau_b(&[1.0, 2.0], &[1.0, 2.0, 3.0]), None);
    let with_both_zeros = kendall_tau_b(&[-0.0, 0.0, 1.0], &[1.0, 2.0, 3.0]);
    let expected = by_counting_pairs(&[0.0, 0.0, 1.0], &[1.0, 2.0, 3.0]);
    assert!((with_both_zeros.unwrap() - expected.unwrap()).abs() < 1e-12);
}
