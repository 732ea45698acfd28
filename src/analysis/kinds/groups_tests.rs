use super::*;
use crate::summary::knapsack;
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

const SEGMENTS: usize = 12;

/// Distance of the summaries of two of twelve equal segments each.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let chosen = |values: &[f32]| {
        let values: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
        knapsack(&values, &[1; SEGMENTS], 3).items
    };
    1.0 - crate::domain::mark::jaccard(&chosen(a), &chosen(b))
}

/// Samples whose values lie round one of some tastes.
fn pool(tastes: &[[f32; SEGMENTS]], counts: &[usize], noise: f32) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let rows: Vec<usize> = (counts.iter().enumerate())
        .flat_map(|(taste, &count)| std::iter::repeat_n(taste, count))
        .collect();
    Array2::from_shape_fn((rows.len(), SEGMENTS), |(row, segment)| {
        tastes[rows[row]][segment] + rng.random_range(-noise..=noise)
    })
}

fn tastes() -> [[f32; SEGMENTS]; 3] {
    std::array::from_fn(|taste| {
        std::array::from_fn(|segment| {
            let away = (segment as f32 - taste as f32 * 5.0).abs();
            0.9 - away * 0.06
        })
    })
}

#[test]
fn planted_tastes_come_back_largest_first() {
    let values = pool(&tastes(), &[200, 300, 100], 0.15);
    let found = groups(values.view(), &distance);
    let planted = [200..500, 0..200, 500..600];
    assert_eq!(found.len(), planted.len());
    for (members, planted) in found.iter().zip(planted) {
        // A sample half way between two tastes may go either way.
        let own = members
            .iter()
            .filter(|&&member| planted.contains(&member))
            .count();
        assert!(own * 100 >= 98 * members.len().max(planted.len()), "{own}");
    }
    assert_eq!(found, groups(values.view(), &distance));
}

#[test]
fn three_selections_without_a_shared_segment_are_three_kinds() {
    // Few segments and few samples: each sample is one of three views, as often as the others or
    // once only.
    for counts in [[1, 1, 1], [5, 4, 3], [40, 30, 30]] {
        let found = groups(pool(&tastes(), &counts, 0.0).view(), &distance);
        assert_eq!(found.len(), 3, "{counts:?}");
    }
}

#[test]
fn alike_samples_are_one_kind_and_none_are_none() {
    let one = pool(&tastes()[..1], &[60], 0.001);
    assert_eq!(groups(one.view(), &distance).len(), 1);
    let flat = Array2::<f32>::zeros((9, SEGMENTS));
    assert_eq!(groups(flat.view(), &distance), [(0..9).collect::<Vec<_>>()]);
    assert!(groups(Array2::zeros((0, 4)).view(), &distance).is_empty());
    assert_eq!(groups(Array2::zeros((2, 0)).view(), &distance).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn groups_part_the_pool_and_their_summaries_differ(
        seed in 0u64..1000, samples in 2usize..120, noise in 0.0f32..0.6,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let tastes = tastes();
        let values = Array2::from_shape_fn((samples, SEGMENTS), |(row, segment)| {
            tastes[row % 3][segment] + rng.random_range(-noise..=noise)
        });
        let found = groups(values.view(), &distance);
        let mut all: Vec<usize> = found.iter().flatten().copied().collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..samples).collect::<Vec<_>>());
        prop_assert!(found.len() <= MOST_KINDS);
        prop_assert!(found.windows(2).all(|pair| pair[0].len() >= pair[1].len()));
        let mut group_of = vec![0; samples];
        for (group, members) in found.iter().enumerate() {
            for &member in members { group_of[member] = group; }
        }
        let means = means(values.view(), &group_of, found.len());
        for (a, b) in pairs(found.len()) {
            let apart = distance(&means.row(a).to_vec(), &means.row(b).to_vec());
            prop_assert!(apart >= LEAST_DISTANCE - 1e-9);
        }
    }
}
