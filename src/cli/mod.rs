//! The command line: the same library as the window, without one.
//!
//! Data goes to stdout or a named file, words to stderr. Exit codes: 0 ok, 1 failure, 2 usage, 130
//! interrupted. One file a subcommand; this one parses, dispatches and turns errors into a
//! sentence.

mod agreement;
pub mod analyze;
mod analyze_args;
mod analyze_knapsack;
mod annotate;
mod batch;
mod bench;
pub mod cache;
mod dataset;
mod dataset_video;
mod destination;
mod doctor;
mod earlier_work;
mod evaluate;
mod explanations;
pub mod export;
pub mod export_args;
mod export_choice;
mod export_reel;
mod export_report;
mod export_source;
mod export_speech;
mod faults;
pub mod features;
mod find;
mod knapsack;
mod log_file;
mod metrics;
pub mod models;
mod models_add;
mod npy;
pub mod open;
mod opening;
mod output;
mod paper;
pub mod render;
mod render_dataset;
pub mod report;
pub mod sample;
mod segment;
mod sources;
mod stability;
mod steering;
mod study;
mod values;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::inference::trial;
use crate::media::{cut, remote};
use crate::{annotations, confined};

pub use destination::{
    check_ending, check_json, check_places, write_bytes, write_json, write_text,
};
pub use faults::Usage;
pub use output::{Interrupted, Output, ProgressMode};
pub use values::DeviceArg;
pub(crate) use values::{
    budget, budget_share, correlation, finite_number, kept_budget, kept_budget_share,
    not_negative_number, seed, share,
};

/// Browse, compare, play and export the many plausible summaries of one video.
#[derive(Debug, Parser)]
#[command(name = "summdiff", version, subcommand_precedence_over_arg = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// A video, a project (.summdiff) or a dataset (.h5, .mat, .tsv, folder) to open in the window
    paths: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

/// How a command speaks while it works.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct OutputArgs {
    /// Say nothing but errors
    #[arg(long, global = true)]
    quiet: bool,
    /// How progress is shown on stderr
    #[arg(long, global = true, value_enum, default_value_t = ProgressMode::Bar)]
    progress: ProgressMode,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the window
    Open {
        /// A video, a project (.summdiff) or a dataset (.h5, .mat, .tsv, folder)
        paths: Vec<PathBuf>,
        /// Bundle to start with: a name or a folder; remembered, as one chosen in the window is
        #[arg(long, value_name = "NAME|DIR")]
        bundle: Option<String>,
        /// Close the window once its first frame is on screen (to measure the start)
        #[arg(long, hide = true)]
        leave_when_painted: bool,
    },
    Annotate(annotate::AnnotateArgs),
    Analyze(analyze::AnalyzeArgs),
    Features(features::FeaturesArgs),
    Render(render::RenderArgs),
    Report(report::ReportArgs),
    Models(models::ModelsArgs),
    Cache(cache::CacheArgs),
    Dataset(dataset::DatasetArgs),
    Sample(sample::SampleArgs),
    Segment(segment::SegmentArgs),
    Metrics(metrics::MetricsArgs),
    Knapsack(knapsack::KnapsackArgs),
    Agreement(agreement::AgreementArgs),
    Study(study::StudyArgs),
    Export(export_args::ExportArgs),
    Find(find::FindArgs),
    Doctor(doctor::DoctorArgs),
    Evaluate(evaluate::EvaluateArgs),
    Paper(paper::PaperArgs),
    AnalyzeKnapsack(analyze_knapsack::AnalyzeKnapsackArgs),
    Bench(bench::BenchArgs),
}

/// Parses the arguments of this process, runs what they ask for, and says how it went.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some((word, rest)) = arguments.split_first()
        && word == confined::WORD
    {
        // Before a thread is there, which would keep it from giving up its rights.
        return confined::serve(rest, |kind, path, made| match kind {
            trial::TRIAL => trial::serve(path),
            annotations::TRIAL => annotations::try_hdf5(path),
            remote::KIND => remote::serve(path),
            cut::KIND => cut::serve(path, made),
            _ => Err(format!("{kind} is no kind of work")),
        });
    }
    confined::use_program();
    let words = words::with_plain_json(std::env::args_os());
    let cli = match parsed(&words) {
        Ok(cli) => cli,
        Err(err) => {
            // Flags of a mistyped command are those of no command; the slip is what matters.
            if err.kind() == ErrorKind::UnknownArgument
                && let Some(usage) = words::meant(&words)
            {
                Output::new(true, ProgressMode::None).error(&usage.0);
                return ExitCode::from(2);
            }
            err.exit()
        }
    };
    // The log is on stderr where RUST_LOG asks for it; what concerns a person is shown in
    // sentences. The window keeps one in a file.
    if !matches!(
        cli.command,
        None | Some(Command::Open { .. } | Command::Annotate(_))
    ) {
        log_file::start(None);
    }
    let output = Output::new(cli.output.quiet, cli.output.progress);
    match run(cli, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) if err.is::<Interrupted>() => {
            output.error("interrupted");
            ExitCode::from(130)
        }
        Err(err) => {
            output.error(&faults::sentence(&err));
            match err.is::<Usage>() {
                true => ExitCode::from(2),
                false => ExitCode::FAILURE,
            }
        }
    }
}

/// The arguments. A number below 0 is the value of the option before it, so that the option can say
/// what it takes.
fn parsed(words: &[std::ffi::OsString]) -> Result<Cli, clap::Error> {
    let mut command = words::with_negative_numbers(Cli::command());
    let matches = command.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches(&matches).map_err(|err| err.format(&mut command))
}

fn run(cli: Cli, output: &Output) -> anyhow::Result<()> {
    match cli.command {
        Some(Command::Doctor(args)) => doctor::run(&args, output),
        Some(Command::Annotate(args)) => annotate::run(&args, output),
        Some(Command::Analyze(args)) => analyze::run(&args, output),
        Some(Command::Features(args)) => features::run(&args, output),
        Some(Command::Cache(args)) => cache::run(&args, output),
        Some(Command::Dataset(args)) => dataset::run(&args, output),
        Some(Command::Render(args)) => render::run(&args, output),
        Some(Command::Report(args)) => report::run(&args, output),
        Some(Command::Models(args)) => models::run(&args, output),
        Some(Command::Sample(args)) => sample::run(&args, output),
        Some(Command::Open {
            paths,
            bundle,
            leave_when_painted,
        }) => {
            words::check_there(&paths)?;
            open::run(&paths, bundle.as_deref(), leave_when_painted, output)
        }
        None => {
            words::check_opened(&cli.paths)?;
            open::run(&cli.paths, None, false, output)
        }
        Some(Command::Bench(args)) => bench::run(&args, output),
        Some(Command::Segment(args)) => segment::run(&args, output),
        Some(Command::Metrics(args)) => metrics::run(&args, output),
        Some(Command::Knapsack(args)) => knapsack::run(&args, output),
        Some(Command::Study(args)) => study::run(&args, output),
        Some(Command::Agreement(args)) => agreement::run(&args, output),
        Some(Command::Export(args)) => export::run(&args, output),
        Some(Command::Find(args)) => find::run(&args, output),
        Some(Command::Evaluate(args)) => evaluate::run(&args, output),
        Some(Command::Paper(args)) => paper::run(&args, output),
        Some(Command::AnalyzeKnapsack(args)) => analyze_knapsack::run(&args, output),
    }
}
