//! `summdiff render`: a picture of the window as a person would see it, without a display, or one
//! plot as a figure.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use super::analyze::{DrawArgs, PrepareArgs};
use super::opening::open_as_written;
use super::render_dataset;
use super::sources::Opening;
use super::{Output, check_ending, check_places};
use crate::annotations::listing;
use crate::app::layout::Pane;
use crate::app::{PictureView, render_frame, theme_from_name};
use crate::domain::FigureKind;
use crate::domain::RgbImage;
use crate::figures;
use crate::figures::FigureFormat;
use crate::media::{SampledDecoder, SampledOptions, sound_levels};
use crate::session::Session;
use crate::session::provenance::Provenance;
use crate::state::AppState;
use crate::state::annotate::Screen;
use crate::state::pane::Page;

/// Paint the window into a PNG, or one plot as SVG, PNG or the CSV behind it
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// A video, a project (.summdiff), an analysis (.json) or a dataset (.h5, .mat, .tsv, folder)
    source: PathBuf,
    /// The picture; .svg and .csv give one plot as a figure, or the numbers behind it
    #[arg(short, long, value_name = "OUT.png|svg|csv")]
    output: PathBuf,
    /// Size in pixels [default: 1600x1000; for a figure, what suits the plot]
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<[u32; 2]>,
    /// What is shown
    #[arg(long, value_enum, default_value_t = ViewArg::Explorer)]
    view: ViewArg,
    /// Colours [default: dark; for a figure, light on white]
    #[arg(long, value_parser = ["dark", "light"])]
    theme: Option<String>,
    /// With .png: the plot as a figure, as in .svg, instead of the window's panel
    #[arg(long)]
    figure: bool,
    /// The video of a dataset, by id, title or number, for every view but `dataset` [default: the
    /// first]; of a project or an analysis the file, where it has moved
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

/// `--view`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ViewArg {
    Explorer,
    Distribution,
    Matches,
    Alternatives,
    Timeline,
    /// How annotators agree pair by pair; a figure only
    Agreement,
    Player,
    Dataset,
    /// The page for annotators: their comparison where an annotator is complete
    Annotate,
    Welcome,
}

impl ViewArg {
    /// The figure of the same plot.
    fn figure(self) -> Option<FigureKind> {
        match self {
            Self::Distribution => Some(FigureKind::Distribution),
            Self::Matches => Some(FigureKind::Matches),
            Self::Timeline => Some(FigureKind::Timeline),
            Self::Agreement => Some(FigureKind::Agreement),
            Self::Annotate
            | Self::Explorer
            | Self::Alternatives
            | Self::Player
            | Self::Dataset
            | Self::Welcome => None,
        }
    }
}

impl From<ViewArg> for PictureView {
    fn from(view: ViewArg) -> Self {
        match view {
            // Which page the whole window shows is part of the state.
            ViewArg::Explorer | ViewArg::Agreement | ViewArg::Annotate => Self::Explorer,
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
    let side = |text: &str| match text.parse::<u32>() {
        Ok(side) if (1..=8192).contains(&side) => Ok(side),
        Ok(_) => Err("use 1 to 8192 a side".to_owned()),
        Err(_) => Err("write it like 1600x1000".to_owned()),
    };
    Ok([side(width)?, side(height)?])
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn run(args: &RenderArgs, output: &Output) -> anyhow::Result<()> {
    let inputs: Vec<&Path> = (args.annotations.iter().map(PathBuf::as_path))
        .chain([args.source.as_path()])
        .collect();
    check_places(&inputs, &[Some(&args.output)])?;
    if args.is_figure() {
        return write_figure(args, output);
    }
    check_ending(&args.output, "a picture of the window", &["png"])?;
    let mut frame = None;
    let state = if args.view == ViewArg::Welcome {
        AppState::default()
    } else if args.view == ViewArg::Dataset || listing::is_dataset(&args.source) {
        let page = args.view == ViewArg::Dataset;
        render_dataset::state_of(&args.opening(), page, output)?
    } else {
        let mut opened = open_as_written(&args.opening(), output)?;
        if let Some(session) = &mut opened.session {
            hear(session, output);
        }
        let mut state = AppState::showing(opened, args.prepare.device.into());
        if args.view == ViewArg::Annotate {
            show_annotators(&mut state);
        }
        frame = frame_at_playhead(&state, output);
        state
    };
    let theme = args.theme.as_deref().unwrap_or("dark");
    let theme = theme_from_name(theme).context("the theme is dark or light")?;
    let provenance = state
        .material()
        .map_or_else(Provenance::of_this_program, |m| m.provenance);
    let size = args.size.unwrap_or([1600, 1000]);
    let picture = render_frame(state, frame, size, args.view.into(), theme)?;
    let png = figures::png::encode_rgba(
        picture.as_raw(),
        [picture.width(), picture.height()],
        "SummDiff explorer",
        "A picture of the window.",
        &provenance,
    )?;
    write_bytes(&args.output, &png, output)
}

/// The page for annotators: their comparison where an annotator is complete.
fn show_annotators(state: &mut AppState) {
    state.page = Page::Annotate;
    if state.choices.annotations.is_some() {
        state.annotate.screen = Screen::Compare;
        state.compare_people_now();
    }
}

fn write_figure(args: &RenderArgs, output: &Output) -> anyhow::Result<()> {
    let format = FigureFormat::of(&args.output)?;
    let Some(kind) = args.view.figure() else {
        bail!(
            "{} would be a figure of one plot; choose which with --view distribution, matches, timeline or agreement",
            args.output.display()
        );
    };
    let style = figures::Style {
        size: args.size.unwrap_or(kind.usual_size()),
        dark: args.theme.as_deref() == Some("dark"),
    };
    let opened = open_as_written(&args.opening(), output)?;
    let material = opened.material().context("no video is open")?;
    let bytes = figures::encode(kind, &material, &style, format)?;
    write_bytes(&args.output, &bytes, output)
}

fn write_bytes(path: &Path, bytes: &[u8], output: &Output) -> anyhow::Result<()> {
    super::write_bytes(path, bytes)?;
    output.say(&format!("wrote {}", path.display()));
    Ok(())
}

impl RenderArgs {
    fn is_figure(&self) -> bool {
        let ending = self.output.extension().and_then(|ending| ending.to_str());
        let plot = ending.is_some_and(|ending| {
            ending.eq_ignore_ascii_case("svg") || ending.eq_ignore_ascii_case("csv")
        });
        plot || self.figure || self.view == ViewArg::Agreement
    }

    fn opening(&self) -> Opening<'_> {
        Opening {
            source: &self.source,
            video: self.video.as_deref(),
            thumbnails: !self.is_figure(),
            annotations: self.annotations.as_deref(),
            prepare: &self.prepare,
            draw: &self.draw,
        }
    }
}

/// Measures the sound, as the window does; where it cannot be read the picture has none.
fn hear(session: &mut Session, output: &Output) {
    if !session.video.has_audio {
        return;
    }
    let (path, index) = (&session.video.path, &session.index);
    if let Ok(levels) = sound_levels(path, index, output.cancel_token(), &mut |_| {}) {
        session.hear(Arc::new(levels));
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
