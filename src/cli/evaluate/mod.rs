//! `summdiff evaluate DATASET.h5 --bundle DIR`: the measures of bundles, scorers and people on a
//! dataset, per video and overall.

mod report;

use std::path::{Path, PathBuf};

use anyhow::Context;

use self::report::per_video;
use super::metrics::VariantArg;
use super::{DeviceArg, Output, check_places, write_bytes, write_json, write_text};
use crate::analysis::evaluation::{EvaluationParams, VideoEvaluation};
use crate::domain::EvaluationKind;
use crate::figures::dataset::{self, MethodMatches, VideoMatches};
use crate::figures::tables;
use crate::figures::{FigureFormat, Style, png, svg};
use crate::inference::Bundle;
use crate::inference::bundle::DEFAULT_BUNDLE;
use crate::pipeline::evaluation::{
    self, EvaluatedMethod, EvaluationData, EvaluationError, EvaluationPlan, MethodResult,
    NetworkSettings, Row, TableProvenance, TestPart,
};
use crate::session::provenance::Provenance;

/// Measure bundles on a dataset, per video and overall
#[derive(Debug, clap::Args)]
pub struct EvaluateArgs {
    /// Dataset in eccv16 or Mr. HiSum form (.h5)
    dataset: PathBuf,
    #[command(flatten)]
    methods: MethodArgs,
    /// Splits as JSON: [{"test_keys": ["video_1", …]}, …]
    #[arg(long, value_name = "FILE", conflicts_with = "protocol")]
    splits: Option<PathBuf>,
    /// Videos that are averaged: all, the test parts of five random 7:1:2 splits, or of five folds.
    /// Bundles that state their split test on its own test part, and bundles of one name are one
    /// row
    #[arg(long, value_enum, default_value_t = ProtocolArg::All)]
    protocol: ProtocolArg,
    /// Include videos that a bundle was trained on in its row, which then says so
    #[arg(long)]
    include_training: bool,
    /// Only the bundles' rows: no random, human, mean or consensus row
    #[arg(long)]
    no_baselines: bool,
    /// Write JSON instead of a table; - or nothing for standard output
    #[arg(long, value_name = "FILE.json|-", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// The table of methods as CSV
    #[arg(long, value_name = "OUT.csv")]
    csv: Option<PathBuf>,
    /// The table of methods for LaTeX (booktabs)
    #[arg(long, value_name = "OUT.tex")]
    latex: Option<PathBuf>,
    /// The table of methods as a page
    #[arg(long, value_name = "OUT.html")]
    html: Option<PathBuf>,
    /// Figure of the first method's match ratios, videos × annotators; .csv gives the numbers
    #[arg(long, value_name = "OUT.png|svg|csv")]
    heatmap: Option<PathBuf>,
}

/// What is measured and how: shared with `summdiff paper`.
#[derive(Debug, clap::Args)]
pub(super) struct MethodArgs {
    /// By whose rule; recognised by the videos where it is not given
    #[arg(long, value_enum)]
    pub(super) kind: Option<KindArg>,
    /// Ratings or picks that the dataset lacks: ydata-tvsum50.mat, TVSum's .tsv, SumMe's folder GT,
    /// …
    #[arg(long, value_name = "FILE|DIR")]
    pub(super) annotations: Option<PathBuf>,
    /// Bundle by name, folder or .zip; may be given several times
    #[arg(long = "bundle", value_name = "NAME|DIR", default_values_t = [DEFAULT_BUNDLE.to_owned()])]
    pub(super) bundles: Vec<String>,
    /// Samples a video
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub(super) samples: u64,
    /// Seeds to average, from --seed on
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(super) seeds: u64,
    #[arg(long, default_value_t = 0, value_parser = super::seed)]
    pub(super) seed: u64,
    /// DDIM steps; a list gives a row for each [default: what the bundle states]
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) steps: Vec<u32>,
    /// Guidance; a list gives a row for each [default: what the bundle states]
    #[arg(long, value_delimiter = ',', value_parser = super::finite_number, allow_negative_numbers = true)]
    pub(super) guidance: Vec<f64>,
    /// η, the share of fresh noise in each step; a list gives a row for each [default: what the
    /// bundle states]
    #[arg(long, value_delimiter = ',', value_parser = super::share)]
    pub(super) eta: Vec<f64>,
    /// Strength of self-attention guidance; a list gives a row for each [default: none]
    #[arg(long, value_delimiter = ',', value_parser = super::not_negative_number)]
    pub(super) sag: Vec<f64>,
    /// Share of the frames that a summary may keep
    #[arg(long, default_value_t = 0.15, value_parser = super::kept_budget_share)]
    pub(super) budget: f64,
    /// Kendall's tau at which a sample matches an annotator
    #[arg(long, default_value_t = 0.25, value_parser = super::correlation, allow_negative_numbers = true)]
    pub(super) threshold: f64,
    #[arg(long, value_enum, default_value_t = VariantArg::Authors)]
    pub(super) variant: VariantArg,
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub(super) device: DeviceArg,
}

/// A rule as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum KindArg {
    Tvsum,
    Summe,
    Mrhisum,
}

impl From<KindArg> for EvaluationKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Tvsum => Self::Tvsum,
            KindArg::Summe => Self::Summe,
            KindArg::Mrhisum => Self::Mrhisum,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ProtocolArg {
    All,
    Tvt,
    #[value(name = "5fcv")]
    FiveFold,
}

impl From<ProtocolArg> for evaluation::Protocol {
    fn from(protocol: ProtocolArg) -> Self {
        match protocol {
            ProtocolArg::All => Self::All,
            ProtocolArg::Tvt => Self::Tvt,
            ProtocolArg::FiveFold => Self::FiveFold,
        }
    }
}

impl MethodArgs {
    pub(super) fn settings(&self) -> Vec<NetworkSettings> {
        let steps: Vec<usize> = self.steps.iter().map(|&steps| steps as usize).collect();
        evaluation::grid(&steps, &self.guidance, &self.eta, &self.sag)
    }

    /// Opens the data set and reports by which rule it is measured.
    pub(super) fn open_data(
        &self,
        dataset: &Path,
        output: &Output,
    ) -> anyhow::Result<EvaluationData> {
        let data = EvaluationData::open(
            dataset,
            self.kind.map(EvaluationKind::from),
            self.annotations.as_deref(),
            self.budget,
            output.cancel_token(),
        )?;
        output.say(&format!(
            "evaluated as {}: {}",
            data.kind().title(),
            data.reason()
        ));
        for warning in data.warnings() {
            output.say(warning);
        }
        Ok(data)
    }

    /// Whether no bundle was asked for, so that the default one stands there.
    pub(super) fn is_default(&self) -> bool {
        self.bundles == [DEFAULT_BUNDLE]
    }

    /// Loads every bundle; `by_own_split` makes those that state their split test on its test part.
    pub(super) fn open_methods(
        &self,
        by_own_split: bool,
        output: &Output,
    ) -> anyhow::Result<Vec<EvaluatedMethod>> {
        let settings = self.settings();
        let mut methods = Vec::new();
        for name in &self.bundles {
            let bundle = Bundle::find(name)?;
            if bundle.manifest().training.is_none() && by_own_split {
                output.say(&format!(
                    "{} does not state which videos it was trained on, so that its test videos may be among them",
                    bundle.manifest().name
                ));
            }
            methods.extend(EvaluatedMethod::open(
                &bundle,
                self.device.into(),
                &settings,
                by_own_split,
            )?);
        }
        Ok(methods)
    }

    pub(super) fn plan(&self, kind: EvaluationKind, parts: Vec<TestPart>) -> EvaluationPlan {
        EvaluationPlan {
            params: EvaluationParams {
                kind,
                threshold: self.threshold,
                variant: self.variant.into(),
                budget: self.budget,
            },
            samples: self.samples as usize,
            seed: self.seed,
            seeds: self.seeds,
            parts,
            with_seen: false,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// A sentence that names the file and the fix.
pub fn run(args: &EvaluateArgs, output: &Output) -> anyhow::Result<()> {
    let inputs: Vec<&Path> = args
        .splits
        .iter()
        .chain([&args.dataset])
        .chain(&args.methods.annotations)
        .map(PathBuf::as_path)
        .collect();
    let outputs = [
        &args.json,
        &args.csv,
        &args.latex,
        &args.html,
        &args.heatmap,
    ];
    check_places(&inputs, &outputs.map(|path| path.as_deref()))?;
    if let Some(json) = &args.json {
        super::check_json(json)?;
    }
    if let Some(path) = &args.heatmap {
        FigureFormat::of(path)?;
    }
    anyhow::ensure!(
        !crate::annotations::is_annotations_alone(&args.dataset)?,
        "{} has annotations but no features; make a dataset of it and its videos with `summdiff dataset build`",
        args.dataset.display()
    );
    let data = args.methods.open_data(&args.dataset, output)?;
    let parts = test_parts(args, data.keys(), output)?;
    let by_own_split = args.protocol != ProtocolArg::All;
    let mut methods = args.methods.open_methods(by_own_split, output)?;
    if !args.no_baselines {
        methods.extend(Row::ALL.into_iter().map(EvaluatedMethod::row));
    }
    let plan = EvaluationPlan {
        with_seen: args.include_training,
        ..args.methods.plan(data.kind(), parts)
    };
    let cancel = output.cancel_token();
    let provenance = TableProvenance::of(&data, &methods, &plan, cancel).map_err(stopped)?;
    let table = evaluation::evaluate(
        &data,
        methods,
        &plan,
        output.cancel_token(),
        &mut |progress| {
            output.progress(progress);
        },
    )
    .map_err(stopped)?;
    let named = table
        .methods
        .first()
        .context("there is no method to evaluate")?;
    for sentence in table.left_out.iter().chain(&named.left_out) {
        output.say(&format!("left out: {sentence}"));
    }
    // A bundle that takes other features still leaves the rows that need no network.
    let Some(first) = table.methods.iter().find(|method| !method.runs.is_empty()) else {
        let reason = table.left_out.iter().chain(&named.left_out).next().cloned();
        let reason = reason.unwrap_or_else(|| {
            if named.seen.is_empty() {
                "the splits name none of its videos".to_owned()
            } else {
                format!(
                    "{} was trained on all of them; --include-training measures it all the same",
                    named.name
                )
            }
        });
        anyhow::bail!(
            "{}: no video could be evaluated; the first reason: {reason}",
            args.dataset.display()
        );
    };
    if named.runs.is_empty() {
        anyhow::ensure!(
            args.methods.is_default(),
            "{}: {} could not be measured on any video; the first reason: {}",
            args.dataset.display(),
            named.name,
            named
                .left_out
                .first()
                .map_or("it was trained on all of them", String::as_str)
        );
    }
    let videos = &first.runs[0].videos;
    if let Some(path) = &args.heatmap {
        let file = args.dataset.file_name().unwrap_or_default();
        let figure = Provenance {
            bundle: first.bundles.first().cloned(),
            annotations: file.to_string_lossy().into_owned(),
            parameters: serde_json::to_value(&provenance).ok(),
            ..Provenance::of_this_program()
        };
        let matches = matches_of(first, videos);
        write_heatmap(path, vec![matches], args.methods.threshold, &figure)?;
    }
    if let Some(path) = &args.csv {
        write_text(path, &tables::csv(&table, &provenance))?;
    }
    if let Some(path) = &args.latex {
        write_text(path, &tables::latex(&table, &provenance))?;
    }
    if let Some(path) = &args.html {
        write_text(path, &tables::html(&table, &provenance))?;
    }
    match &args.json {
        Some(destination) => write_json(destination, &tables::json(&table, &plan, &provenance)),
        None => write_text(
            "-".as_ref(),
            &format!("{}\n{}", per_video(videos), tables::text(&table)),
        ),
    }
}

/// An interrupt, or what went wrong.
pub(super) fn stopped(err: EvaluationError) -> anyhow::Error {
    match err {
        EvaluationError::Cancelled => super::Interrupted.into(),
        err => err.into(),
    }
}

/// The parts that are averaged: of a file, or of the protocol.
fn test_parts(
    args: &EvaluateArgs,
    keys: &[String],
    output: &Output,
) -> anyhow::Result<Vec<TestPart>> {
    let Some(path) = &args.splits else {
        return Ok(evaluation::parts_of(
            args.protocol.into(),
            keys,
            args.methods.seed,
        ));
    };
    let text = crate::reading::read_text(path, 64 << 20)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let tests = evaluation::test_keys(&text).with_context(|| {
        format!(
            "{} is not a split with test_keys, nor a list of them",
            path.display()
        )
    })?;
    let mut missing: Vec<&String> = tests.iter().flatten().collect();
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
    Ok(evaluation::named_parts(tests))
}

/// A method's match ratios video by video.
pub(super) fn matches_of(method: &MethodResult, videos: &[VideoEvaluation]) -> MethodMatches {
    MethodMatches {
        name: method.name.clone(),
        videos: videos
            .iter()
            .map(|video| VideoMatches {
                name: video.video_id.clone(),
                shares: video.match_ratio.clone(),
                annotators: Vec::new(),
            })
            .collect(),
    }
}

/// Videos × annotators, similar videos together.
fn write_heatmap(
    path: &Path,
    methods: Vec<MethodMatches>,
    threshold: f64,
    provenance: &Provenance,
) -> anyhow::Result<()> {
    let format = FigureFormat::of(path)?;
    let rows = dataset::by_similarity(methods, 0);
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
