//! `summdiff knapsack CASES.json`: knapsack instances, solved as the field's code solves them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::metrics::read_cases;
use super::{Output, check_places, write_json};
use crate::summary::knapsack;

/// Solve knapsack instances with the field's rule for ties
#[derive(Debug, clap::Args)]
pub struct KnapsackArgs {
    /// {"cases": [{"capacity": 80, "weights": [11, …], "values": [0.1, …]}]}
    cases: PathBuf,
    /// Where the result goes; - for standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    json: PathBuf,
}

#[derive(Deserialize)]
struct Case {
    capacity: f64,
    weights: Vec<u64>,
    values: Vec<f64>,
}

#[derive(Serialize)]
struct Solved {
    picks: Vec<usize>,
    value: f64,
    weight: u64,
}

/// Runs the command.
///
/// # Errors
/// When the file is not of the stated form.
pub fn run(args: &KnapsackArgs, output: &Output) -> anyhow::Result<()> {
    check_places(&[&args.cases], &[Some(&args.json)])?;
    super::check_json(&args.json)?;
    let mut solved = Vec::new();
    for (at, case) in read_cases::<Case>(&args.cases)?.into_iter().enumerate() {
        output.check_interrupt()?;
        anyhow::ensure!(
            case.values.len() == case.weights.len(),
            "{}: case {at} has {} values and {} weights, which must be equal",
            args.cases.display(),
            case.values.len(),
            case.weights.len()
        );
        anyhow::ensure!(
            case.capacity.is_finite(),
            "{}: case {at} has no finite capacity",
            args.cases.display()
        );
        // A negative capacity saturates to 0.
        let picked = knapsack(&case.values, &case.weights, case.capacity.floor() as u64);
        solved.push(Solved {
            picks: picked.items,
            // No item at all sums up to a zero with a sign.
            value: picked.value + 0.0,
            weight: picked.weight,
        });
    }
    write_json(&args.json, &serde_json::json!({ "cases": solved }))
}
