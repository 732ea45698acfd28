//! `summdiff evaluate DATASET.h5 --bundle DIR`: a bundle's measures on a dataset, per video and overall.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use ndarray::Array2;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::metrics::VariantArg;
use super::sample::DeviceArg;
use super::{Output, write_json, write_text};
use crate::analysis::agreement::mean_of;
use crate::analysis::evaluation::{EvaluationParams, VideoEvaluation, evaluate_video};
use crate::analysis::matches::{MatchRow, area_covered};
use crate::analysis::reliability::{Interval, mean_interval};
use crate::annotations::{self, dataset::Dataset};
use crate::diffusion::{Noise, SampleError, SampleRequest, Sampler, SelfAttentionGuidance, Solver};
use crate::domain::SamplingMethod;
use crate::figures::dataset::{self, VideoMatches};
use crate::figures::{FigureFormat, Provenance, Style, png, svg};
use crate::inference::bundle::DEFAULT_BUNDLE;
use crate::inference::{Bundle, BundleKind, Network, Scorer};
use crate::jobs::StageClock;

/// Measure a bundle on a dataset, per video and overall
#[derive(Debug, clap::Args)]
pub struct EvaluateArgs {
    /// Dataset in eccv16 or Mr. HiSum form (.h5)
    dataset: PathBuf,
    /// Bundle by name, folder or .zip
    #[arg(long, default_value = DEFAULT_BUNDLE)]
    bundle: String,
    /// Samples a video
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    samples: u64,
    /// DDIM steps [default: what the bundle states]
    #[arg(long)]
    steps: Option<usize>,
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Kendall's tau at which a sample matches an annotator
    #[arg(long, default_value_t = 0.25)]
    threshold: f64,
    /// Splits as JSON: [{"test_keys": ["video_1", …]}, …]
    #[arg(long, value_name = "FILE", conflicts_with = "protocol")]
    splits: Option<PathBuf>,
    /// Videos that are averaged: all, the test parts of five random 7:1:2 splits, or of five folds
    #[arg(long, value_enum, default_value_t = Protocol::All)]
    protocol: Protocol,
    #[arg(long, value_enum, default_value_t = VariantArg::Authors)]
    variant: VariantArg,
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    device: DeviceArg,
    /// Write JSON instead of a table; - or nothing for standard output
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Figure of the match ratios, videos × annotators; .csv gives the numbers
    #[arg(long, value_name = "OUT.png|svg|csv")]
    heatmap: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Protocol {
    All,
    Tvt,
    #[value(name = "5fcv")]
    FiveFold,
}

#[derive(Deserialize)]
struct Split {
    test_keys: Vec<String>,
}

#[derive(Serialize)]
struct Report {
    overall: Overall,
    /// Means over the test videos of each split; empty without splits.
    splits: Vec<Means>,
    /// Means over the splits, as the field's tables state them; null without splits.
    split_mean: Option<Means>,
    videos: Vec<VideoEvaluation>,
    /// Videos that were left out, one sentence each.
    left_out: Vec<String>,
}

#[derive(Serialize)]
struct Overall {
    #[serde(flatten)]
    means: Means,
    tau_interval: Option<Interval>,
    rho_interval: Option<Interval>,
    /// Mean of all match ratios.
    area_covered: Option<f64>,
}

#[derive(Clone, Serialize)]
struct Means {
    videos: usize,
    tau: Option<f64>,
    rho: Option<f64>,
    f1_avg: Option<f64>,
    f1_max: Option<f64>,
    map50: Option<f64>,
    map15: Option<f64>,
    #[serde(rename = "CIS")]
    cis: Option<f64>,
    #[serde(rename = "WIR")]
    wir: Option<f64>,
    #[serde(rename = "WSE")]
    wse: Option<f64>,
    #[serde(rename = "IR")]
    ir: Option<f64>,
    best_of_samples: Option<f64>,
}

impl Means {
    fn of(videos: &[&VideoEvaluation]) -> Self {
        let mean = |of: fn(&VideoEvaluation) -> Option<f64>| {
            mean_of(videos.iter().filter_map(|video| of(video)))
        };
        Self {
            videos: videos.len(),
            tau: mean(|v| v.tau),
            rho: mean(|v| v.rho),
            f1_avg: mean(|v| v.f1_avg),
            f1_max: mean(|v| v.f1_max),
            map50: mean(|v| v.map50),
            map15: mean(|v| v.map15),
            cis: mean(|v| v.cis),
            wir: mean(|v| v.wir),
            wse: mean(|v| v.wse),
            ir: mean(|v| v.ir),
            best_of_samples: mean(|v| v.best_of_samples),
        }
    }

    /// The mean of each measure over those splits where it is defined; `None` without splits.
    fn over(splits: &[Self]) -> Option<Self> {
        let mean = |of: fn(&Self) -> Option<f64>| mean_of(splits.iter().filter_map(of));
        (!splits.is_empty()).then(|| Self {
            videos: splits.iter().map(|split| split.videos).sum(),
            tau: mean(|s| s.tau),
            rho: mean(|s| s.rho),
            f1_avg: mean(|s| s.f1_avg),
            f1_max: mean(|s| s.f1_max),
            map50: mean(|s| s.map50),
            map15: mean(|s| s.map15),
            cis: mean(|s| s.cis),
            wir: mean(|s| s.wir),
            wse: mean(|s| s.wse),
            ir: mean(|s| s.ir),
            best_of_samples: mean(|s| s.best_of_samples),
        })
    }

    /// In the order of [`COLUMNS`].
    fn values(&self) -> [Option<f64>; 11] {
        [
            self.tau,
            self.rho,
            self.f1_avg,
            self.f1_max,
            self.map50,
            self.map15,
            self.cis,
            self.wir,
            self.wse,
            self.ir,
            self.best_of_samples,
        ]
    }
}

enum Method {
    Samples(Arc<Network>),
    Scores(Scorer),
}

/// Runs the command.
///
/// # Errors
/// A sentence that names the file and the mend.
pub fn run(args: &EvaluateArgs, output: &Output) -> anyhow::Result<()> {
    anyhow::ensure!(
        !annotations::is_annotations_alone(&args.dataset)?,
        "{} has annotations but no features; make a dataset of it and its videos with `summdiff dataset build`",
        args.dataset.display()
    );
    let dataset = Dataset::open(&args.dataset)?;
    if let Some(path) = &args.heatmap {
        FigureFormat::of(path)?;
    }
    let splits = splits(args, dataset.keys(), output)?;
    let bundle = Bundle::find(&args.bundle)?;
    let method = if bundle.manifest().kind == BundleKind::Scorer {
        Method::Scores(Scorer::open(&bundle, args.device.into())?)
    } else {
        Method::Samples(Arc::new(Network::open(&bundle, args.device.into())?))
    };
    let params = EvaluationParams {
        threshold: args.threshold,
        variant: args.variant.into(),
    };
    let wanted: Vec<&String> = dataset
        .keys()
        .iter()
        .filter(|key| splits.is_empty() || splits.iter().any(|split| split.contains(key)))
        .collect();
    let clock = StageClock::start("Evaluating");
    let mut left_out = Vec::new();
    let mut videos = Vec::new();
    for (at, key) in wanted.iter().enumerate() {
        output.check_interrupt()?;
        let evaluated = dataset
            .read(key)
            .map_err(anyhow::Error::from)
            .and_then(|record| {
                anyhow::ensure!(!record.features.is_empty(), "video {key} has no features");
                let scores = scores(&method, &record.features, args, output)
                    .with_context(|| format!("video {key}"))?;
                Ok(evaluate_video(&record, scores.view(), &params))
            });
        match evaluated {
            Ok(video) => videos.push(video),
            Err(err) if err.is::<super::Interrupted>() => return Err(err),
            Err(err) => {
                let sentence = format!("{err:#}");
                output.say(&format!("left out: {sentence}"));
                left_out.push(sentence);
            }
        }
        output.progress(&clock.at(at as u64 + 1, wanted.len() as u64));
    }
    anyhow::ensure!(
        !videos.is_empty(),
        "{}: no video could be evaluated; the first reason: {}",
        args.dataset.display(),
        left_out
            .first()
            .map_or("the splits name none of its videos", String::as_str)
    );
    if let Some(path) = &args.heatmap {
        let file = args.dataset.file_name().unwrap_or_default();
        let provenance = Provenance {
            bundle: Some(bundle.reference()),
            annotations: file.to_string_lossy().into_owned(),
            parameters: Some(serde_json::json!({
                "samples": args.samples, "seed": args.seed, "threshold": args.threshold, "steps": args.steps,
            })),
            ..Provenance::of_this_program()
        };
        write_heatmap(path, &videos, args.threshold, &provenance)?;
    }
    let of_split = |keys: &Vec<String>| {
        let chosen: Vec<&VideoEvaluation> =
            videos.iter().filter(|v| keys.contains(&v.key)).collect();
        Means::of(&chosen)
    };
    let interval = |of: fn(&VideoEvaluation) -> Option<f64>| {
        let values: Vec<f64> = videos.iter().filter_map(of).collect();
        mean_interval(&values, 1000, args.seed)
    };
    let split_means: Vec<Means> = splits.iter().map(of_split).collect();
    let report = Report {
        overall: Overall {
            means: Means::of(&videos.iter().collect::<Vec<_>>()),
            tau_interval: interval(|v| v.tau),
            rho_interval: interval(|v| v.rho),
            area_covered: area_covered(&match_rows(&videos)),
        },
        split_mean: Means::over(&split_means),
        splits: split_means,
        left_out,
        videos,
    };
    match &args.json {
        Some(destination) => write_json(destination, &report),
        None => write_text("-".as_ref(), &table(&report)),
    }
}

/// The columns of the paper's tables 1 to 4: each video, each split's mean, and the mean of all videos.
fn table(report: &Report) -> String {
    use std::fmt::Write;

    let mut text = format!("{:<26} {:>7}", "video", "samples");
    for column in COLUMNS {
        let _ = write!(text, " {column:>8}");
    }
    text.push('\n');
    let mut line = |name: &str, samples: String, values: [Option<f64>; 11]| {
        let short: String = name.chars().take(26).collect();
        // Writing to a string cannot fail.
        let _ = write!(text, "{short:<26} {samples:>7}");
        for (column, value) in COLUMNS.iter().zip(values) {
            let percent = column.starts_with("F1");
            let cell = match value {
                None => "–".to_owned(),
                Some(value) if percent => format!("{value:.1}"),
                Some(value) => format!("{value:.3}"),
            };
            let _ = write!(text, " {cell:>8}");
        }
        text.push('\n');
    };
    for v in &report.videos {
        let values = [
            v.tau,
            v.rho,
            v.f1_avg,
            v.f1_max,
            v.map50,
            v.map15,
            v.cis,
            v.wir,
            v.wse,
            v.ir,
            v.best_of_samples,
        ];
        line(&v.video_id, v.samples.to_string(), values);
    }
    for (at, means) in report.splits.iter().enumerate() {
        let name = format!("split {}: {} test videos", at + 1, means.videos);
        line(&name, String::new(), means.values());
    }
    if let Some(mean) = report
        .split_mean
        .as_ref()
        .filter(|_| report.splits.len() > 1)
    {
        let name = format!("mean of {} splits", report.splits.len());
        line(&name, String::new(), mean.values());
    }
    let overall = &report.overall.means;
    let name = format!("all {} videos", report.videos.len());
    line(&name, String::new(), overall.values());
    if text.contains('–') {
        text.push_str("–: undefined, as for annotators or scores that are all alike\n");
    }
    if let Some(area) = report.overall.area_covered {
        text.push_str(&format!(
            "area covered: {area:.4} of all video and annotator pairs match\n"
        ));
    }
    text
}

/// F1 is in percent; `best τ` is the mean over annotators of the best sample's.
const COLUMNS: [&str; 11] = [
    "τ", "ρ", "F1 avg", "F1 max", "MAP50", "MAP15", "CIS", "WIR", "WSE", "IR", "best τ",
];

/// Scores of one video, float32 [S, N]; one row for a deterministic scorer.
fn scores(
    method: &Method,
    features: &Array2<f32>,
    args: &EvaluateArgs,
    output: &Output,
) -> anyhow::Result<Array2<f32>> {
    let network = match method {
        Method::Scores(scorer) => {
            let scores = scorer.score(features.view())?;
            return Ok(Array2::from_shape_vec((1, scores.len()), scores)?);
        }
        Method::Samples(network) => network,
    };
    let video = network.condition(features.view())?;
    let defaults = network.defaults();
    let request = SampleRequest {
        samples: args.samples as usize,
        steps: args.steps.unwrap_or(defaults.steps),
        eta: defaults.eta,
        guidance: defaults.guidance,
        sag: SelfAttentionGuidance::with_strength(0.0),
        variant: args.variant.into(),
        solver: Solver::Ddim,
        method: SamplingMethod::Auto,
        noise: Noise::Seeded {
            seed: args.seed,
            coherence: None,
        },
    };
    let sampled = Sampler::new(network.schedule()).sample(
        &video,
        &request,
        output.cancel_token(),
        &mut |_, _| (),
    );
    match sampled {
        Ok(scores) => Ok(scores),
        Err(SampleError::Cancelled) => Err(super::Interrupted.into()),
        Err(err) => Err(err.into()),
    }
}

/// Test keys of a split file: a list of splits, or one split as Mr. HiSum's file and a training run's `split.json` have it.
fn test_keys(json: &str) -> serde_json::Result<Vec<Vec<String>>> {
    let splits: Vec<Split> = if json.trim_start().starts_with('{') {
        vec![serde_json::from_str(json)?]
    } else {
        serde_json::from_str(json)?
    };
    // The field's files put the dataset's path before the key.
    let plain = |key: String| key.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(splits
        .into_iter()
        .map(|split| split.test_keys.into_iter().map(plain).collect())
        .collect())
}

/// Keys of the test videos of each split.
fn splits(
    args: &EvaluateArgs,
    keys: &[String],
    output: &Output,
) -> anyhow::Result<Vec<Vec<String>>> {
    if let Some(path) = &args.splits {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let splits = test_keys(&text).with_context(|| {
            format!(
                "{} is not a split with test_keys, nor a list of them",
                path.display()
            )
        })?;
        let mut missing: Vec<&String> = splits.iter().flatten().collect();
        missing.retain(|key| !keys.contains(key));
        missing.sort();
        missing.dedup();
        if let Some(first) = missing.first() {
            output.say(&format!(
                "{} of the videos that {} names for tests are not in the dataset, such as {first}",
                missing.len(),
                path.display()
            ));
        }
        return Ok(splits);
    }
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(args.seed);
    let mut shuffled = keys.to_vec();
    Ok(match args.protocol {
        Protocol::All => Vec::new(),
        Protocol::Tvt => (0..5)
            .map(|_| {
                shuffled.shuffle(&mut rng);
                let test = (keys.len() as f64 * 0.2).round().max(1.0) as usize;
                shuffled[..test.min(keys.len())].to_vec()
            })
            .collect(),
        Protocol::FiveFold => {
            shuffled.shuffle(&mut rng);
            (0..5)
                .map(|fold| shuffled.iter().skip(fold).step_by(5).cloned().collect())
                .collect()
        }
    })
}

fn match_rows(videos: &[VideoEvaluation]) -> Vec<MatchRow> {
    videos
        .iter()
        .map(|video| MatchRow {
            label: video.video_id.clone(),
            members: Vec::new(),
            shares: video.match_ratio.clone(),
        })
        .collect()
}

/// Videos × annotators, like videos together.
fn write_heatmap(
    path: &Path,
    videos: &[VideoEvaluation],
    threshold: f64,
    provenance: &Provenance,
) -> anyhow::Result<()> {
    let format = FigureFormat::of(path)?;
    let rows = videos.iter().map(|video| VideoMatches {
        name: video.video_id.clone(),
        shares: video.match_ratio.clone(),
    });
    let rows = dataset::by_similarity(rows.collect());
    let style = Style {
        size: dataset::usual_size(&rows),
        dark: false,
    };
    let scene = dataset::scene(&rows, Some(threshold), &style)
        .context("no video has an annotator to draw a heat map of")?;
    let bytes = match format {
        FigureFormat::Csv => dataset::csv(&rows).into_bytes(),
        FigureFormat::Svg => svg::write(&scene, provenance).into_bytes(),
        FigureFormat::Png => png::encode(&scene, provenance)?,
    };
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_file_is_one_split_or_a_list() {
        let one =
            r#" {"train_keys": ["video_1"], "test_keys": ["../tvsum.h5/video_2", "video_3"]}"#;
        assert_eq!(test_keys(one).unwrap(), [["video_2", "video_3"]]);
        let list = format!("[{one}, {one}]");
        assert_eq!(test_keys(&list).unwrap().len(), 2);
        assert!(test_keys(r#"{"train_keys": []}"#).is_err());
        assert!(test_keys("[1]").is_err());
    }
}
