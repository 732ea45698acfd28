//! `summdiff study merge` and `summdiff study report`: the results of a study, from however many
//! machines.

mod report;

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use super::{Output, check_ending, check_json, check_places, write_json, write_text};
use crate::analysis::study::{Bootstrap, reliability};
use crate::annotations::write;
use crate::domain::AnnotationSet;
use crate::files;
use crate::session::study::{self, Merged};
use crate::ui::text;

/// Merge the results of a study, or report how reliable they are
#[derive(Debug, clap::Args)]
pub struct StudyArgs {
    #[command(subcommand)]
    command: StudyCommand,
}

#[derive(Debug, clap::Subcommand)]
enum StudyCommand {
    /// Put the results of all annotators and machines into one dataset or file of annotations
    ///
    /// The dataset has ratings and user summaries of every video, without features: `summdiff
    /// dataset build VIDEOS --annotations RESULTS` makes one with features.
    Merge(MergeArgs),
    /// Agreement between annotators with intervals over videos, of annotators with themselves, and
    /// time per shot
    Report(ReportArgs),
}

#[derive(Debug, clap::Args)]
struct MergeArgs {
    /// Results: files, or folders of them
    #[arg(required = true)]
    results: Vec<PathBuf>,
    #[arg(short, long, value_name = "OUT.h5|json|csv")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
struct ReportArgs {
    /// Results: files, or folders of them
    #[arg(required = true)]
    results: Vec<PathBuf>,
    /// Write JSON instead of a table; - for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Bootstrap resamples of the videos
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    resamples: u32,
    #[arg(long, default_value_t = 0, value_parser = super::seed)]
    seed: u64,
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn run(args: &StudyArgs, output: &Output) -> anyhow::Result<()> {
    match &args.command {
        StudyCommand::Merge(args) => merge(args, output),
        StudyCommand::Report(args) => report(args, output),
    }
}

/// The results put together, with what there is to say of them.
fn merged(paths: &[PathBuf], output: &Output) -> anyhow::Result<Merged> {
    let merged = study::read_all(paths)
        .and_then(study::merge)
        .map_err(|why| anyhow!("{why}"))?;
    for conflict in &merged.conflicts {
        output.say(&format!("conflict: {conflict}"));
    }
    for note in &merged.notes {
        output.say(note);
    }
    Ok(merged)
}

fn merge(args: &MergeArgs, output: &Output) -> anyhow::Result<()> {
    check_ending(&args.output, "annotations", &["h5", "hdf5", "json", "csv"])?;
    let inputs: Vec<&Path> = args.results.iter().map(PathBuf::as_path).collect();
    check_places(&inputs, &[Some(&args.output)])?;
    let merged = merged(&args.results, output)?;
    let sets = merged.sets();
    if sets.is_empty() {
        bail!("nobody has finished a video yet");
    }
    let is_h5 = (args.output.extension()).is_some_and(|ending| {
        ending.eq_ignore_ascii_case("h5") || ending.eq_ignore_ascii_case("hdf5")
    });
    match is_h5 {
        true => write_h5(&args.output, &merged)?,
        false => write::write(&args.output, &sets)?,
    }
    output.say(&format!(
        "wrote {} with {} of {}",
        args.output.display(),
        text::count(annotators(&sets), "annotator"),
        text::count(sets.len(), "video")
    ));
    Ok(())
}

/// Different names in all sets.
fn annotators(sets: &[AnnotationSet]) -> usize {
    let people = sets.iter().flat_map(|set| &set.annotators);
    let names: std::collections::BTreeSet<&str> = people.map(|one| one.name.as_str()).collect();
    names.len()
}

/// Writes the dataset anew, whatever videos the file had before.
fn write_h5(path: &Path, merged: &Merged) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("there is no place for temporary files")?;
    let made = folder.path().join("study.h5");
    write::write_dataset(&made, &merged.records())?;
    let bytes = std::fs::read(&made).with_context(|| format!("cannot read {}", made.display()))?;
    files::write(path, &bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn report(args: &ReportArgs, output: &Output) -> anyhow::Result<()> {
    if let Some(json) = &args.json {
        check_json(json)?;
        let inputs: Vec<&Path> = args.results.iter().map(PathBuf::as_path).collect();
        check_places(&inputs, &[Some(json)])?;
    }
    let merged = merged(&args.results, output)?;
    let (videos, categories) = study::videos(&merged);
    if videos.is_empty() {
        bail!("nobody has finished a video yet");
    }
    let bootstrap = Bootstrap {
        resamples: args.resamples as usize,
        seed: args.seed,
    };
    let found = reliability(&videos, categories, bootstrap);
    let facts = report::Facts::new(&merged, &found, &bootstrap);
    match &args.json {
        Some(json) => write_json(json, &facts),
        None => write_text("-".as_ref(), &report::text(&facts)),
    }
}
