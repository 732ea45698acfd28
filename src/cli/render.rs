//! `summdiff render`: a picture of the window as a person would see it, without a display.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use super::Output;
use super::analyze::{DrawArgs, PrepareArgs};
use crate::annotations::{self, listing};
use crate::app::dataset::headless;
use crate::app::event::{Event, EventKind, Runtime};
use crate::app::layout::Pane;
use crate::app::state::AppState;
use crate::app::{PictureView, comparison, project_io, render_frame, theme_from_name};
use crate::domain::{Analysis, AnnotationSet, RgbImage};
use crate::media::{SampledDecoder, SampledOptions};
use crate::pipeline::{self, Capabilities, Prepared, ScoredSamples};

/// Paint the window into a PNG
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// A video, a project (.summdiff), an analysis (.json) or a dataset (.h5, .mat, .tsv, folder)
    source: PathBuf,
    /// The picture
    #[arg(short, long, value_name = "OUT.png")]
    output: PathBuf,
    /// Size in pixels
    #[arg(long, default_value = "1600x1000", value_name = "WxH", value_parser = size)]
    size: [u32; 2],
    /// What is shown
    #[arg(long, value_enum, default_value_t = ViewArg::Explorer)]
    view: ViewArg,
    /// Colours
    #[arg(long, default_value = "dark", value_parser = ["dark", "light"])]
    theme: String,
    /// The video of a dataset, by id, title or number, for every view but `dataset` [default: the first]
    #[arg(long, value_name = "ID")]
    video: Option<String>,
    /// Annotations to compare with [default: NAME.annotations.json beside the video]
    #[arg(long, value_name = "FILE")]
    annotations: Option<PathBuf>,
    #[command(flatten)]
    prepare: PrepareArgs,
    #[command(flatten)]
    draw: DrawArgs,
}

/// `--view`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ViewArg {
    Explorer,
    Distribution,
    Matches,
    Alternatives,
    Timeline,
    Player,
    Dataset,
    Welcome,
}

impl From<ViewArg> for PictureView {
    fn from(view: ViewArg) -> Self {
        match view {
            ViewArg::Explorer => Self::Explorer,
            ViewArg::Distribution => Self::Panel(Pane::Distribution),
            ViewArg::Matches => Self::Panel(Pane::Matches),
            ViewArg::Alternatives => Self::Panel(Pane::Alternatives),
            ViewArg::Timeline => Self::Panel(Pane::Timeline),
            ViewArg::Player => Self::Panel(Pane::Player),
            // The page stands in the whole window.
            ViewArg::Dataset => Self::Explorer,
            ViewArg::Welcome => Self::Welcome,
        }
    }
}

fn size(text: &str) -> Result<[u32; 2], String> {
    let (width, height) = text.split_once('x').ok_or("write it like 1600x1000")?;
    let side = |text: &str| {
        text.parse()
            .map_err(|_| "write it like 1600x1000".to_owned())
    };
    Ok([side(width)?, side(height)?])
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the mend.
pub fn run(args: &RenderArgs, output: &Output) -> anyhow::Result<()> {
    let mut state = AppState::default();
    let mut frame = None;
    if args.view == ViewArg::Dataset || listing::is_dataset(&args.source) {
        fill_dataset(&mut state, args, output)?;
    } else if args.view != ViewArg::Welcome {
        fill(&mut state, args, output)?;
        frame = frame_at_playhead(&state, output);
    }
    let theme = theme_from_name(&args.theme).context("the theme is dark or light")?;
    let picture = render_frame(state, frame, args.size, args.view.into(), theme)?;
    picture
        .save_with_format(&args.output, image::ImageFormat::Png)
        .with_context(|| format!("cannot write {}", args.output.display()))?;
    output.say(&format!("wrote {}", args.output.display()));
    Ok(())
}

/// What the source asks to be analysed, and how.
struct Wanted {
    video: PathBuf,
    settings: Option<crate::domain::DrawSettings>,
    bundle: Option<String>,
    annotations: Option<AnnotationSet>,
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
            })
        }
        Some("json") => {
            let text = std::fs::read_to_string(source)
                .with_context(|| format!("cannot read {}", source.display()))?;
            let analysis: Analysis = serde_json::from_str(&text).with_context(|| {
                format!(
                    "{} is no analysis: make one with `summdiff analyze --json`",
                    source.display()
                )
            })?;
            Ok(Wanted {
                video: analysis.video.path,
                settings: Some(analysis.settings),
                bundle: Some(analysis.bundle.name),
                annotations: None,
            })
        }
        _ => Ok(Wanted {
            video: source.to_owned(),
            settings: None,
            bundle: None,
            annotations: None,
        }),
    }
}

/// Opens a dataset: its page, or one of its videos as it opens without its file.
fn fill_dataset(state: &mut AppState, args: &RenderArgs, output: &Output) -> anyhow::Result<()> {
    let cancel = output.cancel_token();
    state.prefs.bundle.clone_from(&args.prepare.bundle);
    state.prefs.device = args.prepare.device.into();
    state.choices.settings = args.draw.plain_settings();
    let tell = &mut |progress: &crate::jobs::Progress| output.progress(progress);
    headless::open(state, args.source.clone(), cancel, tell).map_err(anyhow::Error::msg)?;
    output.check_interrupt()?;
    if args.view == ViewArg::Dataset {
        return Ok(());
    }
    let videos = &state.dataset.videos;
    let at = match &args.video {
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

/// Analyses the video (from the feature cache where it can) and fills the window's state as the window itself would.
fn fill(state: &mut AppState, args: &RenderArgs, output: &Output) -> anyhow::Result<()> {
    let wanted = wanted(&args.source)?;
    let mut options = args.prepare.options();
    if let Some(bundle) = wanted.bundle {
        options.bundle = bundle;
    }
    let mut runtime = Runtime {
        bundle: options.bundle.clone(),
        ..Runtime::default()
    };
    let cancel = output.cancel_token();
    let tell = |state: &mut AppState, kind| {
        state.handle(Event {
            generation: u64::MAX,
            kind,
        });
    };
    let prepared = pipeline::prepare(
        &args.source_video(&wanted.video),
        &options,
        cancel,
        &mut |event| {
            use pipeline::Event as News;
            match event {
                News::Progress(progress) => output.progress(&progress),
                News::Probed { info, index } => {
                    tell(state, EventKind::Probed { video: info, index })
                }
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
    let file = args
        .annotations
        .clone()
        .or_else(|| annotations::beside(&wanted.video));
    let set = match (wanted.annotations, file) {
        (Some(set), _) => Some(set),
        (None, Some(file)) => annotations::open(&file)?.sets.into_iter().next(),
        (None, None) => None,
    };
    if let Some(set) = set {
        let joined = annotations::join::join(&set, &prepared.index);
        tell(state, EventKind::Annotations(Arc::new(joined.set)));
    }
    comparison::compare_now(state);
    // What the window would ask of its background jobs has been done here.
    state.requests.clear();
    show_the_summary(state);
    Ok(())
}

impl RenderArgs {
    fn source_video(&self, video: &Path) -> PathBuf {
        std::path::absolute(video).unwrap_or_else(|_| video.to_owned())
    }
}

/// The video frame at the playhead; `None` where it cannot be decoded, and a thumbnail stands in.
fn frame_at_playhead(state: &AppState, output: &Output) -> Option<RgbImage> {
    let session = state.session.as_ref()?;
    let frame = session.index.frame_at_secs(state.playback.position_secs);
    let options = SampledOptions {
        thumb_width: None,
        ..SampledOptions::default()
    };
    let cancel = output.cancel_token().clone();
    let path = &session.video.path;
    let mut decoder = SampledDecoder::open(path, &session.index, &[frame], options, cancel).ok()?;
    Some(decoder.next()?.ok()?.image)
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
