//! `summdiff segment F.npy`: change points of features by KTS.

use std::path::PathBuf;

use serde::Serialize;

use super::npy::{check_finite, read_matrix};
use super::{Output, check_places, write_json};
use crate::summary::{Kts, KtsParams, kts};

/// Find the change points of features (kernel temporal segmentation)
#[derive(Debug, clap::Args)]
pub struct SegmentArgs {
    /// Features, float32 [N, D] (.npy)
    features: PathBuf,
    /// Weight of the penalty on change points; larger means fewer
    #[arg(long, default_value_t = 1.0, value_parser = super::not_negative_number)]
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
    check_places(&[&args.features], &[Some(&args.json)])?;
    super::check_json(&args.json)?;
    let features = read_matrix(&args.features, "float32 [N, D]")?;
    check_finite(&args.features, &features)?;
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
