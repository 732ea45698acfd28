//! `summdiff agreement ANNOTATIONS`: how much a dataset's annotators agree.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Output, keep_inputs, write_bytes, write_json, write_text};
use crate::analysis::agreement::{
    AgreementParams, DatasetAgreement, agreement_matrix, dataset_agreement,
};
use crate::analysis::reliability::Interval;
use crate::annotations;
use crate::domain::AnnotationSet;
use crate::figures::{FigureFormat, FigureKind, Provenance, Style, agreement, png, svg};

/// Tells how much annotators agree, per video and overall
#[derive(Debug, clap::Args)]
pub struct AgreementArgs {
    /// TVSum's .mat or .tsv, SumMe's .mat, a dataset's .h5, a table, JSON, ELAN or VIA file
    annotations: PathBuf,
    /// Compare every so many frames
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    stride: u64,
    /// Share of the frames in user summaries made from ratings
    #[arg(long, default_value_t = 0.15)]
    budget: f64,
    /// Bootstrap resamples for the intervals
    #[arg(long, default_value_t = 1000)]
    resamples: usize,
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write JSON instead of a table; - for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the matrix of all pairs of a video's annotators; .csv gives the numbers
    #[arg(long, value_name = "OUT.svg|png|csv")]
    plot: Option<PathBuf>,
    /// Which video to draw, by id or title [default: the first with two annotators]
    #[arg(long, value_name = "ID", requires = "plot")]
    video: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When the annotations cannot be read or no video has two annotators.
pub fn run(args: &AgreementArgs, output: &Output) -> anyhow::Result<()> {
    anyhow::ensure!(
        (0.0..=1.0).contains(&args.budget),
        "--budget must lie between 0 and 1, not at {}",
        args.budget
    );
    keep_inputs(
        &[&args.annotations],
        &[args.json.as_deref(), args.plot.as_deref()],
    )?;
    let opened = annotations::open(&args.annotations)?;
    for warning in &opened.warnings {
        output.say(warning);
    }
    output.check_interrupt()?;
    let params = AgreementParams {
        stride: args.stride,
        budget: args.budget,
        resamples: args.resamples,
        seed: args.seed,
    };
    let found = dataset_agreement(&opened.sets, &params);
    anyhow::ensure!(
        found.overall.videos > 0,
        "{}: no video has two annotators to compare",
        args.annotations.display()
    );
    if let Some(path) = &args.plot {
        write_plot(path, args, &opened.sets, &params)?;
        output.say(&format!("wrote {}", path.display()));
    }
    match &args.json {
        Some(destination) => write_json(destination, &found),
        None => write_text("-".as_ref(), &table(&found)),
    }
}

fn write_plot(
    path: &Path,
    args: &AgreementArgs,
    sets: &[AnnotationSet],
    params: &AgreementParams,
) -> anyhow::Result<()> {
    let format = FigureFormat::of(path)?;
    let wanted = |set: &&AnnotationSet| match &args.video {
        Some(name) => set.video_id == *name || set.title == *name,
        None => set.annotators.len() > 1,
    };
    let set = sets.iter().find(wanted).with_context(|| {
        format!(
            "{} has no video {}; give --video one of its ids",
            args.annotations.display(),
            args.video.as_deref().unwrap_or("with two annotators")
        )
    })?;
    let matrix = agreement_matrix(set, &[], params);
    let style = Style {
        size: FigureKind::Agreement.usual_size(),
        dark: false,
    };
    let provenance = Provenance {
        annotations: set.source.clone(),
        parameters: Some(serde_json::json!({
            "video": set.video_id, "stride": params.stride, "budget": params.budget,
        })),
        ..Provenance::of_this_program()
    };
    let scene = || agreement::scene_of(&matrix, &set.video_id, &style);
    let bytes = match format {
        FigureFormat::Csv => agreement::csv_of(&matrix).into_bytes(),
        FigureFormat::Svg => svg::write(&scene(), &provenance).into_bytes(),
        FigureFormat::Png => png::encode(&scene(), &provenance)?,
    };
    write_bytes(path, &bytes)
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
            interval(overall.alpha),
            number(overall.kappa),
        ],
    );
    text
}
