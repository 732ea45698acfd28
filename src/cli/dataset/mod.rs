//! `summdiff dataset build`: an eccv16-style h5 from raw videos and their annotations. See
//! [`parts`] for how it resumes.

mod parts;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use self::parts::{Parts, Recipe};
use super::analyze::PrepareArgs;
use super::{Interrupted, Output, check_ending, check_places};
use crate::annotations::dataset::Dataset;
use crate::annotations::write::write_dataset_from;
use crate::annotations::{self, build, join};
use crate::domain::AnnotationSet;
use crate::domain::VideoRecord;
use crate::inference::Bundle;
use crate::pipeline;
use crate::ui::text;

/// Make datasets
#[derive(Debug, Args)]
pub struct DatasetArgs {
    #[command(subcommand)]
    command: DatasetCommand,
}

#[derive(Debug, Subcommand)]
enum DatasetCommand {
    Build(BuildArgs),
}

/// Build an eccv16-style dataset (.h5) from raw videos and their annotations
///
/// Each finished video is kept in a folder beside the dataset (OUT.h5.parts) until all are there:
/// run the same command again after an interruption, and it goes on where it stopped. With --shard,
/// several runs share the work; whichever ends last puts the dataset together.
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// The videos; the first becomes video_1
    #[arg(required = true)]
    videos: Vec<PathBuf>,
    /// What people rated or picked, in any form that the window opens: a file, a folder of files,
    /// or several of either, each behind the flag
    #[arg(long, value_name = "FILE|DIR", required = true)]
    annotations: Vec<PathBuf>,
    /// The dataset
    #[arg(short, long, value_name = "OUT.h5")]
    output: PathBuf,
    #[command(flatten)]
    prepare: PrepareArgs,
    /// Share of the frames that the users' and the true summaries may keep
    #[arg(long, default_value_t = 0.15, value_parser = super::budget_share)]
    budget: f64,
    /// Build only every n-th video, beginning with the i-th
    #[arg(long, value_name = "i/n", value_parser = shard)]
    shard: Option<Shard>,
}

/// Which of the videos a run builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shard {
    /// From 1 to `of`.
    number: usize,
    of: usize,
}

impl Shard {
    fn has(self, video: usize) -> bool {
        video % self.of == self.number - 1
    }
}

fn shard(text: &str) -> Result<Shard, String> {
    let parsed = text.split_once('/').and_then(|(number, of)| {
        Some(Shard {
            number: number.trim().parse().ok()?,
            of: of.trim().parse().ok()?,
        })
    });
    parsed
        .filter(|shard| shard.number >= 1 && shard.number <= shard.of)
        .ok_or_else(|| "write it like 1/4: the first of four".to_owned())
}

/// A video and its annotations.
struct Job {
    key: String,
    video: PathBuf,
    set: AnnotationSet,
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn run(args: &DatasetArgs, output: &Output) -> anyhow::Result<()> {
    match &args.command {
        DatasetCommand::Build(args) => build(args, output),
    }
}

fn build(args: &BuildArgs, output: &Output) -> anyhow::Result<()> {
    let inputs: Vec<&Path> = (args.videos.iter().map(PathBuf::as_path))
        .chain(args.annotations.iter().map(PathBuf::as_path))
        .collect();
    check_ending(&args.output, "a dataset", &["h5", "hdf5"])?;
    check_places(&inputs, &[Some(&args.output)])?;
    let jobs = jobs(args, output)?;
    let bundle = Bundle::find(args.prepare.bundle_or_default())?;
    let recipe = Recipe::new(&bundle, &args.prepare, args.budget, &jobs)?;
    let there = already_there(&args.output, &jobs)?;
    let wanted: Vec<&Job> = jobs
        .iter()
        .filter(|job| !there.contains(&job.key))
        .collect();
    if wanted.is_empty() {
        output.say(&format!(
            "{} has {} already; delete it to build it anew",
            args.output.display(),
            match jobs.len() {
                1 => "the one video".to_owned(),
                videos => format!("all {videos} videos"),
            }
        ));
        return Ok(());
    }
    let parts = Parts::open(&args.output, &recipe)?;
    let mine: Vec<&Job> = jobs
        .iter()
        .enumerate()
        .filter(|(at, _)| args.shard.is_none_or(|shard| shard.has(*at)))
        .map(|(_, job)| job)
        .filter(|job| !there.contains(&job.key) && !parts.has(&job.key))
        .collect();
    let mut failed = Vec::new();
    for (at, job) in mine.iter().enumerate() {
        output.check_interrupt()?;
        output.say(&format!(
            "{} of {}: {}",
            at + 1,
            mine.len(),
            job.video.display()
        ));
        match record(args, job, output) {
            Ok(record) => parts.write(&record)?,
            Err(err) if err.is::<Interrupted>() => return Err(err),
            Err(err) => {
                let sentence = format!("{}: {err:#}", job.video.display());
                output.say(&format!("left out: {sentence}"));
                failed.push(sentence);
            }
        }
    }
    finish(args, &parts, &wanted, &failed, output)
}

/// Puts the parts together once nobody else has any left to build.
fn finish(
    args: &BuildArgs,
    parts: &Parts,
    wanted: &[&Job],
    failed: &[String],
    output: &Output,
) -> anyhow::Result<()> {
    let missing = wanted.iter().filter(|job| !parts.has(&job.key)).count();
    if missing > failed.len() {
        output.say(&format!(
            "{missing} of {} still to be built by other shards",
            text::count(wanted.len(), "video")
        ));
        return fail_if(failed, wanted.len(), "the rest is kept in the parts folder");
    }
    let turn = parts.take_turn(output)?;
    let there = already_there(&args.output, wanted.iter().copied())?;
    if wanted.iter().all(|job| there.contains(&job.key)) {
        output.say(&format!(
            "{} was put together by another run",
            args.output.display()
        ));
        return Ok(());
    }
    let keys: Vec<&str> = wanted
        .iter()
        .map(|job| job.key.as_str())
        .filter(|key| parts.has(key))
        .collect();
    if keys.is_empty() {
        bail!(
            "no video could be built; the first reason: {}",
            failed.first().map_or("", String::as_str)
        );
    }
    write_dataset_from(&args.output, keys.iter().map(|key| parts.read(key)))?;
    output.say(&format!(
        "wrote {} with {}",
        args.output.display(),
        text::count(keys.len(), "video")
    ));
    if failed.is_empty() {
        parts.remove();
    }
    drop(turn);
    fail_if(failed, wanted.len(), "the rest is in the dataset")
}

fn fail_if(failed: &[String], of: usize, rest: &str) -> anyhow::Result<()> {
    match failed.first() {
        None => Ok(()),
        Some(first) => bail!(
            "{} of {} left out, and {rest}; run the same command again to try them again; the first reason: {first}",
            failed.len(),
            text::count(of, "video")
        ),
    }
}

/// Each video with its annotations; those without any are reported and left out.
fn jobs(args: &BuildArgs, output: &Output) -> anyhow::Result<Vec<Job>> {
    let opened = annotations::several::open_all(&args.annotations)?;
    for warning in &opened.warnings {
        output.say(warning);
    }
    let sets = opened.sets;
    let matches = join::match_videos(&sets, &args.videos);
    let alone = sets.len() == 1 && args.videos.len() == 1;
    let mut jobs = Vec::new();
    for (at, video) in args.videos.iter().enumerate() {
        let found = matches
            .videos
            .iter()
            .position(|found| found.as_deref() == Some(video.as_path()))
            .or(alone.then_some(0));
        match found {
            Some(set) => jobs.push(Job {
                key: format!("video_{}", at + 1),
                video: video.clone(),
                set: AnnotationSet {
                    video_id: if sets[set].video_id.is_empty() {
                        annotations::file_stem(video)
                    } else {
                        sets[set].video_id.clone()
                    },
                    ..sets[set].clone()
                },
            }),
            None => output.say(&format!(
                "left out: no annotations of {1} in {0}",
                named(&args.annotations),
                video.display()
            )),
        }
    }
    if jobs.is_empty() {
        bail!(
            "no annotations of these videos in {}: name each video as its id there",
            named(&args.annotations)
        );
    }
    Ok(jobs)
}

/// The annotations' files, for a sentence.
fn named(paths: &[PathBuf]) -> String {
    match paths {
        [] => String::new(),
        [one] => one.display().to_string(),
        [first, others @ ..] => {
            let others = text::count(others.len(), "other");
            format!("{} and {others}", first.display())
        }
    }
}

/// Keys that the dataset has already.
fn already_there<'a>(
    path: &Path,
    jobs: impl IntoIterator<Item = &'a Job>,
) -> anyhow::Result<Vec<String>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let dataset = Dataset::open(path)?;
    let mut there = Vec::new();
    for job in jobs {
        if !dataset.keys().contains(&job.key) {
            continue;
        }
        let found = dataset.read_outline(&job.key)?;
        if found.video_id != job.set.video_id {
            bail!(
                "{} is another dataset: its {} is {}, not {}; name another file",
                path.display(),
                job.key,
                found.video_id,
                job.set.video_id
            );
        }
        there.push(job.key.clone());
    }
    Ok(there)
}

fn record(args: &BuildArgs, job: &Job, output: &Output) -> anyhow::Result<VideoRecord> {
    let prepared = pipeline::prepare(
        &job.video,
        &args.prepare.options(),
        output.cancel_token(),
        &mut |event| output.follow(&event),
    );
    output.check_interrupt()?;
    let prepared = prepared?;
    let joined = join::join(&job.set, &prepared.index);
    for sentence in prepared.info.warnings.iter().chain(&joined.report) {
        output.say(&format!("{}: {sentence}", job.video.display()));
    }
    Some(build::record(
        &job.key,
        &joined.set,
        &prepared.features.for_network(),
        &prepared.segments,
        args.budget,
    ))
    .filter(|record| !record.segments.is_empty())
    .context("it has no segments")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_all_videos() {
        let shards = ["1/3", "2/3", "3/3"].map(|text| shard(text).unwrap());
        for video in 0..10 {
            assert_eq!(shards.iter().filter(|shard| shard.has(video)).count(), 1);
        }
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0"] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
