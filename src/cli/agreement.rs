//! `summdiff agreement ANNOTATIONS`: how much a dataset's annotators agree.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Output, check_places, write_bytes, write_json, write_text};
use crate::analysis::agreement::{
    AgreementParams, DatasetAgreement, Estimate, RatingScale, SummaryUnit, agreement_matrix,
    dataset_agreement_until,
};
use crate::analysis::raters::{rating_shots, scores_at_frames};
use crate::analysis::reliability::Interval;
use crate::analysis::steering_study::{AfterAnswers, study};
use crate::annotations;
use crate::annotations::dataset::Dataset;
use crate::domain::{AnnotationSet, DevicePreference, DrawSettings, FigureKind, FrameRange};
use crate::figures::{FigureFormat, Style, agreement, png, svg};
use crate::inference::Bundle;
use crate::pipeline::Method;
use crate::pipeline::steering_study::{means, trials_of_video};
use crate::session::provenance::Provenance;

/// Numbers of answers in the study of steering.
const ANSWERS: [usize; 5] = [0, 1, 3, 5, 10];

/// Measure how much annotators agree, per video and overall
#[derive(Debug, clap::Args)]
pub struct AgreementArgs {
    /// TVSum's .mat or .tsv, SumMe's .mat, a dataset's .h5, a table, JSON, ELAN or VIA file
    annotations: PathBuf,
    /// Compare every so many frames
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    stride: u64,
    /// Share of the frames in user summaries made from ratings
    #[arg(long, default_value_t = 0.15, value_parser = super::budget_share)]
    budget: f64,
    /// What F1 and kappa of ratings compare: two-second shots, or the segments that a dataset (.h5)
    /// states
    #[arg(long, value_enum, default_value_t = UnitArg::Shots)]
    unit: UnitArg,
    /// What alpha compares: ratings as they were given, or each annotator's scaled from 0 to 1
    #[arg(long, value_enum, default_value_t = RatingsArg::Raw)]
    ratings: RatingsArg,
    /// Bootstrap resamples for the intervals
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    resamples: u32,
    #[arg(long, default_value_t = 0, value_parser = super::seed)]
    seed: u64,
    /// Write JSON instead of a table; - for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// State instead how much a few answers say of an annotator: each is predicted from the others,
    /// re-weighted by 0 to 10 ratings of two-second shots, as steering weighs samples
    #[arg(long, conflicts_with_all = ["plot", "video"])]
    steering: bool,
    /// With --steering, on a dataset with features: predict from this bundle's samples in place of
    /// the other annotators, weighed by the answers and drawn under them
    #[arg(long, value_name = "NAME|DIR", requires = "steering")]
    bundle: Option<String>,
    /// Samples of the bundle for each video
    #[arg(long, default_value_t = 100, requires = "bundle", value_parser = super::values::samples)]
    samples: u32,
    /// Draw the matrix of all pairs of a video's annotators; .csv gives the numbers
    #[arg(long, value_name = "OUT.svg|png|csv")]
    plot: Option<PathBuf>,
    /// Which video to draw, by id, title or number [default: the first with two annotators]
    #[arg(long, value_name = "ID", requires = "plot")]
    video: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum UnitArg {
    Shots,
    Segments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum RatingsArg {
    Raw,
    Scaled,
}

impl AgreementArgs {
    fn params(&self) -> AgreementParams {
        AgreementParams {
            unit: match self.unit {
                UnitArg::Shots => SummaryUnit::Shots,
                UnitArg::Segments => SummaryUnit::Segments,
            },
            ratings: match self.ratings {
                RatingsArg::Raw => RatingScale::Raw,
                RatingsArg::Scaled => RatingScale::Scaled,
            },
            stride: self.stride,
            budget: self.budget,
            resamples: self.resamples as usize,
            seed: self.seed,
        }
    }

    /// Segments of each video, where they are what is compared.
    fn segments(&self, sets: &[AnnotationSet]) -> anyhow::Result<Vec<Vec<FrameRange>>> {
        if self.unit == UnitArg::Shots {
            return Ok(Vec::new());
        }
        let file = self.annotations.display();
        let data = Dataset::open(&self.annotations).with_context(|| {
            format!("{file} states no segments; give a dataset (.h5), or leave --unit at shots")
        })?;
        let of = |set: &AnnotationSet| {
            data.keys()
                .iter()
                .filter_map(|key| data.read_outline(key).ok())
                .find(|record| record.video_id == set.video_id && !record.segments.is_empty())
                .map(|record| record.segments)
                .with_context(|| format!("{file} states no segments of {}", set.video_id))
        };
        sets.iter().map(of).collect()
    }
}

/// Runs the command.
///
/// # Errors
/// When the annotations cannot be read or no video has two annotators.
pub fn run(args: &AgreementArgs, output: &Output) -> anyhow::Result<()> {
    check_places(
        &[&args.annotations],
        &[args.json.as_deref(), args.plot.as_deref()],
    )?;
    if let Some(json) = &args.json {
        super::check_json(json)?;
    }
    if let Some(path) = &args.plot {
        FigureFormat::of(path)?;
    }
    let opened = annotations::open(&args.annotations)?;
    for warning in &opened.warnings {
        output.say(warning);
    }
    output.check_interrupt()?;
    if args.steering {
        return match &args.bundle {
            Some(bundle) => steering_of_samples(args, bundle, output),
            None => steering(args, &opened.sets),
        };
    }
    let params = args.params();
    let segments = args.segments(&opened.sets)?;
    let found = dataset_agreement_until(&opened.sets, &segments, &params, output.cancel_token());
    output.check_interrupt()?;
    anyhow::ensure!(
        found.overall.videos > 0,
        "{}: no video has two annotators to compare",
        args.annotations.display()
    );
    if let Some(path) = &args.plot {
        write_plot(path, args, &opened.sets, &segments, &params)?;
        output.say(&format!("wrote {}", path.display()));
    }
    match &args.json {
        Some(destination) => write_json(destination, &found),
        None => write_text("-".as_ref(), &table(&found)),
    }
}

/// The study of a few answers, as a table or JSON.
fn steering(args: &AgreementArgs, sets: &[AnnotationSet]) -> anyhow::Result<()> {
    let videos: Vec<Vec<Vec<f32>>> = sets
        .iter()
        .map(|set| {
            let middle: Vec<u64> = (rating_shots(set).iter())
                .map(|shot| (shot.start + shot.end) / 2)
                .collect();
            let rated = set.annotators.iter().filter(|one| !one.scores.is_empty());
            rated.map(|one| scores_at_frames(one, &middle)).collect()
        })
        .collect();
    let found = study(&videos, &ANSWERS);
    anyhow::ensure!(
        found.iter().any(|row| row.trials > 0),
        "{}: no video has three annotators with ratings; steering is studied on ratings from 1 to 5",
        args.annotations.display()
    );
    match &args.json {
        Some(destination) => write_json(destination, &found),
        None => write_text("-".as_ref(), &steering_table(&found)),
    }
}

/// The study of a few answers on a bundle's samples.
fn steering_of_samples(args: &AgreementArgs, bundle: &str, output: &Output) -> anyhow::Result<()> {
    let dataset = Dataset::open(&args.annotations)
        .context("samples are drawn from features, which an .h5 dataset has")?;
    let bundle = Bundle::find(bundle)?;
    let method = Method::open(&bundle, DevicePreference::Cpu)?;
    let stated = bundle.manifest().defaults();
    let mut settings = DrawSettings {
        samples: args.samples as usize,
        seed: args.seed,
        ..DrawSettings::default()
    };
    settings.follow(&stated);
    let mut videos = Vec::new();
    for (at, key) in dataset.keys().iter().enumerate() {
        let record = dataset.read(key)?;
        videos.push(trials_of_video(
            at as u64,
            &args.annotations,
            &record,
            &method,
            &settings,
            &ANSWERS,
            output.cancel_token(),
        )?);
        output.check_interrupt()?;
        output.say(&format!("{} of {} videos", at + 1, dataset.keys().len()));
    }
    let found = means(&ANSWERS, &videos);
    anyhow::ensure!(
        found.iter().any(|row| row.trials > 0),
        "{}: no video has features and ratings; give a dataset with both",
        args.annotations.display()
    );
    match &args.json {
        Some(destination) => write_json(destination, &found),
        None => write_text("-".as_ref(), &steering_table(&found)),
    }
}

fn steering_table(found: &[AfterAnswers]) -> String {
    let is_drawn = found.iter().any(|row| row.mean_drawn.is_some());
    let mut text = String::from(
        "| answers | mean, unsteered | mean, weighed | change | mean, conditioned | change |",
    );
    text.push_str(if is_drawn {
        " mean, drawn under the answers | change |"
    } else {
        ""
    });
    text.push_str(
        " leading alternative, unsteered | weighed | interpolated | effective number |\n",
    );
    text.push_str(&"|---".repeat(if is_drawn { 12 } else { 10 }));
    text.push_str("|\n");
    for row in found {
        let drawn = match row.mean_drawn {
            Some(drawn) => format!(" {drawn:.4} | {:+.4} |", drawn - row.mean_unsteered),
            None if is_drawn => " – | – |".to_owned(),
            None => String::new(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {:.4} | {:.4} | {:+.4} | {:.4} | {:+.4} |{drawn} {:.4} | {:.4} | {:.4} | {:.1} |",
            row.answers,
            row.mean_unsteered,
            row.mean_weighed,
            row.mean_weighed - row.mean_unsteered,
            row.mean_conditioned,
            row.mean_conditioned - row.mean_unsteered,
            row.kind_unsteered,
            row.kind_steered,
            row.interpolated,
            row.effective_number,
        );
    }
    text
}

fn write_plot(
    path: &Path,
    args: &AgreementArgs,
    sets: &[AnnotationSet],
    segments: &[Vec<FrameRange>],
    params: &AgreementParams,
) -> anyhow::Result<()> {
    let format = FigureFormat::of(path)?;
    let set = match &args.video {
        Some(name) => named(sets, name),
        None => sets.iter().find(|set| set.annotators.len() > 1),
    };
    let set = set.with_context(|| {
        format!(
            "{} has no video {}; give --video one of its ids, titles or numbers (1 to {})",
            args.annotations.display(),
            args.video.as_deref().unwrap_or("with two annotators"),
            sets.len()
        )
    })?;
    let at = sets.iter().position(|other| std::ptr::eq(other, set));
    let own = at.and_then(|at| segments.get(at));
    let matrix = agreement_matrix(set, own.map_or(&[], Vec::as_slice), params);
    let style = Style {
        size: FigureKind::Agreement.usual_size(),
        dark: false,
    };
    let provenance = Provenance {
        annotations: set.source.clone(),
        parameters: Some(serde_json::json!({
            "video": set.video_id, "agreement": params,
        })),
        ..Provenance::of_this_program()
    };
    let scene = || agreement::scene_of(&matrix, &set.video_id, &style);
    let bytes = match format {
        FigureFormat::Csv => agreement::csv_of(&matrix, params).into_bytes(),
        FigureFormat::Svg => svg::write(&scene(), &provenance).into_bytes(),
        FigureFormat::Png => png::encode(&scene(), &provenance)?,
    };
    write_bytes(path, &bytes)
}

/// The video of an id or a title, else of a number from 1.
fn named<'a>(sets: &'a [AnnotationSet], name: &str) -> Option<&'a AnnotationSet> {
    let called = |set: &&AnnotationSet| set.video_id == name || set.title == name;
    sets.iter()
        .find(called)
        .or_else(|| sets.get(name.parse::<usize>().ok()?.checked_sub(1)?))
}

fn table(found: &DatasetAgreement) -> String {
    let number = |value: Option<f64>| value.map_or("undefined".into(), |v| format!("{v:.3}"));
    let percent = |value: Option<f64>| value.map_or("undefined".into(), |v| format!("{v:.1}"));
    let interval = |value: Option<Interval>| {
        value.map_or("undefined".into(), |i: Interval| {
            format!("{:.3} [{:.3}, {:.3}]", i.value, i.low, i.high)
        })
    };
    let mut text = format!(
        "{:<24} {:>6} {:>9} {:>9} {:>9} {:>22} {:>9}\n",
        "video", "raters", "tau", "rho", "F1 %", "alpha [95 %]", "kappa"
    );
    let mut line = |name: &str, raters: String, values: [String; 5]| {
        let [tau, rho, f1, alpha, kappa] = values;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{name:<24} {raters:>6} {tau:>9} {rho:>9} {f1:>9} {alpha:>22} {kappa:>9}"
        );
    };
    for video in &found.videos {
        line(
            &video.video_id,
            video.annotators.to_string(),
            [
                number(video.tau),
                number(video.rho),
                percent(video.f1),
                interval(video.alpha),
                number(video.kappa),
            ],
        );
    }
    let overall = &found.overall;
    line(
        "overall",
        String::new(),
        [
            number(overall.tau),
            number(overall.rho),
            percent(overall.f1),
            overall
                .alpha
                .map_or("undefined".into(), |alpha| match alpha {
                    Estimate {
                        value,
                        low: Some(low),
                        high: Some(high),
                    } => interval(Some(Interval { value, low, high })),
                    // Of one video there is nothing to resample.
                    Estimate { value, .. } => format!("{value:.3} [undefined]"),
                }),
            number(overall.kappa),
        ],
    );
    let params = &found.params;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "tau and rho: scores every {} frames; F1 and kappa: summaries of {} within {:.0} %; alpha: {}",
        params.stride,
        params.unit.title(),
        params.budget * 100.0,
        params.ratings.title()
    );
    text
}
