//! `summdiff evaluate DATASET.h5 --bundle DIR`: a bundle's measures on a dataset, per video and overall.

mod report;
mod splits;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use ndarray::Array2;

use self::report::{Means, Overall, Report, table};
use self::splits::Protocol;
use super::metrics::VariantArg;
use super::{DeviceArg, Output, check_places, write_bytes, write_json, write_text};
use crate::analysis::evaluation::{EvaluationParams, VideoEvaluation, evaluate_video};
use crate::analysis::matches::{MatchRow, area_covered};
use crate::analysis::reliability::mean_interval;
use crate::annotations::{self, dataset::Dataset};
use crate::diffusion::{Noise, SampleError, SampleRequest, Sampler, SelfAttentionGuidance, Solver};
use crate::domain::SamplingMethod;
use crate::figures::dataset::{self, VideoMatches};
use crate::figures::{FigureFormat, Style, png, svg};
use crate::inference::bundle::DEFAULT_BUNDLE;
use crate::inference::{Bundle, BundleKind, Network, Scorer};
use crate::jobs::StageClock;
use crate::session::provenance::Provenance;

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
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    steps: Option<u32>,
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Kendall's tau at which a sample matches an annotator
    #[arg(long, default_value_t = 0.25, value_parser = super::correlation, allow_negative_numbers = true)]
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
    #[arg(long, value_name = "FILE.json|-", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Figure of the match ratios, videos × annotators; .csv gives the numbers
    #[arg(long, value_name = "OUT.png|svg|csv")]
    heatmap: Option<PathBuf>,
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
    let inputs: Vec<&Path> = (args.splits.iter().chain([&args.dataset]))
        .map(PathBuf::as_path)
        .collect();
    check_places(&inputs, &[args.json.as_deref(), args.heatmap.as_deref()])?;
    if let Some(path) = &args.heatmap {
        FigureFormat::of(path)?;
    }
    anyhow::ensure!(
        !annotations::is_annotations_alone(&args.dataset)?,
        "{} has annotations but no features; make a dataset of it and its videos with `summdiff dataset build`",
        args.dataset.display()
    );
    let dataset = Dataset::open(&args.dataset)?;
    let splits = splits::test_parts(args, dataset.keys(), output)?;
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
        // One video says nothing of how others would turn out.
        mean_interval(&values, 1000, args.seed).filter(|_| values.len() > 1)
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
        first_sample: 0,
        samples: args.samples as usize,
        steps: args.steps.map_or(defaults.steps, |steps| steps as usize),
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
    write_bytes(path, &bytes)
}
