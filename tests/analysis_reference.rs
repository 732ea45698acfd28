//! The analysis against scipy, scikit-learn and contourpy (numbers made once by
//! `tests/data/analysis/make_reference.py`).

use ndarray::Array2;
use serde_json::Value;
use summdiff_explorer::analysis::density::{Density, DensityGrid};
use summdiff_explorer::analysis::overlap::average_precision;
use summdiff_explorer::analysis::pca::Plane;
use summdiff_explorer::analysis::rank::{kendall_tau_b, spearman_rho};

fn reference() -> Value {
    serde_json::from_str(include_str!("data/analysis/reference.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|v| v.as_f64().unwrap()).collect()
}

fn narrow(value: &Value) -> Vec<f32> {
    numbers(value).into_iter().map(|v| v as f32).collect()
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows = rows(value);
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn points(value: &Value) -> Vec<[f64; 2]> {
    rows(value)
        .into_iter()
        .map(|row| [row[0], row[1]])
        .collect()
}

#[test]
fn rank_correlations_equal_scipy() {
    for case in reference()["ranks"].as_array().unwrap() {
        let (x, y) = (narrow(&case["x"]), narrow(&case["y"]));
        for (found, expected) in [
            (kendall_tau_b(&x, &y), case["tau"].as_f64()),
            (spearman_rho(&x, &y), case["rho"].as_f64()),
        ] {
            match (found, expected) {
                (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-12),
                (found, expected) => assert_eq!(found, expected),
            }
        }
    }
}

#[test]
fn average_precision_equals_scikit_learn() {
    for case in reference()["precisions"].as_array().unwrap() {
        let labels = case["labels"].as_array().unwrap();
        let labels: Vec<bool> = labels.iter().map(|l| l.as_bool().unwrap()).collect();
        let found = average_precision(&narrow(&case["scores"]), &labels);
        assert!((found - case["value"].as_f64().unwrap()).abs() < 1e-12);
    }
}

#[test]
fn the_plane_equals_scikit_learn_up_to_sign() {
    let reference = &reference()["plane"];
    let (fitted, others) = (matrix(&reference["fitted"]), matrix(&reference["others"]));
    let plane = Plane::fit(fitted.view()).unwrap();
    for (found, expected) in plane.explained.iter().zip(numbers(&reference["explained"])) {
        assert!((found - expected).abs() < 1e-9);
    }
    let expected = points(&reference["fitted_at"]);
    let signs = [0, 1].map(|axis| {
        let found = plane.project(fitted.row(0)).at[axis];
        if found * expected[0][axis] < 0.0 {
            -1.0
        } else {
            1.0
        }
    });
    for (rows, expected) in [
        (&fitted, expected),
        (&others, points(&reference["others_at"])),
    ] {
        for (row, expected) in rows.outer_iter().zip(expected) {
            let found = plane.project(row).at;
            for axis in 0..2 {
                assert!((found[axis] * signs[axis] - expected[axis]).abs() < 1e-6);
            }
        }
    }
    for (row, expected) in others.outer_iter().zip(numbers(&reference["residuals"])) {
        assert!((plane.project(row).residual - expected).abs() < 1e-9);
    }
}

#[test]
fn densities_equal_scipy() {
    let reference = &reference()["kde"];
    let fitted = points(&reference["points"]);
    for case in reference["densities"].as_array().unwrap() {
        let density = Density::fit(&fitted, case["factor"].as_f64().unwrap()).unwrap();
        let expected = numbers(&case["values"]);
        for (place, expected) in points(&reference["places"]).into_iter().zip(expected) {
            assert!((density.at(place) - expected).abs() < 1e-9);
        }
    }
}

#[test]
fn contours_lie_within_half_a_cell_of_contourpy() {
    let reference = &reference()["contours"];
    let pair = |value: &Value| [numbers(value)[0], numbers(value)[1]];
    let grid = DensityGrid {
        columns: 40,
        rows: 36,
        origin: pair(&reference["origin"]),
        step: pair(&reference["step"]),
        values: numbers(&reference["values"]),
    };
    for line in reference["lines"].as_array().unwrap() {
        let level = line["level"].as_f64().unwrap();
        let contours = grid.contours(&[level]);
        let found: Vec<[f64; 2]> = contours[0]
            .polygons
            .iter()
            .flat_map(|polygon| polygon.holes.iter().chain([&polygon.exterior]))
            .flatten()
            .copied()
            .collect();
        let expected = points(&line["points"]);
        // In cells, each way: no line is missing and none is made up.
        let far = |from: &[[f64; 2]], to: &[[f64; 2]]| {
            from.iter()
                .map(|a| {
                    let cells = |b: &[f64; 2]| {
                        ((a[0] - b[0]) / grid.step[0]).hypot((a[1] - b[1]) / grid.step[1])
                    };
                    to.iter().map(cells).fold(f64::INFINITY, f64::min)
                })
                .fold(0.0, f64::max)
        };
        assert!(far(&expected, &found) < 0.5 && far(&found, &expected) < 0.5);
    }
}
