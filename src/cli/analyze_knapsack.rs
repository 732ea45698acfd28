//! `summdiff analyze-knapsack`: how quantising scores multiplies the optimal summaries (figure 6 of the paper).

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Output, write_json, write_text};
use crate::analysis::quantised_knapsack::{QuantisedKnapsack, QuantisedKnapsackParams, simulate};
use crate::jobs::StageClock;

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
    #[arg(long, default_value_t = 0.15)]
    budget: f64,
    /// Random value vectors for each K
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    trials: u32,
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write JSON instead of a table; - for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw both expectations against K
    #[arg(long, value_name = "OUT.svg")]
    plot: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When an argument is out of range or a file cannot be written.
pub fn run(args: &AnalyzeKnapsackArgs, output: &Output) -> anyhow::Result<()> {
    let (Some(&low), Some(&high)) = (args.weights.first(), args.weights.last()) else {
        anyhow::bail!("--weights needs the shortest and the longest segment, such as 1,20");
    };
    anyhow::ensure!(low <= high, "--weights {low},{high} is the wrong way round");
    anyhow::ensure!(
        (0.0..=1.0).contains(&args.budget),
        "--budget must lie between 0 and 1, not at {}",
        args.budget
    );
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
        found.extend(simulate(k as usize, &params));
        output.progress(&clock.at(at as u64 + 1, args.k.len() as u64));
    }
    if let Some(path) = &args.plot {
        write_plot(path, &found)?;
    }
    match &args.json {
        Some(destination) => write_json(
            destination,
            &serde_json::json!({
                "items": params.items, "weights": [low, high], "budget": params.budget, "trials": params.trials, "seed": params.seed,
                "results": found,
            }),
        ),
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

/// Two panels, K on a logarithmic axis, intervals as bars.
fn write_plot(path: &Path, found: &[QuantisedKnapsack]) -> anyhow::Result<()> {
    anyhow::ensure!(
        path.extension()
            .is_some_and(|ext| ext.eq_ignore_ascii_case("svg")),
        "--plot writes .svg, not {}",
        path.display()
    );
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"380\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"900\" height=\"380\" fill=\"white\"/>\n",
    );
    let solutions: Vec<_> = found
        .iter()
        .map(|row| (row.k, row.optimal_solutions))
        .collect();
    let deviations: Vec<_> = found.iter().map(|row| (row.k, row.deviation)).collect();
    panel(
        &mut svg,
        0.0,
        "number of optimal solutions",
        "#0b5fa5",
        &solutions,
    );
    panel(
        &mut svg,
        450.0,
        "summary deviation, segments",
        "#b3521e",
        &deviations,
    );
    svg.push_str("</svg>\n");
    std::fs::write(path, svg).with_context(|| format!("cannot write {}", path.display()))
}

fn panel(
    svg: &mut String,
    left: f64,
    title: &str,
    colour: &str,
    rows: &[(usize, crate::analysis::reliability::Interval)],
) {
    let log = |k: usize| (k as f64).ln();
    let (first, last) = rows
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &(k, _)| {
            (a.min(log(k)), b.max(log(k)))
        });
    let most = rows
        .iter()
        .map(|(_, i)| i.high)
        .fold(0.0, f64::max)
        .max(1e-9)
        * 1.05;
    let x = |k: usize| left + 70.0 + 340.0 * (log(k) - first) / (last - first).max(1e-9);
    let y = |value: f64| 320.0 - 260.0 * value / most;
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"34\" text-anchor=\"middle\">{title}</text>",
        left + 240.0
    );
    let _ = writeln!(
        svg,
        "<path d=\"M{0} 60V320H{1}\" fill=\"none\" stroke=\"#444\"/>",
        left + 70.0,
        left + 410.0
    );
    for step in 0..=4 {
        let value = most * f64::from(step) / 4.0;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value:.2}</text>",
            left + 62.0,
            y(value) + 4.0
        );
    }
    let mut line = String::new();
    for (at, &(k, interval)) in rows.iter().enumerate() {
        let (x, y_value) = (x(k), y(interval.value));
        let _ = write!(
            line,
            "{}{x:.1} {y_value:.1}",
            if at == 0 { "M" } else { "L" }
        );
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} {:.1}V{:.1}\" stroke=\"{colour}\"/>",
            y(interval.low),
            y(interval.high)
        );
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y_value:.1}\" r=\"4\" fill=\"{colour}\"/>"
        );
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"338\" text-anchor=\"middle\">{k}</text>"
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
    );
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"362\" text-anchor=\"middle\">levels K (logarithmic)</text>",
        left + 240.0
    );
}
