//! Fills the window's state from a video, a project or an analysis, for pictures, figures and reports without a window.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use ndarray::Array2;

use super::Output;
use super::analyze::{DrawArgs, PrepareArgs};
use crate::annotations::{self, listing};
use crate::app::annotate::apply::works_from_project;
use crate::app::dataset::headless;
use crate::app::event::{Event, EventKind};
use crate::app::report::Runtime;
use crate::app::state::AppState;
use crate::app::{comparison, project_io};
use crate::domain::{Analysis, AnnotationSet, AnnotatorWork, Draw, FrameIndex, Rational};
use crate::media;
use crate::pipeline::{self, Capabilities, Prepared, ScoredSamples};

/// What to fill the state from.
pub struct Filling<'a> {
    /// A video, a project (.summdiff), an analysis (.json) or a dataset.
    pub source: &'a Path,
    /// Which video of a dataset; the first where none is named.
    pub video: Option<&'a str>,
    /// The dataset's page rather than one of its videos.
    pub whole_dataset: bool,
    pub annotations: Option<&'a Path>,
    pub prepare: &'a PrepareArgs,
    pub draw: &'a DrawArgs,
}

/// What the source asks to be analysed, and how.
struct Wanted {
    video: PathBuf,
    settings: Option<crate::domain::DrawSettings>,
    bundle: Option<String>,
    annotations: Option<AnnotationSet>,
    works: Vec<AnnotatorWork>,
}

fn wanted(source: &Path) -> anyhow::Result<Wanted> {
    let ending = source.extension().and_then(|ending| ending.to_str());
    match ending.map(str::to_lowercase).as_deref() {
        Some("summdiff") => {
            let project = project_io::load(source)?;
            let Some(video) = project.find_video(source) else {
                bail!(
                    "{} was moved: open {} in the window and show where it is",
                    project.video.path.display(),
                    source.display()
                );
            };
            Ok(Wanted {
                video,
                settings: Some(project.settings),
                bundle: Some(project.bundle).filter(|bundle| !bundle.is_empty()),
                annotations: project.annotations,
                works: project.works,
            })
        }
        Some("json") => {
            let analysis = read_analysis(source)?;
            Ok(Wanted {
                video: analysis.video.path,
                settings: Some(analysis.settings),
                bundle: Some(analysis.bundle.name),
                annotations: None,
                works: Vec::new(),
            })
        }
        _ => Ok(Wanted {
            video: source.to_owned(),
            settings: None,
            bundle: None,
            annotations: None,
            works: Vec::new(),
        }),
    }
}

fn read_analysis(source: &Path) -> anyhow::Result<Analysis> {
    let bytes =
        std::fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
    Analysis::from_json(&bytes)
        .map_err(|reason| anyhow::anyhow!("{} cannot be used: {reason}", source.display()))
}

fn tell(state: &mut AppState, kind: EventKind) {
    state.handle(Event {
        generation: u64::MAX,
        kind,
    });
}

/// As [`fill`], but an analysis is taken as it is written: nothing is inferred anew, and the video may be missing.
///
/// # Errors
/// One sentence that names the file and the mend.
pub fn fill_for_figures(
    state: &mut AppState,
    args: &Filling<'_>,
    output: &Output,
) -> anyhow::Result<()> {
    let ending = args.source.extension().and_then(|ending| ending.to_str());
    if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        let analysis = read_analysis(args.source)?;
        fill_from_analysis(state, &analysis, output);
        return compare(state, args, &analysis.video.path, None, output);
    }
    if listing::is_dataset(args.source) {
        return fill_dataset(state, args, output);
    }
    fill(state, args, output)
}

/// Opens a dataset: its page, or one of its videos as it opens without its file.
///
/// # Errors
/// One sentence that names the file and the mend.
pub fn fill_dataset(
    state: &mut AppState,
    args: &Filling<'_>,
    output: &Output,
) -> anyhow::Result<()> {
    let cancel = output.cancel_token();
    state.prefs.bundle.clone_from(&args.prepare.bundle);
    state.prefs.device = args.prepare.device.into();
    state.choices.settings = args.draw.plain_settings();
    let tell = &mut |progress: &crate::jobs::Progress| output.progress(progress);
    let path = args.source.to_path_buf();
    if args.whole_dataset {
        headless::open(state, path, cancel, tell).map_err(anyhow::Error::msg)?;
        return output.check_interrupt();
    }
    headless::open_list(state, path, cancel, tell).map_err(anyhow::Error::msg)?;
    output.check_interrupt()?;
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
    headless::open_video(state, at, cancel, tell).map_err(anyhow::Error::msg)?;
    output.check_interrupt()?;
    show_the_summary(state);
    Ok(())
}

/// Puts a written analysis, whose parts fit each other, into the state.
fn fill_from_analysis(state: &mut AppState, analysis: &Analysis, output: &Output) {
    let mut scores = Array2::zeros((analysis.samples.len(), analysis.picks.len()));
    for (sample, mut row) in analysis.samples.iter().zip(scores.outer_iter_mut()) {
        row.assign(&ndarray::ArrayView1::from(&sample.scores));
    }
    let index = frame_index(analysis, output);
    let band = pipeline::score_band(scores.view());
    let draw = Draw {
        settings: analysis.settings.clone(),
        partial: false,
        scores: Arc::new(scores),
        selections: Arc::new(
            analysis
                .samples
                .iter()
                .map(|sample| sample.selected_segments.clone())
                .collect(),
        ),
        durations_secs: analysis.samples.iter().map(|s| s.duration_secs).collect(),
        selection_frequency: analysis.selection_frequency.clone(),
        mean_scores: band.mean,
        low_scores: band.low,
        high_scores: band.high,
        alternatives: analysis.alternatives.clone(),
    };
    state.choices.settings = analysis.settings.clone();
    let runtime = Runtime {
        bundle: analysis.bundle.name.clone(),
        bundle_ref: analysis.bundle.clone(),
        device: analysis.device.to_uppercase(),
        ..Runtime::default()
    };
    let video = analysis.video.clone();
    tell(
        state,
        EventKind::Probed {
            video,
            index: Arc::new(index),
        },
    );
    tell(state, EventKind::Runtime(runtime));
    let times_secs = analysis.pick_times_secs.as_slice().into();
    tell(state, EventKind::Picks { times_secs });
    let segments = analysis.segments.as_slice().into();
    tell(state, EventKind::Segments(segments));
    tell(state, EventKind::Draw(Arc::new(draw)));
    tell(state, EventKind::Done(analysis.timings_secs.clone()));
}

/// Frame times of the video where it is still there and the same, else even ones.
fn frame_index(analysis: &Analysis, output: &Output) -> FrameIndex {
    let video = &analysis.video;
    if video.path.is_file() {
        match media::inspect(&video.path, output.cancel_token(), &mut |_| {}) {
            Ok((_, index)) if index.len() == video.frame_count => return index,
            Ok(_) => output.say(&format!(
                "{} has changed since it was analysed; times are taken from the analysis",
                video.path.display()
            )),
            Err(error) => output.say(&format!("{error}; times are taken from the analysis")),
        }
    }
    // Microseconds: the exact times are those of the segments, which the analysis states.
    let frames = video.frame_count.max(1);
    let ticks =
        |frame: u64| (frame as f64 / frames as f64 * video.duration_secs * 1e6).round() as i64;
    let mut index = FrameIndex {
        pts: (0..frames).map(ticks).collect(),
        keyframes: Arc::from([0]),
        time_base: Rational::new(1, 1_000_000),
        last_duration: 0,
    };
    index.last_duration = ticks(frames) - ticks(frames - 1);
    index
}

/// Analyses the video (from the feature cache where it can) and fills the window's state as the window itself would.
///
/// # Errors
/// One sentence that names the file and the mend.
pub fn fill(state: &mut AppState, args: &Filling<'_>, output: &Output) -> anyhow::Result<()> {
    let wanted = wanted(args.source)?;
    let mut options = args.prepare.options();
    if let Some(bundle) = wanted.bundle {
        options.bundle = bundle;
    }
    let mut runtime = Runtime {
        bundle: options.bundle.clone(),
        ..Runtime::default()
    };
    let cancel = output.cancel_token();
    let prepared = pipeline::prepare(
        &std::path::absolute(&wanted.video).unwrap_or_else(|_| wanted.video.clone()),
        &options,
        cancel,
        &mut |event| {
            use pipeline::Event as News;
            match event {
                News::Progress(progress) => output.progress(&progress),
                News::Probed { info, index } => {
                    tell(state, EventKind::Probed { video: info, index })
                }
                News::Bundle(bundle) => runtime.bundle_ref = bundle,
                News::Device(report) => runtime.device = report.device.to_uppercase(),
                News::Thumb(thumb) => tell(
                    state,
                    EventKind::Thumb {
                        pick: thumb.pick,
                        frame: thumb.frame,
                        secs: thumb.secs,
                        image: thumb.image,
                    },
                ),
                News::Features(features) => tell(
                    state,
                    EventKind::Picks {
                        times_secs: features.pick_times_secs.as_slice().into(),
                    },
                ),
                News::Segments(segments) => tell(state, EventKind::Segments(segments)),
                _ => {}
            }
        },
    );
    output.check_interrupt()?;
    let prepared: Prepared = prepared?;
    let mut session = pipeline::SamplingSession::open(&prepared)?;
    let capabilities: Capabilities = session.capabilities();
    runtime.guidance = capabilities.guidance;
    runtime.coherence = capabilities.coherence;
    runtime.attention = capabilities.attention;
    runtime.stated = session.stated();
    tell(state, EventKind::Runtime(runtime));
    let settings = wanted
        .settings
        .unwrap_or_else(|| args.draw.settings(&prepared, capabilities));
    let settings = session.allowed(&settings);
    let scores = session.draw(&settings, cancel, &mut |_| {})?;
    output.check_interrupt()?;
    let budget = settings.budget;
    state.choices.settings = settings.clone();
    let draw = ScoredSamples::new(&prepared.timeline(), scores, settings, false).select(budget);
    tell(state, EventKind::Draw(Arc::new(draw)));
    tell(state, EventKind::Done(prepared.timings.clone()));
    state.choices.works = works_from_project(&wanted.works);
    state.adopt_works();
    compare(state, args, &wanted.video, wanted.annotations, output)
}

/// Lays annotations beside the samples: those given, else those of the project, else those beside the video.
fn compare(
    state: &mut AppState,
    args: &Filling<'_>,
    video: &Path,
    own: Option<AnnotationSet>,
    output: &Output,
) -> anyhow::Result<()> {
    let set = match (args.annotations, own, annotations::beside(video)) {
        (Some(file), _, _) => Some(read_annotations(file, video, output)?),
        (None, Some(set), _) => Some(set),
        (None, None, Some(file)) => Some(read_annotations(&file, video, output)?),
        (None, None, None) => None,
    };
    if let (Some(set), Some(session)) = (set, &state.session) {
        let joined = annotations::join::join(&set, &session.index);
        for note in joined.report {
            output.say(&note);
        }
        tell(state, EventKind::Annotations(Arc::new(joined.set)));
    }
    state.put_into_annotations();
    comparison::compare_now(state);
    // What the window would ask of its background jobs has been done here.
    state.requests.clear();
    show_the_summary(state);
    Ok(())
}

/// The annotations of the video in a file, which may hold those of many.
fn read_annotations(file: &Path, video: &Path, output: &Output) -> anyhow::Result<AnnotationSet> {
    let opened = annotations::open(file)?;
    for warning in &opened.warnings {
        output.say(warning);
    }
    let files = [video.to_path_buf()];
    let found = annotations::join::match_videos(&opened.sets, &files);
    let mine = found.videos.iter().position(Option::is_some);
    let alone = (opened.sets.len() == 1).then_some(0);
    let count = opened.sets.len();
    mine.or(alone)
        .and_then(|at| opened.sets.into_iter().nth(at))
        .with_context(|| {
            format!(
                "{} has annotations of {count} videos, and none is named like {}; give the video the id that the annotations use",
                file.display(),
                video.display()
            )
        })
}

/// Puts the playhead into the middle of the first stretch that the shown summary keeps.
fn show_the_summary(state: &mut AppState) {
    let Some(sample) = state.chosen_sample() else {
        return;
    };
    let Some(session) = &state.session else {
        return;
    };
    if let Some((start, end)) = session.summary_secs(sample).first() {
        state.playback.position_secs = (start + end) / 2.0;
    }
}
