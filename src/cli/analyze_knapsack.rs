//! `summdiff analyze-knapsack`: how quantising scores multiplies the optimal summaries (figure 6 of
//! the paper).

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Output, Usage, check_places, write_bytes, write_json, write_text};
use crate::analysis::quantised_knapsack::{QuantisedKnapsack, QuantisedKnapsackParams, simulate};
use crate::figures::{FigureFormat, Style, knapsack, png, svg};
use crate::jobs::StageClock;
use crate::session::provenance::Provenance;

/// Count optimal knapsacks and their deviation against the number of score levels K
#[derive(Debug, clap::Args)]
pub struct AnalyzeKnapsackArgs {
    /// Numbers of levels
    #[arg(long, value_delimiter = ',', default_value = "5,10,50,100,200,400,800", value_parser = clap::value_parser!(u32).range(1..))]
    k: Vec<u32>,
    /// Number of segments
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=2000))]
    items: u32,
    /// Shortest and longest segment, in frames
    #[arg(long, value_delimiter = ',', default_value = "1,20", value_name = "LOW,HIGH", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    weights: Vec<u64>,
    /// Share of the total length that a summary may keep
    #[arg(long, default_value_t = 0.15, value_parser = super::budget_share)]
    budget: f64,
    /// Random value vectors for each K
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    trials: u32,
    #[arg(long, default_value_t = 0, value_parser = super::seed)]
    seed: u64,
    /// Write JSON instead of a table; - for standard output
    #[arg(long, value_name = "FILE|-", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Draw both expectations against K; .csv gives the numbers
    #[arg(long, value_name = "OUT.svg|png|csv")]
    plot: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When an argument is out of range or a file cannot be written.
pub fn run(args: &AnalyzeKnapsackArgs, output: &Output) -> anyhow::Result<()> {
    let &[low, high] = args.weights.as_slice() else {
        let words = "--weights needs the shortest and the longest segment, such as 1,20";
        return Err(Usage(words.to_owned()).into());
    };
    if low > high {
        return Err(Usage(format!("--weights {low},{high} is the wrong way round")).into());
    }
    check_places(&[], &[args.json.as_deref(), args.plot.as_deref()])?;
    if let Some(json) = &args.json {
        super::check_json(json)?;
    }
    if let Some(path) = &args.plot {
        FigureFormat::of(path)?;
    }
    let params = QuantisedKnapsackParams {
        items: args.items as usize,
        weights: (low, high),
        budget: args.budget,
        trials: args.trials as usize,
        seed: args.seed,
    };
    let clock = StageClock::start("Simulating");
    let mut found = Vec::new();
    for (at, &k) in args.k.iter().enumerate() {
        output.check_interrupt()?;
        found.extend(simulate(k as usize, &params, output.cancel_token()));
        output.check_interrupt()?;
        output.progress(&clock.at(at as u64 + 1, args.k.len() as u64));
    }
    if let Some(path) = &args.plot {
        write_plot(path, &found, &params)?;
    }
    match &args.json {
        Some(destination) => {
            let mut stated = parameters(&params);
            stated["results"] =
                serde_json::to_value(&found).context("cannot express the result in JSON")?;
            write_json(destination, &stated)
        }
        None => write_text("-".as_ref(), &table(&found)),
    }
}

fn table(found: &[QuantisedKnapsack]) -> String {
    let mut text = format!(
        "{:>6} {:>34} {:>26}\n",
        "K", "optimal solutions [95 %]", "deviation [95 %]"
    );
    for row in found {
        let cell = |i: crate::analysis::reliability::Interval| {
            format!("{:.3} [{:.3}, {:.3}]", i.value, i.low, i.high)
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:>6} {:>34} {:>26}",
            row.k,
            cell(row.optimal_solutions),
            cell(row.deviation)
        );
    }
    text
}

fn write_plot(
    path: &Path,
    found: &[QuantisedKnapsack],
    params: &QuantisedKnapsackParams,
) -> anyhow::Result<()> {
    let format = FigureFormat::of(path)?;
    let style = Style {
        size: [1000, 420],
        dark: false,
    };
    let provenance = Provenance {
        parameters: Some(parameters(params)),
        ..Provenance::of_this_program()
    };
    let scene = || knapsack::scene(found, &style);
    let bytes = match format {
        FigureFormat::Csv => knapsack::csv(found).into_bytes(),
        FigureFormat::Svg => svg::write(&scene(), &provenance).into_bytes(),
        FigureFormat::Png => png::encode(&scene(), &provenance)?,
    };
    write_bytes(path, &bytes)
}

fn parameters(params: &QuantisedKnapsackParams) -> serde_json::Value {
    serde_json::json!({
        "items": params.items,
        "weights": [params.weights.0, params.weights.1],
        "budget": params.budget,
        "trials": params.trials,
        "seed": params.seed,
    })
}
