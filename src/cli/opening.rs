//! Opens a video, a project, an analysis or a video of a dataset without a window, for pictures,
//! figures and reports.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;

use super::Output;
use super::dataset_video;
use super::sources::{Opening, People, find_video, moved, read_analysis, with_notes};
use crate::analysis::matches::MATCH_TAU;
use crate::annotations::{self, join, listing};
use crate::domain::project::Project;
use crate::domain::{Analysis, DrawSettings, KnownKind};
use crate::inference::bundle;
use crate::pipeline::{self, Event, KindCache, KindsFrom, Prepared, ScoredSamples};
use crate::session::opened_video::OpenedVideo;
use crate::session::report::Runtime;
use crate::state::project_io;

/// As [`open`], but an analysis is taken as it is written: nothing is inferred anew, and the video
/// may be missing. Only another bundle, asked for by name, draws anew.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn open_as_written(args: &Opening<'_>, output: &Output) -> anyhow::Result<OpenedVideo> {
    if has_ending(args.source, "json") && args.prepare.bundle.is_none() {
        let mut analysis = read_analysis(args.source)?;
        let named = args.video.map(Path::new);
        match find_video(&analysis, args.source, named) {
            Some(video) => analysis.video.path = video,
            None if named.is_some() => anyhow::bail!(moved(&analysis.video.path, named)),
            None => output.say(&moved(&analysis.video.path, None)),
        }
        let people = people(args, false, &analysis.video.path, output)?;
        let mut opened = of_analysis(&analysis, args.thumbnails, output)?;
        compare(&mut opened, args, people, &analysis.video.path, output)?;
        return Ok(opened);
    }
    if listing::is_dataset(args.source) {
        return dataset_video::open(args, output);
    }
    open(args, output)
}

/// An analysis as it is written, with the settings and the runtime that it states.
fn of_analysis(
    analysis: &Analysis,
    thumbnails: bool,
    output: &Output,
) -> anyhow::Result<OpenedVideo> {
    let (events, note) = pipeline::written_events(analysis, thumbnails, output.cancel_token());
    output.check_interrupt()?;
    note.iter().for_each(|note| output.say(note));
    let mut opened = OpenedVideo {
        settings: analysis.settings.clone(),
        runtime: Runtime {
            bundle: analysis.bundle.name.clone(),
            bundle_ref: analysis.bundle.clone(),
            device: analysis.device.to_uppercase(),
            // No network is there to ask; what was used was possible.
            guidance: analysis.settings.guidance != 0.0,
            coherence: analysis.settings.coherence_secs != 0.0,
            ..Runtime::default()
        },
        ..OpenedVideo::default()
    };
    for event in events {
        opened.take(event);
    }
    Ok(opened)
}

/// Analyses the video, from the feature cache where it can, as the window itself would.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn open(args: &Opening<'_>, output: &Output) -> anyhow::Result<OpenedVideo> {
    let wanted = wanted(args)?;
    let own = (wanted.project.as_ref()).is_some_and(|project| project.annotations.is_some());
    let people = people(args, own, &wanted.video, output)?;
    let mut options = args.prepare.options();
    if let Some(bundle) = wanted.bundle
        && args.prepare.bundle.is_none()
    {
        options.bundle = bundle;
    }
    if let Some(settings) = &wanted.settings {
        options.segments = args.prepare.segmenting.over(settings.segments);
    }
    let mut opened = OpenedVideo {
        project: wanted.project,
        ..OpenedVideo::default()
    };
    opened.runtime.bundle.clone_from(&options.bundle);
    let cancel = output.cancel_token();
    let prepared = pipeline::prepare(
        &std::path::absolute(&wanted.video).unwrap_or_else(|_| wanted.video.clone()),
        &options,
        cancel,
        &mut |event| match event {
            Event::Progress(progress) => output.progress(&progress),
            event => drop(opened.take(event)),
        },
    );
    output.check_interrupt()?;
    let prepared: Prepared = prepared?;
    let mut session = pipeline::SamplingSession::open(&prepared)?;
    let capabilities = session.capabilities();
    opened.take(Event::Ready {
        capabilities,
        stated: session.stated(),
    });
    let settings = wanted
        .settings
        .unwrap_or_else(|| args.draw.settings(&prepared, capabilities));
    let settings = DrawSettings {
        segments: options.segments,
        ..session.allowed(&settings)
    };
    let mut timings = prepared.timings.clone();
    let drawing = Instant::now();
    let scores = session.draw(&settings, cancel, &mut |_| {})?;
    timings.sample = drawing.elapsed().as_secs_f64();
    output.check_interrupt()?;
    let budget = settings.budget;
    opened.settings = settings.clone();
    let timeline = prepared.timeline();
    let cache = KindCache::of(&prepared);
    let kinds = pipeline::settled_kinds(
        &mut session,
        &timeline,
        cache,
        &KindsFrom::Named(wanted.kinds),
        cancel,
        &mut |progress| output.progress(&progress),
    );
    output.check_interrupt()?;
    let selecting = Instant::now();
    let draw = ScoredSamples::new(&timeline, scores, settings, false, kinds?).select(budget);
    timings.select = selecting.elapsed().as_secs_f64();
    opened.take(Event::Draw(Arc::new(draw)));
    opened.take(Event::Done(timings));
    compare(&mut opened, args, people, &wanted.video, output)?;
    Ok(opened)
}

/// What the source asks to be analysed, and how.
struct Wanted {
    video: PathBuf,
    settings: Option<DrawSettings>,
    bundle: Option<String>,
    kinds: Vec<KnownKind>,
    project: Option<Box<Project>>,
}

fn wanted(args: &Opening<'_>) -> anyhow::Result<Wanted> {
    let source = args.source;
    let named = args.video.map(Path::new);
    if has_ending(source, "summdiff") {
        let project = project_io::load(source)?;
        let video = match named {
            Some(named) => Some(named.to_owned()).filter(|video| video.is_file()),
            None => project.find_video(source),
        };
        return Ok(Wanted {
            video: video.with_context(|| moved(&project.video.path, named))?,
            settings: Some(project.settings.clone()),
            bundle: Some(project.bundle.clone()).filter(|bundle| !bundle.is_empty()),
            kinds: project.kinds.clone(),
            project: Some(Box::new(project)),
        });
    }
    if has_ending(source, "json") {
        let analysis = read_analysis(source)?;
        let video = find_video(&analysis, source, named);
        return Ok(Wanted {
            video: video.with_context(|| moved(&analysis.video.path, named))?,
            settings: Some(analysis.settings.clone()),
            bundle: Some(bundle::name_of(&analysis.bundle)),
            kinds: analysis.known_kinds(),
            project: None,
        });
    }
    Ok(Wanted {
        video: source.to_owned(),
        settings: None,
        bundle: None,
        kinds: Vec::new(),
        project: None,
    })
}

fn has_ending(path: &Path, wanted: &str) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case(wanted))
}

/// The annotations to compare with, read before any work: those given, else those beside the video
/// unless a project has its own.
fn people(
    args: &Opening<'_>,
    own: bool,
    video: &Path,
    output: &Output,
) -> anyhow::Result<Option<People>> {
    let file = match args.annotations {
        Some(file) => Some(file.to_owned()),
        None if own => None,
        None => annotations::beside(video),
    };
    file.map(|file| People::read(&file, output)).transpose()
}

/// Lays annotations beside the samples: those read, else those of the project.
fn compare(
    opened: &mut OpenedVideo,
    args: &Opening<'_>,
    people: Option<People>,
    video: &Path,
    output: &Output,
) -> anyhow::Result<()> {
    let set = match people {
        Some(people) => Some(people.of_video(video)?),
        None => (opened.project.as_ref()).and_then(|project| project.annotations.clone()),
    };
    let joined = match (set, &opened.session) {
        (Some(set), Some(session)) => Some(join::join(&set, &session.index)),
        _ => None,
    };
    let joined = joined.map(|joined| with_notes(joined, output));
    opened.compare(joined, MATCH_TAU, args.prepare.device.into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::ProgressMode;
    use crate::cli::analyze::{DrawArgs, PrepareArgs};
    use crate::testing::ffmpeg;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        prepare: PrepareArgs,
        #[command(flatten)]
        draw: DrawArgs,
    }

    fn opened(source: &std::path::Path, words: &[&str]) -> anyhow::Result<OpenedVideo> {
        let line = Line::try_parse_from([&["x"], words].concat())?;
        let args = Opening {
            source,
            video: None,
            thumbnails: true,
            annotations: None,
            prepare: &line.prepare,
            draw: &line.draw,
        };
        open_as_written(&args, &Output::new(true, ProgressMode::None))
    }

    #[test]
    fn a_written_analysis_is_shown_as_it_is_without_its_video_or_a_network() {
        let seed = include_bytes!("../../tests/fuzz/seeds/analysis/demo.json");
        let mut analysis = Analysis::from_json(seed).unwrap();
        analysis.video.path = "/gone/clip.mp4".into();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.json");
        std::fs::write(&file, serde_json::to_vec(&analysis).unwrap()).unwrap();
        let video = opened(&file, &[]).unwrap();
        let draw = video.session.unwrap().draw.unwrap();
        assert_eq!(draw.settings, analysis.settings);
        let written: Vec<Vec<usize>> = (analysis.samples.iter())
            .map(|sample| sample.selected_segments.clone())
            .collect();
        assert_eq!(*draw.selections, written);
        // Another bundle cannot be shown as written: it needs the video.
        let refused = opened(&file, &["--bundle", "other"]).err().unwrap();
        assert!(refused.to_string().contains("--video"), "{refused}");
    }

    #[test]
    fn an_opened_video_says_how_long_its_samples_took() {
        let dir = tempfile::tempdir().unwrap();
        let clip = dir.path().join("v.mp4");
        let words = ["-f", "lavfi", "-i", "testsrc2=s=160x120:r=10:d=3"].map(str::to_owned);
        let tail = ["-pix_fmt", "yuv420p", &clip.display().to_string()].map(str::to_owned);
        ffmpeg(words.into_iter().chain(tail));
        let video = opened(&clip, &["--no-cache", "--samples", "8"]).unwrap();
        let timings = video.session.unwrap().timings.unwrap();
        assert!(
            timings.sample > 0.0 && timings.select > 0.0 && timings.decode > 0.0,
            "{timings:?}"
        );
    }
}
