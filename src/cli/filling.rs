//! Fills the window's state from a video, a project or an analysis, for pictures, figures and
//! reports without a window.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use super::Output;
use super::analyze::{DrawArgs, PrepareArgs};
use super::sources::{People, find_video, moved, read_analysis};
use crate::annotations::{self, listing};
use crate::app::dataset_headless;
use crate::domain::{Analysis, AnnotationSet, AnnotatorWork, DrawSettings, KnownKind};
use crate::inference::bundle;
use crate::pipeline::{self, Event, KindCache, KindsFrom, Prepared, ScoredSamples};
use crate::session::report::Runtime;
use crate::state::AppState;
use crate::state::annotate::works_from_project;
use crate::state::project_io;

/// What to fill the state from.
pub struct Filling<'a> {
    /// A video, a project (.summdiff), an analysis (.json) or a dataset.
    pub source: &'a Path,
    /// Which video of a dataset, the first where none is named; of a project or an analysis, where
    /// its video is now.
    pub video: Option<&'a str>,
    /// The dataset's page rather than one of its videos.
    pub whole_dataset: bool,
    /// Thumbnails for the filmstrip, too, where an analysis is taken as it is written.
    pub thumbnails: bool,
    pub annotations: Option<&'a Path>,
    pub prepare: &'a PrepareArgs,
    pub draw: &'a DrawArgs,
}

/// What the source asks to be analysed, and how.
struct Wanted {
    video: PathBuf,
    settings: Option<DrawSettings>,
    bundle: Option<String>,
    annotations: Option<AnnotationSet>,
    works: Vec<AnnotatorWork>,
    kinds: Vec<KnownKind>,
}

fn wanted(args: &Filling<'_>) -> anyhow::Result<Wanted> {
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
            settings: Some(project.settings),
            bundle: Some(project.bundle).filter(|bundle| !bundle.is_empty()),
            annotations: project.annotations,
            works: project.works,
            kinds: project.kinds,
        });
    }
    if has_ending(source, "json") {
        let analysis = read_analysis(source)?;
        let video = find_video(&analysis, source, named);
        return Ok(Wanted {
            video: video.with_context(|| moved(&analysis.video.path, named))?,
            settings: Some(analysis.settings.clone()),
            bundle: Some(bundle::name_of(&analysis.bundle)),
            annotations: None,
            works: Vec::new(),
            kinds: analysis.known_kinds(),
        });
    }
    Ok(Wanted {
        video: source.to_owned(),
        settings: None,
        bundle: None,
        annotations: None,
        works: Vec::new(),
        kinds: Vec::new(),
    })
}

fn has_ending(path: &Path, wanted: &str) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case(wanted))
}

/// As [`fill`], but an analysis is taken as it is written: nothing is inferred anew, and the video
/// may be missing. Only another bundle, asked for by name, draws anew.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn fill_as_written(
    state: &mut AppState,
    args: &Filling<'_>,
    output: &Output,
) -> anyhow::Result<()> {
    if has_ending(args.source, "json") && args.prepare.bundle.is_none() {
        let mut analysis = read_analysis(args.source)?;
        let named = args.video.map(Path::new);
        match find_video(&analysis, args.source, named) {
            Some(video) => analysis.video.path = video,
            None if named.is_some() => anyhow::bail!(moved(&analysis.video.path, named)),
            None => output.say(&moved(&analysis.video.path, None)),
        }
        let people = people(args, false, &analysis.video.path, output)?;
        take_analysis(state, &analysis, args.thumbnails, output)?;
        return compare(state, people, &analysis.video.path, None, output);
    }
    if listing::is_dataset(args.source) {
        return fill_dataset(state, args, output);
    }
    fill(state, args, output)
}

/// Gives the state an analysis as it is written, and the settings and the runtime that it states.
fn take_analysis(
    state: &mut AppState,
    analysis: &Analysis,
    thumbnails: bool,
    output: &Output,
) -> anyhow::Result<()> {
    let (events, note) = pipeline::written_events(analysis, thumbnails, output.cancel_token());
    output.check_interrupt()?;
    note.iter().for_each(|note| output.say(note));
    state.choices.settings = analysis.settings.clone();
    state.runtime = Runtime {
        bundle: analysis.bundle.name.clone(),
        bundle_ref: analysis.bundle.clone(),
        device: analysis.device.to_uppercase(),
        // No network is there to ask; what was used was possible.
        guidance: analysis.settings.guidance != 0.0,
        coherence: analysis.settings.coherence_secs != 0.0,
        ..Runtime::default()
    };
    for event in events {
        state.handle(event);
    }
    Ok(())
}

/// Opens a dataset: its page, or one of its videos as it opens without its file.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn fill_dataset(
    state: &mut AppState,
    args: &Filling<'_>,
    output: &Output,
) -> anyhow::Result<()> {
    let cancel = output.cancel_token();
    state.prefs.bundle = args.prepare.bundle_or_default().to_owned();
    state.prefs.device = args.prepare.device.into();
    // Of a time, the share is known with the video.
    let stated = args.draw.budget.share_of(0.0);
    if args.whole_dataset && stated.is_none() {
        anyhow::bail!(
            "--budget as a time is another share of each video of {}: write 0.15 or 15%",
            args.source.display()
        );
    }
    state.choices.settings = args.draw.plain_settings(stated.unwrap_or(1.0));
    let on_progress = &mut |progress: &crate::jobs::Progress| output.progress(progress);
    let path = args.source.to_path_buf();
    dataset_headless::open(state, path, args.whole_dataset, cancel, on_progress)
        .map_err(anyhow::Error::msg)?;
    output.check_interrupt()?;
    if args.whole_dataset {
        return Ok(());
    }
    let videos = &state.dataset.videos;
    let at = match args.video {
        None => 0,
        Some(name) => videos
            .iter()
            .position(|video| video.set.video_id == *name || video.set.title == *name)
            .or_else(|| name.parse::<usize>().ok()?.checked_sub(1))
            .filter(|&at| at < videos.len())
            .with_context(|| format!("{} has no video {name}", args.source.display()))?,
    };
    let duration_secs = videos.get(at).and_then(|video| video.duration_secs);
    state.choices.settings.budget = (args.draw.budget)
        .share_of(duration_secs.unwrap_or(0.0))
        .with_context(|| {
            format!(
                "{} states no frame rate, so that --budget cannot be a time: write 0.15 or 15%",
                args.source.display()
            )
        })?;
    dataset_headless::open_video(state, at, cancel, on_progress).map_err(anyhow::Error::msg)?;
    output.check_interrupt()?;
    show_the_summary(state);
    Ok(())
}

/// Analyses the video (from the feature cache where it can) and fills the window's state as the
/// window itself would.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn fill(state: &mut AppState, args: &Filling<'_>, output: &Output) -> anyhow::Result<()> {
    let wanted = wanted(args)?;
    let people = people(args, wanted.annotations.is_some(), &wanted.video, output)?;
    let mut options = args.prepare.options();
    if let Some(bundle) = wanted.bundle
        && args.prepare.bundle.is_none()
    {
        options.bundle = bundle;
    }
    if let Some(settings) = &wanted.settings {
        options.segments = args.prepare.segmenting.over(settings.segments);
    }
    state.runtime.bundle.clone_from(&options.bundle);
    let cancel = output.cancel_token();
    let prepared = pipeline::prepare(
        &std::path::absolute(&wanted.video).unwrap_or_else(|_| wanted.video.clone()),
        &options,
        cancel,
        &mut |event| match event {
            Event::Progress(progress) => output.progress(&progress),
            event => state.handle(event),
        },
    );
    output.check_interrupt()?;
    let prepared: Prepared = prepared?;
    let mut session = pipeline::SamplingSession::open(&prepared)?;
    let capabilities = session.capabilities();
    state.handle(Event::Ready {
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
    let scores = session.draw(&settings, cancel, &mut |_| {})?;
    output.check_interrupt()?;
    let budget = settings.budget;
    state.choices.settings = settings.clone();
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
    let draw = ScoredSamples::new(&timeline, scores, settings, false, kinds?).select(budget);
    state.handle(Event::Draw(Arc::new(draw)));
    state.handle(Event::Done(prepared.timings.clone()));
    state.choices.works = works_from_project(&wanted.works);
    state.adopt_works();
    compare(state, people, &wanted.video, wanted.annotations, output)
}

/// The annotations to compare with, read before any work: those given, else those beside the video
/// unless a project has its own.
fn people(
    args: &Filling<'_>,
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
    state: &mut AppState,
    people: Option<People>,
    video: &Path,
    own: Option<AnnotationSet>,
    output: &Output,
) -> anyhow::Result<()> {
    let set = match people {
        Some(people) => Some(people.of_video(video)?),
        None => own,
    };
    if let (Some(set), Some(session)) = (set, &state.session) {
        let joined = annotations::join::join(&set, &session.index);
        for note in joined.report {
            output.say(&note);
        }
        state.take_annotations(Arc::new(joined.set));
    }
    state.put_into_annotations();
    state.compare_now();
    // What the window would ask of its background jobs has been done here.
    state.requests.clear();
    show_the_summary(state);
    Ok(())
}

/// Puts the playhead into the middle of the first stretch that the shown summary keeps.
fn show_the_summary(state: &mut AppState) {
    let first = (state.chosen_summary()).and_then(|summary| summary.ranges_secs.first().copied());
    if let Some((start, end)) = first {
        state.playback.position_secs = (start + end) / 2.0;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::ProgressMode;
    use crate::cli::analyze::{DrawArgs, PrepareArgs};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        prepare: PrepareArgs,
        #[command(flatten)]
        draw: DrawArgs,
    }

    fn filled(source: &std::path::Path, words: &[&str]) -> anyhow::Result<AppState> {
        let line = Line::try_parse_from([&["x"], words].concat())?;
        let mut state = AppState::default();
        let args = Filling {
            source,
            video: None,
            whole_dataset: false,
            thumbnails: true,
            annotations: None,
            prepare: &line.prepare,
            draw: &line.draw,
        };
        fill_as_written(&mut state, &args, &Output::new(true, ProgressMode::None))?;
        Ok(state)
    }

    #[test]
    fn a_written_analysis_is_shown_as_it_is_without_its_video_or_a_network() {
        let seed = include_bytes!("../../tests/fuzz/seeds/analysis/demo.json");
        let mut analysis = Analysis::from_json(seed).unwrap();
        analysis.video.path = "/gone/clip.mp4".into();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.json");
        std::fs::write(&file, serde_json::to_vec(&analysis).unwrap()).unwrap();
        let state = filled(&file, &[]).unwrap();
        let draw = state.session.unwrap().draw.unwrap();
        assert_eq!(draw.settings, analysis.settings);
        let written: Vec<Vec<usize>> = (analysis.samples.iter())
            .map(|sample| sample.selected_segments.clone())
            .collect();
        assert_eq!(*draw.selections, written);
        // Another bundle cannot be shown as written: it needs the video.
        let refused = filled(&file, &["--bundle", "other"]).err().unwrap();
        assert!(refused.to_string().contains("--video"), "{refused}");
    }
}
