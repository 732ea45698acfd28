//! `summdiff segment F.npy`: change points of features by KTS.

use std::path::PathBuf;

use anyhow::Context;
use ndarray::Array2;
use serde::Serialize;

use super::{Output, keep_inputs, write_json};
use crate::summary::{Kts, KtsParams, kts};

/// Finds the change points of features (kernel temporal segmentation)
#[derive(Debug, clap::Args)]
pub struct SegmentArgs {
    /// Features, float32 [N, D] (.npy)
    features: PathBuf,
    /// Weight of the penalty on change points; larger means fewer
    #[arg(long, default_value_t = 1.0)]
    vmax: f64,
    /// At most this many change points
    #[arg(long, value_name = "M")]
    max_change_points: Option<usize>,
    /// Where the result goes; - for standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    json: PathBuf,
}

#[derive(Serialize)]
struct Report {
    /// Row indices at which a new segment starts.
    change_points: Vec<usize>,
    /// Total within-segment scatter; the objective is cost / rows + penalty.
    cost: f64,
    penalty: f64,
    objective: f64,
    rows: usize,
}

/// Runs the command.
///
/// # Errors
/// When the features cannot be read or hold values that are not finite.
pub fn run(args: &SegmentArgs, output: &Output) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.vmax.is_finite() && args.vmax >= 0.0,
        "--vmax must be 0 or more, not {}",
        args.vmax
    );
    keep_inputs(&[&args.features], &[Some(&args.json)])?;
    let features = read_matrix(&args.features)?;
    anyhow::ensure!(
        features.iter().all(|value| value.is_finite()),
        "{} holds values that are not finite numbers: extract the features again",
        args.features.display()
    );
    output.check_interrupt()?;
    let params = KtsParams {
        vmax: args.vmax,
        max_change_points: args.max_change_points,
    };
    let rows = features.nrows();
    let found = kts(features.view(), &params);
    let objective = found.objective(rows);
    let Kts {
        change_points,
        cost,
        penalty,
    } = found;
    write_json(
        &args.json,
        &Report {
            change_points,
            cost,
            penalty,
            objective,
            rows,
        },
    )
}

/// Reads a float32 or float64 matrix from an .npy file.
fn read_matrix(path: &std::path::Path) -> anyhow::Result<Array2<f32>> {
    let wrong = || {
        format!(
            "{} is not a float32 array of two dimensions in .npy form",
            path.display()
        )
    };
    std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    match ndarray_npy::read_npy::<_, Array2<f32>>(path) {
        Ok(features) => Ok(features),
        Err(_) => ndarray_npy::read_npy::<_, Array2<f64>>(path)
            .map(|features| features.mapv(|value| value as f32))
            .with_context(wrong),
    }
}
