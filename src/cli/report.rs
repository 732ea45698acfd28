//! `summdiff report`: a video's analysis or a dataset's evaluation as one HTML file that opens
//! anywhere.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::analyze::{DrawArgs, PrepareArgs};
use super::opening::open_as_written;
use super::sources::Opening;
use super::{Output, check_ending, check_places, write_text};
use crate::annotations::listing;
use crate::domain::RgbImage;
use crate::domain::budget::MOST_BYTES;
use crate::figures::report;
use crate::media::{SampledDecoder, SampledOptions};
use crate::session::material::Material;

/// Width of storyboard pictures, pixels.
const PICTURE_WIDTH: u32 = 320;

/// Write a report with figures, tables and storyboards as one HTML file
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// A video, a project (.summdiff), an analysis or the result of `evaluate` (.json), or a
    /// dataset's video
    source: PathBuf,
    /// The report
    #[arg(short, long, value_name = "OUT.html")]
    output: PathBuf,
    /// The video of a dataset, by id, title or number [default: the first]; of a project or an
    /// analysis the file, where it has moved
    #[arg(long, value_name = "ID|FILE")]
    video: Option<String>,
    /// Annotations to compare with [default: NAME.annotations.json beside the video]
    #[arg(long, value_name = "FILE")]
    annotations: Option<PathBuf>,
    #[command(flatten)]
    prepare: PrepareArgs,
    #[command(flatten)]
    draw: DrawArgs,
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn run(args: &ReportArgs, output: &Output) -> anyhow::Result<()> {
    check_ending(&args.output, "a report", &["html", "htm"])?;
    let inputs: Vec<&Path> = (args.annotations.iter().map(PathBuf::as_path))
        .chain([args.source.as_path()])
        .collect();
    check_places(&inputs, &[Some(&args.output)])?;
    let page = match evaluation(&args.source)? {
        Some(page) => page,
        None => of_video(args, output)?,
    };
    write_text(&args.output, &page)?;
    output.say(&format!("wrote {}", args.output.display()));
    Ok(())
}

/// The page of an evaluation; `None` where the source is something else.
fn evaluation(source: &Path) -> anyhow::Result<Option<String>> {
    let ending = source.extension().and_then(|ending| ending.to_str());
    if !ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        return Ok(None);
    }
    let text = crate::reading::read_text(source, MOST_BYTES)
        .with_context(|| format!("cannot read {}", source.display()))?;
    let value: serde_json::Value = serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is no JSON; make it with `summdiff analyze --json` or `summdiff evaluate --json`",
            source.display()
        )
    })?;
    let name = source
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    Ok(report::dataset::is_evaluation(&value)
        .then(|| report::dataset::html(&value, &name.unwrap_or_default())))
}

fn of_video(args: &ReportArgs, output: &Output) -> anyhow::Result<String> {
    let opening = Opening {
        source: &args.source,
        video: args.video.as_deref(),
        thumbnails: false,
        annotations: args.annotations.as_deref(),
        prepare: &args.prepare,
        draw: &args.draw,
    };
    let opened = open_as_written(&opening, output)?;
    let mut material = opened.material().context("no video is open")?;
    let pictures = match listing::is_dataset(&args.source) {
        true => {
            output.say("a dataset has numbers, no pictures; the report has no storyboards");
            Vec::new()
        }
        false => pictures(&material, output)?,
    };
    // The filmstrip, where decoding gave nothing better.
    if !pictures.is_empty() {
        material.thumbs = pictures;
    }
    Ok(report::html(&material)?)
}

/// The frames that the storyboards show, decoded; empty where the video is not there any more.
fn pictures(material: &Material, output: &Output) -> anyhow::Result<Vec<(f64, RgbImage)>> {
    let path = &material.video.path;
    if !path.is_file() {
        output.say("without the video the report has no storyboards");
        return Ok(Vec::new());
    }
    let mut frames: Vec<u64> = report::wanted_secs(material)
        .into_iter()
        .map(|secs| material.index.nearest_frame(secs))
        .collect();
    frames.dedup();
    let options = SampledOptions {
        thumb_width: Some(PICTURE_WIDTH),
        ..SampledOptions::default()
    };
    let cancel = output.cancel_token().clone();
    let mut pictures = Vec::new();
    let decoder = SampledDecoder::open(path, &material.index, &frames, options, cancel);
    for frame in decoder.into_iter().flatten() {
        output.check_interrupt()?;
        match frame {
            Ok(frame) => {
                pictures.push((frame.secs, frame.thumb));
            }
            Err(error) => {
                output.say(&format!("{error}; some storyboard pictures are missing"));
                break;
            }
        }
    }
    Ok(pictures)
}
