//! The figure of who agrees with which method (figure 3 of the paper): for each method a grid of
//! videos × annotators.
//!
//! Rank correlations are kept, so that the threshold can move freely; the grids are made anew when
//! it does. Paints nothing.

use std::sync::Arc;

use crate::analysis::agreement::mean_of;
use crate::analysis::matches::{MatchTaus, order_by_similarity};
use crate::jobs::Progress;
use crate::pipeline::MethodKind;

/// Above so many videos rows stay in the order of the file: ordering takes the square of their
/// number.
const MOST_ORDERED: usize = 2000;

/// One method's correlations with the annotators of every video.
#[derive(Clone, Debug)]
pub struct MethodTaus {
    pub name: String,
    pub kind: MethodKind,
    /// One a video; `None` until computed, or where it could not be.
    pub videos: Vec<Option<Arc<MatchTaus>>>,
    /// Why videos have none: the first reason.
    pub fault: Option<String>,
}

/// One method's grid at the threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// `[video][annotator]`: share of the method's samples that match, in [0, 1].
    pub shares: Vec<Vec<Option<f32>>>,
    /// Mean of all defined cells.
    pub area: Option<f64>,
    /// Share of the defined cells with any match.
    pub reached: Option<f64>,
}

/// All grids, in one order of rows and columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureView {
    pub threshold: f64,
    /// The method whose grid gives the order.
    pub ordered_by: usize,
    /// Videos from top to bottom.
    pub rows: Vec<usize>,
    /// Annotators from left to right.
    pub columns: Vec<usize>,
    /// One a method.
    pub grids: Vec<Grid>,
}

/// The figure and how far it has come.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    pub methods: Vec<MethodTaus>,
    /// The method that a person chose to order rows and columns by.
    pub order_by: Option<usize>,
    /// Whether rows and columns stay as the file has them.
    pub file_order: bool,
    pub progress: Option<Progress>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Why there are no samples of a bundle, in a sentence.
    pub note: Option<String>,
    pub view: Arc<FigureView>,
    /// When the view was made last while computing, in the window's seconds.
    pub updated_secs: f64,
}

impl Figure {
    /// Makes the grids at a threshold.
    pub fn update(&mut self, threshold: f64) {
        self.view = Arc::new(view(
            &self.methods,
            threshold,
            self.ordering(),
            self.file_order,
        ));
    }

    /// The method that gives the order: the chosen one, else the samples, else the people.
    pub fn ordering(&self) -> usize {
        self.order_by
            .filter(|&method| method < self.methods.len())
            .or_else(|| {
                let of = |kind| self.methods.iter().position(|method| method.kind == kind);
                of(MethodKind::Samples).or_else(|| of(MethodKind::People))
            })
            .unwrap_or(0)
    }
}

fn view(methods: &[MethodTaus], threshold: f64, ordered_by: usize, file_order: bool) -> FigureView {
    let grids: Vec<Grid> = methods
        .iter()
        .map(|method| grid(method, threshold))
        .collect();
    let videos = methods.iter().map(|m| m.videos.len()).max().unwrap_or(0);
    let annotators = grids
        .iter()
        .flat_map(|grid| grid.shares.iter().map(Vec::len))
        .max()
        .unwrap_or(0);
    let wide = |share: Option<f32>| share.map(f64::from);
    let (mut rows, mut columns): (Vec<usize>, Vec<usize>) =
        ((0..videos).collect(), (0..annotators).collect());
    if let Some(grid) = grids
        .get(ordered_by)
        .filter(|_| videos <= MOST_ORDERED && !file_order)
    {
        let padded: Vec<Vec<Option<f64>>> = grid
            .shares
            .iter()
            .map(|row| {
                (0..annotators)
                    .map(|at| row.get(at).copied().flatten().and_then(|s| wide(Some(s))))
                    .collect()
            })
            .collect();
        if padded.len() == videos {
            rows = order_by_similarity(&padded);
        }
        let transposed: Vec<Vec<Option<f64>>> = (0..annotators)
            .map(|at| padded.iter().map(|row| row[at]).collect())
            .collect();
        columns = order_by_similarity(&transposed);
    }
    FigureView {
        threshold,
        ordered_by,
        rows,
        columns,
        grids,
    }
}

fn grid(method: &MethodTaus, threshold: f64) -> Grid {
    let shares: Vec<Vec<Option<f32>>> = method
        .videos
        .iter()
        .map(|taus| match taus {
            Some(taus) => {
                let everyone: Vec<usize> = (0..taus.taus.len()).collect();
                taus.row("", &everyone, threshold)
                    .shares
                    .into_iter()
                    .map(|share| share.map(|share| share as f32))
                    .collect()
            }
            None => Vec::new(),
        })
        .collect();
    let cells = || shares.iter().flatten().filter_map(|share| *share);
    Grid {
        area: mean_of(cells().map(f64::from)),
        reached: mean_of(cells().map(|share| if share > 0.0 { 1.0 } else { 0.0 })),
        shares,
    }
}

/// Each annotator judged by the others: `[other][annotator]`, undefined with oneself.
pub fn people_taus(annotators: &[Vec<f32>]) -> MatchTaus {
    let mut taus = MatchTaus::new(annotators, annotators);
    for (at, row) in taus.taus.iter_mut().enumerate() {
        if let Some(own) = row.get_mut(at) {
            *own = None;
        }
    }
    taus
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taus(rows: &[&[f64]]) -> Option<Arc<MatchTaus>> {
        Some(Arc::new(MatchTaus {
            taus: rows
                .iter()
                .map(|row| row.iter().map(|&tau| Some(tau)).collect())
                .collect(),
        }))
    }

    fn figure() -> Figure {
        Figure {
            methods: vec![
                MethodTaus {
                    name: "samples".into(),
                    kind: MethodKind::Samples,
                    videos: vec![
                        taus(&[&[0.3, 0.0], &[0.5, 0.1]]),
                        None,
                        taus(&[&[0.3, 0.3], &[0.3, 0.3]]),
                    ],
                    fault: None,
                },
                MethodTaus {
                    name: "scorer".into(),
                    kind: MethodKind::Scorer,
                    videos: vec![taus(&[&[0.4, 0.1]]), taus(&[&[0.0, 0.0]]), None],
                    fault: None,
                },
            ],
            ..Figure::default()
        }
    }

    #[test]
    fn the_threshold_moves_over_kept_correlations() {
        let mut figure = figure();
        figure.update(0.25);
        let grid = &figure.view.grids[0];
        assert_eq!(grid.shares[0], vec![Some(1.0), Some(0.0)]);
        assert!(grid.shares[1].is_empty());
        assert_eq!(grid.area, Some(0.75));
        assert_eq!(figure.view.grids[1].area, Some(0.25));
        figure.update(0.4);
        assert_eq!(figure.view.grids[0].shares[0][0], Some(0.5));
        // The fullest row stands first.
        figure.update(0.25);
        assert_eq!(figure.view.rows[0], 2);
        assert_eq!(figure.view.columns.len(), 2);
        figure.file_order = true;
        figure.update(0.25);
        assert_eq!(figure.view.rows, [0, 1, 2]);
    }

    #[test]
    fn people_are_not_judged_by_themselves() {
        let rated = [
            vec![1.0, 2.0, 3.0],
            vec![1.0, 2.0, 3.0],
            vec![3.0, 2.0, 1.0],
        ];
        let taus = people_taus(&rated);
        assert_eq!(taus.taus[0][0], None);
        let row = taus.row("", &[0, 1, 2], 0.25);
        assert_eq!(row.shares, vec![Some(0.5), Some(0.5), Some(0.0)]);
    }
}
