//! The paper's tables: 1 to 4 and IV as averages of one evaluation, 5 and 6 as settings of the
//! first sampling bundle, II as times.

use std::time::Instant;

use serde_json::json;

use super::{Paper, writing};
use crate::cli::evaluate::stopped;
use crate::domain::EvaluationKind;
use crate::inference::BundleKind;
use crate::pipeline::evaluation::{
    self, EvaluatedMethod, EvaluationPlan, EvaluationTable, NetworkSettings, Protocol,
};
use crate::ui::text;

const RANKS: &[&str] = &["tau", "rho"];
const HIGHLIGHTS: &[&str] = &["tau", "rho", "map50", "map15"];
const KNAPSACK: &[&str] = &["tau", "rho", "CIS", "WIR", "IR", "WSE"];

/// Videos that are timed at most, and runs of each.
const TIMED_VIDEOS: usize = 10;
const TIMED_RUNS: usize = 3;

/// Makes all tables but those of training grids.
pub(super) fn add(paper: &mut Paper<'_>, table: &EvaluationTable) -> anyhow::Result<()> {
    protocols(paper, table)?;
    let all = table.averaged_over_all(paper.plan.seed);
    let caption = "τ, ρ and MAP at the top 50 and 15 % of five-second shots (five samples in the authors' variant), with standard deviations \
                   over seeds and splits where there are several; table IV of the supplement prints the same with its deviations.";
    let printed_for = "The paper prints it for Mr. HiSum.";
    let highlights = all.clone().with_columns(HIGHLIGHTS);
    writing::write_table(
        paper,
        "Table 3",
        &format!("{caption} {printed_for}"),
        &highlights,
    )?;
    let caption = "The measures from the knapsack's optimality.";
    let knapsack = all.clone().with_columns(KNAPSACK);
    writing::write_table(
        paper,
        "Table 4",
        &format!("{caption} {printed_for}"),
        &knapsack,
    )?;
    writing::write_table(paper, "Table IV", "All measures.", &all)?;
    sampling(paper)?;
    times(paper)
}

fn protocols(paper: &mut Paper<'_>, table: &EvaluationTable) -> anyhow::Result<()> {
    for (name, protocol, word, about) in [
        (
            "Table 1",
            Protocol::Tvt,
            "tvt",
            "Means over the test parts of five random 7 : 1 : 2 splits.",
        ),
        (
            "Table 2",
            Protocol::FiveFold,
            "5fcv",
            "Means over five folds. Unlike the paper's, no fold that tests chose a network's state.",
        ),
    ] {
        if paper.data.kind() == EvaluationKind::Mrhisum {
            let why = "Mr. HiSum has one split of its own; the paper averages SumMe and TVSum over splits";
            paper.add_missing(name, about, why.to_owned(), String::new());
            continue;
        }
        if paper.data.keys().len() < 5 {
            let why = "fewer than five videos cannot be split in five";
            paper.add_missing(name, about, why.to_owned(), String::new());
            continue;
        }
        let parts = evaluation::parts_of(protocol, paper.data.keys(), paper.plan.seed);
        let averaged = table
            .averaged_over(word, &parts, paper.plan.seed)
            .with_columns(RANKS);
        let trained = "Bundles that state their split are tested on its test part alone; others on all test parts. Δτ counts every video once.";
        writing::write_table(paper, name, &format!("{about} {trained}"), &averaged)?;
    }
    Ok(())
}

/// Tables 5 (as far as no training is needed) and 6: guidance and numbers of steps.
fn sampling(paper: &mut Paper<'_>) -> anyhow::Result<()> {
    const STEPS: &str = "Number of DDIM steps.";
    let guidance = "Table 5";
    let about = "Classifier-free and self-attention guidance; rows above these in the paper need a training run each, see the tables of grids.";
    let first = paper
        .bundles
        .iter()
        .find(|bundle| bundle.manifest().kind == BundleKind::Summdiff)
        .cloned();
    let Some(bundle) = first else {
        let why = paper
            .without_networks
            .clone()
            .unwrap_or_else(|| "no bundle that samples is among the methods".to_owned());
        let command = paper.networks_command();
        paper.add_missing(guidance, about, why.clone(), command.clone());
        paper.add_missing("Table 6", STEPS, why, command);
        return Ok(());
    };
    let manifest = bundle.manifest();
    let stated = manifest.defaults.as_ref().map_or(0.0, |d| d.guidance);
    let of = |guidance, sag| NetworkSettings {
        guidance: Some(guidance),
        sag,
        ..NetworkSettings::default()
    };
    let mut settings = vec![of(0.0, 0.0)];
    if stated != 0.0 {
        settings.push(of(stated, 0.0));
    }
    if manifest.denoiser.as_ref().is_some_and(|d| d.attention) {
        settings.push(of(stated, 1.0));
    }
    let caption = match settings.len() {
        1 => format!(
            "{about} This bundle states no guidance of its own and gives no attention to guide by."
        ),
        _ => about.to_owned(),
    };
    let device = paper.args.methods.device.into();
    let methods = EvaluatedMethod::open(&bundle, device, &settings, true)?;
    let table = paper.measure(&methods)?;
    let table = table
        .averaged_over_all(paper.plan.seed)
        .with_columns(HIGHLIGHTS);
    writing::write_table(paper, guidance, &caption, &table)?;
    let steps = [1, 10, 100].map(|steps| NetworkSettings {
        steps: Some(steps),
        ..NetworkSettings::default()
    });
    let methods = EvaluatedMethod::open(&bundle, device, &steps, true)?;
    let table = paper.measure(&methods)?;
    let table = table
        .averaged_over_all(paper.plan.seed)
        .with_columns(HIGHLIGHTS);
    writing::write_table(paper, "Table 6", STEPS, &table)
}

/// Table II: how long one summary takes.
fn times(paper: &mut Paper<'_>) -> anyhow::Result<()> {
    let name = "Table II";
    let about = "Inference time of the scores of one summary on this machine: features are at hand, the network is loaded; mean and standard deviation \
                 over videos and runs.";
    if paper.bundles.is_empty() {
        let why = paper.without_networks.clone();
        let command = paper.networks_command();
        paper.add_missing(name, about, why.unwrap_or_default(), command);
        return Ok(());
    }
    let plan = EvaluationPlan {
        samples: 1,
        ..paper.plan.clone()
    };
    let settings = [1, 10].map(|steps| NetworkSettings {
        steps: Some(steps),
        ..NetworkSettings::default()
    });
    let (mut rows, mut listed) = (Vec::<[String; 5]>::new(), Vec::new());
    let (bundles, device) = (paper.bundles.clone(), paper.args.methods.device.into());
    for bundle in &bundles {
        for method in EvaluatedMethod::open(bundle, device, &settings, false)? {
            let mut millis = Vec::new();
            let mut videos = Vec::new();
            for key in paper.data.keys().iter().take(TIMED_VIDEOS) {
                let Ok(record) = paper.data.read(key) else {
                    continue;
                };
                let before = millis.len();
                for run in 0..=TIMED_RUNS {
                    let begun = Instant::now();
                    let cancel = paper.output.cancel_token();
                    method
                        .scores(&record, &plan, plan.seed, cancel)
                        .map_err(stopped)?;
                    // The first run warms up.
                    if run > 0 {
                        millis.push(begun.elapsed().as_secs_f64() * 1000.0);
                    }
                }
                videos.push(json!({ "key": key, "milliseconds": millis[before..] }));
            }
            let steps = method.settings().and_then(|settings| settings.steps);
            let count = millis.len().max(1) as f64;
            let mean = millis.iter().sum::<f64>() / count;
            let squares: f64 = millis.iter().map(|ms| (ms - mean).powi(2)).sum();
            let std = (squares / (count - 1.0).max(1.0)).sqrt();
            rows.push([
                method.name().to_owned(),
                steps.map_or_else(String::new, |steps| steps.to_string()),
                videos.len().to_string(),
                format!("{mean:.2}"),
                format!("{std:.2}"),
            ]);
            listed.push(json!({
                "model": method.name(), "steps": steps, "mean": mean, "std": std, "videos": videos,
            }));
        }
    }
    let head = ["model", "steps", "videos", "milliseconds", "std"];
    let machine = format!(
        "{about} {} runs on each of at most {}, {} threads{}.",
        TIMED_RUNS,
        text::count(TIMED_VIDEOS, "video"),
        std::thread::available_parallelism().map_or(1, usize::from),
        if cfg!(debug_assertions) {
            ", an unoptimised build"
        } else {
            ""
        }
    );
    writing::write_rows(paper, name, &machine, &head, &rows, &listed)
}
