//! The distribution view's numbers: annotators, samples and medoids on one plane, with the
//! annotators' density.
//!
//! Summaries are vectors of what they keep. Columns that all summaries agree on are one column
//! weighted by its length, so that the plane equals the one fitted frame by frame at a fraction of
//! the cost. Paints nothing (see `views`).

use ndarray::{Array1, Array2, s};

use super::density::{ContourLevel, Density};
use super::pca::Plane;
use super::raters::in_ranges;
use crate::domain::FrameRange;

/// What the plane and density are fitted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FittedOn {
    Annotators,
    /// With fewer than three annotators there is no density of annotators.
    Samples,
}

/// Everything the distribution view paints, in the plane's coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct DistributionPlot {
    pub annotators: Vec<[f64; 2]>,
    pub samples: Vec<[f64; 2]>,
    /// Representatives of the alternatives.
    pub medoids: Vec<[f64; 2]>,
    /// Other summaries: baselines, own picks.
    pub others: Vec<[f64; 2]>,
    /// Share of the fitted summaries' variance along each axis, in [0, 1].
    pub explained: [f64; 2],
    /// Density regions, lowest level first; empty where the fitted points have no density (all on a
    /// line, say).
    pub contours: Vec<ContourLevel>,
    pub fitted_on: FittedOn,
    /// Distance of each sample from the plane, in the unit of the axes.
    pub sample_residuals: Vec<f64>,
    pub other_residuals: Vec<f64>,
    /// Largest distance of a fitted summary from the plane: points beyond it are not shown truly.
    pub residual_limit: f64,
}

impl DistributionPlot {
    /// Whether a point lies further from the plane than any fitted summary.
    pub fn is_beyond(&self, residual: f64) -> bool {
        residual > self.residual_limit * 1.05 + 1e-9
    }

    /// Points of a kind by distance from a place, for hovering.
    pub fn nearest(points: &[[f64; 2]], place: [f64; 2]) -> Option<usize> {
        let distance = |p: &[f64; 2]| (p[0] - place[0]).hypot(p[1] - place[1]);
        (0..points.len()).min_by(|&a, &b| distance(&points[a]).total_cmp(&distance(&points[b])))
    }

    /// The nearest other point in a direction (unit vector), for walking with arrow keys: within
    /// 60° of it, nearest first.
    pub fn neighbour(points: &[[f64; 2]], from: usize, direction: [f64; 2]) -> Option<usize> {
        let origin = *points.get(from)?;
        let ahead = |p: &[f64; 2]| {
            let (dx, dy) = (p[0] - origin[0], p[1] - origin[1]);
            let length = dx.hypot(dy);
            let along = dx * direction[0] + dy * direction[1];
            (length > 0.0 && along >= 0.5 * length).then_some(length)
        };
        (0..points.len())
            .filter(|&other| other != from)
            .filter_map(|other| Some((other, ahead(&points[other])?)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(other, _)| other)
    }

    /// Points inside a closed lasso (even–odd rule).
    pub fn inside(points: &[[f64; 2]], lasso: &[[f64; 2]]) -> Vec<usize> {
        (0..points.len())
            .filter(|&at| {
                let [x, y] = points[at];
                let edges = lasso.iter().zip(lasso.iter().cycle().skip(1));
                edges
                    .filter(|(a, b)| {
                        (a[1] > y) != (b[1] > y)
                            && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
                    })
                    .count()
                    % 2
                    == 1
            })
            .collect()
    }
}

/// What is laid on the plane.
#[derive(Clone, Debug, Default)]
pub struct DistributionInput<'a> {
    /// User summary of each annotator: sorted disjoint ranges.
    pub annotators: &'a [Vec<FrameRange>],
    /// Summary of each sample.
    pub samples: &'a [Vec<FrameRange>],
    /// Sample indices of the alternatives' representatives.
    pub medoids: &'a [usize],
    /// Baselines and own picks.
    pub others: &'a [Vec<FrameRange>],
    pub frame_count: u64,
    /// Frames between compared frames; 1 for every frame.
    pub stride: u64,
}

/// How the density is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DensityStyle {
    /// Widens (above 1) or narrows Scott's bandwidth.
    pub bandwidth_factor: f64,
    /// Contour levels as shares of the largest density, ascending.
    pub levels: Vec<f64>,
    /// Grid points along each axis.
    pub grid: usize,
}

impl Default for DensityStyle {
    fn default() -> Self {
        Self {
            bandwidth_factor: 1.0,
            levels: (1..10).map(|tenth| f64::from(tenth) / 10.0).collect(),
            grid: 96,
        }
    }
}

/// Fits the plane on the annotators (with fewer than three, on the samples) and lays everything on
/// it. `None` where the fitted summaries are all alike or there is nothing to fit.
pub fn distribution(
    input: &DistributionInput<'_>,
    style: &DensityStyle,
) -> Option<DistributionPlot> {
    let all: Vec<&[FrameRange]> = [input.annotators, input.samples, input.others]
        .into_iter()
        .flatten()
        .map(Vec::as_slice)
        .collect();
    let columns = Columns::new(&all, input.frame_count, input.stride.max(1));
    let vectors = columns.vectors(&all);
    let (annotators, samples) = (input.annotators.len(), input.samples.len());
    let (fitted_on, fitted) = if annotators >= 3 {
        (FittedOn::Annotators, 0..annotators)
    } else {
        (FittedOn::Samples, annotators..annotators + samples)
    };
    plot_vectors(&vectors, input, fitted_on, fitted, style)
}

/// As [`distribution`], for importance scores instead of selections: rows of equal length,
/// annotators first, then samples, then others.
pub fn distribution_of_scores(
    annotators: &[Vec<f32>],
    samples: &[Vec<f32>],
    medoids: &[usize],
    others: &[Vec<f32>],
    style: &DensityStyle,
) -> Option<DistributionPlot> {
    let rows: Vec<&Vec<f32>> = annotators.iter().chain(samples).chain(others).collect();
    let length = rows.iter().map(|row| row.len()).min()?;
    let mut vectors = Array2::zeros((rows.len(), length));
    for (mut out, row) in vectors.outer_iter_mut().zip(&rows) {
        let finite = row
            .iter()
            .map(|&v| if v.is_finite() { f64::from(v) } else { 0.0 });
        out.assign(&Array1::from_iter(finite.take(length)));
    }
    let (fitted_on, fitted) = if annotators.len() >= 3 {
        (FittedOn::Annotators, 0..annotators.len())
    } else {
        (
            FittedOn::Samples,
            annotators.len()..annotators.len() + samples.len(),
        )
    };
    // Only the numbers of each kind matter here.
    let empty = |n: usize| vec![Vec::new(); n];
    let (annotators, samples, others) = (
        empty(annotators.len()),
        empty(samples.len()),
        empty(others.len()),
    );
    let input = DistributionInput {
        annotators: &annotators,
        samples: &samples,
        medoids,
        others: &others,
        ..DistributionInput::default()
    };
    plot_vectors(&vectors, &input, fitted_on, fitted, style)
}

fn plot_vectors(
    vectors: &Array2<f64>,
    input: &DistributionInput<'_>,
    fitted_on: FittedOn,
    fitted: std::ops::Range<usize>,
    style: &DensityStyle,
) -> Option<DistributionPlot> {
    let plane = Plane::fit(vectors.slice(s![fitted.clone(), ..]))?;
    let projected: Vec<_> = vectors.outer_iter().map(|row| plane.project(row)).collect();
    let at: Vec<[f64; 2]> = projected.iter().map(|p| p.at).collect();
    let residuals: Vec<f64> = projected.iter().map(|p| p.residual).collect();
    let (annotators, samples) = (input.annotators.len(), input.samples.len());
    let contours = Density::fit(&at[fitted.clone()], style.bandwidth_factor)
        .map(|density| {
            density
                .grid(style.grid, style.grid, &at)
                .contours(&style.levels)
        })
        .unwrap_or_default();
    let sample_points = at[annotators..annotators + samples].to_vec();
    Some(DistributionPlot {
        annotators: at[..annotators].to_vec(),
        medoids: input
            .medoids
            .iter()
            .filter_map(|&m| sample_points.get(m).copied())
            .collect(),
        samples: sample_points,
        others: at[annotators + samples..].to_vec(),
        explained: plane.explained,
        contours,
        fitted_on,
        sample_residuals: residuals[annotators..annotators + samples].to_vec(),
        other_residuals: residuals[annotators + samples..].to_vec(),
        residual_limit: residuals[fitted].iter().copied().fold(0.0, f64::max),
    })
}

/// Stretches of compared frames that no summary's boundary divides.
struct Columns {
    /// First compared frame of each stretch.
    frames: Vec<u64>,
    /// Root of the number of compared frames in it.
    weights: Vec<f64>,
}

impl Columns {
    fn new(summaries: &[&[FrameRange]], frame_count: u64, stride: u64) -> Self {
        // A boundary takes effect at the first compared frame at or after it.
        let mut edges: Vec<u64> = summaries
            .iter()
            .flat_map(|ranges| ranges.iter().flat_map(|range| [range.start, range.end]))
            .map(|edge| edge.div_ceil(stride))
            .chain([0])
            .filter(|&edge| edge * stride < frame_count)
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let last = frame_count.div_ceil(stride);
        let ends = edges.iter().skip(1).copied().chain([last]);
        Self {
            weights: edges
                .iter()
                .zip(ends)
                .map(|(&a, b)| ((b - a) as f64).sqrt())
                .collect(),
            frames: edges.iter().map(|edge| edge * stride).collect(),
        }
    }

    fn vectors(&self, summaries: &[&[FrameRange]]) -> Array2<f64> {
        Array2::from_shape_fn((summaries.len(), self.frames.len()), |(row, column)| {
            if in_ranges(summaries[row], self.frames[column]) {
                self.weights[column]
            } else {
                0.0
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};

    fn summaries(seed: u64, count: usize) -> Vec<Vec<FrameRange>> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        (0..count)
            .map(|_| {
                let ranges = (0..4).map(|_| {
                    let start = rng.random_range(0..280u64);
                    FrameRange::new(start, start + rng.random_range(5..20u64))
                });
                FrameRange::merged(ranges.collect())
            })
            .collect()
    }

    #[test]
    fn stretches_give_the_plane_of_single_frames() {
        let (annotators, samples) = (summaries(1, 12), summaries(2, 30));
        for stride in [1, 7] {
            let input = DistributionInput {
                annotators: &annotators,
                samples: &samples,
                medoids: &[3],
                frame_count: 300,
                stride,
                ..DistributionInput::default()
            };
            let plot = distribution(&input, &DensityStyle::default()).unwrap();
            let frames = |summary: &Vec<FrameRange>| -> Vec<f32> {
                (0..300)
                    .step_by(stride as usize)
                    .map(|f| f32::from(u8::from(in_ranges(summary, f))))
                    .collect()
            };
            let rows =
                |all: &[Vec<FrameRange>]| -> Vec<Vec<f32>> { all.iter().map(frames).collect() };
            let single = distribution_of_scores(
                &rows(&annotators),
                &rows(&samples),
                &[3],
                &[],
                &DensityStyle::default(),
            )
            .unwrap();
            for (a, b) in plot
                .annotators
                .iter()
                .chain(&plot.samples)
                .zip(single.annotators.iter().chain(&single.samples))
            {
                // The sign rule looks at loadings, which differ between the two forms.
                assert!(
                    (a[0].abs() - b[0].abs()).abs() < 1e-8
                        && (a[1].abs() - b[1].abs()).abs() < 1e-8
                );
            }
            for (a, b) in plot.sample_residuals.iter().zip(&single.sample_residuals) {
                assert!((a - b).abs() < 1e-6);
            }
            assert!((plot.explained[0] - single.explained[0]).abs() < 1e-9);
            assert_eq!(plot.medoids, vec![plot.samples[3]]);
            assert!(!plot.contours.is_empty());
            assert_eq!(plot.fitted_on, FittedOn::Annotators);
        }
    }

    #[test]
    fn few_annotators_leave_the_plane_to_the_samples() {
        let (annotators, samples) = (summaries(1, 2), summaries(2, 30));
        let mut input = DistributionInput {
            annotators: &annotators,
            samples: &samples,
            frame_count: 300,
            stride: 15,
            ..DistributionInput::default()
        };
        let plot = distribution(&input, &DensityStyle::default()).unwrap();
        assert_eq!(
            (plot.fitted_on, plot.annotators.len()),
            (FittedOn::Samples, 2)
        );
        assert!(plot.sample_residuals.iter().all(|&r| !plot.is_beyond(r)));
        input.samples = &[];
        assert!(distribution(&input, &DensityStyle::default()).is_none());
    }

    #[test]
    fn points_are_found_walked_and_caught() {
        let points = [[0.0, 0.0], [1.0, 0.0], [3.0, 0.2], [0.0, 2.0]];
        assert_eq!(DistributionPlot::nearest(&points, [2.5, 0.0]), Some(2));
        assert_eq!(DistributionPlot::neighbour(&points, 0, [1.0, 0.0]), Some(1));
        assert_eq!(DistributionPlot::neighbour(&points, 1, [1.0, 0.0]), Some(2));
        assert_eq!(DistributionPlot::neighbour(&points, 0, [0.0, -1.0]), None);
        let lasso = [[-0.5, -0.5], [2.0, -0.5], [2.0, 1.0], [-0.5, 1.0]];
        assert_eq!(DistributionPlot::inside(&points, &lasso), vec![0, 1]);
    }
}
