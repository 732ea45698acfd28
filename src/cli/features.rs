//! `summdiff features`: the sampled frames' features of a video.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::analyze::PrepareArgs;
use super::npy::write_npy;
use super::{Output, check_places, write_json};
use crate::domain::BundleRef;
use crate::pipeline;

/// Extract the features of a video's sampled frames
#[derive(Debug, Args)]
pub struct FeaturesArgs {
    /// The video
    video: PathBuf,
    /// Where the features go, float32 [N, D] in NumPy's format
    #[arg(short, long, value_name = "F.npy")]
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
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the mend.
pub fn run(args: &FeaturesArgs, output: &Output) -> anyhow::Result<()> {
    check_places(&[&args.video], &[Some(&args.output), args.json.as_deref()])?;
    let prepared = pipeline::prepare(
        &args.video,
        &args.prepare.options(),
        output.cancel_token(),
        &mut |event| output.follow(&event),
    );
    output.check_interrupt()?;
    let prepared = prepared?;
    for warning in &prepared.info.warnings {
        output.say(warning);
    }
    // What networks are to be given, not the denser rows from which a short video's segments are found.
    let features = prepared.features.for_network();
    write_npy(&args.output, &features.values)?;
    if let Some(destination) = &args.json {
        let (rows, columns) = features.values.dim();
        let about = Rows {
            video: &prepared.info.path,
            sha256: &prepared.info.sha256,
            bundle: prepared.bundle.reference(),
            device: &prepared.device.device,
            shape: [rows, columns],
            picks: &features.picks,
            pick_times_secs: &features.pick_times_secs,
        };
        write_json(destination, &about)?;
    }
    Ok(())
}
