//! Gaussian kernel density of points on the plane, with Scott's rule, and its contours.
//!
//! As scipy's `gaussian_kde` with `bw_method = factor × scotts_factor`.

use contour::ContourBuilder;
use rayon::prelude::*;

/// A kernel density estimate in two dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    points: Vec<[f64; 2]>,
    /// Lower Cholesky factor of the kernel's covariance.
    cholesky: [f64; 3],
    /// 1 / (n · 2π · √det).
    scale: f64,
}

/// A region of density above a level; rings are closed, holes follow their outline.
#[derive(Clone, Debug, PartialEq)]
pub struct ContourLevel {
    /// Density at the line, as a share of the largest density on the grid.
    pub level: f64,
    pub polygons: Vec<ContourPolygon>,
}

/// An outline with holes, in the plane's coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct ContourPolygon {
    pub exterior: Vec<[f64; 2]>,
    pub holes: Vec<Vec<[f64; 2]>>,
}

/// Density on a grid of equal steps.
#[derive(Clone, Debug, PartialEq)]
pub struct DensityGrid {
    pub columns: usize,
    pub rows: usize,
    /// Place of the first value.
    pub origin: [f64; 2],
    pub step: [f64; 2],
    /// Row by row from the origin.
    pub values: Vec<f64>,
}

impl Density {
    /// Fits to points; `factor` widens (above 1) or narrows Scott's bandwidth n^(−1/6).
    /// `None` for fewer than three points, points on one line, or a factor that is not above 0.
    pub fn fit(points: &[[f64; 2]], factor: f64) -> Option<Self> {
        let n = points.len() as f64;
        if points.len() < 3 || !(factor.is_finite() && factor > 0.0) {
            return None;
        }
        let mean = |axis: usize| points.iter().map(|p| p[axis]).sum::<f64>() / n;
        let mean = [mean(0), mean(1)];
        let covariance = |a: usize, b: usize| {
            let sum: f64 = points
                .iter()
                .map(|p| (p[a] - mean[a]) * (p[b] - mean[b]))
                .sum();
            sum / (n - 1.0)
        };
        let bandwidth = factor * n.powf(-1.0 / 6.0);
        let square = bandwidth * bandwidth;
        let (xx, xy, yy) = (
            covariance(0, 0) * square,
            covariance(0, 1) * square,
            covariance(1, 1) * square,
        );
        let determinant = xx * yy - xy * xy;
        if !(determinant > 1e-12 * xx * yy && xx > 0.0 && yy > 0.0) {
            return None;
        }
        let l00 = xx.sqrt();
        let l10 = xy / l00;
        Some(Self {
            points: points.to_vec(),
            cholesky: [l00, l10, (yy - l10 * l10).sqrt()],
            scale: 1.0 / (n * 2.0 * std::f64::consts::PI * determinant.sqrt()),
        })
    }

    /// Density at a place.
    pub fn at(&self, place: [f64; 2]) -> f64 {
        let [l00, l10, l11] = self.cholesky;
        let sum: f64 = self
            .points
            .iter()
            .map(|point| {
                let u = (place[0] - point[0]) / l00;
                let v = (place[1] - point[1] - l10 * u) / l11;
                (-(u * u + v * v) / 2.0).exp()
            })
            .sum();
        sum * self.scale
    }

    /// Density on a grid that reaches `margin` bandwidths beyond the points and the extra places.
    pub fn grid(&self, columns: usize, rows: usize, also: &[[f64; 2]]) -> DensityGrid {
        const MARGIN: f64 = 3.0;
        let [l00, l10, l11] = self.cholesky;
        let widths = [l00, l10.hypot(l11)];
        let mut low = [f64::INFINITY; 2];
        let mut high = [f64::NEG_INFINITY; 2];
        for (points, margin) in [(&self.points[..], MARGIN), (also, 0.5)] {
            for axis in 0..2 {
                for point in points {
                    low[axis] = low[axis].min(point[axis] - margin * widths[axis]);
                    high[axis] = high[axis].max(point[axis] + margin * widths[axis]);
                }
            }
        }
        let (columns, rows) = (columns.max(2), rows.max(2));
        let step = [
            (high[0] - low[0]) / (columns - 1) as f64,
            (high[1] - low[1]) / (rows - 1) as f64,
        ];
        let x = |column: usize| low[0] + column as f64 * step[0];
        let y = |row: usize| low[1] + row as f64 * step[1];
        // Along the principal axes the kernel is a product, and the grid needs exponentials per row
        // and column only.
        let separable = l10.abs() <= 1e-9 * widths[1];
        let values = if separable {
            let along = |place: f64, axis: usize, width: f64| -> Vec<f64> {
                let kernel = |p: &[f64; 2]| (-((place - p[axis]) / width).powi(2) / 2.0).exp();
                self.points.iter().map(kernel).collect()
            };
            let by_column: Vec<Vec<f64>> = (0..columns).map(|c| along(x(c), 0, l00)).collect();
            (0..rows)
                .into_par_iter()
                .flat_map_iter(|row| {
                    let by_row = along(y(row), 1, l11);
                    by_column
                        .iter()
                        .map(|column| {
                            let products = column.iter().zip(&by_row).map(|(a, b)| a * b);
                            products.sum::<f64>() * self.scale
                        })
                        .collect::<Vec<_>>()
                })
                .collect()
        } else {
            (0..rows)
                .into_par_iter()
                .flat_map_iter(|row| (0..columns).map(move |column| self.at([x(column), y(row)])))
                .collect()
        };
        DensityGrid {
            columns,
            rows,
            origin: low,
            step,
            values,
        }
    }
}

impl DensityGrid {
    /// Regions above each level, levels as shares of the largest value, lowest first. Lines run by
    /// linear interpolation.
    pub fn contours(&self, levels: &[f64]) -> Vec<ContourLevel> {
        let most = self.values.iter().copied().fold(0.0, f64::max);
        let thresholds: Vec<f64> = levels.iter().map(|level| level * most).collect();
        let builder = ContourBuilder::new(self.columns, self.rows, true);
        let Ok(contours) = builder.contours(&self.values, &thresholds) else {
            return Vec::new();
        };
        // The library puts values at the middle of unit cells.
        let place = |x: f64, y: f64| {
            [
                self.origin[0] + (x - 0.5) * self.step[0],
                self.origin[1] + (y - 0.5) * self.step[1],
            ]
        };
        contours
            .into_iter()
            .zip(levels)
            .map(|(contour, &level)| ContourLevel {
                level,
                polygons: contour
                    .into_inner()
                    .0
                    .into_iter()
                    .map(|polygon| {
                        let (exterior, holes) = polygon.into_inner();
                        let points = |ring: Vec<_>| -> Vec<[f64; 2]> {
                            ring.into_iter()
                                .map(|c: contour::Pt| place(c.x, c.y))
                                .collect()
                        };
                        ContourPolygon {
                            exterior: points(exterior.0),
                            holes: holes.into_iter().map(|hole| points(hole.0)).collect(),
                        }
                    })
                    .collect(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [[f64; 2]; 5] = [[0.0, 0.0], [1.0, 0.5], [2.0, -0.5], [0.5, 1.5], [-1.0, 0.3]];

    #[test]
    fn density_sums_to_one_and_the_grid_is_the_density() {
        let density = Density::fit(&POINTS, 0.7).unwrap();
        let grid = density.grid(120, 90, &[]);
        let sum: f64 = grid.values.iter().sum::<f64>() * grid.step[0] * grid.step[1];
        assert!((sum - 1.0).abs() < 0.01, "{sum}");
        let place = [
            grid.origin[0] + 40.0 * grid.step[0],
            grid.origin[1] + 30.0 * grid.step[1],
        ];
        assert!((grid.values[30 * 120 + 40] - density.at(place)).abs() < 1e-12);
    }

    #[test]
    fn contours_lie_on_their_level() {
        // Uncorrelated points, so that the separable way is taken.
        let points: Vec<[f64; 2]> = (0..16)
            .map(|i| {
                [
                    [-1.0, 1.0][i % 2] * (1.0 + (i / 4) as f64),
                    [-1.0, 1.0][i / 2 % 2] * (1.0 + (i / 4) as f64 / 2.0),
                ]
            })
            .collect();
        let density = Density::fit(&points, 0.5).unwrap();
        assert!(density.cholesky[1].abs() < 1e-9);
        let grid = density.grid(160, 160, &[]);
        let most = grid.values.iter().copied().fold(0.0, f64::max);
        let levels = grid.contours(&[0.1, 0.5, 0.9]);
        assert_eq!(levels.len(), 3);
        for level in &levels {
            assert!(!level.polygons.is_empty());
            for point in level.polygons.iter().flat_map(|p| &p.exterior) {
                assert!((density.at(*point) / most - level.level).abs() < 0.02);
            }
        }
    }

    #[test]
    fn too_few_points_have_no_density() {
        assert!(Density::fit(&POINTS[..2], 1.0).is_none());
        assert!(Density::fit(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], 1.0).is_none());
        assert!(Density::fit(&POINTS, 0.0).is_none());
    }
}
