//! Principal components: the plane of largest variance of a few vectors, and where other vectors
//! fall on it.
//!
//! As scikit-learn's `PCA(n_components=2)`, up to the sign of each axis, which is fixed here by
//! making its largest loading positive.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// A plane fitted to vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    mean: Array1<f64>,
    /// Orthonormal axes [2, D]; zeros where there is no second direction of variance.
    axes: Array2<f64>,
    /// Share of the fitted vectors' variance along each axis.
    pub explained: [f64; 2],
}

/// A vector seen from the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projected {
    pub at: [f64; 2],
    /// Distance of the vector from the plane.
    pub residual: f64,
}

/// Above this size a full eigendecomposition would be slow, and the two leading directions are
/// found by iteration.
const MOST_EXACT: usize = 300;

impl Plane {
    /// Fits the plane to the rows of [n, D]. `None` for fewer than two rows or rows that are all
    /// alike.
    pub fn fit(rows: ArrayView2<'_, f64>) -> Option<Self> {
        let (n, dims) = rows.dim();
        if n < 2 || dims == 0 {
            return None;
        }
        let mean = rows.mean_axis(Axis(0))?;
        let centred = &rows - &mean;
        let total: f64 = centred.iter().map(|v| v * v).sum();
        if !(total.is_finite() && total > 1e-18 * n as f64) {
            return None;
        }
        // The smaller of the two products has the same leading eigenvalues.
        let by_rows = n <= dims;
        let product = if by_rows {
            centred.dot(&centred.t())
        } else {
            centred.t().dot(&centred)
        };
        let mut axes = Array2::zeros((2, dims));
        let mut explained = [0.0; 2];
        for (at, (value, vector)) in leading(&product).into_iter().enumerate().take(2) {
            if value <= 1e-12 * total {
                continue;
            }
            let mut axis = if by_rows {
                centred.t().dot(&vector)
            } else {
                vector
            };
            // Made orthogonal once more: the product's rounding grows in the smaller axis.
            if at == 1 {
                let along = axis.dot(&axes.row(0));
                axis.scaled_add(-along, &axes.row(0));
            }
            let norm = axis.dot(&axis).sqrt();
            let largest = axis
                .iter()
                .copied()
                .fold(0.0f64, |a, b| if b.abs() > a.abs() + 1e-12 { b } else { a });
            axis /= norm.copysign(if largest < 0.0 { -1.0 } else { 1.0 });
            axes.row_mut(at).assign(&axis);
            explained[at] = value / total;
        }
        Some(Self {
            mean,
            axes,
            explained,
        })
    }

    /// Where a vector of length D falls.
    pub fn project(&self, vector: ArrayView1<'_, f64>) -> Projected {
        let centred = &vector - &self.mean;
        let at = [
            self.axes.row(0).dot(&centred),
            self.axes.row(1).dot(&centred),
        ];
        let beyond = centred.dot(&centred) - at[0] * at[0] - at[1] * at[1];
        Projected {
            at,
            residual: beyond.max(0.0).sqrt(),
        }
    }
}

/// Leading eigenpairs of a symmetric matrix, largest first; at least two where it has two rows.
fn leading(product: &Array2<f64>) -> Vec<(f64, Array1<f64>)> {
    let n = product.nrows();
    if n <= MOST_EXACT {
        return eigenpairs(product);
    }
    // Subspace iteration with spare columns, until the two leading Ritz values stand still.
    let columns = 12.min(n);
    let mut basis = Array2::from_shape_fn((n, columns), |(row, column)| {
        // Any start that is no eigenvector will do; this one is always the same.
        ((row * 31 + column * 17 + 7) % 101) as f64 / 101.0 - 0.5
    });
    orthonormalise(&mut basis);
    let mut before = [0.0; 2];
    for _ in 0..1000 {
        let moved = product.dot(&basis);
        let small = basis.t().dot(&moved);
        let pairs = eigenpairs(&small);
        let values = [pairs[0].0, pairs[1].0];
        let still = (0..2).all(|at| (values[at] - before[at]).abs() <= 1e-14 * values[0].abs());
        before = values;
        let mut rotation = Array2::zeros((columns, columns));
        for (column, (_, vector)) in pairs.iter().enumerate() {
            rotation.column_mut(column).assign(vector);
        }
        if still {
            let vectors = basis.dot(&rotation);
            return (0..2)
                .map(|at| (values[at], vectors.column(at).to_owned()))
                .collect();
        }
        basis = moved.dot(&rotation);
        orthonormalise(&mut basis);
    }
    eigenpairs(product)
}

fn eigenpairs(matrix: &Array2<f64>) -> Vec<(f64, Array1<f64>)> {
    let n = matrix.nrows();
    let eigen = SymmetricEigen::new(DMatrix::from_fn(n, n, |row, column| matrix[[row, column]]));
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    order
        .into_iter()
        .map(|at| {
            let vector = eigen.eigenvectors.column(at).iter().copied().collect();
            (eigen.eigenvalues[at], vector)
        })
        .collect()
}

/// Gram–Schmidt, twice for safety.
fn orthonormalise(basis: &mut Array2<f64>) {
    for column in 0..basis.ncols() {
        for _ in 0..2 {
            let (done, mut rest) = basis.view_mut().split_at(Axis(1), column);
            let mut here = rest.column_mut(0);
            for other in done.columns() {
                let along = here.dot(&other);
                here.scaled_add(-along, &other);
            }
        }
        let mut here = basis.column_mut(column);
        let norm = here.dot(&here).sqrt();
        if norm > 1e-300 {
            here /= norm;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use rand::{Rng, SeedableRng};

    #[test]
    fn a_flat_cloud_is_seen_without_residual() {
        let rows = array![
            [0.0, 0.0, 1.0],
            [3.0, 0.0, 1.0],
            [0.0, 1.0, 1.0],
            [3.0, 1.0, 1.0]
        ];
        let plane = Plane::fit(rows.view()).unwrap();
        assert!(
            (plane.explained[0] - 0.9).abs() < 1e-12 && (plane.explained[1] - 0.1).abs() < 1e-12
        );
        let seen = plane.project(array![3.0, 1.0, 1.0].view());
        assert!((seen.at[0] - 1.5).abs() < 1e-12 && (seen.at[1] - 0.5).abs() < 1e-12);
        assert!(seen.residual < 1e-9);
        let off = plane.project(array![3.0, 1.0, 5.0].view());
        assert!((off.residual - 4.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_to_fit_is_none() {
        assert!(Plane::fit(array![[1.0, 2.0]].view()).is_none());
        assert!(Plane::fit(array![[1.0, 2.0], [1.0, 2.0]].view()).is_none());
        assert_eq!(
            Plane::fit(array![[1.0, 2.0], [3.0, 2.0]].view())
                .unwrap()
                .explained,
            [1.0, 0.0]
        );
    }

    #[test]
    fn iteration_and_decomposition_agree() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
        let rows = Array2::from_shape_fn((400, 350), |(r, c)| {
            rng.random_range(-1.0..1.0)
                + if c < 20 { (r % 7) as f64 / 3.0 } else { 0.0 }
                + if c > 320 { (r % 3) as f64 / 2.0 } else { 0.0 }
        });
        let plane = Plane::fit(rows.view()).unwrap();
        let centred = &rows - &rows.mean_axis(Axis(0)).unwrap();
        let exact = eigenpairs(&centred.t().dot(&centred));
        let total: f64 = centred.iter().map(|v| v * v).sum();
        for (at, (value, axis)) in exact.iter().take(2).enumerate() {
            assert!((plane.explained[at] - value / total).abs() < 1e-9);
            assert!((plane.axes.row(at).dot(axis).abs() - 1.0).abs() < 1e-6);
        }
    }
}
