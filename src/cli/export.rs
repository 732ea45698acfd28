//! `summdiff export`: writes one sampled summary as a clip or as a cut list. The output's ending decides which.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::export_choice::{Chosen, Named, kept_by, summary_in_hand, words_for};
use super::export_report::{say_report, say_widening};
use super::export_speech;
use super::sources::{self, Written};
use super::telling::nothing_fits;
use super::{DeviceArg, Interrupted, Output, Usage, check_places};
use crate::domain::project::Project;
use crate::domain::{
    Analysis, FrameIndex, FrameRange, Segment, SummaryBudget, SummaryRef, VideoInfo,
};
use crate::interchange::{Format, InterchangeError, names};
use crate::media;
use crate::media::cut::{Container, ExportMode, ExportOptions, TrackChoice};
use crate::pipeline::{self, Event, KindsFrom, PrepareOptions};
use crate::session::exporting::{self, Export, ExportError, Exported, Origin};

/// Write one sampled summary as a clip or as a cut list; the output's ending decides which
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// An analysis (written by `analyze --json`) or a project
    #[arg(value_name = "ANALYSIS|PROJECT")]
    pub(super) input: PathBuf,
    /// Which sample to export; where nothing is named, what a project has chosen, else the largest alternative
    #[arg(long, value_name = "K", conflicts_with = "alternative")]
    sample: Option<usize>,
    /// Which alternative to export: its letter, or its number counted from 1; of a reel several, such as A,C
    #[arg(long, value_name = "E", value_delimiter = ',')]
    pub(super) alternative: Vec<String>,
    /// Which summary edited by hand to export, of a project: its number, or its name such as "edit 1"
    #[arg(long, value_name = "NAME|N", conflicts_with_all = ["sample", "alternative", "budget"])]
    edit: Option<String>,
    /// A clip for each alternative, in the folder that -o names
    #[arg(long, conflicts_with_all = ["sample", "alternative", "edit"])]
    all_alternatives: bool,
    /// One clip in which all alternatives, or those that --alternative names, play in turn, each behind a title card
    #[arg(long, conflicts_with_all = ["sample", "edit", "all_alternatives"])]
    reel: bool,
    /// Only the part of the summary from A to B seconds of the video
    #[arg(long, value_name = "A-B", value_parser = super::steering::range)]
    pub(super) range: Option<(f64, f64)>,
    /// The file to write: .mp4 .mkv .webm .mov, or .edl .otio .fcpxml .csv .json .ffmeta; in a folder the name is made up
    #[arg(short, long, value_name = "OUT")]
    pub(super) output: PathBuf,
    /// Selects anew with this much of the video: a share (0.15), per cent (15%) or a time (30s, 1:30)
    #[arg(long, value_name = "SHARE|TIME", value_parser = super::kept_budget)]
    budget: Option<SummaryBudget>,
    /// How pictures get into the clip
    #[arg(long, value_enum, default_value_t = Mode::Exact)]
    pub(super) mode: Mode,
    /// Replaces a file of that name
    #[arg(long)]
    overwrite: bool,
    /// The video, where it is no longer at the place that the analysis names
    #[arg(long, value_name = "VIDEO")]
    video: Option<PathBuf>,
    /// Where the networks run, for a project
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    device: DeviceArg,
    /// Timecode of the video's first frame, for cut lists: HH:MM:SS:FF, or HH:MM:SS;FF for drop frame
    #[arg(long, value_name = "TIMECODE")]
    source_timecode: Option<String>,
    /// Leaves the sound out of the clip
    #[arg(long)]
    no_sound: bool,
    /// Keeps all sound tracks, not only the one that players choose
    #[arg(long, conflicts_with = "no_sound")]
    all_sound: bool,
    /// Keeps these sound tracks instead: numbers, counted from 1, or languages, such as 2 or deu
    #[arg(long, value_name = "N|LANG", value_delimiter = ',', conflicts_with_all = ["no_sound", "all_sound"])]
    sound_track: Vec<String>,
    /// Which subtitles of text are kept: all, none, or numbers, counted from 1, or languages, such as 2 or deu [default: all]
    #[arg(long, value_name = "all|none|N|LANG", value_delimiter = ',')]
    subtitles: Vec<String>,
    /// Keeps the resolution and bits of colours even where few players show them
    #[arg(long)]
    high_quality: bool,
    /// Moves the ends of pieces by at most 0.5 s into pauses of the sound, so that words are not cut
    #[arg(long)]
    speech_whole: bool,
    /// Marks each kept piece as a chapter of the clip
    #[arg(long)]
    chapters: bool,
}

impl ExportArgs {
    /// The share of the video that --budget names.
    fn budget_share(&self, analysis: &Analysis) -> Option<f64> {
        let duration_secs = analysis.video.duration_secs;
        // Any time is the whole of a video without a length.
        (self.budget).map(|budget| budget.share_of(duration_secs).unwrap_or(1.0))
    }

    pub(super) fn film_options(&self) -> ExportOptions {
        ExportOptions {
            mode: self.mode.into(),
            overwrite: self.overwrite,
            sounds: self.sounds(),
            subtitles: track_choice(&self.subtitles),
            high_quality: self.high_quality,
            chapters: self.chapters,
            ..ExportOptions::default()
        }
    }
}

impl ExportArgs {
    fn sounds(&self) -> TrackChoice {
        match (self.no_sound, self.all_sound) {
            (true, _) => TrackChoice::None,
            (_, true) => TrackChoice::All,
            _ => track_choice(&self.sound_track),
        }
    }
}

/// Tracks by the words of an option.
fn track_choice(words: &[String]) -> TrackChoice {
    match words {
        [] => TrackChoice::Usual,
        [all] if all.eq_ignore_ascii_case("all") => TrackChoice::All,
        [none] if none.eq_ignore_ascii_case("none") => TrackChoice::None,
        these => TrackChoice::These(these.to_vec()),
    }
}

/// How pictures get into the clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Mode {
    /// Encode precisely the chosen frames
    Exact,
    /// Copy whole groups of pictures, widening where needed
    Copy,
    /// Copy what can be copied, encode the ends, verify
    Smart,
}

impl From<Mode> for ExportMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Exact => Self::Exact,
            Mode::Copy => Self::Copy,
            Mode::Smart => Self::Smart,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// A sentence that names the file and the fix; [`Interrupted`] after Ctrl+C.
pub fn run(args: &ExportArgs, output: &Output) -> anyhow::Result<()> {
    check_output(args)?;
    let (analysis, chosen) = analysis_of(args, output)?;
    if args.reel {
        return super::export_reel::export_reel(args, &analysis, &chosen, output);
    }
    if args.all_alternatives {
        return export_all(args, &analysis, &chosen, output);
    }
    export_analysis(args, &analysis, &chosen, output)
}

/// A clip for each alternative, named by its letter.
fn export_all(
    args: &ExportArgs,
    analysis: &Analysis,
    chosen: &Chosen,
    output: &Output,
) -> anyhow::Result<()> {
    if analysis.alternatives.is_empty() {
        bail!("“{}” holds no alternatives", args.input.display());
    }
    let source = Source::open(args, analysis, output)?;
    for alternative in &analysis.alternatives {
        output.check_interrupt()?;
        let of = SummaryRef::Alternative(alternative.letter());
        let ranges = ranges_of(args, analysis, of)?;
        let out = out_path(args, chosen, of, &source.video.path);
        source.export(args, analysis, chosen, (of, ranges), out, output)?;
    }
    Ok(())
}

/// What is known of the output before any work: its ending, its folder, and whether it may be written.
fn check_output(args: &ExportArgs) -> anyhow::Result<()> {
    let out = &args.output;
    if !args.reel && args.alternative.len() > 1 {
        let wanted = "a file is of one alternative: name one with --alternative, or add --reel for one clip of them all";
        return Err(Usage(wanted.to_owned()).into());
    }
    if args.reel {
        super::export_reel::check(args)?;
    }
    if out.is_dir() {
        return Ok(());
    }
    if args.all_alternatives {
        bail!(
            "{} is no folder: --all-alternatives writes several clips, so name a folder that is there with -o",
            out.display()
        );
    }
    if Container::from_path(out).is_none() && Format::from_path(out).is_none() {
        bail!(
            "“{}” has an ending that is no export: use .mp4, .mkv, .webm, .mov, .edl, .otio, .fcpxml, .csv, .json or .ffmeta",
            out.display()
        );
    }
    check_places(&[&args.input], &[Some(out)])?;
    if !args.overwrite && out.symlink_metadata().is_ok() {
        return Err(exists(&out.display().to_string()));
    }
    Ok(())
}

fn exists(path: &str) -> anyhow::Error {
    anyhow::anyhow!("{path} already exists: choose another name, or replace it with --overwrite")
}

/// Exports from an analysis that is already there; `chosen` is what is exported where the arguments name nothing.
///
/// # Errors
/// As [`run`].
pub fn export_analysis(
    args: &ExportArgs,
    analysis: &Analysis,
    chosen: &Chosen,
    output: &Output,
) -> anyhow::Result<()> {
    check_output(args)?;
    let named = Named {
        alternative: args.alternative.first().map(String::as_str),
        sample: args.sample,
        edit: args.edit.as_deref(),
    };
    let of = summary_in_hand(&args.input, named, analysis, chosen)?;
    let ranges = match chosen.edited(of) {
        Some(_) if args.budget.is_some() => bail!(
            "--budget selects segments anew, but {of} of “{}” was edited by hand: leave --budget out, or name an alternative or a sample",
            args.input.display()
        ),
        Some(edited) => edited.played(),
        None => ranges_of(args, analysis, of)?,
    };
    let source = Source::open(args, analysis, output)?;
    let out = out_path(args, chosen, of, &source.video.path);
    source.export(args, analysis, chosen, (of, ranges), out, output)
}

/// The video that is exported from.
pub(super) struct Source {
    pub video: VideoInfo,
    index: Arc<FrameIndex>,
}

impl Source {
    /// Finds the video of an analysis and lists its frames.
    pub fn open(args: &ExportArgs, analysis: &Analysis, output: &Output) -> anyhow::Result<Self> {
        let named = args.video.as_deref();
        let path = sources::find_video(analysis, &args.input, named)
            .with_context(|| sources::moved(&analysis.video.path, named))?;
        let cancel = output.cancel_token();
        let indexed = media::index(&path, cancel, &mut |progress| output.progress(&progress))
            .map_err(|err| match err.is_cancelled() {
                true => Interrupted.into(),
                false => anyhow::Error::from(err),
            })?;
        if indexed.index.len() != analysis.video.frame_count {
            bail!(
                "“{}” has {} frames, but “{}” was made from a video of {}: name the right video with --video",
                path.display(),
                indexed.index.len(),
                args.input.display(),
                analysis.video.frame_count
            );
        }
        let mut video = analysis.video.clone();
        video.path = std::path::absolute(&path).unwrap_or(path);
        video.frame_rate = indexed.frame_rate;
        video.variable_frame_rate = indexed.variable_frame_rate;
        if let Ok(probe) = media::probe(&video.path) {
            video.start_timecode = probe.info.start_timecode;
        }
        Ok(Self {
            video,
            index: Arc::new(indexed.index),
        })
    }

    /// Seconds that ranges last.
    pub fn secs(&self, ranges: &[FrameRange]) -> f64 {
        ranges
            .iter()
            .map(|&range| self.index.range_secs(range))
            .sum()
    }

    /// What of a summary lies between the wanted times.
    pub fn within(&self, args: &ExportArgs, ranges: Vec<FrameRange>) -> Vec<FrameRange> {
        exporting::within(ranges, &self.index, args.range)
    }

    /// All that one summary's file needs; `ranges` are those that it keeps.
    pub fn prepared(
        &self,
        args: &ExportArgs,
        analysis: &Analysis,
        chosen: &Chosen,
        (of, ranges): (SummaryRef, Vec<FrameRange>),
        out: PathBuf,
        output: &Output,
    ) -> anyhow::Result<Export> {
        let (video, index) = (&self.video, &self.index);
        let ranges = self.within(args, ranges);
        if ranges.is_empty() {
            let (start, end) = args.range.unwrap_or_default();
            bail!(
                "{} keeps nothing from {start} to {end} s: name another part with --range",
                words_for(of)
            );
        }
        let copies = args.mode == Mode::Copy && Container::from_path(&out).is_some();
        let speech = match args.speech_whole {
            true if copies => export_speech::cannot(output),
            true => export_speech::keep_whole(&video.path, index, &ranges, output)?,
            false => None,
        };
        let ranges = speech
            .as_ref()
            .map_or(ranges, |speech| speech.ranges.clone());
        if let (Mode::Copy, Some(container)) = (args.mode, Container::from_path(&out)) {
            say_widening(output, &video.path, index, &ranges, container)?;
        }
        let origin = Origin {
            of,
            edited: chosen.edited(of),
            within_secs: args.range,
            speech: speech.as_ref(),
            bundle: &analysis.bundle,
            device: &analysis.device,
            settings: &analysis.settings,
            budget: (args.budget_share(analysis)).unwrap_or(analysis.settings.budget),
            names: &chosen.names,
            markers_secs: &chosen.markers_secs,
        };
        let (video, index) = (video.clone(), index.clone());
        Ok(Export {
            source_timecode: args.source_timecode.clone(),
            ..Export::new(&origin, video, index, ranges, out, args.film_options())
        })
    }

    /// Writes one summary.
    fn export(
        &self,
        args: &ExportArgs,
        analysis: &Analysis,
        chosen: &Chosen,
        what: (SummaryRef, Vec<FrameRange>),
        out: PathBuf,
        output: &Output,
    ) -> anyhow::Result<()> {
        let export = self.prepared(args, analysis, chosen, what, out, output)?;
        let cancel = output.cancel_token();
        let exported = export.run(&mut |progress| output.progress(&progress), cancel);
        match exported.map_err(explained)? {
            Exported::Film(report) => say_report(output, &report),
            Exported::List(report) => {
                for note in &report.notes {
                    output.say(&format!("note: {note}"));
                }
                for file in &report.files {
                    output.say(&format!("wrote {}", file.display()));
                }
            }
        }
        Ok(())
    }
}

/// A failure with the flag that avoids it.
pub(super) fn explained(err: ExportError) -> anyhow::Error {
    match err {
        err if err.is_cancelled() => Interrupted.into(),
        ExportError::List(InterchangeError::Exists { path }) => exists(&path),
        ExportError::Timecode(err) => anyhow::Error::from(err).context("--source-timecode"),
        err => err.into(),
    }
}

/// The analysis, and the summary that a project had chosen. A project holds choices, not samples: the same settings give the
/// same samples again, so its video is analysed anew (from the feature cache where it can).
fn analysis_of(args: &ExportArgs, output: &Output) -> anyhow::Result<(Analysis, Chosen)> {
    let path = &args.input;
    let project: Project = match sources::read_written(path)? {
        Written::Analysis(analysis) => {
            let names = analysis.names();
            let chosen = Chosen {
                names,
                ..Chosen::default()
            };
            return Ok((*analysis, chosen));
        }
        Written::Project(project) => *project,
    };
    let named = args.video.as_deref();
    let video = match &args.video {
        Some(video) => Some(video.clone()).filter(|video| video.is_file()),
        None => project.find_video(path),
    };
    let video = video.with_context(|| sources::moved(&project.video.path, named))?;
    let meant = project.video.clone();
    let stated = PrepareOptions::default();
    let options = PrepareOptions {
        bundle: Some(project.bundle)
            .filter(|bundle| !bundle.is_empty())
            .unwrap_or_else(|| stated.bundle.clone()),
        device: args.device.into(),
        segments: project.settings.segments,
        ..stated
    };
    let result = pipeline::analyze(
        &video,
        &options,
        &|_, capabilities| capabilities.allowed(&project.settings),
        &KindsFrom::Named(project.kinds.clone()),
        output.cancel_token(),
        &mut |event| {
            if let Event::Progress(progress) = event {
                output.progress(&progress);
            }
        },
    );
    output.check_interrupt()?;
    let (analysis, _) = result?;
    if !meant.can_be(&analysis.video) {
        output.say(&format!(
            "{} is another video than the project was made with ({} frames; this one has {}): what it keeps may differ",
            video.display(),
            meant.frame_count,
            analysis.video.frame_count
        ));
    }
    let chosen = Chosen {
        summary: project.selection.summary,
        names: project.names,
        markers_secs: project.markers_secs,
        edits: project.edits,
    };
    Ok((analysis, chosen))
}

/// The frames that a summary keeps, selected anew where a budget is given; refused where there are none.
fn ranges_of(
    args: &ExportArgs,
    analysis: &Analysis,
    of: SummaryRef,
) -> anyhow::Result<Vec<FrameRange>> {
    let ranges = kept_ranges(args, analysis, of)?;
    if ranges.is_empty() {
        let budget = (args.budget_share(analysis)).unwrap_or(analysis.settings.budget);
        let why = nothing_fits(&analysis.segments, analysis.video.frame_count, budget)
            .unwrap_or_else(|| "choose another, or select anew with --budget".to_owned());
        bail!(
            "{} of “{}” keeps no frames: {why}",
            words_for(of),
            args.input.display()
        );
    }
    Ok(ranges)
}

/// The frames that a summary keeps, selected anew where a budget is given; possibly none.
pub(super) fn kept_ranges(
    args: &ExportArgs,
    analysis: &Analysis,
    of: SummaryRef,
) -> anyhow::Result<Vec<FrameRange>> {
    let (kept, scores) = kept_by(of, analysis).unwrap_or_default();
    let chosen = match args.budget_share(analysis) {
        None => kept.to_vec(),
        Some(budget) => {
            if scores.len() != analysis.picks.len() {
                bail!(
                    "“{}” has {} scores for {} sampled frames: analyse the video again",
                    args.input.display(),
                    scores.len(),
                    analysis.picks.len()
                );
            }
            reselected(scores, analysis, budget)
        }
    };
    let ranges: Vec<FrameRange> = chosen
        .iter()
        .filter_map(|&segment| analysis.segments.get(segment))
        .map(Segment::frames)
        .collect();
    Ok(FrameRange::merged(ranges))
}

fn reselected(scores: &[f32], analysis: &Analysis, budget: f64) -> Vec<usize> {
    let Ok(scores) = ndarray::ArrayView2::from_shape((1, scores.len()), scores) else {
        return Vec::new();
    };
    crate::summary::Selector::new(
        scores,
        &analysis.picks,
        &analysis.segments,
        analysis.video.frame_count,
    )
    .select_under(
        budget,
        &analysis.settings.steering.conditions(&analysis.segments),
        None,
    )
    .chosen
    .into_iter()
    .next()
    .unwrap_or_default()
}

/// The output itself, or a name made up inside it when it is a folder.
fn out_path(args: &ExportArgs, chosen: &Chosen, of: SummaryRef, video: &Path) -> PathBuf {
    out_named(args, &names::of_summary(video, of, &chosen.names))
}

/// The output itself, or the name inside it when it is a folder.
pub(super) fn out_named(args: &ExportArgs, name: &str) -> PathBuf {
    if !args.output.is_dir() {
        return args.output.clone();
    }
    let path = args.output.join(format!("{name}.mp4"));
    if args.overwrite {
        path
    } else {
        crate::files::free_path(&path)
    }
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
