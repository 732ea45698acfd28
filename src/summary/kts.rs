//! Kernel temporal segmentation (Potapov et al. 2014) as the field uses it: linear kernel on
//! L2-normalised features, and the number of change points m chosen to minimise `cost / N + vmax ·
//! m / (2N) · (log(N / m) + 1)`, with `cost` the total within-segment scatter.
//!
//! # How it is exact and fast
//! The penalty is concave in m, so it is the lower envelope of its tangents, and the minimum over m
//! is the minimum over all prices λ per change point of a linearly priced problem. That minimum
//! lies on the lower convex hull of the (m, least scatter) curve. The hull's vertices are found by
//! solving linearly priced segmentations (each one pass over the rows, see `linear_segmentation`),
//! and a stretch of the hull is skipped when its tangents prove that no m in it can win. No table
//! over m is ever made.

use ndarray::ArrayView2;

use super::linear_segmentation::{EPSILON, Segmentation, at_counts, at_price};
use super::scatter::Scatter;

/// Parameters of [`kts`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KtsParams {
    /// Weight of the penalty on change points; larger means fewer. 1 in the field.
    pub vmax: f64,
    /// Upper limit on the number of change points; `None` for no limit but the penalty.
    /// A limit that binds costs O(limit · N²).
    pub max_change_points: Option<usize>,
}

impl Default for KtsParams {
    fn default() -> Self {
        Self {
            vmax: 1.0,
            max_change_points: None,
        }
    }
}

/// Change points of a feature sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Kts {
    /// Ascending row indices in `1..N` at which a new segment starts; ends are exclusive.
    pub change_points: Vec<usize>,
    /// Total within-segment scatter, the `cost` of the formula (not divided by N).
    pub cost: f64,
    /// `vmax · m / (2N) · (log(N / m) + 1)`; the minimised objective is `cost / N + penalty`.
    pub penalty: f64,
}

impl Kts {
    /// The minimised objective, `cost / N + penalty`.
    pub fn objective(&self, rows: usize) -> f64 {
        self.cost / rows.max(1) as f64 + self.penalty
    }
}

/// `vmax · m / (2N) · (log(N / m) + 1)`; 0 for m = 0.
pub fn penalty(vmax: f64, rows: usize, change_points: usize) -> f64 {
    if change_points == 0 || rows == 0 {
        return 0.0;
    }
    let (n, m) = (rows as f64, change_points as f64);
    vmax * m / (2.0 * n) * ((n / m).ln() + 1.0)
}

/// Finds the change points of features, float32 [N, D]. Exact; among equal optima the one with
/// fewer change points.
///
/// Rows are scaled to unit length first; rows of zeros stay as they are and values that are not
/// finite count as 0. A negative or non-finite `vmax` counts as 0. Fewer than two rows have no
/// change point.
pub fn kts(features: ArrayView2<'_, f32>, params: &KtsParams) -> Kts {
    let rows = features.nrows();
    if rows < 2 {
        return Kts {
            change_points: Vec::new(),
            cost: 0.0,
            penalty: 0.0,
        };
    }
    let vmax = if params.vmax.is_finite() {
        params.vmax.max(0.0)
    } else {
        0.0
    };
    let limit = params
        .max_change_points
        .map_or(rows - 1, |limit| limit.min(rows - 1));
    let mut scatter = Scatter::new(features);
    let mut best = Hull::new(&mut scatter, vmax).minimise();
    if best.count() > limit {
        let counts = at_counts(&mut scatter, limit);
        best = counts
            .into_iter()
            .min_by(|a, b| {
                objective(vmax, rows, a.count(), a.scatter).total_cmp(&objective(
                    vmax,
                    rows,
                    b.count(),
                    b.scatter,
                ))
            })
            .unwrap_or(best);
    }
    Kts {
        cost: best.scatter,
        penalty: penalty(vmax, rows, best.count()),
        change_points: best.change_points,
    }
}

/// N times the objective, so that scatters need no division.
fn objective(vmax: f64, rows: usize, change_points: usize, scatter: f64) -> f64 {
    scatter + rows as f64 * penalty(vmax, rows, change_points)
}

/// A vertex of the lower convex hull of (m, least scatter), with the price at which it was found
/// optimal.
#[derive(Clone)]
struct Vertex {
    price: f64,
    solution: Segmentation,
}

struct Hull<'a> {
    scatter: &'a mut Scatter,
    vmax: f64,
    best: Segmentation,
    best_objective: f64,
}

impl<'a> Hull<'a> {
    fn new(scatter: &'a mut Scatter, vmax: f64) -> Self {
        let none = Segmentation::new(Vec::new(), scatter);
        let best_objective = none.scatter;
        Self {
            scatter,
            vmax,
            best: none,
            best_objective,
        }
    }

    fn minimise(mut self) -> Segmentation {
        let rows = self.scatter.rows();
        // Both ends of the hull are known without work: no change point, and a change point at
        // every row.
        let few = Vertex {
            price: self.best.scatter,
            solution: self.best.clone(),
        };
        let many = Vertex {
            price: 0.0,
            solution: Segmentation {
                change_points: (1..rows).collect(),
                scatter: 0.0,
            },
        };
        self.consider(&many.solution);
        // Descend to a good solution first: each step solves at the penalty's slope of the last one
        // and cannot get worse.
        let mut vertices = vec![few];
        let mut change_points = (rows / 50).max(1);
        for _ in 0..20 {
            let price = self.vmax / 2.0 * (rows as f64 / change_points as f64).ln();
            let found = self.solve(price);
            let count = found.solution.count();
            let settled = count == change_points || count == 0;
            vertices.push(found);
            if settled {
                break;
            }
            change_points = count;
        }
        vertices.push(many);
        vertices.sort_by(|a, b| a.price.total_cmp(&b.price));
        // Then prove it: search every stretch of the hull whose bound is still below the best.
        let mut stretches: Vec<(Vertex, Vertex)> = vertices
            .windows(2)
            .map(|pair| (pair[0].clone(), pair[1].clone()))
            .collect();
        while let Some((many, few)) = stretches.pop() {
            let (m_many, m_few) = (many.solution.count(), few.solution.count());
            if m_many <= m_few + 1 || self.bound(&many, &few) >= self.best_objective - EPSILON {
                continue;
            }
            let price = (few.solution.scatter - many.solution.scatter) / (m_many - m_few) as f64;
            let chord = few.solution.scatter + price * m_few as f64;
            let middle = self.solve(price);
            let reached = middle.solution.scatter + price * middle.solution.count() as f64;
            if reached < chord - EPSILON {
                stretches.push((many, middle.clone()));
                stretches.push((middle, few));
            }
        }
        self.best
    }

    fn solve(&mut self, price: f64) -> Vertex {
        let solution = at_price(self.scatter, price);
        self.consider(&solution);
        Vertex { price, solution }
    }

    fn consider(&mut self, solution: &Segmentation) {
        let value = objective(
            self.vmax,
            self.scatter.rows(),
            solution.count(),
            solution.scatter,
        );
        let better = value < self.best_objective - EPSILON;
        let fewer = value < self.best_objective + EPSILON && solution.count() < self.best.count();
        if better || fewer {
            self.best = solution.clone();
            self.best_objective = value;
        }
    }

    /// Lower bound on the objective of any number of change points strictly between two vertices.
    ///
    /// Each vertex is optimal at its price, so the least scatter of m lies above both tangents.
    /// Above each tangent the objective is concave in m, hence least at an end of the stretch where
    /// that tangent is the higher one.
    fn bound(&self, many: &Vertex, few: &Vertex) -> f64 {
        let rows = self.scatter.rows();
        let (low, high) = (few.solution.count() + 1, many.solution.count() - 1);
        let tangent = |vertex: &Vertex, m: f64| {
            vertex.solution.scatter + vertex.price * (vertex.solution.count() as f64 - m)
        };
        let value = |m: f64| {
            let n = rows as f64;
            let penalty = self.vmax * m / 2.0 * ((n / m).ln() + 1.0);
            tangent(many, m).max(tangent(few, m)) + penalty
        };
        let crossing = if few.price > many.price {
            (tangent(few, 0.0) - tangent(many, 0.0)) / (few.price - many.price)
        } else {
            low as f64
        };
        let crossing = crossing.clamp(low as f64, high as f64);
        value(low as f64)
            .min(value(high as f64))
            .min(value(crossing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};

    /// The formula, straight: dynamic programme over every m in float64.
    fn reference(features: &Array2<f32>, vmax: f64, limit: usize) -> (Vec<usize>, f64) {
        let n = features.nrows();
        let scatter = Scatter::new(features.view());
        let mut cost = vec![vec![f64::INFINITY; n + 1]; n];
        let mut from = vec![vec![0; n + 1]; n];
        for (end, cost) in cost[0].iter_mut().enumerate().skip(1) {
            *cost = scatter.of(0, end);
        }
        for m in 1..n {
            for end in m + 1..=n {
                for start in m..end {
                    let value = cost[m - 1][start] + scatter.of(start, end);
                    if value < cost[m][end] {
                        cost[m][end] = value;
                        from[m][end] = start;
                    }
                }
            }
        }
        let best = (0..n.min(limit + 1))
            .min_by(|&a, &b| {
                objective(vmax, n, a, cost[a][n]).total_cmp(&objective(vmax, n, b, cost[b][n]))
            })
            .unwrap();
        let mut position = n;
        let mut change_points = Vec::new();
        for m in (1..=best).rev() {
            position = from[m][position];
            change_points.push(position);
        }
        change_points.reverse();
        (change_points, objective(vmax, n, best, cost[best][n]))
    }

    fn scenes(seed: u64, rows: usize, scenes: usize, noise: f32) -> Array2<f32> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let centres = Array2::from_shape_fn((scenes, 8), |_| rng.random_range(0.0..1.0f32));
        let mut cuts: Vec<usize> = (0..scenes - 1).map(|_| rng.random_range(1..rows)).collect();
        cuts.sort_unstable();
        Array2::from_shape_fn((rows, 8), |(row, d)| {
            let scene = cuts.partition_point(|&cut| cut <= row);
            centres[[scene, d]] + noise * rng.random_range(-1.0..1.0f32)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn equals_the_plain_dynamic_programme(
            seed in 0u64..1_000_000, rows in 2usize..45, parts in 1usize..8, noise in 0.0f32..1.0,
            vmax in 0.0f64..2.0, limit in 0usize..45,
        ) {
            let features = scenes(seed, rows, parts, noise);
            let found = kts(features.view(), &KtsParams { vmax, max_change_points: Some(limit) });
            let (_, expected) = reference(&features, vmax, limit);
            prop_assert!(found.change_points.len() <= limit);
            prop_assert!((found.objective(rows) * rows as f64 - expected).abs() < 1e-8);
        }
    }

    #[test]
    fn planted_scenes_are_found_where_they_are() {
        let mut features = Array2::zeros((700, 16));
        for (scene, range) in [0..100, 100..333, 333..340, 340..700]
            .into_iter()
            .enumerate()
        {
            features.slice_mut(s![range, scene]).fill(3.0f32);
        }
        let found = kts(features.view(), &KtsParams::default());
        assert_eq!(found.change_points, vec![100, 333, 340]);
        assert!(found.cost < 1e-9);
        assert!((found.penalty - 3.0 / 1400.0 * ((700.0f64 / 3.0).ln() + 1.0)).abs() < 1e-15);
    }

    #[test]
    fn still_tiny_and_broken_features_do_not_upset_it() {
        let still = Array2::from_elem((600, 4), 0.3f32);
        assert!(
            kts(still.view(), &KtsParams::default())
                .change_points
                .is_empty()
        );
        for rows in 0..3 {
            let few = Array2::from_shape_fn((rows, 4), |(r, d)| (r == d) as u8 as f32);
            assert!(kts(few.view(), &KtsParams::default()).change_points.len() < rows.max(1));
        }
        let mut broken = scenes(3, 60, 3, 0.01);
        broken[[5, 0]] = f32::NAN;
        broken.row_mut(9).fill(0.0);
        assert!(kts(broken.view(), &KtsParams::default()).cost.is_finite());
    }

    #[test]
    fn a_binding_limit_gives_the_best_of_that_many() {
        let features = scenes(9, 300, 12, 0.05);
        let free = kts(features.view(), &KtsParams::default());
        assert!(free.change_points.len() > 4);
        let params = KtsParams {
            max_change_points: Some(3),
            ..KtsParams::default()
        };
        let limited = kts(features.view(), &params);
        let (change_points, _) = reference(&features.slice(s![.., ..]).to_owned(), 1.0, 3);
        assert_eq!(limited.change_points, change_points);
    }
}
