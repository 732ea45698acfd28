//! `summdiff find VIDEO`: frames that look like one, or words of subtitles, in a video and those
//! beside it. Analyses nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use serde::Serialize;

use super::{Interrupted, Output, Usage, check_json, check_places, write_json, write_text};
use crate::cache::Store;
use crate::domain::timecode::clock_from_secs;
use crate::files::same_file;
use crate::inference::Bundle;
use crate::inference::bundle::DEFAULT_BUNDLE;
use crate::media::MediaError;
use crate::pipeline::neighbours::{KnownFeatures, videos_in, words_of};
use crate::session::finding::{FoundBy, by_words, nearest_pick, nearest_rows};
use crate::session::folder::{Elsewhere, InFolder, alike_in_folder};

/// Frames nearer than this to the one in question are the question itself, seconds.
const OWN_SECS: f64 = 4.0;

/// Find frames that look like one, or words of subtitles, in a video and the videos beside it
///
/// Frames are compared by the features that the cache has of earlier analyses; nothing is analysed,
/// and which videos have none is said.
#[derive(Clone, Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("wanted").required(true))]
pub struct FindArgs {
    /// The video
    video: PathBuf,
    /// Frames that look like the one at this time of the video, seconds
    #[arg(long, value_name = "SECS", group = "wanted", value_parser = super::not_negative_number)]
    at: Option<f64>,
    /// Places whose subtitles hold these words, in any order and in part
    #[arg(long, value_name = "WORDS", group = "wanted")]
    text: Option<String>,
    /// The folder whose videos are looked through [default: the video's own]
    #[arg(long = "in", value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// At most so many places
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// The networks whose features are compared: a bundle's name, folder or archive
    #[arg(long, value_name = "NAME|DIR", default_value = DEFAULT_BUNDLE)]
    bundle: String,
    /// Write JSON instead of a table; - or nothing for standard output
    #[arg(long, value_name = "FILE.json|-", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
}

/// What was found, as JSON.
#[derive(Debug, Serialize)]
struct Report<'a> {
    video: &'a Path,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_secs: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    folder: &'a Path,
    found: Vec<Place>,
    /// Videos that were looked at.
    compared: Vec<PathBuf>,
    /// Those of whose frames, or words, nothing is known.
    without: Vec<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Place {
    video: PathBuf,
    secs: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    likeness: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the fix; [`Interrupted`] after Ctrl+C.
pub fn run(args: &FindArgs, output: &Output) -> anyhow::Result<()> {
    if let Some(json) = &args.json {
        check_json(json)?;
    }
    check_places(&[&args.video], &[args.json.as_deref()])?;
    let folder = match (&args.folder, args.video.parent()) {
        (Some(folder), _) => folder.clone(),
        (None, Some(parent)) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut report = Report {
        video: &args.video,
        at_secs: args.at,
        text: args.text.as_deref(),
        folder: &folder,
        found: Vec::new(),
        compared: Vec::new(),
        without: Vec::new(),
    };
    match (args.at, &args.text) {
        (Some(secs), _) => find_alike(args, secs, &mut report, output)?,
        (None, Some(words)) => find_words(args, words, &mut report, output)?,
        (None, None) => {
            return Err(Usage("name a time with --at, or words with --text".into()).into());
        }
    }
    report.found.truncate(args.count as usize);
    match &args.json {
        Some(json) => write_json(json, &report),
        None => write_text("-".as_ref(), &table(&report)),
    }
}

fn find_alike(
    args: &FindArgs,
    secs: f64,
    report: &mut Report,
    output: &Output,
) -> anyhow::Result<()> {
    let bundle = Bundle::find(&args.bundle)?;
    let store = Store::for_user().context("there is no cache folder here: set XDG_CACHE_HOME")?;
    let known = KnownFeatures::of(store, &bundle)
        .with_context(|| format!("the networks of {} look at no pictures", args.bundle))?;
    let (video, cancel, most) = (&args.video, output.cancel_token(), args.count as usize);
    let own = known.of_video(video, cancel).map_err(explained)?;
    let own = own.with_context(|| {
        let path = video.display();
        format!("the cache has no features of “{path}” by {}: analyse it first with `summdiff analyze {path}`", args.bundle)
    })?;
    let pick = nearest_pick(&own.features, secs).context("the video has no frames")?;
    let end_secs = own.features.pick_times_secs.last().copied().unwrap_or(0.0);
    if secs > end_secs + OWN_SECS {
        bail!(
            "{secs} s is beyond the end of “{}”, which lasts {end_secs:.1} s: name an earlier time with --at",
            video.display()
        );
    }
    let wanted: Vec<f32> = own.features.values.row(pick).iter().copied().collect();
    let here = nearest_rows(&own.features, &wanted, most + 1);
    let here = here.into_iter().map(|(row, likeness)| Elsewhere {
        video: video.clone(),
        secs: own.features.pick_times_secs[row],
        by: FoundBy::Likeness(likeness),
        picture: None,
    });
    let is_another =
        |found: &Elsewhere| (found.secs - own.features.pick_times_secs[pick]).abs() >= OWN_SECS;
    let here: Vec<Elsewhere> = here.filter(is_another).collect();
    let mut progress = |news| output.progress(&news);
    let InFolder {
        mut found,
        compared,
        without,
        ..
    } = alike_in_folder(
        report.folder,
        video,
        &wanted,
        &known,
        most,
        &mut progress,
        cancel,
    )
    .map_err(|why| match cancel.is_cancelled() {
        true => Interrupted.into(),
        false => anyhow!(why),
    })?;
    found.extend(here);
    found.sort_by(|a, b| b.by.likeness().total_cmp(&a.by.likeness()));
    report.found = (found.into_iter())
        .map(|found| Place {
            video: found.video,
            secs: found.secs,
            likeness: Some(found.by.likeness()),
            words: None,
        })
        .collect();
    report.compared = [vec![video.clone()], compared].concat();
    report.without = without;
    Ok(())
}

fn find_words(
    args: &FindArgs,
    words: &str,
    report: &mut Report,
    output: &Output,
) -> anyhow::Result<()> {
    if words.trim().is_empty() {
        return Err(Usage("--text asks for a word at least".to_owned()).into());
    }
    let videos = videos_in(report.folder)
        .with_context(|| format!("cannot read the folder {}", report.folder.display()))?;
    let others = videos
        .into_iter()
        .filter(|video| !same_file(video, &args.video));
    for video in std::iter::once(args.video.clone()).chain(others) {
        output.check_interrupt()?;
        let cancel = output.cancel_token();
        let cues = match words_of(&video, &mut |news| output.progress(&news), cancel) {
            Err(err) if err.is_cancelled() => return Err(Interrupted.into()),
            // The one that is named must be readable; another that is not has no words.
            Err(err) if video == args.video => return Err(err.into()),
            Err(err) => {
                output.say(&err.to_string());
                Vec::new()
            }
            Ok(cues) => cues,
        };
        if cues.is_empty() {
            report.without.push(video);
            continue;
        }
        report
            .found
            .extend(by_words(&cues, words).into_iter().map(|found| Place {
                video: video.clone(),
                secs: found.secs,
                likeness: None,
                words: match found.by {
                    FoundBy::Words(words) => Some(words),
                    FoundBy::Time | FoundBy::Likeness(_) => None,
                },
            }));
        report.compared.push(video);
    }
    Ok(())
}

fn explained(err: MediaError) -> anyhow::Error {
    match err.is_cancelled() {
        true => Interrupted.into(),
        false => err.into(),
    }
}

/// The places one a line, and what was not looked at.
fn table(report: &Report) -> String {
    let name = |path: &Path| match path.strip_prefix(report.folder) {
        Ok(short) => short.display().to_string(),
        Err(_) => path.display().to_string(),
    };
    let mut lines = Vec::new();
    let widest = report
        .found
        .iter()
        .map(|place| name(&place.video).chars().count())
        .max();
    for place in &report.found {
        let video = name(&place.video);
        let width = widest.unwrap_or(0);
        let what = match (place.likeness, &place.words) {
            (Some(likeness), _) => format!("{:.0} % alike", likeness * 100.0),
            (None, words) => words.clone().unwrap_or_default(),
        };
        lines.push(format!(
            "{video:width$}  {}  {what}",
            clock_from_secs(place.secs)
        ));
    }
    if report.found.is_empty() {
        lines.push("nothing found".to_owned());
    }
    let names = |paths: &[PathBuf]| -> String {
        let names: Vec<String> = paths.iter().map(|path| name(path)).collect();
        names.join(", ")
    };
    if !report.without.is_empty() {
        let why = match report.at_secs {
            Some(_) => "not analysed yet, so not looked at",
            None => "without text subtitles",
        };
        lines.push(format!("{why}: {}", names(&report.without)));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
