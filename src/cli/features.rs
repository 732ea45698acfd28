//! `summdiff features`: the sampled frames' features of a video.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::analyze::PrepareArgs;
use super::npy::write_npy;
use super::{Output, batch, check_places, write_json};
use crate::domain::BundleRef;
use crate::pipeline;

/// Extract the features of a video's sampled frames
#[derive(Debug, Args)]
pub struct FeaturesArgs {
    /// The video; also many, folders of them, and @list.txt with one a line
    #[arg(required = true, value_name = "VIDEO")]
    videos: Vec<PathBuf>,
    /// Where the features go, float32 [N, D] in NumPy's format; for many videos a folder, with a
    /// manifest by which the same command goes on where it was stopped
    #[arg(short, long, value_name = "F.npy|DIR")]
    output: PathBuf,
    #[command(flatten)]
    prepare: PrepareArgs,
    /// Write picks and times as JSON; - or nothing for standard output
    #[arg(long, value_name = "FILE.json|-", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
}

/// What the rows of the features stand for.
#[derive(Debug, Serialize)]
struct Rows<'a> {
    video: &'a std::path::Path,
    sha256: &'a str,
    bundle: BundleRef,
    device: &'a str,
    shape: [usize; 2],
    picks: &'a [u64],
    pick_times_secs: &'a [f64],
    /// First frames of shots that begin with a hard cut.
    cuts: &'a [u64],
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn run(args: &FeaturesArgs, output: &Output) -> anyhow::Result<()> {
    let many = batch::are_many(&args.videos) || args.output.is_dir();
    if !many {
        let video = &args.videos[0];
        return extract(args, video, &args.output, args.json.as_deref(), output);
    }
    if args
        .json
        .as_ref()
        .is_some_and(|json| json.as_os_str() != "-")
    {
        return Err(super::Usage(
            "--json takes no file for many videos: each gets its picks beside its features"
                .to_owned(),
        )
        .into());
    }
    // As the flags are now; another version may extract others.
    let recipe = format!("{} {:?}", env!("CARGO_PKG_VERSION"), args.prepare);
    let videos = batch::videos(&args.videos)?;
    batch::run(
        &videos,
        &args.output,
        "npy",
        &recipe,
        output,
        &mut |video, target| {
            let json = args.json.as_ref().map(|_| target.with_extension("json"));
            extract(args, video, target, json.as_deref(), output)
        },
    )
}

fn extract(
    args: &FeaturesArgs,
    video: &Path,
    target: &Path,
    json: Option<&Path>,
    output: &Output,
) -> anyhow::Result<()> {
    check_places(&[video], &[Some(target), json])?;
    if let Some(json) = json {
        super::check_json(json)?;
    }
    let prepared = pipeline::prepare(
        video,
        &args.prepare.options(),
        output.cancel_token(),
        &mut |event| output.follow(&event),
    );
    output.check_interrupt()?;
    let prepared = prepared?;
    for warning in &prepared.info.warnings {
        output.say(warning);
    }
    // What networks are to be given, not the denser rows from which a short video's segments are
    // found.
    let features = prepared.features.for_network();
    write_npy(target, &features.values)?;
    if let Some(destination) = json {
        let (rows, columns) = features.values.dim();
        let about = Rows {
            video: &prepared.info.path,
            sha256: &prepared.info.sha256,
            bundle: prepared.bundle.reference(),
            device: &prepared.device.device,
            shape: [rows, columns],
            picks: &features.picks,
            pick_times_secs: &features.pick_times_secs,
            cuts: &prepared.segmentation.cuts,
        };
        write_json(destination, &about)?;
    }
    Ok(())
}
