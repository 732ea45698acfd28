//! `summdiff metrics CASES.json`: every measure of recorded predictions against ground truth.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::de::DeserializeOwned;

use super::{Output, check_places, write_json};
use crate::analysis::video_metrics::MetricCase;
use crate::domain::Variant;
use crate::domain::budget::{MOST_BYTES, json_bytes};

/// Measure predictions against ground truth
#[derive(Debug, clap::Args)]
pub struct MetricsArgs {
    /// {"cases": [{"n_frames": …, "scores": […], "gt_scores": […], "change_points": […], …}]}
    cases: PathBuf,
    /// The released code's measures, or the paper's formulas
    #[arg(long, value_enum, default_value_t = VariantArg::Authors)]
    variant: VariantArg,
    /// Where the result goes; - for standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    json: PathBuf,
}

/// Whose measures, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum VariantArg {
    Authors,
    Paper,
}

impl From<VariantArg> for Variant {
    fn from(variant: VariantArg) -> Self {
        match variant {
            VariantArg::Authors => Self::Authors,
            VariantArg::Paper => Self::Paper,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the file is not of the stated form or a case contradicts itself.
pub fn run(args: &MetricsArgs, output: &Output) -> anyhow::Result<()> {
    check_places(&[&args.cases], &[Some(&args.json)])?;
    super::check_json(&args.json)?;
    let mut measured = Vec::new();
    for (at, case) in read_cases::<MetricCase>(&args.cases)?.iter().enumerate() {
        output.check_interrupt()?;
        let metrics = case
            .measure(args.variant.into())
            .with_context(|| format!("{}: case {at} cannot be measured", args.cases.display()))?;
        measured.push(metrics);
    }
    write_json(&args.json, &serde_json::json!({ "cases": measured }))
}

/// Reads `{"cases": […]}`.
///
/// # Errors
/// When the file cannot be read or a case is not of the wanted form; the sentence names the case.
pub(super) fn read_cases<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let name = path.display();
    let text = crate::reading::read_text(path, MOST_BYTES)
        .with_context(|| format!("cannot read {name}"))?;
    anyhow::ensure!(
        json_bytes(text.as_bytes()) <= MOST_BYTES,
        "{name} has more values than fit into the {} MB of memory that one file may use",
        MOST_BYTES >> 20
    );
    let mut json: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{name} is not valid JSON"))?;
    let serde_json::Value::Array(cases) = json["cases"].take() else {
        anyhow::bail!("{name} has no list \"cases\"");
    };
    cases
        .into_iter()
        .enumerate()
        .map(|(at, case)| {
            serde_json::from_value(case)
                .with_context(|| format!("{name}: case {at} is not of the expected form"))
        })
        .collect()
}
